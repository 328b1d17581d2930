"""How right the model is: judgements held against labelled conversations, end to end.

The sentences are the pipeline's own; a labelled sentence takes the highest probability of those that overlap
it, and a tag when any of them has it. Intervals are 95 % percentile bootstraps over conversations.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from coach.conversation import FEELINGS, SKILLS, SURE, TAGS, Feeling, Judgements, Sentence
from coach.errors import InputError
from coach.evaluation.wholes import Wholes, measure_wholes
from coach.labels import DISPUTED, Labelled, Whole
from coach.model_folder import FEELING_LABELS
from coach.rubric import Rubric

RESAMPLES = 1000
SEED = 7
BINS = 10
CONTEXT = 160
PLACES: Mapping[str, list[int]] = {skill: [TAGS.index(tag) for tag in tags] for skill, tags in SKILLS.items()}


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
class Bin:
    """Answers of like probability: how many, their mean stated probability, and the share that was true."""

    count: int
    stated: float
    true: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was measured.

    `sources` are of all tags together, `source_skills` of each skill. Calibration errors are expected calibration
    errors in ten equal bins, which `reliability` holds. `guesses` is the share of assigned tags shown as such;
    `guesses_right` and `sure_right` are the shares of either that are right.
    """

    conversations: int
    sentences: int
    tags: Mapping[str, Figure]
    skills: Mapping[str, Figure]
    sources: Mapping[str, Figure]
    source_skills: Mapping[str, Mapping[str, Figure]]
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    guesses: float
    guesses_right: float
    sure_right: float
    feeling_present: Figure
    feelings: Mapping[str, Figure]
    feelings_macro_f1: float
    wholes: Wholes
    calibration_error: Mapping[str, float]
    reliability: Mapping[str, tuple[Bin, ...]]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Answers:
    """What is right and what the model said, of n agents' sentences and m customers' turns.

    group (n,): the conversation's number; place (n, 3): turn, start, end; truth, answer (n, 11): booleans;
    chance (n, 11). The same for feelings, as places in FEELING_LABELS: felt_group, felt_truth, felt_answer (m,)
    and felt_chance (m, 5).
    """

    group: NDArray[np.int64]
    place: NDArray[np.int64]
    truth: NDArray[np.bool_]
    answer: NDArray[np.bool_]
    chance: NDArray[np.float64]
    felt_group: NDArray[np.int64]
    felt_truth: NDArray[np.int64]
    felt_answer: NDArray[np.int64]
    felt_chance: NDArray[np.float64]

    def select(self, rows: NDArray[Any], felt: NDArray[Any]) -> "Answers":
        """The answers of some sentences and some customers' turns, given as numbers or as a mask."""
        sentences = (self.group, self.place, self.truth, self.answer, self.chance)
        turns = (self.felt_group, self.felt_truth, self.felt_answer, self.felt_chance)
        return Answers(*(column[rows] for column in sentences), *(column[felt] for column in turns))


class Tagged(Protocol):
    """What is held against labels: per turn, an agent's sentences and a customer's feeling."""

    @property
    def sentences(self) -> tuple[tuple[Sentence, ...], ...]: ...
    @property
    def feelings(self) -> tuple[Feeling | None, ...]: ...


def answers_of(labelled: Sequence[Labelled], judged: Sequence[Tagged]) -> Answers:
    """Holds judgements against the labels of the same conversations; what is disputed is left out.

    Raises InputError when no sentence or no customer's turn is labelled.
    """
    rows, felt = [], []
    for number, (one, judgements) in enumerate(zip(labelled, judged, strict=True)):
        for turn, (gold, found) in enumerate(zip(one.sentences, judgements.sentences, strict=True)):
            for place, (start, end, tags) in enumerate(gold):
                if any((turn, place, tag) in one.disputed for tag in TAGS):
                    continue
                over = _overlapping(found, start, end)
                truth = [tag in tags for tag in TAGS]
                answer = [any(tag in s.assigned for s in over) for tag in TAGS]
                chance = [max((s.probabilities[tag] for s in over), default=0.0) for tag in TAGS]
                rows.append((number, (turn, start, end), truth, answer, chance))
        for truth_label, feeling in zip(one.feelings, judgements.feelings, strict=True):
            if feeling is not None and truth_label != DISPUTED:
                labels = [FEELING_LABELS.index(label or "none") for label in (truth_label, feeling.label)]
                felt.append((number, *labels, [feeling.probabilities[label] for label in FEELING_LABELS]))
    if not rows or not felt:
        raise InputError(
            f"{len(rows)} agent sentences and {len(felt)} customer turns are labelled, which is too few to measure",
            fix="give conversations with both",
            path="the labelled file",
        )
    return Answers(*map(np.array, zip(*rows, strict=True)), *map(np.array, zip(*felt, strict=True)))


