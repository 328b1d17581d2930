"""The customer's type, judged by hand-made heads instead of trained ones."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from handmade import agent, bot, customer, feeling, system, talk
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import FEELINGS, TYPES, Conversation, CustomerType, Turn
from coach.errors import ConfigError
from coach.heads import FILE, HEADS, Array, Linear, load_heads, save_heads
from coach.personality import (
    CUES,
    EARLY_CONFIDENCE,
    LENGTH,
    MINIMUM_CONFIDENCE,
    MINIMUM_WORDS,
    MOST_CLUES,
    TYPE_LABELS,
    features,
    judge_type,
)

NAMES = [cue.name for cue in CUES]
DEMAND = "I want my money back right now or I will cancel my contract, and I expect a call by noon."
WIDTH = 4
TURNS = st.builds(
    Turn,
    st.sampled_from(("customer", "customer", "agent", "system")),
    st.sampled_from([DEMAND, "", "Haha, by the way!! :)", "My number is 4711.", "Why? How does it work?"])
    | st.text(max_size=40),
)
SHOWN = st.sampled_from((None, *FEELINGS))


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
    width = read(talk(customer("Hi"))).shape[1] if width is None else width
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
    margins: tuple[float, float] = (1.0, 1.0),
) -> dict[str, Linear]:
    bias = [lead if name == label else 0.0 for name in TYPE_LABELS]
    return {
        "type": head(bias, weights),
        "assertiveness": head([scales[0], margins[0]]),
        "responsiveness": head([scales[1], margins[1]]),
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
    assert max(found.probabilities.values()) < MINIMUM_CONFIDENCE == 0.45
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


@pytest.mark.parametrize(("raw", "margin"), [(-3.0, 0.1), (0.75, 0.75), (90.0, 4.0)])
def test_a_margin_is_as_the_head_says_but_never_nothing_nor_wider_than_the_scale(raw: float, margin: float) -> None:
    found = judge(talk(customer(DEMAND)), heads(margins=(raw, 1.25)))
    assert found.margins == pytest.approx((margin, 1.25))


@given(st.lists(st.floats(-30, 30), min_size=5, max_size=5), st.text(max_size=80))
def test_the_probabilities_of_four_types_leave_the_rest_to_cannot_tell(bias: list[float], text: str) -> None:
    found = judge(talk(customer(text), system("Joined")), heads() | {"type": head(bias)})
    assert tuple(found.probabilities) == TYPES
    assert all(0 <= chance <= 1 for chance in found.probabilities.values())
    assert sum(found.probabilities.values()) <= 1 + 1e-6


# --- the path ---


def test_the_path_has_the_turns_after_which_the_guess_changed() -> None:
    demand, chat = "I want it right now, right now!", "haha, lol, haha, what a joke, haha :) hehe lol haha"
    conversation = talk(
        customer("Hi"),
        agent("Hi"),
        customer(f"{demand} " * 3),
        system("Note"),
        customer("And so on"),
        customer(f"{chat} " * 9),
        agent("Well"),
        customer("Right"),
    )
    weights = {(0, "presses"): 4.0, (3, "humour"): 4.0}
    found = judge(conversation, heads(lead=0, weights=weights))
    assert found.path == ((2, "controller"), (5, "entertainer"))
    assert found.label == "entertainer"


def test_while_more_may_be_said_a_guess_has_to_be_surer() -> None:
    lead = float(np.log(4 * 0.5 / 0.5))  # 50 %
    assert MINIMUM_CONFIDENCE < 0.5 < EARLY_CONFIDENCE
    one, three = (judge(talk(*[customer(DEMAND)] * count), heads(lead=lead)) for count in (1, 3))
    assert (one.label, one.path) == ("controller", ((0, "controller"),))
    assert (three.label, three.path) == ("controller", ((2, "controller"),))


def test_a_guess_that_goes_at_the_end_is_in_the_path() -> None:
    weights = {(0, "presses"): 2.0}
    conversation = talk(customer("It has to be done right now! " * 3), customer("so it is " * 400))
    found = judge(conversation, heads(lead=0, weights=weights))
    assert (found.label, found.path) == (None, ((0, "controller"), (1, None)))


@pytest.mark.parametrize("conversation", [talk(customer("Hi")), talk(agent(DEMAND)), talk(bot("Hi")), talk()])
def test_where_nothing_can_be_told_there_is_no_path(conversation: Conversation) -> None:
    found = features(conversation, shown(conversation), embedded(conversation))
    chosen = heads() if found.shape[1] == heads()["type"].weights.shape[1] else narrow(found.shape[1])
    assert judge(conversation, chosen).path == ()


def narrow(width: int) -> dict[str, Linear]:
    return {
        "type": head([5, 0, 0, 0, 0], width=width),
        **dict.fromkeys(("assertiveness", "responsiveness"), head([3, 1], width=width)),
    }


@given(st.lists(st.tuples(TURNS, SHOWN), max_size=8))
def test_the_path_holds_only_changes_and_ends_with_the_label(spoken: list[tuple[Turn, str | None]]) -> None:
    conversation = talk(customer("Hi"), *(turn for turn, _ in spoken))
    found = judge(conversation, heads(lead=1, weights={(0, "presses"): 3.0, (1, "how_why"): 3.0, (3, "humour"): 3.0}))
    labels = [None, *(label for _, label in found.path)]
    assert all(before != now for before, now in pairwise(labels))
    assert labels[-1] == found.label
    turns = [turn for turn, _ in found.path]
    assert turns == sorted(set(turns))
    assert all(conversation.turns[turn].role == "customer" for turn in turns)


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
    ("conversation", "rows"),
    [
        (talk(customer("")), 1),
        (talk(customer(DEMAND), agent("Yes"), customer("?")), 2),
        (talk(agent("Hello")), 1),
        (talk(customer("a"), customer("b"), system("x"), customer("c")), 3),
    ],
)
def test_every_turn_of_the_customer_gives_a_row_of_as_many_numbers_all_finite(
    conversation: Conversation, rows: int
) -> None:
    found = read(conversation)
    assert found.shape == (rows, read(talk(customer("Hi"))).shape[1])
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


@given(st.lists(st.tuples(TURNS, SHOWN), min_size=1, max_size=8), st.data())
def test_the_rows_of_a_beginning_are_the_first_rows_of_the_whole(
    spoken: list[tuple[Turn, str | None]], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(spoken)))

    def rows(upto: int) -> Array:
        conversation = talk(*(turn for turn, _ in spoken[:upto]))
        felt = [feeling(label) if turn.role == "customer" else None for turn, label in spoken[:upto]]
        return features(conversation, felt, [np.full(WIDTH, i, np.float32) for i in range(upto)])

    if any(turn.role == "customer" for turn, _ in spoken[:cut]):
        beginning = rows(cut)
        assert np.array_equal(rows(len(spoken))[: len(beginning)], beginning)


def test_what_is_read_after_all_turns_is_of_all_the_words() -> None:
    """By the definitions: rates over all the words, means of the feelings and embeddings, the strongest feelings."""
    conversation = talk(customer(DEMAND), agent("Yes"), customer("I want it right now!"))
    feelings = [feeling("anger"), None, feeling(None)]
    vectors = [np.full(WIDTH, i, np.float32) for i in (1, 9, 4)]
    last = features(conversation, feelings, vectors)[-1]
    words = len(DEMAND.split()) + 5
    assert last[NAMES.index("tells")] == pytest.approx(np.sqrt(300 / (words + 20)))
    assert np.expm1(last[LENGTH]) == pytest.approx(words, rel=1e-5)
    angry, calm = ([f.probabilities[label] for label in ("none", *FEELINGS)] for f in (feelings[0], feelings[2]))
    felt = len(last) - WIDTH - 2 * len(angry)
    assert sorted(last[felt:-WIDTH]) == pytest.approx(
        sorted([*np.mean([angry, calm], axis=0), *np.maximum(angry, calm)])
    )
    assert last[-WIDTH:].tolist() == [2.5] * WIDTH


def test_agents_words_do_not_move_the_customers_cues() -> None:
    one, other = (talk(customer("Hello there"), agent(text)) for text in ("Yes.", DEMAND))
    assert np.array_equal(read(one), read(other))


def test_a_conversation_without_feelings_or_embeddings_can_be_read() -> None:
    conversation = talk(system("Joined"))
    assert np.isfinite(features(conversation, [None], [None])).all()


# --- heads ---


@pytest.mark.parametrize(("score", "chance"), [(0.0, 0.5), (2.0, 0.8808), (-2.0, 0.1192), (80.0, 1.0)])
def test_the_chance_of_a_head_with_one_output_is_the_logistic_of_it(score: float, chance: float) -> None:
    assert head([score], width=2).chance(np.zeros(2, np.float32)) == pytest.approx(chance, abs=1e-4)


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
