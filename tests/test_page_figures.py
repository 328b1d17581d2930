"""Every number on an agent's page stands in a figure, and every figure follows from the rows of the store."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from agent_figures import untraceable
from figures import bare, shown
from handmade import (
    ASKS,
    COLD,
    HEARD,
    HURT,
    KIND,
    RUBRIC,
    STEPS,
    WISHES,
    agent,
    customer,
    customer_type,
    resolution,
    reviewed,
    talk,
)

from coach.conversation import RESOLUTIONS, TAGS, TYPES, Outcome, Reviewed
from coach.report import agent_page, report_for
from coach.store import Store

ANA, BO, CAI = AGENTS = ("Ana Ruiz", "Bo Chen", "Cai Øst")
START = datetime(2026, 6, 1, 9, tzinfo=UTC)
EVERY = (*TAGS, "empathy", "listening", "instruction")
METRICS: Any = {
    "conversations": 321,
    "skills": {name: {"precision": 0.91, "recall": 0.847} for name in EVERY[-3:]},
    "tags": {name: {"precision": 0.702, "recall": 0.66} for name in TAGS},
    "wholes": {name: {"value": 0.613} for name in ("type_accuracy", "type_named", "resolved")},
}
STRETCHES = (
    (HURT, KIND, "acknowledge", "anger"),
    (f"It does not work. {ASKS}?", STEPS, "instruct", None),
    (WISHES, HEARD, "restate", None),
)
PROMISE = "We will call you back."


def chat(number: int, chance: Random) -> Reviewed:
    """One of a team's: agents in turn, Ana far better after a while, with a colleague now and then, of all kinds and endings."""
    name = AGENTS[number % 3]
    skilled = (0.1 if number < 75 else 0.8) if name == ANA else 0.6
    turns, tags, feelings = [], {}, {}
    for words, answer, tag, feeling in chance.choices(STRETCHES, k=chance.randint(1, 4)):
        if feeling:
            feelings[len(turns)] = feeling
        if chance.random() < skilled:
            tags[len(turns) + 1] = [tag]
        at = 90.0 * len(turns) + chance.randint(0, 80) + 400 * (number % 5 == 0)
        turns.append(customer(words, at=90.0 * len(turns)))
        by = BO if number % 7 == 3 and len(turns) > 1 else None
        long = " ".join([answer] * chance.randint(1, 4))
        turns.append(agent(long if len(turns) in tags else f"{COLD} {PROMISE}", at=at + 5, by=by))
    if chance.random() < 0.5:
        turns.append(customer(chance.choice(["Thanks a lot", "Well then", HURT])))
    one = reviewed(
        talk(
            *turns,
            id=f"chat {number}",
            agent=name,
            channel=chance.choice(["chat", "chat", "email", None]),
            customer=f"customer {chance.randint(1, 30)}" if number % 11 else None,
            started=None if number % 29 == 27 else START + timedelta(days=number, seconds=chance.randint(0, 9999)),
            outcome=Outcome(
                csat=chance.choice([None, 1, 3, 4, 4.5, 5]),
                nps=chance.choice([None, 2, 8, 9, 10]),
                ces=chance.choice([None, None, None, None, 2, 6]),
                resolved=chance.choice([None, None, "yes", "yes", "partly", "no", "unknown"]),
                resolution_seconds=chance.choice([None, 300.0, 90_000.0, 400_000.0]),
            ),
        ),
        tags=tags,
        feelings=feelings,
        chance=chance.uniform(0.65, 0.97),
        other=chance.uniform(0.02, 0.35),
        found=customer_type(chance.choice([*TYPES, "controller", "feeler", None, None])),
    )
    repeats = tuple(turn for turn in range(2, len(turns), 2) if chance.random() < 0.2)
    ending = resolution(chance.choice(RESOLUTIONS), chance.uniform(0.5, 0.9))
    return replace(one, judgements=replace(one.judgements, repeats=repeats, resolution=ending))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance, path = Random(6), tmp_path_factory.mktemp("figures") / "coach.db"
    with Store(path) as opened:
        for number in range(150):
            one = chat(number, chance)
            opened.save(one, content="read", analysis="judged")
        alone = reviewed(talk(customer("Hi"), agent("…"), id="wordless", agent="Dee"))
        opened.save(
            replace(alone, judgements=replace(alone.judgements, sentences=((), ()))), content="read", analysis="judged"
        )
    return path


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
