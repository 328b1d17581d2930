"""Google CCAI Insights: a conversation as it was uploaded, and as the interface gives it.

    {"entries": [{"start_timestamp_usec": 1675230581000000, "text": …, "role": "AGENT", "user_id": 2}]}

    {"name": "projects/…/conversations/c1", "startTime": …, "duration": "32.5s", "medium": "PHONE_CALL", "agentId": …,
     "callMetadata": {"customerChannel": 1, "agentChannel": 2}, "transcript": {"transcriptSegments": [
         {"text": …, "messageTime": …, "channelTag": 1, "words": [{"startOffset": "1.200s"}],
          "segmentParticipant": {"role": "END_USER", "userId": …}}]}}

The latter comes alone or in a page's "conversations", with names in either case and roles as words or numbers.

Source: "Conversation data format" in the documentation of Conversational Insights, and the Conversation resource of
google.cloud.contactcenterinsights.v1.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import calls, fields, pages
from coach.readers.fields import Hints, Place, Record

NAME = "Google CCAI Insights"
FIELDS = {
    "role": "entries[].role; transcriptSegments[].segmentParticipant.role, else channelTag with callMetadata",
    "text": "entries[].text; transcriptSegments[].text",
    "time": "entries[].start_timestamp_usec; messageTime, else startTime and words[].startOffset",
    "speaker": "entries[].user_id; segmentParticipant.userId with qualityMetadata.agentInfo, agentId",
    "customer": "entries[].user_id; customerId",
    "channel": "medium",
    "id": "conversation_id or name, else the file's name",
}
ROLES: Mapping[str, Role] = {
    "END_USER": "customer", "CUSTOMER": "customer", "3": "customer", "AGENT": "agent", "HUMAN_AGENT": "agent",
    "1": "agent", "AUTOMATED_AGENT": "bot", "2": "bot",
}  # fmt: skip
UNSPECIFIED = ("ROLE_UNSPECIFIED", "0")
CHANNELS = {"PHONE_CALL": "phone", "1": "phone", "CHAT": "chat", "2": "chat"}
EPOCH = 1e14
"""Microseconds, March 1973: a time from here on is one since 1970, a smaller one is counted from the start."""


def recognise(record: Record) -> bool:
    """Whether it has entries, or a transcript of segments, or conversations with such."""
    entries, page = record.get("entries"), record.get("conversations")
    if isinstance(entries, list):
        return any(isinstance(entry, dict) and entry.keys() & {"start_timestamp_usec", "user_id"} for entry in entries)
    if isinstance(page, list):
        return any(isinstance(one, dict) and _is_resource(one) for one in page)
    return _is_resource(record)


def _is_resource(record: Record) -> bool:
    transcript = record.get("transcript")
    return isinstance(transcript, dict) and "transcriptSegments" in _camel(transcript)


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The conversation or the page's; the faults of a page's single conversations in their place."""
    if isinstance(record.get("entries"), list):
        yield _uploaded(record, place, hints)
    elif isinstance(record.get("conversations"), list):
        yield from pages.each(record["conversations"], place, lambda one, here: _resource(one, here, hints))
    else:
        yield _resource(record, place, hints)


def _uploaded(record: Record, place: Place, hints: Hints) -> Conversation:
    entries = fields.objects(record, "entries", place)
    turns = [_entry(entry, place.at(f"entry {number}"), hints) for number, entry in enumerate(entries, 1)]
    return fields.conversation(
        {
            "id": record.get("conversation_id"),
            "agent": calls.agent_of(turns),
            "customer": fields.first_speaker(turns, "customer"),
        },
        turns,
        outcomes={},
        default_id=place.default_id,
        place=place,
    )


def _entry(entry: Record, place: Place, hints: Hints) -> Turn:
    word, user = fields.label(entry.get("role"), "role", place), fields.label(entry.get("user_id"), "user_id", place)
    role = ROLES.get(word or "") or fields.role(word, place, hints)
    micros = calls.number(entry.get("start_timestamp_usec"), "start_timestamp_usec", place)
    return fields.turn(
        role,
        fields.text(entry, "text", place),
        at=fields.time(micros, "start_timestamp_usec", place) if micros and micros >= EPOCH else None,
        speaker=user,
        place=place,
    )


