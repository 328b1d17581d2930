"""Slack's export: what is made a conversation, who says what, and that nothing but faults comes of broken ones."""

import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import Conversation, Role
from coach.errors import InputError
from coach.readers import Found, Hints, read, slack, sources
from coach.readers.roles import unknown_speakers

EXPORT = Path(__file__).parent / "exports" / "slack"
ROLES: Mapping[str, Role] = {
    "Ana Ruiz": "agent", "Bo Chen": "agent", "Eva Lind": "customer",
    "Sam Poole (U0SAM1)": "customer", "Sam Poole (U0SAM2)": "customer",
}  # fmt: skip
BY_ID: Mapping[str, Role] = {"U0ANA": "agent", "U0BO": "agent", "U0EVA": "customer", "U0SAM1": "customer"}
THREAD = "1788257700.000100"
FILES = {path.relative_to(EXPORT).as_posix(): json.loads(path.read_text()) for path in EXPORT.rglob("*.json")}


@dataclass
class Memory:
    """An export that is on no disk."""

    files: Mapping[str, Any] = field(repr=False)
    path: str = "export"

    def listed(self, folder: str = "") -> list[str]:
        inside = [name.removeprefix(folder).partition("/") for name in self.files if name.startswith(folder)]
        return sorted({first + slash for first, slash, _ in inside})

    def open(self, name: str) -> io.BytesIO:
        found = self.files[name]
        return io.BytesIO(found if isinstance(found, bytes) else json.dumps(found).encode())


def both(
    files: Mapping[str, Any], roles: Mapping[str, Role] = ROLES
) -> tuple[dict[str, Conversation], list[InputError]]:
    """The conversations by id, and the faults."""
    items = list(slack.read_export(Memory(files), Hints(roles=roles)))
    found = [item[0] for item in items if not isinstance(item, InputError)]
    return {one.id: one for one in found}, [item for item in items if isinstance(item, InputError)]


def said(text: str, user: str | None = "U0EVA", ts: float = 1788257700, **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": f"{ts:.6f}", **more}


def day(*rows: Any, roles: Mapping[str, Role] = BY_ID) -> Conversation:
    """What a single day holds, which must be one conversation."""
    ((_, conversation),) = slack.read(
        io.StringIO(json.dumps(rows)), name="support/2026-09-01.json", hints=Hints(roles=roles)
    )  # type: ignore[misc]
    assert isinstance(conversation, Conversation)
    return conversation


def fault(*rows: Any) -> InputError:
    (error,) = slack.read(io.StringIO(json.dumps(rows)), name="support/2026-09-01.json", hints=Hints(roles=BY_ID))
    assert isinstance(error, InputError)
    assert (error.path, bool(error.fix)) == ("support/2026-09-01.json", True)
    return error


def turns(conversation: Conversation) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in conversation.turns]


def test_an_export_is_read_as_one_thing() -> None:
    items = list(read([EXPORT], hints=Hints(roles=ROLES)))
    assert [(one.conversation.id, one.path.removeprefix(f"{EXPORT}/")) for one in items if isinstance(one, Found)] == [
        ("D0DIRECT1-2026-09-01", "D0DIRECT1/2026-09-01.json"),
        ("billing-2026-09-01", "billing/2026-09-01.json"),
        ("support-2026-09-01", "support/2026-09-01.json"),
        (f"support-{THREAD}", "support/2026-09-01.json"),
    ]
    assert len(items) == 4


def test_a_thread_runs_over_days() -> None:
    found, errors = both(FILES)
    thread = found[f"support-{THREAD}"]
    assert not errors
    assert turns(thread) == [
        ("customer", "My lamp is dead & I am upset, @Ana Ruiz. See the order in #billing."),
        ("bot", "We got it. 1 September"),
        ("agent", "I am sorry, that is no fun. Is the bulb warm?"),
        ("customer", "It is stone cold."),
        ("agent", "Then I will send you a new one."),
    ]
    assert (thread.agent, thread.agents, thread.customer) == ("Ana Ruiz", ("Ana Ruiz", "Bo Chen"), "U0EVA")
    assert (thread.channel, thread.started) == ("messaging", datetime(2026, 9, 1, 10, 15, 0, 100, UTC))
    assert thread.ended == datetime(2026, 9, 2, 10, 5, 0, 200, UTC)


def test_what_is_outside_of_threads_is_the_channels_day() -> None:
    assert turns(both(FILES)[0]["support-2026-09-01"]) == [
        ("system", "@Eva Lind has joined the channel"),
        ("customer", "Is anyone there? @here"),
        ("agent", "Yes, how can I help?\n• tell me <all>"),
        ("system", "[deleted]"),
        ("customer", "[attachment]"),
    ]


