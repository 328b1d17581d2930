"""QTI packages against the standards' rules, written here from the IMS bindings: imsqti_v2p1.xsd, the ASI binding of
QTI 1.2.1 and imscp_v1p1.xsd. The schemas themselves come with no package that could be installed, so that what is
checked is each element's place, children, order and attributes as the schemas have them, and that scoring scores."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from pack_items import HARD, ITEMS, OF, said_after, said_before, seen, shown, stands_in_order, wild_items

from coach.items import GAP, Item
from coach.packs import FORMATS

BOTH = pytest.mark.parametrize("name", ["qti-2.1", "qti-1.2"])
XSI = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
INLINE = "(strong|em|br|textEntryInteraction)*"
BLOCK = "(p|ul|ol)"
RULES_21 = {  # children in order as a regular expression over names, attributes that must be, attributes that may be
    "assessmentItem": (
        "responseDeclaration* outcomeDeclaration* itemBody responseProcessing? modalFeedback*",
        "identifier title adaptive timeDependent", XSI,
    ),
    "responseDeclaration": ("correctResponse? mapping?", "identifier cardinality baseType", ""),
    "outcomeDeclaration": ("defaultValue?", "identifier cardinality baseType", ""),
    "correctResponse": ("value+", "", ""),
    "defaultValue": ("value+", "", ""),
    "value": ("", "", ""),
    "mapping": ("mapEntry+", "", "defaultValue"),
    "mapEntry": ("", "mapKey mappedValue", "caseSensitive"),
    "itemBody": (f"(rubricBlock|{BLOCK}|extendedTextInteraction|choiceInteraction|orderInteraction)*", "", ""),
    "rubricBlock": (f"{BLOCK}*", "view", ""),
    "extendedTextInteraction": ("", "responseIdentifier", "expectedLines"),
    "choiceInteraction": ("simpleChoice+", "responseIdentifier shuffle maxChoices", "minChoices"),
    "orderInteraction": ("simpleChoice+", "responseIdentifier shuffle", ""),
    "textEntryInteraction": ("", "responseIdentifier", "expectedLength"),
    "simpleChoice": (f"{BLOCK}*", "identifier", ""),
    "modalFeedback": (f"{BLOCK}*", "outcomeIdentifier identifier showHide", ""),
    "p": (INLINE, "", ""), "li": (INLINE, "", ""), "strong": (INLINE, "", ""), "em": (INLINE, "", ""), "br": ("", "", ""),
    "ul": ("li*", "", ""), "ol": ("li*", "", ""),
    "responseProcessing": ("(responseCondition|setOutcomeValue)+", "", ""),
    "responseCondition": ("responseIf responseElseIf* responseElse?", "", ""),
    "responseIf": ("match setOutcomeValue+", "", ""),
    "responseElse": ("setOutcomeValue+", "", ""),
    "setOutcomeValue": ("(baseValue|mapResponse|multiple)", "identifier", ""),
    "match": ("variable correct", "", ""),
    "multiple": ("(baseValue|variable)+", "", ""),
    "baseValue": ("", "baseType", ""),
    "variable": ("", "identifier", ""), "correct": ("", "identifier", ""), "mapResponse": ("", "identifier", ""),
    "assessmentTest": ("testPart+", "identifier title", XSI),
    "testPart": ("itemSessionControl? assessmentSection+", "identifier navigationMode submissionMode", ""),
    "itemSessionControl": ("", "", "maxAttempts showFeedback"),
    "assessmentSection": ("assessmentItemRef*", "identifier title visible", ""),
    "assessmentItemRef": ("", "identifier href", ""),
}  # fmt: skip
RULES_12 = {
    "questestinterop": ("assessment", "", XSI),
    "assessment": ("section+", "ident", "title"),
    "section": ("item*", "ident", "title"),
    "item": ("itemmetadata? presentation resprocessing* itemfeedback*", "ident", "title"),
    "itemmetadata": ("qtimetadata*", "", ""),
    "qtimetadata": ("qtimetadatafield+", "", ""),
    "qtimetadatafield": ("fieldlabel fieldentry", "", ""),
    "fieldlabel": ("", "", ""), "fieldentry": ("", "", ""),
    "presentation": ("(material|response_lid|response_str)+", "", ""),
    "material": ("mattext", "", ""),
    "mattext": ("", "texttype", ""),
    "response_lid": ("material? render_choice", "ident rcardinality", ""),
    "response_str": ("render_fib", "ident rcardinality", ""),
    "render_choice": ("response_label+", "shuffle", ""),
    "render_fib": ("response_label", "", ""),
    "response_label": ("material?", "ident", "rshuffle"),
    "resprocessing": ("outcomes respcondition+", "", ""),
    "outcomes": ("decvar+", "", ""),
    "decvar": ("", "varname vartype", "minvalue maxvalue"),
    "respcondition": ("conditionvar setvar* displayfeedback*", "continue", ""),
    "conditionvar": ("(other|varequal|not)+", "", ""),
    "not": ("unanswered", "", ""),
    "other": ("", "", ""), "unanswered": ("", "respident", ""), "varequal": ("", "respident", ""),
    "setvar": ("", "action varname", ""),
    "displayfeedback": ("", "feedbacktype linkrefid", ""),
    "itemfeedback": ("flow_mat", "ident", ""),
    "flow_mat": ("material", "", ""),
}  # fmt: skip
RULES_PACKAGE = {
    "manifest": ("metadata organizations resources", "identifier", ""),
    "metadata": ("schema schemaversion", "", ""),
    "schema": ("", "", ""), "schemaversion": ("", "", ""), "organizations": ("", "", ""),
    "resources": ("resource*", "", ""),
    "resource": ("file+ dependency*", "identifier type href", ""),
    "file": ("", "href", ""), "dependency": ("", "identifierref", ""),
}  # fmt: skip
SPACES = {
    "http://www.imsglobal.org/xsd/imsqti_v2p1": RULES_21,
    "http://www.imsglobal.org/xsd/ims_qtiasiv1p2": RULES_12,
    "http://www.imsglobal.org/xsd/imscp_v1p1": RULES_PACKAGE,
}
CLOSED = {
    "cardinality": {"single", "multiple", "ordered"},
    "baseType": {"identifier", "string", "float"},
    "view": {"scorer tutor"},
    "showHide": {"show"}, "rcardinality": {"Single"}, "shuffle": {"true", "false", "No"}, "continue": {"Yes", "No"},
    "action": {"Set", "Add"}, "feedbacktype": {"Response"}, "vartype": {"Decimal"}, "rshuffle": {"No"},
    "adaptive": {"false"}, "timeDependent": {"false"}, "navigationMode": {"nonlinear"}, "submissionMode": {"individual"},
    "type": {"imsqti_test_xmlv2p1", "imsqti_item_xmlv2p1", "imsqti_xmlv1p2"},
}  # fmt: skip


def children_fit(rule: str, names: list[str]) -> bool:
    return (
        re.fullmatch(re.sub(r"\w+", r"(?:\g<0>,)", rule).replace(" ", ""), "".join(f"{n}," for n in names)) is not None
    )


def checked(document: bytes) -> Element:
    """The root without namespaces, when all that is in it keeps to the rules."""
    root = ElementTree.fromstring(document)
    space = root.tag[1 : root.tag.index("}")]
    for element in root.iter():
        assert element.tag.startswith(f"{{{space}}}"), element.tag
        element.tag = element.tag.rpartition("}")[2]
    for element in root.iter():
        children, needed, allowed = SPACES[space][element.tag]
        assert children_fit(children, [child.tag for child in element]), (element.tag, [child.tag for child in element])
        assert set(needed.split()) <= set(element.keys()) <= {*needed.split(), *allowed.split()}, (
            element.tag,
            element.attrib,
        )
        for attribute in CLOSED.keys() & set(element.keys()):
            assert element.get(attribute) in CLOSED[attribute], (element.tag, attribute)
        for attribute in ("identifier", "ident", "identifierref", "linkrefid", "responseIdentifier"):
            assert re.fullmatch(r"[A-Za-z_][\w.-]*", element.get(attribute, "x"), re.ASCII), element.attrib
    for tag in (
        "simpleChoice",
        "item",
        "itemfeedback",
        "modalFeedback",
        "resource",
        "assessmentItemRef",
        "response_lid",
    ):
        found = [element.get("identifier") or element.get("ident") for element in root.iter(tag)]
        owners = len(list(root.iter("item"))) if tag in ("itemfeedback", "response_lid") else 1
        assert max(map(found.count, found), default=0) <= max(1, owners), tag
    return root


def unpacked(name: str, items: tuple[Item, ...], path: Path, title: str = "Pack") -> dict[str, Element]:
    """The files of the package by type of resource and identifier; the manifest names each file and no other."""
    file = path / "pack.zip"
    FORMATS[name].write(items, title, file)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "imsmanifest.xml"
        documents = {member: archive.read(member) for member in archive.namelist()}
    manifest = checked(documents.pop("imsmanifest.xml"))
    resources = {resource.get("identifier"): resource for resource in manifest.iter("resource")}
    assert len(resources) == len(list(manifest.iter("resource")))
    assert sorted(resource.get("href") for resource in resources.values()) == sorted(documents)
    needed = {one.get("identifierref") for one in manifest.iter("dependency")}
    assert needed == {ident for ident, resource in resources.items() if resource.get("type") == "imsqti_item_xmlv2p1"}
    return {ident: checked(documents[resource.get("href")]) for ident, resource in resources.items()}


def words(element: Element) -> str:
    """What a reader sees of the element."""
    return seen("".join(_pieces(element)))


def _pieces(element: Element) -> Iterator[str]:
    yield "\n" * (element.tag in ("p", "br", "li"))
    yield GAP * (element.tag == "textEntryInteraction")
    yield element.text or ""
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""


# --- QTI 2.1


def read_21(items: tuple[Item, ...], path: Path, title: str = "Pack") -> list[Element]:
    found = unpacked("qti-2.1", items, path, title)
    (test,) = [root for root in found.values() if root.tag == "assessmentTest"]
    refs = [(ref.get("identifier"), ref.get("href")) for ref in test.iter("assessmentItemRef")]
    assert all(found[ident].get("identifier") == ident and href == f"items/{ident}.xml" for ident, href in refs)
    assert len(found) == len(refs) + 1
    return [found[ident] for ident, _ in refs]


def respond(item: Element, response: str | list[str]) -> tuple[float, set[str]]:
    """The score and the feedback that an engine gives for the response."""
    declared = item.find("responseDeclaration")
    outcomes = {"SCORE": float(item.find("outcomeDeclaration/defaultValue/value").text), "FEEDBACK": set()}

    def value(expression: Element) -> object:
        if expression.tag == "baseValue":
            return float(expression.text) if expression.get("baseType") == "float" else expression.text
        if expression.tag == "variable":
            return response
        if expression.tag == "correct":
            right = [one.text for one in declared.findall("correctResponse/value")]
            return right if declared.get("cardinality") == "ordered" else right[0]
        if expression.tag == "mapResponse":
            fitting = [e for e in declared.findall("mapping/mapEntry") if e.get("mapKey").lower() == response.lower()]
            return (
                float(fitting[0].get("mappedValue")) if fitting else float(declared.find("mapping").get("defaultValue"))
            )
        assert expression.tag == "multiple"
        return {value(one) for one in expression}

    for rule in item.findall("responseProcessing/*"):
        change = rule
        if rule.tag == "responseCondition":
            one, other = map(value, rule.find("responseIf/match"))
            change = rule.find("responseIf" if one == other else "responseElse")[-1]
        outcomes[change.get("identifier")] = value(change[0])
    return outcomes["SCORE"], outcomes["FEEDBACK"]


def told(item: Element, response: str | list[str]) -> str:
    shown = respond(item, response)[1]
    return "\n".join(words(one) for one in item.findall("modalFeedback") if one.get("identifier") in shown)


def compare_21(item: Item, found: Element) -> None:
    assert found.get("identifier") == f"item-{item.id}"
    assert found.get("title").startswith(item.id)
    body = found.find("itemBody")
    before = [words(child) for child in body if child.tag in ("p", "ul", "ol")]
    assert seen(" ".join(before)) == said_before(item)
    answer: str | list[str] = "anything"
    choices = {choice.get("identifier"): words(choice) for choice in body.iter("simpleChoice")}
    if item.response == "choice":
        for identifier, choice in zip(choices, item.choices, strict=True):
            assert choices[identifier] == seen(choice.text)
            assert respond(found, identifier)[0] == choice.is_right
            assert seen(choice.feedback) in told(found, identifier)
        answer = identifier
    elif item.response == "gap":
        assert len(list(body.iter("textEntryInteraction"))) == 1
        assert all(respond(found, seen(text))[0] == 1 for text in item.accepted)
        assert respond(found, seen(item.accepted[0]) + "!")[0] == 0
    elif item.response == "order":
        answer = sorted(choices)
        assert [choices[one] for one in answer] == [seen(choice.text) for choice in item.choices]
        assert list(choices) != answer
        assert respond(found, answer)[0] == 1
        assert respond(found, answer[::-1])[0] == 0
    else:
        assert found.find("responseProcessing/responseCondition") is None
        rubric = body.find("rubricBlock")
        assert stands_in_order(said_after(item), words(rubric) if rubric is not None else "")
    assert stands_in_order(said_after(item), told(found, answer))


# --- QTI 1.2


def read_12(items: tuple[Item, ...], path: Path, title: str = "Pack") -> list[Element]:
    (root,) = unpacked("qti-1.2", items, path, title).values()
    return list(root.iter("item"))


def respond_12(item: Element, answers: dict[str, str]) -> tuple[float, list[str]]:
    """Conditions in order, until one holds that does not continue."""
    score, shown = 0.0, []
    for condition in item.findall("resprocessing/respcondition"):
        test = condition.find("conditionvar")[0]
        if test.tag == "varequal" and answers.get(test.get("respident"), "").lower() != test.text.lower():
            continue
        for change in condition.findall("setvar"):
            score = float(change.text) + score * (change.get("action") == "Add")
        shown += [one.get("linkrefid") for one in condition.findall("displayfeedback")]
        if condition.get("continue") == "No":
            break
    return score, shown


def told_12(item: Element, answers: dict[str, str]) -> str:
    feedback = {one.get("ident"): one.find("flow_mat/material/mattext").text for one in item.findall("itemfeedback")}
    return "\n".join(map(shown, (feedback[ident] for ident in respond_12(item, answers)[1][::-1])))


def compare_12(item: Item, found: Element) -> None:
    assert found.get("ident") == f"item-{item.id}"
    assert found.get("title").startswith(item.id)
    fields = {field[0].text: field[1].text for field in found.iter("qtimetadatafield")}
    kinds = {"open": "essay", "choice": "multiple_choice", "gap": "short_answer", "order": "matching"}
    assert fields["question_type"] == f"{kinds[item.response]}_question"
    assert {one.get("texttype") for one in found.iter("mattext")} == {"text/html"}
    assert shown(found.find("presentation/material/mattext").text) == said_before(item)
    answers = {"response1": "anything"}
    labels = {one.get("ident"): one.find("material/mattext") for one in found.iter("response_label")}
    if item.response == "choice":
        for ident, choice in zip(labels, item.choices, strict=True):
            answers = {"response1": ident}
            assert shown(labels[ident].text) == seen(choice.text)
            assert respond_12(found, answers)[0] == 100 * choice.is_right
            assert seen(choice.feedback) in told_12(found, answers)
    elif item.response == "gap":
        assert all(respond_12(found, {"response1": seen(text)})[0] == 100 for text in item.accepted)
        assert respond_12(found, {"response1": seen(item.accepted[0]) + "!"})[0] == 0
        assert not list(found.iter("other")), "Canvas would take it for an essay"
    elif item.response == "order":
        steps = {one.get("ident"): shown(one.find("material/mattext").text) for one in found.iter("response_lid")}
        assert [steps[ident] for ident in sorted(steps)] == [seen(choice.text) for choice in item.choices]
        assert list(steps) != sorted(steps)
        answers = dict(zip(sorted(steps), sorted(labels), strict=True))
        assert respond_12(found, answers)[0] == pytest.approx(100, abs=0.1)
        assert respond_12(found, dict(zip(sorted(steps), sorted(labels)[::-1], strict=True)))[0] < 51
    else:
        assert fields["points_possible"] == "0"
        assert list(found.iter("other")), "Canvas takes it for an essay only so"
    assert stands_in_order(said_after(item), told_12(found, answers))


READERS = {"qti-2.1": (read_21, compare_21), "qti-1.2": (read_12, compare_12)}


@BOTH
def test_every_kind_keeps_to_the_standard_and_scores(name: str, tmp_path: Path) -> None:
    read, compare = READERS[name]
    for item, found in zip(ITEMS, read(ITEMS, tmp_path), strict=True):
        compare(item, found)


@BOTH
@pytest.mark.parametrize("hard", HARD)
def test_hard_text_is_text_everywhere(name: str, hard: str, tmp_path: Path) -> None:
    read, compare = READERS[name]
    for item in ITEMS:
        choices = tuple(replace(c, text=hard, feedback=hard) for c in item.choices)
        wild = replace(
            item, title=hard, task=hard, choices=choices, accepted=item.accepted and (hard,), explanation=hard
        )
        (found,) = read((wild,), tmp_path, hard)
        compare(wild, found)


@BOTH
def test_any_item_comes_back_as_it_was(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("qti")
    read, compare = READERS[name]

    @given(wild_items())
    def comes_back(item: Item) -> None:
        (found,) = read((item,), path)
        compare(item, found)

    comes_back()


@BOTH
def test_packs_of_one_title_are_the_same_pack_to_a_platform(name: str, tmp_path: Path) -> None:
    packs = [set(unpacked(name, items, tmp_path)) - {f"item-{i.id}" for i in ITEMS} for items in (ITEMS, ITEMS[:1])]
    assert packs[0] == packs[1]
    assert packs[0] != set(unpacked(name, (), tmp_path, "Another"))


@BOTH
def test_a_pack_without_items_keeps_to_the_standard(name: str, tmp_path: Path) -> None:
    assert READERS[name][0]((), tmp_path) == []


def test_an_answer_fits_once_whatever_its_case(tmp_path: Path) -> None:
    (found,) = read_21((replace(OF["gap"], accepted=("Sure", "SURE", "of  course")),), tmp_path)
    assert [entry.get("mapKey") for entry in found.iter("mapEntry")] == ["Sure", "of course"]


@pytest.mark.parametrize(
    ("rule", "names", "fits"),
    [("a* b", ["a", "a", "b"], True), ("a* b", ["b", "a"], False), ("(a|b)+", [], False), ("", ["a"], False)],
)
def test_the_rules_can_fail(rule: str, names: list[str], fits: bool) -> None:
    assert children_fit(rule, names) is fits
