"""Reports: fit with customers, what may have slipped, and how type and ending are told beside a transcript."""

import json
import re
from dataclasses import replace
from typing import Any

import hostile
import pytest
from agent_pages import ANA, BO, LONG, made
from handmade import (
    ASKS,
    COLD,
    HURT,
    KIND,
    STEPS,
    agent,
    asked,
    customer,
    customer_type,
    felt,
    reviewed,
    talk,
)
from team_pages import html_of, report_of

from coach.conversation import Clue, CustomerType, Outcome, Resolution, Reviewed
from coach.report import agent_json
from coach.report.agent_tally import SHOWN_SLIPS
from coach.report.figures import scale
from coach.report.render import anchor
from coach.report.team import TeamReport
from coach.report.wording import SLIP_WORDS
from coach.slips import KINDS

WILL = "We will call you back."


def words(report: TeamReport) -> str:
    return hostile.words(html_of(report))


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
    one = made(*met(ANA, towards=True), team=met(BO, towards=False))
    (fit,) = one.report.fits
    shown = f"{fit.mean:+.2f} ({fit.low:+.2f} to {fit.high:+.2f})"
    team = f"{one.report.team_fits['controller']:+.1f}"
    assert f"controller 5 {shown} moves towards them {team} ".replace("-", "−") in one.words
    assert "with others)" in one.words
    for found in (fit.best, fit.poorest):
        assert f"{found.id} (“{found.words[:40]}" in one.words
    assert f"Fit with controllers, 5 conversations: {shown} towards them" in one.markdown
    assert f"closest: {fit.best.id}, furthest: {fit.poorest.id}" in one.markdown.replace("\\", "")


def test_whoever_moves_away_is_told_so_and_whoever_does_neither_is_told_nothing() -> None:
    assert "moves away" in made(*met(ANA, towards=False), team=met(BO, towards=True)).words
    alike = [
        replace(one, judgements=replace(one.judgements, customer_type=customer_type("controller" if n < 5 else None)))
        for n, one in enumerate(met(ANA, towards=True))
    ]
    text = made(*alike).words
    row = text[text.index("controller 5 ") : text.index("with others)")]
    assert "moves" not in row
    assert "nothing can be said" in row


def test_too_few_of_a_type_are_no_fit() -> None:
    one = made(*met(ANA, towards=True, count=2))
    assert (one.report.fits, dict(one.report.team_fits)) == ((), {})
    assert "Too few conversations, of a known type or besides it, to say." in one.words
    assert "Fit with" not in one.markdown


def test_what_to_read_again_leads_to_its_place_in_the_page() -> None:
    page = made(*met(ANA, towards=True)).page
    ids = [value for _, name, value in hostile.attributes(page) if name == "id"]
    links = {link.removeprefix("#") for link in hostile.links(page)}
    assert {link for link in links if link.startswith("c-")}
    assert links <= set(ids)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("id", ["c1", "", "../x", '"><b>', "\ud800", "a" * 999])
def test_an_anchor_is_short_and_plain(id: str) -> None:
    assert re.fullmatch(r"c-[0-9a-f]{12}", anchor(id))
    assert anchor(id) == anchor(id)
    assert anchor(id) != anchor(f"{id} ")


# --- what may have slipped ---


def slipped(number: int, text: str = "", **fields: Any) -> Reviewed:
    """A chat with three slips: said again, a promise without a time, steps not checked."""
    turns = (customer(f"It does not work. {ASKS} {text}"), agent(STEPS), customer(f"As I said {text}"), agent(f"{WILL} {text}"), customer(text or "No"))  # fmt: skip
    chat = talk(*turns, id=f"{text or 'slip'} {number}", **fields)
    one = reviewed(chat, tags={1: ["instruct"]})
    return replace(one, judgements=replace(one.judgements, repeats=(2,)))


