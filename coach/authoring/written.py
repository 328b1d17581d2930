"""Items written for coach, from written.toml: orders and pairs of answers, of which conversations yield few."""

from collections.abc import Iterator, Mapping
from typing import Any

from coach.authoring.drafts import HELD_BACK, Draft, draw, quoted, shuffled
from coach.authoring.ordering import order_item
from coach.authoring.wording import toml
from coach.items import Choice, Item, Kind, Said

WHICH = {
    "empathy": "Which of two answers to this lets the customer feel heard?",
    "listening": "Which of two answers to this shows understanding, or finds out more?",
    "instruction": "Which of two answers to this says what to do, why it is so, or what comes next?",
}


def written_drafts(kind: Kind) -> Iterator[Draft]:
    """All of the kind, in the order written; every fifth is held back."""
    written = {"order": _orders, "better one": _pairs}
    for item in written[kind]() if kind in written else ():
        yield Draft(item, frozenset(), (item.id,), item.skill or "", frozenset())


def _orders() -> Iterator[Item]:
    for number, row in enumerate(toml("written.toml")["orders"], 1):
        yield order_item(
            draw("order", "written", row["name"])[:12],
            row["steps"],
            situation=(Said("customer", row["says"]),),
            explanation=row["why"],
            is_transfer=number % HELD_BACK == 0,
            is_written=True,
        )


def _pairs() -> Iterator[Item]:
    for number, row in enumerate(toml("written.toml")["pairs"], 1):
        yield _pair(row, is_transfer=number % HELD_BACK == 0)


def _pair(row: Mapping[str, Any], *, is_transfer: bool) -> Item:
    id = draw("better one", "written", row["name"])[:12]
    choices = Choice(quoted(row["better"]), True, row["why"]), Choice(quoted(row["other"]), False, row["lacks"])
    return Item(
        id=id,
        kind="better one",
        skill=row["skill"],
        customer_type=None,
        channel=None,
        difficulty=2,
        title=f"Find the better one ({row['skill']})",
        situation=(Said("customer", row["says"]),),
        task=WHICH[row["skill"]],
        choices=shuffled(choices, id),
        explanation=row["why"],
        is_transfer=is_transfer,
        is_written=True,
    )
