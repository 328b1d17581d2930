"""CSV tables: one row a message, the rows of a conversation one after the other.

The columns for the conversation's id, the role and the text are needed. Columns of the whole conversation
(agent, channel, csat …) may be filled in any of its rows; the first filled one counts.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TextIO

from coach.conversation import Conversation, Turn
from coach.errors import ConfigError, InputError
from coach.readers import fields
from coach.readers.fields import CONVERSATION_LIMIT, MESSAGE_LIMIT, OUTCOMES, Hints, Place
from coach.readers.stream import bounded_lines

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("conversation_id", "conversation", "chat_id", "ticket_id"),
    "role": ("role", "sender_type", "author_type", "sender"),
    "text": ("text", "message", "body"),
    "time": ("time", "timestamp", "created_at", "sent_at"),
    "speaker": ("speaker",),
    "agent": ("agent", "agent_name"),
    "customer": ("customer", "customer_id"),
    "channel": ("channel",),
    "started_at": ("started_at", "started"),
    "ended_at": ("ended_at", "ended"),
    **{name: (name,) for name in OUTCOMES},
}
"""Our names, each with the headers it is known by, the likeliest first."""

NAME = "CSV"
FIELDS = {name: " or ".join(headers) for name, headers in COLUMNS.items()}

_NEEDED = ("id", "role", "text")
_OUR_NAME = {header: name for name, headers in COLUMNS.items() for header in (name, *headers)}
_DELIMITERS = ",;\t|"
# Ten times a message, so that one too long is named with its conversation and not taken for a missing quote.
_FIELD_LIMIT = 10 * MESSAGE_LIMIT


def own_names(columns: Mapping[str, str]) -> dict[str, str]:
    """The mapping {our name: their header}, our names in their first form; ConfigError for an unknown one."""
    for name in columns:
        if name not in _OUR_NAME:
            raise ConfigError(f"there is no column {name!r}; use one of {', '.join(COLUMNS)}")
    return {_OUR_NAME[name]: header for name, header in columns.items()}


def recognise(sample: str) -> bool:
    """Whether the first line is a header: it has two names we know, or the rows have as many cells as it."""
    lines = [line for line in sample.splitlines() if line.strip()]
    if not lines or ":" in lines[0] or lines[0].lstrip().startswith(("{", "[")):
        return False
    delimiter = _delimiter(lines[0], {})
    names = _split(lines[0], delimiter)
    known = sum(_plain(name) in _OUR_NAME for name in names)
    rows = [_split(line, delimiter) for line in lines[1:20]]
    agreeing = sum(len(row) == len(names) for row in rows)
    return len(names) > 1 and (known > 1 or (known + len(names) > 2 and 2 * agreeing > len(rows)))


def read(lines: TextIO, *, name: str, hints: Hints) -> Iterator[tuple[int | None, Conversation] | InputError]:
    """Each run of rows with one id, with the number of its first line, or what is wrong with it.

    An id that comes again after another is given again: whoever collects them reports it. Only one
    conversation is held at a time.
    """
    faulty: set[str] = set()
    any_rows = False
    for conversation_id, rows in groupby(_rows(lines, name, own_names(hints.columns)), lambda row: row.id):
        try:
            held = _held(rows)
            if conversation_id in faulty:
                raise held[0].place.error(
                    f"more rows of conversation {fields.shown(conversation_id)}, which was skipped",
                    fix="mend its first fault, and sort the rows by conversation",
                )
            yield held[0].place.line, _conversation(held, hints)
        except InputError as error:
            faulty.add(conversation_id)
            yield error
        any_rows = True
    if not any_rows:
        yield Place(name).error("the table has a header but no rows", fix="export it again, or leave it out")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row's cells by our names; a row with a fault and no id counts to the conversation before."""

    id: str
    place: Place
    cells: Mapping[str, str] = field(default_factory=dict)
    fault: InputError | None = None


def _rows(lines: TextIO, name: str, columns: Mapping[str, str]) -> Iterator[_Row]:
    source = bounded_lines(lines, Place(name))
    skipped, header = next(((i, line) for i, line in enumerate(source, 1) if line.strip()), (1, ""))
    delimiter = _delimiter(header, columns)
    names = _split(header, delimiter)
    positions = _positions(names, columns, Place(name, skipped))
    csv.field_size_limit(max(_FIELD_LIMIT, csv.field_size_limit()))
    noted = _FirstLines(source)
    reader = csv.reader(noted, delimiter=delimiter, strict=True, skipinitialspace=True)
    current = ""
    while True:
        place = Place(name, skipped + reader.line_num + 1)
        noted.first = ""
        try:
            values = next(reader)
            if any(value.strip() for value in values):
                current = _id(values, positions) or current
                yield _Row(current, place, _cells(values, len(names), positions, place))
        except StopIteration:
            return
        except csv.Error as error:
            current = _id(_split(noted.first, delimiter), positions) or current
            yield _Row(current, place, fault=_quoting_fault(error, place))
            if "limit" in str(error):
                return
        except InputError as error:
            yield _Row(current, place, fault=error)


