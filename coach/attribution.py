"""Which words carried a tag: the pull of each token on the tag's logit, gathered into words."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from coach.conversation import Spans

MOST_WORDS = 6
SHARE = 0.6  # of all the pull towards the tag; the words that hold it are shown
WORD = re.compile(r"\S+")


def carrying_words(
    text: str, sentence: tuple[int, int], places: Sequence[tuple[int, int]], pulls: NDArray[np.float32]
) -> Spans:
    """Character spans of the words of `sentence` that speak most for a tag, in order; neighbours are joined.

    `places` are the characters of each token of the text and `pulls`, as long, their logits for the tag: in a
    linear head over the mean of the tokens, the sentence's logit is their mean.
    """
    words = [(m.start() + sentence[0], m.end() + sentence[0]) for m in WORD.finditer(text[slice(*sentence)])]
    near = slice(
        bisect_right(places, sentence[0], key=itemgetter(1)), bisect_left(places, sentence[1], key=itemgetter(0))
    )
    own = list(zip(places[near], map(float, pulls[near]), strict=True))
    strength = [sum(pull for (start, end), pull in own if start < word[1] and end > word[0]) for word in words]
    wanted = SHARE * sum(max(0.0, s) for s in strength)
    chosen: set[int] = set()
    for number in sorted(range(len(words)), key=lambda n: -strength[n])[:MOST_WORDS]:
        if chosen and (strength[number] <= 0 or sum(strength[n] for n in chosen) >= wanted):
            break
        chosen.add(number)
    return _joined([words[n] for n in sorted(chosen)], text)


def _joined(words: Sequence[tuple[int, int]], text: str) -> Spans:
    """Neighbouring words as one span."""
    spans: list[tuple[int, int]] = []
    for start, end in words:
        if spans and not text[spans[-1][1] : start].strip():
            spans[-1] = spans[-1][0], end
        else:
            spans.append((start, end))
    return tuple(spans)
