"""The agent's private report, as data: one strength, one focus, quoted moments, every figure with its counts."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import fmean

from coach.conversation import SKILLS, SURE, Credit, Moment, Rate, Reviewed, Scorecard
from coach.fit import Fit, Met, fits, manner
from coach.moments import Examples, moments_of
from coach.rubric import Rubric
from coach.scoring import Norms, Tally, rate, scorecard
from coach.slips import KINDS, slips_of

FOCUS_MOMENTS = 3
SHOWN_SLIPS = 2
OUTCOMES = ("csat", "nps", "ces")


@dataclass(frozen=True, slots=True)
class SkillRow:
    """What became of one skill's openings; `rate` counts those met at once."""

    skill: str
    rate: Rate
    recovered: int
    missed: int
    enough: bool

    @property
    def met(self) -> int:
        return int(self.rate.met)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A moment to look at again, and an answer to a like moment: the agent's own, a colleague's, or none yet."""

    moment: Moment
    example: Moment | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class Week:
    """The agent's scores in one calendar week that begins on Monday `start`."""

    start: date
    conversations: int
    card: Scorecard


@dataclass(frozen=True, slots=True)
class Chat:
    """One conversation of the agent's, with the agent's own scores in it."""

    reviewed: Reviewed
    card: Scorecard


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of an outcome over the conversations that have it."""

    name: str
    mean: float
    count: int


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
    """All that the agent's page shows. `types` counts customer types, None being "can't tell".

    `fits` are with the types met often enough, `team_fits` the team's mean fits by type.
    """

    agent: str
    first: datetime | None
    last: datetime | None
    card: Scorecard
    skills: tuple[SkillRow, ...]
    strength: tuple[SkillRow, Moment] | None
    focus: SkillRow | None
    lessons: tuple[Lesson, ...]
    slips: tuple[Slips, ...]
    types: Mapping[str | None, int]
    fits: tuple[Fit, ...]
    team_fits: Mapping[str, float]
    weeks: tuple[Week, ...]
    outcomes: tuple[Average, ...]
    chats: tuple[Chat, ...]
    minimum_count: int

    @property
    def openings(self) -> int:
        return sum(row.rate.called_for for row in self.skills)


def agent_report(
    agent: str,
    reviewed: Iterable[Reviewed],
    rubric: Rubric,
    *,
    team: Examples,
    usual: Usual,
    mask: Callable[[str], str],
) -> AgentReport:
    """The report of one agent from the conversations they took part in.

    `team` has everybody's examples; `usual` is what the team's conversations show; `mask` takes colleagues' names out.
    """
    chats = tuple(Chat(one, scorecard(_own(one, agent), rubric)) for one in reviewed)
    moments = [moment for chat in chats for moment in moments_of(chat.reviewed) if moment.agent == agent]
    rows = tuple(skill_row(skill, [chat.reviewed for chat in chats], rubric, agent=agent) for skill in SKILLS)
    own = Examples()
    own.add(moments)
    strength = _strength(rows, moments)
    focus = _focus(rows, rubric)
    times = [one.reviewed.conversation.started for one in chats if one.reviewed.conversation.started]
    return AgentReport(
        agent=agent,
        first=min(times, default=None, key=_sortable),
        last=max(times, default=None, key=_sortable),
        card=_tally(chats, agent, rubric).card(usual.norms),
        skills=rows,
        strength=strength,
        focus=focus,
        lessons=_lessons(focus, moments, own, team, mask),
        slips=_slips([slip for chat in chats for slip in slips_of(chat.reviewed) if slip.agent == agent]),
        types=Counter(chat.reviewed.judgements.customer_type.label for chat in chats),
        fits=tuple(fits(_met(chats, agent), rubric.fit, usual.scales)),
        team_fits=usual.fits,
        weeks=_weeks(chats, agent, rubric, usual.norms),
        outcomes=averages([chat.reviewed for chat in chats]),
        chats=chats,
        minimum_count=rubric.minimum_count,
    )


def _slips(found: Sequence[Moment]) -> tuple[Slips, ...]:
    by_kind = {kind: [slip for slip in found if slip.kind == kind] for kind in KINDS}
    return tuple(Slips(kind, len(own), tuple(own[:SHOWN_SLIPS])) for kind, own in by_kind.items() if own)


def _met(chats: Iterable[Chat], agent: str) -> list[Met]:
    return [
        Met(chat.reviewed.conversation.id, agent, chat.reviewed.judgements.customer_type.label, found)
        for chat in chats
        if (found := manner(chat.reviewed, agent))
    ]


def _tally(chats: Iterable[Chat], agent: str, rubric: Rubric) -> Tally:
    tally = Tally()
    for chat in chats:
        tally.add(_own(chat.reviewed, agent), rubric)
    return tally


def _own(reviewed: Reviewed, agent: str) -> tuple[Credit, ...]:
    return tuple(credit for credit in reviewed.credits if credit.agent == agent)


def skill_row(skill: str, reviewed: Iterable[Reviewed], rubric: Rubric, *, agent: str) -> SkillRow:
    """Counts the skill's openings of one agent."""
    found = [o for one in reviewed for o in one.judgements.openings if o.skill == skill and o.agent == agent]
    return row_of(skill, Counter(o.status for o in found), rubric, variance=sum(o.met * (1 - o.met) for o in found))


