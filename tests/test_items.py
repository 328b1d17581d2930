"""Items of all eight kinds from conversations made by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from handmade import agent, asked, customer, customer_type, felt, reviewed, talk, wished

from coach.authoring import Lack, Pack, Selection, build
from coach.authoring.drafts import Reservoir, is_held_back, is_readable, quoted
from coach.authoring.witnesses import is_absent, is_shown
from coach.authoring.wording import moves, phrases, toml
from coach.conversation import SKILLS, TAGS, TYPES, Feeling, Judgements, Reviewed, Sentence
from coach.errors import ConfigError
from coach.items import GAP, KINDS, Choice, Item, Kind
from coach.packs.showing import about

ANGRY = "Nobody ever answers me, I am so angry about the parcel and the waiting"
COLD = "Your ticket number is twelve in the queue."
SORRY = "I can see how frustrating that is, and I'm so sorry about the delay."
HOW = "How do I change the delivery address of the parcel?"
AGENTS = ("Ana Ruiz",)


def ids(prefix: str, *, held_back: bool = False) -> Iterator[str]:
    """Names of conversations that are held back, or not."""
    return (id for number in count() if is_held_back(id := f"{prefix}{number}") == held_back)


def pack(found: Sequence[Reviewed], *kinds: Kind, **choose: Any) -> Pack:
    return build(found, AGENTS, choose=Selection(kinds=kinds or KINDS, **choose))


def items(found: Sequence[Reviewed], *kinds: Kind, **choose: Any) -> tuple[Item, ...]:
    """Without the orders and pairs that coach came with."""
    made = pack(found, *kinds, **choose).items
    return tuple(item for item in made if not item.is_written or item.kind == "four customers")


def missed(id: str, words: str = ANGRY, answer: str = COLD, **fields: Any) -> Reviewed:
    return sure(felt(id, answer, met=False, words=words, other=0.01, **fields))


def met(id: str, words: str = ANGRY, answer: str = SORRY, **fields: Any) -> Reviewed:
    return sure(felt(id, answer, words=words, chance=0.97, other=0.01, **fields))


def sure(one: Reviewed) -> Reviewed:
    """With openings that were called for beyond doubt."""
    openings = tuple(replace(opening, called=0.97) for opening in one.judgements.openings)
    return replace(one, judgements=replace(one.judgements, openings=openings))


def said(
    text: str, *tags: str, id: str | None = None, before: str = "My parcel is late.", **chances: float
) -> Reviewed:
    conversation = talk(customer(before), agent(text), id=id or next(ids("s")))
    found = reviewed(conversation, tags={1: tags}, chance=chances.get("chance", 0.97), other=chances.get("other", 0.01))
    return with_words(found, tags)


def with_words(one: Reviewed, tags: Sequence[str]) -> Reviewed:
    """All words of each sentence carried its tags."""
    sentences = tuple(
        tuple(replace(s, words=dict.fromkeys(tags, ((s.start, s.end),))) for s in turn)
        for turn in one.judgements.sentences
    )
    return replace(one, judgements=replace(one.judgements, sentences=sentences))


def right(item: Item) -> Choice:
    (choice,) = (choice for choice in item.choices if choice.is_right)
    return choice


def words_in(item: Item) -> str:
    return repr(item)


class TestOpenItems:
    def test_a_missed_opening_asks_for_an_answer_and_shows_a_better_one_of_another_conversation(self) -> None:
        names = ids("a")
        (item,) = items([missed(next(names)), met(next(names))], "answer")
        assert (item.skill, item.response, item.situation[-1].text) == ("empathy", "open", ANGRY)
        assert SORRY in item.model_answers[0]
        assert item.model_answers[1].startswith("A pattern to fill")
        assert item.checks

    def test_a_rewrite_ends_with_the_turn_that_missed(self) -> None:
        (item,) = items([missed("a0")], "rewrite")
        assert (item.situation[-1].role, item.situation[-1].text) == ("agent", COLD)
        assert "apologise" in item.explanation

    @pytest.mark.parametrize(
        "found",
        [
            pytest.param(felt("c", COLD, met=False, words=ANGRY, other=0.2), id="the model is not sure"),
            pytest.param(missed("c", "The lamp in the hall is a fine thing"), id="no word shows a feeling"),
            pytest.param(missed("c", "So angry!"), id="too short to read"),
            pytest.param(
                missed("c", ANGRY, "So sorry, let me look into your ticket for you."), id="a word shows the skill"
            ),
            pytest.param(met("c"), id="it was met"),
            pytest.param(
                sure(wished("c", "You want the blue lamp, not the red one?", met=False, other=0.01)), id="it gives back"
            ),
        ],
    )
    def test_nothing_doubtful_becomes_an_item(self, found: Reviewed) -> None:
        assert items([found], "answer", "rewrite") == ()

    def test_guidance_is_asked_for_only_where_a_question_does(self) -> None:
        wait = "Your ticket number is twelve in the queue."
        (item,) = items([sure(asked("q", wait, met=False, words=HOW, other=0.01))], "answer")
        assert item.skill == "instruction"
        assert not items(
            [sure(asked("q", wait, met=False, words="My router does not work at all", other=0.01))],
            "answer",
            skill="instruction",
        )

    @pytest.mark.parametrize(
        "found",
        [
            pytest.param(sure(wished("c", COLD, met=False, words="I don't know what I am doing here", other=0.01)), id="no matter to give back"),
            pytest.param(sure(wished("c", "Which colour would you like then?", met=False, other=0.01)), id="it asks"),
            pytest.param(sure(wished("c", "Lamp 4512 it is.", met=False, words="I would like lamp 4512 instead of the other lamp", other=0.01)), id="it gives back a figure"),
            pytest.param(sure(asked("c", COLD, met=False, words="Why are you doing this to me with the parcel?", other=0.01)), id="no real question"),
        ],
    )  # fmt: skip
    def test_only_what_can_be_answered_is_asked_about(self, found: Reviewed) -> None:
        assert items([found], "answer") == ()

    @pytest.mark.parametrize("answer", ["All changes are done for you.", "We have sent a new one to you.", "Hello there, how can I help you today"])  # fmt: skip
    def test_where_the_answer_settles_it_or_greets_there_is_nothing_to_rewrite(self, answer: str) -> None:
        found = [sure(wished("c", answer, met=False, other=0.01))]
        assert not items(found, "rewrite")
        assert items(found, "answer")

    def test_an_answer_to_something_else_is_no_model(self) -> None:
        names = ids("a")
        found = [missed(next(names)), met(next(names), "I am so angry about my hotel room and its noise")]
        (item,) = items(found, "answer")
        assert [answer.startswith("A pattern to fill") for answer in item.model_answers] == [True]

    def test_one_answer_is_rewritten_once(self) -> None:
        assert (
            len(items([missed("a0"), missed("a1", "I am so angry about my hotel room and its noise")], "rewrite")) == 1
        )

    @pytest.mark.parametrize(
        ("chances", "used", "pattern"),
        [
            ({"none": 0.01, "anger": 0.9}, True, "makes you angry"),
            ({"none": 0.01, "anger": 0.4}, True, "[what it means for them]"),
            ({"none": 0.2, "anger": 0.4}, False, ""),
        ],
    )
    def test_a_feeling_is_named_only_where_it_is_sure(
        self, chances: dict[str, float], used: bool, pattern: str
    ) -> None:
        one = missed("a0")
        feelings = (Feeling("anger", chances), None)
        made = items([replace(one, judgements=replace(one.judgements, feelings=feelings))], "answer")
        assert [pattern in item.model_answers[0] for item in made] == [True] * used

    def test_two_customers_who_say_almost_the_same_are_not_both_asked_about(self) -> None:
        found = [
            missed("a0", f"{ANGRY}!", "We close at five on Fridays."),
            missed("a1", f"{ANGRY} again", "The shop opens at noon."),
        ]
        assert len(items(found, "rewrite")) == 1

    def test_all_that_the_agent_says_before_the_customer_speaks_again_is_the_answer(self) -> None:
        turns = (
            customer(ANGRY),
            agent(COLD),
            agent("We close at five o'clock on Fridays."),
            customer("Hm."),
            agent("Bye."),
        )
        found = sure(reviewed(talk(*turns), feelings={0: "anger"}, other=0.01))
        (item,) = items([found], "rewrite")
        assert item.situation[-1].text == f"{COLD}\nWe close at five o'clock on Fridays."

    def test_an_answer_that_gives_back_the_customers_words_has_not_missed_listening(self) -> None:
        answers = ("The blue lamp costs more than this red one.", "Your ticket is in the queue.")
        found = [sure(wished(f"w{n}", answer, met=False, other=0.01)) for n, answer in enumerate(answers)]
        assert [item.situation[-1].text for item in items(found, "rewrite")] == [answers[1]]

    def test_a_type_the_model_is_not_sure_of_is_left_out(self) -> None:
        found = (
            missed("a0", found=customer_type("feeler", chance=0.7)),
            missed("a1", found=customer_type("feeler", chance=0.95)),
        )
        assert {item.customer_type for item in items(found, "answer", "rewrite")} == {None, "feeler"}


class TestBetterOne:
    def test_the_met_opening_is_right_and_each_side_says_why(self) -> None:
        names = ids("b")
        (item,) = items([missed(next(names)), met(next(names), ANGRY + " again")], "better one")
        assert SORRY in right(item).text
        assert "I can see how frustrating" in right(item).feedback
        assert [COLD in choice.text for choice in item.choices].count(True) == 1
        assert len(item.choices) == 2

    def test_an_apology_that_only_says_no_is_never_the_better_one(self) -> None:
        names = ids("b")
        refusal = sure(
            felt(next(names), "I'm sorry, but that is not possible at all.", words=ANGRY, chance=0.97, other=0.01)
        )
        assert not items([missed(next(names)), refusal], "better one")

    def test_openings_about_different_things_are_not_compared(self) -> None:
        names = ids("b")
        heard = "So you would rather have the blue lamp, is that right?"
        other = sure(
            wished(
                next(names),
                "Your ticket is in the queue.",
                met=False,
                words="I want a refund for hotel nights",
                other=0.01,
            )
        )
        assert not items([other, sure(wished(next(names), heard, chance=0.97, other=0.01))], "better one")


THINKS = (
    "How does the meter count? On 3 May it showed 4512, on 9 May 4711. Why is that, and what causes the difference?"
)


def talking(
    text: str, label: str | None, *, chance: float = 0.95, scales: tuple[float, float] = (3.0, 2.0), id: str = "t"
) -> Reviewed:
    found = replace(customer_type(label, chance=chance), assertiveness=scales[0], responsiveness=scales[1])
    return reviewed(talk(customer(text), agent("One moment."), id=id), found=found)


class TestClues:
    def test_the_key_is_the_sure_type_with_the_words_that_say_so(self) -> None:
        (item,) = items([talking(THINKS, "thinker")], "clue")
        assert right(item).text.startswith("thinker")
        assert "“How does”" in right(item).feedback
        assert len(item.choices) == 5
        assert item.choices[-1].text == "can't tell"

    @pytest.mark.parametrize(
        "found",
        [
            pytest.param(talking(THINKS, "thinker", chance=0.8), id="not certain"),
            pytest.param(talking(THINKS, "thinker", scales=(3, 4.5)), id="the scales say otherwise"),
            pytest.param(talking(THINKS, "feeler", scales=(2, 4)), id="the words say otherwise"),
            pytest.param(talking("Hello! I would like some soup and a room on the third floor. Great! Awesome! Thank you so much! Bye!", "entertainer", scales=(3, 4)), id="courtesy only"),
            pytest.param(talking("Soup! Cake! Bread! I would like all of it brought to room on the third floor!", "entertainer", scales=(3, 4)), id="one sign only"),
        ],
    )  # fmt: skip
    def test_no_key_without_both_witnesses(self, found: Reviewed) -> None:
        assert items([found], "clue") == ()

    def test_cannot_tell_is_right_where_too_little_is_said(self) -> None:
        (item,) = items([talking("Can I book a table for lunch please", None)], "clue")
        assert (right(item).text, item.customer_type) == ("can't tell", None)

    @pytest.mark.parametrize(
        ("words", "label"),
        [
            ("I want it fixed by tomorrow or else", None),
            ("Hello, show me the weather for tomorrow please", None),
            ("Change my table to the one outside please", None),
            ("Can you HELP with my table", None),
            ("Can I book a table please", "feeler"),
        ],
    )
    def test_cannot_tell_is_no_key_where_somebody_might(self, words: str, label: str | None) -> None:
        assert items([talking(words, label, chance=0.6)], "clue") == ()

    def test_long_talk_is_cut_to_what_can_be_read(self) -> None:
        turns = [
            customer(THINKS),
            *(customer("I have more to add about the flat, " * 4) for _ in range(9)),
            agent("Right."),
        ]
        found = replace(customer_type("thinker", chance=0.95), responsiveness=2.0)
        (item,) = items([reviewed(talk(*turns), found=found)], "clue")
        assert sum(len(one.text.split()) for one in item.situation) <= 130


MOVES = {
    "acknowledge": "I can see how that spoils the party for you.",
    "apologise": "I'm so sorry about the delay.",
    "reassure": "Please don't worry about the parcel.",
    "appreciate": "Thank you for letting us know about it.",
    "restate": "So your parcel is late and you need it by noon.",
    "probe": "When did you notice it for the first time?",
    "instruct": "Open the app and tap the menu.",
    "explain": "That happens because the line is shared.",
    "expect": "You will receive it tomorrow.",
    "verify": "Is there anything else we can do?",
    "check": "Am I right that nothing came?",
}


class TestMoves:
    @pytest.mark.parametrize(("tag", "text"), MOVES.items())
    def test_the_key_is_the_one_sure_tag(self, tag: str, text: str) -> None:
        (item,) = items([said(text, tag, before="My parcel is late and I need it by noon")], "move")
        assert right(item).text == moves()[tag].says
        assert tag in right(item).feedback
        assert item.choices[-1].text == "none of these moves"
        assert text in item.task

    @pytest.mark.parametrize(
        "text",
        [
            "Could you give me your order number, please?",
            "One moment, let me check.",
            "Have a nice day then!",
            "How can I help you today?",
        ],
    )
    def test_none_is_right_for_what_only_looks_like_a_move(self, text: str) -> None:
        (item,) = items([said(text)], "move")
        assert right(item).text == "none of these moves"
        assert item.skill is None

    @pytest.mark.parametrize(
        ("text", "tags", "chances"),
        [
            ("I'm so sorry about the delay.", ("apologise",), {"chance": 0.85}),
            ("I'm so sorry about the delay.", ("apologise",), {"other": 0.2}),
            ("I'm so sorry about the delay.", ("apologise", "acknowledge"), {}),
            ("The queue is long on Mondays.", ("apologise",), {}),
            ("So the weather is fine in Rome.", ("restate",), {}),
            ("So your invoice went out today as planned.", ("restate",), {}),
            ("Could you give me your order number, please?", (), {"other": 0.08}),
            ("The shop is on Main Street.", (), {}),
            ("Sorry, one moment, let me check.", (), {}),
            ("I'm sorry, but your booking failed.", ("apologise",), {}),
            ("You should see a park on your right.", ("instruct",), {}),
        ],
    )
    def test_no_key_without_both_witnesses(self, text: str, tags: tuple[str, ...], chances: dict[str, float]) -> None:
        assert items([said(text, *tags, **chances)], "move") == ()

    def test_a_distractor_is_never_also_right(self) -> None:
        found = said("Open the app, you will find it there.", "instruct")
        sentence: Sentence = found.judgements.sentences[1][0]
        (item,) = items([found], "move")
        offered = [tag for tag in TAGS if moves()[tag].says in {choice.text for choice in item.choices}]
        assert "expect" not in offered
        assert all(is_absent(found, 1, sentence, tag) for tag in offered if not is_shown(found, 1, sentence, tag))

    def test_long_talk_before_is_left_out(self) -> None:
        turns = (
            customer("One " * 200),
            agent("Two."),
            customer("My parcel is late."),
            agent("I'm so sorry about the delay."),
        )
        found = reviewed(talk(*turns), tags={3: ["apologise"]}, chance=0.97, other=0.01)
        item = next(item for item in items([found], "move") if item.skill)
        assert [one.text for one in item.situation] == ["Two.", "My parcel is late."]

    def test_what_the_agent_says_before_any_customer_is_not_asked_about(self) -> None:
        found = reviewed(
            talk(agent("I'm so sorry about that."), customer("Hm.")), tags={0: ["apologise"]}, chance=0.97, other=0.01
        )
        assert items([found], "move", "gap") == ()


class TestGaps:
    def test_the_key_phrase_is_gone_and_comes_first_among_what_fits(self) -> None:
        (item,) = items([said("Oh dear, I’m so sorry about the delay.", "apologise")], "gap")
        assert item.text == f"Oh dear, {GAP} about the delay."
        assert item.accepted[0] == "I’m so sorry"
        assert "I am sorry" in item.accepted
        assert "I'm so sorry" not in item.accepted

    def test_what_begins_a_sentence_fits_with_a_capital(self) -> None:
        (item,) = items([said("Is there anything else I can do?", "verify")], "gap")
        assert all(one[0].isupper() for one in item.accepted)

    def test_what_stands_within_a_sentence_has_no_capital(self) -> None:
        (item,) = items([said("Once again, I apologise for the delay.", "apologise")], "gap")
        assert {"sorry", "my apologies", "I apologize", "I'm sorry"} <= set(item.accepted)

    def test_the_reason_takes_only_words_of_its_own_family(self) -> None:
        (item,) = items([said("It is slow because the line is shared.", "explain")], "gap")
        assert set(item.accepted) == {"because", "as", "since"}

    @pytest.mark.parametrize("text", ["I'm sorry for this and I'm sorry for that.", "We are short of staff."])
    def test_there_is_exactly_one_gap(self, text: str) -> None:
        assert items([said(text, "apologise")], "gap") == ()

    def test_a_gap_has_words_beside_it(self) -> None:
        assert items([said("Is that right?", "check")], "gap") == ()

    def test_the_phrase_must_have_carried_the_tag(self) -> None:
        found = with_words(said("I'm so sorry about the delay.", "apologise"), [])
        assert items([found], "gap") == ()


class TestOrders:
    @pytest.mark.parametrize(
        "text",
        [
            "1. Open the app. 2. Tap Plan. 3. Set the cap to 0.",
            "To set the cap: open the app, tap Plan, then set the cap to 0.",
            "First open the app and then tap Plan, then set the cap to 0",
        ],
    )
    def test_the_steps_are_in_order_and_bare(self, text: str) -> None:
        (item,) = items([said(text, "instruct")] if "1." not in text else [numbered(text)], "order")
        assert [choice.text for choice in item.choices] == ["Open the app", "Tap Plan", "Set the cap to 0"]
        assert all(choice.is_right for choice in item.choices)

    @pytest.mark.parametrize(
        "text",
        [
            "Open the app, then tap Plan.",
            "Open the app, tap Plan, or call us.",
            "Open the app, tap Plan, don't change the cap, and tap Save.",
            "Open the app, tap Plan, open the app.",
            "The app is there, tap Plan, open it, set it.",
            "Open the app, choose the plan, enter the date.",
            "Walk to the corner, turn left there, take the stairs.",
        ],
    )
    def test_an_order_that_is_not_settled_is_not_asked_for(self, text: str) -> None:
        assert items([said(text, "instruct")], "order") == ()

    @pytest.mark.parametrize(("between", "count"), [("ok, done", 1), ("that did not help", 0)])
    def test_steps_go_on_in_the_next_turn_where_the_customer_has_done_the_first(self, between: str, count: int) -> None:
        turns = (customer("How?"), agent("Open the app."), customer(between), agent("Tap Plan, then press Save."))
        found = reviewed(talk(*turns), tags={1: ["instruct"], 3: ["instruct"]}, chance=0.97, other=0.01)
        made = items([found], "order")
        assert [len(item.choices) for item in made] == [3] * count

    def test_a_doubtful_step_between_spoils_the_order(self) -> None:
        assert items([numbered("1. Open the app. 2. Tap Plan. 3. Set the cap to 0.", doubtful=1)], "order") == ()


def numbered(text: str, doubtful: int | None = None) -> Reviewed:
    """A turn whose sentences end at each full stop that is not a number's."""
    found = said(text, "instruct")
    ends = [i + 1 for i, c in enumerate(text) if c == "." and not text[i - 1].isdigit()] + [len(text)]
    starts = [0, *(end + 1 for end in ends)]
    whole = found.judgements.sentences[1][0]
    parts = tuple(replace(whole, start=s, end=e) for s, e in zip(starts, ends, strict=False) if s < e)
    if doubtful is not None:
        unsure = replace(parts[doubtful], probabilities={**whole.probabilities, "instruct": 0.5})
        parts = (*parts[:doubtful], unsure, *parts[doubtful + 1 :])
    judgements: Judgements = replace(found.judgements, sentences=((), parts))
    return replace(found, judgements=judgements)


