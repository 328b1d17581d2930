import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from coach.classifier import Scores, load
from coach.conversation import TAGS
from coach.evaluation.robustness import NAMES, read_pairs, robustness
from coach.labels import read_labelled
from coach.variations import (
    as_a_learner,
    as_speech,
    as_typed_in_haste,
    in_american,
    in_british,
    in_indian_english,
    rewritten,
    with_typos,
)
from coach.windows import Utterance


def test_spans_move_along_with_what_is_rewritten() -> None:
    said = Utterance("agent", "Oh, İt's LATE! So sorry about that. Bye", ((0, 14), (15, 35)))
    for change in (as_speech, as_typed_in_haste, str.upper, lambda text: "", lambda text: text * 2):
        found = rewritten(said, change)
        assert [found.text[s:e] for s, e in found.spans] == [change(said.text[s:e]) or " " for s, e in said.spans]
    assert rewritten(said, str).text == said.text


def test_other_hands_write_other_words() -> None:
    assert as_speech("Oh no, it's LATE!") == "oh no  it's late "
    assert as_typed_in_haste("I'm sorry. Please check your account.") == "im sorry. pls check ur acct"
    assert in_american("I apologise, the Colour is grey.") == "I apologize, the Color is gray."
    assert in_british("I apologize, the Color is gray.") == "I apologise, the Colour is grey."
    assert in_indian_english("Please try again today.") == "Kindly try again today itself."
    assert as_a_learner("It is the cable, have you a spare one?") == "Is cable, you have spare one?"


def test_typos_change_a_share_of_the_longer_words() -> None:
    text = "please restart the broken router and wait for the light " * 50
    found = with_typos(text, random.Random(1), share=0.2)
    changed = sum(a != b for a, b in zip(text.split(), found.split(), strict=True))
    assert 30 < changed < 110
    assert with_typos(text, random.Random(1), share=0.2) == found
    assert with_typos("it is so", random.Random(1), share=1) == "it is so"


def test_there_are_pairs_enough_for_every_tag() -> None:
    pairs = read_pairs()
    assert len(pairs) >= 200
    counts = Counter(pair["tag"] for pair in pairs)
    assert set(counts) == set(TAGS)
    assert min(counts.values()) >= 15
    for pair in pairs:
        assert pair["rule"]
        customers = {pair.get(f"{side}_customer") or pair["customer"] for side in ("with", "without")}
        assert (pair["with"] != pair["without"]) or len(customers) == 2


class Reader:
    """Says `apologise` of every span in which a condition holds."""

    thresholds = dict.fromkeys(TAGS, 0.5)
    feeling_threshold = 0.5

    def __init__(self, word: str, *, honest: bool = True) -> None:
        self.word, self.honest = word, honest

    def score(self, conversations: list[list[Utterance]]) -> list[list[Scores]]:
        return [[self._scores(utterance) for utterance in one] for one in conversations]

    def _scores(self, utterance: Utterance) -> Scores:
        place = TAGS.index("apologise")
        tags = np.zeros((len(utterance.spans), len(TAGS)), np.float32)
        tags[:, place] = [self.word in utterance.text[s:e] for s, e in utterance.spans]
        words = tuple(match.span() for match in re.finditer(r"\S+", utterance.text))
        pulls = np.zeros((len(words), len(TAGS)), np.float32)
        pulls[:, place] = [self.honest == (self.word in utterance.text[s:e]) for s, e in words]
        return Scores(tags, np.array([1, 0, 0, 0, 0], np.float32), np.zeros(1, np.float32), words, pulls)


def test_a_reader_of_names_flips_on_names_and_one_of_capitals_on_case(labelled_file: Path) -> None:
    labelled = list(read_labelled(labelled_file))
    flips = {f.name: f for f in robustness(labelled, Reader(NAMES[3])).flips}
    assert flips["names"].share == pytest.approx(1 / (len(NAMES) - 1))
    assert flips["names"].most == ["apologise"]
    assert flips["lower case"].flipped == 0
    flips = {f.name: f for f in robustness(labelled, Reader("Sorry")).flips}
    assert flips["lower case"].flipped == flips["lower case"].tags["apologise"] > 0
    assert flips["names"].flipped == 0


def test_stuffing_and_pairs_are_counted(labelled_file: Path, tiny_model: Path) -> None:
    labelled = list(read_labelled(labelled_file))
    found = robustness(labelled, Reader("orry"))
    assert 0 < found.stuffed <= found.stuffing
    assert 0 < found.pairs_right < 1
    assert found.pairs["probe"] == (0, Counter(p["tag"] for p in read_pairs())["probe"])
    real = robustness(labelled, load(tiny_model))
    assert all(0 <= f.share <= 1 for f in real.flips)


def test_an_explanation_is_faithful_when_the_tag_falls_with_its_words(labelled_file: Path) -> None:
    labelled = list(read_labelled(labelled_file))
    honest = robustness(labelled, Reader("restart")).explanations
    assert honest.count > 5
    assert (honest.fall, honest.random_fall, honest.faithful) == (1, 0, 1)
    other = robustness(labelled, Reader("restart", honest=False)).explanations
    assert other.fall < honest.fall
    nothing = robustness(labelled, Reader("nowhere")).explanations
    assert (nothing.count, nothing.fall, nothing.faithful) == (0, 0, 0)
