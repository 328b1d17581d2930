"""Markdown: a pack to print or edit, the items first, then the answers under the same numbers."""

from collections.abc import Sequence
from pathlib import Path

from coach.items import Item
from coach.packs.archive import write_whole
from coach.packs.showing import about, in_order, one_line, plan, shuffled

EXTENSION = ".md"


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """CommonMark, UTF-8; everything from a transcript is escaped and stands on one line."""
    from coach.report.render import environment  # coach.report imports packs

    template = environment().get_template("pack.md.j2")
    shown = in_order(items)
    text = template.render(items=shown, title=one_line(title), plan=plan(shown), about=about, shuffled=shuffled)
    write_whole(path, text.encode())
