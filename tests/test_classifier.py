from pathlib import Path

import numpy as np
import pytest

from coach.classifier import Classifier, load
from coach.conversation import TAGS
from coach.errors import ConfigError
from coach.model_folder import FEELING_LABELS, fingerprint, read_metrics, read_settings
from coach.windows import Utterance

ASKED = Utterance("customer", "my router is broken")
ANSWER = Utterance("agent", "Sorry . Please restart it .", ((0, 7), (8, 27)))


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return load(tiny_model)


def test_each_span_gets_eleven_probabilities_and_each_turn_a_feeling(classifier: Classifier) -> None:
    ((asked, answer),) = classifier.score([[ASKED, ANSWER]])
    assert asked.tags.shape == (0, len(TAGS))
    assert answer.tags.shape == (2, len(TAGS))
    assert ((answer.tags > 0) & (answer.tags < 1)).all()
    assert asked.feeling.shape == (len(FEELING_LABELS),)
    assert asked.feeling.sum() == pytest.approx(1, abs=1e-5)


def test_a_span_is_the_mean_of_its_tokens_pulls(classifier: Classifier) -> None:
    ((_, answer),) = classifier.score([[ASKED, ANSWER]])
    assert [ANSWER.text[start:end] for start, end in answer.places][:3] == ["Sorry", ".", "Please"]
    logit = np.log(answer.tags[0] / (1 - answer.tags[0]))
    np.testing.assert_allclose(answer.pulls[:2].mean(axis=0), logit, atol=1e-4)


def test_scores_do_not_depend_on_what_else_is_in_the_batch(classifier: Classifier) -> None:
    others = [[Utterance("agent", "how long will it take ? " * n, ((0, 23),))] for n in range(1, 9)]
    (alone,) = classifier.score([[ASKED, ANSWER]])
    together = classifier.score([*others, [ASKED, ANSWER], *others])[8]
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one.tags, other.tags, atol=1e-5)
        np.testing.assert_allclose(one.feeling, other.feeling, atol=1e-5)


def test_what_comes_after_a_turn_changes_nothing(classifier: Classifier) -> None:
    ((asked, answer, _),) = classifier.score([[ASKED, ANSWER, Utterance("customer", "thank you !")]])
    ((asked_alone,),) = classifier.score([[ASKED]])
    ((_, answer_alone),) = classifier.score([[ASKED, ANSWER]])
    np.testing.assert_allclose(asked.feeling, asked_alone.feeling, atol=1e-5)
    np.testing.assert_allclose(answer.tags, answer_alone.tags, atol=1e-5)


def test_the_words_before_a_turn_matter(classifier: Classifier) -> None:
    ((_, answer),) = classifier.score([[ASKED, ANSWER]])
    ((alone,),) = classifier.score([[ANSWER]])
    assert not np.allclose(answer.tags, alone.tags)


def test_a_long_turn_is_read_in_windows_and_every_sentence_is_judged(classifier: Classifier) -> None:
    sentence = "please restart it today . "
    spans = tuple((i * len(sentence), (i + 1) * len(sentence) - 1) for i in range(200))
    long = Utterance("agent", sentence * 200, spans)
    assert len(classifier.windows.cut([[ASKED, long]])) > 1
    ((_, scores),) = classifier.score([[ASKED, long]])
    assert scores.tags.shape == (200, len(TAGS))
    assert len(scores.places) == len(scores.pulls) == 1000
    assert (np.diff([start for start, _ in scores.places]) > 0).all()


def test_a_sentence_longer_than_a_window_is_judged_by_its_first_words(classifier: Classifier) -> None:
    text = "router " * 5000
    ((_, scores),) = classifier.score([[Utterance("customer", text), Utterance("agent", text, ((0, len(text)),))]])
    assert scores.tags.shape == (1, len(TAGS))


@pytest.mark.parametrize("text", ["", " ", "\u200b", "👍", "\x00"])
@pytest.mark.parametrize("role", ["agent", "customer"])
def test_a_turn_without_words_is_still_scored(classifier: Classifier, text: str, role: str) -> None:
    ((scores,),) = classifier.score([[Utterance(role, text)]])  # type: ignore[arg-type]
    assert scores.tags.shape == (0, len(TAGS))
    assert np.isfinite(scores.feeling).all()


def test_sentences_keep_their_order_where_one_has_no_tokens(classifier: Classifier) -> None:
    text = "router " * classifier.windows.longest + "\n\u200b\nsorry ."
    spans = (
        (0, 7 * classifier.windows.longest - 1),
        (text.index("\u200b"), text.index("\u200b") + 1),
        (len(text) - 7, len(text)),
    )
    ((scores,),) = classifier.score([[Utterance("agent", text, spans)]])
    ((alone,),) = classifier.score([[Utterance("agent", text[: spans[0][1]], spans[:1])]])
    assert scores.tags.shape == (3, len(TAGS))
    np.testing.assert_allclose(scores.tags[0], alone.tags[0], atol=1e-5)


def test_how_an_agent_punctuates_is_not_judged_but_a_customers_heat_is(classifier: Classifier) -> None:
    loud = Utterance("agent", "Sorry ! Please, restart it 👍", ((0, 7), (8, 28)))
    calm = Utterance("agent", "Sorry . Please  restart it  ", ((0, 7), (8, 28)))
    ((one,),), ((other,),) = classifier.score([[loud]]), classifier.score([[calm]])
    np.testing.assert_allclose(one.tags, other.tags, atol=1e-6)
    assert [loud.text[s:e] for s, e in one.places][:2] == ["Sorry", "!"]
    ((hot,),), ((cool,),) = (classifier.score([[Utterance("customer", f"it is late {mark}")]]) for mark in "!.")
    assert not np.allclose(hot.feeling, cool.feeling)


def test_nothing_in_nothing_out(classifier: Classifier) -> None:
    assert classifier.score([]) == []
    assert classifier.score([[], []]) == [[], []]


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
