"""Personal data out: e-mail addresses, phone, card and other long numbers, and the customer's name.

The same value gets the same placeholder within a conversation, so the talk can still be followed. These are
patterns: names of third persons, postal addresses and spelled-out numbers stay. Redacting twice changes
nothing more.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from itertools import chain

from coach.conversation import Conversation, Turn

_PSEUDONYM = re.compile(r"customer-[0-9a-f]{10}")
_GENERIC = frozenset(("customer", "client", "user", "caller", "consumer", "visitor", "guest", "end user"))
_PLACEHOLDER = r"\[(?:(?:EMAIL|PHONE|CARD|NUMBER)_\d{1,9}|CUSTOMER)\]"
_USED = re.compile(r"\[(EMAIL|PHONE|CARD|NUMBER)_(\d{1,6})\]")
# The look-behind has a run of such characters tried once, not from each of them: linear time. Addresses that
# are run together count as one, or redacting again would find the second.
_EMAIL = re.compile(r"(?<![\w.+%-])(?:[\w.+%-]++@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,})+")
_YEAR = r"(?:19|20)\d\d"
_HARMLESS = rf"""(?<!\d)(?:
    {_YEAR}-\d\d-\d\d(?!\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{{1,9}})?)?(?:[+-]\d\d:?\d\d)?)?
  | \d{{1,2}}(?:/\d{{1,2}}/|\.\d{{1,2}}\.|-\d{{1,2}}-){_YEAR}(?!\d)
  | (?:\d{{1,2}}|{_YEAR})(?:[ ]-[ ]|[ ]){_YEAR}(?!\d|[ .-]\d) | {_YEAR}-{_YEAR}(?!\d|[ .-]\d)
  | \d{{1,2}}:\d\d(?::\d\d(?:\.\d{{1,9}})?)?(?!\d)
  | (?:[£$€¥₹]|\b(?:USD|EUR|GBP|INR|Rs\.?))[ ]?\d{{1,3}}(?:,?\d{{3}}){{0,2}}(?:\.\d{{1,2}})?(?!\d|[.-]\d)
  | \d{{1,3}}(?:,\d{{2,3}}){{1,3}}(?:\.\d{{1,2}})?(?!\d|[,-]\d) | \d{{1,6}}\.\d{{1,2}}(?!\d|[.-]\d)
)"""
"""ISO dates and times, other dates, spans of years, times of day, prices, and amounts such as 1,299.00."""
_BRACKET = r"\((?=\d{1,5}\)[ .-]{0,2}\d)"
# Written as usual, a number ends where it ends; any other runs on over spaces, into the next one at worst.
_NANP = r"(?:\+?1[ .-]?)?(?:\(\d{3}\)[ ]?|\d{3}[ .-])\d{3}[ .-]\d{4}"
_SHAPED = rf"(?:\d{{4}}(?:[ -]\d{{4}}){{3}}|{_NANP})(?!\d|[.-]\d)"
_NUMBER = re.compile(
    rf"""{_PLACEHOLDER} | {_HARMLESS} | (?P<number>(?:(?<!\d)|(?=[+(]))(?:{_SHAPED}|(?:\+|{_BRACKET})?\d
    (?:\d | (?:\)?[.\-\u2010-\u2013]{{1,2}}|\)|{_BRACKET})\d
          | \)?(?:[ \u00a0][ .\-\u00a0]?|[.-][ \u00a0])(?:{_BRACKET})?(?!{_HARMLESS})\d){{4,}}))""",
    re.VERBOSE,
)
_PHONE_SHAPES = ((3, 3, 4), (1, 3, 3, 4), (3, 4))
_CARD_SHAPE = re.compile(r"\d+|\d{4}(?:\D\d{4}){2,3}(?:\D\d{1,4})?|\d{4}\D\d{6}\D\d{4,5}")


def redact(conversation: Conversation, *, key: bytes = b"") -> Conversation:
    """The conversation without personal data of the customer; the agents' names are kept.

    The customer becomes a pseudonym, the same for the same customer and `key` (any length), so repeat
    contacts stay linked. Keep the key secret: without it a name can be guessed and compared.
    """
    customer = _pseudonym(conversation.customer, key)
    masker = _Masker((turn.text for turn in conversation.turns), _name_pattern(conversation))

    def redacted(turn: Turn) -> Turn:
        speaker = customer if turn.role == "customer" and turn.speaker else turn.speaker
        return replace(turn, text=masker.mask(turn.text), speaker=speaker)

    return replace(conversation, turns=tuple(map(redacted, conversation.turns)), customer=customer)


def mask(text: str) -> str:
    """One text with its e-mail addresses and long numbers replaced; it knows no names."""
    return _Masker([text]).mask(text)


def _pseudonym(customer: str | None, key: bytes) -> str | None:
    if not customer or _PSEUDONYM.fullmatch(customer):
        return customer
    short = key if len(key) <= blake2b.MAX_KEY_SIZE else blake2b(key).digest()
    digest = blake2b(customer.encode("utf-8", "surrogatepass"), digest_size=5, key=short)
    return f"customer-{digest.hexdigest()}"


def _name_pattern(conversation: Conversation) -> re.Pattern[str] | None:
    """Finds the customer's names and their parts, unless an agent has them too; None without names."""
    kept = {word for agent in conversation.agents for word in (agent, *agent.split())}
    speakers = (turn.speaker for turn in conversation.turns if turn.role == "customer")
    names = {name for name in chain([conversation.customer], speakers) if name and not _impersonal(name)}
    forms = {form for name in names - kept for form in _forms(name, kept)}
    if not forms:
        return None
    return re.compile(rf"{_PLACEHOLDER}|(?<!\w)({'|'.join(sorted(forms, key=len, reverse=True))})(?!\w)")


