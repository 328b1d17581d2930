"""Dates of birth: a date near the word for it, or as the answer to that question. Other dates stay."""

import re
from collections.abc import Iterator

from coach.redaction.finding import Finding

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b"
)
_TEENS = r"ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = r"oh|zero|one|two|three|four|five|six|seven|eight|nine"
_SAID = rf"(?:(?:{_TENS})(?:[ -](?:{_ONES}))?|{_TEENS}|(?:oh[ ]|zero[ ])?(?:{_ONES}))"
_SAID_DAY = (
    r"(?:(?:twenty|thirty)[ -])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
)
_SAID_YEAR = (
    rf"(?:(?:nineteen|twenty)[ -](?:hundred[ ](?:and[ ])?)?{_SAID}|two[ ]thousand(?:[ ]and)?(?:[ ]{_SAID})?|{_SAID})"
)
_DAY = rf"(?:the[ ])?(?:(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?|{_SAID_DAY}|{_SAID})"
_YEAR = rf"(?:'?\d\d(?:\d\d)?(?!\d)|{_SAID_YEAR}\b)"
_DATE = re.compile(
    rf"""(?<![\d\w])(?:
      \d{{4}}[-/. ]\d{{1,2}}[-/. ]\d{{1,2}}
    | \d{{1,2}}(?:[ ]?[-/.][ ]?|[ ])\d{{1,2}}(?:[ ]?[-/.][ ]?|[ ])\d{{2}}(?:\d\d)?
    | {_DAY}[ .-]*(?:day[ ])?(?:of[ ])?{_MONTH}[ .,/-]*(?:of[ ])?{_YEAR}
    | {_MONTH}[ .,-]*{_DAY}(?:[ ]?,)?[ -]*{_YEAR}
    | (?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d | (?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])
    | {_SAID_DAY}[ ](?:of[ ](?:the[ ])?)?{_SAID_DAY}[ ]{_YEAR} | {_SAID}[ ]{_SAID}[ ](?:nineteen|twenty)[ ]{_SAID}
    )(?![\d\w])""",
    re.VERBOSE | re.IGNORECASE,
)
_DAY_ONLY = re.compile(rf"(?<![\d\w])(?:{_DAY}[ ](?:of[ ])?{_MONTH}|{_MONTH}[ ]{_DAY})(?![\d\w])", re.IGNORECASE)
_BIRTH = r"(?:date\s?of\s?birth|birth\s?-?date|\bd\.?o\.?b\b|\bborn\b|birthday)"
_CUE = re.compile(_BIRTH, re.IGNORECASE)
_BEFORE = re.compile(rf"{_BIRTH}[^.!?\d]{{0,40}}$|{_BIRTH}\.[\s:]{{0,3}}$", re.IGNORECASE)
_AFTER = re.compile(rf"[\s,(-]{{0,3}}(?:(?:is|was|as|for|=) )?(?:(?:my|the|his|her|their) )?{_BIRTH}", re.IGNORECASE)


def births(seen: str, asked: bool) -> Iterator[Finding]:
    if not (asked or _CUE.search(seen)):
        return
    for pattern in (_DATE, _DAY_ONLY):
        for match in pattern.finditer(seen):
            if asked or _is_birth(seen, *match.span()):
                yield Finding(*match.span(), "DOB", (" ".join(match[0].casefold().split()),))


def _is_birth(seen: str, start: int, end: int) -> bool:
    return bool(_BEFORE.search(seen, max(0, start - 60), start) or _AFTER.match(seen, end, end + 40))
