"""Words out of HTML messages."""

import html
import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

BLOCKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre", "table", "ul", "ol", "hr"}
SILENT = {"script", "style", "title", "template"}
TAG = re.compile(r"<[a-zA-Z/!?]")
BARE = re.compile(r"&(?!#?\w+;)")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def words(markup: str) -> str:
    """The text that a reader of the message sees: a line a block, entities resolved, scripts and comments left out."""
    escaped = BARE.sub("&amp;", CONTROL.sub(" ", markup))
    if not TAG.search(escaped):
        return html.unescape(escaped).strip()
    return words_of(parsed(escaped))


def words_of(document: HtmlElement) -> str:
    """The same of a parsed message."""
    lines = (" ".join(line.split()) for line in "".join(_texts(document)).split("\n"))
    return "\n".join(line for line in lines if line)


def parsed(markup: str) -> HtmlElement:
    """The document; whatever is broken in it is mended as browsers do, more or less."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    return document_fromstring(f"<div>{markup}</div>".encode("utf-8", "replace"), parser=parser)


def _texts(root: HtmlElement) -> Iterator[str]:
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        block = element.tag in BLOCKS
        if event == "start":
            if element.tag in SILENT:
                walk.skip_subtree()
            elif element.text:
                yield f"\n{element.text}" if block else element.text
        else:
            yield "\n" if block else ""
            yield element.tail or ""
