"""Reports: what agents and leads are shown, in which words, and that text stays text."""

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import hostile
import pytest
from handmade import (
    ASKS,
    COLD,
    HURT,
    KIND,
    RUBRIC,
    STEPS,
    agent,
    asked,
    bot,
    customer,
    customer_type,
    felt,
    reviewed,
    sentence,
    system,
    talk,
    wished,
)

from coach.conversation import Clue, Opening, Outcome, Reviewed
from coach.errors import CoachError, StoreError
from coach.report import agent_json, agent_markdown, agent_page, report_for, write_reports
from coach.report.agent import SHOWN_SLIPS, AgentReport, agent_report
from coach.report.render import day, marked, team_page
from coach.report.team import TeamReport, TeamTally
from coach.report.write import file_names, names_mask
from coach.scoring import rate, scorecard
from coach.store import Store

ANA, BO = "Ana Ruiz", "Bo Chen"
METRICS = {
    "conversations": 321,
    "skills": {name: {"precision": 0.91, "recall": 0.84} for name in ("empathy", "listening", "instruction")},
}
LAX = replace(RUBRIC, minimum_count=1)
SURE = {"chance": 1.0, "other": 0.0}  # verdicts that leave no doubt, so that a rate has Wilson's interval
START = datetime(2026, 9, 7, 10, tzinfo=UTC)


def for_agent(
    *several: Reviewed, name: str = ANA, rubric: Any = RUBRIC, team: tuple[Reviewed, ...] = ()
) -> AgentReport:
    tally = TeamTally(rubric)
    for one in (*several, *team):
        tally.add(one)
    mask = names_mask([name, "Bram Okafor"])
    return agent_report(name, several, rubric, team=tally.examples, usual=tally.usual, mask=mask)


def for_team(*several: Reviewed, rubric: Any = RUBRIC) -> TeamReport:
    tally = TeamTally(rubric)
    for one in several:
        tally.add(one)
    return tally.report()


def page_of(report: AgentReport) -> str:
    return agent_page(report, METRICS)


def team_page_of(report: TeamReport) -> str:
    return team_page(report, METRICS, "0123")


def several(make: Any, met: int, missed: int, **fields: Any) -> list[Reviewed]:
    return [make(f"{make.__name__}-met-{i}", **fields) for i in range(met)] + [
        make(f"{make.__name__}-missed-{i}", COLD, met=False, **fields) for i in range(missed)
    ]


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


def full(text: str) -> list[Reviewed]:
    """Chats in which the text stands wherever a transcript can put it, with a strength, a focus and lessons."""
    several = []
    for number in range(6):
        talked = talk(
            bot(text),
            customer(text, by=text),
            agent(text),
            system(text),
            customer(text),
            agent(text),
            customer(text),
            agent(text, by=f"{text} two"),
            id=f"{text} {number}",
            agent=text,
            channel=text,
            customer=text,
            started=START + timedelta(days=number),
            outcome=Outcome(csat=2, nps=9, ces=6.5),
        )
        found = customer_type("feeler", clues=[Clue(1, 0, len(text), "says so")])
        one = reviewed(talked, feelings={1: "anger", 4: "worry"}, tags={5: ["acknowledge"]}, found=found)
        called = [o for o in one.judgements.openings if o.skill == "empathy"]
        openings = [
            replace(called[0], status="met", response_turn=2, agent=text),
            replace(called[1], skill="instruction", status="missed", response_turn=None, agent=text),
        ]
        tagged = sentence(text, "acknowledge", "apologise")
        sentences = ((), (), (tagged,), *one.judgements.sentences[3:])
        judgements = replace(one.judgements, openings=tuple(openings), sentences=sentences)
        several.append(replace(one, judgements=judgements))
    return several


