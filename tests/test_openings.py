"""Openings: what a customer's words call for, and what came of it."""

import pytest
from handmade import ASKS, COLD, HURT, KIND, STEPS, WISHES, agent, bot, customer, judged, system, talk
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import FEELINGS, TAGS, Conversation, Opening
from coach.cues import cues
from coach.openings import find_openings

ALL_CUES = [
    (kind, cue) for kind in ("type", "opening", "call", "asked", "slip", "ending") for cue in cues(kind).values()
]


def openings(conversation: Conversation, **judgement: object) -> tuple[Opening, ...]:
    return judged(conversation, **judgement).openings


def only(conversation: Conversation, **judgement: object) -> Opening:
    (opening,) = openings(conversation, **judgement)
    return opening


def called(opening: Opening, conversation: Conversation) -> str:
    return conversation.turns[opening.turn].text[opening.start : opening.end]


@pytest.mark.parametrize("label", FEELINGS)
def test_a_shown_feeling_opens_empathy_with_all_its_words(label: str) -> None:
    conversation = talk(customer(HURT), agent(COLD))
    opening = only(conversation, feelings={0: label})
    assert (opening.turn, opening.skill) == (0, "empathy")
    assert called(opening, conversation) == HURT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, I would like a blue lamp", "I would like"),
        ("Hello, I’d rather have a blue one", "I’d rather"),
        ("My parcel is NOT here as promised", "is NOT"),
        ("There is a problem with my bill", "problem"),
    ],
)
def test_a_stated_problem_or_wish_opens_listening_with_the_words_that_say_so(text: str, words: str) -> None:
    conversation = talk(customer(text), agent(COLD))
    opening = only(conversation)
    assert (opening.skill, called(opening, conversation)) == ("listening", words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello there, how do I change it?", "how do"),
        ("And why is that so dear?", "why"),
        ("Can you explain the bill please?", "Can you explain"),
        ("Yes it is locked out again", "locked out"),
    ],
)
def test_a_question_or_a_fault_opens_instruction_with_the_words_that_ask(text: str, words: str) -> None:
    conversation = talk(customer(text), agent(COLD))
    opening = only(conversation)
    assert (opening.skill, called(opening, conversation)) == ("instruction", words)


def test_a_fault_opens_listening_and_instruction_and_with_heat_empathy_too() -> None:
    conversation = talk(customer("My card STILL does not work, third time!"), agent(COLD))
    assert [o.skill for o in openings(conversation, feelings={0: "anger"})] == ["empathy", "listening", "instruction"]


def test_every_stretch_that_calls_opens_anew() -> None:
    remark = "It is still not there"
    turns = [customer(remark), agent(COLD), customer(remark), agent(COLD), customer("Hm"), agent(COLD)]
    assert [(o.turn, o.skill) for o in openings(talk(*turns))] == [(0, "listening"), (2, "listening")]


def test_plain_words_open_nothing() -> None:
    assert openings(talk(customer("My name is Eva and it is raining."), agent(COLD))) == ()


def test_a_turn_of_three_words_opens_what_they_call_for_and_its_feeling() -> None:
    conversation = talk(customer("Why so late?"), agent(COLD))
    skills = [[o.skill for o in openings(conversation, feelings=shown)] for shown in ({}, {0: "worry"})]
    assert skills == [["listening", "instruction"], ["empathy", "listening", "instruction"]]


def test_agents_bots_and_systems_open_nothing() -> None:
    assert openings(talk(agent(ASKS), bot(ASKS), system(WISHES), customer("Hi"))) == ()


def test_messages_in_a_row_open_each_skill_once_at_the_first_that_calls() -> None:
    conversation = talk(customer("Hi"), customer(HURT), customer(ASKS), customer(HURT), customer(ASKS), agent(COLD))
    found = openings(conversation, feelings={1: "anger", 3: "anger"})
    assert [(o.turn, o.skill) for o in found] == [(1, "empathy"), (2, "instruction")]


@pytest.mark.parametrize("between", [bot("Please wait."), system("Ana joined.")])
def test_bots_and_systems_do_not_interrupt_the_customer(between: object) -> None:
    conversation = talk(customer(ASKS), between, customer(ASKS), agent(STEPS))
    opening = only(conversation, tags={3: ["instruct"]})
    assert (opening.turn, opening.status, opening.response_turn) == (0, "met", 3)


def test_bots_and_systems_do_not_interrupt_the_agent() -> None:
    conversation = talk(customer(HURT), agent(COLD), system("A file was sent."), agent(KIND))
    opening = only(conversation, feelings={0: "anger"}, tags={3: ["reassure"]})
    assert (opening.status, opening.response_turn) == ("met", 3)


