"""Scoring: what counts, for whom, with which interval; and the rubric that weighs it."""

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from handmade import ASKS, COLD, HURT, KIND, RUBRIC, STEPS, agent, bot, customer, judged, talk
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from coach.conversation import Conversation, Credit, Outcome
from coach.errors import ConfigError
from coach.rubric import read_rubric
from coach.scoring import PARTS, credits_of, first_response, rate, scorecard, wilson

SHIPPED = (files("coach") / "rubric.toml").read_text("utf-8")


def credits(conversation: Conversation, **judgement: object) -> tuple[Credit, ...]:
    return credits_of(conversation, judged(conversation, **judgement), RUBRIC)


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


# --- indices ---

WEIGHTS = st.floats(0.001, 10)


@given(
    st.lists(st.builds(Credit, st.sampled_from(PARTS), st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1), st.none())),
    st.tuples(WEIGHTS, WEIGHTS),
    st.tuples(WEIGHTS, WEIGHTS, WEIGHTS, WEIGHTS),
)
def test_an_index_stays_within_its_interval_and_both_within_0_and_100(
    found: list[Credit], care: tuple[float, ...], service: tuple[float, ...]
) -> None:
    rubric = replace(
        RUBRIC,
        care=dict(zip(RUBRIC.care, care, strict=True)),
        service=dict(zip(RUBRIC.service, service, strict=True)),
    )
    card = scorecard(found, rubric)
    for index, weights in ((card.care, rubric.care), (card.service, rubric.service)):
        assert index.count == sum(credit.part in weights for credit in found)
        assert (index.value is None) == (index.count == 0)
        assert 0 <= index.low <= (index.low if index.value is None else index.value) <= index.high <= 100
    for part, found_rate in card.parts.items():
        assert found_rate.called_for == sum(credit.part == part for credit in found)
        assert 0 <= found_rate.low <= found_rate.high <= 1


def test_equal_weights_give_the_interval_of_the_share() -> None:
    found = [Credit("empathy", 1.0, None)] * 3 + [Credit("listening", 0.0, None)] * 4
    index = scorecard(found, RUBRIC).care
    low, high = wilson(3, 7)
    assert (index.value, index.low, index.high) == pytest.approx((300 / 7, 100 * low, 100 * high))
    assert index.count == 7


def test_a_heavier_part_counts_more_and_uneven_weights_count_as_fewer_things() -> None:
    found = [Credit("empathy", 1.0, None)] * 5 + [Credit("listening", 0.0, None)] * 5
    index = scorecard(found, replace(RUBRIC, care={"empathy": 3.0, "listening": 1.0})).care
    assert (index.value, index.count) == (75, 10)
    low, high = wilson(6, 8)  # Kish: (5·3 + 5·1)² / (5·9 + 5·1) = 8
    assert (index.low, index.high) == pytest.approx((100 * low, 100 * high))


def test_a_part_without_weight_counts_for_nothing() -> None:
    found = [Credit("empathy", 1.0, None), Credit("listening", 0.0, None)]
    index = scorecard(found, replace(RUBRIC, care={"empathy": 1.0, "listening": 0.0})).care
    assert (index.value, index.count) == (100, 1)


def test_what_was_not_called_for_has_no_value_and_no_balance() -> None:
    card = scorecard([Credit("empathy", 1.0, None)], RUBRIC)
    assert (card.service.value, card.service.low, card.service.high, card.service.count) == (None, 0, 100, 0)
    assert card.balance is None
    assert card.parts["instruction"].share is None


def test_the_balance_is_care_minus_service() -> None:
    found = [Credit("empathy", 1.0, None), Credit("instruction", 0.25, None)]
    assert scorecard(found, RUBRIC).balance == 75


# --- what counts ---


@pytest.mark.parametrize(("tags", "worth"), [({1: ["reassure"]}, 1.0), ({3: ["reassure"]}, 0.5), ({}, 0.0)])
def test_an_opening_is_worth_what_the_rubric_says_of_its_status(tags: dict[int, list[str]], worth: float) -> None:
    conversation = talk(customer(HURT), agent(KIND), customer("Well"), agent(KIND))
    assert parts(conversation, feelings={0: "anger"}, tags=tags) == {"empathy": (worth, "Ana Ruiz")}


