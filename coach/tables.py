"""What coach knows as plain tables: each with a name, what it holds, typed columns, and its rows.

Those of CONVERSATIONS have rows for each conversation, those of TEAM are what the team's page shows. Times are ISO
8601 with the offset of the data, probabilities and shares lie in 0–1, indices in 0–100, turns count from 1 as on the
pages, and bounds named low and high are those of 95 % intervals. An empty cell is not known.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from coach.conversation import TYPES, Index, Rate, Reviewed
from coach.disputes import opening_reference, reference
from coach.moments import moments_of
from coach.report.team import TeamReport
from coach.rubric import Rubric
from coach.scoring import scorecard
from coach.slips import slips_of

Source = TypeVar("Source")
Value = str | int | float | bool | None
Row = tuple[Value, ...]
Columns = Mapping[str, type[str] | type[int] | type[float] | type[bool]]
RATE: Columns = {"met": float, "called_for": int, "low": float, "high": float}


@dataclass(frozen=True, slots=True)
class Table(Generic[Source]):
    """A table; `rows` gives those of a source, each as long as `columns`."""

    about: str
    columns: Columns
    rows: Callable[[Source], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A conversation with the rubric that scores it."""

    reviewed: Reviewed
    rubric: Rubric


def _conversations(judged: Judged) -> Iterator[Row]:
    reviewed = judged.reviewed
    c, kind, card = reviewed.conversation, reviewed.judgements.customer_type, scorecard(reviewed.credits, judged.rubric)
    counts = [sum(o.status == name for o in reviewed.judgements.openings) for name in ("met", "recovered", "missed")]
    out = c.outcome
    yield (
        *(c.id, c.channel, ", ".join(c.agents) or None, c.customer, _time(c.started), _time(c.ended), len(c.turns)),
        *(out.csat, out.nps, out.ces, out.rating, out.first_response_seconds, out.resolution_seconds),
        *(out.resolved, reviewed.judgements.resolution.label, reviewed.judgements.resolution.probability),
        *(kind.label, *(kind.probabilities[name] for name in TYPES), kind.assertiveness, kind.responsiveness),
        *(*_index(card.care), *_index(card.service), *counts),
    )


def _turns(judged: Judged) -> Iterator[Row]:
    c, judgements = judged.reviewed.conversation, judged.reviewed.judgements
    for number, turn in enumerate(c.turns):
        feeling = judgements.feelings[number]
        agent = c.agent_of(number) if turn.role == "agent" else None
        label, repeats = feeling.label if feeling else None, number in judgements.repeats
        yield c.id, number + 1, turn.role, agent, _time(turn.time), turn.text, label, repeats


def _tags(judged: Judged) -> Iterator[Row]:
    c = judged.reviewed.conversation
    for tag in judged.reviewed.judgements.tags:
        words = c.turns[tag.turn].text[tag.start : tag.end]
        named = reference(c.id, tag.turn, tag.start, tag.name)
        yield c.id, tag.turn + 1, c.agent_of(tag.turn), tag.name, tag.probability, not tag.is_sure, words, named


def _openings(judged: Judged) -> Iterator[Row]:
    c = judged.reviewed.conversation
    for o in judged.reviewed.judgements.openings:
        words, named = c.turns[o.turn].text[o.start : o.end], opening_reference(c.id, o)
        answered = None if o.response_turn is None else o.response_turn + 1
        yield c.id, o.turn + 1, o.skill, o.status, answered, o.agent, o.called, o.met, o.recovered, words, named


def _moments(judged: Judged) -> Iterator[Row]:
    for found in (moments_of(judged.reviewed), slips_of(judged.reviewed)):
        for m in found:
            answered = None if m.answer_turn is None else m.answer_turn + 1
            start, end = m.quote_span
            yield (
                *(m.conversation, m.kind, m.skill, m.status, m.agent, m.channel, m.customer_type, m.feeling),
                *(m.turn + 1, m.quote, m.quote[start:end], answered, m.answer or None, m.certainty),
            )


def _clues(judged: Judged) -> Iterator[Row]:
    c, judgements = judged.reviewed.conversation, judged.reviewed.judgements
    for about, clues in (("type", judgements.customer_type.clues), ("ending", judgements.resolution.clues)):
        for clue in clues:
            yield c.id, about, clue.turn + 1, c.turns[clue.turn].text[clue.start : clue.end], clue.reason


