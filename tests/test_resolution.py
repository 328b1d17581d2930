"""How it ended: what is read of the last words, and the words that say so most."""

import subprocess
import sys
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from handmade import KIND, agent, bot, customer, feeling, sentence, system, talk
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import RESOLUTIONS, Conversation, Resolution, Turn
from coach.heads import Array, Linear
from coach.resolution import BUCKETS, ENDINGS, FIELDS, MOST_CLUES, REASON, features, hashed, judge_resolution

WIDTH = 4
HASHED = BUCKETS * len(FIELDS)
THANKED = "That worked, thank you!"


def ending(conversation: Conversation, *tags: str, feelings: dict[int, str] | None = None, width: int = WIDTH) -> Array:
    turns = conversation.turns
    said = [(sentence(turn.text, *tags),) if turn.role == "agent" else () for turn in turns]
    shown = [feeling((feelings or {}).get(i)) if t.role == "customer" else None for i, t in enumerate(turns)]
    vectors = [
        np.full(width, i + 1, np.float32) if t.role in ("agent", "customer") else None for i, t in enumerate(turns)
    ]
    return features(conversation, said, shown, vectors)


def words_of(found: Array) -> Array:
    """The hashed words, a row a field."""
    return found[-HASHED:].reshape(len(FIELDS), BUCKETS)


def head(width: int, label: str = "yes", pulls: Sequence[tuple[str, str, float]] = ()) -> dict[str, Linear]:
    """A head that says the label, with pulls of words in the last turns: (whose, the words, how far)."""
    matrix = np.zeros((len(RESOLUTIONS), width), np.float32)
    for role, text, weight in pulls:
        place = width - HASHED + BUCKETS * [other for other, _ in FIELDS].index(role)
        matrix[RESOLUTIONS.index(label), place : place + BUCKETS] += weight * hashed(text)
    bias = np.array([4.0 if name == label else 0.0 for name in RESOLUTIONS], np.float32)
    return {"resolved": Linear(matrix, bias, np.zeros(width, np.float32), np.ones(width, np.float32))}


def judge(conversation: Conversation, *pulls: tuple[str, str, float]) -> Resolution:
    found = ending(conversation)
    return judge_resolution(conversation, found, head(len(found), pulls=pulls))


def quoted(conversation: Conversation, found: Resolution) -> list[tuple[int, str]]:
    return [(clue.turn, conversation.turns[clue.turn].text[clue.start : clue.end]) for clue in found.clues]


# --- the judgement ---


@pytest.mark.parametrize("label", RESOLUTIONS)
def test_the_likeliest_ending_is_named_with_the_chance_of_each(label: str) -> None:
    conversation = talk(customer("Hi"), agent("Hi"))
    found = ending(conversation)
    resolution = judge_resolution(conversation, found, head(len(found), label))
    assert resolution.label == label
    assert 0.9 < resolution.probability == resolution.probabilities[label] < 1
    assert tuple(resolution.probabilities) == RESOLUTIONS
    assert sum(resolution.probabilities.values()) == pytest.approx(1)


def test_clues_are_the_exact_clauses_that_speak_most_for_it_the_strongest_first() -> None:
    words, answer = "  Olá 👋🏽\r\n  It worked now, açaí!\u00a0 Bye…", "All done. Your parcel is sent!\n\nGoodbye"
    conversation = talk(customer(words), agent("Hm"), system("Left"), agent(answer), customer(words), bot("Rate us"))
    found = judge(conversation, ("customer", "it worked now", 3.0), ("agent", "parcel is sent", 2.0))
    assert quoted(conversation, found) == [(4, "It worked now, açaí!"), (3, "Your parcel is sent!")]
    assert {clue.reason for clue in found.clues} == {REASON}


def test_what_speaks_for_another_ending_or_for_none_is_no_clue() -> None:
    conversation = talk(customer("It worked. Hm."), agent("It is done."))
    assert judge(conversation, ("customer", "worked", -2.0)).clues == judge(conversation).clues == ()


def test_there_are_only_so_many_clues() -> None:
    conversation = talk(agent("Hi"), customer("It worked. It worked! Now it worked? Well, it worked"))
    assert len(judge(conversation, ("customer", "it worked", 2.0)).clues) == MOST_CLUES


TEXT = st.sampled_from(["", "...", " \n", "👋🏽 worked!", "It worked… thanks?!\r\n Bye "]) | st.text(max_size=40)