def _camel(record: Record) -> Record:
    """The object with its own names as the interface writes them, where a library wrote start_time for startTime."""
    return {re.sub(r"_(\w)", lambda found: found[1].upper(), name): value for name, value in record.items()}


def _resource(given: Record, place: Place, hints: Hints) -> Conversation:
    record = _camel(given)
    start = fields.time(record.get("startTime"), "startTime", place)
    medium = fields.label(record.get("medium"), "medium", place)
    transcript = _camel(fields.nested(record, "transcript", place))
    channels = _camel(fields.nested(record, "callMetadata", place))
    turns = [
        _segment(_camel(one), start, channels, place.at(f"segment {number}"), hints)
        for number, one in enumerate(fields.objects(transcript, "transcriptSegments", place), 1)
    ]
    turns = _named(turns, _agents(record, place))
    end = calls.after(start, _seconds(record.get("duration"), "duration", place), "duration", place)
    return fields.conversation(
        {
            "id": fields.text(record, "name", place).rpartition("/")[2],
            "channel": CHANNELS.get(medium or "", medium),
            "agent": calls.agent_of(turns),
            "customer": record.get("customerId") or fields.first_speaker(turns, "customer"),
            "started_at": record.get("startTime"),
            "ended_at": end and end.isoformat(),
        },
        turns,
        outcomes={},
        default_id=place.default_id,
        place=place,
    )


def _segment(segment: Record, start: datetime | None, channels: Record, place: Place, hints: Hints) -> Turn:
    who = _camel(fields.nested(segment, "segmentParticipant", place))
    names = ("userId", "dialogflowParticipantName", "dialogflowParticipant", "obfuscatedExternalUserId")
    ids = (fields.label(who.get(name), name, place) for name in names)
    user = (next(filter(None, ids), None) or "").rpartition("/")[2]
    words = fields.objects(segment, "words", place)
    offset = _seconds(_camel(words[0]).get("startOffset"), "startOffset", place) if words else None
    return fields.turn(
        _role(fields.label(who.get("role"), "role", place), user, segment, channels, place, hints),
        fields.text(segment, "text", place),
        at=fields.time(segment.get("messageTime"), "messageTime", place)
        or calls.after(start, offset, "startOffset", place),
        speaker=user or None,
        place=place,
    )


def _role(word: str | None, user: str, segment: Record, channels: Record, place: Place, hints: Hints) -> Role:
    """The participant's role, else that of the channel; ANY_AGENT may be a person or a machine."""
    if word and word not in UNSPECIFIED:
        return ROLES.get(word) or fields.speaker_role("ANY_AGENT" if word == "4" else word, place, hints)
    tag, customer, agent = (
        fields.label(one.get(name), name, place)
        for one, name in ((segment, "channelTag"), (channels, "customerChannel"), (channels, "agentChannel"))
    )
    if tag and customer != agent and tag in (customer, agent):
        return "customer" if tag == customer else "agent"
    return fields.speaker_role(user or f"channel {tag or 0}", place, hints)


def _seconds(value: object, name: str, place: Place) -> float | None:
    """A duration such as "32.5s"."""
    return calls.number(value.removesuffix("s") if isinstance(value, str) else value, name, place)


def _agents(record: Record, place: Place) -> dict[str, str]:
    """The agents' names by their ids; an agent without a name has the id for it."""
    quality = _camel(fields.nested(record, "qualityMetadata", place))
    found = {}
    for one in map(_camel, fields.objects(quality, "agentInfo", place)):
        names = [fields.label(one.get(name), name, place) for name in ("agentId", "displayName")]
        if any(names):
            found[names[0] or names[1] or ""] = names[1] or names[0] or ""
    agent = fields.label(record.get("agentId"), "agentId", place)
    return {agent: agent, **found} if agent else found


def _named(turns: Sequence[Turn], agents: Mapping[str, str]) -> list[Turn]:
    """With the agents' names instead of ids; where one agent spoke and one is known, it is that one."""
    spoke = {turn.speaker for turn in turns if turn.role == "agent"}
    only = next(iter(agents.values())) if len(agents) == len(spoke) == 1 else None
    return [
        replace(turn, speaker=only or agents.get(turn.speaker or "", turn.speaker)) if turn.role == "agent" else turn
        for turn in turns
    ]
