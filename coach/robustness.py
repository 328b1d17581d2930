"""Does the model judge what is said, and not who says it or how it is typed?

Three checks. Variations: agents' turns of labelled conversations in another spelling, case or hand, with another
customer's name in them; a sentence whose tags change counts as flipped. Minimal pairs: two sentences that differ
little, of which exactly one has the tag by the labelling guide; both must be right. Stuffing: empathy's words
without sense, which must not count as empathy.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coach.classifier import Scorer
from coach.conversation import SKILLS, TAGS
from coach.labels import Labelled
from coach.tagging import JUDGED
from coach.variations import (
    as_a_learner,
    in_american,
    in_british,
    in_indian_english,
    rewritten,
    with_typos,
)
from coach.windows import Utterance

NAMES = ("Emily", "James", "Priya", "Arjun", "Fatima", "Mohammed", "Ngozi", "Oluwaseun", "Wei", "Thuy", "Guadalupe",
         "José", "Wojciech", "Svetlana")  # fmt: skip
STUFFING = (
    "I understand I understand sorry sorry.",
    "Sorry sorry sorry understand sorry.",
    "understand frustration appreciate patience sorry understand",
    "Empathy sorry understand worry frustrating thank.",
    "sorry understand apologise appreciate sorry understand apologise appreciate",
    "Frustrating frustrating understand understand patience patience.",
    "thank patience sorry thank patience sorry",
    "I understand sorry I appreciate I understand sorry I appreciate.",
    "apologies apologies frustration inconvenience understand",
    "Worry not worry not understand feel feel sorry.",
    "sorry / understand / sorry / appreciate / sorry",
    "Understand feelings upset sorry upset understand feelings.",
)
Change = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Flips:
    """Sentences that the variation changed, how many of them got other tags, and how often each tag came or went."""

    name: str
    sentences: int
    flipped: int
    tags: Mapping[str, int]

    @property
    def share(self) -> float:
        return self.flipped / max(1, self.sentences)

    @property
    def most(self) -> list[str]:
        """The three tags that came or went most often."""
        return sorted(self.tags, key=lambda tag: -self.tags[tag])[:3]


@dataclass(frozen=True, slots=True)
class Robustness:
    """`pairs`: per tag, (right, all); `stuffed`: how many of `stuffing` senseless sentences passed for empathy."""

    flips: tuple[Flips, ...]
    pairs: Mapping[str, tuple[int, int]]
    stuffed: int
    stuffing: int

    @property
    def pairs_right(self) -> float:
        return sum(right for right, _ in self.pairs.values()) / max(1, sum(count for _, count in self.pairs.values()))


def robustness(labelled: Sequence[Labelled], scorer: Scorer) -> Robustness:
    """All three checks; `labelled` gives the turns to vary."""
    stuffed, stuffing = _stuffing(scorer)
    return Robustness(tuple(_flips(labelled, scorer)), _pairs(scorer), stuffed, stuffing)


def _flips(labelled: Sequence[Labelled], scorer: Scorer) -> Iterator[Flips]:
    plain = [_utterances(one) for one in labelled]
    before = _verdicts(plain, scorer)
    for name, change in _variations().items():
        varied = [[_changed(u, change) for u in one] for one in plain]
        yield _compared(name, plain, before, varied, _verdicts(varied, scorer))
    called = [[[_called(u, name) for u in one] for one in plain] for name in NAMES]
    first, *others = ((one, _verdicts(one, scorer)) for one in called)
    yield _total([_compared("names", *first, *other) for other in others])


def _total(flips: Sequence[Flips]) -> Flips:
    tags = sum((Counter(f.tags) for f in flips), Counter[str]())
    return Flips(flips[0].name, sum(f.sentences for f in flips), sum(f.flipped for f in flips), dict(tags))


def _variations() -> dict[str, Change]:
    chance = random.Random(5)
    return {
        "lower case": str.lower,
        "upper case": str.upper,
        "no commas or final stops": lambda text: text.replace(",", "").rstrip(". "),
        "exclamation marks": lambda text: text.replace(".", "!") if text.rstrip().endswith(".") else text,
        "American spelling": in_american,
        "British spelling": in_british,
        "Indian English": in_indian_english,
        "a learner's English": as_a_learner,
        "an emoji": lambda text: f"{text} 🙂" if text.strip() else text,
        "typos": lambda text: with_typos(text, chance),
    }


def _utterances(labelled: Labelled) -> list[Utterance]:
    return [
        Utterance(turn.role, turn.text, tuple((start, end) for start, end, _ in sentences))
        for turn, sentences in zip(labelled.conversation.turns, labelled.sentences, strict=True)
        if turn.role in JUDGED
    ]


def _changed(utterance: Utterance, change: Change) -> Utterance:
    return rewritten(utterance, change) if utterance.role == "agent" else utterance


def _called(utterance: Utterance, name: str) -> Utterance:
    """The agent's turn with the customer's name before its first sentence."""
    if utterance.role != "agent" or not utterance.spans:
        return utterance
    (start, end), *others = utterance.spans
    address = f"{name}, "
    moved = [(s + len(address), e + len(address)) for s, e in others]
    text = f"{utterance.text[:start]}{address}{utterance.text[start:]}"
    return replace(utterance, text=text, spans=((start, end + len(address)), *moved))


Verdicts = list[list[list[frozenset[str]]]]


def _verdicts(conversations: Sequence[Sequence[Utterance]], scorer: Scorer) -> Verdicts:
    """The tags of every span of every turn of every conversation."""

    def assigned(row: Iterable[float]) -> frozenset[str]:
        return frozenset(tag for tag, chance in zip(TAGS, row, strict=True) if chance >= scorer.thresholds[tag])

    return [[[assigned(row) for row in turn.tags] for turn in one] for one in scorer.score(conversations)]


def _compared(
    name: str,
    plain: Sequence[Sequence[Utterance]],
    before: Verdicts,
    varied: Sequence[Sequence[Utterance]],
    after: Verdicts,
) -> Flips:
    tags: Counter[str] = Counter()
    sentences = flipped = 0
    for one, verdicts, other, others in zip(plain, before, varied, after, strict=True):
        for was, had, now, has in zip(one, verdicts, other, others, strict=True):
            for (start, end), old, (first, last), new in zip(was.spans, had, now.spans, has, strict=True):
                if was.text[start:end] != now.text[first:last]:
                    sentences += 1
                    flipped += old != new
                    tags.update(old ^ new)
    return Flips(name, sentences, flipped, dict(tags))


def read_pairs() -> list[dict[str, str]]:
    """The minimal pairs that came with coach."""
    path = Path(__file__).parent / "minimal_pairs.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _pairs(scorer: Scorer) -> dict[str, tuple[int, int]]:
    pairs = read_pairs()
    sides = [
        [
            Utterance("customer", pair.get(f"{side}_customer") or pair["customer"]),
            Utterance("agent", pair[side], ((0, len(pair[side])),)),
        ]
        for pair in pairs
        for side in ("with", "without")
    ]
    verdicts = iter(_verdicts(sides, scorer))
    right, count = Counter[str](), Counter[str]()
    for pair in pairs:
        tag = pair["tag"]
        has, lacks = next(verdicts)[1][0], next(verdicts)[1][0]
        right[tag] += tag in has and tag not in lacks
        count[tag] += 1
    return {tag: (right[tag], count[tag]) for tag in TAGS}


def _stuffing(scorer: Scorer) -> tuple[int, int]:
    asked = Utterance("customer", "My card does not work. What can I do?")
    answer = "Please try it again tomorrow."
    begin = len(answer) + 1
    sides = [
        [asked, Utterance("agent", f"{answer} {words}", ((0, len(answer)), (begin, begin + len(words))))]
        for words in STUFFING
    ]
    found = [set().union(*one[1]) & set(SKILLS["empathy"]) for one in _verdicts(sides, scorer)]
    return sum(map(bool, found)), len(STUFFING)
