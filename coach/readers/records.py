"""JSON of any make: one record an object, in JSON lines, in an array, or alone in the file.

A record is coach's own or a platform's; the first format that knows it reads it. JSON lines and arrays are read a
record at a time.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol, TextIO

import ijson

from coach.conversation import Conversation
from coach.errors import InputError
from coach.readers import (
    ccai,
    chatwoot,
    contact_lens,
    diarised,
    freshdesk,
    genesys,
    intercom,
    livechat,
    own,
    salesforce,
    twilio,
    zendesk,
    zendesk_chat,
)
from coach.readers.fields import CONVERSATION_LIMIT, Hints, Place, Record, shown
from coach.readers.nesting import Nesting
from coach.readers.stream import Lines, bounded_lines

OBJECT_LIMIT = 4 * CONVERSATION_LIMIT
"""Characters of a record; one may hold many conversations, as a page of an interface's answer does."""

LOOKED_AT = 20

PART = 65_536
"""Characters read at a time where lines do not count: a whole export may stand in one."""


class Platform(Protocol):
    """A module that knows one make of record.

    NAME is what people call it; FIELDS says which of its fields are read, by what they are to us.
    `conversations` yields what is in a record that it recognised, the faults of single conversations in their
    place; it raises InputError for a fault of the whole record.
    """

    @property
    def NAME(self) -> str: ...  # noqa: N802

    @property
    def FIELDS(self) -> Mapping[str, str]: ...  # noqa: N802

    def recognise(self, record: Record) -> bool: ...

    def conversations(self, record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]: ...


PLATFORMS: tuple[Platform, ...] = (
    own,
    ccai,
    intercom,
    chatwoot,
    freshdesk,
    contact_lens,
    genesys,
    zendesk,
    zendesk_chat,
    livechat,
    salesforce,
    twilio,
    diarised,
)


def recognise(sample: str) -> bool:
    """Whether it begins as JSON that holds objects, or most of its lines are objects."""
    return re.match(r"\ufeff?\s*(\{|\[\s*[{\]])", sample) is not None or _is_lines(sample.splitlines())


def read(lines: TextIO, *, name: str, hints: Hints) -> Iterator[tuple[int | None, Conversation] | InputError]:
    """Every record's conversations with the record's line, or what is wrong with it."""
    place = Place(name)
    source = _Looked(lines)
    if _is_lines(source.head):
        records = _of_lines(bounded_lines(source, place), place)
    elif "".join(source.head).lstrip("\ufeff \t\r\n").startswith("["):
        records = of_array(source, place)
    else:
        records = _of_object(source, place)
    for found in records:
        if isinstance(found, InputError):
            yield found
            continue
        where, record = found
        try:
            for item in _conversations(record, where, hints):
                yield item if isinstance(item, InputError) else (where.line, item)
        except InputError as error:
            yield error


def _is_lines(lines: Sequence[str]) -> bool:
    """Whether the first line is a whole object, or most lines begin one at their very start and none in a list."""
    filled = [line.lstrip("\ufeff").rstrip() for line in lines if line.strip("\ufeff \t\r\n")]
    begun = [line.startswith("{") and len(line) > 1 and not line.endswith(",") for line in filled]
    return (bool(filled) and _is_whole(filled[0])) or (len(filled) > 1 and 2 * sum(begun) > len(filled))


def _is_whole(line: str) -> bool:
    try:
        return line.startswith("{") and line.endswith("}") and bool(json.loads(line))
    except (ValueError, RecursionError):
        return False


class _Looked:
    """Lines of which the first, or a part of a long one, can be looked at.

    A fault met while looking comes when its line is reached.
    """

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.head: list[str] = []
        self.fault: Exception | None = None
        try:
            while len(self.head) < LOOKED_AT and sum(map(len, self.head)) <= CONVERSATION_LIMIT:
                self.head.append(lines.readline(CONVERSATION_LIMIT + 1))
        except Exception as error:
            self.fault = error
        self.seen: Iterator[str] = iter(self.head)

    def readline(self, size: int, /) -> str:
        """The next line; of those that were looked at each whole, whatever its size."""
        if seen := next(self.seen, ""):
            return seen
        if self.fault:
            raise self.fault
        return self.lines.readline(size)


