"""Patterns of talk, by name, from cues.toml: what can be seen in the words without a model."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Cue:
    """A pattern and the line that explains it to a reader; empty where it is not to be shown."""

    name: str
    pattern: re.Pattern[str]
    reason: str


@cache
def cues(kind: str) -> Mapping[str, Cue]:
    """The cues of a kind ("type", "opening", "ending"), in the order of the file."""
    found = tomllib.loads((files("coach") / "cues.toml").read_text("utf-8"))[kind]
    return {
        name: Cue(name, re.compile("|".join(f"(?:{p})" for p in cue["patterns"]), re.IGNORECASE), cue["reason"])
        for name, cue in found.items()
    }
