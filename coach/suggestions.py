"""Something better to say: the agent's own answer to a like moment, else the team's, else the phrasebook's.

Two moments are alike when the encoder's embeddings of the customer's turns point the same way, after what all turns
have in common was taken off. An answer is an example only as far as it can stand beside another customer's words:
its sentences that carry the skill, when they name nothing of their own case.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from heapq import heappush, heappushpop
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from coach.authoring.wording import moves
from coach.conversation import Moment
from coach.phrasebook import kind_of_call, phrase

Vector = NDArray[np.float64]
Span = tuple[int, int, str]
Whose = Literal["own", "team", "phrasebook"]

MOST = 300
FEWEST = 20
"""Moments that must have been seen before any two can be called alike."""
SUREST = 0.8
SHORTEST, LONGEST = 4, 60
FLOOR = {"empathy": 0.2, "listening": 0.3, "instruction": 0.4}
NEAR = 0.05
"""Similarities that differ by less are as good as equal: then the customer's type decides."""
WORK = {
    "empathy": ("acknowledge", "reassure"),
    "listening": ("restate", "probe"),
    "instruction": ("instruct", "explain"),
}
"""The tags that do a skill's work; a bare sorry, thanks or 'anything else?' is no model."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something better to say, and whose it is.

    `spans` (start, end, label) mark words of `text`. Of an own answer `text` stands so in turn `turn` of
    `conversation`; a colleague's is masked and says neither. `quote` is what that customer had said, "" otherwise;
    `similarity` is the cosine of both customers' words, None for the phrasebook.
    """

    text: str
    spans: tuple[Span, ...]
    whose: Whose
    similarity: float | None = None
    conversation: str | None = None
    turn: int | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """The part of an answer that can stand on its own, and the moment it answered."""

    text: str
    spans: tuple[Span, ...]
    particulars: frozenset[str]
    moment: Moment
    vector: Vector = field(repr=False, compare=False)


