"""Postal addresses as they are written in Britain, America, Germany, India, Australia and alike.

Pieces that look like one (a street with its number, a flat, a postal code) are joined over the place names and
commas between them; one that is clear, or two that are less so, make an address.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from coach.redaction.finding import BLANK, Finding
from coach.redaction.lexicon import VERY_USUAL, never, usual
from coach.redaction.words import one_of, words

_TYPE = rf"(?i:{one_of('streets')})(?!\w)\.?"
_SURE_TYPE = rf"{one_of('sure_streets')}(?!\w)"
_INSIDE = (
    r"(?i:flat|apartment|apt|unit|suite|ste|plot|house|h\.?[ ]?no|door|d\.?[ ]?no|villa|tower|block|shop|room|floor"
    r"|sector|phase)"
)
_NUMBER = r"\d{1,5}[A-Za-z]?(?:[-/]\d{1,5}[A-Za-z]?){0,2}"
_SAID = (
    r"(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,5}teen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundred|oh|zero)[ -]){1,4}"
)
_SAID_ONE = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,5}teen|twenty)"
_CAP = r"(?:\d{1,2}(?:st|nd|rd|th)|\d{1,3}[ ]Feet|[A-ZÀ-ÖØ-ÞŁŚŠŽČİŞĞĆĐŘŇ][\w'’-]*\.?)"
_GERMAN = rf"[A-ZÄÖÜ][\wäöüß-]*{one_of('german_streets')}"
_LATIN = one_of("latin_streets")
_POSTAL = r"(?:[A-Z]{1,2}-)?(?:\d{3}[ ]\d\d|\d{5,7}|(?!19|20)\d{4}(?:[ ][A-Z]{2})?)"
# Storgatan 9 lgh 12, 211 42 Malmö; Bağdat Caddesi No: 212, Kadıköy, 34730 İstanbul; Rehov Yafo 23, Jerusalem 9510302.
_ABROAD = (
    rf"(?:(?:{_CAP}|dei|degli|delle|della|del|de|la|van|der)[ ]){{0,4}}?{_CAP},?[ ]"
    rf"(?:[Nn][ro]?[.:]{{1,2}}[ ]?)?\d{{1,4}}[a-zA-Z]?(?:[ /][^\n,.]{{0,18}}?)?(?:,[ ]?|\n)"
    rf"(?:(?:{_CAP}[ ]?){{1,3}},?[ ]){{0,2}}(?:{_POSTAL}[ ]{_CAP}|(?<=[^\W\d_][ ])\d{{5,7}}(?!\w))"
)
_FRENCH = (
    r"\d{1,4},?[ ](?:bis[ ]|ter[ ])?(?i:rue|place|avenue|boulevard|bd|allée|impasse|chemin|quai|cours|route)[ ]"
    r"(?:(?:de[ ]la|des|du|de|le|la)[ ]|d['’]|l['’]){0,2}[\w'’-]+(?:[ ][A-ZÀ-Þ][\w'’-]+){0,3}(?:,[ ]\d{5}[ ][\w-]+)?"
)
_EIRCODE = r"[A-Z]\d[\dW][ ]?(?=\d*[A-Z])[A-Z\d]{4}(?!\w)"
_UK = (
    rf"(?i:{one_of('postal_areas')}\d[A-Z\d]?(?:[ ]|(?-i:(?<=[A-Z\d])(?=\d[A-Z])))"
    r"\d(?!GB|TB|st|nd|rd|th|pm|am)[ABD-HJLNP-UW-Z]{2})(?!\w)"
)
_PIECE = re.compile(
    rf"""(?<![\w£$€#.,'’-])(?<!\d )(?:(?P<clear>
      (?i:(?:p\.?[ ]?o\.?|g\.?p\.?o\.?|locked|private)[ ]?(?:mail[ ])?(?:box|bag)|postfach|p\.?m\.?b\.?|apartado)
        [ ](?:no\.?[ ])?\d{{1,6}}
    | {_NUMBER},?[ ](?:[NSEW]\.?[ ])?(?:{_CAP}[ ]){{1,4}}?{_TYPE}(?:[ ][NSEW]{{1,2}}(?!\w))?
    | (?:\d{{1,5}}[a-z]?[ ](?:[nsew][ ])?|{_SAID})(?:[a-z]+[ ]){{1,3}}?{_SURE_TYPE}
    | (?:{_GERMAN}|[a-zäöüß-]+(?:straße|strasse|str\.)
        | [a-zäöüß]{{4,}}(?:allee|platz|weg|gasse)(?=[ ]\d+[a-z]?,[ ]\d{{5}})
        | (?:[A-ZÄÖÜ][a-zäöüß]+er|Am|An[ ]der|Auf[ ]dem|Im|Zum)[ ][A-ZÄÖÜ][\wäöüß-]+(?=[ ]\d+[a-z]?,[ ]\d{{5}}))
      [ ]\d{{1,4}}[ ]?[a-z]?(?!\w)
    | {_CAP}[ ]{one_of("northern_streets")}[ ]\d{{1,4}}[a-zA-Z]?(?!\w)
    | {_LATIN}[ ](?:(?:de|del|de[ ]la|da|das|do|dos|della|la|los|las)[ ])?{_CAP}(?:[ ]{_CAP}){{0,3}},?[ ]
      (?:n[º°.]?[ ]?)?\d{{1,4}}(?!\w)
    | {_FRENCH} | {_ABROAD} | {_EIRCODE}
    | {_UK} )
    | (?P<small>(?:\d{{1,5}}[a-z]?[ ](?:[nsew][ ])?|{_SAID})(?P<named>[a-z'’]+)[ ](?:[a-z'’]+[ ]){{0,2}}?{_TYPE})
    | (?P<hint>
      {_INSIDE}(?:[ .]{{0,2}}(?i:no|number)\.?|\.)?[ ]?\#?(?:[A-Z]-?)?\d[\w/-]{{0,9}}
    | {_INSIDE}[ ](?:[A-Z\d]|{_SAID_ONE})(?!\w) | [A-Z]-\d{{1,2}}/\d{{1,2}}(?!\w)
    | {_CAP}(?:[ ]{_CAP}){{0,2}}?[ ]{_TYPE} )
    | (?P<postal>\d{{3}}[ ]?\d{{3}}(?!\w|-\d|[ ]\d) | (?:[A-Za-z]{{2}}[ ,]+)?\d{{5}}(?:-\d{{4}})?(?!\w|-\d)
      | \d{{4}}[ ][A-Z]{{2}}(?!\w) | \d{{4}}-\d{{3}}(?!\w|-\d) | [A-Z]\d[A-Z][ ]?\d[A-Z]\d(?!\w)
      | (?i:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)[ ,]+\d{{4}}(?!\w) )
    | (?P<number>(?:[A-Z]{{1,2}}-?)?(?!\d{{5}}){_NUMBER}(?=,?[ ][^\W\d_]))
    )""",
    re.VERBOSE,
)
_TOWN = re.compile(
    rf"(?:\s?,\s{{0,2}}|[ \n])(?P<town>{_CAP}(?:[ ](?:{_CAP}|upon|on|le|de|am)){{0,3}})"
    r"(?:[ ]\d{1,2}(?!\w|[.,:/]\d|[ ]?[ap]m)|[ ]\d{4,6}(?!\w)|(?=\s*(?:[,.;)\n]|$)))"
)
_POSTCODE_AFTER = re.compile(rf"(?:,?[ \n]{_CAP}){{0,3}},?[ \n][A-Z]{{1,2}}\d[A-Z\d]?[ ]\d[A-Z]{{2}}(?!\w)")
_AFTER_POSTAL = re.compile(r"(?<=\d{4})[ ]([A-ZÄÖÜa-zäöüß][\wäöüß-]{2,30})(?:[ ](?:am|an der)[ ][A-Z]\w+)?")
_PLACES = re.compile(rf"(?:{_CAP}(?:[ ](?:{_CAP}|of|the|at|on|and|&)){{0,4}},\s){{1,4}}$")
_NUMBER_SIGN = re.compile(r"\b(?:no|nr|number)\.? $", re.IGNORECASE)
_LAST_PLACES = re.compile(rf"(?<![\w'’])(?:{_CAP}[ ]){{0,4}}{_CAP}$")
_EAST = r"\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af"
_EASTERN = re.compile(rf"(?<![\w-])〒?[{_EAST}\d](?:[{_EAST}\d-]|[ ,、，]{{1,2}}(?=[{_EAST}\d]))*[{_EAST}\d](?![\w])")
_EASTERN_PLACE = re.compile("[〒市区區町県縣省路街号號시도구동로길]")
_REGION = re.compile(rf"(?:[ ,]{{1,2}}[^\W\d_]+){{0,3}}?[ ,]{{1,2}}{one_of('regions')}(?!\w)", re.IGNORECASE)
_LAST_PLACE = re.compile(r",?[ ](?P<town>[^\W\d_]{3,20})[.?!]?\s*$")
_STRONG_CUE = re.compile(
    r"\b(?:liv(?:e|es|ing) at|address(?:'?s| is| was)|residing at|deliver(?:ed)? to|sent? to)[\s:,]+$", re.I
)
_HOUSE = re.compile(r"\d{1,5}[a-z]?,? (?:[^\W\d_'’-]+[ ]?){1,4}(?=[,.;?!)\n]|$)", re.I)
_CUE_WORDS = (
    r"\b(?:address(?:'?s)?(?:\s(?:is|was|to|will be|on file is))?|adresse(?: ist)?|liv(?:e|es|ing) (?:at|in|on)"
    r"|stay(?:ing)? at|ship(?:ped|ping)?(?: \w+)? to|deliver(?:ed|y)?(?: \w+)? (?:to|at)|send(?: \w+)? to"
    r"|mov(?:ed?|ing) (?:from|out of|to|into)|collect \w+ from|residing at|located at|(?:zip|post) ?-?code(?: is)?|zip"
    r"|postal code(?: is)?|pin ?code(?: is)?|it'?s|my (?:flat|house|office|home) is|mine'?s|i'?m (?:at|in))"
)
_CUE = re.compile(rf"{_CUE_WORDS}[\s:,]{{1,3}}(?=[^.!?:;]{{0,60}}$)", re.IGNORECASE)
_STREET = re.compile(rf"\b{_SURE_TYPE}", re.IGNORECASE)
_OPENS = (
    r"(?:(?:yes|yeah|sure|ok|okay|uh|um|it'?s|it is|that'?s|the|my|address|is|please|to|at|number)(?!\w)|[\s,.:-])*+"
)
_ANSWER_OPENS = re.compile(_OPENS, re.IGNORECASE)
_TOLD = re.compile(
    r"\b(?:address (?:is|was)|live at|living at)[ :]{1,2}(?P<words>[^.!?\n\0:]{6,90})(?=[.!?\n]|$)", re.IGNORECASE
)
_ANSWER = re.compile(rf"{_OPENS}(?P<words>[^.!?\n\0:]{{1,90}})[.!]?\s*$", re.IGNORECASE)
_SAID_START = re.compile(_SAID, re.IGNORECASE)
_DATE_OR_SUM = re.compile(r"[£$€₹%@]|\d[/:]\d|\d{7}")
_POSTAL_CUE = re.compile(
    r"\b(?:zip(?: ?code)?|post ?-?code|postal code|pin ?code)(?:\s?(?:is|was|:|=))?\s{1,2}"
    r"(?P<code>\d{3} \d{3}|\d{4,6}(?:-\d{4})?|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?\d[a-z]\d|\d{4} ?[a-z]{2})"
    r"(?!\w)",
    re.IGNORECASE,
)
_POSTCODE = re.compile(rf"(?<!\w){_UK}(?!\w)", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")
_NEXT = re.compile(r"[ ,]{1,2}(?:(?:[^\W\d_]|['’/-])+|\d{1,6}(?!\w| ?\d))")
_SHORTENED = r"(?<!\b[A-Z])(?<!\b(?:No|Co|St|Mt|Rd|nr|Nr))(?<!\b[Oo]pp)"
_NOT_BETWEEN = re.compile(rf"[^\w\s,.'’/#()-]|{_SHORTENED}\.\s|\n\n|{BLANK}")
_LINKING = words("in_addresses")
_MOST_WORDS = 12


def addresses(seen: str, asked: bool) -> Iterator[Finding]:
    """Addresses with a street or a postal code, from the word for them on; where asked for, the answer that has any."""
    if not (asked or _DIGIT.search(seen) or _STREET.search(seen)):
        return
    end = 0
    for group in _groups(_PIECE.finditer(seen), seen):
        start = max(end, group[0].start())
        cue = _CUE.search(seen, max(end, start - 80), start)
        before = seen[cue.end() : start] if cue else ""
        cued = asked or (bool(cue) and _may_be_between(before))
        if _is_clear(group, seen, cued) and start < group[-1].end():
            start = cue.end() if cue and cued and before.strip() else _beginning(seen, end, start) if asked else start
            start = _places_before(seen, end, start)
            number = _NUMBER_SIGN.search(seen, end, start)
            start = number.start() if number else start
            end = _end(seen, group[-1].end(), cued)
            yield _finding(seen, start, end)
    for told in _TOLD.finditer(seen):
        if _is_address_as_answer(told["words"]):
            yield _finding(seen, *told.span("words"))
    if asked and not end and (answer := _ANSWER.match(seen)) and _is_address_as_answer(answer["words"]):
        yield _finding(seen, *answer.span("words"))


def _finding(seen: str, start: int, end: int) -> Finding:
    return Finding(start, end, "ADDRESS", ("".join(filter(str.isalnum, seen[start:end].casefold())),))


def _is_address_as_answer(text: str) -> bool:
    """Whether a bare answer may be an address: a number and words that may be places, or a house number alone."""
    found = _WORD.findall(text)
    numbered = _DIGIT.search(text) or _SAID_START.match(text)
    return bool(numbered) and len(found) <= _MOST_WORDS and all(map(_is_place, found)) and not _DATE_OR_SUM.search(text)


def _is_clear(group: Sequence[re.Match[str]], seen: str, cued: bool) -> bool:
    """Whether the pieces make an address: a clear one, two that look like one, or a number and a postal code."""
    hints = sum(bool(piece["hint"] or piece["small"]) for piece in group)
    if any(piece["clear"] for piece in group) or hints > 1 or (hints and any(piece["postal"] for piece in group)):
        return True
    first, last = group[0], group[-1]
    if first["number"] and last["postal"]:
        between = seen[first.end() : last.start()]
        return "," in between and bool(_WORD.search(between))
    if first["small"]:
        return cued or not usual(first["named"])
    if first["number"]:
        house = _HOUSE.match(seen, first.start())
        return bool(cued and house and _STRONG_CUE.search(seen, max(0, first.start() - 30), first.start())) and all(
            not usual(word, VERY_USUAL) for word in _WORD.findall(house[0] if house else "")
        )
    return bool(hints and cued and len(first[0]) > 3)


def _beginning(seen: str, end: int, start: int) -> int:
    """Where an answer's address begins: with the name of a house or the like, if there is nothing else."""
    answer = _ANSWER_OPENS.match(seen, end)
    opens = answer.end() if answer else end
    return opens if opens < start and seen[opens:start].strip() and _is_between(seen[opens:start]) else start


