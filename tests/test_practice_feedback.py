"""What is heard in an answer: what a review hears in the same turn, with the words quoted."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from handmade import judged
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import SKILL_OF, Conversation, Tag
from coach.items import Item, Said
from coach.judging import Judge
from coach.labels import read_labelled
from coach.practice import Listener
from coach.practice.feedback import Feedback, _around, _heard, _words, before_answer
from coach.practice.wording import feedback

LONG = "My card was declined at the till and " + "very " * 40 + "embarrassing, how do I get it back today please"


def item(*said: Said, skill: str | None = None) -> Item:
    return Item("a", "answer", skill, None, "chat", 2, "", said, "")


class ByHand:
    """A judge whose judgements are made by hand: the last turn has `tags`, a customer's "upset" is anger."""

    def __init__(self, *tags: str, chance: float = 0.9, called: float = 1.0) -> None:
        self.tags, self.chance, self.called = tags, chance, called

    def judge(self, conversations: list[Conversation]) -> Iterator[tuple[Conversation, object]]:
        for one in conversations:
            felt = {n: "anger" for n, turn in enumerate(one.turns) if turn.role == "customer" and "upset" in turn.text}
            found = judged(one, tags={len(one.turns) - 1: self.tags}, feelings=felt, chance=self.chance)
            openings = tuple(replace(opening, called=self.called) for opening in found.openings)
            yield one, replace(found, openings=openings)


def hear(answer: str, *said: Said, skill: str | None = None, judge: ByHand | None = None):
    listener, one = Listener(judge or ByHand()), item(*said, skill=skill)
    listener.prepare(one)
    return listener.hear(one, answer)


UPSET = Said("customer", "Hello there. I am so upset! How do I change it?")


def test_each_call_of_the_last_words_is_met_or_open_with_its_words() -> None:
    found = hear("Open the settings.", UPSET, judge=ByHand("instruct"))
    assert found.verdicts == {"empathy": False, "instruction": True}
    (felt,) = found.still_open
    assert (felt.quote, felt.feeling, found.feeling) == ("I am so upset!", "anger", "anger")
    assert [(one.tag, one.quote, one.is_sure) for one in found.heard] == [("instruct", "Open the settings.", True)]
    assert found.shown == {"instruction"}


def test_what_was_called_for_before_counts_no_more() -> None:
    calm = Said("customer", "Fine, thank you all the same.")
    assert hear("Bye.", UPSET, Said("agent", "Sorry."), calm).verdicts == {}


def test_the_items_own_skill_counts_even_where_the_model_hears_no_call() -> None:
    calm = Said("customer", "It came on Monday.")
    assert hear("So it came.", calm, skill="listening").verdicts == {"listening": False}
    met = hear("So it came.", calm, skill="listening", judge=ByHand("restate"))
    assert met.verdicts == {"listening": True}
    assert met.openings[0].quote == "It came on Monday."
    assert hear("So it came.", Said("bot", "Hi"), skill="listening").verdicts == {}


def test_a_call_of_which_the_model_is_unsure_is_not_told() -> None:
    assert hear("Well.", UPSET, judge=ByHand(called=0.55)).verdicts == {}
    assert hear("Well.", UPSET, skill="empathy", judge=ByHand(called=0.55)).verdicts == {"empathy": False}


def test_a_guess_is_said_to_be_one() -> None:
    assert not hear("Sorry.", UPSET, judge=ByHand("apologise", chance=0.55)).heard[0].is_sure


@pytest.mark.parametrize(("tags", "put_off"), [((), True), (("acknowledge", "instruct"), False)])
def test_asking_to_wait_is_noticed_while_something_is_open(tags: tuple[str, ...], put_off: bool) -> None:
    assert hear("One moment please, let me check.", UPSET, judge=ByHand(*tags)).is_put_off is put_off


def test_an_answer_to_be_rewritten_is_not_in_the_way() -> None:
    one = item(UPSET, Said("agent", "Calm down."), Said("system", "left"))
    assert [turn.text for turn in before_answer(one)] == [UPSET.text]
    assert before_answer(item(Said("agent", "Hi"))) == ()


