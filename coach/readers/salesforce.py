"""Salesforce: conversation entries of Messaging, and the transcripts of the older Chat.

    {"records": [{"ConversationId": …, "ActorType": "Agent", "ActorName": …, "EntryType": "Text", "Message": …,
                  "EntryTime": …}]}
    {"conversationEntries": [{"sender": {"role": "EndUser", "subject": …}, "messageText": …, "clientTimestamp": …,
                              "relatedRecords": ["0Mw…"]}]}, or with entryType, entryPayload and senderDisplayName
    {"records": [{"attributes": {"type": "LiveChatTranscript"}, "Id": …, "Body": "<p>Chat Started: Monday, June 2,
                  2025, 09:15:00 (+0000)</p><p>Agent Ana R</p>( 12s ) Ana R: …<br>( 1m 4s ) Visitor: …<br>"}]}

Names are understood in any case. In a Body the agents are those whom a paragraph announces; a bot is whom "Agent
Chatbot" transferred from; the one speaker left is the customer. A supervisor whispers to agents, so is internal.
Source: "ConversationEntry" and "LiveChatTranscript" in the Salesforce object reference, "Conversation Entries" in the
Connect REST API and "Message Types" in the Messaging for In-App and Web API.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coach.conversation import JUDGED, Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields, markup
from coach.readers.fields import Hints, Place, Record

NAME = "Salesforce Messaging and Chat"
FIELDS = {
    "role": "ActorType or sender.role; Agent … in a transcript's Body",
    "text": "Message, messageText or entryPayload; Body",
    "time": "EntryTime, transcriptedTimestamp, serverReceivedTimestamp or clientTimestamp; ( 12s ) in Body",
    "speaker": "ActorName, senderDisplayName or sender.subject; the name in Body",
    "customer": "ActorId or sender.subject, else the name; ContactId, LeadId or LiveChatVisitorId, else the name",
    "id": "ConversationId or relatedRecords[]; Id",
}
ROLES = {"enduser": "customer", "chatbot": "bot", "supervisor": "system", "router": "system"}
LISTS = ("records", "conversationEntries", "conversation_entries")
TIMES = ("entrytime", "transcriptedtimestamp", "serverreceivedtimestamp", "clienttimestamp")
SECONDS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}

_SPAN = r"\([ \t\r\n]?((?:\d{1,5}[ ]?[dhms][ ]?){1,4})\)"
_LINE = re.compile(rf"(?:\A|\n|<br[ ]?/?>)[ \t]*{_SPAN}\s?([^:<>\n]{{1,200}}?):")
_PARAGRAPH = re.compile(r"(</?p\b[^<>]*>)", re.IGNORECASE)
_PLAIN_NOTE = re.compile(r"(?m)^(?:Chat Started: |Chat Origin: |Chat Transferred From |Agent Chatbot ).*$")
_DEED = re.compile(r" (?:successfully |failed to |transferred |accepted |declined |joined|left|ended)")


def recognise(record: Record) -> bool:
    """Whether it is a transcript or an entry, or a page of them."""
    rows = _rows(record)
    if rows is None:
        return _is_transcript(record) or _is_entry(record)
    empty = not rows and ("conversationEntries" in record or {"totalSize", "done"} <= _page(record).keys())
    return empty or any(_is_transcript(row) or _is_entry(row) for row in rows)


def _page(record: Record) -> Record:
    """The page itself, which the command line tool puts under "result"."""
    result = record.get("result")
    return result if isinstance(result, dict) else record


def _rows(record: Record) -> list[object] | None:
    page = _page(record)
    return next((page[name] for name in LISTS if isinstance(page.get(name), list)), None)


def _is_entry(row: object) -> bool:
    names = _flat(row).keys()
    by_actor = "actortype" in names and not names.isdisjoint(("message", "entrytype"))
    return by_actor or ("sender" in names and not names.isdisjoint(("messagetext", "entrypayload")))


def _is_transcript(row: object) -> bool:
    flat = _flat(row)
    body, attributes = flat.get("body"), flat.get("attributes")
    if isinstance(attributes, dict) and attributes.get("type") == "LiveChatTranscript":
        return "body" in flat
    return isinstance(body, str) and (">Chat Started: " in body or _LINE.search(_as_paragraphs(body)) is not None)


def _flat(row: object) -> Record:
    """Its values by their names without case and underscores."""
    if not isinstance(row, dict):
        return {}
    return {str(name).replace("_", "").casefold(): value for name, value in row.items()}


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """Every transcript, and the entries of each session, or what is wrong with them."""
    rows = _rows(record)
    if rows is None and not _is_transcript(record):
        what = "one entry alone is no conversation"
        raise place.error(what, fix='give a conversation\'s entries together, as {"records": […]}')
    sessions: dict[str, list[_Entry]] = {}
    for number, row in enumerate([record] if rows is None else rows, 1):
        here = place if rows is None else place.at(f"entry {number}")
        try:
            if _is_transcript(row):
                yield _transcript(_flat(row), here, hints)
            else:
                sessions.setdefault(_session(row, here), []).append(_Entry(_flat(row), here))
        except InputError as error:
            yield error
    if len(sessions) == 2 and "" in sessions:
        sessions = {max(sessions): [entry for entries in sessions.values() for entry in entries]}
    for session, entries in sessions.items():
        try:
            yield _conversation(session, entries, place, hints)
        except InputError as error:
            yield error


@dataclass(frozen=True, slots=True)
class _Entry:
    row: Record
    place: Place


def _session(row: object, place: Place) -> str:
    """The session or call that an entry belongs to; empty where it does not say."""
    if not isinstance(row, dict):
        raise place.error(f"it is {fields.shown(row)}, not an object", fix="export it again, or mend it")
    flat = _flat(row)
    related = flat.get("relatedrecords")
    first = related[0] if isinstance(related, list) and related else None
    return fields.label(flat.get("conversationid") or first, "ConversationId", place) or ""


def _conversation(session: str, entries: Sequence[_Entry], place: Place, hints: Hints) -> Conversation:
    said = [_entry(entry.row, entry.place, hints) for entry in _ordered(entries)]
    turns = [turn for turn, _ in said]
    spoken = [turn.text.strip() for turn in turns if turn.role != "system"]
    if spoken and not any(spoken):
        raise place.error(
            f"the messages of conversation {fields.shown(session)} are empty, as those of enhanced channels are here",
            fix="export it by the Conversation Data API or the Connect REST API",
        )
    return fields.conversation(
        {
            "id": session,
            "channel": "phone" if session.startswith("0LQ") else "messaging",
            "agent": fields.first_speaker(turns, "agent"),
            "customer": next((own for turn, own in said if turn.role == "customer"), None),
        },
        turns,
        outcomes={},
        default_id=place.default_id,
        place=place,
    )


def _ordered(entries: Sequence[_Entry]) -> list[_Entry]:
    """By time, milliseconds and number, if all have a time."""
    timed = [(at, entry) for entry in entries if (at := _time(entry.row, entry.place))]
    if len(timed) < len(entries):
        return list(entries)
    timed.sort(key=lambda one: (one[0], _number(one[1].row.get("entrytimemillisecs")), _number(one[1].row.get("seq"))))
    return [entry for _, entry in timed]


def _number(value: object) -> float:
    digits = str(value)
    return float(digits) if re.fullmatch(r"\d{1,18}(\.0)?", digits, re.ASCII) else 0.0


def _time(row: Record, place: Place) -> datetime | None:
    return next((at for name in TIMES if (at := fields.time(row.get(name), name, place))), None)


def _entry(row: Record, place: Place, hints: Hints) -> tuple[Turn, str | None]:
    """The turn, and the id of who wrote it, else the name."""
    payload, sender = _object(row, "entrypayload", place), _object(row, "sender", place)
    kind = fields.text(row, "entrytype", place) or fields.text(payload, "entryType", place)
    text = fields.text(row, "messagetext", place) or fields.text(row, "message", place)
    word = row.get("actortype") or sender.get("role")
    name = fields.label(row.get("actorname") or row.get("senderdisplayname"), "the speaker's name", place)
    own = fields.label(row.get("actorid") or sender.get("subject"), "the speaker's id", place)
    role: Role = "system"
    if str(row.get("isdeleted")).casefold() == "true":
        text = "[deleted]"
    elif kind.casefold() not in ("", "text", "message"):
        text = text or f"[{kind}]"
    else:
        role = fields.role(ROLES.get(word.casefold(), word) if isinstance(word, str) else word, place, hints)
        attached = str(row.get("hasattachments")).casefold() == "true"
        text = text or _payload_text(payload, place) or ("[attachment]" if attached else "")
    at = _time(row, place)
    speaker = {"agent": name or own, "customer": name}.get(role)
    return fields.turn(role, text, at=at, speaker=speaker, place=place), own or name


def _object(row: Record, name: str, place: Place) -> Record:
    """The object of this name, which may be written as a text."""
    value = row.get(name)
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise place.error(f"{name} is broken JSON", fix="export it again, or mend it") from None
    return fields.nested({name: value or None}, name, place)


def _payload_text(payload: Record, place: Place) -> str:
    """What a message of In-App and Web says: its text, or what was chosen, or what it is in brackets."""
    message = fields.nested(payload, "abstractMessage", place)
    static, choices = fields.nested(message, "staticContent", place), fields.nested(message, "choices", place)
    chosen = fields.nested(message, "choicesResponse", place)
    options = [fields.nested(option, "titleItem", place) for option in fields.objects(chosen, "selectedOptions", place)]
    picked = "\n".join(fields.text(option, "title", place) for option in options)
    kind = fields.text(message, "messageType", place)
    silent = "[attachment]" if static else f"[{kind}]" if kind else ""
    return fields.text(static, "text", place) or fields.text(choices, "text", place) or picked or silent


def _transcript(row: Record, place: Place, hints: Hints) -> Conversation:
    lines = list(_lines(fields.text(row, "body", place), place))
    start = fields.time(row.get("starttime") or row.get("requesttime"), "StartTime", place)
    start = start or next((at for line in lines if (at := _started(line, place))), None)
    contact = _related(row, "contact", "Name", place) or _related(row, "lead", "Name", place)
    roles = _roles(lines, contact, place, hints)
    customer = next((label for label in roles if roles[label] == "customer" and not fields.role_of(label)), contact)
    known = _related(row, "contact", "Id", place) or _related(row, "lead", "Id", place) or row.get("livechatvisitorid")
    names = {"agent": _related(row, "owner", "Name", place), "customer": customer}
    turns = _turns(lines, roles, start, names, place)
    return fields.conversation(
        {
            "id": row.get("id") or row.get("name"),
            "channel": "chat",
            "agent": fields.first_speaker(turns, "agent"),
            "customer": known or customer,
            "started_at": start.isoformat() if start else None,
            "ended_at": row.get("endtime"),
        },
        turns,
        outcomes={},
        default_id=place.default_id,
        place=place,
    )


def _related(row: Record, relation: str, name: str, place: Place) -> str | None:
    """A field of a related record, which stands in it, or beside the others as "Contact.Name" or "ContactId"."""
    related = fields.nested(row, relation, place) if not isinstance(row.get(relation), str) else {}
    beside = row.get(f"{relation}.{name.casefold()}") or row.get(f"{relation}{name.casefold()}")
    return fields.label(related.get(name) or beside, name, place)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a Body; a note, between paragraph tags, has no label."""

    text: str
    label: str = ""
    seconds: int = 0


