"""CSV for spreadsheets: one row an item, one column a value; what there are several of is numbered."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from coach.items import Choice, Item
from coach.packs.archive import write_whole
from coach.packs.showing import in_order, shuffled

EXTENSION = ".csv"

_FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\n])")


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """UTF-8 with a mark by which Excel knows it; the title has no place in a table. Raises CoachError."""
    rows = [_row(item) for item in in_order(items)]
    held = io.StringIO(newline="")
    table = csv.DictWriter(held, _columns(rows), restval="", quoting=csv.QUOTE_ALL)
    table.writeheader()
    table.writerows({column: inert(value) for column, value in row.items()} for row in rows)
    write_whole(path, held.getvalue().encode("utf-8-sig"))


def _row(item: Item) -> dict[str, str]:
    shown = _shown(item)
    row = {
        "id": item.id,
        "kind": item.kind,
        "response": item.response,
        "skill": item.skill or "",
        "customer type": item.customer_type or "",
        "channel": item.channel or "",
        "difficulty": str(item.difficulty),
        "transfer": "yes" if item.is_transfer else "no",
        "due": "; ".join(item.due),
        "group": item.group or "",
        "title": item.title,
        "situation": "\n".join(f"{said.role.capitalize()}: {said.text}" for said in item.situation),
        "task": item.task,
        "text": item.text,
        "right": _right(item),
        "explanation": item.explanation,
    }
    several = {
        "choice": [choice.text for _, choice in shown],
        "choice feedback": [choice.feedback for _, choice in shown],
        "accepted": item.accepted,
        "check": item.checks,
        "model answer": item.model_answers,
    }
    return row | {f"{column} {i}": text for column, texts in several.items() for i, text in enumerate(texts, 1)}


def _shown(item: Item) -> Sequence[tuple[int, Choice]]:
    """Only what is to be put in order is shuffled: of other choices the last may be "none of these"."""
    return shuffled(item) if item.response == "order" else list(enumerate(item.choices, 1))


def _right(item: Item) -> str:
    """The number of the right choice, or the choices' numbers in the right order."""
    shown = [number for number, _ in _shown(item)]
    wanted = sorted(shown) if item.response == "order" else [n for n in shown if item.choices[n - 1].is_right]
    return " ".join(str(shown.index(number) + 1) for number in wanted)


def _columns(rows: Sequence[dict[str, str]]) -> list[str]:
    """Every row's columns; the fixed ones first, the numbered ones of a sort together and in order."""
    fixed = list(_row(_EMPTY))
    numbered = {column for row in rows for column in row} - set(fixed)
    sorts = ["choice", "choice feedback", "accepted", "check", "model answer"]

    def place(column: str) -> tuple[int, int]:
        sort, _, number = column.rpartition(" ")
        return sorts.index(sort), int(number)

    return fixed + sorted(numbered, key=place)


def inert(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula.

    One is put before those that begin with apostrophes and then so, too: taking one away gives the text back.
    """
    return f"'{text}" if _FORMULA.match(text) else text


_EMPTY = Item("", "answer", None, None, None, 1, "", (), "")
