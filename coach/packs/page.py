"""HTML: a page of its own that works offline, with answers folded and feedback on choices.

Everything from a transcript is escaped; besides, the page's policy lets only its own script run and nothing load.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from coach.items import GAP, Item
from coach.packs.archive import write_whole
from coach.packs.showing import about, in_order, one_line, plan, shuffled

EXTENSION = ".html"


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """One page, UTF-8."""
    write_whole(path, page(items, title, scripts=["page.js"]).encode())


def page(items: Sequence[Item], title: str, *, scripts: Sequence[str]) -> str:
    """The page with scripts of this package inside."""
    from coach.report.render import environment  # coach.report imports packs

    sources = [_script(name) for name in scripts]
    shown = in_order(items)
    return (
        environment()
        .get_template("pack.html.j2")
        .render(
            items=shown,
            plan=plan(shown),
            title=one_line(title),
            scripts=sources,
            hashes=[_hash(source) for source in sources],
            about=about,
            shuffled=shuffled,
            GAP=GAP,
        )
    )


@cache
def _script(name: str) -> str:
    return files("coach.packs").joinpath(name).read_text("utf-8")


def _hash(source: str) -> str:
    """As a content security policy names a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
