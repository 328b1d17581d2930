"""The team's report and page, made of conversations made by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

import hostile
from handmade import RUBRIC

from coach.conversation import Reviewed
from coach.disputes import Dispute
from coach.report.render import team_page
from coach.report.team import TeamReport, TeamTally


def report_of(*several: Reviewed, rubric: Any = RUBRIC, disputes: Sequence[Dispute] = ()) -> TeamReport:
    tally = TeamTally(rubric, disputes=disputes)
    for one in several:
        tally.add(one)
    return tally.report()


def html_of(report: TeamReport, metrics: Mapping[str, Any] | None = None) -> str:
    return team_page(report, rubric=RUBRIC, metrics=metrics or {}, state="0123")


def words_of(*several: Reviewed, **options: Any) -> str:
    """What a reader of the page sees."""
    return hostile.words(html_of(report_of(*several, **options)))
