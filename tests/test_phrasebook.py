"""The phrasebook: words for every call and every customer, that promise nothing and name nobody."""

import re
from itertools import product

import pytest

from coach.conversation import SKILLS, TYPES
from coach.phrasebook import (
    KINDS,
    MANNERS,
    effect,
    kind_of_call,
    next_time,
    phrase,
    phrases,
    think,
    variants_from,
    why,
)
from coach.redaction import mask

CALLS = [(skill, kind) for skill, kinds in KINDS.items() for kind in kinds]
PROMISES = r"\b(?:promise|guarantee|definitely|certainly|never again|rest assured|as soon as possible|100 ?%)\b"
EMPTY = r"(?:understand|know) how you feel|\b(?:calm down|dear customer|inconvenience|valued|your fault)\b"


def everything() -> list[str]:
    said = [one for (skill, kind), manner in product(CALLS, MANNERS) for one in phrases(skill, kind, manner)]
    for skill, kind in CALLS:
        said += [think(skill, kind, seed=seed) for seed in "abcdef"]
        said += [next_time(skill, kind, manner, seed=seed) for seed in "abcdef" for manner in MANNERS]
    return [*said, *(say(skill) for skill in SKILLS for say in (why, effect))]


@pytest.mark.parametrize(("skill", "kind"), CALLS)
def test_every_call_and_every_customer_has_two_phrases(skill: str, kind: str) -> None:
    found = [phrases(skill, kind, manner) for manner in MANNERS]
    assert all(len(set(variants)) >= 2 for variants in found)
    assert len({one for variants in found for one in variants}) == sum(map(len, found))


def test_a_phrase_leaves_the_case_to_dots() -> None:
    said = [one for (skill, kind), manner in product(CALLS, MANNERS) for one in phrases(skill, kind, manner)]
    without = [one for one in said if "…" not in one]
    assert len(without) < 0.05 * len(said)
    assert not any(re.search(r"\d|\.\.\.", one) for one in said)


def test_nothing_promises_blames_or_is_empty() -> None:
    assert [one for one in everything() if re.search(f"{PROMISES}|{EMPTY}", one, re.IGNORECASE)] == []


def test_nothing_names_a_person() -> None:
    assert [one for one in everything() if mask(one) != one] == []
    names = r"(?<![.!?…:“”] )(?<!^)\b(?!I\b|I['’])[A-Z]"
    assert [one for one in everything() if re.search(names, one)] == []


def test_a_controller_gets_fewer_words_than_others() -> None:
    def words(manner: str) -> int:
        return sum(len(one.split()) for skill, kind in CALLS for one in phrases(skill, kind, manner))

    assert words("controller") < min(words(manner) for manner in ("thinker", "feeler", "entertainer"))


def test_the_same_seed_gives_the_same_words_and_seeds_differ() -> None:
    assert phrase("empathy", "anger", "feeler", seed="a") == phrase("empathy", "anger", "feeler", seed="a")
    assert len({phrase("empathy", "anger", "feeler", seed=str(seed)) for seed in range(20)}) == 2


def test_variants_from_goes_round() -> None:
    assert sorted(variants_from("abc", seed="x")) == ["a", "b", "c"]
    assert {variants_from("abc", seed=str(seed))[0] for seed in range(30)} == set("abc")


@pytest.mark.parametrize("kind", [None, "wish", "no such"])
def test_a_kind_of_another_skill_counts_as_any(kind: str | None) -> None:
    assert phrases("empathy", kind, None) == phrases("empathy", "any", "unknown")


def test_what_to_try_is_an_if_then_with_a_manner_where_the_type_is_known() -> None:
    plain = next_time("empathy", "anger", seed="a")
    assert plain.startswith("if ")
    assert " then " in plain
    for name in TYPES:
        assert next_time("empathy", "anger", name, seed="a").startswith(f"{plain} If they ")


def test_a_question_to_think_about_is_a_question() -> None:
    assert all(think(skill, kind, seed=seed).endswith("?") for skill, kind in CALLS for seed in "abcd")


@pytest.mark.parametrize(
    ("skill", "feeling", "words", "kind"),
    [
        ("empathy", "worry", "When will it come?", "worry"),
        ("empathy", None, "Well.", "any"),
        ("instruction", None, "How do I open it?", "how"),
        ("instruction", "anger", "Why was I charged?", "why"),
        ("instruction", None, "How long will it take, and when can I call?", "when"),
        ("instruction", None, "My phone does not work.", "fault"),
        ("instruction", None, "Tell me more.", "any"),
        ("listening", None, "The app does not open.", "problem"),
        ("listening", None, "I would like a window seat.", "wish"),
        ("listening", None, "word " * 60, "story"),
        ("listening", None, "Blue.", "any"),
    ],
)
def test_the_kind_of_a_call_is_seen_in_the_words(skill: str, feeling: str | None, words: str, kind: str) -> None:
    assert kind_of_call(skill, feeling, words) == kind
    assert kind in KINDS[skill]
