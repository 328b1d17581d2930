"""What transcripts of contact centres share: times counted from the start, and whose a conversation is."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from coach.conversation import Turn
from coach.readers.fields import Place, shown

LONGEST = 1e8
"""Seconds, three years: no talk is longer, and times stay within what datetime can hold."""


def number(value: object, name: str, place: Place) -> float | None:
    """A figure that is 0 or more, also one written as text; None when missing."""
    if value is None:
        return None
    try:
        figure = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        figure = math.nan
    if not 0 <= figure < math.inf:
        raise place.error(f"{name} is {shown(value)}", fix="give a number that is 0 or more, or leave it out")
    return figure


def after(start: datetime | None, seconds: float | None, name: str, place: Place) -> datetime | None:
    """The time so many seconds after the start; None where either is not known."""
    if start is None or seconds is None:
        return None
    if seconds > LONGEST:
        raise place.error(f"{name} is {seconds:.0f} seconds after the start", fix="mend it, or leave it out")
    return start + timedelta(seconds=seconds)


def agent_of(turns: Sequence[Turn]) -> str | None:
    """The first agent that spoke; None where some agent's turn has no name, as it would be credited to that one."""
    names = [turn.speaker for turn in turns if turn.role == "agent"]
    return names[0] if all(names) and names else None
