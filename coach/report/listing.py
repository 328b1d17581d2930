"""Every conversation in one line, the latest first, and what a reader may choose them by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest

from coach.conversation import Index, Reviewed
from coach.rubric import Rubric
from coach.scoring import NOTHING, Score, scores

MOST = 2000
FACETS = ("agent", "channel", "period", "type")
NO_TIME = "no time"
Facets = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """One conversation: who, when, what kind, how it ended, its indices, and its openings met and not met at once."""

    id: str
    started: datetime | None
    facets: Facets
    resolved: str
    care: Index
    service: Index
    met: int
    recovered: int
    missed: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The latest conversations, at most MOST, of all there are."""

    lines: tuple[Line, ...]
    conversations: int


def facets_of(reviewed: Reviewed) -> Facets:
    """What a reader may choose a conversation by. The period is the month, as "2026-09"."""
    conversation = reviewed.conversation
    return {
        "agent": conversation.agents,
        "channel": (conversation.channel or "unknown",),
        "period": (f"{conversation.started:%Y-%m}" if conversation.started else NO_TIME,),
        "type": (reviewed.judgements.customer_type.label or "can't tell",),
    }


@dataclass(frozen=True, slots=True)
class _Kept:
    order: tuple[str, str]
    started: datetime | None
    facets: Facets
    resolved: str
    scores: Mapping[str, Score]
    statuses: tuple[int, int, int]

    def line(self) -> Line:
        care, service = (self.scores[name].index if name in self.scores else NOTHING for name in ("care", "service"))
        return Line(self.order[1], self.started, self.facets, self.resolved, care, service, *self.statuses)


class ListingTally:
    """Adds conversations up, one at a time; keeps the latest."""

    def __init__(self, rubric: Rubric, *, most: int = MOST) -> None:
        self.rubric, self.most, self.conversations = rubric, most, 0
        self.kept: list[_Kept] = []

    def add(self, reviewed: Reviewed) -> None:
        conversation, openings = reviewed.conversation, reviewed.judgements.openings
        started = conversation.started
        met, recovered, missed = (sum(o.status == name for o in openings) for name in ("met", "recovered", "missed"))
        self.conversations += 1
        self.kept.append(
            _Kept(
                (started.isoformat() if started else "", conversation.id),
                started,
                facets_of(reviewed),
                reviewed.resolved,
                scores(reviewed.credits, self.rubric),
                (met, recovered, missed),
            )
        )
        if len(self.kept) >= 2 * self.most:
            self.kept = self._latest()

    def listing(self) -> Listing:
        return Listing(tuple(kept.line() for kept in self._latest()), self.conversations)

    def _latest(self) -> list[_Kept]:
        return nlargest(self.most, self.kept, key=lambda one: one.order)


def choices(facets: list[Facets]) -> dict[str, list[str]]:
    """What there is to choose from, by facet; only where there is more than one."""
    found = {name: {value for one in facets for value in one[name]} for name in FACETS}
    return {name: sorted(values, key=str.casefold) for name, values in found.items() if len(values) > 1}
