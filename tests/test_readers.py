"""Readers: what each format gives, which faults are named and where, and that nothing else comes out."""

import gzip
import io
import json
import os
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webvtt.errors import MalformedCaptionError

from coach.conversation import JUDGED, Conversation, Outcome
from coach.errors import ConfigError, InputError
from coach.readers import Found, Hints, fields, plain, read, records, sources, stream, table
from coach.readers.fields import Dates, Place

TURNS = [{"role": "customer", "text": "My lamp broke."}, {"role": "agent", "text": "I am sorry."}]
TALK = "Customer: My lamp broke.\nAgent: I am sorry.\n"
CAPTIONS = """WEBVTT

NOTE
agent: Ana Ruiz
started_at: 2026-09-01T10:15:00Z

1
00:00:01.000 --> 00:00:03.000
<v Ana Ruiz>Good &amp; <b>bright</b>
morning.</v>

00:00:04.500 --> 00:00:05.000
<v Ana Ruiz>How can I help?

00:00:08.000 --> 00:00:09.000
<v.loud Eva>My lamp broke.</v> <v Ana Ruiz>Oh. <v Eva></v>
"""


def put(folder: Path, content: str | bytes, name: str = "a") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def one(path: Path, **options: Any) -> Conversation:
    """The only thing read from the path, which must be a conversation."""
    (found,) = read([path], **options)
    assert isinstance(found, Found), found
    return found.conversation


def fault(path: Path, **options: Any) -> InputError:
    (error,) = read([path], **options)
    assert isinstance(error, InputError), error
    assert error.path == str(path)
    return error


def both(path: Path, **options: Any) -> tuple[list[Conversation], list[InputError]]:
    items = list(read([path], **options))
    errors = [item for item in items if isinstance(item, InputError)]
    return [item.conversation for item in items if isinstance(item, Found)], errors


def line(**keys: Any) -> str:
    return json.dumps({"turns": TURNS, **keys}) + "\n"


# Finding and opening


def test_folders_are_walked_in_order_without_hidden_files_and_readmes(tmp_path: Path) -> None:
    for name in ("b", "a/z", "a/.hidden", ".git/x", "README.md", "a/readme"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        put(tmp_path, "x", name)
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    expected = [str(tmp_path / name) for name in ("a/z", "b", "gone")]
    assert list(sources([tmp_path])) == expected
    assert list(sources([tmp_path / ".git" / "x", "-"])) == [str(tmp_path / ".git" / "x"), "-"]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.listdir", refuse)
    assert "cannot be listed" in fault(tmp_path).what


def test_missing_files_and_empty_folders_are_named(tmp_path: Path) -> None:
    assert fault(tmp_path).what.startswith("no transcripts in this folder")
    assert fault(tmp_path / "none").what == "there is no such file"
    (error,) = read(["a\0b"])
    assert isinstance(error, InputError)
    assert "cannot be read" in error.what


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = put(tmp_path, TALK)
    monkeypatch.setattr("builtins.open", refuse)
    assert fault(path).what == "the file cannot be read: Permission denied"


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_empty_files_are_named(tmp_path: Path, content: bytes) -> None:
    assert fault(put(tmp_path, content)).what == "the file is empty"


def test_binary_and_unknown_files_are_named(tmp_path: Path) -> None:
    assert fault(put(tmp_path, b"\x89PNG\0\0")).what == "the file is binary"
    assert fault(put(tmp_path, "Dear all, nothing to see here.\n")).what == "no format we know"
    assert fault(put(tmp_path, '{\n  "a": [\n    {"b": 1}\n  ]\n}\n')).what == "JSON of no format we know: it has 'a'"
    turning = (line(id="x") * 2000).encode() + b"\0\1\2"
    assert "turns binary" in both(put(tmp_path, turning))[1][-1].what


def test_the_format_is_recognised_from_the_content_whatever_the_name(tmp_path: Path) -> None:
    assert one(put(tmp_path, line(), "a.csv")).id == "a-1"
    assert one(put(tmp_path, TALK, "b.jsonl")).id == "b"
    assert one(put(tmp_path, CAPTIONS, "c.txt")).channel == "phone"
    assert one(put(tmp_path, "chat_id,sender,message\n7,user,Hi\n7,rep,Hello\n", "d.vtt")).id == "7"


def test_gzip_is_unpacked_whatever_the_name(tmp_path: Path) -> None:
    assert one(put(tmp_path, gzip.compress(TALK.encode()), "talk.txt.gz")).id == "talk"


def test_what_stands_before_the_damage_in_a_gzip_file_is_read(tmp_path: Path) -> None:
    lines = "".join(line(id=i, customer=os.urandom(2000).hex()) for i in range(20))
    conversations, errors = both(put(tmp_path, gzip.compress(lines.encode())[:-3000]))
    assert 10 < len(conversations) < 20
    assert "compressed file is broken" in errors[-1].what
    assert "compressed file is broken" in fault(put(tmp_path, b"\x1f\x8b\x08" + b"\0" * 20)).what
    assert "cannot be read" in fault(put(tmp_path, b"\x1f\x8bnonsense")).what


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_usual_encodings_are_understood(tmp_path: Path, encoding: str) -> None:
    text = "Customer: Café “£5”\r\nAgent: Très bien\r\n"
    assert [turn.text for turn in one(put(tmp_path, text.encode(encoding))).turns] == [
        "Café “£5”",
        "Très bien",
    ]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line().encode())))
    (found,) = read(["-"])
    assert isinstance(found, Found)
    assert (found.conversation.id, found.path, found.line) == ("stdin-1", "-", 1)


