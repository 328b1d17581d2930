"""Files of a pack: the same items give the same bytes, and a file is written whole or not at all."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from coach.errors import CoachError

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold; every member has it."""


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip of the members by name, in their order."""
    held = BytesIO()
    with ZipFile(held, "w") as archive:
        for name, content in members.items():
            entry = ZipInfo(name, LONG_AGO)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, content)
    return held.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Raises CoachError when it cannot be written; what stood there before then still stands."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        if part.is_file():
            part.unlink()
        raise CoachError(f"{path}: cannot be written ({error.strerror}); name another place with --out") from error
