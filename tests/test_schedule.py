"""When to practise what: growing pauses, few new items a day, and one way to show it."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pack_items import ITEMS

from coach.authoring.schedule import A_DAY, DAYS, scheduled
from coach.items import Item
from coach.packs import markdown, page, table
from coach.packs.showing import plan

START = date(2026, 12, 30)


def several(count: int, **fields: object) -> list[Item]:
    return [replace(ITEMS[0], id=f"{number:012x}", **fields) for number in range(count)]


def test_an_item_comes_back_after_growing_pauses() -> None:
    (item,) = scheduled(several(1))
    assert item.due == ("day 1", "day 3", "day 7", "day 14", "day 30")


def test_with_a_start_there_are_dates() -> None:
    (item,) = scheduled(several(1), START)
    assert item.due == ("2026-12-30", "2027-01-01", "2027-01-05", "2027-01-12", "2027-01-28")


def test_what_is_held_back_comes_once_on_the_last_day() -> None:
    items = scheduled([*several(A_DAY + 1), replace(ITEMS[1], is_transfer=True)])
    assert items[-1].due == ("day 31",)
    assert scheduled([replace(ITEMS[1], is_transfer=True)])[0].due == ("day 30",)


@pytest.mark.parametrize("count", [1, A_DAY, A_DAY + 1, 5 * A_DAY])
def test_few_new_items_come_a_day(count: int) -> None:
    first = [item.due[0] for item in scheduled(several(count))]
    assert max(first.count(day) for day in set(first)) <= A_DAY
    assert len(set(first)) == -(-count // A_DAY)


def test_what_belongs_together_comes_on_one_day() -> None:
    items = scheduled([*several(20), *(replace(item, id=f"g{item.id}", group="g") for item in several(9))])
    assert len({item.due for item in items if item.group}) == 1
    assert len({item.due for item in items}) == 2


def test_nothing_has_no_days() -> None:
    assert scheduled(()) == ()


def test_the_plan_has_each_day_with_the_numbers_of_its_items() -> None:
    items = [
        replace(item, due=due)
        for item, due in zip(ITEMS, [("day 1", "day 14"), ("day 1", "day 3"), (), ("day 1",)], strict=False)
    ]
    assert plan(items) == [("day 1", "1–2, 4"), ("day 3", "2"), ("day 14", "1")]


def test_page_markdown_and_table_show_the_days(tmp_path: Path) -> None:
    items = scheduled(ITEMS, START)
    for module in (page, markdown, table):
        module.write(items, "Pack", tmp_path / module.__name__)
    for module in (page, markdown):
        text = (tmp_path / module.__name__).read_text("utf-8")
        assert all(day.isoformat() in text for day in [date(2026, 12, 30), date(2027, 1, 28)])
        assert f"1–{len(ITEMS)}" in text
    with (tmp_path / table.__name__).open(encoding="utf-8-sig") as file:
        assert {len(row["due"].split("; ")) for row in csv.DictReader(file)} == {len(DAYS)}


@pytest.mark.parametrize("module", [page, markdown])
def test_items_without_days_have_no_plan(module: object, tmp_path: Path) -> None:
    module.write(ITEMS, "Pack", tmp_path / "pack")
    assert "When to practise" not in (tmp_path / "pack").read_text("utf-8")
