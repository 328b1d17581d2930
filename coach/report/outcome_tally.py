"""Adds conversations up to what became of them, one at a time: what is held does not grow with their number.

Counts, means and shares are of every conversation; medians and correlations, beyond 10,000, of an even sample.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coach.contacts import Contact
from coach.conversation import Reviewed
from coach.intervals import Estimate, each_of, median, rank_correlation, rating
from coach.report.outcomes import (
    COMPARED,
    FEWEST_PAIRS,
    LEANS,
    PART_OF_SERVICE,
    SCALES,
    SETTLED,
    WAITS,
    WINDOWS,
    Lean,
    OutcomeReport,
    Outcomes,
    Rating,
    Repeat,
    Settled,
    Together,
    Wait,
    known_of,
    lean_of,
    net,
)
from coach.rubric import Rubric
from coach.sample import Sample
from coach.scoring import rate, scores


@dataclass
class _Ratings:
    """Running sums of one rating."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    values: Counter[int] = field(default_factory=Counter)

    def add(self, value: float, rated: float) -> None:
        """`value` is what counts for the mean, `rated` what the customer gave."""
        self.count, self.total, self.squares = self.count + 1, self.total + value, self.squares + value**2
        self.values[math.floor(rated + 0.5)] += 1


@dataclass
class _Repeats:
    """Running counts of one window: came again, judged, and why the others cannot be."""

    days: int
    again: int = 0
    judged: int = 0
    why_not: Counter[str] = field(default_factory=Counter)

    def add(self, contact: Contact) -> None:
        if contact.can_be_judged(self.days):
            self.judged += 1
            self.again += contact.is_followed(self.days)
        elif not contact.has_customer:
            self.why_not["no customer"] += 1
        else:
            self.why_not["no time" if contact.watched_seconds is None else "too recent"] += 1

    def repeat(self, minimum: int) -> Repeat:
        why = self.why_not
        found = rate(self.again, self.judged)
        return Repeat(self.days, found, self.judged >= minimum, why["too recent"], why["no customer"], why["no time"])


def _windows() -> list[_Repeats]:
    return [_Repeats(days) for days in WINDOWS]


@dataclass
class _Group:
    """Running figures of a channel, or of all."""

    conversations: int = 0
    ratings: dict[str, _Ratings] = field(default_factory=lambda: {name: _Ratings() for name in SCALES})
    endings: dict[bool, Counter[str]] = field(default_factory=lambda: {True: Counter(), False: Counter()})
    doubt: float = 0.0
    waits: dict[str, Sample[float]] = field(default_factory=lambda: {name: Sample() for name in WAITS})
    repeats: list[_Repeats] = field(default_factory=_windows)

    def add(self, reviewed: Reviewed, contact: Contact, known: Mapping[str, float]) -> None:
        self.conversations += 1
        outcome, judged = reviewed.conversation.outcome, reviewed.judgements.resolution
        for name, ratings in self.ratings.items():
            if name in known:
                ratings.add(net(known[name]) if name == "nps" else known[name], known[name])
        self.endings[outcome.resolved is not None][reviewed.resolved] += 1
        if outcome.resolved is None and judged.label in SETTLED:
            sure = judged.probabilities["yes"] / sum(judged.probabilities[label] for label in SETTLED)
            self.doubt += sure * (1 - sure)
        for name, sample in self.waits.items():
            if name in known:
                sample.add(reviewed.conversation.id, known[name])
        for repeats in self.repeats:
            repeats.add(contact)

    def outcomes(self, name: str, minimum: int) -> Outcomes:
        return Outcomes(
            name=name,
            conversations=self.conversations,
            ratings=tuple(_rating(name, sums, minimum) for name, sums in self.ratings.items() if sums.count),
            settled=tuple(self._settled(reported, minimum) for reported in (True, False) if self.endings[reported]),
            waits=tuple(_wait(name, sample, minimum) for name, sample in self.waits.items() if sample.count),
            repeats=tuple(repeats.repeat(minimum) for repeats in self.repeats),
        )

    def _settled(self, reported: bool, minimum: int) -> Settled:
        endings = self.endings[reported]
        told = sum(endings[label] for label in SETTLED)
        found = rate(endings["yes"], told, variance=0.0 if reported else self.doubt)
        return Settled(reported, found, endings, told >= minimum)