def _places_before(seen: str, end: int, start: int) -> int:
    """Where the places and the house named before it, with commas between, begin: Rose Cottage, Mill Lane, Bakewell."""
    match = _PLACES.search(seen, max(end, start - 90), start)
    if not match:
        return start
    phrases = re.split(r",\s", match[0])[:-1]
    taken = list(takewhile(lambda phrase: all(map(_is_place, _WORD.findall(phrase))), reversed(phrases)))
    start -= sum(len(phrase) + 2 for phrase in taken)
    last = _LAST_PLACES.search(phrases[-len(taken) - 1]) if len(taken) < len(phrases) else None
    return start - len(last[0]) - 2 if last and all(map(_is_place, _WORD.findall(last[0]))) else start


def eastern(seen: str, asked: bool) -> Iterator[Finding]:
    """Addresses in Chinese, Japanese and Korean: a number, and signs enough."""
    for match in _EASTERN.finditer(seen):
        signs = sum(char > "\u3000" for char in match[0])
        if signs > 5 and _DIGIT.search(match[0]) and (asked or _EASTERN_PLACE.search(match[0])):
            yield _finding(seen, *match.span())


def postal_codes(seen: str, asked: bool) -> Iterator[Finding]:
    """What is named a postal code, and British ones written small where one was asked for."""
    pattern, group = (_POSTCODE, 0) if asked else (_POSTAL_CUE, "code")
    for match in pattern.finditer(seen):
        yield Finding(*match.span(group), "ADDRESS", (match[group].casefold().replace(" ", ""),))