def _as_paragraphs(body: str) -> str:
    """The notes in paragraphs, as they stand in a Body from which no tags were taken."""
    return body if _PARAGRAPH.search(body) else _PLAIN_NOTE.sub(r"<p>\g<0></p>", body)


def _lines(body: str, place: Place) -> Iterator[_Line]:
    inside = False
    for i, piece in enumerate(_PARAGRAPH.split(_as_paragraphs(body))):
        if i % 2:
            inside = not piece.startswith("</")
            continue
        before, *rest = [piece] if inside else _LINE.split(piece)
        yield from (_Line(note) for note in markup.words(before).split("\n") if note)
        for span, label, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
            seconds = sum(int(count) * SECONDS[unit] for count, unit in re.findall(r"(\d+) ?([dhms])", span))
            yield _Line(markup.words(text), markup.words(label) or "?", seconds)


def _announced(line: _Line) -> str | None:
    """The agent whom a note names: "Agent Ana R", "Chat Transferred From Bo To Ana R"."""
    if line.label:
        return None
    if found := re.fullmatch(r"Chat Transferred From .+? To (.+)", line.text):
        return found[1]
    if line.text.startswith("Agent ") and not line.text.startswith("Agent Chatbot"):
        return _DEED.split(line.text.removeprefix("Agent "))[0]
    return None


