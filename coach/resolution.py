"""Whether the matter was settled, judged from the last words of both sides and what the agent did."""

from collections.abc import Mapping, Sequence

import numpy as np

from coach.conversation import RESOLUTIONS, TAGS, Conversation, Feeling, Resolution, Sentence
from coach.cues import cues
from coach.heads import Array, Linear, mean_or_zero
from coach.model_folder import FEELING_LABELS

LAST_TURNS = 2
SIGNS = tuple(cue.pattern for cue in cues("ending").values())


def features(
    conversation: Conversation,
    sentences: Sequence[Sequence[Sentence]],
    feelings: Sequence[Feeling | None],
    embeddings: Sequence[Array | None],
) -> Array:
    """What the resolution head reads: (features,)."""
    parts: list[Array] = []
    width = next((len(v) for v in embeddings if v is not None), 0)
    for role in ("customer", "agent"):
        last = [i for i, turn in enumerate(conversation.turns) if turn.role == role][-LAST_TURNS:]
        words = " ".join(conversation.turns[i].text for i in last)
        parts.append(np.array([bool(sign.search(words)) for sign in SIGNS], dtype=np.float32))
        parts.append(mean_or_zero([v for i in last if (v := embeddings[i]) is not None], width))
    shown = [[f.probabilities[label] for label in FEELING_LABELS] for f in feelings if f is not None]
    parts.append(np.array(shown[-1] if shown else [0.0] * len(FEELING_LABELS), dtype=np.float32))
    rows = [[s.probabilities[tag] for tag in TAGS] for turn in sentences for s in turn]
    for chosen in (rows, rows[-3:]):
        parts.append(np.max(chosen, axis=0).astype(np.float32) if chosen else np.zeros(len(TAGS), np.float32))
    ends = conversation.turns[-1].role == "customer"
    parts.append(np.array([ends, np.log1p(len(conversation.turns)), conversation.words("customer") < 30], np.float32))
    return np.concatenate(parts).astype(np.float32)


def judge_resolution(found: Array, heads: Mapping[str, Linear]) -> Resolution:
    """The likeliest ending."""
    chances = heads["resolved"].probabilities(found)
    best = int(np.argmax(chances))
    return Resolution(label=RESOLUTIONS[best], probability=float(chances[best]))
