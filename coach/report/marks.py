"""Quoted words as HTML: escaped, with what was found in them highlighted and explained."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from coach.conversation import SKILL_OF, Moment, Opening, Reviewed
from coach.disputes import opening_name, opening_reference, reference
from coach.report.wording import STATUS_WORDS


class Mark(NamedTuple):
    """A stretch of a turn, `text[start:end]`, and what is said of it.

    `name` is a tag (with a question mark when it is a guess), or in a few words what the stretch is; empty for a plain
    highlight. `sure` is in percent. `why` explains what is no tag.
    """

    start: int
    end: int
    name: str
    sure: int | None = None
    reference: str = ""
    why: str = ""


def marks_of(reviewed: Reviewed) -> dict[int, list[Mark]]:
    """By turn: the tags of agents' sentences, what customers' words called for, and the clues to their type."""
    found: dict[int, list[Mark]] = {}
    for turn, mark in (*_tags(reviewed), *_openings(reviewed)):
        found.setdefault(turn, []).append(mark)
    for clue in reviewed.judgements.customer_type.clues:
        others = found.setdefault(clue.turn, [])
        if all(clue.end <= other.start or other.end <= clue.start for other in others):
            others.append(Mark(clue.start, clue.end, "clue", why=f"A clue to the type of customer: {clue.reason}."))
    return found


def _tags(reviewed: Reviewed) -> Iterator[tuple[int, Mark]]:
    id = reviewed.conversation.id
    for tag in reviewed.judgements.tags:
        sure = round(100 * tag.probability)
        yield tag.turn, Mark(tag.start, tag.end, tag.label, sure, reference(id, tag.turn, tag.start, tag.name))


def _openings(reviewed: Reviewed) -> Iterator[tuple[int, Mark]]:
    for o in reviewed.judgements.openings:
        its = opening_reference(reviewed.conversation.id, o)
        yield o.turn, Mark(o.start, o.end, f"{o.skill} {o.status}", reference=its, why=_why(o))


def moment_reference(moment: Moment) -> str:
    """What a moment's opening is disputed by."""
    return reference(moment.conversation, moment.turn, moment.quote_span[0], opening_name(moment.skill))


def _why(opening: Opening) -> str:
    where = "" if opening.response_turn is None else f" in turn {opening.response_turn + 1}"
    became = f"{STATUS_WORDS[opening.status]}{where}"
    return f"This called for {opening.skill} ({100 * opening.called:.0f} % sure): {became}."


def words_of(reviewed: Reviewed) -> dict[int, set[tuple[int, int]]]:
    """Per turn, the words that carried its tags."""
    found: dict[int, set[tuple[int, int]]] = {}
    for tag in reviewed.judgements.tags:
        found.setdefault(tag.turn, set()).update(tag.words)
    return found


def marked(
    text: str, spans: Sequence[tuple[int, int, str] | Mark], carrying: Collection[tuple[int, int]] = ()
) -> Markup:
    """The text, escaped, with the spans highlighted and the words that carried them bold in there.

    Spans of one place share their mark; of two that overlap the first is shown.
    """
    together: dict[tuple[int, int], list[Mark]] = {}
    for mark in sorted(Mark(*span) for span in spans):
        together.setdefault((mark.start, mark.end), []).append(mark)
    pieces: list[Markup] = []
    at = 0
    for (start, end), marks in together.items():
        if start < at:
            continue
        pieces += [escape(text[at:start]), _element(_bold(text, start, end, carrying), marks)]
        at = end
    return Markup("").join([*pieces, escape(text[at:])])


def _bold(text: str, start: int, end: int, carrying: Collection[tuple[int, int]]) -> Markup:
    pieces: list[Markup] = []
    at = start
    for first, stop in sorted(carrying):
        begin = max(first, at)
        if begin < stop <= end:
            pieces += [escape(text[at:begin]), Markup("<b>{}</b>").format(text[begin:stop])]
            at = stop
    return Markup("").join([*pieces, escape(text[at:end])])


def _element(words: Markup, marks: Sequence[Mark]) -> Markup:
    """page.js reads the data: tags with how sure and their references, or why."""
    named = [mark for mark in marks if mark.name]
    if not named:
        return Markup("<mark>{}</mark>").format(words)
    label = Markup("<small> {}</small>").format(", ".join(mark.name for mark in named))
    if any(mark.why for mark in named):
        why = " ".join(f"{mark.why}{_disputable(mark)}" for mark in named)
        return Markup('<mark class="clue" data-why="{}">{}{}</mark>').format(why, words, label)
    tags = [mark.name.rstrip("?") for mark in named]
    return Markup('<mark class="{}{}" data-tag="{}" data-sure="{}" data-ref="{}">{}{}</mark>').format(
        SKILL_OF[tags[0]],
        " guess" if all(mark.name.endswith("?") for mark in named) else "",
        " ".join(tags),
        " ".join(str(mark.sure or "") for mark in named).strip(),
        " ".join(mark.reference for mark in named).strip(),
        words,
        label,
    )


def _disputable(mark: Mark) -> str:
    return f" Its reference is {mark.reference}." if mark.reference else ""
