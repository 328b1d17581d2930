"""Scoring: what counts, for whom, with which interval; and the rubric that weighs it."""

import math
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from handmade import ASKS, COLD, HURT, KIND, RUBRIC, STEPS, agent, bot, customer, judged, talk
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest, t

from coach.conversation import (
    TAGS,
    Conversation,
    Credit,
    Feeling,
    Judgements,
    Outcome,
    Rate,
    Resolution,
    Sentence,
    Turn,
)
from coach.errors import ConfigError
from coach.intervals import Z, wilson
from coach.norms import Norm, Norms, Tally, norm, norms, pooled
from coach.rubric import read_rubric
from coach.scoring import (
    BESIDES,
    PARTS,
    SHOWN,
    Score,
    credits_of,
    first_response,
    rate,
    scorecard,
    scores,
)
from coach.spread import Spread

SHIPPED = (files("coach") / "rubric.toml").read_text("utf-8")
EMPATHY = "empathy = 1.5 "


def credits(conversation: Conversation, **judgement: object) -> tuple[Credit, ...]:
    return credits_of(conversation, judged(conversation, **judgement), RUBRIC)


def credit(part: str, worth: float, agent: str | None = None, *, variance: float = 0.0) -> Credit:
    return Credit(part, worth, agent, expected=worth, variance=variance)


def parts(conversation: Conversation, **judgement: object) -> dict[str, tuple[float, str | None]]:
    return {credit.part: (credit.worth, credit.agent) for credit in credits(conversation, **judgement)}


def waiting(seconds: float, **fields: object) -> Conversation:
    return talk(customer("Hello", at=0), agent("Hello", at=seconds), **fields)


# --- intervals ---


@given(st.integers(1, 400).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_wilson_bounds_agree_with_scipy(pair: tuple[int, int]) -> None:
    met, count = pair
    expected = binomtest(met, count).proportion_ci(confidence_level=0.95, method="wilson")
    assert wilson(met, count) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_nothing_counted_leaves_everything_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert rate(0, 0).share is None


def test_a_rate_keeps_its_counts() -> None:
    found = rate(3, 7)
    assert (found.met, found.called_for, found.share) == (3, 7, 3 / 7)
    assert (round(found.low, 2), round(found.high, 2)) == (0.16, 0.75)


def test_what_the_tagger_may_have_wrong_widens_a_rate() -> None:
    wrong = 0.1  # of all verdicts
    plain, unsure = rate(3, 7), rate(3, 7, variance=7 * wrong * (1 - wrong))
    assert (unsure.met, unsure.called_for, unsure.share) == (3, 7, 3 / 7)
    truly = [(bound - wrong) / (1 - 2 * wrong) for bound in (plain.low, plain.high)]
    assert (unsure.low, unsure.high) == pytest.approx(truly)
    assert 0 <= unsure.low < plain.low < plain.high < unsure.high <= 1
    assert rate(0, 0, variance=0.0) == Rate(0, 0, 0.0, 1.0)


def test_wrong_verdicts_widen_a_rate_away_from_a_half_only() -> None:
    plain, unsure = rate(54, 60), rate(54, 60, variance=60 * 0.09)
    assert unsure.low == plain.low
    assert unsure.high == 1


@pytest.mark.parametrize("variance", [7 / 4, 2.0])
def test_verdicts_that_are_no_better_than_chance_say_nothing(variance: float) -> None:
    assert rate(3, 7, variance=variance) == Rate(3, 7, 0.0, 1.0)


@given(st.integers(1, 80).flatmap(lambda n: st.tuples(st.floats(0, n), st.just(n), st.floats(0, n / 4))))
def test_a_rate_lies_in_its_interval_and_that_in_0_and_1(drawn: tuple[float, int, float]) -> None:
    met, count, variance = drawn
    found = rate(met, count, variance=variance)
    low, high = wilson(met, count)
    assert 0 <= found.low <= low <= met / count <= high <= found.high <= 1


# --- indices ---

WEIGHTS = st.floats(0.001, 10)
CREDITS = st.tuples(st.sampled_from(PARTS), st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1), st.floats(0, 1)).map(
    lambda drawn: credit(drawn[0], drawn[1], variance=drawn[2] * drawn[1] * (1 - drawn[1]))
)


