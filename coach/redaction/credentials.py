"""What somebody proves with who they are: passwords, PINs, one-time codes, security answers."""

import re
from collections.abc import Collection, Iterator
from itertools import takewhile

from coach.redaction.finding import Finding
from coach.redaction.lexicon import is_word, never
from coach.redaction.numbers import is_amount
from coach.redaction.spoken import said
from coach.redaction.words import one_of, words

_PASSWORD = (
    r"pass[ ]?words?|pass[ ]?codes?|pass[ ]?phrases?|passwd|pwd|pw|credentials?|pass(?=\s?[:=]|[ ][a-z]+\d)|pass[ ]?key"
    r"|memorable[ ](?:word|name|place)"
    r"|security[ ](?:answer|word|phrase)|secret[ ](?:word|answer|phrase)"
)
_CODE = (
    r"pin(?:[ ]?code|[ ]number|[ ]no\.?)?|otp(?:[ ]code)?|one[- ]time[ ](?:code|pin|password|pass[ ]?code)"
    r"|(?:verification|security|authenti\w+|auth|access|login|log-in|2fa|sms|text|unlock|card|door|gate|alarm|entry|key"
    r"|safe|lock[ ]?box|recovery|backup|reset|activation|wi-?fi|network)[ ](?:code|pin|key)|puk(?:[ ]code)?"
    r"|cvv2?|cvc2?|cvn|m-?pin|t-?pin|(?:three|3)[ ](?:digits|numbers)[ ]on[ ](?:the[ ])?back"
    r"|security[ ]number(?:[ ]on[ ](?:the[ ])?back)?"
)
_ABOUT = (
    r"(?:(?:[ ](?:on|for|from|in|of|we|you|i)[ ](?:the[ ]|my[ ]|your[ ]|our[ ])?\w+){0,2}"
    r"|[ ](?:that[ ])?(?:we|you|i|he|she|they)(?:'ve|[ ]have)?(?:[ ]\w+){1,4}?)"
)
_LINK = (
    rf"(?:{_ABOUT}(?=\s?(?:(?:is|was)\b|[:=])))?(?:[.,]?\s(?:it|that|mine)(?='s|[ ](?:is|was))|\s?[:=,-]"
    r"|\s?(?:'s|is|was|are|as|to|from|now|number|it's|its|i[ ](?:got|have|used|set|received)|we[ ]sent)\b){0,3}"
)
_CUE = re.compile(
    rf"""(?<![\w-])(?:(?P<password>{_PASSWORD})|(?P<code>{_CODE})
    |(?P<any>code(?:\s(?:i|you|we)\s\w+|\s(?:from|in|on|by)\s(?:the\s|your\s|my\s)?\w+)?
        (?=\s?(?:is|was|[:=])\W|\s\d{{4,8}}(?!\w))))
    (?![\w-])(?P<link>{_LINK})[\s"'“‘«(]{{0,3}}""",
    re.VERBOSE | re.IGNORECASE,
)
_KEY = re.compile(
    r"""\b(?:token|api[ -]?key|(?:secret|access|private|licen[cs]e|product|activation)[ -]key|bearer|client[ ]secret
    |authorization)\b
    (?:\s?(?:is|was|[:=]))*[\s"'`]{1,3}(?P<value>(?=[\w./+=-]{0,80}?\d)[\w./+=-]{12,400}(?<![.]))
    | (?<![\w-])(?P<known>(?:sk|pk|rk)_(?:live|test)_\w{8,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|xox[abpr]-[\w-]{10,}
    |AKIA[A-Z\d]{12,}|AIza[\w-]{20,}|glpat-[\w-]{12,}|eyJ[\w-]{8,}(?:\.[\w-]+){1,2})""",
    re.VERBOSE | re.IGNORECASE,
)
"""What programs prove who they are with; the second half knows the keys of Stripe, GitHub, Slack, AWS and others."""
_BEFORE = re.compile(
    rf"""(?<![\w£$€.,/:-])(?P<value>\d{{4,8}}|\d{{3}}[ ]\d{{3}}
    | (?=[^\s\0]{{0,30}}\d)(?=[^\s\0]{{0,30}}[a-z])[^\s\0,.;:]{{5,30}})
    ,?[ ](?:is|was|as|for)[ ](?:my|the|your|our|a)[ ](?:new[ ]|old[ ]|current[ ])?(?:{_PASSWORD}|{_CODE}|code)(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_CUE_PASSWORD = re.compile(rf"(?<![\w-])(?:{_PASSWORD})(?![\w-])", re.VERBOSE | re.IGNORECASE)
_MIXED = re.compile(
    r"(?<![\w@#./:-])(?!(?i:iphone|ipad|ios|windows|galaxy|android|macbook|office|pixel|http|v\d))"
    r"(?=[^\s\0]{0,30}[a-z])(?=[^\s\0]{0,30}\d)(?=[^\s\0]{0,30}(?:[A-Z]|[!#$%&*+?_]\S))[^\s\0,;:()\"]{6,30}(?<![.?'])"
)
"""Letters, digits and a capital or a sign: what only a password looks like, where one is spoken of."""
_QUOTED = re.compile(r"[^\"”»\n\0]{3,60}(?=[\"”»])")
_PHRASE = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+){1,5}(?=\s*$)")
_CHANGED = re.compile(r"\sto\s+[\"'“‘]?(?P<value>[^\s\0]{4,40}(?<![.,;:?\"'”’)]))")
# A code is secret unless it is of some other sort.
_OTHER_SORT = re.compile(rf"{one_of('other_codes')}[ -]?$", re.IGNORECASE)
_FAULT = re.compile(r"\b(?:error|fail\w*|fault|crash\w*|exit\w*|status)\b[^.!?]*$", re.IGNORECASE)
_LINKED = re.compile(r"\b(?:is|was|are|as|to|it'?s)\b|[:=]|got|used|set", re.IGNORECASE)
_WORD = re.compile(r"[^\s\0]{3,60}(?<![.,;:?\"'”’»)])")
_MARKED = re.compile(r"\d|[^\W\d]*[^\w'’/-][^\s]|[a-z][A-Z]|\w!+$|_")
_WORDS = re.compile(r"(?:[^\W\d_]+(?: [^\W\d_]+){0,3})?(?=[.,;!?\n ]|$)|")
_TYPED = re.compile(
    r"\b(?:typed?(?: in)?|typing|enter(?:ed|ing)?|tried|trying|put in|us(?:ed|ing)|(?:changed|set) to|no|is|was|it'?s)"
    r"[ ,:]{1,2}"
    r"[\"'“‘]?(?P<value>(?=[^\s\0]{0,30}[^\W\d_]{3})(?=[^\s\0]{0,30}\d{2})[A-Z][^\s\0]{5,30}(?<![,.;:?\"'”’)]))"
    r"(?=[\"'”’,]? (?:(?:do|does|did|is|wo)(?:n['’]?t| not)|and it|but it|is (?:rejected|wrong|invalid)))"
)
_STRONG = re.compile(
    r"(?<![\w@#./:&?=-])(?=[^\s\0]{0,30}[a-z])(?=[^\s\0]{0,30}[A-Z])(?=[^\s\0]{0,30}\d)(?=[\w-]{0,20}[!@#$%^&*+][\w-])"
    r"[\w!#$%^&*@+-]{8,30}(?![\w@/:]|\.\w)"
)
"""Small letter, capital, digit and a sign inside: a password, whatever stands around it."""
_SENTENCE_END = re.compile(r"[\"'”’»)]{0,2}\s*(?:[.,;!\n]|$|and\b|but\b)", re.IGNORECASE)
_NOT_IT = words("no_password")
_DIGITS = re.compile(
    r"\d(?:[ -]?\d){2,7}(?!\w|[.,:/-]\d|\s?-?digits?\b)|[a-z]{1,3}-\d{4,8}(?!\w)"
    r"|(?=[a-z-]{0,9}\d)[a-z\d]{3,6}-?[a-z\d]{1,6}(?:-[a-z\d]{2,6}){0,5}(?![\w-])",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?<![\w@.#£$€-])(?:\d(?:[ -]?\d){2,7}(?![\w]|[.,:/-]\d)|(?=[^\s\0\d]{0,20}\d)[^\s\0]{4,40}(?<![.,;:?)]))"
)
_SHORT = 6
_FEW_WORDS = re.compile(
    r"\s*(?:(?:yes|sure|ok|um|uhh?|er|hmm|i think)[,.]?\s|(?:it|that)'?(?:s|ll be)\s|it was\s|the word is\s){0,3}"
    r"(?P<words>[^\s\0]{2,40}(?: [^\s\0]{2,40}){0,2}(?<![.,;:?!)]))[.!]?\s*",
    re.IGNORECASE,
)
_NO_ANSWER = words("no_answer")


def secrets(seen: str, asked: Collection[str]) -> Iterator[Finding]:
    """Values after the word for them, "my password is …", "PIN 1234"; where asked for, codes and a few words."""
    last = 0
    has_digit = any(map(str.isdigit, seen))
    for match in _KEY.finditer(seen) if has_digit else ():
        yield _secret(seen, *match.span(match.lastgroup or 0))
    for match in _BEFORE.finditer(seen) if has_digit else ():
        yield _secret(seen, *match.span("value"))
    for cue in _CUE.finditer(seen):
        end = _password_end(seen, cue) if cue["password"] else _code_end(seen, cue)
        if cue.start() >= last and end:
            yield _secret(seen, cue.end(), end)
            last = end
            changed = _CHANGED.match(seen, end) if cue["password"] and _MARKED.search(seen[cue.end() : end]) else None
            if changed and _MARKED.search(changed["value"]):
                yield _secret(seen, *changed.span("value"))
    for match in _MIXED.finditer(seen) if _CUE_PASSWORD.search(seen) else ():
        yield _secret(seen, *match.span())
    for match in _STRONG.finditer(seen) if has_digit else ():
        yield _secret(seen, *match.span())
    for match in _TYPED.finditer(seen) if has_digit else ():
        yield _secret(seen, *match.span("value"))
    if "SECRET" in asked and not last:
        yield from _answers(seen, "WORD" in asked)


def _secret(seen: str, start: int, end: int) -> Finding:
    return Finding(start, end, "SECRET", (re.sub(r"[\s-]", "", seen[start:end]).casefold(),))


def _password_end(seen: str, cue: re.Match[str]) -> int:
    """Where the password ends, 0 for none. A plain word must end the sentence: "the password is wrong" tells none."""
    at = cue.end()
    linked = _LINKED.search(cue["link"])
    if linked and seen[at - 1] in '"“«' and (quoted := _QUOTED.match(seen, at)):
        return quoted.end()
    value = _WORD.match(seen, at)
    if not value:
        return 0
    word = value[0].casefold()
    if _MARKED.search(value[0]):
        return value.end() if linked or (re.search(r"[^\W\d_]", word) and re.search(r"\d", word)) else 0
    phrase = _PHRASE.match(seen, at) if ":" in cue["link"] or "=" in cue["link"] else None
    if phrase and not any(map(never, phrase[0].split())):
        return phrase.end()
    if linked and word not in _NOT_IT and not word.endswith(("ed", "ing")):
        words_here = _WORDS.match(seen, at)
        rare = takewhile(lambda part: not is_word(part), words_here[0].split(" ") if words_here else ())
        end = at + len(" ".join(rare))
        return end if end > at else value.end() if _SENTENCE_END.match(seen, value.end()) else 0
    return 0


def _code_end(seen: str, cue: re.Match[str]) -> int:
    """Where a code of digits, or of letters and digits, ends, written or said; 0 for none."""
    if cue["any"] and (
        _OTHER_SORT.search(seen, max(0, cue.start() - 15), cue.start())
        or _FAULT.search(seen, max(0, cue.start() - 30), cue.start())
    ):
        return 0
    value = _DIGITS.match(seen, cue.end())
    if value:
        is_postal = "code" in cue[0].casefold() and "pin" in cue[0].casefold() and len(value[0]) == 6
        return 0 if is_postal else value.end()
    spoken = next(said(seen[cue.end() : cue.end() + 80]), None)
    return cue.end() + spoken.end if spoken and not spoken.start and spoken.words >= 3 else 0


def _answers(seen: str, word: bool) -> Iterator[Finding]:
    is_short = len(seen.split()) <= _SHORT
    found = [
        _secret(seen, *match.span())
        for match in _ANSWER.finditer(seen)
        if (is_short or match[0].replace(" ", "").isdigit()) and not is_amount(seen, *match.span())
    ]
    single = _FEW_WORDS.fullmatch(seen) if word and not found else None
    if single and not any(part in _NO_ANSWER for part in single["words"].casefold().split()):
        found = [_secret(seen, *single.span("words"))]
    yield from found
