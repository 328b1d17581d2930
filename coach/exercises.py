"""Exercises from real moments: "what would you answer?" and "spot the clue". Nothing names a colleague."""

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from coach.conversation import Clue, Moment, Reviewed
from coach.moments import Examples, moments_of
from coach.redaction import mask_names

CERTAIN = 0.7
WORDS = range(6, 120)
TASKS = {
    "empathy": "Answer so that the customer feels heard.",
    "listening": "Answer so that the customer knows you have understood, and you learn what you need.",
    "instruction": "Answer so that the customer knows what to do, or why it is so, or what happens next and when.",
}
CHECKS = {
    "empathy": (
        "Did you name the feeling, or what the trouble means for them?",
        "If it is your side's fault: did you say sorry for it, once?",
        "Did you take some of the worry away, without a promise you cannot keep?",
    ),
    "listening": (
        "Did you give back in your own words what they told you?",
        "Did you ask the one question that brings you closest to the cause, or to what they want?",
        "Did you let them confirm that you have it right?",
    ),
    "instruction": (
        "Is each step one that the customer can do, in order?",
        "Did you say how or why it works, or what will happen next and when?",
        "Did you check that it worked?",
    ),
}


@dataclass(frozen=True, slots=True)
class Exercise:
    """One item. kind "answer" has a task, checks and a model answer; kind "clue" asks for the type and its clues.

    `clues` are (words, reason). `id` stays the same for the same moment.
    """

    id: str
    kind: str
    skill: str | None
    channel: str | None
    customer_type: str | None
    feeling: str | None
    customer_words: str
    task: str
    checks: tuple[str, ...] = ()
    model_answer: str | None = None
    clues: tuple[tuple[str, str], ...] = ()


def build_exercises(
    reviewed: Iterable[Reviewed], agents: Sequence[str], *, skill: str | None = None, count: int = 10, seed: int = 0
) -> tuple[Exercise, ...]:
    """Up to `count` exercises; the same moments and seed give the same ones. `agents` are the names to mask.

    With a skill, only "what would you answer?" items of that skill; without, one in four spots clues. There
    may be fewer than asked for: an item whose key the model is not sure of is never made.
    """
    missed: list[tuple[str, Moment]] = []
    talks: list[tuple[str, Exercise]] = []
    examples = Examples()
    for one in reviewed:
        moments = list(moments_of(one))
        examples.add(moment for moment in moments if moment.certainty >= CERTAIN)
        missed += [(_draw(m.conversation, m.turn, m.skill, seed), m) for m in moments if _teaches(m, skill)]
        talks += [(_draw(e.id, seed), e) for e in _clue_exercises(one) if skill is None]
        missed, talks = heapq.nsmallest(4 * count, missed, key=_first), heapq.nsmallest(count, talks, key=_first)
    answers = [_answer_exercise(moment, examples) for _, moment in missed]
    whole = [exercise for exercise in answers if exercise.model_answer] or answers
    spots = [exercise for _, exercise in talks][: count // 4]
    chosen = [*_varied(whole, count - len(spots)), *spots]
    return tuple(_masked(exercise, agents) for exercise in chosen)


def _first(pair: tuple[str, object]) -> str:
    return pair[0]


def _draw(*parts: object) -> str:
    """A number that looks random and is the same every time."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _teaches(moment: Moment, skill: str | None) -> bool:
    return (
        moment.status == "missed"
        and skill in (None, moment.skill)
        and moment.certainty >= CERTAIN
        and len(moment.quote.split()) in WORDS
    )


def _varied(exercises: list[Exercise], count: int) -> list[Exercise]:
    """Takes from each skill in turn."""
    by_skill: dict[str | None, list[Exercise]] = {}
    for exercise in exercises:
        by_skill.setdefault(exercise.skill, []).append(exercise)
    rounds = max(map(len, by_skill.values()), default=0)
    turns = (found[i] for i in range(rounds) for found in by_skill.values() if i < len(found))
    return [exercise for exercise, _ in zip(turns, range(count), strict=False)]


def _answer_exercise(moment: Moment, examples: Examples) -> Exercise:
    example = examples.like(moment)
    return Exercise(
        id=_draw(moment.conversation, moment.turn, moment.skill)[:12],
        kind="answer",
        skill=moment.skill,
        channel=moment.channel,
        customer_type=moment.customer_type,
        feeling=moment.feeling,
        customer_words=moment.quote,
        task=TASKS[moment.skill],
        checks=CHECKS[moment.skill],
        model_answer=example.answer if example else None,
    )


def _clue_exercises(reviewed: Reviewed) -> Iterator[Exercise]:
    """One item from a conversation whose customer's type is sure and shows in one turn."""
    found, turns = reviewed.judgements.customer_type, reviewed.conversation.turns
    if found.label is None or found.probabilities[found.label] < CERTAIN or not found.clues:
        return
    by_turn: dict[int, list[Clue]] = {}
    for clue in found.clues:
        by_turn.setdefault(clue.turn, []).append(clue)
    turn, clues = max(by_turn.items(), key=lambda item: (len(item[1]), -item[0]))
    text = turns[turn].text
    if len(text.split()) in WORDS:
        yield Exercise(
            id=_draw(reviewed.conversation.id, turn, "clue")[:12],
            kind="clue",
            skill=None,
            channel=reviewed.conversation.channel,
            customer_type=found.label,
            feeling=None,
            customer_words=text,
            task="Controller, thinker, feeler, entertainer, or can't tell? Which words say so?",
            clues=tuple((text[clue.start : clue.end], clue.reason) for clue in clues),
        )


def _masked(exercise: Exercise, agents: Sequence[str]) -> Exercise:
    words, *clues = mask_names([exercise.customer_words, *(words for words, _ in exercise.clues)], agents)
    return replace(
        exercise,
        customer_words=words,
        model_answer=exercise.model_answer and mask_names([exercise.model_answer], agents)[0],
        clues=tuple((words, reason) for words, (_, reason) in zip(clues, exercise.clues, strict=True)),
    )
