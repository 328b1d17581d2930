"""Google CCAI Insights: the conversation's transcript as an uploaded JSON file.

    {"entries": [{"start_timestamp_usec": 1675230581000000, "text": …, "role": "AGENT", "user_id": 2}]}

Source: "Conversation data format" in the documentation of Contact Center AI Insights.
"""

from collections.abc import Iterator

from coach.conversation import Conversation, Turn
from coach.errors import InputError
from coach.readers import fields
from coach.readers.fields import Hints, Place, Record

NAME = "Google CCAI Insights"
FIELDS = {
    "role": "entries[].role",
    "text": "entries[].text",
    "time": "entries[].start_timestamp_usec",
    "speaker": "entries[].user_id",
    "id": "conversation_id, else the file's name",
}
ROLES = {"END_USER": "customer", "CUSTOMER": "customer", "HUMAN_AGENT": "agent", "AUTOMATED_AGENT": "bot"}


def recognise(record: Record) -> bool:
    """Whether it has entries."""
    return isinstance(record.get("entries"), list)


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The one conversation. Raises InputError for what is wrong with it."""
    entries = fields.objects(record, "entries", place)
    yield fields.conversation(
        {"id": record.get("conversation_id")},
        [_turn(entry, place.at(f"entry {number}"), hints) for number, entry in enumerate(entries, 1)],
        outcomes={},
        default_id=place.default_id,
        place=place,
    )


def _turn(entry: Record, place: Place, hints: Hints) -> Turn:
    word = entry.get("role")
    role = fields.role(ROLES.get(word, word) if isinstance(word, str) else word, place, hints)
    return fields.turn(
        role,
        fields.text(entry, "text", place),
        at=fields.time(entry.get("start_timestamp_usec"), "start_timestamp_usec", place),
        speaker=fields.label(entry.get("user_id"), "user_id", place) if role == "agent" else None,
        place=place,
    )