def test_a_file_name_that_is_no_text_can_still_be_shown(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    (error,) = read([path])
    assert isinstance(error, InputError)
    error.path.encode()


# Checks on conversations


def test_every_id_is_given_once(tmp_path: Path) -> None:
    other = [*TURNS, {"role": "customer", "text": "Thanks"}]
    text = line(id="x") + line(id="x", turns=other) + line(id="y") + line(id="z", turns=[*other, TURNS[0]])
    conversations, errors = both(put(tmp_path, text))
    assert [c.id for c in conversations] == ["x", "y", "z"]
    assert [error.line for error in errors] == [2]
    assert all("came before" in error.what for error in errors)


def test_the_same_words_of_another_customer_are_no_duplicate(tmp_path: Path) -> None:
    assert not both(put(tmp_path, line(id="x", customer="1") + line(id="y", customer="2")))[1]


@pytest.mark.parametrize("silent", ["agent", "customer"])
def test_a_conversation_of_one_side_is_read(tmp_path: Path, silent: str) -> None:
    turns = [{**turn, "text": " "} if turn["role"] == silent else turn for turn in TURNS]
    assert one(put(tmp_path, line(turns=turns))).words(silent) == 0  # type: ignore[arg-type]
    assert len(one(put(tmp_path, line(turns=[t for t in TURNS if t["role"] != silent]))).turns) == 1


@pytest.mark.parametrize("turns", [[{"role": "bot", "text": "Hi"}], [{**turn, "text": " "} for turn in TURNS]])
def test_a_conversation_in_which_nobody_speaks_is_refused(tmp_path: Path, turns: list[dict[str, str]]) -> None:
    assert "neither an agent nor a customer says anything" in fault(put(tmp_path, line(turns=turns))).what


def test_empty_turns_keep_their_place_and_long_conversations_are_fine(tmp_path: Path) -> None:
    turns = [*TURNS * 600, {"role": "bot", "text": ""}, {"role": "system", "text": None}]
    conversation = one(put(tmp_path, line(turns=turns)))
    assert (len(conversation.turns), conversation.started) == (1202, None)


# JSON lines


def test_json_lines_are_read_with_all_their_fields(tmp_path: Path) -> None:
    turns = [
        {"role": "Visitor", "text": " Hi\n", "at": "2026-09-01T10:15:00Z", "feeling": None},
        {"role": "end_user", "text": 42},
        {"role": "ADVISOR", "text": "Hello", "time": 1788257760, "speaker": "Ana"},
    ]
    outcome = {
        "csat": "4",
        "nps": 0,
        "ces": 6.5,
        "resolved": True,
        "satisfaction": -2,
        "resolution_seconds": 9,
    }
    text = line(id=12, turns=turns, channel="chat", agent="Ana", customer=7, outcome=outcome, source="own")
    conversation = one(put(tmp_path, text))
    assert [turn.role for turn in conversation.turns] == ["customer", "customer", "agent"]
    assert [turn.text for turn in conversation.turns] == [" Hi\n", "42", "Hello"]
    assert (conversation.id, conversation.customer, conversation.agents) == ("12", "7", ("Ana",))
    assert conversation.started == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
    assert conversation.ended == datetime(2026, 9, 1, 10, 16, tzinfo=UTC)
    assert conversation.outcome == Outcome(4, 0, 6.5, "yes", None, 9)


def test_reader_names_the_bad_line(tmp_path: Path) -> None:
    text = line(id="a") + "\n" + '{"id": "b", "turns"\n' + line(id="c", customer="7") + "[1]\n"
    conversations, errors = both(put(tmp_path, text))
    assert [c.id for c in conversations] == ["a", "c"]
    assert [error.line for error in errors] == [3, 5]
    assert errors[0].what.startswith("broken JSON")
    assert errors[1].what == "it is a list, not a JSON object"


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ({"turns": []}, "no turns"),
        ({"turns": {"role": "agent"}}, "no turns"),
        ({"turns": ["hi"]}, "turn 1: it is 'hi', not an object"),
        ({"turns": [*TURNS, {"role": "boss", "text": "x"}]}, "turn 3: unknown role 'boss'"),
        ({"turns": [{"text": "x"}]}, "unknown role nothing"),
        ({"turns": [{"role": "agent", "text": ["x"]}]}, "text is a list"),
        ({"turns": [{"role": "agent", "text": True}]}, "text is 'True'"),
        ({"turns": [{"role": "agent", "text": "x" * 100_001}]}, "100,001 characters"),
        ({"turns": [{"role": "agent", "text": "x", "at": "noon"}]}, "time 'noon' is not a time"),
        ({"started_at": "0001-01-01"}, "started_at '0001-01-01' is not a time"),
        ({"started": True}, "started_at 'True'"),
        ({"ended_at": 1e300}, "ended_at"),
        ({"ended_at": float("nan")}, "ended_at 'nan'"),
        ({"id": [1]}, "id is a list"),
        ({"agent": {"name": "Ana"}}, "agent is a dict"),
        ({"outcome": [5]}, "outcome is not an object"),
        ({"outcome": {"csat": 6}}, "csat is '6'"),
        ({"outcome": {"csat": float("nan")}}, "csat is 'nan'"),
        ({"outcome": {"nps": "many"}}, "nps is 'many'"),
        ({"outcome": {"ces": True}}, "ces is 'True'"),
        ({"outcome": {"ces": 10**400}}, "ces is"),
        ({"outcome": {"first_response_seconds": -1}}, "first_response_seconds is '-1'"),
        ({"outcome": {"resolved": "perhaps"}}, "resolved is 'perhaps'"),
        ({"outcome": {"resolved": {}}}, "resolved is a dict"),
    ],
)
def test_json_faults_name_the_field(tmp_path: Path, record: dict[str, Any], what: str) -> None:
    error = fault(put(tmp_path, line(**record)))
    assert what in error.what
    assert (error.line, bool(error.fix)) == (1, True)