def test_an_answer_in_between_lets_the_same_skill_open_again() -> None:
    conversation = talk(customer(ASKS), agent(STEPS), customer(ASKS), agent(STEPS))
    found = openings(conversation, tags={1: ["instruct"], 3: ["explain"]})
    assert [(o.turn, o.status, o.response_turn) for o in found] == [(0, "met", 1), (2, "met", 3)]


def test_an_opening_is_met_by_the_first_turn_of_the_answer_that_shows_the_skill() -> None:
    conversation = talk(customer(HURT), agent(COLD), agent(KIND), agent(KIND))
    opening = only(conversation, feelings={0: "sadness"}, tags={1: ["instruct"], 2: ["apologise"], 3: ["reassure"]})
    assert (opening.status, opening.response_turn, opening.agent) == ("met", 2, "Ana Ruiz")


def test_another_skill_does_not_meet_an_opening() -> None:
    opening = only(talk(customer(HURT), agent(STEPS)), feelings={0: "anger"}, tags={1: ["instruct", "probe"]})
    assert (opening.status, opening.response_turn) == ("missed", None)


def test_words_before_the_opening_do_not_meet_it() -> None:
    opening = only(talk(agent(KIND), customer(HURT), agent(COLD)), feelings={1: "anger"}, tags={0: ["acknowledge"]})
    assert opening.status == "missed"


def test_a_missed_opening_is_credited_to_who_spoke_next() -> None:
    conversation = talk(customer(HURT), agent(COLD, by="Bo Chen"), customer("Well"), agent(COLD, by="Cleo Diaz"))
    opening = only(conversation, feelings={0: "anger"})
    assert (opening.status, opening.response_turn, opening.agent) == ("missed", None, "Bo Chen")


def test_an_opening_met_only_after_the_customers_next_words_is_recovered() -> None:
    conversation = talk(customer(HURT), agent(COLD), customer("Well then"), agent(KIND))
    opening = only(conversation, feelings={0: "anger"}, tags={3: ["acknowledge"]})
    assert (opening.status, opening.response_turn) == ("recovered", 3)


def test_in_a_hand_over_the_agent_who_answered_is_credited() -> None:
    conversation = talk(customer(HURT), agent(COLD, by="Bo Chen"), customer("Well"), agent(KIND, by="Cleo Diaz"))
    opening = only(conversation, feelings={0: "anger"}, tags={3: ["acknowledge"]})
    assert (opening.status, opening.agent) == ("recovered", "Cleo Diaz")


@pytest.mark.parametrize("between", ["Which parcel is it?", "One moment please.", "Let me check that for you."])
def test_an_instruction_is_met_though_the_answer_in_between_asked_or_held(between: str) -> None:
    conversation = talk(customer(ASKS), agent(between), customer("The second"), agent(STEPS))
    opening = only(conversation, tags={3: ["instruct"]})
    assert (opening.status, opening.response_turn) == ("met", 3)


@pytest.mark.parametrize(
    ("tags", "status", "name"), [({3: ["instruct"]}, "met", "Cleo Diaz"), ({}, "missed", "Bo Chen")]
)
def test_when_one_asks_and_hands_over_who_then_answers_is_credited_and_else_who_asked(
    tags: dict[int, list[str]], status: str, name: str
) -> None:
    conversation = talk(
        customer(ASKS), agent("Which one?", by="Bo Chen"), customer("Two"), agent(STEPS, by="Cleo Diaz"), customer("Ok")
    )
    opening = only(conversation, tags=tags)
    assert (opening.status, opening.agent) == (status, name)


def test_an_instruction_is_recovered_when_the_answer_in_between_neither_asked_nor_held() -> None:
    conversation = talk(customer(ASKS), agent("We sell lamps."), customer("Right"), agent(STEPS))
    assert only(conversation, tags={3: ["instruct"]}).status == "recovered"


def test_an_instruction_is_recovered_when_only_the_first_of_two_answers_in_between_asked() -> None:
    conversation = talk(
        customer(ASKS), agent("Which one?"), customer("Two"), agent("Thanks."), customer("And?"), agent(STEPS)
    )
    assert only(conversation, tags={5: ["instruct"]}).status == "recovered"


@pytest.mark.parametrize(("text", "tag"), [(HURT, "acknowledge"), (WISHES, "restate")])
def test_asking_first_does_not_excuse_a_late_answer_to_a_feeling_or_a_wish(text: str, tag: str) -> None:
    conversation = talk(customer(text), agent("Which order is it?"), customer("The second"), agent(KIND))
    feelings = {0: "anger"} if tag == "acknowledge" else {}
    assert only(conversation, feelings=feelings, tags={3: [tag]}).status == "recovered"


def test_an_unanswered_last_turn_is_missed_and_nobodys() -> None:
    opening = only(talk(agent(COLD), customer(ASKS), bot("Goodbye.")))
    assert (opening.status, opening.response_turn, opening.agent) == ("missed", None, None)


