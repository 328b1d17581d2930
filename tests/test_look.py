"""The look: colours that everybody can read and tell apart, the places of a page, and transcripts packed small."""

import base64
import json
import re
import zlib
from itertools import combinations

import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from coach.conversation import TAGS
from coach.report.look import glossary, page_script, page_style, places
from coach.report.packing import packed

LIGHT, DARK, PAPER = (
    dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in re.findall(r":root \{(.*?)\}", page_style(), re.DOTALL)
)
THEMES = pytest.mark.parametrize("theme", [LIGHT, LIGHT | DARK, LIGHT | PAPER], ids=["light", "dark", "paper"])
SURFACES = ("page", "card", "sunk")
TINTS = ("empathy", "listening", "instruction", "clue")
LINES = tuple(f"{name}-line" for name in TINTS)


def contrast(theme: dict[str, str], one: str, other: str) -> float:
    """WCAG 2's ratio, from 1 to 21."""
    return float(Color(theme[one]).contrast(theme[other]))


@THEMES
@pytest.mark.parametrize("text", ["ink", "quiet", "accent"])
def test_text_stands_out_from_every_surface(theme: dict[str, str], text: str) -> None:
    assert min(contrast(theme, text, surface) for surface in SURFACES) >= 4.5


@THEMES
def test_text_stands_out_from_every_mark(theme: dict[str, str]) -> None:
    assert min(contrast(theme, "ink", tint) for tint in TINTS) >= 4.5


@THEMES
@pytest.mark.parametrize("colour", ["care", "service", "accent", "quiet", *LINES])
def test_what_is_drawn_stands_out_from_every_surface(theme: dict[str, str], colour: str) -> None:
    assert min(contrast(theme, colour, surface) for surface in SURFACES) >= 3


@THEMES
@pytest.mark.parametrize("sight", ["protan", "deutan", "tritan", None])
@pytest.mark.parametrize("group", [("care", "service", "accent"), TINTS, LINES], ids=["charts", "tints", "lines"])
def test_colours_can_be_told_apart_with_any_sight(theme: dict[str, str], sight: str | None, group: list[str]) -> None:
    seen = [Color(theme[name]).filter(sight) if sight else Color(theme[name]) for name in group]
    assert min(one.delta_e(other, method="2000") for one, other in combinations(seen, 2)) >= 6


def test_marks_of_skills_and_guesses_differ_in_more_than_colour() -> None:
    lines = re.findall(r"^mark(?:\.\w+)? \{.*?border-bottom: \d+px (\w+)", page_style(), re.MULTILINE)
    assert lines == ["solid", "double", "dotted", "dashed"]


def test_every_variable_that_is_used_is_set() -> None:
    set_ = set(re.findall(r"(--[\w-]+):", page_style()))
    assert set(re.findall(r"var\((--[\w-]+)", page_style())) <= set_
    assert {"--ink", "--quiet", "--line", "--page", "--card", "--care", "--service", "--accent"} <= set_


@pytest.mark.parametrize("text", ["</script", "</style", "<!--", "http:", "https:", "url(", "@import"])
def test_the_style_and_the_script_end_nothing_and_load_nothing(text: str) -> None:
    assert text not in page_style()
    assert text not in page_script()


def test_places_are_the_headings_with_an_id_in_order() -> None:
    page = Markup(
        '<h2 id="a">One &amp; <em>two</em></h2><h2>None</h2><h3 id="b">No</h3><h2 id="c" class="x">Three</h2>'
    )
    assert places(page) == [("a", "One & two"), ("c", "Three")]


def test_the_glossary_explains_every_tag_and_its_known_errors() -> None:
    figures = {tag: {"precision": 0.914, "recall": 0.5} for tag in TAGS[:-1]}
    found = json.loads(re.sub("<.*?>", "", glossary({"tags": figures})))
    assert list(found) == list(TAGS)
    assert found["apologise"] == {
        "skill": "empathy",
        "says": "This sentence says sorry for the trouble.",
        "unless": "To apologise is to say sorry for trouble or for a feeling; asking to repeat does not count.",
        "right": 91,
        "found": 50,
    }
    assert "right" not in found[TAGS[-1]]


def unpacked(block: str) -> list[str]:
    small = re.fullmatch(r'<script type="application/x-deflate-raw" id="p1">([\w+/=]*)</script>', block)[1]
    return zlib.decompress(base64.b64decode(small), -zlib.MAX_WBITS).decode().split("\x1e")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1e")), min_size=1))
def test_packed_parts_come_out_as_they_were(parts: list[str]) -> None:
    assert unpacked(packed(parts, "p1")) == parts


def test_what_stands_between_parts_cannot_come_from_a_part() -> None:
    assert unpacked(packed(["a\x1eb", "<b>c</b>"], "p1")) == ["a\N{REPLACEMENT CHARACTER}b", "<b>c</b>"]


def test_packing_makes_many_transcripts_small() -> None:
    parts = [
        f'<div class="turn agent" id="c-{n}-t1"><span class="who"><b>Ana</b></span>Answer {n}</div>' for n in range(50)
    ]
    assert len(packed(parts, "p1")) < sum(map(len, parts)) / 5
