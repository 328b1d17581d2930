"""Fit: the agent's manner in a conversation, and how far it moves with the customer's type."""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from handmade import ASKS, HURT, KIND, RUBRIC, STEPS, agent, customer, customer_type, reviewed, sentence, talk
from scipy.stats import ttest_ind

from coach import fit
from coach.conversation import Reviewed
from coach.fit import (
    MEASURES,
    Manners,
    Met,
    chance_of_differences,
    directed,
    fits,
    manner,
    scales_of,
    team_fits,
)
from coach.readers import read

ANA, BO = "Ana Ruiz", "Bo Chen"
WEIGHTS = RUBRIC.fit
ALIKE = dict.fromkeys(MEASURES, 1.0)
TYPES = ("controller", "feeler", None)
TALKS = "Certainly, and thank you ever so much for all your patience with us today."


def answered(*said: tuple[str, Sequence[str]]) -> Mapping[str, float]:
    """The manner of one answer turn a text, each with its tags."""
    turns = [turn for text, _ in said for turn in (customer(ASKS), agent(text))]
    found = manner(reviewed(talk(*turns), tags={2 * i + 1: tags for i, (_, tags) in enumerate(said)}), ANA)
    assert found is not None
    assert set(found) == set(MEASURES)
    return found


@pytest.mark.parametrize(
    ("measure", "more", "less"),
    [
        ("brevity", [("Done.", ())], [(TALKS, ())]),
        ("brevity", [("Done.", ()), ("Done.", ())], [("Done.", ()), (TALKS, ())]),
        ("promptness", [(STEPS, ["instruct"]), (TALKS, ())], [(TALKS, ()), (STEPS, ["instruct"])]),
        ("promptness", [(TALKS, ()), (STEPS, ["explain"])], [(TALKS, ()), (TALKS, ())]),
        ("timetable", [(TALKS, ()), ("By noon.", ["expect"])], [(TALKS, ()), (STEPS, ["instruct"])]),
        ("detail", [(STEPS, ["explain"]), (STEPS, ["instruct"])], [(STEPS, ["explain"]), (TALKS, ())]),
        ("warmth", [(KIND, ["acknowledge"])], [(STEPS, ["instruct"])]),
        ("warmth", [(KIND, ["appreciate"])], [(KIND, ["appreciate"]), (TALKS, ())]),
        ("care_first", [(KIND, ["reassure"]), (STEPS, ["instruct"])], [(STEPS, ["instruct"]), (KIND, ["reassure"])]),
        ("care_first", [(KIND, ["acknowledge"])], [(TALKS, ())]),
    ],
)
def test_a_measure_moves_with_what_was_said(measure: str, more: list, less: list) -> None:
    assert answered(*more)[measure] > answered(*less)[measure]


def test_a_manner_in_figures() -> None:
    found = answered(("Oh no, I am sorry.", ["apologise"]), ("Press it.", ["instruct"]))
    assert found == pytest.approx(
        {
            "brevity": -math.log(3.5), "promptness": -0.5, "timetable": 0.05,
            "detail": (0.9 + 0.05) / 2, "warmth": (0.9 + 0.05) / 2, "care_first": 1.0,
        }
    )  # fmt: skip


def test_repeating_a_kind_word_does_not_make_a_manner_warmer() -> None:
    once, thrice = ([(KIND, ["acknowledge"])] * n for n in (1, 3))
    assert answered(*once)["warmth"] == pytest.approx(answered(*thrice)["warmth"])


@pytest.mark.parametrize("turns", [(customer("Hi"),), (customer("Hi"), agent("Hi", by=BO))])
def test_who_said_nothing_has_no_manner(turns: tuple) -> None:
    assert manner(reviewed(talk(*turns)), ANA) is None


def test_what_was_not_judged_is_no_manner() -> None:
    one = reviewed(talk(customer(ASKS), agent("Hi")))
    unjudged = replace(one, judgements=replace(one.judgements, sentences=((), ())))
    assert manner(unjudged, ANA) is None


