"""Postal addresses as they are written in Britain, America, Germany, India, Australia and alike.

Pieces that look like one (a street with its number, a flat, a postal code) are joined over the place names and
commas between them; one that is clear, or two that are less so, make an address.
"""

import re
from collections.abc import Iterable, Iterator

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
_CAP = r"(?:\d{1,2}(?:st|nd|rd|th)|\d{1,3}[ ]Feet|[A-ZÀ-ÖØ-ÞŁŚŠŽČ][\w'’-]*\.?)"
_GERMAN = rf"[A-ZÄÖÜ][\wäöüß-]*{one_of('german_streets')}"
_LATIN = one_of("latin_streets")
_UK = r"[A-Z]{1,2}\d[A-Z\d]?[ ]\d(?!GB|TB)[ABD-HJLNP-UW-Z]{2}"
_PIECE, _ASKED_PIECE = (
    re.compile(
        rf"""(?<![\w£$€#.,'’-])(?<!\d )(?:(?P<clear>
      (?i:p\.?[ ]?o\.?[ ]?box)[ ](?:no\.?[ ])?\d{{1,6}}
    | {_NUMBER},?[ ](?:[NSEW]\.?[ ])?(?:{_CAP}[ ]){{1,4}}?{_TYPE}(?:[ ][NSEW]{{1,2}}(?!\w))?
    | (?:\d{{1,5}}[a-z]?[ ](?:[nsew][ ])?|{_SAID})(?:[a-z]+[ ]){{1,3}}?{small_type}
    | (?:{_GERMAN}|[a-zäöüß-]+(?:straße|strasse|str\.)
        | (?:[A-ZÄÖÜ][a-zäöüß]+er|Am|An[ ]der|Auf[ ]dem|Im|Zum)[ ][A-ZÄÖÜ][\wäöüß-]+(?=[ ]\d+[a-z]?,[ ]\d{{5}}))
      [ ]\d{{1,4}}[ ]?[a-z]?(?!\w)
    | {_LATIN}[ ](?:(?:de|del|de[ ]la|da|do|dos|della|la)[ ])?{_CAP}(?:[ ]{_CAP}){{0,3}},?[ ]
      (?:n[º°.]?[ ]?)?\d{{1,4}}(?!\w)
    | \d{{1,4}},?[ ](?:bis[ ])?[Rr]ue[ ](?:(?:de|du|des|de[ ]la)[ ])?{_CAP}
    | {_UK}(?!\w) )
    | (?P<hint>
      {_INSIDE}(?:[ .]{{0,2}}(?i:no|number)\.?|\.)?[ ]?\#?(?:[A-Z]-?)?\d[\w/-]{{0,9}}
    | {_INSIDE}[ ](?:[A-Z\d]|{_SAID_ONE})(?!\w)
    | {_CAP}(?:[ ]{_CAP}){{0,2}}?[ ]{_TYPE} )
    | (?P<number>(?:[A-Z]{{1,2}}-?)?(?!\d{{5}}){_NUMBER}(?=,[ ]))
    | (?P<postal>\d{{3}}[ ]?\d{{3}}(?!\w|-\d) | (?:[A-Za-z]{{2}}[ ,]+)?\d{{5}}(?:-\d{{4}})?(?!\w|-\d)
      | \d{{4}}[ ][A-Z]{{2}}(?!\w) | (?i:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)[ ,]+\d{{4}}(?!\w)
      | [a-z]{{1,2}}\d[a-z\d]?[ ]\d[a-z]{{2}}(?!\w) )
    )""",
        re.VERBOSE,
    )
    for small_type in (_SURE_TYPE, _TYPE)
)
_TOWN = re.compile(
    rf"(?:\s?,\s{{0,2}}|[ \n])(?P<town>{_CAP}(?:[ ](?:{_CAP}|upon|on|le|de|am)){{0,3}})"
    r"(?:[ ]\d{4,6}(?!\w)|(?=\s*(?:[,.;)\n]|$)))"
)
_CUE = re.compile(
    r"\b(?:address(?:\s(?:is|was|to|will be|on file is))?|liv(?:e|es|ing) (?:at|in|on)|ship(?:ped|ping)?(?: \w+)? to"
    r"|deliver(?:ed|y)?(?: \w+)? (?:to|at)|send(?: \w+)? to|mov(?:ed?|ing) (?:from|out of|to|into)|collect \w+ from"
    r"|residing at|located at|(?:zip|post) ?-?code(?: is)?|zip|postal code(?: is)?|pin ?code(?: is)?|it'?s)"
    r"[\s:,]{0,3}$",
    re.IGNORECASE,
)
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
_NOT_BETWEEN = re.compile(rf"[^\w\s,.'’/#()-]|\.\s|\n\n|{BLANK}")
_LINKING = words("in_addresses")
_MOST_WORDS = 10


def addresses(seen: str, asked: bool) -> Iterator[Finding]:
    if not (asked or _DIGIT.search(seen)):
        return
    end = 0
    for group in _groups((_ASKED_PIECE if asked else _PIECE).finditer(seen), seen):
        start, hints = max(end, group[0].start()), sum(bool(piece["hint"]) for piece in group)
        cued = asked or bool(_CUE.search(seen, max(0, start - 30), start))
        clear = any(piece["clear"] for piece in group) or (
            hints and (len(group) > 1 or (cued and len(group[0][0]) > 3))
        )
        if clear and start < group[-1].end():
            end = _end(seen, group[-1].end(), cued)
            yield Finding(start, end, "ADDRESS", ("".join(filter(str.isalnum, seen[start:end].casefold())),))


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


def _is_place(word: str) -> bool:
    return word.casefold() in _LINKING or not usual(word, VERY_USUAL)


def _end(seen: str, end: int, cued: bool) -> int:
    """Where the address ends: after its towns, or where one was asked for, with the last word that may be a place."""
    while (match := _TOWN.match(seen, end)) and not any(map(never, _WORD.findall(match["town"]))):
        end = match.end()
    for _ in range(_MOST_WORDS if cued else 0):
        match = _NEXT.match(seen, end)
        if not match or not all(map(_is_place, _WORD.findall(match[0]))):
            break
        end = match.end()
    return end
