"""What somebody proves with who they are: passwords, PINs, one-time codes, security answers."""

import re
from collections.abc import Collection, Iterator

from coach.redaction.finding import Finding
from coach.redaction.numbers import is_amount
from coach.redaction.spoken import said
from coach.redaction.words import one_of, words

_PASSWORD = (
    r"pass[ ]?words?|pass[ ]?codes?|pass[ ]?phrases?|passwd|pwd|pass[ ]?key|memorable[ ]word|security[ ]answer"
    r"|secret[ ](?:word|answer)"
)
_CODE = (
    r"pin(?:[ ]?code|[ ]number|[ ]no\.?)?|otp(?:[ ]code)?|one[- ]time[ ](?:code|pin|password|pass[ ]?code)"
    r"|(?:verification|security"
    r"|authenti\w+|auth|access|login|log-in|2fa|sms|text|unlock|card)[ ](?:code|pin)|cvv2?|cvc2?|cvn|m-?pin|t-?pin"
)
_LINK = (
    r"(?:[.,]?\s(?:it|that|mine)(?='s|[ ](?:is|was))|\s?[:=-]"
    r"|\s?(?:'s|is|was|are|as|to|now|number|it's|its|i[ ](?:got|have|used|set|received)|we[ ]sent)\b){0,3}"
)
_CUE = re.compile(
    rf"""(?<![\w-])(?:(?P<password>{_PASSWORD})|(?P<code>{_CODE})|(?P<any>code(?:\s(?:i|you|we)\s\w+)?(?=\s?(?:is|was|[:=])\W|\s\d{{4,8}}(?!\w))))
    (?![\w-])(?P<link>{_LINK})[\s"'“‘«(]{{0,3}}""",
    re.VERBOSE | re.IGNORECASE,
)
# A code is secret unless it is of some other sort.
_OTHER_SORT = re.compile(rf"{one_of('other_codes')}[ -]?$", re.IGNORECASE)
_LINKED = re.compile(r"\b(?:is|was|are|as|to|it'?s)\b|[:=]|got|used|set", re.IGNORECASE)
_WORD = re.compile(r"[^\s\0]{3,60}(?<![.,;:?\"'”’»)])")
_MARKED = re.compile(r"\d|[^\W\d]*[^\w'’/-][^\s]|[a-z][A-Z]|\w!+$|_")
_SENTENCE_END = re.compile(r"[\"'”’»)]{0,2}\s*(?:[.,;!\n]|$|and\b|but\b)", re.IGNORECASE)
_NOT_IT = words("no_password")
_DIGITS = re.compile(
    r"\d(?:[ -]?\d){2,7}(?!\w|[.,:/-]\d|\s?-?digits?\b)|[a-z]{1,3}-\d{4,8}(?!\w)"
    r"|(?=[a-z-]{0,9}\d)[a-z\d]{3,6}-?[a-z\d]{1,6}(?![\w-])",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?<![\w@.#£$€-])(?:\d(?:[ -]?\d){2,7}(?![\w]|[.,:/-]\d)|(?=[^\s\0\d]{0,20}\d)[^\s\0]{4,40}(?<![.,;:?)]))"
)
_SHORT = 6
_ONE_WORD = re.compile(r"\s*(?:it'?s\s|the word is\s)?(?P<word>[^\s\0]{3,40}(?<![.,;:?!)]))[.!]?\s*", re.IGNORECASE)
_NO_ANSWER = words("no_answer")


def secrets(seen: str, asked: Collection[str]) -> Iterator[Finding]:
    """Values after the word for them, "my password is …", "PIN 1234"; where asked for, codes and a single word."""
    last = 0
    for cue in _CUE.finditer(seen):
        end = _password_end(seen, cue) if cue["password"] else _code_end(seen, cue)
        if cue.start() >= last and end:
            yield _secret(seen, cue.end(), end)
            last = end
    if "SECRET" in asked and not last:
        yield from _answers(seen, "WORD" in asked)


def _secret(seen: str, start: int, end: int) -> Finding:
    return Finding(start, end, "SECRET", (re.sub(r"[\s-]", "", seen[start:end]).casefold(),))


def _password_end(seen: str, cue: re.Match[str]) -> int:
    """Where the password ends, 0 for none. A plain word must end the sentence: "the password is wrong" tells none."""
    value = _WORD.match(seen, cue.end())
    if not value:
        return 0
    word = value[0].casefold()
    linked = _LINKED.search(cue["link"])
    if _MARKED.search(value[0]):
        return value.end() if linked or (re.search(r"[^\W\d_]", word) and re.search(r"\d", word)) else 0
    plain = (
        linked and word not in _NOT_IT and not word.endswith(("ed", "ing")) and _SENTENCE_END.match(seen, value.end())
    )
    return value.end() if plain else 0


def _code_end(seen: str, cue: re.Match[str]) -> int:
    """Where a code of digits, or of letters and digits, ends, written or said; 0 for none."""
    if cue["any"] and _OTHER_SORT.search(seen, max(0, cue.start() - 15), cue.start()):
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
    single = _ONE_WORD.fullmatch(seen) if word and not found else None
    if single and single["word"].casefold() not in _NO_ANSWER:
        found = [_secret(seen, *single.span("word"))]
    yield from found