def test_hostile_json_gives_errors_only(tmp_path: Path) -> None:
    deep = '{"id": ' + "[" * 100_000
    huge = '{"id": ' + "9" * 5000 + ', "turns": []}'
    assert "nested too deep" in fault(put(tmp_path, deep)).what
    assert fault(put(tmp_path, huge)).what.startswith("broken JSON")
    conversation = one(put(tmp_path, line(id="\ud800", agent="\udfff").replace("lamp", "\\ud83d lamp \\ud83d\\ude00")))
    assert (conversation.id, conversation.turns[0].text) == ("\ufffd", "My \ufffd lamp \U0001f600 broke.")


def test_an_unknown_role_names_the_known_ones(tmp_path: Path) -> None:
    fix = fault(put(tmp_path, line(turns=[{"role": "boss", "text": "x"}]))).fix
    assert all(word in fix for word in ("agent", "advisor", "customer", "end user", "bot", "system"))


@pytest.mark.parametrize("layout", ["[{0},\n{0}]", "[\n{0},\n{0}\n]\n", "[{0}\n,{0}]", "[{0}]"])
def test_a_list_with_an_object_a_line_is_no_json_lines(tmp_path: Path, layout: str) -> None:
    count = layout.count("{0}")
    text = layout.replace("{0}", json.dumps({"turns": TURNS}))
    assert len(both(put(tmp_path, text))[0]) == count
    row = {"actortype": "Agent", "message": "Hi", "conversationId": "x"}
    page = '{"records": ' + layout.replace("{0}", json.dumps(row)) + "}"
    assert len(one(put(tmp_path, page)).turns) == count


