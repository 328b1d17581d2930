"""The agent's private report, as data: one strength, one focus, quoted moments, every figure with its counts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from coach import phrasebook
from coach.contacts import Contact
from coach.conversation import SKILLS, SURE, Credit, Index, Moment, Rate, Reviewed, Scorecard
from coach.disputes import Dispute
from coach.fit import Fit, Manners, fits
from coach.moments import moments_of
from coach.report.outcomes import OutcomeReport, OutcomeTally
from coach.report.trends import Past, Trend
from coach.rubric import Rubric
from coach.scoring import THANKS, Norms, Tally, rate, scorecard
from coach.slips import KINDS, slips_of
from coach.suggestions import Pool, Suggestion, suggest

FOCUS_MOMENTS = 3
SHOWN_SLIPS = 2
MOST_MISSED = 60
"""How many of a skill's missed moments are held to choose from."""
READ_AT_A_GLANCE = 90
"""Words of a moment, the customer's and the agent's together."""


@dataclass(frozen=True, slots=True)
class SkillRow:
    """What became of one skill's openings; `rate` counts those met at once.

    `uncalled` conversations had none; None where that is not counted.
    """

    skill: str
    rate: Rate
    recovered: int
    missed: int
    enough: bool
    uncalled: int | None = None

    @property
    def met(self) -> int:
        return int(self.rate.met)


@dataclass(frozen=True, slots=True)
class Strength:
    """A skill that is surely often met, with a moment of it and the customer's next words, if there were any."""

    row: SkillRow
    moment: Moment
    next_words: str | None

    @property
    def why(self) -> str:
        """What it does for a customer."""
        return phrasebook.effect(self.row.skill)


@dataclass(frozen=True, slots=True)
class Focus:
    """The skill that lost most. Where something changed clearly, only what came `since` that day counts."""

    row: SkillRow
    since: date | None

    @property
    def why(self) -> str:
        """Why it counts."""
        return phrasebook.why(self.row.skill)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A missed moment to look at again, and something better to say."""

    moment: Moment
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Chat:
    """One conversation in a line: the agent's own scores in it, and what became of its openings by status."""

    id: str
    started: datetime | None
    channel: str | None
    customer_type: str | None
    resolved: str
    is_reported: bool
    care: Index
    service: Index
    openings: Mapping[str, int]
    is_shared: bool

    @property
    def has_both(self) -> bool:
        """Whether care and service were both called for."""
        return self.care.value is not None and self.service.value is not None

    @property
    def month(self) -> str | None:
        """Such as 2026-09."""
        return self.started.strftime("%Y-%m") if self.started else None

    @property
    def type_name(self) -> str:
        return self.customer_type or "can't tell"


@dataclass(frozen=True, slots=True)
class Slips:
    """How often something of a kind may have slipped, with a few of the moments."""

    kind: str
    count: int
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Usual:
    """What the team's reviewed conversations show: usual scores, how much manners vary, usual fits by type."""

    norms: Norms
    scales: Mapping[str, float]
    fits: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class AgentReport:
    """All that the agent's page shows, but for the transcripts.

    `types` counts customer types, None being "can't tell". `fits` are with the types met often enough, `team_fits`
    the team's mean fits by type. In `wordless` conversations nothing that the agent said was judged. `think` is a
    question and `next_time` an if-then for the focus; empty without one.
    """

    agent: str
    first: datetime | None
    last: datetime | None
    card: Scorecard
    skills: tuple[SkillRow, ...]
    strength: Strength | None
    focus: Focus | None
    lessons: tuple[Lesson, ...]
    think: str
    next_time: str
    slips: tuple[Slips, ...]
    types: Mapping[str | None, int]
    fits: tuple[Fit, ...]
    team_fits: Mapping[str, float]
    trend: Trend
    outcomes: OutcomeReport
    chats: tuple[Chat, ...]
    wordless: int
    disputes: tuple[Dispute, ...]
    minimum_count: int

    @property
    def openings(self) -> int:
        return sum(row.rate.called_for for row in self.skills)


@dataclass
class _Skill:
    """Running counts of one skill's openings, in all and by day, and the moments that may be shown."""

    statuses: Counter[str] = field(default_factory=Counter)
    by_day: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    variance: float = 0.0
    called_in: int = 0
    best: tuple[tuple[float, ...], Moment, str | None] | None = None
    missed: list[tuple[date | None, Moment]] = field(default_factory=list)

    def add(self, reviewed: Reviewed, moments: Sequence[Moment]) -> None:
        for moment in moments:
            if moment.status == "met" and moment.certainty >= SURE:
                after = _after(reviewed, moment)
                worth = (_welcome(reviewed, after), *_worth(moment))
                if self.best is None or worth > self.best[0]:
                    words = None if after is None else reviewed.conversation.turns[after].text
                    self.best = (worth, moment, words)
        day = _day(reviewed)
        self.missed += [(day, moment) for moment in moments if moment.status == "missed"]
        self.missed.sort(key=lambda pair: (-_sure(pair[1]), pair[1].conversation, pair[1].turn))
        del self.missed[MOST_MISSED:]

    def since(self, day: date | None) -> Counter[str]:
        """The statuses from a day on; without one, all."""
        if day is None:
            return self.statuses
        return sum((found for own, found in self.by_day.items() if own >= day), Counter())