Records = Iterator[tuple[Place, Any] | InputError]


def _of_lines(lines: Iterator[str], place: Place) -> Records:
    for number, line in enumerate(lines, 1):
        if line.strip():
            here = Place(place.path, number)
            try:
                yield here, _parsed(line, here, fix="write one whole object a line")
            except InputError as error:
                yield error


def _of_object(lines: _Looked, place: Place) -> Records:
    parts, size = list[str](), 0
    while size <= CONVERSATION_LIMIT and (part := lines.readline(PART)):
        parts.append(part)
        size += len(part)
    if size <= CONVERSATION_LIMIT:
        yield place, _parsed("".join(parts), place, fix="export it again, or mend it")
        return
    # A text as long as this, held whole, could take four bytes a character; the parser takes it in parts.
    lines.seen = chain(parts, lines.seen)
    yield from _in_parts(lines, "", place)


def _parsed(text: str, place: Place, *, fix: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise place.error("the JSON is nested too deep", fix="take the nested part out") from None
    except json.JSONDecodeError as error:
        raise Place(place.path, place.line or error.lineno).error(f"broken JSON: {error.msg}", fix=fix) from None
    except ValueError as error:  # a number of thousands of digits
        raise place.error(f"broken JSON: {error}"[:200], fix=fix) from None


def of_array(lines: Lines, place: Place) -> Records:
    """The items of a JSON array, one by one, each with its place."""
    return _in_parts(lines, "item", place)


def _in_parts(lines: Lines, what: str, place: Place) -> Records:
    """What stands at the place that ijson calls so: each item of the array, or with "" the whole."""
    source, count = _Bytes(lines), 0
    fix = "export it again; nothing after it was read" if what else "export it again, or mend it"
    try:
        for record in ijson.items(source, what, use_float=True):
            count += 1
            source.since = 0
            yield place.at(f"record {count}") if what else place, record
    except ijson.JSONError as error:
        after = f" after record {count}" if what else ""
        yield place.error(_told(f"broken JSON{after}: {error}"), fix=fix)
    except _RefusedError as error:
        which = f"record {count + 1}" if what else "the object"
        yield place.error(f"{which} is {error}", fix=f"{error.fix}; nothing after it was read")


def _told(fault: str) -> str:
    """In a line; the parser shows where in the next."""
    return fault[:200].splitlines()[0]


class _RefusedError(Exception):
    """More was read for one record than one may have, or it is nested too deep."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.fix = fix


class _Bytes:
    """Lines as the file of bytes that the parser wants."""

    def __init__(self, lines: Lines) -> None:
        self.lines, self.nesting = lines, Nesting()
        self.since = 0

    def read(self, size: int) -> bytes:
        if size == 0:
            return b""
        line = self.lines.readline(PART)
        self.since += len(line)
        if self.since > OBJECT_LIMIT:
            fix = "export it in pages, as JSON lines, or as one array of conversations"
            raise _RefusedError(f"longer than {OBJECT_LIMIT:,} characters", fix)
        if self.nesting.is_too_deep(line):
            raise _RefusedError("nested too deep", "take the nested part out")
        return line.lstrip("\ufeff").encode("utf-8", "replace") if line.strip() else line.encode()


def _conversations(record: Any, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    if not isinstance(record, dict):
        raise place.error(f"it is {shown(record)}, not a JSON object", fix="write one whole object a line")
    known = next((platform for platform in PLATFORMS if platform.recognise(record)), None)
    if known is None:
        raise place.error(
            f"JSON of no format we know: it has {shown(', '.join(map(str, record)))}",
            fix="give turns or messages as one of the formats that 'coach formats' lists",
        )
    yield from known.conversations(record, place, hints)
