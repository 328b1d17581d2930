"""Matplotlib figures to SVG that belongs to the page: its colours, its font, its width, and nothing to fetch.

Figures are drawn in seven stand-in colours, which become CSS variables of the page. A unit is a point of the figure;
a figure 360 wide fills a phone of 390 px, where a unit is about a pixel.
"""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from lxml import etree
from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = ("ink", "quiet", "line", "page", "care", "service", "accent")
INK, QUIET, LINE, PAGE, CARE, SERVICE, ACCENT = (f"#00000{digit}" for digit in range(1, 8))
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "coach",
    "font.family": "DejaVu Sans",
    "text.parse_math": False,
}
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
WIDTH = 360.0
TEXT = 12.0
SMALL = 11.0
LETTER = 0.56  # how wide a letter is, at most on average, of its size
SVG, LINK = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
STAND_IN = re.compile(r"#00000([1-7])")
REFERENCE = re.compile(r"#([A-Za-z][\w-]*)")
NUMBER = re.compile(r"-?\d+\.\d+")
FONT = re.compile(r"; font-family: [^;]*")
LONGEST = 26


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing to stand in a page, and what it shows in words."""

    svg: Markup
    words: str


@contextmanager
def canvas(height: float) -> Iterator["Figure"]:
    """An empty figure, WIDTH wide, to be drawn and made inline within. Styles set on this computer are left out."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its font cache
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the page's fonts may have it
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        yield Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor="none")


def panel(figure: "Figure", left: float, top: float, width: float, height: float) -> "Axes":
    """Bare axes at a place of the figure, in units from its upper left."""
    across, down = 72 * figure.get_size_inches()
    axes = figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))
    axes.patch.set_visible(False)
    axes.tick_params(length=0, labelsize=SMALL, labelcolor=QUIET, pad=5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def printable(text: str) -> str:
    """Without letters that are not seen: those that turn the text around them, and those that XML cannot hold."""
    return "".join(letter for letter in text if letter.isprintable())


def short(label: str) -> str:
    label = printable(label)
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


def legend_height(labels: list[str]) -> float:
    return 18.0 * (1 + max(row for row, _ in _flow(labels)))


def legend(figure: "Figure", top: float, signs: list[dict[str, Any]], labels: list[str]) -> None:
    """Signs (as Axes.plot takes them) with their labels, in as many rows as they need."""
    height = legend_height(labels)
    axes = panel(figure, 0, top, WIDTH, height)
    axes.set(xlim=(0, WIDTH), ylim=(height, 0), xticks=[], yticks=[])
    for (row, left), sign, label in zip(_flow(labels), signs, labels, strict=True):
        middle = 18 * row + 9
        ends = [left + 2, left + 16] if sign.get("linestyle", "none") != "none" else [left + 9]
        axes.plot(ends, [middle] * len(ends), clip_on=False, **{"linestyle": "none", **sign})
        axes.text(left + 21, middle, label, size=SMALL, color=INK, va="center_baseline")


def _flow(labels: list[str]) -> list[tuple[int, float]]:
    """The row and left end of each label, as they fit next to each other."""
    found, row, left = [], 0, 4.0
    for label in labels:
        width = 21 + SMALL * LETTER * sum(1 + (east_asian_width(one) in "WF") for one in label)
        if left > 4 and left + width > WIDTH:
            row, left = row + 1, 4.0
        found.append((row, left))
        left += width + 10
    return found


def inline(figure: "Figure", *, name: str, title: str, words: str) -> Markup:
    """The figure as an svg element, which is read aloud as `title` and `words`. `name` begins all ids in it."""
    file = BytesIO()
    figure.savefig(file, format="svg", metadata=NO_METADATA)
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(file.getvalue(), parser)
    for element in root.iter(f"{{{SVG}}}style", f"{{{SVG}}}metadata"):
        element.getparent().remove(element)
    _share_styles(root)
    _name_ids(root, name)
    for element in root.iter():
        for key, value in element.attrib.items():
            element.attrib[key] = value if key in ("id", "href") else _shorter(value)
    box = root.get("viewBox")
    root.attrib.clear()
    root.attrib.update(
        {
            "viewBox": box,
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-words",
            "style": "max-width: 32rem; font-family: inherit; stroke-linejoin: round",
        }
    )
    for place, (tag, text) in enumerate({"title": title, "desc": words}.items()):
        told = etree.Element(f"{{{SVG}}}{tag}", id=f"{name}-{'title' if tag == 'title' else 'words'}")
        told.text = printable(text)
        root.insert(place, told)
    etree.cleanup_namespaces(root)
    return Markup(etree.tostring(root, encoding="unicode"))


def _shorter(value: str) -> str:
    """Colours of the page, its font, and tenths of a unit."""
    value = STAND_IN.sub(lambda found: f"var(--{NAMES[int(found[1]) - 1]})", FONT.sub("", value))
    value = NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value)
    return " ".join(value.split())


def _share_styles(root: Any) -> None:
    """What is drawn alike takes its style from the group around it."""
    for group in root.iter(f"{{{SVG}}}g"):
        styles = {child.get("style") for child in group} if len(group) > 1 else set()
        if len(styles) == 1 and None not in styles:
            group.set("style", styles.pop())
            for child in group:
                del child.attrib["style"]


def _name_ids(root: Any, name: str) -> None:
    """Ids that nothing refers to go; the others begin with the drawing's name, so that a page has none twice."""
    used: dict[str, str] = {}
    for element in root.iter():
        if link := element.attrib.pop(LINK, None):
            new = used.setdefault(link[1:], f"{name}-{len(used)}")
            element.set("href", f"#{new}")
        if clip := element.get("clip-path"):
            old = REFERENCE.findall(clip)[0]
            element.set("clip-path", f"url(#{used.setdefault(old, f'{name}-{len(used)}')})")
    for element in root.iter():
        if (old := element.attrib.pop("id", None)) and old in used:
            element.set("id", used[old])
