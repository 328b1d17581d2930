"""Moodle GIFT, as Moodle's importer reads it (question/format/gift/format.php; docs.moodle.org/en/GIFT_format).

Open items are essays, gaps short answers, and steps to put in order are matched with their places. Moodle never
updates a question: importing again adds it again, and the id in name and comment shows which ones are the same.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from coach.items import Item
from coach.packs.archive import write_whole
from coach.packs.markup import feedback, html, inline, name, question, tags, typed
from coach.packs.showing import in_order, one_line, shuffled

EXTENSION = ".txt"
"""Moodle refuses a file of another type than text."""

_CONTROL = re.compile(r"([\\~=#{}:])")


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """The items as one category named after the title. Raises CoachError when it cannot be written."""
    category = one_line(title).replace("\\", "/").replace("/", "//")
    questions = [f"$CATEGORY: {category}\n", *map(_question, in_order(items))]
    write_whole(path, "\n".join(questions).encode())


def escaped(text: str) -> str:
    """The text, of one line, without meaning for GIFT."""
    return _CONTROL.sub(r"\\\1", text)


def _question(item: Item) -> str:
    comment = f"// [id:{item.id}] " + " ".join(f"[tag:{tag}]" for tag in tags(item))
    general = feedback(item)
    answers = "".join(f"\t{answer}\n" for answer in _answers(item))
    answers += f"\t####{_html(html(general))}\n" if general else ""
    return f"{comment}\n::{escaped(name(item))}::{_html(html(question(item)))}{{\n{answers}}}\n"


def _answers(item: Item) -> Iterator[str]:
    if item.response == "choice":
        for choice in item.choices:
            said = f"#{_html(inline(choice.feedback))}" if choice.feedback else ""
            yield f"{'=' if choice.is_right else '~'}{_html(inline(choice.text))}{said}"
    elif item.response == "gap":
        yield from (f"=%100%{_short(text)}" for text in item.accepted)
    elif item.response == "order":
        yield from (f"={_html(inline(choice.text))} -> {place}" for place, choice in shuffled(item))


def _html(markup: str) -> str:
    """Every piece names its format, or one that begins with a bracket would be taken to name another."""
    return "[html]" + escaped(markup)


def _short(text: str) -> str:
    """An answer to type: plain, in which a star stands for anything unless it is escaped.

    An arrow would make it a question of matching, and two ampersands can be a placeholder of the importer's own; in
    both, anything may stand between.
    """
    literal = typed(text).replace("*", r"\*")
    return "[plain]" + escaped(re.sub("&(?=&)", "&*", literal.replace("->", "-*>")))
