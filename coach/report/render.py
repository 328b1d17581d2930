"""Report data to self-contained HTML pages, Markdown and JSON. Everything from a transcript is escaped."""

import hashlib
import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from coach.conversation import SKILL_OF, SKILLS, SURE, Index, Opening, Rate, Reviewed
from coach.report import sentences, team_wording
from coach.report.agent import AgentReport
from coach.report.listing import choices, facets_of
from coach.report.look import glossary, page_script, page_script_hash, page_style, places
from coach.report.outcomes import LEANING
from coach.report.packing import PLAIN, TOGETHER, packed
from coach.report.team import TeamReport

SKILL_WORDS = {
    "empathy": "Empathy",
    "listening": "Active listening",
    "instruction": "Instruction-giving",
}
TYPE_WORDS = {
    "controller": "controller: wants the result, fast",
    "thinker": "thinker: wants to understand how and why",
    "feeler": "feeler: wants to be heard and reassured",
    "entertainer": "entertainer: enjoys the talk",
    None: "can't tell: too little said, or too mixed",
}
PART_WORDS = {
    "empathy": "Feelings answered",
    "listening": "Problems and wishes heard",
    "instruction": "Questions and faults guided",
    "expectation": "Open matters given a next step and time",
    "resolution": "Matters settled",
    "timeliness": "First answer in time",
}
SLIP_WORDS = {
    "unanswered question": "Question not answered",
    "customer repeats": "Customer had to say it again",
    "unchecked instruction": "Steps given, not checked",
    "promise without a time": "Promise without a time",
    "empty empathy": "Feeling acknowledged, then nothing done",
}
SIMPLE = 2
MOST_PATTERNS = 4
UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f]+")


@cache
def environment() -> Environment:
    found = Environment(
        loader=PackageLoader("coach.report"),
        autoescape=lambda name: name is None or ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "percent": percent,
        "counts": counts,
        "score": score,
        "day": day,
        "md": escape_markdown,
        "anchor": anchor,
        "scale": scale,
        "places": places,
        "key": key,
    }
    found.tests |= {"simple_matter": is_simple_matter, "asked_again": is_asked_again}
    found.globals |= {
        "page_style": page_style,
        "page_script": page_script,
        "page_script_hash": page_script_hash,
        "glossary": glossary,
        "packed": packed,
        "PLAIN": PLAIN,
        "TOGETHER": TOGETHER,
        "words_a_turn": words_a_turn,
        "facets_of": facets_of,
        "sentences": sentences,
        "wording": team_wording,
        "MOST_PATTERNS": MOST_PATTERNS,
        "LEANING": LEANING,
        "SLIP_WORDS": SLIP_WORDS,
        "marked": marked,
        "transcript_marks": transcript_marks,
        "bold_words": bold_words,
        "SURE": SURE,
        "SKILL_WORDS": SKILL_WORDS,
        "TYPE_WORDS": TYPE_WORDS,
        "PART_WORDS": PART_WORDS,
        "SKILLS": SKILLS,
        "SKILL_OF": SKILL_OF,
    }
    return found


def agent_page(report: AgentReport, metrics: Mapping[str, Any]) -> str:
    return environment().get_template("agent.html.j2").render(report=report, metrics=metrics)


def agent_markdown(report: AgentReport, metrics: Mapping[str, Any]) -> str:
    return environment().get_template("agent.md.j2").render(report=report, metrics=metrics)


def agent_json(report: AgentReport) -> str:
    """The report's figures and moments; transcripts are named by id, not repeated."""
    values = asdict(report)
    values["types"] = {name or "can't tell": count for name, count in report.types.items()}
    values["chats"] = [
        {"id": chat.reviewed.conversation.id, "care": asdict(chat.card.care), "service": asdict(chat.card.service)}
        for chat in report.chats
    ]
    return json.dumps(values, indent=2, ensure_ascii=False, default=str)


def team_page(report: TeamReport, metrics: Mapping[str, Any], state: str) -> str:
    """One self-contained page, with the transcripts of the queue and of what is quoted."""
    queued = {item.reviewed.conversation.id: item.reviewed for item in report.queue}
    shown = (*report.patterns.losing[:MOST_PATTERNS], *report.patterns.gaining[:MOST_PATTERNS])
    evidence = {one.moment.conversation: one.reviewed for cell in shown for one in cell.evidence}
    return (
        environment()
        .get_template("team.html.j2")
        .render(
            report=report,
            metrics=metrics,
            state=state,
            quoted=[reviewed for id, reviewed in sorted(evidence.items()) if id not in queued],
            with_transcript=queued.keys() | evidence.keys(),
            queue_choices=choices([facets_of(item.reviewed) for item in report.queue]),
            listing_choices=choices([line.facets for line in report.listing.lines]),
        )
    )


