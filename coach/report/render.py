"""Report data to self-contained HTML pages, Markdown and JSON. Everything from a transcript is escaped."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coach.conversation import SKILLS, SURE, Opening, Reviewed, Scorecard
from coach.disputes import opening_reference
from coach.report import agent_wording, figures, outcome_wording, team_wording, wording
from coach.report.agent import AgentReport
from coach.report.balance_chart import Dot, care_and_service
from coach.report.drawing import Chart
from coach.report.listing import Chat, choices, facets_of
from coach.report.look import glossary, page_script, page_script_hash, page_style, places
from coach.report.marks import marked, marks_of, moment_reference, words_of
from coach.report.outcomes import LEANING
from coach.report.packing import PLAIN, TOGETHER, packed
from coach.report.ratings_chart import distribution
from coach.report.team import TeamReport
from coach.report.time_chart import over_time
from coach.rubric import Rubric
from coach.scoring import NOTHING

SIMPLE = 2
MOST_PATTERNS = 4
VALUES = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}
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
        "percent": figures.percent,
        "counts": figures.counts,
        "score": figures.score,
        "day": figures.day,
        "signed": figures.signed,
        "md": escape_markdown,
        "anchor": anchor,
        "scale": figures.scale,
        "places": places,
        "key": key,
        "upper_first": figures.upper_first,
        "lower_first": figures.lower_first,
        "rating_words": outcome_wording.rating,
        "settled_words": outcome_wording.settled,
        "settled_share": outcome_wording.settled_share,
        "repeat_share": outcome_wording.repeat_share,
        "wait_words": outcome_wording.wait,
        "repeat_words": outcome_wording.repeat,
        "together_words": outcome_wording.together,
        "lean_words": outcome_wording.lean,
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
        "words_a_turn": figures.words_a_turn,
        "facets_of": facets_of,
        "outcome_change_words": outcome_wording.outcome_change,
        "team_wording": team_wording,
        "MOST_PATTERNS": MOST_PATTERNS,
        "LEANING": LEANING,
        "SLIP_WORDS": wording.SLIP_WORDS,
        "marked": marked,
        "marks_of": marks_of,
        "opening_reference": opening_reference,
        "months": months,
        "moment_reference": moment_reference,
        "words_of": words_of,
        "SURE": SURE,
        "STATUS_WORDS": wording.STATUS_WORDS,
        "SKILL_WORDS": wording.SKILL_WORDS,
        "SKILL_ROWS": wording.SKILL_ROWS,
        "DOING": agent_wording.DOING,
        "CALLED": agent_wording.CALLED,
        "PARTS": agent_wording.PARTS,
        "TYPE_WORDS": wording.TYPE_WORDS,
        "RUBRIC_WORDS": wording.RUBRIC_WORDS,
        "RATINGS": outcome_wording.RATINGS,
        "WAITS": outcome_wording.WAITS,
        "TOGETHER_ONLY": outcome_wording.TOGETHER_ONLY,
        "trend_words": outcome_wording.trend,
        "change_words": outcome_wording.change,
        "balance_words": agent_wording.balance,
        "in_short_words": agent_wording.in_short,
        "missed_words": agent_wording.missed,
        "fit_words": agent_wording.fit,
        "became_words": agent_wording.became,
        "INDEX_OF": wording.INDEX_OF,
        "SKILLS": SKILLS,
    }
    return found


def agent_page(report: AgentReport, reviewed: Iterable[Reviewed], *, rubric: Rubric, metrics: Mapping[str, Any]) -> str:
    """`reviewed` are the conversations of `report.chats` in that order; only their rendered words are held."""
    return (
        environment()
        .get_template("agent.html.j2")
        .render(
            report=report,
            transcripts=[transcript(one, anchor(one.conversation.id)) for one in reviewed],
            charts=agent_charts(report),
            rubric=rubric,
            metrics=metrics,
        )
    )


def transcript(reviewed: Reviewed, place: str) -> Markup:
    """What was said, with its marks and what was judged of the whole; turns have ids that begin with `place`."""
    return Markup(_macros().transcript(reviewed, place))


@cache
def _macros() -> Any:
    return environment().get_template("macros.html.j2").module


def agent_charts(report: AgentReport) -> Mapping[str, Chart]:
    """The page's charts by name; one is left out where there is nothing to draw."""
    found = _balance_chart("care_and_service", report.chats, report.card, report.minimum_count)
    if any(period.conversations >= report.minimum_count for period in report.trend.periods):
        found["over_time"] = over_time(report.trend)
    return found