def test_after_a_hand_over_each_agent_has_the_manner_of_their_own_turns() -> None:
    handed = talk(customer(HURT), agent(KIND, by=BO), customer(ASKS), agent(STEPS, by=ANA))
    one = reviewed(handed, tags={1: ["acknowledge"], 3: ["instruct"]})
    bo, ana = manner(one, BO) or {}, manner(one, ANA) or {}
    assert (bo["care_first"], ana["care_first"]) == (1.0, 0.0)
    assert (bo["promptness"], ana["promptness"]) == (-1.0, 0.0)
    assert (bo["warmth"], ana["warmth"]) == (0.9, 0.05)


# --- fits ---


def chats(
    who: str, *, towards: float = 0.0, usual: float = 0.0, count: int = 36, seed: int = 1, noise: float = 1.0
) -> list[Met]:
    """Conversations of an agent who moves `towards` each type as far, and whose manner else is `usual`."""
    chance = random.Random(f"{who} {seed}")
    found = []
    for number in range(count):
        type = TYPES[number % len(TYPES)]
        asked = WEIGHTS.get(type or "", {})
        said = {name: usual + chance.gauss(0, noise) + towards * asked.get(name, 0.0) for name in MEASURES}
        found.append(Met(f"{who}-{number}", who, type, said))
    return found


def test_who_treats_all_alike_has_a_fit_about_nothing() -> None:
    for one in fits(chats(ANA, usual=2.0), WEIGHTS, ALIKE):
        assert one.low < 0 < one.high
        assert abs(one.mean) < 0.5


@pytest.mark.parametrize("towards", [1.5, -1.5])
def test_who_moves_towards_a_type_or_away_has_a_fit_surely_on_that_side(towards: float) -> None:
    found = {one.type: one for one in fits(chats(ANA, towards=towards), WEIGHTS, ALIKE)}
    assert set(found) == {"controller", "feeler"}
    for one in found.values():
        assert one.count == 12
        assert one.low < one.mean < one.high
        assert math.copysign(1, towards) * min(one.low, one.high, key=abs) > 0
    assert (found["controller"].manner["brevity"] > found["controller"].usual["brevity"]) == (towards > 0)


def test_a_fit_names_its_best_and_poorest_conversation() -> None:
    met = chats(ANA)
    (one,) = [found for found in fits(met, WEIGHTS, ALIKE) if found.type == "feeler"]
    ranked = sorted((directed(m.manner, WEIGHTS["feeler"], ALIKE), m.id) for m in met if m.type == "feeler")
    assert (one.poorest.id, one.best.id) == (ranked[0][1], ranked[-1][1])


def test_the_interval_is_welchs() -> None:
    met = [Met(str(n), ANA, "entertainer", ALIKE | {"warmth": warmth}) for n, warmth in enumerate((1.0, 2.0, 4.0, 5.0))]
    met += [
        Met(str(n + 4), ANA, None, ALIKE | {"warmth": warmth}) for n, warmth in enumerate((0.0, 1.0, 1.0, 0.0, 2.0))
    ]
    (one,) = fits(met, WEIGHTS, ALIKE)
    assert one.mean == pytest.approx(2.2)
    assert (one.low, one.high) == pytest.approx((-0.5371, 4.9371), abs=1e-4)  # as scipy.stats.ttest_ind has it


def test_a_few_chats_that_happen_to_be_alike_do_not_make_it_sure() -> None:
    """The interval is Student's, with the variance of both sides together."""
    few, many = (1.0, 1.01, 0.99), (0.0, 1.0, 0.2, 0.8, 0.4, 0.6, 1.2, -0.2)
    met = [Met(str(n), ANA, "entertainer", ALIKE | {"warmth": warmth}) for n, warmth in enumerate(few)]
    met += [Met(str(n + 3), ANA, None, ALIKE | {"warmth": warmth}) for n, warmth in enumerate(many)]
    (one,) = fits(met, WEIGHTS, ALIKE)
    expected = ttest_ind(few, many).confidence_interval(0.95)
    assert (one.low, one.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("of_type", "others", "listed"), [(2, 9, False), (9, 2, False), (3, 3, True), (0, 9, False)])