def row_of(skill: str, found: Mapping[str, int], rubric: Rubric, *, variance: float) -> SkillRow:
    """The row of counted statuses; `variance` is that of how many were met, by the tagger's errors."""
    called_for = sum(found.values())
    return SkillRow(
        skill=skill,
        rate=rate(found.get("met", 0), called_for, variance=variance),
        recovered=found.get("recovered", 0),
        missed=found.get("missed", 0),
        enough=called_for >= rubric.minimum_count,
    )


def _strength(rows: Sequence[SkillRow], moments: Sequence[Moment]) -> tuple[SkillRow, Moment] | None:
    """The skill whose rate is surely highest, with its surest met moment."""
    for row in sorted((row for row in rows if row.enough), key=lambda row: -row.rate.low):
        met = [m for m in moments if m.skill == row.skill and m.status == "met" and m.certainty >= SURE]
        if met:
            return row, max(met, key=lambda m: (min(m.certainty, 0.97), len(m.answer_spans), len(m.quote)))
    return None


def _focus(rows: Sequence[SkillRow], rubric: Rubric) -> SkillRow | None:
    """The skill that lost most openings, weighted by the rubric; never one with too few to say."""
    weights = {**rubric.care, **rubric.service}

    def lost(row: SkillRow) -> float:
        return weights[row.skill] * (row.missed + row.recovered * (1 - rubric.credit["recovered"]))

    return max((row for row in rows if row.enough and lost(row) > 0), key=lost, default=None)


def _lessons(
    focus: SkillRow | None, moments: Sequence[Moment], own: Examples, team: Examples, mask: Callable[[str], str]
) -> tuple[Lesson, ...]:
    """The moments of the focus most surely called for and missed, one a conversation, each with a better answer."""
    if focus is None:
        return ()
    missed = [m for m in moments if m.skill == focus.skill and m.status == "missed"]
    first: dict[str, Moment] = {}
    for moment in sorted(missed, key=lambda m: (-m.certainty * m.called, m.conversation, m.turn)):
        first.setdefault(moment.conversation, moment)
    lessons: list[Lesson] = []
    shown: list[Moment] = []
    for moment in list(first.values())[:FOCUS_MOMENTS]:
        found = [own.like(moment, besides=shown), team.like(moment, besides=shown)]
        example = min((m for m in found if m), key=lambda m: m in shown, default=None)
        if example is None:
            lessons.append(Lesson(moment, None, is_own=False))
            continue
        shown.append(example)
        is_own = example.agent == moment.agent
        lessons.append(Lesson(moment, example if is_own else _anonymous(example, mask), is_own=is_own))
    return tuple(lessons)


def _anonymous(moment: Moment, mask: Callable[[str], str]) -> Moment:
    """The moment without its agent; its answer is marked only where masking moved nothing."""
    answer = mask(moment.answer)
    spans = moment.answer_spans if answer == moment.answer else ()
    return replace(moment, agent=None, answer=answer, answer_spans=spans)


def _weeks(chats: Sequence[Chat], agent: str, rubric: Rubric, usual: Norms) -> tuple[Week, ...]:
    by_week: dict[date, list[Chat]] = {}
    for chat in chats:
        if started := chat.reviewed.conversation.started:
            by_week.setdefault(started.date() - timedelta(days=started.weekday()), []).append(chat)
    return tuple(
        Week(start, len(found), _tally(found, agent, rubric).card(usual, towards_usual=False))
        for start, found in sorted(by_week.items())
    )


def averages(reviewed: Iterable[Reviewed]) -> tuple[Average, ...]:
    """Mean customer ratings, where the data has them."""
    found: dict[str, list[float]] = {name: [] for name in OUTCOMES}
    for one in reviewed:
        for name in OUTCOMES:
            if (value := getattr(one.conversation.outcome, name)) is not None:
                found[name].append(value)
    return tuple(Average(name, fmean(values), len(values)) for name, values in found.items() if values)


def _sortable(moment: datetime) -> str:
    return moment.isoformat()
