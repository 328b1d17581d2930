"""Change against one's own past: periods for a chart, and what has surely changed, in counts.

Added up by day, so that what is held does not grow with the number of conversations. The earlier part is compared
with the later: split in the middle of the time they span, or where that leaves one part with too few, or under a third,
where both have most nearly as many; or at a day that is given (a team's last review). The day is chosen without
looking at a score, so that it favours no finding. The tagger's errors scatter what is compared, as they fall on both
parts alike, and so hide a change rather than make one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate, groupby

from coach.clusters import Openings, difference
from coach.conversation import SKILLS, Index, Rate, Reviewed
from coach.intervals import Estimate, difference_of_means, each_of
from coach.norms import Norms, pooled
from coach.rubric import Rubric
from coach.scoring import scores
from coach.spread import Spread

INDICES = ("care", "service")


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
    """What became of an index (care, service) or a skill from before a day to since then.

    For an index `before` and `after` are its means in each part, for a skill what was met in them. `estimate` is by
    how many points (0–100) it is higher since; its interval is so wide that in 95 of 100 times nothing is called a
    change, of all that is compared, that is none. None: too few to say, under the minimum count in either part.
    """

    name: str
    before: Index | Rate
    after: Index | Rate
    estimate: Estimate | None

    @property
    def has_changed(self) -> bool:
        return self.estimate is not None and self.estimate.is_clear


@dataclass(frozen=True, slots=True)
class Trend:
    """Periods of the finest `unit` (week, month, quarter) that mostly has enough, and what changed since a day.

    `undated` conversations have no time and count nowhere here. `since` is the first day of the later part, None when
    there are not two days to compare; then there are no changes. `before` and `after` count conversations.
    """

    unit: str
    periods: tuple[Period, ...]
    since: date | None
    before: int
    after: int
    changes: tuple[Change, ...]
    undated: int
    minimum_count: int


@dataclass
class _Span:
    """Running figures of a day, or of several."""

    conversations: int = 0
    indices: dict[str, Spread] = field(default_factory=lambda: {name: Spread() for name in INDICES})
    openings: dict[str, Openings] = field(default_factory=lambda: {skill: Openings() for skill in SKILLS})

    @classmethod
    def of(cls, parts: Iterable["_Span"]) -> "_Span":
        """All of the parts together."""
        found = cls()
        for part in parts:
            found.conversations += part.conversations
            for name, spread in part.indices.items():
                found.indices[name].merge(spread)
            for skill, openings in part.openings.items():
                found.openings[skill].add(openings)
        return found


class Past:
    """Adds conversations up by the day on which they started; with `agent`, only that agent's part in them."""

    def __init__(self, rubric: Rubric, *, agent: str | None = None) -> None:
        self.rubric, self.agent = rubric, agent
        self.days: dict[date, _Span] = defaultdict(_Span)
        self.undated = 0

    def add(self, reviewed: Reviewed) -> None:
        started = reviewed.conversation.started
        if started is None:
            self.undated += 1
            return
        day = self.days[started.date()]
        day.conversations += 1
        credits = [one for one in reviewed.credits if self.agent in (None, one.agent)]
        for name, score in scores(credits, self.rubric).items():
            day.indices[name].add(score.mean, error=score.error, sampling=score.sampling)
        for skill, sums in day.openings.items():
            found = [o for o in reviewed.judgements.openings if o.skill == skill and self.agent in (None, o.agent)]
            if found:
                sums.add(Openings.of(found))

    def openings_since(self, day: date) -> Mapping[str, Openings]:
        """Of each skill, the openings from the day on."""
        return _Span.of(self.days[one] for one in sorted(self.days) if one >= day).openings

    def trend(self, usual: Norms, *, since: date | None = None) -> Trend:
        """Periods and changes; `usual` says how much conversations vary, `since` a day to compare before and after."""
        unit, periods = self._periods(usual)
        since = since or _middle(self.days, self.rubric.minimum_count)
        before = _Span.of(self.days[day] for day in sorted(self.days) if since and day < since)
        after = _Span.of(self.days[day] for day in sorted(self.days) if since and day >= since)
        both = bool(before.conversations and after.conversations)
        return Trend(
            unit=unit,
            periods=periods,
            since=since if both else None,
            before=before.conversations,
            after=after.conversations,
            changes=self._changes(before, after, usual) if both else (),
            undated=self.undated,
            minimum_count=self.rubric.minimum_count,
        )

    def _periods(self, usual: Norms) -> tuple[str, tuple[Period, ...]]:
        spans = {unit: _grouped(self.days, start) for unit, start in UNITS.items()}
        minimum = self.rubric.minimum_count

        def has_enough(unit: str) -> bool:
            enough = [span.conversations >= minimum for span in spans[unit].values()]
            return 2 * sum(enough) > len(enough)

        unit = next(filter(has_enough, UNITS), COARSEST)
        return unit, tuple(
            Period(name_of(start, unit), start, span.conversations, **_indices(span, usual))
            for start, span in spans[unit].items()
        )

    def _changes(self, before: _Span, after: _Span, usual: Norms) -> tuple[Change, ...]:
        sides: list[dict[str, Index | Rate]] = [{**_indices(side, usual), **_rates(side)} for side in (before, after)]
        found = _estimates(before, after, max(2, self.rubric.minimum_count))
        return tuple(Change(name, sides[0][name], sides[1][name], found.get(name)) for name in (*INDICES, *SKILLS))