@given(
    st.lists(CREDITS),
    st.lists(WEIGHTS, min_size=len(RUBRIC.care), max_size=len(RUBRIC.care)),
    st.lists(WEIGHTS, min_size=len(RUBRIC.service), max_size=len(RUBRIC.service)),
    st.just(RUBRIC.baseline)
    | st.fixed_dictionaries(dict.fromkeys(RUBRIC.baseline, st.tuples(st.floats(0.001, 0.999), WEIGHTS))),
)
def test_an_index_stays_within_its_interval_and_both_within_0_and_100(
    found: list[Credit], care: list[float], service: list[float], baseline: dict[str, tuple[float, float]]
) -> None:
    rubric = replace(
        RUBRIC,
        care=dict(zip(RUBRIC.care, care, strict=True)),
        service=dict(zip(RUBRIC.service, service, strict=True)),
        baseline=baseline,
    )
    card = scorecard(found, rubric)
    for index, weights in ((card.care, rubric.care), (card.service, rubric.service)):
        counted = [credit.part for credit in found if credit.part in weights]
        assert index.count == (len(counted) if set(counted) - set(BESIDES) else 0)
        assert (index.value is None) == (index.count == 0)
        assert 0 <= index.low <= (index.low if index.value is None else index.value) <= index.high <= 100
        assert 0 <= index.doubt <= 100
    for part, found_rate in card.parts.items():
        assert found_rate.called_for == sum(credit.part == part for credit in found)
        assert 0 <= found_rate.low <= found_rate.high <= 1


def test_an_index_is_the_weighted_mean_pooled_with_the_baseline_with_the_interval_of_its_beta() -> None:
    found = [credit("empathy", 1.0)] * 3 + [credit("listening", 0.0, variance=0.09)] * 4
    rubric = replace(RUBRIC, care={"empathy": 2.0, "listening": 1.0}, baseline={**RUBRIC.baseline, "care": (0.6, 5.0)})
    index = scorecard(found, rubric).care
    weight = 3 * 2 + 4 + 5
    mean = (3 * 2 + 5 * 0.6) / weight
    error = 4 * 0.09 / weight**2
    variance = mean * (1 - mean) / (weight + 1) + error
    strength = mean * (1 - mean) / variance - 1
    low, high = beta(mean * strength, (1 - mean) * strength).interval(0.95)
    assert (index.value, index.low, index.high) == pytest.approx((100 * mean, 100 * low, 100 * high))
    assert index.doubt == pytest.approx(100 * Z * math.sqrt(error))
    assert index.count == 7


@pytest.mark.parametrize("worth", [0.0, 1.0])
@pytest.mark.parametrize("part", PARTS)
def test_one_thing_makes_neither_0_nor_100_and_leaves_the_interval_wide(part: str, worth: float) -> None:
    card = scorecard([credit(part, worth)], RUBRIC)
    for index, (start, _) in ((card.care, RUBRIC.baseline["care"]), (card.service, RUBRIC.baseline["service"])):
        if index.count:
            assert min(100 * start, 100 * worth) < index.value < max(100 * start, 100 * worth)
            assert index.high - index.low > 35


@pytest.mark.parametrize("name", ["care", "service"])
def test_what_is_worth_the_baseline_moves_nothing_but_narrows_the_interval(name: str) -> None:
    start, _ = RUBRIC.baseline[name]
    part = {"care": "empathy", "service": "instruction"}[name]
    few, many = (getattr(scorecard([credit(part, start)] * count, RUBRIC), name) for count in (1, 50))
    assert few.value == pytest.approx(many.value) == pytest.approx(100 * start)
    assert few.low < many.low < many.high < few.high


def test_much_evidence_outweighs_the_baseline() -> None:
    assert scorecard([credit("empathy", 0.25)] * 2000, RUBRIC).care.value == pytest.approx(25, abs=0.2)


@given(st.lists(CREDITS, min_size=1, max_size=8), st.data())
def test_an_index_rises_with_every_credit(found: list[Credit], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(found) - 1))
    better = replace(found[place], expected=data.draw(st.floats(found[place].expected, 1)))
    before, after = (scores(some, RUBRIC) for some in (found, [*found[:place], better, *found[place + 1 :]]))
    for name, weights in (("care", RUBRIC.care), ("service", RUBRIC.service)):
        if name in before:
            gain = weights.get(better.part, 0) * (better.expected - found[place].expected)
            assert after[name].mean >= before[name].mean - 1e-12
            assert (after[name].mean > before[name].mean) or gain < 1e-9


def test_a_part_without_weight_counts_for_nothing() -> None:
    found = [credit("empathy", 1.0), credit("listening", 0.0)]
    index = scorecard(found, replace(RUBRIC, care={"empathy": 1.0, "listening": 0.0})).care
    assert index == scorecard(found[:1], replace(RUBRIC, care={"empathy": 1.0})).care
    assert index.count == 1