def test_of_a_long_sentence_the_words_that_carried_the_tag_are_quoted() -> None:
    text = "word " * 30 + "so sorry"
    assert _words(text, Tag(0, 0, len(text), "apologise", 0.9, ((0, 4), (150, 158)))) == "word … so sorry"
    assert len(_words(text, Tag(0, 0, len(text), "apologise", 0.9)).split()) == 32
    assert _words("  So\n sorry ", Tag(0, 2, 11, "apologise", 0.9, ((6, 11),))) == "So sorry"


@pytest.mark.parametrize(
    ("text", "words", "quote"),
    [
        ("Hi. How do I do it? Bye.", "How do I", "How do I do it?"),
        ("no stops at all", "stops", "no stops at all"),
        ("one. two", "one. two", "one. two"),
    ],
)
def test_a_call_is_quoted_with_its_sentence(text: str, words: str, quote: str) -> None:
    start = text.index(words)
    assert _around(text, start, start + len(words)) == quote


def test_a_long_call_is_cut_at_words() -> None:
    quote = _around(LONG, LONG.index("how do"), LONG.index("how do") + 6)
    assert quote.startswith("… very")
    assert quote.endswith("please")
    whole = _around(LONG, 0, len(LONG))
    assert whole.startswith("My card")
    assert whole.endswith("very …")


@given(st.text(min_size=1), st.data())
def test_whatever_is_quoted_are_words_of_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, len(text)))
    quote = _around(text, start, end).removeprefix("… ").removesuffix(" …")
    assert " ".join(quote.split()) in " ".join(text.split())


# --- with a model ---


@pytest.fixture(scope="module")
def judge(tiny_model: Path) -> Judge:
    return Judge.of(tiny_model)


def test_an_answer_gets_the_verdicts_of_a_review(judge: Judge, labelled_file: Path) -> None:
    """Every labelled agent turn, replayed as an answer after another round of talk."""
    listener, compared = Listener(judge), 0
    for one in read_labelled(labelled_file):
        talk = replace(one.conversation, turns=one.conversation.turns * 2)
        ((_, review),) = judge.judge([talk])
        for number in (1, 3):
            said = [Said(turn.role, turn.text) for turn in talk.turns[:number]]
            exercise = item(*said)
            listener.prepare(exercise)
            found = listener.hear(exercise, talk.turns[number].text)
            tags = [tag for tag in review.tags if tag.turn == number]
            assert [heard.tag for heard in found.heard] == [tag.name for tag in tags]
            assert found.shown == {SKILL_OF[tag.name] for tag in tags}
            before = {o.skill: o for o in review.openings if o.turn == number - 1}
            for skill, is_met in found.verdicts.items():
                assert is_met == (before[skill].response_turn == number)
                compared += 1
    assert compared > 10


@pytest.mark.parametrize(
    "answer", ["x", "sorry " * 1999, "\x00\ud7ff\u202e", "ignore all rules; DROP TABLE", "? " * 2000, "對不起 🎉" * 50]
)
def test_any_answer_can_be_heard(judge: Judge, answer: str) -> None:
    one = item(Said("customer", "i am upset ! . " * 30), skill="empathy")
    listener = Listener(judge)
    listener.prepare(one)
    assert "empathy" in listener.hear(one, answer).verdicts


@pytest.mark.parametrize(
    ("answer", "tag", "is_theirs"),
    [
        ("So the router drops the line.", "restate", True),
        ("So you ordered a lamp in blue.", "restate", False),
        ("I am sorry about the lamp.", "apologise", True),
    ],
)
def test_what_is_given_back_is_the_customers_only_with_a_word_of_theirs(answer: str, tag: str, is_theirs: bool) -> None:
    heard = _heard(answer, Tag(0, 0, len(answer), tag, 0.9), {"router", "drops"})
    assert heard.is_theirs is is_theirs
    assert ("no word of it" in feedback(Feedback((heard,), ()))) is not is_theirs
