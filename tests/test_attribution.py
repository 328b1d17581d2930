import numpy as np

from coach.attribution import carrying_words

TEXT = "Well, I am so sorry about the long wait."


def carried(pulls: dict[str, float], sentence: tuple[int, int] = (6, len(TEXT))) -> list[str]:
    places = [(i, i + 1) for i in range(len(TEXT))]
    strength = np.zeros(len(TEXT), np.float32)
    for word, pull in pulls.items():
        strength[TEXT.index(word)] = pull
    return [TEXT[start:end] for start, end in carrying_words(TEXT, sentence, places, strength)]


def test_the_words_that_hold_most_of_the_pull_are_given_in_order() -> None:
    assert carried({"wait": 3, "sorry": 4, "about": 1, "am": -2}) == ["sorry", "wait."]


def test_neighbours_are_one_place() -> None:
    assert carried({"so": 3, "sorry": 4}) == ["so sorry"]


def test_only_words_of_the_sentence_count() -> None:
    assert carried({"Well": 9, "long": 1}) == ["long"]


def test_a_sentence_that_nothing_speaks_for_still_names_its_strongest_word() -> None:
    assert carried({"long": -1, "I": -1, "am": -1, "so": -1, "sorry": -1, "about": -1, "the": -1}) == ["wait."]


def test_no_word_that_speaks_against_the_tag_is_given_beside_the_strongest() -> None:
    assert carried({"long": -1, "I": -1, "am": -1, "so": -1, "sorry": -0.5, "about": -1, "the": -1, "wait": -2}) == [
        "sorry"
    ]
