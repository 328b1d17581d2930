"""Charts: inert, the same every time, in the page's colours, readable, and told in words."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import etree

import coach
from coach.conversation import Index, Scorecard
from coach.report.balance_chart import OTHER, SHAPES, Dot, care_and_service
from coach.report.drawing import Chart
from coach.report.ratings_chart import distribution
from coach.report.time_chart import over_time
from coach.report.trends import Period, Trend
from coach.scoring import NOTHING

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '\u202e\u0000a$x$ <script>alert(1)</script> & "b"'
NAMES = {"ink", "quiet", "line", "page", "care", "service", "accent"}


def index(value: float, reach: float = 10, count: int = 12) -> Index:
    return Index(value, value - reach, value + reach, count, 1.0)


def centre(care: float = 60, service: float = 70, reach: float = 10) -> Scorecard:
    return Scorecard(index(care, reach), index(service, reach), {})


NOWHERE = Scorecard(NOTHING, NOTHING, {})


def dots(count: int, *channels: str) -> list[Dot]:
    names = channels or ("chat", "email")
    return [Dot(i * 37 % 101, i * 59 % 101, names[i % len(names)]) for i in range(count)]


def trend(*counts: int, unit: str = "week") -> Trend:
    starts = [date(2025, 12, 1) + timedelta(days=7 * i) for i in range(len(counts))]
    periods = [
        Period(f"{start.day} {start:%b %Y}", start, n, index(60 + i % 7, count=n), index(50 + i % 9, count=n))
        for i, (start, n) in enumerate(zip(starts, counts, strict=True))
    ]
    return Trend(unit, tuple(periods), None, 0, 0, (), 0, 5)


def ratings(groups: dict[str, dict[int, int]], title: str = "Satisfaction by channel") -> Chart:
    return distribution(groups, values=range(1, 6), title=title, minimum_count=5, name="csat")


CHARTS: dict[str, Callable[[], Chart]] = {
    "care and service": lambda: care_and_service(dots(30), centre()),
    "one chat": lambda: care_and_service(dots(1), NOWHERE),
    "no chat": lambda: care_and_service([], NOWHERE),
    "many channels": lambda: care_and_service(dots(40, *(f"channel {i}" for i in range(9))), centre()),
    "hostile channels": lambda: care_and_service(dots(3, HOSTILE, "客服聊天客服聊天客服聊天", "😀"), centre()),
    "weeks": lambda: over_time(trend(6, 9, 2, 7)),
    "one week": lambda: over_time(trend(6)),
    "two years": lambda: over_time(trend(*range(1, 105))),
    "no time": lambda: over_time(trend()),
    "ratings": lambda: ratings({"chat": {1: 2, 5: 6}, "email": {3: 2}, HOSTILE: {2: 9}}),
    "no rating": lambda: ratings({}),
}


@pytest.fixture(params=CHARTS, scope="module")
def chart(request: pytest.FixtureRequest) -> Chart:
    return CHARTS[request.param]()


def root(chart: Chart) -> etree._Element:
    return etree.fromstring(chart.svg)


def texts(chart: Chart) -> list[str]:
    return ["".join(text.itertext()) for text in root(chart).iter(f"{SVG}text")]


def shapes(chart: Chart) -> int:
    """How many marks stand on the plane, those of the legend too."""
    return len(list(root(chart).iter(f"{SVG}use")))


def test_a_chart_is_read_aloud(chart: Chart) -> None:
    svg = root(chart)
    title, words = svg[0], svg[1]
    assert (svg.get("role"), title.tag, words.tag) == ("img", f"{SVG}title", f"{SVG}desc")
    assert svg.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert title.text
    assert words.text == chart.words


def test_a_chart_is_as_wide_as_its_place(chart: Chart) -> None:
    svg = root(chart)
    assert svg.get("viewBox").startswith("0 0 360 ")
    assert svg.get("width") is svg.get("height") is None


def test_a_chart_has_no_colour_and_font_of_its_own(chart: Chart) -> None:
    assert not re.findall(r"#[0-9a-f]{6}|rgb|DejaVu", chart.svg)
    assert set(re.findall(r"var\(--(\w+)\)", chart.svg)) <= NAMES
    assert not list(root(chart).iter(f"{SVG}style", f"{SVG}metadata", f"{SVG}script"))


def test_a_chart_fetches_nothing_and_names_its_own_parts_only(chart: Chart) -> None:
    addresses = set(re.findall(r'https?://[^"\s<]+', chart.svg))
    assert addresses == {"http://www.w3.org/2000/svg"}
    ids = Counter(element.get("id") for element in root(chart).iter() if element.get("id"))
    assert set(ids.values()) <= {1}
    referred = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', chart.svg)
    assert {one or other for one, other in referred} <= set(ids)


def test_no_text_is_too_small(chart: Chart) -> None:
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", chart.svg)]
    assert min(sizes, default=11) >= 11


@pytest.mark.parametrize("kind", ["care and service", "two years", "ratings"])
def test_the_same_figures_give_the_same_bytes(kind: str) -> None:
    assert CHARTS[kind]() == CHARTS[kind]()


def test_a_style_that_somebody_set_changes_nothing() -> None:
    import matplotlib

    plain = CHARTS["weeks"]()
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.grid": True, "svg.fonttype": "path"}):
        assert CHARTS["weeks"]() == plain
        assert matplotlib.rcParams["font.size"] == 30


def test_names_in_a_chart_begin_with_its_own() -> None:
    names = [element.get("id") for element in root(care_and_service(dots(5), centre(), name="ana")).iter()]
    assert all(name.startswith("ana-") for name in names if name)


def test_channels_stay_text() -> None:
    found = CHARTS["hostile channels"]()
    assert any(text.startswith("a$x$ <script>") for text in texts(found))
    assert "<script" not in found.svg


# care and service


@pytest.mark.parametrize("count", [1, 2, 60, 2000])
def test_every_chat_is_a_dot(count: int) -> None:
    channels = min(2, count)
    assert shapes(care_and_service(dots(count), NOWHERE)) == count + channels
    assert shapes(care_and_service(dots(count), centre())) == count + channels + 2


def test_two_thousand_chats_stay_small() -> None:
    assert len(care_and_service(dots(2000), centre()).svg.encode()) < 150_000


def test_more_channels_than_shapes_share_the_last() -> None:
    found = texts(CHARTS["many channels"]())
    assert sum(text.startswith("channel ") for text in found) == len(SHAPES) - 1
    assert any(text.startswith(f"{OTHER} (") for text in found)


@pytest.mark.parametrize("channel", ["客服聊天", "😀", "دردشة", "\ud800"])
def test_channels_of_any_script_are_shown(channel: str) -> None:
    assert any(text.endswith("(3)") for text in texts(care_and_service(dots(3, channel), NOWHERE)))


def test_a_long_channel_is_cut_in_the_legend_only() -> None:
    name = "Kundenbetreuungsnachrichtendienstkanal"
    found = care_and_service(dots(3, name), centre())
    assert name in found.words
    assert any(text.startswith("Kundenbetreuung") and "…" in text for text in texts(found))


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (
            centre(60, 70),
            "The centre is at care 60 (50–70) and service 70 (60–80): no difference between the two",
        ),
        (centre(30, 70), "more service than care."),
        (centre(80, 30), "more care than service."),
        (NOWHERE, "service between 0 and 59."),
    ],
)
def test_care_and_service_in_words(card: Scorecard, words: str) -> None:
    found = care_and_service(dots(2), card).words
    assert found.startswith("Conversations: 1 chat, 1 email. Care lies between 0 and 37, service between 0 and 59.")
    assert words in found


def test_one_and_no_chat_in_words() -> None:
    assert care_and_service(dots(1), NOWHERE).words == "Conversations: 1 chat. Care lies at 0, service at 0."
    assert care_and_service([], NOWHERE).words == "No chat has both a care and a service index yet."


# over time


def test_no_line_is_drawn_between_periods() -> None:
    """Every line stands upright on its period, or is a level of the grid."""
    for path in re.findall(r'<path d="M ([\d.]+) ([\d.]+) L ([\d.]+) ([\d.]+)"', CHARTS["weeks"]().svg):
        left, top, right, bottom = map(float, path)
        assert left == right or top == bottom


def test_periods_with_too_few_have_a_mark_in_place_of_a_point() -> None:
    some, all_of_them = over_time(trend(6, 9, 2, 7)), over_time(trend(6, 9, 8, 7))
    assert "too few to say" in texts(some)
    assert "too few to say" not in texts(all_of_them)
    assert shapes(some) == 2 * (3 + 1) + 3
    assert shapes(all_of_them) == 2 * 4 + 2


def test_labels_of_periods_do_not_run_into_each_other() -> None:
    assert sum(text.endswith(" chats") for text in texts(CHARTS["two years"]())) <= 6
    assert [text for text in texts(CHARTS["two years"]()) if text in ("2025", "2026", "2027")] == [
        "2025",
        "2026",
        "2027",
    ]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (trend(), "None of these conversations has a time."),
        (
            trend(6),
            "1 week with chats. Care: 60 (50–70) in the week of 1 Dec 2025. "
            "Service: 50 (40–60) in the week of 1 Dec 2025.",
        ),
        (trend(2, 3), "2 weeks with chats. Care: too few to say. Service: too few to say."),
        (
            trend(6, 2, 8, unit="month"),
            "3 months with chats. Care: 60 (50–70) in 1 Dec 2025 and 62 (52–72) in 15 Dec 2025, with too few to "
            "say in 1. Service: 50 (40–60) in 1 Dec 2025 and 52 (42–62) in 15 Dec 2025, with too few to say in 1.",
        ),
    ],
)
def test_time_in_words(found: Trend, words: str) -> None:
    assert over_time(found).words == words


# ratings


def test_ratings_are_counted_above_their_bars() -> None:
    found = texts(ratings({"chat": {1: 2, 5: 16}}))
    assert found[0] == "1"
    assert {"2", "16", "chat (18)"} <= set(found)


def test_few_ratings_have_no_bars() -> None:
    found = ratings({"email": {3: 2}})
    assert texts(found) == ["email (2): too few to say"]
    assert found.words == "Satisfaction by channel. email: too few to say (2)."


def test_ratings_in_words() -> None:
    assert ratings({"chat": {1: 1, 2: 2, 3: 0, 5: 6}}).words == (
        "Satisfaction by channel. chat: 1 was given once, 2 was given twice, 5 was given 6 times."
    )


def test_matplotlib_is_loaded_only_to_draw() -> None:
    folder = str(Path(coach.__file__).parent.parent)
    program = (
        f"import sys; sys.path.insert(0, {folder!r}); import coach.report.render; print('matplotlib' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )
