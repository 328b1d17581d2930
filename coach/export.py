"""Writes every table as a file of its own, one row at a time: CSV, JSON or Parquet; or saved queries for Datasette."""

import csv
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TextIO

from coach.contacts import Contacts
from coach.disputes import disputes
from coach.errors import CoachError, ConfigError
from coach.packs.table import inert
from coach.report.team import TeamTally
from coach.rubric import Rubric
from coach.store import Store
from coach.tables import CONVERSATIONS, TEAM, Columns, Judged, Row

Format = Literal["csv", "json", "parquet"]
BATCH = 5_000
DATASETTE = "datasette.json"
STORED: Mapping[str, tuple[str, Columns]] = {
    "disputes": (
        "one row a disputed judgement, and what a second look came to",
        dict.fromkeys(("reference", "conversation", "turn", "name", "agent", "why", "on", "verdict", "answer"), str)
        | {"turn": int},
    ),
    "skipped": (
        "one row a conversation that could not be judged, and how to mend that",
        dict.fromkeys(("conversation", "what", "fix"), str),
    ),
}
ABOUT: Mapping[str, str] = {
    **{name: table.about for name, table in CONVERSATIONS.items()},
    **{name: table.about for name, table in TEAM.items()},
    **{name: about for name, (about, _) in STORED.items()},
}
"""What each table holds, by name: that of its file too."""

Write = Callable[[Row], None]


def export(store: Store, out: Path, rubric: Rubric, format: Format) -> list[str]:
    """Writes all tables into `out`, each whole or not at all; returns the names of the files.

    Raises ConfigError where Parquet is asked for and pyarrow is missing, CoachError where `out` cannot be written.
    """
    opened = {"csv": _csv, "json": _json, "parquet": _parquet}[format]
    if format == "parquet":
        _need_pyarrow()
    written: list[str] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:

            def table(name: str, columns: Columns) -> Write:
                written.append(f"{name}.{format}")
                part = stack.enter_context(_whole(out / written[-1]))
                return stack.enter_context(opened(part, columns))

            _write_tables(store, rubric, table)
    except OSError as error:
        raise CoachError(f"{out}: cannot be written ({error.strerror}); name another folder with --out") from error
    return written


def _write_tables(store: Store, rubric: Rubric, table: Callable[[str, Columns], Write]) -> None:
    found = disputes(store)
    tally = TeamTally(rubric, contacts=Contacts(store), disputes=found)
    writers = {name: table(name, one.columns) for name, one in CONVERSATIONS.items()}
    for reviewed in store.conversations():
        tally.add(reviewed)
        for name, one in CONVERSATIONS.items():
            for row in one.rows(Judged(reviewed, rubric)):
                writers[name](row)
    report = tally.report()
    for name, shown in TEAM.items():
        write = table(name, shown.columns)
        for row in shown.rows(report):
            write(row)
    write = table("disputes", STORED["disputes"][1])
    for d in found:
        on = d.on.isoformat() if d.on else None
        write((d.reference, d.conversation, d.turn + 1, d.name, d.agent, d.why, on, d.verdict, d.answer or None))
    write = table("skipped", STORED["skipped"][1])
    for row in store.db.execute("select id, what, fix from unjudged order by id"):
        write(row)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file to write beside the path; it takes its place when all went well, and is gone otherwise."""
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _csv(path: Path, columns: Columns) -> Iterator[Write]:
    """UTF-8 with a mark by which Excel knows it; text that a spreadsheet would take for a formula is made inert."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        yield lambda row: table.writerow([inert(cell) if isinstance(cell, str) else cell for cell in row])


@contextmanager
def _json(path: Path, columns: Columns) -> Iterator[Write]:
    """An array with one object a row, each on a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        yield _Lines(file, columns).write
        file.write("\n]\n" if file.tell() > 0 else "[]\n")


class _Lines:
    def __init__(self, file: TextIO, columns: Columns) -> None:
        self.file, self.columns, self.before = file, tuple(columns), "[\n"

    def write(self, row: Row) -> None:
        values = dict(zip(self.columns, row, strict=True))
        self.file.write(self.before + json.dumps(values, ensure_ascii=False))
        self.before = ",\n"


def _need_pyarrow() -> None:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise ConfigError("Parquet needs one more tool; install it with: pip install 'coach[parquet]'")


@contextmanager
def _parquet(path: Path, columns: Columns) -> Iterator[Write]:
    """Typed columns, written in batches."""
    import pyarrow
    from pyarrow import parquet

    kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    rows: list[Row] = []

    def flush() -> None:
        cells = zip(*rows, strict=True) if rows else [()] * len(columns)
        arrays = [pyarrow.array(values, kind) for values, kind in zip(cells, schema.types, strict=True)]
        file.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
        rows.clear()

    def write(row: Row) -> None:
        rows.append(row)
        if len(rows) >= BATCH:
            flush()

    with parquet.ParquetWriter(path, schema) as file:
        yield write
        flush()


def saved_queries() -> Mapping[str, Any]:
    """The saved queries by name: title, description and SQL, for a database that coach has made."""
    found: dict[str, Any] = tomllib.loads((files("coach") / "saved_queries.toml").read_text("utf-8"))
    return found


def export_datasette(db: Path, out: Path) -> Path:
    """Writes the saved queries into `out` as Datasette reads them beside this database; returns the file.

    Raises CoachError where it cannot be written.
    """
    queries = {name: {**query, "sql": query["sql"].strip()} for name, query in saved_queries().items()}
    metadata = {
        "title": "coach: reviewed conversations",
        "description": "What was said in support conversations and how it was judged: turns, not persons.",
        "databases": {db.stem: {"queries": queries}},
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _whole(out / DATASETTE) as part:
            part.write_text(json.dumps(metadata, indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise CoachError(f"{out}: cannot be written ({error.strerror}); name another folder with --out") from error
    return out / DATASETTE
