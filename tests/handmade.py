"""Conversations and judgements made by hand, as small as a test needs them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from coach.calls import HEADS as CALLS
from coach.calls import REPEATS, hear, signs
from coach.conversation import (
    FEELINGS,
    RESOLUTIONS,
    TAGS,
    TYPES,
    Clue,
    Conversation,
    CustomerType,
    Feeling,
    Judgements,
    Opening,
    Resolution,
    Reviewed,
    Sentence,
    Turn,
)
from coach.cues import cues
from coach.heads import Linear
from coach.openings import find_openings
from coach.rubric import Rubric, read_rubric
from coach.scoring import credits_of

RUBRIC = read_rubric()
SURE = {"chance": 1.0, "other": 0.0}
"""Verdicts that leave no doubt, so that a rate has Wilson's interval."""
MONDAY = datetime(2026, 9, 7, 10, tzinfo=UTC)


def customer(text: str, *, by: str | None = None, at: float | None = None) -> Turn:
    """A customer's turn, `at` seconds after MONDAY."""
    return Turn("customer", text, _time(at), by)


def agent(text: str, *, by: str | None = None, at: float | None = None) -> Turn:
    return Turn("agent", text, _time(at), by)


def bot(text: str) -> Turn:
    return Turn("bot", text)


def system(text: str) -> Turn:
    return Turn("system", text)


def _time(at: float | None) -> datetime | None:
    return None if at is None else MONDAY + timedelta(seconds=at)


def talk(*turns: Turn, id: str = "c1", agent: str | None = "Ana Ruiz", **fields: Any) -> Conversation:
    return Conversation(id, turns, agent=agent, **fields)


def read(conversation: Conversation) -> list[np.ndarray]:
    """What the heads of calls read of each stretch of the customer's, where nothing was tagged."""
    rows = signs(conversation, [()] * len(conversation.turns), [None] * len(conversation.turns))
    return [row for _, row in rows if row is not None]


SIGNS = [f"{kind}.{name}" for kind in ("opening", "call", "type") for name in cues(kind)]
FIRST_SIGN = 14  # the place of the first of them in a row
WIDTH = len(read(talk(customer("Hi")))[0])


def on_signs(*names: str) -> Linear:
    """A head that is sure when one of the signs is seen, and that nothing is called for when none is."""
    weights = np.zeros((1, WIDTH), np.float32)
    weights[0, [FIRST_SIGN + SIGNS.index(name) for name in names]] = 8
    return Linear(weights, np.full(1, -4, np.float32), np.zeros(WIDTH, np.float32), np.ones(WIDTH, np.float32))


HEADS = {
    CALLS["listening"]: on_signs("opening.wish"),
    CALLS["instruction"]: on_signs("opening.question", "opening.fault"),
    REPEATS: on_signs("call.says_again"),
}
"""Made by hand, so that one sign is one call; the shipped ones have a test of their own."""


def sentence(text: str, *tags: str, chance: float = 0.9, other: float = 0.05) -> Sentence:
    """The whole text as one sentence: `chance` for each of the tags, `other` for the rest."""
    chances = {tag: chance if tag in tags else other for tag in TAGS}
    return Sentence(0, len(text), chances, tuple(tag for tag in TAGS if tag in tags))


def feeling(label: str | None) -> Feeling:
    chances = {"none": 0.9} | dict.fromkeys(FEELINGS, 0.025)
    if label:
        chances |= {"none": 0.125, label: 0.8}
    return Feeling(label, chances)


def customer_type(label: str | None = None, *, chance: float = 0.8, clues: Sequence[Clue] = ()) -> CustomerType:
    chances = dict.fromkeys(TYPES, 0.05) | ({label: chance} if label else {})
    return CustomerType(label, chances, assertiveness=3.5, responsiveness=2.25, clues=tuple(clues))


def resolution(label: str, chance: float = 0.7) -> Resolution:
    return Resolution(label, {name: chance if name == label else (1 - chance) / 3 for name in RESOLUTIONS})


def judged(
    conversation: Conversation,
    *,
    tags: Mapping[int, Sequence[str]] | None = None,
    feelings: Mapping[int, str] | None = None,
    chance: float = 0.9,
    other: float = 0.05,
    found: CustomerType | None = None,
    resolved: str = "unknown",
    openings: Sequence[Opening] | None = None,
) -> Judgements:
    """Judgements with these tags and feelings by turn; the openings follow from them unless they are given."""
    turns = conversation.turns
    sentences = tuple(
        (sentence(turn.text, *(tags or {}).get(i, ()), chance=chance, other=other),) if turn.role == "agent" else ()
        for i, turn in enumerate(turns)
    )
    shown = tuple(feeling((feelings or {}).get(i)) if turn.role == "customer" else None for i, turn in enumerate(turns))
    heard = list(hear(conversation, sentences, shown, HEADS))
    return Judgements(
        sentences=sentences,
        feelings=shown,
        customer_type=found or customer_type(),
        openings=find_openings(conversation, sentences, heard) if openings is None else tuple(openings),
        resolution=resolution(resolved),
    )


def reviewed(conversation: Conversation, *, rubric: Rubric = RUBRIC, **judgement: Any) -> Reviewed:
    judgements = judged(conversation, **judgement)
    return Reviewed(conversation, judgements, credits_of(conversation, judgements, rubric))


HURT = "Nobody ever answers me and it makes me so angry"
KIND = "I can see how upsetting that must be for you."
COLD = "Your ticket has number twelve in the queue."
ASKS = "How do I change the address of the parcel?"
STEPS = "Open the settings and choose the new address there."
WISHES = "I would like a blue lamp instead of the red one"
HEARD = "So you would rather have the blue lamp, is that right?"


def felt(id: str, answer: str = KIND, *, met: bool = True, words: str = HURT, **fields: Any) -> Reviewed:
    """A chat with one opening for empathy."""
    return _one_opening(id, words, answer, ("acknowledge",) if met else (), {0: "anger"}, fields)


def asked(id: str, answer: str = STEPS, *, met: bool = True, words: str = ASKS, **fields: Any) -> Reviewed:
    """A chat with one opening for instruction."""
    return _one_opening(id, words, answer, ("instruct",) if met else (), {}, fields)


def wished(id: str, answer: str = HEARD, *, met: bool = True, words: str = WISHES, **fields: Any) -> Reviewed:
    """A chat with one opening for listening."""
    return _one_opening(id, words, answer, ("restate",) if met else (), {}, fields)


def _one_opening(
    id: str, words: str, answer: str, tags: Sequence[str], feelings: Mapping[int, str], fields: Mapping[str, Any]
) -> Reviewed:
    judgement = {key: fields[key] for key in ("chance", "other", "found", "resolved") if key in fields}
    rest = {key: value for key, value in fields.items() if key not in judgement}
    conversation = talk(customer(words), agent(answer), id=id, **rest)
    return reviewed(conversation, tags={1: tags}, feelings=feelings, **judgement)
