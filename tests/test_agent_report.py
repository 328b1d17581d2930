"""An agent's report: what it says of whom, in which words, and that text stays text."""

import base64
import json
import re
import zlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Any

import hostile
import pytest
from agent_pages import ANA, BO, LONG, START, Made, full, made, several
from handmade import (
    ASKS,
    COLD,
    HEARD,
    HURT,
    KIND,
    RUBRIC,
    STEPS,
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

from coach.conversation import Clue, Opening, Outcome, Reviewed
from coach.disputes import Dispute
from coach.report.agent import Lesson
from coach.report.agent_moments import MOST_HELD
from coach.report.agent_tally import SHOWN_SLIPS
from coach.report.figures import day
from coach.report.packing import BETWEEN, PLAIN, TOGETHER
from coach.scoring import rate, scorecard
from coach.suggestions import Suggestion

LAX = replace(RUBRIC, minimum_count=1)
THANKS = "Thanks, that helps"
SECTIONS = (
    "A strength", "One focus", "To think about", "In your next conversation, try this", "Care and service",
    "Also worth a look", "Customers you met", "Over time", "Outcomes",
)  # fmt: skip


def on_days(chats: list[Reviewed], *, first: int = 0) -> list[Reviewed]:
    """The chats, one a day."""
    days = [START + timedelta(days=first + number) for number in range(len(chats))]
    return [
        replace(one, conversation=replace(one.conversation, started=at)) for one, at in zip(chats, days, strict=True)
    ]


def answered(id: str, answer: str, *then: str, feeling: str | None = None, **judgement: Any) -> Reviewed:
    """A chat with one met opening for empathy, and what the customer said next."""
    said = talk(customer(HURT), agent(answer), *map(customer, then), id=id)
    return reviewed(
        said, tags={1: ["acknowledge"]}, feelings={0: "anger"} | ({2: feeling} if feeling else {}), **judgement
    )


def wordless(id: str, *, name: str = ANA) -> Reviewed:
    """A chat that a bot handed over, in which the agent wrote nothing that can be judged."""
    one = reviewed(talk(bot("Hi, I am a bot."), customer("Hello"), agent("…"), id=id, agent=name))
    return replace(one, judgements=replace(one.judgements, sentences=((), (), ())))


# --- text stays text ---


def disputed(text: str) -> Dispute:
    return Dispute("K7QD-2MXW", f"{text} 1", 2, 0, 5, "acknowledge", text, text, date(2026, 9, 9), "overturned", text)


def about(text: str) -> Made:
    """The report of somebody called so, of chats full of it, with a dispute and all that may be suggested."""
    one = made(*full(text), name=text, disputes=[disputed(text)])
    kinds = [
        Suggestion(text, ((0, 5, "explain"),), whose, 0.5, text, 1, "Hi") for whose in ("own", "team", "phrasebook")
    ]
    lessons = [Lesson(old.moment, new) for old, new in zip(one.report.lessons, kinds, strict=True)]
    return replace(one, report=replace(one.report, lessons=tuple(lessons)))


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_hostile_text_stays_text_in_the_page(text: str) -> None:
    text, plain = f"{text} {LONG}", f"plain {LONG}"
    page, usual = about(text).page, about(plain).page
    assert hostile.structure(page) == hostile.structure(usual)
    assert hostile.text(page).count(text) == hostile.text(usual).count(plain) > 60
    ids = {value for _, name, value in hostile.attributes(page) if name == "id"}
    links = {value for tag, name, value in hostile.attributes(page) if (tag, name) == ("a", "href")}
    assert {link.removeprefix("#") for link in links} <= ids


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_hostile_text_stays_text_in_markdown(text: str) -> None:
    text, plain = f"{text} {LONG}", f"plain {LONG}"
    document, usual = about(text).markdown, about(plain).markdown
    assert hostile.markdown_structure(document) == hostile.markdown_structure(usual)
    assert hostile.markdown_text(document).count(text) == hostile.markdown_text(usual).count(plain) > 10


def test_the_page_uses_nothing_from_outside_and_runs_only_its_own_script() -> None:
    page = about("https://x.example/a.js").page
    assert not hostile.outside(page)
    assert all(re.fullmatch(r"#[\w-]+", link) for link in hostile.links(page))


def test_quotes_are_the_very_words() -> None:
    words = "  Olá 👋🏽 &amp; <b>NOBODY</b>\n\tever “answers”\u00a0me!  "
    answer = "Oh no… I see.\n\n  That's & was <hard>."
    shown = hostile.text(made(*(felt(f"c{i}", answer, words=words) for i in range(5))).page)
    assert shown.count(words) == shown.count(answer) == 1 + 5 + SHOWN_SLIPS


@pytest.mark.parametrize(
    "name", ["<b>Ana</b>", "👩🏽‍💻 Ana", "أنا", 'O\'Brien & Co. "x"', "Donaudampfschifffahrt" * 9, " "]
)
def test_names_with_markup_emoji_or_no_end_are_shown_as_they_are(name: str) -> None:
    one = made(*several(felt, 3, 3, agent=name), name=name)
    assert name in hostile.text(one.page)
    assert "<b>Ana" not in one.page
    assert one.values["agent"] == name


def test_agents_whose_names_differ_in_case_only_are_two() -> None:
    handed = reviewed(
        talk(customer(HURT), agent(KIND, by="ana ruiz"), customer(HURT), agent(COLD), id="c1"),
        tags={1: ["acknowledge"]},
        feelings={0: "anger", 2: "anger"},
    )
    upper, lower = (made(handed, name=name).report.skills[0] for name in (ANA, "ana ruiz"))
    assert [(row.met, row.missed) for row in (upper, lower)] == [(0, 1), (1, 0)]


# --- rates ---


def test_a_rate_is_shown_with_its_counts_and_interval() -> None:
    one = made(*several(felt, 3, 4, **SURE))
    assert "Empathy: a feeling or a hardship 3 of 7, 16–75 % 0 4 0" in one.words
    assert "3 of 7, 16–75 % | 0 | 4 | 0 |" in one.markdown


def test_a_rate_of_unsure_verdicts_has_a_wider_interval() -> None:
    one = made(*several(felt, 3, 4, chance=0.7, other=0.3))
    (row, *_) = one.report.skills
    assert row.rate == rate(3, 7, variance=7 * 0.21)
    assert f"3 of 7, {100 * row.rate.low:.0f}–{100 * row.rate.high:.0f} %" in one.words
    assert row.rate.low < 0.15
    assert row.rate.high > 0.76


def test_an_index_is_shown_with_its_interval() -> None:
    chats = several(felt, 3, 4)
    one = made(*chats)
    care = one.report.card.care
    assert care.value == pytest.approx(fmean(scorecard(chat.credits, RUBRIC).care.value for chat in chats))
    for shown in (one.words, one.markdown):
        assert f"Care {care.value:.0f} ({care.low:.0f}–{care.high:.0f})" in shown


def test_an_index_is_drawn_towards_the_teams() -> None:
    ana = [felt(f"a{i}", **SURE) for i in range(5)]
    bo = [felt(f"b{i}", COLD, met=bool(i % 2), agent=BO, **SURE) for i in range(30)]
    own = fmean(scorecard(one.credits, RUBRIC).care.value for one in ana)
    assert made(*ana).report.card.care.value == pytest.approx(own)
    assert made(*ana, team=bo).report.card.care.value < own


def test_under_the_minimum_it_is_too_few_to_say() -> None:
    one = made(*several(felt, 3, 1))
    assert "Empathy: a feeling or a hardship 3 of 4 too few to say 0 1 0" in one.words
    assert "| 3 of 4 (too few to say) |" in one.markdown
    for shown in (one.words, one.markdown):
        assert "Care too few to say (4)" in shown
        start, end = shown.index("Care and service"), shown.index("Customers you met")
        assert "%" not in shown[start:end].replace("at 95 %", "").replace("its 95 %", "")


def test_at_the_minimum_it_is_enough() -> None:
    assert "3 of 5, 23–88 %" in made(*several(felt, 3, 2, **SURE)).words


def test_what_was_never_opened_is_not_called_for() -> None:
    one = made(*several(felt, 5, 0))
    parts = one.report.card.parts
    assert parts["resolution"].called_for == parts["listening"].called_for == 0
    assert "Active listening: a problem, a wish, a story not called for 0 0 5" in one.words
    assert "| Active listening: a problem, a wish, a story | not called for | 0 | 0 | 5 |" in one.markdown


def test_recovered_openings_are_counted_apart() -> None:
    late = talk(customer(HURT), agent(COLD), customer("Well"), agent(KIND), id="late")
    one = made(*several(felt, 4, 2, **SURE), reviewed(late, feelings={0: "anger"}, tags={3: ["reassure"]}, **SURE))
    (row, *_) = one.report.skills
    assert (row.skill, row.met, row.recovered, row.missed, row.enough) == ("empathy", 4, 1, 2, True)
    assert "4 of 7, 25–84 % 1 2 0" in one.words


@pytest.mark.parametrize(
    ("chats", "sentence"),
    [
        ([*several(felt, 9, 0), *several(asked, 0, 9)], "Care stands clearly above service, by about"),
        ([*several(felt, 0, 9), *several(asked, 9, 0)], "They are in balance, neither clearly above the other."),
        (several(felt, 9, 0), "How the two balance cannot be said yet."),
    ],
)
def test_how_care_and_service_balance_is_said_in_a_sentence(chats: list[Reviewed], sentence: str) -> None:
    one = made(*chats)
    assert sentence in one.words
    assert sentence in one.markdown


def test_the_page_says_in_short_how_care_and_service_stand_or_what_changed() -> None:
    apart = made(*several(felt, 9, 0), *several(asked, 0, 9))
    care, service = apart.report.card.care.value, apart.report.card.service.value
    changed = made(*on_days([*several(felt, 0, 12), *(felt(f"late-{n}") for n in range(12)), *several(asked, 5, 0)]))
    assert changed.report.since is not None
    for shown in (apart.words, apart.markdown):
        assert f"Care {care:.0f} and service {service:.0f}, of 100. Care stands clearly above service" in shown
    for shown in (changed.words, changed.markdown):
        assert re.search(
            rf"From {day(changed.report.since)} on your conversations are clearly different: care rose from \d+ to \d+",
            shown,
        )
    assert "of 100. " not in made(*several(felt, 4, 0)).words


def test_known_error_rates_stand_in_the_report_where_there_are_any() -> None:
    known, unknown = made(felt("c1")), made(felt("c1"), metrics={})
    assert "measured on 321 conversations" in known.words
    assert "Empathy, any 91 % 84 %" in known.words
    assert "Empathy 91 % of marks right, 84 % found" in known.markdown
    assert "measured on" not in unknown.words
    assert "Known error" not in unknown.markdown


# --- the strength ---


def test_the_strength_is_the_skill_whose_rate_is_surely_highest() -> None:
    one = made(*several(felt, 5, 0), *several(asked, 20, 0, **SURE), *several(wished, 0, 5))
    strength = one.report.strength
    assert strength is not None
    assert (strength.row.skill, strength.moment.skill, strength.moment.status) == ("instruction", "instruction", "met")
    for shown in (one.words, one.markdown):
        assert "20 times a customer asked something" in shown
        assert "(84–100 %)" in shown


def test_the_strength_quotes_its_surest_moment() -> None:
    sure = felt("sure", "I am so sorry that you were left waiting.", chance=0.96, resolved="yes")
    strength = made(*several(felt, 5, 0, chance=0.7, resolved="yes"), sure).report.strength
    assert strength is not None
    assert strength.moment.conversation == "sure"


WELCOMES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "thanks": ((THANKS,), None), "calm": (("Well then",), None), "silence": ((), None), "hurt": ((HURT,), "anger"),
}  # fmt: skip


