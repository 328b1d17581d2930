"""The word lists of words.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _lists() -> Mapping[str, str]:
    return tomllib.loads((files("coach.redaction") / "words.toml").read_text("utf-8"))


def words(name: str) -> frozenset[str]:
    return frozenset(_lists()[name].split())


def one_of(name: str) -> str:
    """A pattern, verbose or not, for any of the list, the first first."""
    return f"(?:{'|'.join(_lists()[name].split())})".replace("_", "[ ]")
