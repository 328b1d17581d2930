"""Marks: the very words, highlighted, with what a pointer or a key brings up."""

import hostile
import pytest
from handmade import HURT, KIND, STEPS, agent, customer, customer_type, reviewed, talk

from coach.conversation import Clue
from coach.disputes import disputable
from coach.report.marks import Mark, marked, marks_of, words_of


def test_marks_cover_the_very_words_and_nothing_is_lost() -> None:
    text = "<b> & Oh no. <Restart> it & wait."
    spans = [
        Mark(13, 25, "instruct", 90, "AAAA-2222"),
        Mark(6, 12, "acknowledge", 70),
        Mark(13, 25, "explain", 61, "BBBB-3333"),
    ]
    page = str(marked(text, spans))
    assert hostile.text(page) == text
    assert page == (
        '&lt;b&gt; &amp; <mark class="empathy" data-tag="acknowledge" data-sure="70" data-ref="">Oh no.'
        '<small> acknowledge</small></mark> <mark class="instruction" data-tag="explain instruct" data-sure="61 90" '
        'data-ref="BBBB-3333 AAAA-2222">&lt;Restart&gt; it<small> explain, instruct</small></mark> &amp; wait.'
    )  # fmt: skip


def test_overlapping_marks_lose_no_words() -> None:
    assert hostile.text(str(marked("abcdef", [(0, 4, "probe"), (2, 6, "check"), (4, 5, "explain")]))) == "abcdef"


def test_carrying_words_are_bold_in_their_mark_and_a_guess_looks_like_one() -> None:
    text = "Oh <no>, sorry. Bye"
    page = str(marked(text, [Mark(0, 15, "apologise?", 45)], [(9, 13), (3, 7), (16, 19), (12, 15), (14, 18)]))
    assert page == (
        '<mark class="empathy guess" data-tag="apologise" data-sure="45" data-ref="">Oh <b>&lt;no&gt;</b>, <b>sorr</b>'
        "<b>y.</b><small> apologise?</small></mark> Bye"
    )


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_whatever_a_mark_says_stays_text(text: str) -> None:
    page = str(marked(text, [Mark(0, len(text), text, why=text)]))
    assert hostile.structure(page) == [("mark", ("class", "data-why")), ("small", ())]
    assert ("mark", "data-why", text) in hostile.attributes(page)
    assert hostile.text(page) == text


def test_a_plain_highlight_says_nothing() -> None:
    assert str(marked("abc", [(1, 2, "")])) == "a<mark>b</mark>c"


def test_tags_openings_and_clues_are_marked_each_with_the_reference_to_dispute_it() -> None:
    clues = [Clue(0, 0, 6, "says so"), Clue(2, 0, 3, "is brief")]
    talked = talk(customer(HURT), agent(KIND), customer("Off we go"), agent(STEPS))
    one = reviewed(talked, tags={1: ["acknowledge"], 3: ["instruct"]}, feelings={0: "anger"}, found=customer_type(clues=clues))  # fmt: skip
    marks = marks_of(one)
    assert {turn: [mark.name for mark in found] for turn, found in marks.items()} == {
        0: ["empathy met"], 1: ["acknowledge"], 2: ["clue"], 3: ["instruct"],
    }  # fmt: skip
    references = {dispute.reference for dispute in disputable(one)}
    assert {mark.reference for found in marks.values() for mark in found} - {""} == references
    assert marks[0][0].why == "This called for empathy (88 % sure): met at once in turn 2."
    assert marks[1][0].sure == 90
    assert marks[2][0].why == "A clue to the type of customer: is brief."
    assert words_of(one) == {1: set(), 3: set()}
