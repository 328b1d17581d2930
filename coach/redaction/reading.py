"""Whether a name begins at a place of a text, and where it ends.

A word is taken for a name by how much what stands around it speaks for one, and by how it is written.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from coach.conversation import Role
from coach.redaction.finding import lowered
from coach.redaction.lexicon import (
    ALSO_WORDS,
    ELSEWHERE,
    PARTICLES,
    VERY_USUAL,
    WITH_SURNAME,
    is_given,
    is_misspelt,
    is_name,
    is_rare,
    is_surname,
    is_word,
    never,
    usual,
)

# With the vowel signs and accents that some scripts write as characters of their own.
LETTER = r"(?:[^\W\d_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0980-\u09e3\u0a01-\u0dff\u0e31-\u0e4e])"
# Bounded, as text is not to be trusted: no name is longer.
WORD = re.compile(rf"{LETTER}{{1,40}}+(?:(?:['’](?![sS](?!{LETTER}))|-(?={LETTER}{{2}})){LETTER}{{1,40}}+){{0,4}}+")
SPACE = re.compile(r"[ \u00a0]{1,2}|\.[ \u00a0]{0,2}")
_FIRM = re.compile(r",?[ ](?:here|speaking|calling|from|this side)(?!\w)", re.IGNORECASE)
_CLOSES = re.compile(
    r"\s*(?:[,.!?;:)\n…(]|$|[-–—])|[ ](?:here|speaking|calling|from|and|this side|with|that['’]?s|spel\w+)(?!\w)",
    re.IGNORECASE,
)
_SMALL_NEXT = re.compile(rf" (?:(?:de|la|van|der|von|al|bin|el) ){{0,2}}({LETTER}{{3,40}})(?!{LETTER})")
_FAIRLY_USUAL = 20_000
_NO_NAMES = PARTICLES - {"al"}
_MOST_WORDS = 7


class Cue(IntEnum):
    """How much what stands around a word speaks for a name, and so what passes for one.

    WEAK: a listed given name with a capital. FAIR: one without, or a rare name where a phrase ends. OWN: there, a name
    that is a word or a place too. GOOD: a rare
    name anywhere with a capital. CLEAR: without, too. STRONG: any word but the commonest.
    """

    WEAK = 1
    FAIR = 2
    OWN = 3
    GOOD = 4
    CLEAR = 5
    STRONG = 6


@dataclass(frozen=True, slots=True)
class Mention:
    """A name where it was found; `own` when it is the speaker's."""

    start: int
    end: int
    words: tuple[str, ...]
    own: bool = False


@dataclass(frozen=True)
class Speech:
    """A turn's text as it is seen, what it answers, and what is known not to be a name in it."""

    seen: str
    role: Role
    asked: Collection[str] = ()
    companies: Collection[str] = ()

    @cached_property
    def small(self) -> str:
        return lowered(self.seen)

    @cached_property
    def is_cased(self) -> bool:
        """Whether a capital says something: neither all small nor all capitals."""
        return not (self.seen.islower() or self.seen.isupper())


def read(speech: Speech, at: int, cue: Cue, own: bool = False) -> Mention | None:
    """The name that begins at this place, if one does."""
    words: list[re.Match[str]] = []
    while len(words) < _MOST_WORDS and (word := WORD.match(speech.seen, at)):
        if not (_continues(speech, word, cue) if words else _begins(speech, word, cue)):
            break
        words.append(word)
        space = SPACE.match(speech.seen, word.end())
        if not space or (space[0][0] == "." and len(word[0]) > 1):
            break
        at = space.end()
    while words and words[-1][0] in PARTICLES:
        words.pop()
    if len(words) == 1 and cue != Cue.STRONG and words[0][0].casefold() in _NO_NAMES:
        return None
    if not any(len(word[0]) > 1 or not word[0].isascii() for word in words):
        return None
    return Mention(words[0].start(), words[-1].end(), tuple(word[0] for word in words), own)


def _begins(speech: Speech, match: re.Match[str], cue: Cue) -> bool:
    word, low, end = match[0], match[0].casefold(), match.end()
    if never(low) or low in PARTICLES:
        is_clear = cue == Cue.STRONG or (cue > Cue.WEAK and speech.is_cased and word[0].isupper())
        return low in PARTICLES and is_clear
    if len(word) == 1 and word.isascii():
        has_stop = word.isupper() and speech.seen[end : end + 1] == "."
        return cue >= Cue.GOOD and (has_stop or (low not in "ai" and _is_initial(speech, end)))
    if speech.is_cased and not word[0].islower():
        return _is_name_by_capital(speech, word, end, cue)
    return _is_name_though_small(speech, low, end, cue)


