"""Labelled conversations: what a person or a careful reader said is right, for training and evaluation."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.conversation import FEELINGS, RESOLUTIONS, TAGS, TYPES, Conversation, Turn
from coach.errors import InputError


@dataclass(frozen=True, slots=True)
class Labelled:
    """A conversation with its labels.

    `sentences` holds, per turn, (start, end, tags) of each agent sentence; `feelings`, per turn, the customer's
    feeling or None. The scales, `care` and `service` run from 1 to 5. `type` may be "unclear".
    """

    conversation: Conversation
    source: str
    sentences: tuple[tuple[tuple[int, int, frozenset[str]], ...], ...]
    feelings: tuple[str | None, ...]
    type: str
    assertiveness: float
    responsiveness: float
    type_clues: tuple[int, ...]
    resolved: str
    care: float
    service: float


def read_labelled(path: Path) -> Iterator[Labelled]:
    """Every labelled conversation of a JSON Lines file, plain or gzipped. Raises InputError with the line."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield _parse(line, str(path), number)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", fix="name a labelled JSON Lines file", path=str(path)) from error


def _parse(line: str, path: str, number: int) -> Labelled:
    try:
        return _labelled(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"not a labelled conversation ({type(error).__name__}: {error})",
            fix="give each line id, turns with sentences and feelings, type, scales, resolved, care, service",
            path=path,
            line=number,
        ) from error


def _labelled(row: Mapping[str, Any]) -> Labelled:
    turns = tuple(Turn(role=turn["role"], text=turn["text"]) for turn in row["turns"])
    return Labelled(
        conversation=Conversation(id=str(row["id"]), turns=turns, channel=row.get("channel")),
        source=row.get("source", "unknown"),
        sentences=tuple(
            tuple((s["start"], s["end"], _known_tags(s["tags"])) for s in turn.get("sentences", ()))
            for turn in row["turns"]
        ),
        feelings=tuple(_one_of(turn.get("feeling"), (None, *FEELINGS)) for turn in row["turns"]),
        type=_one_of(row["type"], (*TYPES, "unclear")),
        assertiveness=float(row["assertiveness"]),
        responsiveness=float(row["responsiveness"]),
        type_clues=tuple(row.get("type_clues", ())),
        resolved=_one_of(row["resolved"], RESOLUTIONS),
        care=float(row["care"]),
        service=float(row["service"]),
    )


def _known_tags(names: list[str]) -> frozenset[str]:
    return frozenset(_one_of(name, TAGS) for name in names)


def _one_of(value: Any, known: tuple[Any, ...]) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(map(str, known))}")
    return value
