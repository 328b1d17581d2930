"""H5P packages read as a platform does.

The rules are those of each library's semantics.json (QuestionSet 1.20, MultiChoice 1.16, Essay 1.5, Blanks 1.14,
DragText 1.10, BranchingScenario 1.8, BranchingQuestion 1.0, AdvancedText 1.1), checked the way H5P's own content
validator does: a field that the semantics do not name is dropped by it, so here it is a fault; a text field with tags
takes those and div, span, p, br; one without takes no markup; a library must be one of the options, to the letter.
"""

import html
import json
import re
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hostile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pack_items import ITEMS, OF, seen, wild_items

from coach.errors import CoachError
from coach.items import GAP, Choice, Item, Said
from coach.packs import h5p

Check = Callable[[Any], None]
CUSTOMERS = tuple(
    replace(
        OF["four customers"],
        id=f"{n:012x}",
        title=f"{group}, {kind}",
        situation=tuple(Said("customer", f"{group} {kind} {turn}") for turn in range(turns)),
        group=f"four customers: {group}",
    )
    for n, (group, kind, turns) in enumerate(
        (group, kind, turns)
        for group in ("parcel", "login")
        for kind, turns in (("thinker", 2), ("controller", 1), ("thinker", 1), ("feeler", 1))
    )
)


def text(*tags: str) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, str)
        structure = hostile.structure(value)
        assert {tag for tag, _ in structure} <= {*tags, "div", "span", "p", "br"} | ({"li"} if "ul" in tags else set())
        assert not any(attributes for _, attributes in structure)

    return check


def plain(value: Any) -> None:
    assert isinstance(value, str)
    assert not re.search(r"""[<>"']|&(?!(#x27|#\d+|lt|gt|amp|quot);)""", value), "escaped as H5P itself does"


def boolean(value: Any) -> None:
    assert isinstance(value, bool)


def number(low: float = -1, high: float = 1e9) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, int)
        assert not isinstance(value, bool)
        assert low <= value <= high

    return check


def one_of(*options: str) -> Check:
    def check(value: Any) -> None:
        assert value in options

    return check


def many(check: Check, least: int = 0, most: int = 10_000) -> Check:
    def check_all(value: Any) -> None:
        assert isinstance(value, list)
        assert least <= len(value) <= most
        for one in value:
            check(one)

    return check_all


def group(fields: Mapping[str, Check], *needed: str) -> Check:
    def check(value: Any) -> None:
        assert set(needed) <= set(value) <= set(fields)
        for name, inner in value.items():
            fields[name](inner)

    return check


def library(*options: str) -> Check:
    def check(value: Any) -> None:
        assert value["library"] in options
        assert set(value) == {"library", "params", "subContentId", "metadata"}
        assert str(uuid.UUID(value["subContentId"])) == value["subContentId"]
        assert set(value["metadata"]) == {"title", "license", "contentType"}
        assert value["metadata"]["title"]
        SEMANTICS[value["library"].split(" ")[0]](value["params"])

    return check


def switches(*names: str) -> dict[str, Check]:
    return dict.fromkeys(names, boolean)


