"""The CSV table, read back with the csv module."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from pack_items import HARD, ITEMS, OF, wild_items

from coach.items import Item
from coach.packs import FORMATS

FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def rows(items: tuple[Item, ...], path: Path) -> list[dict[str, str]]:
    FORMATS["csv"].write(items, "Pack", path / "pack.csv")
    data = (path / "pack.csv").read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def taken(cell: str) -> str:
    """The text of a cell, without the apostrophe that keeps a spreadsheet from reading a formula."""
    return cell[1:] if re.match(r"'+(\s*[=+\-@＝＋－＠]|[\t\n])", cell) else cell


def legal(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


def several(row: dict[str, str], column: str) -> tuple[str, ...]:
    found = [(name, cell) for name, cell in row.items() if re.fullmatch(rf"{column} \d+", name)]
    assert [name for name, _ in found] == [f"{column} {i}" for i in range(1, len(found) + 1)]
    return tuple(taken(cell) for _, cell in found)


def compare(item: Item, row: dict[str, str]) -> None:
    assert not any(cell.startswith(FORMULA) or cell.strip().startswith(FORMULA) for cell in row.values())
    for column, text in {
        "title": item.title,
        "task": item.task,
        "text": item.text,
        "explanation": item.explanation,
    }.items():
        assert taken(row[column]) == legal(text)
    assert (row["id"], row["kind"], row["skill"]) == (item.id, item.kind, item.skill or "")
    for column, texts in {"accepted": item.accepted, "check": item.checks, "model answer": item.model_answers}.items():
        assert several(row, column)[: len(texts)] == tuple(map(legal, texts))
    shown = list(zip(several(row, "choice"), several(row, "choice feedback"), strict=True))[: len(item.choices)]
    texts = [(legal(choice.text), legal(choice.feedback)) for choice in item.choices]
    assert sorted(shown) == sorted(texts) if item.response == "order" else shown == texts
    right = [shown[int(number) - 1][0] for number in row["right"].split()]
    assert right == [legal(choice.text) for choice in item.choices if choice.is_right]
    for said in item.situation:
        assert legal(said.text) in row["situation"]


def test_every_kind_is_a_row(tmp_path: Path) -> None:
    found = rows(ITEMS, tmp_path)
    for item, row in zip(ITEMS, found, strict=True):
        compare(item, row)
    assert {row["transfer"] for row in found} == {"no"}


def test_what_is_held_back_comes_last(tmp_path: Path) -> None:
    found = rows((replace(OF["answer"], is_transfer=True), OF["gap"]), tmp_path)
    assert [(row["kind"], row["transfer"]) for row in found] == [("gap", "no"), ("answer", "yes")]


def test_a_table_without_rows_has_its_head(tmp_path: Path) -> None:
    assert rows((), tmp_path) == []
    assert b'"id","kind"' in (tmp_path / "pack.csv").read_bytes()


@pytest.mark.parametrize("hard", HARD)
def test_hard_text_is_no_formula(hard: str, tmp_path: Path) -> None:
    wild = replace(OF["move"], title=hard, task=hard, text=hard, explanation=hard)
    compare(wild, rows((wild, *ITEMS), tmp_path)[0])


def test_any_item_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("csv")

    @given(wild_items())
    def comes_back(item: Item) -> None:
        compare(item, rows((item,), path)[0])

    comes_back()
