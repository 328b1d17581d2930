"""The way in: files and folders of transcripts to conversations, one by one.

The format is recognised from the content, never from the file's name. What cannot be read comes out as an
InputError in its place among the conversations, and everything else goes through.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol, TextIO

from coach.conversation import Conversation
from coach.errors import InputError
from coach.readers import captions, plain, records, table
from coach.readers.fields import Hints, Place, shown
from coach.readers.stream import Pathish, display, opened, sources

__all__ = ["Found", "Hints", "formats", "read", "sources"]
NO_HINTS = Hints()


class Format(Protocol):
    """A module that knows one format."""

    def recognise(self, sample: str) -> bool: ...

    def read(
        self, lines: TextIO, *, name: str, hints: Hints
    ) -> Iterator[tuple[int | None, Conversation] | InputError]: ...


FORMATS: tuple[Format, ...] = (records, captions, table, plain)


def formats() -> list[tuple[str, Mapping[str, str]]]:
    """The name of each format, and which of its fields are read as what of ours."""
    names = [(known.NAME, known.FIELDS) for known in records.PLATFORMS]
    return [*names, *((known.NAME, known.FIELDS) for known in (table, plain, captions))]


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation and where it begins: `line` counts from 1, None where the file is the conversation."""

    conversation: Conversation
    path: str
    line: int | None


def read(paths: Iterable[Pathish], *, hints: Hints = NO_HINTS) -> Iterator[Found | InputError]:
    """Every conversation of the files and folders, `-` being standard input; faults come as InputError.

    Raises ConfigError where `hints` name a column that is not ours. Conversations are held one at a time; of
    those before, only a hash each is kept, to notice when one comes again.
    """
    table.own_names(hints.columns)
    return _read(paths, hints)


def _read(paths: Iterable[Pathish], hints: Hints) -> Iterator[Found | InputError]:
    seen: set[int] = set()
    for path in sources(paths):
        place = Place(display(path))
        for item in _items(path, place, hints):
            if isinstance(item, InputError):
                yield item
            else:
                line, conversation = item
                yield _checked(conversation, Place(place.path, line), seen)


def _items(path: str, place: Place, hints: Hints) -> Iterator[tuple[int | None, Conversation] | InputError]:
    """What the file's format makes of it; every failure to read it becomes an InputError."""
    try:
        with opened(path, place) as (sample, lines):
            known = next((format for format in FORMATS if format.recognise(sample)), None)
            if known is None:
                raise place.error("no format we know", fix="give one of those that 'coach formats' lists")
            yield from known.read(lines, name=place.path, hints=hints)
    except InputError as error:
        yield error
    except (EOFError, zlib.error) as error:
        yield place.error(f"the compressed file is broken: {error}", fix="copy or export it again")
    except (OSError, ValueError) as error:
        yield _unreadable(error, place)


def _unreadable(error: OSError | ValueError, place: Place) -> InputError:
    if isinstance(error, FileNotFoundError):
        return place.error("there is no such file", fix="check the path")
    if isinstance(error, IsADirectoryError):
        return place.error("no transcripts in this folder, or it cannot be listed", fix="check the path")
    reason = getattr(error, "strerror", None) or str(error)
    return place.error(f"the file cannot be read: {reason}", fix="check its name, and that you may read it")


def _checked(conversation: Conversation, place: Place, seen: set[int]) -> Found | InputError:
    """The conversation, unless its id came before in this run or one side says nothing."""
    mark, named = _hash(conversation.id), shown(conversation.id)
    if mark in seen:
        return place.error(
            f"conversation {named} came before; this one is skipped",
            fix="give each its own id; sort a CSV's rows by conversation",
        )
    seen.add(mark)
    for role in ("agent", "customer"):
        if not any(turn.role == role and turn.text.strip() for turn in conversation.turns):
            what = f"conversation {named} has no {role} turns"
            return place.error(what, fix="check its roles, or leave it out")
    return Found(conversation, place.path, place.line)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
