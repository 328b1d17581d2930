"""Chatwoot: conversations with their messages, pages of them, or the messages of one.

    {"id": 7, "created_at": 1756720000, "status": "resolved",
     "meta": {"sender": {"id": …, "name": …}, "assignee": {…}, "channel": "Channel::WebWidget"},
     "messages": [{"message_type": 0, "content": …, "created_at": …, "private": false, "sender_type": "Contact",
                   "sender": {"id": …, "name": …, "type": "contact"}, "content_attributes": {}, "attachments": []}]}
    {"payload": [conversations or messages], "meta": {"contact": {…}, "assignee": {…}}}, also under "data"

message_type is 0 incoming, 1 outgoing, 2 activity, 3 template, or the word. Source: models/message.rb and
views/api/v1 of Chatwoot 4, and "Messages" in its API documentation.
"""

from collections.abc import Iterator

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields, pages
from coach.readers.fields import Hints, Place, Record, shown

NAME = "Chatwoot"
FIELDS = {
    "role": "messages[].message_type, private, sender.type or sender_type",
    "text": "messages[].content",
    "time": "messages[].created_at",
    "speaker": "messages[].sender.name, else its id",
    "agent": "the first agent who wrote, else meta.assignee",
    "customer": "meta.sender.id or meta.contact.id",
    "channel": "meta.channel",
    "csat": "csat_survey_response.rating, in the conversation or in the survey's message",
    "first_response_seconds": "first_reply_created_at",
}
KINDS = {
    **dict.fromkeys(("0", "incoming"), "incoming"), **dict.fromkeys(("1", "outgoing"), "outgoing"),
    **dict.fromkeys(("2", "activity"), "activity"), **dict.fromkeys(("3", "template"), "template"),
}  # fmt: skip
SENDERS: dict[str, Role] = {
    "user": "agent", "agent_bot": "bot", "agentbot": "bot", "captain_assistant": "bot", "captain::assistant": "bot",
}  # fmt: skip
CHANNELS = {
    "WebWidget": "chat", "Email": "email", "Voice": "phone",
    **dict.fromkeys(("Whatsapp", "Sms", "TwilioSms", "Telegram", "Line"), "messaging"),
    **dict.fromkeys(("FacebookPage", "Instagram", "TwitterProfile", "Tiktok"), "social"),
}  # fmt: skip


