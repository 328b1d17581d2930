"""What the customer's words called for, and what came: met, missed, or recovered later.

A shown feeling opens empathy; a stated problem or wish opens listening; a question or fault that needs an
action or an explanation opens instruction. Messages in a row count as one: each skill is opened at most once
by a stretch of customer turns, at the first turn that calls for it. The answer is the agent turns up to the
customer's next words; while these only ask or hold, an instruction may still follow without being late.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coach.conversation import SKILL_OF, Conversation, Feeling, Opening, OpeningStatus, Sentence

MINIMUM_WORDS = 4
WISH = re.compile(
    r"""\b(?:
      i(?:'|’)?(?:d|\ would)\ (?:like|love|prefer|rather) | i(?:'|’)?m\ (?:trying|looking|calling|writing|hoping|having)
    | i\ (?:want|need|wish|was\ (?:hoping|wondering|charged|told)|tried|ordered|bought|received|paid|lost|forgot)
    | (?:i|we|it|he|she|they)\ (?:can(?:'|’)?t|cannot|could\ ?n(?:'|’)?t|won(?:'|’)?t|never|still)
    | (?:is|are|was|does|do|did|has|have|will)(?:\ ?n(?:'|’)?t|\ not)\b
    | not\ (?:working|arrived?|received?|there|able)
    | (?:stopped|keeps?|broken|broke|faulty|damaged|missing|wrong|late|delayed|lost|stolen|crash\w*|fail\w*|stuck)
    | (?:problem|issue|trouble|error|fault|complain\w*|refund|cancel|replace\w*)
    | no\ (?:signal|internet|service|connection|answer|reply|one|response)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
QUESTION = re.compile(
    r"""\b(?:
      how\ (?:do|can|could|should|would|to|long|soon|come|does|did|am|is|are|will|many|much)
    | what\ (?:do|should|can|must|happens?|happened|are\ (?:my|the)\ options|is\ the\ (?:process|procedure|fee|cost|difference|reason)|would\ happen|now|next)
    | why | where\ (?:do|can|should|is\ the\ (?:button|setting|option|page)) | when\ (?:will|can|do|does|would|should)
    | (?:can|could|may|should|must)\ (?:i|we|you\ (?:explain|tell|help|show|walk|fix|send|reset|cancel|change|check))
    | do\ (?:i|we)\ (?:need|have) | is\ (?:it|there)\ (?:possible|any|a\ way) | am\ i\ (?:able|supposed)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
FAULT = re.compile(
    r"""\b(?:
      (?:does|do|did|is|was|has|have|will|wo|ca)(?:\ ?n(?:'|’)?t|\ not)\ (?:work\w*|turn|load\w*|open\w*|connect\w*|start\w*|respond\w*|sync\w*|charg\w*|play\w*|show\w*|let)
    | not\ working | stopped\ working | (?:can(?:'|’)?t|cannot|unable\ to)\ (?:log|sign|access|get\ (?:in|it|on|online)|connect|open|find|see|use|reset|download|install|pay|change)
    | keeps?\ \w+ing | error | frozen | stuck | locked\ out | (?:no|lost)\ (?:signal|internet|connection|service)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)  # fmt: skip
HOLD = re.compile(
    r"\?|\b(?:moment|second|minute|hold on|bear with|let me (?:check|see|look|have)|checking|please hold)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Turn numbers of one side speaking without the other."""

    role: str
    turns: tuple[int, ...]


def find_openings(
    conversation: Conversation,
    sentences: Sequence[Sequence[Sentence]],
    feelings: Sequence[Feeling | None],
) -> tuple[Opening, ...]:
    """Every opening of the conversation in order, with its response."""
    stretches = list(_stretches(conversation))
    skills = [[{SKILL_OF[tag] for tag in s.assigned} for s in turn] for turn in sentences]
    tags_of = [frozenset[str]().union(*turn) for turn in skills]
    return tuple(
        _opening(conversation, stretches, place, turn, skill, span, tags_of)
        for place, stretch in enumerate(stretches)
        if stretch.role == "customer"
        for turn, skill, span in _calls(conversation, stretch, feelings)
    )


def _stretches(conversation: Conversation) -> Iterator[Stretch]:
    role, turns = "", []
    for number, turn in enumerate(conversation.turns):
        if turn.role not in ("agent", "customer"):
            continue
        if turn.role != role and turns:
            yield Stretch(role, tuple(turns))
            turns = []
        role = turn.role
        turns.append(number)
    if turns:
        yield Stretch(role, tuple(turns))


def _calls(
    conversation: Conversation, stretch: Stretch, feelings: Sequence[Feeling | None]
) -> Iterator[tuple[int, str, tuple[int, int]]]:
    """The turn, skill and calling words of each skill the stretch opens."""
    opened: set[str] = set()
    for number in stretch.turns:
        text = conversation.turns[number].text
        for skill, span in _called_by(text, feelings[number]):
            if skill not in opened:
                opened.add(skill)
                yield number, skill, span


def _called_by(text: str, feeling: Feeling | None) -> Iterator[tuple[str, tuple[int, int]]]:
    if feeling is not None and feeling.label:
        yield "empathy", (0, len(text))
    if len(text.split()) < MINIMUM_WORDS:
        return
    if wish := WISH.search(text):
        yield "listening", wish.span()
    if need := QUESTION.search(text) or FAULT.search(text):
        yield "instruction", need.span()


def _opening(
    conversation: Conversation,
    stretches: list[Stretch],
    place: int,
    turn: int,
    skill: str,
    span: tuple[int, int],
    skills: Sequence[frozenset[str]],
) -> Opening:
    answers = [stretch for stretch in stretches[place + 1 :] if stretch.role == "agent"]
    at_once = _in_time(conversation, answers, skill, skills)
    response = next((n for answer in answers for n in answer.turns if skill in skills[n]), None)
    status: OpeningStatus = "missed" if response is None else "met" if response in at_once else "recovered"
    credited = response if response is not None else next((n for answer in answers for n in answer.turns), None)
    return Opening(
        turn=turn,
        skill=skill,
        status=status,
        response_turn=response,
        agent=None if credited is None else conversation.agent_of(credited),
        start=span[0],
        end=span[1],
    )


def _in_time(
    conversation: Conversation, answers: list[Stretch], skill: str, skills: Sequence[frozenset[str]]
) -> set[int]:
    """Agent turns that count as the answer to the opening."""
    counted: set[int] = set()
    for answer in answers:
        counted.update(answer.turns)
        asks = any(HOLD.search(conversation.turns[n].text) for n in answer.turns)
        if skill != "instruction" or not asks or any(skill in skills[n] for n in answer.turns):
            break
    return counted
