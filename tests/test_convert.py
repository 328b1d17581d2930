"""`coach convert`, `coach roles` and `coach formats`: other people's files in our own form."""

import json
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from coach.cli import app
from coach.conversation import RESOLUTIONS, ROLES, Conversation, Outcome, Turn
from coach.convert import convert
from coach.errors import ConfigError
from coach.readers import Found, Hints, formats, read
from coach.readers.own import as_record
from coach.readers.roles import as_toml, read_roles, unknown_speakers

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
NAME = st.none() | st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)
ZONES = st.sampled_from((UTC, timezone(timedelta(hours=5, minutes=30))))
TIME = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=ZONES)
TALK = [{"role": "customer", "text": "My lamp broke, write to a@b.example."}, {"role": "agent", "text": "I am sorry."}]


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    said = st.builds(Turn, st.sampled_from(ROLES), WORDS, TIME, NAME)
    turns = [Turn("customer", "Hello?", draw(TIME)), *draw(st.lists(said, max_size=5)), Turn("agent", "Hello.")]
    outcome = Outcome(
        csat=draw(st.none() | st.floats(1, 5)),
        nps=draw(st.none() | st.integers(0, 10).map(float)),
        resolved=draw(st.sampled_from((None, *RESOLUTIONS))),
        rating=draw(NAME),
    )
    started = draw(TIME) or next((t.time for t in turns if t.time), None)
    ended = draw(TIME) or next((t.time for t in reversed(turns) if t.time), None)
    return Conversation(draw(NAME) or "c", tuple(turns), draw(NAME), draw(NAME), draw(NAME), started, ended, outcome)


