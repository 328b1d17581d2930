"""The agent's figures in plain English, in the words that are said to the agent."""

from collections.abc import Mapping

from coach.conversation import Index, Moment
from coach.fit import Fit
from coach.intervals import Estimate
from coach.report.agent import AgentReport
from coach.report.figures import day, signed, upper_first
from coach.report.skill_row import SkillRow

HIGH = 60.0
"""An index from which on, with its whole interval, it is high."""
DOING = {
    "empathy": "answering feelings",
    "listening": "showing that you heard",
    "instruction": "clear guidance",
}
CALLED = {
    "empathy": "a customer showed a feeling or told of a hardship",
    "listening": "a customer told you a problem, a wish or what happened",
    "instruction": "a customer asked something, or needed something put right",
}
CALLS = {
    "empathy": "a hardship is told",
    "listening": "a problem or a wish is told",
    "instruction": "something is asked, or does not work,",
}
ABOVE = {
    "care": "the person was looked after more surely than the matter",
    "service": "the matter was looked after more surely than the person",
}
"""What it means when an index stands clearly above the other."""
PARTS: Mapping[str, tuple[str, str]] = {
    "warmth": ("care", "Care: something said for this customer (acknowledged, reassured or appreciated)"),
    "understanding": ("care", "Care: showed or checked what was understood"),
    "verification": ("service", "Service: asked whether it worked or was clear"),
    "expectation": ("service", "Service: told what happens next, where the matter stayed open"),
    "resolution": ("service", "Service: settled (partly counts half)"),
    "timeliness": ("service", "Service: first answer within the channel’s target"),
    "ending": ("both", "Both: the customer’s last words (no feeling left counts half, thanks the other half)"),
}
"""By part of the indices that is no opening: the index it counts for, and what it is."""
MISSING = {
    "empathy": "no sentence of the answer acknowledges, apologises, reassures or appreciates",
    "listening": "no sentence of the answer gives it back, checks it or asks into it",
    "instruction": "no sentence of the answer gives a step, a reason or a time, or checks that it worked",
}


def balance(report: AgentReport) -> str:
    """How care and service stand to each other, in a sentence."""
    care, service = report.card.care, report.card.service
    if report.card.balance is None or not report.in_short:
        return "How the two balance cannot be said yet."
    higher, lower = ("care", "service") if report.card.balance > 0 else ("service", "care")
    above, below = (care, service) if higher == "care" else (service, care)
    if above.low <= below.high:
        high = ", and both are high" if min(care.low, service.low) >= HIGH else ""
        return f"They are in balance, neither clearly above the other{high}."
    points = f"{abs(report.card.balance):.0f}"
    return f"{higher.capitalize()} stands clearly above {lower}, by about {points} points: {ABOVE[higher]}."


def in_short(report: AgentReport) -> str:
    """The page in a sentence or two: what clearly changed, or how care and service stand."""
    moved = [
        f"{one.name} {_moved(one.estimate)} from {one.before.value:.0f} to {one.after.value:.0f}"
        for one in report.trend.changes
        if one.has_changed and one.estimate and isinstance(one.before, Index) and isinstance(one.after, Index)
    ]
    if report.since and moved:
        return f"From {day(report.since)} on your conversations are clearly different: {' and '.join(moved)}, of 100."
    care, service = report.card.care, report.card.service
    return f"Care {care.value:.0f} and service {service.value:.0f}, of 100. {balance(report)}"


def _moved(change: Estimate) -> str:
    return "rose" if change.value > 0 else "fell"


def became(row: SkillRow) -> str:
    """ "you met 13 of these at once, 7 only later, and 2 went by": only what there is."""
    parts = [f"you met {row.met if row.met else 'none'} of these at once"]
    parts += [f"{row.recovered} only later"] if row.recovered else []
    parts += [f"{row.missed} went by"] if row.missed else []
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"


def missed(moment: Moment, later: int | None = None) -> str:
    """What was called for, how sure that is, and what the answer has not; `later` is the turn in which it came."""
    called = f"{moment.feeling} is shown" if moment.feeling and moment.skill == "empathy" else CALLS[moment.skill]
    came = "" if later is None else f"; that came in turn {later + 1}"
    return f"{upper_first(called)} here ({100 * moment.called:.0f} % sure), and {MISSING[moment.skill]}{came}."


def fit(one: Fit) -> str:
    """ "+0.41 (−0.12 to +0.94)"."""
    mean, low, high = (signed(value, places=2) for value in (one.mean, one.low, one.high))
    return f"{mean} ({low} to {high})"
