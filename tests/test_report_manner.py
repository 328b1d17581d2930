"""Reports: fit with customers, what may have slipped, and how type and ending are told beside a transcript."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
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
    customer,
    customer_type,
    felt,
    reviewed,
    talk,
)

from coach.conversation import Clue, CustomerType, Outcome, Resolution, Reviewed
from coach.report import agent_json, agent_markdown, agent_page
from coach.report.agent import SHOWN_SLIPS, AgentReport, agent_report
from coach.report.render import SLIP_WORDS, anchor, scale, team_page
from coach.report.team import TeamReport, TeamTally
from coach.report.write import names_mask
from coach.slips import KINDS

ANA, BO = "Ana Ruiz", "Bo Chen"
WILL = "We will call you back."


def for_agent(*several: Reviewed, name: str = ANA, team: Sequence[Reviewed] = ()) -> AgentReport:
    tally = TeamTally(RUBRIC)
    for one in (*several, *team):
        tally.add(one)
    return agent_report(name, several, RUBRIC, team=tally.examples, usual=tally.usual, mask=names_mask([name]))


def for_team(*several: Reviewed) -> TeamReport:
    tally = TeamTally(RUBRIC)
    for one in several:
        tally.add(one)
    return tally.report()


def words(report: AgentReport | TeamReport) -> str:
    return hostile.words(agent_page(report, {}) if isinstance(report, AgentReport) else team_page(report, {}, "0"))


def met(who: str, *, towards: bool, count: int = 5, ids: str = "", **fields: Any) -> list[Reviewed]:
    """Chats with controllers and as many others; to controllers the agent is brief, or else lengthy."""
    found = []
    for number in range(2 * count):
        type = "controller" if number % 2 else None
        brief = towards is (type == "controller")
        answer = " ".join([STEPS] * (1 + (not brief) * 4 + number % 3))
        chat = talk(customer(ASKS), agent(answer), id=f"{ids or who}-{number}", agent=who, **fields)
        found.append(reviewed(chat, tags={1: ["instruct"]}, found=customer_type(type)))
    return found


# --- fit ---


def test_fit_is_shown_with_its_interval_the_teams_and_what_to_read_again() -> None:
    report = for_agent(*met(ANA, towards=True), team=met(BO, towards=False))
    (fit,) = report.fits
    shown = words(report)
    assert f"controller 5 {fit.mean:+.2f} ({fit.low:+.2f} to {fit.high:+.2f}) moves towards them" in shown
    assert f"{report.team_fits['controller']:+.1f}" in shown
    assert "with others)" in shown
    assert f"closest: {fit.best}, furthest: {fit.poorest}" in shown
    assert "Fit with the customers you met" in agent_markdown(report, {})
    assert f"({fit.low:+.2f} to {fit.high:+.2f})" in agent_markdown(report, {})


def test_whoever_moves_away_is_told_so_and_whoever_does_neither_is_told_nothing() -> None:
    assert "moves away" in words(for_agent(*met(ANA, towards=False), team=met(BO, towards=True)))
    alike = [
        replace(one, judgements=replace(one.judgements, customer_type=customer_type("controller" if n < 5 else None)))
        for n, one in enumerate(met(ANA, towards=True))
    ]
    text = words(for_agent(*alike))
    row = text[text.index("controller 5 ") : text.index("with others")]
    assert "moves" not in row


def test_too_few_of_a_type_are_no_fit() -> None:
    report = for_agent(*met(ANA, towards=True, count=2))
    assert (report.fits, dict(report.team_fits)) == ((), {})
    assert "Too few conversations, of a known type or besides it, to say how your manner fitted." in words(report)
    assert "Fit with the customers" not in agent_markdown(report, {})


def test_what_to_read_again_leads_to_its_place_in_the_page() -> None:
    page = agent_page(for_agent(*met(ANA, towards=True)), {})
    ids = [value for _, name, value in hostile.attributes(page) if name == "id"]
    links = [value for _, name, value in hostile.attributes(page) if name == "href"]
    assert len(links) == len(set(links)) == 2
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("id", ["c1", "", "../x", '"><b>', "\ud800", "a" * 999])
def test_an_anchor_is_short_and_plain(id: str) -> None:
    assert re.fullmatch(r"c-[0-9a-f]{12}", anchor(id))
    assert anchor(id) == anchor(id)
    assert anchor(id) != anchor(f"{id} ")


# --- what may have slipped ---


def slipped(number: int, text: str = "", **fields: Any) -> Reviewed:
    """A chat with three slips: said again, a promise without a time, steps not checked."""
    turns = (customer(f"{ASKS} {text}"), agent(STEPS), customer(f"As I said {text}"), agent(f"{WILL} {text}"), customer(text or "No"))  # fmt: skip
    chat = talk(*turns, id=f"{text or 'slip'} {number}", **fields)
    one = reviewed(chat, tags={1: ["instruct"]})
    return replace(one, judgements=replace(one.judgements, repeats=(2,)))


def test_slips_are_counted_and_a_few_of_them_quoted() -> None:
    report = for_agent(*(slipped(number) for number in range(5)))
    found = {slip.kind: (slip.count, len(slip.moments)) for slip in report.slips}
    assert found == dict.fromkeys(("customer repeats", "unchecked instruction", "promise without a time"), (5, 2))
    assert SHOWN_SLIPS == 2
    shown = words(report)
    for kind in found:
        assert f"{SLIP_WORDS[kind]}: 5" in shown
        assert f"{SLIP_WORDS[kind]}: 5" in agent_markdown(report, {})
    assert f"slip 0, turn 3As I said You, before that{STEPS}" in shown
    assert "slip 2" not in shown[shown.index("Also worth a look") : shown.index("Customers you met")]


def test_every_kind_of_slip_has_words() -> None:
    assert SLIP_WORDS.keys() == set(KINDS)


def test_only_ones_own_slips_are_shown() -> None:
    one = slipped(1)
    turns = tuple(replace(turn, speaker=BO if n == 3 else None) for n, turn in enumerate(one.conversation.turns))
    handed = replace(one, conversation=replace(one.conversation, turns=turns))
    ana, bo = (for_agent(handed, name=name) for name in (ANA, BO))
    assert [slip.kind for slip in ana.slips] == ["customer repeats", "unchecked instruction"]
    assert [slip.kind for slip in bo.slips] == ["promise without a time"]
    assert "Also worth a look" not in words(for_agent(asked("c1")))


# --- text stays text ---

LONG = "and that is really all there is to say of it"


def full(text: str) -> list[Reviewed]:
    """Chats with a fit and slips, in which the text stands in quotes, ids, clues and names."""
    found = [*met(text, towards=True, ids=text, channel=text), *(slipped(n, text, agent=text) for n in range(2))]
    several = []
    for one in found:
        end = len(one.conversation.turns[0].text)
        type = replace(
            one.judgements.customer_type, clues=(Clue(0, 0, end, text),), path=((0, "feeler"), (1, "controller"))
        )
        ending = replace(one.judgements.resolution, label="yes", clues=(Clue(0, 0, end, text),))
        judgements = replace(one.judgements, customer_type=type, resolution=ending)
        several.append(replace(one, judgements=judgements))
    return several


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_hostile_text_stays_text(text: str) -> None:
    text, plain = f"{text} {LONG}", f"plain {LONG}"
    reports = [for_agent(*full(one), name=one) for one in (text, plain)]
    assert reports[0].fits
    assert len(reports[0].slips) == 3
    pages = [agent_page(report, {}) for report in reports]
    assert hostile.structure(pages[0]) == hostile.structure(pages[1])
    assert hostile.text(pages[0]).count(text) == hostile.text(pages[1]).count(plain) > 60
    ids = {value for _, name, value in hostile.attributes(pages[0]) if name == "id"}
    links = {value for _, name, value in hostile.attributes(pages[0]) if name == "href"}
    assert links
    assert all(link[0] == "#" and link[1:] in ids for link in links)
    documents = [agent_markdown(report, {}) for report in reports]
    assert hostile.markdown_structure(documents[0]) == hostile.markdown_structure(documents[1])
    assert hostile.markdown_text(documents[0]).count(text) == hostile.markdown_text(documents[1]).count(plain) > 5
    assert json.loads(agent_json(reports[0]))["fits"][0]["best"].startswith(text)


# --- type and ending beside the transcript ---


def shown(
    *, found: CustomerType | None = None, ending: Resolution | None = None, customers: int = 3, **fields: Any
) -> str:
    turns = [turn for n in range(customers) for turn in (customer(f"Thanks {n}"), agent("Hi"))]
    one = reviewed(talk(*turns, **fields), found=found)
    judgements = replace(one.judgements, resolution=ending or one.judgements.resolution)
    return words(for_agent(replace(one, judgements=judgements)))


PATHS = {
    (): "",
    ((0, "thinker"),): "",
    ((0, "thinker"), (4, "feeler")): "After turn 1 it looked like a thinker, after turn 5 it looked like a feeler.",
    (
        (2, "entertainer"),
        (4, None),
    ): "After turn 3 it looked like an entertainer, after turn 5 it looked like nothing certain.",
}


@pytest.mark.parametrize(("path", "sentence"), PATHS.items())
def test_how_the_guess_at_the_type_changed_is_told_in_a_sentence(path: Any, sentence: str) -> None:
    text = shown(found=replace(customer_type(path[-1][1] if path else None), path=path))
    assert sentence in text
    assert ("it looked like" in text) == bool(sentence)


def test_the_scales_are_shown_with_their_intervals() -> None:
    text = shown(found=replace(customer_type(), margins=(1.24, 0.5)))
    assert "Asks (1) or tells (5): 3.5 (2.3–4.7); task (1) or feelings and talk (5): 2.2 (1.8–2.8)." in text


@pytest.mark.parametrize(
    ("value", "margin", "text"),
    [(3, 0, "3.0 (3.0–3.0)"), (1, 0.5, "1.0 (1.0–1.5)"), (4.8, 1, "4.8 (3.8–5.0)"), (3, 4, "3.0 (1.0–5.0)")],
)
def test_a_scales_interval_stays_on_the_scale(value: float, margin: float, text: str) -> None:
    assert scale(value, margin) == text


SETTLED = Resolution("yes", {"yes": 0.874, "partly": 0.1, "no": 0.02, "unknown": 0.006}, (Clue(0, 0, 6, "thanks"),))


def test_an_ending_is_shown_with_what_it_rests_on_or_as_reported() -> None:
    assert "Resolved: yes, judged (87 % sure); “Thanks” thanks." in shown(ending=SETTLED)
    assert "Resolved: partly, as reported." in shown(ending=SETTLED, outcome=Outcome(resolved="partly"))
    assert "Resolved: unknown, judged (70 % sure)." in shown()


@pytest.mark.parametrize(
    ("fields", "simple"),
    [
        ({"customers": 2, "ending": SETTLED}, True),
        ({"customers": 3, "ending": SETTLED}, False),
        ({"customers": 2}, False),
        ({"customers": 1, "outcome": Outcome(resolved="yes")}, True),
        ({"customers": 1, "ending": SETTLED, "outcome": Outcome(resolved="no")}, False),
    ],
)
def test_a_simple_matter_is_called_so(fields: Any, simple: bool) -> None:
    assert ("A simple matter, soon settled: the type hardly counts here." in shown(**fields)) is simple


# --- the team ---


@pytest.mark.parametrize(
    ("chance", "sentence"),
    [
        (None, "Too few conversations of known types to say whether agents differ in how they adapt to them."),
        (0.001, "by more than chance (in 0.1 % of shufflings they differ as much)"),
        (0.0499, "by more than chance (in 5.0 % of shufflings they differ as much)"),
        (0.05, "does not differ between them by more than chance (5 % of shufflings differ as much)"),
        (1.0, "does not differ between them by more than chance (100 % of shufflings differ as much)"),
    ],
)
def test_whether_agents_differ_by_more_than_chance_is_said(chance: float | None, sentence: str) -> None:
    text = words(replace(for_team(asked("c1")), fit_by_chance=chance))
    stems = ("Too few conversations of known types", "Agents differ in how far", "How far agents adapt")
    assert sum(stem in text for stem in stems) == 1
    assert sentence in text


def test_agents_who_adapt_and_who_do_the_opposite_differ_and_nobody_is_named_for_it() -> None:
    report = for_team(*met(ANA, towards=True), *met(BO, towards=False))
    assert report.fit_by_chance is not None
    assert report.fit_by_chance < 0.05
    assert "Each finds how in their own report." in words(report)
    alike = for_team(*met(ANA, towards=True), *met(BO, towards=True))
    assert alike.fit_by_chance is not None
    assert alike.fit_by_chance > 0.05
    assert for_team(*met(ANA, towards=True)).fit_by_chance is None


def test_the_team_sees_how_much_slipped_and_not_whose() -> None:
    text = words(for_team(slipped(1), slipped(2, agent=BO)))
    start = text.index("What may have slipped", text.index("All counts"))
    part = text[start : text.index("How care and service balance", start)]
    assert "Promise without a time 2 2 of 2" in part
    assert ANA not in part
    assert "What may have slipped" not in words(for_team(asked("c1")))


# --- JSON ---


def unlike_numbers(name: str) -> None:
    pytest.fail(f"{name} is no JSON")


@pytest.mark.parametrize(
    "several",
    [
        [],
        [felt("c1")],
        [*met(ANA, towards=True), slipped(1)],
        [reviewed(talk(customer(HURT), agent(COLD), agent(KIND), id=f"c{n}"), found=customer_type("feeler" if n % 2 else None)) for n in range(8)],
    ],
    ids=["none", "one", "fit and slips", "all alike"],
)  # fmt: skip
def test_an_agents_report_is_json_without_what_is_no_number(several: list[Reviewed]) -> None:
    report = for_agent(*several)
    values = json.loads(agent_json(report), parse_constant=unlike_numbers)
    assert [(fit["type"], fit["count"], fit["mean"]) for fit in values["fits"]] == [
        (fit.type, fit.count, fit.mean) for fit in report.fits
    ]
    assert [(slip["kind"], slip["count"]) for slip in values["slips"]] == [(s.kind, s.count) for s in report.slips]
    assert values["team_fits"] == dict(report.team_fits)
    assert [chat["id"] for chat in values["chats"]] == [one.conversation.id for one in several]