def _overlapping(found: Sequence[Sentence], start: int, end: int) -> list[Sentence]:
    return [sentence for sentence in found if sentence.start < end and sentence.end > start]


@dataclass(frozen=True, slots=True)
class Detection:
    """Truth and answer of every judged thing, with the conversation it belongs to: arrays of one length."""

    group: NDArray[np.int64]
    truth: NDArray[np.bool_]
    answer: NDArray[np.bool_]
    chance: NDArray[np.float64]

    def counts(self, groups: int) -> NDArray[np.int64]:
        """Hits, false alarms and misses of each conversation: (groups, 3)."""
        hits, extra, lost = self.truth & self.answer, self.answer & ~self.truth, self.truth & ~self.answer
        return np.stack([np.bincount(self.group, x, groups) for x in (hits, extra, lost)], axis=1).astype(np.int64)

    def figure(self) -> Figure:
        _, group = np.unique(self.group, return_inverse=True)
        counts = Detection(group, self.truth, self.answer, self.chance).counts(group.max() + 1)
        chosen = np.random.default_rng(SEED).integers(0, len(counts), (RESAMPLES, len(counts)))
        drawn = counts[chosen].sum(axis=1)
        drawn = drawn[drawn[:, 0] + drawn[:, 2] > 0]  # without a positive there is no F1
        low, high = np.quantile(f1_of(drawn), [0.025, 0.975]) if len(drawn) else (0.0, 0.0)
        tp, fp, fn = counts.sum(axis=0)
        return Figure(
            precision=float(tp / max(1, tp + fp)),
            recall=float(tp / max(1, tp + fn)),
            f1=float(f1_of(counts.sum(axis=0))),
            average_precision=float(average_precision_score(self.truth, self.chance)) if self.truth.any() else None,
            positives=int(self.truth.sum()),
            low=float(low),
            high=float(high),
        )

    def reliability(self) -> tuple[Bin, ...]:
        """Ten equal bins of stated probability; empty ones are left out."""
        bins = np.minimum((self.chance * BINS).astype(int), BINS - 1)
        return tuple(
            Bin(int((bins == b).sum()), float(self.chance[bins == b].mean()), float(self.truth[bins == b].mean()))
            for b in sorted(set(bins))
        )


def calibration_error(bins: Iterable[Bin]) -> float:
    """Expected calibration error: the mean gap of stated and true share, weighted by size."""
    bins = list(bins)
    return sum(abs(b.true - b.stated) * b.count for b in bins) / max(1, sum(b.count for b in bins))


