"""The team's figures in plain English: what stands out, why to look, and never a verdict on a person."""

from coach.conversation import FEELINGS, Rate
from coach.report.figures import percent
from coach.report.patterns import Cell
from coach.report.standing import Apart

CALLED = {"empathy": "Feelings", "listening": "Problems and wishes", "instruction": "Questions and faults"}
DONE = {"empathy": "answered", "listening": "heard", "instruction": "guided"}
MOMENTS = {
    "a feeling": "Feelings",
    "a problem": "Problems",
    "a wish": "Wishes",
    "something told": "Other things customers told",
    "a question": "Questions",
    "a fault": "Faults",
    "a request": "Requests",
}
DIMENSIONS = {
    "skill": "Skill",
    "moment": "Kind of moment",
    "type": "Customer type in the conversation",
    "channel": "Channel",
    "hour": "Hour of the day",
}
OTHER_MOMENTS = {
    "empathy": "other feelings",
    "listening": "what else customers told",
    "instruction": "what else customers asked or reported",
}
ELSEWHERE = {
    "skill": "what called for the other skills",
    "type": "other conversations",
    "channel": "other channels",
    "hour": "other hours",
}
RATED = {
    "csat": "satisfaction (CSAT, 5 is best)",
    "nps": "willingness to recommend (NPS, 10 is best)",
    "ces": "effort (CES, 7 is least)",
}
KINDS = {
    "disputed": "Disputed",
    "unanswered": "A feeling not answered",
    "unresolved": "Unresolved",
    "rated low": "Rated low",
    "unsure": "Model unsure",
    "worth sharing": "Worth sharing",
    "random": "Random sample",
}


def level(cell: Cell) -> str:
    """What a pattern is about, as a sentence begins: "Feelings by phone" or "Worry"."""
    called = CALLED[cell.skill]
    if cell.dimension == "moment":
        return MOMENTS.get(cell.level, cell.level.capitalize())
    if cell.dimension == "type":
        whom = "whose type can't be told" if cell.level == "can't tell" else f"who sound like a {cell.level}"
        return f"{called} of customers {whom}"
    if cell.dimension == "channel":
        return f"{called} in the channel {cell.level}"
    if cell.dimension == "hour":
        return f"{called} between {cell.level.replace('–', ' and ')} o'clock"
    return called


def pattern(cell: Cell) -> str:
    """One sentence on a pattern that stands out, with both sides' counts."""
    here, rest = share(cell.row.rate), share(cell.rest)
    elsewhere = OTHER_MOMENTS[cell.skill] if cell.dimension == "moment" else ELSEWHERE[cell.dimension]
    was = "was" if cell.level in FEELINGS else "were"
    said = f"{level(cell)} {was} {DONE[cell.skill]} at once {here};"
    if cell.dimension == "skill":
        return f"{said} {elsewhere} was met at once {rest}."
    return f"{said} {'for' if cell.dimension == 'moment' else 'in'} {elsewhere} {rest}."


def weight(cell: Cell) -> str:
    """How much a pattern comes to, and how many agents it rests on."""
    agents = f"{cell.agents} agent{'s' if cell.agents != 1 else ''} took part"
    more = f"{abs(cell.lost):,.0f}"
    if cell.lost > 0:
        return f"At the rate of the rest, about {more} more would have been met. {agents}."
    return f"At the rate of the rest, about {more} fewer would have been met. {agents}."


def share(rate: Rate) -> str:
    """ "in 15 of 64 (15–35 %)"."""
    return f"in {rate.met:,.0f} of {rate.called_for:,} ({percent(rate)})"


def apart(one: Apart) -> str:
    """ "5 to 21 points below the others"."""
    near, far = sorted((abs(one.points.low), abs(one.points.high)))
    return f"{near:.0f} to {far:.0f} points {'above' if one.points.value > 0 else 'below'} the others"


def period(name: str) -> str:
    """ "September 2026" for "2026-09", and what is no month as it is."""
    months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
    year, dash, month = name.partition("-")
    return f"{(*months, 'November', 'December')[int(month) - 1]} {year}" if dash else name
