"""What items say around real words, and the signs that stand witness beside the model: wording.toml, read once."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Move:
    """A tag as learners meet it: what it does, why another sentence is not it, what it is taken for, its signs.

    A `faint` sign does not make it, but is enough not to call it absent.
    """

    says: str
    unless: str
    near: tuple[str, ...]
    sign: re.Pattern[str]
    faint: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Plain:
    """Sentences that look like a move and are none: why, what they are taken for, their signs."""

    why: str
    near: tuple[str, ...]
    sign: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A key phrase of a tag: how it is found, what fits the same place, and a hint for the learner."""

    tag: str
    hint: str
    pattern: re.Pattern[str]
    others: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]

    def fitting(self, found: str, *, begins: bool) -> tuple[str, ...]:
        """What may stand in the phrase's place, the phrase itself first; with a capital where it `begins`."""
        families = [family for family in self.same if found.lower() in family]
        others = (*self.others, *(other for family in families for other in family))
        cased = [other[0].upper() + other[1:] if begins and found[0].isupper() else other for other in others]
        unique: dict[str, str] = {}
        for one in (found, *cased):
            unique.setdefault(one.replace("’", "'").casefold(), one)
        return tuple(unique.values())


@cache
def toml(name: str) -> Mapping[str, Any]:
    """A file of ours beside this module."""
    return tomllib.loads((files("coach.authoring") / name).read_text("utf-8"))


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


@cache
def moves() -> Mapping[str, Move]:
    """By tag."""
    return {
        tag: Move(
            row["says"], row["unless"], tuple(row["near"]), _any_of(row["signs"]), _any_of(row.get("faint", ["(?!)"]))
        )
        for tag, row in toml("wording.toml")["moves"].items()
    }


@cache
def calls() -> Mapping[str, re.Pattern[str]]:
    """By skill, the signs that it is called for; under "refuses", "greets" and "settles", those of what answers do."""
    return {name: _any_of(patterns) for name, patterns in toml("wording.toml")["called"].items()}


@cache
def plains() -> tuple[Plain, ...]:
    rows = toml("wording.toml")["plain"].values()
    return tuple(Plain(row["why"], tuple(row["near"]), _any_of(row["signs"])) for row in rows)


@cache
def phrases() -> tuple[Phrase, ...]:
    return tuple(
        Phrase(
            row["tag"],
            row["hint"],
            re.compile(rf"\b{row['pattern']}(?={row['follows']})", re.IGNORECASE),
            tuple(row.get("others", ())),
            tuple(map(tuple, row.get("same", ()))),
        )
        for row in toml("wording.toml")["phrase"]
    )