def _estimates(before: _Span, after: _Span, minimum: int) -> Mapping[str, Estimate]:
    """The change of all that there is enough of, by Holm's (1979) method.

    Each of so many is asked for as much as if all were chance; once some are not, the others only for what is left.
    """
    counts = {name: min(side.indices[name].count for side in (before, after)) for name in INDICES}
    counts |= {skill: min(side.openings[skill].weight for side in (before, after)) for skill in SKILLS}
    left = [name for name, count in counts.items() if count >= minimum]
    found: dict[str, Estimate] = {}
    while left:
        level = each_of(len(left))
        found |= {name: _estimate(name, before, after, level).times(100) for name in left}
        clear = [name for name in left if found[name].is_clear]
        if not clear:
            break
        left = [name for name in left if name not in clear]
    return found


def _estimate(name: str, before: _Span, after: _Span, level: float) -> Estimate:
    if name in INDICES:
        return difference_of_means(before.indices[name], after.indices[name], level=level)
    return difference(before.openings[name], after.openings[name], level=level)


def _rates(span: _Span) -> Mapping[str, Rate]:
    return {skill: openings.rate for skill, openings in span.openings.items()}


def _indices(span: _Span, usual: Norms) -> Mapping[str, Index]:
    return {
        "care": pooled(span.indices["care"], usual.care, towards_usual=False),
        "service": pooled(span.indices["service"], usual.service, towards_usual=False),
    }


def _middle(days: Mapping[date, _Span], minimum: int) -> date | None:
    """The first day of the later part; None unless there are two days."""
    ordered = sorted(days)
    above = list(accumulate(days[day].conversations for day in ordered))
    splits = [(later, count) for later, count in zip(ordered[1:], above, strict=False)]
    if not splits:
        return None
    half = ordered[0] + (ordered[-1] - ordered[0]) / 2
    day, count = next((day, count) for day, count in splits if day > half)
    if min(count, above[-1] - count) >= max(minimum, above[-1] / 3):
        return day
    return min(splits, key=lambda split: abs(above[-1] - 2 * split[1]))[0]


def _grouped(days: Mapping[date, _Span], start: Callable[[date], date]) -> Mapping[date, _Span]:
    found = groupby(sorted(days), key=start)
    return {first: _Span.of(days[day] for day in within) for first, within in found}


UNITS: Mapping[str, Callable[[date], date]] = {
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
}
COARSEST = "quarter"


def name_of(start: date, unit: str) -> str:
    """ "7 Sep 2026", the week's first day; "Sep 2026" or "Jul–Sep 2026"."""
    if unit == "week":
        return f"{start.day} {start:%b %Y}"
    if unit == "month":
        return f"{start:%b %Y}"
    return f"{start:%b}–{start.replace(month=start.month + 2):%b %Y}"
