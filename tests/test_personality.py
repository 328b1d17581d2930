"""The customer's type and the ending, judged by hand-made heads instead of trained ones."""

from pathlib import Path

import numpy as np
import pytest
from handmade import agent, customer, feeling, sentence, system, talk
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import RESOLUTIONS, TYPES, Conversation, CustomerType
from coach.errors import ConfigError
from coach.heads import FILE, HEADS, Array, Linear, load_heads, mean_or_zero, save_heads
from coach.personality import CUES, MINIMUM_WORDS, MOST_CLUES, TYPE_LABELS, features, judge_type
from coach.resolution import SIGNS, judge_resolution
from coach.resolution import features as ending_features

NAMES = [cue.name for cue in CUES]
DEMAND = "I want my money back right now or I will cancel my contract, and I expect a call by noon."
WIDTH = 4


def shown(conversation: Conversation) -> list[object]:
    return [feeling("anger") if turn.role == "customer" else None for turn in conversation.turns]


def embedded(conversation: Conversation) -> list[Array | None]:
    return [
        np.full(WIDTH, i, np.float32) if turn.role != "system" else None for i, turn in enumerate(conversation.turns)
    ]


def read(conversation: Conversation) -> Array:
    return features(conversation, shown(conversation), embedded(conversation))


def head(bias: list[float], weights: dict[tuple[int, str], float] | None = None, width: int | None = None) -> Linear:
    """A head that says its bias, moved by the rate of a cue where there is a weight for one."""
    width = len(read(talk(customer("Hi")))) if width is None else width
    matrix = np.zeros((len(bias), width), np.float32)
    for (output, cue), weight in (weights or {}).items():
        matrix[output, NAMES.index(cue)] = weight
    return Linear(matrix, np.array(bias, np.float32), np.zeros(width, np.float32), np.ones(width, np.float32))


def heads(
    label: str = "controller",
    *,
    lead: float = 5.0,
    weights: dict[tuple[int, str], float] | None = None,
    scales: tuple[float, float] = (3.0, 3.0),
) -> dict[str, Linear]:
    bias = [lead if name == label else 0.0 for name in TYPE_LABELS]
    return {
        "type": head(bias, weights),
        "assertiveness": head([scales[0]]),
        "responsiveness": head([scales[1]]),
    }


def judge(conversation: Conversation, chosen: dict[str, Linear]) -> CustomerType:
    return judge_type(conversation, shown(conversation), embedded(conversation), chosen)


# --- the type ---


@pytest.mark.parametrize("label", TYPES)
def test_the_likeliest_type_is_named(label: str) -> None:
    found = judge(talk(customer(DEMAND), agent("One moment.")), heads(label))
    assert found.label == label
    assert found.probabilities[label] > 0.9


def test_under_the_minimum_of_customer_words_it_cannot_tell() -> None:
    short, enough = (
        talk(customer("now " * count), agent("word " * 40)) for count in (MINIMUM_WORDS - 1, MINIMUM_WORDS)
    )
    assert judge(short, heads()).label is None
    assert judge(enough, heads()).label == "controller"


def test_when_no_type_stands_out_it_cannot_tell() -> None:
    found = judge(talk(customer(DEMAND)), heads(lead=0.5))
    assert max(found.probabilities.values()) < 0.45
    assert (found.label, found.clues) == (None, ())


def test_unclear_is_cannot_tell_however_sure() -> None:
    found = judge(talk(customer(DEMAND)), heads("unclear"))
    assert (found.label, found.clues) == (None, ())
    assert sum(found.probabilities.values()) < 0.1


def test_without_a_customer_it_cannot_tell() -> None:
    assert judge(talk(agent("Hello?")), heads()).label is None


@pytest.mark.parametrize(("raw", "scale"), [(-40.0, 1.0), (1.0, 1.0), (3.25, 3.25), (5.5, 5.0), (900.0, 5.0)])
def test_the_scales_run_from_1_to_5(raw: float, scale: float) -> None:
    found = judge(talk(customer(DEMAND)), heads(scales=(raw, -raw)))
    assert found.assertiveness == scale
    assert 1.0 <= found.responsiveness <= 5.0