def percent(rate: Rate) -> str:
    """ "38–71 %": the interval, which says more than the share alone."""
    return f"{100 * rate.low:.0f}–{100 * rate.high:.0f} %"


def counts(rate: Rate) -> str:
    return f"{rate.met:g} of {rate.called_for}"


def score(index: Index, minimum: int) -> str:
    """ "72 (58–83)", or in words why there is no number."""
    if index.value is None:
        return "not called for"
    if index.count < minimum:
        return f"too few to say ({index.count})"
    return f"{index.value:.0f} ({index.low:.0f}–{index.high:.0f})"


def scale(value: float, margin: float) -> str:
    """ "3.5 (2.3–4.7)" on a scale from 1 to 5."""
    return f"{value:.1f} ({max(1.0, value - margin):.1f}–{min(5.0, value + margin):.1f})"


def words_a_turn(manner: Mapping[str, float]) -> float:
    return math.exp(-manner["brevity"])


def anchor(id: str) -> str:
    """A name for the conversation's place in a page, the same for the same id."""
    return "c-" + hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def key(name: object) -> str:
    """The name as one word, the same for the same name and for no other: what a page's filters compare."""
    return quote(str(name), safe="", errors="replace")


def is_simple_matter(reviewed: Reviewed) -> bool:
    """Settled, with little said on the customer's side."""
    said = sum(turn.role == "customer" for turn in reviewed.conversation.turns)
    return said <= SIMPLE and reviewed.resolved == "yes"


def is_asked_again(opening: Opening, reviewed: Reviewed) -> bool:
    """Whether the customer called for the same once more before it came."""
    last = len(reviewed.conversation.turns) if opening.response_turn is None else opening.response_turn
    return any(o.skill == opening.skill and opening.turn < o.turn < last for o in reviewed.judgements.openings)


def day(moment: datetime | date | None) -> str:
    return f"{moment.day} {moment:%B %Y}" if moment else ""


def marked(text: str, spans: Sequence[tuple[int, int, str]], carrying: Collection[tuple[int, int]] = ()) -> Markup:
    """The text, escaped, with the spans highlighted and the words that carried them bold in there.

    Spans of one place share their mark; a name that ends in a question mark is a guess.
    """
    together: dict[tuple[int, int], list[str]] = {}
    for start, end, name in sorted(spans):
        together.setdefault((start, end), []).append(name)
    pieces: list[Markup] = []
    at = 0
    for (start, end), names in together.items():
        if start < at:
            continue
        pieces += [escape(text[at:start]), _mark(_bold(text, start, end, carrying), names)]
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


def _mark(words: Markup, names: Sequence[str]) -> Markup:
    short = [name.split(" ")[0] for name in names]
    kind = SKILL_OF.get(short[0].rstrip("?"), "clue")
    guess = " guess" if all(name.endswith("?") for name in short) else ""
    if not any(names):
        return Markup("<mark>{}</mark>").format(words)
    return Markup('<mark class="{}{}" title="{}">{}<small> {}</small></mark>').format(
        kind, guess, ", ".join(names), words, ", ".join(short)
    )


def transcript_marks(reviewed: Reviewed) -> dict[int, list[tuple[int, int, str]]]:
    """Per turn, its tagged spans, named with how sure the tag is."""
    found: dict[int, list[tuple[int, int, str]]] = {}
    for tag in reviewed.judgements.tags:
        found.setdefault(tag.turn, []).append((tag.start, tag.end, f"{tag.label} {100 * tag.probability:.0f} %"))
    return found


def bold_words(reviewed: Reviewed) -> dict[int, set[tuple[int, int]]]:
    """Per turn, the words that carried its tags."""
    found: dict[int, set[tuple[int, int]]] = {}
    for tag in reviewed.judgements.tags:
        found.setdefault(tag.turn, set()).update(tag.words)
    return found


def escape_markdown(text: object) -> str:
    """Text that Markdown, and a terminal, show as it is, on one line."""
    line = re.sub(r"\s+", " ", UNPRINTABLE.sub(" ", str(text))).strip()
    line = re.sub(r"([\\`*_{}\[\]<>|~&#])", r"\\\1", line)
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", line)
