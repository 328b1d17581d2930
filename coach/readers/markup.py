"""Words out of HTML messages."""

import re

from bs4 import BeautifulSoup, Comment

BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre", "table", "ul", "ol", "hr")
SILENT = ("script", "style", "head", "template", "title")


def words(markup: str) -> str:
    """The text that a reader of the message sees: a line a block, entities resolved, scripts and comments left out."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    soup = BeautifulSoup(markup, "html.parser")
    for silent in soup.find_all(SILENT):
        silent.decompose()
    for comment in soup.find_all(string=lambda found: isinstance(found, Comment)):
        comment.extract()
    for block in soup.find_all(BLOCKS):
        block.insert_before("\n")
        block.append("\n")
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in soup.get_text().split("\n"))
    return "\n".join(line for line in lines if line)
