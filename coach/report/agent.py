"""The agent's private report, as data: one strength, one focus, quoted moments, every figure with its counts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from coach import phrasebook
from coach.contacts import Contact
from coach.conversation import SKILLS, SURE, Credit, Index, Moment, Opening, Rate, Reviewed, Scorecard
from coach.cues import cues
from coach.disputes import Dispute
from coach.fit import Fit, Manners, fits
from coach.moments import answers_after, moments_of
from coach.norms import Norms, Tally
from coach.report.outcomes import OutcomeReport, OutcomeTally
from coach.report.trends import Past, Trend
from coach.rubric import Rubric
from coach.scoring import THANKS, rate, scorecard
from coach.slips import KINDS, slips_of
from coach.suggestions import Pool, Suggestion, suggest

FOCUS_MOMENTS = 3
ALIKE = {
    "listening": ("customer repeats",),
    "instruction": ("unanswered question", "promise without a time", "empty empathy"),
}
"""Slips that speak of the same as missed openings of a skill."""
UNHAPPY = cues("ending")["unhappy"].pattern
SHOWN_SLIPS = 2
MOST_HELD = 60
"""How many of a skill's met, and of its missed, moments are held to choose from."""
LEFT_OPEN = 0.75
SHOWN_FIRST = 0.75
"""How surely called for a missed moment should be, to be looked at again."""
SELDOM = 0.5
"""A skill whose share met lies under it with its whole interval is named too, after the focus."""
MOSTLY = 0.6
"""The share of moments from which on a kind of call, or a type, stands for all."""
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
    """A skill that is surely often met, with a moment of it.

    `more` is what else the customer said before the answer, `next_words` what was said after it, if anything.
    """

    row: SkillRow
    moment: Moment
    more: tuple[str, ...]
    next_words: str | None

    @property
    def why(self) -> str:
        """What it does for a customer."""
        return phrasebook.effect(self.row.skill)


@dataclass(frozen=True, slots=True)
class Focus:
    """The skill with most to gain; its row is of the time since the last clear change, if there was one.

    `slips` are those that go with it, by kind and how often; `next` is another skill that was seldom met at once.
    """

    row: SkillRow
    slips: tuple[tuple[str, int], ...] = ()
    next: SkillRow | None = None

    @property
    def is_small(self) -> bool:
        """Whether most of its openings are met at once anyway."""
        return (self.row.rate.share or 0.0) >= MOSTLY

    @property
    def why(self) -> str:
        """Why it counts."""
        return phrasebook.why(self.row.skill)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A moment to look at again, with what was answered first, and something better to say.

    `more` is what else the customer said before the answer; `later` is the turn in which it came after all, None when
    it was missed.
    """

    moment: Moment
    suggestion: Suggestion
    more: tuple[str, ...] = ()
    later: int | None = None


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

    `since` is the day from which on something is clearly different, None without; `recent` are the skills from then on.
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
    since: date | None
    recent: tuple[SkillRow, ...]
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
    def recent_indices(self) -> Mapping[str, Index]:
        """Care and service since the change."""
        return {one.name: one.after for one in self.trend.changes if self.since and isinstance(one.after, Index)}

    @property
    def in_short(self) -> bool:
        """Whether there is enough for a word on both care and service."""
        return min(self.card.care.count, self.card.service.count) >= self.minimum_count

    @property
    def openings(self) -> int:
        return sum(row.rate.called_for for row in self.skills)


@dataclass(frozen=True, slots=True)
class _Best:
    """A met moment that may be shown: how much it is worth showing, its day, and the customer's next words."""

    worth: tuple[float, ...]
    day: date | None
    moment: Moment
    more: tuple[str, ...]
    next_words: str | None


@dataclass(frozen=True, slots=True)
class _Lost:
    """A moment that was missed, or met only in turn `later`, and its day."""

    day: date | None
    moment: Moment
    more: tuple[str, ...]
    later: int | None

    @property
    def order(self) -> tuple[bool, float, str, int]:
        """Missed before met late, then the most surely called for and not answered."""
        moment = self.moment
        return self.later is not None, -moment.certainty * moment.called, moment.conversation, moment.turn


