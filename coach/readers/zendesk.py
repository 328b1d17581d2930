"""Zendesk Support: tickets with their comments, from the full JSON export or as the API answers.

    {"id": 35436, "requester_id": 7, "submitter_id": 7, "assignee_id": 9, "requester": {"id": 7, "role": "end-user"},
     "comments": [{"author_id": 7, "public": true, "plain_body": …, "created_at": "2026-09-01T10:15:00Z"}]}
    {"tickets": […], "users": [{"id": 7, "name": …, "role": "end-user"}]}
    {"ticket": {…}, "comments": […], "users": […]} or {"comments": […], "users": […]}

Internal notes are system turns, and so is what nobody said in those words: automations, merges, calls, and whole
chats pasted in as one comment. Without users the requester is the customer and the assignee the agent.
Source: "Ticket Comments", "Tickets", "Ticket Metrics", "Side-Loading" and "Via types reference" in Zendesk's
developer documentation; "Exporting data to a JSON, CSV, or XML file" in its help centre.
"""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import Any

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields, markup, pages
from coach.readers.fields import Hints, Place, Record

NAME = "Zendesk tickets"
FIELDS = {
    "role": "comments[].author_id, by users[].role; comments[].public",
    "text": "comments[].plain_body, else body, else html_body",
    "time": "comments[].created_at",
    "speaker": "users[].name, else comments[].author_id",
    "customer": "requester_id",
    "channel": "via.channel",
    "outcome": "satisfaction_rating, metric_set",
}
ROLES: Mapping[str, Role] = {"end-user": "customer", "agent": "agent", "admin": "agent"}
CHANNELS = {
    **dict.fromkeys(("email", "mail"), "email"),
    **dict.fromkeys(("chat", "chat_transcript"), "chat"),
    **dict.fromkeys(("voice", "phone"), "phone"),
    **dict.fromkeys(("facebook", "twitter", "instagram_dm"), "social"),
    **dict.fromkeys(
        ("native_messaging", "whatsapp", "sms", "line", "wechat", "telegram", "viber", "kakaotalk",
         "apple_business_chat", "google_business_messages", "google_rcs", "sunshine_conversations_facebook_messenger"),
        "messaging",
    ),
}  # fmt: skip
NOBODY = "-1"
NOT_SPOKEN = ("rule", "chat_transcript")
REDACTED = "▇"


def recognise(record: Record) -> bool:
    """Whether it is a ticket, holds some, or holds a ticket's comments."""
    tickets = record.get("tickets")
    return any(map(_is_ticket, tickets if isinstance(tickets, list) else (record.get("ticket"), record)))


def _is_ticket(found: object) -> bool:
    if not isinstance(found, dict):
        return False
    comments = found.get("comments")
    commented = isinstance(comments, list) and any(
        isinstance(one, dict) and "author_id" in one and "public" in one for one in comments
    )
    return commented or ("requester_id" in found and "submitter_id" in found)


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """A conversation a ticket. Raises InputError for what is wrong with the users or with a page of comments."""
    shared = _users(record, place)

    def read(ticket: Record, here: Place) -> Conversation:
        return _conversation(ticket, shared, here, hints)

    tickets = _tickets(record, place)
    yield from [read(tickets[0], place)] if len(tickets) == 1 else pages.each(tickets, place, read)


def _tickets(record: Record, place: Place) -> list[Any]:
    """The tickets of the record, each with its comments."""
    tickets, ticket = record.get("tickets"), record.get("ticket")
    if isinstance(ticket, dict):
        return [{"comments": record.get("comments"), **ticket}]
    if not isinstance(tickets, list) and {"id", "requester_id"} & record.keys():
        return [record]
    by_ticket: dict[str, list[Record]] = {}
    for comment in fields.objects(record, "comments", place):
        by_ticket.setdefault(_key(comment.get("ticket_id")), []).append(comment)
    if isinstance(tickets, list):
        return [
            {"comments": by_ticket.get(_key(one.get("id")) or "none"), **one} if isinstance(one, dict) else one
            for one in tickets
        ]
    more = fields.nested(record, "meta", place).get("has_more")
    if record.get("next_page") or record.get("previous_page") or more is True:
        raise place.error(
            "it is one page of a ticket's comments, and there are more",
            fix="put the comments of all its pages into one list",
        )
    return [{"id": comments[0].get("ticket_id"), "comments": comments} for comments in by_ticket.values()]


def _users(record: Record, place: Place) -> dict[str, Record]:
    """The people whom it tells of, by their id."""
    people = [fields.nested(record, name, place) for name in ("requester", "submitter", "assignee")]
    people += fields.objects(record, "users", place)
    return {_key(person.get("id")): person for person in people}


def _key(number: object) -> str:
    return str(number) if isinstance(number, str | int) else ""