def test_people_of_one_name_are_told_apart() -> None:
    found = both(FILES)[0]
    for id, customer in (("billing-2026-09-01", "U0SAM2"), ("D0DIRECT1-2026-09-01", "U0SAM1")):
        assert found[id].customer == customer
        assert f"Sam Poole ({customer})" in {turn.speaker for turn in found[id].turns}


def test_roles_are_asked_by_name() -> None:
    assert set(unknown_speakers([EXPORT])) == set(ROLES)
    items = list(read([EXPORT], hints=Hints(roles={"Ana Ruiz": "agent"})))
    assert all(isinstance(item, InputError) and "whether" in item.what for item in items)
    assert str(items[-1]).startswith(f"{EXPORT}/support/2026-09-01.json: record 2: the file does not say whether 'Eva")


@pytest.mark.parametrize("inside", ["", "Lamps Slack export/", "x/y/"])
def test_an_archive_of_it_is_the_same(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        if inside:
            archive.writestr("z/call.txt", "Customer: Hi\nAgent: Hello\n")
        for name, content in FILES.items():
            archive.writestr(inside + name, json.dumps(content))
    items = list(read([path], hints=Hints(roles=ROLES)))
    if inside:
        call = items.pop(0)
        assert isinstance(call, Found)
        assert call.conversation.id == "call"
    unzipped = list(read([EXPORT], hints=Hints(roles=ROLES)))
    assert [one.conversation for one in items] == [one.conversation for one in unzipped]  # type: ignore[union-attr]
    assert [one.path for one in items] == [
        one.path.replace(str(EXPORT), f"{path}/{inside}".rstrip("/")) for one in unzipped
    ]


def test_an_export_is_found_in_a_folder_and_other_files_beside_it_are_read(tmp_path: Path) -> None:
    shutil.copytree(EXPORT, tmp_path / "b" / "slack")
    (tmp_path / "b" / "call.txt").write_text("Customer: Hi\nAgent: Hello\n")
    assert list(sources([tmp_path], slack.is_export)) == [str(tmp_path / "b" / name) for name in ("call.txt", "slack")]
    assert len(list(read([tmp_path], hints=Hints(roles=ROLES)))) == 5


def test_a_channels_folder_or_day_alone_is_read_by_ids() -> None:
    (conversation,) = [one for one in read([EXPORT / "support"], hints=Hints(roles=BY_ID)) if THREAD in str(one)]
    assert isinstance(conversation, Found)
    assert len(conversation.conversation.turns) == 5
    assert conversation.conversation.agents == ("U0ANA", "U0BO")
    (found, _) = read([EXPORT / "support" / "2026-09-01.json"], hints=Hints(roles=BY_ID))
    assert isinstance(found, Found)
    assert turns(found.conversation)[0] == ("system", "@U0EVA has joined the channel")
    assert found.conversation.id == "support-2026-09-01"


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"users.json": [], "channels.json": []},
        {"users.json": [], "support/notes.json": [said("Hi")]},
        {"2026-09-01.json": [said("Hi")], "other.json": []},
        {"2026-09-01.json": [{"type": "message", "ts": 1788257700}]},
        {"users.json": [], "support/2026-09-01.json": {"item": said("Hi")}},
        {"users.json": [], "support/2026-09-01.json": b"\0"},
        {"users.json": [], "support/2026-09-01.json": b""},
    ],
)
def test_other_folders_are_none(files: Mapping[str, Any]) -> None:
    assert not slack.is_export(Memory(files))


def test_a_day_is_recognised_by_its_first_message() -> None:
    assert slack.recognise(json.dumps(FILES["support/2026-09-01.json"])[:700])
    assert slack.recognise(" \n[" + json.dumps(said("Hi")) + ", {]")
    for other in (
        "[]",
        "[1]",
        "",
        "[{",
        '{"type": "message", "ts": "1788257700.000100"}',
        json.dumps([{"type": "message", "ts": "1"}]),
    ):
        assert not slack.recognise(other)


@pytest.mark.parametrize(
    ("row", "turn"),
    [
        (said("x", subtype="me_message"), ("customer", "x")),
        (said("x", subtype="thread_broadcast"), ("customer", "x")),
        (said("x", subtype="file_share", files=[{"id": "F1"}]), ("customer", "x")),
        (said(" ", files=[{"id": "F1"}]), ("customer", "[attachment]")),
        (said("", attachments=[{"fallback": "x"}]), ("customer", "[attachment]")),
        (said("x", user=None, subtype="bot_message", username="Helper"), ("bot", "x")),
        (said("x", user="U0ANA", bot_id="B1"), ("bot", "x")),
        (said("x", user="USLACKBOT"), ("bot", "x")),
        (said("x", subtype="channel_topic", bot_id="B1"), ("system", "x")),
        (said("x", user=None, subtype="huddle_thread"), ("system", "x")),
        (said("x", subtype="tombstone"), ("system", "[deleted]")),
        (said("x", subtype="message_changed", original=said("y")), ("customer", "x")),
        (said("", subtype="message_deleted", deleted_ts="1788257800.000100"), ("system", "[deleted]")),
    ],
)
def test_subtypes_tell_what_a_message_is(row: dict[str, Any], turn: tuple[str, str]) -> None:
    assert turns(day(said("Hi", ts=1788257600), row)) == [("customer", "Hi"), turn]


