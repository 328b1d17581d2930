"""What became of conversations: ratings, whether settled, waits and repeat contacts, for each channel and in all.

Added up one at a time: what is held does not grow with their number. Counts, means and shares are of every
conversation; medians and correlations, beyond 10,000, of an even sample.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from coach.contacts import Contact
from coach.conversation import Conversation, Rate, Reviewed
from coach.intervals import Estimate, each_of, median, rank_correlation, rating
from coach.rubric import Rubric
from coach.sample import Sample
from coach.scoring import first_response, rate, scores

SCALES: Mapping[str, tuple[float, float]] = {"csat": (1, 5), "nps": (-1, 1), "ces": (1, 7)}
WAITS = ("first response", "resolution")
WINDOWS = (7, 30)
SETTLED = ("yes", "partly", "no")
FEWEST_PAIRS = 20
LEANING = 20.0
"""Points of balance from which a chat leans: one chat shows its two indices no closer than that (coach/scoring.py)."""
LEANS = ("care-leaning", "balanced", "service-leaning")
PART_OF_SERVICE = ("resolved", "first response")
"""Outcomes that the service index itself counts, so that going together with it would say nothing."""
COMPARED = ("csat", "nps", "ces", "resolved", *WAITS, "repeat")


@dataclass(frozen=True, slots=True)
class Rating:
    """Customers' ratings by `name` (csat 1–5, nps net −100–100, ces 1–7): mean with interval, and how many gave one.

    `values` counts the ratings by value, rounded to whole points, in rising order.
    """

    name: str
    estimate: Estimate
    enough: bool
    values: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Settled:
    """How matters ended, as reported or as judged where nothing was: the share "yes" of all that could be told.

    `endings` counts yes, partly, no and unknown.
    """

    reported: bool
    rate: Rate
    endings: Mapping[str, int]
    enough: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """The median wait in seconds, and of how many; `median` is None when there are too few to say."""

    name: str
    count: int
    median: Estimate | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Conversations whose customer came again within `days`, of those that can be judged; and why others cannot."""

    days: int
    rate: Rate
    enough: bool
    too_recent: int
    no_customer: int
    no_time: int

    @property
    def unknown(self) -> int:
        return self.too_recent + self.no_customer + self.no_time


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What is known of how the conversations of a channel, or all, went on. Only what the data has is in the lists."""

    name: str
    conversations: int
    ratings: tuple[Rating, ...]
    settled: tuple[Settled, ...]
    waits: tuple[Wait, ...]
    repeats: tuple[Repeat, ...]

    @property
    def says_anything(self) -> bool:
        """Whether there is enough of anything to say something of it."""
        return (
            any(rating.enough for rating in self.ratings)
            or any(settled.enough for settled in self.settled)
            or any(repeat.enough for repeat in self.repeats)
            or any(wait.median for wait in self.waits)
        )


@dataclass(frozen=True, slots=True)
class Together:
    """How an index (care, service) goes together with an outcome over conversations, ranked within each channel.

    `rho` is Spearman's correlation; its intervals hold 95 % for all pairs of the report at once. None: too few to
    say, or one of the two never changes.
    """

    index: str
    outcome: str
    count: int
    rho: Estimate | None


@dataclass(frozen=True, slots=True)
class Lean:
    """Repeat contacts after customers' first conversations of one balance (LEANS)."""

    name: str
    conversations: int
    repeats: tuple[Repeat, ...]


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """Outcomes in all and by channel (alphabetical), with what goes together and repeat contacts by first balance."""

    all: Outcomes
    channels: tuple[Outcomes, ...]
    together: tuple[Together, ...]
    leans: tuple[Lean, ...]


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


def net(nps: float) -> int:
    """1 for a promoter (9 or 10), −1 for a detractor (0 to 6), else 0 (Reichheld 2003)."""
    return (nps >= 9) - (nps < 7)


def _rating(name: str, sums: _Ratings, minimum: int) -> Rating:
    lowest, highest = SCALES[name]
    found = rating(sums.count, sums.total, sums.squares, lowest=lowest, highest=highest)
    estimate = found.times(100) if name == "nps" else found
    return Rating(name, estimate, sums.count >= minimum, dict(sorted(sums.values.items())))


def _wait(name: str, sample: Sample[float], minimum: int) -> Wait:
    found = median(sample.members, count=sample.count) if sample.count >= minimum else None
    return Wait(name, sample.count, found)


def known_of(reviewed: Reviewed, contact: Contact) -> dict[str, float]:
    """The outcomes that are known of a conversation, each as a number that is higher for more of it (COMPARED).

    resolved is that reported: yes 1, partly 0.5, no 0; waits are in seconds; repeat is 1 when the customer came again
    within 30 days.
    """
    conversation = reviewed.conversation
    outcome = conversation.outcome
    found: dict[str, float | None] = {name: getattr(outcome, name) for name in SCALES}
    found["resolved"] = {"yes": 1.0, "partly": 0.5, "no": 0.0}.get(outcome.resolved or "")
    found["first response"] = first_response(conversation)
    found["resolution"] = resolution_seconds(conversation)
    found["repeat"] = float(contact.is_followed(WINDOWS[-1])) if contact.can_be_judged(WINDOWS[-1]) else None
    return {name: value for name, value in found.items() if value is not None}


def resolution_seconds(conversation: Conversation) -> float | None:
    """Seconds until it was settled: as reported, else from start to end of one reported as resolved."""
    outcome, started, ended = conversation.outcome, conversation.started, conversation.ended
    if outcome.resolution_seconds is not None or outcome.resolved != "yes" or not (started and ended):
        return outcome.resolution_seconds
    return seconds_between(started, ended)


def seconds_between(first: datetime, last: datetime) -> float | None:
    """Seconds from one to the other; None when only one names its time zone, or they run backwards."""
    if (first.tzinfo is None) is not (last.tzinfo is None):
        return None
    seconds = (last - first).total_seconds()
    return seconds if seconds >= 0 else None


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


def lean_of(reviewed: Reviewed, rubric: Rubric) -> str | None:
    """Which way a conversation leans (LEANS), by care minus service; None where one of them was not called for."""
    found = scores(reviewed.credits, rubric)
    if len(found) < 2:
        return None
    balance = 100 * (found["care"].mean - found["service"].mean)
    return LEANS[0] if balance > LEANING else LEANS[2] if balance < -LEANING else LEANS[1]