class TestFourCustomers:
    def test_there_are_four_problems_told_by_four_customers_in_three_turns_and_more(self) -> None:
        problems = toml("problems.toml")["problems"]
        assert len(problems) >= 4
        for problem in problems:
            assert {customer["type"] for customer in problem["customers"]} == set(TYPES)
            assert all(len(customer["turns"]) == len(problem["skills"]) >= 3 for customer in problem["customers"])
            assert set(problem["skills"]) <= set(SKILLS)

    def test_a_role_play_shows_the_answer_before_it_goes_on(self) -> None:
        whole = items([], "four customers", count=12)
        first, later = whole[0], whole[4]
        assert later.situation[:2] == (
            *first.situation,
            replace(first.situation[0], role="agent", text=first.model_answers[0]),
        )
        assert {item.group for item in whole} == {first.group}

    def test_a_small_pack_has_the_first_turns_or_none(self) -> None:
        kinds: tuple[Kind, ...] = ("four customers", "clue")
        assert [item.customer_type for item in items([], *kinds, count=6)] == list(TYPES)
        assert items([], *kinds, count=2) == ()

    def test_a_real_opening_joins_where_it_is_about_the_same(self) -> None:
        words = "The parcel never arrived, tracking says delivered at 14:10 on 3 May. How is that status set?"
        (item,) = (
            i for i in items([talking(words, "thinker")], "four customers", count=60) if "of your own" in i.title
        )
        assert (item.situation[0].text, item.group) == (words, "four customers: parcel")

    @pytest.mark.parametrize(
        "found", [talking("I would like some soup brought to my room, please do", "thinker"), talking(THINKS, None)]
    )
    def test_no_other_opening_joins(self, found: Reviewed) -> None:
        assert not [i for i in items([found], "four customers", count=60) if "of your own" in i.title]


