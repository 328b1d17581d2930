"""Exercise packs as files that learning platforms and other tools import. Each format is a module with `write`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from coach.items import Item
from coach.packs import gift, moodle_xml, qti12, qti21, table

__all__ = ["FORMATS", "Format"]


class Writer(Protocol):
    """Writes a pack; the same items and title give the same bytes. Raises CoachError when it cannot."""

    def __call__(self, items: Sequence[Item], title: str, path: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a pack: the file's extension with its dot, and what the format is for, for people to choose."""

    name: str
    extension: str
    purpose: str
    write: Writer


_KNOWN = (
    Format("gift", gift.EXTENSION, "Moodle's text format, short enough to edit by hand", gift.write),
    Format("moodle-xml", moodle_xml.EXTENSION, "Moodle, with id numbers and tags", moodle_xml.write),
    Format("qti-2.1", qti21.EXTENSION, "TAO, Canvas New Quizzes, Blackboard, OpenOlat, ILIAS", qti21.write),
    Format("qti-1.2", qti12.EXTENSION, "Canvas Classic Quizzes and older platforms", qti12.write),
    Format("csv", table.EXTENSION, "spreadsheets: one row an item", table.write),
)

FORMATS: Mapping[str, Format] = {known.name: known for known in _KNOWN}
