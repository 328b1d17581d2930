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

import json
import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from email import message_from_string, policy
from email.message import Message as MailMessage
from email.parser import HeaderParser
from email.utils import parsedate_to_datetime
from tempfile import SpooledTemporaryFile
from typing import IO, TextIO, cast

from quotequail import quote, unwrap

from coach.conversation import Conversation, Role
from coach.errors import InputError
from coach.readers import fields, markup
from coach.readers.fields import CONVERSATION_LIMIT, MESSAGE_LIMIT, Hints, Place
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

IN_MEMORY = 16_000_000
"""Bytes of messages that wait in memory; more wait in a file that no name leads to, and that ends with the process."""

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

_MARKS = {
    "class": ("gmail_signature", "gmail_signature_prefix", "moz-signature", "protonmail_signature_block"),
    "id": ("Signature", "ms-outlook-mobile-signature"),
}
_SIGNATURES = "//*[{}]".format(
    " or ".join(f"contains(concat(' ', @{kind}, ' '), ' {mark} ')" for kind, marks in _MARKS.items() for mark in marks)
)
_QUOTES = "//blockquote[@type='cite' or contains(@class, 'quote')]"
_DEVICE = re.compile(r"Sent from (?:my|Mail for|Outlook for|Yahoo Mail)\b.{0,60}|Get Outlook for .{1,60}")
_DATED = re.compile(r"\d{4}|\d[:.]\d\d|\d/\d")
_LIKELY = re.compile(r"-{3}.{5,80}-{3}|.*(?:\d{4}|\d[:.]\d\d|\d/\d).*[:>]|.{8,60}:", re.DOTALL)
_RULE = re.compile(r"(?m)^-{30,}[ \t]*$")
_COMMENTED = re.compile(r".{1,100}, .{1,40}\d[:.]\d\d.{0,20}")
_REPLY_ABOVE = re.compile(r"(?m)^##.*##[ \t]*$")
_FROM = re.compile(r"\W{0,3}(?:From|Von|De|Från|Van|От кого)\W{0,3}:")


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
    """Every message of the file; `Threads` makes conversations of them."""
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
class _Mail:
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
class _Link:
    """What ties a message to others; `matter` is its subject with its people. All but the time are hashes."""

    node: int
    references: tuple[int, ...]
    matter: int | None
    is_reply: bool
    at: float | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message without attachments and quotes, and what ties it to others."""

    mail: _Mail
    link: _Link


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
    link = _Link(
        node=hash(ids[0] if ids else part.text),
        references=tuple({hash(one) for one in references if one not in ids}),
        matter=hash((bare, frozenset(people | {sender}))) if bare else None,
        is_reply=_PREFIXES.match(subject) is not None,
        at=_stamp(date),
    )
    label, role = name if name and _is_helpdesks(message) else sender, _role(message, sender)
    to = " ".join(sorted(people))
    return Message(_Mail(path, part.line, "".join(ids), sender, name, label, to, role, date, text, fault), link)


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
    body = _body(message)
    said = _said(_newest(body) if _is_helpdesks(message) else body)
    attached = any(not _is_words(part) for part in message.walk())
    return said or ("[attachment]" if attached else _header(message, "subject"))


def _is_words(part: MailMessage) -> bool:
    known = part.get_content_type() in ("text/plain", "text/html") or part.get_content_maintype() == "multipart"
    return known and not part.get_filename() and part.get_content_disposition() != "attachment"


def _body(part: MailMessage) -> str:
    """The message's words with its history; of alternatives the plain one."""
    if not _is_words(part):
        return ""
    if not part.is_multipart():
        text = _decoded(part)
        return _of_html(text) if part.get_content_type() == "text/html" else text
    parts = list(cast(list[MailMessage], part.get_payload()))
    if part.get_content_subtype() != "alternative":
        return "\n".join(filter(None, map(_body, parts)))
    parts.sort(key=lambda one: one.get_content_type() != "text/plain")
    return next((text for text in map(_body, parts) if text.strip()), "")


