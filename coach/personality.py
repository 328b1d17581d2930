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
from coach.heads import Array, Linear, mean_or_zero
from coach.model_folder import FEELING_LABELS

MINIMUM_WORDS = 15
MINIMUM_CONFIDENCE = 0.5
MOST_CLUES = 5
TYPE_LABELS: tuple[str, ...] = (*TYPES, "unclear")
CUES = tuple(cues("type").values())


def features(
    conversation: Conversation, feelings: Sequence[Feeling | None], embeddings: Sequence[Array | None]
) -> Array:
    """What the heads read: cue rates, statistics of the customer's talk, feelings, mean embedding: (features,)."""
    turns = [(i, turn.text) for i, turn in enumerate(conversation.turns) if turn.role == "customer"]
    words = max(1, conversation.words("customer"))
    cues = [sum(1 for _, text in turns for _ in cue.pattern.finditer(text)) / (words + 20) * 100 for cue in CUES]
    shown = [feeling for feeling in feelings if feeling is not None]
    felt = [[feeling.probabilities[label] for label in FEELING_LABELS] for feeling in shown] or [[0.0] * 5]
    vectors = [v for (i, _) in turns if (v := embeddings[i]) is not None]
    width = next((len(v) for v in embeddings if v is not None), 0)
    parts = [np.sqrt(cues), _statistics([text for _, text in turns]), np.mean(felt, axis=0), np.max(felt, axis=0)]
    return np.concatenate([*parts, mean_or_zero(vectors, width)]).astype(np.float32)


def _statistics(texts: list[str]) -> list[float]:
    joined = " ".join(texts).lower()
    words = joined.split()
    count = max(1, len(words))
    sentences = max(1, len(re.findall(r"[.!?\n]+|\s/\s", joined)))
    return [
        float(np.log1p(len(words))),
        float(np.log1p(count / max(1, len(texts)))),
        float(np.log1p(len(texts))),
        joined.count("?") / max(1, len(texts)),
        len(texts[0].split()) / count if texts else 0.0,
        float(np.log1p(count / sentences)),
        sum(w in ("i", "i'm", "i've", "my", "me") for w in words) / count,
        sum(w in ("you", "your", "you're", "u", "ur") for w in words) / count,
    ]


def judge_type(
    conversation: Conversation,
    feelings: Sequence[Feeling | None],
    embeddings: Sequence[Array | None],
    heads: Mapping[str, Linear],
) -> CustomerType:
    """The type of the conversation's customer. The four probabilities leave the rest to "can't tell"."""
    found = features(conversation, feelings, embeddings)
    chances = heads["type"].probabilities(found)
    best = int(np.argmax(chances))
    enough = conversation.words("customer") >= MINIMUM_WORDS
    label = TYPE_LABELS[best] if enough and best < len(TYPES) and chances[best] >= MINIMUM_CONFIDENCE else None
    return CustomerType(
        label=label,
        probabilities={name: float(chance) for name, chance in zip(TYPES, chances, strict=False)},
        assertiveness=_scale(heads["assertiveness"], found),
        responsiveness=_scale(heads["responsiveness"], found),
        clues=tuple(_clues(conversation, heads["type"].pull(found, best))) if label else (),
    )


def _scale(head: Linear, found: Array) -> float:
    return float(np.clip(head(found)[0], 1.0, 5.0))


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
