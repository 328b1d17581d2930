"""The nouns: what was said, and what was judged of it. Plain frozen dataclasses; imports nothing of ours.

Offsets are in characters of the turn's text, `text[start:end]`. Turn numbers count from 0.
Probabilities are in [0, 1]. The meaning of every tag, feeling and type is the labelling guide's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Role = Literal["agent", "customer", "system", "bot"]
ROLES: tuple[Role, ...] = ("agent", "customer", "system", "bot")
JUDGED: tuple[Role, ...] = ("agent", "customer")
Spans = tuple[tuple[int, int], ...]

SKILLS: Mapping[str, tuple[str, ...]] = {
    "empathy": ("acknowledge", "apologise", "reassure", "appreciate"),
    "listening": ("restate", "check", "probe"),
    "instruction": ("instruct", "explain", "expect", "verify"),
}
TAGS: tuple[str, ...] = tuple(tag for tags in SKILLS.values() for tag in tags)
SKILL_OF: Mapping[str, str] = {tag: skill for skill, tags in SKILLS.items() for tag in tags}
FEELINGS: tuple[str, ...] = ("anger", "worry", "sadness", "confusion")
TYPES: tuple[str, ...] = ("controller", "thinker", "feeler", "entertainer")
RESOLUTIONS: tuple[str, ...] = ("yes", "partly", "no", "unknown")

SURE = 0.6

OpeningStatus = Literal["met", "missed", "recovered"]
STATUSES: tuple[OpeningStatus, ...] = ("met", "recovered", "missed")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message or stretch of speech. `speaker` is the name of who said it, where the source tells."""

    role: Role
    text: str
    time: datetime | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of how it ended; each figure is None where the source does not say.

    csat 1–5, nps 0–10, ces 1–7 (7 = least effort), resolved one of RESOLUTIONS, times in seconds. `rating` is what
    csat was made from, as the source has it, where its scale is another.
    """

    csat: float | None = None
    nps: float | None = None
    ces: float | None = None
    resolved: str | None = None
    first_response_seconds: float | None = None
    resolution_seconds: float | None = None
    rating: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation between a customer and one or more agents, as it was read."""

    id: str
    turns: tuple[Turn, ...]
    channel: str | None = None
    agent: str | None = None
    customer: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    outcome: Outcome = field(default_factory=Outcome)

    def agent_of(self, number: int) -> str | None:
        """The agent to whom agent turn `number` is credited: its own speaker, else the conversation's agent."""
        return self.turns[number].speaker or self.agent

    @property
    def agents(self) -> tuple[str, ...]:
        """Everyone credited with an agent turn, in order of appearance."""
        names = (self.agent_of(i) for i, turn in enumerate(self.turns) if turn.role == "agent")
        return tuple(dict.fromkeys(name for name in names if name))

    def words(self, role: Role) -> int:
        """How many whitespace-separated words this role said."""
        return sum(len(turn.text.split()) for turn in self.turns if turn.role == role)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an agent's turn: the probability of each of the eleven tags, and those assigned.

    `words` are the places in the turn's text of the words that carried each assigned tag.
    """

    start: int
    end: int
    probabilities: Mapping[str, float]
    assigned: tuple[str, ...]
    words: Mapping[str, Spans] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag on one sentence of the conversation, with the evidence's place and the words that carried it."""

    turn: int
    start: int
    end: int
    name: str
    probability: float
    words: Spans = ()

    @property
    def is_sure(self) -> bool:
        """Whether it is more than a guess; an unsure one is shown as such and never made an example."""
        return self.probability >= SURE

    @property
    def label(self) -> str:
        """Its name, with a question mark when it is a guess."""
        return self.name if self.is_sure else f"{self.name}?"


