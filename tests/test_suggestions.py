"""Something better to say: what may be an example, which is nearest, and whose it is."""

from dataclasses import replace

import numpy as np
import pytest

from coach.conversation import Moment
from coach.examples import examples_of, feelings_named, may_answer, vector_of
from coach.phrasebook import phrases
from coach.suggestions import FEWEST, Pool, Suggestion, suggest

HURT = "The boiler is cold, there has been no heating for days and nobody calls me back"
KIND = "Of course you're upset, that is a long time to be left without heating."


def embedding(*towards: float) -> bytes:
    return np.array([*towards, *[0.0] * (384 - len(towards))], "<f2").tobytes()


def moment(
    conversation: str = "c1",
    *,
    answer: str = KIND,
    tags: str = "acknowledge",
    quote: str = HURT,
    skill: str = "empathy",
    towards: tuple[float, ...] = (1.0,),
    **fields: object,
) -> Moment:
    made = Moment(
        conversation=conversation,
        agent="Ana Ruiz",
        channel=None,
        skill=skill,
        status="met",
        turn=0,
        quote=quote,
        quote_span=(0, len(quote)),
        answer_turn=1,
        answer=answer,
        answer_spans=tuple((0, len(answer), tag) for tag in tags.split()),
        customer_type="feeler",
        feeling="anger" if skill == "empathy" else None,
        certainty=0.95,
        embedding=embedding(*towards),
    )
    return replace(made, **fields)


def missed(conversation: str = "c0", **fields: object) -> Moment:
    return moment(conversation, answer="Your order number, please.", **{"status": "missed", "tags": "", **fields})


OTHERS = [replace(missed(f"o{number}"), embedding=embedding(0.0, *[0.0] * number, 1.0)) for number in range(FEWEST)]
"""So many that what all have in common is known."""


def pool(*moments: Moment, most: int = 300) -> Pool:
    made = Pool(most)
    made.add([*OTHERS, *moments])
    return made


def own(*moments: Moment) -> Pool:
    made = Pool()
    made.add(moments)
    return made


def shown(one: Moment) -> list[str]:
    vector = vector_of(one)
    assert vector is not None
    return [example.text for example in examples_of(one, vector)]


def ask(one: Moment, mine: Pool, team: Pool, *besides: Suggestion) -> Suggestion:
    return suggest(one, mine, team, mask=lambda text: text.replace("Ana", "[AGENT]"), besides=besides)


# --- what may be an example ---


def test_an_example_is_the_tagged_sentence_byte_for_byte() -> None:
    answer = f"[NAME_1], {KIND}  Your number is 12 34. ^AB"
    tagged = moment(answer=answer, answer_spans=((0, 10 + len(KIND), "acknowledge"),))
    vector = vector_of(tagged)
    assert vector is not None
    (example,) = examples_of(tagged, vector)
    assert example.text == KIND
    assert example.spans == ((0, len(KIND), "acknowledge"),)


def test_the_agents_initials_are_left_out() -> None:
    assert shown(moment(answer=f"{KIND} ^AB")) == [KIND]


def test_neighbouring_sentences_are_shown_together_and_alone() -> None:
    first, second = KIND, "I'm sorry that nobody calls you."
    spans = ((0, len(first), "acknowledge"), (len(first) + 1, len(first) + 1 + len(second), "apologise"))
    found = shown(moment(answer=f"{first} {second}", answer_spans=spans))
    assert found == [f"{first} {second}", first]


def test_a_sentence_that_is_no_example_ends_a_run() -> None:
    texts = (KIND, "We guarantee you a refund, sir.", "That must be upsetting for you, so many days.")
    starts = [sum(len(text) + 1 for text in texts[:number]) for number in range(3)]
    spans = tuple((start, start + len(text), "acknowledge") for start, text in zip(starts, texts, strict=True))
    assert shown(moment(answer=" ".join(texts), answer_spans=spans)) == [texts[0], texts[2]]


@pytest.mark.parametrize(
    "answer",
    [
        "Of course you're upset, the kettle exploded again.",
        "Of course you're upset, that is 45 too much.",
        "Of course you're upset, and so is our Wendy today.",
        "Of course you're upset, sweetheart, that is a long time.",
        "I understand your frustration and I am sorry for it.",
        "We will make sure that you get all of it today.",
        "That is hard.",
        "Of course you're upset, see https://example.com for days.",
    ],
)
def test_no_particulars_of_another_case_no_formula_and_no_promise(answer: str) -> None:
    assert shown(moment(answer=answer)) == []


def test_numbers_and_names_that_the_quoted_customer_used_may_stand() -> None:
    quote = "Since Monday I wait for 139.00 and get no answer"
    answer = "Since Monday, and 139.00, and no answer: of course you're fed up."
    assert shown(moment(quote=quote, answer=answer)) == [answer]
    assert shown(moment(answer=answer)) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "missed"},
        {"certainty": 0.7},
        {"called": 0.5},
        {"quote": "Hello there"},
        {"quote": "so " * 100},
        {"tags": "apologise"},
        {"tags": "acknowledge?"},
    ],
)
def test_an_example_is_sure_does_the_work_and_can_be_quoted(fields: dict[str, object]) -> None:
    assert shown(moment(**fields)) == []


def test_giving_back_needs_the_customers_words() -> None:
    told = {"skill": "listening", "tags": "restate", "quote": "My heating stopped working on Monday night"}
    assert shown(moment(answer="So the heating stopped on Monday night, is that right?", **told))
    assert not shown(moment(answer="So that is what you would like to have, right?", **told))