def test_repeating_a_phrase_does_not_raise_the_score() -> None:
    once = talk(customer(HURT), agent(KIND))
    often = talk(customer(HURT), agent(KIND), agent(KIND), agent(KIND))
    assert credits(once, feelings={0: "anger"}, tags={1: ["acknowledge"]}) == credits(
        often, feelings={0: "anger"}, tags={i: ["acknowledge", "apologise"] for i in (1, 2, 3)}
    )


def test_a_chat_that_called_for_nothing_has_no_credits() -> None:
    assert credits(talk(customer("Hi"), agent("Hi"))) == ()


def test_in_a_hand_over_each_agent_is_credited_with_their_own() -> None:
    conversation = talk(
        customer(HURT),
        agent(KIND, by="Bo Chen"),
        customer(ASKS),
        agent(COLD, by="Cleo Diaz"),
    )
    found = credits(conversation, feelings={0: "anger"}, tags={1: ["acknowledge"]}, resolved="no")
    own = {name: scorecard([c for c in found if c.agent == name], RUBRIC) for name in ("Bo Chen", "Cleo Diaz")}
    assert (own["Bo Chen"].care.value, own["Bo Chen"].service.value) == (100, None)
    assert (own["Cleo Diaz"].care.value, own["Cleo Diaz"].service.value) == (None, 0)


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


def test_without_an_agent_the_ending_is_nobodys() -> None:
    assert parts(talk(customer("Hi"), bot("Hi")), resolved="no")["resolution"] == (0.0, None)


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
    assert parts(waiting(seconds, channel=channel)) == {"timeliness": (worth, "Ana Ruiz")}


@pytest.mark.parametrize("channel", [None, "pigeon"])
def test_without_a_target_timeliness_is_not_called_for(channel: str | None) -> None:
    assert parts(waiting(5, channel=channel)) == {}


def test_timeliness_is_credited_to_the_first_agent() -> None:
    conversation = talk(
        customer("Hi", at=0), agent("Hi", by="Bo Chen", at=5), agent("Hi", by="Cleo Diaz", at=9), channel="chat"
    )
    assert parts(conversation) == {"timeliness": (1.0, "Bo Chen")}
    silent = talk(customer("Hi"), channel="chat", outcome=Outcome(first_response_seconds=5))
    assert parts(silent) == {"timeliness": (1.0, None)}


# --- the rubric ---


def rubric_file(folder: Path, old: str, new: str) -> Path:
    assert old in SHIPPED
    path = folder / "mine.toml"
    path.write_text(SHIPPED.replace(old, new, 1), "utf-8")
    return path


def test_the_shipped_rubric_weighs_every_part_once() -> None:
    assert sorted((*RUBRIC.care, *RUBRIC.service)) == sorted(PARTS)
    assert RUBRIC.minimum_count == 5


def test_a_changed_copy_is_read(tmp_path: Path) -> None:
    assert read_rubric(rubric_file(tmp_path, "empathy = 1.0", "empathy = 3")).care["empathy"] == 3


def test_a_channel_counts_in_any_case(tmp_path: Path) -> None:
    rubric = read_rubric(rubric_file(tmp_path, "chat = 120", "Chat = 7"))
    conversation = waiting(8, channel="chat")
    assert credits_of(conversation, judged(conversation), rubric) == (Credit("timeliness", 0.0, "Ana Ruiz"),)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[care]", "[cares]", "unknown table [cares]"),
        ("[care]", "top = 1\n[care]", "unknown table [top]"),
        ("empathy = 1.0", "", "care.empathy is missing"),
        ("empathy = 1.0", "empathy = 1.0\nempaty = 1.0", "unknown key care.empaty"),
        ("empathy = 1.0", "empathy = -1.0", "care.empathy is -1.0"),
        ("empathy = 1.0", "empathy = true", "care.empathy is True"),
        ("empathy = 1.0", "empathy = 'much'", "care.empathy is 'much'"),
        ("empathy = 1.0", "empathy = nan", "care.empathy is nan"),
        ("empathy = 1.0", "empathy = inf", "care.empathy is inf"),
        ("chat = 120", "chat = -1", "first_response_seconds.chat is -1"),
        ("met = 1.0", "met = 2.0", "credit.met is 2.0"),
        ("minimum_count = 5", "minimum_count = 2.5", "report.minimum_count is 2.5"),
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
    path.write_text("care = 1\n", "utf-8")
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
    ("old", "new"), [("empathy = 1.0", "empathy = 1.5"), ("missed = 0.0", "missed = 0.1"), ("chat = 120", "chat = 60")]
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
    assert (card.care.value, card.service.value, card.service.count) == (None, 100, 2)
