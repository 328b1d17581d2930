"""Intercom: a conversation as its interface gives it, a page of them, or the examples in its OpenAPI description.

    {"type": "conversation", "id": …, "created_at": 1734537511, "admin_assignee_id": …, "state": "closed",
     "source": {"type": "email", "delivered_as": …, "body": "<p>…", "author": {"type": "user", "id": …, "name": …}},
     "conversation_parts": {"conversation_parts": [
         {"part_type": "comment", "body": "<p>…", "created_at": …, "author": {"type": "admin", …}, "redacted": false}]},
     "conversation_rating": {"rating": 5}, "statistics": {"time_to_admin_reply": 60}}

Parts that assign, open or close the conversation may carry a message; notes are not for the customer.
Source: "Conversations" in Intercom's API reference, versions 1.0 to 2.15.
"""

from collections.abc import Iterator
from datetime import datetime

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields, pages
from coach.readers.fields import Hints, Place, Record
from coach.readers.markup import words

NAME = "Intercom"
FIELDS = {
    "role": "source.author.type, conversation_parts[].author.type",
    "text": "source.body, conversation_parts[].body",
    "time": "created_at, conversation_parts[].created_at",
    "speaker": "author.name, else author.id",
    "agent": "the first admin who wrote, else admin_assignee_id",
    "customer": "contacts[].id, else the author's",
    "channel": "source.type",
    "csat": "conversation_rating.rating",
    "first_response_seconds": "statistics.time_to_admin_reply",
    "resolution_seconds": "statistics.time_to_last_close",
}
ROLES: dict[str, Role] = {
    "admin": "agent", "bot": "bot", "team": "bot", "user": "customer", "lead": "customer", "contact": "customer",
}  # fmt: skip
AUTOMATIC = ("campaigns_initiated", "operator_initiated", "automated")
MESSAGES = ("comment", "quick_reply", "assignment", "open", "close")
CHANNELS = {
    "conversation": "chat", "email": "email", "phone_call": "phone", "phone_switch": "phone",
    "sms": "messaging", "whatsapp": "messaging", "facebook": "social", "instagram": "social", "twitter": "social",
}  # fmt: skip


def recognise(record: Record) -> bool:
    """Whether it is a conversation, a list of them, or named examples of them."""
    return _is_conversation(record) or record.get("type") == "conversation.list" or bool(_several(record))


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The one conversation, or those of the page. Raises InputError for what is wrong with the whole record."""
    if _is_conversation(record):
        yield _conversation(record, place, hints)
    else:
        yield from pages.each(_several(record), place, lambda one, here: _conversation(one, here, hints))


def _is_conversation(record: object) -> bool:
    if not isinstance(record, dict):
        return False
    parts = record.get("conversation_parts")
    begun = isinstance(record.get("source"), dict) or isinstance(record.get("conversation_message"), dict)
    return (isinstance(parts, dict) and "conversation_parts" in parts) or (
        record.get("type") == "conversation" and begun
    )


def _several(record: Record) -> list[object]:
    page = record.get("conversations")
    if isinstance(page, list):
        return page if record.get("type") == "conversation.list" or any(map(_is_conversation, page)) else []
    examples = (one.get("value") for one in record.values() if isinstance(one, dict))
    return [one for one in examples if _is_conversation(one)]


def _conversation(record: Record, place: Place, hints: Hints) -> Conversation:
    if record.get("conversation_parts") is None:
        raise place.error("the conversation has no conversation_parts", fix="lists lack them: retrieve each by its id")
    started = fields.time(record.get("created_at"), "created_at", place)
    source = fields.nested(record, "source", place) or fields.nested(record, "conversation_message", place)
    parts = fields.objects(fields.nested(record, "conversation_parts", place), "conversation_parts", place)
    first = _message(source, started, place.at("source"), hints)
    turns = [] if first is None else [first]
    turns += [_part(part, place.at(f"part {number}"), hints) for number, part in enumerate(parts, 1)]
    return fields.conversation(
        {
            "id": record.get("id"),
            "started_at": record.get("created_at"),
            "agent": fields.first_speaker(turns, "agent") or record.get("admin_assignee_id"),
            "customer": _customer(record, [source, *parts], place),
            "channel": _channel(source, place),
        },
        turns,
        outcomes=_outcomes(record, place),
        default_id=place.default_id,
        place=place,
    )


def _part(part: Record, place: Place, hints: Hints) -> Turn:
    """What was said; a note or an event is the system's."""
    at = fields.time(part.get("created_at"), "created_at", place)
    kind = fields.label(part.get("part_type"), "part_type", place) or "event"
    said = _message(part, at, place, hints) if kind in MESSAGES else None
    if said is not None:
        return said
    text = "[deleted]" if part.get("redacted") is True else _text(part, place) or f"[{kind}]"
    return fields.turn("system", text, at=at, speaker=None, place=place)


def _message(part: Record, at: datetime | None, place: Place, hints: Hints) -> Turn | None:
    """The message of the source or of a part; None where it has none."""
    if part.get("redacted") is True:
        return fields.turn("system", "[deleted]", at=at, speaker=None, place=place)
    text = _text(part, place)
    if not text:
        return None
    author = fields.nested(part, "author", place)
    role = _role(part, author, place, hints)
    speaker = fields.label(author.get("name"), "name", place) or fields.label(author.get("id"), "id", place)
    return fields.turn(role, text, at=at, speaker=None if role == "system" else speaker, place=place)


def _text(part: Record, place: Place) -> str:
    body = fields.text(part, "body", place)
    attached = "<img" in body or fields.objects(part, "attachments", place)
    return words(body) or ("[attachment]" if attached else "")


def _role(part: Record, author: Record, place: Place, hints: Hints) -> Role:
    """What campaigns, workflows and the AI agent send in an admin's name is a bot's."""
    word = fields.text(author, "type", place)
    role = ROLES.get(word) or fields.speaker_role(word or "author without a type", place, hints)
    automatic = part.get("delivered_as") in AUTOMATIC or author.get("from_ai_agent") is True
    return "bot" if role == "agent" and (automatic or author.get("is_ai_answer") is True) else role


def _customer(record: Record, parts: list[Record], place: Place) -> object:
    contacts = fields.objects(fields.nested(record, "contacts", place), "contacts", place)
    authors = (fields.nested(part, "author", place) for part in parts)
    writers = (one for one in authors if ROLES.get(fields.text(one, "type", place)) == "customer")
    return next((one.get("id") for one in (*contacts, *writers) if one.get("id")), None)


def _channel(source: Record, place: Place) -> str | None:
    word = fields.label(source.get("type"), "type", place)
    return CHANNELS.get(word, word) if word else None


def _outcomes(record: Record, place: Place) -> dict[str, object]:
    """Intercom's durations leave the time outside of office hours out."""
    statistics = fields.nested(record, "statistics", place)
    closed = record.get("state") == "closed"
    return {
        "csat": fields.nested(record, "conversation_rating", place).get("rating"),
        "first_response_seconds": statistics.get("time_to_admin_reply"),
        "resolution_seconds": statistics.get("time_to_last_close") if closed else None,
    }
