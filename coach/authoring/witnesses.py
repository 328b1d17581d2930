"""What may become a key: what the model is certain of and the words show as well.

A move is there when its probability is at least CERTAIN and a sign of it stands in the words; it is absent when its
probability is at most ABSENT. What lies between is never asked about.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from coach.authoring.wording import calls, moves, plains, toml
from coach.conversation import SKILLS, Reviewed, Sentence

CERTAIN, ABSENT = 0.9, 0.1
SHARED = 2
"""Words that what was given back must have in common with what the customer said."""
ADDRESSED = re.compile(r"\b(?:you|your|he|she|they)\b", re.IGNORECASE)
ASKING = frozenset(("check", "probe", "verify"))
CONTENT = re.compile(r"(?!\[)\b[\w']{4,}\b")
FIGURE = re.compile(r"\b\d+\b")
COMMON = frozenset(toml("wording.toml")["common"]["words"])
SUBSTANCE: dict[str, tuple[str, ...]] = {
    "empathy": ("acknowledge", "apologise", "reassure"),
    "listening": ("restate", "check", "probe"),
    "instruction": ("instruct", "explain", "expect"),
}
"""The tags of a skill that do what a model answer is for; thanks and 'anything else?' are not enough."""


@lru_cache(maxsize=4096)
def content(text: str) -> frozenset[str]:
    """The words that say what a text is about."""
    return frozenset(CONTENT.findall(text.lower())) - COMMON


def words_of(reviewed: Reviewed, turn: int, sentence: Sentence) -> str:
    return reviewed.conversation.turns[turn].text[sentence.start : sentence.end]


def is_shown(reviewed: Reviewed, turn: int, sentence: Sentence, tag: str) -> bool:
    """Whether both witnesses say that the sentence makes this move."""
    if tag not in sentence.assigned or sentence.probabilities[tag] < CERTAIN:
        return False
    words = words_of(reviewed, turn, sentence)
    asks = words.rstrip(" \"'”’").endswith("?")
    if (tag in ASKING and not asks) or not moves()[tag].sign.search(words):
        return False
    if (tag == "restate" and not ADDRESSED.search(words)) or (tag == "apologise" and _only_refuses(words)):
        return False
    return tag != "restate" or len(content(words) & content(_heard(reviewed, turn))) >= SHARED


def _heard(reviewed: Reviewed, turn: int) -> str:
    """The customer's last two turns before this one."""
    said = [one.text for one in reviewed.conversation.turns[:turn] if one.role == "customer"]
    return " ".join(said[-2:])


def is_absent(reviewed: Reviewed, turn: int, sentence: Sentence, tag: str) -> bool:
    """Whether both witnesses say that the sentence does not make this move."""
    words, move = words_of(reviewed, turn, sentence), moves()[tag]
    return sentence.probabilities[tag] <= ABSENT and not (move.sign.search(words) or move.faint.search(words))


def evidence(reviewed: Reviewed, turn: int, skill: str) -> Iterator[tuple[str, str]]:
    """The sentences of an agent's turn that surely do the skill's work: (words, tag)."""
    for sentence in reviewed.judgements.sentences[turn]:
        for tag in SUBSTANCE[skill]:
            if is_shown(reviewed, turn, sentence, tag) and not _only_refuses(words_of(reviewed, turn, sentence)):
                yield words_of(reviewed, turn, sentence), tag
                break


def _only_refuses(words: str) -> bool:
    return calls()["refuses"].search(words) is not None


def lacks(reviewed: Reviewed, turn: int, skill: str) -> bool:
    """Whether nothing in an agent's turn can pass for the skill, whichever witness is asked."""
    text = reviewed.conversation.turns[turn].text
    if any(moves()[tag].sign.search(text) for tag in SUBSTANCE[skill]):
        return False
    if skill == "listening" and (_may_give_back(text, _heard(reviewed, turn)) or _asks(text)):
        return False
    sentences = reviewed.judgements.sentences[turn]
    return all(sentence.probabilities[tag] <= ABSENT for sentence in sentences for tag in SKILLS[skill])


def _may_give_back(text: str, heard: str) -> bool:
    """Whether words of the matter, or a figure, come back."""
    return len(content(text) & content(heard)) >= SHARED or bool({*FIGURE.findall(text)} & {*FIGURE.findall(heard)})


def _asks(text: str) -> bool:
    """Whether it has a question that is no form's."""
    questions = re.findall(r"[^.!?]*\?", text)
    return any(not any(plain.sign.search(one) for plain in plains()) for one in questions)
