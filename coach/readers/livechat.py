"""LiveChat: the answer of `list_archives` or `get_chat`, version 3; each thread is a conversation.

    {"chats": [{"id": …, "users": [{"id": …, "name": …, "type": "agent"}, {"id": …, "type": "customer"}],
                "thread": {"id": …, "properties": {"rating": {"score": 1}}, "events": [{"type": "message",
                    "author_id": …, "text": …, "created_at": …, "visibility": "all"}]}}]}

Bots stand among the users as agents; their ids are 32 hexadecimal digits, while people's are e-mail addresses.
Source: "Agent Chat API: data structures" and "Configuration API: bots" in the LiveChat documentation.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from coach.conversation import JUDGED, Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields, pages
from coach.readers.fields import Hints, Place, Record

NAME = "LiveChat"
FIELDS = {
    "role": "users[].type, joined by events[].author_id; visibility or recipients agents is internal",
    "text": "events[].text",
    "time": "events[].created_at",
    "speaker": "users[].name, else users[].id",
    "customer": "users[].id",
    "id": "thread.id, else id",
    "csat": "properties.rating.score, 0 or 1, else rating.chat_rated, good or bad",
}
SPOKEN = ("message", "rich_message", "file")
_BOT_ID = re.compile(r"[0-9a-f]{32}")


def recognise(record: Record) -> bool:
    """Whether it is a chat with its users and a thread, or a page of them."""
    chats = record.get("chats")
    if isinstance(chats, list):
        return any(map(_is_chat, chats)) or (not chats and "found_chats" in record)
    return _is_chat(record)


def _is_chat(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("users"), list):
        return False
    kinds = [user.get("type") for user in value["users"] if isinstance(user, dict)]
    threaded = isinstance(value.get("thread"), dict) or isinstance(value.get("threads"), list)
    return threaded and ("agent" in kinds or "customer" in kinds)


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """One conversation a thread, or what is wrong with it."""
    chats = record.get("chats")
    if not isinstance(chats, list) and "threads" not in record:
        yield _conversation(record, place, hints)
    else:
        one_each = list(_threads(chats if isinstance(chats, list) else [record]))
        yield from pages.each(one_each, place, lambda chat, here: _conversation(chat, here, hints))


def _threads(chats: list[object]) -> Iterator[object]:
    """The chats with one thread each; the first versions put several in a chat."""
    for chat in chats:
        threads = chat.get("threads") if isinstance(chat, dict) else None
        if isinstance(chat, dict) and isinstance(threads, list):
            yield from ({**chat, "thread": thread} for thread in threads)
        else:
            yield chat


def _conversation(chat: Record, place: Place, hints: Hints) -> Conversation:
    thread = fields.nested(chat, "thread", place)
    events = fields.objects(thread, "events", place)
    if not events and thread.get("restricted_access"):
        what = f"LiveChat kept the events back: {fields.shown(thread['restricted_access'])}"
        raise place.error(what, fix="export it with an account that may read it, or leave it out")
    listed = fields.objects(chat, "users", place)
    users = {str(user.get("id")): user for user in listed}
    turns = [_turn(event, users, place.at(f"event {number}"), hints) for number, event in enumerate(events, 1)]
    customer: Record = next((user for user in listed if user.get("type") == "customer"), {})
    return fields.conversation(
        {
            "id": thread.get("id") or chat.get("id"),
            "channel": "chat",
            "agent": fields.first_speaker(turns, "agent"),
            "customer": customer.get("id"),
            "started_at": thread.get("created_at") or thread.get("timestamp"),
        },
        turns,
        outcomes=_rating(chat, thread, events, place),
        default_id=place.default_id,
        place=place,
    )


def _turn(event: Record, users: Mapping[str, Record], place: Place, hints: Hints) -> Turn:
    kind = fields.text(event, "type", place)
    role: Role = "system"
    text, name = "[deleted]", None
    if not event.get("deleted"):
        text = _words(event, kind, place)
        if kind in SPOKEN and "agents" not in (event.get("visibility"), event.get("recipients")):
            role, name = _author(event, users, place, hints)
    return fields.turn(
        role,
        text,
        at=fields.time(event.get("created_at") or event.get("timestamp"), "created_at", place),
        speaker=name if role in JUDGED else None,
        place=place,
    )


def _author(event: Record, users: Mapping[str, Record], place: Place, hints: Hints) -> tuple[Role, str]:
    author = fields.label(event.get("author_id"), "author_id", place)
    if author is None:
        raise place.error("author_id is missing", fix="export it again, or mend it")
    user = users.get(author, {})
    name = fields.label(user.get("name"), "name", place) or author
    properties = fields.nested(event, "properties", place)
    if fields.nested(properties, "lc2", place).get("welcome_message") is True:
        return "bot", name
    known: dict[object, Role] = {"customer": "customer", "agent": "bot" if _BOT_ID.fullmatch(author) else "agent"}
    kind = fields.text(user, "type", place)
    role = hints.roles.get(name) or known.get(kind) or fields.speaker_role(name, place, hints)
    return role, name


def _words(event: Record, kind: str, place: Place) -> str:
    """What an event says; for one without words of its own, what it is in brackets."""
    if kind == "file":
        return "[attachment]"
    if kind == "message":
        return fields.text(event, "text", place)
    if kind == "rich_message":
        elements = fields.objects(event, "elements", place)
        return "\n".join(line for element in elements for line in _card(element, place)) or "[attachment]"
    if kind in ("filled_form", "form"):
        lines = [_field(field, place) for field in fields.objects(event, "fields", place)]
        return "\n".join(lines) or f"[{kind}]"
    names = ("system_message_type", "subtype")
    what = next((found for name in names if (found := fields.text(event, name, place))), kind)
    return fields.text(event, "text", place) or f"[{what}]"


def _card(element: Record, place: Place) -> list[str]:
    buttons = [fields.text(button, "text", place) for button in fields.objects(element, "buttons", place)]
    lines = [fields.text(element, "title", place), fields.text(element, "subtitle", place), *buttons]
    return [line for line in lines if line]


def _field(field: Record, place: Place) -> str:
    """A form's question with its answers."""
    answer = field.get("answer")
    options = fields.objects(field, "answers", place) or [answer if isinstance(answer, dict) else {"label": answer}]
    answers = ", ".join(filter(None, (fields.text(option, "label", place) for option in options)))
    label = fields.text(field, "label", place)
    return f"{label.rstrip(':')}: {answers}" if answers else label


def _rating(chat: Record, thread: Record, events: Sequence[Record], place: Place) -> dict[str, object]:
    """The thread's rating. That of the whole chat counts where the chat has no other thread it may belong to."""
    alone = not thread.get("previous_thread_id") and not thread.get("next_thread_id") and "threads" not in chat
    for holder in (thread, chat) if alone else (thread,):
        rating = fields.nested(fields.nested(holder, "properties", place), "rating", place)
        if rating.get("score") is not None:
            return fields.rating(rating["score"], 0, 1, place)
    verdict = ""
    for event in events:
        if event.get("system_message_type") == "rating.chat_rated":
            verdict = fields.text(fields.nested(event, "text_vars", place), "score", place)
        elif event.get("system_message_type") == "rating.chat_rating_canceled":
            verdict = ""
    return fields.good_or_bad(verdict, place)
