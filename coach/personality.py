"""The customer's type: two scales, four types, the clues in the customer's own words, or "can't tell".

Judged from the customer's turns of one conversation only. The scales are Merrill and Reid's assertiveness
(1 asks … 5 tells) and responsiveness (1 task … 5 feelings and talk); the cues are their observable
signs in text (cues.toml), and the weights on them are learned (`coach.training`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from coach.conversation import TYPES, Clue, Conversation, CustomerType, Feeling
from coach.cues import cues
from coach.heads import Array, Linear
from coach.model_folder import FEELING_LABELS

MINIMUM_WORDS = 15
MINIMUM_CONFIDENCE = 0.45
EARLY_CONFIDENCE = 0.6  # while more may be said, so that a guess does not come and go
MOST_CLUES = 5
TYPE_LABELS: tuple[str, ...] = (*TYPES, "unclear")
CUES = tuple(cues("type").values())
SENTENCE_END = re.compile(r"[.!?\n]+|\s/\s")
ME = frozenset(("i", "i'm", "i've", "my", "me"))
YOU = frozenset(("you", "your", "you're", "u", "ur"))
LENGTH = len(CUES)  # the place of the log of the number of words among the features


def features(
    conversation: Conversation, feelings: Sequence[Feeling | None], embeddings: Sequence[Array | None]
) -> Array:
    """What the heads read after each customer's turn: (customer's turns, features); one row when there are none.

    Cue rates, statistics of the talk, mean and strongest feelings and the mean embedding of all turns so far.
    """
    width = next((len(vector) for vector in embeddings if vector is not None), 0)
    numbers = [i for i, turn in enumerate(conversation.turns) if turn.role == "customer"]
    texts = [conversation.turns[i].text for i in numbers]
    if not texts:
        return np.zeros((1, len(CUES) + 8 + 2 * len(FEELING_LABELS) + width), dtype=np.float32)
    words = np.cumsum([len(text.split()) for text in texts])
    found = np.cumsum([[sum(1 for _ in cue.pattern.finditer(text)) for cue in CUES] for text in texts], axis=0)
    rates = found / (np.maximum(1, words)[:, None] + 20) * 100
    felt = np.array([_chances(feelings[i]) for i in numbers])
    vectors = np.array([np.zeros(width) if (v := embeddings[i]) is None else v for i in numbers])
    turns = np.arange(1, len(texts) + 1)[:, None]
    parts = [
        np.sqrt(rates),
        _statistics(texts, words),
        np.cumsum(felt, axis=0) / turns,
        np.maximum.accumulate(felt, axis=0),
        np.cumsum(vectors, axis=0) / turns,
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _chances(feeling: Feeling | None) -> list[float]:
    return [0.0 if feeling is None else feeling.probabilities[label] for label in FEELING_LABELS]


def _statistics(texts: Sequence[str], words: Array) -> Array:
    """Length, rhythm and who is spoken of, after each text: (texts, 8). `words` are running counts."""
    spoken = [text.lower().split() for text in texts]
    sentences = np.maximum(1, np.cumsum([len(SENTENCE_END.findall(text)) for text in texts]))
    count, turns = np.maximum(1, words), np.arange(1, len(texts) + 1)
    return np.stack(
        [
            np.log1p(words),
            np.log1p(count / turns),
            np.log1p(turns),
            np.cumsum([text.count("?") for text in texts]) / turns,
            len(spoken[0]) / count,
            np.log1p(count / sentences),
            np.cumsum([sum(word in ME for word in one) for one in spoken]) / count,
            np.cumsum([sum(word in YOU for word in one) for one in spoken]) / count,
        ],
        axis=1,
    )


def judge_type(
    conversation: Conversation,
    feelings: Sequence[Feeling | None],
    embeddings: Sequence[Array | None],
    heads: Mapping[str, Linear],
) -> CustomerType:
    """The type of the conversation's customer. The four probabilities leave the rest to "can't tell"."""
    found = features(conversation, feelings, embeddings)
    chances = heads["type"].probabilities(found[-1])
    label = _label(chances, found[-1], MINIMUM_CONFIDENCE)
    early = [_label(heads["type"].probabilities(row), row, EARLY_CONFIDENCE) for row in found[:-1]]
    assertiveness, responsiveness = (_scale(heads[name], found[-1]) for name in ("assertiveness", "responsiveness"))
    return CustomerType(
        label=label,
        probabilities={name: float(chance) for name, chance in zip(TYPES, chances, strict=False)},
        assertiveness=assertiveness[0],
        responsiveness=responsiveness[0],
        margins=(assertiveness[1], responsiveness[1]),
        clues=tuple(_clues(conversation, heads["type"].pull(found[-1], TYPES.index(label)))) if label else (),
        path=tuple(_changes(conversation, [*early, label])),
    )


def _label(chances: Array, row: Array, confidence: float) -> str | None:
    """The likeliest type, or None for "can't tell": too little said, too mixed, or not sure enough."""
    best = int(np.argmax(chances))
    enough = np.expm1(row[LENGTH]) > MINIMUM_WORDS - 0.5
    return TYPE_LABELS[best] if enough and best < len(TYPES) and chances[best] >= confidence else None


def _changes(conversation: Conversation, by_turn: Sequence[str | None]) -> Iterator[tuple[int, str | None]]:
    """The customer's turns after which the guess was another than before; it begins with none."""
    numbers = [i for i, turn in enumerate(conversation.turns) if turn.role == "customer"]
    for number, before, now in zip(numbers, (None, *by_turn), by_turn, strict=False):
        if now != before:
            yield number, now


def _scale(head: Linear, row: Array) -> tuple[float, float]:
    """The scale and half the width of its 95 % interval, which the head's second output gives."""
    value, margin = head(row)
    return float(np.clip(value, 1.0, 5.0)), float(np.clip(margin, 0.1, 4.0))


def _clues(conversation: Conversation, pull: Array) -> Iterator[Clue]:
    """Words of the cues that pull most towards the label, the strongest cue first, a turn once per cue."""
    ranked = sorted(range(len(CUES)), key=lambda index: -pull[index])
    strongest = [CUES[i] for i in ranked if pull[i] > 0 and CUES[i].reason]
    clues = (
        Clue(number, match.start(), match.end(), cue.reason)
        for cue in strongest
        for number, turn in enumerate(conversation.turns)
        if turn.role == "customer" and (match := cue.pattern.search(turn.text))
    )
    for clue, _ in zip(clues, range(MOST_CLUES), strict=False):
        yield clue
