"""The pages' charts, each as a drawing and in words. A colour is never the only sign of anything."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from coach.conversation import Index, Scorecard
from coach.report.drawing import (
    ACCENT,
    CARE,
    INK,
    LETTER,
    LINE,
    PAGE,
    QUIET,
    SERVICE,
    SMALL,
    TEXT,
    WIDTH,
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

USUAL_SHAPES = {"chat": "o", "email": "s", "phone": "^", "social": "D"}
SHAPES = ("v", "P", "X", "h")
OTHER = "other channels"
LONGEST = 26
CROWD = 60
QUARTERS = (0, 25, 50, 75, 100)
FEW: dict[str, Any] = {"marker": "x", "color": QUIET, "markersize": 5}
DIAGONAL: dict[str, Any] = {"linestyle": (0, (4, 3)), "color": QUIET, "linewidth": 1}
CENTRE: dict[str, Any] = {"marker": "o", "color": PAGE, "markersize": 8, "markeredgecolor": INK, "markeredgewidth": 2.2}


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing to stand in a page, and what it shows in words."""

    svg: Markup
    words: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One chat's care and service, 0–100."""

    care: float
    service: float
    channel: str


def care_and_service(dots: Sequence[Dot], centre: Scorecard, *, name: str = "care-and-service") -> Chart:
    """One dot a chat, care across and service up, channels by shape, and the centre with its two intervals.

    `name` begins the ids in the drawing; each in a page needs one of its own.
    """
    shapes = _shapes(dots)
    counted = Counter(dot.channel if dot.channel in shapes else OTHER for dot in dots)
    size, alpha = _dot(len(dots))
    look: dict[str, Any] = {"color": ACCENT, "markersize": 7, "markeredgecolor": PAGE, "markeredgewidth": 0.6}
    signs = [{"marker": shape, **look} for shape in shapes.values()]
    labels = [f"{_short(channel)} ({counted[channel]:,})" for channel in shapes]
    if centre.balance is not None:
        signs.append(CENTRE)
        labels.append("centre, with 95 % intervals")
    signs.append(DIAGONAL)
    labels.append("care and service alike")
    with canvas(382 + legend_height(labels)) as figure:
        axes = panel(figure, 40, 24, 306, 306)
        _plane(axes)
        for channel, shape in shapes.items():
            own = [dot for dot in dots if (dot.channel if dot.channel in shapes else OTHER) == channel]
            axes.plot(
                [dot.care for dot in own], [dot.service for dot in own], shape, color=ACCENT, alpha=alpha,
                markersize=size, markeredgecolor=PAGE, markeredgewidth=0.6 if size > 4 else 0, clip_on=False, zorder=3,
            )  # fmt: skip
        if centre.balance is not None:
            _cross(axes, centre.care, centre.service, edged=len(dots) > CROWD)
        legend(figure, 382, signs, labels)
        words = printable(_care_and_service(counted, dots, centre))
        return Chart(inline(figure, name=name, title="Care and service of each chat", words=words), words)


def _shapes(dots: Sequence[Dot]) -> Mapping[str, str]:
    """A shape for each channel, on every page the same for the usual ones; what is left shares the last."""
    counted = Counter(dot.channel for dot in dots)
    shapes = {channel: shape for channel, shape in USUAL_SHAPES.items() if channel in counted}
    others = sorted(set(counted) - set(shapes), key=lambda channel: (-counted[channel], channel))
    if len(others) > len(SHAPES):
        others = [*others[: len(SHAPES) - 1], OTHER]
    return shapes | dict(zip(others, SHAPES, strict=False))


def _dot(count: int) -> tuple[float, float]:
    """The size and opacity of a dot when there are so many."""
    size = min(8.0, max(3.2, 8.0 * (30 / max(count, 1)) ** 0.22))
    return size, 0.85 if count <= CROWD else max(0.28, 0.85 * (CROWD / count) ** 0.3)