def test_the_lines_after_a_broken_first_one_are_read(tmp_path: Path) -> None:
    conversations, (error,) = both(put(tmp_path, line()[:20] + "\n" + line(id="b")))
    assert ([talk.id for talk in conversations], error.line) == (["b"], 1)


def test_a_long_export_in_one_line_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "CONVERSATION_LIMIT", 1_000)
    monkeypatch.setattr(records, "PART", 100)
    monkeypatch.setattr(records, "OBJECT_LIMIT", 9_000)
    many = json.dumps([{"id": i, "turns": TURNS} for i in range(200)])
    assert len(both(put(tmp_path, many))[0]) == 200
    conversations, (error,) = both(put(tmp_path, many[:-1] + ", {]"))
    assert (len(conversations), "broken JSON after record 200" in error.what) == (200, True)
    long = json.dumps({"id": "x", "turns": TURNS * 30}, indent=1)
    assert len(one(put(tmp_path, long)).turns) == 60
    assert fault(put(tmp_path, long[:-1])).what.startswith("broken JSON: parse error")
    assert "the object is longer than 9,000 characters" in fault(put(tmp_path, json.dumps({"turns": TURNS * 150}))).what
    _, (error,) = both(put(tmp_path, json.dumps([{"turns": TURNS * 150}])))
    assert "record 1 is longer than 9,000 characters" in error.what


# Times


@pytest.mark.parametrize(
    "value",
    [
        "2026-09-01T10:15:00Z",
        "2026-09-01 10:15",
        "2026-09-01T12:15:00+02:00",
        1788257700,
        "1788257700",
        1788257700000,
    ],
)
def test_times_are_understood_and_taken_as_utc_without_a_zone(value: object) -> None:
    assert fields.time(value, "time", Place("a")) == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)


def test_times_keep_their_zone_and_can_be_compared_when_mixed(tmp_path: Path) -> None:
    times = ["2026-09-01T10:15", "2026-09-01T12:16+02:00"]
    conversation = one(put(tmp_path, line(turns=[{**t, "at": at} for t, at in zip(TURNS, times, strict=True)])))
    assert conversation.started is not None
    assert conversation.ended is not None
    assert conversation.ended - conversation.started == timedelta(minutes=1)
    assert conversation.ended.tzinfo == timezone(timedelta(hours=2))


