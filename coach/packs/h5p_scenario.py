"""Four customers as an H5P role-play: choose whom to answer, answer, compare, try again or go on."""

from collections.abc import Sequence

from coach.items import Item
from coach.packs.h5p_parts import INTRODUCTION, Params, checks, paragraph, part, sample, stem
from coach.packs.showing import escaped, one_line

END = -1
"""The place of the end, as H5P counts places."""


def scenario(items: Sequence[Item], title: str) -> Params:
    """The content of H5P.BranchingScenario: a menu of problems when there are several, and the customers of each."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.group or "", []).append(item)
    nodes: list[Params] = []
    many = len(groups) > 1
    at = int(many)
    menu = []
    for group, members in groups.items():
        name = group.split(": ", 1)[-1].capitalize()
        menu.append((name, at))
        nodes += _group(name, members, at, 0 if many else END)
        at += 1 + 3 * len(members)
    if many:
        nodes.insert(0, _branching("Which problem?", [*menu, ("Finish", END)], "start"))
    return {
        "branchingScenario": {
            "title": escaped(one_line(title)),
            "startScreen": {"startScreenTitle": escaped(one_line(title)), "startScreenSubtitle": INTRODUCTION},
            "endScreens": [
                {"endScreenTitle": "That was all.", "endScreenSubtitle": "", "endScreenScore": 0, "contentId": END}
            ],
            "content": nodes,
            "scoringOptionGroup": {"scoringOption": "no-score", "includeInteractionsScores": False},
            "behaviour": {
                "enableBackwardsNavigation": True,
                "forceContentFinished": False,
                "randomizeBranchingQuestions": False,
            },
            "l10n": SCENARIO_WORDS,
        }
    }


SCENARIO_WORDS = {
    "startScreenButtonText": "Begin",
    "endScreenButtonText": "Begin again",
    "backButtonText": "Back",
    "proceedButtonText": "Go on",
    "disableProceedButtonText": "Finish this first",
    "replayButtonText": "Play again",
    "scoreText": "Score:",
    "fullscreenAria": "Full screen",
}


def _group(name: str, items: Sequence[Item], at: int, back: int) -> list[Params]:
    """A menu of the customers at place `at`, then three places for each item; `back` is where the menu leads out to.

    Items of one talk, the later with what was said in the earlier before it, follow one another.
    """
    talks: list[list[tuple[int, Item]]] = []
    for number, item in enumerate(sorted(items, key=lambda one: len(one.situation))):
        talk = next((talk for talk in talks if _goes_on(talk[-1][1], item)), None)
        if talk is None:
            talks.append(talk := [])
        talk.append((at + 1 + 3 * number, item))
    first = [(talk[0][1].title, talk[0][0]) for talk in talks]
    out = ("Finish" if back == END else "Another problem", back)
    nodes = {at: _branching(f"{name}: whom do you answer?", [*first, out], f"menu {name}")}
    for talk in talks:
        after = [place for place, _ in talk[1:]] + [at]
        for (place, item), following in zip(talk, after, strict=True):
            nodes |= _talk(item, place, following)
    return [nodes[place] for place in sorted(nodes)]


def _goes_on(earlier: Item, later: Item) -> bool:
    said = len(earlier.situation)
    return len(later.situation) > said and later.situation[:said] == earlier.situation


def _talk(item: Item, place: int, following: int) -> dict[int, Params]:
    """The situation, then what to compare with, then: again, or on."""
    key = f"{checks(item)}{sample(item)}"
    choices = [("Try again", place), ("Go on", following)]
    return {
        place: _node(_text_part(item, "situation", f"{stem(item)}{paragraph(WRITE)}"), place + 1),
        place + 1: _node(_text_part(item, "key", key), place + 2),
        place + 2: _branching("How near did you come?", choices, f"{item.id} again"),
    }


WRITE = "Write down your answer, then go on and compare."


def _text_part(item: Item, role: str, text: str) -> Params:
    return part("H5P.AdvancedText", item.title, f"{item.id} {role}", {"text": text})


def _node(part: Params, following: int | None) -> Params:
    node: Params = {
        "type": part,
        "showContentTitle": False,
        "proceedButtonText": "Go on",
        "forceContentFinished": "useBehavioural",
        "feedback": {"title": "", "subtitle": ""},
        "contentBehaviour": "useBehavioural",
    }
    return node | ({} if following is None else {"nextContentId": following})


def _branching(question: str, ways: Sequence[tuple[str, int]], identity: str) -> Params:
    alternatives = [
        {"text": escaped(one_line(text)), "nextContentId": place, "feedback": {"title": "", "subtitle": ""}}
        for text, place in ways
    ]
    params = {"branchingQuestion": {"question": paragraph(question), "alternatives": alternatives}}
    return _node(part("H5P.BranchingQuestion", question, identity, params), None)
