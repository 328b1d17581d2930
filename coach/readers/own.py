"""coach's own JSON: one conversation an object.

    {"id": …, "channel": …, "turns": [{"role": …, "text": …, "at": …, "speaker": …}], "agent": …,
     "customer": …, "started_at": …, "ended_at": …, "outcome": {"csat": …, "nps": …, "resolved": …}}

Only `turns` is needed. Other keys are left alone, so files with labels read as well.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from coach.conversation import Conversation, Turn
from coach.errors import InputError
from coach.readers import fields
from coach.readers.fields import Hints, Place, Record

NAME = "coach"
FIELDS = {
    "role": "turns[].role",
    "text": "turns[].text",
    "time": "turns[].at",
    "speaker": "turns[].speaker",
    "agent": "agent",
    "customer": "customer",
    "channel": "channel",
    "outcome": "outcome",
}


def recognise(record: Record) -> bool:
    """Whether it has turns."""
    return "turns" in record


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The one conversation. Raises InputError for what is wrong with it."""
    turns = record.get("turns")
    if not isinstance(turns, list) or not turns:
        raise place.error("the object has no turns", fix='give "turns": [{"role": "agent", "text": "…"}, …]')
    outcome = record.get("outcome")
    if not isinstance(outcome, dict | None):
        raise place.error("outcome is not an object", fix='write it like {"csat": 4, "resolved": "yes"}')
    yield fields.conversation(
        record,
        [_turn(turn, place.at(f"turn {i}"), hints) for i, turn in enumerate(turns, 1)],
        outcomes=outcome or {},
        default_id=place.default_id,
        place=place,
    )


def _turn(turn: object, place: Place, hints: Hints) -> Turn:
    if not isinstance(turn, dict):
        raise place.error(f"it is {fields.shown(turn)}, not an object", fix='use {"role": …, "text": …}')
    return fields.turn(
        fields.role(turn.get("role"), place, hints),
        fields.text(turn, "text", place),
        at=fields.time(turn.get("at") or turn.get("time"), "time", place),
        speaker=fields.label(turn.get("speaker"), "speaker", place),
        place=place,
    )


def as_record(conversation: Conversation) -> dict[str, Any]:
    """The object that reads back as the same conversation; what is not known is left out."""
    record = {
        "id": conversation.id,
        "channel": conversation.channel,
        "agent": conversation.agent,
        "customer": conversation.customer,
        "started_at": conversation.started.isoformat() if conversation.started else None,
        "ended_at": conversation.ended.isoformat() if conversation.ended else None,
        "outcome": _known(asdict(conversation.outcome)),
        "turns": [
            _known(
                {
                    "role": turn.role,
                    "text": turn.text,
                    "at": turn.time.isoformat() if turn.time else None,
                    "speaker": turn.speaker,
                }
            )
            for turn in conversation.turns
        ],
    }
    return _known(record)


def _known(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value not in (None, {})}
