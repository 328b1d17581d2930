"""Moodle XML, as Moodle's importer reads it (question/format/xml/format.php; docs.moodle.org/en/Moodle_XML_format).

Open items are essays that give no marks, gaps short answers, and steps to put in order are matched with their places,
which every Moodle can do. Moodle never updates a question: importing again adds it again; the id number and the name
show which ones are the same.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lxml import etree
from lxml.builder import E

from coach.items import Item, Response
from coach.packs.archive import write_whole
from coach.packs.markup import feedback, html, inline, name, question, tags, typed
from coach.packs.showing import in_order, one_line, shuffled

EXTENSION = ".xml"
TYPE: dict[Response, str] = {"open": "essay", "choice": "multichoice", "gap": "shortanswer", "order": "match"}


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """The items as one category named after the title. Raises CoachError when it cannot be written."""
    category = E.question(E.category(E.text(one_line(title).replace("/", "//"))), type="category")
    quiz = E.quiz(category, *map(_question, in_order(items)))
    write_whole(path, etree.tostring(quiz, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _question(item: Item) -> Any:
    after = html(feedback(item))
    return E.question(
        E.name(E.text(name(item))),
        _formatted("questiontext", html(question(item))),
        _formatted("generalfeedback", after),
        E.defaultgrade("0" if item.response == "open" else "1"),
        E.penalty("0"),
        E.hidden("0"),
        E.idnumber(item.id),
        *_ANSWERS[item.response](item),
        E.tags(*(E.tag(E.text(tag)) for tag in tags(item))),
        type=TYPE[item.response],
    )


def _essay(item: Item) -> list[Any]:
    return [
        E.responseformat("editor"),
        E.responserequired("1"),
        E.responsefieldlines("10"),
        E.attachments("0"),
        E.attachmentsrequired("0"),
        _formatted("graderinfo", html(feedback(item))),
        _formatted("responsetemplate", ""),
    ]


def _multichoice(item: Item) -> list[Any]:
    answers = [_answer(inline(choice.text), choice.is_right, choice.feedback) for choice in item.choices]
    return [E.single("true"), E.shuffleanswers("false"), E.answernumbering("none"), *answers]


def _answer(markup: str, is_right: bool, said: str) -> Any:
    return E.answer(
        E.text(markup),
        _formatted("feedback", inline(said) if said else ""),
        fraction="100" if is_right else "0",
        format="html",
    )


def _shortanswer(item: Item) -> list[Any]:
    texts = [typed(text).replace("*", r"\*") for text in item.accepted]
    answers = [E.answer(E.text(text), fraction="100", format="moodle_auto_format") for text in texts]
    return [E.usecase("0"), *answers]


def _match(item: Item) -> list[Any]:
    pairs = [
        E.subquestion(E.text(inline(choice.text)), E.answer(E.text(str(place))), format="html")
        for place, choice in shuffled(item)
    ]
    return [E.shuffleanswers("true"), *pairs]


_ANSWERS = {"open": _essay, "choice": _multichoice, "gap": _shortanswer, "order": _match}


def _formatted(tag: str, markup: str) -> Any:
    return E(tag, E.text(markup), format="html")
