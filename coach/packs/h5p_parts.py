"""What the parts of an H5P content have in common: the libraries' versions, ids, and an item's texts as HTML."""

import uuid
from typing import Any

from coach.items import Item
from coach.packs.showing import about, escaped, one_line

VERSIONS = {
    "H5P.QuestionSet": (1, 20),
    "H5P.MultiChoice": (1, 16),
    "H5P.Essay": (1, 5),
    "H5P.Blanks": (1, 14),
    "H5P.DragText": (1, 10),
    "H5P.BranchingScenario": (1, 8),
    "H5P.BranchingQuestion": (1, 0),
    "H5P.AdvancedText": (1, 1),
}
INTRODUCTION = "Write or choose first, then look at the key. There is more than one good answer."

Params = dict[str, Any]


def part(library: str, title: str, identity: str, params: Params) -> Params:
    """Content inside of other content; its id stays the same for the same item."""
    major, minor = VERSIONS[library]
    return {
        "library": f"{library} {major}.{minor}",
        "params": params,
        "subContentId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"coach:{identity}")),
        "metadata": {"title": one_line(title), "license": "U", "contentType": library.removeprefix("H5P.")},
    }


def stem(item: Item) -> str:
    """What was said, the text in question, and the task."""
    parts = [f"<p>{escaped(about(item))}</p>"]
    parts += [f"<p><strong>{said.role.capitalize()}:</strong> {escaped(said.text)}</p>" for said in item.situation]
    parts += [paragraph(item.text)] if item.text and item.response != "gap" else []
    return "".join([*parts, f"<p><strong>{escaped(item.task)}</strong></p>"])


def checks(item: Item) -> str:
    """The list for the learner to go through."""
    lines = "".join(f"<li>{escaped(check)}</li>" for check in item.checks)
    return f"<ul>{lines}</ul>" if lines else ""


def sample(item: Item) -> str:
    """What an answer can look like, and why."""
    return "".join(map(paragraph, [*item.model_answers, *([item.explanation] if item.explanation else [])]))


def paragraph(text: str) -> str:
    """The text in a paragraph, escaped."""
    return f"<p>{escaped(text)}</p>"