def test_a_heavier_part_counts_more() -> None:
    found = [credit("empathy", 1.0), credit("listening", 0.0)]
    light, heavy = (scorecard(found, replace(RUBRIC, care={"empathy": w, "listening": 1.0})).care for w in (1, 3))
    assert light.value < heavy.value


def test_what_was_not_called_for_has_no_value_and_no_balance() -> None:
    card = scorecard([credit("empathy", 1.0)], RUBRIC)
    service = card.service
    assert (service.value, service.low, service.high, service.count, service.doubt) == (None, 0, 100, 0, 0)
    assert card.balance is None
    assert card.parts["instruction"].share is None


def test_the_balance_is_care_minus_service() -> None:
    card = scorecard([credit("empathy", 1.0), credit("instruction", 0.25)], RUBRIC)
    assert card.balance == card.care.value - card.service.value > 0


def test_the_interval_of_a_very_skewed_index_still_holds_it() -> None:
    index = Score(mean=0.01, sampling=0.005, error=0.0099, count=1).index
    assert (index.low, index.value) == (pytest.approx(0), 1)
    assert index.high >= 1


# --- the tagger's errors ---


def flipped(judgements: Judgements, chance: np.random.Generator) -> Judgements:
    """Every verdict drawn by its probability, and sure of itself."""
    openings = []
    for opening in judgements.openings:
        rest = 1 - opening.met - opening.recovered
        status = chance.choice(["met", "recovered", "missed"], p=[opening.met, opening.recovered, rest])
        openings.append(
            replace(opening, status=status, met=float(status == "met"), recovered=float(status == "recovered"))
        )

    def drawn(one: Sentence) -> Sentence:
        shown = tuple(tag for tag, share in one.probabilities.items() if chance.random() < share)
        return replace(one, assigned=shown, probabilities={tag: float(tag in shown) for tag in TAGS})

    labels = list(judgements.resolution.probabilities)
    label = chance.choice(labels, p=list(judgements.resolution.probabilities.values()))
    resolution = Resolution(label, {name: float(name == label) for name in labels})
    sentences = tuple(tuple(map(drawn, said)) for said in judgements.sentences)
    return replace(judgements, openings=tuple(openings), sentences=sentences, resolution=resolution)


def unsure() -> tuple[Conversation, Judgements]:
    """A chat whose verdicts are all in doubt, each part shown by one tag of one sentence."""
    conversation = talk(customer(HURT), agent(KIND), customer(ASKS), agent(STEPS), customer("Right"), outcome=Outcome())
    found = judged(conversation, feelings={0: "anger"}, tags={1: ["acknowledge"], 3: ["instruct"]}, chance=0.7, other=0)
    (one,), (two,) = found.sentences[1], found.sentences[3]
    one = replace(one, probabilities={**one.probabilities, "restate": 0.4})
    two = replace(two, probabilities={**two.probabilities, "verify": 0.6})
    openings = [
        replace(found.openings[0], met=0.55, recovered=0.25),
        replace(found.openings[1], met=0.2, recovered=0.5),
    ]
    ended = Resolution("yes", {"yes": 0.6, "partly": 0.0, "no": 0.4, "unknown": 0.0})
    calm = Feeling(None, {**found.feelings[4].probabilities, "none": 1.0})
    return conversation, replace(
        found,
        openings=tuple(openings),
        sentences=((), (one,), (), (two,), ()),
        feelings=(*found.feelings[:4], calm),
        resolution=ended,
    )


def test_an_index_is_out_by_the_taggers_errors_as_much_as_verdicts_drawn_by_their_probabilities() -> None:
    conversation, judgements = unsure()
    rubric = replace(RUBRIC, service={**RUBRIC.service, "expectation": 0.0})  # that is called for in some draws only
    expected = scores(credits_of(conversation, judgements, rubric), rubric)
    chance = np.random.default_rng(20261123)
    drawn = [scores(credits_of(conversation, flipped(judgements, chance), rubric), rubric) for _ in range(3000)]
    for name in ("care", "service"):
        means = np.array([one[name].mean for one in drawn])
        assert expected[name].error > 1e-3
        assert means.mean() == pytest.approx(expected[name].mean, abs=4 * means.std() / math.sqrt(len(means)))
        assert means.var() == pytest.approx(expected[name].error, rel=0.1)
        assert {round(one[name].error, 12) for one in drawn} == {0}


