"""E-mail: mailboxes (mbox), or messages with their headers, one a file (.eml, Maildir); a thread is a conversation.

    From mia@home.example Tue Sep  1 10:15:00 2026
    From: Mia Kent <mia@home.example>
    To: support@shop.example
    Subject: My lamp
    Date: Tue, 1 Sep 2026 10:15:00 +0000
    Message-ID: <1@home.example>

    My lamp broke.

A thread is what References and In-Reply-To tie together, whatever files of a run it is in; a reply to nothing that is
there belongs to the message before it of the same subject and people. The sender's role is the user's to give, by
address or name. Quoted history and signatures are left out. Drafts and bounces are the system's, automatic messages a
bot's. A helpdesk marks what its agents write as automatic too, and sends it from one address: of these the user is
asked by name.

Sources: RFC 5322 "Internet Message Format", RFC 4155 "The application/mbox Media Type", RFC 3834 "Recommendations
for Automatic Responses to Electronic Mail", "X-OTRS-Headers" of OTRS, "Email header manipulation" of Zammad, "Using
the authenticated SMTP connector" of Zendesk, and mails of its customers.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string, policy
from email.message import Message as MailMessage
from email.parser import HeaderParser
from email.utils import parsedate_to_datetime
from typing import TextIO

from coach.conversation import Role
from coach.errors import InputError
from coach.readers import fields, mail_words
from coach.readers.fields import CONVERSATION_LIMIT, Hints, Place
from coach.readers.stream import bounded_lines

NAME = "E-mail"
FIELDS = {
    "role": "--roles by From, the address in small letters or the name; the one who writes to agents is the customer",
    "text": "text/plain, else text/html, without quoted history and signature",
    "time": "Date",
    "speaker": "From, name else address",
    "customer": "From, address",
    "id": "Message-ID of the first message",
}
ENCODED_LIMIT = 2_000_000
"""Characters of base64 that are held at a stretch; no text is as long, and attachments are not read."""

HEADER_LIMIT = 4_000
"""Characters of a header that are read."""

_SEPARATOR = re.compile(r"From \S.*\d:\d\d")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}\s*")
_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:")
_PREFIXES = re.compile(
    r"(?:\s*(?:re|aw|sv|vs|antw|fw|fwd|wg|automatic reply|out of office|undeliverable)(?:\[\d+\])?:)+", re.IGNORECASE
)
_ADDRESS = re.compile(r"[^\s<>,;:\"@]{1,64}@[^\s<>,;:\"@]{1,255}")
_ID = re.compile(r"<([^<>\s]{1,500})>")

_BOUNCERS = ("mailer-daemon", "postmaster")
_AUTOMATIC = ("x-autoreply", "x-autorespond", "x-autoresponder")
_HELPDESKS = {"x-mailer": "zendesk", "x-jira-fingerprint": ""}
"""Headers of helpdesks that send their agents' words as automatic messages, with a part of the value."""
_SENDER_TYPES = ("x-otrs-sendertype", "x-zammad-article-sender")


def recognise(sample: str) -> bool:
    """Whether it begins with a message's headers, or with "From " and then these."""
    lines = re.split(r"\r\n|\r|\n", sample.lstrip("\ufeff \t\r\n"))
    names = set()
    for line in lines[1:] if lines[0].startswith("From ") else lines:
        field = _FIELD.match(line)
        if field:
            names.add(field[1].casefold())
        elif not line.strip():
            break
        elif not names or line[0] not in " \t":
            return False
    dated = "date" in names and not names.isdisjoint(("to", "subject"))
    return "from" in names and (dated or not names.isdisjoint(("message-id", "mime-version", "received")))


def read(lines: TextIO, *, name: str, hints: Hints) -> Iterator["Message"]:
    """Every message of the file; `mail_threads` makes conversations of them."""
    for part in _split(bounded_lines(lines, Place(name))):
        yield _parsed(part, name)


@dataclass(frozen=True, slots=True)
class _Part:
    """A message as it stands; `line` is where it begins, None where it is the whole file."""

    line: int | None
    text: str
    is_whole: bool


def _split(lines: Iterable[str]) -> Iterator[_Part]:
    """The file's messages, each up to CONVERSATION_LIMIT characters, without the rest of long attachments.

    One begins after a "From " line that holds a time and has a header's field after it.
    """
    start, held, size, encoded, separator = None, list[str](), 0, 0, ""
    for number, line in enumerate(lines, 1):
        if separator and _FIELD.match(line):
            yield from _part(start, held, size)
            start, held, size, encoded, separator = number - 1, [], 0, 0, ""
        known, separator = (separator, line) if _SEPARATOR.match(line) else (separator + line, "")
        encoded = encoded + len(known) if _BASE64.fullmatch(known) else 0
        size += len(known) if encoded <= ENCODED_LIMIT else 0
        if size <= CONVERSATION_LIMIT and encoded <= ENCODED_LIMIT:
            held.append(known)
    yield from _part(start, [*held, separator], size)


