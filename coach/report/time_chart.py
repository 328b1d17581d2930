"""Care and service over time, drawn and in words; no line is drawn through what may be chance."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from coach.report.drawing import (
    CARE,
    INK,
    LETTER,
    LINE,
    PAGE,
    QUIET,
    SERVICE,
    SMALL,
    TEXT,
    Chart,
    canvas,
    inline,
    legend,
    legend_height,
    panel,
    printable,
)
from coach.report.figures import index
from coach.report.trends import Period, Trend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW: dict[str, Any] = {"marker": "x", "color": QUIET, "markersize": 5}


def over_time(trend: Trend, *, name: str = "over-time") -> Chart:
    """Care and service in each period as points with their intervals; no line is drawn between them.

    Periods under the minimum count have a small mark at the foot in place of a point.
    """
    periods, kinds = trend.periods, {"care": (CARE, "o"), "service": (SERVICE, "s")}
    enough = {kind: [one for one in periods if getattr(one, kind).count >= trend.minimum_count] for kind in kinds}
    looks: dict[str, dict[str, Any]] = {
        f"{kind} index, with 95 % interval": {"marker": shape, "color": colour, "markersize": 7}
        for kind, (colour, shape) in kinds.items()
    }
    if any(len(found) < len(periods) for found in enough.values()):
        looks["too few to say"] = FEW
    labels = list(looks)
    with canvas(360 + legend_height(labels)) as figure:
        for place, (kind, (colour, shape)) in enumerate(kinds.items()):
            axes = panel(figure, 34, 30 + 156 * place, 318, 118)
            _timeline(axes, periods, labelled=place == 1)
            axes.set_title(f"{kind.capitalize()} index", size=TEXT, color=INK, loc="left", pad=11, x=-0.1)
            _points(axes, periods, enough[kind], kind, {"marker": shape, "color": colour})
        legend(figure, 360, list(looks.values()), labels)
        words = printable(_over_time(trend, enough))
        return Chart(inline(figure, name=name, title="Care and service over time", words=words), words)


def _timeline(axes: "Axes", periods: Sequence[Period], *, labelled: bool) -> None:
    axes.set(ylim=(0, 100), yticks=(0, 50, 100), xticks=[])
    axes.grid(color=LINE, linewidth=0.8, axis="y")
    axes.set_axisbelow(True)
    if not periods:
        return
    first, last = (periods[end].start.toordinal() for end in (0, -1))
    room = max(1.0, (last - first) * max(0.06, 0.5 / len(periods)))
    axes.set_xlim(first - room, last + room)
    if labelled:
        shown = _spaced(periods, 318 / (last - first + 2 * room))
        axes.set_xticks([one.start.toordinal() for one in shown], _labels(shown))


def _labels(shown: Sequence[Period]) -> list[str]:
    """Name, year where it is another than before, and count, below each other."""
    found: list[str] = []
    year = ""
    for one in shown:
        day, _, this = one.name.rpartition(" ")
        found.append(f"{day}\n{_chats(one.conversations)}" + (f"\n{this}" if this != year else ""))
        year = this
    return found


def _chats(count: int) -> str:
    return "1 chat" if count == 1 else f"{count:,} chats"


def _spaced(periods: Sequence[Period], scale: float) -> list[Period]:
    """The periods whose labels fit next to each other; `scale` is units a day."""
    found: list[Period] = []
    for one in periods:
        widest = SMALL * LETTER * max(len(one.name) - 5, len(_chats(one.conversations))) + 8
        if not found or scale * (one.start - found[-1].start).days >= widest:
            found.append(one)
    return found


def _points(
    axes: "Axes", periods: Sequence[Period], enough: Sequence[Period], kind: str, look: Mapping[str, Any]
) -> None:
    width = min(2.2, max(0.9, 90 / max(1, len(periods))))
    days, indices = [one.start.toordinal() for one in enough], [getattr(one, kind) for one in enough]
    lows, highs = [found.low for found in indices], [found.high for found in indices]
    axes.vlines(days, lows, highs, color=look["color"], linewidth=width, alpha=0.65, clip_on=False)
    size = min(8.0, max(4.5, 120 / max(1, len(periods))))
    axes.plot(
        days, [found.value for found in indices], linestyle="none", markersize=size, markeredgecolor=PAGE,
        markeredgewidth=0.8, clip_on=False, **look,
    )  # fmt: skip
    few = [one.start.toordinal() for one in periods if one not in enough]
    axes.plot(few, [4] * len(few), linestyle="none", **{**FEW, "markersize": min(5.0, size)})


def _over_time(trend: Trend, enough: Mapping[str, Sequence[Period]]) -> str:
    if not trend.periods:
        return "None of these conversations has a time."
    count = len(trend.periods)
    said = [f"{count} {trend.unit}{'s' if count > 1 else ''} with chats."]
    when = "in the week of" if trend.unit == "week" else "in"
    for kind, found in enough.items():
        ends = list(dict.fromkeys([found[0], found[-1]])) if found else []
        told = " and ".join(f"{index(getattr(one, kind))} {when} {one.name}" for one in ends)
        few = f", with too few to say in {count - len(found)}" if found and len(found) < count else ""
        said.append(f"{kind.capitalize()}: {told or 'too few to say'}{few}.")
    return " ".join(said)
