"""Dates of birth: a date near the word for it, or as the answer to that question. Other dates stay."""

import re
from collections.abc import Collection, Iterator

from coach.redaction.finding import Finding
from coach.redaction.words import one_of

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
_DATE = rf"""(?<![\d\w])(?:
      \d{{4}}[-/. ]\d{{1,2}}[-/. ]\d{{1,2}}
    | \d{{1,2}}(?:[ ]?[-/.][ ]?|[ ])\d{{1,2}}(?:[ ]?[-/.][ ]?|[ ])\d{{2}}(?:\d\d)?
    | {_DAY}[ .-]*(?:day[ ])?(?:of[ ])?{_MONTH}[ .,/-]*(?:of[ ])?{_YEAR}
    | {_MONTH}[ .,-]*{_DAY}(?:[ ]?,)?[ -]*{_YEAR}
    | (?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d | (?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])
    | (?:the[ ])?{_SAID_DAY}[ ](?:of[ ](?:the[ ])?)?{_SAID_DAY},?[ ]{_YEAR}
    | {_SAID},?[ ]{_SAID},?[ ](?:nineteen|twenty)[ ]{_SAID}
    | (?:{_SAID},?[ ]){{2,3}}(?:{_TENS})(?:[ -](?:{_ONES}))?
    )(?![\d\w])"""
_ANY = re.compile(
    rf"(?P<date>{_DATE})|(?<![\d\w])(?:{_DAY}[ ](?:of[ ])?{_MONTH}|{_MONTH}[ ]{_DAY})(?![\d\w])",
    re.VERBOSE | re.IGNORECASE,
)
_OLD = re.compile(r"(?<!\d)(?:19[2-9]\d|200[0-7])(?!\d)")
_YEAR_OF_BIRTH = re.compile(r"(?<!\d)(?:19[2-9]\d|20[0-2]\d)(?!\d)")
_SINCE = re.compile(
    r"\b(?:since|from|in|until|dated|bought|installed|purchased|joined|opened|started|of)\W+(?:on )?(?:the )?$", re.I
)
_SHORT = 8
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH_NAME = re.compile(_MONTH)
_DIGITS = re.compile(r"\d+")
_FULL_YEAR = rf"(?:(?:19|20)\d\d|nineteen[ -](?:{_TENS})(?:[ -](?:{_ONES}))?)(?![\d\w])"
_BORN_IN = re.compile(
    rf"\bborn[ ](?:(?:back|way)[ ])?in[ ](?P<year>(?:{_MONTH}[ ,]+(?:of[ ])?)?(?:{_FULL_YEAR}|'\d\d(?!\d)))",
    re.IGNORECASE,
)
_YEAR_ONLY = re.compile(
    rf"\W*(?:(?:in|it'?s|it was|i was|born|born in|sure|yes)[ ,]+){{0,3}}(?P<year>{_FULL_YEAR}|'?[2-9]\d)\W*",
    re.IGNORECASE,
)
# As answers: 17 Ramadan 1405, christmas day nineteen thirty eight, 3 of febuary 1990, 5 juin 1988.
_OTHER_DATE = re.compile(
    rf"\b(?P<date>(?:\d{{1,2}}(?:st|nd|rd|th)?|{_SAID_DAY}|[^\W\d_]{{3,12}})[ .,-]+"
    rf"(?:of[ ]|the[ ])?[^\W\d_]{{3,12}}[ .,-]+"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?[ .,-]+)?(?:{_FULL_YEAR}|1[34]\d\d(?!\d)))",
    re.IGNORECASE | re.VERBOSE,
)
_BIRTH = r"(?:date\s?of\s?birth|birth\s?-?date|\bd\.?o\.?b\b\.?|\bborn\b|birthday)"
_CUE = re.compile(_BIRTH, re.IGNORECASE)
_OF_KIN = re.compile(rf"\b(?:my|our|his|her|their) {one_of('kin')}\b[^.!?\d\0]{{0,20}}[,(] ?$", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:^|[\n;])[ ]?(?:[-•*]|\d[.)])?[ ]?"
    r"(?:[A-ZÀ-Þ][\w'’.-]*[ ]|(?:van|de|der|von|bin|al)[ ]){1,5}[A-ZÀ-Þ][\w'’-]*,? [(]?$"
)
_LISTED_END = re.compile(r"\)?[ ]*(?:[,;\n]|$)")
_BEFORE = re.compile(rf"{_BIRTH}[^.!?\d\0]{{0,40}}$|{_BIRTH}\.[\s:]{{0,3}}$", re.IGNORECASE)
_AFTER = re.compile(rf"[\s,(-]{{0,3}}(?:(?:is|was|as|for|=) )?(?:(?:my|the|his|her|their) )?{_BIRTH}", re.IGNORECASE)


def births(seen: str, asked: bool) -> Iterator[Finding]:
    """Dates of birth; where one was asked for, any full date, and in a short answer a day or a year."""
    is_short = len(seen.split()) <= _SHORT
    last = 0
    for match in _ANY.finditer(seen) if asked or _CUE.search(seen) or _YEAR_OF_BIRTH.search(seen) else ():
        is_answer = asked and (is_short or bool(match["date"]))
        if is_answer or _is_birth(seen, last, *match.span()) or (match["date"] and _is_long_ago(seen, match)):
            yield _birth(seen, *match.span())
        last = match.end()
    if asked and is_short and not last and (answer := _OTHER_DATE.search(seen)):
        yield _birth(seen, *answer.span("date"))
    for match in _BORN_IN.finditer(seen):
        yield _birth(seen, *match.span("year"))
    if asked and (year := _YEAR_ONLY.fullmatch(seen)):
        yield _birth(seen, *year.span("year"))


def repeated(seen: str, births: Collection[str]) -> Iterator[Finding]:
    """Dates that are known to be of a birth, however they are written this time."""
    for match in _ANY.finditer(seen) if births else ():
        if _value(match[0]) in births:
            yield _birth(seen, *match.span())


def _birth(seen: str, start: int, end: int) -> Finding:
    return Finding(start, end, "DOB", (_value(seen[start:end]),))


def _value(date: str) -> str:
    """Day, month and year of the century in order of size, as writers differ in theirs; else as it is written."""
    low = " ".join(date.casefold().split())
    month = _MONTH_NAME.search(low)
    found = [int(number) % 100 for number in _DIGITS.findall(low)]
    found += [_MONTHS.index(month[0][:3]) // 3 + 1] if month else []
    return "/".join(map(str, sorted(found))) if len(found) == 3 else low


def _is_birth(seen: str, last: int, start: int, end: int) -> bool:
    before = max(last, start - 60)
    return bool(
        _BEFORE.search(seen, before, start)
        or _AFTER.match(seen, end, end + 40)
        or _OF_KIN.search(seen, before, start)
        or (_LISTED.search(seen, before, start) and _LISTED_END.match(seen, end))
    )


def _is_long_ago(seen: str, match: re.Match[str]) -> bool:
    """A full date of long ago is a birthday, but for what has lasted or was bought since."""
    return bool(_OLD.search(match[0])) and not _SINCE.search(seen, max(0, match.start() - 25), match.start())
