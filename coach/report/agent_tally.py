"""Adds up an agent's conversations to their report: one strength, one focus, quoted moments, every figure's counts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from coach import phrasebook
from coach.contacts import Contact
from coach.conversation import SKILLS, Moment, Reviewed
from coach.disputes import Dispute
from coach.fit import Manners, fits
from coach.moments import moments_of
from coach.report.agent import AgentReport, Focus, Lesson, Slips, Strength, Usual
from coach.report.agent_moments import Lost, MomentTally
from coach.report.listing import Chat, chat_of
from coach.report.outcome_tally import OutcomeTally
from coach.report.skill_row import SkillRow, row_of
from coach.report.standing import GroupTally
from coach.report.trends import Past
from coach.rubric import Rubric
from coach.slips import KINDS, slips_of
from coach.suggestions import Pool, Suggestion, suggest

FOCUS_MOMENTS = 3
ALIKE = {
    "listening": ("customer repeats",),
    "instruction": ("unanswered question", "promise without a time", "empty empathy"),
}
"""Slips that speak of the same as missed openings of a skill."""
SHOWN_SLIPS = 2
SELDOM = 0.5
"""A skill whose share met lies under it with its whole interval is named too, after the focus."""
SHARED_BY = 0.6
"""The share of moments from which on a kind of call, or a type, stands for all."""


class AgentTally:
    """Adds up one agent's conversations; of each only a line is kept."""

    def __init__(self, agent: str, rubric: Rubric) -> None:
        self.agent, self.rubric = agent, rubric
        self.whole = GroupTally()
        self.moments = {skill: MomentTally() for skill in SKILLS}
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
        self.whole.add(reviewed, self.rubric, self.agent)
        self._add_moments(reviewed)
        for slip in slips_of(reviewed):
            if slip.agent == self.agent:
                count, shown = self.slips[slip.kind]
                self.slips[slip.kind] = (count + 1, [*shown, slip][-SHOWN_SLIPS:])
        self.types[reviewed.judgements.customer_type.label] += 1
        self.manners.add(reviewed, of=self.agent)
        self.past.add(reviewed)
        self.outcomes.add(reviewed, contact)
        self.chats.append(chat_of(reviewed, self.rubric, self.agent))
        said = reviewed.judgements.sentences
        self.wordless += not any(said[i] and reviewed.conversation.agent_of(i) == self.agent for i in range(len(said)))

    def _add_moments(self, reviewed: Reviewed) -> None:
        moments = [moment for moment in moments_of(reviewed) if moment.agent == self.agent]
        unmet = {opening.turn for opening in reviewed.judgements.openings if opening.status != "met"}
        self.own.add(moments)
        for skill, tally in self.moments.items():
            tally.add(reviewed, [moment for moment in moments if moment.skill == skill], unmet=unmet)

    def report(
        self, usual: Usual, *, team: Pool, mask: Callable[[str], str], disputes: Iterable[Dispute] = ()
    ) -> AgentReport:
        """`team` has everybody's met moments; `mask` takes colleagues' names out of what is shown of them."""
        trend = self.past.trend(usual.norms)
        since = trend.since if any(change.has_changed for change in trend.changes) else None
        rows = self._rows()
        recent = self._recent(since) if since else rows
        focus = self._focus(recent, since)
        lost = self.moments[focus.row.skill].lost_since(since) if focus else []
        kind, type = _mostly([one.moment for one in lost])
        times = [chat.started for chat in self.chats if chat.started]
        return AgentReport(
            agent=self.agent,
            first=min(times, default=None, key=datetime.isoformat),
            last=max(times, default=None, key=datetime.isoformat),
            card=self.whole.scores.card(usual.norms),
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

    def _rows(self) -> tuple[SkillRow, ...]:
        return tuple(
            row_of(skill, found, self.rubric, uncalled=self.whole.conversations - found.conversations)
            for skill, found in self.whole.openings.items()
        )

    def _recent(self, since: date) -> tuple[SkillRow, ...]:
        return tuple(row_of(skill, found, self.rubric) for skill, found in self.past.openings_since(since).items())

    def _strength(self, rows: Iterable[SkillRow], since: date | None) -> Strength | None:
        """The skill whose rate is surely highest, with its best moment that is nowhere held against it."""
        slipped = {
            (slip.conversation, turn)
            for _, shown in self.slips.values()
            for slip in shown
            for turn in (slip.turn, slip.answer_turn)
        }
        for row in sorted((row for row in rows if row.enough), key=lambda row: -row.rate.low):
            for best in self.moments[row.skill].best_since(since):
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

    def _lessons(self, lost: Sequence[Lost], team: Pool, mask: Callable[[str], str]) -> Iterator[Lesson]:
        """A few of the moments, one a conversation, each with a better answer."""
        first = {one.moment.conversation: one for one in reversed(lost)}
        shown: list[Suggestion] = []
        for one in sorted(first.values(), key=lambda one: one.order)[:FOCUS_MOMENTS]:
            found = suggest(one.moment, self.own, team, besides=shown, mask=mask)
            shown.append(found)
            yield Lesson(one.moment, found, one.more, one.later)


def _mostly(moments: Sequence[Moment]) -> tuple[str | None, str | None]:
    """The kind of call and the type of customer that most of the moments share; None where they differ."""
    kinds = Counter(phrasebook.kind_of_call(m.skill, m.feeling, m.quote) for m in moments)
    types = Counter(m.customer_type for m in moments)
    return _most(kinds), _most(types)


def _most(found: Counter[Any]) -> Any:
    return next((name for name, count in found.most_common(1) if count > SHARED_BY * found.total()), None)