def test_too_few_conversations_are_no_fit(of_type: int, others: int, listed: bool) -> None:
    met = chats(ANA, count=60)
    some = [m for m in met if m.type == "feeler"][:of_type] + [m for m in met if m.type is None][:others]
    assert [one.type for one in fits(some, WEIGHTS, ALIKE)] == ["feeler"] * listed


def test_manners_that_never_change_have_a_fit_of_nothing_and_no_noise() -> None:
    same = dict.fromkeys(MEASURES, 0.7671576291479620)  # its mean over 51 is not quite itself
    met = [Met(str(n), ANA, TYPES[n % 3], same) for n in range(51)]
    scales = scales_of(met)
    assert scales == ALIKE
    for one in fits(met, WEIGHTS, scales):
        assert (one.mean, one.low, one.high) == (0.0, 0.0, 0.0)
    both = [*met, *(replace(m, agent=BO) for m in met)]
    assert chance_of_differences(both, WEIGHTS, rounds=19) == 1.0


def test_weights_are_shares_and_a_minus_wants_less() -> None:
    wanted = {"detail": 3.0, "brevity": -1.0}
    assert directed(ALIKE | {"brevity": -3.0}, wanted, ALIKE | {"detail": 2.0}) == pytest.approx((3 / 2 + 3) / 4)


def test_scales_are_standard_deviations_within_agents() -> None:
    met = [*chats(ANA, usual=50.0, noise=2.0, count=300), *chats(BO, usual=-50.0, noise=2.0, count=300)]
    assert list(scales_of(met).values()) == pytest.approx([2.0] * len(MEASURES), rel=0.1)
    assert scales_of([]) == scales_of(met[:1]) == ALIKE


def test_the_teams_fit_is_the_mean_of_its_agents_by_conversations() -> None:
    ana, bo = chats(ANA, towards=1.0, count=36), chats(BO, towards=-1.0, count=18)
    both = team_fits([*ana, *bo], WEIGHTS, ALIKE)
    one, other = ({f.type: f.mean for f in fits(met, WEIGHTS, ALIKE)} for met in (ana, bo))
    for type in ("controller", "feeler"):
        assert both[type] == pytest.approx((2 * one[type] + other[type]) / 3)
    assert team_fits([], WEIGHTS, ALIKE) == {}


# --- do agents differ in how they adapt? ---


@pytest.mark.parametrize("usual", [0.0, 4.0])
def test_agents_who_adapt_alike_do_not_differ_and_opposite_ones_do(usual: float) -> None:
    alike = [*chats(ANA, towards=1.0, usual=usual), *chats(BO, towards=1.0)]
    apart = [*chats(ANA, towards=0.8, usual=usual), *chats(BO, towards=-0.8)]
    far = chance_of_differences(apart, WEIGHTS, rounds=199)
    near = chance_of_differences(alike, WEIGHTS, rounds=199)
    assert far is not None
    assert near is not None
    assert far <= 0.01
    assert near > 0.1


def test_shuffling_the_agents_of_conversations_makes_the_difference_vanish() -> None:
    met = [*chats(ANA, towards=1.0), *chats(BO, towards=-1.0)]
    agents = [one.agent for one in met]
    chance = random.Random(3)
    found = []
    for _ in range(12):
        chance.shuffle(agents)
        mixed = [replace(one, agent=name) for one, name in zip(met, agents, strict=True)]
        found.append(chance_of_differences(mixed, WEIGHTS, rounds=99))
    assert chance_of_differences(met, WEIGHTS, rounds=99) == 0.01
    assert sum(p > 0.05 for p in found if p is not None) >= 10


