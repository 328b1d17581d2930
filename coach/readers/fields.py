"""What the formats share: how a role, a time, a figure and a whole conversation are understood.

Every function raises InputError, with the place it was given, for a value it cannot use.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Literal, TypeGuard

from coach.conversation import RESOLUTIONS, Conversation, Outcome, Role, Turn
from coach.errors import InputError

MESSAGE_LIMIT = 100_000
CONVERSATION_LIMIT = 16_000_000
Record = Mapping[str, Any]
Dates = Literal["day-first", "month-first"]
SPREADSHEET = re.compile(
    r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})(?:,? +(\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?))?", re.ASCII
)
"""Characters. The first is a rule for messages; the second bounds the memory one conversation can take."""

ROLE_WORDS: Mapping[Role, tuple[str, ...]] = {
    "agent": (
        "agent", "operator", "advisor", "rep", "representative", "support", "admin", "staff",
    ),
    "customer": ("customer", "client", "user", "caller", "consumer", "visitor", "end user"),
    "bot": ("bot", "assistant bot", "automation"),
    "system": ("system",),
}  # fmt: skip
_ROLE_OF: Mapping[str, Role] = {word: role for role, words in ROLE_WORDS.items() for word in words}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_ROLES_FIX = "say it with --roles (see 'coach roles'), or use one of " + "; ".join(
    f"{role} ({', '.join(words)})" for role, words in ROLE_WORDS.items()
)

_RANGES = {
    "csat": (1, 5),
    "nps": (0, 10),
    "ces": (1, 7),
    "first_response_seconds": (0, 1e12),
    "resolution_seconds": (0, 1e12),
}
OUTCOMES = (*_RANGES, "resolved")
_RESOLVED = {
    **{name: name for name in RESOLUTIONS},
    "y": "yes", "true": "yes", "1": "yes",
    "n": "no", "false": "no", "0": "no",
    "partial": "partly", "partially": "partly",
}  # fmt: skip

_HEADER_LINE = re.compile(r"([a-z][a-z_]*)[ \t]*:[ \t]*(.*)")
_HEADER_KEYS = frozenset(
    ("id", "agent", "agents", "customer", "channel", "started_at", "started", "ended_at", "ended", *OUTCOMES)
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the file, its line (from 1) and, within the line, the part such as "turn 3"."""

    path: str
    line: int | None = None
    part: str = ""

    @property
    def default_id(self) -> str:
        """An id for a conversation that has none: the file's name with the line or the record's number."""
        number = self.line or "".join(re.findall(r"\d+", self.part.partition(",")[0]))
        return f"{self.stem}-{number}" if number else self.stem

    def at(self, part: str) -> "Place":
        """A part of it: "turn 3", or "record 2, turn 3"."""
        return Place(self.path, self.line, f"{self.part}, {part}" if self.part else part)

    def error(self, what: str, *, fix: str) -> InputError:
        what = f"{self.part}: {what}" if self.part else what
        return InputError(what, fix=fix, path=self.path, line=self.line)

    @property
    def stem(self) -> str:
        """The file's name without `.gz` and its ending; "stdin" for standard input."""
        return "stdin" if self.path == "-" else PurePath(PurePath(self.path).name.removesuffix(".gz")).stem


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user says that the files do not.

    columns: what the columns of CSV tables are called, {our name: their header}; roles: {a speaker's label: role};
    dates: what comes first in dates such as 4/5/26, where a file does not show it itself.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    dates: Dates | None = None


def shown(value: object) -> str:
    """A value as an error shows it: quoted and short."""
    if not isinstance(value, str | int | float):
        return "nothing" if value is None else f"a {type(value).__name__}"
    text = str(value)
    return repr(text if len(text) <= 40 else text[:39] + "…")


def clean(text: str) -> str:
    """The text with lone surrogates, which no file or database can hold, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _scalar(value: object) -> TypeGuard[str | int | float]:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def role_of(word: str) -> Role | None:
    """The role a word stands for, whatever its case; None when it is no word for a role."""
    return _ROLE_OF.get(re.sub(r"[\s_-]+", " ", word.strip().casefold()))


def role(word: object, place: Place, hints: Hints) -> Role:
    """The role that the user gave to this word, or that it stands for."""
    if isinstance(word, str):
        known = hints.roles.get(word) or role_of(word)
        if known is None:
            with suppress(KeyError):
                known = hints.roles[word]
        if known is not None:
            return known
    raise place.error(f"unknown role {shown(word)}", fix=_ROLES_FIX)


def objects(record: Record, name: str, place: Place) -> list[Record]:
    """The list of objects of this name; empty when it is missing."""
    found = record.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise place.error(f"{name} is {shown(found)}, not a list of objects", fix="export it again, or mend it")
    return found


def nested(record: Record, name: str, place: Place) -> Record:
    """The object of this name; empty when it is missing."""
    found = record.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise place.error(f"{name} is {shown(found)}, not an object", fix="export it again, or mend it")
    return found


def text(record: Record, name: str, place: Place) -> str:
    """The words of this name, a number as text; empty when it is missing."""
    value = record.get(name)
    if value is None:
        return ""
    if not _scalar(value):
        raise place.error(f"{name} is {shown(value)}", fix=f"write {name} as a text")
    return str(value)


def speaker_role(speaker: str, place: Place, hints: Hints) -> Role:
    """The role of a speaker of whom the file tells only a label; only the user can say it."""
    try:
        return hints.roles[speaker]
    except KeyError:
        raise place.error(
            f"the file does not say whether {shown(speaker)} is an agent or a customer",
            fix="write the speakers down with 'coach roles FILE > roles.toml', fill it in and give --roles roles.toml",
        ) from None


def label(value: object, name: str, place: Place) -> str | None:
    """A name or id: text or a number as text, in one line; None when missing or blank."""
    if _blank(value):
        return None
    if not _scalar(value):
        raise place.error(f"{name} is {shown(value)}, not a text", fix=f"write {name} as a text")
    return _CONTROL.sub(" ", clean(str(value))).strip() or None


def time(value: object, name: str, place: Place, *, dates: Dates | None = None) -> datetime | None:
    """ISO 8601, or seconds, milliseconds or microseconds since 1970; None when blank. Without a zone it is UTC.

    Also as spreadsheets write it, such as 13/09/2026 10:15; `dates` says what comes first where it could be either.
    """
    if _blank(value):
        return None
    try:
        moment = _spreadsheet_time(str(value), name, place, dates) or _moment(value)
    except (ValueError, OverflowError, OSError):
        moment = None
    # Far years are faults in all exports we know of, and would overflow when zones or offsets are added.
    if moment is None or not 1900 <= moment.year <= 2200:
        raise place.error(
            f"{name} {shown(value)} is not a time",
            fix="write it like 2026-09-01T10:15:00Z, or as seconds since 1970",
        )
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)


def _spreadsheet_time(value: str, name: str, place: Place, dates: Dates | None) -> datetime | None:
    """Day, month and year with strokes, or day first with dots, then perhaps hours and minutes; None for any other."""
    found = SPREADSHEET.fullmatch(value.strip())
    if found is None:
        return None
    first, stroke, second, year, clock = found.groups()
    if stroke == "." or int(first) > 12:
        dates = "day-first"
    elif int(second) > 12:
        dates = "month-first"
    if dates is None:
        raise place.error(
            f"{name} {shown(value)} may be day first or month first", fix="say --dates day-first or --dates month-first"
        )
    day, month = (first, second) if dates == "day-first" else (second, first)
    form = {0: "", 1: "%H:%M", 2: "%H:%M:%S"}[(clock or "").count(":")]
    if clock and clock[-1] in "mM":
        form = form.replace("%H", "%I") + "%p"
    return datetime.strptime(f"{day}/{month}/{year} {(clock or '').replace(' ', '')}", f"%d/%m/%Y {form}")


def _moment(value: object) -> datetime | None:
    if not _scalar(value):
        return None
    if isinstance(value, str):
        value = value.strip()
        if not re.fullmatch(r"[0-9]{9,17}(\.[0-9]+)?", value):
            return datetime.fromisoformat(value)
    seconds = float(value)
    unit = 1 if abs(seconds) < 1e11 else 1e3 if abs(seconds) < 1e14 else 1e6
    return datetime.fromtimestamp(seconds / unit, UTC)


def _figure(value: object, name: str, place: Place) -> float | None:
    if _blank(value):
        return None
    low, high = _RANGES[name]
    try:
        number = float(value) if _scalar(value) else None
    except (ValueError, OverflowError):
        number = None
    if number is None or not low <= number <= high:
        wanted = f"a number from {low} to {high}" if high < 1e12 else "a number of seconds, 0 or more"
        raise place.error(f"{name} is {shown(value)}", fix=f"give {wanted}, or leave {name} out")
    return number


def _resolved(value: object, place: Place) -> str | None:
    if _blank(value):
        return None
    known = _RESOLVED.get(str(value).strip().casefold()) if isinstance(value, str | int) else None
    if known is None:
        raise place.error(f"resolved is {shown(value)}", fix=f"use one of {', '.join(RESOLUTIONS)}")
    return known


def outcome(values: Mapping[str, object], place: Place) -> Outcome:
    """The known figures among `values`; other keys are left alone."""
    figures = {name: _figure(values.get(name), name, place) for name in _RANGES}
    rating = label(values.get("rating"), "rating", place)
    return Outcome(resolved=_resolved(values.get("resolved"), place), rating=rating, **figures)


def rating(value: object, low: float, high: float, place: Place) -> dict[str, object]:
    """A rating on a scale from `low` to `high` as csat, 1 to 5, with what was given; empty when there is none."""
    if _blank(value):
        return {}
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if number is None or not min(low, high) <= number <= max(low, high):
        raise place.error(f"the rating is {shown(value)}", fix=f"give a number from {low:g} to {high:g}")
    return {"csat": 1 + 4 * (number - low) / (high - low), "rating": f"{number:g} ({low:g} to {high:g})"}


def good_or_bad(word: object, place: Place) -> dict[str, object]:
    """A rating of two words as csat, with the word; empty when none was given."""
    given = (label(word, "the rating", place) or "").casefold()
    if given in ("", "offered", "unoffered"):
        return {}
    known = re.fullmatch(r"(good|bad)(?:_?with(?:out)?_?comment)?", given)
    if known is None:
        raise place.error(f"the rating is {shown(word)}", fix="use good or bad, or leave it out")
    return {"csat": 5.0 if known[1] == "good" else 1.0, "rating": given}


def turn(said_by: Role, text: str, *, at: datetime | None, speaker: str | None, place: Place) -> Turn:
    """A turn with its text unchanged, but for lone surrogates; a speaker without a name has None."""
    if len(text) > MESSAGE_LIMIT:
        raise place.error(
            f"a message has {len(text):,} characters", fix=f"shorten it to {MESSAGE_LIMIT:,} or take it out"
        )
    return Turn(role=said_by, text=clean(text), time=at, speaker=label(speaker, "speaker", place))


def first_speaker(turns: Sequence[Turn], role: Role) -> str | None:
    """The name of the first of this role who spoke and has one."""
    return next((turn.speaker for turn in turns if turn.role == role and turn.speaker), None)


def header(lines: Sequence[str]) -> dict[str, object]:
    """The known `key: value` pairs of a block in which every line is one; empty for any other block."""
    pairs = [_HEADER_LINE.fullmatch(line.strip()) for line in lines]
    if not all(pairs):
        return {}
    return {pair[1]: pair[2] for pair in pairs if pair and pair[1] in _HEADER_KEYS}


def conversation(
    meta: Mapping[str, object],
    turns: Sequence[Turn],
    *,
    outcomes: Mapping[str, object],
    default_id: str,
    place: Place,
) -> Conversation:
    """The conversation; it starts and ends with its first and last known time where `meta` does not say."""
    times = [turn.time for turn in turns if turn.time is not None]
    started = time(meta.get("started_at") or meta.get("started"), "started_at", place)
    ended = time(meta.get("ended_at") or meta.get("ended"), "ended_at", place)
    return Conversation(
        id=label(meta.get("id"), "id", place) or default_id,
        turns=tuple(turns),
        channel=label(meta.get("channel"), "channel", place),
        agent=label(meta.get("agent"), "agent", place),
        customer=label(meta.get("customer"), "customer", place),
        started=started or (times[0] if times else None),
        ended=ended or (times[-1] if times else None),
        outcome=outcome(outcomes, place),
    )
