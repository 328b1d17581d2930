"""Practice as a dialogue: what is said, what is counted, what is kept. The listener is made by hand."""

import json
import os
import stat
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from handmade import KIND, asked, feeling, felt
from hypothesis import given
from hypothesis import strategies as st
from test_items import ANGRY, SORRY, ids, met, missed

from coach.conversation import SKILLS, Reviewed
from coach.errors import CoachError, ConfigError
from coach.items import Item, Said
from coach.practice import (
    Feedback,
    Heard,
    ModelAnswers,
    Open,
    Progress,
    Session,
    Sitting,
    default_path,
    keep_progress,
    open_items,
    progress_text,
    read_progress,
)
from coach.practice.material import phrase
from coach.practice.progress import BOXES
from coach.practice.session import EMPTY, FOREIGN, LONG, SECOND, STUCK, WORDLESS, problem
from coach.practice.wording import HEARD, moment, plain, wrapped

_names = ids("a")
A, B = (next(_names) for _ in range(2))
TODAY = date(2026, 11, 22)
NOTHING = Progress()
WORDS = "It leaves on Friday and nobody answers!"
GERMAN = "Das tut mir sehr leid, wir schicken Ihnen heute noch ein neues Paket."


def item(id: str = "a", **fields: object) -> Item:
    made = Item(
        id, "answer", "empathy", None, "chat", 2, "Answer", (Said("customer", WORDS),), "Answer so that they feel heard.",
        checks=("Did you name it?",), model_answers=("From the team: how upsetting.",),
    )  # fmt: skip
    return replace(made, **fields)


