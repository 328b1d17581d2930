"""People's names, by what support conversations give away: greetings, sign-offs, "my name is", answers, titles.

Where the cue is weak or there is none, a list of the world's given names helps. What neither gives away, such as a
rare surname in passing, is not found.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from coach.redaction.finding import Finding
from coach.redaction.lexicon import (
    ALSO_WORDS,
    ELSEWHERE,
    PARTICLES,
    VERY_USUAL,
    WITH_SURNAME,
    is_given,
    is_listed,
    is_misspelt,
    is_name,
    is_rare,
    is_surname,
    is_word,
    never,
    usual,
)
from coach.redaction.reading import LETTER, WORD, Cue, Mention, Speech, read
from coach.redaction.spoken import said
from coach.redaction.words import one_of, words

_AT = rf"[ ]{{1,2}}(?:(?:uh+|um+|erm?|ah|like|just)[,.…]*[ ])?(?={LETTER})"
_NAMED = (
    r"(?:name|nmae|anme|naem|nam)(?:'?s)?(?:[ ]on[ ](?:the|my|your|file)(?:[ ]\w+)?)?"
    r"(?:[ ](?:is|was|as)|'s|\s?[=:]|\s?[-–—](?=[ ]))"
    r"(?:[ ](?:actually|just))?"
)
_PART = r"(?:full|first|last|given|family|middle|maiden|pet|nick|sur|user)[ ]?"
_KIN = one_of("kin")
# These are matched against the text in small letters, which is faster than to ignore case.
_STRONG = re.compile(
    rf"""(?<![\w-])(?:(?P<own>my[ ](?:{_PART})?(?:{_NAMED}|name)|(?:they[ ])?call[ ]me|i(?:[ ]a|'?)m[ ](?:called|named))
    | (?:{_PART})?{_NAMED} | (?:first|last|sur|family|given|middle)[ ]?name
    | (?:under|in)[ ]the[ ]name(?:[ ]of)? | (?:account|card|policy)[ -]?holder(?:[ ]is|'s|[ ]?:)
    | called|named|by[ ]the[ ]name[ ]of|name[ ]on[ ](?:the[ ]|my[ ])?card|attn:?|c/o|care[ ]of
    | (?:beneficiary|recipient|passenger|payee|addressee)[ ]?:
    | (?:registered|made[ ]out|payable|addressed|belongs)[ ](?:to|under) )[,"“']?{_AT}""",
    re.VERBOSE,
)
_SELF = re.compile(
    rf"""(?<!\w)(?P<own>it['’]?s|it[ ]is|(?:you(?:['’]re|[ ]are|r|['’]ve)|u[ ]r)[ ](?:now[ ])?
    (?:speaking|chatting|talking|chat|connected|through|reached)[ ](?:with|to)
    |you[ ]now[ ]chat[ ]with|here[ ]is|am){_AT}""",
    re.VERBOSE,
)
_OWN = re.compile(rf"(?<!\w)(?P<own>this[ ]is|i[ ]am|i['’]?m){_AT}", re.VERBOSE)
_LABEL = re.compile(
    rf"""(?:^|[\n;|>•*-])[ ]?(?:{_PART})?(?:name|from|to|cc|customer|guest|passenger|contact|recipient|caller|client
    |tenant|patient|student|rider|driver|attendees?|traveller|signed|sender)[ ]?(?:\d[ ]?)?:{_AT}""",
    re.VERBOSE,
)
_GREETING = re.compile(
    rf"""(?:^|[\n.!?,;>]|\b(?:oh|and|so|well|yes|yeah|okay|ok))\s{{0,3}}(?P<cue>hi|hello|hey|hiya|heya|dear|greetings
    |good[ ](?:morning|afternoon|evening|day)|morning|afternoon|evening|welcome(?:[ ]back)?|namaste|bonjour|hola|hallo)
    (?:[ ](?:there|again|back))?[ ]{{0,2}}[,!]?{_AT}""",
    re.VERBOSE,
)
_REPLY = re.compile(
    rf"""(?<!\w){one_of("replies")}
    (?:[ ](?:very|so)[ ]much|[ ]a[ ]lot|[ ]again|[ ]about[ ]that|[ ]to[ ]hear[ ]that)?,?{_AT}""",
    re.VERBOSE,
)
_PERSON = re.compile(rf"(?<!\w)(?:{one_of('person_cues')}|{_KIN}),?{_AT}")
_OF_SOMEBODY = re.compile(
    rf"(?<!\w)(?:(?:my|our|his|her|their|your)[ ]{_KIN}|{_KIN}(?:'s[ ]name)?[ ](?:is|was|called|named)),?{_AT}"
)
_CUES = (
    (_STRONG, Cue.STRONG),
    (_SELF, Cue.FAIR),
    (_OWN, Cue.OWN),
    (_LABEL, Cue.GOOD),
    (_GREETING, Cue.GOOD),
    (_REPLY, Cue.FAIR),
    (_PERSON, Cue.GOOD),
    (_OF_SOMEBODY, Cue.CLEAR),
)
_TITLE = re.compile(
    rf"(?<!\w)(?:(?i:mr|mrs|ms|mx|dr|prof|mister|herr|frau|señora?|shri|smt|mme|doctor|professor)\b|Miss|Sra?|Master|Doña"
    rf"|Barrister|Chief|Pastor|Rev(?:erend)?|Captain|Capt|Sergeant|Sgt|Nurse|Uncle|Auntie|Aunt|Sister|Brother|Lady|Sheikh"
    rf"|Engr|Alhaji|Hajia|Madam|Judge|Lord)\.?{_AT}"
)
_HERE_BEFORE = re.compile(
    rf"""(?:^|[\n.!?,:>-]\s{{0,2}}
    |\b(?:hi|hello|hey|yes|yeah|morning|afternoon|evening|its|it's|holding|sure|there|oh)[ ])(?={LETTER})""",
    re.VERBOSE,
)
_HERE = re.compile(r",?[ ](?:here|speaking|this side)(?!\w)", re.IGNORECASE)
_SIGN_OFF = re.compile(
    rf"""(?:(?:^|[\n.!?,])\s{{0,3}}(?:(?:kind|best|warm|kindest|warmest|many|with|my|all[ ]the|yours|your|very)
      [ ]){{0,2}}
    (?:regards|wishes|best|sincerely|faithfully|truly|respectfully|love|rgds|br|kr|greetings|take[ ]care
      |(?P<thanks>thanks|thx|cheers|thank[ ]you))[ ]?[,.!-]*\s{{1,4}}
    | (?:(?<=[\s.!?)])|^)[-–—~][ ]?)(?={LETTER})""",
    re.VERBOSE,
)
_CARET = re.compile(rf"\^[ ]?(?={LETTER}{{3}})")
_LAST = re.compile(rf"(?:\n\s{{0,3}}|[.!?][ ]{{1,2}})(?={LETTER}[^\n.!?]{{0,40}}[.!]?\s*\Z)")
_LINE_END = re.compile(r"[.,!]?[ ]*(?:\n|\Z|\()")
_OPENERS = re.compile(rf"(?:{one_of('openers')}(?!\w)|[\s,.:;\0\d)-])*+")
_SPELLING = re.compile(r"\b[a-z][ ,.-]{1,2}[a-z]\b|\b[a-z] (?:for|as|like) ")
_NAME_BEFORE = re.compile(r"\b(?:name|surname|spel\w+|that['’]?s)\b[^.!?]{0,30}$")
_INITIAL = re.compile(rf"(?<![\w.])(?:[A-Z]\. ?){{1,2}}(?={LETTER})([A-Z]{LETTER}{{2,30}})(?!\w)")
_JOINED = re.compile(
    r"(?:^|[.:\n])\s*([^\n.:]{2,40}?) (?:has )?(?:joined|left|entered)(?!\w)|\bclosed by ([^\n.]{2,40})"
)

SENTENCE_START = re.compile(r"(?:^|[.!?\n:;>•*\"“(\0])\s*$")
_AND = re.compile(r" (?:and|&|or|und|y|et) |, ")
_AND_MORE = re.compile(r", [A-Z]| (?:and|&|or) ")
_NO_INITIALS = frozenset(
    ("OK", "NO", "TY", "TX", "KR", "BR", "UK", "US", "EU", "AM", "PM", "TV", "ID", "PS", "PC", "A", "I")
)
_WORD_BEFORE = re.compile(rf"(?<!\w){LETTER}{{2,30}}$")
_MOST_BESIDE = 4
_NOT_FIRST = frozenset(("will", "may", "can", "mark", "hope", "grace", "bill", "rob", "sue", "chase", "grant", "drew"))
_BEFORE_PLACES = words("before_places")
_LAST_WORD = re.compile(r"(\w+) $")
_WITH = re.compile(
    r"\b(?:and|paid|pay|contact|call|email|text|for|with|by|to|told|tell|ask|asked|called|thanks|thank) $"
)
_TELLS = re.compile(
    r" (?:is|was|has|had|will|to|in|said|says|told|promised|advised|assured|called|asked|sent|hung up)(?!\w)"
)
_DOES = re.compile(
    r",|[ ][-–—][ ]|['’]s(?!\w)"
    r"|[ ](?:was|is|will|can|could|would|comes|came|has|had"
    r"|asked|called|helped|confirmed|sent|did|from|in|and|said|says|told"
    r"|promised|advised|assured|explained|informed|mentioned|hung up)(?!\w)"
)
_TOLD_ME = re.compile(
    r"['’]s[ ]|[ ](?:told|called|promised|said|says|assured|advised|helped|rang|emailed|texted|informed)(?!\w)"
)
_NUMBERED = re.compile(r" \d{2,5}(?![\d:/.])")
_INTRODUCED = re.compile(
    rf"(?=(?:,|['’]?s?[ ]is|['’]s|[ ]-|[ ]\()[ ]?(?:(?:my|our|his|her|their)[ ]{_KIN}(?!\w)"
    rf"|my[ ](?:(?:real|full|first|last|given|actual|legal|middle)[ ]){{0,2}}"
    rf"(?:name|surname)(?!\w))|[ ]with[ ](?:an?|one|two|double)[ ][a-z](?!\w))"
)
_INITIALS_LINE = re.compile(
    r"(?:\n|[.!?][ ]{1,2})\s{0,3}(?:[-–—][ ]?)?([A-Z]{1,2}\.?|[A-Z]\.[ ]?[A-Z]\.)\s{0,3}(?:\Z|\n\s{0,3}--)"
)
_ORGANISATION = re.compile(rf"(?:['’]s)?(?:[ ](?:&|and)[ ]\w+)?[ ]{one_of('organisations')}(?![\w'’-])")
_ORGANISATION_END = re.compile(rf"(?<![\w'’]){one_of('organisations')}")
_FIRM = re.compile(r"['’]s[ ]|,[ ]|[ ]from[ ](?:your|the|our)[ ]|[ ]and[ ]\w+[ ](?:are|were|have|share)(?!\w)")
_PRESSED = re.compile(r"(?:click|tap|press|select|choose|hit|button|option|called|>|[\"'“‘]) ?$")
_COMMA_BEFORE = re.compile(r",[ ]{1,2}$")
_CLAUSE_END = re.compile(r"[ ]?(?:[.!?]|$)")
_VOCATIVE_END = re.compile(r"[ ]?(?:[.!?,;:]|$|[ ][-–—:][ )]|\n)")
_VOCATIVE_START_END = re.compile(r",[ ]|[ ][-–—][ ]")
_DETERMINED = re.compile(r"\b(?:the|a|an|my|your|our|this|that|some|any|no|very|so|too|more|of|is|are|be|and|or|not) $")
_FAIRLY_RARE = 3_000
_OF_TEAM = re.compile(
    r" (?:from (?:your|our|customer|tech\w*|billing|support|sales|(?:the )?\w+ (?:team|department))"
    r"|in (?:billing|support|sales|logistics))(?!\w)"
)
_BRAND = re.compile(rf"(?<!\w){one_of('brands')}(?!\w)", re.IGNORECASE)
_COMPANY = re.compile(
    r"\b(?:[Ww]elcome to|[Tt]hank(?:s| you) for (?:calling|contacting|choosing|reaching out to)|[Cc]ontacting"
    r"|[Cc]alling|here (?:at|from)|(?<!hear )(?<!heard )(?<!message )(?<!mail )(?<!call )(?<!reply )from"
    r"|[Tt]eam at|behalf of|you(?:'re|[’]re| are) through to) (?:the )?"
    r"([A-Z][\w&'-]*(?: [A-Z][\w&'-]*){0,2})"
)


def brands(seen: str) -> Iterator[Finding]:
    """Makers and shops that are called like people; they stay."""
    for match in _BRAND.finditer(seen):
        yield Finding(*match.span())


def companies_in(texts: Iterable[str]) -> set[str]:
    """Words that the agents' side uses as its company's name: welcome to …, thank you for calling …, here at …."""
    return {word.casefold() for text in texts for found in _COMPANY.findall(text) for word in WORD.findall(found)}


def mentions(speech: Speech) -> list[Mention]:
    """The names that this turn itself gives away, in order, without overlap."""
    found = [mention for finder in _FINDERS for mention in finder(speech)]
    found += [other for mention in found for other in _beside(speech, mention)]
    apart: list[Mention] = []
    found = [mention for mention in found if not _is_organisation(speech, mention)]
    for mention in sorted(found, key=lambda mention: (mention.start, -mention.end, not mention.own)):
        if not apart or mention.start >= apart[-1].end:
            apart.append(mention)
    return apart


def own_names(speech: Speech) -> list[Mention]:
    """Those of `mentions` that are the speaker's."""
    may_be = any(mention.own for finder in _OWN_FINDERS for mention in finder(speech))
    return [mention for mention in mentions(speech) if mention.own] if may_be else []


def _is_organisation(speech: Speech, mention: Mention) -> bool:
    """Whether it is a company's name: Rose & Crown Hotels."""
    last = mention.words[-1].casefold()
    return bool(
        _ORGANISATION.match(speech.small, mention.end) or (len(mention.words) > 1 and _ORGANISATION_END.fullmatch(last))
    )


def _beside(speech: Speech, mention: Mention) -> Iterator[Mention]:
    """Ana and Zork; Ana, Zork and Bo."""
    at = mention.end
    for _ in range(_MOST_BESIDE):
        link = _AND.match(speech.seen, at)
        found = read(speech, link.end(), Cue.GOOD) if link else None
        if found is None or (link and link[0].startswith(",") and not _AND_MORE.match(speech.seen, found.end)):
            return
        yield found
        at = found.end


def _cued(speech: Speech) -> Iterator[Mention]:
    for match in _TITLE.finditer(speech.seen):
        if found := read(speech, match.end(), Cue.STRONG):
            yield replace(found, start=match.start())
    for pattern, cue in _CUES:
        own = pattern is _PERSON and speech.role in ("system", "bot")
        for match in pattern.finditer(speech.small):
            if found := read(speech, match.end(), cue, own or bool(match.groupdict().get("own"))):
                yield found


def _here(speech: Speech) -> Iterator[Mention]:
    """Priya here; Tom Brown speaking."""
    for match in _HERE_BEFORE.finditer(speech.small) if _HERE.search(speech.seen) else ():
        found = read(speech, match.end(), Cue.OWN, own=True)
        if found and _HERE.match(speech.seen, found.end):
            yield found


def _signed(speech: Speech) -> Iterator[Mention]:
    """Names under a text: Best regards, Tom; - Priya; ^Ganesh; a last line that is a name."""
    places = [(m.end(), Cue.GOOD, not m["thanks"] or "\n" in m[0]) for m in _SIGN_OFF.finditer(speech.small)]
    places += [(m.end(), Cue.GOOD, True) for m in _CARET.finditer(speech.seen)]
    places += [(m.end(), Cue.GOOD if "\n" in m[0] else Cue.WEAK, True) for m in _LAST.finditer(speech.seen)]
    for at, cue, own in places:
        found = read(speech, at, cue, own)
        if found and _LINE_END.match(speech.seen, found.end):
            yield found


def _answers(speech: Speech) -> Iterator[Mention]:
    """The answer to a question for a name: a listed or rare name, or other words if they may be and nothing follows."""
    opening = _OPENERS.match(speech.small) if "NAME" in speech.asked else None
    if not opening:
        return
    found = read(speech, opening.end(), Cue.GOOD, own=True)
    if found:
        yield found
    elif found := read(speech, opening.end(), Cue.STRONG, own=True):
        ends = _LINE_END.match(speech.seen, found.end) or len(found.words) > 1
        if ends and all(is_name(word) or not is_word(word) or word.casefold() in PARTICLES for word in found.words):
            yield found


def _introduced(speech: Speech) -> Iterator[Mention]:
    """Norm, my partner; sunny is my real name; mark with a k."""
    for match in _INTRODUCED.finditer(speech.small) if "my " in speech.small or " with " in speech.small else ():
        before = _WORD_BEFORE.search(speech.seen, max(0, match.start() - 40), match.start())
        low = before[0].casefold() if before else ""
        may_be = is_name(low) or low in WITH_SURNAME
        if before and may_be and not never(low) and (before[0][0].isupper() or not usual(low, VERY_USUAL)):
            yield Mention(*before.span(), (before[0],))


def _initials(speech: Speech) -> Iterator[Mention]:
    """JP, or H., as the last line."""
    match = _INITIALS_LINE.search(speech.seen)
    if match and match[1] not in _NO_INITIALS:
        yield Mention(*match.span(1), (match[1].rstrip("."),), own=True)


def _spelled(speech: Speech) -> Iterator[Mention]:
    """Names spelled out: s m i t h, S-M-I-T-H, s for sugar m for mike …"""
    for run in said(speech.small) if _SPELLING.search(speech.small) else ():
        if run.letters == len(run.units) > 2:
            word = run.value
            cued = "NAME" in speech.asked or _NAME_BEFORE.search(speech.small, max(0, run.start - 50), run.start)
            if len(word) > 4 or (cued and (len(word) == 4 or is_name(word))) or (len(word) == 4 and is_name(word)):
                yield Mention(run.start, run.end, (word,))


def _initialled(speech: Speech) -> Iterator[Mention]:
    """J. Smith."""
    for match in _INITIAL.finditer(speech.seen):
        if is_name(match[1]) and match[1].casefold() not in ELSEWHERE:
            yield Mention(*match.span(), tuple(WORD.findall(match[0])))


def _joined(speech: Speech) -> Iterator[Mention]:
    """Priya has joined the chat; chat closed by Priya."""
    for match in _JOINED.finditer(speech.seen) if speech.role in ("system", "bot") else ():
        first, last = match.span(match.lastindex or 0)
        places = (word.start() for word in WORD.finditer(speech.seen, first, last))
        yield from list(filter(None, (read(speech, place, Cue.GOOD, own=True) for place in places)))[:1]


def _in_passing(speech: Speech) -> Iterator[Mention]:
    """Listed given names that no cue announces: with a capital, or small where somebody is spoken of."""
    end = 0
    for match in WORD.finditer(speech.seen):
        if match.start() < end or never(match[0]):
            continue
        is_small = not speech.is_cased or match[0].islower()
        found = _small_in_passing(speech, match) if is_small else _capital_in_passing(speech, match)
        if found:
            end = found.end
            yield found


def _small_in_passing(speech: Speech, match: re.Match[str]) -> Mention | None:
    """Without capitals: a listed name that English hardly has as a word, or a rarer one that is addressed or acts."""
    word, (start, end) = match[0].casefold(), match.span()
    if word in ELSEWHERE or len(word) < 3 or usual(word, _FAIRLY_RARE) or not is_given(word) or is_misspelt(word):
        return None
    spoken_of = _WITH.search(speech.small, max(0, start - 12), start) or _TELLS.match(speech.small, end)
    if not speech.is_cased:
        following = WORD.match(speech.seen, end + 1)
        is_common = is_listed(word) and len(word) > 3 and not _DETERMINED.search(speech.small, max(0, start - 8), start)
        is_full = following is not None and is_surname(following[0]) and is_rare(following[0])
        is_clear = len(word) > 4 and is_rare(word) and _FIRM.match(speech.small, end)
        if is_common or is_full or is_clear:
            return read(speech, start, Cue.GOOD) or Mention(start, end, (match[0],))
    if spoken_of or _is_addressed(speech, start, end):
        return read(speech, start, Cue.GOOD) or Mention(start, end, (match[0],))
    return None


def _is_addressed(speech: Speech, start: int, end: int) -> bool:
    """Thanks for that, Ana. Or at the start of a sentence: Ana, I have found it; Ana - one moment."""
    if _COMMA_BEFORE.search(speech.seen, max(0, start - 3), start):
        return bool(_VOCATIVE_END.match(speech.seen, end))
    is_first = SENTENCE_START.search(speech.seen, max(0, start - 5), start)
    return bool(is_first and _VOCATIVE_START_END.match(speech.seen, end))


def _capital_in_passing(speech: Speech, match: re.Match[str]) -> Mention | None:
    start, first = match.start(), match[0].casefold()
    if _OF_TEAM.match(speech.small, match.end()) and (found := read(speech, start, Cue.GOOD)):
        return found
    if not (is_name(first) or first in WITH_SURNAME) or first in PARTICLES:
        return _rare_and_called(speech, match) if speech.role == "agent" else None
    is_first = bool(SENTENCE_START.search(speech.seen, max(0, start - 5), start))
    if first in ALSO_WORDS:
        return _word_in_passing(speech, match, is_first)
    found = read(speech, start, Cue.WEAK) or read(speech, start, Cue.STRONG)
    if found and _is_full(found.words):
        return None if is_first and usual(first, VERY_USUAL) and is_given(found.words[1]) else found
    if found is None or first in ELSEWHERE or usual(first) or not is_given(first):
        return None
    is_clear = is_listed(first) and not usual(first, _FAIRLY_RARE)
    is_single = len(found.words) == 1 and (is_clear or not match[0].isupper()) and _is_alone(speech, found)
    is_all = not speech.seen[:start].strip() and not speech.seen[found.end :].strip(" .!\n")
    stands = not is_first or is_all or _DOES.match(speech.small, found.end) or (is_clear and not is_word(first))
    return found if is_single and stands and not _NUMBERED.match(speech.seen, found.end) else None


def _rare_and_called(speech: Speech, match: re.Match[str]) -> Mention | None:
    """Is that right, Mei?"""
    (start, end), word = match.span(), match[0]
    is_called = _COMMA_BEFORE.search(speech.seen, max(0, start - 3), start) and _CLAUSE_END.match(speech.seen, end)
    may_be = word[1:].islower() and word.casefold() not in ELSEWHERE and is_rare(word)
    return Mention(start, end, (word,)) if is_called and may_be else None


def _word_in_passing(speech: Speech, match: re.Match[str], is_first: bool) -> Mention | None:
    """Will, Rose, Mark: with a surname, inside a sentence, addressed or said to do what people do."""
    start, end = match.span()
    found = read(speech, start, Cue.STRONG)
    if (
        found
        and len(found.words) > 1
        and _is_full(found.words)
        and not (is_first and match[0].casefold() in _NOT_FIRST and is_given(found.words[1]))
    ):
        return found
    alone = Mention(start, end, (match[0],))
    if match[0].isupper() or not _is_alone(speech, alone) or _PRESSED.search(speech.small, max(0, start - 12), start):
        return None
    if _is_addressed(speech, start, end):
        return alone if match[0].casefold() != "may" else None
    if is_first:
        return alone if _TOLD_ME.match(speech.small, end) else None
    return alone if match[0].casefold() not in ("may", "art") else None


def _is_full(name: tuple[str, ...]) -> bool:
    """Whether this is a given name with a surname, in either order, and no place or thing."""
    is_clear = any(is_name(word) and not usual(word) and word.casefold() not in ELSEWHERE for word in name)
    first = name[0].casefold()
    is_thing = usual(first) and first not in ALSO_WORDS and first not in WITH_SURNAME
    return len(name) > 1 and is_clear and not is_thing and (first in WITH_SURNAME or any(map(is_given, name)))


def _is_alone(speech: Speech, name: Mention) -> bool:
    """Whether it is no part of a longer name of something: Victoria Station, San Pedro."""
    before = _LAST_WORD.search(speech.small, max(0, name.start - 20), name.start)
    after = WORD.match(speech.seen, name.end + 1) if speech.seen[name.end : name.end + 1] == " " else None
    is_thing = after and after[0][0].isupper() and is_word(after[0]) and not never(after[0])
    return not is_thing and not (before and before[1] in _BEFORE_PLACES)


_FINDERS = (_cued, _here, _signed, _initials, _introduced, _answers, _spelled, _initialled, _joined, _in_passing)
_OWN_FINDERS = (_cued, _here, _signed, _initials, _answers, _joined)
