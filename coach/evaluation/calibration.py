"""Probabilities that mean what they say, and the thresholds from which a tag is assigned.

Each tag's logit is stretched and shifted (Platt, Probabilistic Outputs for Support Vector Machines, 1999), held
near to what the network said where examples are few. Feelings share one stretch and have a shift each. A threshold
is half the best F1 that the calibrated probabilities reach, which is where F1 is highest when they are right
(Lipton and others, Optimal Thresholding of Classifiers to Maximize F1 Measure, 2014): steadier with few examples
than the best point on a curve.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, logit, softmax

from coach.conversation import TAGS
from coach.evaluation.measures import Answers, f1_of
from coach.model_folder import FEELING_LABELS, Settings, read_settings, write_settings

FOLDS = 5
HOLD = 10.0  # weight of "leave it as it is", in examples
GRID = np.linspace(0.02, 0.98, 97)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """stretch, shift and threshold of each tag (11,); of feelings one stretch, shifts (5,) and the threshold."""

    stretch: Floats
    shift: Floats
    thresholds: Floats
    felt_stretch: float
    felt_shift: Floats
    felt_threshold: float

    def apply(self, answers: Answers) -> Answers:
        """The answers that the calibrated model would give."""
        chance = expit(_logits(answers.chance) * self.stretch + self.shift)
        felt = softmax(np.log(answers.felt_chance + 1e-9) * self.felt_stretch + self.felt_shift, axis=1)
        shown = np.where(1 - felt[:, 0] >= self.felt_threshold, felt[:, 1:].argmax(axis=1) + 1, 0)
        return replace(answers, chance=chance, answer=chance >= self.thresholds, felt_chance=felt, felt_answer=shown)


def fit_calibration(answers: Answers) -> Calibration:
    """The calibration that suits these answers best."""
    logits = _logits(answers.chance)
    pairs = np.array([_platt(logits[:, place], answers.truth[:, place]) for place in range(len(TAGS))])
    chance = expit(logits * pairs[:, 0] + pairs[:, 1])
    stretch, *shift = _feelings(np.log(answers.felt_chance + 1e-9), answers.felt_truth)
    felt = softmax(np.log(answers.felt_chance + 1e-9) * stretch + np.array(shift), axis=1)
    return Calibration(
        stretch=pairs[:, 0],
        shift=pairs[:, 1],
        thresholds=np.array([_threshold(chance[:, p], answers.truth[:, p]) for p in range(len(TAGS))]),
        felt_stretch=float(stretch),
        felt_shift=np.array(shift),
        felt_threshold=_threshold(1 - felt[:, 0], answers.felt_truth > 0),
    )


def cross_fitted(answers: Answers) -> Answers:
    """Answers whose calibration never saw their own conversation: each fifth is calibrated on the other four."""
    groups = np.random.default_rng(11).permutation(np.unique(np.concatenate([answers.group, answers.felt_group])))
    parts = []
    for fold in range(FOLDS):
        held = groups[fold::FOLDS]
        fitted = fit_calibration(_part(answers, held, inside=False))
        parts.append(fitted.apply(_part(answers, held, inside=True)))
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Answers.__slots__}
    whole = Answers(**joined)
    return whole.select(np.argsort(whole.group, kind="stable"), np.argsort(whole.felt_group, kind="stable"))


def calibrate(folder: Path, answers: Answers) -> None:
    """Writes the calibration that suits these answers, and its thresholds, into the folder's settings."""
    fitted = fit_calibration(answers)
    settings = replace(
        read_settings(folder),
        thresholds={tag: round(float(value), 2) for tag, value in zip(TAGS, fitted.thresholds, strict=True)},
        feeling_threshold=round(fitted.felt_threshold, 2),
        stretch=tuple(fitted.stretch.tolist()),
        shift=tuple(fitted.shift.tolist()),
        felt_stretch=fitted.felt_stretch,
        felt_shift=tuple(fitted.felt_shift.tolist()),
    )
    write_settings(settings, folder)


def uncalibrated(answers: Answers, settings: Settings) -> Answers:
    """What the network said before these settings calibrated it; its answers are not to be used."""
    logits = (_logits(answers.chance) - np.array(settings.shift)) / np.array(settings.stretch)
    felt = (np.log(answers.felt_chance + 1e-9) - np.array(settings.felt_shift)) / settings.felt_stretch
    return replace(answers, chance=expit(logits), felt_chance=softmax(felt, axis=1))


def _logits(chance: Floats) -> Floats:
    result: Floats = logit(np.clip(chance, 1e-5, 1 - 1e-5))
    return result


def _platt(logits: Floats, truth: NDArray[np.bool_]) -> Floats:
    """Stretch and shift."""
    sign = np.where(truth, 1.0, -1.0)

    def loss(values: Floats) -> float:
        fit = np.logaddexp(0, -sign * (logits * values[0] + values[1])).sum()
        return float(fit + HOLD * ((values[0] - 1) ** 2 + values[1] ** 2))

    result: Floats = minimize(loss, np.array([1.0, 0.0])).x
    return result


def _feelings(logs: Floats, truth: NDArray[np.int64]) -> Floats:
    """The stretch, then the shifts."""

    def loss(values: Floats) -> float:
        chosen = log_softmax(logs * values[0] + values[1:], axis=1)[np.arange(len(truth)), truth]
        return float(-chosen.sum() + HOLD * ((values[0] - 1) ** 2 + (values[1:] ** 2).sum()))

    result: Floats = minimize(loss, np.array([1.0, *[0.0] * len(FEELING_LABELS)])).x
    return result


def _threshold(chance: Floats, truth: NDArray[np.bool_]) -> float:
    best = max(float(f1_of(_counts(chance >= cut, truth))) for cut in GRID)
    return float(np.clip(best / 2, 0.2, 0.6))


def _counts(answer: NDArray[np.bool_], truth: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.array([(answer & truth).sum(), (answer & ~truth).sum(), (truth & ~answer).sum()])


def _part(answers: Answers, groups: NDArray[np.int64], *, inside: bool) -> Answers:
    return answers.select(*(np.isin(group, groups) == inside for group in (answers.group, answers.felt_group)))
