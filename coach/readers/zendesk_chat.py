"""Zendesk Chat: chats with their history, one a record or as the API's pages.

    {"id": …, "type": "chat", "visitor": {"name": …}, "timestamp": "2026-09-01T10:15:00Z", "rating": "good",
     "response_time": {"first": 12}, "history": [{"type": "chat.msg", "sender_type": "Visitor", "nick": "visitor",
     "name": …, "msg": …, "timestamp": …}]}
    {"chats": […]}, or {"docs": {"<id>": {…}}} for chats asked for by their ids

Joining, leaving, rating and the like are system turns, a trigger's messages are a bot's.
Source: "Chats" and "Incremental Exports" in the Chat API reference of Zendesk's developer documentation.
"""

from collections.abc import Iterator, Mapping

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields, pages
from coach.readers.fields import Hints, Place, Record

NAME = "Zendesk Chat"
FIELDS = {
    "role": "history[].sender_type, else nick",
    "text": "history[].msg",
    "time": "history[].timestamp",
    "speaker": "history[].name, else agent_id, else nick",
    "customer": "visitor.id",
    "outcome": "rating, response_time.first",
}
SENDERS: Mapping[str, Role] = {
    "visitor": "customer", "agent": "agent", "trigger": "bot", "bot": "bot", "system": "system",
}  # fmt: skip
FILES = ("chat.file", "chat.file.upload", "chat.attachment")
UNSPOKEN: Mapping[str, Role] = {"chat.triggermsg": "bot", "chat.systemmsg": "system"}


def recognise(record: Record) -> bool:
    """Whether it is a chat or a page of chats."""
    return _is_chat(record) or any(map(_is_chat, _page(record)))


def _page(record: Record) -> list[object]:
    chats, docs = record.get("chats"), record.get("docs")
    return chats if isinstance(chats, list) else list(docs.values()) if isinstance(docs, dict) else []


def _is_chat(found: object) -> bool:
    if not isinstance(found, dict):
        return False
    history = found.get("history")
    events = history if isinstance(history, list) else []
    types = [event.get("type") for event in events if isinstance(event, dict)]
    offline = found.get("type") == "offline_msg" and "visitor" in found
    return offline or any(isinstance(one, str) and one.startswith("chat.") for one in types)


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The chat's conversation, or those of the page."""
    if _is_chat(record):
        yield _conversation(record, place, hints)
    else:
        yield from pages.each(_page(record), place, lambda chat, here: _conversation(chat, here, hints))


def _conversation(chat: Record, place: Place, hints: Hints) -> Conversation:
    history = fields.objects(chat, "history", place)
    turns = [_turn(event, place.at(f"message {number}"), hints) for number, event in enumerate(history, 1)]
    if chat.get("type") == "offline_msg":
        at = fields.time(chat.get("timestamp"), "timestamp", place)
        turns.append(fields.turn("customer", fields.text(chat, "message", place), at=at, speaker=None, place=place))
    if not turns:
        raise place.error("the chat has no history", fix="export the chats with their history")
    visitor = fields.nested(chat, "visitor", place)
    meta = {
        "id": chat.get("id"),
        "channel": "chat",
        "agent": fields.first_speaker(turns, "agent"),
        "customer": visitor.get("id") or visitor.get("name"),
        "started_at": chat.get("timestamp"),
        "ended_at": chat.get("end_timestamp"),
    }
    first = fields.nested(chat, "response_time", place).get("first")
    outcomes = {**fields.good_or_bad(chat.get("rating"), place), "first_response_seconds": first}
    return fields.conversation(meta, turns, outcomes=outcomes, default_id=place.default_id, place=place)


def _turn(event: Record, place: Place, hints: Hints) -> Turn:
    kind = fields.label(event.get("type"), "type", place) or "event"
    text = fields.text(event, "msg", place)
    if not text.strip() and (kind in FILES or event.get("attachment")):
        text = "[attachment]"
    role: Role = "system"
    if event.get("deleted") is True:
        text = "[deleted]"
    elif kind == "chat.msg" or kind in FILES:
        role = _role(event, place, hints)
    else:
        role, text = UNSPOKEN.get(kind, "system"), text or f"[{kind}]"
    names = (fields.label(event.get(name), name, place) for name in ("name", "agent_id", "nick"))
    return fields.turn(
        role,
        text,
        at=fields.time(event.get("timestamp"), "timestamp", place),
        speaker=next(filter(None, names), None) if role in ("agent", "customer") else None,
        place=place,
    )


def _role(event: Record, place: Place, hints: Hints) -> Role:
    """A trigger speaks under an agent's nick, agent:trigger."""
    sender, nick, name = (fields.label(event.get(key), key, place) for key in ("sender_type", "nick", "name"))
    words = [(sender or "").casefold(), *(nick or "").casefold().split(":")[:2]]
    if "trigger" in words:
        return "bot"
    known = next((SENDERS[word] for word in words[:2] if word in SENDERS), None)
    label = name or nick or sender
    if known is None and label is None:
        raise place.error("it has no sender", fix="export the chats with sender_type or nick")
    return known or fields.speaker_role(str(label), place, hints)