@given(st.lists(st.builds(Turn, st.sampled_from(("customer", "agent", "bot", "system")), TEXT), max_size=6))
def test_clues_lie_inside_the_last_words_of_either_side(turns: list[Turn]) -> None:
    conversation = talk(*turns)
    found = judge(conversation, ("customer", "it worked thanks", 1.0), ("agent", "worked bye", 1.0))
    last = {turn.role: number for number, turn in enumerate(turns)}
    for clue in found.clues:
        text = turns[clue.turn].text
        assert clue.turn in (last.get("customer"), last.get("agent"))
        assert 0 <= clue.start < clue.end <= len(text)
        assert text[clue.start : clue.end] == text[clue.start : clue.end].lstrip()
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-5)


# --- what is read ---


@pytest.mark.parametrize(
    "conversation",
    [
        talk(customer("")),
        talk(agent("Hello")),
        talk(customer("a"), agent("b"), customer("c"), system("Left")),
        talk(customer("a"), customer("b")),
    ],
)
def test_every_conversation_ends_in_as_many_numbers_all_finite(conversation: Conversation) -> None:
    found = ending(conversation)
    assert found.shape == ending(talk(customer("Hi"), agent("Hi"))).shape
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


@pytest.mark.parametrize("conversation", [talk(), talk(system("Joined")), talk(bot("Hi"), system("Left"))])
def test_a_conversation_in_which_nobody_spoke_has_an_ending_without_clues(conversation: Conversation) -> None:
    found = ending(conversation)
    assert np.isfinite(found).all()
    assert not words_of(found).any()
    assert judge(conversation).clues == ()


def test_the_ending_is_read_from_the_last_words() -> None:
    late, early = (
        talk(customer(first), agent("a"), customer("b"), agent("c"), customer(last), agent("d"))
        for first, last in (("ok", THANKED), (THANKED, "ok"))
    )
    plain = talk(customer("ok"), agent("a"), customer("b"), agent("c"), customer("ok"), agent("d"))
    assert not np.array_equal(ending(late), ending(plain))
    assert np.array_equal(ending(early)[: len(ENDINGS)], ending(plain)[: len(ENDINGS)])
    assert np.array_equal(words_of(ending(early)), words_of(ending(plain)))


def test_the_words_of_each_field_are_hashed() -> None:
    turns = (
        customer("one"),
        agent("two"),
        agent("three"),
        customer("four"),
        agent("five"),
        customer("six"),
        agent("seven"),
    )
    found = words_of(ending(talk(*turns)))
    assert FIELDS == (("agent", 1), ("agent", 3), ("customer", 1))
    for row, text in zip(found, ("seven", "three five seven", "six"), strict=True):
        assert np.array_equal(row, hashed(text))


def test_the_embeddings_are_of_the_last_turn_of_each_side() -> None:
    found = ending(talk(customer("a"), agent("b"), customer("c"), agent("d"), bot("e")))
    assert found[-HASHED - 2 * WIDTH : -HASHED].tolist() == [4] * WIDTH + [3] * WIDTH
    alone = ending(talk(customer("a")))
    assert alone[-HASHED - 2 * WIDTH : -HASHED].tolist() == [0] * WIDTH + [1] * WIDTH


def test_what_the_agent_did_and_what_the_customer_felt_moves_the_ending() -> None:
    conversation = talk(customer("Hi"), agent("Hi"))
    plain = ending(conversation)
    assert not np.array_equal(ending(conversation, "instruct"), plain)
    assert not np.array_equal(ending(conversation, feelings={0: "anger"}), plain)


# --- hashed words ---


@given(st.text(max_size=80))
def test_hashed_words_have_length_one_or_are_none(text: str) -> None:
    found = hashed(text)
    assert found.shape == (BUCKETS,)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5) or not found.any()
    assert (found >= 0).all()


@pytest.mark.parametrize("text", ["", "1234 !", "a b c"])
def test_without_words_of_two_letters_there_is_nothing_to_hash(text: str) -> None:
    assert not hashed(text).any()


def test_words_are_hashed_in_any_case_and_apostrophe_and_with_their_neighbours() -> None:
    assert np.array_equal(hashed("I CAN’T wait"), hashed("i can't wait"))
    assert np.count_nonzero(hashed("red blue")) == 3
    assert not np.array_equal(hashed("red blue"), hashed("blue red"))
    assert np.array_equal(hashed("done? 12"), hashed("12 done ?"))


def test_words_are_hashed_the_same_in_any_process() -> None:
    code = "import sys, zlib; from coach.resolution import hashed; print(zlib.crc32(hashed(sys.argv[1]).tobytes()))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, KIND], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2")
    ]
    assert {int(run.stdout) for run in runs} == {zlib.crc32(hashed(KIND).tobytes())}