@pytest.mark.parametrize(("better", "worse"), list(pairwise(WELCOMES)))
def test_the_strength_prefers_an_answer_that_was_well_received(better: str, worse: str) -> None:
    then, feeling = WELCOMES[worse]
    surer = [answered(f"c{n}", KIND, *then, feeling=feeling, chance=0.99, resolved="yes") for n in range(5)]
    strength = made(*surer, answered("better", KIND, *WELCOMES[better][0], chance=0.7, resolved="yes")).report.strength
    assert strength is not None
    assert strength.moment.conversation == "better"


def test_what_the_customer_said_next_stands_under_the_strength() -> None:
    one = made(*(answered(f"c{n}", KIND, THANKS) for n in range(5)))
    assert f"What the customer said next{THANKS}" in one.words
    assert f"> Customer: {THANKS}" in one.markdown
    assert "said next" not in made(*several(felt, 5, 0)).words


def test_the_focus_is_no_strength_and_nothing_that_slipped_is_an_example() -> None:
    assert made(*several(felt, 20, 1)).report.strength is None
    slipped = [felt(f"{n}", resolved="no") for n in range(6)]  # a feeling was acknowledged, and then nothing done
    strength = made(*slipped).report.strength
    assert strength is not None
    assert strength.moment.conversation not in {"4", "5"}  # which are shown among the slips


