"""How well whole conversations are judged: type, scales, ending, indices, openings; each figure with its interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from coach.calls import stretches
from coach.conversation import SKILLS, TYPES, Conversation, Judgements
from coach.errors import InputError
from coach.intervals import Estimate
from coach.labels import Heeded, Labelled, Whole
from coach.rubric import Rubric
from coach.scoring import credits_of, scorecard

SEED, DRAWS = 20261121, 500
EARLY_TURNS = 3
SHARES = tuple(tenth / 10 for tenth in range(1, 11))


def estimate(statistic: Callable[..., float], *columns: Sequence[object]) -> Estimate:
    """The statistic of columns of one length with its 95 % bootstrap interval, by row; all 0 without rows."""
    arrays = [np.array(column) for column in columns]
    count = len(arrays[0])
    if not count:
        return Estimate(0.0, 0.0, 0.0, 0)
    chosen = np.random.default_rng(SEED).integers(0, count, (DRAWS, count))
    drawn = [statistic(*(array[rows] for array in arrays)) for rows in chosen]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(statistic(*arrays)), float(low), float(high), count)


def share(hits: NDArray[np.bool_]) -> float:
    return float(hits.mean())


def rank(truth: NDArray[np.float64], answer: NDArray[np.float64]) -> float:
    """Spearman's rank correlation; 0 when one side never changes."""
    if len(set(truth)) < 2 or len(set(answer)) < 2:
        return 0.0
    return float(np.corrcoef(rankdata(truth), rankdata(answer))[0, 1])


@dataclass(frozen=True, slots=True)
class Wholes:
    """Figures of whole conversations, against their labels.

    `type_*` are shares right, five ways with "can't tell": of all, of the surer half, of those named; `selective` has
    the share right of the surest tenth, two tenths … of all. `early` is how often the type named after three of the
    customer's turns is that of the whole. `covered` are the shares of labels inside the scales' intervals. The scales
    and indices are rank correlations (Spearman).
    """

    type_accuracy: Estimate
    type_macro_f1: Estimate
    type_surer_half: Estimate
    type_named: Estimate
    selective: Mapping[str, Estimate]
    early: Estimate
    assertiveness: Estimate
    responsiveness: Estimate
    covered: Mapping[str, Estimate]
    resolved: Estimate
    care: Estimate
    service: Estimate