# Tables


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_are_read_with_any_usual_delimiter(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["Conversation ID", "Sender Type", "Body", "Created At", "CSAT", "Agent Name", "Channel"],
        ["x", "Client", '"Hi, there; ""you""\n| all"', "2026-09-01T10:15:00Z", "", "", "chat"],
        ["x", "Staff", "Hello", "", "5", "Ana", ""],
        ["x", "Staff", "Ben here", "2026-09-01T10:17:00Z", "", "Ben", ""],
    ]
    conversation = one(put(tmp_path, "\r\n".join(delimiter.join(row) for row in rows)))
    assert conversation.turns[0].text == 'Hi, there; "you"\n| all'
    assert (conversation.agent, conversation.agents, conversation.channel) == ("Ana", ("Ana", "Ben"), "chat")
    assert conversation.outcome.csat == 5
    assert conversation.ended == datetime(2026, 9, 1, 10, 17, tzinfo=UTC)


def test_a_column_mapping_wins(tmp_path: Path) -> None:
    path = put(tmp_path, "Nr;Wer;Was;text\n1;user;Hallo;x\n1;agent;Guten Tag;y\n")
    conversation = one(path, hints=Hints(columns={"conversation_id": "nr", "role": "Wer", "text": "Was"}))
    assert [turn.text for turn in conversation.turns] == ["Hallo", "Guten Tag"]
    assert (
        "there is no column 'wen'" in fault(path, hints=Hints(columns={"id": "Nr", "role": "Wen", "text": "Was"})).what
    )


def test_a_mapping_of_an_unknown_name_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="no column 'colour'"):
        read([], hints=Hints(columns={"colour": "x"}))


def test_missing_columns_are_named(tmp_path: Path) -> None:
    error = fault(put(tmp_path, "\nconversation_id,text\n1,Hi\n"))
    assert (error.line, "role" in error.what, "sender" in error.fix) == (2, True, True)


def test_a_conversation_in_a_table_ends_when_the_id_changes(tmp_path: Path) -> None:
    rows = "".join(f"{id},user,Hi {n}\n{id},agent,Yes {n}\n" for n, id in enumerate("aba"))
    conversations, errors = both(put(tmp_path, "chat_id,role,text\n" + rows))
    assert [c.id for c in conversations] == ["a", "b"]
    assert [(error.line, "came before" in error.what) for error in errors] == [(6, True)]