def _balance_chart(name: str, chats: Iterable[Chat], card: Scorecard, minimum: int) -> dict[str, Chart]:
    """A dot a chat that has both indices; without any, nothing. Under `minimum` it has no centre."""
    dots = [
        Dot(chat.care.value, chat.service.value, chat.channel or "unknown")
        for chat in chats
        if chat.care.value is not None and chat.service.value is not None
    ]
    enough = min(card.care.count, card.service.count) >= minimum
    centre = card if enough else replace(card, care=NOTHING, service=NOTHING)
    return {name: care_and_service(dots, centre)} if dots else {}


def agent_markdown(report: AgentReport, metrics: Mapping[str, Any]) -> str:
    return environment().get_template("agent.md.j2").render(report=report, metrics=metrics)


def agent_json(report: AgentReport) -> str:
    """The report's figures and moments; transcripts are named by id, not repeated."""
    return json.dumps(_plain(report), indent=2, ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    """What JSON can say of it; embeddings are left out, and a customer type that is None is "can't tell"."""
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.name != "embedding"}
    if isinstance(value, Mapping):
        return {"can't tell" if name is None else name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def months(chats: Iterable[Any]) -> list[tuple[str, str]]:
    """The months that there are chats of, and how each is called."""
    return [(month, team_wording.period(month)) for month in sorted({chat.month for chat in chats if chat.month})]


def team_page(report: TeamReport, *, rubric: Rubric, metrics: Mapping[str, Any], state: str) -> str:
    """One self-contained page, with the transcripts of the queue and of what is quoted."""
    queued = {item.reviewed.conversation.id: item.reviewed for item in report.queue}
    shown = (*report.patterns.losing[:MOST_PATTERNS], *report.patterns.gaining[:MOST_PATTERNS])
    evidence = {one.moment.conversation: one.reviewed for cell in shown for one in cell.evidence}
    return (
        environment()
        .get_template("team.html.j2")
        .render(
            report=report,
            rubric=rubric,
            metrics=metrics,
            state=state,
            charts=team_charts(report),
            quoted=[reviewed for id, reviewed in sorted(evidence.items()) if id not in queued],
            with_transcript=queued.keys() | evidence.keys(),
            queue_choices=choices([facets_of(item.reviewed) for item in report.queue]),
            listing_choices=choices([line.facets for line in report.listing.lines]),
        )
    )


def team_charts(report: TeamReport) -> Mapping[str, Chart]:
    """The page's charts by name: the balance of conversations, and how often each rating was given by channel."""
    chats = (line.chat for line in report.listing.lines)
    found = _balance_chart("balance", chats, report.card, report.minimum_count)
    for name, channels in report.ratings.items():
        title, values = team_wording.RATED[name], range(VALUES[name][0], VALUES[name][1] + 1)
        found[name] = distribution(
            channels, values=values, title=f"How often each rating was given: {title}",
            minimum_count=report.minimum_count, name=name,
        )  # fmt: skip
    return found


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


def escape_markdown(text: object) -> str:
    """Text that Markdown, and a terminal, show as it is, on one line."""
    line = re.sub(r"\s+", " ", UNPRINTABLE.sub(" ", str(text))).strip()
    line = re.sub(r"([\\`*_{}\[\]<>|~&#])", r"\\\1", line)
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", line)
