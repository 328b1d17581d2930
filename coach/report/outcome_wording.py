"""Outcomes and trends in plain English: what the figures say, what they leave open, and never a cause."""

from datetime import date

from coach.conversation import Index, Rate
from coach.report.figures import between, counts, day, duration, listed, number, percent, upper_first
from coach.report.outcome_changes import OutcomeChange
from coach.report.outcomes import FEWEST_PAIRS, Lean, Rating, Repeat, Settled, Together, Wait
from coach.report.trends import Change, Trend
from coach.spread import Spread

RATINGS = {
    "csat": "Satisfaction (CSAT, 1 to 5)",
    "nps": "Net promoter score (NPS, −100 to 100)",
    "ces": "Effort (CES, 1 to 7; 7 is least)",
}
WAITS = {"first response": "Time to the first answer", "resolution": "Time until settled"}
HIGHER_AND_LOWER = {
    "csat": ("customers rated their satisfaction higher", "customers rated their satisfaction lower"),
    "nps": ("customers were more willing to recommend", "customers were less willing to recommend"),
    "ces": ("customers found it easier", "customers found it harder"),
    "resolved": ("more matters were reported as settled", "fewer matters were reported as settled"),
    "first response": ("the first answer took longer", "the first answer came sooner"),
    "resolution": ("it took longer until the matter was settled", "the matter was settled sooner"),
    "repeat": ("more customers came again within 30 days", "fewer customers came again within 30 days"),
}
OUTCOMES = {
    "csat": "satisfaction",
    "nps": "willingness to recommend",
    "ces": "effort",
    "resolved": "being settled",
    "first response": "the time to the first answer",
    "resolution": "the time until settled",
    "repeat": "coming again within 30 days",
}
TOGETHER_ONLY = "What goes together may have many causes: the matter itself, the channel, the customer's day."


def rating(one: Rating) -> str:
    """ "3.3 (2.8–3.9), from 29 ratings"."""
    count = one.estimate.count
    if not one.enough:
        return f"too few to say ({count})"
    mean, places = one.estimate, int(one.name != "nps")
    shown = f"{number(mean.value, places=places)} ({between(mean.low, mean.high, places=places)})"
    return f"{shown}, from {count} ratings"


def share(found: Rate, *, enough: bool) -> str:
    """ "3 of 15, 7–45 %"."""
    if not found.called_for:
        return "none to judge"
    return f"{counts(found)}, {percent(found)}" if enough else f"{counts(found)}: too few to say"


def settled(one: Settled) -> str:
    """ "reported as settled: 23 of 38, 45–74 %"."""
    how = "reported as settled" if one.reported else "judged as settled, where nothing was reported"
    return f"{how}: {settled_share(one)}"


def settled_share(one: Settled) -> str:
    """ "23 of 38, 45–74 %; 1 cannot be told"."""
    rest = one.endings.get("unknown", 0)
    untold = f"; {rest} cannot be told" if rest else ""
    return f"{share(one.rate, enough=one.enough)}{untold}"


def wait(one: Wait) -> str:
    """ "1 min (35 s to 8 min), from 34"."""
    if one.median is None:
        return f"too few to say ({one.count})"
    middle, low, high = (duration(v) for v in (one.median.value, one.median.low, one.median.high))
    return f"{middle} ({low} to {high}), the middle of {one.count}"


def repeat(one: Repeat) -> str:
    """ "came again within 7 days: 1 of 33, 1–15 %; 6 cannot be judged (6 too recent)"."""
    return f"came again within {one.days} days: {repeat_share(one)}"


def repeat_share(one: Repeat) -> str:
    """ "1 of 33, 1–15 %; 6 cannot be judged (6 too recent)"."""
    said = share(one.rate, enough=one.enough)
    reasons = {"too recent": one.too_recent, "customer not known": one.no_customer, "without a time": one.no_time}
    why = ", ".join(f"{count} {reason}" for reason, count in reasons.items() if count)
    return f"{said}; {one.unknown} cannot be judged ({why})" if why else said


