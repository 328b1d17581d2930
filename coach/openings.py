"""What became of the customer's openings: met, missed, or recovered later.

The answer to a stretch of the customer's words is the agent's turns up to the customer's next. For instruction it
goes on while the agent asks or holds: whoever first asks for the order number is not late.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coach.calls import Call, Heard, Stretch
from coach.conversation import SKILLS, Conversation, Opening, OpeningStatus, Sentence
from coach.cues import cues

HOLDS = cues("opening")["hold"].pattern


@dataclass(frozen=True, slots=True)
class Answer:
    """The agent's turns between two stretches of the customer's, and the sentences of each."""

    turns: tuple[int, ...]
    sentences: tuple[Sequence[Sentence], ...]
    asks_or_holds: bool

    def first(self, skill: str) -> int | None:
        """The first turn that shows the skill."""
        shown = (any(tag in s.assigned for s in said for tag in SKILLS[skill]) for said in self.sentences)
        return next((turn for turn, met in zip(self.turns, shown, strict=True) if met), None)

    def chance(self, skill: str) -> float:
        """How probable it is that it shows the skill: that of its surest sentence."""
        chances = (s.probabilities[tag] for said in self.sentences for s in said for tag in SKILLS[skill])
        return max(chances, default=0.0)


def find_openings(
    conversation: Conversation, sentences: Sequence[Sequence[Sentence]], heard: Sequence[Heard]
) -> tuple[Opening, ...]:
    """Every opening of the conversation in order, with its response. `sentences` are as long as the turns."""
    openings = []
    for place, one in enumerate(heard):
        for call in one.calls:
            after = [other.stretch for other in heard[place + 1 :] if other.stretch.role == "agent"]
            in_time, later = _answers(conversation, sentences, call, after)
            openings.append(_opening(conversation, call, in_time, later))
    return tuple(openings)


def _answers(
    conversation: Conversation,
    sentences: Sequence[Sequence[Sentence]],
    call: Call,
    after: Sequence[Stretch],
) -> tuple[list[Answer], list[Answer]]:
    """The agent's answers that come in time for the call, and the later ones."""
    answers = [_answer(conversation, sentences, stretch) for stretch in after]
    last = 0
    if call.skill == "instruction":
        while last < len(answers) and answers[last].asks_or_holds:
            last += 1
    return answers[: last + 1], answers[last + 1 :]


def _answer(conversation: Conversation, sentences: Sequence[Sequence[Sentence]], stretch: Stretch) -> Answer:
    holds = any(HOLDS.search(conversation.turns[turn].text) for turn in stretch.turns)
    return Answer(stretch.turns, tuple(sentences[turn] for turn in stretch.turns), holds)


def _opening(conversation: Conversation, call: Call, in_time: Sequence[Answer], later: Sequence[Answer]) -> Opening:
    """The call with its response among the answers."""
    met, recovered = _first(in_time, call.skill), _first(later, call.skill)
    response = recovered if met is None else met
    status: OpeningStatus = "met" if met is not None else "missed" if recovered is None else "recovered"
    spoke_next = next((answer.turns[0] for answer in (*in_time, *later)), None)
    credited = spoke_next if response is None else response
    at_once = max((answer.chance(call.skill) for answer in in_time), default=0.0)
    afterwards = max((answer.chance(call.skill) for answer in later), default=0.0)
    return Opening(
        turn=call.turn,
        skill=call.skill,
        status=status,
        response_turn=response,
        agent=None if credited is None else conversation.agent_of(credited),
        start=call.start,
        end=call.end,
        called=call.probability,
        met=at_once,
        recovered=(1 - at_once) * afterwards,
    )


def _first(answers: Sequence[Answer], skill: str) -> int | None:
    found: Iterator[int | None] = (answer.first(skill) for answer in answers)
    return next((turn for turn in found if turn is not None), None)
