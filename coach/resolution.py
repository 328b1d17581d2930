"""Whether the matter was settled, judged from the last words of both sides and from what the agent did.

A linear head (`coach.training`) reads three kinds of signs: what the tagger found and what patterns see in the last
words (cues.toml), the encoder's embeddings of them, and the words themselves, hashed, so that no text is shipped.
"""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from coach.calls import Stretch, stretches
from coach.conversation import JUDGED, RESOLUTIONS, TAGS, Clue, Conversation, Feeling, Resolution, Role, Sentence
from coach.cues import cues
from coach.heads import Array, Linear
from coach.model_folder import FEELING_LABELS

BUCKETS = 4096
FIELDS: tuple[tuple[Role, int], ...] = (("agent", 1), ("agent", 3), ("customer", 1))
"""Whose words are hashed, and of how many of their last turns; they come last among the features."""
LAST_TURNS = 2
FEW_WORDS = 30
MOST_CLUES = 2
REASON = "speaks most for how it ended"
ENDINGS = tuple(cue.pattern for cue in cues("ending").values())
SIGNS = tuple(cue.pattern for kind in ("call", "asked") for cue in cues(kind).values())
WORD = re.compile(r"[^\W\d_][\w'’]+|\?")
CLAUSE = re.compile(r"[^.!?…\n]+[.!?…]*")


def features(
    conversation: Conversation,
    sentences: Sequence[Sequence[Sentence]],
    feelings: Sequence[Feeling | None],
    embeddings: Sequence[Array | None],
) -> Array:
    """What the resolution head reads: (features,)."""
    found = stretches(conversation)
    width = next((len(vector) for vector in embeddings if vector is not None), 0)
    parts: list[Array] = [
        np.array(_manner(conversation, found, sentences, feelings), dtype=np.float32),
        *(_embedding(conversation, role, embeddings, width) for role in ("agent", "customer")),
        *(hashed(_last_words(conversation, role, turns)) for role, turns in FIELDS),
    ]
    return np.concatenate(parts)


def _manner(
    conversation: Conversation,
    found: Sequence[Stretch],
    sentences: Sequence[Sequence[Sentence]],
    feelings: Sequence[Feeling | None],
) -> list[float]:
    """What tags, feelings and patterns say of the whole and of each side's last stretch."""
    rows = [[s.probabilities[tag] for tag in TAGS] for turn in sentences for s in turn] or [[0.0] * len(TAGS)]
    shown = [[f.probabilities[label] for label in FEELING_LABELS] for f in feelings if f is not None]
    words = [_last_words(conversation, role, LAST_TURNS) for role in ("customer", "agent")]
    answer, reply = (_last(found, role) for role in ("agent", "customer"))
    answered, replied = (" ".join(conversation.turns[i].text for i in turns) for turns in (answer, reply))
    tagged = [[s.probabilities[tag] for tag in TAGS] for i in answer for s in sentences[i]] or [[0.0] * len(TAGS)]
    felt = [[f.probabilities[label] for label in FEELING_LABELS] for i in reply if (f := feelings[i])]
    return [
        *(bool(sign.search(text)) for text in words for sign in ENDINGS),
        *(bool(sign.search(text)) for text in (answered, replied) for sign in SIGNS),
        *(shown[-1] if shown else [0.0] * len(FEELING_LABELS)),
        *np.max(felt or [[0.0] * len(FEELING_LABELS)], axis=0),
        *np.max(rows, axis=0),
        *np.max(rows[-3:], axis=0),
        *np.max(tagged, axis=0),
        *(bool(found) and found[-1].role == "customer", len(found) <= 2, conversation.words("customer") < FEW_WORDS),
        *(np.log1p(count) for count in (len(conversation.turns), len(answered.split()), len(replied.split()))),
        *(answered.rstrip().endswith("?"), "?" in replied),
    ]


def _last(found: Sequence[Stretch], role: Role) -> tuple[int, ...]:
    return next((stretch.turns for stretch in reversed(found) if stretch.role == role), ())


def _last_words(conversation: Conversation, role: Role, turns: int) -> str:
    return " ".join([turn.text for turn in conversation.turns if turn.role == role][-turns:])


def _embedding(conversation: Conversation, role: Role, embeddings: Sequence[Array | None], width: int) -> Array:
    """That of the side's last turn, or zeros."""
    pairs = zip(conversation.turns, embeddings, strict=True)
    vectors = [vector for turn, vector in pairs if turn.role == role and vector is not None]
    return vectors[-1] if vectors else np.zeros(width, dtype=np.float32)


def hashed(text: str) -> Array:
    """Words and pairs of neighbours, counted in BUCKETS by their CRC-32, log-scaled, of length one: (BUCKETS,)."""
    counts = np.zeros(BUCKETS, dtype=np.float32)
    words = [word.lower().replace("’", "'") for word in WORD.findall(text)]
    for term in (*words, *map(" ".join, pairwise(words))):
        counts[zlib.crc32(term.encode()) % BUCKETS] += 1
    scaled = np.log1p(counts)
    length = float(np.linalg.norm(scaled))
    return np.asarray(scaled / length if length else scaled, dtype=np.float32)


def judge_resolution(conversation: Conversation, found: Array, heads: Mapping[str, Linear]) -> Resolution:
    """The likeliest ending, with the clauses of the last words that speak most for it.

    What one side alone says tells no ending.
    """
    if not {turn.role for turn in conversation.turns} >= {*JUDGED}:
        return Resolution("unknown", {label: float(label == "unknown") for label in RESOLUTIONS})
    head = heads["resolved"]
    chances = head.probabilities(found)
    best = int(np.argmax(chances))
    clues = sorted(_clauses(conversation, head, best), key=lambda pair: -pair[0])[:MOST_CLUES]
    return Resolution(
        RESOLUTIONS[best],
        dict(zip(RESOLUTIONS, map(float, chances), strict=True)),
        tuple(clue for pull, clue in clues if pull > 0),
    )


def _clauses(conversation: Conversation, head: Linear, output: int) -> Iterator[tuple[float, Clue]]:
    """Each clause of both sides' last turns with how far its words pull the head towards an output."""
    pull = (head.weights[output] - head.weights.mean(axis=0))[-BUCKETS * len(FIELDS) :].reshape(len(FIELDS), BUCKETS)
    for role in ("agent", "customer"):
        of_role = sum(pull[i] for i, (other, turns) in enumerate(FIELDS) if other == role)
        number = next((i for i, turn in reversed(list(enumerate(conversation.turns))) if turn.role == role), None)
        for clause in CLAUSE.finditer(conversation.turns[number].text) if number is not None else ():
            words = clause.group()
            if words.strip():
                start = clause.start() + len(words) - len(words.lstrip())
                yield float(of_role @ hashed(words)), Clue(number or 0, start, clause.end(), REASON)