def _roles(lines: Sequence[_Line], contact: str | None, place: Place, hints: Hints) -> dict[str, Role]:
    known: dict[str, Role] = {"Chatbot": "bot"}
    if contact:
        known[contact] = "customer"
    by_bot = False
    for line in lines:
        if name := _announced(line):
            known.setdefault(name, "agent")
        by_bot = by_bot or (not line.label and line.text.startswith("Agent Chatbot"))
        found = None if line.label else re.fullmatch(r"Chat Transferred From (.+?) To .+", line.text)
        if by_bot and found:
            known[found[1]], by_bot = "bot", False
    labels = list(dict.fromkeys(line.label for line in lines if line.label))
    roles: dict[str, Role] = {}
    for label in labels:
        if role := hints.roles.get(label) or known.get(label) or fields.role_of(label):
            roles[label] = role
    rest = [label for label in labels if label not in roles]
    if len(rest) == 1 and "agent" in roles.values() and "customer" not in roles.values():
        return {**roles, rest[0]: "customer"}
    return {**roles, **{label: fields.speaker_role(label, place, hints) for label in rest}}


def _turns(
    lines: Sequence[_Line],
    roles: Mapping[str, Role],
    start: datetime | None,
    names: Mapping[str, str | None],
    place: Place,
) -> list[Turn]:
    """An agent who speaks under another name, such as the firm's, goes by the name last announced.

    `names` are those of the agent and the customer who speak under a word for their role.
    """
    known = {name for line in lines if (name := _announced(line))}
    announced, turns = None, list[Turn]()
    for number, line in enumerate(lines, 1):
        here = place.at(f"line {number}")
        announced, start = _announced(line) or announced, _started(line, here) or start
        role = roles[line.label] if line.label else "system"
        name = names.get(role) if fields.role_of(line.label) else line.label
        if role == "agent" and line.label not in known:
            name = announced or name
        at = start + timedelta(seconds=line.seconds) if start and line.label else None
        turns.append(fields.turn(role, line.text, at=at, speaker=name if role in JUDGED else None, place=here))
    return turns


def _started(line: _Line, place: Place) -> datetime | None:
    """When the chat began, by a note in English such as "Chat Started: Monday, June 2, 2025, 09:15:00 (+0000)"."""
    if line.label or not line.text.startswith("Chat Started: "):
        return None
    try:
        moment = datetime.strptime(line.text.partition(", ")[2], "%B %d, %Y, %H:%M:%S (%z)")
    except ValueError:
        return None
    return fields.time(moment.isoformat(), "Chat Started", place)