@pytest.mark.parametrize("chats", [several(felt, 4, 0), []], ids=["few", "none"])
def test_too_few_openings_are_no_strength(chats: list[Reviewed]) -> None:
    one = made(*chats)
    assert one.report.strength is None
    for shown in (one.words, one.markdown):
        assert "Too few openings to say yet: from 5 of a skill on." in shown


def test_a_skill_of_which_nothing_was_met_is_no_strength() -> None:
    one = made(*several(felt, 0, 9))
    assert one.report.strength is None
    for shown in (one.words, one.markdown):
        assert "No skill stands out with a moment sure enough to show." in shown


# --- the focus ---


def focus_of(*chats: Reviewed, **fields: Any) -> str | None:
    focus = made(*chats, **fields).report.focus
    return focus.row.skill if focus else None


def test_the_focus_is_the_skill_that_lost_most_openings() -> None:
    one = made(*several(felt, 20, 6), *several(asked, 0, 5), *several(wished, 0, 4))
    assert one.report.focus is not None
    assert one.report.focus.row.skill == "empathy"
    for shown in (one.words, one.markdown):
        assert "26 times a customer showed a feeling" in shown
        assert "you met 20 of these at once, and 6 went by" in shown


def test_the_focus_is_weighed_by_the_rubric_and_counts_a_recovery_as_half_lost() -> None:
    chats = [*several(felt, 0, 6), *several(asked, 0, 5)]
    even = replace(RUBRIC, care={**RUBRIC.care, "empathy": 1.0}, service={**RUBRIC.service, "instruction": 1.0})
    heavy = replace(even, service={**RUBRIC.service, "instruction": 2.0})
    assert focus_of(*chats, rubric=even) == "empathy"
    assert focus_of(*chats, rubric=heavy) == "instruction"
    turns = customer(HURT), agent(COLD), customer("Well"), agent(KIND)
    late = [reviewed(talk(*turns, id=f"late-{i}"), feelings={0: "anger"}, tags={3: ["reassure"]}) for i in range(9)]
    assert focus_of(*late, *several(asked, 0, 5), rubric=even) == "instruction"


