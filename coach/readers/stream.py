"""From a path to text: finds the files, unpacks and decodes them, a block at a time.

Nothing here holds a whole file, so a small `.gz` that unpacks to terabytes costs time, not memory.
"""

import codecs
import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, cast

from coach.errors import InputError
from coach.readers.fields import CONVERSATION_LIMIT, Place

SAMPLE = 65_536
"""Bytes looked at to recognise a format."""

Pathish = str | os.PathLike[str]


def sources(paths: Iterable[Pathish]) -> Iterator[str]:
    """Every file to read: folders are walked in sorted order, without hidden files and README*.

    A folder that has no such file, or cannot be listed, is given itself, so that opening it tells the fault.
    """
    for path in paths:
        files = _walk(os.fspath(path))
        first = next(files, None)
        yield os.fspath(path) if first is None else first
        yield from files


def _walk(start: str) -> Iterator[str]:
    stack, visited = [start], set[tuple[int, int]]()
    while stack:
        path = stack.pop()
        if path == "-" or not os.path.isdir(path):
            # Reading a pipe or a device found in a folder would wait for ever.
            if path == start or os.path.isfile(path) or not os.path.exists(path):
                yield path
            continue
        status = os.stat(path)
        if (status.st_dev, status.st_ino) not in visited:  # a link may lead back up
            visited.add((status.st_dev, status.st_ino))
            try:
                names = sorted(os.listdir(path), reverse=True)
            except OSError:
                yield path
                continue
            stack += [os.path.join(path, name) for name in names if _wanted(name)]


def _wanted(name: str) -> bool:
    return not name.startswith(".") and not name.upper().startswith("README")


@contextmanager
def opened(path: str, place: Place) -> Iterator[tuple[str, TextIO]]:
    """The first SAMPLE bytes as text, and the whole as text with line ends as they stand.

    Raises InputError for an empty or binary file; OSError, EOFError and zlib.error come from reading it.
    """
    if path == "-":
        yield _decoded(cast(io.BufferedIOBase, sys.stdin.buffer), place)
        return
    with open(path, "rb") as binary:
        yield _decoded(binary, place)


def _decoded(binary: io.BufferedIOBase, place: Place) -> tuple[str, TextIO]:
    source = _Source(binary, place)
    if source.head.startswith(b"\x1f\x8b"):
        source = _Source(gzip.GzipFile(fileobj=io.BufferedReader(source)), place)
    wide = source.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding, errors = ("utf-16", "replace") if wide else ("utf-8-sig", "windows-1252")
    sample = source.head.decode(encoding, errors)
    if "\0" in sample:
        raise place.error("the file is binary", fix="give text: JSON lines, CSV, 'Agent: …' lines or WebVTT")
    if not sample.strip():
        raise source.failure or place.error("the file is empty", fix="leave it out, or export it again")
    source.text = not wide
    return sample, io.TextIOWrapper(io.BufferedReader(source), encoding=encoding, errors=errors, newline="")


class _Source(io.RawIOBase):
    """Bytes whose first ones, `head`, can be looked at before they are read.

    A fault met while looking is kept in `failure` and raised once the good bytes before it have been read.
    """

    def __init__(self, binary: io.BufferedIOBase, place: Place) -> None:
        self.binary, self.place = binary, place
        self.failure: Exception | None = None
        self.text = False
        self.head = self._look()
        self.position = 0

    def _look(self) -> bytes:
        head = b""
        try:
            while len(head) < SAMPLE and (block := self.binary.read1(8192)):
                head += block
        except (OSError, EOFError, zlib.error) as error:
            self.failure = error
        return head

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        data = self.head[self.position : self.position + len(buffer)]
        self.position += len(data)
        if not data:
            if self.failure is not None:
                raise self.failure
            data = self.binary.read1(len(buffer))
        if self.text and b"\0" in data:
            raise self.place.error("the file turns binary part of the way", fix="export it again")
        buffer[: len(data)] = data
        return len(data)


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Reads bytes that are no UTF-8 as Windows-1252, so one stray byte spoils no file."""
    assert isinstance(error, UnicodeDecodeError), "only for reading"
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("windows-1252", _windows_1252)


def bounded_lines(lines: TextIO, place: Place) -> Iterator[str]:
    """The lines with their ends; raises InputError at one longer than a conversation may be."""
    while line := lines.readline(CONVERSATION_LIMIT + 1):
        if len(line) > CONVERSATION_LIMIT:
            raise _too_long("a line", place)
        yield line


def whole(lines: TextIO, place: Place) -> list[str]:
    """All lines without their ends; raises InputError when they are longer than a conversation may be."""
    text = lines.read(CONVERSATION_LIMIT + 1)
    if len(text) > CONVERSATION_LIMIT:
        raise _too_long("the conversation", place)
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _too_long(what: str, place: Place) -> InputError:
    return place.error(
        f"{what} is longer than {CONVERSATION_LIMIT:,} characters", fix="split it; nothing after it was read"
    )


def display(path: str) -> str:
    """The path as it can be printed and stored, whatever bytes its name has."""
    return path if path == "-" else str(Path(os.fsencode(path).decode("utf-8", "replace")))
