"""Moments: quoted exactly, sure of themselves; and how Markdown shows what they quote."""

import re
from dataclasses import replace

import hostile
import pytest
from handmade import (
    ASKS,
    COLD,
    HURT,
    KIND,
    STEPS,
    agent,
    customer,
    customer_type,
    felt,
    reviewed,
    system,
    talk,
)
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import Moment, Reviewed
from coach.moments import moments_of
from coach.report.render import escape_markdown


def only(one: Reviewed) -> Moment:
    (moment,) = moments_of(one)
    return moment


# --- moments ---


def test_a_moment_quotes_both_byte_for_byte_and_marks_the_words() -> None:
    words, answer = "  Olá 👋🏽\r\n\tnobody EVER answers me!  ", "  Oh no…\n\n<b>That</b> is hard.\u00a0"
    moment = only(felt("c1", answer, words=words, channel="chat", found=customer_type("feeler")))
    assert (moment.quote, moment.answer) == (words, answer)
    assert moment.quote[slice(*moment.quote_span)] == words
    assert moment.answer_spans == ((0, len(answer), "acknowledge"),)
    assert (moment.conversation, moment.agent, moment.channel, moment.turn, moment.answer_turn) == (
        "c1", "Ana Ruiz", "chat", 0, 1,
    )  # fmt: skip
    assert (moment.skill, moment.status, moment.feeling, moment.customer_type) == ("empathy", "met", "anger", "feeler")


def test_a_moment_marks_only_the_words_of_its_skill() -> None:
    one = reviewed(talk(customer(ASKS), agent(STEPS)), tags={1: ["acknowledge", "instruct", "expect"]})
    assert [name for _, _, name in only(one).answer_spans] == ["instruct", "expect"]


def test_a_met_moment_is_as_sure_as_its_surest_tag_and_a_missed_one_as_its_absence() -> None:
    assert only(felt("c1", chance=0.8)).certainty == pytest.approx(0.8)
    assert only(felt("c1", COLD, met=False, other=0.3)).certainty == pytest.approx(0.7)


def test_an_answer_without_sentences_is_surely_a_miss() -> None:
    one = felt("c1", "", met=False)
    bare = replace(one, judgements=replace(one.judgements, sentences=((), ())))
    assert only(bare).certainty == 1


def test_a_missed_moment_shows_the_fullest_turn_before_the_customers_next_words() -> None:
    turns = (agent("Hi."), agent(COLD), system("Note: " * 40), agent("Bye."), customer("Well"), agent(KIND * 3))
    moment = only(reviewed(talk(customer(HURT), *turns), feelings={0: "anger"}))
    assert (moment.status, moment.answer_turn, moment.answer) == ("missed", 2, COLD)


def test_a_missed_moment_looks_past_further_words_of_the_customer() -> None:
    one = reviewed(talk(customer(HURT), customer("Hello?"), agent(COLD), customer("Bye")), feelings={0: "anger"})
    assert only(one).answer == COLD


def test_what_nobody_answered_is_no_moment() -> None:
    assert list(moments_of(reviewed(talk(agent(COLD), customer(HURT)), feelings={1: "anger"}))) == []


def test_a_recovered_moment_shows_the_turn_that_recovered_it() -> None:
    one = reviewed(
        talk(customer(HURT), agent(COLD), customer("Well"), agent(KIND)), feelings={0: "anger"}, tags={3: ["reassure"]}
    )
    assert (only(one).status, only(one).answer) == ("recovered", KIND)


# --- Markdown ---


@given(st.text(st.sampled_from("\\`*_{}[]()#+-.!|<>~&=:/;\"'$ \t\n1aé") | st.characters(codec="utf-8"), max_size=30))
def test_any_escaped_text_is_one_paragraph_that_reads_as_it_was(text: str) -> None:
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())
    for before in ("> ", '- "', "# "):
        document = before + escape_markdown(f"x{text}x" if before == "# " else text)
        expected = hostile.markdown_structure(before + ("plain" if text or before == "# " else ""))
        assert hostile.markdown_structure(document) == expected
    assert hostile.markdown_text("> " + escape_markdown(text)).strip() == text
