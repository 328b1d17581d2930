"""Change of outcomes: counted before a day and since, and named only beyond chance."""

from datetime import date, timedelta

import pytest
from handmade import MONDAY, felt

from coach.conversation import Outcome
from coach.report.outcome_changes import OutcomePast
from coach.report.outcome_wording import outcome_change

SINCE = date(2026, 10, 5)


def past(*pairs: tuple[Outcome, int]) -> OutcomePast:
    """Outcomes and on which day after MONDAY (7 September 2026) each was."""
    found = OutcomePast()
    for number, (outcome, days) in enumerate(pairs):
        found.add(felt(f"c{number}", outcome=outcome, started=MONDAY + timedelta(days=days)))
    return found


def of(name: str, before: list[float], after: list[float]) -> OutcomePast:
    return past(
        *((Outcome(**{name: value}), 1) for value in before), *((Outcome(**{name: value}), 40) for value in after)
    )


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("csat", [2, 1, 2, 1, 2, 1, 2], [5, 4, 5, 4, 5, 4, 5], "Satisfaction: 1.6 from 7 before 5 October 2026, 4.6 from 7 since. That is higher"),
        ("csat", [4, 5, 4, 5, 4], [5, 4, 5, 4, 5], "Nothing can be said yet: the change may be anything from −0.6 to 1.0."),
        ("csat", [4, 5], [5, 4, 5, 4, 5], "Too few to say whether it changed."),
        ("nps", [10, 9, 10, 9, 10, 7], [1, 2, 1, 2, 1, 7], "83 from 6 before 5 October 2026, −83 from 6 since. That is lower"),
        ("resolved", ["no"] * 9 + ["yes"], ["yes"] * 9 + ["partly"], "Being settled: 1 of 10 before 5 October 2026, 9 of 10 since. That is higher"),
    ],
)  # fmt: skip
def test_a_change_is_said_with_its_counts(name: str, before: list[float], after: list[float], said: str) -> None:
    (one,) = of(name, before, after).changes(SINCE, 5)
    assert said in outcome_change(one, SINCE)


def test_an_outcome_on_one_side_only_or_without_a_time_is_no_change() -> None:
    found = past((Outcome(csat=4), 1), (Outcome(nps=9), 40), (Outcome(resolved="unknown"), 40))
    found.add(felt("undated", outcome=Outcome(csat=5)))
    assert found.changes(SINCE, 5) == ()