def _sure(missed: Moment) -> float:
    return missed.certainty * missed.called


def _day(reviewed: Reviewed) -> date | None:
    started = reviewed.conversation.started
    return started.date() if started else None


def _after(reviewed: Reviewed, moment: Moment) -> int | None:
    """The customer's next turn after the answer."""
    turns = reviewed.conversation.turns
    return next((i for i in range((moment.answer_turn or 0) + 1, len(turns)) if turns[i].role == "customer"), None)


def _welcome(reviewed: Reviewed, after: int | None) -> float:
    """How the answer was received, by the next words: 1 with thanks, 0.5 calmly, 0 unknown, −1 with a feeling."""
    if after is None or (feeling := reviewed.judgements.feelings[after]) is None:
        return 0.0
    if feeling.label or after in reviewed.judgements.repeats:
        return -1.0
    return 1.0 if THANKS.search(reviewed.conversation.turns[after].text) else 0.5


def _worth(moment: Moment) -> tuple[float, float, int]:
    """The surest first; then a moment short enough to be read at a glance, with more of the skill in it."""
    words = len(moment.quote.split()) + len(moment.answer.split())
    return (
        round(min(moment.certainty, 0.9) * moment.called, 1),
        -max(0, words - READ_AT_A_GLANCE),
        len(moment.answer_spans),
    )


