"""Zip archives: the files in them, which are read where they lie and never unpacked.

What an archive claims of itself is checked before it is believed: what it holds may take time to read, not memory.
"""

import io
import re
import struct
from dataclasses import dataclass, field
from itertools import pairwise
from typing import cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from coach.errors import InputError
from coach.readers.fields import Place, shown
from coach.readers.stream import BROKEN, wanted

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
"""How an archive begins; the second is an empty one."""

LIST_LIMIT = 16_777_216
"""Bytes of an archive's list of files; about 200,000 files."""

RATIO = 1_032
"""How many times smaller deflating can make a file."""

NAME_LIMIT, NAME_DEPTH = 1_000, 20
"""Characters of a name, and folders in it."""

OFFICE = {"[Content_Types].xml", "mimetype"}
UNPACK = "unpack it and give the folder"


class Archive:
    """An archive's files by their names, without hidden ones and README*; `faults` tell of those left out.

    Raises InputError for what is no archive of transcripts.
    """

    def __init__(self, binary: io.BufferedIOBase, place: Place) -> None:
        self.place, self.zip = place, _opened(binary, place)
        infos = sorted(self.zip.infolist(), key=lambda info: info.header_offset)
        _check(infos, self.zip.start_dir, place)
        if OFFICE & {info.filename for info in infos}:
            raise place.error("it is an office document", fix="save it as CSV or as plain text")
        self.names: dict[str, ZipInfo] = {}
        refused: dict[tuple[str, str], list[str]] = {}
        for info in infos:
            name = info.filename.replace("\\", "/")
            parts = [part for part in name.split("/") if part not in ("", ".")]
            if name.endswith("/") or (".." not in parts and not all(map(wanted, parts))):
                continue
            if reason := _refused(info, name, parts):
                refused.setdefault(reason, []).append(name)
            else:
                self.names["/".join(parts)] = info
        self.faults = [_fault(names, *reason, place) for reason, names in refused.items()]
        if not self.names and not self.faults:
            raise place.error("no transcripts in this archive", fix="check that it is the right one")
        self.listed: dict[str, set[str]] = {"": set()}
        for name in self.names:
            for folder, inside in pairwise([*folders_of(name), name]):
                self.listed.setdefault(folder, set()).add(inside.removeprefix(folder))

    def open(self, name: str) -> io.BufferedIOBase:
        """The bytes of the file of this name."""
        try:
            return cast(io.BufferedIOBase, self.zip.open(self.names[name]))
        except (NotImplementedError, RuntimeError, struct.error) as error:
            raise BadZipFile(str(error)) from None

    def at(self, name: str) -> Place:
        """Where a file of this name is; what cannot be printed in the name is replaced."""
        shown = "".join(one if one.isprintable() else "\ufffd" for one in name)
        return Place(f"{self.place.path}/{shown}".rstrip("/"))


@dataclass(frozen=True, slots=True)
class Inside:
    """A folder of an archive, or for "" the whole; other folders end with a slash."""

    archive: Archive = field(repr=False)
    folder: str

    @property
    def path(self) -> str:
        return self.archive.at(self.folder).path

    def listed(self, folder: str = "") -> list[str]:
        return sorted(self.archive.listed.get(self.folder + folder, ()))

    def open(self, name: str) -> io.BufferedIOBase:
        return self.archive.open(self.folder + name)


def folders_of(name: str) -> list[str]:
    """The folders that a file of an archive is in, or a folder and those it is in, the whole first."""
    return ["", *(name[: slash.end()] for slash in re.finditer("/", name))]


def _opened(binary: io.BufferedIOBase, place: Place) -> ZipFile:
    try:
        binary.seek(0)
    except (OSError, ValueError):
        raise place.error("an archive cannot be read from a pipe or a .gz", fix="save it and give its path") from None
    try:
        return ZipFile(_Bounded(binary))
    except _TooManyError:
        raise place.error(f"its list of files is longer than {LIST_LIMIT:,} bytes", fix=UNPACK) from None
    except (NotImplementedError, RuntimeError, struct.error, OSError, ValueError, *BROKEN) as error:
        raise place.error(f"the archive is broken: {error}", fix="copy or export it again") from None


class _TooManyError(Exception):
    """More files than we list."""


class _Bounded:
    """Bytes of which no more are given at once than a list of files may have."""

    def __init__(self, binary: io.BufferedIOBase) -> None:
        self.seek, self.tell, self.seekable, self.binary = binary.seek, binary.tell, binary.seekable, binary

    def read(self, size: int = -1) -> bytes:
        if size > LIST_LIMIT:
            raise _TooManyError
        return self.binary.read(size)


def _check(infos: list[ZipInfo], end: int, place: Place) -> None:
    """Raises InputError where files share their bytes or claim sizes that no packing gives, as bombs do."""
    starts = [*(info.header_offset for info in infos), end]
    for info, (start, following) in zip(infos, pairwise(starts), strict=True):
        if start + 30 + info.compress_size > following or info.file_size > RATIO * info.compress_size + RATIO:
            what = f"the archive is broken or a trap: what it says of {shown(info.filename)} cannot be true"
            raise place.error(what, fix="export it again")


def _refused(info: ZipInfo, name: str, parts: list[str]) -> tuple[str, str] | None:
    """Why a file of an archive is not read, and what to do; None where it is."""
    if ".." in parts or name.startswith("/") or re.match("[A-Za-z]:/", name):
        return "its name leads out of the archive", "take it out, or export it again"
    if len(name) > NAME_LIMIT or len(parts) > NAME_DEPTH:
        return "its name is too long", UNPACK
    if info.flag_bits & 1:
        return "it is locked with a password", f"{UNPACK}, or export it without"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "it is packed in an unusual way", UNPACK
    return None


def _fault(names: list[str], what: str, fix: str, place: Place) -> InputError:
    others = f" (and so for {len(names) - 1:,} more)" if len(names) > 1 else ""
    return place.error(f"{shown(names[0])} is not read: {what}{others}", fix=fix)
