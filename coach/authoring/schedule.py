"""When to practise which item: after growing pauses, as what comes back when it is half forgotten is kept best.

A learner meets at most A_DAY new items a day, and again on later DAYS; what is held back comes once, on the last day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from coach.items import Item

DAYS = (1, 3, 7, 14, 30)
A_DAY = 15


def scheduled(items: Sequence[Item], start: date | None = None) -> tuple[Item, ...]:
    """The items with their days, of which day 1 is `start`; without it they are "day 1", "day 3" and so on."""
    begins = _begins(item for item in items if not item.is_transfer)
    last = max(begins.values(), default=0) + DAYS[-1]

    def due(item: Item) -> tuple[str, ...]:
        days = (last,) if item.is_transfer else tuple(begins[item.id] + day for day in DAYS)
        return tuple(f"day {day}" if start is None else (start + timedelta(day - 1)).isoformat() for day in days)

    return tuple(replace(item, due=due(item)) for item in items)


def _begins(items: Iterable[Item]) -> Mapping[str, int]:
    """By id, how many days after the first an item is met: dealt out like cards, so that kinds mix on every day."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.group or item.id, []).append(item)
    count = sum(map(len, groups.values()))
    days: list[list[Item]] = [[] for _ in range(-(-count // A_DAY))]
    for group in groups.values():
        min(days, key=len).extend(group)
    return {item.id: number for number, day in enumerate(days) for item in day}
