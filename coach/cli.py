"""The command line: each command parses, calls one function, prints. Nothing else prints or exits."""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib.metadata import version as installed_version
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer
from typer.core import TyperGroup

from coach.conversation import TYPES
from coach.errors import CoachError, ConfigError
from coach.items import KINDS, Kind

if TYPE_CHECKING:
    from coach.evaluation.tables import Table
    from coach.readers import Hints
    from coach.readers.fields import Dates as DateOrder
    from coach.review import Summary

SHOWN_PER_KIND = 5
TYPE_NAMES = ", ".join(TYPES)
Skill = Literal["empathy", "listening", "instruction"]
ExportFormat = Literal["csv", "json", "parquet", "datasette"]
ReportFormat = Literal["terminal", "html", "md", "json"]


class Commands(TyperGroup):
    """Turns our errors into one line each, in one place."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CoachError as error:
            _complain(str(error))
        except KeyboardInterrupt:
            _complain("stopped; everything finished is kept, run the same command again to go on")
            raise SystemExit(130) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Reads support conversations and helps people get better at them. Everything stays on this computer.",
    epilog="Start with: coach review transcripts/",
)

Paths = Annotated[
    list[str], typer.Argument(metavar="PATHS...", help="Files and folders of transcripts; - is standard input.")
]
Database = Annotated[Path, typer.Option("--db", help="The database that keeps what was reviewed.")]
RubricFile = Annotated[Path | None, typer.Option("--rubric", help="A changed copy of coach/rubric.toml.")]
Model = Annotated[Path | None, typer.Option(help="A model folder, in place of the one that came with coach.")]
Mask = Annotated[bool, typer.Option("--redact/--no-redact", help="Mask e-mails, phone, card and long numbers first.")]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", metavar="OURS=THEIRS", help="What a CSV calls a column, such as text=Message. May repeat."
    ),
]
Roles = Annotated[
    Path | None, typer.Option(help="Who is agent and who customer, where the files do not say; see 'coach roles'.")
]
Dates = Annotated[
    Literal["day-first", "month-first"] | None,
    typer.Option(help="How dates are written, where the file leaves it open (1/2/26)."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at the first thing that cannot be read.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"coach {installed_version('coach')}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command(epilog="Example: coach review exports/ --db coach.db --out reports/")
def review(
    paths: Paths,
    db: Database = Path("coach.db"),
    out: Annotated[Path, typer.Option(help="The folder for the pages.")] = Path("reports"),
    rubric: RubricFile = None,
    model: Model = None,
    redact: Mask = True,
    column: Columns = None,
    roles: Roles = None,
    dates: Dates = None,
    strict: Strict = False,
) -> None:
    """Review conversations: read, mask, judge, keep, and write pages for the team, each agent and trainers."""
    from coach.model_folder import read_metrics, shipped_model
    from coach.report import prepare, write_reports
    from coach.review import Plan, review
    from coach.rubric import read_rubric
    from coach.store import Store

    folder = model or shipped_model()
    plan = Plan(folder, read_rubric(rubric), mask=redact, strict=strict, hints=_hints(column, roles, dates))
    prepare(out)
    with Store(db) as store:
        with _progress("Reviewing") as progress:
            summary = review(paths, store, plan, progress)
        _list_problems(summary)
        if not summary.judged and not summary.unchanged:
            raise ConfigError("none of these could be reviewed, so no pages were written; name transcripts")
        written = write_reports(store, out, plan.rubric, read_metrics(folder))
    _table(
        ["", "conversations"],
        [["reviewed now", summary.judged], ["already reviewed", summary.unchanged], ["skipped", len(summary.problems)]],
    )
    _say(f"{'Pages written' if written else 'Nothing new; the pages stand'}: {out / 'index.html'} (team),")
    _say(f"{out / 'agents'}{os.sep} (private, one an agent), {out / 'exercises'}{os.sep} (trainers).")
    if summary.problems:
        raise typer.Exit(1)


@app.command(epilog='Example: coach report "Ana Ruiz" --format md')
def report(
    agent: Annotated[str, typer.Argument(help="The agent's name; see: coach agents")],
    db: Database = Path("coach.db"),
    format: Annotated[ReportFormat, typer.Option(help="How to show it.")] = "terminal",
    rubric: RubricFile = None,
    model: Model = None,
) -> None:
    """Show an agent's personal report."""
    from coach.model_folder import read_metrics, shipped_model
    from coach.report import agent_json, agent_markdown, agent_page, report_for
    from coach.rubric import read_rubric
    from coach.store import Store

    wanted, metrics = read_rubric(rubric), read_metrics(model or shipped_model())
    with Store(db, create=False) as store:
        found = report_for(agent, store, wanted)
        if format == "html":
            typer.echo(agent_page(found, store.conversations(found.agent), rubric=wanted, metrics=metrics))
    if format == "json":
        typer.echo(agent_json(found))
    elif format == "md" or (format == "terminal" and not sys.stdout.isatty()):
        typer.echo(agent_markdown(found, metrics))
    elif format == "terminal":
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(agent_markdown(found, metrics)))