@dataclass
class _Skill:
    """Running counts of one skill's openings, in all and by day, and the moments that may be shown."""

    statuses: Counter[str] = field(default_factory=Counter)
    by_day: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    variances: dict[date, float] = field(default_factory=lambda: defaultdict(float))
    variance: float = 0.0
    called_in: int = 0
    best: list[_Best] = field(default_factory=list)
    lost: list[_Lost] = field(default_factory=list)

    def add(
        self, reviewed: Reviewed, openings: Sequence[Opening], moments: Sequence[Moment], *, unmet: set[int]
    ) -> None:
        """One conversation's openings of the skill and their moments; `unmet` turns called for something not met."""
        started = reviewed.conversation.started
        day = started.date() if started else None
        statuses = [opening.status for opening in openings]
        variance = sum(opening.met * (1 - opening.met) for opening in openings)
        self.statuses.update(statuses)
        self.variance += variance
        self.called_in += bool(openings)
        if day:
            self.by_day[day].update(statuses)
            self.variances[day] += variance
        for moment in moments:
            if moment.status == "met" and moment.certainty >= SURE:
                after = _after(reviewed, moment)
                words = None if after is None else reviewed.conversation.turns[after].text
                welcome = -1.0 if after in unmet else _welcome(reviewed, after)
                worth = _worth(moment, welcome, is_whole=moment.turn not in unmet)
                self.best.append(_Best(worth, day, moment, _more(reviewed, moment), words))
        self.best.sort(key=lambda best: (*(-part for part in best.worth), best.moment.conversation, best.moment.turn))
        del self.best[MOST_HELD:]
        for moment in moments:
            if moment.status == "missed":
                self.lost.append(_Lost(day, moment, _more(reviewed, moment), None))
            elif moment.status == "recovered" and "?" not in (first := _first_answered(reviewed, moment)).answer:
                self.lost.append(_Lost(day, first, _more(reviewed, first), moment.answer_turn))
        self.lost.sort(key=lambda lost: lost.order)
        del self.lost[MOST_HELD:]

    def since(self, first: date) -> Counter[str]:
        """The statuses from a day on."""
        return sum((found for day, found in self.by_day.items() if day >= first), Counter())

    def variance_since(self, first: date) -> float:
        return sum(variance for day, variance in self.variances.items() if day >= first)

    def best_since(self, first: date | None) -> list[_Best]:
        """The moments that may be shown, the best first; those before the day only when there are no others."""
        recent = [best for best in self.best if first is None or (best.day and best.day >= first)]
        return recent or self.best


def _first_answered(reviewed: Reviewed, moment: Moment) -> Moment:
    """The moment with the answer that came first."""
    turns, first = reviewed.conversation.turns, answers_after(reviewed.conversation, moment.turn)
    turn = max(first, key=lambda number: (len(turns[number].text), -number), default=moment.answer_turn)
    return replace(moment, answer_turn=turn, answer="" if turn is None else turns[turn].text, answer_spans=())


def _more(reviewed: Reviewed, moment: Moment) -> tuple[str, ...]:
    """What else the customer said between the words that called and the answer."""
    between = reviewed.conversation.turns[moment.turn + 1 : moment.answer_turn]
    return tuple(turn.text for turn in between if turn.role == "customer")


def _after(reviewed: Reviewed, moment: Moment) -> int | None:
    """The customer's next turn after the answer."""
    turns = reviewed.conversation.turns
    return next((i for i in range((moment.answer_turn or 0) + 1, len(turns)) if turns[i].role == "customer"), None)


def _welcome(reviewed: Reviewed, after: int | None) -> float:
    """How the answer was received, −1 to 1, by the customer's next words; less where the matter stayed open."""
    if after is None or (feeling := reviewed.judgements.feelings[after]) is None:
        return 0.0
    said = reviewed.conversation.turns[after].text
    if feeling.label or after in reviewed.judgements.repeats or UNHAPPY.search(said):
        return -1.0
    return (1.0 if THANKS.search(said) else 0.5) - (LEFT_OPEN if reviewed.resolved == "no" else 0.0)


