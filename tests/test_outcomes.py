"""Outcomes: ratings, endings, waits and repeat contacts, how they go with care and service, and how that is said."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handmade import HURT, MONDAY, RUBRIC, agent, asked, customer, felt, reviewed, talk
from scipy.stats import quantile_test, spearmanr

from coach.contacts import DAY, Contact, Contacts
from coach.conversation import Outcome, Rate, Reviewed
from coach.intervals import Estimate, each_of, median, rank_correlation, rating
from coach.report import figures, outcome_wording
from coach.report.outcome_tally import OutcomeTally
from coach.report.outcomes import (
    FEWEST_PAIRS,
    LEANS,
    Lean,
    OutcomeReport,
    Rating,
    Repeat,
    Settled,
    Together,
    Wait,
    lean_of,
    net,
    resolution_seconds,
)
from coach.rubric import Rubric
from coach.sample import Sample
from coach.store import Store

ANA, BO = "Ana Ruiz", "Bo Chen"
LAX = replace(RUBRIC, minimum_count=1)
KNOWN = Contact(has_customer=True, watched_seconds=40 * DAY)


def told(
    *several: Reviewed, rubric: Rubric = RUBRIC, agent: str | None = None, contact: Contact = KNOWN
) -> OutcomeReport:
    tally = OutcomeTally(rubric, agent=agent)
    for one in several:
        tally.add(one, contact)
    return tally.report()


def ended(id: Any = 1, **outcome: Any) -> Reviewed:
    return felt(f"c{id}", outcome=Outcome(**outcome), channel="chat")


# ratings


def test_a_few_ratings_that_are_alike_are_no_certainty() -> None:
    found = rating(5, 25.0, 125.0, lowest=1, highest=5)
    assert (found.value, found.high, found.count) == (5.0, 5.0, 5)
    assert 2.5 < found.low < 4


def test_more_ratings_make_the_interval_narrower_and_it_stays_on_the_scale() -> None:
    few, many = (rating(n, 4.5 * n, (16 + 25) / 2 * n, lowest=1, highest=5) for n in (10, 1000))
    assert few.low < many.low < 4.5 < many.high < few.high <= 5


def test_the_interval_of_ratings_holds_the_truth_as_often_as_it_says() -> None:
    chance, stars = np.random.default_rng(3), np.arange(1, 6)
    shares = np.array([0.1, 0.05, 0.1, 0.25, 0.5])
    held = 0
    for _ in range(400):
        drawn = chance.choice(stars, 30, p=shares).astype(float)
        found = rating(30, drawn.sum(), (drawn**2).sum(), lowest=1, highest=5)
        held += found.low <= stars @ shares <= found.high
    assert 0.92 <= held / 400 <= 0.99


@pytest.mark.parametrize(("nps", "counted"), [(10, 1), (9, 1), (8.5, 0), (7, 0), (6, -1), (0, -1)])
def test_promoters_and_detractors(nps: float, counted: int) -> None:
    assert net(nps) == counted


def test_the_net_promoter_score_is_promoters_minus_detractors() -> None:
    report = told(*(ended(i, nps=n) for i, n in enumerate([10, 9, 9, 8, 7, 3])))
    (found,) = report.all.ratings
    assert found.values == {3: 1, 7: 1, 8: 1, 9: 2, 10: 1}
    assert (found.name, found.estimate.value, found.estimate.count) == ("nps", pytest.approx(100 * 2 / 6), 6)
    assert -100 < found.estimate.low < 0 < found.estimate.high < 100


def test_only_ratings_that_there_are_are_told_and_few_are_too_few() -> None:
    report = told(ended(1, csat=4), ended(2, csat=2, ces=6))
    assert [(one.name, one.estimate.value, one.enough) for one in report.all.ratings] == [
        ("csat", 3, False),
        ("ces", 6, False),
    ]


# endings


def test_reported_and_judged_endings_are_kept_apart() -> None:
    several = [ended(i, resolved=how) for i, how in enumerate(["yes", "yes", "partly", "no", "unknown"])]
    judged = [felt(f"j{i}", resolved=how) for i, how in enumerate(["yes", "partly", "no", "no", "unknown"])]
    reported, guessed = told(*several, *judged).all.settled
    assert (reported.reported, reported.rate.met, reported.rate.called_for, reported.enough) == (True, 2, 4, False)
    assert reported.endings == {"yes": 2, "partly": 1, "no": 1, "unknown": 1}
    assert (guessed.reported, guessed.rate.met, guessed.rate.called_for, guessed.enough) == (False, 1, 4, False)


def test_judged_endings_are_less_sure_than_reported_ones() -> None:
    endings = ["yes", "no", "no", "no", "no"]
    (reported,) = told(*(ended(i, resolved=how) for i, how in enumerate(endings))).all.settled
    (judged,) = told(*(felt(f"j{i}", resolved=how) for i, how in enumerate(endings))).all.settled
    assert judged.rate.low < reported.rate.low


# waits


@pytest.mark.parametrize("count", [6, 7, 20, 51])
def test_the_interval_of_a_median_is_that_of_order_statistics(count: int) -> None:
    values = np.random.default_rng(count).exponential(100, count).tolist()
    found = median(values, count=count)
    assert found is not None
    wanted = quantile_test(values, p=0.5).confidence_interval(0.95)
    assert (found.low, found.high) == (wanted.low, wanted.high)
    assert found.value == np.median(values)


def test_no_median_is_told_of_fewer_than_six() -> None:
    report = told(*(ended(i, first_response_seconds=60.0) for i in range(5)), rubric=LAX)
    assert report.all.waits == (Wait("first response", 5, None),)


@pytest.mark.parametrize(
    ("fields", "outcome", "seconds"),
    [
        ({}, {"resolution_seconds": 50.0}, 50),
        ({"ended": MONDAY + timedelta(hours=1)}, {"resolved": "yes"}, 3600),
        ({"ended": MONDAY + timedelta(hours=1)}, {"resolved": "partly"}, None),
        ({"ended": MONDAY + timedelta(hours=1)}, {}, None),
        ({}, {"resolved": "yes"}, None),
        ({"ended": MONDAY - timedelta(hours=1)}, {"resolved": "yes"}, None),
        ({"ended": datetime(2026, 9, 7, 11)}, {"resolved": "yes"}, None),
    ],
)
def test_the_time_until_settled(fields: dict, outcome: dict, seconds: float | None) -> None:
    assert resolution_seconds(talk(customer("Hi"), started=MONDAY, outcome=Outcome(**outcome), **fields)) == seconds


def test_a_colleagues_first_answer_is_not_counted_on_an_agents_page() -> None:
    turns = customer(HURT, at=0), agent("Hi", by=BO, at=60), agent("Hello", by=ANA, at=90)
    several = [reviewed(talk(*turns, id=f"c{i}")) for i in range(6)]
    assert told(*several, agent=ANA).all.waits == ()
    assert told(*several, agent=BO).all.waits[0].count == told(*several).all.waits[0].count == 6


def test_channels_stand_apart_and_in_order() -> None:
    report = told(felt("a", channel="phone"), felt("b", channel="chat"), felt("c"))
    assert [(one.name, one.conversations) for one in report.channels] == [("chat", 1), ("phone", 1), ("unknown", 1)]
    assert report.all.conversations == 3


# repeat contacts


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "coach.db") as found:
        yield found


def at(day: float, hours: int = 0) -> datetime:
    """So many days after MONDAY, told in the time of a place."""
    return (MONDAY + timedelta(days=day)).astimezone(timezone(timedelta(hours=hours)))


def keep(store: Store, *several: tuple[str, str | None, datetime | None]) -> Contacts:
    for id, who, started in several:
        store.save(felt(id, customer=who, started=started), content=id, analysis="a")
    return Contacts(store)


def test_the_next_contact_is_the_same_customers_with_whomever_in_any_time_zone(store: Store) -> None:
    several = [("a", "C1", at(0)), ("b", "C2", at(1)), ("c", "C1", at(3, hours=-9)), ("d", "C3", at(2.9, hours=11))]
    contacts = keep(store, *several)
    first = contacts.of("a")
    assert first.next_seconds == pytest.approx(3 * DAY, abs=0.01)
    assert first.watched_seconds == pytest.approx(3 * DAY, abs=0.01)
    assert (first.has_customer, first.is_first) == (True, True)
    assert (contacts.of("b").next_seconds, contacts.of("c").next_seconds) == (None, None)
    assert not contacts.of("c").is_first


def test_no_customer_and_no_time_are_not_mixed_up_with_anyones(store: Store) -> None:
    several = [("a", None, at(0)), ("b", None, at(1)), ("c", " ", at(1)), ("d", "C1", None), ("e", "C1", at(2))]
    contacts = keep(store, *several)
    assert all(contacts.of(id).next_seconds is None for id in "abcde")
    assert [contacts.of(id).has_customer for id in "abcde"] == [False, False, False, True, True]
    assert contacts.of("d").watched_seconds is None
    assert [contacts.of(id).is_first for id in "de"] == [False, True]
    assert contacts.of("never stored") == Contact()


def test_contacts_can_be_read_again_after_the_store_has_grown(store: Store) -> None:
    assert keep(store, ("a", "C1", at(0))).of("a").next_seconds is None
    assert keep(store, ("b", "C1", at(1))).of("a").next_seconds == pytest.approx(DAY, abs=0.01)


def test_a_repeat_contact_is_judged_only_when_its_window_is_over() -> None:
    def contact(next_days: float | None, watched_days: float | None, *, known: bool = True) -> Contact:
        seconds = [None if days is None else days * DAY for days in (next_days, watched_days)]
        return Contact(known, *seconds)

    tally = OutcomeTally(LAX)
    cases = [contact(3, 40), contact(20, 40), contact(None, 40), contact(2, 10), contact(None, 3)]
    for i, one in enumerate([*cases, contact(None, None), contact(None, 40, known=False)]):
        tally.add(ended(i), one)
    week, month = tally.report().all.repeats
    assert (week.days, week.rate.met, week.rate.called_for) == (7, 2, 4)
    assert (month.days, month.rate.met, month.rate.called_for) == (30, 2, 3)
    assert (month.too_recent, month.no_time, month.no_customer, month.unknown) == (2, 1, 1, 4)


def test_repeat_contacts_by_first_chat_count_first_chats_only() -> None:
    tally = OutcomeTally(LAX)
    warm = reviewed(talk(customer(HURT), agent("I see."), channel="chat"), feelings={0: "anger"}, resolved="no")
    for is_first in (True, True, False):
        tally.add(warm, replace(KNOWN, next_seconds=DAY, is_first=is_first))
    tally.add(reviewed(talk(customer("Hi"))), replace(KNOWN, is_first=True))  # nothing called for: no balance
    leans = tally.report().leans
    assert [one.name for one in leans] == list(LEANS)
    assert sum(one.conversations for one in leans) == 2
    (found,) = [one for one in leans if one.conversations]
    assert [(one.days, one.rate.met, one.rate.called_for) for one in found.repeats] == [(7, 2, 2), (30, 2, 2)]


@pytest.mark.parametrize(
    ("lean", "tags", "resolved"),
    [
        ("care-leaning", ["acknowledge", "restate"], "no"),
        ("balanced", ["acknowledge"], "yes"),
        ("service-leaning", ["instruct", "verify"], "yes"),
    ],
)
def test_which_way_a_conversation_leans(lean: str, tags: list, resolved: str) -> None:
    conversation = talk(customer(HURT), agent("So it is."), customer(HURT), agent("Well then."), channel="chat")
    conversation = replace(conversation, outcome=Outcome(resolved=resolved))
    one = reviewed(conversation, tags={1: tags, 3: tags}, feelings={0: "anger", 2: "anger"})
    assert lean_of(one, RUBRIC) == lean


# care, service and outcomes


def test_in_one_channel_it_is_spearmans_correlation() -> None:
    chance = np.random.default_rng(5)
    x = chance.integers(1, 6, 40)
    y = x + chance.normal(0, 2, 40)
    found = rank_correlation([list(zip(x.tolist(), y.tolist(), strict=True))])
    assert found is not None
    assert found.value == pytest.approx(spearmanr(x, y).statistic)
    assert found.low < found.value < found.high < 1
    assert found.count == 40


def test_channels_that_differ_make_no_correlation() -> None:
    chance = np.random.default_rng(6)
    groups = [(chance.normal(shift, 1, (200, 2))).tolist() for shift in (0, 10)]
    apart, pooled = rank_correlation(groups), rank_correlation([groups[0] + groups[1]])
    assert apart is not None
    assert pooled is not None
    assert pooled.low > 0.5
    assert not apart.is_clear


@pytest.mark.parametrize("groups", [[], [[(1, 2)]], [[(1, 1), (2, 1), (3, 1), (4, 1)]], [[(1, 2), (2, 3)]]])
def test_what_never_changes_or_is_hardly_there_has_no_correlation(groups: list) -> None:
    assert rank_correlation(groups) is None


def test_a_perfect_correlation_has_an_interval_too() -> None:
    found = rank_correlation([[(i, i) for i in range(30)]])
    assert found is not None
    assert found.value == pytest.approx(1)
    assert 0.9 < found.low < found.high <= 1


def test_care_goes_together_with_satisfaction_where_it_does() -> None:
    several = [felt(f"m{i}", channel="chat", outcome=Outcome(csat=4 + i % 2)) for i in range(15)]
    several += [felt(f"x{i}", met=False, channel="chat", outcome=Outcome(csat=1 + i % 2)) for i in range(15)]
    found = {(one.index, one.outcome): one for one in told(*several).together}
    care = found["care", "csat"]
    assert care.count == 30
    assert care.rho is not None
    assert care.rho.low > 0
    assert "rated their satisfaction higher" in outcome_wording.together(care)
    assert "many causes" in outcome_wording.together(care)


def test_what_the_service_index_counts_itself_is_not_compared_with_it() -> None:
    outcome = Outcome(resolved="yes", first_response_seconds=5.0, csat=3)
    several = [asked(f"c{i}", channel="chat", outcome=outcome) for i in range(FEWEST_PAIRS)]
    found = {(one.index, one.outcome) for one in told(*several).together}
    assert {("care", "resolved"), ("care", "first response"), ("service", "csat")} <= found
    assert not found & {("service", "resolved"), ("service", "first response")}


def test_too_few_conversations_are_not_correlated() -> None:
    several = [ended(i, csat=1 + i % 5) for i in range(FEWEST_PAIRS - 1)]
    assert all(one.rho is None for one in told(*several).together)


def test_many_comparisons_ask_more_of_each() -> None:
    assert each_of(0) == each_of(1) == pytest.approx(0.95)
    assert each_of(5) == pytest.approx(0.99)


# bounds


def test_a_sample_is_bounded_and_the_same_in_any_order() -> None:
    forth, back = Sample[int](most=10), Sample[int](most=10)
    for i in range(100):
        forth.add(f"c{i}", i)
        back.add(f"c{99 - i}", 99 - i)
        assert len(forth._kept) <= 20
    assert forth.count == 100
    assert forth.members == back.members
    assert len(forth.members) == 10


def test_nothing_at_all_is_an_empty_report() -> None:
    report = told()
    assert (report.all.conversations, report.all.ratings, report.all.waits) == (0, (), ())
    assert (report.all.settled, report.channels, report.together) == ((), (), ())


# words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (59.6, "1 min"),
        (130, "2 min"),
        (3600, "1 h"),
        (3 * 3600 + 600, "3 h 10 min"),
        (47.99 * 3600, "47 h 59 min"),
        (48 * 3600, "2 days"),
        (100 * 3600, "4 days 4 h"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert figures.duration(seconds) == words


HALF = Estimate(3.345, 2.767, 3.878, 29)
SHARE = Rate(3, 15, 0.0705, 0.4519)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (outcome_wording.rating(Rating("csat", HALF, True, {})), "3.3 (2.8–3.9), from 29 ratings"),
        (outcome_wording.rating(Rating("csat", HALF, False, {})), "too few to say (29)"),
        (
            outcome_wording.rating(Rating("nps", Estimate(-41.7, -84, 12.9, 9), True, {})),
            "−42 (−84 to 13), from 9 ratings",
        ),
        (outcome_wording.share(SHARE, enough=True), "3 of 15, 7–45 %"),
        (outcome_wording.share(SHARE, enough=False), "3 of 15: too few to say"),
        (outcome_wording.share(Rate(0, 0, 0, 1), enough=False), "none to judge"),
        (outcome_wording.settled(Settled(True, SHARE, {"yes": 3}, True)), "reported as settled: 3 of 15, 7–45 %"),
        (
            outcome_wording.settled(Settled(False, SHARE, {"unknown": 2}, True)),
            "judged as settled, where nothing was reported: 3 of 15, 7–45 %; 2 cannot be told",
        ),
        (outcome_wording.wait(Wait("resolution", 5, None)), "too few to say (5)"),
        (
            outcome_wording.wait(Wait("resolution", 34, Estimate(76, 35, 480, 34))),
            "1 min (35 s to 8 min), the middle of 34",
        ),
        (
            outcome_wording.repeat(Repeat(7, SHARE, True, 6, 0, 1)),
            "came again within 7 days: 3 of 15, 7–45 %; 7 cannot be judged (6 too recent, 1 without a time)",
        ),
        (
            outcome_wording.lean(Lean("balanced", 1, (Repeat(7, SHARE, True, 0, 0, 0),))),
            "1 balanced first conversation; came again within 7 days: 3 of 15, 7–45 %",
        ),
        (
            outcome_wording.together(Together("care", "nps", 12, None)),
            "Care and willingness to recommend: too few to say (12; 20 are needed).",
        ),
        (
            outcome_wording.together(Together("care", "ces", 30, None)),
            "Care and effort: nothing to compare, as one of them is always the same.",
        ),
        (
            outcome_wording.together(Together("service", "repeat", 30, Estimate(-0.001, -0.3, 0.3, 30))),
            "Whether service and coming again within 30 days go together cannot be told yet: "
            "rank correlation 0.00 (−0.30 to 0.30), 30 conversations.",
        ),
        (
            outcome_wording.together(Together("service", "repeat", 30, Estimate(-0.5, -0.7, -0.2, 30))),
            "Where the service index was higher, fewer customers came again within 30 days: "
            "rank correlation −0.50 (−0.70 to −0.20), 30 conversations. That may have many causes.",
        ),
    ],
)
def test_outcomes_in_words(said: str, words: str) -> None:
    assert said == words
