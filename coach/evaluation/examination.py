"""A model examined on a labelled file: figures, comparison with another model, robustness, mistakes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from coach.conversation import Judgements
from coach.errors import ConfigError
from coach.evaluation.calibration import cross_fitted, uncalibrated
from coach.evaluation.comparison import Difference, differences
from coach.evaluation.measures import Answers, Evaluation, Mistake, answers_of, measure, mistakes
from coach.evaluation.robustness import Robustness, robustness
from coach.evaluation.transfer import Ranking, is_transfer_file, rankings, read_rows
from coach.judging import Judge
from coach.labels import Labelled, read_labelled
from coach.model_folder import read_settings
from coach.rubric import Rubric


@dataclass(frozen=True, slots=True)
class Examination:
    """What was asked for; the rest is None or empty. `rankings` are of a file of single turns."""

    evaluation: Evaluation | None = None
    differences: tuple[Difference, ...] = ()
    robustness: Robustness | None = None
    mistakes: tuple[Mistake, ...] = ()
    rankings: tuple[Ranking, ...] = ()

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
    errors: int = 0,
) -> Examination:
    """Examines the model on labelled conversations, or on single turns labelled by people.

    `refit` chooses calibration and thresholds of tags and feelings anew by cross-validation, of both models.
    Raises InputError with the line that cannot be read.
    """
    judge, rival = Judge.of(model), Judge.of(against) if against else None
    if is_transfer_file(path):
        if rival or refit or with_robustness or errors:
            raise ConfigError(f"{path}: holds single turns, which are only ranked; leave the other options out")
        return Examination(rankings=tuple(rankings(list(read_rows(path)), judge)))
    labelled = list(read_labelled(path))
    judged, answers = _answers(labelled, judge, model if refit else None)
    other = _answers(labelled, rival, against if refit else None)[1] if rival else None
    return Examination(
        evaluation=measure(labelled, judged, answers, rubric),
        differences=tuple(differences(answers, other, len(labelled))) if other else (),
        robustness=robustness(labelled, judge.tagger.classifier) if with_robustness else None,
        mistakes=tuple(mistakes(labelled, answers)[:errors]),
    )


def _answers(labelled: Sequence[Labelled], judge: Judge, refit: Path | None) -> tuple[list[Judgements], Answers]:
    """Judgements and answers; those of the model folder `refit` are calibrated anew."""
    judged = [found for _, found in judge.judge(one.conversation for one in labelled)]
    answers = answers_of(labelled, judged)
    return judged, cross_fitted(uncalibrated(answers, read_settings(refit))) if refit else answers
