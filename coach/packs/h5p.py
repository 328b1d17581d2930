"""H5P: content for a platform that has the libraries; none are in the file.

A question set needs H5P.QuestionSet 1.20 with H5P.MultiChoice 1.16, H5P.Essay 1.5, H5P.Blanks 1.14 and H5P.DragText
1.10, the versions that this question set accepts inside. (It accepts no H5P.SortParagraphs, so steps to order are
dragged to their places.) "Four customers" items are a role-play of their own, H5P.BranchingScenario 1.8 with
H5P.BranchingQuestion 1.0 and H5P.AdvancedText 1.1: the learner chooses whom to answer, answers, compares, and tries
again or goes on. H5P holds one content a file, so in a pack with both the role-play stands beside, its file's name
ending in "-four-customers.h5p".

Texts are escaped HTML throughout, as H5P keeps them. Nothing is scored where H5P lets us say so.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from coach.errors import CoachError
from coach.items import Item
from coach.packs.archive import write_whole, zipped
from coach.packs.h5p_parts import VERSIONS, Params
from coach.packs.h5p_questions import question_set
from coach.packs.h5p_scenario import scenario
from coach.packs.showing import in_order, one_line

EXTENSION = ".h5p"
BESIDE = "-four-customers"


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """One file, or two when there are role-plays beside other items. Raises CoachError for a pack without items."""
    ordered = in_order(items)
    plays = [item for item in ordered if item.kind == "four customers" and item.group]
    others = [item for item in ordered if item not in plays]
    if not ordered:
        raise CoachError(f"{path}: H5P has no empty pack; choose other skills or kinds, or review more conversations")
    beside = path.with_name(f"{path.stem}{BESIDE}{EXTENSION}") if others else path
    if others:
        write_whole(path, _package("H5P.QuestionSet", title, question_set(others, title)))
    if plays:
        write_whole(beside, _package("H5P.BranchingScenario", title, scenario(plays, title)))


def _package(library: str, title: str, content: Params) -> bytes:
    used = {library, *_libraries(content)}
    about_it = {
        "title": one_line(title),
        "language": "en",
        "mainLibrary": library,
        "embedTypes": ["iframe"],
        "license": "U",
        "preloadedDependencies": [
            {"machineName": name, "majorVersion": major, "minorVersion": minor}
            for name, (major, minor) in VERSIONS.items()
            if name in used
        ],
    }
    return zipped({"h5p.json": _json(about_it), "content/content.json": _json(content)})


def _json(values: Params) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _libraries(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        if "library" in value:
            yield value["library"].split(" ")[0]
        for inner in value.values():
            yield from _libraries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _libraries(inner)