def corpus(size: int = 30) -> list[Reviewed]:
    """Something for every kind but orders, no two alike, of three channels."""
    things = ["lamp", "router", "parcel", "invoice", "ticket", "phone", "cable", "chair", "kettle", "camera"]
    made: list[Reviewed] = []
    for number in range(size):
        thing, place = things[number % 10], f"{things[number // 10 % 10]} {number}"
        channel = ("chat", "phone", "email")[number % 3]
        made += [
            missed(
                f"m{number}",
                f"I am so angry about the {thing} and the {place}",
                f"The {thing} and the {place} are in the queue.",
                channel=channel,
            ),
            met(f"k{number}", f"This {thing} makes me sad, and the {place} too", channel=channel),
            said(f"I'm so sorry about the {thing} near the {place}.", "apologise", id=f"a{number}"),
            said(f"You will receive the {thing} and the {place} tomorrow.", "expect", id=f"e{number}"),
        ]
    return made


class TestPacks:
    def test_the_same_seed_gives_the_same_pack_whatever_the_order_of_reading(self) -> None:
        found = corpus()
        assert items(found, count=20, seed=3) == items(found[::-1], count=20, seed=3)
        assert items(found, count=20, seed=3) != items(found, count=20, seed=4)

    def test_ids_stay_with_the_moment(self) -> None:
        found = corpus(5)
        ids = [{item.situation: item.id for item in items(found[:end], "answer", count=40)} for end in (12, 20)]
        assert ids[0].items() <= ids[1].items()

    def test_kinds_take_equal_shares_and_no_moment_comes_twice(self) -> None:
        found = items(corpus(), "answer", "rewrite", "move", "gap", count=20)
        assert [sum(item.kind == kind for item in found) for kind in ("answer", "rewrite", "move", "gap")] == [5] * 4
        moments = [
            item.situation[-1 if item.kind == "answer" else -2].text for item in found if item.response == "open"
        ]
        assert len(set(moments)) == len(moments) == 10

    def test_some_conversations_are_held_back_and_come_last(self) -> None:
        marks = [item.is_transfer for item in items(corpus(), "answer", "gap", count=40)]
        assert sorted(marks) == marks
        assert 0 < sum(marks) < len(marks) / 2

    def test_model_answers_of_what_is_practised_are_not_of_what_is_held_back(self) -> None:
        found = [missed(next(ids("x"))), met(next(ids("y", held_back=True)))]
        (item,) = items(found, "answer")
        assert all(SORRY not in answer for answer in item.model_answers)

    @pytest.mark.parametrize(
        ("choose", "fits"),
        [
            ({"skill": "empathy"}, lambda item: item.skill == "empathy"),
            ({"channel": "phone"}, lambda item: item.channel in (None, "phone")),
            ({"difficulty": 1}, lambda item: item.difficulty == 1),
            ({"customer_type": "feeler"}, lambda item: item.customer_type == "feeler"),
        ],
    )
    def test_only_what_is_asked_for_comes(self, choose: dict[str, Any], fits: Any) -> None:
        found = items(corpus(), count=16, **choose)
        assert found
        assert all(map(fits, found))

    def test_two_of_three_are_of_the_focus(self) -> None:
        found = items(corpus(), "move", count=9, focus="instruction")
        assert sum(item.skill == "instruction" for item in found) >= 6

    def test_the_pack_says_what_was_lacking(self) -> None:
        made = pack(corpus(2), "answer", "order", count=8)
        assert Lack("order", None, 4, 0) in made.lacking
        assert Lack("answer", "listening", 1, 0) in made.lacking
        assert [str(one) for one in made.lacking][-1] == "order: 0 of 4"

    def test_without_conversations_there_is_still_what_we_wrote(self) -> None:
        made = build([], [])
        assert {item.kind for item in made.items} == {"four customers", "order", "better one"}
        assert all(item.is_written for item in made.items)
        assert {one.kind for one in made.lacking} == set(KINDS) - {"four customers"}

    @pytest.mark.parametrize(
        "choose", [{"kinds": ("quiz",)}, {"skill": "tact"}, {"focus": "tact"}, {"customer_type": "x"}, {"difficulty": 4}, {"count": 0}, {"kinds": ()}]
    )  # fmt: skip
    def test_what_does_not_exist_is_refused_with_what_does(self, choose: dict[str, Any]) -> None:
        with pytest.raises(ConfigError, match=r"choose from|at least one"):
            Selection(**choose)

    def test_memory_is_bounded_by_the_size(self) -> None:
        kept: Reservoir[int] = Reservoir(3)
        for number in range(100):
            kept.add(f"{99 - number:02}", number)
            assert len(kept.kept) < 6
        assert list(kept) == [99, 98, 97]