def _impersonal(name: str) -> bool:
    return bool(_PSEUDONYM.fullmatch(name)) or name.casefold() in _GENERIC or not any(map(str.isalpha, name))


def _forms(name: str, kept: set[str]) -> set[str]:
    """Patterns for a name. A full name or a handle counts in any case; a plain word only as written,
    capitalised or in capitals: a customer called Will must not take every "will" out."""
    parts = name.split()
    whole = r"\s+".join(map(re.escape, parts))
    words = {word for word in parts if word.isalpha() and len(word) > 1} - kept
    forms = {form for word in words for form in (word.title(), word.upper())}
    forms |= {word for word in words if word == name or not word.islower()}
    return forms if name.isalpha() else forms | {f"(?i:{whole})"}


class _Masker:
    """Gives out the placeholders of one conversation, numbered from the highest its texts already have."""

    def __init__(self, texts: Iterable[str], names: re.Pattern[str] | None = None) -> None:
        self.names = names
        self.given: dict[tuple[str, str], str] = {}
        self.last: Counter[str] = Counter()
        for kind, number in chain.from_iterable(map(_USED.findall, texts)):
            self.last[kind] = max(self.last[kind], int(number))

    def mask(self, text: str) -> str:
        """E-mail addresses first, as they may hold names, and names before numbers, as handles hold those."""
        text = _EMAIL.sub(lambda found: self._placeholder("EMAIL", found[0].casefold()), text)
        if self.names is not None:
            text = self.names.sub(lambda found: "[CUSTOMER]" if found[1] else found[0], text)
        return _NUMBER.sub(lambda found: self._number(found["number"]) if found["number"] else found[0], text)

    def _number(self, found: str) -> str:
        groups = re.findall(r"\d+", found)
        digits = "".join(str(int(digit)) for digit in "".join(groups))
        kind = _kind(found, digits, tuple(map(len, groups)))
        # The last nine digits are the same with and without the country's prefix.
        return self._placeholder(kind, digits[-9:] if kind == "PHONE" else digits)

    def _placeholder(self, kind: str, value: str) -> str:
        if (kind, value) not in self.given:
            self.last[kind] += 1
            self.given[kind, value] = f"[{kind}_{self.last[kind]}]"
        return self.given[kind, value]


def _kind(found: str, digits: str, shape: tuple[int, ...]) -> str:
    if 13 <= len(digits) <= 19 and _CARD_SHAPE.fullmatch(found) and _luhn(digits):
        return "CARD"
    national = re.fullmatch(r"0\d{9,10}|1?[2-9]\d\d[2-9]\d{6}", digits) and len(shape) < 6
    if 7 <= len(digits) <= 15 and (found[0] in "+(" or found.startswith("00") or national or shape in _PHONE_SHAPES):
        return "PHONE"
    return "NUMBER"


def _luhn(digits: str) -> bool:
    """The check sum of ISO/IEC 7812-1: every second digit from the right doubled, its digits added."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0
