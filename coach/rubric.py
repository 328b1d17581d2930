"""The rubric: weights and thresholds that a lead may change, read from TOML and checked key by key."""

import hashlib
import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from coach.conversation import TYPES
from coach.errors import ConfigError
from coach.fit import MEASURES

KEYS: Mapping[str, tuple[str, ...]] = {
    "care": ("empathy", "listening", "warmth", "understanding", "ending"),
    "service": ("instruction", "verification", "expectation", "resolution", "timeliness", "ending"),
    "baseline": ("care", "care_weight", "service", "service_weight"),
    "credit": ("met", "recovered", "missed", "resolved_yes", "resolved_partly", "resolved_no"),
    "report": ("minimum_count",),
}
FREE = "first_response_seconds"


class Range(NamedTuple):
    """What a number must be, and how to say so."""

    holds: Callable[[float], bool]
    words: str


ANY = Range(lambda value: True, "a number")
SHARE = Range(lambda value: 0 < value < 1, "a number between 0 and 1")
RANGES: Mapping[tuple[str, str], Range] = {
    ("credit", ""): Range(lambda value: value <= 1, "a number from 0 to 1"),
    ("baseline", "care"): SHARE,
    ("baseline", "service"): SHARE,
    ("baseline", ""): Range(lambda value: value > 0, "a number above 0"),
    ("report", ""): Range(lambda value: not value % 1, "a whole number"),
}
INDICES = ("care", "service")
FIT = "fit"


@dataclass(frozen=True)
class Rubric:
    """Weights of the parts, what one opening is worth, targets in seconds by channel, and the minimum count.

    `baseline` has, for each index, where it starts (0–1) and how much evidence that is worth. `fit` has, by customer
    type, which measures of an agent's manner it asks for more (or, below zero, less) of.
    """

    care: Mapping[str, float]
    service: Mapping[str, float]
    baseline: Mapping[str, tuple[float, float]]
    credit: Mapping[str, float]
    fit: Mapping[str, Mapping[str, float]]
    first_response_seconds: Mapping[str, float]
    minimum_count: int

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any score may change: 8 hex digits."""
        text = repr((self.care, self.service, self.baseline, self.credit, self.first_response_seconds))
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def read_rubric(path: Path | None = None) -> Rubric:
    """The rubric of a file, or the one that comes with coach. Raises ConfigError that names the key."""
    name = str(path or "rubric.toml")
    try:
        text = path.read_text("utf-8") if path else (files("coach") / "rubric.toml").read_text("utf-8")
        values: dict[str, dict[str, Any]] = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"{name}: cannot be read as a rubric ({error}); start from a copy of coach/rubric.toml"
        ) from error
    _check(values, name)
    return Rubric(
        care=values["care"],
        service=values["service"],
        baseline={name: (values["baseline"][name], values["baseline"][f"{name}_weight"]) for name in INDICES},
        credit=values["credit"],
        fit=values["fit"],
        first_response_seconds={channel.lower(): seconds for channel, seconds in values[FREE].items()},
        minimum_count=int(values["report"]["minimum_count"]),
    )


def _check(values: Mapping[str, Any], name: str) -> None:
    for table in values:
        if table not in (*KEYS, FREE, FIT):
            raise ConfigError(f"{name}: unknown table [{table}]; known are {', '.join((*KEYS, FREE, FIT))}")
    _check_fit(values.get(FIT), name)
    for table, keys in {**KEYS, FREE: ()}.items():
        found = values.get(table)
        if not isinstance(found, dict):
            raise ConfigError(f"{name}: the table [{table}] is missing; copy it from coach/rubric.toml")
        for key in found:
            if table != FREE and key not in keys:
                raise ConfigError(f"{name}: unknown key {table}.{key}; known are {', '.join(keys)}")
        for key in keys:
            if key not in found:
                raise ConfigError(f"{name}: {table}.{key} is missing; copy it from coach/rubric.toml")
        for key, value in found.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise ConfigError(f"{name}: {table}.{key} is {value!r}; give a number that is not negative")
            if not (wanted := RANGES.get((table, key)) or RANGES.get((table, "")) or ANY).holds(value):
                raise ConfigError(f"{name}: {table}.{key} is {value!r}; give {wanted.words}")


def _check_fit(table: Any, name: str) -> None:
    """Raises ConfigError unless every type has weights of known measures, one of them at least not zero."""
    if not isinstance(table, dict) or set(table) != set(TYPES):
        raise ConfigError(f"{name}: [fit] needs a table for each of {', '.join(TYPES)} and no other")
    for type, weights in table.items():
        if not isinstance(weights, dict) or not set(weights) <= set(MEASURES) or not any(weights.values()):
            raise ConfigError(f"{name}: [fit.{type}] needs weights, not all 0, of some of {', '.join(MEASURES)}")
        for key, value in weights.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ConfigError(f"{name}: fit.{type}.{key} is {value!r}; give a number")
