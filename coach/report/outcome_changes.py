"""What changed of customers' ratings and of what is reported as settled, from before a day to since then."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from coach.conversation import Reviewed
from coach.intervals import Estimate, deviate, difference_of_means, difference_of_shares, each_of
from coach.report.outcomes import SCALES, net
from coach.spread import Spread

SETTLED = "resolved"


@dataclass(frozen=True, slots=True)
class OutcomeChange:
    """One outcome before a day and since: how many, and their mean (nps: net, −1 to 1; resolved: the share of yes).

    `estimate` is how much higher it is since; its interval holds 95 % for all outcomes compared at once. None: too few.
    """

    name: str
    before: Spread
    after: Spread
    estimate: Estimate | None

    @property
    def has_changed(self) -> bool:
        return self.estimate is not None and self.estimate.is_clear


@dataclass
class OutcomePast:
    """Adds outcomes up by the day on which the conversations started."""

    days: dict[date, dict[str, Spread]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Spread)))

    def add(self, reviewed: Reviewed) -> None:
        started, outcome = reviewed.conversation.started, reviewed.conversation.outcome
        if started is None:
            return
        known: dict[str, float | None] = {name: getattr(outcome, name) for name in SCALES}
        if outcome.nps is not None:
            known["nps"] = net(outcome.nps)
        if outcome.resolved in ("yes", "partly", "no"):
            known[SETTLED] = float(outcome.resolved == "yes")
        for name, value in known.items():
            if value is not None:
                self.days[started.date()][name].add(value)

    def changes(self, since: date, minimum: int) -> tuple[OutcomeChange, ...]:
        """Every outcome that there is on both sides of the day."""
        before, after = self._sum(before=since, after=None), self._sum(before=None, after=since)
        names = [name for name in (*SCALES, SETTLED) if name in before and name in after]
        enough = [name for name in names if min(before[name].count, after[name].count) >= max(2, minimum)]
        level = each_of(len(enough))
        estimates = {name: _estimate(name, before[name], after[name], level) for name in enough}
        return tuple(OutcomeChange(name, before[name], after[name], estimates.get(name)) for name in names)

    def _sum(self, *, before: date | None, after: date | None) -> dict[str, Spread]:
        found: dict[str, Spread] = {}
        for day in sorted(self.days):
            if (before is None or day < before) and (after is None or day >= after):
                for name, spread in self.days[day].items():
                    found.setdefault(name, Spread()).merge(spread)
        return found


def _estimate(name: str, before: Spread, after: Spread, level: float) -> Estimate:
    if name != SETTLED:
        return difference_of_means(before, after, level=level)
    met, met_after = (round(side.mean * side.count) for side in (before, after))
    low, high = difference_of_shares((met, before.count), (met_after, after.count), z=deviate(level))
    return Estimate(after.mean - before.mean, low, high, before.count + after.count)
