"""Examples: the part of a good answer that can be understood beside its customer's words, and what it is like.

Only sentences that carry the skill are shown, and only such as name nothing but what their own customer, quoted
beside them, had said: no order of somebody else's, no promise made for another case, no formula (examples.toml).
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coach.conversation import SURE, Moment
from coach.phrasebook import kind_of_call

Vector = NDArray[np.float64]
Span = tuple[int, int, str]

SUREST = 0.8
FEWEST_WORDS, MOST_WORDS = 6, 80
FEWEST_SAID = 4
SHARED = 2
"""Particular words that two customers have in common who speak of the same matter."""
WORK = {
    "empathy": ("acknowledge", "reassure"),
    "listening": ("restate", "probe"),
    "instruction": ("instruct", "explain"),
}
"""The tags that do a skill's work; a bare sorry, thanks or 'anything else?' is no model, a date is another case's."""
ADDRESS = re.compile(r"(?:\s*\[\w+\][,!:.]?)*\s*(?:(?:hi|hello|hey|dear)\b(?: there)?\s*(?:\[\w+\])?[,!.]*\s*)?", re.I)
INITIALS = re.compile(r"\s*(?:[\^*]|- ?)[A-Z][A-Za-z]{0,7}$")
NAME = re.compile(r"(?<=[\w,] )(?!I\b|OK\b)[A-Z]['’\w]*")
"""A capital that begins no sentence."""
WORD = re.compile(r"\[\w+\]|\d+(?:[.,:]\d+)*|[^\W\d_][\w']{2,}")
CONTRACTED = re.compile(r"(?:n't|'(?:ll|ve|re|m|d))$")
ENDING = re.compile(r"(?:'s|ingly|edly|ing|ed|ly|es|s|d|er|e)$")


@dataclass(frozen=True, slots=True)
class Example:
    """Words of the moment's answer, `text[start:end]` of them marked by `spans`; `vector` is its embedding: (384,)."""

    text: str
    spans: tuple[Span, ...]
    moment: Moment
    vector: Vector = field(repr=False, compare=False)


def vector_of(moment: Moment) -> Vector | None:
    """The embedding of what the customer said: (384,); None where the store has none."""
    return np.frombuffer(moment.embedding, "<f2").astype(np.float64) if moment.embedding else None


def examples_of(moment: Moment, vector: Vector) -> Iterator[Example]:
    """Neighbouring sentences of a surely met moment that carry the skill, and each of them alone."""
    is_sure = moment.status == "met" and moment.certainty >= SUREST and moment.called >= SURE
    if not is_sure or not FEWEST_SAID <= len(moment.quote.split()) <= MOST_WORDS:
        return
    for run in _runs(moment):
        alone = {span[:2]: [one for one in run if one[:2] == span[:2]] for span in run}
        for spans in (run, *(alone.values() if len(alone) > 1 else ())):
            start, end = _bare(moment.answer, spans[0][0], max(stop for _, stop, _ in spans))
            if _is_clear(moment, moment.answer[start:end], {name for *_, name in spans}):
                marks = tuple((max(0, first - start), min(stop, end) - start, name) for first, stop, name in spans)
                yield Example(moment.answer[start:end], marks, moment, vector)


def _runs(moment: Moment) -> Iterator[list[Span]]:
    """Stretches of tagged sentences that follow each other with nothing but space between."""
    run: list[Span] = []
    for start, end, name in sorted(moment.answer_spans):
        is_usable = not name.endswith("?") and not _never().search(moment.answer[start:end])
        if run and (not is_usable or moment.answer[max(stop for _, stop, _ in run) : start].strip()):
            yield run
            run = []
        if is_usable:
            run.append((start, end, name))
    if run:
        yield run


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentences without the customer's name before them and the agent's initials after them."""
    before, after = ADDRESS.match(text, start, end), INITIALS.search(text[start:end])
    return before.end() if before else start, start + after.start() if after else end


def _is_clear(moment: Moment, text: str, names: Collection[str]) -> bool:
    """Whether the words are enough, do what the skill is for, and explain themselves beside the customer's."""
    words, said = stems(text), stems(moment.quote)
    if not stems(" ".join(NAME.findall(text))) <= said:
        return False
    if not FEWEST_WORDS <= len(text.split()) <= MOST_WORDS or not set(names) & set(WORK[moment.skill]):
        return False
    if moment.skill == "listening" and (words <= _words_of("general") or len(words & said) < SHARED):
        return False
    return moment.skill == "instruction" or words - _words_of("general", "common", "everywhere") <= said


def may_answer(example: Example, moment: Moment) -> bool:
    """Whether the example may stand under the moment: of its kind and in the same matter.

    Where a feeling is named, another matter does if the customer talks in the same manner; comfort is for its own case.
    """
    met = example.moment
    if met.conversation == moment.conversation or met.skill != moment.skill or kind_of(met) != kind_of(moment):
        return False
    if moment.skill == "empathy":
        if feelings_named(example.text) - {moment.feeling}:
            return False
        is_same_manner = moment.customer_type is not None and met.customer_type == moment.customer_type
        if is_same_manner and _names_no_matter(example):
            return True
    return _is_same_matter(moment.quote, met.quote)


def _names_no_matter(example: Example) -> bool:
    """Whether it acknowledges, in words that its customer used or that go with any matter."""
    said = stems(example.moment.quote) | _words_of("general", "everywhere")
    return stems(example.text) <= said and any(name == "acknowledge" for *_, name in example.spans)


def kind_of(moment: Moment) -> str:
    """What called for the skill: one of coach.phrasebook.KINDS."""
    return kind_of_call(moment.skill, moment.feeling, moment.quote)


def feelings_named(text: str) -> set[str]:
    """The feelings that a text has words for."""
    words = _lists()["feelings"].items()
    return {feeling for feeling, pattern in words if re.search(rf"\b(?:{pattern})", text, re.IGNORECASE)}


def _is_same_matter(one: str, other: str) -> bool:
    """Whether what two customers said shares at least SHARED particular words, a third of the shorter's or more."""
    mine, theirs = _particulars(one), _particulars(other)
    shared = len(mine & theirs)
    return shared >= SHARED and 3 * shared >= min(len(mine), len(theirs))


def _particulars(text: str) -> frozenset[str]:
    return frozenset(word for word in stems(text) - _words_of("general", "everywhere") if word[0].isalpha())


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """Words of three letters and more without their endings, numbers, and what was masked."""
    words = WORD.findall(text.lower().replace("’", "'"))
    return frozenset(ENDING.sub("", word) for word in words if not CONTRACTED.search(word))


@cache
def _words_of(*lists: str) -> frozenset[str]:
    return stems(" ".join(_lists()[name] for name in lists))


@cache
def _never() -> re.Pattern[str]:
    """Signs that a sentence belongs to its own case, or is no example to anybody."""
    found = [pattern for patterns in _lists()["never"].values() for pattern in patterns]
    return re.compile("|".join(f"(?:{one})" for one in found), re.IGNORECASE)


@cache
def _lists() -> Mapping[str, Any]:
    return tomllib.loads((files("coach") / "examples.toml").read_text("utf-8"))
