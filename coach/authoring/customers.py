"""Same problem, four customers: role-plays from problems.toml, with a real opening of the same kind where one fits.

Each of a customer's turns is one item; the next one shows how the turn before could have been answered.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from coach.authoring.drafts import Draft, drafted, draw, is_held_back, is_readable
from coach.authoring.spotting import sure_type
from coach.authoring.witnesses import content
from coach.authoring.wording import toml
from coach.conversation import Reviewed
from coach.items import PATTERN, Item, Said

ABOUT = 2
"""Words of a problem that a real opening must have to be about the same."""


def problems() -> tuple[Mapping[str, Any], ...]:
    return tuple(toml("problems.toml")["problems"])


def role_play(problem: Mapping[str, Any]) -> tuple[Item, ...]:
    """All items of a problem: the first turn of each customer, then the second of each, and so on."""
    return tuple(
        _item(problem, customer, number)
        for number in range(len(problem["skills"]))
        for customer in problem["customers"]
    )


def _item(problem: Mapping[str, Any], customer: Mapping[str, Any], number: int) -> Item:
    turns, skill = customer["turns"], problem["skills"][number]
    before = [
        Said(*said) for turn in turns[:number] for said in (("customer", turn["says"]), ("agent", turn["answer"]))
    ]
    words = len(turns[number]["says"].split())
    return Item(
        id=draw("four customers", problem["name"], customer["type"], number)[:12],
        kind="four customers",
        skill=skill,
        customer_type=customer["type"],
        channel=None,
        difficulty=min(3, number + 1 + (words > 40)),
        title=f"{problem['title']}: the {customer['type']}, {number + 1} of {len(turns)}",
        situation=(*before, Said("customer", turns[number]["says"])),
        task=_task(skill),
        checks=_checks(skill, customer["type"]),
        model_answers=(turns[number]["answer"],),
        group=f"four customers: {problem['name']}",
        is_transfer=is_held_back(problem["name"]),
        is_written=True,
    )


def _task(skill: str) -> str:
    task: str = toml("wording.toml")["open"][skill]["answer"]
    return f"{task} Suit the answer to this customer's way of talking."


def _checks(skill: str, customer_type: str) -> tuple[str, ...]:
    return (*toml("wording.toml")["open"][skill]["checks"], *toml("problems.toml")["checks"][customer_type])


def real_drafts(reviewed: Reviewed) -> Iterator[Draft]:
    """The customer's first words, where the type is sure and they are about one of the problems."""
    label, turns = sure_type(reviewed.judgements.customer_type), reviewed.conversation.turns
    if label is None:
        return
    first = next(i for i, turn in enumerate(turns) if turn.role == "customer")
    words = content(turns[first].text)
    problem = max(problems(), key=lambda one: len(words.intersection(one["about"])))
    if len(words.intersection(problem["about"])) >= ABOUT and is_readable(turns[first].text, at_least=10, at_most=80):
        item = Item(
            id=draw("four customers", reviewed.conversation.id)[:12],
            kind="four customers",
            skill="listening",
            customer_type=label,
            channel=reviewed.conversation.channel,
            difficulty=3,
            title=f"{problem['title']}: a {label} of your own",
            situation=(Said("customer", turns[first].text),),
            task=_task("listening"),
            checks=_checks("listening", label),
            model_answers=(f"{PATTERN}{toml('wording.toml')['patterns']['listening']}",),
            group=f"four customers: {problem['name']}",
            is_transfer=is_held_back(problem["name"]),
        )
        yield drafted(item, reviewed, turns=[first], face=turns[first].text, bucket=item.group or "")