def test_slips_are_counted_and_a_few_of_them_quoted() -> None:
    one = made(*(slipped(number) for number in range(5)))
    found = {slip.kind: (slip.count, len(slip.moments)) for slip in one.report.slips}
    kinds = ("customer repeats", "unchecked instruction", "promise without a time")
    assert found == dict.fromkeys(kinds, (5, SHOWN_SLIPS))
    for kind in found:
        assert f"{SLIP_WORDS[kind]}: 5" in one.words
        assert f"{SLIP_WORDS[kind]}: 5; slip 3, turn" in one.markdown
    assert f"slip 4, turn 3 CustomerAs I said You, before that{STEPS}" in one.words
    assert "slip 1" not in one.words[one.words.index("Also worth a look") : one.words.index("Customers you met")]


def test_every_kind_of_slip_has_words() -> None:
    assert SLIP_WORDS.keys() == set(KINDS)


def test_only_ones_own_slips_are_shown() -> None:
    one = slipped(1)
    turns = tuple(replace(turn, speaker=BO if n == 3 else None) for n, turn in enumerate(one.conversation.turns))
    handed = replace(one, conversation=replace(one.conversation, turns=turns))
    ana, bo = (made(handed, name=name).report for name in (ANA, BO))
    assert [slip.kind for slip in ana.slips] == ["customer repeats", "unchecked instruction"]
    assert [slip.kind for slip in bo.slips] == ["promise without a time"]
    assert "Also worth a look" not in made(asked("c1")).words


# --- text stays text ---


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
    one, usual = (made(*full(each), name=each) for each in (text, plain))
    assert one.report.fits
    assert len(one.report.slips) == 3
    assert hostile.structure(one.page) == hostile.structure(usual.page)
    assert hostile.text(one.page).count(text) == hostile.text(usual.page).count(plain) > 60
    assert hostile.markdown_structure(one.markdown) == hostile.markdown_structure(usual.markdown)
    assert hostile.markdown_text(one.markdown).count(text) == hostile.markdown_text(usual.markdown).count(plain) > 5
    assert one.values["fits"][0]["best"]["id"].startswith(text)


# --- type and ending beside the transcript ---


def shown(
    *, found: CustomerType | None = None, ending: Resolution | None = None, customers: int = 3, **fields: Any
) -> str:
    turns = [turn for n in range(customers) for turn in (customer(f"Thanks {n}"), agent("Hi"))]
    one = reviewed(talk(*turns, **fields), found=found)
    judgements = replace(one.judgements, resolution=ending or one.judgements.resolution)
    return made(replace(one, judgements=judgements)).words


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
    text = words(replace(report_of(asked("c1")), fit_by_chance=chance))
    stems = ("Too few conversations of known types", "Agents differ in how far", "How far agents adapt")
    assert sum(stem in text for stem in stems) == 1
    assert sentence in text


def test_agents_who_adapt_and_who_do_the_opposite_differ_and_nobody_is_named_for_it() -> None:
    report = report_of(*met(ANA, towards=True), *met(BO, towards=False))
    assert report.fit_by_chance is not None
    assert report.fit_by_chance < 0.05
    assert "Each finds how in their own report." in words(report)
    alike = report_of(*met(ANA, towards=True), *met(BO, towards=True))
    assert alike.fit_by_chance is not None
    assert alike.fit_by_chance > 0.05
    assert report_of(*met(ANA, towards=True)).fit_by_chance is None


def test_the_team_sees_how_much_slipped_and_not_whose() -> None:
    text = words(report_of(slipped(1), slipped(2, agent=BO)))
    start = text.index("What may have slipped", text.index("All counts"))
    part = text[start : text.index("How care and service balance", start)]
    assert "Promise without a time 2 2 of 2" in part
    assert ANA not in part
    assert "What may have slipped" not in words(report_of(asked("c1")))


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
    report = made(*several).report
    values = json.loads(agent_json(report), parse_constant=unlike_numbers)
    assert [(fit["type"], fit["count"], fit["mean"]) for fit in values["fits"]] == [
        (fit.type, fit.count, fit.mean) for fit in report.fits
    ]
    assert [(slip["kind"], slip["count"]) for slip in values["slips"]] == [(s.kind, s.count) for s in report.slips]
    assert values["team_fits"] == dict(report.team_fits)
    assert [chat["id"] for chat in values["chats"]] == [one.conversation.id for one in several]
