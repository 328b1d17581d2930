"""Freshdesk: tickets with their conversations, one by one or in a list.

    {"id": 20, "description_text": …, "source": 1, "status": 4, "requester_id": 5, "responder_id": 1,
     "created_at": "2026-09-01T10:15:00Z", "requester": {"name": …}, "stats": {"first_responded_at": …},
     "conversations": [{"body_text": …, "body": "<div>…", "incoming": true, "private": false, "user_id": 5,
                        "source": 0, "created_at": …, "attachments": []}],
     "satisfaction_ratings": [{"ratings": {"default_question": 103}}]}

The description is the first message: the requester's, but for an outbound e-mail. Freshdesk's own answers have at
most ten conversations; those of its list of conversations may be put in their place.
Source: "View a Ticket", "Conversations" and "Satisfaction Ratings" in Freshdesk's API reference, version 2.
"""

from collections.abc import Iterator

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields, pages
from coach.readers.fields import Hints, Place, Record, shown
from coach.readers.markup import words

NAME = "Freshdesk"
FIELDS = {
    "role": "conversations[].incoming, private, user_id",
    "text": "description_text or description, conversations[].body_text or body",
    "time": "created_at, conversations[].created_at",
    "speaker": "conversations[].user_id; requester.name",
    "agent": "the first agent who wrote, else responder_id",
    "customer": "requester_id",
    "channel": "source",
    "csat": "satisfaction_ratings[].ratings.default_question",
    "first_response_seconds": "stats.first_responded_at",
    "resolution_seconds": "stats.resolved_at",
}
OUTBOUND_EMAIL = "10"
SURVEY_FEEDBACK = "6"
CHANNELS = {
    "1": "email", "2": "portal", "3": "phone", "4": "forum", "5": "social", "6": "social", "7": "chat",
    "8": "mobihelp", "9": "feedback widget", OUTBOUND_EMAIL: "email", "11": "e-commerce", "12": "bot",
    "13": "messaging", "15": "chat", "16": "web form", "17": "social", "18": "social", "19": "social",
    "20": "social", "21": "chat", "22": "messaging",
}  # fmt: skip
HAPPINESS = {103: 3, 102: 2, 101: 1, 100: 0, -101: -1, -102: -2, -103: -3}
"""Freshdesk's numbers, extremely happy to extremely unhappy, as even steps."""


def recognise(record: Record) -> bool:
    """Whether it is a ticket or a page of tickets."""
    return _is_ticket(record) or any(map(_is_ticket, _page(record)))


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The ticket's conversation, or those of the page. Raises InputError for what is wrong with the whole record."""
    if _is_ticket(record):
        yield _conversation(record, place)
    else:
        yield from pages.each(_page(record), place, _conversation)


def _page(record: Record) -> list[object]:
    page = record.get("tickets") or record.get("results")
    return page if isinstance(page, list) else []


def _is_ticket(record: object) -> bool:
    if not isinstance(record, dict):
        return False
    entries = record.get("conversations")
    if isinstance(entries, list) and any(isinstance(one, dict) and "incoming" in one for one in entries):
        return True
    return "requester_id" in record and "responder_id" in record and isinstance(record.get("source"), int)


def _conversation(ticket: Record, place: Place) -> Conversation:
    if ticket.get("conversations") is None:
        raise place.error("the ticket has no conversations", fix="view each ticket with include=conversations")
    first = _description(ticket, place.at("description"))
    turns = []
    for number, entry in enumerate(fields.objects(ticket, "conversations", place), 1):
        turns.append((_turn(entry, ticket, place.at(f"message {number}")), entry.get("id")))
    ordered = ([] if first is None else [first]) + pages.in_order(turns)
    source = fields.label(ticket.get("source"), "source", place)
    return fields.conversation(
        {
            "id": ticket.get("id"),
            "started_at": ticket.get("created_at"),
            "agent": fields.first_speaker(ordered, "agent") or ticket.get("responder_id"),
            "customer": ticket.get("requester_id"),
            "channel": CHANNELS.get(source, source) if source else None,
        },
        ordered,
        outcomes=_outcomes(ticket, place),
        default_id=place.default_id,
        place=place,
    )


def _description(ticket: Record, place: Place) -> Turn | None:
    text = _text(ticket, "description_text", "description", place)
    if not text:
        return None
    outbound = fields.label(ticket.get("source"), "source", place) == OUTBOUND_EMAIL
    at = fields.time(ticket.get("created_at"), "created_at", place)
    speaker = None if outbound else _requester(ticket, place)
    return fields.turn("agent" if outbound else "customer", text, at=at, speaker=speaker, place=place)


def _turn(entry: Record, ticket: Record, place: Place) -> Turn:
    user = fields.label(entry.get("user_id"), "user_id", place)
    requested = user is not None and user == fields.label(ticket.get("requester_id"), "requester_id", place)
    role = _role(entry, requested, place)
    speaker = None
    if role == "customer":
        speaker = (_requester(ticket, place) if requested else None) or user
    elif role == "agent":
        speaker = user
    at = fields.time(entry.get("created_at"), "created_at", place)
    return fields.turn(role, _text(entry, "body_text", "body", place), at=at, speaker=speaker, place=place)


def _role(entry: Record, requested: bool, place: Place) -> Role:
    """Replies that a requester writes in the portal need not be marked as incoming."""
    if entry.get("private") is True or fields.label(entry.get("source"), "source", place) == SURVEY_FEEDBACK:
        return "system"
    incoming = entry.get("incoming")
    if not isinstance(incoming, bool):
        raise place.error(f"incoming is {shown(incoming)}", fix="write true for the customer's, false for the agents'")
    return "customer" if incoming or requested else "agent"


def _text(record: Record, plain: str, html: str, place: Place) -> str:
    text, body = fields.text(record, plain, place), fields.text(record, html, place)
    attached = "<img" in body or fields.objects(record, "attachments", place)
    return text if text.strip() else words(body) or ("[attachment]" if attached else "")


def _requester(ticket: Record, place: Place) -> str | None:
    return fields.label(fields.nested(ticket, "requester", place).get("name"), "requester.name", place)


def _outcomes(ticket: Record, place: Place) -> dict[str, object]:
    stats = fields.nested(ticket, "stats", place)
    started = fields.time(ticket.get("created_at"), "created_at", place)
    answered = fields.time(stats.get("first_responded_at"), "first_responded_at", place)
    resolved = fields.time(stats.get("resolved_at"), "resolved_at", place)
    return {
        **_rating(ticket, place),
        "first_response_seconds": pages.seconds(started, answered),
        "resolution_seconds": pages.seconds(started, resolved),
    }


def _rating(ticket: Record, place: Place) -> dict[str, object]:
    several = fields.objects(ticket, "satisfaction_ratings", place)
    rated = several[-1] if several else fields.nested(ticket, "satisfaction_rating", place) or ticket
    value = fields.nested(rated, "ratings", place).get("default_question")
    if value is None:
        return {}
    if not isinstance(value, int) or value not in HAPPINESS:
        raise place.error(f"the rating is {shown(value)}", fix=f"give one of {', '.join(map(str, HAPPINESS))}")
    return {**fields.rating(HAPPINESS[value], -3, 3, place), "rating": f"{value} (-103 to 103)"}
