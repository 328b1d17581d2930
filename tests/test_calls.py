"""Calls: which signs are read of a customer's words, and what they call for."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from handmade import (
    ASKS,
    COLD,
    FIRST_SIGN,
    HEADS,
    HURT,
    SIGNS,
    WISHES,
    agent,
    bot,
    customer,
    feeling,
    on_signs,
    read,
    sentence,
    system,
    talk,
)
from hypothesis import given
from hypothesis import strategies as st

from coach.calls import CONTENT, MOST_SHARED, REPEATS, THRESHOLD, Call, Heard, hear, signs, stretches
from coach.conversation import FEELINGS, JUDGED, Conversation, Feeling, Turn
from coach.cues import cues
from coach.heads import HEADS as NAMES
from coach.heads import Linear, load_heads
from coach.model_folder import shipped_model

SHIPPED = load_heads(shipped_model())
KINDS = ("type", "opening", "call", "asked", "slip", "ending")
EXAMPLES = [
    ("opening.wish", "I’d rather have the blue one"),
    ("opening.wish", "It was broken on arrival"),
    ("opening.question", "and how long is that"),
    ("opening.question", "am I supposed to wait"),
    ("opening.fault", "the door won't open"),
    ("opening.fault", "it is locked out"),
    ("opening.hold", "Let me check the box"),
    ("call.asks_for", "would you look at it"),
    ("call.asks_for", "a new one please"),
    ("call.asks_for", "I need some advice"),
    ("call.question_word", "tell me where"),
    ("call.yes_or_no", "@lamps is it open"),
    ("call.yes_or_no", "Fine, are you sure"),
    ("call.thanks", "thx"),
    ("call.goodbye", "That’s all"),
    ("call.accepts", "Okay then"),
    ("call.accepts", "got it"),
    ("call.greets", "Good evening"),
    ("call.gives_data", "My order is the red lamp"),
    ("call.gives_data", "4711"),
    ("call.gives_data", "[NAME_1]"),
    ("call.again", "it happened again"),
    ("call.corrects", "not that, the other one instead"),
    ("call.tells", "we waited"),
    ("call.negates", "it doesn't matter"),
    ("call.writes_elsewhere", "see https://x.example"),
    ("call.amount", "it was $5"),
    ("call.amount", "after 3 weeks"),
    ("call.says_again", "as I already said"),
    ("call.says_again", "my question was another"),
    ("type.tells", "I insist"),
    ("type.presses", "do it ASAP"),
    ("type.conditions", "this is unacceptable"),
    ("type.hedges", "perhaps"),
    ("type.how_why", "explain"),
    ("type.figures", "7 GB"),
    ("type.order", "after that"),
    ("type.feelings", "so worried"),
    ("type.people", "my little sister"),
    ("type.humour", "haha"),
    ("type.exclaims", "No!"),
    ("type.shouts", "it is HERE"),
    ("type.chats", "by the way"),
    ("type.courtesy", "kindly"),
    ("type.repeats", "already"),
]


def heard(
    conversation: Conversation,
    feelings: dict[int, str | None] | None = None,
    heads: dict[str, Linear] = HEADS,
    tags: Sequence[str] = (),
) -> list[Heard]:
    said = [(sentence(turn.text, *tags),) if turn.role == "agent" else () for turn in conversation.turns]
    shown = [
        feeling((feelings or {}).get(i)) if turn.role == "customer" else None
        for i, turn in enumerate(conversation.turns)
    ]
    return list(hear(conversation, said, shown, heads))


def calls(conversation: Conversation, **options: object) -> list[Call]:
    return [call for one in heard(conversation, **options) for call in one.calls]


def words(conversation: Conversation, call: Call) -> str:
    return conversation.turns[call.turn].text[call.start : call.end]


# --- signs ---


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_a_sign_is_seen_in_the_customers_words_and_not_in_the_agents(name: str, text: str) -> None:
    place = FIRST_SIGN + SIGNS.index(name)
    shown, silent, said = (
        read(talk(*turns))[0][place]
        for turns in ((customer(text),), (customer("Hm"),), (agent(text), customer("Hm"), agent(text)))
    )
    assert (shown, silent, said) == (1, 0, 0)


def test_every_sign_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == set(SIGNS)


@pytest.mark.parametrize("kind", KINDS)
def test_no_pattern_holds_a_control_character(kind: str) -> None:
    assert not [cue.name for cue in cues(kind).values() if not cue.pattern.pattern.isprintable()]


@pytest.mark.parametrize(("name", "text"), [("data", "What is your order number?"), ("more", "Anything else?")])
def test_what_the_agent_had_just_asked_is_read(name: str, text: str) -> None:
    place = FIRST_SIGN + len(SIGNS) + list(cues("asked")).index(name)
    one, other, own = (
        read(talk(*turns, customer("Hm")))[-1] for turns in ([agent(text)], [agent(COLD)], [customer(text)])
    )
    assert (one[place], other[place], own[place]) == (1, 0, 0)


def test_the_place_in_the_conversation_is_read() -> None:
    turns = (customer("Hm"), agent(COLD), customer("Hm"), customer("Hm"), agent(COLD), system("Left"), customer("Hm"))
    first, middle, last = read(talk(*turns))
    assert first[:5].tolist() == pytest.approx([1, 1, 0, 0, 0])
    assert middle[:5].tolist() == pytest.approx([0, 0, 1 / 6, 0, 1])
    assert last[:5].tolist() == pytest.approx([0, 0, 2 / 6, 1, 0])


def test_what_was_tagged_and_felt_is_read() -> None:
    conversation = talk(agent(COLD), customer("Hm"))
    plain, probed, hurt = (
        next(row for _, row in signs(conversation, [(said,), ()], [None, shown]) if row is not None)
        for said, shown in (
            (sentence(COLD), feeling(None)),
            (sentence(COLD, "probe"), feeling(None)),
            (sentence(COLD), feeling("anger")),
        )
    )
    assert (probed - plain).sum() == pytest.approx(0.85)
    assert sorted(np.flatnonzero(hurt - plain)) == list(range(len(plain) - 5, len(plain) - 3))


def test_saying_the_same_words_again_is_read_as_likeness() -> None:
    story = "The parcel never arrived although the driver promised delivery before Thursday evening"
    rows = read(talk(customer(story), agent(COLD), customer("Something else entirely"), agent(COLD), customer(story)))
    place = FIRST_SIGN + len(SIGNS) + len(cues("asked"))
    assert len(set(CONTENT.findall(story.lower()))) > MOST_SHARED
    assert [row[place : place + 3].tolist() for row in rows] == [[0, 0, 0], [0, 0, 0], [MOST_SHARED, 1, 1]]


def test_agents_stretches_are_not_read() -> None:
    conversation = talk(agent(COLD), customer("Hm"), bot("Hm"), customer("Hm"), agent(COLD))
    found = list(signs(conversation, [()] * 5, [None] * 5))
    assert [(stretch.role, stretch.turns, row is None) for stretch, row in found] == [
        ("agent", (0,), True), ("customer", (1, 3), False), ("agent", (4,), True),
    ]  # fmt: skip


def test_an_empty_conversation_calls_for_nothing() -> None:
    assert stretches(talk()) == ()
    assert heard(talk()) == heard(talk(system("Left"), bot("Bye"))) == []


# --- calls ---


@pytest.mark.parametrize("label", FEELINGS)
def test_the_first_shown_feeling_of_a_stretch_calls_for_empathy_with_all_its_words(label: str) -> None:
    conversation = talk(customer("Hm"), customer(HURT), customer(HURT))
    (call,) = calls(conversation, feelings={1: label, 2: label})
    assert (call.turn, call.skill, words(conversation, call)) == (1, "empathy", HURT)
    assert call.probability == pytest.approx(0.875)


@pytest.mark.parametrize(
    ("texts", "turn", "quoted"),
    [
        (("Hm", "it is broken", "it is broken"), 1, "broken"),
        (("Hm", "unable to log in", "and I want it blue"), 2, "I want"),
        (("Hm", "unable to log in", "Hm"), 1, "unable to log"),
        (("Hm", "a longer tale of nothing", "Hm"), 1, "a longer tale of nothing"),
    ],
)
def test_a_call_stands_at_the_words_that_show_it_best_or_else_at_the_longest_turn(
    texts: tuple[str, ...], turn: int, quoted: str
) -> None:
    conversation = talk(*map(customer, texts))
    always = Linear(*(np.array(v, np.float32) for v in (np.zeros((1, len(read(conversation)[0]))), [9], 0, 1)))
    (call,) = calls(conversation, heads={**HEADS, "listening_call": always, "instruction_call": on_signs()})
    assert (call.skill, call.turn, words(conversation, call)) == ("listening", turn, quoted)


def test_a_call_needs_to_be_likelier_than_not() -> None:
    width = len(read(talk(customer("Hm")))[0])

    def says(bias: float) -> Linear:
        return Linear(
            *(np.array(v, np.float32) for v in (np.zeros((1, width)), [bias], np.zeros(width), np.ones(width)))
        )

    found = [calls(talk(customer("Hm")), heads={**HEADS, "listening_call": says(bias)}) for bias in (-0.01, 0, 0.01)]
    assert [[call.probability for call in some] for some in found] == [
        [], [pytest.approx(0.5)], [pytest.approx(0.5025, abs=1e-4)],
    ]  # fmt: skip


def test_a_stretch_says_again_what_was_said_where_the_words_show_it() -> None:
    conversation = talk(customer(ASKS), agent(COLD), customer("As I already said, the parcel"), agent(COLD))
    assert [one.repeats for one in heard(conversation)] == [False, False, True, False]


TURNS = st.builds(
    Turn,
    st.sampled_from(("customer", "customer", "agent", "bot", "system")),
    st.sampled_from([HURT, ASKS, WISHES, "", "?", "It is STILL not there, I told you", "👋🏽 açaí", "Thanks"])
    | st.text(max_size=30),
)


@given(st.lists(TURNS, max_size=8), st.lists(st.sampled_from((None, *FEELINGS)), min_size=8, max_size=8))
def test_each_skill_is_called_for_at_most_once_a_stretch_by_words_inside_the_text(
    turns: list[Turn], labels: list[str | None]
) -> None:
    conversation = talk(*turns)
    found = heard(conversation, feelings=dict(enumerate(labels)), heads=SHIPPED)
    assert [i for one in found for i in one.stretch.turns] == [i for i, t in enumerate(turns) if t.role in JUDGED]
    for one, after in pairwise(found):
        assert one.stretch.role != after.stretch.role
    for one in found:
        skills = [call.skill for call in one.calls]
        assert len(set(skills)) == len(skills)
        assert one.stretch.role == "customer" or not (one.calls or one.repeats)
        for call in one.calls:
            assert call.turn in one.stretch.turns
            assert 0 <= call.start <= call.end <= len(turns[call.turn].text)
            assert THRESHOLD <= call.probability <= 1


# --- the shipped heads ---


def test_the_shipped_heads_read_as_many_signs_as_there_are() -> None:
    width = len(read(talk(customer("Hm")))[0])
    assert tuple(SHIPPED) == NAMES
    assert {SHIPPED[name].weights.shape for name in (*HEADS, REPEATS)} == {(1, width)}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Is there anything else I can help with?", "No, that's all. Thank you for your help!"),
        ("Your new address is saved.", "Great, thanks! Bye."),
        ("Your new address is saved.", "Perfect, thank you so much"),
        ("Welcome to Lamps.", "Hello"),
        ("Welcome to Lamps.", "Good morning!"),
        ("Could I have your e-mail address?", "[EMAIL_1]"),
        ("May I have your name and phone number please?", "[NAME_1], [PHONE_1]"),
        ("Is the lamp the red one?", "Yes"),
    ],
)
def test_thanks_greetings_and_data_call_for_nothing(asked: str, text: str) -> None:
    assert calls(talk(agent(asked), customer(text), agent(COLD)), heads=SHIPPED) == []


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        (ASKS, "instruction"),
        ("Why was I charged twice this month?", "instruction"),
        ("My router does not connect to the internet any more.", "instruction"),
        ("It is still not there, and the driver who came today said that he never had it in his van", "listening"),
        ("I ordered a lamp for my mother three weeks ago, it came broken and nobody has called me back.", "listening"),
    ],
)
def test_questions_faults_and_stories_call_for_an_answer(text: str, skill: str) -> None:
    assert skill in [call.skill for call in calls(talk(customer(text), agent(COLD)), heads=SHIPPED)]


def test_a_problem_that_has_to_be_told_again_is_a_repetition() -> None:
    story = "My parcel with the blue lamp never arrived and the tracking page shows nothing since Monday"
    again = talk(customer(story), agent(COLD), customer(f"As I already told you: {story}"), agent(COLD))
    once = talk(customer(story), agent(COLD), customer("Thanks, bye."), agent(COLD))
    assert [[one.repeats for one in heard(c, heads=SHIPPED) if one.stretch.role == "customer"] for c in (again, once)] == [
        [False, True], [False, False],
    ]  # fmt: skip


def test_a_turn_without_a_feeling_judged_calls_for_no_empathy() -> None:
    shown: list[Feeling | None] = [None]
    assert [one.calls for one in hear(talk(customer(HURT)), [()], shown, HEADS)] == [()]