@dataclass(frozen=True, slots=True)
class Feeling:
    """A customer turn's feeling; `label` is None when it shows none. `probabilities` include "none"."""

    label: str | None
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Opening:
    """A customer turn that called for a skill, and what came.

    `response_turn` is the agent turn that met it (at once or later); None when missed. `agent` is who met it,
    or for a missed one who spoke next; None when nobody answered. `start`, `end` are the words that called.
    `called`, `met` and `recovered` are probabilities: that it was called for, that it was given in time, and that it
    was given later only. `embedding` is the encoder's of the turn, as float16 numbers; empty where it was not kept.
    """

    turn: int
    skill: str
    status: OpeningStatus
    response_turn: int | None
    agent: str | None
    start: int
    end: int
    called: float = 1.0
    met: float = 0.0
    recovered: float = 0.0
    embedding: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Clue:
    """Words of a customer turn that speak for the type, and why in one line."""

    turn: int
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class CustomerType:
    """A guess about one conversation, never about the person; `label` None means "can't tell".

    `assertiveness` (1 asks … 5 tells) and `responsiveness` (1 task … 5 feelings and talk) are Merrill and
    Reid's two scales of social style (Personal Styles and Effective Performance, 1981); `margins` are half the widths
    of their 95 % intervals, in that order. `path` has the customer's turns after which the guess was another than
    before.
    """

    label: str | None
    probabilities: Mapping[str, float]
    assertiveness: float
    responsiveness: float
    margins: tuple[float, float] = (0.0, 0.0)
    clues: tuple[Clue, ...] = ()
    path: tuple[tuple[int, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whether the matter was settled: one of RESOLUTIONS, the probability of each, and the words that say so most."""

    label: str
    probabilities: Mapping[str, float]
    clues: tuple[Clue, ...] = ()

    @property
    def probability(self) -> float:
        return self.probabilities[self.label]


@dataclass(frozen=True, slots=True)
class Judgements:
    """All that was judged of a conversation, before scoring.

    `sentences` holds, per turn, the sentences of an agent's turn (empty for others); `feelings` holds, per
    turn, a customer's feeling (None for others). Both are as long as the conversation's turns. `repeats` are the
    customer's turns that had to say something again.
    """

    sentences: tuple[tuple[Sentence, ...], ...]
    feelings: tuple[Feeling | None, ...]
    customer_type: CustomerType
    openings: tuple[Opening, ...]
    resolution: Resolution
    repeats: tuple[int, ...] = ()

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Every assigned tag in order of speech."""
        return tuple(
            Tag(number, sentence.start, sentence.end, name, sentence.probabilities[name], sentence.words.get(name, ()))
            for number, sentences in enumerate(self.sentences)
            for sentence in sentences
            for name in sentence.assigned
        )


@dataclass(frozen=True, slots=True)
class Credit:
    """One judged thing: the part it counts for, what it is worth (0–1), and the agent it is credited to.

    `expected` is what it is worth on average when the judgement is right as often as its probability says, and
    `variance` how far that may be out.
    """

    part: str
    worth: float
    agent: str | None
    expected: float
    variance: float


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A conversation with all that was judged of it and what that is worth: what the store keeps."""

    conversation: Conversation
    judgements: Judgements
    credits: tuple[Credit, ...]

    @property
    def resolved(self) -> str:
        """How it ended, one of RESOLUTIONS: as reported, else as judged."""
        return self.conversation.outcome.resolved or self.judgements.resolution.label


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its counts: `met` of `called_for`, and a 95 % interval; share None when nothing called."""

    met: float
    called_for: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        return self.met / self.called_for if self.called_for else None


@dataclass(frozen=True, slots=True)
class Index:
    """0–100 with a 95 % interval; `value` None = not called for.

    `count` is of what is behind it: a conversation's judged things, or a group's conversations. `doubt` is how far,
    in points up or down, the tagger's known errors alone may move it; the interval holds that too.
    """

    value: float | None
    low: float
    high: float
    count: int
    doubt: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Care, service and the parts they are made of, for a conversation, an agent or a team."""

    care: Index
    service: Index
    parts: Mapping[str, Rate]

    @property
    def balance(self) -> float | None:
        """Care minus service, −100 (all service) … 100 (all care); None when either is not known."""
        if self.care.value is None or self.service.value is None:
            return None
        return self.care.value - self.service.value


@dataclass(frozen=True, slots=True)
class Moment:
    """An excerpt worth looking at: what the customer said, what came, and which opening it is about.

    `quote` and `answer` are byte-exact texts of whole turns; `quote_span` and `answer_spans` (start, end, label)
    mark the words. `answer_turn` is None where nobody answered. `certainty` is how sure the verdict on the answer is.
    `called` is how sure it is that the customer's words called for it, `embedding` its opening's. `kind` is
    "opening", or what slipped (coach.slips).
    """

    conversation: str
    agent: str | None
    channel: str | None
    skill: str
    status: OpeningStatus
    turn: int
    quote: str
    quote_span: tuple[int, int]
    answer_turn: int | None
    answer: str
    answer_spans: tuple[tuple[int, int, str], ...]
    customer_type: str | None
    feeling: str | None
    certainty: float
    called: float = 1.0
    embedding: bytes = field(default=b"", repr=False)
    kind: str = "opening"