RANGES = many(group({"from": number(0, 100), "to": number(0, 100), "feedback": plain}, "from", "to"), 1)
BUTTONS = ("enableRetry", "enableSolutionsButton", "enableCheckButton")
KEYWORD = {"points": number(1), "occurrences": number(1), **switches("caseSensitive", "forgiveMistakes")}
FEEDBACK = group({"title": text("strong", "em"), "subtitle": text("strong", "em", "del", "code")})
RICH = ("strong", "em", "u", "a", "ul", "ol", "h2", "h3", "hr", "pre", "code")
SEMANTICS: dict[str, Check] = {
    "H5P.QuestionSet": group(
        {
            "introPage": group(
                {
                    "showIntroPage": boolean,
                    "title": text("sub", "sup", "strong", "em"),
                    "introduction": text("strong", "em"),
                }
            ),
            "progressType": one_of("textual", "dots"),
            "passPercentage": number(0, 100),
            "questions": many(
                library(
                    "H5P.MultiChoice 1.16",
                    "H5P.DragQuestion 1.14",
                    "H5P.Blanks 1.14",
                    "H5P.MarkTheWords 1.11",
                    "H5P.DragText 1.10",
                    "H5P.TrueFalse 1.8",
                    "H5P.Essay 1.5",
                    "H5P.MultiMediaChoice 0.3",
                ),
                1,
            ),
            **switches("disableBackwardsNavigation", "randomQuestions"),
            "endGame": group({"showResultPage": boolean, "noResultMessage": plain}),
        },
        "introPage",
        "progressType",
        "questions",
        "endGame",
    ),
    "H5P.MultiChoice": group(
        {
            "question": text("strong", "em", "sub", "sup", "h2", "h3", "pre", "code"),
            "answers": many(
                group(
                    {
                        "text": text("strong", "em", "sub", "sup", "code"),
                        "correct": boolean,
                        "tipsAndFeedback": group(
                            dict.fromkeys(
                                ("tip", "chosenFeedback", "notChosenFeedback"), text("strong", "em", "sub", "sup")
                            )
                        ),
                    },
                    "text",
                    "correct",
                ),
                1,
            ),
            "overallFeedback": RANGES,
            "behaviour": group(
                {
                    **switches(
                        *BUTTONS, "singlePoint", "randomAnswers", "showSolutionsRequiresInput", "confirmCheckDialog"
                    ),
                    **switches("confirmRetryDialog", "autoCheck", "showScorePoints"),
                    "type": one_of("auto", "multi", "single"),
                    "passPercentage": number(0, 100),
                }
            ),
        },
        "question",
        "answers",
    ),
    "H5P.Essay": group(
        {
            "taskDescription": text(*RICH),
            "placeholderText": plain,
            "solution": group({"introduction": text(*RICH), "sample": text("strong")}),
            "keywords": many(
                group(
                    {"keyword": plain, "alternatives": many(plain), "options": group(KEYWORD, *KEYWORD)},
                    "keyword",
                    "options",
                ),
                1,
            ),
            "overallFeedback": RANGES,
            "behaviour": group({"inputFieldSize": one_of("1", "3", "10"), **switches("enableRetry", "ignoreScoring")}),
        },
        "taskDescription",
        "solution",
        "keywords",
    ),
    "H5P.Blanks": group(
        {
            "text": text(*RICH),
            "questions": many(text("strong", "em", "del", "u", "code"), 1, 31),
            "overallFeedback": RANGES,
            "behaviour": group(
                switches(
                    *BUTTONS,
                    "autoCheck",
                    "caseSensitive",
                    "showSolutionsRequiresInput",
                    "separateLines",
                    "confirmCheckDialog",
                    "confirmRetryDialog",
                    "acceptSpellingErrors",
                )
            ),
        },
        "text",
        "questions",
    ),
    "H5P.DragText": group(
        {
            "taskDescription": text(*RICH),
            "textField": plain,
            "distractors": plain,
            "overallFeedback": RANGES,
            "behaviour": group(switches(*BUTTONS, "instantFeedback")),
        },
        "taskDescription",
        "textField",
    ),
    "H5P.AdvancedText": group(
        {"text": text("strong", "em", "del", "a", "ul", "ol", "h2", "h3", "hr", "blockquote")}, "text"
    ),
    "H5P.BranchingQuestion": group(
        {
            "branchingQuestion": group(
                {
                    "question": text("strong", "em", "sub", "sup", "h2", "h3", "pre", "code"),
                    "alternatives": many(
                        group(
                            {"text": plain, "nextContentId": number(), "feedback": FEEDBACK}, "text", "nextContentId"
                        ),
                        2,
                    ),
                },
                "question",
                "alternatives",
            )
        },
        "branchingQuestion",
    ),
    "H5P.BranchingScenario": group(
        {
            "branchingScenario": group(
                {
                    "title": plain,
                    "startScreen": group({"startScreenTitle": plain, "startScreenSubtitle": plain}),
                    "endScreens": many(
                        group(
                            {
                                "endScreenTitle": plain,
                                "endScreenSubtitle": plain,
                                "endScreenScore": number(),
                                "contentId": number(-1, 0),
                            }
                        ),
                        1,
                    ),
                    "content": many(
                        group(
                            {
                                "type": library("H5P.BranchingQuestion 1.0", "H5P.AdvancedText 1.1"),
                                "showContentTitle": boolean,
                                "proceedButtonText": plain,
                                "forceContentFinished": one_of("useBehavioural", "enabled", "disabled"),
                                "contentBehaviour": one_of("useBehavioural", "enabled", "disabled"),
                                "feedback": FEEDBACK,
                                "nextContentId": number(),
                            },
                            "type",
                        ),
                        1,
                    ),
                    "scoringOptionGroup": group(
                        {
                            "scoringOption": one_of("static-end-score", "dynamic-score", "no-score"),
                            "includeInteractionsScores": boolean,
                        }
                    ),
                    "behaviour": group(
                        switches("enableBackwardsNavigation", "forceContentFinished", "randomizeBranchingQuestions")
                    ),
                    "l10n": group(
                        dict.fromkeys(
                            (
                                *(
                                    "startScreenButtonText",
                                    "endScreenButtonText",
                                    "backButtonText",
                                    "proceedButtonText",
                                ),
                                *("disableProceedButtonText", "replayButtonText", "scoreText", "fullscreenAria"),
                            ),
                            plain,
                        )
                    ),
                },
                "content",
                "endScreens",
            )
        },
        "branchingScenario",
    ),
}


