"""What a learner reads of an item as a few HTML elements, for platforms that show HTML; text always stays text."""

from collections.abc import Iterable

from lxml import etree

from coach.items import Item

NAME_LENGTH = 200
"""Moodle cuts names at 255 characters; the others take more."""


def name(item: Item) -> str:
    """The id, by which an item imported twice is known, and the title."""
    return typed(f"{item.id} {item.title}")[:NAME_LENGTH].rstrip()


def typed(text: str) -> str:
    """The text as one would type it into a field of one line."""
    return " ".join(text.split())


def tags(item: Item) -> list[str]:
    """What the item can be found by."""
    found = (item.kind, item.skill, item.customer_type, f"difficulty {item.difficulty}")
    return [tag for tag in found if tag] + ["transfer"] * item.is_transfer


def paragraph(*pieces: str | etree._Element, tag: str = "p") -> etree._Element:
    """One element of texts and elements; a newline in a text becomes a break."""
    made = etree.Element(tag)
    for piece in pieces:
        if isinstance(piece, str):
            first, *others = piece.split("\n")
            _add_text(made, first)
            for other in others:
                etree.SubElement(made, "br").tail = other
        else:
            made.append(piece)
    return made


def question(item: Item) -> list[etree._Element]:
    """What was said, the task and the text it is about, with its gap."""
    return [*stem(item), *([paragraph(item.text)] if item.text else [])]


def stem(item: Item) -> list[etree._Element]:
    """What was said, and the task."""
    said = [paragraph(paragraph(f"{one.role.capitalize()}:", tag="strong"), f" {one.text}") for one in item.situation]
    return [*said, paragraph(paragraph(item.task, tag="em"))]


def feedback(item: Item) -> list[etree._Element]:
    """What is shown once the item has been answered, whatever the answer."""
    made = [paragraph(item.explanation)] if item.explanation else []
    if item.response == "gap":
        made += _listed("What fits:", item.accepted, "ul")
    if item.response == "order":
        made += _listed("The right order:", [choice.text for choice in item.choices], "ol")
    return [
        *made,
        *_listed("Look at your answer again:", item.checks, "ul"),
        *_listed("Answers to compare with yours:", item.model_answers, "ul"),
    ]


def html(elements: Iterable[etree._Element]) -> str:
    """The elements as HTML that is also XML; each block runs in the direction of its own text."""
    written = []
    for element in elements:
        for block in element.iter("p", "li", "span"):
            block.set("dir", "auto")
        written.append(etree.tostring(element, encoding="unicode"))
    return "".join(written)


def inline(text: str) -> str:
    """One text as HTML that can stand within a line."""
    return html([paragraph(text, tag="span")])


def _listed(heading: str, texts: Iterable[str], tag: str) -> list[etree._Element]:
    points = [paragraph(text, tag="li") for text in texts]
    return [paragraph(heading), paragraph(*points, tag=tag)] if points else []


def _add_text(element: etree._Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
