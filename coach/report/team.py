"""The team's review, as data: patterns before people, and a queue of conversations to look at."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from coach.conversation import SKILLS, Reviewed, Scorecard
from coach.fit import Manners, chance_of_differences, scales_of, team_fits
from coach.moments import Examples, moments_of
from coach.report.agent import Average, SkillRow, Usual, row_of
from coach.rubric import Rubric
from coach.scoring import Norms, Tally, norms
from coach.slips import KINDS as SLIPS
from coach.slips import slips_of

QUEUE_PER_KIND = 4
KINDS = ("unanswered", "rated low", "unresolved", "worth sharing")


@dataclass(frozen=True, slots=True)
class Group:
    """The rows and scores of an agent, a channel or a customer type."""

    name: str
    conversations: int
    skills: tuple[SkillRow, ...]
    card: Scorecard


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A conversation that deserves a human look, and why."""

    reviewed: Reviewed
    kind: str
    reason: str
    weight: float


@dataclass(frozen=True, slots=True)
class TeamReport:
    """All that the team's page shows. Agents stand in alphabetical order; nothing is ranked.

    `slips` counts what may have slipped, by kind; `fit_by_chance` is the p-value of agents' differences in fit.
    """

    conversations: int
    first: datetime | None
    last: datetime | None
    card: Scorecard
    skills: tuple[SkillRow, ...]
    agents: tuple[Group, ...]
    channels: tuple[Group, ...]
    types: tuple[Group, ...]
    outcomes: tuple[Average, ...]
    resolved: Mapping[str, int]
    queue: tuple[QueueItem, ...]
    unnamed: int
    slips: Mapping[str, int]
    fit_by_chance: float | None
    minimum_count: int


@dataclass
class _Tally:
    conversations: int = 0
    openings: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    variances: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    scores: Tally = field(default_factory=Tally)

    def add(self, reviewed: Reviewed, rubric: Rubric, agent: str | None = None) -> None:
        self.conversations += 1
        for opening in reviewed.judgements.openings:
            if agent is None or opening.agent == agent:
                self.openings[opening.skill][opening.status] += 1
                self.variances[opening.skill] += opening.met * (1 - opening.met)
        self.scores.add([credit for credit in reviewed.credits if agent is None or credit.agent == agent], rubric)

    def group(self, name: str, rubric: Rubric, usual: Norms, *, towards_usual: bool) -> Group:
        rows = tuple(row_of(s, self.openings[s], rubric, variance=self.variances[s]) for s in SKILLS)
        return Group(name, self.conversations, rows, self.scores.card(usual, towards_usual=towards_usual))


class TeamTally:
    """Adds reviewed conversations up, one at a time; what it holds does not grow with their number."""

    def __init__(self, rubric: Rubric) -> None:
        self.rubric, self.examples = rubric, Examples()
        self.all = _Tally()
        self.by: dict[str, dict[str, _Tally]] = {kind: defaultdict(_Tally) for kind in ("agent", "channel", "type")}
        self.sums: dict[str, tuple[float, int]] = {}
        self.resolved: Counter[str] = Counter()
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.unnamed = 0
        self.manners = Manners()
        self.slips: Counter[str] = Counter()
        self.queue: dict[str, list[QueueItem]] = defaultdict(list)

    def add(self, reviewed: Reviewed) -> None:
        conversation = reviewed.conversation
        self.all.add(reviewed, self.rubric)
        self.by["channel"][conversation.channel or "unknown"].add(reviewed, self.rubric)
        self.by["type"][reviewed.judgements.customer_type.label or "can't tell"].add(reviewed, self.rubric)
        for agent in conversation.agents:
            self.by["agent"][agent].add(reviewed, self.rubric, agent)
        self.unnamed += not conversation.agents
        self.resolved[reviewed.resolved] += 1
        self.examples.add(moments_of(reviewed))
        self.manners.add(reviewed)
        self.slips.update(slip.kind for slip in slips_of(reviewed))
        self._add_outcomes(reviewed)
        self._add_time(conversation.started)
        if item := _reason(reviewed):
            kept = self.queue[item.kind]
            kept.append(item)
            kept.sort(key=lambda item: (-item.weight, item.reviewed.conversation.id))
            del kept[QUEUE_PER_KIND:]

    def _add_outcomes(self, reviewed: Reviewed) -> None:
        for name in ("csat", "nps", "ces"):
            if (value := getattr(reviewed.conversation.outcome, name)) is not None:
                total, count = self.sums.get(name, (0.0, 0))
                self.sums[name] = (total + value, count + 1)

    def _add_time(self, started: datetime | None) -> None:
        if started:
            self.first = min(self.first or started, started, key=datetime.isoformat)
            self.last = max(self.last or started, started, key=datetime.isoformat)

    @property
    def norms(self) -> Norms:
        """What agents usually score here; without a named agent, what conversations do."""
        agents = [tally.scores for tally in self.by["agent"].values()]
        return norms(agents or [self.all.scores])

    @property
    def usual(self) -> Usual:
        met = self.manners.met
        scales = scales_of(met)
        return Usual(self.norms, scales, team_fits(met, self.rubric.fit, scales))

    def report(self) -> TeamReport:
        usual = self.norms
        whole = self.all.group("team", self.rubric, usual, towards_usual=False)
        groups = {
            kind: tuple(
                tally.group(name, self.rubric, usual, towards_usual=kind == "agent")
                for name, tally in sorted(found.items(), key=_by_name)
            )
            for kind, found in self.by.items()
        }
        return TeamReport(
            conversations=whole.conversations,
            first=self.first,
            last=self.last,
            card=whole.card,
            skills=whole.skills,
            agents=groups["agent"],
            channels=groups["channel"],
            types=groups["type"],
            outcomes=tuple(Average(name, total / count, count) for name, (total, count) in self.sums.items()),
            resolved=self.resolved,
            queue=tuple(item for kind in KINDS for item in self.queue[kind]),
            unnamed=self.unnamed,
            slips={kind: self.slips[kind] for kind in SLIPS if self.slips[kind]},
            fit_by_chance=chance_of_differences(self.manners.met, self.rubric.fit),
            minimum_count=self.rubric.minimum_count,
        )


def _by_name(item: tuple[str, object]) -> str:
    return item[0].casefold()


def _reason(reviewed: Reviewed) -> QueueItem | None:
    """The weightiest reason to look at a conversation, if there is one."""
    judgements, conversation = reviewed.judgements, reviewed.conversation
    openings = judgements.openings
    unanswered = [o for o in openings if o.skill == "empathy" and o.status == "missed"]
    csat = conversation.outcome.csat
    if unanswered:
        strongest = max(1 - f.probabilities["none"] for o in unanswered if (f := judgements.feelings[o.turn]))
        times = "once" if len(unanswered) == 1 else f"{len(unanswered)} times"
        reason = f"a feeling was shown {times} and never answered"
        return QueueItem(reviewed, "unanswered", reason, len(unanswered) + strongest)
    if csat is not None and csat <= 2:
        return QueueItem(reviewed, "rated low", f"rated {csat:g} of 5 by the customer", 5 - csat)
    if reviewed.resolved == "no":
        return QueueItem(reviewed, "unresolved", "looks unresolved", judgements.resolution.probability)
    if len(openings) >= 3 and all(o.status == "met" for o in openings):
        reason = f"all {len(openings)} openings met: worth sharing"
        return QueueItem(reviewed, "worth sharing", reason, len(openings))
    return None
