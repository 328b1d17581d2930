"""What became of conversations: ratings, whether settled, waits and repeat contacts, for each channel and in all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from coach.contacts import Contact
from coach.conversation import Conversation, Rate, Reviewed
from coach.intervals import Estimate
from coach.rubric import Rubric
from coach.scoring import first_response, scores

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


def net(nps: float) -> int:
    """1 for a promoter (9 or 10), −1 for a detractor (0 to 6), else 0 (Reichheld 2003)."""
    return (nps >= 9) - (nps < 7)


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


def lean_of(reviewed: Reviewed, rubric: Rubric) -> str | None:
    """Which way a conversation leans (LEANS), by care minus service; None where one of them was not called for."""
    found = scores(reviewed.credits, rubric)
    if len(found) < 2:
        return None
    balance = 100 * (found["care"].mean - found["service"].mean)
    return LEANS[0] if balance > LEANING else LEANS[2] if balance < -LEANING else LEANS[1]
