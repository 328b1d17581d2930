"""Whether the matter was settled, judged from the last words of both sides and what the agent did."""

from collections.abc import Mapping, Sequence

import numpy as np

from coach.conversation import RESOLUTIONS, TAGS, Conversation, Feeling, Resolution, Sentence
from coach.cues import cues
from coach.heads import Array, Linear
from coach.model_folder import FEELING_LABELS

LAST_TURNS = 2
FEW_WORDS = 30
SIGNS = tuple(cue.pattern for cue in cues("ending").values())


def features(
    conversation: Conversation,
    sentences: Sequence[Sequence[Sentence]],
    feelings: Sequence[Feeling | None],
) -> Array:
    """What the resolution head reads: (features,). The encoder's embeddings made it worse on unseen sources."""
    last_words = (_last_words(conversation, role) for role in ("customer", "agent"))
    signs = [bool(sign.search(words)) for words in last_words for sign in SIGNS]
    shown = [[f.probabilities[label] for label in FEELING_LABELS] for f in feelings if f is not None]
    feeling = shown[-1] if shown else [0.0] * len(FEELING_LABELS)
    rows = [[s.probabilities[tag] for tag in TAGS] for turn in sentences for s in turn] or [[0.0] * len(TAGS)]
    form = [
        conversation.turns[-1].role == "customer",
        np.log1p(len(conversation.turns)),
        conversation.words("customer") < FEW_WORDS,
    ]
    return np.concatenate([signs, feeling, np.max(rows, axis=0), np.max(rows[-3:], axis=0), form]).astype(np.float32)


def _last_words(conversation: Conversation, role: str) -> str:
    return " ".join([turn.text for turn in conversation.turns if turn.role == role][-LAST_TURNS:])


def judge_resolution(found: Array, heads: Mapping[str, Linear]) -> Resolution:
    """The likeliest ending."""
    chances = heads["resolved"].probabilities(found)
    best = int(np.argmax(chances))
    return Resolution(label=RESOLUTIONS[best], probability=float(chances[best]))
