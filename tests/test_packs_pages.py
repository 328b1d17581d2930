"""Packs to read: the HTML page, Markdown and JSON, read back as a browser, a Markdown reader and a program do."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pack_items import BY_KIND, ITEMS, OF, seen, wild_items

from coach.errors import CoachError
from coach.items import Choice, Item
from coach.packs import anki, h5p, json_records, markdown, page, scorm
from coach.packs.showing import one_line, shuffled

WILD = st.lists(wild_items(), min_size=1, max_size=2, unique_by=lambda item: item.id)
SAME_TAGS = settings(max_examples=50)


def written(module: ModuleType, items: Sequence[Item], title: str = "Pack") -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pack"
        module.write(items, title, path)
        return path.read_text("utf-8")


def harmless(item: Item) -> Item:
    """The same item with plain words wherever there are any."""

    def plain(text: str) -> str:
        return "plain" if seen(text) else text

    return replace(
        item,
        title=plain(item.title),
        situation=tuple(replace(said, text=plain(said.text)) for said in item.situation),
        task=plain(item.task),
        choices=tuple(Choice(plain(c.text), c.is_right, plain(c.feedback)) for c in item.choices),
        text="plain _____ plain" if item.response == "gap" else plain(item.text),
        accepted=tuple(map(plain, item.accepted)),
        checks=tuple(map(plain, item.checks)),
        model_answers=tuple(map(plain, item.model_answers)),
        explanation=plain(item.explanation),
    )


def test_the_page_has_every_item_and_its_key_folded() -> None:
    text = written(page, ITEMS)
    assert text.count("<details>") == text.count('class="card item"') == len(ITEMS)
    assert "<details open" not in text
    shown = hostile.words(text)
    for item in ITEMS:
        texts = (*(said.text for said in item.situation), item.title, item.task, item.explanation, *item.checks)
        more = (*item.model_answers, *item.accepted, *(choice.text for choice in item.choices))
        assert all(seen(one) in shown for one in (*texts, *more)), item


def test_the_page_loads_nothing_and_only_its_own_script_may_run() -> None:
    text = written(page, ITEMS)
    policy = next(
        value for tag, name, value in hostile.attributes(text) if (tag, name) == ("meta", "content") and "src" in value
    )
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    hashes = ["sha256-" + base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert hashes == re.findall(r"sha256-[^']+", policy)
    loading = {"src", "href", "action", "data", "srcset", "background"}
    found = [one for one in hostile.attributes(text) if one[1] in loading or one[1].startswith("on")]
    assert found == [("a", "href", "#main")]


def test_every_control_on_the_page_has_a_name_and_stands_in_a_group() -> None:
    text = written(page, ITEMS)
    found = hostile.attributes(text)
    ids = {value for _, name, value in found if name == "id"}
    assert {value for _, name, value in found if name in ("for", "aria-labelledby")} <= ids
    choices = sum(item.response == "choice" for item in ITEMS)
    assert text.count("<fieldset>") == text.count("<legend") == choices
    assert text.count("<textarea") == text.count("<label class") == sum(item.response == "open" for item in ITEMS)
    assert text.count('aria-label="The missing words"') == 1
    assert text.count("<select") == len(OF["order"].choices)


def test_items_held_back_come_last_under_their_own_heading() -> None:
    items = [replace(ITEMS[0], is_transfer=True), *ITEMS[1:]]
    for module, heading in ((page, "For later"), (markdown, "For later")):
        text = written(module, items)
        assert text.count(heading) == 1
        assert text.index(ITEMS[-1].title) < text.index(heading) < text.rindex(ITEMS[0].id)


@pytest.mark.parametrize("module", [page, markdown])
def test_an_empty_pack_says_so(module: ModuleType) -> None:
    assert "More conversations will help" in written(module, ())


@SAME_TAGS
@given(WILD, st.text(max_size=9))
def test_hostile_text_changes_no_element_of_the_page(items: list[Item], title: str) -> None:
    text = written(page, items, title)
    assert hostile.structure(text) == hostile.structure(written(page, list(map(harmless, items))))
    shown = hostile.words(text)
    assert all(seen(item.task) in shown and seen(item.explanation) in shown for item in items)


@SAME_TAGS
@given(WILD, st.sampled_from(hostile.TEXTS))
def test_hostile_text_changes_no_element_of_the_markdown(items: list[Item], title: str) -> None:
    document = written(markdown, items, title)
    assert hostile.markdown_structure(document) == hostile.markdown_structure(
        written(markdown, list(map(harmless, items)))
    )


@pytest.mark.parametrize("kind", BY_KIND)
@pytest.mark.parametrize("text", hostile.TEXTS)
def test_markdown_shows_hostile_text_of_every_kind(kind: str, text: str) -> None:
    item = OF[kind]
    evil = replace(
        item,
        situation=(replace(item.situation[0], text=text),),
        choices=tuple(replace(choice, text=text) for choice in item.choices),
        accepted=(text,) if item.accepted else (),
        model_answers=(text,),
    )
    plain = replace(
        evil,
        situation=(replace(item.situation[0], text="x"),),
        choices=tuple(replace(choice, text="x") for choice in item.choices),
        accepted=("x",) if item.accepted else (),
        model_answers=("x",),
    )
    document = written(markdown, [evil])
    assert hostile.markdown_structure(document) == hostile.markdown_structure(written(markdown, [plain]))
    assert text in hostile.markdown_text(document)


def test_markdown_keeps_the_answers_for_the_end() -> None:
    asked, told = written(markdown, ITEMS).split("# Answers")
    assert "Did you name the worry" in told
    assert "Did you name the worry" not in asked
    assert "right" not in asked


@SAME_TAGS
@given(WILD, st.text())
def test_json_gives_back_every_text_exactly(items: list[Item], title: str) -> None:
    read = json.loads(written(json_records, items, title))
    assert read["title"] == title
    for values, item in zip(read["items"], items, strict=True):
        assert values.pop("response") == item.response
        assert values == json.loads(json.dumps(asdict(item)))


@pytest.mark.parametrize("module", [anki, h5p, json_records, markdown, page, scorm])
def test_files_are_written_whole_and_the_same_each_time(module: ModuleType, tmp_path: Path) -> None:
    assert re.fullmatch(r"\.\w+", module.EXTENSION)
    first, second = tmp_path / "first", tmp_path / "second"
    module.write(ITEMS, "Pack", first)
    module.write(ITEMS, "Pack", second)
    assert first.read_bytes() == second.read_bytes()
    (tmp_path / "folder").mkdir()
    with pytest.raises(CoachError, match="folder: cannot be written"):
        module.write(ITEMS, "Pack", tmp_path / "folder")
    assert {path.name for path in tmp_path.iterdir()} == {"first", "second", "folder"}


@pytest.mark.parametrize("count", range(2, 9))
def test_steps_are_never_shown_in_the_right_order(count: int) -> None:
    for number in range(40):
        item = replace(OF["order"], id=f"{number:012x}", choices=tuple(Choice(str(n), True) for n in range(count)))
        places = [place for place, _ in shuffled(item)]
        assert sorted(places) == list(range(1, count + 1)) != places


@pytest.mark.parametrize(
    ("title", "line"), [("a\n b", "a b"), ("\x00", "\ufffd"), (" \n", "Exercises"), ("x" * 300, "x" * 200)]
)
def test_a_title_is_one_line(title: str, line: str) -> None:
    assert one_line(title) == line