def _credits(judged: Judged) -> Iterator[Row]:
    for credit in judged.reviewed.credits:
        yield (
            *(judged.reviewed.conversation.id, credit.part, credit.agent),
            *(credit.worth, credit.expected, credit.variance),
        )


CONVERSATIONS: Mapping[str, Table[Judged]] = {
    "conversations": Table(
        "one row a conversation: outcome, customer type, care and service, openings",
        {
            **{"conversation": str, "channel": str, "agents": str, "customer": str, "started": str, "ended": str},
            **{"turns": int, "csat": float, "nps": float, "ces": float, "rating": str},
            **{"first_response_seconds": float, "resolution_seconds": float},
            **{"resolved": str, "judged_resolved": str, "judged_resolved_probability": float},
            **{"type": str, **dict.fromkeys(TYPES, float), "assertiveness": float, "responsiveness": float},
            **{"care": float, "care_low": float, "care_high": float},
            **{"service": float, "service_low": float, "service_high": float},
            **{"met": int, "recovered": int, "missed": int},
        },
        _conversations,
    ),
    "turns": Table(
        "one row a turn: who, when, the words, the feeling, whether the customer says something again",
        {"conversation": str, "turn": int, "role": str, "agent": str, "time": str, "text": str, "feeling": str,
         "repeats": bool},
        _turns,
    ),
    "tags": Table(
        "one row a tag: where, which, how sure, the sentence, the reference to dispute it by",
        {"conversation": str, "turn": int, "agent": str, "tag": str, "probability": float, "guess": bool,
         "words": str, "reference": str},
        _tags,
    ),
    "openings": Table(
        "one row an opening: what was called for and what became of it, with the probabilities of each",
        {"conversation": str, "turn": int, "skill": str, "status": str, "response_turn": int, "agent": str,
         "called": float, "met": float, "recovered": float, "words": str, "reference": str},
        _openings,
    ),
    "moments": Table(
        "one row an answered opening, or something that may have slipped (kind), with what was said and answered",
        {"conversation": str, "kind": str, "skill": str, "status": str, "agent": str, "channel": str, "type": str,
         "feeling": str, "turn": int, "customer_said": str, "words": str, "answer_turn": int, "agent_answered": str,
         "certainty": float},
        _moments,
    ),
    "clues": Table(
        "one row a clue: the words that speak for the customer type or for how it ended, and why",
        {"conversation": str, "about": str, "turn": int, "words": str, "reason": str},
        _clues,
    ),
    "credits": Table(
        "one row a judged thing that counts for care or service, what it is worth, and how sure that is",
        {"conversation": str, "part": str, "agent": str, "worth": float, "expected": float, "variance": float},
        _credits,
    ),
}  # fmt: skip


def _agents(report: TeamReport) -> Iterator[Row]:
    for group in report.agents:
        apart = {one.measure: (one.points.low, one.points.high) for one in group.apart}
        for row in group.skills:
            yield (
                *(group.name, group.conversations, row.skill, None, *_rate(row.rate)),
                *(row.recovered, row.missed, row.enough, *apart.get(row.skill, (None, None))),
            )
        for name, index in (("care", group.card.care), ("service", group.card.service)):
            enough = index.count >= report.minimum_count
            yield (
                *(group.name, group.conversations, name, index.value, None, None, *_index(index)[1:]),
                *(None, None, enough, *apart.get(name, (None, None))),
            )


def _patterns(report: TeamReport) -> Iterator[Row]:
    for levels in report.patterns.levels.values():
        for cell in (cell for level in levels for cell in level.cells):
            row, rest = cell.row, cell.rest
            yield (
                *(cell.dimension, cell.level, cell.skill, *_rate(row.rate), row.recovered, row.missed, row.enough),
                *(rest.met, rest.called_for, cell.chance, cell.stands_out, cell.agents),
            )


def _slips(report: TeamReport) -> Iterator[Row]:
    for slip in report.slips:
        yield slip.kind, slip.count, *_rate(slip.rate)


def _queue(report: TeamReport) -> Iterator[Row]:
    for place, item in enumerate(report.queue, 1):
        for reason in item.reasons:
            quote = next(iter(reason.quotes), None)
            said = (quote.turn + 1, quote.words) if quote else (None, None)
            yield place, item.reviewed.conversation.id, reason.kind, reason.words, *said


