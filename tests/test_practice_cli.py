"""`coach practise` from the command line, with the tiny model on moments made by hand."""

from datetime import date
from pathlib import Path

import pytest
from test_items import ids, met, missed
from typer.testing import CliRunner, Result

from coach.cli import app
from coach.conversation import Reviewed
from coach.practice import Progress, Sitting, keep_progress, open_items, read_progress
from coach.store import Store

_names = ids("a")
A, B, C = (next(_names) for _ in range(3))


def fill(path: Path, *reviewed: Reviewed) -> None:
    with Store(path) as store:
        for one in reviewed:
            store.save(one, content=one.conversation.id, analysis="x")


@pytest.fixture
def practise(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    fill(
        tmp_path / "coach.db",
        missed(A),
        met(B, agent="Bo Chen"),
        missed(C, "I am so angry about my hotel room and its noise"),
    )

    def run(*words: str, input: str = "") -> Result:
        return CliRunner().invoke(app, ["practise", *words, "--model", str(tiny_model)], input=input)

    return run


RECORD = Path("data/coach/practice.json")


def test_a_session_goes_through_and_is_kept_without_words(practise) -> None:
    done = practise("--agent", "bo chen", input="I am sorry .\n\n\nplease restart it\n\n\n")
    assert done.exit_code == 0, done.output
    assert "There are only 2 of 5 moments of your team's, none for listening or instruction: role-plays" in done.output
    assert "One of your own answers:" in done.output
    assert "Practised: 2 moments." in done.output
    assert len(read_progress(RECORD).sittings) == 2
    assert "sorry" not in RECORD.read_text("utf-8")
    assert "Practised: 2 moments." in practise("--progress-only").output
    again = practise("--skill", "empathy", input="").output
    assert "role-play: " in again


def test_when_all_was_done_and_nothing_is_due_it_says_from_when(practise) -> None:
    with Store(Path("coach.db")) as store:
        items = open_items(store.conversations(), [])
    keep_progress(Progress(tuple(Sitting(one.id, date.today(), ({},)) for one in items)), RECORD)
    assert "Nothing is new or due before" in practise(input="").output


def test_the_record_may_be_elsewhere_and_answers_may_be_lines(practise) -> None:
    done = practise(
        "--line", "--progress", "mine.json", "--count", "1", "--skill", "empathy", input="so sorry\nsorry\n"
    )
    assert done.exit_code == 0, done.output
    assert "There" not in done.output.splitlines()[0]
    assert len(read_progress(Path("mine.json")).sittings) == 1
    assert not RECORD.exists()


def test_nothing_practised_yet_is_said(practise) -> None:
    assert practise("--progress-only").output.strip() == "Nothing practised yet."
    assert not RECORD.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--db", "none.db"], "none.db"),
        (["--agent", "Zoe"], "no agent called 'Zoe' in the store; known are: Ana Ruiz, Bo Chen"),
        (["--progress", "coach.db/p.json"], "cannot be read"),
        (["--progress", "broken.json"], "is not coach's record"),
        (["--progress", "."], "cannot be read"),
    ],
)
def test_what_stands_in_the_way_is_one_line_before_anything_is_asked(practise, words: list[str], message: str) -> None:
    Path("broken.json").write_text("{", "utf-8")
    done = practise(*words)
    assert done.exit_code == 1
    assert message in done.output
    assert done.output.count("\n") == 1
    assert Path("broken.json").read_text("utf-8") == "{"


def test_a_record_that_cannot_be_written_is_told_before_the_first_moment(practise, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("coach.practice.progress.os.replace", full)
    done = practise(input="sorry\n\n")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "No space left" in done.output


def test_ctrl_c_keeps_what_was_done(practise, monkeypatch) -> None:
    typed = iter(["I am sorry .", ""])

    def type_or_stop(prompt: str) -> str:
        for line in typed:
            return line
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", type_or_stop)
    done = practise()
    assert done.exit_code == 130
    assert "everything finished is kept" in done.output
    assert len(read_progress(RECORD).sittings) == 1


def test_bytes_that_are_no_text_do_no_harm(practise) -> None:
    done = practise("--count", "1", input=b"\xff\xfe sorry \x1b[2J\n\n\n")
    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.output


def test_colleagues_are_not_named(tmp_path: Path, practise) -> None:
    words = "Nobody ever answers me, not even Bo Chen, and it makes me so angry"
    fill(tmp_path / "b.db", missed(A, words), met(B, agent="Bo Chen"))
    done = practise("--db", "b.db", input="sorry\n\n\n")
    assert "not even" in done.output
    assert "Bo Chen" not in done.output