class TestWritten:
    def test_what_was_written_comes_after_what_was_said_and_says_so(self) -> None:
        real = numbered("1. Open the app. 2. Tap Plan. 3. Set the cap to 0.")
        made = pack([real], "order", count=3).items
        assert sorted(item.is_written for item in made) == [False, True, True]
        assert all(("written for coach" in about(item)) == item.is_written for item in made)

    def test_another_seed_draws_others_and_some_are_held_back(self) -> None:
        several = [{item.id for item in pack([], "order", count=2, seed=seed).items} for seed in range(5)]
        assert len(set(map(frozenset, several))) > 1
        for kind in ("order", "better one"):
            assert sum(item.is_transfer for item in pack([], kind, count=9).items) == 1

    @pytest.mark.parametrize("skill", SKILLS)
    def test_there_is_a_pair_for_each_skill(self, skill: str) -> None:
        made = pack([], "better one", skill=skill).items
        assert made
        assert all(right(item).feedback == item.explanation and len(item.choices) == 2 for item in made)


class TestNames:
    @pytest.mark.parametrize(
        ("name", "text", "masked"),
        [
            ("Ana Ruiz", "Hello, ANA RUIZ here, or just Ana; ask for Ruiz!", "Hello, [AGENT_1] here, or just [AGENT_1]; ask for [AGENT_1]!"),
            ("Ana Ruiz", "A banana and an analysis of Ruizes.", "A banana and an analysis of Ruizes."),
            ("@lamps_care", "Write to @Lamps_Care about all of it.", "Write to [AGENT_1] about all of it."),
            ("Ana R.", "You spoke to Ana R. about the lamp.", "You spoke to [AGENT_1] about the lamp."),
            ("Jo", "This is Jo, so jo-jo goes on and on.", "This is [AGENT_1], so jo-jo goes on and on."),
            ("A", "A lamp, as I told you a while ago.", "A lamp, as I told you a while ago."),
            ("J (x) [y]*", "J (x) [y]* will call you back soon.", "[AGENT_1] will call you back soon."),
        ],
    )  # fmt: skip
    def test_agents_names_are_masked_and_no_other_words(self, name: str, text: str, masked: str) -> None:
        (item,) = build(
            [missed("n0", f"{ANGRY}. {text}", agent=name)], [name], choose=Selection(kinds=("answer",))
        ).items
        assert item.situation[-1].text == f"{ANGRY}. {masked}"

    @pytest.mark.parametrize("left", ["My PIN is 0314 or so.", "the password was hunter 4711"])
    def test_an_item_that_tells_a_secret_is_left_out(self, left: str) -> None:
        assert items([missed("n0", f"{ANGRY}. {left}")], "answer") == ()

    def test_an_item_with_a_turn_that_is_a_code_is_left_out(self) -> None:
        turns = (agent("jbanter1"), customer(ANGRY), agent(COLD))
        found = sure(reviewed(talk(*turns), feelings={1: "anger"}, other=0.01))
        assert items([found], "answer") == ()

    def test_no_item_names_a_colleague(self) -> None:
        names = ids("n")
        words = f"{ANGRY}, Ana Ruiz said so"
        found = [
            missed(next(names), words),
            met(next(names), words, "Ana here. " + SORRY),
            said("Dear me, I'm so sorry about Ana.", "apologise"),
        ]
        made = items(found, "answer", "rewrite", "better one", "gap", "move")
        assert made
        assert all("Ana" not in words_in(item) and "Ruiz" not in words_in(item) for item in made)

    def test_our_own_words_stay_even_if_an_agent_is_called_like_one(self) -> None:
        made = build([missed("n0")], ["Will Answer"], choose=Selection(kinds=("answer",)))
        assert all(item.task.startswith("What would you answer?") for item in made.items)

    def test_an_item_whose_name_cannot_be_masked_is_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("coach.authoring.drafts.mask_names", lambda texts, names: list(texts))
        assert items([missed("n0", f"{ANGRY} and Ruiz knows it")], "answer") == ()


def test_quotation_marks_inside_a_quotation_cannot_end_it() -> None:
    assert quoted(" a “b” c ") == "“a ‘b’ c”"


@pytest.mark.parametrize(
    ("text", "readable"),
    [("one two three four five", True), ("too short", False), ("see https://x.example for all of that", False), ("[NAME_1] [NAME_2] and you and me", False)],
)  # fmt: skip
def test_what_a_learner_can_read(text: str, readable: bool) -> None:
    assert is_readable(text) is readable


def test_every_tag_has_its_wording_and_its_phrases_are_of_known_tags() -> None:
    assert set(moves()) == set(TAGS)
    assert all(set(move.near) <= set(TAGS) for move in moves().values())
    assert {phrase.tag for phrase in phrases()} <= set(TAGS)
