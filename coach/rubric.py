"""The rubric: weights and thresholds that a lead may change, read from TOML and checked key by key."""

import hashlib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from coach.errors import ConfigError

KEYS: Mapping[str, tuple[str, ...]] = {
    "care": ("empathy", "listening"),
    "service": ("instruction", "expectation", "resolution", "timeliness"),
    "credit": ("met", "recovered", "missed", "resolved_yes", "resolved_partly", "resolved_no"),
    "report": ("minimum_count",),
}
FREE = "first_response_seconds"


@dataclass(frozen=True)
class Rubric:
    """Weights of the parts, what one opening is worth, targets in seconds by channel, and the minimum count."""

    care: Mapping[str, float]
    service: Mapping[str, float]
    credit: Mapping[str, float]
    first_response_seconds: Mapping[str, float]
    minimum_count: int

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any score may change: 8 hex digits."""
        text = repr((self.care, self.service, self.credit, self.first_response_seconds))
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
        credit=values["credit"],
        first_response_seconds={channel.lower(): seconds for channel, seconds in values[FREE].items()},
        minimum_count=int(values["report"]["minimum_count"]),
    )


def _check(values: Mapping[str, Any], name: str) -> None:
    for table in values:
        if table not in KEYS and table != FREE:
            raise ConfigError(f"{name}: unknown table [{table}]; known are {', '.join((*KEYS, FREE))}")
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
            if table == "credit" and value > 1:
                raise ConfigError(f"{name}: credit.{key} is {value!r}; give a number from 0 to 1")
            if table == "report" and value % 1:
                raise ConfigError(f"{name}: report.{key} is {value!r}; give a whole number")
