"""A model examined on a labelled file: figures, comparison with another model, robustness, mistakes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from coach.conversation import Judgements
from coach.errors import ConfigError
from coach.evaluation.calibration import cross_fitted, uncalibrated
from coach.evaluation.comparison import Difference, differences
from coach.evaluation.measures import Answers, Evaluation, Mistake, answers_of, measure, mistakes
from coach.evaluation.ratings import correlations, is_ratings_file
from coach.evaluation.robustness import Robustness, robustness
from coach.evaluation.transfer import Ranking, is_transfer_file, rankings, read_rows
from coach.evaluation.wholes import Agreement, agreement
from coach.intervals import Estimate
from coach.judging import Judge
from coach.labels import Labelled, read_labelled, read_openings
from coach.model_folder import read_settings
from coach.rubric import Rubric


@dataclass(frozen=True, slots=True)
class Examination:
    """What was asked for; the rest is None or empty. `rankings` are of a file of single turns.

    `correlations` are of a file of conversations that customers rated, by rating.
    """

    evaluation: Evaluation | None = None
    differences: tuple[Difference, ...] = ()
    robustness: Robustness | None = None
    openings: Mapping[str, Agreement] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    correlations: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The evaluation's figures, and beside them what else was asked for."""
        found = {name: value for name, value in asdict(self).items() if value}
        return {**found.pop("evaluation", {}), **found}


def examine(
    path: Path,
    model: Path,
    rubric: Rubric,
    *,
    against: Path | None = None,
    refit: bool = False,
    with_robustness: bool = False,
    openings: Sequence[Path] = (),
    errors: int = 0,
) -> Examination:
    """Examines the model on labelled conversations, or on single turns labelled by people.

    `refit` chooses calibration and thresholds of tags and feelings anew by cross-validation, of both models. `openings`
    are files of openings judged by reading, each to compare with.
    Raises InputError with the line that cannot be read.
    """
    judge, rival = Judge.of(model), Judge.of(against) if against else None
    other_options = rival or refit or with_robustness or openings or errors
    if is_ratings_file(path):
        if other_options:
            raise ConfigError(f"{path}: holds ratings, which are only correlated; leave the other options out")
        return Examination(correlations=correlations(path, judge, rubric))
    if is_transfer_file(path):
        if other_options:
            raise ConfigError(f"{path}: holds single turns, which are only ranked; leave the other options out")
        return Examination(rankings=tuple(rankings(list(read_rows(path)), judge)))
    labelled = list(read_labelled(path))
    judged, answers = _answers(labelled, judge, model if refit else None)
    other = _answers(labelled, rival, against if refit else None)[1] if rival else None
    return Examination(
        evaluation=measure(labelled, judged, answers, rubric),
        differences=tuple(differences(answers, other, len(labelled))) if other else (),
        robustness=robustness(labelled, judge.tagger.classifier) if with_robustness else None,
        openings={read.name: agreement(labelled, judged, read_openings(read)) for read in openings},
        mistakes=tuple(mistakes(labelled, answers)[:errors]),
    )


def _answers(labelled: Sequence[Labelled], judge: Judge, refit: Path | None) -> tuple[list[Judgements], Answers]:
    """Judgements and answers; those of the model folder `refit` are calibrated anew."""
    judged = [found for _, found in judge.judge(one.conversation for one in labelled)]
    answers = answers_of(labelled, judged)
    return judged, cross_fitted(uncalibrated(answers, read_settings(refit))) if refit else answers