def _part(start: int | None, held: list[str], size: int) -> Iterator[_Part]:
    """The message, unless there is none; mailboxes put a ">" before lines that would begin another."""
    text = fields.clean("".join(held)).lstrip()
    if text:
        yield _Part(
            start, text if start is None else re.sub("(?m)^>(>*From )", r"\1", text), size <= CONVERSATION_LIMIT
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """What a turn needs of a message; `sender` is the address in small letters, else the name.

    `label` is what the user knows the sender by: the same, or the name where a helpdesk has one address for all. `to`
    are addresses with spaces between.
    """

    path: str
    line: int | None
    id: str
    sender: str
    name: str
    label: str
    to: str
    role: Role | None
    date: str
    text: str
    fault: str


@dataclass(frozen=True, slots=True)
class Link:
    """What ties a message to others; `matter` is its subject with its people. All but the time are hashes."""

    node: int
    references: tuple[int, ...]
    matter: int | None
    is_reply: bool
    at: float | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message without attachments and quotes, and what ties it to others."""

    mail: Mail
    link: Link


def _parsed(part: _Part, path: str) -> Message:
    fault = "" if part.is_whole else f"the message is longer than {CONVERSATION_LIMIT:,} characters"
    try:
        message = message_from_string(part.text)
        text = _text(message)
    except Exception as error:  # the library and the parser of HTML stumble over some broken mails
        message = HeaderParser().parsestr(part.text)
        text, fault = "", fault or f"the message cannot be read: {type(error).__name__}"
    name, sender = _sender(message)
    date, subject = (_header(message, one) for one in ("date", "subject"))
    ids = [own[1] for own in _ID.finditer(_header(message, "message-id"))][:1]
    references = _ID.findall(f"{_header(message, 'references')} {_header(message, 'in-reply-to')}")
    people = {found.casefold() for one in ("to", "cc") for found in _ADDRESS.findall(_header(message, one))}
    bare = " ".join(_PREFIXES.sub("", subject, count=1).casefold().split())
    link = Link(
        node=hash(ids[0] if ids else part.text),
        references=tuple({hash(one) for one in references if one not in ids}),
        matter=hash((bare, frozenset(people | {sender}))) if bare else None,
        is_reply=_PREFIXES.match(subject) is not None,
        at=_stamp(date),
    )
    label, role = name if name and _is_helpdesks(message) else sender, _role(message, sender)
    to = " ".join(sorted(people))
    return Message(Mail(path, part.line, "".join(ids), sender, name, label, to, role, date, text, fault), link)


def _header(message: MailMessage, name: str) -> str:
    """The first header of this name, decoded where the library can."""
    return fields.label(_value(message, name, name), name, Place("")) or ""


def _value(message: MailMessage, name: str, kind: str) -> str:
    """The header read as one of this kind, which may tell more; as it stands where the library stumbles over it.

    The library is slow, and quadratic, so it reads neither more than it must nor more than HEADER_LIMIT.
    """
    raw = next((str(value) for key, value in message.raw_items() if key.casefold() == name), "")[:HEADER_LIMIT]
    if kind != "from" and "=?" not in raw:
        return "".join(raw.splitlines())
    try:
        return raw and policy.default.header_fetch_parse(kind, raw)
    except Exception:
        return raw


def _sender(message: MailMessage) -> tuple[str, str]:
    """Name and address; mailing lists that put their own in From keep the sender's in X-Original-From."""
    header = _value(message, "x-original-from", "from") or _value(message, "from", "from")
    for found in getattr(header, "addresses", ()):
        if found.domain:
            return fields.label(found.display_name, "From", Place("")) or "", fields.clean(found.addr_spec.casefold())
    address = _ADDRESS.search(header)
    return "", fields.label(address[0].casefold() if address else header.strip(' "<>'), "From", Place("")) or ""


def _role(message: MailMessage, sender: str) -> Role | None:
    """What the headers say of who sent it."""
    labels = _header(message, "x-gmail-labels").split(",")
    is_draft = "Draft" in labels or "Drafts" in labels
    is_report = _header(message, "content-type").casefold().startswith("multipart/report")
    if is_draft or is_report or sender.partition("@")[0] in _BOUNCERS:
        return "system"
    submitted = _header(message, "auto-submitted").casefold()
    if submitted.startswith("auto-replied") or any(_header(message, one) for one in _AUTOMATIC):
        return "bot"
    bulk = _header(message, "precedence").casefold() in ("bulk", "junk", "auto_reply")
    if (bulk or (submitted and not submitted.startswith("no"))) and not _is_helpdesks(message):
        return "bot"
    return next(filter(None, (fields.role_of(_header(message, one)) for one in _SENDER_TYPES)), None)


def _is_helpdesks(message: MailMessage) -> bool:
    return any(name in message and part in _header(message, name).casefold() for name, part in _HELPDESKS.items())


def _text(message: MailMessage) -> str:
    """What the sender wrote; where nothing is left of it, that there is an attachment, or the subject."""
    said = mail_words.said(message, is_notice=_is_helpdesks(message))
    return said or ("[attachment]" if mail_words.has_more(message) else _header(message, "subject"))


def time(date: str, place: Place) -> datetime | None:
    try:
        return fields.time(parsedate_to_datetime(date).isoformat(), "Date", place)
    except (ValueError, TypeError, IndexError, OverflowError):
        return fields.time(date, "Date", place)


def _stamp(date: str) -> float | None:
    try:
        moment = time(date, Place(""))
    except InputError:
        return None
    return moment.timestamp() if moment else None
