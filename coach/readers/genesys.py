"""Genesys Cloud: transcripts of speech and text analytics, and recordings of chats and messages.

    {"conversationId": …, "communicationId": …, "mediaType": "voice", "startTime": 1756721700000,
     "transcripts": [{"phrases": [{"participantPurpose": "internal", "decoratedText": …, "startTimeMs": …}]}],
     "participants": [{"participantPurpose": "agent", "userId": …, "startTimeMs": …, "endTimeMs": …}]}

    {"conversationId": …, "media": "messaging", "messagingTranscript": [{"purpose": "agent", "messageText": …,
     "timestamp": …, "fromUser": {"id": …, "name": …}}]}

"internal" is everyone on our side. Who of them spoke, and whether it was a person, the participants' times tell. A
transcript is of one communication; several of one conversation are told apart by it.

Source: "Transcript URL", transcript schema, in the Genesys Cloud developer centre; Recording,
RecordingMessagingMessage, ChatMessage and the purposes of AnalyticsParticipant in its platform API.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import calls, fields, pages
from coach.readers.fields import Hints, Place, Record

NAME = "Genesys Cloud"
FIELDS = {
    "role": "phrases[].participantPurpose with participants[]; messagingTranscript[].purpose",
    "text": "phrases[].decoratedText, else text; messageText; body",
    "time": "phrases[].startTimeMs; timestamp; utc",
    "speaker": "participants[].userId by their times; fromUser.name",
    "customer": "participants[].ani",
    "channel": "mediaType; media",
    "id": "conversationId/communicationId",
}
ROLES: Mapping[str, Role] = {
    "external": "customer", "customer": "customer", "agent": "agent", "user": "agent", "acd": "bot", "ivr": "bot",
    "bot": "bot", "botflow": "bot", "voicesurveyflow": "bot", "voicemail": "bot", "fax": "bot", "workflow": "bot",
}  # fmt: skip
CHANNELS = {
    "voice": "phone", "call": "phone", "callback": "phone", "audio": "phone",
    "message": "messaging", "messages": "messaging",
}  # fmt: skip
EPOCH = 1e11
"""Milliseconds, March 1973: a time from here on is one since 1970, a smaller one is counted from the start."""


def recognise(record: Record) -> bool:
    """Whether it has transcripts with phrases, or is a recording with messages."""
    return bool(
        _with(record, "transcripts", "phrases")
        or _with(record, "messagingTranscript", "messageText", "purpose")
        or ("conversationId" in record and _with(record, "transcript", "participantPurpose", "utc"))
    )


def _with(record: Record, name: str, *keys: str) -> bool:
    """Whether the list of this name has an object with one of the keys."""
    found = record.get(name)
    items = found if isinstance(found, list) else []
    return any(isinstance(item, dict) and item.keys() & set(keys) for item in items)


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The one conversation. Raises InputError for what is wrong with it."""
    media = fields.label(record.get("mediaType") or record.get("media"), "mediaType", place)
    names = ("conversationId", "communicationId") if "transcripts" in record else ("conversationId", "id")
    ids = [fields.label(record.get(name), name, place) for name in names]
    start = _start(record, place)
    if "transcripts" in record:
        turns, customer = _spoken(record, start, place, hints)
    else:
        turns, customer = _written(record, place, hints), None
    yield fields.conversation(
        {
            "id": "/".join(one for one in ids if one),
            "channel": CHANNELS.get((media or "").lower(), media and media.lower()),
            "agent": calls.agent_of(turns),
            "customer": customer,
            "started_at": start and start.isoformat(),
        },
        turns,
        outcomes={},
        default_id=place.default_id,
        place=place,
    )


def _start(record: Record, place: Place) -> datetime | None:
    """When the communication began, else the conversation."""
    found = next(filter(None, (record.get(name) for name in ("startTime", "conversationStartTime"))), None)
    return None if isinstance(found, int | float) and found < EPOCH else fields.time(found, "startTime", place)


@dataclass(frozen=True, slots=True)
class _Member:
    """Someone or something on our side, and the milliseconds from and to which they took part."""

    role: Role
    id: str | None
    start: float
    end: float


def _spoken(record: Record, start: datetime | None, place: Place, hints: Hints) -> tuple[list[Turn], str | None]:
    """The phrases in order of time, and the customer's number or address."""
    staff, customer = [], None
    for number, one in enumerate(fields.objects(record, "participants", place), 1):
        here = place.at(f"participant {number}")
        if ROLES.get(_purpose(one, here)) == "customer":
            customer = customer or _address(one, here)
        else:
            staff.append(_member(one, start, here))
    turns: list[Turn] = []
    for number, transcript in enumerate(fields.objects(record, "transcripts", place), 1):
        there = place.at(f"transcript {number}")
        begun = _start(transcript, there) or start
        for count, phrase in enumerate(fields.objects(transcript, "phrases", there), 1):
            turns.append(_phrase(phrase, staff, begun, there.at(f"phrase {count}"), hints))
    return pages.in_order([(turn, i) for i, turn in enumerate(turns)]), customer