def test_a_credit_is_worth_what_it_may_be_on_average() -> None:
    conversation, judgements = unsure()
    found = {one.part: (one.worth, one.expected, one.variance) for one in credits_of(conversation, judgements, RUBRIC)}
    assert found == {
        "empathy": pytest.approx((1.0, 0.55 + 0.5 * 0.25, 0.55 + 0.25 * 0.25 - 0.675**2)),
        "instruction": pytest.approx((1.0, 0.2 + 0.5 * 0.5, 0.2 + 0.25 * 0.5 - 0.45**2)),
        "warmth": pytest.approx((1.0, 0.7, 0.21)),
        "understanding": pytest.approx((0.0, 0.4, 0.24)),
        "verification": pytest.approx((0.0, 0.6, 0.24)),
        "resolution": pytest.approx((1.0, 0.6, 0.24)),
        "ending": pytest.approx((0.5, 0.5, 0.0)),
    }


# --- groups ---


def spread(*means: float, error: float = 0.0, sampling: float = 0.02) -> Spread:
    made = Spread()
    for mean in means:
        made.add(mean, error=error, sampling=sampling)
    return made


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.25), st.floats(0, 0.25)), min_size=1, max_size=40))
def test_running_moments_agree_with_numpy(drawn: list[tuple[float, float, float]]) -> None:
    found = Spread()
    for mean, sampling, error in drawn:
        found.add(mean, error=error, sampling=sampling)
    means, samplings, errors = np.array(drawn).T
    assert found.count == len(drawn)
    assert found.mean == pytest.approx(means.mean())
    assert found.squares == pytest.approx(means.var() * len(drawn), abs=1e-9)
    assert (found.sampling, found.error) == pytest.approx((samplings.sum(), errors.sum()))


ALIKE = [0.5, 0.7, 0.6, 0.8, 0.4] * 4


def pull_of(one: Spread, usual: Norm) -> float:
    """How far of the way from its own mean to the usual a group is drawn."""
    return (pooled(one, usual).value / 100 - one.mean) / (usual.mean - one.mean)


def test_groups_that_are_alike_are_drawn_together_and_very_different_ones_hardly_at_all() -> None:
    chance = np.random.default_rng(5)

    def groups(between: float) -> list[Spread]:
        return [spread(*np.clip(chance.normal(level, 0.12, 20), 0, 1)) for level in chance.normal(0.6, between, 12)]

    alike, different = groups(0.0), groups(0.25)
    usual, other = norm(alike), norm(different)
    assert usual.between < 0.002
    assert other.between > 0.02
    assert all(pull_of(one, usual) > 0.4 for one in alike)
    assert all(pull_of(one, other) < 0.05 for one in different)
    assert usual.within == pytest.approx(max(0.12**2, 0.02), rel=0.25)


def test_a_group_with_less_to_show_is_drawn_further() -> None:
    few, many = spread(0.9, 0.8), spread(*[0.9, 0.8] * 10)
    usual = norm([few, many, spread(*ALIKE), spread(*ALIKE)])
    assert pull_of(few, usual) > pull_of(many, usual) > 0


def test_one_group_is_not_drawn_anywhere() -> None:
    one = spread(*ALIKE)
    usual = norm([one])
    assert usual.mean == pytest.approx(one.mean)
    assert pooled(one, usual).value == pytest.approx(100 * one.mean)


def test_how_much_groups_differ_is_itself_uncertain() -> None:
    """The index is between those that the likeliest spreads give, and wider than with the best one known."""
    groups = [spread(*[level - 0.1, level + 0.1] * 3, sampling=0.01) for level in (0.5, 0.55, 0.6, 0.75)]
    usual = norm(groups)
    assert math.fsum(chance for chance, *_ in usual.spreads) == pytest.approx(1, abs=0.02)
    best = max(usual.spreads, key=lambda one: one[0] / math.sqrt(one[1]))
    assert best[1:] == (usual.between, usual.mean, usual.known)
    alone = replace(usual, spreads=((1.0, *best[1:]),))
    some, sure = pooled(groups[3], usual), pooled(groups[3], alone)
    assert usual.mean < some.value / 100 < groups[3].mean
    assert some.high - some.low > sure.high - sure.low


def test_an_interval_from_few_conversations_is_students() -> None:
    means = [0.4, 0.7, 0.5, 0.6]
    one = spread(*means, sampling=0.0)
    index = pooled(one, norm([one]), towards_usual=False)
    expected = t(3, np.mean(means), np.std(means, ddof=1) / 2).interval(0.95)
    assert (index.low, index.high) == pytest.approx([100 * bound for bound in expected])


