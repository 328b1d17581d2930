"""The way in: files and folders of transcripts to conversations, one by one.

The format is recognised from the content, never from the file's name. What cannot be read comes out as an
InputError in its place among the conversations, and everything else goes through.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Protocol, TextIO

from coach.conversation import JUDGED, Conversation
from coach.errors import InputError
from coach.readers import archives, captions, mail, mail_threads, plain, records, salesforce_csv, slack, table, whatsapp
from coach.readers.fields import Hints, Place, shown
from coach.readers.stream import Folder, Pathish, Source, decoded, display, named, opened, sources

__all__ = ["Found", "Hints", "formats", "read", "sources"]
NO_HINTS = Hints()
DEPTH = 2
"""How often a file in an archive may be packed itself."""


class Format(Protocol):
    """A module that knows one format."""

    def recognise(self, sample: str) -> bool: ...

    def read(
        self, lines: TextIO, *, name: str, hints: Hints
    ) -> Iterator[tuple[int | None, Conversation] | mail.Message | InputError]: ...


FORMATS: tuple[Format, ...] = (slack, records, captions, mail, whatsapp, salesforce_csv, table, plain)


def formats() -> list[tuple[str, Mapping[str, str]]]:
    """The name of each format, and which of its fields are read as what of ours."""
    names = [(known.NAME, known.FIELDS) for known in records.PLATFORMS]
    others = (slack, mail, whatsapp, salesforce_csv, table, plain, captions)
    return [*names, *((known.NAME, known.FIELDS) for known in others)]


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation and where it begins: `line` counts from 1, None where the file is the conversation."""

    conversation: Conversation
    path: str
    line: int | None


def read(paths: Iterable[Pathish], *, hints: Hints = NO_HINTS, besides: Pathish = "") -> Iterator[Found | InputError]:
    """Every conversation of the files and folders, `-` being standard input; faults come as InputError.

    A file `besides` is left out of the folders.
    Raises ConfigError where `hints` name a column that is not ours. Conversations are held one at a time; of
    those before, only a hash each is kept, to notice when one comes again. E-mails come last, as a thread may be spread
    over the files.
    """
    table.own_names(hints.columns)
    return _read(sources(paths, slack.is_export, besides), hints)


def _read(paths: Iterable[str], hints: Hints) -> Iterator[Found | InputError]:
    seen: set[int] = set()
    for item in _threaded(_of_paths(paths, hints), hints):
        yield item if isinstance(item, InputError) else _checked(*item, seen)


Items = Iterator[tuple[Conversation, Place] | mail.Message | InputError]


def _threaded(items: Items, hints: Hints) -> Iterator[tuple[Conversation, Place] | InputError]:
    """The items, and in the place of e-mails at last the conversations they make."""
    with mail_threads.gathering() as threads:
        for item in items:
            if isinstance(item, mail.Message):
                threads.add(item)
            else:
                yield item
        yield from threads.conversations(hints)


def _of_paths(paths: Iterable[str], hints: Hints) -> Items:
    for path in paths:
        place = Place(display(path))
        yield from named(_of_path(path, place, hints), place)


def _of_path(path: str, place: Place, hints: Hints) -> Items:
    folder = Folder(path)
    if path != "-" and slack.is_export(folder):
        yield from slack.read_export(folder, hints)
    else:
        with opened(path) as binary:
            yield from _of_bytes(binary, place, hints, DEPTH)


def _of_bytes(binary: io.BufferedIOBase, place: Place, hints: Hints, depth: int) -> Items:
    """What is in a file, an archive or a file of one, which may be packed `depth` times more."""
    source = Source(binary, place)
    is_archive = source.head.startswith(archives.SIGNATURES)
    if depth < 0 and (is_archive or source.is_gzip):
        raise place.error("it is packed too many times over", fix="unpack it and give the folder")
    if is_archive:
        yield from _of_archive(archives.Archive(binary, place), hints, depth - 1)
    elif source.is_gzip:
        yield from _of_bytes(source.unzipped(), place, hints, depth - 1)
    else:
        sample, lines = decoded(source)
        known = next((format for format in FORMATS if format.recognise(sample)), None)
        if known is None:
            raise place.error("no format we know", fix="give one of those that 'coach formats' lists")
        for item in known.read(lines, name=place.path, hints=hints):
            yield (item[1], Place(place.path, item[0])) if isinstance(item, tuple) else item


def _of_archive(archive: archives.Archive, hints: Hints, depth: int) -> Items:
    """The archive's files in its order, those of a folder that is one thing together and last."""
    yield from archive.faults
    whole: dict[str, archives.Inside] = {}
    for folder in map(partial(archives.Inside, archive), sorted(archive.listed)):
        if whole.keys().isdisjoint(archives.folders_of(folder.folder)) and slack.is_export(folder):
            whole[folder.folder] = folder
    for name in archive.names:
        if whole.keys().isdisjoint(archives.folders_of(name)):
            place = archive.at(name)
            yield from named(_of_member(archive, name, place, hints, depth), place)
    for folder in whole.values():
        yield from slack.read_export(folder, hints)


def _of_member(archive: archives.Archive, name: str, place: Place, hints: Hints, depth: int) -> Items:
    with archive.open(name) as binary:
        yield from _of_bytes(binary, place, hints, depth)


def _checked(conversation: Conversation, place: Place, seen: set[int]) -> Found | InputError:
    """The conversation, unless its id came before in this run or nobody says anything in it."""
    mark, named = _hash(conversation.id), shown(conversation.id)
    if mark in seen:
        by_file = conversation.id.startswith(place.stem)
        fix = "give the files different names" if by_file else "give each its own id; sort a CSV's rows by conversation"
        return place.error(f"conversation {named} came before; this one is skipped", fix=fix)
    seen.add(mark)
    if not any(turn.role in JUDGED and turn.text.strip() for turn in conversation.turns):
        what = f"in conversation {named} neither an agent nor a customer says anything"
        return place.error(what, fix="check its roles, or leave it out")
    return Found(conversation, place.path, place.line)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
