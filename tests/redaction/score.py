"""Scores what a redaction replaced in conversations.jsonl: how much of the personal data, and what else.

masked[i][n] are the (start, end) spans of the original text that were replaced in turn n of conversation i; replaced()
recovers them from a redacted text.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

Span = tuple[int, int]
CONVERSATIONS = Path(__file__).with_name("conversations.jsonl")
NEEDED = {"address": 0.7}  # the share of a piece's letters and digits by which it counts as found; 0.9 for the others
PLACEHOLDER = re.compile(r"\[([A-Z]+(?:_[A-Z]+)*)(?:_\d+)?\]")
TITLE = re.compile(
    r"(?:(?:mr|mrs|ms|miss|mister|dr|doctor|prof|professor|sir|madam|herr|frau|se[nñ]ora?)\b\.?\s*)+", re.I
)


@dataclass(frozen=True)
class Score:
    """Counts by kind and by look-alike, and the texts behind them."""

    pieces: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    spans: int = 0
    right: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    false_alarms: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def recall(self) -> dict[str, float]:
        """The share of the pieces found, by kind and in all."""
        by_kind = {kind: self.found[kind] / count for kind, count in sorted(self.pieces.items())}
        return by_kind | {"all": self.found.total() / max(self.pieces.total(), 1)}

    @property
    def precision(self) -> float:
        """The share of the replaced spans that are personal data by half or more."""
        return self.right / self.spans if self.spans else 1.0

    def __str__(self) -> str:
        lines = [
            f"{kind:12}{share:7.1%} of {self.pieces[kind] or self.pieces.total()}"
            for kind, share in self.recall.items()
        ]
        lines.append(f"{'precision':12}{self.precision:7.1%} of {self.spans}")
        for what, texts in sorted(self.false_alarms.items(), key=lambda item: -len(item[1])):
            of = f" of {self.kept[what]}" if what in self.kept else ""
            lines.append(f"  {what}: {len(texts)}{of}, such as {', '.join(map(repr, dict.fromkeys(texts[:40])))[:80]}")
        return "\n".join(lines)


def load(path: Path = CONVERSATIONS) -> list[dict[str, Any]]:
    """The conversations of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def covered(text: str, span: Span, by: Iterable[Span]) -> float:
    """The share of the span's letters and digits that lie in other spans."""
    signs = {i for i in range(*span) if text[i].isalnum()} or set(range(*span))
    return len(signs & {i for start, end in by for i in range(start, end)}) / len(signs)


def score(conversations: Sequence[Mapping[str, Any]], masked: Sequence[Sequence[Sequence[Span]]]) -> Score:
    """How much of the personal data lies in the replaced spans, and which of those spans hold something else."""
    pieces, found, kept = Counter[str](), Counter[str](), Counter[str]()
    missed, false_alarms = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    right = 0
    for conversation, turns in zip(conversations, masked, strict=True):
        for n, (turn, spans) in enumerate(zip(conversation["turns"], turns, strict=True)):
            text = turn["text"]
            personal = [(p["kind"], (p["start"], p["end"])) for p in conversation["personal"] if p["turn"] == n]
            alike = [(k["what"], (k["start"], k["end"])) for k in conversation["kept"] if k["turn"] == n]
            for kind, span in personal:
                pieces[kind] += 1
                if covered(text, span, spans) >= NEEDED.get(kind, 0.9):
                    found[kind] += 1
                else:
                    missed[kind].append(text[slice(*span)])
            for what, span in alike:
                kept[what] += 1
                if covered(text, span, spans) >= 0.5:
                    false_alarms[what].append(text[slice(*span)])
            for start, end in spans:
                title = TITLE.match(text, start, end)
                name = (title.end(), end) if title and title.end() < end else (start, end)
                if covered(text, name, [span for _, span in personal]) >= 0.5:
                    right += 1
                elif not any(covered(text, span, [(start, end)]) >= 0.5 for _, span in alike):
                    false_alarms["not labelled"].append(text[start:end])
    return Score(
        pieces, found, missed, sum(len(spans) for turns in masked for spans in turns), right, kept, false_alarms
    )


def replaced(original: str, redacted: str, ignore: Sequence[str] = ()) -> list[Span]:
    """The spans of the original that stand as placeholders in the redacted text, but for the placeholders to ignore.

    >>> replaced("Hi Ana, it is 07700 900123.", "Hi [NAME_1], it is [PHONE_1].")
    [(3, 6), (14, 26)]
    >>> replaced("Tom here, call Ana Ruiz or Ana", "[AGENT_1] here, call [CUSTOMER] or [NAME_1]", ignore=["AGENT"])
    [(15, 23), (27, 30)]
    >>> replaced("I am [NAME] from Leeds", "I am [NAME] from Leeds")
    []
    >>> replaced("a@example.com 1234", "[EMAIL_1][NUMBER_1]")
    [(0, 18)]
    >>> replaced("Hi  Ana Ruiz,\\nthanks", "Hi [NAME_1], thanks")
    [(4, 12)]
    """
    labels = [match[1] for match in PLACEHOLDER.finditer(redacted)]
    literals = PLACEHOLDER.sub("\0", redacted).split("\0")
    spans = between(original, literals) or aligned(original, redacted)
    wanted = [span for span, label in zip(spans, labels, strict=True) if label not in ignore]
    return [span for span in dict.fromkeys(wanted) if original[slice(*span)] and not is_placeholder(original, span)]


def is_placeholder(text: str, span: Span) -> bool:
    """Whether the span held a placeholder already."""
    return PLACEHOLDER.fullmatch(text, *span) is not None


def between(original: str, literals: Sequence[str]) -> list[Span] | None:
    """What stands between the literal parts, each taken where it comes first; None where they are not all there.

    Placeholders with nothing between them have one span together.
    """
    if len(literals) == 1:
        return [] if original == literals[0] else None
    first, *middle, last = literals
    if not (original.startswith(first) and original.endswith(last)):
        return None
    spans, start, end = [], len(first), len(original) - len(last)
    together = 1  # placeholders with nothing between them
    for literal in middle:
        if not literal:
            together += 1
            continue
        at = original.find(literal, start + 1, end)
        if at < 0:
            return None
        spans += [(start, at)] * together
        start, together = at + len(literal), 1
    return spans + [(start, end)] * together if start < end else None


def aligned(original: str, redacted: str) -> list[Span]:
    """What placeholders stand for, word by word, where the redacted text differs in more than placeholders."""
    words = [match.span() for match in re.finditer(r"\w+|[^\w\s]", original)]
    signs = re.findall(r"\0|\w+|[^\w\s]", PLACEHOLDER.sub("\0", redacted))
    matcher = SequenceMatcher(None, [original[start:end] for start, end in words], signs, autojunk=False)
    spans = []
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        there = signs[j1:j2].count("\0")
        spans += [(words[i1][0], words[i2 - 1][1]) if i1 < i2 else (0, 0)] * there
    return spans
