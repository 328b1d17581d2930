"""Items of every kind for the tests of packs, by hand and wild, and how a reader sees the HTML of a pack."""

import re
from html.parser import HTMLParser

import hostile
from hypothesis import strategies as st

from coach.items import GAP, KINDS, RESPONSE_OF, Choice, Item, Said

CUSTOMER = Said("customer", "My parcel is late <again>.\n\nI need it by Friday & I worry.")
STEPS = ("Open {Settings}", "Choose Reset = all", "Wait: 2 minutes", "Try again -> it works")
BY_KIND = {
    "answer": {"checks": ("Did you name the worry?",), "model_answers": ("I see how that worries you.", "Sorry!")},
    "rewrite": {"checks": ("One step a line?",), "explanation": "The real answer told the rule only."},
    "clue": {
        "choices": (Choice("controller", True, "“by Friday”"), Choice("feeler", False), Choice("can't tell", False)),
        "explanation": "They name the date first.",
    },
    "move": {"choices": (Choice("restate", True), Choice("probe #1", False, "It asks nothing: ~")), "text": "So it is late."},
    "gap": {"text": f"I {GAP} how that feels.", "accepted": ("see * well", "understand"), "explanation": "It acknowledges."},
    "order": {"choices": tuple(Choice(step, True) for step in STEPS)},
    "four customers": {"model_answers": ("By Friday.",)},
    "better one": {"choices": (Choice("Okay.", False, "Nothing given back."), Choice("Okay, so it's late.", True))},
}  # fmt: skip
ITEMS = tuple(
    Item(
        f"a1b2c3d4e5f{i}", kind, "empathy", "thinker", "chat", 2, f"Item {i}", (CUSTOMER,), "What now?", **BY_KIND[kind]
    )
    for i, kind in enumerate(KINDS)
)
OF = {item.kind: item for item in ITEMS}
HARD = (
    *hostile.TEXTS,
    "::x:: {=a ~b#c####d}\n\n// no\n\\n \\\\ \\: &&058; %50%[html] $CATEGORY: x",
    "=1+1", "+x", "-x", "@x", "\t=x", "'=x", "''-", "＝x", ' "a","b";=x', "T", "TRUE", "a -> b", "***", "{1:SA:=x}",
    "שלום <b>עולם</b>", "\u202eevil\u202c", "zero\u200bwidth\u200d\ufeff", "👩‍👩‍👧 🏳️‍🌈 𝔘", "a\x00b\x07c\ud800\ufffe\u2028d\r\ne\x0bf\x85g",
    "]]> <!-- --> <?x?> &amp; &#x3c;", "x" * 20_000, "~=#{}:\\" * 3_000,
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=40), st.text("~=#{}:\\\n[]%*->&;<>\"' a0/", max_size=40), st.sampled_from(HARD))
FULL = TEXT.filter(lambda text: bool(seen(text)))


@st.composite
def wild_items(draw: st.DrawFn) -> Item:
    """An item of any kind with any text in every place."""
    kind = draw(st.sampled_from(KINDS))
    response = RESPONSE_OF[kind]
    texts = draw(st.lists(FULL, min_size=2, max_size=5))
    right = draw(st.integers(0, len(texts) - 1))
    choices = [Choice(text, response == "order" or i == right, draw(TEXT)) for i, text in enumerate(texts)]
    return Item(
        f"{draw(st.integers(0, 16**12 - 1)):012x}", kind, draw(st.sampled_from((None, "empathy"))), None, "chat", 1,
        draw(TEXT), (Said("customer", draw(FULL)), Said("bot", draw(TEXT))), draw(FULL),
        choices=tuple(choices) if response in ("choice", "order") else (),
        text=f"{draw(TEXT)}{GAP}{draw(TEXT)}" if response == "gap" else draw(TEXT),
        accepted=tuple(texts) if response == "gap" else (),
        checks=tuple(texts) if response == "open" else (),
        model_answers=(draw(FULL),) if response == "open" else (),
        explanation=draw(TEXT),
    )  # fmt: skip


UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def seen(text: str) -> str:
    """The text's words with one space between, and the sign for a character that no document may hold."""
    return " ".join(UNSHOWN.sub("\ufffd", text).split())


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags = "", set[tuple[str, tuple[str, ...]]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add((tag, tuple(name for name, _ in attrs)))
        self.text += "\n" * (tag in ("br", "p", "li"))

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN = {
    ("strong", ()),
    ("em", ()),
    ("br", ()),
    ("ul", ()),
    ("ol", ()),
    *((tag, ("dir",)) for tag in ("p", "li", "span")),
}


def shown(html: str) -> str:
    """What a reader sees of the HTML, as `seen` has it; no element but the plain ones is in it."""
    page = _Page()
    page.feed(html)
    page.close()
    assert page.tags <= PLAIN, page.tags
    return seen(page.text)


def said_before(item: Item) -> str:
    """All that stands before the answers."""
    who = {"customer": "Customer", "bot": "Bot", "agent": "Agent", "system": "System"}
    return seen("\n".join([*(f"{who[one.role]}: {one.text}" for one in item.situation), item.task, item.text]))


def said_after(item: Item) -> list[str]:
    """What must stand in the feedback, in order."""
    order = [choice.text for choice in item.choices] if item.response == "order" else []
    return [seen(text) for text in (item.explanation, *item.accepted, *order, *item.checks, *item.model_answers)]


def stands_in_order(texts: list[str], whole: str) -> bool:
    place = 0
    for text in texts:
        place = whole.find(text, place)
        if place < 0:
            return False
        place += len(text)
    return True