def read(path: Path) -> tuple[dict[str, Any], Any]:
    """h5p.json and the content, checked: the first against the patterns of H5P's validator."""
    with zipfile.ZipFile(path) as package:
        assert package.namelist() == ["h5p.json", "content/content.json"]
        about, content = (json.loads(package.read(name)) for name in package.namelist())
    assert re.fullmatch(r".{1,255}", about["title"])
    assert re.fullmatch(r"[-a-zA-Z]{1,10}", about["language"])
    assert set(about["embedTypes"]) <= {"div", "iframe"}
    named = {
        f"{one['machineName']} {one['majorVersion']}.{one['minorVersion']}" for one in about["preloadedDependencies"]
    }
    used = set(re.findall(r'"library": "([^"]*)"', json.dumps(content)))
    assert used < named
    assert {name.split(" ")[0] for name in named - used} == {about["mainLibrary"]}
    SEMANTICS[about["mainLibrary"]](content)
    return about, content


def question_set(*items: Item) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pack.h5p"
        h5p.write(items, "Pack", path)
        assert [found.name for found in Path(folder).iterdir()] == ["pack.h5p"]
        about, content = read(path)
    assert about["mainLibrary"] == "H5P.QuestionSet"
    return list(content["questions"])


def scenario(*items: Item) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        h5p.write(items, "Pack", Path(folder) / "pack.h5p")
        about, content = read(Path(folder) / "pack.h5p")
    assert about["mainLibrary"] == "H5P.BranchingScenario"
    return list(content["branchingScenario"]["content"])


def ways(node: Mapping[str, Any]) -> list[int]:
    """Where a learner can go from here; a text leads on, a question by its alternatives."""
    if node["type"]["library"].startswith("H5P.BranchingQuestion"):
        return [way["nextContentId"] for way in node["type"]["params"]["branchingQuestion"]["alternatives"]]
    return [node["nextContentId"]]


def words(markup: str) -> str:
    return hostile.words(markup.replace("<br>", "\n"))


def blanks_of(question: str) -> list[list[str]]:
    """As H5P.Blanks reads a line: text between asterisks, a tip after a colon, answers parted by slashes, entities."""
    found = re.findall(r"\*([^*]+)\*", question)
    return [[html.unescape(one.strip()) for one in blank.split(":")[0].split("/")] for blank in found]


def test_every_kind_becomes_the_question_that_fits_its_response() -> None:
    questions = question_set(*ITEMS)
    of = {
        "open": "H5P.Essay 1.5",
        "choice": "H5P.MultiChoice 1.16",
        "gap": "H5P.Blanks 1.14",
        "order": "H5P.DragText 1.10",
    }
    assert [one["library"] for one in questions] == [of[item.response] for item in ITEMS]
    assert [one["metadata"]["title"] for one in questions] == [item.title for item in ITEMS]
    ids = [one["subContentId"] for one in questions]
    assert len(set(ids)) == len(ids)
    assert ids[1:] == [one["subContentId"] for one in question_set(*ITEMS[1:])]


def test_an_essay_is_never_scored_and_has_the_checks_and_answers() -> None:
    (essay,) = question_set(OF["answer"])
    assert essay["params"]["behaviour"]["ignoreScoring"]
    assert "Did you name the worry?" in essay["params"]["solution"]["introduction"]
    assert words(essay["params"]["solution"]["sample"]) == "I see how that worries you. Sorry!"


def test_a_choice_keeps_its_options_in_order_with_their_feedback() -> None:
    (choice,) = question_set(OF["clue"])
    answers = choice["params"]["answers"]
    assert [answer["correct"] for answer in answers] == [True, False, False]
    assert [words(answer["text"]) for answer in answers] == ["controller", "feeler", "can't tell"]
    assert words(answers[0]["tipsAndFeedback"]["chosenFeedback"]) == "“by Friday”"


