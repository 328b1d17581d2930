"""The same words as other people would write them: transcribed speech, typing in haste, other names and spellings.

Every variation rewrites a text and keeps its spans in place. Training shows the model some of them, so that it
judges what is said and not how it is typed; `coach.evaluation.robustness` measures whether it does.
"""

import random
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from coach.windows import Utterance

PUNCTUATION = str.maketrans(dict.fromkeys(".,!?;:", " "))
OTHER_LETTER = dict(zip("qwertyuiopasdfghjklzxcvb", "wertyuioqsdfghjkaxcvbnmz", strict=True))
WORD = re.compile(r"[A-Za-z']{4,}")
NAMES = (  # none that coach.evaluation.robustness tries
    *("Aaliyah", "Abdullah", "Adebayo", "Agnieszka", "Aisha", "Alejandro", "Amara", "Anh", "Bjørn", "Blessing"),
    *("Chloe", "Chukwuemeka", "Dmitri", "Esperanza", "Fatima", "Gareth", "Hiroshi", "Ingrid", "Jamal", "Kwame"),
    *("Lakshmi", "Mehmet", "Mei", "Ngozi", "Nikhil", "Olivia", "Parvati", "Priya", "Quentin", "Rajesh", "Roberto"),
    *("Siobhan", "Svetlana", "Tariq", "Thandiwe", "Tyrone", "Wei", "Xochitl", "Yusuf", "Zoltán", "Mr. Jones"),
)
Change = Callable[[str], str]


@cache
def _tables() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "variations.toml").read_text("utf-8"))


def rewritten(utterance: Utterance, change: Change) -> Utterance:
    """The utterance with each span, and what stands between them, changed on its own; the spans move along."""
    text, spans, at = "", [], 0
    for start, end in utterance.spans:
        text += change(utterance.text[at:start])
        begin = len(text)
        text += change(utterance.text[start:end]) or " "
        spans.append((begin, len(text)))
        at = end
    return replace(utterance, text=text + change(utterance.text[at:]), spans=tuple(spans))


def as_speech(text: str) -> str:
    """Lower case without punctuation, as a transcript of speech has it."""
    return text.lower().translate(PUNCTUATION)


def as_typed_in_haste(text: str) -> str:
    """Lower case, no full stops at the end, no apostrophes, clipped words."""
    plain = re.sub(r"[.]+$", "", text.lower().replace("'", "").replace("’", ""))
    return _swapped(plain, _tables()["clipped"])


def with_typos(text: str, chance: random.Random, *, share: float = 0.1) -> str:
    """About `share` of the longer words with a letter swapped, left out, doubled or mistaken for another."""

    def mistyped(match: re.Match[str]) -> str:
        word = match.group()
        if chance.random() >= share:
            return word
        at = chance.randrange(1, len(word) - 1)
        kinds = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + OTHER_LETTER.get(word[at], "e") + word[at + 1 :],
        )
        return chance.choice(kinds)

    return WORD.sub(mistyped, text)


def addressed(utterance: Utterance, name: str) -> Utterance:
    """The turn with a name before its first span."""
    if not utterance.spans:
        return utterance
    (start, end), *others = utterance.spans
    address = f"{name}, "
    moved = [(s + len(address), e + len(address)) for s, e in others]
    text = f"{utterance.text[:start]}{address}{utterance.text[start:]}"
    return replace(utterance, text=text, spans=((start, end + len(address)), *moved))


def in_american(text: str) -> str:
    """British spellings as Americans write them."""
    return _swapped(text, _tables()["american"])


def in_british(text: str) -> str:
    """American spellings as Britons write them."""
    ambiguous = {"learned", "license", "meter", "story", "tire", "while"}
    table = {there: here for here, there in _tables()["american"].items() if there not in ambiguous}
    return _swapped(text, table)


def in_indian_english(text: str) -> str:
    """British spelling, with turns of phrase that are usual in Indian English."""
    return _swapped(in_british(text), _tables()["indian"])


def as_a_learner(text: str) -> str:
    """Without articles and with a few other turns of people who write English as a further language."""
    return re.sub(r"\b(?:the|a|an) (?=\w)", "", _swapped(text, _tables()["learner"]), flags=re.IGNORECASE)


def _swapped(text: str, table: dict[str, str]) -> str:
    """Words and phrases of the table replaced, keeping a capital at the start."""
    longest_first = sorted(table, key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)

    def swap(match: re.Match[str]) -> str:
        found = match.group()
        other = table.get(found.lower(), found)  # "ı" matches "i" but is another letter
        return other[0].upper() + other[1:] if found[0].isupper() else other

    return pattern.sub(swap, text)