def _decoded(part: MailMessage) -> str:
    """The text of a part. What is no ASCII was decoded with the file, whatever the part says of its charset."""
    payload = str(part.get_payload())
    encoding = _header(part, "content-transfer-encoding").casefold()
    encoded = payload.encode()
    if encoding == "base64":
        encoded = bytes(part.get_payload(decode=True))
    elif encoding == "quoted-printable":
        encoded = quopri.decodestring(encoded)
    charset = (payload.isascii() and part.get_content_charset()) or "utf-8"
    try:
        text = encoded.decode(charset, "windows-1252")
    except (LookupError, ValueError):
        text = encoded.decode("utf-8", "windows-1252")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _of_html(text: str) -> str:
    """The words of HTML without signatures, with a ">" where something is quoted."""
    if "<" not in text:
        return markup.words(text)
    flowing = text if "<pre" in text.casefold() else " ".join(text.split("\n"))
    document = markup.parsed(flowing)
    for signature in document.xpath(_SIGNATURES):
        signature.drop_tree()
    for quoted in document.xpath(_QUOTES):
        after = quoted.tail
        quoted.clear()
        quoted.tag, quoted.text, quoted.tail = "p", ">", after
    return markup.words_of(document)


def _said(text: str) -> str:
    """What is new in a message: without quoted lines, what an introduction puts below itself, and signatures."""
    lines, kept, size, number = text.split("\n"), list[str](), 0, 0
    while number < len(lines) and size <= MESSAGE_LIMIT and lines[number].rstrip() != "--":
        is_quoted = lines[number].lstrip().startswith(">")
        introduced = 0 if is_quoted else _introduction(lines[number : number + 12])
        if introduced:
            after = range(number + introduced, len(lines))
            if not next((lines[i] for i in after if lines[i].strip()), "").lstrip().startswith(">"):
                break
        elif not is_quoted:
            kept.append(lines[number])
        size += 0 if is_quoted else len(lines[number]) + 1
        number += introduced or 1
    if size > MESSAGE_LIMIT:
        kept += lines[number:]  # too long in any case
    while kept and (not kept[-1].strip(" _") or _DEVICE.fullmatch(kept[-1].strip())):
        kept.pop()
    return "\n".join(kept).strip()


def _newest(text: str) -> str:
    """Of a helpdesk's notice the comment it tells of: between rules, under a line with its writer and time."""
    before, *sections = _RULE.split(text)
    for section in sections:
        head, _, comment = section.strip().partition("\n")
        if _COMMENTED.fullmatch(head):
            return comment
    return _REPLY_ABOVE.sub("", before)


def _introduction(lines: Sequence[str]) -> int:
    """Of how many lines the introduction of an older message is made that begins here; 0 where none does."""
    lines = [line[:300].strip() for line in lines]
    if not lines[0].strip("_"):
        return 0
    if _FROM.match(lines[0]) and not any(map(_FROM.match, lines[1:2])):
        block = unwrap("\n".join(lines))
        return int(bool(block) and "text_top" not in block and {"from", "date", "subject"} <= block.keys())
    for size in (1, 2):
        some = "\n".join(lines[:size])
        if _LIKELY.fullmatch(some) and quote(some, quote_intro_line=True)[0] == (True, ""):
            return size if some[:2] != "On" or _DATED.search(some) else 0
    return 0


@contextmanager
def gathering() -> Iterator["Threads"]:
    """Where the messages of a run come together."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as waiting:
        yield Threads(waiting)


class Threads:
    """Puts together the messages that belong together.

    A thread's messages may stand far apart, so each waits until all have been read: in a file of bytes, one a line.
    """

    def __init__(self, waiting: IO[bytes]) -> None:
        self.waiting = waiting
        self.links: list[tuple[float, _Link, int]] = []
        self.known: set[int] = set()
        self.copies: set[int] = set()
        self.above: dict[int, int] = {}

    def add(self, message: Message) -> None:
        """One more message, unless it came before."""
        mail, link = message.mail, message.link
        copy = hash((link.node, mail.sender, mail.date))
        if copy in self.copies:
            return
        self.copies.add(copy)
        self.known.add(link.node)
        before = self.links[-1][0] if self.links else 0.0
        self.links.append((before if link.at is None else link.at, link, self.waiting.tell()))
        self.waiting.write(json.dumps(astuple(mail)).encode() + b"\n")
        for reference in link.references:
            self._join(reference, link.node)

    def conversations(self, hints: Hints) -> Iterator[tuple[Conversation, Place] | InputError]:
        """What was said in each thread, and where its first message is, or what is wrong with it."""
        for mails in self:
            try:
                yield _conversation(mails, hints)
            except InputError as error:
                yield error

    def __iter__(self) -> Iterator[list[_Mail]]:
        """Each thread's messages as they were added, up to CONVERSATION_LIMIT characters of text and one."""
        latest: dict[int, int] = {}
        for _, link, _ in sorted(self.links, key=lambda one: one[0]):
            if link.matter is not None:
                if link.is_reply and link.matter in latest and self.known.isdisjoint(link.references):
                    self._join(latest[link.matter], link.node)
                latest[link.matter] = link.node
        threads: dict[int, list[int]] = {}
        for _, link, offset in self.links:
            threads.setdefault(self._root(link.node), []).append(offset)
        for offsets in threads.values():
            yield list(self._mails(offsets))

    def _mails(self, offsets: list[int]) -> Iterator[_Mail]:
        size = 0
        for offset in offsets:
            self.waiting.seek(offset)
            mail = _Mail(*json.loads(self.waiting.readline()))
            size += len(mail.text)
            yield mail
            if size > CONVERSATION_LIMIT:
                break

    def _join(self, one: int, other: int) -> None:
        self.above[self._root(one)] = self._root(other)

    def _root(self, node: int) -> int:
        while (above := self.above.setdefault(node, node)) != node:
            self.above[node] = node = self.above[above]
        return node


