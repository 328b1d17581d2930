"""Numbers and codes as they are said: "four four seven", "double three", "oh", "k for kilo seven nine"."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from coach.redaction.finding import Finding
from coach.redaction.numbers import is_luhn
from coach.redaction.words import one_of

_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ZEROS = {"oh": "0", "nought": "0", "naught": "0", "nil": "0", "hundred": "00", "thousand": "000"}
_VALUES = (
    {word: str(value) for value, word in enumerate(_ONES + _TEENS)}
    | {word: f"{value}0" for value, word in enumerate(_TENS, 2)}
    | _ZEROS
    | {"niner": "9"}
)
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_ALPHABET = (
    r"alpha|alfa|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|quebec"
    r"|romeo|sierra|tango|uniform|victor|whiske?y|x-?ray|yankee|zulu"
)
_UNIT = re.compile(
    rf"""(?<![\w'’@£$€.])(?:(?P<word>{"|".join([*_VALUES, *_TIMES])}) | (?P<digits>\d{{1,4}})
    | (?P<as>[a-z])[ ]?(?:for|as[ ]in|like|as)[ ](?P=as)[a-z]+ | (?P<alphabet>{_ALPHABET}) | (?P<letter>[a-z])
    )(?![\w%°£$€]|['’.:/]\w|[ ]?[ap]\.?m\b)""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join([*_VALUES, *_TIMES])})\b", re.IGNORECASE)
_BETWEEN = re.compile(
    r"[\s,.…–-]{1,4}(?:(?:uh|um|er|erm|then|and then|dash|hyphen|space|stroke|slash)[\s,.…]{1,3}){0,2}", re.IGNORECASE
)
_QUANTITY = frozenset(("hundred", "thousand"))
_CUE = re.compile(
    r"\b(?:number|account|reference|ref|order|booking|phone|mobile|cell|telephone|call|reach|code|policy|ticket|case|id"
    r"|card|digits|extension|zip|serial|passport|membership|customer|sort code|last four|plate)\b"
    r"(?:[ ]no\.)?[^.!?\d]{0,30}$",
    re.IGNORECASE,
)
_POSTAL = re.compile(rf"{one_of('postal_areas')}\d[a-z\d]?\d[abd-hjlnp-uw-z]{{2}}")
_TIME = re.compile(r"\b(?:at|until|till|by|before|after|about|around|from|to|of|in)\s$", re.IGNORECASE)
_PHONE = re.compile(r"\b(?:phone|mobile|cell|telephone|call|reach|landline|ring|text)\b[^.!?\d]{0,40}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """A run of digits and letters that were said one after another."""

    start: int
    end: int
    units: tuple[re.Match[str], ...]

    @property
    def value(self) -> str:
        return _value(self.units)

    @property
    def letters(self) -> int:
        return sum(not (unit["word"] or unit["digits"]) for unit in self.units)

    @property
    def words(self) -> int:
        return sum(bool(unit["word"]) for unit in self.units)

    @property
    def is_spelled_out(self) -> bool:
        return any(unit["as"] or unit["alphabet"] for unit in self.units)

    @property
    def is_quantity(self) -> bool:
        """Two hundred and fifty; but oh seven seven hundred is read out digit by digit."""
        words = [(unit["word"] or "").casefold() for unit in self.units]
        return not _QUANTITY.isdisjoint(words) and (len(words) < 6 or not {"oh", "zero"} & set(words[:1]))


def said(seen: str) -> Iterator[Said]:
    """The longest runs, in order; linear time."""
    run: list[re.Match[str]] = []
    for unit in _UNIT.finditer(seen):
        if run and not _BETWEEN.fullmatch(seen, run[-1].end(), unit.start()):
            yield Said(run[0].start(), run[-1].end(), tuple(run))
            run = []
        run.append(unit)
    if run:
        yield Said(run[0].start(), run[-1].end(), tuple(run))


def _value(units: tuple[re.Match[str], ...]) -> str:
    """Four double two → 422, forty two → 42, k for kilo seven → k7."""
    value = ""
    times, previous = 1, ""
    for unit in units:
        word = (unit["word"] or "").casefold()
        if word in _TIMES:
            times = _TIMES[word]
            continue
        part = _VALUES[word] if word else (unit["digits"] or unit[0][0].casefold())
        if len(part) == 1 and part != "0" and word and value.endswith("0") and previous in _TENS:
            value = value[:-1]
        value += part * times
        times, previous = 1, word
    return value


def spoken_numbers(seen: str, asked: Collection[str]) -> Iterator[Finding]:
    """Five digits or more; three where a number was asked for or named; codes of letters and three digits."""
    for run in said(seen) if _NUMBER_WORD.search(seen) else ():
        digits = sum(map(str.isdigit, run.value))
        if not run.words or run.is_quantity:
            continue
        cued = bool(asked) or bool(_CUE.search(seen, max(0, run.start - 60), run.start))
        if run.letters:
            wanted = digits >= 3 and len(run.units) >= 4 and (cued or run.is_spelled_out or digits >= 5)
        else:
            time = _TIME.search(seen, max(0, run.start - 10), run.start)
            wanted = len(run.units) >= 3 and digits >= (3 if asked else 4 if cued and not time else 5)
        if _POSTAL.fullmatch(run.value) and run.letters > 2:
            yield Finding(run.start, run.end, "ADDRESS", (run.value,))
        elif wanted:
            yield Finding(run.start, run.end, _kind(seen, run, asked), (run.value,))


def _kind(seen: str, run: Said, asked: Collection[str]) -> str:
    digits = len(run.value)
    if "SECRET" in asked and digits <= 8:
        return "SECRET"
    if not run.letters and ("PHONE" in asked or _PHONE.search(seen, max(0, run.start - 60), run.start)):
        return "PHONE"
    if run.letters or _CUE.search(seen, max(0, run.start - 60), run.start):
        return "ACCOUNT" if "ACCOUNT" in asked else "NUMBER"
    if 13 <= digits <= 19 and is_luhn(run.value):
        return "CARD"
    if 10 <= digits <= 13:
        return "PHONE"
    return "ACCOUNT" if "ACCOUNT" in asked else "NUMBER"