def _worth(moment: Moment, welcome: float, *, is_whole: bool) -> tuple[float, ...]:
    """How much the moment is worth showing.

    Surely called for first; then all met that it called for, not ill received, more of the skill in it, short enough
    to be read at a glance, best received.
    """
    words = len(moment.quote.split()) + len(moment.answer.split())
    moves = len({name for _, _, name in moment.answer_spans if not name.endswith("?")})
    length = -max(0, words - READ_AT_A_GLANCE)
    sure = float(moment.called >= SHOWN_FIRST)
    return sure, float(is_whole), float(welcome > 0), min(moves, 3), length, welcome, moment.certainty


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
                self.slips[slip.kind] = (count + 1, [*shown, slip][-SHOWN_SLIPS:])
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
        unmet = {opening.turn for opening in reviewed.judgements.openings if opening.status != "met"}
        self.own.add(moments)
        for skill, tally in self.skills.items():
            of_skill = [opening for opening in openings if opening.skill == skill]
            of_these = [moment for moment in moments if moment.skill == skill]
            tally.add(reviewed, of_skill, of_these, unmet=unmet)

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
        since = trend.since if any(change.has_changed for change in trend.changes) else None
        recent = tuple(self._row(skill, since) for skill in SKILLS)
        focus = self._focus(recent, since)
        lost = self._lost(focus.row.skill, since) if focus else []
        kind, type = _mostly([one.moment for one in lost])
        times = [chat.started for chat in self.chats if chat.started]
        return AgentReport(
            agent=self.agent,
            first=min(times, default=None, key=datetime.isoformat),
            last=max(times, default=None, key=datetime.isoformat),
            card=self.scores.card(usual.norms),
            skills=rows,
            strength=self._strength([row for row in recent if not focus or row.skill != focus.row.skill], since),
            focus=focus,
            since=since,
            recent=recent,
            lessons=tuple(self._lessons(lost, team, mask)),
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

    def _row(self, skill: str, since: date | None = None) -> SkillRow:
        """A skill's row, from a day on; without one, of all."""
        found = self.skills[skill]
        if since is not None:
            return row_of(skill, found.since(since), self.rubric, variance=found.variance_since(since))
        uncalled = len(self.chats) - found.called_in
        return row_of(skill, found.statuses, self.rubric, variance=found.variance, uncalled=uncalled)

    def _strength(self, rows: Iterable[SkillRow], since: date | None) -> Strength | None:
        """The skill whose rate is surely highest, with its best moment that is nowhere held against it."""
        slipped = {
            (slip.conversation, turn)
            for _, shown in self.slips.values()
            for slip in shown
            for turn in (slip.turn, slip.answer_turn)
        }
        for row in sorted((row for row in rows if row.enough), key=lambda row: -row.rate.low):
            for best in self.skills[row.skill].best_since(since):
                turns = (best.moment.turn, best.moment.answer_turn)
                if not slipped & {(best.moment.conversation, turn) for turn in turns}:
                    return Strength(row, best.moment, best.more, best.next_words)
        return None

    def _focus(self, rows: Sequence[SkillRow], since: date | None) -> Focus | None:
        """The skill that lost most openings, weighted by the rubric; never one with too few to say.

        One that missed some goes before one that only met some late.
        """
        weights = {**self.rubric.care, **self.rubric.service}

        def lost(row: SkillRow) -> tuple[bool, float]:
            late = row.recovered * (1 - self.rubric.credit["recovered"])
            return bool(row.missed), weights[row.skill] * (row.missed + late)

        most = max((row for row in rows if row.enough and lost(row)[1] > 0), key=lost, default=None)
        if most is None:
            return None
        slips = ((kind, self.slips[kind][0]) for kind in ALIKE.get(most.skill, ()))
        seldom = [row for row in rows if row.enough and row != most and row.rate.high < SELDOM]
        after = min(seldom, key=lambda row: row.rate.high, default=None)
        return Focus(most, tuple((kind, count) for kind, count in slips if count), after)

    def _lost(self, skill: str, since: date | None) -> list[_Lost]:
        """The skill's moments to look at again, the surest first; guesses only for want of others."""
        found = [one for one in self.skills[skill].lost if since is None or (one.day and one.day >= since)]
        for least in (SHOWN_FIRST, SURE):
            if surely := [one for one in found if one.moment.called >= least]:
                return surely
        return found

    def _lessons(self, lost: Sequence[_Lost], team: Pool, mask: Callable[[str], str]) -> Iterator[Lesson]:
        """A few of the moments, one a conversation, each with a better answer."""
        first = {one.moment.conversation: one for one in reversed(lost)}
        shown: list[Suggestion] = []
        for one in sorted(first.values(), key=lambda one: one.order)[:FOCUS_MOMENTS]:
            found = suggest(one.moment, self.own, team, besides=shown, mask=mask)
            shown.append(found)
            yield Lesson(one.moment, found, one.more, one.later)


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


def _mostly(moments: Sequence[Moment]) -> tuple[str | None, str | None]:
    """The kind of call and the type of customer that most of the moments share; None where they differ."""
    kinds = Counter(phrasebook.kind_of_call(m.skill, m.feeling, m.quote) for m in moments)
    types = Counter(m.customer_type for m in moments)
    return _most(kinds), _most(types)


def _most(found: Counter[Any]) -> Any:
    return next((name for name, count in found.most_common(1) if count > MOSTLY * found.total()), None)
