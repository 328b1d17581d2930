"""Slack: a workspace's export, a folder or an archive of one, and single days of it.

    users.json            [{"id": "U1", "name": …, "is_bot": false, "profile": {"real_name": …, "display_name": …}}]
    channels.json, …      [{"id": "C1", "name": …}]; also groups.json, dms.json and mpims.json
    CHANNEL/2026-09-01.json
        [{"type": "message", "user": "U1", "text": "Hi <@U2>", "ts": "1788257700.000100", "thread_ts": …, "subtype": …}]

A thread is a conversation, whatever days it runs over; what a channel's day has outside of threads is another. Only
the user knows who of the people is an agent. Without users.json they are asked for by their ids. Other files that an
export has are not looked at.
Source: "How to read Slack data exports" in Slack's help centre; "message event" and "Formatting message text" in its
developer documentation.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import PurePath
from typing import TextIO

import ijson

from coach.conversation import Conversation, Role
from coach.errors import InputError
from coach.readers import fields
from coach.readers.fields import CONVERSATION_LIMIT, Hints, Place, Record, shown
from coach.readers.nesting import Nesting
from coach.readers.records import of_array
from coach.readers.stream import BROKEN, Files, Source, decoded, named

NAME = "Slack export"
FIELDS = {
    "role": "what you say of each person; bots by bot_id or is_bot",
    "text": "text, mentions and links in words",
    "time": "ts",
    "speaker": "user, by users.json",
    "customer": "user",
    "conversation": "thread_ts, else the channel's day",
}

PEOPLE = ("users.json", "org_users.json")
CHANNELS = ("channels.json", "groups.json", "mpims.json", "dms.json")
DAY = re.compile(r"\d{4}-\d\d-\d\d\.json")
SPOKEN = ("", "me_message", "thread_broadcast", "file_share")
"""The subtypes of what a person says; "" is none."""
DELETED = ("tombstone", "message_deleted")
SLACKBOT = "USLACKBOT"

HELD_LIMIT = 16 * CONVERSATION_LIMIT
ROW_COST = 500
"""A channel is held whole, and so are the lists: their characters, with those that each row takes besides its own."""

LOOKED_AT = 20

Placed = tuple[Conversation, Place]


@dataclass(frozen=True, slots=True)
class _Names:
    """What the export says of ids: each person's name, no two alike, the bots, and the channels' names."""

    people: dict[str, str] = field(default_factory=dict)
    bots: set[str] = field(default_factory=set)
    channels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Message:
    """A message as it was last."""

    place: Place
    ts: str
    thread: str
    time: datetime
    subtype: str
    user: str | None
    by_bot: bool
    text: str


def recognise(sample: str) -> bool:
    """Whether it begins as an array whose first object is a message of Slack's."""
    found: dict[str, object] = {}
    if not sample.lstrip().startswith("[") or Nesting().is_too_deep(sample):
        return False
    try:
        for prefix, event, value in ijson.parse(io.BytesIO(sample.encode("utf-8", "replace")), use_float=True):
            if (prefix, event) == ("item", "end_map"):
                break
            found[prefix] = value
    except (ijson.JSONError, ValueError):
        pass
    ts = found.get("item.ts")
    return found.get("item.type") == "message" and isinstance(ts, str) and bool(re.fullmatch(r"\d{9,10}\.\d{6}", ts))


def read(lines: TextIO, *, name: str, hints: Hints) -> Iterator[tuple[None, Conversation] | InputError]:
    """The conversations of a day."""
    for item in _channel(_objects(lines, Place(name)), _Names(), hints):
        yield item if isinstance(item, InputError) else (None, item[0])


def is_export(folder: Files) -> bool:
    """Whether the folder is a workspace's export, or a channel's of one, with nothing but days; and these Slack's."""
    try:
        names = folder.listed()
        if {*PEOPLE, *CHANNELS}.isdisjoint(names) and not all(map(DAY.fullmatch, names)):
            return False
        days = (day for channel in _channels(folder) for day in _days(folder, channel))
        return any(_is_day(folder, day) for day in islice(days, LOOKED_AT))
    except (OSError, ValueError):
        return False