def test_by_chance_alone_small_shares_are_as_rare_as_they_should_be() -> None:
    """Few conversations, agents who differ else, meet other customers, and all adapt alike."""
    found = []
    for seed in range(60):
        met = []
        for number, who in enumerate("abcd"):
            some = chats(who, towards=1.0, usual=3.0 * number, count=36, seed=seed)
            rare = "feeler" if number % 2 else "controller"
            met += [one for place, one in enumerate(some) if one.type != rare or place % 4 == 0]
        found.append(chance_of_differences(met, WEIGHTS, rounds=39))
    assert all(found)
    assert np.mean(np.array(found) <= 0.1) < 0.22
    assert 0.35 < np.mean(found) < 0.65


@pytest.mark.parametrize("met", [[], chats(ANA), [*chats(ANA), *chats(BO, count=6)]])
def test_too_few_to_say_whether_agents_differ(met: list[Met]) -> None:
    assert chance_of_differences(met, WEIGHTS, rounds=9) is None


def test_the_share_is_the_same_every_time() -> None:
    met = [*chats(ANA, towards=0.3), *chats(BO, towards=-0.1)]
    assert chance_of_differences(met, WEIGHTS, rounds=99) == chance_of_differences(met, WEIGHTS, rounds=99)


# --- collecting ---


def small(number: int, id: str = "c", **fields: object) -> Reviewed:
    return reviewed(talk(customer(ASKS), agent("Yes " * (1 + number)), id=f"{id}{number}", **fields))


def test_manners_keep_an_even_sample_that_does_not_depend_on_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "MOST", 10)
    several = [small(number) for number in range(55)]
    samples = []
    for order in (several, several[::-1]):
        manners = Manners()
        for one in order:
            manners.add(one)
        samples.append(manners.met)
    assert samples[0] == samples[1]
    assert len(samples[0]) == 10
    assert len({int(one.id[1:]) // 11 for one in samples[0]}) > 2


def test_every_agent_of_a_conversation_is_kept_with_the_customers_type() -> None:
    handed = talk(customer(ASKS), agent("Hi", by=BO), agent(STEPS, by=ANA), agent("Bye", by=BO), id="c\ud800")
    manners = Manners()
    manners.add(reviewed(handed, found=customer_type("thinker")))
    manners.add(reviewed(talk(customer("Hi"), agent("Hi"), agent=None)))
    assert {(one.id, one.agent, one.type) for one in manners.met} == {
        ("c\ud800", ANA, "thinker"),
        ("c\ud800", BO, "thinker"),
    }


# --- the sample transcripts ---


def sample() -> list[Met]:
    """The sample transcripts' manners as far as words alone tell; every other one with a controller."""
    manners = Manners()
    paths = [str(Path(__file__).parents[1] / "transcripts")]
    for number, found in enumerate(read(paths)):
        conversation = found.conversation
        said = tuple(
            (sentence(turn.text, *(["explain"] if len(turn.text) > 150 else [])),) if turn.role == "agent" else ()
            for turn in conversation.turns
        )
        one = reviewed(conversation, found=customer_type("controller" if number % 2 else None))
        manners.add(replace(one, judgements=replace(one.judgements, sentences=said)))
    return manners.met


def test_in_the_sample_transcripts_an_agent_made_to_adapt_differs_until_agents_are_shuffled() -> None:
    met = sample()
    (ana, _), (bo, _) = Counter(sorted(one.agent for one in met)).most_common(2)
    scales = scales_of(met)

    def made(one: Met, towards: float) -> Met:
        moved = {
            name: value + towards * scales[name] * WEIGHTS["controller"].get(name, 0.0) * (one.type == "controller")
            for name, value in one.manner.items()
        }
        return replace(one, manner=moved)

    apart = [made(one, 2.0 if one.agent == ana else -2.0) for one in met if one.agent in (ana, bo)]
    assert chance_of_differences(apart, WEIGHTS, rounds=199) <= 0.01
    chance, names = random.Random(1), [one.agent for one in apart]
    found = []
    for _ in range(12):
        chance.shuffle(names)
        shuffled = [replace(one, agent=name) for one, name in zip(apart, names, strict=True)]
        found.append(chance_of_differences(shuffled, WEIGHTS, rounds=39))
    assert np.mean([share for share in found if share is not None]) > 0.3
