"""Change against one's own past: what is found, what is left open, and how that is said."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from handmade import RUBRIC, SURE, agent, customer, felt, talk
from handmade import reviewed as review

from coach.clusters import Openings
from coach.conversation import Index, Rate, Reviewed
from coach.intervals import Estimate, difference_of_means, difference_of_shares
from coach.norms import Norms, norm
from coach.report import outcome_wording
from coach.report.trends import Change, Past, Trend, name_of
from coach.rubric import Rubric
from coach.spread import Spread

ANA, BO = "Ana Ruiz", "Bo Chen"
START = datetime(2026, 9, 1, 10, tzinfo=UTC)


def spread(*values: float, error: float = 0.0) -> Spread:
    found = Spread()
    for value in values:
        found.add(value, error=error, sampling=0.02)
    return found


USUAL = Norms(*(norm([spread(0.3, 0.7), spread(0.5, 0.8)]) for _ in ("care", "service")))


def past(*several: Reviewed, rubric: Rubric = RUBRIC, agent: str | None = None) -> Past:
    found = Past(rubric, agent=agent)
    for one in several:
        found.add(one)
    return found


def on(day: float) -> datetime:
    return START + timedelta(days=day)


def chats(*met: tuple[float, bool]) -> list[Reviewed]:
    """A chat with one opening for empathy on each day, met or not."""
    return [felt(f"c{i}", met=was, started=on(day), **SURE) for i, (day, was) in enumerate(met)]


def changes(trend: Trend) -> dict[str, Change]:
    return {one.name: one for one in trend.changes}


def test_a_real_change_is_found_in_care_and_in_its_skill() -> None:
    trend = past(*chats(*((i, i >= 12) for i in range(24)))).trend(USUAL)
    assert (trend.since, trend.before, trend.after) == (date(2026, 9, 13), 12, 12)
    found = changes(trend)
    assert found["care"].has_changed
    assert found["empathy"].has_changed
    assert found["empathy"].estimate is not None
    assert found["empathy"].estimate.value == 100
    assert found["listening"].estimate is None
    before, after = found["empathy"].before, found["empathy"].after
    assert isinstance(before, Rate)
    assert isinstance(after, Rate)
    assert (before.met, before.called_for, after.met, after.called_for) == (0, 12, 12, 12)


def test_an_even_habit_has_not_changed() -> None:
    trend = past(*chats(*((i, i % 2 == 0) for i in range(40)))).trend(USUAL)
    assert not any(one.has_changed for one in trend.changes)


def test_false_alarms_are_rare() -> None:
    chance = np.random.default_rng(2)
    alarms = 0
    for _ in range(200):
        found = Past(RUBRIC)
        for day in range(24):
            own = found.days[on(day).date()]
            own.conversations += 1
            for spread in own.indices.values():
                spread.add(chance.beta(3, 1), sampling=0.02)
            for openings in own.openings.values():
                called_for = int(chance.integers(1, 4))
                met = int(chance.binomial(called_for, chance.beta(1, 1)))
                openings.add(Openings.counted(met, 0, called_for - met))
        alarms += any(one.has_changed for one in found.trend(USUAL).changes)
    assert alarms / 200 <= 0.06


def test_openings_of_one_conversation_count_for_fewer_when_they_are_alike() -> None:
    alone, together = Past(RUBRIC), Past(RUBRIC)
    for day in range(20):
        shares = 0.25 if day < 10 else 0.75
        met = (day % 10) < 10 * shares
        for found, size in ((alone, 1), (together, 4)):
            found.days[on(day).date()].conversations += 1
            found.days[on(day).date()].openings["empathy"].add(Openings.counted(size * met, 0, size - size * met))
    widths = [
        estimate.high - estimate.low
        for found in (alone, together)
        if (estimate := changes(found.trend(USUAL))["empathy"].estimate)
    ]
    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_a_given_day_splits_before_and_since() -> None:
    trend = past(*chats(*((i, True) for i in range(20)))).trend(USUAL, since=date(2026, 9, 16))
    assert (trend.since, trend.before, trend.after) == (date(2026, 9, 16), 15, 5)


@pytest.mark.parametrize("since", [date(2020, 1, 1), date(2030, 1, 1)])
def test_a_day_outside_compares_nothing(since: date) -> None:
    trend = past(*chats((0, True), (1, True))).trend(USUAL, since=since)
    assert (trend.since, trend.changes) == (None, ())


@pytest.mark.parametrize(
    ("days", "since"),
    [
        ([*range(12)], 6),
        ([0, 1, 2, 3, 4, 20, 21, 22, 23, 24, 25, 26], 20),
        ([0, *range(50, 62)], 55),  # the middle of the time would leave one alone
        ([0, 0, 0, 9], 9),
    ],
)
def test_the_split_is_the_middle_of_time_or_of_conversations(days: list[int], since: int) -> None:
    assert past(*chats(*((day, True) for day in days))).trend(USUAL).since == on(since).date()


@pytest.mark.parametrize(
    ("several", "undated", "words"),
    [
        ([], 0, "None of these conversations has a time, so nothing can be said about change."),
        ([felt("a")], 1, "None of these conversations has a time, so nothing can be said about change."),
        (chats((0, True)), 0, "There is only one day to look at, so nothing can be said about change yet."),
        (
            chats((0, True), (0.1, True)),
            0,
            "There is only one day to look at, so nothing can be said about change yet.",
        ),
    ],
)
def test_without_two_days_there_is_nothing_to_compare(several: list[Reviewed], undated: int, words: str) -> None:
    trend = past(*several).trend(USUAL)
    assert (trend.since, trend.changes, trend.undated) == (None, (), undated)
    assert outcome_wording.trend(trend) == words


def test_few_conversations_on_one_side_are_too_few_to_say() -> None:
    trend = past(*chats((0, False), (1, False), (2, True), (3, True))).trend(USUAL)
    assert trend.since is not None
    assert all(one.estimate is None for one in trend.changes)


def test_many_openings_of_two_conversations_show_nothing() -> None:
    found = Past(RUBRIC)
    for day, met in enumerate((0, 0, 9, 9)):
        found.days[on(day).date()].conversations += 1
        found.days[on(day).date()].openings["empathy"].add(Openings.counted(met, 0, 9 - met))
    assert changes(found.trend(USUAL))["empathy"].estimate is None


def test_only_the_agents_own_part_counts() -> None:
    handed_over = talk(
        customer("Nobody ever answers me and it makes me so angry"),
        agent("It is what it is.", by=BO),
        customer("How do I change the address of the parcel?"),
        agent("Open the settings and choose the new address there.", by=ANA),
        started=on(0),
    )
    one = review(handed_over, tags={3: ["instruct"]}, feelings={0: "anger"})
    for name, called_for in ((ANA, 0), (BO, 1)):
        (day,) = past(one, agent=name).days.values()
        assert day.openings["empathy"].called_for == called_for
        assert day.indices["care"].count <= 1


# periods


@pytest.mark.parametrize(
    ("gap", "count", "unit", "names"),
    [
        (1, 20, "week", ["31 Aug 2026", "7 Sep 2026", "14 Sep 2026"]),
        (5, 18, "month", ["Sep 2026", "Oct 2026", "Nov 2026"]),
        (15, 20, "quarter", ["Jul–Sep 2026", "Oct–Dec 2026", "Jan–Mar 2027", "Apr–Jun 2027"]),
        (80, 4, "quarter", ["Jul–Sep 2026", "Oct–Dec 2026", "Jan–Mar 2027", "Apr–Jun 2027"]),
    ],
)
def test_periods_are_the_finest_that_mostly_have_enough(gap: int, count: int, unit: str, names: list[str]) -> None:
    trend = past(*chats(*((gap * i, True) for i in range(count)))).trend(USUAL)
    assert trend.unit == unit
    assert [one.name for one in trend.periods] == names
    assert sum(one.conversations for one in trend.periods) == count
    assert [one.start for one in trend.periods] == sorted(one.start for one in trend.periods)
    for one in trend.periods:
        assert one.care.value is not None
        assert one.care.low <= one.care.value <= one.care.high
        assert one.care.count == one.conversations


@pytest.mark.parametrize(
    ("unit", "start", "name"),
    [
        ("week", date(2026, 9, 7), "7 Sep 2026"),
        ("month", date(2026, 9, 1), "Sep 2026"),
        ("quarter", date(2026, 10, 1), "Oct–Dec 2026"),
    ],
)
def test_names_of_periods(unit: str, start: date, name: str) -> None:
    assert name_of(start, unit) == name


def test_what_is_held_does_not_grow_with_the_conversations_of_a_day() -> None:
    assert len(past(*chats(*((0.001 * i, True) for i in range(50)))).days) == 1


# intervals


def test_a_difference_of_means_is_welchs() -> None:
    from scipy.stats import ttest_ind

    before, after = [0.2, 0.4, 0.5, 0.3], [0.6, 0.9, 0.8, 0.4, 0.7, 0.75]
    found = difference_of_means(spread(*before), spread(*after), level=0.99)
    wanted = ttest_ind(after, before, equal_var=False).confidence_interval(0.99)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    assert found.count == 10


def test_a_difference_of_shares_is_newcombes() -> None:
    """Newcombe (1998), table II, example (a) by method 10."""
    low, high = difference_of_shares((48, 80), (56, 70))
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=5e-4)


def test_scores_that_are_all_alike_differ_without_an_error() -> None:
    found = difference_of_means(spread(0.5, 0.5), spread(0.7, 0.7))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.2, 0.2))


def test_spreads_merge_into_that_of_all() -> None:
    values = np.random.default_rng(1).random(30).tolist()
    whole, parts = spread(*values, error=0.1), Spread()
    for part in (values[:1], values[1:20], [], values[20:]):
        parts.merge(spread(*part, error=0.1))
    for name in ("count", "mean", "squares", "error", "sampling"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name))


# words


def index(value: float | None) -> Index:
    return Index(value, 0, 100, 9, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            Change("care", index(41.2), index(82.4), Estimate(41, 16, 65, 12)),
            "Care: 41 at first and 82 since 29 September 2026. That is higher, by more than chance would do: "
            "a change of 16 to 65 points.",
        ),
        (
            Change("empathy", Rate(7, 9, 0, 1), Rate(2, 8, 0, 1), Estimate(-53, -80, -1, 17)),
            "Empathy: you met 7 of 9 openings at first and 2 of 8 since 29 September 2026. That is lower, by more "
            "than chance would do: a change of −80 to −1 percentage points.",
        ),
        (
            Change("listening", Rate(7, 9, 0, 1), Rate(5, 8, 0, 1), Estimate(-15, -60, 30, 17)),
            "Listening: you met 7 of 9 openings at first and 5 of 8 since 29 September 2026. Nothing can be said yet: "
            "the change may be anything from −60 to 30 percentage points.",
        ),
        (
            Change("service", index(None), index(50), None),
            "Service: not called for at first and 50 since 29 September 2026. Too few to say whether it changed.",
        ),
    ],
)
def test_a_change_in_words(change: Change, words: str) -> None:
    assert outcome_wording.change(change, date(2026, 9, 29)) == words


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "nothing can be said yet; every difference may be chance."),
        (["care"], "care changed by more than chance would do."),
        (["care", "service", "empathy"], "care, service and empathy changed by more than chance would do."),
    ],
)
def test_a_trend_in_words(names: list[str], words: str) -> None:
    found = [
        Change(name, index(1), index(2), Estimate(1, 0.5 if name in names else -1, 2, 9))
        for name in ("care", "service", "empathy")
    ]
    trend = Trend("week", (), date(2026, 9, 29), 5, 7, tuple(found), 0, 5)
    said = outcome_wording.trend(trend, whose="the team's")
    assert said.startswith("Comparing the team's 5 conversations before 29 September 2026 and the 7 since then: ")
    assert said.endswith(words)
