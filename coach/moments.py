"""Moments: quoted excerpts of reviewed conversations that are worth looking at."""

from collections.abc import Iterator, Sequence

from coach.conversation import SKILL_OF, Conversation, Moment, Opening, Reviewed, Tag


def moments_of(reviewed: Reviewed) -> Iterator[Moment]:
    """One moment for every opening that an agent answered, well or not."""
    tags = reviewed.judgements.tags
    for opening in reviewed.judgements.openings:
        answer = _answer_turn(reviewed, opening)
        if answer is not None:
            own = [tag for tag in tags if tag.turn == answer and SKILL_OF[tag.name] == opening.skill]
            yield _moment(reviewed, opening, answer, own)


def _answer_turn(reviewed: Reviewed, opening: Opening) -> int | None:
    """The turn that met the opening, or for a missed one the agent's fullest turn before the customer's next words."""
    if opening.response_turn is not None:
        return opening.response_turn
    return fullest_answer(reviewed.conversation, opening.turn)


def fullest_answer(conversation: Conversation, turn: int) -> int | None:
    """The longest of the agent's turns between this one and the customer's next words."""
    answers = answers_after(conversation, turn)
    return max(answers, key=lambda number: (len(conversation.turns[number].text), -number), default=None)


def answers_after(conversation: Conversation, turn: int) -> list[int]:
    """The agent's turns after this one, up to the customer's next words."""
    answers: list[int] = []
    for number in range(turn + 1, len(conversation.turns)):
        if conversation.turns[number].role == "agent":
            answers.append(number)
        elif conversation.turns[number].role == "customer" and answers:
            break
    return answers


def _moment(reviewed: Reviewed, opening: Opening, answer: int, tags: Sequence[Tag]) -> Moment:
    conversation, judgements = reviewed.conversation, reviewed.judgements
    feeling = judgements.feelings[opening.turn]
    return Moment(
        conversation=conversation.id,
        agent=opening.agent,
        channel=conversation.channel,
        skill=opening.skill,
        status=opening.status,
        turn=opening.turn,
        quote=conversation.turns[opening.turn].text,
        quote_span=(opening.start, opening.end),
        answer_turn=answer,
        answer=conversation.turns[answer].text,
        answer_spans=tuple((tag.start, tag.end, tag.label) for tag in tags),
        customer_type=judgements.customer_type.label,
        feeling=feeling.label if feeling else None,
        certainty=_certainty(reviewed, opening, answer),
        called=opening.called,
        embedding=opening.embedding,
    )


def _certainty(reviewed: Reviewed, opening: Opening, answer: int) -> float:
    """How sure the judgement of the answer is: of a met opening the best tag's probability, else its absence's."""
    chances = [
        chance
        for sentence in reviewed.judgements.sentences[answer]
        for tag, chance in sentence.probabilities.items()
        if SKILL_OF[tag] == opening.skill
    ]
    best = max(chances, default=0.0)
    return 1 - best if opening.status == "missed" else best
