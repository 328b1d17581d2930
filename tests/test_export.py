"""Tables for spreadsheets and programs, and saved queries for Datasette: complete, typed, and inert."""

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from handmade import COLD, HURT, KIND, RUBRIC, agent, asked, customer, customer_type, felt, reviewed, talk, wished
from pyarrow import parquet
from typer.testing import CliRunner

from coach import export as exporting
from coach.cli import app
from coach.conversation import Clue, Outcome, Reviewed
from coach.disputes import disputable, dispute, settle
from coach.errors import CoachError, ConfigError
from coach.export import ABOUT, DATASETTE, export, export_datasette, saved_queries
from coach.scoring import scorecard
from coach.store import Store

START = datetime(2026, 9, 7, 10, tzinfo=UTC)
FORMATS = ("csv", "json", "parquet")
README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def chats() -> list[Reviewed]:
    found = [
        felt(f"felt-{i}", COLD if i % 2 else KIND, met=not i % 2, channel="chat", customer="Cy",
             started=START + timedelta(days=3 * i), outcome=Outcome(csat=1 + i % 5, nps=3 * (i % 4), resolved="no"))
        for i in range(12)
    ]  # fmt: skip
    found += [asked(f"asked-{i}", found=customer_type("thinker", clues=[Clue(0, 0, 3, "asks")])) for i in range(6)]
    found += [wished(f"wished-{i}", agent="Bo Chen", chance=0.55) for i in range(6)]
    silent = talk(customer(HURT), agent(COLD), customer("And now?"), id="silent", channel="chat")
    return [*found, reviewed(silent, feelings={0: "anger"}, tags={1: ["explain"]}, resolved="no")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "coach.db") as opened:
        for one in chats():
            opened.save(one, content="read", analysis="judged")
        references = [one.reference for chat in chats() for one in disputable(chat)]
        for reference in references[:2]:
            dispute(opened, reference, "it is not so", on=date(2026, 9, 8))
        settle(opened, references[0], "overturned", "true")
        opened.refuse("odd", "read", "judged", what="is Klingon", fix="leave it out")
        yield opened


def rows_of(folder: Path, name: str, format: str) -> list[dict[str, Any]]:
    path = folder / f"{name}.{format}"
    if format == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    if format == "json":
        found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
        return found
    return list(parquet.read_table(path).to_pylist())


@pytest.mark.parametrize("format", FORMATS)
def test_every_table_is_a_file_and_nothing_else_is_left(store: Store, tmp_path: Path, format: Any) -> None:
    out = tmp_path / "tables"
    files = export(store, out, RUBRIC, format)
    assert sorted(files) == sorted(path.name for path in out.iterdir()) == sorted(f"{name}.{format}" for name in ABOUT)
    assert all(rows_of(out, name, format) for name in ABOUT)


def test_the_formats_hold_the_same(store: Store, tmp_path: Path) -> None:
    for format in FORMATS:
        export(store, tmp_path / format, RUBRIC, format)
    for name in ABOUT:
        in_csv, in_json, in_parquet = (rows_of(tmp_path / format, name, format) for format in FORMATS)
        assert in_json == in_parquet
        assert [list(row) for row in in_csv] == [list(row) for row in in_json]
        assert [list(row.values()) for row in in_csv] == [
            ["" if value is None else str(value) for value in row.values()] for row in in_json
        ]


def test_what_is_written_is_what_was_reviewed(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path, RUBRIC, "json")
    found = {row["conversation"]: row for row in rows_of(tmp_path, "conversations", "json")}
    for one in chats():
        row, card = found[one.conversation.id], scorecard(one.credits, RUBRIC)
        assert (row["care"], row["service"]) == (card.care.value, card.service.value)
        assert (row["csat"], row["channel"]) == (one.conversation.outcome.csat, one.conversation.channel)
    counted = rows_of(tmp_path, "openings", "json")
    assert len(counted) == sum(len(one.judgements.openings) for one in chats())
    patterns = [row for row in rows_of(tmp_path, "patterns", "json") if row["dimension"] == "skill"]
    assert {row["skill"]: row["called_for"] for row in patterns} == {
        skill: sum(row["skill"] == skill for row in counted) for skill in ("empathy", "listening", "instruction")
    }
    assert [(row["verdict"], row["why"]) for row in rows_of(tmp_path, "disputes", "json")] == [
        ("overturned", "it is not so"),
        (None, "it is not so"),
    ]
    assert rows_of(tmp_path, "skipped", "json") == [
        {"conversation": "odd", "what": "is Klingon", "fix": "leave it out"}
    ]


def test_references_and_turns_are_those_of_the_pages(store: Store, tmp_path: Path) -> None:
    export(store, tmp_path, RUBRIC, "json")
    known = {one.reference: one.turn + 1 for chat in chats() for one in disputable(chat)}
    written = [row for name in ("tags", "openings") for row in rows_of(tmp_path, name, "json")]
    assert {row["reference"]: row["turn"] for row in written} == known


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", " =HYPERLINK(A1)"])
def test_a_spreadsheet_takes_no_cell_for_a_formula(text: str, tmp_path: Path) -> None:
    said = felt(text, text, met=False, words=text, agent=text, channel=text, customer=text)
    with Store(tmp_path / "coach.db") as store:
        store.save(said, content="read", analysis="judged")
        export(store, tmp_path / "tables", RUBRIC, "csv")
    cells = [
        cell
        for name in ABOUT
        for row in rows_of(tmp_path / "tables", name, "csv")
        for cell in row.values()
        if not re.fullmatch(r"-?[\d.]+(e-\d+)?", cell)
    ]
    assert f"'{text}" in cells
    assert not [cell for cell in cells if re.match(r"\s*[=+\-@＝＋－＠]|\t", cell)]


