"""Every conversation in one line, the latest first, and what a reader may choose them by."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest

from coach.conversation import Index, Reviewed
from coach.rubric import Rubric
from coach.scoring import NOTHING, scores

MOST = 2000
FACETS = ("agent", "channel", "period", "type")
NO_TIME = "no time"
Facets = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Chat:
    """One conversation in a line: how it ended, care and service in it, and what became of its openings by status.

    `is_reported` is whether the data says how it ended, `is_shared` whether several agents took part.
    """

    id: str
    started: datetime | None
    channel: str | None
    customer_type: str | None
    resolved: str
    is_reported: bool
    care: Index
    service: Index
    openings: Counter[str]
    is_shared: bool

    @property
    def month(self) -> str | None:
        """Such as 2026-09."""
        return self.started.strftime("%Y-%m") if self.started else None

    @property
    def type_name(self) -> str:
        return self.customer_type or "can't tell"


def chat_of(reviewed: Reviewed, rubric: Rubric, agent: str | None = None) -> Chat:
    """The conversation in a line; with `agent`, scores and openings are only that agent's own."""
    conversation, judgements = reviewed.conversation, reviewed.judgements
    found = scores([credit for credit in reviewed.credits if agent in (None, credit.agent)], rubric)
    care, service = (found[name].index if name in found else NOTHING for name in ("care", "service"))
    return Chat(
        id=conversation.id,
        started=conversation.started,
        channel=conversation.channel,
        customer_type=judgements.customer_type.label,
        resolved=reviewed.resolved,
        is_reported=conversation.outcome.resolved is not None,
        care=care,
        service=service,
        openings=Counter(opening.status for opening in judgements.openings if agent in (None, opening.agent)),
        is_shared=len(conversation.agents) > 1,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation of the team's, and what a reader may choose it by."""

    chat: Chat
    facets: Facets


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


class ListingTally:
    """Adds conversations up, one at a time; keeps the latest."""

    def __init__(self, rubric: Rubric, *, most: int = MOST) -> None:
        self.rubric, self.most, self.conversations = rubric, most, 0
        self.kept: list[Line] = []

    def add(self, reviewed: Reviewed) -> None:
        self.conversations += 1
        self.kept.append(Line(chat_of(reviewed, self.rubric), facets_of(reviewed)))
        if len(self.kept) >= 2 * self.most:
            self.kept = self._latest()

    def listing(self) -> Listing:
        return Listing(tuple(self._latest()), self.conversations)

    def _latest(self) -> list[Line]:
        return nlargest(self.most, self.kept, key=_when)


def _when(line: Line) -> tuple[str, str]:
    started = line.chat.started
    return started.isoformat() if started else "", line.chat.id


def choices(facets: list[Facets]) -> dict[str, list[str]]:
    """What there is to choose from, by facet; only where there is more than one."""
    found = {name: {value for one in facets for value in one[name]} for name in FACETS}
    return {name: sorted(values, key=str.casefold) for name, values in found.items() if len(values) > 1}