def _plane(axes: "Axes") -> None:
    axes.set(xlim=(0, 100), ylim=(0, 100), xticks=QUARTERS, yticks=QUARTERS)
    axes.grid(color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.plot([0, 100], [0, 100], zorder=1.5, **DIAGONAL)
    axes.set_xlabel("Care →", size=TEXT, color=INK, labelpad=4, loc="left")
    axes.set_ylabel("Service →", size=TEXT, color=INK, labelpad=2, loc="bottom")
    hint: dict[str, Any] = {"size": SMALL, "color": QUIET, "transform": axes.transAxes}
    axes.text(0, 1.02, "↖ more service than care", ha="left", va="bottom", **hint)
    axes.text(1, -0.066, "more care than service ↘", ha="right", va="top", **hint)


def _cross(axes: "Axes", care: Index, service: Index, *, edged: bool) -> None:
    """The two intervals, among many dots edged in the page's colour, and where they meet."""
    assert care.value is not None
    assert service.value is not None
    lines = [([care.low, care.high], [service.value] * 2), ([care.value] * 2, [service.low, service.high])]
    for width, colour, order in ((4.4, PAGE, 4), (2.2, INK, 5))[not edged :]:
        for across, up in lines:
            axes.plot(across, up, color=colour, linewidth=width, zorder=order, solid_capstyle="round", clip_on=False)
    axes.plot([care.value], [service.value], zorder=6, clip_on=False, **CENTRE)


def _care_and_service(counted: Mapping[str, int], dots: Sequence[Dot], centre: Scorecard) -> str:
    if not dots:
        return "No chat has both a care and a service index yet."
    by_channel = ", ".join(f"{count:,} {channel}" for channel, count in sorted(counted.items()))
    care, service = ([getattr(dot, name) for dot in dots] for name in ("care", "service"))
    said = f"Conversations: {by_channel}. Care lies {_range(care)}, service {_range(service)}."
    if centre.care.value is None or centre.service.value is None:
        return said
    ends = f"care {index(centre.care)} and service {index(centre.service)}"
    return f"{said} The centre is at {ends}: {_balance(centre)}."


def _range(values: Sequence[float]) -> str:
    low, high = (f"{end:.0f}" for end in (min(values), max(values)))
    return f"at {low}" if low == high else f"between {low} and {high}"


def _balance(centre: Scorecard) -> str:
    if centre.care.low > centre.service.high:
        return "more care than service"
    if centre.service.low > centre.care.high:
        return "more service than care"
    return "no difference between the two can be told"


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


def distribution(
    groups: Mapping[str, Mapping[int, int]], *, values: Sequence[int], title: str, minimum_count: int, name: str
) -> Chart:
    """How many gave each value, a row of bars a group: heights are shares of the group, the counts stand above.

    `groups` holds, for each group's name, how often each of `values` was given.
    """
    totals = {group: sum(own.values()) for group, own in groups.items()}
    heights = [100 if total >= minimum_count else 30 for total in totals.values()]
    shares = (count / totals[group] for group, own in groups.items() for count in own.values() if count)
    most, top = max(shares, default=1.0), 0
    with canvas(sum(heights) + 4) as figure:
        for (group, own), height in zip(groups.items(), heights, strict=True):
            few = "" if totals[group] >= minimum_count else ": too few to say"
            axes = panel(figure, 8, top + 24, WIDTH - 16, height - 52 if not few else 1)
            axes.set(xlim=(-0.6, len(values) - 0.4), ylim=(0, 1.3 * most), xticks=[], yticks=[])
            axes.set_title(f"{_short(group)} ({totals[group]:,}){few}", size=TEXT, color=INK, loc="left", pad=3)
            top += height
            if not few:
                axes.axhline(0, color=QUIET, linewidth=0.8)
                axes.set_xticks(range(len(values)), [str(value) for value in values])
                _bars(axes, [own.get(value, 0) for value in values], totals[group])
        words = printable(_distribution(groups, title, minimum_count))
        return Chart(inline(figure, name=name, title=title, words=words), words)


def _bars(axes: "Axes", counts: Sequence[int], total: int) -> None:
    axes.bar(range(len(counts)), [count / total for count in counts], width=0.7, color=ACCENT)
    for place, count in enumerate(counts):
        if count:
            above: dict[str, Any] = {"textcoords": "offset points", "size": SMALL, "color": INK, "ha": "center"}
            axes.annotate(str(count), (place, count / total), (0, 2), **above)


def _distribution(groups: Mapping[str, Mapping[int, int]], title: str, minimum_count: int) -> str:
    said = []
    for group, own in groups.items():
        total = sum(own.values())
        counts = ", ".join(f"{value} was given {_times(count)}" for value, count in sorted(own.items()) if count)
        said.append(f"{group}: {counts}." if total >= minimum_count else f"{group}: too few to say ({total}).")
    return " ".join([f"{title}.", *said])


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _short(label: str) -> str:
    label = printable(label)
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