@pytest.mark.parametrize(
    ("chats", "sentence"),
    [
        (several(felt, 0, 4), "Too few openings to choose one yet."),
        (several(felt, 6, 0), "Nothing stands out among the skills with enough openings to go by."),
    ],
)
def test_without_enough_that_was_lost_there_is_no_focus(chats: list[Reviewed], sentence: str) -> None:
    one = made(*chats)
    assert (one.report.focus, one.report.lessons, one.report.think, one.report.next_time) == (None, (), "", "")
    assert sentence in one.words
    assert sentence in one.markdown
    assert "To think about" not in one.words


def test_the_focus_and_its_moments_come_from_after_a_clear_change() -> None:
    early = on_days(several(felt, 0, 12))
    late = on_days([*(felt(f"well-{n}") for n in range(12)), *(asked(f"cold-{n}", COLD, met=False) for n in range(6))], first=12)  # fmt: skip
    one = made(*early, *late)
    focus, since = one.report.focus, one.report.since
    assert focus is not None
    assert since == one.report.trend.since is not None
    assert (focus.row.skill, focus.row.missed) == ("instruction", 6)
    assert {lesson.moment.conversation for lesson in one.report.lessons} <= {f"cold-{n}" for n in range(6)}
    for shown in (one.words, one.markdown):
        assert f"From {day(since)} on, since when your conversations are clearly different, 6 times" in shown
    undone = made(*(replace(o, conversation=replace(o.conversation, started=None)) for o in (*early, *late)))
    assert undone.report.focus is not None
    assert (undone.report.focus.row.skill, undone.report.since) == ("empathy", None)


