"""Single turns labelled by people, from other fields than ours: does the model rank them as people do?

A row is `id, set, context, text, gold`; `gold` answers some of our tags, `restate_or_check`, `instruct_or_explain`,
the skill `empathy`, or `feeling`. Definitions differ a little from ours, so ranks are compared, by the area under
the ROC curve. A turn's score is the highest of its sentences'; of several tags, their highest.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from coach.conversation import FEELINGS, SKILLS, TAGS, Conversation, Judgements, Role, Turn
from coach.errors import InputError
from coach.evaluation.measures import SEED
from coach.judging import Judge
from coach.labels import parsed
from coach.model_folder import FEELING_LABELS

DRAWS = 200  # an area takes long to compute
GROUPS = {tag: (tag,) for tag in TAGS} | {
    "empathy": SKILLS["empathy"],
    "restate_or_check": ("restate", "check"),
    "instruct_or_explain": ("instruct", "explain"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A turn that people labelled: what came before it, and their answers by label.

    Turns whose ids are equal up to the first full stop come from one conversation.
    """

    id: str
    set: str
    context: str
    text: str
    gold: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Area under the ROC curve (0.5 = chance) of one label in one set, with its 95 % interval."""

    set: str
    label: str
    auc: float
    low: float
    high: float
    positives: int
    turns: int


def is_transfer_file(path: Path) -> bool:
    """Whether the first line has `gold` instead of turns."""
    try:
        with path.open(encoding="utf-8") as lines:
            first = json.loads(lines.readline() or "null")
    except (OSError, ValueError):
        return False
    return isinstance(first, dict) and "gold" in first and "turns" not in first


def read_rows(path: Path) -> Iterator[Row]:
    """Every row. Raises InputError with the line."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield parsed(
                    line,
                    partial(_row, number=number),
                    what="a turn labelled by people",
                    fix="give each line set, context, text and gold",
                    path=str(path),
                    number=number,
                )
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", fix="name a UTF-8 JSON Lines file", path=str(path)) from error


def _row(row: dict[str, Any], number: int) -> Row:
    gold, context = dict(row["gold"]), row.get("context") or ""
    if not isinstance(row["text"], str) or not isinstance(context, str):
        raise ValueError("text and context must be texts")
    if (unknown := set(gold) - {*GROUPS, "feeling"}) or ("feeling" in gold and len(gold) > 1):
        raise ValueError(f"cannot judge together or at all: {', '.join(sorted(unknown or gold))}")
    if gold.get("feeling", "none") not in FEELING_LABELS:
        raise ValueError(f"no such feeling: {gold['feeling']}")
    return Row(str(row.get("id", number)), str(row["set"]), context, row["text"], gold)


def rankings(rows: Sequence[Row], judge: Judge) -> Iterator[Ranking]:
    """One ranking for each set and label that has both answers, in order of first appearance."""
    scored: dict[tuple[str, str], list[tuple[bool, float, str]]] = defaultdict(list)
    judged = (judgements for _, judgements in judge.judge(_conversations(rows)))
    for row, judgements in zip(rows, judged, strict=True):
        talk = row.id.partition(".")[0]
        for label, truth in row.gold.items():
            if label == "feeling":
                chances = _feeling(judgements)
                scored[row.set, "any feeling"].append((truth in FEELINGS, 1 - chances["none"], talk))
                for name in FEELINGS:
                    scored[row.set, name].append((truth == name, chances[name], talk))
            else:
                scored[row.set, label].append((bool(truth), _highest(judgements, GROUPS[label]), talk))
    for (name, label), pairs in scored.items():
        truth = np.array([pair[0] for pair in pairs])
        if truth.any() and not truth.all():
            chance = np.array([pair[1] for pair in pairs])
            auc = float(roc_auc_score(truth, chance))
            interval = _interval(truth, chance, [pair[2] for pair in pairs])
            yield Ranking(name, label, auc, *interval, int(truth.sum()), len(pairs))


def _conversations(rows: Sequence[Row]) -> Iterator[Conversation]:
    for number, row in enumerate(rows):
        roles: tuple[Role, Role] = ("agent", "customer") if "feeling" in row.gold else ("customer", "agent")
        before = (Turn(roles[0], row.context),) if row.context.strip() else ()
        yield Conversation(str(number), (*before, Turn(roles[1], row.text)))


def _highest(judgements: Judgements, tags: Sequence[str]) -> float:
    return max((s.probabilities[tag] for s in judgements.sentences[-1] for tag in tags), default=0.0)


def _feeling(judgements: Judgements) -> dict[str, float]:
    feeling = judgements.feelings[-1]
    assert feeling is not None
    return dict(feeling.probabilities)


def _interval(truth: NDArray[np.bool_], chance: NDArray[np.float64], talks: Sequence[str]) -> tuple[float, float]:
    """Percentile bootstrap over conversations."""
    _, group = np.unique(talks, return_inverse=True)
    rows = [np.flatnonzero(group == number) for number in range(group.max() + 1)]
    random = np.random.default_rng(SEED)
    areas = []
    for _ in range(DRAWS):
        drawn = np.concatenate([rows[number] for number in random.integers(0, len(rows), len(rows))])
        if truth[drawn].any() and not truth[drawn].all():
            areas.append(roc_auc_score(truth[drawn], chance[drawn]))
    low, high = np.quantile(areas, [0.025, 0.975])
    return float(low), float(high)