def _outcomes(report: TeamReport) -> Iterator[Row]:
    for one in (report.outcomes.all, *report.outcomes.channels):
        for rating in one.ratings:
            e = rating.estimate
            yield one.name, rating.name, e.value, e.low, e.high, e.count, rating.enough
        for settled in one.settled:
            name = "settled, reported" if settled.reported else "settled, judged"
            yield one.name, name, *_share(settled.rate), settled.enough
        for wait in one.waits:
            e_or_none = wait.median
            figures = (e_or_none.value, e_or_none.low, e_or_none.high) if e_or_none else (None, None, None)
            yield one.name, f"{wait.name}, median seconds", *figures, wait.count, e_or_none is not None
        for repeat in one.repeats:
            yield one.name, f"came again within {repeat.days} days", *_share(repeat.rate), repeat.enough


def _repeats(report: TeamReport) -> Iterator[Row]:
    for lean in report.outcomes.leans:
        for repeat in lean.repeats:
            yield lean.name, lean.conversations, repeat.days, *_rate(repeat.rate), repeat.enough, repeat.unknown


def _together(report: TeamReport) -> Iterator[Row]:
    for one in report.outcomes.together:
        figures = (one.rho.value, one.rho.low, one.rho.high) if one.rho else (None, None, None)
        yield one.index, one.outcome, one.count, *figures


def _changes(report: TeamReport) -> Iterator[Row]:
    for change in report.trend.changes:
        since = report.trend.since.isoformat() if report.trend.since else None
        sides = [100 * (s.share or 0.0) if isinstance(s, Rate) else s.value for s in (change.before, change.after)]
        points = (change.estimate.value, change.estimate.low, change.estimate.high) if change.estimate else (None,) * 3
        yield change.name, since, *sides, *points, change.has_changed


TEAM: Mapping[str, Table[TeamReport]] = {
    "agents": Table(
        "one row an agent and measure: openings met at once by skill, care and service; apart_low and apart_high "
        "are filled only where the agent's conversations differ from the others' by more than chance",
        {"agent": str, "conversations": int, "measure": str, "index": float, **RATE, "recovered": int, "missed": int,
         "enough": bool, "apart_low": float, "apart_high": float},
        _agents,
    ),
    "patterns": Table(
        "one row a skill at a level (skill, kind of moment, customer type, channel, hour), against the rest; chance "
        "is the corrected p-value",
        {"dimension": str, "level": str, "skill": str, **RATE, "recovered": int, "missed": int, "enough": bool,
         "rest_met": float, "rest_called_for": int, "chance": float, "stands_out": bool, "agents": int},
        _patterns,
    ),
    "slips": Table(
        "one row a kind of what may have slipped: how often, and in how many of all conversations",
        {"kind": str, "count": int, **RATE},
        _slips,
    ),
    "review_queue": Table(
        "one row a reason to look at a conversation, in the order of the page",
        {"place": int, "conversation": str, "kind": str, "reason": str, "turn": int, "words": str},
        _queue,
    ),
    "outcomes": Table(
        "one row an outcome, in all and by channel",
        {"channel": str, "outcome": str, "value": float, "low": float, "high": float, "count": int, "enough": bool},
        _outcomes,
    ),
    "repeats_by_balance": Table(
        "one row a window: who came again after a first conversation that leaned to care, to service, or neither",
        {"balance": str, "conversations": int, "days": int, **RATE, "enough": bool, "unknown": int},
        _repeats,
    ),
    "going_together": Table(
        "one row an index and an outcome: their rank correlation within channels",
        {"index": str, "outcome": str, "conversations": int, "rho": float, "low": float, "high": float},
        _together,
    ),
    "changes": Table(
        "one row a measure: before and since the day of the latest review period, in points",
        {"measure": str, "since": str, "before": float, "after": float, "change": float, "low": float, "high": float,
         "changed": bool},
        _changes,
    ),
}  # fmt: skip


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _index(index: Index) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if index.value is None else (index.value, index.low, index.high)


def _rate(rate: Rate) -> tuple[float, int, float | None, float | None]:
    return (rate.met, rate.called_for, *((rate.low, rate.high) if rate.called_for else (None, None)))


def _share(rate: Rate) -> tuple[float | None, float | None, float | None, int]:
    return (rate.share, *_rate(rate)[2:], rate.called_for)
