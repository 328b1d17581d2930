"""Numbers that point at somebody: phones, cards, accounts, orders, references, papers. Prices, dates, times,
versions, quantities and models stay."""

import re
from collections.abc import Collection, Iterator

from coach.redaction.finding import Finding
from coach.redaction.words import one_of

_YEAR = r"(?:19|20)\d\d"
_MONEY = rf"(?:[£$€¥₹₦₵₱₫₩₺₽₴₪฿]|\b{one_of('currencies')})"
_HARMLESS = rf"""(?<!\d)(?:
    {_YEAR}[-./]\d\d[-./]\d\d(?!\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{{1,9}})?)?(?:[+-]\d\d:?\d\d)?)?
  | \d{{1,2}}(?:/\d{{1,2}}/|\.\d{{1,2}}\.|-\d{{1,2}}-){_YEAR}(?!\d)
  | (?:0?[1-9]|[12]\d|3[01])-(?:0?[1-9]|[12]\d|3[01])-\d\d(?!\d|[ .-]\d)
  | (?:\d{{1,2}}|{_YEAR})(?:[ ]-[ ]|[ ]){_YEAR}(?!\d|[ .-]\d) | {_YEAR}-{_YEAR}(?!\d|[ .-]\d)
  | (?:[01]\d|2[0-4])[0-5]0[ ]?[-–][ ]?(?:[01]\d|2[0-4])[0-5]0(?!\d|[ .-]\d)
  | \d{{1,2}}\.\d\d[ ]?[-–][ ]?\d{{1,2}}\.\d\d(?!\d|[.-]\d)
  | \d{{1,2}}:\d\d(?::\d\d(?:\.\d{{1,9}})?)?(?!\d)
  | {_MONEY}[ ]?\d{{1,3}}(?:[,.]?\d{{3}}){{0,3}}(?:[.,]\d{{1,2}})?(?!\d|[.-]\d)
  | \d{{1,3}}(?:,\d{{2,3}}){{1,3}}(?:\.\d{{1,2}})?(?!\d|[,-]\d) | \d{{1,6}}\.\d{{1,2}}(?!\d|[.-]\d)
  | [1-9]\d{{0,2}}(?:\.\d{{3}})+(?:,\d{{2}})?(?!\d|[.-]\d)
  | (?!\d\d(?:\.\d\d){{4}})(?<![+.-])\d{{1,2}}\.\d{{1,2}}\.(?:\d{{1,2}}\.)?\d{{1,6}}(?:\.\d{{1,5}})?(?!\d|[.-]\d)
)"""
"""ISO dates and times, other dates, spans of years, opening hours, times of day, prices, amounts such as 1,299.00
or 1.299,00, versions."""
_ENOUGH = re.compile(r"(?:\d\D{0,4}){5}")
_BRACKET = r"\((?=\d{1,5}\)[ .-]{0,2}\d)"
# Written as usual, a number ends where it ends; any other runs on over spaces, into the next one at worst.
_NANP = r"(?:\+?1[ .-]?)?(?:\(\d{3}\)[ ]?|\d{3}[ .-])\d{3}[ .-]\d{4}"
_SHAPED = rf"(?:\d{{4}}(?:[ -]\d{{4}}){{3}}|{_NANP}|0\d{{2,4}}[ ]?/[ ]?\d{{2,9}}(?:[ -]?\d{{2,9}}){{0,3}})(?!\d|[.-]\d)"
_RUN = re.compile(
    rf"""{_HARMLESS} | (?P<number>(?:(?<!\d)|(?=[+(]))(?:{_SHAPED}|(?:\+|{_BRACKET})?\d
    (?:\d | (?:\)?[.\-\u2010-\u2013]{{1,2}}|\)|{_BRACKET})\d
          | \)?(?:[ \u00a0][ .\-\u00a0]?|-[ \u00a0])(?:{_BRACKET})?(?!{_HARMLESS})\d){{4,}}))""",
    re.VERBOSE,
)
UNIT = re.compile(rf"[ ]?(?:/-|[£$€¥₹%°]|{one_of('units')}(?![\w-]))", re.IGNORECASE)
_KEPT_AFTER = re.compile(
    rf"(?:\b{one_of('harmless_before')}(?:\s{one_of('filling')}|\s[\d,.]+)*|[~≈<>]|\b0x)[\s:.#]*$", re.IGNORECASE
)
_CUES = re.compile(
    r"""\b(?:(?P<PHONE>phone|mobile|mob|cell|tel|telephone|call|ring|whats\s?app|text|reach|landline|fax|sms|contact)
    | (?P<ACCOUNT>account|acct|a/c|bank|routing|aba|sort\s?code|iban|ifsc|swift|bic|upi)
    | (?P<NUMBER>order|booking|reservation|reference|ref|ticket|case|invoice|tracking|policy|claim|passport|licen[cs]e
        |customer|member\w*|serial|imei|cpf|dni|nif|curp|nin|bvn|transaction|id|ssn|social|insurance|nhs|aadhaar|pan|confirmation|receipt|parcel))\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PHONE_SHAPES = ((3, 3, 4), (1, 3, 3, 4), (3, 4))
_CARD = re.compile(r"(?<![\w+-])[3-6](?:[ -]?[0-9]){12,18}(?!\d|[.-]\d)")
_DEVICE = re.compile(r"\b(?:imei|iccid|sim|serial|meid|device)\b", re.IGNORECASE)
_CARD_SHAPE = re.compile(r"\d+|\d{4}(?:\D\d{4}){2,3}(?:\D\d{1,4})?|\d{4}\D\d{6}\D\d{4,5}")


def cards(seen: str) -> Iterator[Finding]:
    """Card numbers whose check digit is right."""
    for match in _CARD.finditer(seen):
        digits = re.sub(r"\D", "", match[0])
        device = _DEVICE.search(seen, max(0, match.start() - 25), match.start())
        if _CARD_SHAPE.fullmatch(match[0]) and is_luhn(digits) and not device:
            yield Finding(*match.span(), "CARD", (digits,))


def numbers(seen: str, asked: Collection[str]) -> Iterator[Finding]:
    """Phone, card and other numbers of five digits or more, however they are grouped."""
    for match in _RUN.finditer(seen) if _ENOUGH.search(seen) else ():
        if not match["number"]:
            continue
        start, end = match.span()
        if " " in match[0] and (UNIT.match(seen, end) or seen[end : end + 1].isalpha()):
            # The last number is an amount or a model: 499581 2 days ago, Ryzen 7 5800X.
            end = start + match[0].rindex(" ")
        found = seen[start:end]
        digits = "".join(str(int(digit)) for digit in found if digit.isdecimal())
        if len(digits) > 4 and (asked or len(digits) > 9 or found[0] in "+(0" or not _stays(seen, start, end)):
            kind = _kind(seen, start, found, digits, asked)
            # The last nine digits are the same with and without the country's prefix.
            values = (digits[-9:], digits) if kind == "PHONE" else (digits, digits[-9:])
            yield Finding(start, end, kind, values)


def _stays(seen: str, start: int, end: int) -> bool:
    """Whether it is an amount or a short list such as 10 12 14."""
    groups = seen[start:end].split(" ")
    return is_amount(seen, start, end) or (1 < len(groups) <= 4 and all(len(group) <= 2 for group in groups))


def is_amount(seen: str, start: int, end: int) -> bool:
    """Whether what stands around a number makes it a measure, a price, a version or the like."""
    before = seen[max(0, start - 30) : start]
    return bool(UNIT.match(seen, end) or _KEPT_AFTER.search(before))


def _kind(seen: str, start: int, found: str, digits: str, asked: Collection[str]) -> str:
    shape = tuple(map(len, re.findall(r"\d+", found)))
    cue = _cue(seen, start) or next((kind for kind in ("ACCOUNT", "PHONE") if kind in asked), "")
    if 7 <= len(digits) <= 15 and cue in ("", "PHONE"):
        national = re.fullmatch(r"0\d{9,10}|1?[2-9]\d\d[2-9]\d{6}|00\d{9,13}", digits) and len(shape) < 6
        if cue or national or found[0] in "+(" or shape in _PHONE_SHAPES:
            return "PHONE"
    if cue == "ACCOUNT" or (
        len(digits) == 9 and not cue and "routing" in seen[max(0, start - 80) : start + 80] and is_routing(digits)
    ):
        return "ACCOUNT"
    return "PHONE" if (found[0] == "+" and len(digits) > 6) or (cue == "PHONE" and len(digits) > 5) else "NUMBER"


def _cue(seen: str, start: int) -> str:
    """What the last word for a number, shortly before, makes it."""
    last = ""
    for cue in _CUES.finditer(seen, max(0, start - 40), start):
        last = cue.lastgroup or ""
    return last


def is_luhn(digits: str) -> bool:
    """The check sum of ISO/IEC 7812-1: every second digit from the right doubled, its digits added."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def is_routing(digits: str) -> bool:
    """The check sum of the American Bankers Association: digits weighed 3, 7, 1."""
    return sum(int(digit) * weight for digit, weight in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0