def _purpose(one: Record, place: Place) -> str:
    name = "purpose" if "purpose" in one else "participantPurpose"
    return (fields.label(one.get(name), name, place) or "").lower()


def _address(one: Record, place: Place) -> str | None:
    outbound = fields.label(one.get("initialDirection"), "initialDirection", place) == "outbound"
    name, other = ("dnis", "to") if outbound else ("ani", "from")
    return fields.label(one.get(name), name, place) or fields.label(one.get(other), other, place)


def _member(one: Record, begun: datetime | None, place: Place) -> _Member:
    """A user is a person, a flow is none."""
    purpose, user = _purpose(one, place), fields.label(one.get("userId"), "userId", place)
    person = bool(user) or (purpose == "internal" and not one.get("flowId"))
    role = ROLES.get(purpose) or ("agent" if person else "bot")
    start, end = (_at(one, name, begun, place) for name in ("startTimeMs", "endTimeMs"))
    return _Member(role, user, 0 if start is None else start, math.inf if end is None else end)


def _at(one: Record, name: str, begun: datetime | None, place: Place) -> float | None:
    """Milliseconds since 1970, or since the start where that is not known."""
    found = calls.number(one.get(name), name, place)
    return found if found is None or found >= EPOCH or begun is None else begun.timestamp() * 1000 + found


def _phrase(phrase: Record, staff: Sequence[_Member], begun: datetime | None, place: Place, hints: Hints) -> Turn:
    at = _at(phrase, "startTimeMs", begun, place)
    purpose = _purpose(phrase, place)
    speaker = None
    if purpose == "internal":
        role, speaker = _who(at, staff, place, hints)
    else:
        role = ROLES.get(purpose) or fields.speaker_role(purpose, place, hints)
        if role == "agent":
            speaker = _one([one for one in _present(at, staff) if one.role == "agent"])
    decorated = fields.text(phrase, "decoratedText", place)
    text = decorated if decorated.strip() else fields.text(phrase, "text", place)
    time = fields.time(at, "startTimeMs", place) if at is not None and at >= EPOCH else None
    return fields.turn(role, text, at=time, speaker=speaker, place=place)


def _who(at: float | None, staff: Sequence[_Member], place: Place, hints: Hints) -> tuple[Role, str | None]:
    """Who on our side spoke: an agent if one took part at that time, else a machine if one did."""
    if at is None and len({one.role for one in staff}) > 1:
        return fields.speaker_role("internal", place, hints), None
    present = _present(at, staff) or [one for one in staff if one.role == "bot"] or staff
    agents = [one for one in present if one.role == "agent"]
    return ("agent", _one(agents)) if agents or not staff else ("bot", None)


def _present(at: float | None, staff: Sequence[_Member]) -> list[_Member]:
    """Who took part at that time; at the very end too, where nobody took over."""
    if at is None:
        return list(staff)
    return [one for one in staff if one.start <= at < one.end] or [one for one in staff if one.start <= at <= one.end]


def _one(agents: Sequence[_Member]) -> str | None:
    """The agent's id, unless it may be any of several."""
    ids = {one.id for one in agents}
    return ids.pop() if len(ids) == 1 else None


def _written(record: Record, place: Place, hints: Hints) -> list[Turn]:
    """A recording's messages, of a messaging platform or of a chat."""
    name = "messagingTranscript" if record.get("messagingTranscript") else "transcript"
    messages = enumerate(fields.objects(record, name, place), 1)
    return pages.in_order([(_message(message, place.at(f"message {i}"), hints), i) for i, message in messages])


def _message(message: Record, place: Place, hints: Hints) -> Turn:
    time = fields.time(message.get("timestamp") or message.get("utc"), "timestamp", place)
    button = fields.text(fields.nested(message, "buttonResponse", place), "text", place)
    words = fields.text(message, "messageText", place) or fields.text(message, "body", place) or button
    kind = (fields.label(message.get("bodyType"), "bodyType", place) or "standard").lower()
    if kind != "standard":
        return fields.turn("system", words or f"[{kind}]", at=time, speaker=None, place=place)
    user = fields.nested(message, "fromUser", place) or fields.nested(message, "user", place)
    purpose = _purpose(message, place) or ("user" if user else "external" if message.get("fromExternalContact") else "")
    role = ROLES.get(purpose) or fields.speaker_role(purpose, place, hints)
    names = (fields.label(user.get(name), name, place) for name in ("displayName", "name", "id"))
    speaker = next(filter(None, names), None) if role == "agent" else None
    return fields.turn(role, words or "[attachment]", at=time, speaker=speaker, place=place)
