"""The team's review, as data: patterns before people, a queue of conversations to look at, agents by name."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from coach.contacts import Contact, Contacts
from coach.conversation import Rate, Reviewed, Scorecard
from coach.disputes import Dispute
from coach.fit import Manners, chance_of_differences, scales_of, team_fits
from coach.moments import moments_of
from coach.norms import Norms, norms
from coach.report.agent import Usual
from coach.report.listing import Listing, ListingTally
from coach.report.outcome_changes import OutcomeChange, OutcomePast
from coach.report.outcome_tally import OutcomeTally
from coach.report.outcomes import LEANS, OutcomeReport, lean_of
from coach.report.patterns import Patterns, PatternTally
from coach.report.review_queue import Queue, QueueItem
from coach.report.skill_row import SkillRow, row_of
from coach.report.standing import Apart, GroupTally, apart
from coach.report.trends import Past, Trend
from coach.rubric import Rubric
from coach.scoring import rate
from coach.slips import KINDS as SLIPS
from coach.slips import slips_of
from coach.suggestions import Pool

FEWEST = 10
UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class Group:
    """The rows and scores of the team or an agent; `apart` has what differs from the other agents by more than
    chance."""

    name: str
    conversations: int
    skills: tuple[SkillRow, ...]
    card: Scorecard
    apart: tuple[Apart, ...] = ()


@dataclass(frozen=True, slots=True)
class Slipped:
    """How often something of a kind may have slipped, and in how many of all conversations."""

    kind: str
    count: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Disputes:
    """What was disputed: those that are open, and of those that were settled the share that was overturned."""

    open: tuple[Dispute, ...]
    overturned: Rate

    @property
    def count(self) -> int:
        return len(self.open) + self.overturned.called_for


@dataclass(frozen=True, slots=True)
class TeamReport:
    """All that the team's page shows. Agents stand in alphabetical order; nothing is ranked.

    `unnamed` counts conversations in which an agent spoke but is not named, `unattended` those in which none spoke.
    `alike` has names that differ only in case, spaces or unseen characters. `trend` compares the latest month or week
    that has enough with the time before. `leans` counts conversations by balance (coach.report.outcomes.LEANS).
    `fit_by_chance` is the p-value of agents' differences in fit.
    """

    conversations: int
    first: datetime | None
    last: datetime | None
    card: Scorecard
    skills: tuple[SkillRow, ...]
    patterns: Patterns
    slips: tuple[Slipped, ...]
    agents: tuple[Group, ...]
    alike: tuple[tuple[str, ...], ...]
    unnamed: int
    unattended: int
    leans: Mapping[str, int]
    outcomes: OutcomeReport
    outcome_changes: tuple[OutcomeChange, ...]
    ratings: Mapping[str, Mapping[str, Mapping[int, int]]]
    trend: Trend
    queue: tuple[QueueItem, ...]
    disputes: Disputes
    listing: Listing
    fit_by_chance: float | None
    minimum_count: int


class TeamTally:
    """Adds reviewed conversations up, one at a time; what it holds does not grow with their number.

    `contacts` says who came again, and `disputes` what is disputed; without them neither is known.
    """

    def __init__(self, rubric: Rubric, *, contacts: Contacts | None = None, disputes: Sequence[Dispute] = ()) -> None:
        self.rubric, self.contacts, self.disputes = rubric, contacts, disputes
        self.pool, self.manners = Pool(), Manners()
        self.all = GroupTally()
        self.agents: dict[str, GroupTally] = defaultdict(GroupTally)
        self.patterns, self.listing, self.queue = PatternTally(rubric), ListingTally(rubric), Queue(disputes)
        self.outcomes, self.past, self.outcome_past = OutcomeTally(rubric), Past(rubric), OutcomePast()
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.unnamed = self.unattended = 0
        self.slips: Counter[str] = Counter()
        self.slipped: Counter[str] = Counter()
        self.leans: Counter[str | None] = Counter()

    def add(self, reviewed: Reviewed) -> None:
        conversation = reviewed.conversation
        self.all.add(reviewed, self.rubric)
        for agent in conversation.agents:
            self.agents[agent].add(reviewed, self.rubric, agent)
        if not conversation.agents:
            spoke = any(turn.role == "agent" for turn in conversation.turns)
            self.unnamed, self.unattended = self.unnamed + spoke, self.unattended + (not spoke)
        self.pool.add(moments_of(reviewed))
        for tally in (self.manners, self.patterns, self.listing, self.queue, self.past, self.outcome_past):
            tally.add(reviewed)
        self.outcomes.add(reviewed, self.contact_of(reviewed))
        self.leans[lean_of(reviewed, self.rubric)] += 1
        slips = [slip.kind for slip in slips_of(reviewed)]
        self.slips.update(slips)
        self.slipped.update(set(slips))
        if started := conversation.started:
            self.first = min(self.first or started, started, key=datetime.isoformat)
            self.last = max(self.last or started, started, key=datetime.isoformat)

    @property
    def norms(self) -> Norms:
        """What agents usually score here; of what is known of no named agent, what conversations do."""
        agents, every = norms(tally.scores for tally in self.agents.values()), norms([self.all.scores])
        return Norms(agents.care or every.care, agents.service or every.service)

    @property
    def usual(self) -> Usual:
        met = self.manners.met
        scales = scales_of(met)
        return Usual(self.norms, scales, team_fits(met, self.rubric.fit, scales))

    def contact_of(self, reviewed: Reviewed) -> Contact:
        """What followed the conversation, as far as is known."""
        return self.contacts.of(reviewed.conversation.id) if self.contacts else Contact()

    def report(self) -> TeamReport:
        usual, minimum = self.norms, self.rubric.minimum_count
        whole = self._group("team", self.all, usual)
        differing = apart(self.agents, minimum)
        trend, outcomes = self._trend(usual), self.outcomes.report()
        return TeamReport(
            conversations=whole.conversations,
            first=self.first,
            last=self.last,
            card=whole.card,
            skills=whole.skills,
            patterns=self.patterns.patterns(),
            slips=tuple(
                Slipped(kind, self.slips[kind], rate(self.slipped[kind], whole.conversations))
                for kind in SLIPS
                if self.slips[kind]
            ),
            agents=tuple(
                self._group(name, self.agents[name], usual, differing[name])
                for name in sorted(self.agents, key=lambda name: (name.casefold(), name))
            ),
            alike=alike(self.agents),
            unnamed=self.unnamed,
            unattended=self.unattended,
            leans={name: self.leans[name] for name in LEANS},
            outcomes=outcomes,
            outcome_changes=self.outcome_past.changes(trend.since, minimum) if trend.since else (),
            ratings={one.name: _by_channel(one.name, outcomes) for one in outcomes.all.ratings},
            trend=trend,
            queue=self.queue.items(),
            disputes=_disputes(self.disputes),
            listing=self.listing.listing(),
            fit_by_chance=chance_of_differences(self.manners.met, self.rubric.fit),
            minimum_count=minimum,
        )

    def _group(self, name: str, tally: GroupTally, usual: Norms, differing: tuple[Apart, ...] | None = None) -> Group:
        """The team's as it is, an agent's drawn towards what is usual."""
        rows = tuple(row_of(skill, found, self.rubric) for skill, found in tally.openings.items())
        card = tally.scores.card(usual, towards_usual=differing is not None)
        return Group(name, tally.conversations, rows, card, differing or ())

    def _trend(self, usual: Norms) -> Trend:
        """The change from before the latest month or week that has enough to since then."""
        days = {day: span.conversations for day, span in self.past.days.items()}
        return self.past.trend(usual, since=latest(days))


def latest(days: Mapping[date, int]) -> date | None:
    """The first day of the month or week that a review of what is new begins with, from conversations by day.

    The month of the last conversation, else the month before, else the week, else the week before: the first of them
    with FEWEST conversations in it and after, and as many before; None when none has.
    """
    if not days:
        return None
    last = max(days)
    month, week = last.replace(day=1), last - timedelta(days=last.weekday())
    for start in (month, (month - timedelta(days=1)).replace(day=1), week, week - timedelta(weeks=1)):
        since = sum(count for day, count in days.items() if day >= start)
        if min(since, sum(days.values()) - since) >= FEWEST:
            return start
    return None


def alike(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Names that are the same but for case, spaces, look-alike forms and characters that cannot be seen."""
    found: Mapping[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        found[UNSEEN.sub(" ", unicodedata.normalize("NFKC", name)).strip().casefold()].append(name)
    return tuple(tuple(same) for _, same in sorted(found.items()) if len(same) > 1)


def _by_channel(rating: str, outcomes: OutcomeReport) -> Mapping[str, Mapping[int, int]]:
    """How often each value was given, by channel."""
    return {group.name: one.values for group in outcomes.channels for one in group.ratings if one.name == rating}


def _disputes(found: Sequence[Dispute]) -> Disputes:
    settled = [one.verdict for one in found if one.verdict]
    return Disputes(
        tuple(one for one in found if one.verdict is None),
        rate(sum(verdict == "overturned" for verdict in settled), len(settled)),
    )
