"""Amazon Connect: the transcripts of chats and calls, as Contact Lens, the chat store and the real-time API give them.

    {"Channel": "CHAT", "CustomerMetadata": {"ContactId": …},
     "Participants": [{"ParticipantId": …, "ParticipantRole": "AGENT", "DisplayName": …}],
     "Transcript": [{"Type": "MESSAGE", "AbsoluteTime": …, "ParticipantId": …, "Content": …}]}

A call's turns have BeginOffsetMillis instead of a time, and the recording's name tells the minute it began. The
real-time API has "Segments": [{"Transcript": {…}}, {"Event": {…}}, {"Attachments": {…}}] instead of a transcript.

Source: "Example Contact Lens output files" for a call and a chat, in the Amazon Connect administrator guide; Item
(GetTranscript) and RealtimeContactAnalysisSegment in its API reference.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import calls, fields, pages
from coach.readers.fields import Hints, Place, Record

NAME = "Amazon Connect Contact Lens"
FIELDS = {
    "role": "Transcript[].ParticipantRole, else Participants[].ParticipantRole",
    "text": "Transcript[].Content",
    "time": "Transcript[].AbsoluteTime; BeginOffsetMillis after the recording's start",
    "speaker": "DisplayName, else ParticipantId",
    "channel": "Channel",
    "id": "CustomerMetadata.ContactId",
}
ROLES: Mapping[str, Role] = {
    "AGENT": "agent",
    "SUPERVISOR": "agent",
    "CUSTOMER": "customer",
    "CUSTOM_BOT": "bot",
    "SYSTEM": "system",
}
CHANNELS = {"VOICE": "phone", "CHAT": "chat", "EMAIL": "email"}
KINDS = {"Transcript": "MESSAGE", "Event": "EVENT", "Attachments": "ATTACHMENT"}

_REDACTED = re.compile(r"\[[A-Z_]+\]")
_RECORDED = re.compile(r"_(\d{8}T\d\d:\d\d)_UTC\.\w+$")
People = Mapping[str, Record]


def recognise(record: Record) -> bool:
    """Whether it has a transcript or segments whose items name their participants."""
    items = record.get("Transcript")
    if not isinstance(items, list):
        segments = record.get("Segments")
        found = segments if isinstance(segments, list) else []
        items = [segment.get(kind) for segment in found if isinstance(segment, dict) for kind in KINDS]
    return any(isinstance(item, dict) and item.keys() & {"ParticipantId", "ParticipantRole"} for item in items)


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The one conversation. Raises InputError for what is wrong with it."""
    known = fields.nested(record, "CustomerMetadata", place)
    people = {
        id: one
        for one in fields.objects(record, "Participants", place)
        if (id := fields.label(one.get("ParticipantId"), "ParticipantId", place))
    }
    start = _start(fields.text(known, "InputS3Uri", place))
    items = enumerate(_items(record, place), 1)
    turns = pages.in_order([(_turn(item, people, start, place.at(f"item {i}"), hints), i) for i, item in items])
    channel = fields.label(record.get("Channel"), "Channel", place)
    yield fields.conversation(
        {
            "id": known.get("ContactId") or record.get("ContactId") or record.get("InitialContactId"),
            "channel": CHANNELS.get(channel or "", channel),
            "agent": calls.agent_of(turns),
            "customer": fields.first_speaker(turns, "customer"),
        },
        turns,
        outcomes={},
        default_id=place.default_id,
        place=place,
    )


def _start(recording: str) -> datetime | None:
    """When the recording began, to the minute, from its name; None when the name has no time."""
    found = _RECORDED.search(recording)
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H:%M").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def _items(record: Record, place: Place) -> list[Record]:
    """The transcript's items; segments become such items."""
    if "Transcript" in record:
        return fields.objects(record, "Transcript", place)
    return [
        {"Type": KINDS[kind], **fields.nested(segment, kind, place)}
        for segment in fields.objects(record, "Segments", place)
        for kind in KINDS
        if segment.get(kind) is not None
    ]


def _turn(item: Record, people: People, start: datetime | None, place: Place, hints: Hints) -> Turn:
    kind = fields.label(item.get("Type"), "Type", place) or "MESSAGE"
    at = fields.nested(item, "Time", place).get("AbsoluteTime") or item.get("AbsoluteTime")
    offset = calls.number(item.get("BeginOffsetMillis"), "BeginOffsetMillis", place)
    time = fields.time(at, "AbsoluteTime", place) or calls.after(
        start, None if offset is None else offset / 1000, "BeginOffsetMillis", place
    )
    if kind not in KINDS.values() or kind == "EVENT":
        event = fields.text(item, "ContentType", place) or fields.text(item, "EventType", place) or kind
        text = fields.text(item, "Content", place) or f"[{event.rpartition('.event.')[2]}]"
        return fields.turn("system", text, at=time, speaker=None, place=place)
    own = fields.label(item.get("ParticipantId"), "ParticipantId", place) or ""
    person = people.get(own, {})
    role = _role(item, person, own, place, hints)
    text = fields.text(item, "Content", place) or ("[attachment]" if kind == "ATTACHMENT" else "")
    return fields.turn(role, text, at=time, speaker=_speaker(item, person, own, role, place), place=place)


def _role(item: Record, person: Record, own: str, place: Place, hints: Hints) -> Role:
    roles = (fields.label(one.get("ParticipantRole"), "ParticipantRole", place) for one in (item, person))
    word = next(filter(None, roles), own)
    if not word:
        raise place.error("it has neither ParticipantRole nor ParticipantId", fix="export it again, or mend it")
    return ROLES.get(word) or fields.speaker_role(word, place, hints)


def _speaker(item: Record, person: Record, own: str, role: Role, place: Place) -> str | None:
    """The participant's name, unless it was redacted; else the id, which in a call may be but the role's word."""
    if role == "system":
        return None
    names = (fields.label(one.get("DisplayName"), "DisplayName", place) for one in (item, person))
    name = next((name for name in names if name and not _REDACTED.fullmatch(name)), own)
    return name if name and name not in ROLES else None