def test_an_empty_store_gives_tables_without_rows(tmp_path: Path) -> None:
    with Store(tmp_path / "coach.db") as store:
        for format in FORMATS:
            export(store, tmp_path / format, RUBRIC, format)  # type: ignore[arg-type]
    for format in FORMATS:
        assert rows_of(tmp_path / format, "turns", format) == []
        assert rows_of(tmp_path / format, "review_queue", format) == []


def test_parquet_is_typed_and_written_in_batches(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCH", 7)
    export(store, tmp_path, RUBRIC, "parquet")
    file = parquet.ParquetFile(tmp_path / "turns.parquet")
    assert file.num_row_groups > 3
    assert {name: str(kind) for name, kind in zip(file.schema_arrow.names, file.schema_arrow.types, strict=True)} == {
        **{"conversation": "string", "turn": "int64", "role": "string", "agent": "string", "time": "string"},
        **{"text": "string", "feeling": "string", "repeats": "bool"},
    }


def test_the_same_store_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    for format in FORMATS:
        for folder in ("one", "two"):
            export(store, tmp_path / folder, RUBRIC, format)  # type: ignore[arg-type]
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_without_pyarrow_parquet_says_what_to_install(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=re.escape("pip install 'coach[parquet]'")):
        export(store, tmp_path / "tables", RUBRIC, "parquet")
    assert not (tmp_path / "tables").exists()


def test_what_fails_half_way_leaves_no_half_table(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Store) -> Iterator[Reviewed]:
        yield chats()[0]
        raise RuntimeError

    monkeypatch.setattr(Store, "conversations", fail)
    with pytest.raises(RuntimeError):
        export(store, tmp_path / "tables", RUBRIC, "csv")
    assert list((tmp_path / "tables").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(CoachError, match="name another folder with --out"):
        export(store, file, RUBRIC, "csv")
    with pytest.raises(CoachError, match="name another folder with --out"):
        export_datasette(tmp_path / "coach.db", file)


# --- Datasette ---


@pytest.mark.parametrize("name", saved_queries())
def test_every_saved_query_runs_and_finds_what_it_is_for(name: str, store: Store, tmp_path: Path) -> None:
    with sqlite3.connect(f"file:{tmp_path / 'coach.db'}?mode=ro", uri=True) as connection:
        found = connection.execute(saved_queries()[name]["sql"], {"words": "angry"}).fetchall()
    assert found


@pytest.mark.parametrize("words", ["", " ", "don't", "wi-fi", '"', 'a "b" c', "near(", "*"])
def test_any_words_can_be_searched_for(words: str, store: Store) -> None:
    assert isinstance(store.db.execute(saved_queries()["words_said"]["sql"], {"words": words}).fetchall(), list)


def test_saved_queries_say_what_the_pages_say(store: Store, tmp_path: Path) -> None:
    def ask(name: str) -> list[tuple[Any, ...]]:
        return store.db.execute(saved_queries()[name]["sql"]).fetchall()

    missed = [(c.conversation.id, o.turn + 1) for c in chats() for o in c.judgements.openings
              if (o.skill, o.status) == ("empathy", "missed")]  # fmt: skip
    assert sorted((id, turn) for _, id, turn, *_ in ask("missed_feelings")) == sorted(missed)
    assert [row[1] for row in ask("unresolved_and_silent")] == ["silent"]
    assert [row[6] for row in ask("disputes")] == ["open", "overturned"]
    assert {row[6] for row in ask("repeat_contacts")} == {3.0}


def test_saved_queries_are_written_for_the_database_by_its_name(tmp_path: Path) -> None:
    path = export_datasette(Path("some/where/march.db"), tmp_path)
    assert path == tmp_path / DATASETTE
    queries = json.loads(path.read_text("utf-8"))["databases"]["march"]["queries"]
    assert queries.keys() == saved_queries().keys()
    assert all(query.keys() == {"title", "description", "sql"} for query in queries.values())


# --- the command and the README ---


def test_the_command_writes_tables_or_saved_queries_and_says_what_to_type(store: Store, tmp_path: Path) -> None:
    db, out = tmp_path / "coach.db", tmp_path / "tables"
    done = CliRunner().invoke(app, ["export", "--db", str(db), "--out", str(out), "--format", "json"])
    assert done.exit_code == 0
    assert f"{len(ABOUT)} tables written to {out}: conversations.json" in done.stderr
    done = CliRunner().invoke(app, ["export", "--db", str(db), "--out", str(out), "--format", "datasette"])
    assert f"datasette {db} --metadata {out / DATASETTE}" in done.stderr


def test_the_readme_names_every_table_and_saved_query() -> None:
    assert all(f"`{name}`" in README for name in (*ABOUT, *saved_queries()))


def test_a_moment_without_an_answer_is_no_row(tmp_path: Path) -> None:
    alone = replace(felt("c1"), conversation=talk(customer(HURT)))
    with Store(tmp_path / "coach.db") as store:
        store.save(
            replace(alone, judgements=replace(alone.judgements, openings=(), sentences=((),), feelings=(None,))),
            content="read",
            analysis="judged",
        )
        export(store, tmp_path / "tables", RUBRIC, "json")
    assert rows_of(tmp_path / "tables", "moments", "json") == []
