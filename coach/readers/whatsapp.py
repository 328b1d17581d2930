"""WhatsApp: a chat as the app exports it, one conversation a file.

    31/10/19, 16:16 - Eva Lind: My lamp broke.               (Android)
    [1/15/24, 10:30:45 AM] Eva Lind: My lamp broke.          (iPhone)

A line without a time continues the message before; one without a name is the app's own. An iPhone marks what the app
wrote in a person's name with U+200E. Names are all the file has: who is the agent says the user. Times are those of
the phone, taken as UTC.

Source: "How to export your chat history" in WhatsApp's help; the forms of other phones and languages from the tests
of Pustur/whatsapp-chat-parser and from AyazKhuraishi/whatsapp-export-inconsistencies on GitHub.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as clock_time
from hashlib import blake2b
from typing import TextIO

from coach.conversation import JUDGED, Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields
from coach.readers.fields import Hints, Place
from coach.readers.stream import whole

NAME = "WhatsApp"
FIELDS = {
    "role": "the roles file, for the name; system for lines without one and the app's notices",
    "text": "what follows the name, and lines without a time",
    "time": "the date and time; --dates says whether the day or the month comes first, where the file cannot",
    "speaker": "the name",
}

_MARKS = "".join(map(chr, (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)))
_STAMP = re.compile(
    r"""(?P<bracket>\[)?
    (?P<date>\d{4}(?P<a>[-/.])\s?\d\d?(?P=a)\s?\d\d? | \d\d?(?P<b>[-/.])\s?\d\d?(?P=b)\s?(?:\d{4}|\d\d))\.?
    ,?\s (?:(?:at|klo|kl\.|um)\s)?
    (?P<hour>\d\d?)[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))? (?:\s?(?P<half>[ap])\.?\s?m\.?)?
    (?(bracket)\]|\s-)(?:\s|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_NAMED = re.compile(r"(.{1,100}?):(?:\s|$)")
_PLAIN_TEXT = re.compile(r"\[\d{4}-\d\d-\d\d ")
_OWN_FILE_NAME = re.compile(r"_chat|.*whatsapp", re.IGNORECASE)
_EDITED = "<This message was edited>"
_DELETED = re.compile(r"(?:You deleted this message|This message was deleted)(?: by admin [^\n]*)?\.?")
_NOTICE = re.compile(
    r"Messages (?:and calls are|to this (?:chat|group)|you send to this)\b.*\bend-to-end encrypt.*"
    r"|Waiting for this message\. This may take a while\..*|(?:Missed|Silenced) (?:group )?(?:voice|video) call[.,]?",
    re.DOTALL,
)
_BY_A_PERSON = re.compile(r"POLL:|Location:|Live location", re.IGNORECASE)
_OMITTED = r"(?:image|video|video note|audio|sticker|GIF|document|Contact card) omitted"
_ATTACHMENT = re.compile(
    rf"(?:^[^\n•]*• \u200e?\d+ pages? )?(?:\u200e?<attached: [^>\n]{{1,300}}>|\u200e{_OMITTED})|^{_OMITTED}$"
    r"|<[\w ]{1,40} omitted>|^\u200e?([^\n]+?)(?:\.\w{0,5})? \(file attached\)(?:\n\1)?$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class _Message:
    """What stands from one time to the next; `name` None for the app's own lines."""

    stamp: re.Match[str]
    name: str | None
    place: Place
    lines: list[str]


def recognise(sample: str) -> bool:
    """Whether the first line begins with a time as the app writes it, and is not plain text's [2026-09-01 10:15:00]."""
    first = next((line for line in re.split(r"[\r\n]", sample) if line.strip(_MARKS + " \t")), "")
    message = next(iter(_messages([first], Place(""))), None)
    word = (message.name or "").partition("(")[0] if message else ""
    return message is not None and not (_PLAIN_TEXT.match(first) and fields.role_of(word))


def read(lines: TextIO, *, name: str, hints: Hints) -> Iterator[tuple[int | None, Conversation] | InputError]:
    """The file's one conversation, or what is wrong with it."""
    place = Place(name)
    messages = _messages(whole(lines, place), place)
    # Roles before dates: 'coach roles' lists the names of a file whose dates are still to be settled.
    said = [_said(message, hints) for message in messages]
    times = _times(messages, place, hints)
    turns = [
        fields.turn(role, text, at=at, speaker=message.name if role in JUDGED else None, place=message.place)
        for message, (role, text), at in zip(messages, said, times, strict=True)
    ]
    meta: dict[str, object] = {role: fields.first_speaker(turns, role) for role in JUDGED}
    meta["channel"] = "messaging"
    yield None, fields.conversation(meta, turns, outcomes={}, default_id=_id(messages, turns, place), place=place)


def _messages(lines: Sequence[str], place: Place) -> list[_Message]:
    messages: list[_Message] = []
    for number, line in enumerate(lines, 1):
        bare = line.lstrip(_MARKS)
        stamp = _STAMP.match(bare)
        if stamp and (not messages or _form(stamp) == _form(messages[0].stamp)):
            rest = bare[stamp.end() :]
            named = _NAMED.match(rest)
            name = _name(named[1]) if named else ""
            text = rest[named.end() :] if named and name else rest
            messages.append(_Message(stamp, name or None, Place(place.path, number), [text]))
        elif messages:
            messages[-1].lines.append(line)
    return messages


def _form(stamp: re.Match[str]) -> str:
    """What all times of a file have in common; a time of another form was pasted into a message."""
    return re.sub(r"\d+", "0", stamp[0].lower()).replace("p", "a").strip()


def _name(before: str) -> str:
    """The name before a colon; empty where the colon stands within quotes, as in: Ana changed the subject to "a: b"."""
    quoted = before.count('"') % 2 or before.count("“") != before.count("”")
    return "" if quoted else before.strip(_MARKS + " ~\u00a0\u202f")


def _said(message: _Message, hints: Hints) -> tuple[Role, str]:
    text = "\n".join(message.lines).strip()
    if text.endswith(_EDITED):
        text = text.removesuffix(_EDITED).rstrip(" \n\u200e")
    bare = text.strip(_MARKS + " \n")
    if _DELETED.fullmatch(bare):
        return "system", "[deleted]"
    words, attached = _ATTACHMENT.subn("", text)
    notice = text.startswith("\u200e") and not attached and not _BY_A_PERSON.match(bare)
    if message.name is None or notice or _NOTICE.fullmatch(bare):
        return "system", text
    role = hints.roles.get(message.name) or fields.role_of(message.name)
    role = role or fields.speaker_role(message.name, message.place, hints)
    return role, (words.strip(_MARKS + " \n") or "[attachment]") if attached else text


def _times(messages: Sequence[_Message], place: Place, hints: Hints) -> list[datetime | None]:
    days: dict[str, list[date]] = {"day-first": [], "month-first": []}
    for message in messages:
        for order in tuple(days):
            try:
                days[order].append(_day(message.stamp["date"], order))
            except ValueError:
                del days[order]
        if not days:
            what = f"{fields.shown(message.stamp['date'])} is no date, or not written as those before it"
            raise message.place.error(what, fix="mend it, or indent the line if it belongs to the message before")
    settled = _settled(days, place, hints)
    return [_time(message, day) for message, day in zip(messages, settled, strict=True)]


def _day(written: str, order: str) -> date:
    first, second, third = map(int, re.findall(r"\d+", written))
    if first > 999:
        return date(first, second, third)
    day, month = (first, second) if order == "day-first" else (second, first)
    return date(third if third > 99 else 2000 + third, month, day)


def _settled(days: Mapping[str, list[date]], place: Place, hints: Hints) -> list[date]:
    """The days in the one order that they fit, or in which they do not run backwards, or that the user says."""
    forward = [dates for dates in days.values() if dates == sorted(dates)]
    if len(days) == 1 or len(set(map(tuple, days.values()))) == 1:
        return next(iter(days.values()))
    if len(forward) == 1:
        return forward[0]
    if hints.dates:
        return days[hints.dates]
    raise place.error(
        "its dates do not show whether the day or the month comes first",
        fix="say --dates day-first or --dates month-first",
    )


def _time(message: _Message, day: date) -> datetime | None:
    stamp = message.stamp
    hour, half = int(stamp["hour"]), (stamp["half"] or "").lower()
    try:
        if half and not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + 12 * (half == "p") if half else hour
        moment = datetime.combine(day, clock_time(hour, int(stamp["minute"]), int(stamp["second"] or 0)), UTC)
    except ValueError:
        raise message.place.error(
            f"{fields.shown(stamp[0].strip())} is no time of day",
            fix="mend it, or indent the line if it belongs to the message before",
        ) from None
    return fields.time(moment.isoformat(), "time", message.place)


def _id(messages: Sequence[_Message], turns: Sequence[Turn], place: Place) -> str:
    """The file's name. Where the app gave it, it is the customer's or the same for all: then a mark of the start."""
    if not _OWN_FILE_NAME.match(place.stem):
        return place.stem
    names = sorted({turn.speaker for turn in turns if turn.speaker})
    start = "\n".join([messages[0].stamp[0], *messages[0].lines, *names])
    return f"whatsapp-{blake2b(start.encode('utf-8', 'surrogatepass'), digest_size=5).hexdigest()}"