def test_a_faulty_conversation_of_a_table_is_left_out_whole(tmp_path: Path) -> None:
    rows = "a,user,Hi\na,boss,Yes\nb,user,Hi\nb,agent,Yes\na,user,Hi\na,agent,Yes\n"
    conversations, errors = both(put(tmp_path, "chat_id,role,text\n" + rows))
    assert [c.id for c in conversations] == ["b"]
    assert [error.line for error in errors] == [3, 6]
    assert "unknown role 'boss'" in errors[0].what
    assert "was skipped" in errors[1].what


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("a,agent", "the row has 2 cells, the header 3"),
        ("a,agent,Yes, we can", "the row has 4 cells, the header 3"),
        (",agent,Yes", "no conversation id"),
        ('a,agent,"Yes" we', "broken row"),
        ("a,agent," + "x" * 100_001, "100,001 characters"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_goes_through(tmp_path: Path, row: str, what: str) -> None:
    text = f"chat_id,role,text\na,user,Hi\n\na,agent,Hello\n{row}\nb,user,Hi\nb,agent,Ok\n"
    conversations, (error,) = both(put(tmp_path, text))
    assert [c.id for c in conversations] == ["b"]
    assert (error.line, what in error.what) == (5, True), error


def test_an_open_quote_is_named_where_it_opens(tmp_path: Path) -> None:
    start = 'chat_id,role,text\na,user,Hi\na,agent,Yes\nb,user,"Hi\n'
    conversations, (error,) = both(put(tmp_path, start + "b,agent,Yes\n"))
    assert ([c.id for c in conversations], error.line, "broken row" in error.what) == (["a"], 4, True)
    conversations, (error,) = both(put(tmp_path, start + "b,agent,Yes\n" * 100_000))
    assert ([c.id for c in conversations], error.line, "a cell from here on" in error.what) == (
        ["a"],
        4,
        True,
    )


def test_a_table_is_read_row_by_row() -> None:
    class Endless(io.StringIO):
        """A table without end; reading it whole would never come back."""

        count = 0

        def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
            self.count += 1
            id, role = divmod(self.count, 2)
            return f"{id},{('agent', 'user')[role]},Hi\n" if self.count > 1 else "chat_id,role,text\n"

    items = table.read(Endless(), name="a", hints=Hints())
    assert [next(items)[0] for _ in range(3)] == [2, 4, 6]  # type: ignore[index]


def test_what_is_too_large_to_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (stream, table):
        monkeypatch.setattr(module, "CONVERSATION_LIMIT", 1000)
    assert "a line is longer" in fault(put(tmp_path, line(customer="x" * 1000))).what
    assert "the conversation is longer" in fault(put(tmp_path, TALK + "x" * 1000)).what
    rows = "a,user,Hi\n" * 20 + "b,user,Hi\nb,agent,Yes\n"
    conversations, (error,) = both(put(tmp_path, "chat_id,role,text\n" + rows))
    assert ([c.id for c in conversations], error.line, error.fix) == (["b"], 2, "split it")


def test_an_empty_table_has_no_columns() -> None:
    for text in ("", f"chat_id,role,{'x' * 1_100_000}\n"):
        with pytest.raises(InputError, match="no column"):
            list(table.read(io.StringIO(text), name="a", hints=Hints()))


# Plain text


def test_plain_text_is_read_with_its_header(tmp_path: Path) -> None:
    text = """
id: call-7
agent: Ana Ruiz
started_at: 2026-09-01T23:50:00+02:00
csat: 4
topic: lamps

[23:50] CUSTOMER: My lamp broke.
It was new.

 Note: it was a gift.
Agent (Ben Ode): Sorry.
[00:05:30] Bot: Anything else?
[2026-09-02 00:10+02:00] End-user: No.
see https://shop.example
"""
    conversation = one(put(tmp_path, text))
    assert [turn.role for turn in conversation.turns] == ["customer", "agent", "bot", "customer"]
    assert conversation.turns[0].text == "My lamp broke.\nIt was new.\n\n Note: it was a gift."
    assert (conversation.id, conversation.agents, conversation.outcome.csat) == ("call-7", ("Ben Ode",), 4)
    zone = timezone(timedelta(hours=2))
    assert conversation.turns[2].time == datetime(2026, 9, 2, 0, 5, 30, tzinfo=zone)
    assert conversation.ended == datetime(2026, 9, 2, 0, 10, tzinfo=zone)


def test_a_clock_time_without_a_day_is_no_time(tmp_path: Path) -> None:
    conversation = one(put(tmp_path, "[10:15] " + TALK, "talk.txt"))
    assert (conversation.id, conversation.started) == ("talk", None)


def test_lower_case_roles_without_a_header_are_turns(tmp_path: Path) -> None:
    assert len(one(put(tmp_path, TALK.lower())).turns) == 2


@pytest.mark.parametrize(
    ("text", "number", "what"),
    [
        (TALK + "Supervisor: I take over.\n", 3, "unknown role 'Supervisor'"),
        (TALK + "Head of desk (Eva): I take over.\n", 3, "unknown role 'Head of desk'"),
        ("Ana Ruiz: Hello\nEva: Hi\n", 1, "unknown role 'Ana Ruiz'"),
        ("Transcript\n" + TALK, 1, "'Transcript' belongs to no turn"),
        ("[25:00] " + TALK, 1, "'25:00' is no time of day"),
        ("[3 days ago] " + TALK, 1, "is not a time"),
        ("id: 7\ncsat: 9\n\n" + TALK, None, "csat is '9'"),
        (TALK + "x" * 100_001, 2, "characters"),
    ],
)
def test_plain_text_faults_name_the_line(tmp_path: Path, text: str, number: int | None, what: str) -> None:
    error = fault(put(tmp_path, text))
    assert (error.line, what in error.what) == (number, True), error


def test_plain_text_needs_a_turn_to_be_recognised() -> None:
    assert plain.recognise("x\n" + TALK)
    assert not plain.recognise("x\ny: z is lower case\n")


# Captions


def test_captions_join_a_voices_cues_and_tell_the_roles(tmp_path: Path) -> None:
    conversation = one(put(tmp_path, CAPTIONS, "call.vtt"))
    assert [(turn.role, turn.text) for turn in conversation.turns] == [
        ("agent", "Good & bright morning. How can I help?"),
        ("customer", "My lamp broke."),
        ("agent", "Oh."),
    ]
    assert [turn.speaker for turn in conversation.turns] == ["Ana Ruiz", "Eva", "Ana Ruiz"]
    assert (conversation.id, conversation.channel, conversation.agent) == ("call", "phone", "Ana Ruiz")
    assert conversation.turns[1].time == datetime(2026, 9, 1, 10, 15, 8, tzinfo=UTC)


def captions(note: str, *voices: str) -> str:
    cues = (f"00:{10 * i:02}.000 --> 00:{10 * i + 5:02}.000\n<v {v}>Words {i}\n" for i, v in enumerate(voices))
    return "\n".join(["WEBVTT\n", f"NOTE\n{note}\n" if note else "", *cues])


@pytest.mark.parametrize(
    ("note", "voices", "roles"),
    [
        ("", ["Agent", "Customer", "System"], ["agent", "customer", "system"]),
        ("", ["Operator", "Eva"], ["agent", "customer"]),
        ("agents: Ana, Ben\nchannel: video", ["ANA", "Eva", "Ben"], ["agent", "customer", "agent"]),
        ("agent: Ana\ncustomer: Eva", ["Ana", "Eva", "bot"], ["agent", "customer", "bot"]),
    ],
)
def test_captions_know_roles_by_note_or_word(tmp_path: Path, note: str, voices: list[str], roles: list[str]) -> None:
    conversation = one(put(tmp_path, captions(note, *voices)))
    assert [turn.role for turn in conversation.turns] == roles
    assert all(turn.speaker not in ("Agent", "Operator", "Customer") for turn in conversation.turns)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (captions("", "Ana", "Eva"), "role of voice 'Ana' is not known"),
        (captions("agent: Ana", "Ana", "Eva", "Ole"), "role of voice 'Eva'"),
        (captions("customer: Eva", "Ana", "Eva"), "role of voice 'Ana'"),
        (captions("agent: Ana", "Ana", " "), "the cue at 00:00:10.000 names no voice"),
        (CAPTIONS + "\n00:20.000 --> 00:21.000\nOh\n", "names no voice"),
        (CAPTIONS + "\n00:20.000 --> soon\n<v Eva>Oh\n", "a cue's times cannot be read"),
        (CAPTIONS + "\n00:20.000 -->\n<v Eva>Oh\n", "a cue's times cannot be read"),
        (CAPTIONS + "\n00:99.000 --> 00:99.500\n<v Eva>Oh\n", "a cue"),
        (CAPTIONS + "\n9999999999:00:00.000 --> 9999999999:00:01.000\n<v Eva>Oh\n", "a cue is thousands"),
        (CAPTIONS.replace("2026-09-01T10", "noon"), "started_at"),
    ],
)
def test_caption_faults_are_named(tmp_path: Path, text: str, what: str) -> None:
    error = fault(put(tmp_path, text))
    assert what in error.what
    if "role" in what:
        assert "a line NOTE, then a line agent: Ana" in error.fix