@pytest.mark.parametrize("towards_usual", [False, True])
def test_errors_alike_for_all_push_the_bounds_away_from_the_usual(towards_usual: bool) -> None:
    sure, unsure = (
        [spread(*[level - 0.1, level + 0.1] * 5, error=error) for level in (0.3, 0.5, 0.7)] for error in (0.0, 0.02)
    )
    plain, wider = (
        [pooled(one, norm(groups), towards_usual=towards_usual) for one in groups] for groups in (sure, unsure)
    )
    usual = norm(unsure)
    whole = usual.between + usual.within
    assert usual.clarity == pytest.approx(whole / (whole + 0.02))
    assert [one.value for one in wider] == [one.value for one in plain]
    assert (wider[0].high, wider[2].low) == (plain[0].high, plain[2].low)
    for before, bound in ((plain[0].low, wider[0].low), (plain[2].high, wider[2].high)):
        assert bound - 50 == pytest.approx((before - 50) / usual.clarity)


def test_without_conversations_there_is_nothing_usual_and_no_index() -> None:
    assert norm([]) is norm([Spread()]) is None
    for index in (pooled(Spread(), norm([spread(0.5)])), pooled(spread(0.5), None)):
        assert (index.value, index.low, index.high, index.count) == (None, 0, 100, 0)


def test_one_conversation_is_as_uncertain_as_it_was_alone() -> None:
    usual = norm([spread(0.7, sampling=0.03, error=0.01)])
    assert (usual.within, usual.freedom) == (pytest.approx(0.04), math.inf)
    index = pooled(spread(0.7, sampling=0.03, error=0.01), usual, towards_usual=False)
    assert index.value == pytest.approx(70)
    assert index.low == pytest.approx(70 - 100 * Z * math.sqrt(0.04))
    assert (index.high, index.doubt) == pytest.approx((100, 100 * Z * 0.1))


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=6), min_size=2, max_size=6))
def test_pooling_moves_a_group_towards_the_usual_and_narrows_its_interval_for_any_one_spread(
    drawn: list[list[float]],
) -> None:
    groups = [spread(*means, error=0.002) for means in drawn]
    usual = norm(groups)
    centres = [100 * centre for _, _, centre, _ in usual.spreads]
    likeliest = replace(usual, spreads=(max(usual.spreads),))
    for one in groups:
        own, shared = (pooled(one, usual, towards_usual=towards) for towards in (False, True))
        known = pooled(one, likeliest)
        assert own.count == shared.count == one.count
        assert 0 <= shared.low <= shared.value + 1e-9
        assert shared.value - 1e-9 <= shared.high <= 100
        assert min(own.value, *centres) - 1e-6 <= shared.value <= max(own.value, *centres) + 1e-6
        if own.low > 0 and own.high < 100 and known.low > 0 and known.high < 100:
            assert known.high - known.low <= own.high - own.low + 1e-6


def test_a_tally_scores_a_group_as_the_mean_of_its_conversations() -> None:
    conversations = [[credit("empathy", 1.0, variance=0.1)], [credit("empathy", 0.0), credit("instruction", 1.0)], []]
    tally = Tally()
    for found in conversations:
        tally.add(found, RUBRIC)
    card = tally.card(norms([tally]), towards_usual=False)
    alone = [scorecard(found, RUBRIC).care.value for found in conversations[:2]]
    assert (card.care.value, card.care.count) == (pytest.approx(sum(alone) / 2), 2)
    assert (card.service.count, card.parts["empathy"].met, card.parts["empathy"].called_for) == (1, 1, 2)
    assert card.parts["empathy"] == rate(1, 2, variance=0.1)
    assert Tally().card(Norms(None, None)).care.value is None


def test_a_groups_doubt_falls_with_the_number_of_its_conversations() -> None:
    few, many = (spread(*ALIKE[:count], error=0.01) for count in (2, 20))
    usual = norm([few, many])
    doubts = [pooled(one, usual, towards_usual=False).doubt for one in (few, many)]
    assert doubts == pytest.approx([100 * Z * 0.1 / math.sqrt(count) for count in (2, 20)])


# --- what counts ---


@pytest.mark.parametrize(("tags", "worth"), [({1: ["reassure"]}, 1.0), ({3: ["reassure"]}, 0.5), ({}, 0.0)])
def test_an_opening_is_worth_what_the_rubric_says_of_its_status(tags: dict[int, list[str]], worth: float) -> None:
    conversation = talk(customer(HURT), agent(KIND), customer("Well"), agent(KIND))
    assert parts(conversation, feelings={0: "anger"}, tags=tags)["empathy"] == (worth, "Ana Ruiz")


def test_repeating_a_phrase_does_not_raise_the_score() -> None:
    once = talk(customer(HURT), agent(KIND))
    often = talk(customer(HURT), agent(KIND), agent(KIND), agent(KIND))
    assert credits(once, feelings={0: "anger"}, tags={1: ["acknowledge"]}) == credits(
        often, feelings={0: "anger"}, tags={i: ["acknowledge", "apologise"] for i in (1, 2, 3)}
    )


