"""Change against one's own past: periods for a chart, and what has surely changed, in counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from coach.conversation import Index, Rate
from coach.intervals import Estimate


@dataclass(frozen=True, slots=True)
class Period:
    """A week, month or quarter: its first day, how many conversations, and the indices in it."""

    name: str
    start: date
    conversations: int
    care: Index
    service: Index


@dataclass(frozen=True, slots=True)
class Change:
    """What became of care, service or a skill from before a day to since then.

    For an index `before` and `after` are None and `indices` has both; for a skill they have what was met. `estimate`
    is how many points (0–100) it is higher since; its interval holds 95 % for all comparisons at once. None: too few
    to say.
    """

    name: str
    since: date
    before: Index | Rate
    after: Index | Rate
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Trend:
    """Periods of the finest `unit` (week, month, quarter) that mostly has enough, and the changes.

    `undated` conversations have no time and are in neither. `since` is the day of the later part; None when all fall
    on one day or there are none.
    """

    unit: str
    periods: tuple[Period, ...]
    since: date | None
    changes: tuple[Change, ...]
    undated: int
    minimum_count: int
