"""The review queue: who is in it, why, with which words, and never twice."""

from dataclasses import replace
from datetime import date

import pytest
from handmade import COLD, HURT, KIND, agent, customer, felt, reviewed, sentence, talk

from coach.conversation import Outcome, Reviewed
from coach.disputes import Dispute
from coach.report.review_queue import FEWEST, MOST, SHARES, Queue, QueueItem

OPEN = Dispute("K7QD-2MXW", "c1", 1, 0, 5, "acknowledge", "Ana Ruiz", "I did answer", date(2026, 9, 7))


def items_of(*several: Reviewed, disputes: tuple[Dispute, ...] = ()) -> tuple[QueueItem, ...]:
    queue = Queue(disputes)
    for one in several:
        queue.add(one)
    return queue.items()


def queued(*several: Reviewed, disputes: tuple[Dispute, ...] = ()) -> list[tuple[str, str, str]]:
    found = items_of(*several, disputes=disputes)
    return [(i.reviewed.conversation.id, i.kind, i.reason) for i in found if i.kind != "random"]


def good(id: str) -> Reviewed:
    one = felt(id)
    return replace(one, judgements=replace(one.judgements, openings=one.judgements.openings * 3))


def test_the_queue_says_why_to_look_in_the_order_of_its_kinds() -> None:
    twice = reviewed(
        talk(customer(HURT), agent(COLD), customer(HURT), agent(COLD), id="twice"), feelings={0: "anger", 2: "worry"}
    )
    assert queued(
        good("good"),
        felt("open", resolved="no"),
        felt("low", outcome=Outcome(csat=1.5)),
        felt("once", COLD, met=False, outcome=Outcome(csat=1)),
        felt("fine", outcome=Outcome(csat=3)),
        twice,
    ) == [
        ("twice", "unanswered", "a feeling was shown 2 times and never answered"),
        ("once", "unanswered", "a feeling was shown once and never answered"),
        ("open", "unresolved", "looks unresolved"),
        ("low", "rated low", "rated 1.5 of 5 by the customer"),
        ("good", "worth sharing", "all 3 openings met: worth sharing"),
    ]


def test_a_conversation_stands_once_with_all_its_reasons() -> None:
    chats = [felt(f"c{i}", COLD, met=False, resolved="no", outcome=Outcome(csat=1)) for i in range(40)]
    found = items_of(*chats)
    ids = [item.reviewed.conversation.id for item in found]
    assert len(ids) == len(set(ids))
    assert [reason.kind for reason in found[0].reasons] == ["unanswered", "unresolved", "rated low"]


@pytest.mark.parametrize("count", [0, 1, FEWEST - 1, 60])
def test_there_are_ten_to_twenty_or_all_there_are(count: int) -> None:
    chats = [felt(f"c{i}", COLD if i % 3 else KIND, met=not i % 3, outcome=Outcome(csat=1)) for i in range(count)]
    assert min(count, FEWEST) <= len(items_of(*chats)) <= min(count, MOST)


def test_no_kind_takes_the_room_of_the_others() -> None:
    chats = [felt(f"c{i}", COLD, met=False) for i in range(50)] + [
        felt(f"l{i}", outcome=Outcome(ces=1)) for i in range(9)
    ]
    kinds = [item.kind for item in items_of(*chats)]
    assert kinds.count("unanswered") == SHARES["unanswered"]
    assert kinds.count("rated low") == SHARES["rated low"]
    assert kinds.count("random") == FEWEST - SHARES["unanswered"] - SHARES["rated low"]


def test_the_weightiest_come_first_and_the_order_of_reading_changes_nothing() -> None:
    chats = [felt(f"c{i:02}", outcome=Outcome(csat=1 + i / 50)) for i in range(45)]
    found = items_of(*chats)
    assert [i.reviewed.conversation.id for i in found if i.kind == "rated low"] == ["c00", "c01", "c02"]
    assert found == items_of(*reversed(chats))


def test_an_open_dispute_is_shown_with_the_disputed_words_and_a_settled_one_is_not() -> None:
    settled = replace(OPEN, conversation="c2", verdict="upheld")
    found = items_of(felt("c1"), felt("c2"), disputes=(OPEN, replace(OPEN, reference="X"), settled))
    first, *rest = found
    assert first.reason == "acknowledge is disputed (K7QD-2MXW), and 1 more: I did answer"
    assert [(q.turn, q.words, q.role) for q in first.reasons[0].quotes] == [(1, KIND[:5], "agent")]
    assert {item.kind for item in rest} == {"random"}


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("So when will it come", "unresolved and silent: nobody spoke after the customer's last words"),
        ("Thank you, goodbye", "looks unresolved"),
    ],
)
def test_silence_after_the_customers_last_words_is_said_unless_they_are_a_goodbye(last: str, reason: str) -> None:
    one = reviewed(talk(customer("Where is it"), agent(COLD), customer(last)), openings=(), resolved="no")
    (item,) = items_of(one)
    assert item.reason == reason
    assert item.reasons[0].quotes[0].words == last


def test_a_low_rating_quotes_the_strongest_feeling_else_the_last_words() -> None:
    turns = (customer("It is broken"), agent(KIND), customer(HURT), agent(KIND), customer("Bye"))
    low = Outcome(csat=2, nps=0, ces=7)
    for feelings, words in (({2: "anger"}, HURT), ({}, "Bye")):
        one = reviewed(talk(*turns, outcome=low), feelings=feelings, tags={3: ["acknowledge"]}, openings=())
        (item,) = items_of(one)
        assert item.reason == "rated 2 of 5, 0 of 10 (NPS) by the customer"
        assert [quote.words for quote in item.reasons[0].quotes] == [words]


def test_a_conversation_the_model_is_unsure_of_quotes_the_least_sure_sentence() -> None:
    one = reviewed(talk(customer("Hello there"), agent(COLD), agent(KIND), agent("Bye")))
    doubtful = ((), (sentence(COLD, chance=0.9, other=0.4),), (sentence(KIND, "probe", chance=0.48),), ())
    unsure = replace(one, judgements=replace(one.judgements, sentences=doubtful))
    (item,) = items_of(unsure)
    assert item.reason == "the model is unsure of 2 of 2 sentences; most of this one (probe, 48 % sure)"
    assert item.reasons[0].quotes[0].words == KIND


def test_what_is_worth_sharing_quotes_the_feeling_and_its_answer() -> None:
    (item,) = items_of(good("good"))
    assert [quote.words for quote in item.reasons[0].quotes] == [HURT, KIND]