def test_bots_by_the_list_of_people_are_bots() -> None:
    assert turns(both(FILES)[0]["billing-2026-09-01"])[-1] == ("bot", "Refund started.")
    files = {"users.json": FILES["users.json"], "a/2026-09-01.json": [said("Hi", user="U0HELP")]}
    assert turns(both(files)[0]["a-2026-09-01"]) == [("bot", "Hi")]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<@U0ANA> <@U0GONE> <@U0GONE|gone> <@U0ANA|x>", "@Ana Ruiz @U0GONE @gone @Ana Ruiz"),
        ("<#C0BILLING> <#C0BILLING|> <#C9|old> <#C9>", "#billing #billing #old #C9"),
        ("<!here> <!channel|@channel> <!subteam^S1|@team> <!subteam^S1>", "@here @channel @team @S1"),
        ("<!date^1392734382^{date}|today>", "today"),
        ("<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"),
        ("<https://x.example|a &lt;b&gt;> <mailto:a@x.example|a@x.example>", "a <b> a@x.example"),
        ("&amp;lt; &lt;@U0ANA&gt; &quot; a > b < c", "&lt; <@U0ANA> &quot; a > b < c"),
        ("  *bold* :smile:\n> quote\t", "  *bold* :smile:\n> quote\t"),
        ("<> <|> <@> <@|> <!> <#|x>", "<>  @ @ @ #x"),
    ],
)
def test_marked_text_is_read_as_it_is_shown(text: str, plain: str) -> None:
    files = {**FILES, "a/2026-09-01.json": [said(text)]}
    assert both(files)[0]["a-2026-09-01"].turns[0].text == plain


def test_names_are_real_names_else_what_there_is() -> None:
    given = [
        {"id": "U1", "name": "n", "real_name": "Real", "profile": {"real_name": "R&amp;D", "display_name": "d"}},
        {"id": "U2", "name": "n", "real_name": "Real", "profile": {"real_name": "", "display_name": "d"}},
        {"id": "U3", "name": "n", "profile": {"display_name": "d"}},
        {"id": "U4", "name": "n"},
        {"id": "U5"},
        {"name": "nobody"},
    ]
    rows = [said("x", user=f"U{n}", ts=1788257700 + n) for n in range(1, 6)]
    roles: dict[str, Role] = dict.fromkeys(("R&D", "Real", "d", "n", "U5"), "agent")
    for people in ("users.json", "org_users.json"):
        found, errors = both({people: given, "a/2026-09-01.json": rows}, roles)
        assert (found["a-2026-09-01"].agents, errors) == (("R&D", "Real", "d", "n", "U5"), [])


def test_the_last_of_a_message_stands_where_the_first_was() -> None:
    first = said("one", ts=1788257700)
    days = {
        "a/2026-09-01.json": [said("Hi", ts=1788257690), first, said("no", user="U0ANA", ts=1788257705)],
        "a/2026-09-02.json": [
            {"subtype": "message_changed", "ts": "1788344000.000000", "message": said("two", ts=1788257700)},
            {"subtype": "message_deleted", "ts": "1788344001.000000", "deleted_ts": "1788257705.000000"},
        ],
    }
    found, errors = both({**FILES, **days})
    assert not errors
    assert turns(found["a-2026-09-01"]) == [("customer", "Hi"), ("customer", "two"), ("system", "[deleted]")]
    assert "a-2026-09-02" not in found


