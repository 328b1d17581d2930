"""What a pack is asked to hold, and what came of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from coach.conversation import SKILLS, TYPES
from coach.errors import ConfigError
from coach.items import KINDS, Item, Kind


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items a pack is to have; None leaves a thing open. Raises ConfigError for what does not exist.

    `focus` is a skill that two of three items with a skill are to be about, an agent's focus for example. The same
    moments and `seed` give the same pack. `start` is the day from which the days to practise are counted.
    """

    skill: str | None = None
    kinds: Collection[Kind] = KINDS
    customer_type: str | None = None
    channel: str | None = None
    difficulty: int | None = None
    count: int = 16
    seed: int = 0
    focus: str | None = None
    start: date | None = None

    def __post_init__(self) -> None:
        _known("kind", self.kinds, KINDS)
        for name, value, known in (
            ("skill", self.skill, tuple(SKILLS)),
            ("focus", self.focus, tuple(SKILLS)),
            ("customer type", self.customer_type, TYPES),
            ("difficulty", self.difficulty, (1, 2, 3)),
        ):
            _known(name, () if value is None else (value,), known)
        if not self.kinds or self.count < 1:
            raise ConfigError("a pack without items was asked for; ask for at least one kind and one item")

    def takes(self, item: Item) -> bool:
        """Whether the item is one of those asked for. What was written, not said, fits every channel."""
        return (
            item.kind in self.kinds
            and self.skill in (None, item.skill)
            and self.customer_type in (None, item.customer_type)
            and (self.channel is None or item.channel in (None, self.channel))
            and self.difficulty in (None, item.difficulty)
        )


def _known(name: str, values: Collection[object], known: Collection[object]) -> None:
    for value in values:
        if value not in known:
            raise ConfigError(f"{value}: no such {name}; choose from {', '.join(map(str, known))}")


@dataclass(frozen=True, slots=True)
class Lack:
    """There was too little sound material: `found` items of a kind, or of a skill in it, where `wanted` were due."""

    kind: Kind
    skill: str | None
    wanted: int
    found: int

    def __str__(self) -> str:
        of = f"{self.kind} ({self.skill})" if self.skill else self.kind
        return f"{of}: {self.found} of {self.wanted}"


@dataclass(frozen=True, slots=True)
class Pack:
    """Items to practise with, then those held back to see what carries over; and where material was lacking."""

    items: tuple[Item, ...]
    lacking: tuple[Lack, ...]
