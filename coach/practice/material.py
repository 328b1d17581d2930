"""What is practised: open items made from reviewed moments, and model answers marked with whose they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from coach import phrasebook
from coach.authoring import Selection, build
from coach.conversation import SURE, Moment, Reviewed
from coach.items import PATTERN, TEAM, Item, Kind
from coach.moments import moments_of
from coach.redaction import mask_names

MOST = 500
MOST_SHOWN = 2
SHORTEST, LONGEST = 20, 600
"""Characters of an answer that is shown again."""
Whose = Literal["own", "team", "role-play", "phrasebook"]


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """An answer that shows the skill: the learner's own, the team's, or one that coach came with."""

    text: str
    whose: Whose


def open_items(reviewed: Iterable[Reviewed], agents: Sequence[str], *, skill: str | None = None) -> tuple[Item, ...]:
    """Up to MOST real moments to be answered in one's own words, then role-plays. `agents` are the names to mask."""
    kinds: tuple[Kind, ...] = ("answer", "four customers")
    made = build(reviewed, agents, choose=Selection(kinds=kinds, skill=skill, count=2 * MOST)).items
    return tuple(sorted(made, key=lambda item: item.is_written))


@dataclass
class ModelAnswers:
    """Finds model answers: the learner's own first, then the item's, then the phrasebook's."""

    agents: Sequence[str] = ()
    own: dict[tuple[str, str | None], Moment] = field(default_factory=dict)

    def add_own(self, reviewed: Iterable[Reviewed], learner: str) -> None:
        """Of this agent's answers that surely met an opening, the surest for each skill and feeling."""
        for moment in (moment for one in reviewed for moment in moments_of(one)):
            if moment.agent == learner and _is_model(moment):
                kind = moment.skill, moment.feeling
                self.own[kind] = min(moment, self.own.get(kind, moment), key=_surest)

    def of(self, item: Item, feeling: str | None) -> tuple[ModelAnswer, ...]:
        """One or two of each, where there are any, none twice; the phrasebook has patterns of its own."""
        skill = item.skill or "empathy"
        kept = [self.own[skill, feeling]] if (skill, feeling) in self.own else self._of_skill(skill)
        own = mask_names([kept[0].answer], self.agents) if kept else []
        found = [one for one in item.model_answers if not (one.startswith(PATTERN) or any(mine in one for mine in own))]
        whose: Whose = "role-play" if item.is_written else "team"
        return (
            *(ModelAnswer(text, "own") for text in own),
            *(ModelAnswer(text.removeprefix(TEAM), whose) for text in found[:MOST_SHOWN]),
            ModelAnswer(phrase(skill, feeling), "phrasebook"),
        )

    def _of_skill(self, skill: str) -> list[Moment]:
        return [moment for (name, _), moment in self.own.items() if name == skill]


def _is_model(moment: Moment) -> bool:
    is_sure = moment.status == "met" and moment.certainty >= SURE
    return is_sure and SHORTEST <= len(moment.answer) <= LONGEST


def _surest(moment: Moment) -> tuple[float, str, int]:
    return -moment.certainty, moment.conversation, moment.turn


def phrase(skill: str, feeling: str | None) -> str:
    """What the phrasebook has for a skill and, if it has one, the customer's feeling."""
    return phrasebook.phrase(skill, feeling, None, seed=skill)