def recognise(record: Record) -> bool:
    """Whether it is a conversation, or a page of conversations or messages."""
    payload = _payload(record)
    return _is_conversation(record) or any(_is_conversation(one) or _is_message(one) for one in payload)


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The one conversation, or those of the page. Raises InputError for what is wrong with the whole record."""
    payload = _payload(record)
    if _is_conversation(record):
        yield _conversation(record, place, hints)
    elif any(map(_is_conversation, payload)):
        yield from pages.each(payload, place, lambda one, here: _conversation(one, here, hints))
    else:
        page = record if "payload" in record else record["data"]
        messages = fields.objects(page, "payload", place)
        number = next((one["conversation_id"] for one in messages if one.get("conversation_id")), None)
        yield _conversation({"id": number, "meta": page.get("meta"), "messages": messages}, place, hints)


def _payload(record: Record) -> list[object]:
    data = record.get("data")
    payload = data.get("payload") if isinstance(data, dict) and "payload" not in record else record.get("payload")
    return payload if isinstance(payload, list) else []


def _is_message(record: object) -> bool:
    return isinstance(record, dict) and "content" in record and str(record.get("message_type")) in KINDS


def _is_conversation(record: object) -> bool:
    if not isinstance(record, dict) or not isinstance(record.get("messages"), list):
        return False
    return any(map(_is_message, record["messages"])) or (isinstance(record.get("meta"), dict) and "inbox_id" in record)


def _conversation(record: Record, place: Place, hints: Hints) -> Conversation:
    meta = fields.nested(record, "meta", place)
    messages = fields.objects(record, "messages", place)
    contact = fields.nested(meta, "sender", place) or fields.nested(meta, "contact", place)
    senders_told = any(message.get("sender") or message.get("sender_type") for message in messages)
    placed = []
    for number, message in enumerate(messages, 1):
        here = place.at(f"message {number}")
        placed.append((_turn(message, contact, senders_told, here, hints), message.get("id")))
    turns = pages.in_order(placed)
    return fields.conversation(
        {
            "id": record.get("id"),
            "started_at": record.get("created_at"),
            "agent": fields.first_speaker(turns, "agent") or _name(fields.nested(meta, "assignee", place), place),
            "customer": contact.get("id") or contact.get("name"),
            "channel": _channel(meta.get("channel") or record.get("channel"), place),
        },
        turns,
        outcomes=_outcomes(record, messages, place),
        default_id=place.default_id,
        place=place,
    )


def _turn(message: Record, contact: Record, senders_told: bool, place: Place, hints: Hints) -> Turn:
    at = fields.time(message.get("created_at"), "created_at", place)
    if fields.nested(message, "content_attributes", place).get("deleted") is True:
        return fields.turn("system", "[deleted]", at=at, speaker=None, place=place)
    sender = fields.nested(message, "sender", place)
    role = _role(message, sender, senders_told, place, hints)
    speaker = None
    if role == "customer":
        speaker = _name(sender, place) or _name(contact, place)
    elif role != "system":
        speaker = _name(sender, place) or fields.label(message.get("sender_id"), "sender_id", place)
    text = fields.text(message, "content", place)
    if not text and fields.objects(message, "attachments", place):
        text = "[attachment]"
    return fields.turn(role, text, at=at, speaker=speaker, place=place)


def _role(message: Record, sender: Record, senders_told: bool, place: Place, hints: Hints) -> Role:
    """Templates, campaigns and rules write by themselves, as does whoever sends without a sender where others have."""
    kind = KINDS.get(fields.text(message, "message_type", place))
    if kind is None:
        raise place.error(
            f"unknown message_type {shown(message.get('message_type'))}",
            fix="use 0 incoming, 1 outgoing, 2 activity or 3 template",
        )
    if kind == "activity" or message.get("private") is True:
        return "system"
    if kind == "incoming":
        return "customer"
    rule = fields.nested(message, "content_attributes", place).get("automation_rule_id")
    campaign = fields.nested(message, "additional_attributes", place).get("campaign_id")
    if kind == "template" or rule or campaign:
        return "bot"
    word = fields.text(sender, "type", place) or fields.text(message, "sender_type", place)
    if word:
        return SENDERS.get(word.lower()) or fields.speaker_role(word, place, hints)
    return "bot" if senders_told and not sender else "agent"


def _name(person: Record, place: Place) -> str | None:
    return fields.label(person.get("name"), "name", place) or fields.label(person.get("id"), "id", place)


def _channel(value: object, place: Place) -> str | None:
    word = (fields.label(value, "channel", place) or "").removeprefix("Channel::")
    return CHANNELS.get(word, word) or None


def _outcomes(record: Record, messages: list[Record], place: Place) -> dict[str, object]:
    """A conversation without a first reply has 0 for its time."""
    started = fields.time(record.get("created_at"), "created_at", place)
    replied = fields.time(record.get("first_reply_created_at") or None, "first_reply_created_at", place)
    surveys = [fields.nested(record, name, place) for name in ("csat_survey_response", "csat")]
    for number, message in enumerate(messages, 1):
        if message.get("content_type") == "input_csat":
            here = place.at(f"message {number}")
            answers = fields.nested(fields.nested(message, "content_attributes", here), "submitted_values", here)
            surveys.append(fields.nested(answers, "csat_survey_response", here))
    return {
        "csat": next((survey["rating"] for survey in surveys if survey.get("rating")), None),
        "first_response_seconds": pages.seconds(started, replied),
    }
