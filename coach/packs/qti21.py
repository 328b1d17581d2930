"""IMS QTI 2.1: a content package with a test and one file an item (imsglobal.org/question, the 2.1 information model).

Open items are extended texts without a score, gaps text entries, steps an order interaction. What there is to say
after an answer is modal feedback; for open items a rubric shows it to whoever grades as well.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from coach.items import GAP, Choice, Item
from coach.packs.archive import write_whole
from coach.packs.content_package import Resource, pack_id, packed, xml
from coach.packs.markup import feedback, name, paragraph, question, stem, typed
from coach.packs.showing import in_order, one_line, shuffled

EXTENSION = ".zip"
QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
E = ElementMaker(namespace=QTI, nsmap={None: QTI, "xsi": XSI})
SCHEMA = {f"{{{XSI}}}schemaLocation": f"{QTI} http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"}
ALWAYS = "always"


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """The zip with imsmanifest.xml, test.xml and items/. Raises CoachError when it cannot be written."""
    items = in_order(items)
    files = {"test.xml": xml(_test(items, title)), **{_href(item): xml(_item(item)) for item in items}}
    resources = [
        Resource(pack_id(title), "imsqti_test_xmlv2p1", "test.xml", [_id(item) for item in items]),
        *(Resource(_id(item), "imsqti_item_xmlv2p1", _href(item)) for item in items),
    ]
    write_whole(path, packed(("QTIv2.1 Package", "1.0.0"), title, resources, files))


def _id(item: Item) -> str:
    """An identifier may not begin with a digit."""
    return f"item-{item.id}"


def _href(item: Item) -> str:
    return f"items/{_id(item)}.xml"


def _test(items: Sequence[Item], title: str) -> Any:
    refs = [E.assessmentItemRef(identifier=_id(item), href=_href(item)) for item in items]
    section = E.assessmentSection(*refs, identifier="exercises", title=one_line(title), visible="true")
    part = E.testPart(section, identifier="part", navigationMode="nonlinear", submissionMode="individual")
    part.insert(0, E.itemSessionControl(maxAttempts="0", showFeedback="true"))
    return E.assessmentTest(part, SCHEMA, identifier=f"{pack_id(title)}-test", title=one_line(title))


def _item(item: Item) -> Any:
    declaration, body, scoring = _PARTS[item.response](item)
    sayings = _sayings(item)
    outcomes = [E.outcomeDeclaration(_default("0"), identifier="SCORE", cardinality="single", baseType="float")]
    if sayings:
        outcomes.append(E.outcomeDeclaration(identifier="FEEDBACK", cardinality="multiple", baseType="identifier"))
        scoring = [*scoring, _says(item)]
    return E.assessmentItem(
        declaration,
        *outcomes,
        E.itemBody(*body),
        *([E.responseProcessing(*scoring)] if scoring else []),
        *sayings,
        SCHEMA,
        identifier=_id(item),
        title=name(item),
        adaptive="false",
        timeDependent="false",
    )


def _default(value: str) -> Any:
    return E.defaultValue(E.value(value))


def _open(item: Item) -> tuple[Any, list[Any], list[Any]]:
    told = _own(feedback(item))
    rubric = [E.rubricBlock(*told, view="scorer tutor")] if told else []
    entry = E.extendedTextInteraction(responseIdentifier="RESPONSE", expectedLines="10")
    return _declared("single", "string"), [*rubric, *_own(question(item)), entry], []


def _choice(item: Item) -> tuple[Any, list[Any], list[Any]]:
    right = [_place(number) for number, choice in enumerate(item.choices, 1) if choice.is_right]
    chosen = E.choiceInteraction(
        *_choices(enumerate(item.choices, 1)),
        responseIdentifier="RESPONSE",
        shuffle="false",
        maxChoices="1",
        minChoices="1",
    )
    return _declared("single", "identifier", right), [*_own(question(item)), chosen], [_scored()]


def _order(item: Item) -> tuple[Any, list[Any], list[Any]]:
    right = [_place(number) for number in range(1, len(item.choices) + 1)]
    ordered = E.orderInteraction(*_choices(shuffled(item)), responseIdentifier="RESPONSE", shuffle="true")
    return _declared("ordered", "identifier", right), [*_own(question(item)), ordered], [_scored()]


def _gap(item: Item) -> tuple[Any, list[Any], list[Any]]:
    before, _, after = item.text.partition(GAP)
    entry = etree.Element("textEntryInteraction", responseIdentifier="RESPONSE", expectedLength=str(_length(item)))
    accepted = {text.casefold(): text for text in reversed([typed(text) for text in item.accepted])}
    declared = _declared("single", "string", [typed(text) for text in item.accepted[:1]])
    entries = [E.mapEntry(mapKey=text, mappedValue="1", caseSensitive="false") for text in reversed(accepted.values())]
    declared.append(E.mapping(*entries, defaultValue="0"))
    scored = E.setOutcomeValue(E.mapResponse(identifier="RESPONSE"), identifier="SCORE")
    return declared, [*_own(stem(item)), *_own([paragraph(before, entry, after)])], [scored]


_PARTS = {"open": _open, "choice": _choice, "order": _order, "gap": _gap}


def _declared(cardinality: str, base: str, right: Sequence[str] = ()) -> Any:
    declared = E.responseDeclaration(identifier="RESPONSE", cardinality=cardinality, baseType=base)
    if right:
        declared.append(E.correctResponse(*map(E.value, right)))
    return declared


def _choices(numbered: Iterable[tuple[int, Choice]]) -> list[Any]:
    return [E.simpleChoice(*_own([paragraph(choice.text)]), identifier=_place(n)) for n, choice in numbered]


def _place(number: int) -> str:
    return f"choice-{number}"


def _length(item: Item) -> int:
    return max((len(typed(text)) for text in item.accepted), default=0) + 5


def _scored() -> Any:
    """1 for the right response and 0 for others, as the standard's match_correct has it."""
    is_right = E.match(E.variable(identifier="RESPONSE"), E.correct(identifier="RESPONSE"))
    return E.responseCondition(E.responseIf(is_right, _set_score("1")), E.responseElse(_set_score("0")))


def _set_score(value: str) -> Any:
    return E.setOutcomeValue(E.baseValue(value, baseType="float"), identifier="SCORE")


def _says(item: Item) -> Any:
    """What is always said, and of a choice what belongs to it."""
    shown = [E.baseValue(ALWAYS, baseType="identifier")]
    if item.response == "choice":
        shown.append(E.variable(identifier="RESPONSE"))
    return E.setOutcomeValue(E.multiple(*shown), identifier="FEEDBACK")


def _sayings(item: Item) -> list[Any]:
    told = [(ALWAYS, feedback(item))]
    if item.response == "choice":
        said = [(_place(n), choice.feedback) for n, choice in enumerate(item.choices, 1) if choice.feedback]
        told = [*((place, [paragraph(text)]) for place, text in said), *told]
    return [
        E.modalFeedback(*_own(blocks), outcomeIdentifier="FEEDBACK", showHide="show", identifier=place)
        for place, blocks in told
        if blocks
    ]


def _own(elements: Sequence[Any]) -> list[Any]:
    """The elements in QTI's namespace, whose names for them are the same."""
    for element in elements:
        for one in element.iter():
            one.tag = f"{{{QTI}}}{one.tag}"
    return list(elements)
