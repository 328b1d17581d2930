"""IMS QTI 1.2 in a content package, as Canvas reads and writes it (the ASI binding, ims_qtiasiv1p2p1).

Open items are essays without points, gaps short answers, and steps to put in order are matched with their places,
which more platforms know than the binding's own ordering.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lxml.builder import ElementMaker

from coach.items import Item, Response
from coach.packs.archive import write_whole
from coach.packs.content_package import Resource, pack_id, packed, xml
from coach.packs.markup import feedback, html, inline, name, question, typed
from coach.packs.showing import in_order, one_line, shuffled

EXTENSION = ".zip"
ASI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
E = ElementMaker(namespace=ASI, nsmap={None: ASI, "xsi": XSI})
SCHEMA = {f"{{{XSI}}}schemaLocation": f"{ASI} http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd"}
TYPE: dict[Response, str] = {
    "open": "essay_question",
    "choice": "multiple_choice_question",
    "gap": "short_answer_question",
    "order": "matching_question",
}
GENERAL = "general_fb"


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """The zip with imsmanifest.xml and one assessment. Raises CoachError when it cannot be written."""
    ident = pack_id(title)
    section = E.section(*map(_item, in_order(items)), ident="root_section")
    assessment = E.assessment(section, ident=ident, title=one_line(title))
    href = f"{ident}/{ident}.xml"
    resource = Resource(ident, "imsqti_xmlv1p2", href)
    document = xml(E.questestinterop(assessment, SCHEMA))
    write_whole(path, packed(("IMS Content", "1.1.3"), title, [resource], {href: document}))


def _item(item: Item) -> Any:
    general = feedback(item)
    conditions = [_shows(_whatever(item), GENERAL)] if general else []
    sayings = [_saying(GENERAL, html(general))] if general else []
    if item.response == "choice":
        said = [(n, choice.feedback) for n, choice in enumerate(item.choices, 1) if choice.feedback]
        conditions += [_shows(_equal("response1", _label(n)), f"{_label(n)}_fb") for n, _ in said]
        sayings += [_saying(f"{_label(n)}_fb", inline(text)) for n, text in said]
    score = E.outcomes(E.decvar(varname="SCORE", vartype="Decimal", minvalue="0", maxvalue="100"))
    responses, scored = _PARTS[item.response](item)
    return E.item(
        E.itemmetadata(E.qtimetadata(*_metadata(item))),
        E.presentation(_material(html(question(item))), *responses),
        E.resprocessing(score, *conditions, *scored),
        *sayings,
        ident=f"item-{item.id}",
        title=name(item),
    )


def _metadata(item: Item) -> list[Any]:
    fields = {
        "question_type": TYPE[item.response],
        "points_possible": "0" if item.response == "open" else "1",
        "assessment_question_identifierref": f"question-{item.id}",
    }
    return [E.qtimetadatafield(E.fieldlabel(label), E.fieldentry(entry)) for label, entry in fields.items()]


def _open(item: Item) -> tuple[list[Any], list[Any]]:
    return [_typed()], [E.respcondition(E.conditionvar(E.other()), {"continue": "No"})]


def _gap(item: Item) -> tuple[list[Any], list[Any]]:
    return [_typed()], [_scores("response1", typed(text)) for text in item.accepted]


def _choice(item: Item) -> tuple[list[Any], list[Any]]:
    labels = [(_label(number), inline(choice.text)) for number, choice in enumerate(item.choices, 1)]
    right = [_label(number) for number, choice in enumerate(item.choices, 1) if choice.is_right]
    return [_picked("response1", labels)], [_scores("response1", label) for label in right]


def _order(item: Item) -> tuple[list[Any], list[Any]]:
    """Each step asks for its place; the shares of the score add up to 100."""
    places = [(_label(number), str(number)) for number in range(1, len(item.choices) + 1)]
    steps = [_picked(f"response_{number}", places, above=inline(choice.text)) for number, choice in shuffled(item)]
    share = f"{100 / max(1, len(places)):.2f}"
    return steps, [_scores(f"response_{n}", label, share) for n, (label, _) in enumerate(places, 1)]


_PARTS = {"open": _open, "gap": _gap, "choice": _choice, "order": _order}


def _label(number: int) -> str:
    return f"choice_{number}"


def _typed() -> Any:
    field = E.render_fib(E.response_label(ident="answer1", rshuffle="No"))
    return E.response_str(field, ident="response1", rcardinality="Single")


def _picked(ident: str, labels: Sequence[tuple[str, str]], *, above: str = "") -> Any:
    options = [E.response_label(_material(markup), ident=label) for label, markup in labels]
    heading = [_material(above)] if above else []
    return E.response_lid(*heading, E.render_choice(*options, shuffle="No"), ident=ident, rcardinality="Single")


def _equal(ident: str, value: str) -> Any:
    return E.varequal(value, respident=ident)


def _whatever(item: Item) -> Any:
    """The condition that always holds. Canvas takes a typed answer with an `other` for an essay."""
    return E("not", E.unanswered(respident="response1")) if item.response == "gap" else E.other()


def _shows(condition: Any, feedback_ident: str) -> Any:
    shown = E.displayfeedback(feedbacktype="Response", linkrefid=feedback_ident)
    return E.respcondition(E.conditionvar(condition), shown, {"continue": "Yes"})


def _scores(ident: str, value: str, share: str = "") -> Any:
    """A share of the score, which others add to, or all of it."""
    given = E.setvar(share or "100", action="Add" if share else "Set", varname="SCORE")
    return E.respcondition(E.conditionvar(_equal(ident, value)), given, {"continue": "Yes" if share else "No"})


def _saying(ident: str, markup: str) -> Any:
    return E.itemfeedback(E.flow_mat(_material(markup)), ident=ident)


def _material(markup: str) -> Any:
    return E.material(E.mattext(markup, texttype="text/html"))