def _channels(folder: Files) -> list[str]:
    """The folders that may have days; "" is the folder itself."""
    return ["", *(name for name in folder.listed() if name.endswith("/"))]


def _days(folder: Files, channel: str) -> Iterator[str]:
    return (channel + name for name in folder.listed(channel) if DAY.fullmatch(name))


def _is_day(folder: Files, name: str) -> bool:
    try:
        with closing(folder.open(name)) as binary:
            return recognise(decoded(Source(binary, Place(name)))[0])
    except (InputError, OSError, ValueError, *BROKEN):
        return False


def read_export(folder: Files, hints: Hints) -> Iterator[Placed | InputError]:
    """Every conversation of an export and where it begins, a channel at a time."""
    names, faults = _names(folder)
    yield from faults
    for channel in _channels(folder):
        rows = (row for day in _days(folder, channel) for row in _rows(folder, day))
        yield from named(_channel(rows, names, hints), Place(f"{folder.path}/{channel}".rstrip("/")))


Row = tuple[Place, Record]


def _rows(folder: Files, name: str) -> Iterator[Row | InputError]:
    """The objects of a file of the export."""
    place = Place(f"{folder.path}/{name}")

    def rows() -> Iterator[Row | InputError]:
        with closing(folder.open(name)) as binary:
            yield from _objects(decoded(Source(binary, place))[1], place)

    return named(rows(), place)


def _objects(lines: TextIO, place: Place) -> Iterator[Row | InputError]:
    for found in of_array(lines, place):
        if isinstance(found, InputError) or isinstance(found[1], dict):
            yield found
        else:
            yield found[0].error(f"it is {shown(found[1])}, not an object", fix="export it again")


def _names(folder: Files) -> tuple[_Names, list[InputError]]:
    """What the export's lists say of ids, and the lists' faults."""
    names, faults = _Names(), []
    listed = folder.listed()
    for name in (name for name in (*PEOPLE, *CHANNELS) if name in listed):
        held = 0
        for row in _rows(folder, name):
            try:
                held += _take(row, names, name in PEOPLE)
            except InputError as error:
                faults.append(error)
            if held > HELD_LIMIT:
                faults.append(Place(f"{folder.path}/{name}").error("it is too long", fix="take it out, or mend it"))
                break
    often = Counter(names.people.values())
    names.people.update({known: f"{name} ({known})" for known, name in names.people.items() if often[name] > 1})
    return names, faults


def _take(row: Row | InputError, names: _Names, is_person: bool) -> int:
    """Notes what a row says of an id; how much there is to hold."""
    if isinstance(row, InputError):
        raise row
    place, record = row
    known = fields.label(record.get("id"), "id", place)
    if known is None:
        return 0
    if is_person:
        name = names.people[known] = _name(record, place) or known
        names.bots.update({known} if record.get("is_bot") is True else ())
    else:
        name = names.channels[known] = fields.label(record.get("name"), "name", place) or known
    return ROW_COST + len(known) + len(name)


def _name(user: Record, place: Place) -> str | None:
    profile = fields.nested(user, "profile", place)
    given = (profile.get("real_name"), user.get("real_name"), profile.get("display_name"), user.get("name"))
    labels = (fields.label(name, "name", place) for name in given)
    return next((_plain(name, _Names()) for name in labels if name), None)


def _channel(rows: Iterable[Row | InputError], names: _Names, hints: Hints) -> Iterator[Placed | InputError]:
    """The conversations of a channel's rows; one with a row that cannot be read is left out."""
    messages: dict[str, _Message] = {}
    spoilt = set()
    held = 0
    for row in rows:
        if isinstance(row, InputError):
            yield row
            continue
        try:
            message = _message(*row)
        except InputError as error:
            yield error
            spoilt.add(_key(row[1].get("thread_ts"), row[0]))
            continue
        if before := messages.get(message.ts):
            message = replace(message, place=before.place, thread=message.thread or before.thread)
        messages[message.ts] = message
        held += ROW_COST + sum(
            map(len, (message.text, message.ts, message.thread, message.user or "", message.subtype))
        )
        if held > HELD_LIMIT:
            yield message.place.error("the channel has too much to be held", fix="export fewer of its days at a time")
            return
    threads = {message.thread for message in messages.values() if message.thread not in ("", message.ts)}
    groups: dict[str, list[_Message]] = {}
    for message in sorted(messages.values(), key=lambda message: message.time):
        thread = next((one for one in (message.thread, message.ts) if one in threads), None)
        groups.setdefault(_key(thread, message.place), []).append(message)
    for key, group in groups.items():
        if key not in spoilt:
            place = Place(group[0].place.path)
            try:
                yield _conversation(key, group, names, place, hints), place
            except InputError as error:
                yield error


