"""What the customer's words call for: empathy, listening, instruction, or nothing.

Messages in a row count as one stretch, and each skill is called for at most once by it. A shown feeling calls for
empathy. Whether a problem, a story or a wish calls for listening, and whether something is to be done or learnt, is
learned from stretches that were judged by reading (`coach.training`), on signs that can be seen in the words; so is
whether the customer has to say something again.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from coach.conversation import JUDGED, Conversation, Feeling, Role, Sentence
from coach.cues import Cue, cues
from coach.heads import Array, Linear
from coach.model_folder import FEELING_LABELS

LEARNED = ("listening", "instruction")
HEADS: Mapping[str, str] = {skill: f"{skill}_call" for skill in LEARNED}
THRESHOLD = 0.5
SURELY_REPEATS = 0.35
OPENING = cues("opening")
SIGNS = tuple(cue.pattern for kind in ("opening", "call", "type") for cue in cues(kind).values())
ASKED = tuple(cue.pattern for cue in cues("asked").values())
WORDS: Mapping[str, tuple[Cue, ...]] = {
    "listening": (OPENING["wish"], OPENING["fault"]),
    "instruction": (OPENING["question"], OPENING["fault"], OPENING["wish"]),
}
REPEATS = "repeats_call"
RECENT, MANY, MOST_SHARED = 12, 6, 8
CONTENT = re.compile(r"\w[\w']{3,}")  # words of four letters and more, and numbers alike
AGENT_TAGS = ("probe", "check", "verify", "instruct", "explain", "expect")
SHORT, MIDDLE, LONG = 4, 15, 40


@dataclass(frozen=True, slots=True)
class Stretch:
    """Turns of one side without the other between them; system and bot turns do not interrupt."""

    role: Role
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A skill that a stretch called for: the turn, the characters that called, and how probable the call is."""

    turn: int
    skill: str
    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch with what it calls for, each skill at most once, and whether the customer has to say it again."""

    stretch: Stretch
    calls: tuple[Call, ...] = ()
    repeats: bool = False


def stretches(conversation: Conversation) -> tuple[Stretch, ...]:
    """The conversation as one side and the other in turn."""
    spoken = [(turn.role, number) for number, turn in enumerate(conversation.turns) if turn.role in JUDGED]
    groups = groupby(spoken, key=lambda pair: pair[0])
    return tuple(Stretch(role, tuple(number for _, number in turns)) for role, turns in groups)


def hear(
    conversation: Conversation,
    sentences: Sequence[Sequence[Sentence]],
    feelings: Sequence[Feeling | None],
    heads: Mapping[str, Linear],
) -> Iterator[Heard]:
    """Every stretch of the conversation in order, an agent's too, with what it calls for."""
    for stretch, read in signs(conversation, sentences, feelings):
        if read is None:
            yield Heard(stretch)
            continue
        felt = next((i for i in stretch.turns if (shown := feelings[i]) and shown.label), None)
        calls = [] if felt is None else [_feeling(conversation, felt, feelings[felt])]
        for skill, head in HEADS.items():
            chance = heads[head].chance(read)
            if chance >= THRESHOLD:
                calls.append(_call(conversation, stretch, skill, chance))
        yield Heard(stretch, tuple(calls), heads[REPEATS].chance(read) >= SURELY_REPEATS)


def _feeling(conversation: Conversation, turn: int, feeling: Feeling | None) -> Call:
    chance = 1 - feeling.probabilities["none"] if feeling else 0.0
    return Call(turn, "empathy", 0, len(conversation.turns[turn].text), chance)


def _call(conversation: Conversation, stretch: Stretch, skill: str, chance: float) -> Call:
    """The call at the words that show it best, or else at the longest turn."""
    for cue in WORDS[skill]:
        for turn in stretch.turns:
            if match := cue.pattern.search(conversation.turns[turn].text):
                return Call(turn, skill, *match.span(), chance)
    longest = max(stretch.turns, key=lambda turn: len(conversation.turns[turn].text))
    return Call(longest, skill, 0, len(conversation.turns[longest].text), chance)


def signs(
    conversation: Conversation,
    sentences: Sequence[Sequence[Sentence]],
    feelings: Sequence[Feeling | None],
) -> Iterator[tuple[Stretch, Array | None]]:
    """Every stretch, with what the heads read of a customer's: (features,); None for an agent's."""
    found = stretches(conversation)
    recent: deque[set[str]] = deque(maxlen=RECENT)
    earlier = 0
    for place, stretch in enumerate(found):
        if stretch.role != "customer":
            yield stretch, None
            continue
        text = _text(conversation, stretch)
        own = set(CONTENT.findall(text.lower()))
        before = found[place - 1] if place else None
        tagged = [s.probabilities for turn in (before.turns if before else ()) for s in sentences[turn]]
        shown = [f.probabilities for turn in stretch.turns if (f := feelings[turn])]
        row = [
            *(place == 0, earlier == 0, min(earlier, MANY) / MANY, place == len(found) - 1, len(stretch.turns) > 1),
            *_form(text, _text(conversation, before) if before else ""),
            *_likeness(own, recent),
            *(max((chances[tag] for chances in tagged), default=0.0) for tag in AGENT_TAGS),
            *(max((chances[label] for chances in shown), default=0.0) for label in FEELING_LABELS),
        ]
        yield stretch, np.array(row, dtype=np.float32)
        recent.append(own)
        earlier += 1


def _form(text: str, said: str) -> Iterator[float]:
    """Length, questions and patterns of the customer's words, and what the agent had `said` just before."""
    words = len(text.split())
    yield from (np.log1p(words), words < SHORT, words < 2 * SHORT, words < MIDDLE, words > LONG)
    yield from ("?" in text, text.count("?"), "?" in said, said.rstrip().endswith("?"))
    yield from (bool(sign.search(text)) for sign in SIGNS)
    yield from (bool(sign.search(said)) for sign in ASKED)


def _likeness(own: set[str], recent: Sequence[set[str]]) -> tuple[float, float, float]:
    """How many words the customer had used before, and what share of the shorter of the two stretches they make."""
    shared = max((len(own & other) for other in recent), default=0)
    covered = max((len(own & other) / max(1, min(len(own), len(other))) for other in recent), default=0.0)
    return min(shared, MOST_SHARED), covered, covered * (shared >= MOST_SHARED // 2)


def _text(conversation: Conversation, stretch: Stretch) -> str:
    return " ".join(conversation.turns[turn].text for turn in stretch.turns)