def test_a_cue_the_library_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> None:
        raise MalformedCaptionError("Invalid timestamp '99'")

    monkeypatch.setattr("coach.readers.captions.WebVTT.from_string", refuse)
    assert fault(put(tmp_path, CAPTIONS)).what == "a cue cannot be read: Invalid timestamp '99'"


# Wild input

PIECES = st.sampled_from(
    ["{", "}", "[", '"', ":", ",", ";", "\n", "\r", "\t", "|", "role", "agent", "Agent: ", "Customer: ",
     "text", '{"id": 1, "turns": [', '{"role": "agent", "text": "a"}', "]}", "NaN", "1e999", "-1", "\\ud800",
     "\x85", "\u2028", "chat_id,role,text\n", "1,user,a\n", "WEBVTT\n\n", "00:01.000 --> 00:02.000\n",
     "<v Ana>", "NOTE\nagent: Ana\n\n", "[10:15] ", "started_at: ", "2026-09-01", "csat: 9\n\n", "\ufeff",
     "é", "\0", "-->", "&#xd800;", "&#1114112;"]
)  # fmt: skip
WILD = st.one_of(
    st.binary(max_size=200),
    st.lists(PIECES, max_size=25).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass")),
    st.tuples(st.sampled_from([line(id=1), TALK, CAPTIONS, "chat_id,role,text\n1,user,a\n1,agent,b\n"]),
              st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9), PIECES), max_size=4)).map(
        lambda case: mutated(*case)
    ),
)  # fmt: skip


