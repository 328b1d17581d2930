"""What the sender of an e-mail wrote: its words without attachments, quoted history and signatures."""

import quopri
import re
from collections.abc import Sequence
from email.message import Message as MailMessage
from typing import cast

from quotequail import quote, unwrap

from coach.readers import markup
from coach.readers.fields import MESSAGE_LIMIT

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


def said(message: MailMessage, *, is_notice: bool) -> str:
    """What is new in the message, or in the comment of which a helpdesk's notice tells."""
    body = _body(message)
    return _new(_newest(body) if is_notice else body)


def has_more(message: MailMessage) -> bool:
    """Whether there is something attached."""
    return any(not _is_words(part) for part in message.walk())


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
    encoding = str(part["content-transfer-encoding"]).strip().casefold()
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


def _new(text: str) -> str:
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
