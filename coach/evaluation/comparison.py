"""Two models on the same conversations: how much better the one is, by a paired bootstrap over conversations."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from coach.conversation import FEELINGS, TAGS
from coach.evaluation.measures import RESAMPLES, SEED, Answers, detections, f1_of


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of this model and of the other, and the 95 % interval of this one's gain."""

    name: str
    f1: float
    other_f1: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def differences(answers: Answers, others: Answers, conversations: int) -> Iterator[Difference]:
    """One row a tag, skill and feeling, and the means over tags and over feelings."""
    ours, theirs = ({n: d.counts(conversations) for n, d in detections(a)} for a in (answers, others))
    chosen = np.random.default_rng(SEED).integers(0, conversations, (RESAMPLES, conversations))
    rows = {name: [name] for name in ours} | {"mean of tags": [*TAGS], "mean of feelings": [*FEELINGS]}
    for name, parts in rows.items():
        pair = [np.stack([counts[part] for part in parts], axis=1) for counts in (ours, theirs)]
        whole, other = (float(f1_of(counts.sum(axis=0)).mean()) for counts in pair)
        drawn, drawn_other = (f1_of(counts[chosen].sum(axis=1)).mean(axis=1) for counts in pair)
        low, high = np.quantile(drawn - drawn_other, [0.025, 0.975])
        yield Difference(name, whole, other, float(low), float(high))