def test_an_agent_without_a_name_is_nobody() -> None:
    opening = only(talk(customer(ASKS), agent(STEPS), agent=None), tags={1: ["instruct"]})
    assert (opening.status, opening.response_turn, opening.agent) == ("met", 1, None)


def test_an_empty_conversation_has_no_openings() -> None:
    assert find_openings(talk(), [], []) == openings(talk()) == ()


def test_a_feeling_without_a_label_opens_nothing() -> None:
    assert openings(talk(customer("Fine by me, all good"))) == ()


# --- how sure ---


def test_an_opening_is_as_sure_as_its_call_and_its_response_as_the_surest_sentence() -> None:
    conversation = talk(customer(HURT), agent(KIND), agent(COLD), customer("Well"), agent(KIND))
    opening = only(
        conversation, feelings={0: "anger"}, tags={1: ["acknowledge"], 4: ["reassure"]}, chance=0.8, other=0.1
    )
    assert (opening.called, opening.met, opening.recovered) == pytest.approx((0.875, 0.8, 0.2 * 0.8))


def test_a_miss_is_as_sure_as_the_absence_of_every_tag_of_the_skill() -> None:
    conversation = talk(customer(HURT), agent(COLD), customer("Well"), agent(COLD))
    opening = only(conversation, feelings={0: "anger"}, other=0.3)
    assert (opening.status, opening.met, opening.recovered) == ("missed", pytest.approx(0.3), pytest.approx(0.7 * 0.3))


def test_what_comes_after_the_agent_asked_is_in_time_for_an_instruction_only() -> None:
    turns = (agent("Which parcel is it?"), customer("The second"), agent(STEPS))
    asked = only(talk(customer(ASKS), *turns), tags={3: ["instruct"]})
    hurt = only(talk(customer(HURT), *turns), feelings={0: "anger"}, tags={3: ["reassure"]})
    assert (asked.met, asked.recovered) == pytest.approx((0.9, 0.0))
    assert (hurt.met, hurt.recovered) == pytest.approx((0.05, 0.95 * 0.9))


def test_without_any_answer_nothing_can_have_met_it() -> None:
    opening = only(talk(customer(ASKS)))
    assert (opening.met, opening.recovered) == (0, 0)


WORDS = st.sampled_from(
    [HURT, ASKS, WISHES, COLD, KIND, STEPS, "Which one?", "One moment please.", "", "It is STILL not there"]
)
TAGGED = st.lists(st.sampled_from(TAGS), max_size=3, unique=True)
SPOKEN = st.tuples(
    st.sampled_from([customer, customer, agent, agent, bot]), WORDS, TAGGED, st.sampled_from((None, *FEELINGS))
)


@given(st.lists(SPOKEN, max_size=9), st.floats(0, 1), st.floats(0, 1))
def test_whatever_is_said_the_chances_are_probabilities_and_the_response_is_the_agents(
    spoken: list[tuple[object, ...]], chance: float, other: float
) -> None:
    conversation = talk(*(by(words) for by, words, _, _ in spoken))
    found = openings(
        conversation,
        tags={i: tags for i, (_, _, tags, _) in enumerate(spoken)},
        feelings={i: shown for i, (*_, shown) in enumerate(spoken) if shown},
        chance=chance,
        other=other,
    )
    assert [o.turn for o in found if conversation.turns[o.turn].role != "customer"] == []
    for opening in found:
        assert min(opening.called, opening.met, opening.recovered) >= 0
        assert max(opening.called, opening.met + opening.recovered) <= 1 + 1e-9
        assert 0 <= opening.start <= opening.end <= len(conversation.turns[opening.turn].text)
        assert (opening.response_turn is None) == (opening.status == "missed")
        if opening.response_turn is not None:
            assert opening.response_turn > opening.turn
            assert conversation.turns[opening.response_turn].role == "agent"


# --- cues ---


@pytest.mark.parametrize(("kind", "cue"), ALL_CUES, ids=[f"{kind}.{cue.name}" for kind, cue in ALL_CUES])
def test_a_cue_never_matches_nothing(kind: str, cue: object) -> None:
    assert all(match.group() for text in ("", " ", "a b. c\n", "?!") for match in cue.pattern.finditer(text))


def test_cues_ignore_case_unless_the_pattern_says_otherwise() -> None:
    found = cues("type")
    assert found["tells"].pattern.search("I WANT it")
    assert found["shouts"].pattern.search("it is STILL broken")
    assert not found["shouts"].pattern.search("it is still broken")


def test_cues_stand_in_the_order_of_the_file() -> None:
    assert list(cues("opening")) == ["wish", "question", "fault", "hold"]
