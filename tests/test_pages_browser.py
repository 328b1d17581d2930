"""Pages in a browser: they load nothing, run only what is theirs, and can be read and used by everybody."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from handmade import (
    COLD,
    HURT,
    KIND,
    MONDAY,
    RUBRIC,
    agent,
    asked,
    bot,
    customer,
    customer_type,
    felt,
    reviewed,
    system,
    talk,
    wished,
)
from pack_items import ITEMS

from coach.conversation import TAGS, Clue, Outcome, Reviewed
from coach.packs import page as pack_page
from coach.report import write_reports
from coach.report.render import anchor, environment
from coach.store import Store

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on the path: apt-get install chromium")

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
METRICS = {
    "conversations": 321,
    "skills": {name: {"precision": 0.91, "recall": 0.84} for name in ("empathy", "listening", "instruction")},
    "tags": {tag: {"precision": 0.91, "recall": 0.84} for tag in TAGS},
}
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsbescheinigung"
HOSTILE = (
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>\"><svg onload=window.hacked=1>"
    "</details></main><a href='javascript:window.hacked=1'>win</a> \u202eabc\u2066 zero\u200b\u200dwidth\ufeff "
    f"{LONG_WORD} https://x.example/{'y' * 90}"
)
SHOWN = "<script>window.hacked = 1</script>"


# --- pages, as a folder of reports and a page with everything page.js does ---


def ordinary() -> Iterator[Reviewed]:
    """Chats of two agents on several channels over some weeks, with outcomes and customer types."""
    for name, count in (("Ana Ruiz", 16), ("Zoë Łęcka", 5)):
        for number in range(count):
            kind = customer_type(("feeler", "thinker", None)[number % 3], clues=[Clue(0, 0, 6, "speaks of feelings")])
            fields: dict[str, Any] = {
                "agent": name,
                "channel": ("chat", "email", "phone")[number % 3],
                "customer": f"[NAME_{number}]",
                "started": MONDAY + timedelta(days=5 * number),
                "outcome": Outcome(csat=1 + number % 5, nps=number % 11, resolved="yes" if number % 2 else None),
                "found": kind,
            }
            answer = {} if number % 4 else {"answer": COLD, "met": False}
            yield (felt, asked, wished)[number % 3](f"{name[:2]}-{number}", **answer, **fields)


def bare() -> Iterator[Reviewed]:
    """Chats without times, channels or outcomes; one of them never left the bot."""
    yield felt("only")
    yield reviewed(
        talk(bot("Hello, I am a robot."), customer("Hm"), system("The chat was closed."), id="bot", agent=None)
    )


def hostile() -> Iterator[Reviewed]:
    for number in range(6):
        words = f"{HURT}! {HOSTILE}"
        one = felt(
            f"{HOSTILE} {number}", f"{KIND} {HOSTILE}", words=words, agent=HOSTILE, channel=HOSTILE, customer=HOSTILE
        )
        talked = replace(
            one.conversation, turns=(*one.conversation.turns, system(HOSTILE), bot(HOSTILE), agent(HOSTILE))
        )
        yield reviewed(
            talked,
            tags={1: ["acknowledge"]},
            feelings={0: "anger"},
            found=customer_type("feeler", clues=[Clue(0, 0, len(words), "says so")]),
        )


EVERYTHING = """{% extends "base.html.j2" %}
{% import "macros.html.j2" as show with context %}
{% block title %}Everything{% endblock %}
{% block page %}
<h1>Everything</h1>
<h2 id="all">Every conversation</h2>
{{ show.filters("chats", "Which conversations", [("channel", "Channel", ["live chat", "email"]), ("type", "Customer type", ["feeler", ("none", "can't tell")])]) }}
{{ show.legend() }}{{ show.needs_script() }}
<div id="chats">
<details class="chat" id="one" data-channel="{{ "live chat"|key }}" data-type="feeler"><summary>One</summary>
<p>So <mark class="empathy" data-tag="acknowledge apologise" data-sure="93 41" data-ref="K7QD-2MXW AB2C-DEFG" title="acknowledge 93 %">sorry<small> acknowledge, apologise?</small></mark>,
<mark class="clue" data-why="speaks of feelings">I hate this</mark>, <mark>plain</mark></p></details>
{% for chat in chats %}<details class="chat" id="{{ chat.conversation.id|anchor }}" data-channel="email" data-type="{{ "none" if loop.first else "feeler none" }}" data-packed="p1" data-part="{{ loop.index0 }}"><summary>{{ chat.conversation.id }}</summary></details>
{% endfor %}{{ packed(parts, "p1") }}
</div>
<p style="height: 120vh"><a href="#{{ chats[1].conversation.id|anchor }}-t2">to a turn</a></p>
{% call show.scroll("A wide table") %}<table><tr>{% for n in range(30) %}<td>{{ n }}00000</td>{% endfor %}</tr></table>{% endcall %}
{{ glossary(metrics) }}
{% endblock %}"""


def everything() -> str:
    chats = [felt("second"), felt("third", words=f"{HURT} {HOSTILE}")]
    show = environment().get_template("macros.html.j2").make_module()
    parts = [show.transcript(chat, anchor(chat.conversation.id)) for chat in chats]
    return environment().from_string(EVERYTHING).render(chats=chats, parts=parts, metrics=METRICS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pages")
    for name, chats in {"ordinary": ordinary(), "bare": bare(), "hostile": hostile(), "empty": ()}.items():
        with Store(out / f"{name}.db") as store:
            for chat in chats:
                store.save(chat, content="read", analysis="judged")
            write_reports(store, out / name, RUBRIC, METRICS)
    (out / "everything.html").write_text(everything(), "utf-8")
    pack_page.write(ITEMS, "Pack", out / "pack.html")
    return out


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


# --- the browser: one for all, a fresh page for each ---


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        yield opened
        opened.close()


class Watched:
    """A page that remembers what went wrong and what was asked of the network."""

    def __init__(self, browser: Any, width: int) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.page.on(
            "console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def show(self, path: Path, place: str = "") -> Any:
        self.errors.clear()
        self.asked.clear()
        self.page.goto(path.as_uri() + place)
        return self.page


@pytest.fixture
def watched(browser: Any) -> Iterator[Any]:
    opened: list[Watched] = []

    def watch(width: int = 1280) -> Watched:
        opened.append(Watched(browser, width))
        return opened[-1]

    yield watch
    for one in opened:
        one.context.close()


@pytest.fixture
def shown(watched: Any, folder: Path) -> Any:
    """The page with everything page.js does."""
    return watched().show(folder / "everything.html")


OPEN_ALL = """async () => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  while (document.querySelector("details[data-packed]")) await new Promise((done) => setTimeout(done, 5));
  await new Promise((done) => setTimeout(done, 20));
}"""
OPEN_ONE = "() => { const one = document.querySelector('details'); if (one) one.open = true; }"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Visit:
    """What was seen of a page with everything in it opened: `wider` is by how much it is wider than the window."""

    errors: list[str]
    asked: list[str]
    wider: dict[int, int]
    hacked: bool
    elements: dict[str, int]
    text: str


@pytest.fixture(scope="module")
def visits(browser: Any, folder: Path) -> dict[Path, Visit]:
    one = Watched(browser, 1280)
    found = {path: _visit(one, path) for path in pages(folder)}
    one.context.close()
    return found


def _visit(one: Watched, path: Path) -> Visit:
    page = one.show(path)
    page.evaluate(OPEN_ALL)
    wider = {}
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        wider[width] = page.evaluate(WIDER)
    unwanted = ("img", "main a[href^=javascript]", "main script:not([type])", "main svg:not([role=img])", "iframe")
    return Visit(
        errors=list(one.errors),
        asked=list(one.asked),
        wider=wider,
        hacked=page.evaluate("window.hacked") is not None,
        elements={name: page.locator(name).count() for name in (*unwanted, "main", "footer", "h1")},
        text=page.inner_text("main"),
    )


def test_pages_load_without_an_error_and_ask_nothing_of_any_network(visits: dict[Path, Visit]) -> None:
    assert len(visits) >= 11
    for path, visit in visits.items():
        assert visit.errors == [], path
        assert visit.asked == [path.as_uri()], path


def test_hostile_text_is_shown_and_does_nothing(visits: dict[Path, Visit]) -> None:
    shows = [path for path, visit in visits.items() if SHOWN in visit.text]
    assert {path.parent.name for path in shows} >= {"hostile", "agents"}
    for path, visit in visits.items():
        assert not visit.hacked, path
        assert {name: n for name, n in visit.elements.items() if n} == {"main": 1, "footer": 1, "h1": 1}, path


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_scrolls_sideways(visits: dict[Path, Visit], width: int) -> None:
    assert [path for path, visit in visits.items() if visit.wider[width] > 0] == []


def test_nothing_is_cut_off_on_paper_and_closed_chats_are_not_printed(watched: Any, folder: Path) -> None:
    one = watched(680)
    one.page.emulate_media(media="print")
    for path in pages(folder / "ordinary"):
        page = one.show(path)
        assert page.evaluate(WIDER) <= 0, path
        assert page.locator(".turn:visible, nav:visible, form:visible").count() == 0, path


NARROW = ["scrollable-region-focusable", "target-size", "link-in-text-block", "aria-hidden-focus"]


@pytest.mark.parametrize("name", ["ordinary/index", "ordinary/agents/ana-ruiz", "everything", "pack", "empty/index"])
def test_axe_finds_nothing_serious_in_the_light_the_dark_and_a_narrow_window(
    watched: Any, folder: Path, name: str
) -> None:
    page = watched().show(folder / f"{name}.html")
    page.evaluate(OPEN_ONE)
    assert _serious(page) == []
    page.emulate_media(color_scheme="dark")
    assert _serious(page, ["color-contrast"]) == []
    page.set_viewport_size({"width": 390, "height": 900})
    assert _serious(page, NARROW) == []


def _serious(page: Any, rules: list[str] | None = None) -> list[tuple[str, list[str]]]:
    """What axe finds of serious or critical impact: the rule, and the first elements that break it."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = axe.Axe().run(page, options=options).response["violations"]
    return [
        (one["id"], [node["html"][:200] for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


# --- by keyboard ---


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.outerHTML"))


def test_the_first_stop_of_the_keyboard_skips_to_the_report(shown: Any) -> None:
    shown.keyboard.press("Tab")
    assert shown.locator(".skip").evaluate("one => one.getBoundingClientRect().top") >= 0
    shown.keyboard.press("Enter")
    assert shown.evaluate("document.activeElement.id") == "main"


def test_words_are_opened_and_a_mark_is_explained_by_keyboard(shown: Any) -> None:
    shown.focus("#one summary")
    shown.keyboard.press("Enter")
    shown.keyboard.press("Tab")
    tip = shown.locator("#explanation")
    assert tip.is_visible()
    assert shown.evaluate("document.activeElement.getAttribute('aria-describedby')") == "explanation"
    said = tip.inner_text()
    for words in (
        "acknowledge (empathy)",
        "93 % sure",
        "about 91 are right",
        "coach dispute K7QD-2MXW",
        "Only a guess: 41 %",
    ):
        assert words in said
    shown.keyboard.press("Escape")
    assert not tip.is_visible()
    shown.keyboard.press("Tab")
    assert tip.inner_text() == "speaks of feelings"
    shown.keyboard.press("Tab")
    assert "<mark" not in focused(shown)
    assert not tip.is_visible()


def test_a_mark_in_an_agents_page_is_explained_by_keyboard(watched: Any, folder: Path) -> None:
    page = watched().show(folder / "ordinary" / "agents" / "ana-ruiz.html")
    summary = page.locator("details", has=page.locator("mark.empathy")).last.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        if "<mark" in focused(page) and "acknowledge" in focused(page):
            break
    said = page.locator("#explanation").inner_text()
    assert "The model is 90 % sure." in said
    assert re.search(r"coach dispute [A-Z2-7]{4}-[A-Z2-7]{4} ", said)


def test_a_mark_is_explained_on_hover_inside_of_a_narrow_window(watched: Any, folder: Path) -> None:
    page = watched(390).show(folder / "everything.html")
    page.click("#one summary")
    page.hover("#one mark.empathy")
    tip = page.locator("#explanation")
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    tip.hover()
    assert tip.is_visible()
    page.hover("h1")
    tip.wait_for(state="hidden")


def test_filters_are_worked_by_keyboard_and_say_how_many_are_left(shown: Any) -> None:
    status = shown.locator(".filters [role=status]")
    assert status.inner_text() == "3 of 3 shown."
    shown.focus("select[name=channel]")
    shown.keyboard.press("ArrowDown")
    assert status.inner_text() == "1 of 3 shown."
    assert shown.locator("#chats > details:visible").count() == 1
    assert shown.evaluate("location.hash") == "#chats.channel=live%20chat"
    shown.keyboard.press("Tab")
    shown.keyboard.press("ArrowDown")
    shown.keyboard.press("ArrowDown")
    assert status.inner_text() == "0 of 3 shown. Nothing is all of this at once: choose less."
    shown.focus("button[type=reset]")
    shown.keyboard.press("Enter")
    playwright.expect(status).to_have_text("3 of 3 shown.")


@pytest.mark.parametrize(
    ("place", "left"), [("#chats.type=none", 2), ("#chats.type=feeler&chats.channel=email", 1), ("#chats.type=x", 3)]
)
def test_a_link_remembers_the_filters(watched: Any, folder: Path, place: str, left: int) -> None:
    page = watched().show(folder / "everything.html", place)
    assert page.locator("#chats > details:visible").count() == left


def test_a_packed_transcript_is_unpacked_when_it_is_opened(shown: Any) -> None:
    shown.focus("#chats > details:nth-of-type(2) summary")
    shown.keyboard.press("Enter")
    shown.locator("#chats > details:nth-of-type(2) .turn.customer").wait_for()
    assert HURT in shown.locator("#chats > details:nth-of-type(2)").inner_text()
    shown.keyboard.press("Tab")
    assert shown.locator("#explanation").is_visible()


def test_a_link_to_a_turn_opens_its_chat(shown: Any) -> None:
    shown.select_option("select[name=type]", "none")
    shown.focus("main p a")
    shown.keyboard.press("Enter")
    turn = shown.locator(f"#{anchor('third')}-t2")
    turn.wait_for()
    assert KIND in turn.inner_text()
    shown.wait_for_function(
        f"() => document.getElementById('{anchor('third')}-t2').getBoundingClientRect().top < innerHeight"
    )


def test_without_scripts_everything_is_there_that_is_not_packed(browser: Any, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "everything.html").as_uri())
    assert page.locator("#chats > details:visible").count() == 3
    assert page.locator("form:visible").count() == 0
    assert "packed to keep this page small" in page.inner_text("noscript")
    context.close()
