"""A team's store made by hand: agents in turn, of all kinds and endings, and whatever else a page has to count."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from handmade import (
    ASKS,
    COLD,
    HEARD,
    HURT,
    KIND,
    STEPS,
    WISHES,
    agent,
    bot,
    customer,
    customer_type,
    resolution,
    reviewed,
    talk,
)

from coach.conversation import RESOLUTIONS, TAGS, TYPES, Outcome, Reviewed
from coach.disputes import dispute, reference, settle
from coach.store import Store

ANA, BO, CAI = AGENTS = ("Ana Ruiz", "Bo Chen", "Cai Øst")
START = datetime(2026, 6, 1, 9, tzinfo=UTC)
EVERY = (*TAGS, "empathy", "listening", "instruction")
METRICS: Mapping[str, Any] = {
    "conversations": 321,
    "skills": {name: {"precision": 0.91, "recall": 0.847} for name in EVERY[-3:]},
    "tags": {name: {"precision": 0.702, "recall": 0.66} for name in TAGS},
    "wholes": {name: {"value": 0.613} for name in ("type_accuracy", "type_named", "resolved")},
}
STRETCHES = (
    (HURT, KIND, "acknowledge", "anger"),
    ("What if it never comes?", KIND, "reassure", "worry"),
    (f"It does not work. {ASKS}?", STEPS, "instruct", None),
    (WISHES, HEARD, "restate", None),
    ("I would like one that is not broken", HEARD, "restate", None),
)
PROMISE = "We will call you back."


def chat(number: int, chance: Random) -> Reviewed:
    """Ana is far better after a while; by email all are worse; a colleague steps in now and then."""
    name = AGENTS[number % 3]
    channel = chance.choice(["chat", "chat", "email", None])
    skilled = (0.1 if number < 75 else 0.8) if name == ANA else 0.9 if name == BO else 0.5
    skilled *= 0.4 if channel == "email" else 1
    turns, tags, feelings = [], {}, {}
    late = 2700.0 * (number % 7)
    for words, answer, tag, feeling in chance.choices(STRETCHES, k=chance.randint(1, 4)):
        if feeling:
            feelings[len(turns)] = feeling
        if chance.random() < skilled:
            tags[len(turns) + 1] = [tag]
        at = late + 90.0 * len(turns) + chance.randint(0, 80) + 400 * (number % 5 == 0)
        turns.append(customer(words, at=late + 90.0 * len(turns)))
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
            channel=channel,
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
        chance=chance.uniform(0.5, 0.97),
        other=chance.uniform(0.02, 0.45),
        found=customer_type(chance.choice([*TYPES, "controller", "feeler", None, None])),
    )
    repeats = tuple(turn for turn in range(2, len(turns), 2) if chance.random() < 0.2)
    ending = resolution(chance.choice(RESOLUTIONS), chance.uniform(0.5, 0.9))
    return replace(one, judgements=replace(one.judgements, repeats=repeats, resolution=ending))


def fill(path: Path, count: int = 150) -> Path:
    """A store with so many chats, one without words, one whose agent has no name, one that a bot held, and disputes."""
    chance = Random(6)
    several = [chat(number, chance) for number in range(count)]
    wordless = reviewed(talk(customer("Hi"), agent("…"), id="wordless", agent="Dee"))
    several.append(replace(wordless, judgements=replace(wordless.judgements, sentences=((), ()))))
    several.append(reviewed(talk(customer(HURT), agent(COLD), id="nameless", agent=None), feelings={0: "anger"}))
    several.append(reviewed(talk(customer(f"{ASKS}?"), bot(STEPS), id="bot", agent=None)))
    with Store(path) as store:
        for one in several:
            store.save(one, content="read", analysis="judged")
        disputed = [(one, opening) for one in several for opening in one.judgements.openings[:2]][:6]
        for number, (one, opening) in enumerate(disputed):
            wanted = reference(one.conversation.id, opening.turn, opening.start, f"{opening.skill} opening")
            dispute(store, wanted, f"that was in turn {number}", on=date(2026, 12, 1))
            if number % 2:
                settle(store, wanted, "upheld" if number == 1 else "overturned", "seen")
    return path
