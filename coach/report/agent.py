"""The agent's private report, as data: one strength, one focus, quoted moments, every figure with its counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from coach import phrasebook
from coach.conversation import Index, Moment, Scorecard
from coach.disputes import Dispute
from coach.fit import Fit
from coach.norms import Norms
from coach.report.listing import Chat
from coach.report.outcomes import OutcomeReport
from coach.report.skill_row import SkillRow
from coach.report.trends import Trend
from coach.suggestions import Suggestion

MOSTLY = 0.6
"""The share of openings from which on most are met."""


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
