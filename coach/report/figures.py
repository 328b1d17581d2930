"""Figures as text, the same on every page: days, counts, shares, indices and their intervals."""

from collections.abc import Mapping
from datetime import date
from math import exp

from coach.conversation import Index, Rate


def day(moment: date | None) -> str:
    """ "7 September 2026"; "" for None."""
    return f"{moment.day} {moment:%B %Y}" if moment else ""


def number(value: float, *, places: int = 1) -> str:
    """With a true minus sign, and none before a zero."""
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def signed(value: float, *, places: int = 1) -> str:
    """ "+0.4" or "−0.4"."""
    return f"{value:+.{places}f}".replace("-", "−")


def between(low: float, high: float, *, places: int = 0) -> str:
    """ "7–45"; "−84 to 13" where an end is below zero, as a dash beside a minus is misread."""
    ends = [number(end, places=places) for end in (low, high)]
    return (" to " if any(end.startswith("−") for end in ends) else "–").join(ends)


def counts(rate: Rate) -> str:
    """ "3 of 15"."""
    return f"{rate.met:g} of {rate.called_for}"


def percent(rate: Rate) -> str:
    """ "7–45 %": the interval, which says more than the share alone."""
    return f"{between(100 * rate.low, 100 * rate.high)} %"


def index(found: Index) -> str:
    """ "72 (58–83)", or that nothing called for it."""
    return "not called for" if found.value is None else f"{found.value:.0f} ({between(found.low, found.high)})"


def score(found: Index, minimum: int) -> str:
    """The index, or in words why there is no number."""
    return f"too few to say ({found.count})" if found.value is not None and found.count < minimum else index(found)


def scale(value: float, margin: float) -> str:
    """ "3.5 (2.3–4.7)" on a scale from 1 to 5."""
    return f"{number(value)} ({between(max(1.0, value - margin), min(5.0, value + margin), places=1)})"


def words_a_turn(manner: Mapping[str, float]) -> float:
    return exp(-manner["brevity"])


def duration(seconds: float) -> str:
    """ "45 s", "2 min", "3 h 10 min" or "4 days 2 h": the two largest units, rounded."""
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return _two(minutes // 60, "h", minutes % 60, "min")
    hours = round(seconds / 3600)
    return _two(hours // 24, "days", hours % 24, "h")


def _two(more: int, unit: str, less: int, smaller: str) -> str:
    return f"{more} {unit} {less} {smaller}" if less else f"{more} {unit}"


def listed(names: list[str]) -> str:
    """ "care, service and empathy"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
