"""What formats share in showing an item: clean text, escaped text, what stands around it, and shuffled steps."""

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from coach.items import Choice, Item, Said

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
SKILL_WORDS = {"empathy": "empathy", "listening": "active listening", "instruction": "instruction-giving"}
SKILL_IS_ASKED = {"clue", "move"}
TITLE_LENGTH = 200


def printable(text: str) -> str:
    """The text with a sign for each character that XML, Anki or a page cannot hold, and one kind of line end."""
    return UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def cleaned(item: Item) -> Item:
    """The item with all its texts printable."""
    return replace(
        item,
        channel=item.channel and printable(item.channel),
        title=printable(item.title),
        situation=tuple(Said(said.role, printable(said.text)) for said in item.situation),
        task=printable(item.task),
        choices=tuple(Choice(printable(c.text), c.is_right, printable(c.feedback)) for c in item.choices),
        text=printable(item.text),
        accepted=tuple(map(printable, item.accepted)),
        checks=tuple(map(printable, item.checks)),
        model_answers=tuple(map(printable, item.model_answers)),
        explanation=printable(item.explanation),
        group=item.group and printable(item.group),
    )


def in_order(items: Iterable[Item]) -> list[Item]:
    """Cleaned, those held back for later at the end."""
    return sorted(map(cleaned, items), key=lambda item: item.is_transfer)


def one_line(title: str) -> str:
    """A title for a manifest: never empty, never long, on one line."""
    return " ".join(printable(title).split())[:TITLE_LENGTH] or "Exercises"


def escaped(text: str) -> str:
    """Text as HTML that shows it, line ends kept."""
    return html.escape(text).replace("\n", "<br>")


def about(item: Item) -> str:
    """Skill, channel and difficulty, but nothing that the item asks for; and whether nobody really said it."""
    skill = item.skill and item.kind not in SKILL_IS_ASKED and SKILL_WORDS.get(item.skill, item.skill)
    written = item.is_written and "written for coach"
    parts = (skill, item.channel, f"difficulty {item.difficulty} of 3", written)
    return " · ".join(part for part in parts if part)


def plan(items: Sequence[Item]) -> list[tuple[str, str]]:
    """Each day on which anything is due, with the numbers of the items, from 1: ("day 1", "1–4, 6")."""
    due: dict[str, list[int]] = {}
    for number, item in enumerate(items, 1):
        for day in item.due:
            due.setdefault(day, []).append(number)
    return [(day, _ranges(due[day])) for day in sorted(due, key=lambda day: (len(day), day))]


def _ranges(numbers: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def shuffled(item: Item) -> Sequence[tuple[int, Choice]]:
    """The choices with their right positions, from 1, in an order that is the same every time and not the right one."""
    numbered = list(enumerate(item.choices, 1))
    mixed = sorted(numbered, key=lambda pair: hashlib.sha256(f"{item.id} {pair[0]}".encode()).digest())
    return [*mixed[1:], *mixed[:1]] if mixed == numbered else mixed