def test_a_gap_takes_every_accepted_answer_and_other_asterisks_make_none() -> None:
    item = replace(OF["gap"], text=f"*Now* I {GAP} 2*3", accepted=("see / hear: it", "under-\nstand"))
    (blanks,) = question_set(item)
    (line,) = blanks["params"]["questions"]
    assert blanks_of(line) == [["see / hear: it", "under- stand"]]
    assert "∗Now∗" in line


def test_steps_are_dragged_to_numbered_places() -> None:
    steps = ("Open *Settings*", "Wait: 2 minutes \\+ more", "Done")
    (drag,) = question_set(replace(OF["order"], choices=tuple(Choice(step, True) for step in steps)))
    text_field = drag["params"]["textField"]
    assert re.sub(r"\*.*?\*", "*", text_field) == "1. *\n2. *\n3. *"
    assert not re.search(r"[:\\]", text_field), "no tips, no feedback"
    assert [len(one) for one in re.findall(r"\*(.*?)\*", text_field)] == [len(step) for step in steps]


def test_four_customers_are_a_role_play_beside_the_other_items(tmp_path: Path) -> None:
    h5p.write([*ITEMS[:2], *CUSTOMERS], "Pack", tmp_path / "pack.h5p")
    assert {path.name for path in tmp_path.iterdir()} == {"pack.h5p", "pack-four-customers.h5p"}
    assert len(read(tmp_path / "pack.h5p")[1]["questions"]) == 2
    about, _ = read(tmp_path / "pack-four-customers.h5p")
    assert about["mainLibrary"] == "H5P.BranchingScenario"


@pytest.mark.parametrize("items", [CUSTOMERS, CUSTOMERS[:4], CUSTOMERS[:1]])
def test_every_scene_can_be_reached_and_every_way_ends(items: tuple[Item, ...]) -> None:
    nodes = scenario(*items)
    reached, todo = set(), [0]
    while todo:
        place = todo.pop()
        if place not in reached and place != -1:
            reached.add(place)
            todo += ways(nodes[place])
    assert reached == set(range(len(nodes)))
    ends = {-1}
    while more := {place for place in range(len(nodes)) if place not in ends and ends & set(ways(nodes[place]))}:
        ends |= more
    assert ends == {-1, *range(len(nodes))}


def test_a_learner_answers_compares_tries_again_or_goes_on_to_the_customer_s_next_turn() -> None:
    nodes = scenario(*CUSTOMERS[:4])  # controller, thinker with two turns, feeler
    menu = nodes[0]["type"]["params"]["branchingQuestion"]["alternatives"]
    assert [way["text"].split(", ")[-1] for way in menu] == ["controller", "thinker", "feeler", "Finish"]
    first = menu[1]["nextContentId"]
    assert "What now?" in nodes[first]["type"]["params"]["text"]
    (key,) = ways(nodes[first])
    assert "By Friday." in nodes[key]["type"]["params"]["text"]
    again, on = ways(nodes[ways(nodes[key])[0]])
    assert again == first
    assert ways(nodes[ways(nodes[ways(nodes[on])[0]])[0]]) == [on, 0]


def test_a_pack_without_items_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CoachError, match=r"no empty pack; choose other"):
        h5p.write([], "Pack", tmp_path / "pack.h5p")
    assert not list(tmp_path.iterdir())


@settings(max_examples=60)
@given(st.lists(wild_items(), min_size=1, max_size=2, unique_by=lambda item: item.id))
def test_hostile_text_stays_text_in_every_question(items: list[Item]) -> None:
    for question, item in zip(question_set(*items), items, strict=True):
        params = question["params"]
        stem = params.get("question", params.get("taskDescription", params.get("text")))
        assert seen(item.task) in words(stem)
        if item.response == "gap":
            (solutions,) = blanks_of(params["questions"][0])
            assert solutions == [seen(one).replace("*", "∗") for one in item.accepted]
        if item.response == "order":
            assert len(re.findall(r"\*.*?\*", params["textField"])) == len(item.choices)


@settings(max_examples=40)
@given(wild_items(), st.text())
def test_hostile_text_stays_text_in_a_role_play(item: Item, name: str) -> None:
    play = replace(OF["four customers"], title=item.title, situation=item.situation, task=item.task, group=name or "g")
    nodes = scenario(play)
    assert [len(ways(node)) for node in nodes] == [2, 1, 1, 2]
    assert seen(item.task) in words(nodes[1]["type"]["params"]["text"])
