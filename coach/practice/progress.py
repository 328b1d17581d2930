"""What was practised, in a private file: moments, days, which openings were met. No words, neither side's.

Spaced repetition with Leitner's boxes (So lernt man lernen, 1972): a moment whose every opening was met at the first
try moves up a box, one met only at the second stays, any other goes back to the first. It comes back BOXES days later.
Moments held back show what carries over: they come from WAIT days after their skill was first practised, one after
every BETWEEN others, and once.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from coach.conversation import SKILLS, Rate
from coach.errors import CoachError, ConfigError
from coach.items import Item
from coach.scoring import rate

BOXES = (1, 3, 7, 14, 30)
WAIT = timedelta(days=7)
BETWEEN = 4
VERSION = 1
Verdicts = Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Sitting:
    """One moment practised once: by try, which of its openings were met, by skill.

    No try means that the learner only looked at its model answers.
    """

    item: str
    day: date
    tries: tuple[Verdicts, ...]
    is_transfer: bool = False

    @property
    def is_met_at_once(self) -> bool:
        return bool(self.tries) and all(self.tries[0].values())

    @property
    def is_met(self) -> bool:
        return bool(self.tries) and all(self.tries[-1].values())


@dataclass(frozen=True, slots=True)
class Progress:
    """Every sitting, in order. Everything else follows from them."""

    sittings: tuple[Sitting, ...] = ()

    def with_sitting(self, sitting: Sitting) -> "Progress":
        return replace(self, sittings=(*self.sittings, sitting))

    def first(self, skill: str) -> Rate:
        """Openings met at the first try, of moments never seen before that were there to practise with."""
        return self._at_first(skill, is_new=True)

    def again(self, skill: str) -> Rate:
        """Openings met at the first try, of moments practised before."""
        return self._at_first(skill, is_new=False)

    def transfer(self, skill: str) -> Rate:
        """Openings met at the first try, of moments never seen before that were held back until after practice."""
        return self._at_first(skill, is_new=True, is_transfer=True)

    def _at_first(self, skill: str, *, is_new: bool, is_transfer: bool = False) -> Rate:
        found = (
            one.tries[0]
            for one, new in self._seen()
            if new == is_new and (one.is_transfer == is_transfer or not new) and one.tries
        )
        return _rate(met[skill] for met in found if skill in met)

    def second(self, skill: str) -> Rate:
        """Openings met at the second try, of those that the first left open and that were tried again."""
        tried = (one.tries for one in self.sittings if len(one.tries) > 1)
        return _rate(second.get(skill, False) for first, second, *_ in tried if first.get(skill) is False)

    def _seen(self) -> Iterator[tuple[Sitting, bool]]:
        """Each sitting and whether it is the first with its moment."""
        seen: set[str] = set()
        for one in self.sittings:
            yield one, one.item not in seen
            seen.add(one.item)

    def due(self) -> Mapping[str, date]:
        """When each moment that was practised comes back."""
        boxes: dict[str, int] = {}
        days: dict[str, date] = {}
        for one in self.sittings:
            box = boxes.get(one.item, 0)
            boxes[one.item] = min(box + 1, len(BOXES) - 1) if one.is_met_at_once else box if one.is_met else 0
            days[one.item] = one.day + timedelta(days=BOXES[boxes[one.item]])
        return days

    def schedule(self, items: Sequence[Item], today: date) -> tuple[Item, ...]:
        """What is due, the longest due first, then what is new, then the rest by when it comes back.

        Items of a group stay together, where the first of them stands. Among them stand those held back whose time
        has come; the others held back come last.
        """
        due = self.due()

        def order(item: Item) -> tuple[int, date]:
            day = due.get(item.id)
            return (1, today) if day is None else (0, day) if day <= today else (2, day)

        held = [item for item in items if item.is_transfer]
        ripe = [item for item in held if self._is_ripe(item, today)]
        late = [item for item in held if item not in ripe]
        groups: dict[str, list[Item]] = {}
        for item in sorted((item for item in items if not item.is_transfer), key=order):
            groups.setdefault(item.group or item.id, []).append(item)
        places = {item.id: place for place, item in enumerate(items)}
        found = [one for group in groups.values() for one in sorted(group, key=lambda item: places[item.id])]
        return (*_among(found, ripe), *sorted(late, key=order))

    def _is_ripe(self, item: Item, today: date) -> bool:
        """Whether it was not seen yet, and its skill was first practised long enough ago."""
        if any(one.item == item.id for one in self.sittings):
            return False
        days = (one.day for one in self.sittings if not one.is_transfer and any(item.skill in met for met in one.tries))
        return min(days, default=today) + WAIT <= today


def _among(items: Sequence[Item], others: Sequence[Item]) -> Iterator[Item]:
    """The items, with one of the others after every BETWEEN of them; what is left of either at the end."""
    rest = iter(others)
    for place, item in enumerate(items, 1):
        yield item
        if place % BETWEEN == 0:
            yield from islice(rest, 1)
    yield from rest


def _rate(met: Iterator[bool]) -> Rate:
    found = list(met)
    return rate(sum(found), len(found))


def default_path() -> Path:
    """practice.json in the folder where this system keeps a user's data."""
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return folder / "coach" / "practice.json"


def read_progress(path: Path) -> Progress:
    """What was kept; nothing where there is no file. Raises ConfigError when it is something else."""
    try:
        found = json.loads(path.read_text("utf-8"))
        if found["version"] != VERSION:
            raise ValueError(f"version {found['version']!r}")
        return Progress(tuple(map(_sitting, found["sittings"])))
    except FileNotFoundError:
        return Progress()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name another file with --progress") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(
            f"{path}: is not coach's record of practice ({type(error).__name__}: {error}); it is left as it is: move"
            " it away, or name another file with --progress"
        ) from error


def keep_progress(progress: Progress, path: Path) -> None:
    """Writes the file whole or not at all, readable by its owner only. Raises CoachError when it cannot."""
    rows = [
        {
            "item": one.item,
            "day": one.day.isoformat(),
            "tries": list(map(dict, one.tries)),
            "is_transfer": one.is_transfer,
        }
        for one in progress.sittings
    ]
    text = json.dumps({"version": VERSION, "sittings": rows}, indent=1) + "\n"
    try:
        real = path.resolve()
        if real.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        real.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(real, text)
    except OSError as error:
        raise CoachError(f"{path}: cannot be written ({error.strerror}); name another file with --progress") from error


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _sitting(row: Mapping[str, Any]) -> Sitting:
    tries = tuple({skill: _known(skill, met) for skill, met in one.items()} for one in row["tries"])
    return Sitting(str(row["item"]), date.fromisoformat(row["day"]), tries, row.get("is_transfer", False) is True)


def _known(skill: str, met: Any) -> bool:
    if skill not in SKILLS or not isinstance(met, bool):
        raise ValueError(f"{skill!r}: {met!r}")
    return met
