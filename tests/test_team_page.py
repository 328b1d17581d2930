"""The team's page: patterns before people, nobody ranked, nothing said that chance may have made."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hostile
import pytest
from handmade import (
    ASKS,
    COLD,
    HURT,
    KIND,
    RUBRIC,
    SURE,
    agent,
    asked,
    bot,
    customer,
    customer_type,
    felt,
    reviewed,
    talk,
    wished,
)
from team_pages import html_of, report_of, words_of

from coach.clusters import Openings, chance_of_difference, corrected, design_effect, difference
from coach.conversation import Opening, Outcome, Reviewed
from coach.disputes import Dispute
from coach.report import listing, team_wording
from coach.report.listing import ListingTally, choices, facets_of
from coach.report.patterns import BANDS, QUOTED, PatternTally, levels_of, moment_of
from coach.report.render import MOST_PATTERNS, anchor
from coach.report.standing import GroupTally, apart
from coach.report.team import alike, latest

START = datetime(2026, 9, 7, 10, tzinfo=UTC)


def felt_by(channel: str, met: int, missed: int, **fields: Any) -> list[Reviewed]:
    return [
        felt(f"{channel}-{i}", KIND if i < met else COLD, met=i < met, channel=channel, **{**SURE, **fields})
        for i in range(met + missed)
    ]


# --- patterns ---


def test_what_loses_by_more_than_chance_is_named_with_both_sides_counts() -> None:
    chats = [*felt_by("phone", 2, 18), *felt_by("chat", 18, 2)]
    report = report_of(*chats)
    (cell,) = report.patterns.losing
    assert (cell.dimension, cell.level, cell.skill) == ("channel", "phone", "empathy")
    assert (cell.row.met, cell.rest.met, cell.rest.called_for, round(cell.lost)) == (2, 18, 20, 16)
    assert [one.level for one in report.patterns.gaining] == ["chat"]
    shown = words_of(*chats)
    sentence = "Feelings in the channel phone were answered at once in 2 of 20 (3–30 %); in other channels in 18 of 20 (70–97 %)."
    assert shown.count(sentence) == 2  # in short, and with its moments
    assert "At the rate of the rest, about 16 more would have been met. 1 agent took part." in shown


def test_what_may_be_chance_is_not_named() -> None:
    chats = [*felt_by("phone", 8, 12), *felt_by("chat", 12, 8)]
    report = report_of(*chats)
    assert (report.patterns.losing, report.patterns.gaining) == ((), ())
    assert "No kind of moment stands out: 2 were compared with the rest" in words_of(*chats)
    assert "than elsewhere" not in re.sub("“Fewer” and “more than elsewhere”", "", words_of(*chats))


def test_too_few_openings_are_not_compared() -> None:
    report = report_of(*felt_by("phone", 0, 9), *felt_by("chat", 30, 0))
    assert report.patterns.compared == 0


def test_openings_of_one_conversation_count_for_fewer() -> None:
    def openings(met: int, missed: int) -> list[Opening]:
        return [Opening(0, "empathy", "met" if i < met else "missed", None, None, 0, 1) for i in range(met + missed)]

    def side(*talks: tuple[int, int]) -> Openings:
        whole = Openings()
        for met, missed in talks:
            whole.add(Openings.of(openings(met, missed)))
        return whole

    alone = side(*[(1, 0)] * 16, *[(0, 1)] * 4), side(*[(1, 0)] * 4, *[(0, 1)] * 16)
    together = side((16, 0), (0, 4)), side((4, 0), (0, 16))
    assert (together[0].met, together[0].missed) == (alone[0].met, alone[0].missed)
    assert design_effect(alone) == pytest.approx(1.0, abs=0.06)
    assert design_effect(together) > 10
    assert chance_of_difference(*alone) < 0.001
    assert chance_of_difference(*together) > 0.5
    assert difference(*alone, level=0.95).is_clear
    assert not difference(*together, level=0.95).is_clear


def test_one_side_without_openings_has_no_chance_and_all_alike_no_effect() -> None:
    some = Openings.of([Opening(0, "empathy", "met", 1, None, 0, 1)])
    assert chance_of_difference(some, Openings()) is None
    assert design_effect((some, some)) == 1.0
    assert some.besides(some) == Openings()


def test_many_comparisons_are_corrected_for() -> None:
    assert corrected([]) == []
    assert corrected([0.01, 0.02, 0.5]) == pytest.approx([0.03, 0.03, 0.5])


@pytest.mark.parametrize(
    ("one", "moment"),
    [
        (felt("c"), "anger"),
        (asked("c"), "a question"),
        (asked("c", words="The screen does not turn on at all"), "a fault"),
        (wished("c"), "a wish"),
        (wished("c", words="I would like my money, the lamp is broken"), "a problem"),
    ],
)
def test_an_opening_is_of_a_kind_of_moment(one: Reviewed, moment: str) -> None:
    assert moment in [moment_of(opening, one) for opening in one.judgements.openings]


def test_hours_are_those_the_data_writes_in_the_finest_bands_that_mostly_have_enough() -> None:
    def at(hour: int, count: int) -> list[Reviewed]:
        return [felt(f"{hour}-{i}", started=START.replace(hour=hour)) for i in range(count)]

    many, few = ([*at(8, count), *at(9, count), *at(14, 2 * count)] for count in (12, 6))
    names = [[level.name for level in report_of(*chats).patterns.levels["hour"]] for chats in (many, few)]
    assert names == [["08–09", "09–10", "14–15"], ["08–10", "14–16"]]
    (widest,) = report_of(felt("c1", started=START)).patterns.levels["hour"]
    assert widest.name == f"08–{8 + BANDS[-1]:02}"
    assert "hour" not in dict(levels_of(felt("c1").judgements.openings[0], felt("c1")))


def test_evidence_is_a_few_sure_moments_one_a_conversation_linked_to_its_words() -> None:
    chats = [*felt_by("phone", 0, 20), *felt_by("chat", 20, 0)]
    report = report_of(*chats)
    (cell,) = report.patterns.losing
    assert len({one.moment.conversation for one in cell.evidence}) == len(cell.evidence) == QUOTED
    assert {one.moment.status for one in cell.evidence} == {"missed"}
    assert {one.moment.status for one in report.patterns.gaining[0].evidence} == {"met"}
    page = html_of(report)
    for one in cell.evidence:
        place = anchor(one.moment.conversation)
        assert f'<a href="#{place}-t1">' in page
        assert page.count(f'id="{place}"') == 1


def test_agents_are_not_named_in_patterns() -> None:
    chats = [*felt_by("phone", 0, 20, agent="Zed Quirk"), *felt_by("chat", 20, 0, agent="Ida Moss")]
    shown = words_of(*chats)
    patterns = shown[shown.index("An opening is a turn") : shown.index("How care and service balance", 500)]
    assert "Zed" not in patterns
    assert "Ida" not in patterns


def test_no_more_patterns_are_told_than_can_be_read() -> None:
    channels = [chat for i in range(9) for chat in felt_by(f"bad {i}", 2, 38)]
    report = report_of(*channels, *felt_by("good", 400, 0))
    assert len(report.patterns.losing) > MOST_PATTERNS
    assert f"{len(report.patterns.losing) - MOST_PATTERNS} more that lose less" in hostile.words(html_of(report))


def test_the_tally_of_patterns_holds_no_more_for_more_conversations() -> None:
    tally = PatternTally(RUBRIC)
    for i in range(60):
        tally.add(felt(f"c{i:02}"))
    assert all(len(cell.met) <= QUOTED for cell in tally.cells.values())
    assert len(tally.cells) == 4


# --- agents ---


def test_only_what_surely_differs_from_the_others_is_said_of_an_agent() -> None:
    chats = [*felt_by("a", 2, 28, agent="Ana"), *felt_by("b", 26, 4, agent="Bo"), *felt_by("c", 27, 3, agent="Cy")]
    report = report_of(*chats)
    found = {group.name: {one.measure: one.points.value for one in group.apart} for group in report.agents}
    assert found["Ana"]["empathy"] == pytest.approx(100 * (2 / 30 - 53 / 60))
    assert found["Ana"]["care"] < 0
    assert found["Bo"]["empathy"] > 0
    shown = words_of(*chats)
    assert re.search(r"Ana 30 2 of 30, \d+–\d+ % \d+ to \d+ points below the others", shown)
    assert "hold 95 % for all 3 agents and five measures at once" in shown


def test_agents_alike_or_with_too_few_are_not_told_apart() -> None:
    chats = [*felt_by("a", 10, 8, agent="Ana"), *felt_by("b", 9, 9, agent="Bo"), *felt_by("c", 0, 4, agent="Cy")]
    assert all(group.apart == () for group in report_of(*chats).agents)
    assert "points below" not in words_of(*chats).replace("“3 to 41 points below the others”", "")


def test_one_agent_alone_differs_from_nobody() -> None:
    report = report_of(*felt_by("a", 9, 9))
    assert [group.apart for group in report.agents] == [()]
    assert "for this agent and five measures" in words_of(*felt_by("a", 1, 0))


def test_the_others_are_all_the_other_agents_together() -> None:
    tallies = {name: GroupTally() for name in "abc"}
    for number, (name, tally) in enumerate(tallies.items()):
        for i in range(6):
            tally.add(
                felt(f"{name}{i}", COLD if number == 0 else KIND, met=number > 0, agent=name, **SURE), RUBRIC, name
            )
    care = {name: [one.points for one in found if one.measure == "care"] for name, found in apart(tallies, 5).items()}
    (points,) = care["a"]
    own, rest = (
        tallies["a"].spread("care").mean,
        (tallies["b"].spread("care").mean + tallies["c"].spread("care").mean) / 2,
    )
    assert points.value == pytest.approx(100 * (own - rest))


def test_names_that_are_written_alike_stand_apart_and_it_is_said() -> None:
    names = ("Ana Ruiz", "ana  ruiz", "Ana\u200b Ruiz", "Bo")
    assert alike(names) == (tuple(sorted(names[:3])),)
    report = report_of(*(felt(f"c{i}", agent=name) for i, name in enumerate(names)))
    assert len(report.agents) == 4
    assert "are written alike and stand apart here" in hostile.words(html_of(report))


# --- what is new ---


@pytest.mark.parametrize(
    ("days", "since"),
    [
        ({date(2026, 9, 1): 30, date(2026, 10, 2): 12}, date(2026, 10, 1)),
        ({date(2026, 8, 1): 30, date(2026, 9, 2): 12, date(2026, 10, 2): 3}, date(2026, 9, 1)),
        ({date(2026, 10, 5): 30, date(2026, 10, 19): 12}, date(2026, 10, 19)),
        ({date(2026, 10, 5): 30, date(2026, 10, 12): 12, date(2026, 10, 19): 2}, date(2026, 10, 12)),
        ({date(2026, 10, 5): 30, date(2026, 10, 19): 2}, None),
        ({}, None),
    ],
)
def test_what_is_new_begins_with_the_latest_month_or_week_that_has_enough(days: Any, since: date | None) -> None:
    assert latest(days) == since


def test_what_changed_since_then_is_said_in_short() -> None:
    old = felt_by("o", 2, 28, started=START)
    new = felt_by("n", 28, 2, started=START + timedelta(days=40))
    assert "empathy changed by more than chance would do" in words_of(*old, *new)
    assert "None of these conversations has a time" in words_of(felt("c1"))


# --- outcomes, disputes, listing ---


def test_ratings_are_counted_by_channel_and_drawn() -> None:
    chats = [felt(f"c{i}", channel="chat", outcome=Outcome(csat=1 + i % 2, nps=9)) for i in range(6)]
    report = report_of(*chats)
    assert report.ratings == {"csat": {"chat": {1: 3, 2: 3}}, "nps": {"chat": {9: 6}}}
    assert "satisfaction (CSAT, 5 is best). chat: 1 was given 3 times, 2 was given 3 times." in words_of(*chats)


def test_disputes_are_counted_with_the_share_overturned() -> None:
    def dispute(number: int, verdict: Any) -> Dispute:
        return Dispute(f"R{number}", "c1", 1, 0, 5, "acknowledge", "Ana", "no", date(2026, 9, 7), verdict)

    disputes = [dispute(i, ("upheld", "upheld", "overturned", "upheld", "upheld", None)[i]) for i in range(6)]
    assert "6 judgements were disputed; 1 of them waits for a second look" in words_of(felt("c1"), disputes=disputes)
    assert "Of those settled, 1 of 5 were overturned (4–62 %)." in words_of(felt("c1"), disputes=disputes)
    assert "1 of 1 were overturned (too few to say more)." in words_of(felt("c1"), disputes=[dispute(1, "overturned")])
    assert "Disputes" not in words_of(felt("c1"))


def test_the_listing_keeps_the_latest_and_says_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    chats = [felt(f"c{i:02}", started=START + timedelta(days=i)) for i in range(9)] + [felt("undated")]
    tally = ListingTally(RUBRIC, most=3)
    for one in chats:
        tally.add(one)
    assert [line.chat.id for line in tally.listing().lines] == ["c08", "c07", "c06"]
    assert tally.listing().conversations == 10
    report = replace(report_of(*chats), listing=tally.listing())
    assert "The latest 3 of 10; coach export writes them all." in hostile.words(html_of(report))
    assert "coach export" not in words_of(*chats)


def test_a_line_has_what_the_conversation_came_to() -> None:
    one = felt("c1", started=START, channel="chat", found=customer_type("feeler"), resolved="yes")
    report = report_of(one)
    chat = report.listing.lines[0].chat
    assert (chat.openings, chat.resolved) == ({"met": 1}, "yes")
    assert f"c1 7 September 2026 Ana Ruiz chat feeler yes {chat.care.value:.0f}" in hostile.words(html_of(report))


def test_rows_and_queue_carry_what_they_are_chosen_by() -> None:
    chats = [felt(f"c{i}", agent=("Ana Ruiz", "Bo")[i % 2], channel="chat", started=START) for i in range(3)]
    handed = talk(customer(HURT), agent(KIND, by="Bo"), agent(KIND, by="Ana Ruiz"), id="both")
    page = html_of(report_of(*chats, reviewed(handed)))
    both = 'data-agent="Bo Ana%20Ruiz" data-channel="unknown" data-period="no%20time" data-type="can%27t%20tell"'
    assert page.count(both) == 2
    assert page.count('data-channel="chat" data-period="2026-09"') == 6
    assert '<form class="filters" data-for="queue-list"' in page
    assert '<form class="filters" data-for="all-conversations"' in page
    assert '<option value="2026-09">September 2026</option>' in page
    assert choices([facets_of(one) for one in chats]) == {"agent": ["Ana Ruiz", "Bo"]}


# --- whatever may be missing ---


def test_an_empty_store_has_a_page_that_says_so() -> None:
    assert "Nothing has been reviewed yet" in words_of()


def test_one_conversation_makes_a_page() -> None:
    shown = words_of(felt("c1"))
    assert "1 conversation; 1 agent; 1 opening." in shown
    assert "No kind of moment stands out" in shown
    assert "Nothing is said about hours: these conversations carry no times." in shown
    assert "drawn at random" in shown


def test_conversations_in_which_only_a_bot_spoke_count_for_no_agent() -> None:
    shown = words_of(reviewed(talk(customer(ASKS), bot("Please wait"), id="handed")), felt("c2", agent=None))
    assert "In 1 conversation no agent said anything (a bot, or nobody, answered): it counts for the team only" in shown
    assert "1 conversation names no agent and counts for the team only." in shown
    assert "No agent is named in these conversations" in shown


def test_without_outcomes_the_page_says_so() -> None:
    shown = words_of(felt("c1"))
    assert "There are no outcomes to compare with." in shown
    assert "Came again within 30 days none to judge" in shown


@pytest.mark.parametrize("name", ["<b>Ana</b>", "Ana 👩🏽‍💻", "\u202eanA", '"><script>alert(1)</script>'])
def test_odd_names_stay_text(name: str) -> None:
    chats = [felt(f"c{i}", agent=name, channel=name) for i in range(6)]
    page, plain = (
        html_of(report_of(*chats)),
        html_of(report_of(*(felt(f"c{i}", agent="A", channel="A") for i in range(6)))),
    )
    assert hostile.structure(page) == hostile.structure(plain)
    assert name in hostile.text(page)


def test_the_same_conversations_give_the_same_bytes_in_whatever_order() -> None:
    chats = [*felt_by("phone", 3, 20, started=START), *felt_by("chat", 20, 3), *(asked(f"a{i}") for i in range(5))]
    assert html_of(report_of(*chats)) == html_of(report_of(*reversed(chats)))


def test_a_page_of_very_many_conversations_stays_small() -> None:
    chats = (
        felt(f"conversation-{i:05}", agent=f"Agent Number {i % 40}", channel="chat", started=START + timedelta(hours=i))
        for i in range(listing.MOST + 100)
    )
    report = report_of(*chats)
    assert len(html_of(report).encode()) < 3_000_000
    assert len(report.listing.lines) == listing.MOST


# --- the words ---


@pytest.mark.parametrize(
    ("dimension", "level", "skill", "words"),
    [
        ("moment", "worry", "empathy", "Worry was answered at once in 1 of 4 (5–70 %); for other feelings in"),
        ("moment", "a question", "instruction", "Questions were guided at once in"),
        ("type", "feeler", "listening", "Problems and wishes of customers who sound like a feeler were heard at once"),
        ("type", "can't tell", "empathy", "Feelings of customers whose type can't be told were answered at once"),
        ("hour", "08–10", "instruction", "Questions and faults between 08 and 10 o'clock were guided at once in"),
    ],
)
def test_a_pattern_is_told_in_a_sentence(dimension: str, level: str, skill: str, words: str) -> None:
    cell = report_of(*felt_by("chat", 1, 3)).patterns.levels["channel"][0].cells[0]
    told = replace(cell, dimension=dimension, level=level, skill=skill)
    assert team_wording.pattern(told).startswith(words)


def test_periods_are_months_or_no_time() -> None:
    assert [team_wording.period(name) for name in ("2026-01", "2026-12", "no time")] == [
        "January 2026", "December 2026", "no time",
    ]  # fmt: skip
