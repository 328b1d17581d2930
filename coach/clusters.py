"""Shares of openings, which come in clusters: those of one conversation are alike and count for fewer than they are.

Tests and intervals of differences divide the counts by the design effect, one for both sides (Rao and Scott 1992, A
simple method for the analysis of clustered binary data).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import inf

from coach.conversation import STATUSES, Opening, Rate
from coach.intervals import Estimate, deviate, difference_of_shares
from coach.scoring import rate

FEWEST = 3


@dataclass
class Openings:
    """Running counts of openings, and sums of squares by conversation, which say how much these cluster.

    `doubt` is the summed variance of how many were met, by the tagger's errors.
    """

    met: int = 0
    recovered: int = 0
    missed: int = 0
    doubt: float = 0.0
    conversations: int = 0
    met_squared: int = 0
    both: int = 0
    called_squared: int = 0

    @classmethod
    def of(cls, found: Sequence[Opening]) -> "Openings":
        """Those of one conversation."""
        counts = [sum(o.status == name for o in found) for name in STATUSES]
        return cls.counted(*counts, doubt=sum(o.met * (1 - o.met) for o in found))

    @classmethod
    def counted(cls, met: int, recovered: int, missed: int, *, doubt: float = 0.0) -> "Openings":
        """One conversation's, by what became of them."""
        called = met + recovered + missed
        return cls(met, recovered, missed, doubt, bool(called), met * met, met * called, called * called)

    def add(self, other: "Openings", *, times: int = 1) -> None:
        """Takes in the counts of another; with `times` −1 it takes them out."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + times * getattr(other, field.name))

    def besides(self, part: "Openings") -> "Openings":
        """The counts without those of a part of them."""
        rest = Openings()
        rest.add(self)
        rest.add(part, times=-1)
        return rest

    @property
    def called_for(self) -> int:
        return self.met + self.recovered + self.missed

    @property
    def rate(self) -> Rate:
        """What was met at once, with its interval."""
        return rate(self.met, self.called_for, variance=max(0.0, self.doubt))

    @property
    def weight(self) -> int:
        """How many there are to compare: none in conversations too few to show how alike theirs are."""
        return self.called_for if self.conversations >= FEWEST else 0

    @property
    def scatter(self) -> tuple[float, float]:
        """Squared distances of conversations from the common share: as they are, and as chance alone makes them."""
        share = self.met / self.called_for
        seen = self.met_squared - 2 * share * self.both + share**2 * self.called_squared
        small = self.conversations / max(1, self.conversations - 1)
        return small * seen, self.called_for * share * (1 - share)


def design_effect(sides: Sequence[Openings]) -> float:
    """How many openings count as one: 1 where those of a conversation are no more alike than others."""
    seen, by_chance = (sum(pair) for pair in zip(*(side.scatter for side in sides), strict=True))
    return max(1.0, seen / by_chance) if by_chance else 1.0


def chance_of_difference(part: Openings, rest: Openings) -> float | None:
    """The p-value of Fisher's exact test that both are met alike; None when either side has no openings."""
    from scipy.stats import fisher_exact

    if not part.called_for or not rest.called_for:
        return None
    effect = design_effect((part, rest))
    table = [[int(side.met / effect), int((side.called_for - side.met) / effect)] for side in (part, rest)]
    return float(fisher_exact(table).pvalue)


def corrected(chances: Sequence[float]) -> list[float]:
    """p-values of many tests at once, so that of what is named under 0.05 at most one in twenty is chance.

    The false discovery rate of Benjamini and Hochberg (1995).
    """
    from scipy.stats import false_discovery_control

    return [float(chance) for chance in false_discovery_control(chances)] if chances else []


def difference(before: Openings, after: Openings, *, level: float) -> Estimate:
    """By how much the share met is higher in the second, −1 to 1, with its interval; both have openings.

    Newcombe's interval of the effective counts, with Student's deviate where the design effect is itself seen in few
    conversations.
    """
    effect, freedom = design_effect((before, after)), before.conversations + after.conversations - 2
    z = deviate(level, freedom if effect > 1 else inf)
    low, high = difference_of_shares(*((side.met / effect, side.called_for / effect) for side in (before, after)), z=z)
    change = after.met / after.called_for - before.met / before.called_for
    return Estimate(change, low, high, before.called_for + after.called_for)
