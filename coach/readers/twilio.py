"""Twilio Conversations: a page of messages, or a conversation exported with its participants.

    {"messages": [{"sid": "IM…", "conversation_sid": "CH…", "index": 0, "author": …, "participant_sid": "MB…",
                   "body": …, "media": null, "date_created": …}], "meta": {"key": "messages"}}
    {"conversation": {"sid": "CH…"}, "messages": […], "participants": [{"sid": "MB…", "identity": null,
                   "messaging_binding": {"type": "sms", "address": …}, "attributes": "{\\"role\\": …}"}]}

Names may be written in camel case, as the libraries write them. Twilio has no field for who is an agent: it is said
by a participant's attributes, by an author called Agent, Customer …, or by the user; one author left is the customer.
Source: "Conversation Message Resource" and "Conversation Participant Resource" in the Twilio documentation.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields
from coach.readers.fields import Hints, Place, Record

NAME = "Twilio Conversations"
FIELDS = {
    "role": "--roles by messages[].author, else role in participants[].attributes",
    "text": "messages[].body",
    "time": "messages[].date_created",
    "speaker": "messages[].author",
    "id": "messages[].conversation_sid, else conversation.sid",
}


def recognise(record: Record) -> bool:
    """Whether it has messages with an author and the sid of a conversation or participant, or is one."""
    messages = record.get("messages")
    if not isinstance(messages, list):
        return _is_message(record)
    meta = record.get("meta")
    url = str(meta.get("url") or meta.get("first_page_url")) if isinstance(meta, dict) else ""
    return any(map(_is_message, messages)) or (not messages and "//conversations.twilio.com/" in url)


def _is_message(value: object) -> bool:
    names = _snake(value).keys() if isinstance(value, dict) else set()
    return {"author", "body"} <= names and not names.isdisjoint(("conversation_sid", "participant_sid"))


def _snake(record: Record) -> Record:
    return {re.sub(r"(?<=[a-z])[A-Z]", lambda found: f"_{found[0].lower()}", str(key)): record[key] for key in record}


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """One conversation for each conversation's messages, or what is wrong with it."""
    if not isinstance(record.get("messages"), list):
        what = "one message alone is no conversation"
        raise place.error(what, fix='give a conversation\'s messages together, as {"messages": […]}')
    about = _snake(fields.nested(record, "conversation", place))
    participants = [_snake(one) for one in fields.objects(record, "participants", place)]
    groups: dict[str, list[tuple[Record, Place]]] = {}
    for number, message in enumerate(map(_snake, fields.objects(record, "messages", place)), 1):
        sid = str(message.get("conversation_sid") or "")
        groups.setdefault(sid, []).append((message, place.at(f"message {number}")))
    for sid, messages in groups.items():
        try:
            yield _conversation({**about, "sid": sid or about.get("sid")}, participants, messages, place, hints)
        except InputError as error:
            yield error


def _conversation(
    about: Record, participants: Sequence[Record], messages: list[tuple[Record, Place]], place: Place, hints: Hints
) -> Conversation:
    if all(isinstance(message.get("index"), int) for message, _ in messages):
        messages = sorted(messages, key=lambda one: int(one[0]["index"]))
    by_sid = {str(one.get("sid")): one for one in participants}
    authors = [_author(message, by_sid, here) for message, here in messages]
    first = {author: here for author, (_, here) in reversed(list(zip(authors, messages, strict=True)))}
    roles = _roles({author: first[author] for author in dict.fromkeys(authors)}, participants, place, hints)
    turns = [
        _turn(message, roles[author], author, here) for author, (message, here) in zip(authors, messages, strict=True)
    ]
    mailed = any(fields.nested(one, "messaging_binding", place).get("type") == "email" for one in participants)
    return fields.conversation(
        {
            "id": about.get("sid"),
            "channel": "email" if mailed else "messaging",
            "agent": fields.first_speaker(turns, "agent"),
            "customer": next((author for author in authors if roles[author] == "customer"), None),
            "started_at": about.get("date_created"),
        },
        turns,
        outcomes={},
        default_id=place.default_id,
        place=place,
    )


def _turn(message: Record, role: Role, author: str, place: Place) -> Turn:
    silent = "[attachment]" if message.get("media") or message.get("content_sid") else ""
    return fields.turn(
        role,
        fields.text(message, "body", place) or silent,
        at=fields.time(message.get("date_created"), "date_created", place),
        speaker=author if role == "agent" else None,
        place=place,
    )


def _author(message: Record, participants: Mapping[str, Record], place: Place) -> str:
    """The message's author, else what its participant is known by."""
    participant = participants.get(str(message.get("participant_sid")), {})
    known = fields.label(message.get("author"), "author", place) or _known_by(participant, place)
    author = known or fields.label(message.get("participant_sid"), "participant_sid", place)
    if author is None:
        raise place.error("the message has no author", fix="export it again, or mend it")
    return author


def _known_by(participant: Record, place: Place) -> str | None:
    binding = fields.nested(participant, "messaging_binding", place)
    identity = fields.label(participant.get("identity"), "identity", place)
    return identity or fields.label(binding.get("address"), "address", place)


def _roles(authors: Mapping[str, Place], participants: Sequence[Record], place: Place, hints: Hints) -> dict[str, Role]:
    """The role of each author; the mapping gives the place of its first message."""
    told = {_known_by(one, place): _told(one) for one in participants}
    roles: dict[str, Role] = {}
    for author in authors:
        if role := hints.roles.get(author) or told.get(author) or fields.role_of(author):
            roles[author] = role
    rest = [author for author in authors if author not in roles]
    if len(rest) == 1 and "agent" in roles.values() and "customer" not in roles.values():
        return {**roles, rest[0]: "customer"}
    return {**roles, **{author: fields.speaker_role(author, authors[author], hints) for author in rest}}


def _told(participant: Record) -> Role | None:
    """The role in a participant's attributes, which are JSON in a text and free."""
    try:
        attributes = json.loads(str(participant.get("attributes")))
    except (ValueError, RecursionError):
        return None
    word = attributes.get("role") if isinstance(attributes, dict) else None
    return fields.role_of(word) if isinstance(word, str) else None