def _groups(pieces: Iterable[re.Match[str]], seen: str) -> Iterator[list[re.Match[str]]]:
    """Pieces with nothing but place names between them."""
    group: list[re.Match[str]] = []
    for piece in pieces:
        if group and not _is_between(seen[group[-1].end() : piece.start()]):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _is_between(text: str) -> bool:
    return len(text) <= 60 and not _NOT_BETWEEN.search(text) and all(map(_is_place, _WORD.findall(text)))


def _may_be_between(text: str) -> bool:
    """The same after a word for an address, where houses and streets may be called like anything."""
    found = _WORD.findall(text)
    may_be = all(word.casefold() in _LINKING or not never(word) for word in found)
    return len(text) <= 60 and not _NOT_BETWEEN.search(text) and may_be


def _is_place(word: str) -> bool:
    return (
        word.casefold() in _LINKING
        or not usual(word, VERY_USUAL)
        or (len(word) == 1 and word.isupper() and word != "I")
    )


def _end(seen: str, end: int, cued: bool) -> int:
    """Where the address ends: after its towns, or where one was asked for, with the last word that may be a place."""
    if code := _POSTCODE_AFTER.match(seen, end):
        return code.end()
    if (
        (match := _AFTER_POSTAL.match(seen, end))
        and _is_place(match[1])
        and (match[1][0].isupper() or not usual(match[1]))
    ):
        end = match.end()
    while (match := _TOWN.match(seen, end)) and not any(map(never, _WORD.findall(match["town"]))):
        end = match.end()
    for _ in range(_MOST_WORDS if cued else 0):
        match = _NEXT.match(seen, end)
        if not match or not all(map(_is_place, _WORD.findall(match[0]))):
            break
        end = match.end()
    if region := _REGION.match(seen, end):
        return region.end() if all(map(_is_place, _WORD.findall(region[0]))) else end
    last = _LAST_PLACE.match(seen, end)
    return last.end("town") if last and not usual(last["town"]) else end