@pytest.mark.parametrize(
    ("tag", "part"), [(tag, part) for part, tags in SHOWN.items() for tag in (*tags, "apologise", "probe", "instruct")]
)
def test_some_things_are_called_for_once_in_a_conversation(tag: str, part: str) -> None:
    conversation = talk(customer(ASKS), agent("Hi"), agent("Hi"))
    found = parts(conversation, tags={1: [tag], 2: [tag]})
    assert set(found) == {*SHOWN, "instruction", "ending"}
    assert found[part] == (float(tag in SHOWN[part]), "Ana Ruiz")
    assert len(credits(conversation, tags={1: [tag], 2: [tag]})) == len(found)


def test_where_nothing_was_to_do_there_is_nothing_to_verify() -> None:
    assert set(parts(talk(customer("Hi"), agent("Hi")))) == {"warmth", "understanding", "ending"}


def test_each_agent_is_asked_once_for_what_every_conversation_calls_for() -> None:
    conversation = talk(customer("Hi"), agent("a", by="Bo Chen"), agent("b", by="Cleo Diaz"), agent("c", by="Bo Chen"))
    found = [(c.worth, c.agent) for c in credits(conversation, tags={3: ["reassure"]}) if c.part == "warmth"]
    assert found == [(1.0, "Bo Chen"), (0.0, "Cleo Diaz")]


@pytest.mark.parametrize(
    ("text", "shown", "worth", "expected"),
    [
        ("Thanks a lot!", None, 1.0, 0.9),
        ("Right", None, 0.5, 0.45),
        ("Thanks for nothing", "anger", 0.0, 0.125),
        ("Hm", "worry", 0.0, 0.0625),
    ],
)
def test_the_customers_last_words_count_by_their_feeling_and_thanks(
    text: str, shown: str | None, worth: float, expected: float
) -> None:
    conversation = talk(
        customer("Hi"), agent("Hi", by="Bo Chen"), customer(text), bot("Bye"), agent("Bye", by="Cleo Diaz")
    )
    (found,) = [c for c in credits(conversation, feelings={2: shown} if shown else {}) if c.part == "ending"]
    assert (found.worth, found.agent) == (worth, "Cleo Diaz")
    assert found.expected == pytest.approx(expected)


def test_an_agent_alone_is_scored_by_nothing() -> None:
    assert parts(talk(agent("Hi"))) == {}


@pytest.mark.parametrize("turns", [(), (bot("Hi"),), (customer("Hi"), bot("Hi"))])
def test_without_an_agent_or_an_opening_nothing_counts(turns: tuple[Turn, ...]) -> None:
    assert credits(talk(*turns, outcome=Outcome(first_response_seconds=5), channel="chat"), resolved="no") == ()


def test_in_a_hand_over_each_agent_is_credited_with_their_own() -> None:
    conversation = talk(
        customer(HURT),
        agent(KIND, by="Bo Chen"),
        customer(ASKS),
        agent(COLD, by="Cleo Diaz"),
    )
    found = credits(conversation, feelings={0: "anger"}, tags={1: ["acknowledge"]}, resolved="no")
    own = {name: {c.part: c.worth for c in found if c.agent == name} for name in ("Bo Chen", "Cleo Diaz")}
    assert own["Bo Chen"] == {"empathy": 1, "warmth": 1, "understanding": 0, "verification": 0}
    assert own["Cleo Diaz"] == {
        "instruction": 0,
        **dict.fromkeys(SHOWN, 0),
        "resolution": 0,
        "expectation": 0,
        "ending": 0.5,
    }


@pytest.mark.parametrize(("label", "worth"), [("yes", 1.0), ("partly", 0.5), ("no", 0.0)])
def test_the_ending_counts_for_the_last_agent(label: str, worth: float) -> None:
    conversation = talk(customer("Hi"), agent("Hi", by="Bo Chen"), customer("Hm"), agent("Bye", by="Cleo Diaz"))
    assert parts(conversation, resolved=label)["resolution"] == (worth, "Cleo Diaz")


def test_an_unknown_ending_does_not_count() -> None:
    assert "resolution" not in parts(talk(customer("Hi"), agent("Hi")), resolved="unknown")


def test_a_reported_ending_outranks_the_judged_one() -> None:
    conversation = talk(customer("Hi"), agent("Hi"), outcome=Outcome(resolved="no"))
    assert parts(conversation, resolved="yes")["resolution"] == (0.0, "Ana Ruiz")


