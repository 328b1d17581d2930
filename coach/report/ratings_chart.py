"""How often each rating was given, drawn and in words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from coach.report.drawing import ACCENT, INK, QUIET, SMALL, TEXT, WIDTH, Chart, canvas, inline, panel, printable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
            axes.set_title(f"{short(group)} ({totals[group]:,}){few}", size=TEXT, color=INK, loc="left", pad=3)
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
