"""An Anki package opened as Anki does: the collection's tables (col, notes, cards) read with sqlite3."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pack_items import ITEMS, OF, seen, wild_items

from coach.items import Item
from coach.packs import anki

ELEMENTS = {"b", "blockquote", "br", "div", "li", "ol", "p", "span", "ul"}
FIELDS = ["Id", "Title", "About", "Situation", "Task", "Question", "Key"]


def opened(items: list[Item], title: str = "Pack") -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pack.apkg"
        anki.write(items, title, path)
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
            assert package.namelist() == ["collection.anki2", "media"]
            assert json.loads(package.read("media")) == {}
            base = package.read("collection.anki2")
    with closing(sqlite3.connect(":memory:")) as collection:
        collection.deserialize(base)
        collection.row_factory = sqlite3.Row
        tables = {
            name: [dict(row) for row in collection.execute(f"select * from {name}")] for name in ("notes", "cards")
        }
        col = dict(collection.execute("select * from col").fetchone())
    return tables | {"decks": json.loads(col["decks"]), "models": json.loads(col["models"]), "version": col["ver"]}


def words(html: str) -> str:
    """What a reader of the field sees, line ends as room."""
    return hostile.words(html.replace("<br>", "\n"))


def fields(note: dict[str, Any]) -> dict[str, str]:
    return dict(zip(FIELDS, note["flds"].split("\x1f"), strict=True))


def test_every_item_is_a_note_with_one_card_in_the_pack_s_deck() -> None:
    read = opened(list(ITEMS), "Team A::chats")
    assert read["version"] == 11
    deck = next(one for one in read["decks"].values() if one["name"] == "Team A: chats")
    assert [card["nid"] for card in read["cards"]] == [note["id"] for note in read["notes"]]
    assert {card["did"] for card in read["cards"]} == {deck["id"]}
    assert {card["ord"] for card in read["cards"]} == {0}
    used = {note["mid"]: read["models"][str(note["mid"])] for note in read["notes"]}
    assert len(used) == 4
    for model in used.values():
        assert [one["name"] for one in model["flds"]] == FIELDS
        assert len(model["tmpls"]) == 1


def test_ids_stay_when_words_change_and_the_date_tells_that_they_did() -> None:
    before = opened(list(ITEMS))
    after = opened([replace(ITEMS[0], task="Another task."), *ITEMS[1:]])
    for key in ("guid", "mid", "tags"):
        assert [note[key] for note in before["notes"]] == [note[key] for note in after["notes"]]
    assert len({note["guid"] for note in before["notes"]}) == len(ITEMS)
    changed = [one["mod"] != two["mod"] for one, two in zip(before["notes"], after["notes"], strict=True)]
    assert changed == [True, *[False] * (len(ITEMS) - 1)]


def test_the_front_asks_and_the_back_tells() -> None:
    notes = [fields(note) for note in opened(list(ITEMS))["notes"]]
    answer, clue, gap, order = (notes[i] for i in (0, 2, 4, 5))
    assert "I see how that worries you." in answer["Key"]
    assert "To compare with yours" in answer["Key"]
    assert "Right: controller" in clue["Key"]
    assert "Right" not in clue["Question"]
    assert words(gap["Key"]).startswith("I see * well how that feels. I understand how that feels.")
    steps = [choice.text for choice in OF["order"].choices]
    key, asked = words(order["Key"]), words(order["Question"])
    assert sorted(steps, key=key.index) == steps
    assert sorted(steps, key=asked.index) != steps


@pytest.mark.parametrize("kind", ["clue", "move"])
def test_what_is_asked_for_stands_nowhere_before_the_key(kind: str) -> None:
    (note,) = opened([OF[kind]])["notes"]
    assert "empathy" not in fields(note)["About"]
    assert "thinker" not in note["flds"] + note["tags"]


def test_an_item_held_back_is_tagged_and_comes_last() -> None:
    notes = opened([replace(ITEMS[0], is_transfer=True), ITEMS[1]])["notes"]
    assert [fields(note)["Id"] for note in notes] == [ITEMS[1].id, ITEMS[0].id]
    assert notes[1]["tags"] == " coach::answer coach::difficulty-2 coach::later "


@settings(max_examples=60)
@given(st.lists(wild_items(), min_size=1, max_size=2, unique_by=lambda item: item.id), st.text(max_size=9))
def test_hostile_text_is_shown_and_does_nothing(items: list[Item], title: str) -> None:
    for note, item in zip(opened(items, title)["notes"], items, strict=True):
        read = fields(note)
        for text in read.values():
            assert {tag for tag, _ in hostile.structure(text)} <= ELEMENTS
            assert {(name, value) for _, name, value in hostile.attributes(text)} <= {("dir", "auto"), ("class", "who")}
            assert "[" not in text  # [sound:…], [latex], [anki:tts]
        assert seen(item.task) in words(read["Task"])
        shown = words(read["Situation"])
        assert all(seen(said.text) in shown for said in item.situation)
        assert seen(item.explanation) in words(read["Key"])
