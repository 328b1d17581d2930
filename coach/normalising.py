"""What of a turn is judged: its words, not how they are typed.

An agent's commas, stops, exclamation marks and emoji are left out, and every sentence ends alike, in a question
mark or a full stop; a customer's stay, since they show feeling. Mistyped words are read as meant, British spellings
as their American ones, and a masked piece as something of its kind. What is stored and shown stays as it was.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache

from spellchecker import SpellChecker

from coach.conversation import Role, Spans

SUPPORT_WORDS = (
    "admin admins app apps auth autopay backorder backordered backup broadband captcha chatbot checkout chargeback"
    " chargebacks cont devs dongle dropdown ebook email emails eticket ewallet firmware helpdesk hotspot inbox"
    " landline landlines login logout logins metadata mins msg online paywall phishing playlist popup prepaid presale"
    " rebook rebooked rebooking reinstall reinstalled resend resent reset resets rebill router routers"
    " screenshot screenshots sideload signup smartphone smartwatch subtotal text texted texting timeline timelines"
    " timeslot toolbar uninstall unsubscribe upload uploader url username usernames voicemail voucher vouchers webchat"
    " webcam webpage webpages wifi workaround workarounds"
)
AMERICAN = (
    (re.compile(r"([iy])s(e[drs]?|ing|ations?)$"), r"\1z\2"),
    (re.compile(r"(?<=[a-z]{2})our(s|ed|ing|ites?|able|ful)?$"), r"or\1"),
    (re.compile(r"(?<=[a-z]{3})ll(ed|ing|ers?)$"), r"l\1"),
    (re.compile(r"tre(s?)$"), r"ter\1"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
    (re.compile(r"ence$"), "ense"),
)
STAND_INS = {
    "NAME": "Alex",
    "AGENT": "Sam",
    "EMAIL": "alex@example.com",
    "PHONE": "555 0100",
    "ADDRESS": "12 High Street",
    "DOB": "1 May 1980",
    "URL": "https://example.com",
    "HANDLE": "@12345",
    "IP": "192.0.2.1",
    "SECRET": "4821",
    "NUMBER": "12345",
    "ACCOUNT": "12345",
    "CARD": "12345",
    "IBAN": "12345",
}
PLACEHOLDER = rf"\[(?P<kind>{'|'.join(STAND_INS)})_\d{{1,9}}\]"
WORD = r"(?<![\w'’@#/.-])(?:[a-z]{4,}|[A-Z]{4,})(?![\w'’@/-]|\.\w)"
MARK = r"[.,!;:…]+(?=[\s?\"'”’)\]*_]|$)|[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]+"
WORDS = re.compile(rf"{PLACEHOLDER}|{WORD}")
WORDS_AND_MARKS = re.compile(rf"{PLACEHOLDER}|{WORD}|(?P<mark>{MARK})")
QUESTION = re.compile(r"\?[\s\"'”’)\]*_]*$")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text as it is judged, with its spans, and for each of its characters the place it comes from."""

    text: str
    spans: Spans
    origins: tuple[int, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of the plain text, of a character or more, stands in the text as it was."""
        return self.origins[start], self.origins[end - 1] + 1


class Speller:
    """Words as meant. `vocabulary` holds the words that the encoder knows whole, in lower case."""

    def __init__(self, vocabulary: Collection[str]) -> None:
        self.vocabulary = vocabulary
        self.known = _dictionary()
        self.corrected = lru_cache(maxsize=20_000)(self._corrected)

    def _corrected(self, word: str) -> str:
        other = next((new for british, us in AMERICAN if (new := british.sub(us, word)) != word), word)
        if other in self.vocabulary or (word not in self.vocabulary and other in self.known):
            return other
        known = word in self.vocabulary or word in self.known
        return word if known else self.known.correction(word) or word


@cache
def _dictionary() -> SpellChecker:
    known = SpellChecker(language="en", distance=1)
    known.word_frequency.load_words(SUPPORT_WORDS.split())
    return known


def plain(role: Role, text: str, spans: Spans, speller: Speller) -> Plain:
    """The turn as it is judged. Words with a capital only at the start may be names and stay as they are."""
    letters: list[tuple[str, int]] = []
    moved = []
    at = 0
    for start, end in spans:
        if text[at:start].strip(" /\n"):
            letters += _letters(role, text, at, start, speller)
        if letters:
            letters.append((" ", start - 1))
        sentence = _letters(role, text, start, end, speller)
        while sentence and sentence[-1][0].isspace():
            sentence.pop()
        if not QUESTION.search("".join(letter for letter, _ in sentence)):
            sentence.append((".", max(start, end - 1)))
        moved.append((len(letters), len(letters) + len(sentence)))
        letters += sentence
        at = end
    letters += _letters(role, text, at, len(text), speller)
    return Plain("".join(letter for letter, _ in letters), tuple(moved), tuple(origin for _, origin in letters))


def _letters(role: Role, text: str, first: int, last: int, speller: Speller) -> list[tuple[str, int]]:
    """The letters of a part of the text as they are judged, each with its place in the text."""
    letters: list[tuple[str, int]] = []
    at = first
    for match in (WORDS_AND_MARKS if role == "agent" else WORDS).finditer(text, first, last):
        letters += zip(text[at : match.start()], range(at, match.start()), strict=True)
        word = STAND_INS.get(match["kind"] or "") or (
            " " if match.lastgroup == "mark" else speller.corrected(match.group().lower())
        )
        letters += [(letter, min(match.start() + n, match.end() - 1)) for n, letter in enumerate(word)]
        at = match.end()
    return [*letters, *zip(text[at:last], range(at, last), strict=True)]