class Pool:
    """The surest answers that can stand on their own, at most `most` a skill, however many moments are added."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._kept: dict[str, list[tuple[float, str, int, Example]]] = {}
        self._count = 0
        self._sum: Vector | None = None

    def add(self, moments: Iterable[Moment]) -> None:
        """Keeps the examples among them, and what all of them, met or not, have in common."""
        for moment in moments:
            vector = _vector(moment)
            if vector is None:
                continue
            self._sum = vector.copy() if self._sum is None else self._sum + vector
            self._count += 1
            if (example := _example(moment, vector)) is not None:
                self._keep(example)

    def _keep(self, example: Example) -> None:
        moment = example.moment
        kept = self._kept.setdefault(moment.skill, [])
        entry = (round(moment.certainty, 2), moment.conversation, -moment.turn, example)
        (heappush if len(kept) < self.most else heappushpop)(kept, entry)

    @property
    def centre(self) -> Vector | None:
        """The mean embedding of every moment added: (384,); None when there are too few."""
        return None if self._sum is None or self._count < FEWEST else self._sum / self._count

    def near(
        self, moment: Moment, centre: Vector | None, *, besides: Collection[str] = ()
    ) -> tuple[Example, float] | None:
        """The example whose customer said what is most like the moment's, with their similarity, −1 to 1.

        Of the same skill, for empathy of the same feeling, of another conversation and with a text not in `besides`;
        None when nothing lies above the floor.
        """
        vector = _vector(moment)
        if vector is None or centre is None:
            return None
        found = [
            (example, similar)
            for *_, example in sorted(self._kept.get(moment.skill, []), key=lambda entry: entry[:3], reverse=True)
            if _may_answer(example, moment)
            and example.text not in besides
            and (similar := _cosine(vector - centre, example.vector - centre)) >= FLOOR[moment.skill]
        ]
        return max(found, default=None, key=lambda pair: _order(pair[0], pair[1], moment))


def suggest(
    moment: Moment,
    own: Pool,
    team: Pool,
    *,
    mask: Callable[[str], str],
    besides: Collection[Suggestion] = (),
) -> Suggestion:
    """Something better to say than what was answered in the moment.

    `own` has the agent's answers, `team` everybody's; `mask` takes colleagues' names out of the team's; `besides`
    are those already on the page, which are not given again.
    """
    shown = {one.text for one in besides}
    centre = team.centre
    if near := own.near(moment, centre, besides=shown):
        example, similar = near
        met = example.moment
        return Suggestion(example.text, example.spans, "own", similar, met.conversation, met.answer_turn, met.quote)
    if near := team.near(moment, centre, besides=shown):
        example, similar = near
        text = mask(example.text)
        spans = example.spans if text == example.text else ()
        return Suggestion(text, spans, "team", similar, quote=mask(example.moment.quote))
    kind = kind_of_call(moment.skill, moment.feeling, moment.quote)
    seeds = (f"{moment.conversation}/{moment.turn}/{number}" for number in range(5))
    texts = [phrase(moment.skill, kind, moment.customer_type, seed=seed) for seed in seeds]
    return Suggestion(next((text for text in texts if text not in shown), texts[0]), (), "phrasebook")


def _may_answer(example: Example, moment: Moment) -> bool:
    met = example.moment
    if met.conversation == moment.conversation or (moment.skill == "empathy" and met.feeling != moment.feeling):
        return False
    return example.particulars <= _stems(moment.quote) and not _names_another_feeling(example.text, moment)


def _names_another_feeling(text: str, moment: Moment) -> bool:
    others = (words for feeling, words in _words()["feelings"].items() if feeling != moment.feeling)
    return moment.skill == "empathy" and re.search(rf"\b(?:{'|'.join(others)})", text, re.IGNORECASE) is not None


def _order(example: Example, similar: float, moment: Moment) -> tuple[float, bool, float, str, int]:
    met = example.moment
    near = similar // NEAR
    return near, met.customer_type == moment.customer_type, similar, met.conversation, -met.turn


def _vector(moment: Moment) -> Vector | None:
    return np.frombuffer(moment.embedding, "<f2").astype(np.float64) if moment.embedding else None


def _cosine(one: Vector, other: Vector) -> float:
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / size if size else 0.0


def _example(moment: Moment, vector: Vector) -> Example | None:
    """The best run of neighbouring sentences that carry the skill and name nothing of their case."""
    if moment.status != "met" or moment.certainty < SUREST or moment.answer_turn is None:
        return None
    runs = [run for run in _runs(moment) if _does_the_work(moment, run)]
    if not runs:
        return None
    run = max(runs, key=lambda spans: (len({name for *_, name in spans}), spans[-1][1] - spans[0][0], -spans[0][0]))
    start, end = run[0][0], max(stop for _, stop, _ in run)
    text = moment.answer[start:end]
    spans = tuple((first - start, stop - start, name) for first, stop, name in run)
    return Example(text, spans, frozenset(_stems(text) - _general()), moment, vector)


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


def _does_the_work(moment: Moment, run: list[Span]) -> bool:
    """Whether some sentence surely does what the skill is for, by its words as well as by the model."""
    words = len(moment.answer[run[0][0] : run[-1][1]].split())
    return SHORTEST <= words <= LONGEST and any(
        name in WORK[moment.skill] and moves()[name].sign.search(moment.answer[start:end]) for start, end, name in run
    )


WORD = re.compile(r"[^\W\d_][\w'’]{3,}")
CONTRACTED = re.compile(r"(?:n't|'(?:ll|ve|re|m|d))$")
ENDING = re.compile(r"(?:'s|’s|ingly|edly|ing|ed|ly|es|s|d|er|e)$")


def _stems(text: str) -> set[str]:
    """Words of four letters and more without their endings."""
    words = (word.replace("’", "'") for word in WORD.findall(text.lower()))
    return {ENDING.sub("", word) for word in words if not CONTRACTED.search(word)}


@cache
def _general() -> frozenset[str]:
    return frozenset(_stems(_words()["general"]))


@cache
def _never() -> re.Pattern[str]:
    """Signs that a sentence belongs to its own case, and names: a capital that begins no sentence."""
    found = [pattern for patterns in _words()["never"].values() for pattern in patterns]
    name = r"(?-i:(?<![.!?…:;\n])(?<!^)[ (](?!I\b|I['’]|OK\b)[A-Z])"
    return re.compile("|".join(f"(?:{one})" for one in (*found, name)), re.IGNORECASE)


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads((files("coach") / "suggestions.toml").read_text("utf-8"))