@pytest.mark.parametrize("label", ["partly", "no"])
@pytest.mark.parametrize(("tags", "worth"), [({1: ["expect"]}, 1.0), ({1: ["explain"]}, 0.0)])
def test_an_open_matter_asks_for_what_happens_next(label: str, tags: dict[int, list[str]], worth: float) -> None:
    conversation = talk(customer("Hi"), agent("We will call you tomorrow."))
    assert parts(conversation, resolved=label, tags=tags)["expectation"] == (worth, "Ana Ruiz")


@pytest.mark.parametrize("label", ["yes", "unknown"])
def test_a_closed_matter_does_not_ask_for_what_happens_next(label: str) -> None:
    conversation = talk(customer("Hi"), agent("We will call you tomorrow."))
    assert "expectation" not in parts(conversation, resolved=label, tags={1: ["expect"]})


def test_a_judged_ending_is_worth_what_its_chances_say_and_a_reported_one_is_sure() -> None:
    reported = talk(customer("Hi"), agent("Hi"), outcome=Outcome(resolved="partly"))
    for conversation, expected in ((talk(customer("Hi"), agent("Hi")), (0.7 + 0.05) / 0.9), (reported, 0.5)):
        (found,) = [c for c in credits(conversation, resolved="yes") if c.part == "resolution"]
        assert found.expected == pytest.approx(expected)
        assert (found.variance == 0) == (conversation is reported)


def test_without_an_agent_an_opening_counts_for_nobody_and_the_ending_not_at_all() -> None:
    assert parts(talk(customer(ASKS), bot("Hi")), resolved="no") == {"instruction": (0.0, None)}


# --- first response ---


def test_the_first_response_is_from_the_customers_first_words_to_the_agents_next() -> None:
    conversation = talk(
        agent("Welcome", at=0),
        customer("Hi", at=10),
        bot("Please wait"),
        customer("Hello?", at=30),
        agent("Hi", at=52.5),
        agent("How are you", at=60),
    )
    assert first_response(conversation) == 42.5


def test_a_reported_first_response_outranks_the_times() -> None:
    assert first_response(waiting(5, outcome=Outcome(first_response_seconds=90))) == 90
    assert first_response(waiting(5, outcome=Outcome(first_response_seconds=0))) == 0


@pytest.mark.parametrize(
    "turns",
    [
        (customer("Hi"), agent("Hi", at=5)),
        (customer("Hi", at=0), agent("Hi")),
        (agent("Hi", at=0), customer("Hi", at=5)),
        (agent("Hi", at=0),),
        (customer("Hi", at=0),),
    ],
)
def test_without_the_times_the_first_response_is_not_known(turns: tuple[object, ...]) -> None:
    assert first_response(talk(*turns)) is None


@pytest.mark.parametrize(
    ("channel", "seconds", "worth"),
    [("chat", 120, 1.0), ("Chat", 121, 0.0), ("phone", 61, 0.0), ("email", 86400, 1.0), ("social", 121, 1.0)],
)
def test_timeliness_is_judged_by_the_channels_own_target(channel: str, seconds: float, worth: float) -> None:
    assert parts(waiting(seconds, channel=channel))["timeliness"] == (worth, "Ana Ruiz")


@pytest.mark.parametrize("channel", [None, "pigeon"])
def test_without_a_target_timeliness_is_not_called_for(channel: str | None) -> None:
    assert "timeliness" not in parts(waiting(5, channel=channel))


def test_timeliness_is_credited_to_the_first_agent() -> None:
    conversation = talk(
        customer("Hi", at=0), agent("Hi", by="Bo Chen", at=5), agent("Hi", by="Cleo Diaz", at=9), channel="chat"
    )
    assert parts(conversation)["timeliness"] == (1.0, "Bo Chen")


# --- the rubric ---


def rubric_file(folder: Path, old: str, new: str) -> Path:
    assert old in SHIPPED
    path = folder / "mine.toml"
    path.write_text(SHIPPED.replace(old, new, 1), "utf-8")
    return path


def test_the_shipped_rubric_weighs_every_part_and_the_customers_last_words_on_both_sides() -> None:
    assert set(RUBRIC.care) | set(RUBRIC.service) == set(PARTS)
    assert set(RUBRIC.care) & set(RUBRIC.service) == {"ending"}
    assert all(0 < start < 1 and weight > 0 for start, weight in RUBRIC.baseline.values())
    assert RUBRIC.minimum_count == 5


def test_a_changed_copy_is_read(tmp_path: Path) -> None:
    assert read_rubric(rubric_file(tmp_path, EMPATHY, "empathy = 3")).care["empathy"] == 3


