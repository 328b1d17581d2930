"""Plain text: one conversation a file.

    agent: Ana Ruiz
    channel: chat
    started_at: 2026-09-01T10:15:00Z

    [10:15] Customer: Hello?
    Agent (Ana Ruiz): Good morning.
    How can I help?

The header (lower-case keys, then a blank line), the times and the speakers in brackets may be left out.
A line without a role continues the turn before it. So does an indented one, whatever it begins with.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import TextIO

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields
from coach.readers.fields import Hints, Place
from coach.readers.stream import whole

NAME = "Plain text"
FIELDS = {
    "role": "the word before the colon",
    "text": "the rest of the line, and lines without a role",
    "time": "[10:15] before the role",
    "speaker": "(Ana Ruiz) after the role",
    "others": "a header of 'key: value' lines",
}

_PREFIX = re.compile(
    r"(?:\[(?P<stamp>\d[^\]\n]{0,40})\][ \t]*)?"
    r"(?P<word>[^\W\d_][\w' .-]{0,39}?)[ \t]*(?:\((?P<speaker>[^)\n]{1,80})\))?[ \t]*:"
    r"(?:[ \t]+|$)(?P<text>.*)"
)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")


def recognise(sample: str) -> bool:
    """Whether the first line of the talk, or any line with a known role, looks like a turn."""
    _, body = _split(sample.splitlines())
    prefixes = [_PREFIX.match(line) for _, line in body if line.strip()]
    known = (match for match in prefixes if match and fields.role_of(match["word"]))
    return bool(prefixes and prefixes[0]) or any(known)


def read(lines: TextIO, *, name: str, hints: Hints) -> Iterator[tuple[int | None, Conversation] | InputError]:
    """The file's one conversation, or what is wrong with it."""
    place = Place(name)
    meta, body = _split(whole(lines, place))
    started = fields.time(meta.get("started_at") or meta.get("started"), "started_at", place)
    turns = _turns(body, started, place, hints)
    yield None, fields.conversation(meta, turns, outcomes=meta, default_id=place.stem, place=place)


def _split(lines: list[str]) -> tuple[dict[str, object], list[tuple[int, str]]]:
    """The header, and the numbered lines after it. A first block without a blank line after it is none."""
    numbered = list(enumerate(lines, 1))
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    end = next((i for i in range(start, len(lines)) if not lines[i].strip()), None)
    talk = end is not None and any(line.strip() for line in lines[end:])
    meta = fields.header(lines[start:end]) if talk else {}
    return (meta, numbered[end:]) if meta else ({}, numbered)


@dataclass(slots=True)
class _Draft:
    """A turn whose further lines are still to come."""

    role: Role
    time: datetime | None
    speaker: str | None
    place: Place
    lines: list[str] = field(default_factory=list)

    def turn(self) -> Turn:
        text = "\n".join(self.lines).strip()
        return fields.turn(self.role, text, at=self.time, speaker=self.speaker, place=self.place)


def _turns(body: list[tuple[int, str]], started: datetime | None, place: Place, hints: Hints) -> list[Turn]:
    drafts: list[_Draft] = []
    now = started
    for number, line in body:
        here = Place(place.path, number)
        match = _PREFIX.match(line)
        if match and _begins_turn(match, hints):
            time = _time(match["stamp"], now, here)
            now = time or now
            role = fields.role(match["word"], here, hints)
            speaker = match["speaker"] or (match["word"] if match["word"] in hints.roles else None)
            drafts.append(_Draft(role, time, speaker, here, [match["text"]]))
        elif drafts:
            drafts[-1].lines.append(line)
        elif match:
            fields.role(match["word"], here, hints)
        elif line.strip():
            what = f"{fields.shown(line)} belongs to no turn"
            raise here.error(what, fix="begin it with Agent: or Customer:")
    return [draft.turn() for draft in drafts]


def _begins_turn(match: re.Match[str], hints: Hints) -> bool:
    """A known role does; so does anything that only a speaker can be, which is then an unknown role.

    One capitalised word counts ("Supervisor: …"): as text, it would credit one person's words to another.
    """
    marked = match["stamp"] or match["speaker"] or (match["word"].isalpha() and match["word"].istitle())
    return bool(marked) or match["word"] in hints.roles or fields.role_of(match["word"]) is not None


def _time(stamp: str | None, now: datetime | None, place: Place) -> datetime | None:
    """The stamp's time. A clock time takes its day from `now`, the time before it; without, it is unknown."""
    clock = _CLOCK.fullmatch(stamp.strip()) if stamp else None
    if clock is None:
        return fields.time(stamp, "time", place)
    try:
        time = clock_time(int(clock[1]), int(clock[2]), int(clock[3] or 0))
    except ValueError:
        raise place.error(f"{fields.shown(stamp)} is no time of day", fix="write it like [10:15]") from None
    if now is None:
        return None
    moment = datetime.combine(now.date(), time, now.tzinfo)
    return moment + timedelta(days=1) if now - moment > timedelta(hours=12) else moment
