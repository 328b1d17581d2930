from pathlib import Path

import numpy as np
import pytest

from coach.classifier import Classifier, Passage, load
from coach.conversation import TAGS
from coach.errors import ConfigError
from coach.model_folder import FEELING_LABELS, fingerprint, read_metrics, read_settings

SHORT = Passage("Sorry . Please restart it .", "customer: my router is broken", ((0, 7), (8, 27)))


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return load(tiny_model)


def test_each_span_gets_eleven_probabilities_and_each_turn_a_feeling(classifier: Classifier) -> None:
    (scores,) = classifier.score([SHORT])
    assert scores.tags.shape == (2, len(TAGS))
    assert ((scores.tags > 0) & (scores.tags < 1)).all()
    assert scores.feeling.shape == (len(FEELING_LABELS),)
    assert scores.feeling.sum() == pytest.approx(1, abs=1e-5)


def test_scores_do_not_depend_on_what_else_is_in_the_batch(classifier: Classifier) -> None:
    others = [Passage("how long will it take ? " * n, "", ((0, 23),)) for n in range(1, 9)]
    alone = classifier.score([SHORT])[0]
    together = classifier.score([*others, SHORT, *others])[8]
    np.testing.assert_allclose(alone.tags, together.tags, atol=1e-5)
    np.testing.assert_allclose(alone.feeling, together.feeling, atol=1e-5)


def test_the_words_before_a_turn_matter(classifier: Classifier) -> None:
    bare = Passage(SHORT.text, "", SHORT.spans)
    assert not np.allclose(classifier.score([SHORT])[0].tags, classifier.score([bare])[0].tags)


def test_a_long_turn_is_read_in_windows_and_every_sentence_is_judged(classifier: Classifier) -> None:
    sentence = "please restart it today . "
    spans = tuple((i * len(sentence), (i + 1) * len(sentence) - 1) for i in range(200))
    passage = Passage(sentence * 200, "customer: hi", spans)
    assert len(classifier.windows.cut([passage])) > 1
    assert (classifier.score([passage])[0].tags > 0).all()


def test_a_sentence_longer_than_the_window_is_judged_by_its_first_words(classifier: Classifier) -> None:
    text = "router " * 5000
    assert classifier.score([Passage(text, text, ((0, len(text)),))])[0].tags.shape == (1, len(TAGS))


@pytest.mark.parametrize("text", ["", " ", "\u200b", "👍", "\x00"])
def test_a_turn_without_words_is_still_scored(classifier: Classifier, text: str) -> None:
    (scores,) = classifier.score([Passage(text, "", ())])
    assert scores.tags.shape == (0, len(TAGS))
    assert np.isfinite(scores.feeling).all()


def test_nothing_in_nothing_out(classifier: Classifier) -> None:
    assert classifier.score([]) == []


def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a model folder"):
        load(tmp_path)


def test_a_model_for_other_tags_is_refused(tmp_path: Path, tiny_model: Path) -> None:
    text = (tiny_model / "coach.json").read_text("utf-8").replace('"probe"', '"poke"')
    (tmp_path / "coach.json").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="other tags"):
        read_settings(tmp_path)


def test_the_fingerprint_changes_with_the_settings(tmp_path: Path, tiny_model: Path) -> None:
    for path in tiny_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert fingerprint(tmp_path) == fingerprint(tiny_model)
    settings = tmp_path / "coach.json"
    settings.write_text(settings.read_text("utf-8").replace("0.5", "0.6"), "utf-8")
    assert fingerprint(tmp_path) != fingerprint(tiny_model)


def test_a_folder_without_metrics_has_none(tiny_model: Path) -> None:
    assert read_metrics(tiny_model) == {}