def test_a_focus_that_was_only_met_late_shows_what_was_answered_first() -> None:
    turns = customer(HURT), agent(COLD), customer("Well"), agent(KIND)
    late = [reviewed(talk(*turns, id=f"late-{i}"), feelings={0: "anger"}, tags={3: ["reassure"]}) for i in range(5)]
    one = made(*late)
    assert [(lesson.moment.answer, lesson.later) for lesson in one.report.lessons] == [(COLD, 3)] * 3
    for shown in (one.words, one.markdown):
        assert "you met none of these at once, and 5 only later" in shown
        assert shown.count("; that came in turn 4.") == 3


def test_what_may_not_have_been_called_for_comes_after_what_surely_was() -> None:
    doubtful = [Opening(0, "empathy", "missed", None, ANA, 0, 5, called=0.5)]
    chats = [felt(f"c{i}", COLD, met=False, other=0.05) for i in range(5)]
    guess = reviewed(talk(customer(HURT), agent(COLD), id="a guess"), openings=doubtful, other=0.01)
    assert [one.moment.conversation for one in made(guess, *chats).report.lessons] == ["c0", "c1", "c2"]


def test_moments_are_the_surest_misses_one_a_conversation() -> None:
    twice = talk(customer(HURT), agent(COLD), customer(HURT), agent(COLD), id="twice")
    chats = [
        reviewed(twice, feelings={0: "anger", 2: "anger"}, other=0.01),
        *(felt(f"c{i}", COLD, met=False, other=0.1 + i / 100) for i in range(4)),
    ]
    found = [(one.moment.conversation, one.moment.turn) for one in made(*chats).report.lessons]
    assert found == [("twice", 0), ("c0", 0), ("c1", 0)]


def test_however_much_was_missed_the_moments_are_the_surest() -> None:
    chats = [felt(f"c{n:03}", COLD, met=False, other=0.4 - n / 1000) for n in range(3 * MOST_HELD)]
    assert [one.moment.conversation for one in made(*chats).report.lessons] == ["c179", "c178", "c177"]


@pytest.mark.parametrize(
    ("whose", "words"),
    [
        ("own", "Better, in your own words to another customer"),
        ("team", "Better, in a colleague's words to another customer"),
        ("phrasebook", "Better: a way to begin, from coach's phrasebook"),
    ],
)
@pytest.mark.parametrize("quote", ["Not again", ""])
def test_something_better_to_say_is_marked_as_whose_it_is(whose: Any, words: str, quote: str) -> None:
    one = made(*several(felt, 0, 5))
    suggestion = Suggestion("I can see why.", (), whose, 0.5, "c7", 1, quote)
    one = replace(one, report=replace(one.report, lessons=(Lesson(one.report.lessons[0].moment, suggestion),)))
    page = one.words.replace("’", "'")
    assert page.count(words) == page.count("Better") == 1
    assert ("That customer had said: “Not again”" in page) is bool(quote)
    assert f"{words}{', who had said “Not again”' if quote else ''}: I can see why." in one.markdown


