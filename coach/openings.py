"""What the customer's words called for, and what came: met, missed, or recovered later.

A shown feeling opens empathy; a stated problem or wish opens listening; a question or fault that needs an
action or an explanation opens instruction. Messages in a row count as one: each skill is opened at most once
by a stretch of customer turns, at the first turn that calls for it; and once listening was opened, only a story,
not every short remark, opens it again. The answer is the agent turns up to the
customer's next words; while these only ask or hold, an instruction may still follow without being late.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from coach.conversation import SKILL_OF, Conversation, Feeling, Opening, OpeningStatus, Sentence
from coach.cues import cues

MINIMUM_WORDS = 4
STORY_WORDS = 12
CUES = cues("opening")


@dataclass(frozen=True, slots=True)
class Call:
    """A skill that a customer turn called for, and the characters that called."""

    turn: int
    skill: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The agent's turns between two stretches of the customer's, with the skills each shows."""

    turns: tuple[int, ...]
    skills: tuple[frozenset[str], ...]
    asks_or_holds: bool

    def shows(self, skill: str) -> int | None:
        """The first turn that shows the skill."""
        return next((turn for turn, shown in zip(self.turns, self.skills, strict=True) if skill in shown), None)


def find_openings(
    conversation: Conversation,
    sentences: Sequence[Sequence[Sentence]],
    feelings: Sequence[Feeling | None],
) -> tuple[Opening, ...]:
    """Every opening of the conversation in order, with its response. Both sequences are as long as the turns."""
    stretches = _stretches(conversation)
    answers = {stretch[0]: _answer(conversation, stretch, sentences) for role, stretch in stretches if role == "agent"}
    opened: set[str] = set()
    openings = []
    for role, stretch in stretches:
        for call in _calls(conversation, stretch, feelings) if role == "customer" else ():
            words = len(conversation.turns[call.turn].text.split())
            if call.skill != "listening" or "listening" not in opened or words >= STORY_WORDS:
                later = [answer for first, answer in answers.items() if first > stretch[0]]
                openings.append(_opening(conversation, call, later))
            opened.add(call.skill)
    return tuple(openings)


def _stretches(conversation: Conversation) -> list[tuple[str, tuple[int, ...]]]:
    """Turn numbers of one side speaking without the other, in order; system and bot turns do not interrupt."""
    spoken = [(turn.role, i) for i, turn in enumerate(conversation.turns) if turn.role in ("agent", "customer")]
    return [(role, tuple(i for _, i in turns)) for role, turns in groupby(spoken, key=lambda pair: pair[0])]


def _answer(conversation: Conversation, turns: tuple[int, ...], sentences: Sequence[Sequence[Sentence]]) -> Answer:
    shown = (frozenset(SKILL_OF[tag] for s in sentences[turn] for tag in s.assigned) for turn in turns)
    asks_or_holds = any(CUES["hold"].pattern.search(conversation.turns[turn].text) for turn in turns)
    return Answer(turns, tuple(shown), asks_or_holds)


def _calls(conversation: Conversation, stretch: tuple[int, ...], feelings: Sequence[Feeling | None]) -> Iterator[Call]:
    """What the stretch calls for, each skill once."""
    opened: set[str] = set()
    for turn in stretch:
        for call in _calls_of_turn(turn, conversation.turns[turn].text, feelings[turn]):
            if call.skill not in opened:
                opened.add(call.skill)
                yield call


def _calls_of_turn(turn: int, text: str, feeling: Feeling | None) -> Iterator[Call]:
    if feeling is not None and feeling.label:
        yield Call(turn, "empathy", 0, len(text))
    if len(text.split()) < MINIMUM_WORDS:
        return
    if wish := CUES["wish"].pattern.search(text):
        yield Call(turn, "listening", *wish.span())
    if need := CUES["question"].pattern.search(text) or CUES["fault"].pattern.search(text):
        yield Call(turn, "instruction", *need.span())


def _opening(conversation: Conversation, call: Call, answers: Sequence[Answer]) -> Opening:
    """The call with its response among the answers that followed it."""
    response = next((turn for answer in answers if (turn := answer.shows(call.skill)) is not None), None)
    spoke_next = answers[0].turns[0] if answers else None
    credited = spoke_next if response is None else response
    return Opening(
        turn=call.turn,
        skill=call.skill,
        status=_status(call, response, answers),
        response_turn=response,
        agent=None if credited is None else conversation.agent_of(credited),
        start=call.start,
        end=call.end,
    )


def _status(call: Call, response: int | None, answers: Sequence[Answer]) -> OpeningStatus:
    if response is None:
        return "missed"
    for answer in answers:
        if response in answer.turns:
            return "met"
        if call.skill != "instruction" or not answer.asks_or_holds:
            break
    return "recovered"
