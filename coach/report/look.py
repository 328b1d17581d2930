"""What every page has inside besides its words: the style, the script and its hash, the places to go to."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from coach.authoring.wording import moves
from coach.conversation import SKILL_OF

PLACE = re.compile(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', re.DOTALL)


@cache
def page_style() -> Markup:
    return _template("style.css")


@cache
def page_script() -> Markup:
    return _template("page.js")


@cache
def page_script_hash() -> str:
    """The script as a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(page_script().encode()).digest()).decode()


def places(page: Markup) -> list[tuple[str, str]]:
    """(id, text) of each second-level heading that begins with its id, in order: what the page's navigation lists."""
    return [(id, Markup(heading).striptags()) for id, heading in PLACE.findall(page)]


def glossary(metrics: Mapping[str, Any]) -> Markup:
    """What page.js says of a mark, by tag, as JSON: its skill, what it does, what it is not, known error rates in %.

    `metrics` are those of `coach evaluate`; without them the rates are left out.
    """
    known = metrics.get("tags", {})
    entries = {tag: _entry(tag, known.get(tag)) for tag in SKILL_OF}
    words = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Markup('<script type="application/json" id="glossary">{}</script>').format(Markup(words))


def _entry(tag: str, figures: Mapping[str, float] | None) -> dict[str, Any]:
    move = moves()[tag]
    entry: dict[str, Any] = {"skill": SKILL_OF[tag], "says": f"This sentence {move.says}.", "unless": move.unless}
    if figures:
        entry["right"] = round(100 * figures["precision"])
        entry["found"] = round(100 * figures["recall"])
    return entry


def _template(name: str) -> Markup:
    return Markup(files("coach.report").joinpath("templates", name).read_text("utf-8"))