def test_a_channel_counts_in_any_case(tmp_path: Path) -> None:
    rubric = read_rubric(rubric_file(tmp_path, "chat = 120", "Chat = 7"))
    conversation = waiting(8, channel="chat")
    assert credit("timeliness", 0.0, "Ana Ruiz") in credits_of(conversation, judged(conversation), rubric)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[care]", "[cares]", "unknown table [cares]"),
        ("[care]", "top = 1\n[care]", "unknown table [top]"),
        (EMPATHY, "", "care.empathy is missing"),
        (EMPATHY, "empathy = 1.0\nempaty = 1.0", "unknown key care.empaty"),
        (EMPATHY, "empathy = -1.0", "care.empathy is -1.0"),
        (EMPATHY, "empathy = true", "care.empathy is True"),
        (EMPATHY, "empathy = 'much'", "care.empathy is 'much'"),
        (EMPATHY, "empathy = nan", "care.empathy is nan"),
        (EMPATHY, "empathy = inf", "care.empathy is inf"),
        ("chat = 120", "chat = -1", "first_response_seconds.chat is -1"),
        ("met = 1.0", "met = 2.0", "credit.met is 2.0"),
        ("minimum_count = 5", "minimum_count = 2.5", "report.minimum_count is 2.5"),
        ("[baseline]", "[base]", "unknown table [base]"),
        ("care = 0.8", "care = 1.0", "baseline.care is 1.0; give a number between 0 and 1"),
        ("service = 0.5", "service = 0", "baseline.service is 0; give a number between 0 and 1"),
        ("care_weight = 5.0", "care_weight = 0", "baseline.care_weight is 0; give a number above 0"),
        (
            "service_weight = 1.0",
            "service_weight = -1",
            "baseline.service_weight is -1; give a number that is not negative",
        ),
        ("service_weight = 1.0", "", "baseline.service_weight is missing"),
        ("service_weight = 1.0", "service_weight = 1.0\nservice_wait = 2", "unknown key baseline.service_wait"),
        ("[fit.feeler]", "[fit.dreamer]", "[fit] needs a table for each of controller, thinker, feeler, entertainer"),
        ("brevity = -0.5", "brevety = -0.5", "[fit.thinker] needs weights, not all 0, of some of"),
        ("brevity = -0.5", "brevity = nan", "fit.thinker.brevity is nan; give a number"),
        ("warmth = 1.3", "", "care.warmth is missing"),
        ("verification = 0.5", "verification = 'x'", "service.verification is 'x'"),
        ("[report]", "# report", "the table [report] is missing"),
        ("[report]", "[report", "cannot be read as a rubric"),
    ],
)
def test_a_slip_in_the_rubric_is_named_with_its_file(tmp_path: Path, old: str, new: str, named: str) -> None:
    path = rubric_file(tmp_path, old, new)
    with pytest.raises(ConfigError, match=re.escape(named)) as caught:
        read_rubric(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_table_that_is_a_number_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("care = 1\n" + SHIPPED[SHIPPED.index("[service]") :], "utf-8")
    with pytest.raises(ConfigError, match=r"the table \[care\] is missing"):
        read_rubric(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_rubric_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mine.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"mine\.toml: cannot be read as a rubric .* coach/rubric\.toml"):
        read_rubric(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (EMPATHY, "empathy = 1.25"),
        ("missed = 0.0", "missed = 0.1"),
        ("chat = 120", "chat = 60"),
        ("care = 0.8", "care = 0.7"),
        ("care_weight = 5.0", "care_weight = 4"),
    ],
)
def test_the_fingerprint_changes_with_what_changes_a_score(tmp_path: Path, old: str, new: str) -> None:
    assert read_rubric(rubric_file(tmp_path, old, new)).fingerprint != RUBRIC.fingerprint


def test_the_fingerprint_stays_when_only_what_is_shown_changes(tmp_path: Path) -> None:
    changed = read_rubric(rubric_file(tmp_path, "minimum_count = 5", "minimum_count = 9"))
    assert changed.fingerprint == RUBRIC.fingerprint == read_rubric().fingerprint
    assert len(changed.fingerprint) == 8


def test_steps_that_answer_a_question_serve_without_caring() -> None:
    conversation = talk(customer(ASKS), agent(STEPS))
    card = scorecard(credits(conversation, tags={1: ["instruct"]}, resolved="yes"), RUBRIC)
    assert card.service.value > 65
    assert card.care.value < 100 * RUBRIC.baseline["care"][0]
    assert card.balance < 0


def test_answering_the_feeling_cares_more_than_passing_over_it() -> None:
    conversation = talk(customer(HURT), agent(KIND))
    warm, cold = (
        scorecard(credits(conversation, feelings={0: "anger"}, tags=tags), RUBRIC).care.value
        for tags in ({1: ["acknowledge"]}, {})
    )
    assert warm > cold + 20
