"""Moments and exercises: quoted exactly, sure of themselves, and naming no colleague."""

import json
import re
from dataclasses import replace
from pathlib import Path

import hostile
import pytest
from handmade import (
    ASKS,
    COLD,
    HEARD,
    HURT,
    KIND,
    STEPS,
    WISHES,
    agent,
    asked,
    customer,
    customer_type,
    felt,
    reviewed,
    system,
    talk,
    wished,
)
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import Clue, Moment, Reviewed
from coach.errors import CoachError
from coach.exercises import Exercise, build_exercises
from coach.moments import MOST_EXAMPLES, Examples, moments_of
from coach.report import write_pack
from coach.report.render import escape_markdown, exercise_markdown, exercise_page

STORY = "Honestly, imagine my face when the lamp went bang, haha, what a classic!"
AGENTS = ["Ana Ruiz", "Bo Chen"]


def only(one: Reviewed) -> Moment:
    (moment,) = moments_of(one)
    return moment


def examples(*several: Reviewed) -> Examples:
    made = Examples()
    for one in several:
        made.add(moments_of(one))
    return made


def told(
    id: str, *, chance: float = 0.8, words: str = STORY, quotes: tuple[str, ...] = ("imagine", "haha")
) -> Reviewed:
    """A chat that calls for nothing, with a sure customer type."""
    clues = [Clue(0, words.index(q), words.index(q) + len(q), "chats and jokes") for q in quotes]
    return reviewed(
        talk(customer(words), agent(COLD), id=id), found=customer_type("entertainer", chance=chance, clues=clues)
    )


def build(*several: Reviewed, agents: list[str] = AGENTS, **options: object) -> tuple[Exercise, ...]:
    return build_exercises(several, agents, **options)


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


# --- exercises ---


def test_a_missed_opening_becomes_an_exercise_with_a_model_answer_from_another_chat() -> None:
    (made,) = build(felt("c1", COLD, met=False, channel="chat"), felt("c2", KIND, agent="Bo Chen"))
    assert (made.kind, made.skill, made.channel, made.feeling) == ("answer", "empathy", "chat", "anger")
    assert (made.customer_words, made.model_answer) == (HURT, KIND)
    assert made.task
    assert made.checks


def test_the_model_answer_is_never_from_the_same_conversation() -> None:
    both = reviewed(
        talk(customer(HURT), agent(COLD), customer("Well"), customer(HURT), agent(KIND), id="c1"),
        feelings={0: "anger", 3: "anger"},
        tags={4: ["acknowledge"]},
    )
    other = "How very annoying, after all that waiting."
    made = build(both, felt("c1", COLD, met=False), felt("c2", COLD, met=False), felt("c3", other))
    assert {one.model_answer for one in made} <= {other, KIND}
    assert [one.model_answer for one in build(both, felt("c1", COLD, met=False))] == [None]


def test_without_any_model_answer_there_are_still_exercises() -> None:
    (made,) = build(felt("c1", COLD, met=False))
    assert made.model_answer is None


def test_exercises_with_a_model_answer_go_before_those_without() -> None:
    made = build(felt("c1", COLD, met=False), asked("c2", COLD, met=False), asked("c3"))
    assert [one.skill for one in made] == ["instruction"]


def test_met_and_recovered_openings_are_no_exercises() -> None:
    late = reviewed(
        talk(customer(HURT), agent(COLD), customer("Well"), agent(KIND)), feelings={0: "anger"}, tags={3: ["reassure"]}
    )
    assert build(felt("c1"), late) == ()


@pytest.mark.parametrize(
    "unsure",
    [
        felt("c1", COLD, met=False, other=0.4),
        told("c1", chance=0.6),
        felt("c1", COLD, met=False, words="Hopeless, really."),
        felt("c1", COLD, met=False, words="so " * 150),
        told("c1", words="Haha imagine", quotes=("imagine",)),
        told("c1", quotes=()),
    ],
    ids=["answer", "type", "short", "long", "short-type", "no-clue"],
)
def test_an_unsure_or_unfit_moment_is_never_used(unsure: Reviewed) -> None:
    assert build(unsure, count=4) == ()


