"""What may have slipped, besides openings: moments found by rule in what was said and how it was judged.

Each is a place to look at, not a verdict: the rules see words, not what happened outside the conversation.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from coach.conversation import SKILL_OF, SURE, Moment, Opening, Reviewed, Sentence, Spans
from coach.cues import cues

QUESTION = cues("opening")["question"].pattern
SAYS_AGAIN = cues("call")["says_again"].pattern
WORD = re.compile(r"[^\W\d_]{4,}|\d{2,}")
SHARED = 3
FAULT = cues("opening")["fault"].pattern
SETTLES, THANKS = (cues("ending")[name].pattern for name in ("solved", "thanks"))
PROMISE, TIME = (cues("slip")[name].pattern for name in ("promise", "time"))
DOING = ("instruct", "explain", "expect")


def slips_of(reviewed: Reviewed) -> Iterator[Moment]:
    """Every slip of the conversation, kind by kind in the order of KINDS."""
    for kind, find in FINDERS.items():
        for moment in find(reviewed):
            yield replace(moment, kind=kind)


def _unanswered_questions(reviewed: Reviewed) -> Iterator[Moment]:
    """A question that nobody took up: the agent says no more, or the customer has to ask again and gets nothing."""
    conversation, judgements = reviewed.conversation, reviewed.judgements
    for opening in judgements.openings:
        text = conversation.turns[opening.turn].text
        question = QUESTION.search(text)
        if opening.skill != "instruction" or opening.status != "missed" or not question or "?" not in text:
            continue
        answer = _next(reviewed, "agent", opening.turn)
        asked_again = max(judgements.repeats, default=-1) > opening.turn
        if answer is None or asked_again:
            yield _moment(reviewed, opening.turn, answer, "instruction", question.span())


def _repeats(reviewed: Reviewed) -> Iterator[Moment]:
    """What the customer had to say again, in so many words or in much the same, with the answer that came before."""
    for turn in reviewed.judgements.repeats:
        before = _last(reviewed, "agent", turn)
        if before is not None and _is_said_again(reviewed, turn):
            yield _moment(reviewed, turn, before, "listening")


def _is_said_again(reviewed: Reviewed, turn: int) -> bool:
    """Whether the customer says that it was said, or shares some words, a quarter of these, with an earlier turn."""
    turns = reviewed.conversation.turns
    if SAYS_AGAIN.search(turns[turn].text):
        return True
    words = _words(turns[turn].text)
    shared = (len(words & _words(earlier.text)) for earlier in turns[:turn] if earlier.role == "customer")
    return max(shared, default=0) >= max(SHARED, len(words) / 4)


def _words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


def _unchecked_instructions(reviewed: Reviewed) -> Iterator[Moment]:
    """Steps against a fault, surely given, the customer still there, and nobody asks or says whether they worked."""
    tags, turns = reviewed.judgements.tags, reviewed.conversation.turns
    told = [tag for tag in tags if tag.name == "instruct" and tag.is_sure]
    if not told or any(tag.name == "verify" and tag.turn >= told[0].turn for tag in tags):
        return
    last = told[-1]
    asked = _last(reviewed, "customer", last.turn)
    before, after = (
        [turn.text for turn in part if turn.role == "customer"] for part in (turns[: last.turn], turns[last.turn :])
    )
    is_open = after and not any(SETTLES.search(text) or THANKS.search(text) for text in after)
    if asked is not None and is_open and any(FAULT.search(text) for text in before):
        yield _moment(reviewed, asked, last.turn, "instruction", answered=((last.start, last.end),))


def _promises_without_time(reviewed: Reviewed) -> Iterator[Moment]:
    """A promise in a turn that nowhere says when."""
    for number, sentences in enumerate(reviewed.judgements.sentences):
        text = reviewed.conversation.turns[number].text
        promise = next((s for s in sentences if PROMISE.search(text[s.start : s.end])), None)
        if promise is None or TIME.search(text):
            continue
        asked = _last(reviewed, "customer", number)
        if asked is not None:
            yield _moment(reviewed, asked, number, "instruction", answered=((promise.start, promise.end),))


def _empty_empathy(reviewed: Reviewed) -> Iterator[Moment]:
    """A feeling was acknowledged, and from there on nothing was explained, told to do, or promised."""
    if reviewed.resolved == "yes":
        return
    done = (number for number, s in _sentences(reviewed) if any(s.probabilities[tag] > 1 - SURE for tag in DOING))
    last = max(done, default=-1)
    for opening in reviewed.judgements.openings:
        met = opening.response_turn if opening.status == "met" else None
        if opening.skill == "empathy" and met is not None and met > last:
            yield _of_opening(reviewed, opening)
            return


def _of_opening(reviewed: Reviewed, opening: Opening) -> Moment:
    shown = [
        (s.start, s.end)
        for s in reviewed.judgements.sentences[opening.response_turn or 0]
        if any(SKILL_OF[tag] == opening.skill for tag in s.assigned)
    ]
    span = (opening.start, opening.end)
    return _moment(reviewed, opening.turn, opening.response_turn, opening.skill, span, tuple(shown))


def _sentences(reviewed: Reviewed) -> Iterator[tuple[int, Sentence]]:
    for number, sentences in enumerate(reviewed.judgements.sentences):
        for sentence in sentences:
            yield number, sentence


def _last(reviewed: Reviewed, role: str, before: int) -> int | None:
    """The side's last turn before this one."""
    turns = reviewed.conversation.turns
    return next((i for i in range(before - 1, -1, -1) if turns[i].role == role), None)


def _next(reviewed: Reviewed, role: str, after: int) -> int | None:
    """The side's next turn after this one."""
    turns = reviewed.conversation.turns
    return next((i for i in range(after + 1, len(turns)) if turns[i].role == role), None)


def _moment(
    reviewed: Reviewed,
    turn: int,
    answer: int | None,
    skill: str,
    span: tuple[int, int] | None = None,
    answered: Spans = (),
) -> Moment:
    conversation, judgements = reviewed.conversation, reviewed.judgements
    quote, feeling = conversation.turns[turn].text, judgements.feelings[turn]
    return Moment(
        conversation=conversation.id,
        agent=None if answer is None else conversation.agent_of(answer),
        channel=conversation.channel,
        skill=skill,
        status="missed",
        turn=turn,
        quote=quote,
        quote_span=span or (0, len(quote)),
        answer_turn=answer,
        answer="" if answer is None else conversation.turns[answer].text,
        answer_spans=tuple((start, end, "") for start, end in answered),
        customer_type=judgements.customer_type.label,
        feeling=feeling.label if feeling else None,
        certainty=0.5,
    )


FINDERS: Mapping[str, Callable[[Reviewed], Iterator[Moment]]] = {
    "unanswered question": _unanswered_questions,
    "customer repeats": _repeats,
    "unchecked instruction": _unchecked_instructions,
    "promise without a time": _promises_without_time,
    "empty empathy": _empty_empathy,
}
KINDS = tuple(FINDERS)
