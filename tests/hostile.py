"""Text that tries to be more than text, and what a page or a Markdown file is made of."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></main><h1>Boss</h1>",
    "[win](javascript:alert(1)) ![x](http://x.example/y.png) <http://x.example>",
    "# **Boss** _x_ `y` ~~z~~ | a | b | - [ ] 1. > + * = &lt;b&gt; &#60;",
    "{{ 7 * 7 }} {% raw %} {# x #}",
    "\\](javascript:alert(1))\\",
)
"""Each fits in a line, so that what is read back can be compared with it."""


BLOCKS = {"div", "h1", "h2", "h3", "li", "p", "td", "th", "title", "blockquote", "summary"}


class _Reader(HTMLParser):
    def __init__(self, between: str = "") -> None:
        super().__init__(convert_charrefs=True)
        self.between = between
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.pieces: list[str] = []
        self.shut = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.shut += tag in ("small", "style", "script")
        self.pieces += [self.between] if tag in BLOCKS else []

    def handle_endtag(self, tag: str) -> None:
        self.shut -= tag in ("small", "style", "script")

    def handle_data(self, data: str) -> None:
        if not self.shut:
            self.pieces.append(data)


def _read(page: str, between: str = "") -> _Reader:
    reader = _Reader(between)
    reader.feed(page)
    reader.close()
    return reader


def structure(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """The page's tags in order with the names of their attributes: what text must never change."""
    return _read(page).tags


def attributes(page: str) -> list[tuple[str, str, str]]:
    """Tag, name and value of every attribute in the page."""
    return _read(page).attributes


def text(page: str) -> str:
    """What a reader sees, without the labels that stand small inside of marks."""
    return "".join(_read(page).pieces)


def words(page: str) -> str:
    """What a reader sees with one space wherever there is room, so that a row of a table reads as one line."""
    return " ".join("".join(_read(page, " ").pieces).split())


LOADING = {"src", "srcset", "data", "action", "poster", "background", "ping"}
EMBEDDING = {"link", "iframe", "object", "embed", "img", "base", "video", "audio"}
INERT = ("application/json", "application/x-deflate-raw")


def links(page: str) -> list[str]:
    """Where the page's links and drawings lead."""
    return [value for _, name, value in attributes(page) if name in ("href", "xlink:href")]


def outside(page: str) -> list[str]:
    """What in the page loads something, runs a script that its policy does not name, or is no part of it."""
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    allowed = "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src '{allowed}'; base-uri 'none'"
    found = [tag for tag, _ in structure(page) if tag in EMBEDDING]
    for tag, name, value in attributes(page):
        is_script = tag == "script" and name == "type" and value not in INERT
        found += [f"{tag} {name}"] if name in LOADING or name.startswith("on") or is_script else []
    found += [loading for loading in ("@import", "url(") if loading in style]
    return found if policy in page else [*found, "policy"]


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def markdown_structure(document: str) -> list[str]:
    """The kinds of Markdown's elements in order, without the texts."""
    kinds = []
    for token in MARKDOWN.parse(document):
        kinds.append(token.type)
        kinds += [
            child.type for child in token.children or () if child.type not in ("text", "softbreak", "text_special")
        ]
    return kinds


def markdown_text(document: str) -> str:
    """What a reader of the rendered Markdown sees."""
    return text(MARKDOWN.render(document))