def _is_initial(speech: Speech, end: int) -> bool:
    """Whether a name follows, or another initial does first: J P O'Reilly."""
    after = WORD.match(speech.seen, end + 1)
    if after and len(after[0]) == 1 and after[0].isupper():
        after = WORD.match(speech.seen, after.end() + 1)
    return bool(after and is_name(after[0]) and not usual(after[0]))


def _is_name_by_capital(speech: Speech, word: str, end: int, cue: Cue) -> bool:
    low = word.casefold()
    is_plain = usual(low) or low in ELSEWHERE
    if cue == Cue.STRONG:
        return is_name(low) or low in WITH_SURNAME or not usual(low, _FAIRLY_USUAL)
    if cue == Cue.WEAK:
        return is_given(low) and not is_plain
    closes = bool(_CLOSES.match(speech.seen, end))
    if is_name(low) or low in WITH_SURNAME:
        may_close = closes and (cue > Cue.FAIR or low not in ELSEWHERE)
        of_kin = cue == Cue.CLEAR and (low in ALSO_WORDS or is_given(low))
        return not is_plain or may_close or of_kin or _is_followed_by_name(speech, low, end)
    is_unheard_of = is_rare(low) and low not in speech.companies and not word.isupper()
    return is_unheard_of and (cue >= Cue.GOOD or closes or _is_followed_by_name(speech, "", end))


def _is_followed_by_name(speech: Speech, first: str, end: int) -> bool:
    """Whether a surname follows; after a given name that is a word too, it may be one as well: Rose Field."""
    after = WORD.match(speech.seen, end + 1)
    if not after or not after[0][0].isupper() or after[0].isupper() or never(after[0]):
        return False
    if usual(after[0]):
        may_be = first in ALSO_WORDS or first in WITH_SURNAME
        return may_be and is_name(after[0]) and bool(_CLOSES.match(speech.seen, after.end()))
    return is_name(after[0]) or (first not in ELSEWHERE and not is_word(after[0]))


def _is_name_though_small(speech: Speech, low: str, end: int, cue: Cue) -> bool:
    if cue == Cue.WEAK:
        return False
    closes = bool(_CLOSES.match(speech.seen, end))
    if cue == Cue.STRONG:
        if is_name(low):
            return closes or not usual(low, VERY_USUAL)
        return len(low) > 2 and not usual(low) and not low.endswith(("ed", "ing", "ly"))
    after = _SMALL_NEXT.match(speech.seen, end)
    is_surname_next = after is not None and _is_surname_after(speech, low, after)
    is_firm = bool(_FIRM.match(speech.seen, end)) or is_surname_next
    if not is_misspelt(low) and (is_given(low) or (is_name(low) and is_rare(low))):
        is_clear = not usual(low) and low not in ELSEWHERE
        return is_clear or is_firm or (closes and cue > Cue.FAIR and low in ALSO_WORDS)
    return (
        len(low) > 2
        and is_rare(low)
        and not is_misspelt(low)
        and (is_firm or cue == Cue.CLEAR or (closes and cue >= Cue.GOOD))
    )


def _is_surname_after(speech: Speech, low: str, after: re.Match[str]) -> bool:
    """Ana kowalczyk; grace carter, where the phrase ends."""
    if not is_name(after[1]):
        return False
    may_be = low in ALSO_WORDS and is_surname(after[1]) and bool(_CLOSES.match(speech.seen, after.end()))
    return may_be or not is_word(after[1])


def _continues(speech: Speech, match: re.Match[str], cue: Cue) -> bool:
    word, low = match[0], match[0].casefold()
    if never(low) or low in PARTICLES:
        return low in PARTICLES
    if len(word) == 1 and word.isascii():
        has_stop = speech.seen[match.end() : match.end() + 1] == "."
        return word.isupper() and speech.is_cased and (has_stop or word not in "AI")
    if speech.is_cased and not word[0].islower():
        return low not in speech.companies and (is_name(low) or not usual(low))
    return _continues_small(speech, low, match.end(), cue)


def _continues_small(speech: Speech, low: str, end: int, cue: Cue) -> bool:
    if low in ELSEWHERE and is_surname(low) and cue >= Cue.GOOD:
        return bool(_CLOSES.match(speech.seen, end))
    if cue == Cue.WEAK or low in ELSEWHERE:
        return False
    if speech.is_cased and is_word(low) and (usual(low) or not is_surname(low)):
        return False
    if not is_name(low):
        return len(low) > 3 and is_rare(low)
    if cue < Cue.STRONG:
        return not usual(low, _FAIRLY_USUAL)
    return bool(_CLOSES.match(speech.seen, end)) or not usual(low, VERY_USUAL)