class _FirstLines:
    """Lines for the csv module, the first of a row kept in `first`: a broken row's id can be read from it."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.first = lines, ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.first = self.first or line
        return line


def _id(values: Sequence[str], positions: Mapping[str, int]) -> str:
    """The row's id; empty where the row is too short."""
    return fields.clean("".join(values[positions["id"] : positions["id"] + 1]).strip())


def _quoting_fault(error: csv.Error, place: Place) -> InputError:
    if "limit" in str(error):
        what = f"a cell from here on is longer than {_FIELD_LIMIT:,} characters; nothing after it was read"
        return place.error(what, fix="close the quote that is open here")
    return place.error(f"broken row: {error}", fix='close each quote, and double quotes inside a cell ("")')


def _cells(values: Sequence[str], width: int, positions: Mapping[str, int], place: Place) -> dict[str, str]:
    extra = any(value.strip() for value in values[width:])
    if extra or len(values) <= max(positions[name] for name in _NEEDED):
        raise place.error(
            f"the row has {len(values)} cells, the header {width}", fix="put cells with delimiters in quotes"
        )
    cells = {name: values[i] for name, i in positions.items() if i < len(values) and values[i].strip()}
    if "id" not in cells:
        raise place.error("the row has no conversation id", fix="fill it in on every row")
    return cells


def _held(rows: Iterator[_Row]) -> list[_Row]:
    """A conversation's rows; raises their first fault, or InputError where they are more than we hold."""
    held, size, fault = list[_Row](), 0, None
    for row in rows:
        size += sum(map(len, row.cells.values())) + 100
        fault = fault or row.fault
        if size <= CONVERSATION_LIMIT:
            held.append(row)
    if fault is None and size > CONVERSATION_LIMIT:
        what = f"conversation {fields.shown(held[0].id)} is longer than {CONVERSATION_LIMIT:,} characters"
        fault = held[0].place.error(what, fix="split it")
    if fault is not None:
        raise fault
    return held


def _conversation(rows: Sequence[_Row], hints: Hints) -> Conversation:
    meta: dict[str, object] = {}
    for row in rows:
        meta = {**row.cells, **meta}
    agent = meta.get("agent")
    return fields.conversation(
        meta,
        [_turn(row.cells, agent, row.place, hints) for row in rows],
        outcomes=meta,
        default_id=rows[0].id,
        place=rows[0].place,
    )


def _turn(cells: Mapping[str, str], agent: object, place: Place, hints: Hints) -> Turn:
    role = fields.role(cells.get("role", ""), place, hints)
    # After a handover the agent's column changes; those turns are the new agent's.
    other = cells.get("agent") if role == "agent" and cells.get("agent") != agent else None
    return fields.turn(
        role,
        cells.get("text", ""),
        at=fields.time(cells.get("time"), "time", place, dates=hints.dates),
        speaker=fields.label(cells.get("speaker") or other, "speaker", place),
        place=place,
    )


def _positions(names: Sequence[str], columns: Mapping[str, str], place: Place) -> dict[str, int]:
    """Where each of our columns stands; what `columns` says wins."""
    theirs = [_plain(name) for name in names]
    positions: dict[str, int] = {}
    for ours, known in COLUMNS.items():
        wanted = [_plain(columns[ours])] if ours in columns else known
        found = [theirs.index(header) for header in wanted if header in theirs]
        if found:
            positions[ours] = found[0]
        elif ours in columns or ours in _NEEDED:
            what = f"there is no column {fields.shown(wanted[0])}; the file has {fields.shown(', '.join(names))}"
            fix = f"name the {ours} column {' or '.join(known)}, or say which it is"
            raise place.error(what, fix=fix)
    return positions


def _plain(header: str) -> str:
    return re.sub(r"\W+", "_", header.strip().casefold()).strip("_")


def _delimiter(header: str, columns: Mapping[str, str]) -> str:
    """The delimiter by which the header falls into most headers we know, then into most cells."""
    known = set(_OUR_NAME) | {_plain(name) for name in columns.values()}

    def score(delimiter: str) -> tuple[int, int]:
        names = _split(header, delimiter)
        return sum(_plain(name) in known for name in names), len(names)

    return max(_DELIMITERS, key=score)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []
