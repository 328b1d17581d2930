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
    asked,
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
from coach.moments import MOST_EXAMPLES, Examples, moments_of
from coach.report.render import escape_markdown


def only(one: Reviewed) -> Moment:
    (moment,) = moments_of(one)
    return moment


def examples(*several: Reviewed) -> Examples:
    made = Examples()
    for one in several:
        made.add(moments_of(one))
    return made


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


# --- examples ---


def test_an_example_is_never_from_the_same_conversation() -> None:
    missed = only(felt("c1", COLD, met=False))
    assert examples(felt("c1")).like(missed) is None
    found = examples(felt("c1"), felt("c2")).like(missed)
    assert found is not None
    assert found.conversation == "c2"


def test_an_example_has_the_same_skill_and_was_met() -> None:
    missed = only(felt("c1", COLD, met=False))
    assert examples(asked("c2"), felt("c3", COLD, met=False)).like(missed) is None


def test_an_example_of_the_same_feeling_goes_before_a_surer_one() -> None:
    worried = reviewed(talk(customer(HURT), agent(KIND), id="c2"), feelings={0: "worry"}, tags={1: ["reassure"]})
    angry = felt("c3", chance=0.75)
    missed = only(felt("c1", COLD, met=False))
    assert examples(worried, angry).like(missed) == only(angry)
    assert examples(worried).like(missed) == only(worried)


def test_an_example_for_the_same_customer_type_goes_before_a_surer_one() -> None:
    same, surer = asked("c2", found=customer_type("thinker"), chance=0.75), asked("c3", chance=0.95)
    missed = only(asked("c1", COLD, met=False, found=customer_type("thinker")))
    assert examples(surer, same).like(missed) == only(same)


def test_another_example_is_given_while_there_is_one() -> None:
    pool = examples(felt("c2", chance=0.95), felt("c3", agent="Bo Chen"))
    missed = only(felt("c1", COLD, met=False))
    first = pool.like(missed)
    second = pool.like(missed, besides=[first])
    assert {first.conversation, second.conversation} == {"c2", "c3"}
    assert pool.like(missed, besides=[first, second]) == first


@pytest.mark.parametrize("answer", ["Oh no.", "Oh no, that is hard. " * 40])
def test_too_short_or_too_long_an_answer_is_no_example(answer: str) -> None:
    assert examples(felt("c2", answer)).like(only(felt("c1", COLD, met=False))) is None


def test_only_the_surest_examples_are_kept() -> None:
    pool = examples(*(felt(f"c{i:02}", chance=0.6 + i / 100) for i in range(MOST_EXAMPLES + 5)))
    ((_, kept),) = pool.best.items()
    assert [moment.conversation for moment in kept] == [f"c{i:02}" for i in range(16, 4, -1)]


@given(st.text(st.sampled_from("\\`*_{}[]()#+-.!|<>~&=:/;\"'$ \t\n1aé") | st.characters(codec="utf-8"), max_size=30))
def test_any_escaped_text_is_one_paragraph_that_reads_as_it_was(text: str) -> None:
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())
    for before in ("> ", '- "', "# "):
        document = before + escape_markdown(f"x{text}x" if before == "# " else text)
        expected = hostile.markdown_structure(before + ("plain" if text or before == "# " else ""))
        assert hostile.markdown_structure(document) == expected
    assert hostile.markdown_text("> " + escape_markdown(text)).strip() == text
