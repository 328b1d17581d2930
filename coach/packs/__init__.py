"""Exercise packs as files that learning platforms and other tools import. Each format is a module with `write`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from coach.errors import CoachError, ConfigError
from coach.items import Item
from coach.packs import anki, gift, h5p, json_records, markdown, moodle_xml, page, qti12, qti21, scorm, table

__all__ = ["FORMATS", "READ_AT_ONCE", "TITLE", "Format", "file_name", "formats_of", "write_pack"]


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
    Format("html", page.EXTENSION, "a page to read and practise with, offline, answers folded", page.write),
    Format("markdown", markdown.EXTENSION, "a text to edit", markdown.write),
    Format("json", json_records.EXTENSION, "programs", json_records.write),
    Format("gift", gift.EXTENSION, "Moodle's text format, short enough to edit by hand", gift.write),
    Format("moodle-xml", moodle_xml.EXTENSION, "Moodle, with id numbers and tags", moodle_xml.write),
    Format("qti-2.1", qti21.EXTENSION, "TAO, Canvas New Quizzes, Blackboard, OpenOlat, ILIAS", qti21.write),
    Format("qti-1.2", qti12.EXTENSION, "Canvas Classic Quizzes and older platforms", qti12.write),
    Format("anki", anki.EXTENSION, "Anki: a deck of cards that come back when they are due", anki.write),
    Format("h5p", h5p.EXTENSION, "H5P in Moodle, WordPress, Drupal: a question set, role-plays beside it", h5p.write),
    Format("scorm", scorm.EXTENSION, "SCORM 1.2: any learning platform, completed or not, no score", scorm.write),
    Format("csv", table.EXTENSION, "spreadsheets: one row an item", table.write),
)

FORMATS: Mapping[str, Format] = {known.name: known for known in _KNOWN}
READ_AT_ONCE = ("html", "markdown", "json")
TITLE = "Exercises from real moments"


def formats_of(names: Sequence[str]) -> list[Format]:
    """The formats of these names. Raises ConfigError for what is none."""
    for name in names:
        if name not in FORMATS:
            raise ConfigError(f"{name}: no such format; choose from {', '.join(FORMATS)}")
    return [FORMATS[name] for name in names]


def write_pack(items: Sequence[Item], title: str, folder: Path, formats: Sequence[Format]) -> list[str]:
    """Writes the pack in each format into the folder and returns the files' names. Raises CoachError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CoachError(f"{folder}: cannot be written ({error.strerror}); name another folder with --out") from error
    files = {file_name(known): known for known in formats}
    for file, known in files.items():
        known.write(items, title, folder / file)
    return list(files)


def file_name(known: Format) -> str:
    """What the format's file in a pack is called: a name that no other format of the pack has."""
    alone = sum(other.extension == known.extension for other in _KNOWN) == 1
    return f"exercises{known.extension}" if alone else f"exercises-{known.name}{known.extension}"