def test_a_question_and_something_to_try_stand_under_the_focus() -> None:
    one = made(*several(felt, 0, 5))
    for shown in (one.words, hostile.markdown_text(one.markdown)):
        assert one.report.think in shown
        assert one.report.next_time[1:] in shown
    assert one.report.think.endswith("?")
    assert "In your next conversation, try this If a customer" in one.words


# --- only one's own ---


def test_no_colleague_is_named_beside_an_example() -> None:
    one = made(*several(felt, 0, 5), team=several(felt, 30, 0, agent=BO))
    for shown in (one.page, one.markdown, json.dumps(one.values)):
        assert BO not in shown


def test_only_the_agents_own_openings_and_credits_count_for_them() -> None:
    handed = reviewed(
        talk(customer(HURT), agent(KIND, by=BO), customer("Well"), agent(STEPS, by=ANA), id="c1"),
        feelings={0: "anger"},
        tags={1: ["acknowledge"]},
        resolved="yes",
    )
    for name, openings, endings in ((ANA, 0, 1), (BO, 1, 0)):
        report = made(handed, name=name).report
        parts = report.card.parts
        assert (report.openings, parts["empathy"].called_for, parts["resolution"].called_for) == (
            openings,
            openings,
            endings,
        )
        assert (parts["warmth"].called_for, parts["warmth"].met) == (1, openings)
        assert (sum(report.chats[0].openings.values()), report.chats[0].is_shared) == (openings, True)


def test_only_the_agents_own_moments_are_shown_to_them() -> None:
    turns = (
        customer(HURT),
        agent(COLD, by=BO),
        customer(HURT),
        agent(COLD, by=ANA),
        customer(ASKS),
        agent(STEPS, by=BO),
    )
    chats = [
        reviewed(talk(*turns, id=f"c{i}"), feelings={0: "anger", 2: "anger"}, tags={5: ["instruct"]}) for i in range(5)
    ]
    ana, bo = (made(*chats, name=name).report for name in (ANA, BO))
    assert {lesson.moment.answer_turn for lesson in ana.lessons} == {3}
    assert {lesson.moment.answer_turn for lesson in bo.lessons} == {1}
    assert ana.strength is None
    assert bo.strength is not None


# --- disputes ---


def test_ones_own_disputes_are_listed_with_what_came_of_them() -> None:
    open_one = Dispute("K7QD-2MXW", "felt-met-0", 1, 0, 5, "acknowledge", ANA, "I did answer", date(2026, 9, 7))
    settled = replace(open_one, reference="AAAA-2222", why="", verdict="upheld", answer="It is there")
    others = replace(open_one, reference="BBBB-3333", agent=BO)
    one = made(*several(felt, 5, 0), disputes=[open_one, settled, others])
    assert one.report.disputes == (open_one, settled)
    assert "K7QD-2MXW, acknowledge in felt-met-0, turn 2: disputed (“I did answer”), still open" in one.words
    assert "AAAA-2222, acknowledge in felt-met-0, turn 2: disputed, upheld: “It is there”" in one.words
    assert "BBBB-3333" not in one.page


# --- every chat ---


def packed(page: str) -> list[list[str]]:
    blocks = re.findall(r'<script type="application/x-deflate-raw" id="packed-\d+">(.*?)</script>', page)
    return [zlib.decompress(base64.b64decode(block), -zlib.MAX_WBITS).decode().split(BETWEEN) for block in blocks]


@pytest.mark.parametrize("count", [PLAIN, PLAIN + 1, 2 * TOGETHER + 3])
def test_many_transcripts_are_packed_each_in_its_place(count: int) -> None:
    chats = [asked(f"chat {n}", words=f"{ASKS} Number {n} of them.") for n in range(count)]
    page = made(*chats).page
    blocks = packed(page)
    assert bool(blocks) is (count > PLAIN)
    assert sum(map(len, blocks)) == (count if blocks else 0)
    rows = re.findall(r'<details class="chat"[^>]*?(?: data-packed="packed-(\d+)" data-part="(\d+)")?>\s*<summary>.*?chat (\d+)<(.*?)</details>', page, re.DOTALL)  # fmt: skip
    assert [int(number) for *_, number, _ in rows] == list(reversed(range(count)))
    for block, part, number, body in rows:
        transcript = blocks[int(block)][int(part)] if blocks else body
        assert f"Number {number} of them." in transcript
        assert transcript.count(" of them.") == 1


