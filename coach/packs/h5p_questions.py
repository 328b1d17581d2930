"""Items as the questions of an H5P question set: an essay, a choice, a gap, steps to drag."""

from collections.abc import Sequence

from coach.items import GAP, Item
from coach.packs.h5p_parts import INTRODUCTION, Params, checks, paragraph, part, sample, stem
from coach.packs.showing import escaped, one_line

# What H5P reads as markup in a text with blanks, and what looks the same and is none.
LOOKALIKES = str.maketrans({"*": "∗", ":": "∶", "\\": "＼"})
ENTITIES = str.maketrans({"*": "∗", ":": "&#58;", "/": "&#47;"})


def question_set(items: Sequence[Item], title: str) -> Params:
    """The content of H5P.QuestionSet; it shows no result at the end."""
    makers = {"open": _essay, "choice": _multi_choice, "gap": _blanks, "order": _drag_text}
    return {
        "introPage": {
            "showIntroPage": True,
            "title": escaped(one_line(title)),
            "introduction": paragraph(INTRODUCTION),
        },
        "progressType": "textual",
        "passPercentage": 0,
        "questions": [makers[item.response](item) for item in items],
        "disableBackwardsNavigation": False,
        "randomQuestions": False,
        "endGame": {
            "showResultPage": False,
            "noResultMessage": "That was all. Come back to what was hard in some days.",
        },
    }


def _essay(item: Item) -> Params:
    return part(
        "H5P.Essay",
        item.title,
        item.id,
        {
            "taskDescription": stem(item),
            "placeholderText": "",
            "solution": {"introduction": checks(item), "sample": sample(item)},
            # One keyword is asked for, and any text has this one; nothing is scored.
            "keywords": [{"keyword": "*", "alternatives": [], "options": ANY_WORDS}],
            "overallFeedback": [{"from": 0, "to": 100}],
            "behaviour": {"inputFieldSize": "10", "enableRetry": True, "ignoreScoring": True},
        },
    )


ANY_WORDS = {"points": 1, "occurrences": 1, "caseSensitive": False, "forgiveMistakes": False}


def _multi_choice(item: Item) -> Params:
    answers = [
        {
            "text": f"<div>{escaped(choice.text)}</div>",
            "correct": choice.is_right,
            "tipsAndFeedback": {
                "tip": "",
                "chosenFeedback": f"<div>{escaped(choice.feedback)}</div>" if choice.feedback else "",
                "notChosenFeedback": "",
            },
        }
        for choice in item.choices
    ]
    behaviour = {
        "enableRetry": True,
        "enableSolutionsButton": True,
        "enableCheckButton": True,
        "type": "single",
        "singlePoint": True,
        "randomAnswers": False,
        "showSolutionsRequiresInput": True,
        "confirmCheckDialog": False,
        "confirmRetryDialog": False,
        "autoCheck": False,
        "passPercentage": 100,
        "showScorePoints": False,
    }
    params = {"question": stem(item), "answers": answers, "behaviour": behaviour, "overallFeedback": _explained(item)}
    return part("H5P.MultiChoice", item.title, item.id, params)


def _blanks(item: Item) -> Params:
    before, _, after = item.text.replace("*", "∗").partition(GAP)
    accepted = "/".join(escaped(" ".join(words.split())).translate(ENTITIES) for words in item.accepted)
    behaviour = {
        "enableRetry": True,
        "enableSolutionsButton": True,
        "enableCheckButton": True,
        "autoCheck": False,
        "caseSensitive": False,
        "showSolutionsRequiresInput": True,
        "separateLines": False,
        "confirmCheckDialog": False,
        "confirmRetryDialog": False,
        "acceptSpellingErrors": False,
    }
    params = {
        "text": stem(item),
        "questions": [f"<p>{escaped(before)}*{accepted}*{escaped(after)}</p>"],
        "overallFeedback": _explained(item),
        "behaviour": behaviour,
    }
    return part("H5P.Blanks", item.title, item.id, params)


def _drag_text(item: Item) -> Params:
    steps = (" ".join(choice.text.translate(LOOKALIKES).split()) for choice in item.choices)
    params = {
        "taskDescription": stem(item),
        "textField": "\n".join(f"{place}. *{escaped(step)}*" for place, step in enumerate(steps, 1)),
        "distractors": "",
        "overallFeedback": _explained(item),
        "behaviour": {
            "enableRetry": True,
            "enableSolutionsButton": True,
            "enableCheckButton": True,
            "instantFeedback": False,
        },
    }
    return part("H5P.DragText", item.title, item.id, params)


def _explained(item: Item) -> list[Params]:
    line = " ".join(item.explanation.split())
    return [{"from": 0, "to": 100} | ({"feedback": escaped(line)} if line else {})]