@settings(max_examples=60)
@given(st.lists(conversations(), min_size=1, max_size=3, unique_by=lambda one: one.id))
def test_what_was_converted_reads_as_the_same_conversations(given: list[Conversation]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "a.jsonl", Path(folder) / "b.jsonl"
        first.write_text("".join(json.dumps(as_record(one)) + "\n" for one in given), "utf-8")
        assert convert(first, second, mask=False, hints=Hints()) == (len(given), [])
        assert [found.conversation for found in read([second]) if isinstance(found, Found)] == given


def test_personal_data_is_masked_unless_it_is_to_stay(tmp_path: Path) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_text(json.dumps({"turns": TALK}) + "\nbroken\n", "utf-8")
    written, problems = convert(source, out, mask=True, hints=Hints())
    assert (written, [problem.line for problem in problems]) == (1, [2])
    assert "a@b.example" not in out.read_text("utf-8")
    convert(source, out, mask=False, hints=Hints())
    assert "a@b.example" in out.read_text("utf-8")


def test_a_conversion_of_nothing_leaves_what_was_there(tmp_path: Path) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_text("{}\n", "utf-8")
    out.write_text("old", "utf-8")
    with pytest.raises(ConfigError, match="nothing to convert"):
        convert(source, out, mask=True, hints=Hints())
    with pytest.raises(ConfigError, match="cannot be written"):
        convert(source, tmp_path / "none" / "b.jsonl", mask=True, hints=Hints())
    assert out.read_text("utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl"]


def test_a_conversion_into_its_own_folder_does_not_read_itself(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text(json.dumps({"turns": TALK}) + "\n", "utf-8")
    for out in (tmp_path / "b.jsonl", tmp_path / "b.jsonl", tmp_path / ".." / tmp_path.name / "b.jsonl"):
        assert convert(tmp_path, out, mask=False, hints=Hints()) == (1, [])
    assert convert(tmp_path / "b.jsonl", tmp_path / "b.jsonl", mask=True, hints=Hints()) == (1, [])
    assert "a@b.example" not in (tmp_path / "b.jsonl").read_text("utf-8")


def test_convert_tells_what_it_wrote_and_what_it_could_not_read(tmp_path: Path) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    source.write_text(json.dumps({"turns": TALK}) + "\n", "utf-8")
    result = CliRunner().invoke(app, ["convert", str(source), str(out)])
    assert (result.exit_code, "1 conversations written" in result.stderr) == (0, True)
    source.write_text(json.dumps({"turns": TALK}) + "\nbroken\n", "utf-8")
    result = CliRunner().invoke(app, ["convert", str(source), str(out)])
    assert result.exit_code == 1
    assert "a.jsonl:2" in result.stderr


def test_roles_are_asked_for_filled_in_and_used(tmp_path: Path) -> None:
    talk = tmp_path / "talk.txt"
    talk.write_text("Ana: Good morning.\nCustomer: My lamp broke.\nEva: Oh.\n", "utf-8")
    result = CliRunner().invoke(app, ["roles", str(talk)])
    assert result.stdout.endswith('[speakers]\n"Ana" = ""\n"Eva" = ""\n')
    roles = tmp_path / "roles.toml"
    roles.write_text(result.stdout, "utf-8")
    refused = CliRunner().invoke(app, ["convert", str(talk), str(tmp_path / "o.jsonl"), "--roles", str(roles)])
    assert "nobody has a role yet" in refused.stderr
    roles.write_text(result.stdout.replace('""', '"agent"'), "utf-8")
    (found,) = read([talk], hints=Hints(roles=read_roles(roles)))
    assert isinstance(found, Found)
    assert [(turn.role, turn.speaker) for turn in found.conversation.turns] == [
        ("agent", "Ana"),
        ("customer", None),
        ("agent", "Eva"),
    ]


def test_files_that_tell_their_roles_need_no_mapping(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text(json.dumps({"turns": TALK}) + "\n", "utf-8")
    result = CliRunner().invoke(app, ["roles", str(source)])
    assert result.exit_code == 1
    assert "tell every speaker's role" in result.stderr


def test_who_is_left_blank_is_kept_and_never_judged(tmp_path: Path) -> None:
    talk, roles = tmp_path / "talk.txt", tmp_path / "roles.toml"
    talk.write_text("Ana: Good morning.\nCustomer: My lamp broke.\nEva: Oh.\nAgent: Hm.\n", "utf-8")
    roles.write_text(as_toml(["Ana", "Eva"]).replace('"Ana" = ""', '"Ana" = "agent"'), "utf-8")
    assert "blank who is neither" in roles.read_text("utf-8")
    (found,) = read([talk], hints=Hints(roles=read_roles(roles)))
    assert isinstance(found, Found)
    assert [turn.role for turn in found.conversation.turns] == ["agent", "customer", "system", "agent"]


def test_beside_an_agent_the_only_other_one_may_be_taken_out_of_the_roles(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>Hi\n\n00:03.000 --> 00:04.000\n<v Eva>Hello\n"
    (tmp_path / "a.vtt").write_text(text, "utf-8")
    roles = tmp_path / "roles.toml"
    for labels, role in ((["Ana", "Eva"], "system"), (["Ana"], "customer")):
        roles.write_text(as_toml(labels).replace('"Ana" = ""', '"Ana" = "agent"'), "utf-8")
        (found,) = read([tmp_path / "a.vtt"], hints=Hints(roles=read_roles(roles)))
        assert isinstance(found, Found)
        assert [turn.role for turn in found.conversation.turns] == ["agent", role]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), unique=True))
def test_any_label_can_be_written_down(labels: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roles.toml"
        path.write_text(as_toml(labels).replace('= ""\n', '= "agent"\n'), "utf-8", newline="")
        assert list(read_roles(path)) == labels


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no [speakers]"),
        ("speakers = 3", "no [speakers]"),
        ("[speakers", "cannot be read"),
        ("[speakers]\na = 3", "has no role, but 3"),
    ],
)
def test_faults_of_a_roles_file_are_named(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "roles.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as error:
        read_roles(path)
    assert what in str(error.value)


def test_every_format_is_listed_with_its_fields() -> None:
    assert {"coach", "CSV", "Plain text", "WebVTT and SubRip"} <= {name for name, _ in formats()}
    assert all(fields for _, fields in formats())
    assert "turns[].text" in CliRunner().invoke(app, ["formats"]).stdout


def test_no_speaker_is_unknown_where_nothing_can_be_read(tmp_path: Path) -> None:
    assert unknown_speakers([tmp_path / "none"]) == []