def f1_of(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of hits, false alarms and misses in the last axis."""
    tp, fp, fn = np.moveaxis(counts, -1, 0)
    result: NDArray[np.float64] = 2 * tp / np.maximum(1, 2 * tp + fp + fn)
    return result


def detections(answers: Answers) -> Iterator[tuple[str, Detection]]:
    """Each tag, each skill (any of its tags), "any feeling" and each feeling, by name."""
    everything = {tag: [number] for number, tag in enumerate(TAGS)} | dict(PLACES)
    for name, columns in everything.items():
        yield name, of_columns(answers, columns)
    present = 1 - answers.felt_chance[:, 0]
    yield "any feeling", Detection(answers.felt_group, answers.felt_truth > 0, answers.felt_answer > 0, present)
    for place, name in enumerate(FEELING_LABELS[1:], 1):
        truth, answer = answers.felt_truth == place, answers.felt_answer == place
        yield name, Detection(answers.felt_group, truth, answer, answers.felt_chance[:, place])


def of_columns(answers: Answers, columns: Sequence[int], rows: Any = slice(None)) -> Detection:
    """Whether a sentence has any of the tags in these columns."""
    columns = list(columns)
    return Detection(
        answers.group[rows],
        answers.truth[rows][:, columns].any(axis=1),
        answers.answer[rows][:, columns].any(axis=1),
        answers.chance[rows][:, columns].max(axis=1),
    )


def _all_tags(answers: Answers, rows: NDArray[np.bool_]) -> Detection:
    """Every tag of every sentence on its own."""
    group = np.repeat(answers.group[rows], len(TAGS))
    return Detection(group, answers.truth[rows].ravel(), answers.answer[rows].ravel(), answers.chance[rows].ravel())


def macro_f1(answers: Answers, groups: int) -> tuple[float, float, float]:
    """Mean F1 of the eleven tags, and the ends of its interval."""
    counts = np.stack([of_columns(answers, [place]).counts(groups) for place in range(len(TAGS))], axis=1)
    chosen = np.random.default_rng(SEED).integers(0, groups, (RESAMPLES, groups))
    drawn = counts[chosen].sum(axis=1)
    known = np.where(drawn[..., 0] + drawn[..., 2] > 0, f1_of(drawn), np.nan)
    low, high = np.nanquantile(np.nanmean(known, axis=1), [0.025, 0.975])
    return float(f1_of(counts.sum(axis=0)).mean()), float(low), float(high)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A sentence with a wrong verdict: `missed` and `extra` tags with their probabilities, and the words `before`."""

    source: str
    conversation: str
    turn: int
    before: str
    text: str
    missed: Mapping[str, float]
    extra: Mapping[str, float]

    @property
    def gap(self) -> float:
        """How far the worst verdict was from right."""
        return max([*(1 - chance for chance in self.missed.values()), *self.extra.values()])


def mistakes(labelled: Sequence[Labelled], answers: Answers) -> list[Mistake]:
    """Every sentence with a wrong verdict, the furthest from right first."""
    found = []
    for row in np.flatnonzero((answers.truth != answers.answer).any(axis=1)):
        one, (turn, start, end) = labelled[answers.group[row]], answers.place[row]
        turns = one.conversation.turns
        wrong = [
            {tag: float(answers.chance[row, p]) for p, tag in enumerate(TAGS) if yes[row, p] and not no[row, p]}
            for yes, no in ((answers.truth, answers.answer), (answers.answer, answers.truth))
        ]
        before = turns[turn - 1].text[-CONTEXT:] if turn else ""
        found.append(Mistake(one.source, one.conversation.id, int(turn), before, turns[turn].text[start:end], *wrong))
    return sorted(found, key=lambda mistake: -mistake.gap)


def measure(
    labelled: Sequence[Labelled],
    judged: Sequence[Judgements],
    answers: Answers,
    rubric: Rubric,
) -> Evaluation:
    """The figures of judgements, whose `answers` may have been calibrated anew.

    Raises InputError when a conversation is not labelled as a whole.
    """
    wholes = [_whole(one) for one in labelled]
    found = dict(detections(answers))
    figures = {name: one.figure() for name, one in found.items()}
    sources = np.array([one.source for one in labelled])[answers.group]
    macro, low, high = macro_f1(answers, len(labelled))
    reliability = {skill: found[skill].reliability() for skill in SKILLS}
    sure = answers.answer & (answers.chance >= SURE)
    guesses = answers.answer & ~sure
    return Evaluation(
        conversations=len(labelled),
        sentences=len(answers.truth),
        tags={tag: figures[tag] for tag in TAGS},
        skills={skill: figures[skill] for skill in SKILLS},
        sources={source: _all_tags(answers, sources == source).figure() for source in sorted(set(sources))},
        source_skills={
            source: {
                skill: of_columns(answers, columns, sources == source).figure() for skill, columns in PLACES.items()
            }
            for source in sorted(set(sources))
        },
        macro_f1=macro,
        macro_f1_low=low,
        macro_f1_high=high,
        guesses=float(guesses.sum() / max(1, answers.answer.sum())),
        guesses_right=float(answers.truth[guesses].sum() / max(1, guesses.sum())),
        sure_right=float(answers.truth[sure].sum() / max(1, sure.sum())),
        feeling_present=figures["any feeling"],
        feelings={name: figures[name] for name in FEELINGS},
        feelings_macro_f1=float(np.mean([figures[name].f1 for name in FEELINGS])),
        calibration_error={skill: calibration_error(bins) for skill, bins in reliability.items()},
        reliability=reliability,
        wholes=measure_wholes(labelled, wholes, judged, rubric),
    )


def _whole(labelled: Labelled) -> Whole:
    if labelled.whole is None:
        raise InputError(
            f"conversation {labelled.conversation.id} has no type, scales, resolved, care and service",
            fix="label whole conversations to measure on; those of which only turns are labelled serve to train",
        )
    return labelled.whole
