"""Spot the clue: which type does the customer talk like, which words say so, and can one tell at all."""

import re
from collections.abc import Iterator, Sequence

from coach.authoring.drafts import PLACEHOLDER, Draft, drafted, draw, is_held_back, is_readable, quoted, shuffled
from coach.authoring.wording import toml
from coach.conversation import TYPES, CustomerType, Reviewed
from coach.cues import cues
from coach.items import Choice, Item, Said

CERTAIN = 0.9
TOO_FEW = 15
"""Under so many words of the customer's, "can't tell" is the right answer by the labelling guide."""
ENOUGH = 20
FEWEST_CLUES, MOST_WORDS, MOST_QUOTED = 3, 130, 3
SCALES = {
    "controller": (3.3, 5, 1, 3.2),
    "thinker": (1, 5, 1, 2.8),
    "feeler": (1, 3.4, 3, 5),
    "entertainer": (1, 5, 3.2, 5),
}
"""Where a type's customers lie: assertiveness from and to, responsiveness from and to."""
CUT = re.compile(r"[.,:]?\d")
LOUD = re.compile(
    r"(?<!\[)\b[A-Z]{3,}\b|[!?]{2,}|\balread?y\b|\bnow\b|\b(?i:show|give|get|tell|find|book|send|make) me\b"
    r"|^\W*(?i:(?:hi|hello|hey)\b\W*)?(?i:book|cancel|fix|send|get|give|find|show|check|tell|change)\b"
)
ALL = {name: cue for name, cue in cues("type").items() if cue.reason}


def sure_type(found: CustomerType) -> str | None:
    """The type where the model is certain of it."""
    return found.label if found.label is not None and found.probabilities[found.label] >= CERTAIN else None


def clue_drafts(reviewed: Reviewed) -> Iterator[Draft]:
    """At most one item of a sure type and one where nobody can tell."""
    yield from _typed(reviewed)
    yield from _untold(reviewed)


def _typed(reviewed: Reviewed) -> Iterator[Draft]:
    found = reviewed.judgements.customer_type
    label = sure_type(found)
    if label is None or not _lies_there(found, label):
        return
    turns = _shown_turns(reviewed)
    texts = [reviewed.conversation.turns[turn].text for turn in turns]
    own = _words_for(label, texts)
    strongest_other = max(len(_words_for(other, texts)) for other in TYPES if other != label)
    shown = " ".join(texts)
    reasons = {reason for _, reason in own}
    is_plain = len(own) > max(FEWEST_CLUES - 1, strongest_other) and len(reasons) > 1
    if is_plain and is_readable(shown, at_least=ENOUGH, at_most=MOST_WORDS):
        why = "; ".join(f"{quoted(words)} {reason}" for words, reason in _telling(own))
        yield _draft(reviewed, turns, label, f"The words that say so: {why}.", 1 if len(own) > 3 else 2)


def _lies_there(found: CustomerType, label: str) -> bool:
    """Whether the two scales agree with the type."""
    low, high, cool, warm = SCALES[label]
    return low <= found.assertiveness <= high and cool <= found.responsiveness <= warm


def _shown_turns(reviewed: Reviewed) -> list[int]:
    """The customer's first words and those turns that clues stand in, in order, as many as can be read at once."""
    spoken = [i for i, turn in enumerate(reviewed.conversation.turns) if turn.role == "customer"]
    wanted = [clue.turn for clue in reviewed.judgements.customer_type.clues]
    kept: list[int] = []
    words = 0
    for turn in dict.fromkeys((*wanted, *spoken)):
        words += len(reviewed.conversation.turns[turn].text.split())
        if words <= MOST_WORDS:
            kept.append(turn)
    return sorted(kept)


def _words_for(label: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Different words that speak for the type, each with its reason; no words for two reasons, and no courtesies."""
    found: dict[str, tuple[str, str]] = {}
    for name in toml("wording.toml")["types"][label]["cues"]:
        for text in texts:
            for match in ALL[name].pattern.finditer(re.sub(r"\[[A-Z]+_\d+\]", lambda m: " " * len(m[0]), text)):
                words = match[0].strip()
                bare = words.lower().strip("!?. ")
                is_courtesy = name == "exclaims" and bare in toml("wording.toml")["courtesy"]["words"]
                if not (is_courtesy or CUT.match(text, match.end())):
                    found.setdefault(bare or words, (words, ALL[name].reason))
    return list(found.values())


def _telling(found: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Of each reason the longest words, in order of speech."""
    for reason in dict.fromkeys(reason for _, reason in found):
        own = [words for words, why in found if why == reason]
        longest = sorted(own, key=len, reverse=True)[:MOST_QUOTED]
        yield from ((words, reason) for words in own if words in longest)


def _untold(reviewed: Reviewed) -> Iterator[Draft]:
    """The beginning of a conversation that shows no sign of any type, and whose type stays unclear to its end."""
    if reviewed.judgements.customer_type.label is not None:
        return
    turns = reviewed.conversation.turns
    first = next((i for i, turn in enumerate(turns) if turn.role == "customer"), None)
    if first is None or not is_readable(PLACEHOLDER.sub("", turns[first].text), at_least=6, at_most=TOO_FEW - 2):
        return
    feeling = reviewed.judgements.feelings[first]
    if (
        (feeling and feeling.label)
        or LOUD.search(turns[first].text)
        or any(_words_for(label, [turns[first].text]) for label in TYPES)
    ):
        return
    why = f"{len(turns[first].text.split())} words, and none of them shows a way of talking: too little to tell."
    yield _draft(reviewed, [first], "unclear", why, 3)


def _draft(reviewed: Reviewed, turns: Sequence[int], label: str, why: str, difficulty: int) -> Draft:
    conversation = reviewed.conversation
    id = draw("clue", conversation.id, label == "unclear")[:12]
    types = toml("wording.toml")["types"]
    choices = shuffled(
        (
            Choice(row["says"], name == label, why if name == label else row["feedback"])
            for name, row in types.items()
            if name != "unclear"
        ),
        id,
    )
    unclear = Choice(
        types["unclear"]["says"], label == "unclear", why if label == "unclear" else types["unclear"]["feedback"]
    )
    texts = [conversation.turns[turn].text for turn in turns]
    item = Item(
        id=id,
        kind="clue",
        skill=None,
        customer_type=None if label == "unclear" else label,
        channel=conversation.channel,
        difficulty=difficulty,
        title="Spot the clue",
        situation=tuple(Said("customer", text) for text in texts),
        task="Which type does this customer talk like? Look for the words that say so before you choose.",
        choices=(*choices, unclear),
        explanation=why,
        is_transfer=is_held_back(conversation.id),
    )
    return drafted(item, reviewed, turns=turns, face=" ".join(texts), bucket=label)
