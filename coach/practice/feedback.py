"""What an answer shows and what it leaves open, judged as a review judges the agent's next turn."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from coach.calls import stretches
from coach.conversation import SKILL_OF, SKILLS, SURE, Conversation, Judgements, Opening, Role, Tag, Turn
from coach.items import Item
from coach.openings import HOLDS
from coach.resolution import CLAUSE

if TYPE_CHECKING:
    from coach.judging import Judge

LONGER = re.compile(r"[^\W\d_]{5,}|\d{2,}")
WHOLE = 24  # words of a sentence that is quoted whole
RECENT = 4  # turns before a sentence that is read alone
MOST_SENTENCES = 12  # of a turn, to look for the one that shows a feeling
AROUND = 60  # characters quoted on each side of the words that called


@dataclass(frozen=True, slots=True)
class Heard:
    """A tag that the answer shows, with the words quoted for it.

    `is_sure` is False for a guess, `is_theirs` for what was given back without a word of the customer's.
    """

    tag: str
    quote: str
    is_sure: bool
    is_theirs: bool = True

    @property
    def skill(self) -> str:
        return SKILL_OF[self.tag]


@dataclass(frozen=True, slots=True)
class Open:
    """What the customer's last words called for, in their words, and whether the answer met it."""

    skill: str
    quote: str
    feeling: str | None
    is_met: bool


@dataclass(frozen=True, slots=True)
class Feedback:
    """All that was found in one answer. `is_put_off` tells that it asks the customer to wait."""

    heard: tuple[Heard, ...]
    openings: tuple[Open, ...]
    is_put_off: bool = False

    @property
    def shown(self) -> frozenset[str]:
        """The skills that the answer shows, called for or not."""
        return frozenset(one.skill for one in self.heard)

    @property
    def verdicts(self) -> Mapping[str, bool]:
        """Whether each opening was met, by skill."""
        return {one.skill: one.is_met for one in self.openings}

    @property
    def still_open(self) -> tuple[Open, ...]:
        return tuple(one for one in self.openings if not one.is_met)

    @property
    def feeling(self) -> str | None:
        """What the customer shows in the words to be answered."""
        return next((one.feeling for one in self.openings if one.feeling), None)


class Listens(Protocol):
    def prepare(self, item: Item) -> None: ...

    def hear(self, item: Item, answer: str) -> Feedback: ...


class Listener:
    """Judges answers with the model of the reviews, which is loaded once."""

    def __init__(self, judge: "Judge") -> None:
        self.judge = judge
        self.felt: Mapping[str, tuple[int, int]] = {}

    def prepare(self, item: Item) -> None:
        """Does while the learner reads what needs no answer: finds where each of the last words shows a feeling."""
        before = before_answer(item)
        last = _last_stretch(Conversation(item.id, before))
        self.felt = {before[turn].text: self._felt(before[:turn], before[turn].text) for turn in last}

    def hear(self, item: Item, answer: str) -> Feedback:
        """The answer as the agent's turn after what was said, without an agent's answer that is to be rewritten."""
        before = before_answer(item)
        whole = Conversation(item.id, (*before, Turn("agent", answer)), channel=item.channel)
        ((_, found),) = self.judge.judge([whole])
        own = [tag for tag in found.tags if tag.turn == len(before)]
        theirs = {word for turn in before if turn.role == "customer" for word in _longer(turn.text)}
        openings = tuple(self._openings(whole, found, item.skill))
        return Feedback(
            heard=tuple(_heard(answer, tag, theirs) for tag in own),
            openings=openings,
            is_put_off=bool(HOLDS.search(answer)) and any(not one.is_met for one in openings),
        )

    def _openings(self, whole: Conversation, found: Judgements, skill: str | None) -> Iterator[Open]:
        """What the customer's last words called for; of what the model is unsure, only the item's own skill."""
        last = _last_stretch(whole)
        shown = {SKILL_OF[tag.name] for tag in found.tags if tag.turn == len(whole.turns) - 1}
        called = {one.skill: one for one in found.openings if one.turn in last}
        for name in SKILLS:
            opening = called.get(name)
            if name != skill and (opening is None or opening.called < SURE):
                continue
            if opening:
                yield self._open(whole, found, opening)
            elif last:
                turn = max(last, key=lambda number: len(whole.turns[number].text))
                quote = _around(whole.turns[turn].text, 0, len(whole.turns[turn].text))
                yield Open(name, quote, None, name in shown)

    def _open(self, whole: Conversation, found: Judgements, opening: Opening) -> Open:
        text, start, end = whole.turns[opening.turn].text, opening.start, opening.end
        feeling = found.feelings[opening.turn] if opening.skill == "empathy" else None
        if feeling:
            start, end = self.felt.get(text, (start, end))
        label = feeling.label if feeling else None
        return Open(opening.skill, _around(text, start, end), label, opening.status == "met")

    def _felt(self, before: Sequence[Turn], text: str) -> tuple[int, int]:
        """The sentence that shows a feeling most, each read alone after what was said just before."""
        spans = [one.span() for one in CLAUSE.finditer(text) if any(map(str.isalpha, one.group()))]
        if not 1 < len(spans) <= MOST_SENTENCES:
            return 0, len(text)
        alone = [Conversation("", (*before[-RECENT:], Turn("customer", text[slice(*span)].strip()))) for span in spans]
        judged = [found.feelings[-1] for _, found in self.judge.judge(alone)]
        calm = [one.probabilities["none"] if one else 1.0 for one in judged]
        return spans[calm.index(min(calm))]


def before_answer(item: Item) -> tuple[Turn, ...]:
    """What the answer follows: the situation up to the customer's last words."""
    said = list(item.situation)
    while said and said[-1].role != "customer":
        said.pop()
    return tuple(Turn(one.role, one.text) for one in said)


def _last_stretch(whole: Conversation) -> tuple[int, ...]:
    """The customer's turns that the last turn answers."""
    role: Role = "customer"
    return next((one.turns for one in reversed(stretches(whole)) if one.role == role), ())


def _heard(answer: str, tag: Tag, theirs: set[str]) -> Heard:
    is_theirs = tag.name != "restate" or bool(_longer(answer[tag.start : tag.end]) & theirs)
    return Heard(tag.name, _words(answer, tag), tag.is_sure, is_theirs)


def _longer(text: str) -> set[str]:
    """The words by which one knows what somebody speaks of."""
    return {word.casefold() for word in LONGER.findall(text)}


def _words(text: str, tag: Tag) -> str:
    """A short sentence whole, of a longer one the words that carried the tag."""
    sentence = text[tag.start : tag.end]
    if len(sentence.split()) <= WHOLE or not tag.words:
        return " ".join(sentence.split()[: 2 * WHOLE])
    return " … ".join(text[start:end] for start, end in tag.words)


def _around(text: str, start: int, end: int) -> str:
    """The sentence in which the words stand, cut where it is long."""
    sentences = [one.span() for one in CLAUSE.finditer(text)]
    first = max((one for one, _ in sentences if one <= start), default=0)
    last = min((one for _, one in sentences if one >= end), default=len(text))
    left, right = max(first, start - AROUND), min(last, max(start + AROUND, min(end, start + 2 * AROUND)) + AROUND // 2)
    left = first if left == first else text.find(" ", left, start) + 1 or left
    right = last if right == last else max(text.rfind(" ", start, right), start + 1)
    words = " ".join(text[left:right].split())
    return f"{'… ' if left > first else ''}{words}{' …' if right < last else ''}"
