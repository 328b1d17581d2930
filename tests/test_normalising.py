from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import Spans
from coach.normalising import Plain, Speller, plain

SPELLER = Speller(
    {"apologize", "center", "four", "called", "the", "filled", "filed", "color", "colour", "traveled", "for"}
)


def of_agent(text: str, spans: Spans | None = None) -> Plain:
    return plain("agent", text, ((0, len(text)),) if spans is None else spans, SPELLER)


@pytest.mark.parametrize(
    "other",
    ["Well thanks for waiting", "Well, thanks for waiting!!", "Well thanks for waiting…", "Well, thanks for waiting."],
)
def test_an_agents_commas_stops_and_exclamation_marks_are_not_judged(other: str) -> None:
    assert of_agent(other).text.split() == ["Well", "thanks", "for", "waiting."]


def test_emoji_are_not_judged_and_questions_stay_questions() -> None:
    assert of_agent("Is it on? 🙂").text.split() == ["Is", "it", "on?"]
    assert of_agent("Is it on!?").text.split() == ["Is", "it", "on", "?"]


def test_a_customers_marks_stay() -> None:
    assert plain("customer", "It is broken!!! 😡", (), SPELLER).text == "It is broken!!! 😡"


def test_marks_within_words_stay() -> None:
    text = "Open www.example.com at 10:30, pay 3.50"
    assert of_agent(text).text.split() == ["Open", "www.example.com", "at", "10:30", "pay", "3.50."]


@pytest.mark.parametrize("role", ["agent", "customer"])
def test_a_masked_piece_is_read_as_something_of_its_kind(role: str) -> None:
    text = "Hi [NAME_2] write to [EMAIL_1]"
    found = plain(role, text, ((0, len(text)),), SPELLER)  # type: ignore[arg-type]
    assert found.text.rstrip(".") == "Hi Alex write to alex@example.com"
    begin = found.text.index("Alex")
    assert text[slice(*found.place(begin, begin + 4))] in "[NAME_2]"
    assert plain(role, "[ERROR_1] [num]", (), SPELLER).text == "[ERROR_1] [num]"  # type: ignore[arg-type]


def test_every_sentence_ends_alike_however_they_are_parted() -> None:
    one = of_agent("hello / i see", ((0, 5), (8, 13)))
    other = of_agent("hello. i see.", ((0, 6), (7, 13)))
    assert one.text == other.text == "hello. i see."
    assert one.spans == other.spans == ((0, 6), (7, 13))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("recieve", "receive"),
        ("RECIEVE", "receive"),
        ("apologise", "apologize"),
        ("centre", "center"),
        ("colour", "color"),
        ("travelled", "traveled"),
        ("definately", "definitely"),
        ("four", "four"),
        ("filled", "filled"),
        ("wifi", "wifi"),
        ("rebooking", "rebooking"),
        ("Siobhan", "Siobhan"),
        ("@recieve", "@recieve"),
        ("recieve.com", "recieve.com"),
        ("xqzvw", "xqzvw"),
    ],
)
def test_words_are_read_as_meant(written: str, read: str) -> None:
    assert plain("customer", written, (), SPELLER).text == read


def test_a_part_of_the_plain_text_is_found_in_the_text_as_it_was() -> None:
    text = "Please, recieve it 👍 tomorow!"
    found = of_agent(text)
    begin = found.text.index("tomorrow")
    assert text[slice(*found.place(begin, begin + 8))] == "tomorow"
    begin = found.text.index("receive")
    assert text[slice(*found.place(begin, begin + 7))] == "recieve"


@given(st.text(max_size=60), st.lists(st.integers(0, 60), max_size=6), st.sampled_from(["agent", "customer"]))
def test_every_letter_has_its_place_and_every_span_some_letters(text: str, cuts: list[int], role: str) -> None:
    edges = sorted({min(cut, len(text)) for cut in cuts})
    spans = tuple(pairwise(edges))
    found = plain(role, text, spans, SPELLER)  # type: ignore[arg-type]
    assert len(found.text) == len(found.origins)
    assert list(found.origins) == sorted(found.origins)
    assert all(0 <= origin < len(text) for origin in found.origins)
    assert all(found.text[start:end].strip() for start, end in found.spans)
    for (first, last), (start, end) in zip(spans, found.spans, strict=True):
        begin, stop = found.place(start, end)
        assert first <= begin < stop <= last
