"""Salesforce objects as CSV: LiveChatTranscript, a chat a row, or ConversationEntry, a message a row.

The columns bear the API names of the fields, as Data Loader, the data export and the command line tool write them.
The rows of a conversation's entries stand one after the other. What the cells mean is `salesforce`'s.
Source: "ConversationEntry" and "LiveChatTranscript" in the Salesforce object reference.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TextIO

from coach.conversation import Conversation
from coach.errors import InputError
from coach.readers import fields, salesforce
from coach.readers.fields import CONVERSATION_LIMIT, MESSAGE_LIMIT, Hints, Place
from coach.readers.stream import bounded_lines

NAME = "Salesforce CSV"
FIELDS = salesforce.FIELDS
ENTRY = {"conversationid", "actortype", "message"}
TRANSCRIPT = {"livechatvisitorid", "livechatdeploymentid", "livechatbuttonid", "chatkey", "chatduration", "requesttime"}
"""Columns in lower case: those of every entry, and those of which one beside Body shows a transcript."""


def recognise(sample: str) -> bool:
    """Whether the header has an entry's columns, or a transcript's Body with a sign of one."""
    header = next((line for line in sample.splitlines() if line.strip()), "")
    names = set(map(str.casefold, _split(header)))
    transcript = not names.isdisjoint(TRANSCRIPT) or "Chat Started: " in sample
    return names >= ENTRY or ("body" in names and transcript)


def _split(header: str) -> list[str]:
    return [name.strip().strip('"') for name in header.lstrip("\ufeff").strip().split(_delimiter(header))]


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def read(lines: TextIO, *, name: str, hints: Hints) -> Iterator[tuple[int | None, Conversation] | InputError]:
    """Each transcript, and each run of entries of one conversation, with the line of its first row."""
    any_rows = False
    for _, rows in groupby(_rows(lines, Place(name)), lambda row: row.key):
        any_rows = True
        try:
            held = _held(rows)
            place = held[0].place
            for item in salesforce.conversations({"records": [row.cells for row in held]}, place, hints):
                yield item if isinstance(item, InputError) else (place.line, item)
        except InputError as error:
            yield error
    if not any_rows:
        yield Place(name).error("the table has a header but no rows", fix="export it again, or leave it out")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row; `key` is its conversation's, that of the row before where the row has a fault."""

    key: str
    place: Place
    cells: dict[str, Any] = field(default_factory=dict)
    fault: InputError | None = None


def _rows(lines: TextIO, place: Place) -> Iterator[_Row]:
    source = bounded_lines(lines, place)
    skipped, header = next(((i, line) for i, line in enumerate(source, 1) if line.strip()), (1, ""))
    names = _split(header)
    lower = [name.casefold() for name in names]
    entries = set(lower) >= ENTRY
    csv.field_size_limit(max(10 * MESSAGE_LIMIT, csv.field_size_limit()))
    reader = csv.reader(source, delimiter=_delimiter(header), strict=True)
    key = ""
    while True:
        here = Place(place.path, skipped + reader.line_num + 1)
        try:
            values = next(reader)
            if not any(values):
                continue
            if len(values) != len(names):
                what = f"the row has {len(values)} cells, the header {len(names)}"
                raise here.error(what, fix="put cells with delimiters in quotes")
            cells: dict[str, Any] = dict(zip(names, values, strict=True))
            if not entries:
                cells["attributes"] = {"type": "LiveChatTranscript"}
            key = values[lower.index("conversationid")] if entries else str(here.line)
            yield _Row(key, here, cells)
        except StopIteration:
            return
        except csv.Error as error:
            yield _Row(key, here, fault=here.error(f"broken row: {error}", fix="close each quote, and export it again"))
            if "limit" in str(error):  # The rest of a cell that long would be taken for rows.
                return
        except InputError as error:
            yield _Row(key, here, fault=error)


def _held(rows: Iterator[_Row]) -> list[_Row]:
    """A conversation's rows; raises their first fault, or InputError where they are more than we hold."""
    held, size, fault = list[_Row](), 0, None
    for row in rows:
        size += sum(len(str(cell)) for cell in row.cells.values())
        fault = fault or row.fault
        if size <= CONVERSATION_LIMIT:
            held.append(row)
        elif fault is None:
            what = f"conversation {fields.shown(row.key)} is longer than {CONVERSATION_LIMIT:,} characters"
            fault = row.place.error(what, fix="split it")
    if fault is not None:
        raise fault
    return held