def test_an_unsure_answer_is_never_a_model() -> None:
    (made,) = build(felt("c1", COLD, met=False), felt("c2", KIND, chance=0.55))
    assert made.model_answer is None


def test_a_sure_type_becomes_a_clue_to_spot_in_the_turn_that_shows_most() -> None:
    (made,) = build(told("c1"), count=4)
    assert (made.kind, made.skill, made.customer_type, made.customer_words) == ("clue", None, "entertainer", STORY)
    assert made.clues == (("imagine", "chats and jokes"), ("haha", "chats and jokes"))
    assert made.model_answer is None


def test_the_earlier_of_two_turns_with_as_many_clues_is_shown() -> None:
    first, second = "Well well, dude, what a day I had here", "Imagine that, dude, what a day I had"
    clues = [Clue(2, 0, 7, "chats"), Clue(0, 0, 9, "chats")]
    one = reviewed(
        talk(customer(first), agent(COLD), customer(second)), found=customer_type("entertainer", clues=clues)
    )
    assert [made.customer_words for made in build(one, count=4)] == [first]


def test_one_in_four_spots_clues_unless_a_skill_is_asked_for() -> None:
    several = [one for i in range(12) for one in (felt(f"a{i}", COLD, met=False), told(f"b{i}"))]
    made = build(*several, felt("c"), count=8)
    assert [one.kind for one in made] == ["answer"] * 6 + ["clue"] * 2
    assert {one.kind for one in build(*several, felt("c"), count=8, skill="empathy")} == {"answer"}


@pytest.mark.parametrize("skill", ["empathy", "listening", "instruction"])
def test_a_skill_asked_for_is_the_only_one_given(skill: str) -> None:
    several = [felt("a", COLD, met=False), wished("b", COLD, met=False), asked("c", COLD, met=False)]
    made = build(*several, felt("x"), wished("y"), asked("z"), skill=skill)
    assert [one.skill for one in made] == [skill]


def test_without_a_skill_they_take_turns() -> None:
    several = [make(f"{make.__name__}{i}", COLD, met=False) for make in (felt, wished, asked) for i in range(4)]
    made = build(*several, felt("x"), wished("y"), asked("z"), count=6)
    assert {one.skill for one in made[:3]} == {one.skill for one in made[3:]} == {"empathy", "listening", "instruction"}


def many(count: int) -> list[Reviewed]:
    return [felt(f"c{i}", COLD, met=False, words=f"{HURT}, time number {i}") for i in range(count)] + [felt("met")]


def test_the_same_seed_gives_the_same_pack_whatever_the_order() -> None:
    first = build(*many(30), count=5, seed=3)
    assert first == build(*reversed(many(30)), count=5, seed=3)
    assert len(first) == len({one.id for one in first}) == 5


def test_another_seed_draws_other_moments_under_the_same_ids() -> None:
    one, other = (build(*many(30), count=5, seed=seed) for seed in (1, 2))
    assert {e.id for e in one} != {e.id for e in other}
    everything = {e.id: e for e in build(*many(30), count=40)}
    assert all(everything[e.id].customer_words == e.customer_words for e in (*one, *other))


def test_there_may_be_fewer_than_asked() -> None:
    assert len(build(*many(3), count=10)) == 3
    assert build(count=10) == ()


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
def test_agents_names_are_masked_everywhere(name: str, text: str, masked: str) -> None:
    missed, met = felt("c1", COLD, met=False, words=text), felt("c2", text)
    (made,) = build(missed, met, agents=[name])
    assert (made.customer_words, made.model_answer) == (masked, masked)


def test_agents_names_are_masked_in_clues_too() -> None:
    words = "Haha, good old Ana, imagine her face when the lamp went bang!"
    (made,) = build(told("c1", words=words, quotes=("good old Ana",)), count=4)
    assert made.clues == (("good old [AGENT_1]", "chats and jokes"),)
    assert "Ana" not in repr(made)


