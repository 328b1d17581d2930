import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coach.cli import app

CHAT = {
    "id": "chat-1",
    "channel": "chat",
    "agent": "Ana Ruiz",
    "customer": "Sam Lee",
    "turns": [
        {"role": "bot", "text": "Welcome!"},
        {"role": "customer", "text": "My router is broken and I am upset! Mail me at sam@example.com"},
        {"role": "agent", "text": "Sorry. Please restart it."},
        {"role": "agent", "text": "How long has it been so?"},
        {"role": "customer", "text": ""},
        {"role": "customer", "text": "Since Monday. How long will it take?"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "chats.jsonl").write_text(json.dumps(CHAT) + "\n", "utf-8")
    return tmp_path


@pytest.fixture
def coach(folder: Path, tiny_model: Path):
    def run(*words: str, input: str | None = None) -> Result:
        takes_model = words[0] in ("review", "tag", "report", "evaluate")
        return CliRunner().invoke(app, [*words, *(["--model", str(tiny_model)] if takes_model else [])], input=input)

    return run


def test_a_review_writes_pages_and_a_second_one_finds_nothing_new(coach, folder: Path) -> None:
    first = coach("review", "in")
    assert first.exit_code == 0, first.stderr
    assert "reviewed now" in first.stderr
    assert (folder / "reports/index.html").exists()
    assert (folder / "reports/agents/ana-ruiz.html").exists()
    assert (folder / "reports/exercises/exercises.json").exists()
    second = coach("review", "in")
    assert second.exit_code == 0
    assert "Nothing new" in second.stderr


def test_a_changed_conversation_is_judged_again(coach, folder: Path) -> None:
    coach("review", "in")
    changed = CHAT | {"turns": [*CHAT["turns"], {"role": "agent", "text": "Thank you."}]}
    (folder / "in/chats.jsonl").write_text(json.dumps(changed) + "\n", "utf-8")
    assert "Pages written" in coach("review", "in").stderr


def test_personal_data_never_reaches_the_database(coach, folder: Path) -> None:
    coach("review", "in")
    stored = b"".join(path.read_bytes() for path in folder.glob("coach.db*"))
    assert b"Ana Ruiz" in stored
    assert b"sam@example.com" not in stored
    assert b"Sam Lee" not in stored


def test_bad_input_is_listed_and_the_rest_goes_through(coach, folder: Path) -> None:
    (folder / "in/broken.jsonl").write_text('{"id": 1, "turns": [\n' * 2, "utf-8")
    (folder / "in/empty.csv").write_text("", "utf-8")
    german = [
        {
            "role": "customer",
            "text": "Mein Paket ist seit Montag nicht angekommen und niemand weiß, wo es geblieben ist.",
        },
        {"role": "agent", "text": "Das tut mir leid, ich schaue sofort nach und melde mich gleich wieder bei Ihnen."},
    ]
    (folder / "in/german.jsonl").write_text(json.dumps({"id": "g", "turns": german}) + "\n", "utf-8")
    result = coach("review", "in")
    assert result.exit_code == 1
    lines = [line for line in result.stderr.splitlines() if line.startswith("coach: ")]
    assert any("broken.jsonl:1" in line for line in lines)
    assert any("empty.csv" in line for line in lines)
    assert any("does not look English" in line for line in lines)
    assert (folder / "reports/agents/ana-ruiz.html").exists()
    again = coach("review", "in")
    assert "does not look English" in again.stderr
    assert again.exit_code == 1


def test_strict_stops_at_the_first_problem(coach, folder: Path) -> None:
    (folder / "in/a.jsonl").write_text("{broken\n", "utf-8")
    result = coach("review", "in", "--strict")
    assert result.exit_code == 1
    assert "a.jsonl" in result.stderr
    assert not (folder / "reports/index.html").exists()


def test_where_nothing_can_be_reviewed_no_page_is_written(coach, folder: Path) -> None:
    result = coach("review", "nowhere")
    assert result.exit_code == 1
    assert "no pages were written" in result.stderr
    assert not (folder / "reports/index.html").exists()


def test_an_output_folder_that_cannot_be_is_named_before_the_work(coach, folder: Path) -> None:
    result = coach("review", "in", "--out", "in/chats.jsonl/pages")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert not (folder / "coach.db").exists()


def test_many_like_problems_are_counted_not_repeated(coach, folder: Path) -> None:
    (folder / "in/a.jsonl").write_text('{"id": 1, "text": "x"}\n' * 50, "utf-8")
    result = coach("review", "in")
    assert "45 more like this" in result.stderr
    assert result.stderr.count("coach: skipped") == 6


def test_what_only_deserves_a_note_goes_through(coach, folder: Path) -> None:
    long = CHAT | {"id": "long", "turns": CHAT["turns"] * 200}
    with (folder / "in/chats.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(long) + "\n")
    result = coach("review", "in")
    assert result.exit_code == 0, result.stderr
    assert "note in/chats.jsonl: 2 conversations with no times" in result.stderr
    assert "note in/chats.jsonl: 1 conversation with more than 1,000 turns" in result.stderr


def test_tag_prints_one_object_a_conversation_with_turns_one_to_one(coach) -> None:
    result = coach("tag", "in", "--format", "jsonl", "--no-redact")
    assert result.exit_code == 0, result.stderr
    (record,) = map(json.loads, result.stdout.splitlines())
    assert [turn["text"] for turn in record["turns"]] == [turn["text"] for turn in CHAT["turns"]]
    assert record["customer"] == "Sam Lee"
    masked = json.loads(coach("tag", "in").stdout)
    assert masked["turns"][1]["text"].endswith("Mail me at [EMAIL_1]")


def test_tag_reads_standard_input(coach) -> None:
    result = coach("tag", "-", input=json.dumps(CHAT) + "\n")
    assert json.loads(result.stdout)["id"] == "chat-1"


def test_a_review_of_standard_input_says_why_not(coach) -> None:
    result = coach("review", "-", input=json.dumps(CHAT) + "\n")
    assert result.exit_code == 1
    assert "save it to a file" in result.stderr


def test_report_finds_the_agent_whatever_the_case(coach) -> None:
    coach("review", "in")
    assert "# Personal report: Ana Ruiz" in coach("report", "ana ruiz").stdout
    assert coach("report", "Ana Ruiz", "--format", "html").stdout.startswith("<!doctype html>")
    assert json.loads(coach("report", "Ana Ruiz", "--format", "json").stdout)["agent"] == "Ana Ruiz"
    unknown = coach("report", "Bob")
    assert unknown.exit_code == 1
    assert "known are: Ana Ruiz" in unknown.stderr


def test_agents_are_listed(coach) -> None:
    coach("review", "in")
    assert "Ana Ruiz" in coach("agents").stdout


def test_agents_of_a_store_without_names(coach, folder: Path) -> None:
    nameless = {key: value for key, value in CHAT.items() if key != "agent"}
    (folder / "in/chats.jsonl").write_text(json.dumps(nameless) + "\n", "utf-8")
    coach("review", "in")
    assert "names no agents" in coach("agents").stderr


def test_exercises_say_when_there_are_fewer_than_asked(coach, folder: Path) -> None:
    coach("review", "in")
    result = coach("exercises", "--count", "20", "--out", "pack", "--format", "markdown", "--format", "qti-2.1")
    assert result.exit_code == 0, result.stderr
    assert "Too few sure moments for: " in result.stderr
    assert {file.name for file in (folder / "pack").iterdir()} == {"exercises.md", "exercises-qti-2.1.zip"}


def test_exercises_have_dates_from_their_start_on(coach, folder: Path) -> None:
    coach("review", "in")
    assert coach("exercises", "--start", "2026-12-01", "--format", "json").exit_code == 0
    first = json.loads((folder / "pack/exercises.json").read_text("utf-8"))["items"][0]
    assert first["due"] == ["2026-12-01", "2026-12-03", "2026-12-07", "2026-12-14", "2026-12-30"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--kind", "clue"], "Too few sure moments for: clue: 0 of 16. Ask for less, or review more"),
        (["--kind", "riddle"], "riddle: no such kind; choose from answer, rewrite"),
        (["--format", "scrom"], "scrom: no such format; choose from html, markdown"),
        (["--agent", "Nobody"], "no agent called 'Nobody' in the store"),
        (["--out", "in/chats.jsonl"], "in/chats.jsonl: cannot be written"),
    ],
)
def test_exercises_that_cannot_be_made_say_so_in_a_line(coach, folder: Path, asked: list[str], said: str) -> None:
    coach("review", "in")
    result = coach("exercises", *asked)
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("command", [["report", "Ana"], ["agents"], ["exercises"]])
def test_without_a_store_it_says_how_to_make_one(coach, command: list[str]) -> None:
    result = coach(*command)
    assert result.exit_code == 1
    assert "coach review" in result.stderr


def test_a_bad_column_option_is_explained(coach) -> None:
    assert "OURS=THEIRS" in coach("tag", "in", "--column", "text").stderr


def test_evaluate_prints_figures_and_json(coach, labelled_file: Path) -> None:
    shown = coach("evaluate", str(labelled_file))
    assert shown.exit_code == 0, shown.stderr
    for word in ("empathy", "check", "any feeling", "Calibration", "type, five ways", "resolved, four ways"):
        assert word in shown.stdout
    figures = json.loads(coach("evaluate", str(labelled_file), "--json").stdout)
    assert figures["conversations"] == 40
    assert set(figures["skills"]) == {"empathy", "listening", "instruction"}


def test_evaluate_names_the_line_that_is_not_labelled(coach, folder: Path) -> None:
    result = coach("evaluate", "in/chats.jsonl")
    assert result.exit_code == 1
    assert "chats.jsonl:1" in result.stderr


@pytest.mark.parametrize("command", ["review", "report", "exercises", "tag", "agents", "train", "evaluate"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"coach {command}" in result.stdout.replace("Usage: root", "Usage: coach")
    assert "Example:" in result.stdout


def test_version_is_told() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("coach ")


def test_an_interrupt_keeps_what_is_finished_and_says_so(coach, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = [CHAT | {"id": f"chat-{n}", "turns": CHAT["turns"] * 100} for n in range(4)]
    (folder / "in/chats.jsonl").write_text("\n".join(map(json.dumps, more)), "utf-8")
    from coach.store import Store

    save, saved = Store.save, []

    def interrupted(store: Store, *args: object, **kwargs: object) -> None:
        if len(saved) == 2:
            raise KeyboardInterrupt
        saved.append(args)
        save(store, *args, **kwargs)

    monkeypatch.setattr(Store, "save", interrupted)
    result = coach("review", "in")
    assert result.exit_code == 130
    assert "everything finished is kept" in result.stderr
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    again = coach("review", "in")
    assert again.exit_code == 0
    assert [line.split()[-1] for line in again.stderr.splitlines() if "review" in line][:2] == ["2", "2"]


def test_the_module_runs(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "coach", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("coach ")