@given(st.lists(st.floats(-30, 30), min_size=5, max_size=5), st.text(max_size=80))
def test_the_probabilities_of_four_types_leave_the_rest_to_cannot_tell(bias: list[float], text: str) -> None:
    found = judge(talk(customer(text), system("Joined")), heads() | {"type": head(bias)})
    assert tuple(found.probabilities) == TYPES
    assert all(0 <= chance <= 1 for chance in found.probabilities.values())
    assert sum(found.probabilities.values()) <= 1 + 1e-6


# --- clues ---


def quoted(conversation: Conversation, found: CustomerType) -> list[tuple[int, str]]:
    return [(clue.turn, conversation.turns[clue.turn].text[clue.start : clue.end]) for clue in found.clues]


def test_clues_quote_the_exact_words_of_the_strongest_cue_first() -> None:
    conversation = talk(customer(DEMAND), agent("I want to help you right now."), customer("Do it NOW, immediately!"))
    found = judge(conversation, heads(weights={(0, "tells"): 0.5, (0, "presses"): 2.0}))
    assert quoted(conversation, found) == [(0, "right now"), (2, "immediately"), (0, "I want")]
    assert [clue.reason for clue in found.clues] == ["presses for speed"] * 2 + ["tells rather than asks"]


def test_clues_are_the_customers_words_only() -> None:
    conversation = talk(agent("I want this right now, immediately."), customer("well " * 20), system("I want it now"))
    assert judge(conversation, heads(weights={(0, "tells"): 1.0, (0, "presses"): 1.0})).clues == ()


def test_a_cue_that_speaks_against_the_type_is_no_clue() -> None:
    found = judge(talk(customer(DEMAND)), heads(lead=20, weights={(0, "tells"): -1.0, (1, "presses"): 1.0}))
    assert (found.label, found.clues) == ("controller", ())


def test_a_cue_without_a_reason_helps_but_is_never_shown() -> None:
    text = "Please please please could you kindly help me, thank you, thank you so much, I am so very grateful."
    conversation = talk(customer(text))
    plain, polite = (judge(conversation, heads("feeler", lead=1, weights=w)) for w in ({}, {(2, "courtesy"): 1.0}))
    assert polite.probabilities["feeler"] > plain.probabilities["feeler"]
    assert (polite.label, polite.clues) == ("feeler", ())


def test_there_are_only_so_many_clues() -> None:
    conversation = talk(*(customer(DEMAND) for _ in range(9)))
    found = judge(conversation, heads(weights={(0, "tells"): 1.0}))
    assert [clue.turn for clue in found.clues] == list(range(MOST_CLUES))


# --- what the heads read ---


@pytest.mark.parametrize(
    "conversation",
    [talk(customer("")), talk(customer(DEMAND), agent("Yes"), customer("?")), talk(agent("Hello"))],
)
def test_every_conversation_gives_as_many_numbers_all_finite(conversation: Conversation) -> None:
    found = read(conversation)
    assert found.shape == read(talk(customer("Hi"))).shape
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_agents_words_do_not_move_the_customers_cues() -> None:
    one, other = (talk(customer("Hello there"), agent(text)) for text in ("Yes.", DEMAND))
    assert np.array_equal(read(one), read(other))


def test_a_conversation_without_feelings_or_embeddings_can_be_read() -> None:
    conversation = talk(system("Joined"))
    assert np.isfinite(features(conversation, [None], [None])).all()


def test_the_mean_of_no_vectors_is_zero() -> None:
    assert mean_or_zero([], 3).tolist() == [0, 0, 0]
    assert mean_or_zero([np.array([1, 2], np.float32), np.array([3, 4], np.float32)], 2).tolist() == [2, 3]


# --- heads ---


def test_a_head_standardises_what_it_reads() -> None:
    chosen = Linear(*(np.array(v, np.float32) for v in ([[2.0, 0.0]], [1.0], [3.0, 0.0], [4.0, 1.0])))
    assert chosen(np.array([11.0, 99.0], np.float32)).tolist() == [5.0]