@app.command(epilog="Example: coach exercises --skill listening --count 10 --format moodle-xml --out pack/")
def exercises(
    db: Database = Path("coach.db"),
    skill: Annotated[Skill | None, typer.Option(help="Only this skill.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help=f"Only these kinds: {', '.join(KINDS)}.")] = None,
    customer_type: Annotated[str | None, typer.Option("--type", help=f"Only customers who are: {TYPE_NAMES}.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
    difficulty: Annotated[int | None, typer.Option(help="Only 1 (easy), 2 or 3 (hard).")] = None,
    agent: Annotated[str | None, typer.Option(help="Most items about the focus of this agent's report.")] = None,
    count: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 16,
    seed: Annotated[int, typer.Option(help="Another number draws other moments.")] = 0,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day of practice, for a plan with dates in place of days."),
    ] = None,
    format: Annotated[
        list[str] | None,
        typer.Option(help="html, markdown, json (these three when none is named), or one for a learning platform:"
                     " gift, moodle-xml, qti-2.1, qti-1.2, anki, h5p, scorm, csv. May be repeated."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder for the pack.")] = Path("pack"),
) -> None:  # fmt: skip
    """Make exercises of eight kinds from reviewed moments, to read or for a learning platform."""
    from coach.authoring import Selection, build
    from coach.packs import READ_AT_ONCE, TITLE, formats_of, write_pack
    from coach.report import report_for
    from coach.rubric import read_rubric
    from coach.store import Store

    formats = formats_of(format or READ_AT_ONCE)
    with Store(db, create=False) as store:
        focus = report_for(agent, store, read_rubric()).focus if agent else None
        if channel and channel not in (known := store.channels()):
            raise ConfigError(f"--channel {channel!r}: no conversation has it; there are {', '.join(known) or 'none'}")
        wanted = Selection(
            skill=skill,
            kinds=cast("list[Kind]", kind or KINDS),
            customer_type=customer_type,
            channel=channel,
            difficulty=difficulty,
            count=count,
            seed=seed,
            focus=focus.row.skill if focus else None,
            start=start.date() if start else None,
        )
        pack = build(store.conversations(), [row["agent"] for row in store.agents()], choose=wanted)
    lacking = f"Too few sure moments for: {'; '.join(map(str, pack.lacking))}." if pack.lacking else ""
    if not pack.items:
        raise ConfigError(f"{lacking or 'no sure moments for such a pack.'} Ask for less, or review more conversations")
    files = write_pack(pack.items, TITLE, out, formats)
    held = sum(item.is_transfer for item in pack.items)
    _say(f"{len(pack.items)} exercises written to {out}: {', '.join(files)}.")
    if held:
        _say(f"{held} of them come last: held back, to see whether what was learnt carries over.")
    if lacking:
        _say(f"{lacking} More conversations would help.")


@app.command(epilog="Example: coach practise --skill empathy --count 3")
def practise(
    db: Database = Path("coach.db"),
    skill: Annotated[Skill | None, typer.Option(help="Only this skill.")] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many moments.")] = 5,
    agent: Annotated[
        str | None, typer.Option(help="Your name in the store, to see your own best answers among the models.")
    ] = None,
    line: Annotated[bool, typer.Option("--line", help="Answers of one line: Enter ends them.")] = False,
    progress: Annotated[
        Path | None, typer.Option(help="Your private record, in place of one in your data folder.")
    ] = None,
    progress_only: Annotated[bool, typer.Option("--progress-only", help="Show how far you are, and end.")] = False,
    model: Model = None,
) -> None:
    """Practise on real moments: answer, hear what it showed and left open, try again, see model answers."""
    from coach.practice import Wish, default_path, practise, progress_text, read_progress
    from coach.rubric import read_rubric

    path, minimum = progress or default_path(), read_rubric().minimum_count
    if progress_only:
        typer.echo(progress_text(read_progress(path), minimum))
        return
    done = practise(db, path, Wish(count, skill, agent, line), _typed(), typer.echo, model=model)
    typer.echo(f"\n{progress_text(done, minimum)}")


@app.command(epilog="Example: coach tag chats.jsonl --format jsonl > judged.jsonl")
def tag(
    paths: Paths,
    format: Annotated[Literal["jsonl"], typer.Option(help="One JSON object a line.")] = "jsonl",
    rubric: RubricFile = None,
    model: Model = None,
    redact: Mask = True,
    column: Columns = None,
    roles: Roles = None,
    dates: Dates = None,
    strict: Strict = False,
) -> None:
    """Print the judgements of each conversation, in input order. Nothing is stored."""
    from coach.model_folder import shipped_model
    from coach.record import as_record
    from coach.review import Plan, Summary, judged
    from coach.rubric import read_rubric
    from coach.scoring import scorecard

    plan = Plan(
        model or shipped_model(), read_rubric(rubric), mask=redact, strict=strict, hints=_hints(column, roles, dates)
    )
    summary = Summary()
    for one in judged(paths, plan, summary):
        record = as_record(one.conversation, one.judgements, scorecard(one.credits, plan.rubric))
        typer.echo(json.dumps(record, ensure_ascii=False))
    _list_problems(summary)
    if summary.problems:
        raise typer.Exit(1)


@app.command(epilog="Example: coach roles chat.txt > roles.toml")
def roles(paths: Paths) -> None:
    """Write down the speakers whose role the files do not tell, to be filled in and given with --roles."""
    from coach.readers.roles import as_toml, unknown_speakers

    speakers = unknown_speakers(paths)
    if not speakers:
        raise ConfigError("these files tell every speaker's role, or hold no conversation; nothing is to be filled in")
    typer.echo(as_toml(speakers), nl=False)


@app.command(epilog="Example: coach convert tickets.json chats.jsonl")
def convert(
    source: Annotated[str, typer.Argument(metavar="IN", help="A file or folder of transcripts; - is standard input.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="The file to write.")],
    redact: Mask = True,
    column: Columns = None,
    roles: Roles = None,
    dates: Dates = None,
) -> None:
    """Write conversations in coach's own format: one JSON object a line."""
    from coach.convert import convert as write

    written, problems = write(source, out, mask=redact, hints=_hints(column, roles, dates))
    for problem in problems:
        _complain(str(problem))
    _say(f"{written} conversations written to {out}.")
    if problems:
        raise typer.Exit(1)


@app.command(epilog="Example: coach formats")
def formats() -> None:
    """List the formats that are read, and which of their fields."""
    from coach.readers import formats

    rows = [[name, "\n".join(f"{ours}: {theirs}" for ours, theirs in fields.items())] for name, fields in formats()]
    _table(["format", "fields"], rows, to_stdout=True)


@app.command(epilog="Example: coach agents --db coach.db")
def agents(db: Database = Path("coach.db")) -> None:
    """List who is in the store."""
    from coach.store import Store

    with Store(db, create=False) as store:
        rows = store.agents()
    if not rows:
        raise ConfigError(f"{db}: names no agents yet; give your transcripts an agent column or field and review them")
    _table(
        ["agent", "conversations", "turns", "first", "last"],
        [[row["agent"], row["conversations"], row["turns"], row["first"] or "", row["last"] or ""] for row in rows],
        to_stdout=True,
    )


@app.command(epilog='Example: coach dispute K7QD-2MXW "I did say when: in the sentence before"')
def dispute(
    reference: Annotated[str, typer.Argument(help="The judgement's reference, as the report shows it.")],
    why: Annotated[str, typer.Argument(help="Why it is not right.")],
    db: Database = Path("coach.db"),
) -> None:
    """Dispute a tag or an opening of your report; whoever leads the review sees it and looks again."""
    from datetime import date

    from coach.disputes import dispute
    from coach.store import Store

    with Store(db, create=False) as store:
        found = dispute(store, reference, why, on=date.today())
    _say(f"Kept: {found.name} in {found.conversation}, turn {found.turn + 1}. The next review's pages show it.")


@app.command(epilog='Example: coach settle K7QD-2MXW overturned --answer "The time stands in the sentence before."')
def settle(
    reference: Annotated[str, typer.Argument(help="The disputed judgement's reference.")],
    verdict: Annotated[Literal["upheld", "overturned"], typer.Argument(help="Whether the judgement stands.")],
    answer: Annotated[str, typer.Option(help="Why, for the agent.")] = "",
    db: Database = Path("coach.db"),
) -> None:
    """Answer a dispute after a second look."""
    from coach.disputes import settle
    from coach.store import Store

    with Store(db, create=False) as store:
        found = settle(store, reference, verdict, answer)
    _say(
        f"{found.reference} is {found.verdict}. The next review's pages show it; the figures stay as the model judged."
    )


@app.command(epilog="Example: coach disputes --db coach.db")
def disputes(db: Database = Path("coach.db")) -> None:
    """List what was disputed, and what became of it."""
    from coach.disputes import disputes
    from coach.store import Store

    with Store(db, create=False) as store:
        found = disputes(store)
    _table(
        ["reference", "conversation", "turn", "judgement", "agent", "why", "verdict", "answer"],
        [
            [d.reference, d.conversation, d.turn + 1, d.name, d.agent or "", d.why, d.verdict or "open", d.answer]
            for d in found
        ],
        to_stdout=True,
    )
    settled = Counter(d.verdict for d in found if d.verdict)
    _say(f"{len(found)} disputed, {settled.total()} settled, {settled['overturned']} of them overturned.")


@app.command(epilog="Example: coach train train.jsonl own.jsonl --base MiniLM/ --out models/minilm --dev dev.jsonl")
def train(
    labelled: Annotated[list[Path], typer.Argument(help="Labelled conversations to learn from.")],
    base: Annotated[Path, typer.Option(help="A folder with the base encoder, in the layout of transformers.")],
    dev: Annotated[Path, typer.Option(help="Labelled conversations to measure on; never learnt from.")],
    texts: Annotated[
        Path | None, typer.Option(help="A folder of conversations, for labels that leave the text out.")
    ] = None,
    openings: Annotated[
        Path | None, typer.Option(help="What the customers in them called for, by conversation: JSON.")
    ] = None,
    heads_only: Annotated[
        bool, typer.Option("--heads-only", help="Keep the encoder in --out and fit what judges whole conversations.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The model folder to write.")] = Path("models/minilm"),
) -> None:
    """Make the model folder from labelled conversations. An interrupted run goes on where it was."""
    _need_training_tools()
    from coach.evaluation.tables import evaluation_tables
    from coach.recipe import Recipe
    from coach.training import train

    with _progress("Training") as progress:
        evaluation = train(
            labelled,
            dev,
            base,
            out,
            recipe=Recipe(),
            texts=texts,
            openings=openings,
            heads_only=heads_only,
            progress=progress,
        )
    _say(f"Written: {out}")
    _show(evaluation_tables(evaluation))


@app.command(epilog="Example: coach evaluate dev.jsonl --errors 50")
def evaluate(
    labelled: Annotated[Path, typer.Argument(help="Labelled conversations, or turns with gold labels; JSON Lines.")],
    rubric: RubricFile = None,
    model: Model = None,
    against: Annotated[Path | None, typer.Option(help="Another model folder, to compare with.")] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Choose calibration and thresholds anew, each fifth from the other four.")
    ] = False,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="Also other spellings, names and typos, and minimal pairs.")
    ] = False,
    openings: Annotated[
        list[Path] | None, typer.Option(help="Openings judged by reading, to compare with: JSON. May be repeated.")
    ] = None,
    errors: Annotated[int, typer.Option(min=0, help="List this many mistakes, the worst first.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print every figure as JSON.")] = False,
) -> None:
    """Measure the model on labelled conversations, on single turns that people labelled, or on customers' ratings."""
    _need_training_tools()
    from coach.evaluation.examination import examine
    from coach.evaluation.tables import examination_tables
    from coach.model_folder import shipped_model
    from coach.rubric import read_rubric

    found = examine(
        labelled,
        model or shipped_model(),
        read_rubric(rubric),
        against=against,
        refit=refit,
        with_robustness=robustness,
        openings=openings or (),
        errors=errors,
    )
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2))
    else:
        _show(examination_tables(found))


@app.command(epilog="Example: coach export --db coach.db --format csv --out tables/")
def export(
    db: Database = Path("coach.db"),
    format: Annotated[
        ExportFormat, typer.Option(help="csv, json or parquet: every table; datasette: saved queries for the database.")
    ] = "csv",
    out: Annotated[Path, typer.Option(help="The folder for the tables.")] = Path("tables"),
    rubric: RubricFile = None,
) -> None:
    """Write every table, one file each, for spreadsheets and programs; or saved queries for Datasette."""
    from coach.export import export, export_datasette
    from coach.rubric import read_rubric
    from coach.store import Store

    with Store(db, create=False) as store:
        if format == "datasette":
            queries = export_datasette(db, out)
            _say(f"{queries} written. To look around: datasette {db} --metadata {queries}")
            return
        written = export(store, out, read_rubric(rubric), format)
    _say(f"{len(written)} tables written to {out}: {', '.join(written)}.")


def _need_training_tools() -> None:
    from importlib.util import find_spec

    if find_spec("sklearn") is None:
        raise ConfigError("training and evaluation need more tools; install them with: pip install 'coach[train]'")


def _typed() -> Callable[[], str | None]:
    """Gives lines that are typed, with the keys of a line editor where there is one; None at the end of input."""
    with suppress(ImportError):
        import readline  # noqa: F401
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")

    def ask() -> str | None:
        try:
            return input("> ")
        except EOFError:
            return None

    return ask


def _hints(pairs: Sequence[str] | None, roles: Path | None, dates: "DateOrder | None") -> "Hints":
    from coach.readers import Hints
    from coach.readers.roles import read_roles

    found = dict(pair.partition("=")[::2] for pair in pairs or ())
    for ours, theirs in found.items():
        if not ours or not theirs:
            raise ConfigError(f"--column {ours or theirs}: write it as OURS=THEIRS, such as text=Message")
    return Hints(found, read_roles(roles) if roles else {}, dates)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _complain(text: str) -> None:
    _say("coach: " + text.replace("\n", " "))


def _list_problems(summary: "Summary") -> None:
    """A line each, at most a few of a kind in a file, then how many more; then what is only worth a note."""
    shown: Counter[tuple[str, str]] = Counter()
    for problem in summary.problems:
        shown[problem.path, problem.fix] += 1
        if shown[problem.path, problem.fix] <= SHOWN_PER_KIND:
            _complain(f"skipped {problem}")
    for (path, fix), count in shown.items():
        if count > SHOWN_PER_KIND:
            _complain(f"skipped {path}: {count - SHOWN_PER_KIND} more like this; {fix}")
    for (path, note), count in summary.notes.items():
        _complain(f"note {path}: {count} conversation{'s' if count > 1 else ''} with {note}")


@contextmanager
def _progress(what: str) -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from coach.progress import Watch

    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}")]
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None, rate="", visible=False)

        def step() -> None:
            bar.advance(task)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:.1f} a second" if speed else "")

        yield Watch(start=lambda total: bar.update(task, total=total, visible=total > 0), step=step)


def _table(headers: Sequence[str], rows: Sequence[Sequence[object]], *, to_stdout: bool = False) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(*(Column(Text(header)) for header in headers), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console(stderr=not to_stdout).print(table)


def _show(parts: "Iterable[Table | str]") -> None:
    for part in parts:
        if isinstance(part, str):
            typer.echo(part)
        else:
            _table(part.headers, part.rows, to_stdout=True)
