"""From a path to text: finds the files, decodes them, a block at a time.

Nothing here holds a whole file, so a small `.gz` that unpacks to terabytes costs time, not memory.
"""

import codecs
import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO, TypeVar, cast
from zipfile import BadZipFile

from coach.errors import InputError
from coach.readers.fields import CONVERSATION_LIMIT, Place

SAMPLE = 65_536
"""Bytes looked at to recognise a format."""

BROKEN = (EOFError, zlib.error, BadZipFile)
"""What reading a packed file that is damaged raises, besides OSError and ValueError."""

Pathish = str | os.PathLike[str]
Item = TypeVar("Item")


class Files(Protocol):
    """A folder, on disk or in an archive, that may be one thing; `path` is shown and may not be opened."""

    @property
    def path(self) -> str: ...

    def listed(self, folder: str = "") -> list[str]:
        """The names in it, or in a folder of it; a folder's ends with a slash."""
        ...

    def open(self, name: str) -> io.BufferedIOBase:
        """The bytes of a file of this name, or of "folder/name", to be closed."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on disk."""

    real: str

    @property
    def path(self) -> str:
        return display(self.real)

    def listed(self, folder: str = "") -> list[str]:
        inside = os.path.join(self.real, folder)
        names = [(name, os.path.join(inside, name)) for name in sorted(os.listdir(inside)) if wanted(name)]
        return [f"{name}/" if os.path.isdir(path) else name for name, path in names if _can_be_read(path)]

    def open(self, name: str) -> io.BufferedReader:
        return open(os.path.join(self.real, name), "rb")


def sources(
    paths: Iterable[Pathish], is_one: Callable[[Files], bool] = lambda folder: False, besides: Pathish = ""
) -> Iterator[str]:
    """Every file to read: folders are walked in sorted order, without hidden files and README*, and one `besides`.

    A folder that is one thing, has no such file, or cannot be listed, is given itself; opening it tells the fault.
    """
    left_out = os.path.realpath(besides) if besides else ""
    for path in paths:
        files = _walk(os.fspath(path), is_one, left_out)
        first = next(files, None)
        yield os.fspath(path) if first is None else first
        yield from files


def _walk(start: str, is_one: Callable[[Files], bool], besides: str) -> Iterator[str]:
    stack, visited = [start], set[tuple[int, int]]()
    while stack:
        path = stack.pop()
        if path == "-" or not os.path.isdir(path):
            if path == start or (_can_be_read(path) and not (besides and os.path.realpath(path) == besides)):
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
            if is_one(Folder(path)):
                yield path
            else:
                stack += [os.path.join(path, name) for name in names if wanted(name)]


def _can_be_read(path: str) -> bool:
    """Whether it is no pipe or device, which would be read for ever; a broken link is for opening to tell."""
    return os.path.isfile(path) or os.path.isdir(path) or not os.path.exists(path)


def wanted(name: str) -> bool:
    """Whether a file or folder of this name is looked at when its folder is."""
    return not name.startswith((".", "__MACOSX")) and not name.upper().startswith("README")


@contextmanager
def opened(path: str) -> Iterator[io.BufferedIOBase]:
    """The file's bytes, of standard input for `-`."""
    if path == "-":
        yield cast(io.BufferedIOBase, sys.stdin.buffer)
        return
    with open(path, "rb") as binary:
        yield binary


def decoded(source: "Source") -> tuple[str, TextIO]:
    """The first SAMPLE bytes as text, and the whole as text with line ends as they stand.

    Raises InputError for an empty or binary file; OSError, ValueError and BROKEN come from reading it.
    """
    place = source.place
    wide = source.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding, errors = ("utf-16", "replace") if wide else ("utf-8-sig", "windows-1252")
    sample = source.head.decode(encoding, errors)
    if "\0" in sample:
        raise place.error("the file is binary", fix="give text: JSON lines, CSV, 'Agent: …' lines or WebVTT")
    if not sample.strip():
        raise source.failure or place.error("the file is empty", fix="leave it out, or export it again")
    source.text = not wide
    return sample, io.TextIOWrapper(io.BufferedReader(source), encoding=encoding, errors=errors, newline="")


class Source(io.RawIOBase):
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
        except (OSError, *BROKEN) as error:
            self.failure = error
        return head

    @property
    def is_gzip(self) -> bool:
        return self.head.startswith(b"\x1f\x8b")

    def unzipped(self) -> io.BufferedIOBase:
        """What a gzipped file holds."""
        return gzip.GzipFile(fileobj=io.BufferedReader(self))

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


class Lines(Protocol):
    """Text that is read by lines, or by parts of them."""

    def readline(self, size: int, /) -> str: ...


def bounded_lines(lines: Lines, place: Place) -> Iterator[str]:
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


def named(items: Iterator[Item], place: Place) -> Iterator[Item | InputError]:
    """The items; a failure to read further becomes an InputError in its place."""
    try:
        yield from items
    except InputError as error:
        yield error
    except BROKEN as error:
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


def display(path: str) -> str:
    """The path as it can be printed and stored, whatever bytes its name has."""
    return path if path == "-" else str(Path(os.fsencode(path).decode("utf-8", "replace")))
