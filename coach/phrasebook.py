"""The phrasebook: ways to say it, what to think about and what to try next, in our own words (phrasebook.toml).

A kind is what called for the skill: the customer's feeling for empathy; a problem, a wish or a story for listening;
how, why, when or a fault for instruction; "any" where it cannot be seen.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

from coach.conversation import FEELINGS, TYPES
from coach.cues import cues

KINDS: Mapping[str, tuple[str, ...]] = {
    "empathy": (*FEELINGS, "any"),
    "listening": ("problem", "wish", "story", "any"),
    "instruction": ("how", "why", "when", "fault", "any"),
}
YES_OR_NO = (
    r"(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|must)"
    r" (?:i|it|you|we|they|he|she|that|this|there|the|my|your)(?=\b[^.!?]*\?)"
)
ASKS_FOR = (
    r"(?:please|pls|i want (?:you|it|that|this)"
    r"|(?:book|cancel|send|take|put|call|refund|replace|stop|change) (?:it|that|this|them|me|the|my))"
)
MANNERS = (*TYPES, "unknown")
STORY = 60
"""Words from which what a customer tells is a story rather than a problem or a wish."""
ASKED = {
    "when": r"when (?:will|can|is|are|do|does|should|would)|by when|how (?:soon|long|much longer)|what time|which day",
    "why": r"why|how come|what(?: is|'s|’s) the reason|what caused",
    "how": r"how|what (?:do|should|can|must|now|next)|(?:should|do|must) i|where (?:do|can|is|are)",
}
WANTED = r"(?:i(?:'|’)?(?:d| would) (?:like|love|prefer|rather)|i (?:want|need|wish)|(?:can|could) (?:i|you|we)|please)"


def kind_of_call(skill: str, feeling: str | None, words: str) -> str:
    """What in the customer's words called for the skill: one of KINDS[skill]."""
    if skill == "empathy":
        return feeling if feeling in FEELINGS else "any"
    is_fault = cues("opening")["fault"].pattern.search(words) is not None
    if skill == "instruction":
        asked = next((kind for kind, pattern in ASKED.items() if _says(pattern, words)), None)
        return asked or ("fault" if is_fault else "any")
    if len(words.split()) >= STORY:
        return "story"
    if is_fault:
        return "problem"
    return "wish" if _says(WANTED, words) else "any"


def phrase(skill: str, kind: str | None, customer_type: str | None, *, seed: str) -> str:
    """A way to meet such a call from such a customer; the same `seed` gives the same of its variants.

    A kind of another skill counts as "any"; `customer_type` None is "can't tell".
    """
    return _one_of(phrases(skill, kind, customer_type), seed)


def phrases(skill: str, kind: str | None, customer_type: str | None) -> tuple[str, ...]:
    """All variants of `phrase`."""
    of_kind = _of_kind(_book()["phrases"][skill], kind)
    return tuple(of_kind[customer_type if customer_type in TYPES else "unknown"])


def advice(quote: str) -> str:
    """What an answer to a customer's question, request or fault should hold, by what was said."""
    found = kind_of_call("instruction", None, quote)
    if found in ("how", "any") and _says(YES_OR_NO, quote):
        found = "whether"
    elif found == "any" and _says(ASKS_FOR, quote):
        found = "request"
    return str(_book()["advice"][found])


def think(skill: str, kind: str | None = None, *, seed: str) -> str:
    """One question to think about, for the kind of call that was missed most."""
    return _one_of(_of_kind(_book()["think"][skill], kind), seed)


def next_time(skill: str, kind: str | None = None, customer_type: str | None = None, *, seed: str) -> str:
    """What to try next, "if …, then …", to stand after "In your next chat:"; with a manner where the type is known."""
    try_this = _one_of(_of_kind(_book()["next_time"][skill], kind), seed)
    return f"{try_this} {_book()['manner'][skill][customer_type]}" if customer_type in TYPES else try_this


def why(skill: str) -> str:
    """Why the skill counts, for under a missed moment."""
    return str(_book()["why"][skill])


def effect(skill: str) -> str:
    """What the skill does for a customer, for under a moment that was met."""
    return str(_book()["effect"][skill])


def _says(pattern: str, words: str) -> bool:
    return re.search(rf"\b(?:{pattern})\b", words, re.IGNORECASE) is not None


def _of_kind(found: Mapping[str, Any], kind: str | None) -> Any:
    return found.get(kind or "any", found["any"])


def variants_from(variants: Sequence[str], *, seed: str) -> tuple[str, ...]:
    """All of them, from the one that `seed` points to and on round."""
    digest = blake2b(seed.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    first = int.from_bytes(digest) % len(variants)
    return (*variants[first:], *variants[:first])


def _one_of(variants: Sequence[str], seed: str) -> str:
    return variants_from(variants, seed=seed)[0]


@cache
def _book() -> Mapping[str, Any]:
    return tomllib.loads((files("coach") / "phrasebook.toml").read_text("utf-8"))