def lean(one: Lean) -> str:
    """Repeat contacts after first conversations of one balance."""
    noun = "first conversation" if one.conversations == 1 else "first conversations"
    return f"{one.conversations} {one.name} {noun}; {'; '.join(map(repeat, one.repeats))}"


def together(one: Together) -> str:
    """One sentence on how an index and an outcome go together, without a cause."""
    outcome = OUTCOMES[one.outcome]
    if one.count < FEWEST_PAIRS:
        return f"{one.index.capitalize()} and {outcome}: too few to say ({one.count}; {FEWEST_PAIRS} are needed)."
    if one.rho is None:
        return f"{one.index.capitalize()} and {outcome}: nothing to compare, as one of them is always the same."
    figures = f"rank correlation {number(one.rho.value, places=2)}"
    figures += f" ({between(one.rho.low, one.rho.high, places=2)}), {one.count} conversations"
    if not one.rho.is_clear:
        return f"Whether {one.index} and {outcome} go together cannot be told yet: {figures}."
    went = HIGHER_AND_LOWER[one.outcome][one.rho.value < 0]
    return f"Where the {one.index} index was higher, {went}: {figures}. That may have many causes."


def trend(one: Trend, *, whose: str = "your") -> str:
    """What was compared, and whether anything surely changed; `whose` conversations they are ("your", "the team's")."""
    if one.since is None:
        if not one.periods:
            return "None of these conversations has a time, so nothing can be said about change."
        return "There is only one day to look at, so nothing can be said about change yet."
    compared = f"{whose} {one.before} conversations before {day(one.since)} and the {one.after} since then"
    changed = [change.name for change in one.changes if change.has_changed]
    if not changed:
        return f"Comparing {compared}: nothing can be said yet; every difference may be chance."
    return f"Comparing {compared}: {listed(changed)} changed by more than chance would do."


def change(one: Change, since: date, *, who: str = "you") -> str:
    """One sentence on what was before a day and has been since; `who` met it ("you", "the team")."""
    said = f"{one.name.capitalize()}: {_before_and_after(one, since, who)}."
    if one.estimate is None:
        return f"{said} Too few to say whether it changed."
    ends = " to ".join(number(end, places=0) for end in (one.estimate.low, one.estimate.high))
    unit = "percentage points" if isinstance(one.before, Rate) else "points"
    if not one.has_changed:
        return f"{said} Nothing can be said yet: the change may be anything from {ends} {unit}."
    way = "higher" if one.estimate.value > 0 else "lower"
    return f"{said} That is {way}, by more than chance would do: a change of {ends} {unit}."


def outcome_change(one: OutcomeChange, since: date) -> str:
    """One sentence on an outcome before a day and since."""
    first, last = (_outcome_mean(one.name, side) for side in (one.before, one.after))
    said = f"{upper_first(OUTCOMES[one.name])}: {first} before {day(since)}, {last} since."
    if one.estimate is None:
        return f"{said} Too few to say whether it changed."
    scale, places = (100, 0) if one.name in ("nps", "resolved") else (1, 1)
    ends = " to ".join(number(scale * end, places=places) for end in (one.estimate.low, one.estimate.high))
    if not one.has_changed:
        return f"{said} Nothing can be said yet: the change may be anything from {ends}."
    way = "higher" if one.estimate.value > 0 else "lower"
    return f"{said} That is {way}, by more than chance would do: a change of {ends}. It may have many causes."


def _outcome_mean(name: str, side: Spread) -> str:
    if name == "resolved":
        return f"{side.mean * side.count:.0f} of {side.count}"
    shown = number(100 * side.mean, places=0) if name == "nps" else number(side.mean)
    return f"{shown} from {side.count}"


def _before_and_after(one: Change, since: date, who: str) -> str:
    if isinstance(one.before, Rate) and isinstance(one.after, Rate):
        first, last = counts(one.before), counts(one.after)
        return f"{who} met {first} openings at first and {last} since {day(since)}"
    first, last = (_index(side) for side in (one.before, one.after))
    return f"{first} at first and {last} since {day(since)}"


def _index(side: Index | Rate) -> str:
    return "not called for" if not isinstance(side, Index) or side.value is None else f"{side.value:.0f}"