LONG = "and that is really all there is to say of it"


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_hostile_text_stays_text_in_an_agents_page(text: str) -> None:
    text = f"{text} {LONG}"
    page, plain = (page_of(for_agent(*full(t), name=t)) for t in (text, f"plain {LONG}"))
    assert hostile.structure(page) == hostile.structure(plain)
    assert hostile.text(page).count(text) == hostile.text(plain).count(f"plain {LONG}") > 60


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_hostile_text_stays_text_in_the_teams_page(text: str) -> None:
    text = f"{text} {LONG}"
    page, plain = (team_page_of(for_team(*full(t))) for t in (text, f"plain {LONG}"))
    assert hostile.structure(page) == hostile.structure(plain)
    assert hostile.text(page).count(text) == hostile.text(plain).count(f"plain {LONG}") > 40


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_hostile_text_stays_text_in_markdown(text: str) -> None:
    text = f"{text} {LONG}"
    document, plain = (agent_markdown(for_agent(*full(t), name=t), METRICS) for t in (text, f"plain {LONG}"))
    assert hostile.markdown_structure(document) == hostile.markdown_structure(plain)
    assert hostile.markdown_text(document).count(text) == hostile.markdown_text(plain).count(f"plain {LONG}") > 10


def test_pages_use_nothing_from_outside_and_run_only_their_own_script() -> None:
    text = "https://x.example/a.js"
    for page in (page_of(for_agent(*full(text), name=text)), team_page_of(for_team(*full(text)))):
        tags = {tag for tag, _ in hostile.structure(page)}
        assert not tags & {"link", "iframe", "object", "embed", "img", "base", "video", "audio"}
        loading = {"src", "srcset", "data", "action", "poster", "background", "ping"}
        for tag, name, value in hostile.attributes(page):
            assert name not in loading, tag
            assert not name.startswith("on"), tag
            assert name != "href" or re.fullmatch(r"exercises/exercises\.html|#[\w-]+", value), value
            assert name != "type" or tag != "script" or value in ("application/json", "application/x-deflate-raw")
        (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        allowed = "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"default-src 'none'; style-src 'unsafe-inline'; script-src '{allowed}'; base-uri 'none'" in page
        (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        assert "@import" not in style
        assert "url(" not in style


def test_quotes_are_the_very_words() -> None:
    words = "  Olá 👋🏽 &amp; <b>NOBODY</b>\n\tever “answers”\u00a0me!  "
    answer = "Oh no… I see.\n\n  That's & was <hard>."
    page = page_of(for_agent(*(felt(f"c{i}", answer, words=words) for i in range(5))))
    assert hostile.text(page).count(words) == 1 + 5 + SHOWN_SLIPS
    assert hostile.text(page).count(answer) == 1 + 5 + SHOWN_SLIPS


def test_marks_cover_the_very_words_and_nothing_is_lost() -> None:
    text = "<b> & Oh no. <Restart> it & wait."
    page = str(marked(text, [(13, 25, "instruct 90 %"), (6, 12, "acknowledge"), (13, 25, "explain 60 %")]))
    assert hostile.text(page) == text
    assert page == (
        '&lt;b&gt; &amp; <mark class="empathy" title="acknowledge">Oh no.<small> acknowledge</small></mark> '
        '<mark class="instruction" title="explain 60 %, instruct 90 %">&lt;Restart&gt; it'
        "<small> explain, instruct</small></mark> &amp; wait."
    )


def test_overlapping_marks_lose_no_words() -> None:
    assert hostile.text(str(marked("abcdef", [(0, 4, "probe"), (2, 6, "check"), (4, 5, "unheard-of")]))) == "abcdef"


def test_carrying_words_are_bold_in_their_mark_and_a_guess_looks_like_one() -> None:
    text = "Oh <no>, sorry. Bye"
    page = str(marked(text, [(0, 15, "apologise? 45 %")], [(9, 13), (3, 7), (16, 19), (12, 15), (14, 18)]))
    assert page == (
        '<mark class="empathy guess" title="apologise? 45 %">Oh <b>&lt;no&gt;</b>, <b>sorr</b><b>y.</b>'
        "<small> apologise?</small></mark> Bye"
    )


# --- rates ---


def test_a_rate_is_shown_with_its_counts_and_interval() -> None:
    chats = several(felt, 3, 4, **SURE)
    shown = "3 of 7, 16–75 %"
    assert shown in hostile.words(page_of(for_agent(*chats)))
    assert shown in agent_markdown(for_agent(*chats), {})
    assert shown in hostile.words(team_page_of(for_team(*chats)))


def test_a_rate_of_unsure_verdicts_has_a_wider_interval() -> None:
    chats = several(felt, 3, 4, chance=0.7, other=0.3)
    (row, *_), (same, *_) = for_agent(*chats).skills, for_team(*chats).agents[0].skills
    assert row == same
    assert row.rate == rate(3, 7, variance=7 * 0.21)
    assert f"3 of 7, {100 * row.rate.low:.0f}–{100 * row.rate.high:.0f} %" in hostile.words(page_of(for_agent(*chats)))
    assert row.rate.low < 0.15
    assert row.rate.high > 0.76


def test_an_index_is_shown_with_its_interval_and_what_it_is_from() -> None:
    chats = several(felt, 3, 4)
    found = for_agent(*chats).card.care
    assert found.value == pytest.approx(fmean(scorecard(one.credits, RUBRIC).care.value for one in chats))
    shown = f"{found.value:.0f} ({found.low:.0f}–{found.high:.0f})"
    assert f"{shown} from 7" in hostile.words(page_of(for_agent(*chats)))
    assert f"Care: {shown}" in agent_markdown(for_agent(*chats), {})
    assert f"{shown} from 7" in hostile.words(team_page_of(for_team(*chats)))


def test_an_agents_index_is_drawn_towards_the_teams_and_the_same_wherever_it_stands() -> None:
    ana = [felt(f"a{i}", **SURE) for i in range(5)]
    bo = [felt(f"b{i}", COLD, met=bool(i % 2), agent=BO, **SURE) for i in range(30)]
    report, team = for_agent(*ana, team=tuple(bo)), for_team(*ana, *bo)
    own = fmean(scorecard(one.credits, RUBRIC).care.value for one in ana)
    assert report.card.care == team.agents[0].card.care
    assert for_agent(*ana).card.care.value == pytest.approx(own)
    assert report.card.care.value < own
    assert team.card.care.value == pytest.approx(
        fmean(scorecard(one.credits, RUBRIC).care.value for one in (*ana, *bo))
    )


def test_under_the_minimum_it_is_too_few_to_say() -> None:
    chats = several(felt, 3, 1)
    for shown in (
        hostile.words(page_of(for_agent(*chats))),
        agent_markdown(for_agent(*chats), {}),
        hostile.words(team_page_of(for_team(*chats))),
    ):
        assert "3 of 4 (too few to say)" in shown
        assert "too few to say (4)" in shown
        assert "%" not in re.sub(
            r"Intervals hold 95 %|(70|under 60) % sure|95 % intervals?|“3 of 7, 16–75 %”|9[0-9] %|84 %", "", shown
        )


def test_at_the_minimum_it_is_enough() -> None:
    assert "3 of 5, 23–88 %" in hostile.words(page_of(for_agent(*several(felt, 3, 2, **SURE))))


def test_what_was_never_opened_is_not_called_for() -> None:
    report = for_agent(*several(felt, 5, 0))
    page = hostile.words(page_of(report))
    assert "Active listening not called for 0 0" in page
    assert "Instruction-giving not called for 0 0" in page
    assert report.card.parts["resolution"].called_for == report.card.parts["listening"].called_for == 0
    assert "| Active listening | not called for | 0 | 0 |" in agent_markdown(report, {})


def test_the_balance_is_shown_when_both_sides_have_enough() -> None:
    report = for_agent(*several(felt, 5, 0), *several(asked, 0, 5))
    assert report.card.balance == report.card.care.value - report.card.service.value > 20
    assert f"Balance {report.card.balance:+.0f} (care minus service)" in hostile.words(page_of(report))


def test_recovered_openings_are_counted_apart() -> None:
    late = talk(customer(HURT), agent(COLD), customer("Well"), agent(KIND), id="late")
    late = reviewed(late, feelings={0: "anger"}, tags={3: ["reassure"]}, **SURE)
    report = for_agent(*several(felt, 4, 2, **SURE), late)
    (row, *_) = report.skills
    assert (row.skill, row.met, row.recovered, row.missed, row.enough) == ("empathy", 4, 1, 2, True)
    assert "Empathy 4 of 7, 25–84 % 1 2" in hostile.words(page_of(report))


def test_known_error_rates_stand_in_the_report_where_there_are_any() -> None:
    report = for_agent(felt("c1"))
    assert "measured on 321 conversations" in page_of(report)
    assert "Empathy 91 % 84 %" in hostile.words(page_of(report))
    assert "Empathy 91 % of marks right, 84 % found" in agent_markdown(report, METRICS)
    assert "measured on" not in agent_page(report, {})
    assert "Known error" not in agent_markdown(report, {})


# --- strength and focus ---


def test_the_strength_is_the_skill_whose_rate_is_surely_highest() -> None:
    report = for_agent(*several(felt, 5, 0), *several(asked, 18, 2, **SURE), *several(wished, 2, 0))
    assert report.strength is not None
    row, moment = report.strength
    assert (row.skill, moment.skill, moment.status) == ("instruction", "instruction", "met")
    shown = hostile.words(page_of(report))
    assert "Instruction-giving: you met 18 of 20 openings at once (70–97 %)" in shown


def test_the_strength_quotes_its_surest_moment() -> None:
    sure = felt("sure", "I am so sorry that you were left waiting.", chance=0.96)
    report = for_agent(*several(felt, 5, 0, chance=0.7), sure)
    assert report.strength is not None
    assert report.strength[1].conversation == "sure"


def test_a_skill_with_too_few_openings_or_none_met_is_no_strength() -> None:
    for chats in (several(felt, 4, 0), several(felt, 0, 9)):
        report = for_agent(*chats)
        assert report.strength is None
        assert "Too few openings to say yet (under 5 in each skill)" in hostile.words(page_of(report))
        assert "Too few openings to say yet" in agent_markdown(report, {})


def test_the_focus_is_the_skill_that_lost_most_openings() -> None:
    report = for_agent(*several(felt, 20, 6), *several(asked, 0, 5), *several(wished, 0, 4))
    assert report.focus is not None
    assert report.focus.skill == "empathy"
    assert "Empathy: of 26 openings, 20 were met at once, 0 later, 6 missed." in hostile.words(page_of(report))


def test_the_focus_is_weighed_by_the_rubric_and_counts_a_recovery_as_half_lost() -> None:
    chats = [*several(felt, 0, 6), *several(asked, 0, 5)]
    even = replace(RUBRIC, care={**RUBRIC.care, "empathy": 1.0}, service={**RUBRIC.service, "instruction": 1.0})
    heavy = replace(even, service={**RUBRIC.service, "instruction": 2.0})
    assert for_agent(*chats, rubric=even).focus.skill == "empathy"
    assert for_agent(*chats, rubric=heavy).focus.skill == "instruction"
    late = [
        reviewed(
            talk(customer(HURT), agent(COLD), customer("Well"), agent(KIND), id=f"late-{i}"),
            feelings={0: "anger"},
            tags={3: ["reassure"]},
        )
        for i in range(9)
    ]
    assert for_agent(*late, *several(asked, 0, 5), rubric=even).focus.skill == "instruction"


def test_too_few_openings_are_never_a_focus() -> None:
    report = for_agent(*several(felt, 0, 4))
    assert (report.focus, report.lessons) == (None, ())
    assert "Too few openings to choose one yet." in hostile.words(page_of(report))
    assert "too few openings to choose one yet" in agent_markdown(report, {})


def test_when_nothing_was_missed_nothing_is_singled_out() -> None:
    report = for_agent(*several(felt, 6, 0))
    assert report.focus is None
    assert "Nothing stands out" in hostile.words(page_of(report))
    assert "Nothing to single out." in agent_markdown(report, {})


def test_what_may_not_have_been_called_for_comes_after_what_surely_was() -> None:
    doubtful = [Opening(0, "empathy", "missed", None, ANA, 0, 5, called=0.5)]
    chats = [felt(f"c{i}", COLD, met=False, other=0.05) for i in range(5)]
    guess = reviewed(talk(customer(HURT), agent(COLD), id="a guess"), openings=doubtful, other=0.01)
    report = for_agent(guess, *chats)
    assert [lesson.moment.conversation for lesson in report.lessons] == ["c0", "c1", "c2"]


def test_lessons_are_the_surest_misses_one_a_conversation() -> None:
    twice = talk(customer(HURT), agent(COLD), customer(HURT), agent(COLD), id="twice")
    chats = [
        reviewed(twice, feelings={0: "anger", 2: "anger"}, other=0.01),
        *(felt(f"c{i}", COLD, met=False, other=0.1 + i / 100) for i in range(4)),
    ]
    report = for_agent(*chats)
    assert [(lesson.moment.conversation, lesson.moment.turn) for lesson in report.lessons] == [
        ("twice", 0), ("c0", 0), ("c1", 0),
    ]  # fmt: skip


def test_an_own_example_goes_before_a_colleagues_and_each_is_marked_as_what_it_is() -> None:
    missed = several(felt, 0, 5)
    colleague = felt("bo", "Oh no, how annoying that must have been.", agent=BO, chance=0.99)
    theirs = for_agent(*missed, team=(colleague,))
    own = for_agent(*missed, felt("own", KIND, chance=0.75), team=(colleague,))
    nobodys = for_agent(*missed)
    assert [(lesson.example.agent, lesson.is_own) for lesson in theirs.lessons] == [(None, False)] * 3
    both = [(ANA, True), (None, False), (ANA, True)]  # the colleague's before one's own a second time
    assert [(lesson.example.agent, lesson.is_own) for lesson in own.lessons] == both
    alone = for_agent(*missed, felt("own", KIND, chance=0.75))
    assert [lesson.example for lesson in nobodys.lessons] == [None] * 3
    for show in (page_of, lambda report: agent_markdown(report, {})):
        assert "colleague's answer to a moment like this" in hostile.text(show(theirs))
        assert "An answer of your own to a moment like this" not in show(theirs)
        assert "An answer of your own to a moment like this" in show(alone)
        assert "answer to a moment like this" not in show(alone)
        assert "moment like this" not in show(nobodys)


def test_a_colleague_is_not_named_beside_their_answer() -> None:
    report = for_agent(*several(felt, 0, 5), team=(felt("bo", KIND, agent=BO),))
    assert BO not in page_of(report)
    assert BO not in agent_markdown(report, {})


def test_only_the_agents_own_openings_and_credits_count_for_them() -> None:
    handed = reviewed(
        talk(customer(HURT), agent(KIND, by=BO), customer("Well"), agent(STEPS, by=ANA), id="c1"),
        feelings={0: "anger"},
        tags={1: ["acknowledge"]},
        resolved="yes",
    )
    one, other = (for_agent(handed, name=name) for name in (ANA, BO))
    for report, openings, endings in ((one, 0, 1), (other, 1, 0)):
        parts = report.card.parts
        assert (report.openings, parts["empathy"].called_for, parts["resolution"].called_for) == (
            openings,
            openings,
            endings,
        )
        assert (parts["warmth"].called_for, parts["warmth"].met) == (1, openings)


def test_only_the_agents_own_moments_are_their_lessons_and_strength() -> None:
    chats = []
    for i in range(5):
        turns = (
            customer(HURT),
            agent(COLD, by=BO),
            customer(HURT),
            agent(COLD, by=ANA),
            customer(ASKS),
            agent(STEPS, by=BO),
        )
        one = reviewed(talk(*turns, id=f"c{i}"), feelings={0: "anger", 2: "anger"}, tags={5: ["instruct"]})
        chats.append(one)
    ana, bo = (for_agent(*chats, name=name) for name in (ANA, BO))
    assert {lesson.moment.answer_turn for lesson in ana.lessons} == {3}
    assert {lesson.moment.answer_turn for lesson in bo.lessons} == {1}
    assert ana.strength is None
    assert bo.strength is not None


# --- whatever may be missing ---


def test_an_agent_without_openings_gets_a_report() -> None:
    report = for_agent(reviewed(talk(customer("Hi"), agent("Hi"))))
    shown = hostile.words(page_of(report))
    assert "1 conversation; 0 openings." in shown
    assert shown.count("not called for") == 5
    assert shown.count("too few to say (1)") == 1
    assert "The conversations carry no times." in agent_markdown(report, {})


def test_without_times_channel_or_agent_pages_can_be_made() -> None:
    bare = reviewed(talk(customer(HURT), agent(COLD), id="c1", agent=None), feelings={0: "anger"})
    report = for_team(bare)
    assert (report.first, report.last, report.agents, report.unnamed) == (None, None, (), 1)
    shown = hostile.words(team_page_of(report))
    assert "1 conversation names no agent and counts for the team only" in shown
    assert "alphabetical" not in shown
    assert [level.name for level in report.patterns.levels["channel"]] == ["unknown"]
    assert [level.name for level in report.patterns.levels["type"]] == ["can't tell"]
    assert "Over time" not in page_of(for_agent(felt("c1")))


def test_weeks_begin_on_monday_and_hold_the_agents_own_scores() -> None:
    sunday, monday, later = (datetime(2026, 9, d, 12, tzinfo=UTC) for d in (6, 7, 13))
    chats = [
        felt("c1", started=sunday),
        felt("c2", started=later),
        felt("c3", COLD, met=False, started=monday),
        felt("c4"),
    ]
    report = for_agent(*chats, rubric=LAX)
    alone = [scorecard(one.credits, LAX).care.value for one in chats]
    first, second = report.weeks
    assert [(str(week.start), week.conversations) for week in (first, second)] == [("2026-08-31", 1), ("2026-09-07", 2)]
    assert first.card.care.value == pytest.approx(alone[0])
    assert second.card.care.value == pytest.approx(fmean(alone[1:3]))
    care = f"{second.card.care.value:.0f}"
    assert (report.first, report.last) == (sunday, later)
    shown = hostile.words(page_of(report))
    assert "4 conversations, 6 September 2026 to 13 September 2026" in shown
    assert f"7 September 2026 2 {care}" in shown
    assert f"- Week from 7 September 2026: 2 conversations, care {care}" in agent_markdown(report, {})


def test_outcomes_are_means_of_those_there_are() -> None:
    chats = [
        felt("c1", outcome=Outcome(csat=5, nps=10)),
        felt("c2", outcome=Outcome(csat=4)),
        felt("c3"),
    ]
    report = for_agent(*chats)
    assert [(a.name, a.mean, a.count) for a in report.outcomes] == [("csat", 4.5, 2), ("nps", 10, 1)]
    assert "CSAT 4.5 (mean of 2), NPS 10.0 (mean of 1)." in hostile.words(page_of(report))
    assert "Satisfaction (CSAT, 1 to 5): too few to say (2)" in hostile.words(team_page_of(for_team(*chats)))
    assert "ratings" not in page_of(for_agent(felt("c1")))


def test_customer_types_are_counted_with_cannot_tell_among_them() -> None:
    thinker = customer_type("thinker", clues=[Clue(0, 0, 6, "says so")])
    report = for_agent(felt("c1"), felt("c2"), felt("c3", found=thinker))
    assert dict(report.types) == {None: 2, "thinker": 1}
    assert "2 × can't tell: too little said, or too mixed 1 × thinker" in hostile.words(page_of(report)).replace(
        "’", "'"
    )
    assert "“Nobody” says so." in hostile.words(page_of(report))


def test_a_day_that_is_not_known_is_empty() -> None:
    assert (day(None), day(START)) == ("", "7 September 2026")


def test_json_holds_the_same_figures_and_parses() -> None:
    chats = [*several(felt, 3, 4), felt("c9", started=START, found=customer_type("feeler"))]
    report = for_agent(*chats)
    values = json.loads(agent_json(report))
    assert values["agent"] == ANA
    assert values["types"] == {"can't tell": 7, "feeler": 1}
    assert [chat["id"] for chat in values["chats"]] == [one.conversation.id for one in chats]
    assert values["focus"]["rate"]["called_for"] == 8
    assert values["lessons"][0]["moment"]["quote"] == HURT
    assert values["weeks"][0]["start"] == "2026-09-07"
    assert values["first"].startswith("2026-09-07")
    assert values["card"]["care"]["value"] == pytest.approx(report.card.care.value, abs=0.01)
    assert values["card"]["parts"]["resolution"]["called_for"] == 0


# --- the team ---


def test_agents_stand_in_alphabetical_order_not_by_score() -> None:
    chats = [felt("c1", agent="zoe"), felt("c2", agent="Bo Chen"), felt("c3", COLD, met=False, agent="ana")]
    report = for_team(*chats, rubric=LAX)
    assert [group.name for group in report.agents] == ["ana", "Bo Chen", "zoe"]
    shown = hostile.words(team_page_of(report))
    rows = shown[shown.index("Agents, in alphabetical order") :]
    assert all(rows.index(f"{a} 1") < rows.index(f"{b} 1") for a, b in pairwise(["ana", "Bo Chen", "zoe"]))


def test_a_hand_over_counts_for_both_agents_each_with_their_own() -> None:
    handed = reviewed(
        talk(customer(HURT), agent(KIND, by=BO), customer("Well"), agent(STEPS, by=ANA), id="c1"),
        feelings={0: "anger"},
        tags={1: ["acknowledge"]},
    )
    ana, bo = for_team(handed).agents
    assert (ana.name, ana.conversations, ana.skills[0].rate.called_for) == (ANA, 1, 0)
    assert (bo.name, bo.conversations, bo.skills[0].rate.called_for) == (BO, 1, 1)
    assert [group.card.parts["empathy"].called_for for group in (ana, bo)] == [0, 1]
    assert [group.card.parts["warmth"].met for group in (ana, bo)] == [0, 1]


def test_the_teams_days_run_from_the_first_to_the_last() -> None:
    report = for_team(*(felt(f"c{d}", started=START + timedelta(days=d)) for d in (3, 0, 8)))
    assert "3 conversations, 7 September 2026 to 15 September 2026; 1 agent" in hostile.words(team_page_of(report))


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
    titles = {re.search("<h1>(.*)</h1>", (tmp_path / "out" / "agents" / page).read_text("utf-8"))[1] for page in made}
    assert titles == {f"Personal report: {name}" for name in names}


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


def test_a_report_of_a_known_agent_quotes_a_colleagues_example_without_the_name(store: Store) -> None:
    colleague = felt("bo", f"{BO} here, I am so sorry that happened to you.", agent=BO)
    save(store, *several(felt, 0, 5), colleague)
    answers = [lesson.example.answer for lesson in report_for(ANA, store, RUBRIC).lessons]
    assert answers == ["[AGENT_1] here, I am so sorry that happened to you."] * 3


def test_an_unknown_agent_is_answered_with_the_known_ones(store: Store) -> None:
    with pytest.raises(StoreError, match=r"no agent called 'Zed' in the store; known are: none yet"):
        report_for("Zed", store, RUBRIC)
    save(store, felt("c1"), felt("c2", agent=BO))
    with pytest.raises(StoreError, match=r"known are: Ana Ruiz, Bo Chen$"):
        report_for("Zed", store, RUBRIC)
    save(store, *(felt(f"d{i:02}", agent=f"Agent {i:02}") for i in range(20)))
    with pytest.raises(StoreError, match=r"Agent 11, …$"):
        report_for("Zed", store, RUBRIC)