class AgentTally:
    """Adds up one agent's conversations; of each only a line is kept."""

    def __init__(self, agent: str, rubric: Rubric) -> None:
        self.agent, self.rubric = agent, rubric
        self.scores = Tally()
        self.skills = {skill: _Skill() for skill in SKILLS}
        self.own = Pool()
        self.slips: dict[str, tuple[int, list[Moment]]] = {kind: (0, []) for kind in KINDS}
        self.types: Counter[str | None] = Counter()
        self.manners = Manners()
        self.past = Past(rubric, agent=agent)
        self.outcomes = OutcomeTally(rubric, agent=agent)
        self.chats: list[Chat] = []
        self.wordless = 0

    def add(self, reviewed: Reviewed, contact: Contact) -> None:
        """One conversation that the agent took part in, and what followed it."""
        own = tuple(credit for credit in reviewed.credits if credit.agent == self.agent)
        self.scores.add(own, self.rubric)
        self._add_openings(reviewed)
        for slip in slips_of(reviewed):
            if slip.agent == self.agent:
                count, shown = self.slips[slip.kind]
                self.slips[slip.kind] = (count + 1, [*shown, slip][:SHOWN_SLIPS])
        self.types[reviewed.judgements.customer_type.label] += 1
        self.manners.add(reviewed, of=self.agent)
        self.past.add(reviewed)
        self.outcomes.add(reviewed, contact)
        self.chats.append(self._chat(reviewed, own))
        said = reviewed.judgements.sentences
        self.wordless += not any(said[i] and reviewed.conversation.agent_of(i) == self.agent for i in range(len(said)))

    def _add_openings(self, reviewed: Reviewed) -> None:
        openings = [opening for opening in reviewed.judgements.openings if opening.agent == self.agent]
        moments = [moment for moment in moments_of(reviewed) if moment.agent == self.agent]
        self.own.add(moments)
        for skill, tally in self.skills.items():
            of_skill = [opening for opening in openings if opening.skill == skill]
            tally.statuses.update(opening.status for opening in of_skill)
            if day := _day(reviewed):
                tally.by_day[day].update(opening.status for opening in of_skill)
            tally.variance += sum(opening.met * (1 - opening.met) for opening in of_skill)
            tally.called_in += bool(of_skill)
            tally.add(reviewed, [moment for moment in moments if moment.skill == skill])

    def _chat(self, reviewed: Reviewed, own: Sequence[Credit]) -> Chat:
        conversation, card = reviewed.conversation, scorecard(own, self.rubric)
        return Chat(
            id=conversation.id,
            started=conversation.started,
            channel=conversation.channel,
            customer_type=reviewed.judgements.customer_type.label,
            resolved=reviewed.resolved,
            is_reported=conversation.outcome.resolved is not None,
            care=card.care,
            service=card.service,
            openings=Counter(o.status for o in reviewed.judgements.openings if o.agent == self.agent),
            is_shared=len(conversation.agents) > 1,
        )

    def report(
        self, usual: Usual, *, team: Pool, mask: Callable[[str], str], disputes: Iterable[Dispute] = ()
    ) -> AgentReport:
        """`team` has everybody's met moments; `mask` takes colleagues' names out of what is shown of them."""
        rows = tuple(self._row(skill) for skill in SKILLS)
        trend = self.past.trend(usual.norms)
        focus = self._focus(trend)
        missed = self._missed(focus)
        kind, type = _missed_most(missed)
        times = [chat.started for chat in self.chats if chat.started]
        return AgentReport(
            agent=self.agent,
            first=min(times, default=None, key=datetime.isoformat),
            last=max(times, default=None, key=datetime.isoformat),
            card=self.scores.card(usual.norms),
            skills=rows,
            strength=self._strength(rows),
            focus=focus,
            lessons=tuple(self._lessons(missed, team, mask)),
            think=phrasebook.think(focus.row.skill, kind, seed=self.agent) if focus else "",
            next_time=phrasebook.next_time(focus.row.skill, kind, type, seed=self.agent) if focus else "",
            slips=tuple(Slips(kind, count, tuple(shown)) for kind, (count, shown) in self.slips.items() if count),
            types=self.types,
            fits=tuple(fits(self.manners.met, self.rubric.fit, usual.scales)),
            team_fits=usual.fits,
            trend=trend,
            outcomes=self.outcomes.report(),
            chats=tuple(self.chats),
            wordless=self.wordless,
            disputes=tuple(one for one in disputes if one.agent == self.agent),
            minimum_count=self.rubric.minimum_count,
        )

    def _row(self, skill: str) -> SkillRow:
        found = self.skills[skill]
        uncalled = len(self.chats) - found.called_in
        return row_of(skill, found.statuses, self.rubric, variance=found.variance, uncalled=uncalled)

    def _strength(self, rows: Iterable[SkillRow]) -> Strength | None:
        """The skill whose rate is surely highest, with its surest met moment."""
        for row in sorted((row for row in rows if row.enough), key=lambda row: -row.rate.low):
            if best := self.skills[row.skill].best:
                return Strength(row, best[1], best[2])
        return None

    def _focus(self, trend: Trend) -> Focus | None:
        """The skill that lost most openings, weighted by the rubric; never one with too few to say."""
        since = trend.since if any(change.has_changed for change in trend.changes) else None
        rows = [row_of(skill, found.since(since), self.rubric, variance=0.0) for skill, found in self.skills.items()]
        weights = {**self.rubric.care, **self.rubric.service}

        def lost(row: SkillRow) -> float:
            return weights[row.skill] * (row.missed + row.recovered * (1 - self.rubric.credit["recovered"]))

        most = max((row for row in rows if row.enough and lost(row) > 0), key=lost, default=None)
        return Focus(most, since) if most else None

    def _missed(self, focus: Focus | None) -> list[Moment]:
        """The focus's missed moments, those most surely called for and missed first; guesses only for want of others."""
        if focus is None:
            return []
        missed = self.skills[focus.row.skill].missed
        found = [moment for day, moment in missed if focus.since is None or (day and day >= focus.since)]
        return [moment for moment in found if moment.called >= SURE] or found

    def _lessons(self, missed: Sequence[Moment], team: Pool, mask: Callable[[str], str]) -> Iterator[Lesson]:
        """A few of the moments, one a conversation, each with a better answer."""
        first = {moment.conversation: moment for moment in reversed(missed)}
        shown: list[Suggestion] = []
        for moment in sorted(first.values(), key=missed.index)[:FOCUS_MOMENTS]:
            found = suggest(moment, self.own, team, besides=shown, mask=mask)
            shown.append(found)
            yield Lesson(moment, found)


def row_of(
    skill: str, found: Mapping[str, int], rubric: Rubric, *, variance: float, uncalled: int | None = None
) -> SkillRow:
    """The row of counted statuses; `variance` is that of how many were met, by the tagger's errors."""
    called_for = sum(found.values())
    return SkillRow(
        skill=skill,
        rate=rate(found.get("met", 0), called_for, variance=variance),
        recovered=found.get("recovered", 0),
        missed=found.get("missed", 0),
        enough=called_for >= rubric.minimum_count,
        uncalled=uncalled,
    )


def _missed_most(missed: Sequence[Moment]) -> tuple[str | None, str | None]:
    """The kind of call and the customer's type that were missed most often."""
    kinds = Counter(phrasebook.kind_of_call(m.skill, m.feeling, m.quote) for m in missed)
    types = Counter(m.customer_type for m in missed)
    return _commonest(kinds), _commonest(types)


def _commonest(found: Counter[Any]) -> Any:
    return max(found, key=lambda name: (found[name], str(name)), default=None)
