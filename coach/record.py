"""One judged conversation as the JSON object that other tools read; its shape is fixed."""

from typing import Any

from coach.conversation import FEELINGS, TAGS, TYPES, Conversation, Judgements, Scorecard


def as_record(conversation: Conversation, judgements: Judgements, card: Scorecard) -> dict[str, Any]:
    """The object of `coach tag --format jsonl`: turns one to one with the input's, offsets in characters."""
    found, resolution = judgements.customer_type, judgements.resolution
    return {
        "id": conversation.id,
        "agent": conversation.agent or next(iter(conversation.agents), None),
        "customer": conversation.customer,
        "channel": conversation.channel,
        "turns": [_turn(conversation, judgements, number) for number in range(len(conversation.turns))],
        "customer_type": {
            "label": found.label,
            "probabilities": {name: _short(found.probabilities[name]) for name in TYPES},
            "assertiveness": _short(found.assertiveness),
            "responsiveness": _short(found.responsiveness),
            "clues": [{"turn": clue.turn, "start": clue.start, "end": clue.end} for clue in found.clues],
        },
        "openings": [
            {"turn": o.turn, "skill": o.skill, "status": o.status, "response_turn": o.response_turn}
            for o in judgements.openings
        ],
        "scores": {
            "care": _short(card.care.value),
            "service": _short(card.service.value),
            "balance": _short(card.balance),
        },
        "resolved": {"label": resolution.label, "probability": _short(resolution.probability)},
    }


def _turn(conversation: Conversation, judgements: Judgements, number: int) -> dict[str, Any]:
    turn = conversation.turns[number]
    record: dict[str, Any] = {"role": turn.role, "text": turn.text}
    if turn.role == "agent":
        record["sentences"] = [
            {
                "start": sentence.start,
                "end": sentence.end,
                "tags": {tag: _short(sentence.probabilities[tag]) for tag in TAGS},
                "assigned": list(sentence.assigned),
            }
            for sentence in judgements.sentences[number]
        ]
    elif feeling := judgements.feelings[number]:
        chances = {name: _short(feeling.probabilities[name]) for name in (*FEELINGS, "none")}
        record["feeling"] = {"label": feeling.label, "probabilities": chances}
    return record


def _short(value: float | None) -> float | None:
    """Four decimals: beyond them machines may differ."""
    return None if value is None else round(value, 4)
