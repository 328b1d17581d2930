"""How right the model is: judgements held against labelled conversations, end to end.

The sentences are the pipeline's own; a labelled sentence takes the highest probability of those that overlap
it, and a tag when any of them has it. Intervals are 95 % percentile bootstraps over conversations.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, f1_score

from coach.conversation import FEELINGS, SKILLS, TAGS, TYPES, Conversation, Judgements, Sentence
from coach.labels import Labelled
from coach.rubric import Rubric
from coach.scoring import credits_of, scorecard

Judge = Callable[[Iterable[Conversation]], Iterable[tuple[Conversation, Judgements]]]
RESAMPLES = 1000
SEED = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """Detection of one thing: shares with the count of positives behind them; interval is F1's, in [0, 1]."""

    precision: float
    recall: float
    f1: float
    average_precision: float | None
    positives: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was measured. Calibration errors are expected calibration errors in ten equal bins."""

    conversations: int
    sentences: int
    tags: Mapping[str, Figure]
    skills: Mapping[str, Figure]
    sources: Mapping[str, Figure]
    macro_f1: float
    feeling_present: Figure
    feelings: Mapping[str, Figure]
    feelings_macro_f1: float
    type_accuracy: float
    type_macro_f1: float
    type_surer_half_accuracy: float
    type_answered: int
    type_answered_accuracy: float
    assertiveness_spearman: float
    responsiveness_spearman: float
    resolved_accuracy: float
    care_spearman: float
    care_count: int
    service_spearman: float
    service_count: int
    calibration_error: Mapping[str, float]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Answers:
    """Truth and answer of every judged thing, with the conversation it belongs to: arrays of one length."""

    group: NDArray[np.int64]
    truth: NDArray[np.bool_]
    answer: NDArray[np.bool_]
    chance: NDArray[np.float64] | None = None

    def figure(self) -> Figure:
        hits, extra, lost = self.truth & self.answer, self.answer & ~self.truth, self.truth & ~self.answer
        counts = np.stack([np.bincount(self.group, x, self.group.max() + 1) for x in (hits, extra, lost)], axis=1)
        chosen = np.random.default_rng(SEED).integers(0, len(counts), (RESAMPLES, len(counts)))
        low, high = np.quantile(_f1(counts[chosen].sum(axis=1)), [0.025, 0.975])
        tp, fp, fn = counts.sum(axis=0)
        known = self.chance is not None and self.truth.any()
        return Figure(
            precision=float(tp / max(1, tp + fp)),
            recall=float(tp / max(1, tp + fn)),
            f1=float(_f1(counts.sum(axis=0, keepdims=True))[0]),
            average_precision=float(average_precision_score(self.truth, self.chance)) if known else None,
            positives=int(self.truth.sum()),
            low=float(low),
            high=float(high),
        )

    def calibration_error(self) -> float:
        """Expected calibration error: mean gap of stated and true share over ten bins, weighted by size."""
        assert self.chance is not None
        bins = np.minimum((self.chance * 10).astype(int), 9)
        gaps = [
            abs(self.truth[bins == b].mean() - self.chance[bins == b].mean()) * (bins == b).sum() for b in set(bins)
        ]
        return float(sum(gaps) / len(bins))


def _f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    tp, fp, fn = counts.T
    result: NDArray[np.float64] = 2 * tp / np.maximum(1, 2 * tp + fp + fn)
    return result


def evaluate(labelled: Sequence[Labelled], judge: Judge, rubric: Rubric) -> Evaluation:
    """Judges the labelled conversations and measures the judgements."""
    judged = [judgements for _, judgements in judge(one.conversation for one in labelled)]
    group, sources, truth, chance, answer = _sentences(labelled, judged)

    def answers(columns: Sequence[int], rows: NDArray[np.bool_] | slice = slice(None)) -> Answers:
        return Answers(
            group[rows],
            truth[rows][:, columns].any(axis=1),
            answer[rows][:, columns].any(axis=1),
            chance[rows][:, columns].max(axis=1),
        )

    places = {skill: [TAGS.index(tag) for tag in tags] for skill, tags in SKILLS.items()}
    tags = {tag: answers([i]).figure() for i, tag in enumerate(TAGS)}
    micro = {
        source: Answers(
            np.repeat(group[sources == source], len(TAGS)),
            truth[sources == source].ravel(),
            answer[sources == source].ravel(),
        ).figure()
        for source in sorted(set(sources))
    }
    return Evaluation(
        conversations=len(labelled),
        sentences=len(truth),
        tags=tags,
        skills={skill: answers(columns).figure() for skill, columns in places.items()},
        sources=micro,
        macro_f1=float(np.mean([figure.f1 for figure in tags.values()])),
        calibration_error={skill: answers(columns).calibration_error() for skill, columns in places.items()},
        **_feelings(labelled, judged),
        **_types(labelled, judged),
        **_endings(labelled, judged, rubric),
    )


def _sentences(labelled: Sequence[Labelled], judged: Sequence[Judgements]) -> tuple[Any, ...]:
    group, sources, truth, chance, answer = [], [], [], [], []
    for number, (one, judgements) in enumerate(zip(labelled, judged, strict=True)):
        for gold, found in zip(one.sentences, judgements.sentences, strict=True):
            for start, end, tags in gold:
                over = _overlapping(found, start, end)
                group.append(number)
                sources.append(one.source)
                truth.append([tag in tags for tag in TAGS])
                chance.append([max((s.probabilities[tag] for s in over), default=0.0) for tag in TAGS])
                answer.append([any(tag in s.assigned for s in over) for tag in TAGS])
    return np.array(group), np.array(sources), np.array(truth), np.array(chance), np.array(answer)


def _overlapping(found: Sequence[Sentence], start: int, end: int) -> list[Sentence]:
    return [sentence for sentence in found if sentence.start < end and sentence.end > start]


def _feelings(labelled: Sequence[Labelled], judged: Sequence[Judgements]) -> dict[str, Any]:
    rows = [
        (number, truth or "none", feeling.label or "none", 1 - feeling.probabilities["none"])
        for number, (one, judgements) in enumerate(zip(labelled, judged, strict=True))
        for truth, feeling in zip(one.feelings, judgements.feelings, strict=True)
        if feeling is not None
    ]
    group = np.array([row[0] for row in rows])
    truth, answer = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    chance = np.array([row[3] for row in rows])
    each = {name: Answers(group, truth == name, answer == name).figure() for name in FEELINGS}
    return {
        "feeling_present": Answers(group, truth != "none", answer != "none", chance).figure(),
        "feelings": each,
        "feelings_macro_f1": float(np.mean([figure.f1 for figure in each.values()])),
    }


def _types(labelled: Sequence[Labelled], judged: Sequence[Judgements]) -> dict[str, Any]:
    found = [judgements.customer_type for judgements in judged]
    truth = np.array([one.type for one in labelled])
    answer = np.array([one.label or "unclear" for one in found])
    sureness = np.array([max(*one.probabilities.values(), 1 - sum(one.probabilities.values())) for one in found])
    surer = np.argsort(-sureness, kind="stable")[: max(1, len(found) // 2)]
    named = answer != "unclear"
    return {
        "type_accuracy": float((truth == answer).mean()),
        "type_macro_f1": float(f1_score(truth, answer, labels=[*TYPES, "unclear"], average="macro", zero_division=0)),
        "type_surer_half_accuracy": float((truth == answer)[surer].mean()),
        "type_answered": int(named.sum()),
        "type_answered_accuracy": float((truth == answer)[named].mean()) if named.any() else 0.0,
        "assertiveness_spearman": _rank([o.assertiveness for o in labelled], [o.assertiveness for o in found]),
        "responsiveness_spearman": _rank([o.responsiveness for o in labelled], [o.responsiveness for o in found]),
    }


def _endings(labelled: Sequence[Labelled], judged: Sequence[Judgements], rubric: Rubric) -> dict[str, Any]:
    resolved = [one.resolved == judgements.resolution.label for one, judgements in zip(labelled, judged, strict=True)]
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one, judgements in zip(labelled, judged, strict=True):
        card = scorecard(credits_of(one.conversation, judgements, rubric), rubric)
        for name, index, label in (("care", card.care, one.care), ("service", card.service, one.service)):
            if index.value is not None:
                pairs[name].append((label, index.value))
    result: dict[str, Any] = {"resolved_accuracy": float(np.mean(resolved))}
    for name in ("care", "service"):
        result[f"{name}_spearman"] = _rank(*zip(*pairs[name], strict=True)) if pairs[name] else 0.0
        result[f"{name}_count"] = len(pairs[name])
    return result


def _rank(truth: Sequence[float], answer: Sequence[float]) -> float:
    """Spearman's rank correlation; 0 when one side never changes."""
    if len(set(truth)) < 2 or len(set(answer)) < 2:
        return 0.0
    return float(spearmanr(truth, answer).statistic)
