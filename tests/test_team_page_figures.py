"""Every number on the team's page stands in a figure, and every figure follows from the rows of the store."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from figures import bare, shown
from handmade import RUBRIC
from handmade_team import METRICS, fill
from team_figures import chances, untraceable

from coach.contacts import Contacts
from coach.disputes import disputes
from coach.report.render import team_page
from coach.report.team import TeamReport, TeamTally
from coach.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("figures") / "coach.db")


def report_of(path: Path) -> TeamReport:
    with Store(path) as store:
        tally = TeamTally(RUBRIC, contacts=Contacts(store), disputes=disputes(store))
        for reviewed in store.conversations():
            tally.add(reviewed)
        return tally.report()


def page_of(report: TeamReport) -> str:
    return team_page(report, rubric=RUBRIC, metrics=METRICS, state="0")


@pytest.fixture(scope="module")
def report(store: Path) -> TeamReport:
    return report_of(store)


@pytest.fixture(scope="module")
def page(report: TeamReport) -> str:
    return page_of(report)


def test_every_figure_follows_from_the_rows_and_every_expected_one_is_shown(store: Path, page: str) -> None:
    assert untraceable(page, store, METRICS) == []


@pytest.mark.parametrize("count", [0, 5, 30])
def test_figures_of_small_teams_follow_from_the_rows(tmp_path: Path, count: int) -> None:
    path = fill(tmp_path / "coach.db", count)
    page = page_of(report_of(path))
    assert untraceable(page, path, METRICS) == []
    assert bare(page) == []


def test_every_number_stands_in_a_figure(page: str) -> None:
    assert bare(page) == []


SECTIONS = {
    *("reviewed", "unnamed", "unattended", "short", "first", "pattern", "named", "moments", "levels", "level", "met"),
    *("later", "missed", "fit_by_chance", "slips", "care", "service", "leans", "charts", "agents", "agent", "queue"),
    *("also", "disputes", "outcomes", "together", "trend", "changed", "line", "metrics", "rubric"),
}


def test_the_page_shows_every_kind_of_figure(page: str) -> None:
    assert {key.partition("@")[0].partition(".")[0] for key, _ in shown(page)} == SECTIONS


def test_a_pattern_s_chance_is_that_of_the_stored_openings(store: Path, report: TeamReport) -> None:
    cells = [cell for levels in report.patterns.levels.values() for level in levels for cell in level.cells]
    found = {(cell.dimension, cell.level, cell.skill): cell.chance for cell in cells if cell.chance is not None}
    assert found == pytest.approx(chances(store))


def test_the_queue_quotes_the_stored_words(store: Path, report: TeamReport) -> None:
    quotes = [(item, quote) for item in report.queue for reason in item.reasons for quote in reason.quotes]
    query = "select text from turns where conversation = ? and turn = ?"
    with closing(sqlite3.connect(store)) as db:
        for item, quote in quotes:
            ((text,),) = db.execute(query, [item.reviewed.conversation.id, quote.turn])
            assert text[quote.start : quote.end] == quote.words


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        ("update openings set status = 'missed' where agent = 'Bo Chen'", "agent.2"),
        ("update openings set status = 'met' where skill = 'listening'", "short.losing"),
        ("update turns set time = null", "level.hour.1"),
        ("update conversations set resolved = 'no'", "changed.resolved"),
        ("update conversations set customer = 'one'", "leans.balanced"),
        ("update sentences set acknowledge = 0.5", "queue.14"),
        ("update sentences set explain = 0.99", "fit_by_chance"),
        ("update credits set expected = expected / 2", "line.7"),
    ],
)
def test_a_figure_that_the_rows_do_not_bear_out_is_found(
    store: Path, page: str, tmp_path: Path, change: str, figure: str
) -> None:
    shutil.copy(store, tmp_path / "other.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as db, db:
        db.execute(change)
    assert figure in {key for key, *_ in untraceable(page, tmp_path / "other.db", METRICS)}
