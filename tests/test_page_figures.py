"""Every number on an agent's page stands in a figure, and every figure follows from the rows of the store."""

import shutil
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from agent_figures import untraceable
from figures import bare, shown
from handmade import RUBRIC
from handmade_team import AGENTS, ANA, METRICS, fill

from coach.report import agent_page, report_for
from coach.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("figures") / "coach.db")


@cache
def page_of(store: Path, name: str) -> str:
    with Store(store) as opened:
        report = report_for(name, opened, RUBRIC)
        return agent_page(report, opened.conversations(name), rubric=RUBRIC, metrics=METRICS)


@pytest.mark.parametrize("name", [*AGENTS, "Dee"])
def test_every_figure_follows_from_the_rows(store: Path, name: str) -> None:
    assert untraceable(page_of(store, name), store, name, METRICS) == []


SECTIONS = {
    *(
        "chats",
        "openings",
        "wordless",
        "strength",
        "focus",
        "called",
        "care",
        "service",
        "balance",
        "charts",
        "skills",
        "recent",
        "in_short",
    ),
    *("parts", "slips", "types", "fits", "trend", "outcomes", "together", "chat", "metrics", "rubric"),
}


def test_the_pages_show_every_kind_of_figure(store: Path) -> None:
    keys = {key for name in (*AGENTS, "Dee") for key, _ in shown(page_of(store, name))}
    assert {key.partition("@")[0].partition(".")[0] for key in keys} == SECTIONS


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        ("update openings set status = 'missed' where skill = 'empathy' and status = 'met'", "skills.empathy.rate"),
        ("update openings set met = 0.5", "skills.instruction.rate"),
        ("update credits set expected = expected / 2", "care"),
        ("update credits set variance = variance + 0.1", "service.doubt"),
        ("update sentences set explain = 0.99", "fits.thinker"),
        ("update conversations set csat = 5", "outcomes.all.csat"),
        ("update conversations set customer = 'one'", "outcomes.all.repeat.7"),
        ("update conversations set started = '2026-06-01T09:00:00+00:00' where started < '2026-08-20'", "trend.care"),
        ("update turns set repeats = 0", "slips.customer repeats"),
    ],
)
def test_a_figure_that_the_rows_do_not_bear_out_is_found(store: Path, tmp_path: Path, change: str, figure: str) -> None:
    shutil.copy(store, tmp_path / "other.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as db, db:
        db.execute(change)
    wrong = untraceable(page_of(store, ANA), tmp_path / "other.db", ANA, METRICS)
    assert figure in {key for key, *_ in wrong}


@pytest.mark.parametrize("name", [*AGENTS, "Dee"])
def test_every_number_stands_in_a_figure(store: Path, name: str) -> None:
    assert bare(page_of(store, name)) == []