# --- what may stand under a moment ---


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"conversation": "c1"}, False),
        ({"feeling": "worry"}, False),
        ({"customer_type": "thinker", "quote": "My parcel is lost and I am furious about it"}, False),
        ({"customer_type": "thinker"}, True),
        ({"customer_type": None, "quote": "My parcel is lost and I am furious about it"}, False),
    ],
)
def test_an_example_stands_under_moments_of_its_kind_and_matter_or_manner(fields: dict[str, object], may: bool) -> None:
    met = moment()
    vector = vector_of(met)
    assert vector is not None
    (example,) = examples_of(met, vector)
    assert may_answer(example, missed(**fields)) is may


def test_an_answer_that_names_another_feeling_does_not_stand() -> None:
    met = moment(answer="Of course you're scared, left without heating for days.")
    vector = vector_of(met)
    assert vector is not None
    (example,) = examples_of(met, vector)
    assert feelings_named(example.text) == {"worry"}
    assert not may_answer(example, missed())


def test_comfort_about_another_matter_does_not_stand() -> None:
    comfort = moment(answer="The boiler is safe, there is no need to worry about heating.", tags="reassure")
    vector = vector_of(comfort)
    assert vector is not None
    for example in examples_of(replace(comfort, feeling="worry"), vector):
        assert may_answer(example, missed(feeling="worry"))
        assert not may_answer(example, missed(feeling="worry", quote="My parcel is lost and I am afraid of it"))


def test_a_step_helps_in_the_same_matter_only() -> None:
    step = moment(
        skill="instruction",
        quote="How do I reset the thermostat in the hall?",
        answer="Press the round knob and hold it until it blinks.",
        tags="instruct",
    )
    vector = vector_of(step)
    assert vector is not None
    (example,) = examples_of(step, vector)
    same = missed(skill="instruction", quote="How can I reset my thermostat?")
    assert may_answer(example, same)
    assert not may_answer(example, replace(same, quote="How can I cancel my ticket?"))
    assert not may_answer(example, replace(same, quote="When will the thermostat reset come?"))


# --- which, and whose ---


def test_the_agents_own_answer_goes_before_the_teams_and_says_where_it_stands() -> None:
    found = ask(missed(), own(moment("mine")), pool(moment("theirs", answer=f"{KIND} ")))
    assert (found.whose, found.conversation, found.turn, found.quote) == ("own", "mine", 1, HURT)
    assert found.similarity == pytest.approx(1)


def test_a_colleagues_answer_is_masked_and_says_neither_who_nor_where() -> None:
    met = moment("theirs", answer="Of course you're upset, Ana and I are too.", quote=f"Ana, {HURT}")
    found = ask(missed(), own(), pool(met))
    assert (found.whose, found.conversation, found.turn) == ("team", None, None)
    assert found.text == "Of course you're upset, [AGENT] and I are too."
    assert found.spans == ()
    assert found.quote == f"[AGENT], {HURT}"


def test_marks_stay_where_masking_moved_nothing() -> None:
    assert ask(missed(), own(), pool(moment("theirs"))).spans == ((0, len(KIND), "acknowledge"),)


@pytest.mark.parametrize("one", [missed(towards=(-1.0,)), missed("c1"), missed(embedding=b""), missed(feeling="worry")])
def test_where_nothing_is_like_it_the_phrasebook_helps(one: Moment) -> None:
    found = ask(one, own(moment()), pool(moment()))
    assert (found.whose, found.similarity, found.quote, found.spans) == ("phrasebook", None, "", ())
    assert found.text in phrases("empathy", one.feeling, "feeler")


def test_with_too_few_moments_nothing_is_called_alike() -> None:
    assert ask(missed(), own(moment()), own(moment())).whose == "phrasebook"
    assert ask(missed(), own(), own()).whose == "phrasebook"


def test_the_nearest_is_taken_and_of_the_nearly_nearest_one_of_the_customers_type() -> None:
    near = moment("near", answer=f"{KIND} Nobody calls.", towards=(1.0, 0.05), customer_type="thinker")
    far = moment("far", towards=(0.8, 0.5))
    typed = moment("typed", towards=(1.0, 0.2))
    assert ask(missed(), own(near, far), pool()).conversation == "near"
    assert ask(missed(), own(near, far, typed), pool()).conversation == "typed"


def test_nothing_stands_twice_on_a_page() -> None:
    mine, team = own(moment("mine")), pool(moment("mine"))
    first = ask(missed(), mine, team)
    second = ask(missed("c2"), mine, team, first)
    third = ask(missed("c2"), mine, team, first, second)
    assert [first.whose, second.whose, third.whose] == ["own", "phrasebook", "phrasebook"]
    assert len({first.text, second.text, third.text}) == 3
    assert ask(missed("c2"), mine, team, first, second, third).text in {second.text, third.text}


def test_a_pool_is_bounded_keeps_the_surest_and_does_not_mind_the_order() -> None:
    met = [moment(f"m{number}", certainty=0.8 + number / 100) for number in range(10)]
    kept = [example.moment.conversation for example in pool(*met, most=3).examples("empathy")]
    assert kept == ["m9", "m8", "m7"]
    assert kept == [example.moment.conversation for example in pool(*reversed(met), most=3).examples("empathy")]


def test_a_turn_at_the_centre_is_like_nothing() -> None:
    team = own(*(moment(f"m{number}") for number in range(FEWEST)))
    assert ask(missed(), own(), team).whose == "phrasebook"


def test_a_pool_keeps_nothing_of_moments_without_an_embedding() -> None:
    assert own(moment(embedding=b"")).examples("empathy") == ()