def test_messages_are_ordered_by_time_and_a_thread_is_known_by_its_answers() -> None:
    parent = said("one", ts=1788257700)
    answer = said("two", user="U0ANA", ts=1788257800, thread_ts=parent["ts"])
    alone = said("three", ts=1788257900, thread_ts="1788257900.000000", reply_count=3)
    files = {"a/2026-09-01.json": [alone, answer, parent]}
    found, _ = both(files, BY_ID)
    assert {id: turns(one) for id, one in found.items()} == {
        "a-1788257700.000000": [("customer", "one"), ("agent", "two")],
        "a-2026-09-01": [("customer", "three")],
    }


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (said("x", ts=9e17), "record 1: ts '90000000"),
        ({**said("x"), "ts": None}, "record 1: the message has no ts"),
        ({**said("x"), "ts": [1]}, "record 1: ts a list is not a time"),
        (said("x", user=None), "record 1: the message does not say whose it is"),
        (said("x", user={"id": 1}), "record 1: user is a dict"),
        (said("x", user="U0NEW"), "record 1: the file does not say whether 'U0NEW'"),
        (said("x" * 100_001), "record 1: a message has 100,001 characters"),
        ({**said("x"), "text": ["x"]}, "record 1: text is a list"),
        (said("x", subtype=["a"]), "record 1: subtype is a list"),
        (said("x", thread_ts=[1]), "record 1: thread_ts is a list"),
        (said("x", subtype="message_changed", message="x"), "record 1: message is 'x', not an object"),
        ("x", "record 1: it is 'x', not an object"),
    ],
)  # fmt: skip
def test_faults_name_the_record(row: Any, what: str) -> None:
    assert what in fault(row).what


def test_a_faulty_row_leaves_its_conversation_out_and_no_other() -> None:
    files = deepcopy(FILES)
    files["support/2026-09-02.json"][2]["text"] = 1.5, 2
    found, (error,) = both(files)
    assert set(found) == {"D0DIRECT1-2026-09-01", "billing-2026-09-01", "support-2026-09-01"}
    assert str(error).startswith("export/support/2026-09-02.json: record 3: text is a list")


def test_broken_files_of_an_export_are_named_and_the_others_read(tmp_path: Path) -> None:
    files = {
        **FILES,
        "users.json": b"[{",
        "channels.json": [7, {"id": []}],
        "billing/2026-09-01.json": b'[{"a": 1}, {]',
    }
    found, errors = both(files, BY_ID)
    assert {"support-2026-09-01", "D0DIRECT1-2026-09-01"} <= set(found)
    assert {error.path.removeprefix("export/") for error in errors} == {
        "users.json",
        "channels.json",
        "billing/2026-09-01.json",
    }
    shutil.copytree(EXPORT, tmp_path / "e")
    (tmp_path / "e" / "support" / "2026-09-02.json").unlink()
    (tmp_path / "e" / "support" / "2026-09-02.json").symlink_to(tmp_path / "nowhere")
    errors = [one for one in read([tmp_path], hints=Hints(roles=ROLES)) if isinstance(one, InputError)]
    assert [error.what for error in errors][:1] == ["there is no such file"]


def test_a_channel_that_is_too_large_to_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack, "HELD_LIMIT", 4_000)
    found, (error,) = both(FILES)
    assert set(found) == {"D0DIRECT1-2026-09-01", "billing-2026-09-01"}
    assert (error.path, "too much to be held" in error.what) == ("export/support/2026-09-01.json", True)


def test_lists_that_are_too_large_to_hold_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack, "HELD_LIMIT", 2_000)
    _, (error,) = both({"users.json": FILES["users.json"], "a/2026-09-01.json": [said("x", user="U0ANA")]})
    assert (error.path, error.what) == ("export/users.json", "it is too long")


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**300, 10**301), st.floats(), st.text(max_size=8),
    st.sampled_from(["\ud800", "\0", "1788257700.000100", "message_changed", "message_deleted", "bot_message", "<@U0ANA|", "9" * 400]),
    st.lists(st.integers(), max_size=2), st.just({}), st.just({"ts": None}), st.just([{"id": 1}, None]),
)  # fmt: skip


def mutated(value: Any, path: list[int], new: Any, *, delete: bool) -> Any:
    """The value with what is on the way of `path`, taken modulo, replaced or deleted."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not path or not keys:
        return new
    key = keys[path[0] % len(keys)]
    if len(path) == 1 and delete:
        del value[key]
    else:
        value[key] = mutated(value[key], path[1:], new, delete=delete)
    return value


CHANGES = st.lists(st.tuples(st.lists(st.integers(0, 40), min_size=1, max_size=5), VALUES, st.booleans()), max_size=5)


@given(CHANGES)
def test_nothing_but_conversations_and_faults_comes_out(changes: list[tuple[list[int], Any, bool]]) -> None:
    files = deepcopy(FILES)
    for path, new, delete in changes:
        files = mutated(files, path, deepcopy(new), delete=delete)
    slack.is_export(Memory(files))
    for item in slack.read_export(Memory(files), Hints(roles=ROLES)):
        assert isinstance(item, InputError) or isinstance(item[0], Conversation)
        str(item).encode()
    for item in slack.read(
        io.StringIO(json.dumps(files.get("support/2026-09-01.json"))), name="-", hints=Hints(roles=BY_ID)
    ):
        assert isinstance(item, InputError) or isinstance(item[1], Conversation)
