"""Slips: what the rules find on the smallest conversation that has it, and not on its near miss."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import hostile
import pytest
from handmade import (
    COLD,
    HURT,
    KIND,
    RUBRIC,
    STEPS,
    WISHES,
    agent,
    bot,
    customer,
    customer_type,
    reviewed,
    sentence,
    system,
    talk,
)

from coach.conversation import Moment, Outcome, Reviewed, Turn
from coach.report.team import TeamTally
from coach.slips import KINDS, slips_of

ANA, BO = "Ana Ruiz", "Bo Chen"
QUESTION, REPEATS, UNCHECKED, PROMISE, EMPTY = KINDS
ASKS = "The form does not load. How do I change the address?"
TRIES = "I am trying it now"
AGAIN = "As I said, how do I change the address?"
THANKS = "Thank you, bye"
WILL = "We will call you back."


def chat(*turns: Turn, repeats: Sequence[int] = (), outcome: Outcome | None = None, **judgement: object) -> Reviewed:
    one = reviewed(talk(*turns, channel="chat", outcome=outcome or Outcome()), **judgement)
    return replace(one, judgements=replace(one.judgements, repeats=tuple(repeats)))


def kinds(one: Reviewed) -> list[str]:
    return [slip.kind for slip in slips_of(one)]


def of_kind(one: Reviewed, kind: str) -> list[Moment]:
    return [slip for slip in slips_of(one) if slip.kind == kind]


def asking(*turns: Turn, **judgement: object) -> Reviewed:
    """A question, and what came."""
    return chat(customer(ASKS), *turns, **judgement)


def told(*turns: Turn, tags: Mapping[int, Sequence[str]] | None = None, chance: float = 0.9) -> Reviewed:
    """Steps in turn 1, and what came."""
    return chat(customer(ASKS), agent(STEPS), *turns, tags={1: ["instruct"]} | dict(tags or {}), chance=chance)


def said(text: str, *, before: Sequence[Turn] = (customer(ASKS),), tags: Sequence[str] = ("instruct",)) -> Reviewed:
    return chat(*before, agent(text), tags={len(before): tags})


def upset(answer: str = KIND, *turns: Turn, tags: Sequence[str] = ("acknowledge",), **judgement: object) -> Reviewed:
    """A feeling in turn 0, acknowledged in turn 1, and what came."""
    return chat(customer(HURT), agent(answer), *turns, feelings={0: "anger"}, tags={1: tags}, **judgement)


FOUND: Mapping[str, Mapping[str, Callable[[], Reviewed]]] = {
    QUESTION: {
        "nobody answers": asking,
        "only a bot answers": lambda: asking(bot(STEPS), system("Closed")),
        "asked again and not answered": lambda: asking(agent(COLD), customer(AGAIN), agent(COLD), repeats=[2]),
    },
    REPEATS: {
        "said again": lambda: chat(customer(WISHES), agent(COLD), customer("As I told you"), repeats=[2]),
    },
    UNCHECKED: {
        "steps, and the customer goes on": lambda: told(customer(TRIES)),
        "checked before the steps only": lambda: chat(
            customer(ASKS),
            agent("All right?"),
            agent(STEPS),
            customer(TRIES),
            tags={1: ["verify"], 2: ["instruct"]},
        ),
    },
    PROMISE: {
        "no time": lambda: said(WILL),
        "to be received": lambda: said("You'll receive a new one."),
        "passive": lambda: said("The sum will be refunded."),
        "a colleague": lambda: said("A colleague will look into it."),
    },
    EMPTY: {
        "and nothing more": upset,
        "and a thing of no use": lambda: upset(KIND, customer("Well"), agent(COLD)),
        "the matter is open, as reported": lambda: upset(resolved="yes", outcome=Outcome(resolved="no")),
    },
}
NEAR: Mapping[str, Mapping[str, Callable[[], Reviewed]]] = {
    QUESTION: {
        "answered": lambda: asking(agent(STEPS), tags={1: ["instruct"]}),
        "answered later": lambda: asking(
            agent(COLD), customer(AGAIN), agent(STEPS), tags={3: ["explain"]}, repeats=[2]
        ),
        "taken up, if not answered": lambda: asking(agent(COLD), customer(THANKS)),
        "no question": lambda: chat(customer("The lamp does not work")),
        "a wish": lambda: chat(customer(WISHES)),
        "only repeated before": lambda: chat(
            customer(WISHES), agent(COLD), customer(ASKS), agent(COLD), repeats=[0]
        ),
    },
    REPEATS: {
        "not said again": lambda: chat(customer(WISHES), agent(COLD), customer("As I told you")),
        "nobody had answered": lambda: chat(customer(WISHES), bot(COLD), customer("As I told you"), repeats=[2]),
    },
    UNCHECKED: {
        "checked in the same turn": lambda: told(customer(TRIES), tags={1: ["instruct", "verify"]}),
        "checked afterwards": lambda: told(customer(TRIES), agent("Did it work?"), tags={3: ["verify"]}),
        "the customer is gone": lambda: told(agent("Bye")),
        "only a guess": lambda: told(customer(TRIES), chance=0.55),
        "no steps": lambda: told(customer(TRIES), tags={1: ["explain"]}),
        "nobody asked": lambda: chat(agent(STEPS), customer(TRIES), tags={0: ["instruct"]}),
        "the customer thanks": lambda: told(customer(THANKS)),
        "the customer says that it works": lambda: told(customer("It works now")),
        "nothing was broken": lambda: chat(
            customer("How do I change the address?"), agent(STEPS), customer(TRIES), tags={1: ["instruct"]}
        ),
    },
    PROMISE: {
        name: (lambda text=text: said(text))
        for name, text in {
            "today": "We will call you back today.",
            "before a time": "We will call you by 5 pm.",
            "within": "You will receive it within two to three business days.",
            "the time in another sentence": "We will call you back. It takes an hour.",
            "as soon as": "I'll let you know as soon as it is there.",
            "on a day": "It will be sent on Monday.",
            "no promise": "Please call us back.",
            "a negation": "We called you back.",
        }.items()
    }
    | {"nobody asked": lambda: said(WILL, before=())},
    EMPTY: {
        "then steps": lambda: chat(
            customer(HURT), agent(KIND), agent(STEPS), feelings={0: "anger"}, tags={1: ["acknowledge"], 2: ["instruct"]}
        ),
        "with a reason": lambda: upset(tags=["acknowledge", "explain"]),
        "with a next step": lambda: upset(tags=["apologise", "expect"]),
        "perhaps with a reason": lambda: upset(other=0.45),
        "settled": lambda: upset(resolved="yes"),
        "settled, as reported": lambda: upset(resolved="no", outcome=Outcome(resolved="yes")),
        "never acknowledged": lambda: upset(COLD, tags=()),
        "no feeling": lambda: chat(customer("Hi"), agent(KIND), tags={1: ["acknowledge"]}),
    },
}  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, cases in FOUND.items() for name in cases])
def test_a_slip_is_found_on_a_conversation_that_has_it(kind: str, name: str) -> None:
    (slip,) = of_kind(FOUND[kind][name](), kind)
    assert slip.status == "missed"


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, cases in NEAR.items() for name in cases])
def test_a_slip_is_not_found_on_its_near_miss(kind: str, name: str) -> None:
    assert of_kind(NEAR[kind][name](), kind) == []


@pytest.mark.parametrize("turns", [(), (customer("Hi"),), (agent("Hi"),), (bot("Hi"), system("Bye"))])
def test_where_next_to_nothing_was_said_nothing_slipped(turns: tuple[Turn, ...]) -> None:
    assert kinds(chat(*turns)) == []


def test_slips_come_kind_by_kind() -> None:
    one = chat(
        customer(HURT), agent(KIND), customer(ASKS), agent(STEPS), agent(WILL), customer("As I said"), customer(ASKS),
        feelings={0: "anger"}, tags={1: ["acknowledge"], 3: ["instruct"]}, repeats=[5],
    )  # fmt: skip
    assert kinds(one) == [QUESTION, REPEATS, UNCHECKED, PROMISE]


def test_every_promise_is_a_place_to_look_and_the_last_steps_stand_for_all() -> None:
    one = chat(
        customer(ASKS), agent(STEPS), agent(WILL), customer("Yes"), agent(STEPS), agent(WILL), customer("No"),
        tags={1: ["instruct"], 4: ["instruct"]},
    )  # fmt: skip
    assert [(slip.turn, slip.answer_turn) for slip in of_kind(one, PROMISE)] == [(0, 2), (3, 5)]
    assert [(slip.turn, slip.answer_turn) for slip in of_kind(one, UNCHECKED)] == [(3, 4)]


# --- the words it rests on ---

MARKED = {
    QUESTION: ("How do", []),
    REPEATS: ("As I told you", []),
    UNCHECKED: (ASKS, [STEPS]),
    PROMISE: (ASKS, [WILL]),
    EMPTY: (HURT, [KIND]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_slip_marks_the_very_words(kind: str) -> None:
    one = next(iter(FOUND[kind].values()))()
    (slip,) = of_kind(one, kind)
    words, shown = MARKED[kind]
    start, end = slip.quote_span
    assert slip.quote[start:end] == words
    assert [slip.answer[a:b] for a, b, _ in slip.answer_spans] == shown


@pytest.mark.parametrize("text", [*hostile.TEXTS, "  Olá 👋🏽\u00a0\n\te\u0301 ", "a\u202eb\x00c"])
def test_quotes_and_places_are_exact_whatever_stands_around_them(text: str) -> None:
    asks, will = f"{text} {ASKS} {text}", f"{text} {WILL}"
    one = chat(
        customer(f"{text} {HURT}"), agent(f"{text} {KIND}"), customer(asks), agent(STEPS), customer(TRIES),
        agent(will), customer(asks), customer(f"{text} As I said"),
        feelings={0: "anger"}, tags={1: ["acknowledge"], 3: ["instruct"]}, repeats=[7],
    )  # fmt: skip
    start = len(text) + 1
    promise = replace(sentence(will), start=start)
    judgements = replace(one.judgements, sentences=(*one.judgements.sentences[:5], (promise,), (), ()))
    found = list(slips_of(replace(one, judgements=judgements)))
    assert Counter(slip.kind for slip in found) == dict.fromkeys((QUESTION, REPEATS, UNCHECKED, PROMISE), 1)
    turns = one.conversation.turns
    for slip in found:
        assert slip.quote == turns[slip.turn].text
        assert turns[slip.turn].role == "customer"
        assert 0 <= slip.quote_span[0] < slip.quote_span[1] <= len(slip.quote)
        assert slip.answer == ("" if slip.answer_turn is None else turns[slip.answer_turn].text)
        assert all(0 <= a < b <= len(slip.answer) for a, b, _ in slip.answer_spans)
    (question,) = [slip for slip in found if slip.kind == QUESTION]
    assert question.quote[slice(*question.quote_span)] == "How do"
    (promised,) = [slip for slip in found if slip.kind == PROMISE]
    assert [promised.answer[a:b] for a, b, _ in promised.answer_spans] == [WILL]


# --- who and what ---


def test_a_slip_is_the_agents_whose_turn_it_was() -> None:
    one = chat(
        customer(HURT), agent(KIND, by=BO), customer(ASKS), agent(STEPS, by=ANA), agent(WILL, by="Cy"), customer("No"),
        agent(COLD, by="Dee"), customer("As I said"), feelings={0: "anger"},
        tags={1: ["acknowledge"], 3: ["instruct"]}, repeats=[7],
    )  # fmt: skip
    assert {slip.kind: slip.agent for slip in slips_of(one)} == {REPEATS: "Dee", UNCHECKED: ANA, PROMISE: "Cy"}
    (empty,) = slips_of(chat(customer(HURT), agent(KIND, by=BO), feelings={0: "anger"}, tags={1: ["acknowledge"]}))
    assert empty.agent == BO
    (question,) = slips_of(asking())
    assert (question.agent, question.answer_turn, question.answer) == (None, None, "")


def test_a_slip_tells_the_skill_the_feeling_the_type_and_the_channel() -> None:
    (slip,) = slips_of(upset(found=customer_type("feeler")))
    assert (slip.kind, slip.skill, slip.feeling, slip.customer_type, slip.channel) == (
        EMPTY, "empathy", "anger", "feeler", "chat",
    )  # fmt: skip


def test_the_team_counts_what_slipped() -> None:
    tally = TeamTally(RUBRIC)
    for one in (asking(), asking(), upset(), said(WILL)):
        tally.add(one)
    assert {slip.kind: slip.count for slip in tally.report().slips} == {QUESTION: 2, PROMISE: 1, EMPTY: 1}