def _rating(name: str, sums: _Ratings, minimum: int) -> Rating:
    lowest, highest = SCALES[name]
    found = rating(sums.count, sums.total, sums.squares, lowest=lowest, highest=highest)
    estimate = found.times(100) if name == "nps" else found
    return Rating(name, estimate, sums.count >= minimum, dict(sorted(sums.values.items())))


def _wait(name: str, sample: Sample[float], minimum: int) -> Wait:
    found = median(sample.members, count=sample.count) if sample.count >= minimum else None
    return Wait(name, sample.count, found)


class OutcomeTally:
    """Adds conversations up. With `agent`, care, service and first responses are only the agent's own."""

    def __init__(self, rubric: Rubric, *, agent: str | None = None) -> None:
        self.rubric, self.agent = rubric, agent
        self.all = _Group()
        self.channels: dict[str, _Group] = defaultdict(_Group)
        self.pairs: Sample[tuple[str, dict[str, float], dict[str, float]]] = Sample()
        self.leans: dict[str, tuple[Counter[str], list[_Repeats]]] = {name: (Counter(), _windows()) for name in LEANS}

    def add(self, reviewed: Reviewed, contact: Contact) -> None:
        """One conversation and what followed it."""
        channel = reviewed.conversation.channel or "unknown"
        known = known_of(reviewed, contact)
        if self.agent is not None and self.agent != next(iter(reviewed.conversation.agents), None):
            known.pop("first response", None)  # somebody else's
        for group in (self.all, self.channels[channel]):
            group.add(reviewed, contact, known)
        own = [credit for credit in reviewed.credits if self.agent is None or credit.agent == self.agent]
        indices = {name: score.mean for name, score in scores(own, self.rubric).items()}
        self.pairs.add(reviewed.conversation.id, (channel, indices, known))
        self._add_lean(reviewed, contact)

    def _add_lean(self, reviewed: Reviewed, contact: Contact) -> None:
        name = lean_of(reviewed, self.rubric)
        if contact.is_first and name:
            counted, windows = self.leans[name]
            counted["first"] += 1
            for window in windows:
                window.add(contact)

    def report(self) -> OutcomeReport:
        minimum = self.rubric.minimum_count
        return OutcomeReport(
            all=self.all.outcomes("all", minimum),
            channels=tuple(self.channels[name].outcomes(name, minimum) for name in sorted(self.channels)),
            together=tuple(self._together()),
            leans=tuple(
                Lean(name, counted["first"], tuple(window.repeat(minimum) for window in windows))
                for name, (counted, windows) in self.leans.items()
            ),
        )

    def _together(self) -> list[Together]:
        members = self.pairs.members
        asked: list[tuple[str, str, dict[str, list[tuple[float, float]]], int]] = []
        for index in ("care", "service"):
            for outcome in COMPARED:
                if index == "service" and outcome in PART_OF_SERVICE:
                    continue
                groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
                for channel, indices, known in members:
                    if index in indices and outcome in known:
                        groups[channel].append((indices[index], known[outcome]))
                if count := sum(map(len, groups.values())):
                    asked.append((index, outcome, groups, count))
        level = each_of(sum(count >= FEWEST_PAIRS for *_, count in asked))
        return [
            Together(index, outcome, count, _rho(groups, level) if count >= FEWEST_PAIRS else None)
            for index, outcome, groups, count in asked
        ]


def _rho(groups: Mapping[str, Sequence[tuple[float, float]]], level: float) -> Estimate | None:
    return rank_correlation([groups[channel] for channel in sorted(groups)], level=level)