def test_probabilities_of_huge_scores_still_sum_to_one() -> None:
    assert head([1000.0, 999.0], width=2).probabilities(np.zeros(2, np.float32)).sum() == pytest.approx(1)


def test_pulls_add_up_to_what_moves_an_output_from_the_mean() -> None:
    random = np.random.default_rng(7)
    chosen = Linear(
        *(random.normal(size=size).astype(np.float32) for size in ((3, 6), 3, 6)), np.full(6, 2, np.float32)
    )
    found = random.normal(size=6).astype(np.float32)
    moved = chosen(found) - chosen.bias
    for output in range(3):
        assert chosen.pull(found, output).sum() == pytest.approx(moved[output] - moved.mean(), abs=1e-5)


def saved(folder: Path) -> dict[str, Linear]:
    random = np.random.default_rng(7)
    made = {
        name: Linear(*(random.normal(size=size).astype(np.float32) for size in ((2, 3), 2, 3, 3))) for name in HEADS
    }
    save_heads(made, folder)
    return made


def test_saved_heads_load_as_they_were(tmp_path: Path) -> None:
    made = saved(tmp_path)
    loaded = load_heads(tmp_path)
    assert tuple(loaded) == HEADS
    for name, chosen in made.items():
        for part in Linear.__slots__:
            assert np.array_equal(getattr(loaded[name], part), getattr(chosen, part))


def test_a_model_folder_without_heads_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"conversation\.safetensors is missing or incomplete; .*coach train"):
        load_heads(tmp_path)


def test_a_model_folder_with_some_heads_only_is_named(tmp_path: Path) -> None:
    made = saved(tmp_path)
    save_heads({"type": made["type"]}, tmp_path)
    with pytest.raises(ConfigError, match="missing or incomplete"):
        load_heads(tmp_path)


def test_a_damaged_file_of_heads_is_named(tmp_path: Path) -> None:
    saved(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigError, match="missing or incomplete"):
        load_heads(tmp_path)


# --- the ending ---


def ending(conversation: Conversation, *tags: str) -> Array:
    sentences = [(sentence(turn.text, *tags),) if turn.role == "agent" else () for turn in conversation.turns]
    return ending_features(conversation, sentences, shown(conversation))


@pytest.mark.parametrize("label", RESOLUTIONS)
def test_the_likeliest_ending_is_named(label: str) -> None:
    found = ending(talk(customer("Hi"), agent("Hi")))
    bias = [4.0 if name == label else 0.0 for name in RESOLUTIONS]
    resolution = judge_resolution(found, {"resolved": head(bias, width=len(found))})
    assert resolution.label == label
    assert 0.9 < resolution.probability < 1


@pytest.mark.parametrize(
    "conversation",
    [talk(customer("")), talk(agent("Hello")), talk(customer("a"), agent("b"), customer("c"), system("Left"))],
)
def test_every_conversation_ends_in_as_many_numbers_all_finite(conversation: Conversation) -> None:
    found = ending(conversation)
    assert found.shape == ending(talk(customer("Hi"), agent("Hi"))).shape
    assert np.isfinite(found).all()


def test_a_conversation_of_notices_only_has_an_ending() -> None:
    assert np.isfinite(ending(talk(system("Joined")))).all()


def test_the_ending_is_read_from_the_last_words() -> None:
    late, early = (
        talk(customer(first), agent("a"), customer("b"), agent("c"), customer(last), agent("d"))
        for first, last in (("ok", "Thank you, that worked"), ("Thank you, that worked", "ok"))
    )
    plain = talk(customer("ok"), agent("a"), customer("b"), agent("c"), customer("ok"), agent("d"))
    assert not np.array_equal(ending(late), ending(plain))
    assert np.array_equal(ending(early)[: len(SIGNS)], ending(plain)[: len(SIGNS)])


def test_what_the_agent_did_moves_the_ending() -> None:
    conversation = talk(customer("Hi"), agent("Hi"))
    assert not np.array_equal(ending(conversation, "instruct"), ending(conversation))
