"""Moodle's two formats, read by the rules of its importers: question/format/gift/format.php and .../xml/format.php."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from pack_items import HARD, ITEMS, OF, said_after, said_before, seen, shown, stands_in_order, wild_items

from coach.items import Item
from coach.packs import FORMATS

TYPE = {"open": "essay", "choice": "multichoice", "gap": "shortanswer", "order": "match"}


@dataclass
class Question:
    """A question as Moodle has it after the import; answers are (text, fraction, feedback) or (step, place)."""

    type: str
    name: str
    id: str
    tags: list[str]
    text: str
    general: str
    answers: list[tuple] = field(default_factory=list)


# --- GIFT: what Moodle does, in its order


HIDDEN = {":": "&&058;", "#": "&&035;", "=": "&&061;", "{": "&&123;", "}": "&&125;", "~": "&&126;", "n": "&&010"}
BACK = {**{mark: char for char, mark in HIDDEN.items()}, "&&010": "\n"}


def hide(text: str) -> str:
    text = text.replace("\\\\", "&&092;")
    for char, mark in HIDDEN.items():
        text = text.replace(f"\\{char}", mark)
    return text.replace("&&092;", "\\")


def back(text: str) -> str:
    for mark, char in BACK.items():
        text = text.replace(mark, char)
    return text


def formatted(text: str, default: str) -> tuple[str, str]:
    """The text and its format, which may be named before it in brackets."""
    if text.startswith("[") and "]" in text and text[1 : text.index("]")] in ("moodle", "html", "plain", "markdown"):
        return back(text[text.index("]") + 1 :]).strip(), text[1 : text.index("]")]
    return back(text).strip(), default


def read_gift(document: str) -> tuple[list[str], list[Question]]:
    categories, questions, lines = [], [], []
    for line in [*document.split("\n"), ""]:
        if line.strip():
            lines.append(line)
        elif lines:
            found = gift_question(lines)
            (categories if isinstance(found, str) else questions).append(found)
            lines = []
    return categories, questions


def gift_question(lines: list[str]) -> Question | str:
    comments = [line for line in lines if line.strip().startswith("//")]
    text = hide("\n".join(line for line in lines if line not in comments).strip())
    if text.startswith("$CATEGORY:"):
        return text[10:].strip()
    name, text = text.removeprefix("::").split("::", 1)
    text = text.strip()
    start, end = text.index("{"), text.index("}")
    assert end == len(text) - 1
    body, mode = formatted(text[:start], "moodle")
    assert mode == "html"
    answers = text[start + 1 : end].strip()
    place = answers.rfind("####")
    answers, general = (answers[:place], answers[place + 4 :]) if place >= 0 else (answers, "")
    question = Question(
        "", back(name).strip(), re.findall(r"\[id:([^]]+)]", comments[0])[0], re.findall(r"\[tag:([^]]+)]", comments[0]),
        body, formatted(general.strip(), "html")[0],
    )  # fmt: skip
    gift_answers(question, answers.strip())
    return question


def gift_answers(question: Question, answers: str) -> None:
    if not answers:
        question.type = "essay"
    elif answers.startswith("#"):
        question.type = "numerical"
    elif "~" in answers:
        question.type = "multichoice"
        for answer in filter(None, (part.strip() for part in answers.replace("=", "~=").split("~"))):
            weight, text = (1.0, answer[1:]) if answer[0] == "=" else weighed(answer, 0.0)
            text, _, feedback = text.partition("#")
            question.answers.append((*formatted(text.strip(), "html"), weight, formatted(feedback.strip(), "html")[0]))
    elif "=" in answers and "->" in answers:
        question.type = "match"
        for answer in filter(None, (part.strip() for part in answers.split("="))):
            step, _, place = answer.partition("->")
            question.answers.append((formatted(step, "html")[0], back(place).strip()))
    elif answers.partition("#")[0].strip() in ("T", "TRUE", "F", "FALSE"):
        question.type = "truefalse"
    else:
        question.type = "shortanswer"
        for answer in filter(None, (part.strip() for part in answers.split("="))):
            weight, text = weighed(answer, 1.0)
            question.answers.append((formatted(text.partition("#")[0].strip(), "html")[0], weight))


def weighed(answer: str, default: float) -> tuple[float, str]:
    found = re.match(r"%-*([0-9]{1,2}\.?[0-9]*)%", answer)
    return (float(found[1]) / 100, answer[found.end() :]) if found else (default, answer)


def fits(pattern: str, typed: str) -> bool:
    """Short answers: a star stands for anything unless a backslash is before it, and the case is the same."""
    bits = [re.escape(bit.replace("\\*", "*")) for bit in re.split(r"(?<!\\)\*+", pattern)]
    return re.fullmatch(".*".join(bits), typed, re.IGNORECASE | re.DOTALL) is not None


# --- Moodle XML: the paths the importer goes


def read_xml(document: bytes) -> tuple[list[str], list[Question]]:
    quiz = ElementTree.fromstring(document)
    assert quiz.tag == "quiz"
    categories = [text(q, "category/text") for q in quiz if q.get("type") == "category"]
    return categories, [xml_question(question) for question in quiz if question.get("type") != "category"]


def text(element: ElementTree.Element, path: str) -> str:
    found = element.find(path)
    assert found is not None, path
    assert len(found) == 0, path
    return (found.text or "").strip()


def xml_question(element: ElementTree.Element) -> Question:
    for part in ("questiontext", "generalfeedback"):
        assert element.find(part).get("format") == "html"
    question = Question(
        element.get("type"), text(element, "name/text"), text(element, "idnumber"),
        [text(tag, "text") for tag in element.findall("tags/tag")],
        text(element, "questiontext/text"), text(element, "generalfeedback/text"),
    )  # fmt: skip
    float(text(element, "defaultgrade")), float(text(element, "penalty"))
    if question.type == "multichoice":
        assert text(element, "single") == "true"
        assert text(element, "shuffleanswers") == "false", "the last may be “none of these”"
        assert text(element, "answernumbering") in ("none", "abc", "ABCD", "123", "iii", "IIII")
        for answer in element.findall("answer"):
            weight = int(answer.get("fraction")) / 100
            question.answers.append((text(answer, "text"), answer.get("format"), weight, text(answer, "feedback/text")))
    elif question.type == "shortanswer":
        assert text(element, "usecase") == "0"
        question.answers = [(text(a, "text"), int(a.get("fraction")) / 100) for a in element.findall("answer")]
    elif question.type == "match":
        question.answers = [(text(s, "text"), text(s, "answer/text")) for s in element.findall("subquestion")]
    else:
        assert text(element, "responseformat") == "editor"
        assert text(element, "graderinfo/text") == question.general
        assert float(text(element, "defaultgrade")) == 0
    return question


READERS = {"gift": lambda data: read_gift(data.decode()), "moodle-xml": read_xml}
BOTH = pytest.mark.parametrize("name", READERS)


def imported(name: str, items: tuple[Item, ...], path: Path, title: str = "Pack") -> tuple[list[str], list[Question]]:
    file = path / f"pack{FORMATS[name].extension}"
    FORMATS[name].write(items, title, file)
    return READERS[name](file.read_bytes())


def compare(item: Item, question: Question) -> None:
    assert question.id == item.id
    assert question.name.startswith(item.id)
    assert len(question.name) <= 255
    assert question.type == TYPE[item.response]
    assert shown(question.text) == said_before(item)
    assert stands_in_order(said_after(item), shown(question.general))
    if item.response == "choice":
        expected = [(seen(c.text), "html", float(c.is_right), seen(c.feedback)) for c in item.choices]
        assert [(shown(text), mode, weight, shown(said)) for text, mode, weight, said in question.answers] == expected
    elif item.response == "gap":
        assert len(question.answers) == len(item.accepted)
        for (pattern, weight), accepted in zip(question.answers, item.accepted, strict=True):
            assert weight == 1
            assert fits(pattern, seen(accepted))
            assert not fits(pattern, seen(accepted) + "!")
    elif item.response == "order":
        steps = sorted(question.answers, key=lambda pair: int(pair[1]))
        assert [shown(step) for step, _ in steps] == [seen(choice.text) for choice in item.choices]
        assert question.answers != steps


@BOTH
def test_every_kind_is_imported_whole(name: str, tmp_path: Path) -> None:
    categories, questions = imported(name, ITEMS, tmp_path, "Ana/Bo: {a}\nweek")
    assert categories == ["Ana//Bo: {a} week"]
    assert [question.id for question in questions] == [item.id for item in ITEMS]
    for item, question in zip(ITEMS, questions, strict=True):
        compare(item, question)


@BOTH
def test_an_item_is_found_by_its_tags(name: str, tmp_path: Path) -> None:
    held = replace(OF["clue"], is_transfer=True, skill=None)
    assert imported(name, (held,), tmp_path)[1][0].tags == ["clue", "thinker", "difficulty 2", "transfer"]


@BOTH
@pytest.mark.parametrize("hard", HARD)
def test_hard_text_is_text_everywhere(name: str, hard: str, tmp_path: Path) -> None:
    for item in ITEMS:
        choices = tuple(replace(c, text=f"{i} {hard}"[i % 2 * 2 :], feedback=hard) for i, c in enumerate(item.choices))
        accepted = item.accepted and (hard, f"a{hard}")
        wild = replace(item, title=hard, task=hard, choices=choices, accepted=accepted, explanation=hard)
        compare(wild, imported(name, (wild,), tmp_path, hard)[1][0])


@BOTH
def test_any_item_comes_back_as_it_was(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp(name)

    @given(wild_items())
    def comes_back(item: Item) -> None:
        (question,) = imported(name, (item,), path)[1]
        compare(item, question)

    comes_back()


@BOTH
def test_a_pack_without_items_is_an_empty_category(name: str, tmp_path: Path) -> None:
    assert imported(name, (), tmp_path) == (["Pack"], [])


@pytest.mark.parametrize(
    ("accepted", "typed"), [("*", "*"), ("a*b", "a*b"), ("a\\*", "a\\*"), ("A", "a"), ("[html]x", "[html]x")]
)
@BOTH
def test_a_star_stands_for_itself(name: str, accepted: str, typed: str, tmp_path: Path) -> None:
    ((pattern, _),) = imported(name, (replace(OF["gap"], accepted=(accepted,)),), tmp_path)[1][0].answers
    assert fits(pattern, typed)
    assert not fits(pattern, "another")
