"""What is practised: open items made from reviewed moments, and model answers marked with whose they are."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from coach.conversation import Reviewed
from coach.exercises import Exercise, build_exercises
from coach.items import Item, Said
from coach.moments import Examples, moments_of
from coach.redaction import mask_names

MOST = 500
MOST_SHOWN = 2
Whose = Literal["own", "team", "phrasebook"]


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """An answer that shows the skill: the learner's own, the team's, or a phrase that coach came with."""

    text: str
    whose: Whose


def open_items(reviewed: Iterable[Reviewed], agents: Sequence[str], *, skill: str | None = None) -> tuple[Item, ...]:
    """Up to MOST items to be answered in one's own words. `agents` are the names to mask."""
    made = build_exercises(reviewed, agents, skill=skill, count=MOST)
    return tuple(_item(one) for one in made if one.kind == "answer")


def _item(exercise: Exercise) -> Item:
    return Item(
        id=exercise.id,
        kind="answer",
        skill=exercise.skill,
        customer_type=exercise.customer_type,
        channel=exercise.channel,
        difficulty=2,
        title="What would you answer?",
        situation=(Said("customer", exercise.customer_words),),
        task=exercise.task,
        checks=exercise.checks,
        model_answers=(exercise.model_answer,) if exercise.model_answer else (),
    )


@dataclass
class ModelAnswers:
    """Finds model answers: the learner's own first, then the item's, which are the team's, then the phrasebook's."""

    agents: Sequence[str] = ()
    own: Examples = field(default_factory=Examples)

    def add_own(self, reviewed: Iterable[Reviewed], learner: str) -> None:
        """Answers of this agent that met an opening."""
        for one in reviewed:
            self.own.add(moment for moment in moments_of(one) if moment.agent == learner)

    def of(self, item: Item, feeling: str | None) -> tuple[ModelAnswer, ...]:
        """One or two of each, where there are any, none twice."""
        skill = item.skill or "empathy"
        kept = self.own.best.get((skill, feeling)) or [
            moment for (name, _), moments in self.own.best.items() if name == skill for moment in moments
        ]
        own = mask_names([kept[0].answer], self.agents) if kept else []
        team = [text for text in item.model_answers[:MOST_SHOWN] if text not in own]
        return (
            *(ModelAnswer(text, "own") for text in own),
            *(ModelAnswer(text, "team") for text in team),
            ModelAnswer(phrase(skill, feeling), "phrasebook"),
        )


def phrase(skill: str, feeling: str | None) -> str:
    """What the phrasebook has for a skill and, if it has one, the customer's feeling."""
    of_skill = _phrasebook()[skill]
    return of_skill.get(feeling or "any", of_skill["any"])


@cache
def _phrasebook() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_name("phrasebook.toml").read_text("utf-8"))
