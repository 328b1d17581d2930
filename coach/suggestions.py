"""Something better to say: the agent's own answer to a like moment, else the team's, else the phrasebook's.

Two moments are alike when the encoder's embeddings of the customer's turns point the same way, after what all turns
have in common was taken off, and their words speak of the same matter (coach.examples).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from heapq import heappush, heappushpop
from typing import Literal

import numpy as np

from coach.conversation import Moment
from coach.examples import Example, Span, Vector, examples_of, kind_of, may_answer, vector_of
from coach.phrasebook import advice, phrases, variants_from

Whose = Literal["own", "team", "phrasebook"]

MOST = 300
FEWEST = 20
"""Moments that must have been seen before any two can be called alike."""
FLOOR = {"empathy": 0.75, "listening": 0.8, "instruction": 0.9}
"""Similarities under which the phrasebook is the better help, by reading pairs."""
NEAR = 0.05
"""Similarities that differ by less are as good as equal: then the customer's type decides."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something better to say, and whose it is.

    `spans` (start, end, label) mark words of `text`. Of an own answer `text` stands so in turn `turn` of
    `conversation`; a colleague's is masked and says neither. `quote` is what that customer had said, to be shown
    beside it, "" for the phrasebook; `similarity` is the cosine of both customers' words, None for the phrasebook.
    """

    text: str
    spans: tuple[Span, ...]
    whose: Whose
    similarity: float | None = None
    conversation: str | None = None
    turn: int | None = None
    quote: str = ""


class Pool:
    """The surest examples, at most `most` a skill, however many moments are added and in whatever order."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._kept: dict[str, list[tuple[float, str, int, str, Example]]] = {}
        self._count = 0
        self._sum: Vector | None = None

    def add(self, moments: Iterable[Moment]) -> None:
        """Keeps the examples among them, and what all of them, met or not, have in common."""
        for moment in moments:
            vector = vector_of(moment)
            if vector is None:
                continue
            self._sum = vector if self._sum is None else self._sum + vector
            self._count += 1
            for example in examples_of(moment, vector):
                self._keep(example)

    def _keep(self, example: Example) -> None:
        moment = example.moment
        kept = self._kept.setdefault(moment.skill, [])
        entry = (round(moment.certainty, 2), moment.conversation, moment.turn, example.text, example)
        (heappush if len(kept) < self.most else heappushpop)(kept, entry)

    def examples(self, skill: str) -> tuple[Example, ...]:
        """What is kept of a skill, the surest first."""
        kept = sorted(self._kept.get(skill, []), key=lambda entry: entry[:4])
        return tuple(example for *_, example in reversed(kept))

    @property
    def centre(self) -> Vector | None:
        """The mean embedding of every moment added: (384,); None when there are too few."""
        return None if self._sum is None or self._count < FEWEST else self._sum / self._count

    def near(
        self, moment: Moment, centre: Vector | None, *, besides: Collection[str] = ()
    ) -> tuple[Example, float] | None:
        """The example whose customer said what is most like the moment's, and their similarity, −1 to 1.

        Never of the moment's own conversation, nor with a text in `besides`; None when none lies above the floor.
        """
        vector = vector_of(moment)
        if vector is None or centre is None:
            return None
        may = (one for one in self.examples(moment.skill) if one.text not in besides and may_answer(one, moment))
        found = [(one, _cosine(vector - centre, one.vector - centre)) for one in may]
        near = [pair for pair in found if pair[1] >= FLOOR[moment.skill]]
        best = max((similar for _, similar in near), default=0.0)
        nearest = [pair for pair in near if pair[1] > best - NEAR]
        is_same_type = [pair for pair in nearest if pair[0].moment.customer_type == moment.customer_type]
        return max(is_same_type or nearest, default=None, key=lambda pair: pair[1])


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
    are those already on the page, which are not given again while there is another.
    """
    shown, centre = {one.text for one in besides}, team.centre
    if near := own.near(moment, centre, besides=shown):
        example, similar = near
        met = example.moment
        return Suggestion(example.text, example.spans, "own", similar, met.conversation, met.answer_turn, met.quote)
    if near := team.near(moment, centre, besides=shown):
        example, similar = near
        text = mask(example.text)
        spans = example.spans if text == example.text else ()
        return Suggestion(text, spans, "team", similar, quote=mask(example.moment.quote))
    if moment.skill == "instruction":
        return Suggestion(advice(moment.quote), (), "phrasebook")
    of_kind = phrases(moment.skill, kind_of(moment), moment.customer_type)
    texts = variants_from(of_kind, seed=f"{moment.conversation}/{moment.turn}")
    return Suggestion(next((text for text in texts if text not in shown), texts[0]), (), "phrasebook")


def _cosine(one: Vector, other: Vector) -> float:
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / size if size else 0.0