def measure_wholes(
    labelled: Sequence[Labelled], wholes: Sequence[Whole], judged: Sequence[Judgements], rubric: Rubric
) -> Wholes:
    """The figures; the three sequences are of one length."""
    found = [judgements.customer_type for judgements in judged]
    truth, answer = [one.type for one in wholes], [one.label or "unclear" for one in found]
    sureness = np.array([max(*one.probabilities.values(), 1 - sum(one.probabilities.values())) for one in found])
    hits = [a == b for a, b in zip(truth, answer, strict=True)]
    right = [hits[place] for place in np.argsort(-sureness, kind="stable")]
    early = [
        (guess, one.label)
        for labels, one in zip(labelled, found, strict=True)
        if (guess := after_turns(labels.conversation, one.path, EARLY_TURNS))
    ]
    scales = {
        name: [(getattr(whole, name), getattr(one, name)) for whole, one in zip(wholes, found, strict=True)]
        for name in ("assertiveness", "responsiveness")
    }
    cards = [
        scorecard(credits_of(labels.conversation, one, rubric), rubric)
        for labels, one in zip(labelled, judged, strict=True)
    ]
    indices = {
        name: [
            (getattr(whole, name), value)
            for whole, card in zip(wholes, cards, strict=True)
            if (value := getattr(card, name).value) is not None
        ]
        for name in ("care", "service")
    }
    return Wholes(
        type_accuracy=estimate(share, right),
        type_macro_f1=estimate(_macro_f1, truth, answer),
        type_surer_half=estimate(share, right[: max(1, len(right) // 2)]),
        type_named=estimate(share, [hit for hit, label in zip(hits, answer, strict=True) if label != "unclear"]),
        selective={f"{part:.1f}": estimate(share, right[: max(1, round(part * len(right)))]) for part in SHARES},
        early=estimate(share, [guess == label for guess, label in early]),
        assertiveness=_ranks(scales["assertiveness"]),
        responsiveness=_ranks(scales["responsiveness"]),
        covered={
            name: estimate(
                share,
                [
                    abs(label - value) <= one.margins[place]
                    for (label, value), one in zip(scales[name], found, strict=True)
                ],
            )
            for place, name in enumerate(scales)
        },
        resolved=estimate(
            share, [whole.resolved == one.resolution.label for whole, one in zip(wholes, judged, strict=True)]
        ),
        care=_ranks(indices["care"]),
        service=_ranks(indices["service"]),
    )


def _ranks(pairs: Sequence[tuple[float, float]]) -> Estimate:
    return estimate(rank, *(zip(*pairs, strict=True) if pairs else ((), ())))


def _macro_f1(truth: NDArray[np.str_], answer: NDArray[np.str_]) -> float:
    found = [(truth == label, answer == label) for label in (*TYPES, "unclear")]
    return float(np.mean([2 * (true & named).sum() / max(1, true.sum() + named.sum()) for true, named in found]))


def after_turns(conversation: Conversation, path: Sequence[tuple[int, str | None]], turns: int) -> str | None:
    """The guess after so many of the customer's turns, of those who say more; None for "can't tell"."""
    spoken = [number for number, turn in enumerate(conversation.turns) if turn.role == "customer"]
    if len(spoken) <= turns:
        return None
    return next((label for number, label in reversed(path) if number <= spoken[turns - 1]), None)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa with openings judged by reading.

    `called`: whether a stretch calls for a skill. `status`: not called for, met, or not met in time. `met`: met or
    not, where both say it was called for. `repeats`: recall and precision of "the customer had to say it again".
    `apart` has the disagreements: conversation, stretch, skill, what was judged, what the tool says.
    """

    conversations: int
    called: Estimate
    status: Estimate
    met: Estimate
    by_skill: Mapping[str, Estimate]
    repeats_found: Estimate
    repeats_right: Estimate
    apart: tuple[tuple[str, int, str, str, str], ...]


def agreement(
    labelled: Sequence[Labelled], judged: Sequence[Judgements], openings: Mapping[str, Sequence[Heeded]]
) -> Agreement:
    """The tool's openings against judged ones, of the conversations that have them.

    Raises InputError when a conversation has not as many stretches of the customer's words as were judged.
    """
    rows: list[tuple[str, int, str, str, str]] = []
    again: list[tuple[bool, bool]] = []
    read = 0
    for one, judgements in zip(labelled, judged, strict=True):
        if one.conversation.id not in openings:
            continue
        read += 1
        spoken = [stretch for stretch in stretches(one.conversation) if stretch.role == "customer"]
        judged_ones = openings[one.conversation.id]
        if len(spoken) != len(judged_ones):
            raise InputError(
                f"conversation {one.conversation.id} has {len(spoken)} stretches of the customer's words,"
                f" but openings of {len(judged_ones)}",
                fix="judge every stretch, messages in a row as one, in order",
            )
        for place, (stretch, heeded) in enumerate(zip(spoken, judged_ones, strict=True), 1):
            found = {o.skill: o.status for o in judgements.openings if o.turn in stretch.turns}
            for skill in SKILLS:
                statuses = heeded.statuses.get(skill, "-"), found.get(skill, "-")
                rows.append((one.conversation.id, place, skill, *statuses))
            again.append((heeded.repeats, any(turn in judgements.repeats for turn in stretch.turns)))
    truth, answer = [row[3] for row in rows], [row[4] for row in rows]
    both = [(a, b) for a, b in zip(truth, answer, strict=True) if "-" not in (a, b)]
    return Agreement(
        conversations=read,
        called=_kappa([a != "-" for a in truth], [b != "-" for b in answer]),
        status=_kappa(_short(truth), _short(answer)),
        met=_kappa([a == "met" for a, _ in both], [b == "met" for _, b in both]),
        by_skill={
            skill: _kappa(
                _short([row[3] for row in rows if row[2] == skill]), _short([row[4] for row in rows if row[2] == skill])
            )
            for skill in SKILLS
        },
        repeats_found=estimate(share, [said for real, said in again if real]),
        repeats_right=estimate(share, [real for real, said in again if said]),
        apart=tuple(row for row in rows if _short([row[3]]) != _short([row[4]])),
    )


def _short(statuses: Sequence[str]) -> list[str]:
    return [status if status in ("-", "met") else "not in time" for status in statuses]


def _kappa(truth: Sequence[object], answer: Sequence[object]) -> Estimate:
    return estimate(kappa, truth, answer)


def kappa(truth: NDArray[Any], answer: NDArray[Any]) -> float:
    """Cohen's kappa; 1 when both say one and the same of everything."""
    answers = np.unique(np.concatenate([truth, answer]))
    chance = sum((truth == one).mean() * (answer == one).mean() for one in answers)
    return float(((truth == answer).mean() - chance) / (1 - chance)) if len(answers) > 1 else 1.0