class Ear:
    """Hears empathy in "sorry" and listening in "so"; both are called for."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def prepare(self, item: Item) -> None:
        pass

    def hear(self, item: Item, answer: str) -> Feedback:
        self.heard.append(answer)
        said = answer.lower().split()
        found = [Heard(tag, answer, True) for word, tag in (("sorry", "apologise"), ("so", "restate")) if word in said]
        put_off = "moment" in said
        opened = (
            Open("empathy", WORDS, "worry", "sorry" in said),
            Open("listening", "nobody answers", None, "so" in said),
            *((Open("instruction", "how", None, False),) if put_off else ()),
        )
        return Feedback(tuple(found), opened, put_off)


def hold(
    lines: Iterable[str], *items: Item, progress: Progress = NOTHING, keep: object = None, **options: object
) -> tuple[str, Session]:
    said: list[str] = []
    typed = iter(lines)
    session = Session(
        Ear(), ModelAnswers(), progress, lambda: next(typed, None), said.append, keep or (lambda now: None), TODAY,
        **options,
    )  # fmt: skip
    session.hold(items or (item(),))
    return "\n".join(said), session


def sat(id: str, *tries: dict[str, bool], days_ago: int = 0) -> Sitting:
    return Sitting(id, TODAY - timedelta(days=days_ago), tries)


MET, MISSED = {"empathy": True}, {"empathy": False}


# --- the dialogue ---


def test_a_session_tells_what_it_heard_what_is_open_and_after_a_second_try_models() -> None:
    text, session = hold(["So nobody answered", "", "I am sorry", "so it leaves soon", ""])
    steps = (
        f"Customer: {WORDS}",
        "You gave back what they told you (“So nobody answered”).",
        f"The worry (“{WORDS}”) is still open.",
        "- Did you name it?",
        SECOND,
        "You said sorry",
        "Nothing I listen for is open any more.",
        "From your team:\n  From the team: how upsetting.",
        "From the phrasebook:",
    )
    places = [text.replace("\nsoon", " soon").find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
    (sitting,) = session.progress.sittings
    assert sitting.tries == ({"empathy": False, "listening": True}, {"empathy": True, "listening": True})
    assert session.listener.heard[1] == "I am sorry\nso it leaves soon"


def test_what_is_met_at_once_needs_no_second_try() -> None:
    text, session = hold(["so sorry", ""])
    assert SECOND not in text
    assert "Nothing I listen for is left open." in text
    assert len(session.progress.sittings[0].tries) == 1


def test_a_second_try_may_be_left_out() -> None:
    text, session = hold(["so", "", ""])
    assert "From the phrasebook" in text
    assert session.progress.sittings[0].tries == ({"empathy": False, "listening": True},)


def test_an_answer_of_one_line_needs_no_empty_line() -> None:
    text, session = hold(["so", "so sorry"], one_line=True)
    assert len(session.progress.sittings[0].tries) == 2
    assert "Enter ends it" in text


def test_who_puts_off_is_told_what_comes_after() -> None:
    assert "You ask them to wait; when you are back: what to do" in hold(["one moment sorry", ""])[0]


def test_where_nothing_is_heard_that_is_said_of_the_words() -> None:
    assert "I did not hear empathy, listening or instruction in these words yet." in hold(["well", ""])[0]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([""], EMPTY),
        (["word " * 2001, ""], LONG),
        (["x" * 20_001, ""], LONG),
        (["hi" + "?" * 501, ""], STUCK),
        (["?! 👍 123", ""], WORDLESS),
        ([GERMAN, ""], FOREIGN),
        (["对不起", ""], FOREIGN),
        ([GERMAN, GERMAN, GERMAN, ""], FOREIGN),
    ],
)
def test_what_cannot_be_judged_is_asked_for_again_and_not_counted(lines: list[str], reason: str) -> None:
    text, session = hold([*lines, "so sorry", ""])
    assert " ".join(reason.split()[:6]) in text
    assert session.listener.heard == ["so sorry"]
    assert len(session.progress.sittings) == 1


def test_what_looks_foreign_is_taken_when_sent_again() -> None:
    assert hold([GERMAN, "", GERMAN, ""])[1].listener.heard == [GERMAN]


@pytest.mark.parametrize(
    "answer", ["ok", "Sorry!", "I am sorry to hear that.", "Please open Settings, then tap on Billing.", "Oh no, café"]
)
def test_english_answers_are_taken(answer: str) -> None:
    assert problem(answer) is None


def test_who_looks_at_the_models_first_has_seen_the_moment_and_missed_nothing() -> None:
    text, session = hold(["", ""])
    assert "From the phrasebook" in text
    assert [one.tries for one in session.progress.sittings] == [()]
    assert session.progress.first("empathy").called_for == 0
    again = session.progress.with_sitting(sat("a", MET))
    assert again.first("empathy").called_for == 0
    assert again.again("empathy").called_for == 1


@pytest.mark.parametrize(
    ("lines", "shown", "counted"),
    [
        (["/skip", "so sorry", ""], 2, 1),
        (["so", "/SKIP", "so", "", "/skip"], 2, 1),
        (["so", "", "/skip", "so sorry", ""], 2, 2),
        (["/stop"], 1, 0),
        (["so", "", "/stop"], 1, 1),
        ([], 1, 0),
        (["so"], 1, 1),
        (["so", ""], 1, 1),
        (["so", "", "so sorry"], 1, 1),
    ],
)
def test_the_learner_may_skip_or_stop_and_the_input_may_end(lines: list[str], shown: int, counted: int) -> None:
    text, session = hold(lines, item("a"), item("b"))
    assert (" of 2" in text, text.count("Customer:")) == (True, shown)
    assert len(session.progress.sittings) == counted
    if "/skip" not in lines:
        assert "phrasebook" not in text


def test_a_mistyped_command_is_no_answer() -> None:
    text, session = hold(["/skpi", "/stop"], item("a"))
    assert "There is no /skpi; /skip goes on, /stop ends." in text
    assert session.progress.sittings == ()


def test_progress_is_kept_after_every_try_and_its_failure_told_once() -> None:
    kept: list[Progress] = []

    def full(now: Progress) -> None:
        kept.append(now)
        raise CoachError("disk: full; make room")

    text, _ = hold(["so", "", "so sorry", ""], keep=full)
    assert [len(one.sittings[0].tries) for one in kept] == [1, 2]
    assert text.count("disk: full") == 1


def test_a_rewrite_shows_its_words_and_its_explanation() -> None:
    text, _ = hold(["so sorry", ""], item(kind="rewrite", text="Calm down.", explanation="It waved them off."))
    assert "  Calm down." in text
    assert "It waved them off." in text


@given(st.text() | st.sampled_from(["\x1b[2J\x1b]0;x\x07", "a\u202eb", "\x00\r\x9b31m", "]8;;http://x"]))
def test_no_text_steers_the_terminal(text: str) -> None:
    shown, _ = hold(
        [f"so {text}", "", ""], item(situation=(Said("customer", text),), channel=text, model_answers=(text,))
    )
    assert all(one.isprintable() or one in "\n\u200d" for one in shown)
    assert plain(text).isprintable() or "\n" in plain(text) or "\u200d" in plain(text)
    assert max(map(len, wrapped(text).split("\n"))) <= 88


def test_every_tag_has_its_words() -> None:
    assert set(HEARD) == {tag for tags in SKILLS.values() for tag in tags}


# --- model answers ---


def test_model_answers_say_whose_they_are_and_name_nobody() -> None:
    found = ModelAnswers(["Ana Ruiz", "Bo Chen"])
    own = "Bo Chen here: I can see how upsetting that must be."
    found.add_own(
        [felt("c1", own, agent="Bo Chen"), felt("c2", "Ana's own words, long enough", agent="Ana Ruiz")], "Bo Chen"
    )
    models = found.of(item(), "anger")
    assert [one.whose for one in models] == ["own", "team", "phrasebook"]
    assert "Bo" not in models[0].text
    assert "how upsetting" in models[0].text
    assert [one.whose for one in found.of(item(skill="listening", model_answers=()), None)] == ["phrasebook"]
    assert found.of(item(), "sadness")[0].whose == "own"


def own(*several: Reviewed, feeling: str | None = "anger") -> list[str]:
    found = ModelAnswers()
    found.add_own(several, "Ana Ruiz")
    return [one.text for one in found.of(item(model_answers=()), feeling) if one.whose == "own"]


def test_the_surest_own_answer_to_the_same_feeling_is_shown() -> None:
    several = [felt("c1", "I can see how hard that is.", chance=0.7), felt("c2", KIND, chance=0.9), asked("c3")]
    worried = replace(several[1], judgements=replace(several[1].judgements, feelings=(feeling("worry"), None)))
    assert own(*several) == own(*several[::-1]) == [KIND]
    assert own(several[0], worried, feeling="worry") == [KIND]
    assert own(asked("c3")) == []


@pytest.mark.parametrize("answer", ["Oh no.", "Oh no, that is hard. " * 40])
def test_too_short_or_too_long_an_answer_is_no_model(answer: str) -> None:
    assert own(felt("c1", answer)) == own(felt("c2", met=False)) == []


def test_an_own_answer_that_is_the_teams_best_is_shown_once() -> None:
    found = ModelAnswers()
    found.add_own([felt("c1")], "Ana Ruiz")
    assert [one.whose for one in found.of(item(model_answers=(KIND,)), "anger")] == ["own", "phrasebook"]


@pytest.mark.parametrize("skill", SKILLS)
def test_the_phrasebook_has_words_for_every_skill(skill: str) -> None:
    assert all(phrase(skill, feeling) for feeling in (None, "anger", "worry", "sadness", "confusion"))
    assert phrase("empathy", "worry") != phrase("empathy", None)


def test_moments_of_the_team_come_before_role_plays() -> None:
    found = open_items([missed(A), met(B)], ["Ana Ruiz"])
    assert {one.response for one in found} == {"open"}
    assert [one.situation[-1].text for one in found if not one.is_written] == [ANGRY]
    assert [one.is_written for one in found[:2]] == [False, True]
    assert {one.skill for one in found} == set(SKILLS)
    assert {one.skill for one in open_items([missed(A)], [], skill="listening")} == {"listening"}


def test_a_role_play_and_its_answer_say_what_they_are() -> None:
    made = next(one for one in open_items([], []) if one.is_written)
    assert f"role-play: {made.title}" in moment(made, 1, 1)
    assert [one.whose for one in ModelAnswers().of(made, None)] == ["role-play", "phrasebook"]


def test_the_teams_answer_is_shown_with_whom_it_was_given_to_and_patterns_come_once() -> None:
    found = next(one for one in open_items([missed(A), met(B)], []) if not one.is_written)
    models = ModelAnswers().of(found, "anger")
    assert [one.whose for one in models] == ["team", "phrasebook"]
    assert models[0].text == f"to a customer who said “{ANGRY}”: “{SORRY}”"


# --- what comes back when ---


@pytest.mark.parametrize(
    ("sittings", "days"),
    [
        ([sat("a", MISSED)], BOXES[0]),
        ([sat("a")], BOXES[0]),
        ([sat("a", MISSED, MISSED)], BOXES[0]),
        ([sat("a", MISSED, MET)], BOXES[0]),
        ([sat("a", MET)], BOXES[1]),
        ([sat("a", MET), sat("a", MET)], BOXES[2]),
        ([sat("a", MET), sat("a", MISSED, MET)], BOXES[1]),
        ([sat("a", MET), sat("a", MET), sat("a", MISSED)], BOXES[0]),
        ([sat("a", MET)] * 9, BOXES[-1]),
    ],
)
def test_what_was_missed_comes_back_sooner(sittings: list[Sitting], days: int) -> None:
    assert Progress(tuple(sittings)).due() == {"a": TODAY + timedelta(days=days)}


def test_what_is_due_comes_first_then_what_is_new_then_the_rest() -> None:
    items = [item("new1"), item("later"), item("due"), item("overdue"), item("new2")]
    progress = Progress((sat("later", MET), sat("due", MISSED, days_ago=1), sat("overdue", MISSED, days_ago=9)))
    order = [one.id for one in progress.schedule(items, TODAY)]
    assert order == ["overdue", "due", "new1", "new2", "later"]


def test_held_back_moments_come_from_a_week_after_practice_one_among_four_and_once() -> None:
    held = [item("h1", is_transfer=True), item("h2", is_transfer=True), item("l", skill="listening", is_transfer=True)]
    items = [*held, *(item(f"n{number}") for number in range(5))]
    new = ["n0", "n1", "n2", "n3", "n4"]

    def order(*sittings: Sitting) -> list[str]:
        return [one.id for one in Progress(sittings).schedule(items, TODAY)]

    assert order() == [*new, "h1", "h2", "l"]
    assert order(sat("x", MISSED, days_ago=6)) == [*new, "h1", "h2", "l"]
    assert order(sat("x", MISSED, days_ago=7)) == ["n0", "n1", "n2", "n3", "h1", "n4", "h2", "l"]
    seen = replace(sat("h1", MISSED, days_ago=3), is_transfer=True)
    assert order(sat("x", MISSED, days_ago=9), seen) == ["n0", "n1", "n2", "n3", "h2", "n4", "h1", "l"]


def test_what_belongs_together_stays_together() -> None:
    items = [item("x", group="g"), item("y"), item("z", group="g")]
    order = [one.id for one in Progress((sat("z", MISSED, days_ago=2),)).schedule(items, TODAY)]
    assert order == ["x", "z", "y"]


# --- how far one has come ---


def test_rates_tell_new_moments_second_tries_and_moments_seen_before_apart() -> None:
    progress = Progress((sat("a", MISSED, MET), sat("b", MET), sat("a", MET), sat("c", MISSED, MISSED)))
    first, second, again = (rate("empathy") for rate in (progress.first, progress.second, progress.again))
    assert [(one.met, one.called_for) for one in (first, second, again)] == [(1, 3), (1, 2), (1, 1)]
    assert 0 < first.low < 1 / 3 < first.high < 1


def test_held_back_moments_are_counted_by_themselves() -> None:
    held = [replace(sat(f"h{n}", MET if n < 4 else MISSED), is_transfer=True) for n in range(5)]
    progress = Progress((sat("a", MISSED), *held, sat("h0", MET)))
    counted = [getattr(progress, name)("empathy") for name in ("first", "transfer", "again")]
    assert [(one.met, one.called_for) for one in counted] == [(0, 1), (4, 5), (1, 1)]
    text = progress_text(progress, 5)
    assert "new 0 of 1 (too few to say); practised before 1 of 1 (too few to say); held back 4 of 5 (38–96 %)" in text
    assert "what carries over, where the two ranges lie apart" in text


def test_few_are_too_few_to_say_and_nobody_gets_a_score() -> None:
    few = progress_text(Progress((sat("a", MET), sat("b", MISSED))), 5)
    assert "empathy: new 1 of 2 (too few to say)" in few
    many = progress_text(Progress(tuple(sat(f"{n}", MET if n < 3 else MISSED) for n in range(7))), 5)
    assert "new 3 of 7 (16–75 %)" in many
    assert "listening" not in many
    assert progress_text(Progress(), 5) == "Nothing practised yet."


# --- the file ---

verdicts = st.dictionaries(st.sampled_from(list(SKILLS)), st.booleans())
sittings = st.builds(Sitting, st.text(), st.dates(), st.lists(verdicts, max_size=2).map(tuple), st.booleans())


@given(st.lists(sittings).map(lambda found: Progress(tuple(found))))
def test_what_was_kept_is_read_back(tmp_path_factory: pytest.TempPathFactory, progress: Progress) -> None:
    path = tmp_path_factory.mktemp("record") / "new" / "p.json"
    keep_progress(progress, path)
    assert read_progress(path) == progress
    assert [one.name for one in path.parent.iterdir()] == ["p.json"]


@pytest.mark.skipif(os.name == "nt", reason="other rights there")
def test_the_record_is_its_owners_alone_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "p.json")
    keep_progress(Progress(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE((tmp_path / "p.json").stat().st_mode) == 0o600


ROW = {"item": "a", "day": "2026-11-22", "tries": [{"empathy": True}]}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe", b"[]", b"null", b"7", b"{}", b'{"version": 2, "sittings": []}', b"[" * 100_000,
        *(
            json.dumps({"version": 1, "sittings": rows}).encode()
            for rows in (
                None, [7], [{}], [ROW | {"day": "x"}], [ROW | {"day": 7}], [ROW | {"tries": [7]}],
                [ROW | {"tries": None}], [ROW | {"tries": [{"charm": True}]}], [ROW | {"tries": [{"empathy": 1}]}],
            )
        ),
    ],
)  # fmt: skip
def test_a_broken_record_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"p\.json: is not coach's record"):
        read_progress(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("place", ["", "file/p.json"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(CoachError, match="cannot be written"):
        keep_progress(Progress(), tmp_path / place)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_progress(tmp_path / place)


def test_a_write_that_fails_leaves_the_old_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.json"
    keep_progress(Progress((sat("a", MET),)), path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("coach.practice.progress.os.replace", fail)
    with pytest.raises(CoachError, match="No space left"):
        keep_progress(Progress(), path)
    assert len(read_progress(path).sittings) == 1
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("system", "variable", "tail"),
    [
        ("linux", "XDG_DATA_HOME", "x/coach/practice.json"),
        ("linux", None, ".local/share/coach/practice.json"),
        ("darwin", None, "Library/Application Support/coach/practice.json"),
        ("win32", "LOCALAPPDATA", "x/coach/practice.json"),
        ("win32", None, "AppData/Local/coach/practice.json"),
    ],
)
def test_the_record_is_in_the_users_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, variable: str | None, tail: str
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "x"))
    monkeypatch.setattr("coach.practice.progress.sys.platform", system)
    assert default_path().as_posix().endswith(tail)
