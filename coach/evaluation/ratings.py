"""Conversations that customers rated: do care, service and the ending follow what they said?"""

import json
import math
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from coach.conversation import ROLES, Conversation, Turn
from coach.errors import InputError
from coach.evaluation.wholes import estimate, rank
from coach.intervals import Estimate
from coach.judging import Judge
from coach.labels import lines_of, parsed
from coach.rubric import Rubric
from coach.scoring import credits_of, scorecard

UNREADABLE = (OSError, EOFError, zlib.error, UnicodeDecodeError)
Rated = tuple[Conversation, Mapping[str, float]]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers from 1."""
    return ((number, line) for number, line in enumerate(lines_of(path), 1) if line.strip())


def _ratings(row: Any) -> Mapping[str, float]:
    outcome = row.get("outcome") if isinstance(row, dict) else None
    return {
        name: float(value)
        for name, value in (outcome.items() if isinstance(outcome, dict) else ())
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def is_ratings_file(path: Path) -> bool:
    """Whether its conversations bear ratings and no labels, by the first hundred."""
    try:
        rows = [json.loads(line) for _, line in islice(_lines(path), 100)]
    except (*UNREADABLE, ValueError):
        return False
    return any(map(_ratings, rows)) and not any(isinstance(row, dict) and "type" in row for row in rows)


def _rated(path: Path) -> Iterator[Rated]:
    """The conversations that bear ratings. Raises InputError with the line."""
    fix = "give each line id, turns with role and text, and outcome with the customer's ratings"
    try:
        for number, line in _lines(path):
            one = parsed(line, _conversation, what="a rated conversation", fix=fix, path=str(path), number=number)
            if one[1]:
                yield one
    except UNREADABLE as error:
        raise InputError(f"cannot be read ({error})", fix="name a JSON Lines file", path=str(path)) from error


def _conversation(row: dict[str, Any]) -> Rated:
    turns = tuple(Turn(turn["role"], turn["text"].encode("utf-8", "replace").decode()) for turn in row["turns"])
    if unknown := {turn.role for turn in turns} - set(ROLES):
        raise ValueError(f"{unknown.pop()!r} is none of {', '.join(ROLES)}")
    return Conversation(str(row["id"]), turns), _ratings(row)


def correlations(path: Path, judge: Judge, rubric: Rubric) -> Mapping[str, Mapping[str, Estimate]]:
    """Rank correlation of every rating with care, service and how far the matter is settled (0 to 1).

    Raises InputError with the line that cannot be read.
    """
    rated = list(_rated(path))
    pairs: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for (_, ratings), (conversation, found) in zip(rated, judge.judge(talk for talk, _ in rated), strict=True):
        card = scorecard(credits_of(conversation, found, rubric), rubric)
        settled = found.resolution.probabilities
        said = {
            "care": card.care.value,
            "service": card.service.value,
            "resolved": settled["yes"] + settled["partly"] / 2,
        }
        for rating, value in ratings.items():
            for name, judged in said.items():
                if judged is not None:
                    pairs[rating][name].append((value, judged))
    return {
        rating: {name: estimate(rank, *zip(*found, strict=True)) for name, found in by_name.items()}
        for rating, by_name in pairs.items()
    }