def _place(mail: _Mail) -> Place:
    return Place(mail.path, mail.line)


def _conversation(mails: list[_Mail], hints: Hints) -> tuple[Conversation, Place]:
    """The thread in order of time, where all its messages tell theirs, and where its first message is."""
    if sum(len(mail.text) for mail in mails) > CONVERSATION_LIMIT:
        what = f"the thread is longer than {CONVERSATION_LIMIT:,} characters"
        raise _place(mails[0]).error(what, fix="split it, or leave it out")
    times = {mail: _time(mail.date, _place(mail)) for mail in mails}
    if None not in times.values():
        mails = sorted(mails, key=lambda mail: times[mail] or datetime.min)
    roles = _roles(mails, hints)
    turns = []
    for mail, role in zip(mails, roles, strict=True):
        if mail.fault:
            raise _place(mail).error(mail.fault, fix="export it without attachments, or leave its thread out")
        who = mail.name or mail.sender if role == "agent" else mail.name if role == "customer" else ""
        turns.append(fields.turn(role, mail.text, at=times[mail], speaker=who or None, place=_place(mail)))
    first = _place(mails[0])
    meta = {
        "id": mails[0].id,
        "channel": "email",
        "agent": fields.first_speaker(turns, "agent"),
        "customer": next((mail.sender for mail, role in zip(mails, roles, strict=True) if role == "customer"), None),
    }
    return fields.conversation(meta, turns, outcomes={}, default_id=first.default_id, place=first), first


def _roles(mails: Sequence[_Mail], hints: Hints) -> list[Role]:
    """The role of each sender: by the headers of the system's and bots', by the user, or as the only one beside agents.

    Agents are also those who are only written to. Somebody of an agent's domain may be a colleague, so of him the
    user is asked, and what an agent writes to nobody but such is internal.
    """
    known = [_known(mail, hints) for mail in mails]
    rest = {mail.sender for mail, role in zip(mails, known, strict=True) if role is None}
    agents = {mail.sender for mail, role in zip(mails, known, strict=True) if role == "agent"}
    agents |= {one for mail in mails for one in mail.to.split() if hints.roles.get(one) == "agent"}
    domains = set(map(_domain, agents))
    alone = (
        len(rest) == 1 and all(rest) and domains and "customer" not in known and domains.isdisjoint(map(_domain, rest))
    )
    roles = [role or ("customer" if alone else _asked(mail, hints)) for mail, role in zip(mails, known, strict=True)]
    customers = {_domain(mail.sender) for mail, role in zip(mails, roles, strict=True) if role == "customer"}
    return [
        "system" if role == "agent" and customers and _is_within(mail, domains - customers) else role
        for mail, role in zip(mails, roles, strict=True)
    ]


def _is_within(mail: _Mail, domains: set[str]) -> bool:
    return bool(mail.to) and domains.issuperset(map(_domain, mail.to.split()))


def _known(mail: _Mail, hints: Hints) -> Role | None:
    if mail.role in ("system", "bot"):
        return mail.role
    return hints.roles.get(mail.name) or hints.roles.get(mail.label) or mail.role


def _asked(mail: _Mail, hints: Hints) -> Role:
    if not mail.label:
        what = "the message does not say who sent it"
        raise _place(mail).error(what, fix="give it a header From, or leave its thread out")
    return fields.speaker_role(mail.label, _place(mail), hints)


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2]


def _time(date: str, place: Place) -> datetime | None:
    try:
        return fields.time(parsedate_to_datetime(date).isoformat(), "Date", place)
    except (ValueError, TypeError, IndexError, OverflowError):
        return fields.time(date, "Date", place)


def _stamp(date: str) -> float | None:
    try:
        moment = _time(date, Place(""))
    except InputError:
        return None
    return moment.timestamp() if moment else None