def mutated(text: str, changes: list[tuple[int, int, str]]) -> bytes:
    for start, length, piece in changes:
        text = text[:start] + piece + text[start + length :]
    return text.encode("utf-8", "surrogatepass")


@given(WILD, st.booleans(), st.integers(0, 60))
def test_no_input_whatever_raises(content: bytes, packed: bool, lost: int) -> None:
    if packed:
        content = gzip.compress(content, mtime=0)
        content = content[: len(content) - lost]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        for item in read(["-"]):
            if isinstance(item, Found):
                assert any(turn.role in JUDGED for turn in item.conversation.turns)
                repr(item.conversation).encode()
            else:
                assert all((item.path == "-", item.what, item.fix))
                # Anything but a fault of the packed file would be a defect of ours.
                assert packed or not item.what.startswith("the file cannot be read"), item


def test_a_table_without_rows_is_named(tmp_path: Path) -> None:
    assert "no rows" in fault(put(tmp_path, "conversation_id,role,text\n")).what


@pytest.mark.parametrize(
    ("time", "dates", "found"),
    [
        ("13/09/2026 10:15", None, "2026-09-13T10:15"),
        ("09/13/2026 10:15:30", None, "2026-09-13T10:15:30"),
        ("01/09/2026 10:15", "day-first", "2026-09-01T10:15"),
        ("01/09/2026, 1:15 PM", "month-first", "2026-01-09T13:15"),
        ("1.9.2026 08:05", None, "2026-09-01T08:05"),
        ("13/09/2026", None, "2026-09-13"),
    ],
)
def test_times_are_read_as_spreadsheets_write_them(time: str, dates: Dates | None, found: str) -> None:
    read = fields.time(time, "time", Place("a.csv", 2), dates=dates)
    assert read == datetime.fromisoformat(found).replace(tzinfo=UTC)


@pytest.mark.parametrize("time", ["45/13/2026 10:15", "31/02/2026 10:15", "13/09/2026 25:00", "13/09/26"])
def test_what_no_calendar_has_is_not_a_time(time: str) -> None:
    with pytest.raises(InputError, match="is not a time"):
        fields.time(time, "time", Place("a.csv", 2))