def _conversation(ticket: Record, shared: dict[str, Record], place: Place, hints: Hints) -> Conversation:
    if ticket.get("status") == "deleted":
        raise place.error("the ticket was deleted", fix="leave it out")
    comments = fields.objects(ticket, "comments", place)
    if not comments:
        raise place.error("the ticket has no comments", fix="export the tickets with their comments")
    people = ChainMap(_users(ticket, place), shared)
    placed = [
        (_turn(comment, ticket, people, place.at(f"comment {number}"), hints), comment.get("id"))
        for number, comment in enumerate(comments, 1)
    ]
    turns = pages.in_order(placed)
    writers = (one.get("author_id") for (turn, _), one in zip(placed, comments, strict=True) if turn.role == "customer")
    word = fields.label(fields.nested(ticket, "via", place).get("channel"), "via.channel", place)
    meta = {
        "id": ticket.get("id"),
        "channel": CHANNELS.get(word, word) if word else None,
        "agent": fields.first_speaker(turns, "agent"),
        "customer": _person(ticket, "requester", place) or next(writers, None),
        "started_at": ticket.get("created_at"),
    }
    return fields.conversation(meta, turns, outcomes=_outcomes(ticket, place), default_id=place.default_id, place=place)


def _turn(comment: Record, ticket: Record, people: Mapping[str, Record], place: Place, hints: Hints) -> Turn:
    public = comment.get("public")
    if not isinstance(public, bool):
        raise place.error(
            f"public is {fields.shown(public)}, so it may be an internal note", fix="write public as true or false"
        )
    author = fields.label(comment.get("author_id"), "author_id", place)
    if author is None:
        raise place.error("it has no author_id", fix="export the comments with their author_id")
    via = fields.nested(comment, "via", place)
    channel = fields.label(via.get("channel"), "via.channel", place) or ""
    merged = fields.nested(via, "source", place).get("rel") == "merge"
    text, plain = _text(comment, place), comment.get("type") in (None, "Comment")
    spoken = public and plain and not merged and author != NOBODY and channel not in NOT_SPOKEN
    role: Role = "system"
    if REDACTED in text and not text.replace(REDACTED, "").strip():
        text = "[deleted]"
    elif spoken:
        role = _role(author, channel, ticket, people, place, hints)
    return fields.turn(
        role,
        text,
        at=fields.time(comment.get("created_at"), "created_at", place),
        speaker=_name(author, people, place) if role in ("agent", "customer") else None,
        place=place,
    )


def _role(author: str, channel: str, ticket: Record, people: Mapping[str, Record], place: Place, hints: Hints) -> Role:
    word = people.get(author, {}).get("role")
    known = ROLES.get(word) if isinstance(word, str) else None
    requester, assignee = _person(ticket, "requester", place), _person(ticket, "assignee", place)
    if known is None and requester != assignee:
        known = "customer" if author == requester else "agent" if author == assignee else None
    if channel.startswith("answer_bot") and known != "customer":
        return "bot"
    name = _name(author, people, place)
    return known or fields.speaker_role(author if name == author else f"{name} ({author})", place, hints)


def _person(ticket: Record, name: str, place: Place) -> str | None:
    """The id of the ticket's requester or assignee."""
    found = ticket.get(f"{name}_id") or fields.nested(ticket, name, place).get("id")
    return fields.label(found, f"{name}_id", place)


def _name(person: str, people: Mapping[str, Record], place: Place) -> str:
    return fields.label(people.get(person, {}).get("name"), "name", place) or person


def _text(comment: Record, place: Place) -> str:
    """What was written; Zendesk leaves hard spaces of HTML in its plain text."""
    text = fields.text(comment, "plain_body", place).replace("&nbsp;", " ") or fields.text(comment, "body", place)
    text = text or markup.words(fields.text(comment, "html_body", place))
    return "[attachment]" if comment.get("attachments") and not text.strip() else text


def _outcomes(ticket: Record, place: Place) -> dict[str, object]:
    found = ticket.get("satisfaction_rating")
    word = found if isinstance(found, str) else fields.nested(ticket, "satisfaction_rating", place).get("score")
    metrics = fields.nested(ticket, "metric_set", place)
    first = _seconds(metrics, "reply_time_in_seconds", 1, place)
    return {
        **fields.good_or_bad(word, place),
        "first_response_seconds": _seconds(metrics, "reply_time_in_minutes", 60, place) if first is None else first,
        "resolution_seconds": _seconds(metrics, "full_resolution_time_in_minutes", 60, place),
    }


def _seconds(metrics: Record, name: str, unit: int, place: Place) -> float | None:
    """Of calendar time, not of business hours."""
    value = fields.nested(metrics, name, place).get("calendar")
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise place.error(f"{name} is {fields.shown(value)}", fix="give its calendar time as a number, or leave it out")
    return unit * value
