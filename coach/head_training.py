"""Fits the heads over whole conversations and stretches, on what the tagger found in labelled ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, RidgeCV
from sklearn.model_selection import PredefinedSplit
from threadpoolctl import threadpool_limits

from coach.calls import HEADS as CALLS
from coach.calls import REPEATS, signs
from coach.classifier import Scorer
from coach.conversation import RESOLUTIONS
from coach.heads import Linear, save_heads
from coach.labels import Heeded, Labelled, Whole
from coach.personality import LENGTH, TYPE_LABELS
from coach.personality import features as type_features
from coach.resolution import BUCKETS, FIELDS
from coach.resolution import features as resolution_features
from coach.tagging import ConversationTagger, TaggedConversation

FOLDS = 5
MANNER = 0.08  # how much a standardised sign counts beside hashed words, whose vectors have length one


def fit_heads(
    main: Sequence[Labelled],
    further: Sequence[Labelled],
    openings: Mapping[str, Sequence[Heeded]],
    classifier: Scorer,
    folder: Path,
    *,
    weight: float,
) -> None:
    """Fits every head on the labelled conversations and saves them; a further one counts `weight` of a main one.

    The heads of calls learn from those conversations whose `openings` are known, by id and stretch of the customer's.
    """
    told = [(one, 1.0) for one in main if one.whole] + [(one, weight) for one in further if one.whole]
    whole = [one.whole for one, _ in told if one.whole]
    weights = np.array([weight for _, weight in told])
    tagged = list(ConversationTagger(classifier).tag(one.conversation for one, _ in told))
    with threadpool_limits(1):  # many small fits: threads would only wait for each other
        save_heads(heads_of(tagged, whole, weights) | call_heads(tagged, openings), folder)


def heads_of(tagged: Sequence[TaggedConversation], whole: Sequence[Whole], weights: np.ndarray) -> dict[str, Linear]:
    """The heads of type, scales and ending; those whose weight is 1 are held out in turn to choose penalties."""
    talk = np.array([type_features(t.conversation, t.feelings, t.embeddings)[-1] for t in tagged])
    return {
        "type": _choice(talk, [TYPE_LABELS.index(one.type) for one in whole], weights),
        "assertiveness": _scale(talk, [one.assertiveness for one in whole], weights),
        "responsiveness": _scale(talk, [one.responsiveness for one in whole], weights),
        "resolved": _ending(tagged, [RESOLUTIONS.index(one.resolved) for one in whole], weights),
    }


def _standard(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scale = features.std(axis=0)
    return features.mean(axis=0), np.where(scale == 0, 1.0, scale)


def _choice(features: np.ndarray, labels: list[int], weights: np.ndarray) -> Linear:
    """Multinomial logistic regression; the strength of its penalty by cross-validation over the main ones."""
    mean, scale = _standard(features[weights == 1])
    folds = np.where(weights == 1, np.cumsum(weights == 1) % FOLDS, -1)
    model = LogisticRegressionCV(
        Cs=np.logspace(-3, 0, 7),
        cv=PredefinedSplit(folds),
        scoring="neg_log_loss",
        max_iter=2000,
        use_legacy_attributes=False,
        l1_ratios=(0.0,),
    ).fit((features - mean) / scale, labels, sample_weight=weights)
    return Linear(model.coef_, model.intercept_, mean, scale)


def _scale(features: np.ndarray, labels: list[float], weights: np.ndarray) -> Linear:
    """Ridge regression, its penalty by cross-validation, and as second output half the width of a 95 % interval.

    That follows the size of the residuals, which falls with the number of words.
    """
    mean, scale = _standard(features[weights == 1])
    standard, wanted = (features - mean) / scale, np.array(labels)
    model = RidgeCV(alphas=np.logspace(1, 5, 17), store_cv_results=True).fit(standard, wanted, sample_weight=weights)
    best = int(np.argmin(np.abs(np.logspace(1, 5, 17) - model.alpha_)))
    held_out = np.sqrt(model.cv_results_[weights == 1, best])
    slope, level = np.polyfit(standard[weights == 1, LENGTH], held_out, 1)
    to_interval = 1.96 * np.sqrt(np.pi / 2)  # from a normal's mean absolute size
    margin = np.zeros(features.shape[1])
    margin[LENGTH] = slope * to_interval
    return Linear(np.stack([model.coef_, margin]), np.array([model.intercept_, level * to_interval]), mean, scale)


def _ending(tagged: Sequence[TaggedConversation], labels: list[int], weights: np.ndarray) -> Linear:
    """Logistic regression on signs and hashed words together."""
    features = np.array([resolution_features(*one) for one in tagged])
    mean, scale = _standard(features[weights == 1])
    words = slice(-BUCKETS * len(FIELDS), None)
    scale /= MANNER
    mean[words], scale[words] = 0.0, 1.0
    model = LogisticRegression(max_iter=2000).fit(csr_matrix((features - mean) / scale), labels, sample_weight=weights)
    return Linear(model.coef_, model.intercept_, mean, scale)


def call_heads(tagged: Sequence[TaggedConversation], openings: Mapping[str, Sequence[Heeded]]) -> dict[str, Linear]:
    """A head for each that can be called for, and for repeats: logistic regression on the stretches' signs."""
    rows: list[np.ndarray] = []
    called: list[Heeded] = []
    for conversation, sentences, feelings, _ in tagged:
        if conversation.id not in openings:
            continue
        rows += [read for _, read in signs(conversation, sentences, feelings) if read is not None]
        called += openings[conversation.id]
    features = np.array(rows)
    mean, scale = _standard(features)
    wanted = {name: [skill in one.statuses for one in called] for skill, name in CALLS.items()}
    wanted[REPEATS] = [one.repeats for one in called]
    heads = {}
    for name, labels in wanted.items():
        model = LogisticRegression(C=0.1, max_iter=2000).fit((features - mean) / scale, labels)
        heads[name] = Linear(model.coef_, model.intercept_, mean, scale)
    return heads
