"""Care against service: a dot a chat, and where they centre, drawn and in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coach.conversation import Index, Scorecard
from coach.report.drawing import (
    ACCENT,
    INK,
    LINE,
    PAGE,
    QUIET,
    SMALL,
    TEXT,
    Chart,
    canvas,
    inline,
    legend,
    legend_height,
    panel,
    printable,
    short,
)
from coach.report.figures import index

if TYPE_CHECKING:
    from matplotlib.axes import Axes

USUAL_SHAPES = {"chat": "o", "email": "s", "phone": "^", "social": "D"}
SHAPES = ("v", "P", "X", "h")
OTHER = "other channels"
CROWD = 60
QUARTERS = (0, 25, 50, 75, 100)
DIAGONAL: dict[str, Any] = {"linestyle": (0, (4, 3)), "color": QUIET, "linewidth": 1}
CENTRE: dict[str, Any] = {"marker": "o", "color": PAGE, "markersize": 8, "markeredgecolor": INK, "markeredgewidth": 2.2}


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
    labels = [f"{short(channel)} ({counted[channel]:,})" for channel in shapes]
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
