"""What became of the customer's openings: met, missed, or recovered later.

The answer to a stretch of the customer's words is the agent's turns up to the customer's next. For instruction it
goes on while the agent asks or holds, for a few answers: whoever first asks for the order number is not late.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate
from operator import or_

from coach.calls import Call, Heard, Stretch
from coach.conversation import SKILLS, Conversation, Opening, OpeningStatus, Sentence
from coach.cues import cues

HOLDS = cues("opening")["hold"].pattern
MOST_HOLDS = 10


@dataclass(frozen=True, slots=True)
class Response:
    """The first turn that shows a skill, if any, and how probable it is that some turn does."""

    turn: int | None
    chance: float

    def __or__(self, later: "Response") -> "Response":
        return Response(later.turn if self.turn is None else self.turn, max(self.chance, later.chance))


NONE = Response(None, 0.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """The agent's turns between two stretches of the customer's: the first of them, and what they show by skill."""

    turn: int
    shown: Mapping[str, Response]
    asks_or_holds: bool


def find_openings(
    conversation: Conversation, sentences: Sequence[Sequence[Sentence]], heard: Sequence[Heard]
) -> tuple[Opening, ...]:
    """Every opening of the conversation in order, with its response. `sentences` are as long as the turns."""
    answers = [_answer(conversation, sentences, one.stretch) for one in heard if one.stretch.role == "agent"]
    rest = {skill: list(_from_each_on(answers, skill)) for skill in SKILLS}
    openings = []
    behind = 0  # answers that came before
    for one in heard:
        behind += one.stretch.role == "agent"
        for call in one.calls:
            last = behind + 1
            if call.skill == "instruction":
                while last < min(len(answers), behind + MOST_HOLDS) and answers[last - 1].asks_or_holds:
                    last += 1
            in_time = reduce(or_, (answer.shown[call.skill] for answer in answers[behind:last]), NONE)
            spoke_next = answers[behind].turn if behind < len(answers) else None
            openings.append(
                _opening(conversation, call, in_time, rest[call.skill][min(last, len(answers))], spoke_next)
            )
    return tuple(openings)


def _from_each_on(answers: Sequence[Answer], skill: str) -> Iterator[Response]:
    """What each answer and all after it show, and nothing after the last."""
    shown = (answer.shown[skill] for answer in reversed(answers))
    yield from reversed(list(accumulate(shown, lambda later, one: one | later, initial=NONE)))


def _answer(conversation: Conversation, sentences: Sequence[Sequence[Sentence]], stretch: Stretch) -> Answer:
    holds = any(HOLDS.search(conversation.turns[turn].text) for turn in stretch.turns)
    shown = {skill: reduce(or_, (_shown(turn, sentences[turn], skill) for turn in stretch.turns)) for skill in SKILLS}
    return Answer(stretch.turns[0], shown, holds)


def _shown(turn: int, sentences: Sequence[Sentence], skill: str) -> Response:
    """Whether a turn shows the skill, and how probable it is: as its surest sentence."""
    tags = SKILLS[skill]
    is_shown = any(tag in s.assigned for s in sentences for tag in tags)
    return Response(
        turn if is_shown else None, max((s.probabilities[tag] for s in sentences for tag in tags), default=0.0)
    )


def _opening(
    conversation: Conversation, call: Call, in_time: Response, later: Response, spoke_next: int | None
) -> Opening:
    """The call with its response: in time, or later."""
    response = (in_time | later).turn
    status: OpeningStatus = "met" if in_time.turn is not None else "missed" if response is None else "recovered"
    credited = spoke_next if response is None else response
    return Opening(
        turn=call.turn,
        skill=call.skill,
        status=status,
        response_turn=response,
        agent=None if credited is None else conversation.agent_of(credited),
        start=call.start,
        end=call.end,
        called=call.probability,
        met=in_time.chance,
        recovered=(1 - in_time.chance) * later.chance,
    )