def test_a_chats_line_says_what_became_of_it() -> None:
    shared = talk(customer(HURT), agent(KIND), customer(HURT), agent(COLD), agent(COLD, by=BO), id="c1", channel="chat", started=START)  # fmt: skip
    one = made(reviewed(shared, tags={1: ["acknowledge"]}, feelings={0: "anger", 2: "worry"}, resolved="partly"))
    line = one.words[one.words.index("c1 · 7 September 2026 · chat · can't tell") :]
    assert re.search(r"care \d+ \(\d+–\d+\), service not called for · ", line) or re.search(
        r"care \d+ .* service \d+", line
    )
    assert "1 met at once, 1 missed · resolved: partly (judged) · with a colleague" in line
    assert "nothing called for · resolved: yes " in made(reviewed(talk(customer("Hi"), agent("Hi"), outcome=Outcome(resolved="yes")))).words  # fmt: skip


def test_ids_in_the_page_are_unlike() -> None:
    page = about("x").page
    ids = [value for _, name, value in hostile.attributes(page) if name == "id"]
    assert len(ids) == len(set(ids))


# --- whatever may be missing ---


def test_chats_without_a_word_to_judge_are_said_to_be_so() -> None:
    one = made(wordless("w1"), wordless("w2"), felt("c1"))
    assert one.report.wordless == 2
    for shown in (one.words, one.markdown):
        assert (
            "In 2 of these conversations there is nothing of yours to judge: a bot, a system or somebody else" in shown
        )


def test_an_agent_with_bot_hand_overs_only_gets_a_page_that_says_so() -> None:
    one = made(wordless("w1"), wordless("w2"))
    assert (one.report.wordless, one.report.strength, one.report.focus, one.report.fits) == (2, None, None, ())
    assert "2 conversations, without dates · 0 openings" in one.words
    assert "Too few openings to choose one yet." in one.markdown


def test_an_agent_without_any_conversation_gets_a_page() -> None:
    one = made()
    assert "0 conversations, without dates · 0 openings" in one.words
    assert one.values["chats"] == []
    assert "How the two balance cannot be said yet." in one.markdown


@pytest.mark.parametrize("started", [None, START])
def test_one_chat_is_enough_for_a_page(started: datetime | None) -> None:
    one = made(felt("c1", started=started))
    when = ", 7 September 2026" if started else ", without dates"
    assert f"1 conversation{when} · 1 opening:" in one.words
    assert "Care too few to say (1), service not called for" in one.words
    assert "nothing can be said about change" in one.words


def test_without_times_channel_or_customer_type_nothing_is_made_up() -> None:
    one = made(*several(felt, 3, 4))
    for shown in (one.words, one.markdown):
        assert "None of these conversations has a time, so nothing can be said about change." in shown
    assert "7 conversations have no date and are left out here." in one.words
    assert "7 × can't tell: too little said, or too mixed" in one.words


def test_the_days_run_from_the_first_to_the_last() -> None:
    one = made(*(felt(f"c{n}", started=START + timedelta(days=n)) for n in (3, 0, 8)), felt("c9"))
    assert (one.report.first, one.report.last) == (START, START + timedelta(days=8))
    for shown in (one.words, one.markdown):
        assert "4 conversations, 7 September 2026 to 15 September 2026" in shown
    assert "1 conversation has no date and is left out here." in one.words


