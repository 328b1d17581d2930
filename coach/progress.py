"""How long work tells its caller where it is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watch:
    """`start` gets the number of things to do; `step` is called after each."""

    start: Callable[[int], None] = lambda total: None
    step: Callable[[], None] = lambda: None