def test_names_that_no_field_knows_are_masked_too() -> None:
    missed = felt("c1", COLD, met=False, words="Hi Priya, I waited a whole day and nobody came at all!")
    met = felt("c2", "This is Priya, I am so sorry that nobody came.")
    (made,) = build(missed, met, agents=["Agent 12"])
    assert made.customer_words == "Hi [NAME_1], I waited a whole day and nobody came at all!"
    assert made.model_answer == "This is [NAME_1], I am so sorry that nobody came."


def test_without_names_nothing_is_masked() -> None:
    (made,) = build(felt("c1", COLD, met=False), agents=[])
    assert made.customer_words == HURT


# --- the pack ---

MODEL = felt("c2")


def pack_of(text: str, *, clue: str = "imagine") -> list[Exercise]:
    made = build(felt("c1", COLD, met=False), MODEL, told("c3"), count=4)
    assert [one.kind for one in made] == ["answer", "clue"]
    return [
        replace(made[0], customer_words=text, model_answer=text, channel=text),
        replace(made[1], customer_words=text, clues=((text, "chats and jokes"),), channel=text),
    ]


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_hostile_text_stays_text_in_the_page(text: str) -> None:
    page = exercise_page(pack_of(text), text)
    assert hostile.structure(page) == hostile.structure(exercise_page(pack_of("plain"), "plain"))
    assert hostile.text(page).count(text) == 8


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_hostile_text_stays_text_in_markdown(text: str) -> None:
    document = exercise_markdown(pack_of(text), "Exercises")
    plain = exercise_markdown(pack_of("plain"), "Exercises")
    assert hostile.markdown_structure(document) == hostile.markdown_structure(plain)
    assert hostile.markdown_text(document).count(text) == 6


@given(st.text(st.sampled_from("\\`*_{}[]()#+-.!|<>~&=:/;\"'$ \t\n1aé") | st.characters(codec="utf-8"), max_size=30))
def test_any_escaped_text_is_one_paragraph_that_reads_as_it_was(text: str) -> None:
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())
    for before in ("> ", '- "', "# "):
        document = before + escape_markdown(f"x{text}x" if before == "# " else text)
        expected = hostile.markdown_structure(before + ("plain" if text or before == "# " else ""))
        assert hostile.markdown_structure(document) == expected
    assert hostile.markdown_text("> " + escape_markdown(text)).strip() == text


def test_the_pack_is_a_page_markdown_and_json(tmp_path: Path) -> None:
    made = build(felt("c1", COLD, met=False), MODEL, told("c3"), wished("c4", COLD, met=False), wished("c5"), count=4)
    write_pack(made, tmp_path / "new" / "pack")
    page, document, values = (
        (tmp_path / "new" / "pack" / f"exercises.{ending}").read_text("utf-8") for ending in ("html", "md", "json")
    )
    for quoted in (HURT, KIND, WISHES, HEARD, STORY):
        assert quoted in hostile.text(page)
        assert quoted in hostile.markdown_text(document)
    read = json.loads(values)
    assert [one["id"] for one in read] == [one.id for one in made]
    assert read[0]["customer_words"] == made[0].customer_words
    assert read[-1]["clues"] == [["imagine", "chats and jokes"], ["haha", "chats and jokes"]]


def test_an_empty_pack_says_so(tmp_path: Path) -> None:
    write_pack((), tmp_path)
    for name in ("exercises.html", "exercises.md"):
        assert "No moment was sure enough" in (tmp_path / name).read_text("utf-8")
    assert json.loads((tmp_path / "exercises.json").read_text("utf-8")) == []


def test_an_exercise_without_a_channel_or_a_model_answer_can_be_shown() -> None:
    made = build(felt("c1", COLD, met=False))
    assert "colleague" not in exercise_page(made, "Exercises") + exercise_markdown(made, "Exercises")


def test_a_pack_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(CoachError, match=r"taken: cannot be written .*--out"):
        write_pack((), tmp_path / "taken")