def test_change_is_told_where_it_is_clear_and_only_there() -> None:
    changed = made(*on_days([*several(felt, 0, 12), *(felt(f"late-{n}") for n in range(12))]))
    assert any(change.has_changed for change in changed.report.trend.changes)
    for shown in (changed.words, changed.markdown):
        assert "Empathy: you met 0 of 12 openings at first and 12 of 12 since 19 September 2026." in shown
    same = made(*on_days([felt(f"c{n}", KIND if n % 2 else COLD, met=bool(n % 2)) for n in range(24)]))
    for shown in (same.words, same.markdown):
        assert "nothing can be said yet; every difference may be chance." in shown


def test_outcomes_are_those_there_are() -> None:
    rated = [felt(f"c{n}", outcome=Outcome(csat=4 + n % 2, nps=10 if n < 2 else None)) for n in range(6)]
    one = made(*rated, felt("c9"))
    assert [(found.name, found.estimate.value, found.estimate.count) for found in one.report.outcomes.all.ratings] == [
        ("csat", 4.5, 6), ("nps", 100, 2),
    ]  # fmt: skip
    assert re.search(r"Satisfaction \(CSAT, 1 to 5\) 4\.5 \(\d\.\d–\d\.\d\), from 6 ratings", one.words)
    assert "Net promoter score (NPS, −100 to 100): too few to say (2)" in one.markdown
    assert "Effort" not in one.words
    assert "CSAT" not in made(felt("c1")).words


def test_customer_types_are_counted_with_cannot_tell_among_them() -> None:
    thinker = customer_type("thinker", clues=[Clue(0, 0, 6, "says so")])
    one = made(felt("c1"), felt("c2"), felt("c3", found=thinker))
    assert dict(one.report.types) == {None: 2, "thinker": 1}
    assert "2 × can't tell: too little said, or too mixed 1 × thinker" in one.words
    assert "“Nobody” says so." in one.words


def test_a_day_that_is_not_known_is_empty() -> None:
    assert (day(None), day(START)) == ("", "7 September 2026")


# --- the other formats ---


def everything() -> Made:
    turns = customer(ASKS), agent(STEPS), customer("As I said"), agent("We will call you back."), customer("No")
    slipped = [reviewed(talk(*turns, id=f"slip {n}"), tags={1: ["instruct"]}) for n in range(2)]
    repeated = [replace(one, judgements=replace(one.judgements, repeats=(2,))) for one in slipped]
    typed = [felt(f"typed {n}", HEARD, found=customer_type("feeler"), started=START) for n in range(4)]
    return made(*several(felt, 3, 4), *repeated, *typed)


def test_markdown_has_the_same_order_as_the_page() -> None:
    one = everything()
    headings = re.findall(r"<h[23] id=[^>]*>([^<:]*)", one.page)
    assert [heading.split(" for the")[0] for heading in headings if heading.split(" for the")[0] in SECTIONS] == list(
        SECTIONS
    )
    places = [hostile.markdown_text(one.markdown).index(name.removesuffix(" this")) for name in SECTIONS]
    assert places == sorted(places)


def test_json_holds_the_same_figures_without_embeddings() -> None:
    chats = [*several(felt, 3, 4), felt("c9", started=START, found=customer_type("feeler"))]
    chats = [
        replace(one, judgements=replace(one.judgements, openings=tuple(replace(o, embedding=b"\x00\x01") for o in one.judgements.openings)))
        for one in chats
    ]  # fmt: skip
    one = made(*chats)
    values = one.values
    assert "embedding" not in json.dumps(values)
    assert values["agent"] == ANA
    assert values["types"] == {"can't tell": 7, "feeler": 1}
    assert [chat["id"] for chat in values["chats"]] == [chat.conversation.id for chat in chats]
    assert values["focus"]["row"]["rate"]["called_for"] == 8
    assert values["lessons"][0]["moment"]["quote"] == HURT
    assert values["first"].startswith("2026-09-07")
    assert values["card"]["care"]["value"] == pytest.approx(one.report.card.care.value)
    assert values["card"]["parts"]["resolution"]["called_for"] == 0


def test_the_same_conversations_give_the_same_bytes() -> None:
    assert everything().page == everything().page
    assert everything().markdown == everything().markdown
