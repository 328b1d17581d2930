"""Does the model judge what is said, and not who says it or how it is typed?

Four checks. Variations: agents' turns of labelled conversations in another spelling, case or hand, with another
customer's name in them; a sentence whose tags change counts as flipped. Minimal pairs: two sentences that differ
little, of which exactly one has the tag by the labelling guide; both must be right. Stuffing: empathy's words
without sense, which must not count as empathy. Explanations: without the words that are said to carry a tag, its
probability must fall more than without as many other words of the sentence.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coach.attribution import carrying_words
from coach.classifier import Scorer, assigned_tags
from coach.conversation import SKILLS, TAGS, Spans
from coach.labels import Labelled, utterances
from coach.variations import (
    Change,
    addressed,
    as_a_learner,
    in_american,
    in_british,
    in_indian_english,
    rewritten,
    with_typos,
)
from coach.windows import Utterance

NAMES = ("Emily", "Arjun", "Mohammed", "Oluwaseun", "Thuy", "Guadalupe", "Wojciech", "José")
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
MOST_EXPLAINED = 400


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
class Explanations:
    """Of `count` assigned tags: the mean fall of the probability without the words that carried it and without as
    many others, and the share of tags where the first fall is the greater."""

    count: int
    fall: float
    random_fall: float
    faithful: float


@dataclass(frozen=True, slots=True)
class Robustness:
    """`pairs`: per tag, (right, all); `stuffed`: how many of `stuffing` senseless sentences passed for empathy."""

    flips: tuple[Flips, ...]
    pairs: Mapping[str, tuple[int, int]]
    stuffed: int
    stuffing: int
    explanations: Explanations

    @property
    def pairs_right(self) -> float:
        return sum(right for right, _ in self.pairs.values()) / max(1, sum(count for _, count in self.pairs.values()))


def robustness(labelled: Sequence[Labelled], scorer: Scorer) -> Robustness:
    """All four checks; `labelled` gives the turns to vary."""
    stuffed, stuffing = _stuffing(scorer)
    plain = [utterances(one) for one in labelled]
    flips = tuple(_flips(plain, scorer))
    return Robustness(flips, _pairs(scorer), stuffed, stuffing, _explanations(plain, scorer))


def _flips(plain: Sequence[Sequence[Utterance]], scorer: Scorer) -> Iterator[Flips]:
    before = _verdicts(plain, scorer)
    for name, change in _variations().items():
        varied = [[_changed(u, change) for u in one] for one in plain]
        yield _compared(name, plain, before, varied, _verdicts(varied, scorer))
    called = [[[addressed(u, name) for u in one] for one in plain] for name in NAMES]
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
        "no commas or final stops": lambda text: re.sub(r"\.+$", "", text.replace(",", "")),
        "exclamation marks": lambda text: text.replace(".", "!") if text.rstrip().endswith(".") else text,
        "American spelling": in_american,
        "British spelling": in_british,
        "Indian English": in_indian_english,
        "a learner's English": as_a_learner,
        "an emoji": lambda text: f"{text} 🙂" if text.strip() else text,
        "typos": lambda text: with_typos(text, chance),
    }


def _changed(utterance: Utterance, change: Change) -> Utterance:
    return rewritten(utterance, change) if utterance.role == "agent" else utterance


Verdicts = list[list[list[frozenset[str]]]]


def _verdicts(conversations: Sequence[Sequence[Utterance]], scorer: Scorer) -> Verdicts:
    """The tags of every span of every turn of every conversation."""
    return [
        [[frozenset(assigned_tags(row, scorer.thresholds)) for row in turn.tags] for turn in one]
        for one in scorer.score(conversations)
    ]


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
    found = [one[1][1] & set(SKILLS["empathy"]) for one in _verdicts(sides, scorer)]
    return sum(map(bool, found)), len(STUFFING)


def _explanations(plain: Sequence[Sequence[Utterance]], scorer: Scorer) -> Explanations:
    chance = random.Random(9)
    found = list(_assigned(plain, scorer))
    found = chance.sample(found, min(MOST_EXPLAINED, len(found)))
    sides = []
    for said, span, _, words in found:
        others = _other_words(said[-1].text[slice(*span)], [(s - span[0], e - span[0]) for s, e in words], chance)
        moved = [(s + span[0], e + span[0]) for s, e in others]
        sides += [[*said[:-1], _without(said[-1], span, gone)] for gone in ((), words, moved)]
    scores = iter(scorer.score(sides))
    falls = []
    for _, _, place, _ in found:
        whole, without, other = (float(next(scores)[-1].tags[0, place]) for _ in range(3))
        falls.append((whole - without, whole - other))
    count = max(1, len(falls))
    return Explanations(
        count=len(falls),
        fall=sum(fall for fall, _ in falls) / count,
        random_fall=sum(other for _, other in falls) / count,
        faithful=sum(fall > other for fall, other in falls) / count,
    )


Explained = tuple[list[Utterance], tuple[int, int], int, Spans]


def _assigned(plain: Sequence[Sequence[Utterance]], scorer: Scorer) -> Iterator[Explained]:
    """The turns up to a tagged sentence, its span, the tag's place in TAGS and the words that carried it.

    Only where at most half of the sentence's words did, so that as many others are left.
    """
    for one, scores in zip(plain, scorer.score(plain), strict=True):
        for number, (utterance, found) in enumerate(zip(one, scores, strict=True)):
            for span, row in zip(utterance.spans, found.tags, strict=True):
                for place in map(TAGS.index, assigned_tags(row, scorer.thresholds)):
                    words = carrying_words(utterance.text, span, found.places, found.pulls[:, place])
                    carried = sum(len(utterance.text[s:e].split()) for s, e in words)
                    if 2 * carried <= len(utterance.text[slice(*span)].split()):
                        yield [*one[max(0, number - 2) : number], utterance], span, place, words


def _other_words(text: str, carrying: Sequence[tuple[int, int]], chance: random.Random) -> Spans:
    """As many words, drawn from the rest of the sentence."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    carried = [any(s < end and e > start for s, e in carrying) for start, end in words]
    rest = [word for word, gone in zip(words, carried, strict=True) if not gone]
    return tuple(sorted(chance.sample(rest, min(len(rest), sum(carried)))))


def _without(utterance: Utterance, span: tuple[int, int], gone: Sequence[tuple[int, int]]) -> Utterance:
    """The turn with only this span to judge, and words taken out of it."""
    text, at = "", 0
    for start, end in gone:
        text += utterance.text[at:start]
        at = end
    text += utterance.text[at:]
    return replace(utterance, text=text, spans=((span[0], span[1] - sum(e - s for s, e in gone)),))