def _key(thread: object, place: Place) -> str:
    """The conversation's id: the channel with the thread, else with the day."""
    channel = PurePath(place.path).parent.name.removesuffix(".zip")
    part = thread if isinstance(thread, str) and thread else place.stem
    return f"{channel}-{part}" if channel else part


def _message(place: Place, record: Record) -> _Message:
    """What a row says, or the message that the change or deletion it tells of leaves."""
    subtype = fields.text(record, "subtype", place)
    if subtype in ("message_changed", "message_deleted"):
        before = fields.nested(record, "previous_message", place) or fields.nested(record, "original", place)
        ts = record.get("deleted_ts") or before.get("ts") or record.get("ts")
        if subtype == "message_deleted":
            record = {**before, "ts": ts, "subtype": subtype}
        else:
            record = fields.nested(record, "message", place) or {**record, "ts": ts, "subtype": None}
        subtype = fields.text(record, "subtype", place)
    text = fields.text(record, "text", place)
    time = fields.time(record.get("ts"), "ts", place)
    if time is None:
        raise place.error("the message has no ts", fix="export it again")
    if not text.strip() and any(record.get(name) for name in ("files", "file", "attachments")):
        text = "[attachment]"
    return _Message(
        place=place,
        ts=fields.text(record, "ts", place),
        thread=fields.text(record, "thread_ts", place),
        time=time,
        subtype=subtype,
        user=fields.label(record.get("user"), "user", place),
        by_bot=subtype == "bot_message" or bool(record.get("bot_id")),
        text="[deleted]" if subtype in DELETED else text,
    )


def _conversation(key: str, group: list[_Message], names: _Names, place: Place, hints: Hints) -> Conversation:
    turns = []
    for message in group:
        role, name = _speaker(message, names, hints)
        text = _plain(message.text, names)
        turns.append(fields.turn(role, text, at=message.time, speaker=name, place=message.place))
    said = zip(group, turns, strict=True)
    customer = next((message.user for message, turn in said if turn.role == "customer"), None)
    meta = {"channel": "messaging", "agent": fields.first_speaker(turns, "agent"), "customer": customer}
    return fields.conversation(meta, turns, outcomes={}, default_id=key, place=place)


def _speaker(message: _Message, names: _Names, hints: Hints) -> tuple[Role, str | None]:
    user = message.user
    if message.subtype not in (*SPOKEN, "bot_message"):
        return "system", None
    if message.by_bot or user == SLACKBOT or user in names.bots:
        return "bot", None
    if user is None:
        raise message.place.error("the message does not say whose it is", fix="export it again")
    name = names.people.get(user, user)
    return fields.speaker_role(name, message.place, hints), name


_MARKED = re.compile(r"<([^<>\n]+)>|&(amp|lt|gt);")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">"}


def _plain(text: str, names: _Names) -> str:
    """The text that its readers see: mentions by name, links by their words, signs as themselves."""

    def shown_as(match: re.Match[str]) -> str:
        if match[2]:
            return _SIGNS[match[2]]
        what, _, label = match[1].partition("|")
        kind, known = what[:1], what[1:]
        if kind == "@":
            return "@" + (names.people.get(known) or _plain(label, names) or known)
        if kind == "#":
            return "#" + (_plain(label, names) or names.channels.get(known) or known)
        if kind == "!":
            return _plain(label, names) or "@" + (known.partition("^")[2] or known)
        return _plain(label or what, names)

    return _MARKED.sub(shown_as, text)
