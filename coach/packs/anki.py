"""Anki: a deck (`.apkg`) of one card an item, the key and the model answers on the back.

A note's GUID comes from the item's id, so that a pack made again changes the cards that are there instead of adding
others. A note's date comes from its text, as the same items must give the same bytes: when importing a pack again, set
"Update notes" to "Always", and those that have changed are taken over. The deck's id comes from its title; each way
of answering has a note type of its own.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import genanki

from coach.items import GAP, Item, Response
from coach.packs.archive import write_whole, zipped
from coach.packs.showing import about, escaped, in_order, one_line, shuffled

EXTENSION = ".apkg"
FIELDS = ("Id", "Title", "About", "Situation", "Task", "Question", "Key")
NAMES: Mapping[Response, str] = {
    "open": "Coach: answer in your own words",
    "choice": "Coach: choose one",
    "gap": "Coach: fill the gap",
    "order": "Coach: put in order",
}
MADE = 1_767_225_600
"""The first day of 2026, in seconds: from here on notes are dated. Later once FIELDS, FRONT, BACK or STYLE change."""
YEAR = 365 * 24 * 60 * 60
# Anki leaves what stands in this class alone when it looks for formulas.
FRONT = (
    '<div class="tex2jax_ignore"><p class="about">{{Title}} · {{About}}</p>{{Situation}}'
    '<p class="task" dir="auto">{{Task}}</p>{{Question}}</div>'
)
BACK = '{{FrontSide}}<hr id="answer"><div class="tex2jax_ignore">{{Key}}</div>'
STYLE = """.card { font: 1.1rem/1.5 sans-serif; text-align: left; max-width: 40rem; margin: 0 auto; padding: .5rem; }
.about, .who { font-size: .85rem; opacity: .75; } .who { display: block; } .task { font-weight: 600; }
blockquote { margin: .6rem 0; padding: .2rem .8rem; border-left: .25rem solid #8a97a5; overflow-wrap: anywhere; }
"""


class DatedNote(genanki.Note):  # type: ignore[misc]
    """A note that bears a date made from its text: Anki takes over a note whose date differs from the one it has."""

    def write_to_db(self, cursor: Any, timestamp: float, deck_id: int, id_gen: Iterator[int]) -> None:
        date = timestamp + _digest(*self.fields, *self.tags) % YEAR
        super().write_to_db(cursor, date, deck_id, id_gen)


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """A package for Anki 2.1 and later."""
    name = one_line(title).replace("::", ": ")  # two colons would make a deck in a deck
    deck = genanki.Deck(_number("deck", name), name)
    for item in in_order(items):
        deck.add_note(_note(item))
    buffer = BytesIO()
    genanki.Package(deck).write_to_file(buffer, timestamp=float(MADE))
    with ZipFile(buffer) as archive:
        write_whole(path, zipped({member: archive.read(member) for member in archive.namelist()}))


def _number(*parts: str) -> int:
    """An id as Anki wants them, the same for the same parts."""
    return (1 << 30) + _digest("coach", *parts) % (1 << 30)


def _digest(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:8])


def _model(response: Response) -> genanki.Model:
    return genanki.Model(
        _number("model", response),
        NAMES[response],
        fields=[{"name": name} for name in FIELDS],
        templates=[{"name": "Practise", "qfmt": FRONT, "afmt": BACK}],
        css=STYLE,
    )


def _note(item: Item) -> DatedNote:
    texts = (_text(item.id), _text(item.title), _text(about(item)), _situation(item), _text(item.task))
    fields = [*texts, _question(item), _key(item)]
    tags = [f"coach::{part.replace(' ', '-')}" for part in (item.kind, f"difficulty-{item.difficulty}")]
    tags += ["coach::later"] if item.is_transfer else []
    return DatedNote(_model(item.response), fields, guid=genanki.guid_for("coach", item.id), tags=tags)


def _text(text: str) -> str:
    """Escaped for HTML, and for what Anki looks for in square brackets: sounds, speech, LaTeX."""
    return escaped(text).replace("[", "&#91;")


def _situation(item: Item) -> str:
    return "".join(_quote(said.text, said.role.capitalize()) for said in item.situation)


def _quote(text: str, who: str = "") -> str:
    label = f'<span class="who">{who}</span>' if who else ""
    return f'<blockquote>{label}<div dir="auto">{_text(text)}</div></blockquote>'


def _question(item: Item) -> str:
    if item.response == "choice":
        return _quoted_text(item) + _list("ul", (_text(choice.text) for choice in item.choices))
    if item.response == "order":
        return _list("ul", (_text(choice.text) for _, choice in shuffled(item)))
    return _quoted_text(item)


def _quoted_text(item: Item) -> str:
    return _quote(item.text) if item.text else ""


def _key(item: Item) -> str:
    parts = [_list("ul", map(_text, item.checks))]
    if item.response == "choice":
        parts.append(_list("ul", (_option(choice.text, choice.is_right, choice.feedback) for choice in item.choices)))
    elif item.response == "gap":
        parts += [_filled(item.text, words) for words in item.accepted]
    elif item.response == "order":
        parts.append(_list("ol", (_option(choice.text, False, choice.feedback) for choice in item.choices)))
    parts += [_quote(answer, "To compare with yours") for answer in item.model_answers]
    parts += [f'<p dir="auto">{_text(item.explanation)}</p>'] if item.explanation else []
    return "".join(parts)


def _filled(text: str, words: str) -> str:
    before, _, after = text.partition(GAP)
    return f'<blockquote dir="auto">{_text(before)}<b>{_text(words)}</b>{_text(after)}</blockquote>'


def _option(text: str, is_right: bool, feedback: str) -> str:
    shown = f"<b>Right: {_text(text)}</b>" if is_right else _text(text)
    return f"{shown} – {_text(feedback)}" if feedback else shown


def _list(kind: str, lines: Iterable[str]) -> str:
    inner = "".join(f'<li dir="auto">{line}</li>' for line in lines)
    return f"<{kind}>{inner}</{kind}>" if inner else ""
