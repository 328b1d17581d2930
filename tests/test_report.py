"""The team's page, and the folder of reports: what leads are shown, in which words, and what is written when."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import hostile
import pytest
from agent_pages import ANA, BO, LONG, METRICS, START, full, made, several
from handmade import (
    COLD,
    HURT,
    KIND,
    RUBRIC,
    STEPS,
    SURE,
    agent,
    asked,
    customer,
    felt,
    reviewed,
    talk,
    wished,
)
from team_pages import html_of, report_of

from coach.conversation import Outcome, Reviewed
from coach.errors import CoachError, StoreError
from coach.report import report_for, write_reports
from coach.report.write import file_names
from coach.scoring import scorecard
from coach.store import Store

LAX = replace(RUBRIC, minimum_count=1)


@pytest.fixture(scope="module")
def _empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "empty.db"
    Store(path).close()
    return path


@pytest.fixture
def store(_empty: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(_empty, tmp_path / "coach.db")
    with Store(tmp_path / "coach.db") as opened:
        yield opened


def save(store: Store, *several: Reviewed, content: str = "read") -> None:
    for one in several:
        store.save(one, content=content, analysis="judged")


# --- text stays text ---


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_hostile_text_stays_text_in_the_teams_page(text: str) -> None:
    text = f"{text} {LONG}"
    page, plain = (html_of(report_of(*full(t))) for t in (text, f"plain {LONG}"))
    assert hostile.structure(page) == hostile.structure(plain)
    assert hostile.text(page).count(text) == hostile.text(plain).count(f"plain {LONG}") > 40


def test_the_teams_page_uses_nothing_from_outside_and_runs_only_its_own_script() -> None:
    page = html_of(report_of(*full("https://x.example/a.js")))
    assert not hostile.outside(page)
    assert all(re.fullmatch(r"exercises/exercises\.html|#[\w-]+", link) for link in hostile.links(page))


# --- rates ---


def test_a_rate_is_shown_with_its_counts_and_interval() -> None:
    assert "3 of 7, 16–75 %" in hostile.words(html_of(report_of(*several(felt, 3, 4, **SURE))))


def test_an_agents_rate_is_the_same_wherever_it_stands() -> None:
    chats = several(felt, 3, 4, chance=0.7, other=0.3)
    (own, *_), (row, *_) = made(*chats).report.skills, report_of(*chats).agents[0].skills
    assert replace(own, uncalled=None) == row


def test_an_index_is_shown_with_its_interval_and_what_it_is_from() -> None:
    report = report_of(*several(felt, 3, 4))
    care = report.card.care
    assert f"{care.value:.0f} ({care.low:.0f}–{care.high:.0f}) from 7" in hostile.words(html_of(report))


def test_an_agents_index_is_the_same_wherever_it_stands_and_the_teams_is_drawn_nowhere() -> None:
    ana = [felt(f"a{i}", **SURE) for i in range(5)]
    bo = [felt(f"b{i}", COLD, met=bool(i % 2), agent=BO, **SURE) for i in range(30)]
    team = report_of(*ana, *bo)
    assert made(*ana, team=bo).report.card.care == team.agents[0].card.care
    assert team.card.care.value == pytest.approx(
        fmean(scorecard(one.credits, RUBRIC).care.value for one in (*ana, *bo))
    )


def test_under_the_minimum_it_is_too_few_to_say() -> None:
    shown = hostile.words(html_of(report_of(*several(felt, 3, 1))))
    assert "3 of 4 (too few to say)" in shown
    assert "too few to say (4)" in shown
    known = r"Intervals hold 95 %|(70|under 60) % sure|95 % intervals?|“3 of 7, 16–75 %”|9[0-9] %|84 %"
    assert "%" not in re.sub(known, "", shown)


# --- whatever may be missing ---


def test_without_times_channel_or_agent_pages_can_be_made() -> None:
    bare = reviewed(talk(customer(HURT), agent(COLD), id="c1", agent=None), feelings={0: "anger"})
    report = report_of(bare)
    assert (report.first, report.last, report.agents, report.unnamed) == (None, None, (), 1)
    shown = hostile.words(html_of(report))
    assert "1 conversation names no agent and counts for the team only" in shown
    assert "alphabetical" not in shown
    assert [level.name for level in report.patterns.levels["channel"]] == ["unknown"]
    assert [level.name for level in report.patterns.levels["type"]] == ["can't tell"]


def test_outcomes_of_too_few_are_not_told() -> None:
    chats = [felt("c1", outcome=Outcome(csat=5, nps=10)), felt("c2", outcome=Outcome(csat=4)), felt("c3")]
    assert "Satisfaction (CSAT, 1 to 5) too few to say (2)" in hostile.words(html_of(report_of(*chats)))


# --- the team ---


def test_agents_stand_in_alphabetical_order_not_by_score() -> None:
    chats = [felt("c1", agent="zoe"), felt("c2", agent="Bo Chen"), felt("c3", COLD, met=False, agent="ana")]
    report = report_of(*chats, rubric=LAX)
    assert [group.name for group in report.agents] == ["ana", "Bo Chen", "zoe"]
    shown = hostile.words(html_of(report))
    rows = shown[shown.index("Agents, in alphabetical order") :]
    assert all(rows.index(f"{a} 1") < rows.index(f"{b} 1") for a, b in pairwise(["ana", "Bo Chen", "zoe"]))


def test_a_hand_over_counts_for_both_agents_each_with_their_own() -> None:
    handed = reviewed(
        talk(customer(HURT), agent(KIND, by=BO), customer("Well"), agent(STEPS, by=ANA), id="c1"),
        feelings={0: "anger"},
        tags={1: ["acknowledge"]},
    )
    ana, bo = report_of(handed).agents
    assert (ana.name, ana.conversations, ana.skills[0].rate.called_for) == (ANA, 1, 0)
    assert (bo.name, bo.conversations, bo.skills[0].rate.called_for) == (BO, 1, 1)
    assert [group.card.parts["empathy"].called_for for group in (ana, bo)] == [0, 1]
    assert [group.card.parts["warmth"].met for group in (ana, bo)] == [0, 1]


def test_the_teams_days_run_from_the_first_to_the_last() -> None:
    report = report_of(*(felt(f"c{d}", started=START + timedelta(days=d)) for d in (3, 0, 8)))
    assert "3 conversations, 7 September 2026 to 15 September 2026; 1 agent" in hostile.words(html_of(report))


# --- the folder ---


def pages(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


PACK = {"exercises/exercises.html", "exercises/exercises.md", "exercises/exercises.json"}


def test_the_folder_holds_the_team_every_agent_and_the_exercises(store: Store, tmp_path: Path) -> None:
    save(store, felt("c1"), felt("c2", agent=BO), felt("c3", COLD, met=False))
    assert write_reports(store, tmp_path / "out", RUBRIC, METRICS)
    assert pages(tmp_path / "out") == {"index.html", "agents/ana-ruiz.html", "agents/bo-chen.html", *PACK}
    ana = (tmp_path / "out" / "agents" / "ana-ruiz.html").read_text("utf-8")
    assert "Personal report: Ana Ruiz" in ana
    assert BO not in ana
    assert HURT in (tmp_path / "out" / "exercises" / "exercises.html").read_text("utf-8")


def test_an_empty_store_gives_a_page_that_says_so(store: Store, tmp_path: Path) -> None:
    assert write_reports(store, tmp_path / "out", RUBRIC, {})
    assert pages(tmp_path / "out") == {"index.html", *PACK}
    assert "Nothing has been reviewed yet" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_agents_whose_names_look_the_same_get_a_file_each(store: Store, tmp_path: Path) -> None:
    names = [ANA, "ana ruiz", "Ana-Ruiz", "../../ana ruiz", "???", "!!!", "Zoë Żak", "x" * 300]
    save(store, *(felt(f"c{i}", agent=name) for i, name in enumerate(names)))
    write_reports(store, tmp_path / "out", RUBRIC, {})
    made = pages(tmp_path / "out" / "agents")
    assert len(made) == len(names)
    assert {"ana-ruiz.html", "agent.html", "zoë-żak.html", "x" * 60 + ".html"} <= made
    titles = {
        re.search("<h1[^>]*>(.*)</h1>", (tmp_path / "out" / "agents" / page).read_text("utf-8"))[1] for page in made
    }
    assert titles == set(names)


def test_a_file_name_does_not_depend_on_who_else_there_is_unless_they_look_the_same() -> None:
    assert file_names([ANA, BO])[BO] == file_names([BO])[BO] == "bo-chen.html"
    assert file_names([]) == {}


def test_nothing_is_written_when_the_pages_say_it_already(store: Store, tmp_path: Path) -> None:
    save(store, felt("c1"))
    assert write_reports(store, tmp_path / "out", RUBRIC, METRICS)
    before = {page: (tmp_path / "out" / page).stat().st_mtime_ns for page in pages(tmp_path / "out")}
    assert not write_reports(store, tmp_path / "out", RUBRIC, METRICS)
    assert {page: (tmp_path / "out" / page).stat().st_mtime_ns for page in pages(tmp_path / "out")} == before


def test_a_change_in_the_store_the_rubric_or_the_metrics_writes_them_again(store: Store, tmp_path: Path) -> None:
    save(store, felt("c1"))
    write_reports(store, tmp_path / "out", RUBRIC, METRICS)
    save(store, felt("c1", COLD, met=False), content="changed")
    assert write_reports(store, tmp_path / "out", RUBRIC, METRICS)
    assert COLD in (tmp_path / "out" / "agents" / "ana-ruiz.html").read_text("utf-8")
    assert write_reports(store, tmp_path / "out", LAX, METRICS)
    assert write_reports(store, tmp_path / "out", LAX, {})
    assert not write_reports(store, tmp_path / "out", LAX, {})


@pytest.mark.parametrize("page", ["index.html", "agents/ana-ruiz.html", *sorted(PACK)])
def test_a_deleted_page_is_written_again(store: Store, tmp_path: Path, page: str) -> None:
    save(store, felt("c1"))
    write_reports(store, tmp_path / "out", RUBRIC, METRICS)
    before = (tmp_path / "out" / page).read_bytes()
    (tmp_path / "out" / page).unlink()
    assert write_reports(store, tmp_path / "out", RUBRIC, METRICS)
    assert (tmp_path / "out" / page).read_bytes() == before


@pytest.mark.parametrize("content", [b"<h1>mine</h1>", b"\xff\xfe\x00"])
def test_a_page_that_is_not_ours_counts_as_none(store: Store, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").write_bytes(content)
    assert write_reports(store, tmp_path / "out", RUBRIC, METRICS)


def test_the_same_store_gives_the_same_pages_whatever_the_order(store: Store, tmp_path: Path) -> None:
    chats = [*several(felt, 3, 4, started=START), *several(asked, 2, 5, agent=BO), *several(wished, 1, 1)]
    save(store, *chats)
    write_reports(store, tmp_path / "one", RUBRIC, METRICS)
    save(store, *reversed(chats))
    write_reports(store, tmp_path / "two", RUBRIC, METRICS)
    for page in pages(tmp_path / "one"):
        assert (tmp_path / "one" / page).read_bytes() == (tmp_path / "two" / page).read_bytes()


@pytest.mark.parametrize("taken", ["out", "out/agents", "out/exercises"])
def test_a_folder_that_cannot_be_written_is_named(store: Store, tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_text("a file", "utf-8")
    with pytest.raises(CoachError, match=r"out.*: cannot be written .*--out"):
        write_reports(store, tmp_path / "out", RUBRIC, {})


def test_an_index_page_that_is_a_folder_is_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "out" / "index.html").mkdir(parents=True)
    with pytest.raises(CoachError, match=r"out: cannot be written .*--out"):
        write_reports(store, tmp_path / "out", RUBRIC, {})


# --- one agent's report ---


def test_a_report_is_found_by_name_in_any_case(store: Store) -> None:
    save(store, felt("c1"), felt("c2", agent="ANA RUIZ"), felt("c3", agent=BO))
    assert report_for(ANA, store, RUBRIC).agent == ANA
    assert report_for("ANA RUIZ", store, RUBRIC).agent == "ANA RUIZ"
    assert report_for("bo chen", store, RUBRIC).agent == BO


def test_an_unknown_agent_is_answered_with_the_known_ones(store: Store) -> None:
    with pytest.raises(StoreError, match=r"no agent called 'Zed' in the store; known are: none yet"):
        report_for("Zed", store, RUBRIC)
    save(store, felt("c1"), felt("c2", agent=BO))
    with pytest.raises(StoreError, match=r"known are: Ana Ruiz, Bo Chen$"):
        report_for("Zed", store, RUBRIC)
    save(store, *(felt(f"d{i:02}", agent=f"Agent {i:02}") for i in range(20)))
    with pytest.raises(StoreError, match=r"Agent 11, …$"):
        report_for("Zed", store, RUBRIC)
