"""A draft: an item made from real words, before names are masked and before it is chosen."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import nsmallest
from typing import Generic, TypeVar

from coach.authoring.witnesses import content
from coach.conversation import Conversation, Reviewed
from coach.items import Choice, Item, Said
from coach.redaction import agent_names, mask_names
from coach.redaction.lexicon import usual
from coach.redaction.people import words_of

QUOTED = re.compile(r"“([^”]*)”")
PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_\d+)?\]")
SECRET = re.compile(
    r"\b(?:pin|pass ?(?:code|word)|cvv|cvc|ssn|social security|account|card|security code)\b\D{0,40}\d{3,}",
    re.IGNORECASE,
)
CODE = re.compile(r"^\W*(?=\w*\d)(?=\w*[a-z])\w+\W*$", re.IGNORECASE)
"""What masking may have left: figures after a word for something secret, and a turn that is one code or user name."""
FEW_WORDS, MANY_WORDS, MOST_PLACEHOLDERS = 5, 120, 3
ALIKE = 0.7
HELD_BACK = 5
"""One conversation in so many is held back for transfer."""
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Draft:
    """`sources` are the turns it gives away, `faces` what makes it look like another, `bucket` what packs vary by."""

    item: Item
    sources: frozenset[tuple[str, int]]
    faces: tuple[str, ...]
    bucket: str
    names: frozenset[str]


@lru_cache(maxsize=16)
def names_of(conversation: Conversation) -> frozenset[str]:
    """What the conversation's agents are called."""
    return agent_names(conversation)


def drafted(item: Item, reviewed: Reviewed, *, turns: Iterable[int], face: str, bucket: str) -> Draft:
    """A draft from these turns of a conversation."""
    conversation = reviewed.conversation
    sources = frozenset((conversation.id, turn) for turn in turns)
    return Draft(item, sources, (alike(face),), bucket, names_of(conversation))


def draw(*parts: object) -> str:
    """64 hex digits that look random and are the same every time."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def is_held_back(conversation: str) -> bool:
    """Whether the conversation's moments are kept for transfer; never depends on what else there is."""
    return int(draw("transfer", conversation)[:8], 16) % HELD_BACK == 0


def alike(text: str) -> str:
    """The same for texts that differ in names, figures and punctuation only."""
    return " ".join(re.findall(r"[a-z']+", PLACEHOLDER.sub("", text).lower()))


def is_alike(face: str, other: str) -> bool:
    """Whether most words of the matter are the same in the two."""
    mine, theirs = content(face), content(other)
    return face == other or len(mine & theirs) > ALIKE * len(mine | theirs)


def quoted(text: str) -> str:
    """Real words among ours: in “ ”, which stand nowhere inside; what is masked later is found by them."""
    return f"“{text.strip().replace('“', '‘').replace('”', '’')}”"


def is_readable(text: str, *, at_least: int = FEW_WORDS, at_most: int = MANY_WORDS) -> bool:
    """Whether a learner can make sense of it: not too short or long, and not mostly placeholders or links."""
    masked = len(PLACEHOLDER.findall(text))
    words = len(text.split())
    is_short_enough = at_least <= words <= at_most and masked <= min(MOST_PLACEHOLDERS, words // 5)
    return is_short_enough and not re.search("https?:", text)


def said_before(
    conversation: Conversation, turn: int, *, most_turns: int = 3, most_words: int = 150
) -> tuple[Said, ...]:
    """The turns up to and including this one, the nearest first to stay, at most so many words in all."""
    kept: list[Said] = []
    words = 0
    for one in reversed(conversation.turns[: turn + 1]):
        words += len(one.text.split())
        if kept and (len(kept) > most_turns or words > most_words):
            break
        if one.role in ("agent", "customer"):
            kept.append(Said(one.role, one.text))
    return tuple(reversed(kept))


def shuffled(choices: Iterable[Choice], id: str) -> tuple[Choice, ...]:
    """In an order that depends on the item alone."""
    return tuple(sorted(choices, key=lambda choice: draw(id, choice.text)))


def masked(draft: Draft, agents: Iterable[str]) -> Item | None:
    """The draft's item with nobody's name; None when a name that is no ordinary word, or a secret, would be left.

    Where real words stand among ours, only what is quoted is masked.
    """
    names = draft.names.union(agents)
    texts = list(_real_words(draft.item))
    item = _with_real_words(draft.item, iter(mask_names(texts, names)))
    personal = {word for name in names for word in words_of(name) if len(word) > 2 and not usual(word)}
    left = {word.casefold() for text in _real_words(item) for word in re.findall(r"\w+", text)}
    is_left = left & {word.casefold() for word in personal} or _is_secret_left(item)
    return None if is_left else item


def _is_secret_left(item: Item) -> bool:
    texts = [PLACEHOLDER.sub("", text) for text in _real_words(item)]
    return any(map(SECRET.search, texts)) or any(map(CODE.search, texts[: len(item.situation)]))


def _real_words(item: Item) -> Iterator[str]:
    yield from (said.text for said in item.situation)
    yield item.text
    if item.kind == "order":
        yield from (choice.text for choice in item.choices)
    for text in _mixed(item):
        yield from QUOTED.findall(text)


def _mixed(item: Item) -> Iterator[str]:
    yield from (item.task, item.explanation, *item.model_answers)
    if item.kind != "order":
        yield from (choice.text for choice in item.choices)
    yield from (choice.feedback for choice in item.choices)


def _with_real_words(item: Item, words: Iterator[str]) -> Item:
    """The item with these words, in the order of _real_words."""
    situation = tuple(replace(said, text=next(words)) for said in item.situation)
    text = next(words)
    steps = [next(words) for _ in item.choices] if item.kind == "order" else []

    def mixed(text: str) -> str:
        return QUOTED.sub(lambda _: f"“{next(words)}”", text)

    task, explanation = mixed(item.task), mixed(item.explanation)
    model_answers = tuple(map(mixed, item.model_answers))
    options = steps or [mixed(choice.text) for choice in item.choices]
    feedback = [mixed(choice.feedback) for choice in item.choices]
    choices = tuple(
        replace(choice, text=option, feedback=why)
        for choice, option, why in zip(item.choices, options, feedback, strict=True)
    )
    return replace(
        item,
        situation=situation,
        text=text,
        task=task,
        explanation=explanation,
        model_answers=model_answers,
        choices=choices,
    )


class Reservoir(Generic[Kept]):
    """The first `size` of all that is added, by what was drawn for each: the same whatever the order of adding."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.kept: dict[str, Kept] = {}

    def add(self, drawn: str, one: Kept) -> None:
        self.kept[drawn] = one
        if len(self.kept) >= 2 * self.size:
            self.kept = {key: self.kept[key] for key in nsmallest(self.size, self.kept)}

    def __iter__(self) -> Iterator[Kept]:
        return (self.kept[key] for key in nsmallest(self.size, self.kept))
