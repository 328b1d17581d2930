import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from coach.classifier import load
from coach.cli import app
from coach.conversation import SKILLS, TAGS
from coach.errors import ConfigError, InputError
from coach.evaluation.calibration import calibrate, cross_fitted, fit_calibration, uncalibrated
from coach.evaluation.comparison import differences
from coach.evaluation.examination import examine
from coach.evaluation.measures import Answers, Bin, Detection, Mistake, answers_of, calibration_error, mistakes
from coach.evaluation.tables import mistake_lines
from coach.evaluation.transfer import is_transfer_file, read_rows
from coach.labels import Labelled, read_labelled
from coach.model_folder import FEELING_LABELS, read_settings
from coach.rubric import read_rubric
from coach.tagging import ConversationTagger

CONVERSATIONS = 60


def made_answers(*, skew: float = 1.0, shift: float = 0.0, seed: int = 3) -> Answers:
    """Answers of a model whose logits are stretched by `skew` and moved by `shift` from the true ones."""
    chance = np.random.default_rng(seed)
    rows = 10 * CONVERSATIONS
    logits = chance.normal(-1.5, 2, (rows, len(TAGS)))
    truth = chance.random(logits.shape) < 1 / (1 + np.exp(-logits))
    stated = 1 / (1 + np.exp(-(logits * skew + shift)))
    felt = chance.dirichlet([2, 1, 1, 1, 1], rows)
    felt_truth = np.array([chance.choice(5, p=row) for row in felt])
    group = np.repeat(np.arange(CONVERSATIONS), 10)
    place = np.zeros((rows, 3), np.int64)
    return Answers(group, place, truth, stated >= 0.5, stated, group, felt_truth, felt.argmax(axis=1), felt)


def test_figures_count_what_is_found_missed_and_made_up() -> None:
    group = np.array([0, 0, 1, 1])
    truth, answer = np.array([True, True, False, False]), np.array([True, False, True, False])
    figure = Detection(group, truth, answer, np.array([0.9, 0.4, 0.6, 0.1])).figure()
    assert (figure.precision, figure.recall, figure.f1, figure.positives) == (0.5, 0.5, 0.5, 2)
    assert figure.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert 0 <= figure.low <= figure.f1 <= figure.high <= 1


def test_a_figure_of_nothing_is_zero() -> None:
    nothing = np.zeros(3, bool)
    figure = Detection(np.arange(3), nothing, nothing, np.zeros(3)).figure()
    assert (figure.f1, figure.average_precision, figure.positives) == (0.0, None, 0)


def test_calibration_error_is_the_weighted_gap() -> None:
    bins = Detection(np.zeros(4, int), np.array([0, 0, 1, 1], bool), np.ones(4, bool), np.array([0.05, 0.05, 0.6, 1.0]))
    assert bins.reliability() == (Bin(2, 0.05, 0.0), Bin(1, 0.6, 1.0), Bin(1, 1.0, 1.0))
    assert calibration_error(bins.reliability()) == pytest.approx((2 * 0.05 + 0.4) / 4)


def test_calibration_undoes_a_stretch_and_a_shift() -> None:
    skewed = made_answers(skew=2.0, shift=1.5)
    fitted = fit_calibration(skewed)
    np.testing.assert_allclose(fitted.stretch, 0.5, atol=0.15)
    before, after = (
        calibration_error(Detection(a.group, a.truth[:, 0], a.answer[:, 0], a.chance[:, 0]).reliability())
        for a in (skewed, fitted.apply(skewed))
    )
    assert after < before / 2
    assert ((fitted.thresholds >= 0.2) & (fitted.thresholds <= 0.6)).all()


def test_cross_fitting_keeps_every_row_in_its_place() -> None:
    answers = made_answers()
    fitted = cross_fitted(answers)
    np.testing.assert_array_equal(fitted.group, answers.group)
    np.testing.assert_array_equal(fitted.truth, answers.truth)
    np.testing.assert_array_equal(fitted.felt_truth, answers.felt_truth)
    assert np.corrcoef(fitted.chance[:, 0], answers.chance[:, 0])[0, 1] > 0.95
    assert fitted.felt_chance.sum(axis=1) == pytest.approx(1)


def test_a_calibrated_folder_answers_as_its_calibration_said(
    tmp_path: Path, tiny_model: Path, labelled_file: Path
) -> None:
    for path in tiny_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    labelled = list(read_labelled(labelled_file))

    def answers() -> Answers:
        return answers_of(labelled, list(ConversationTagger(load(tmp_path)).tag(one.conversation for one in labelled)))

    raw = answers()
    expected = fit_calibration(raw).apply(raw)
    calibrate(tmp_path, raw)
    found = answers()
    np.testing.assert_allclose(found.chance, expected.chance, atol=5e-3)
    np.testing.assert_allclose(found.felt_chance, expected.felt_chance, atol=5e-3)
    assert set(read_settings(tmp_path).thresholds) == set(TAGS)


def test_a_model_does_not_differ_from_itself_and_a_worse_one_does() -> None:
    good = made_answers()
    same = {d.name: d for d in differences(good, good, CONVERSATIONS)}
    assert {*TAGS, *SKILLS, "any feeling", *FEELING_LABELS[1:], "mean of tags", "mean of feelings"} == set(same)
    assert all(d.low == d.high == 0 and not d.is_clear for d in same.values())
    worse = replace(good, answer=~good.answer)
    gains = {d.name: d for d in differences(good, worse, CONVERSATIONS)}
    assert gains["mean of tags"].is_clear
    assert gains["mean of tags"].low > 0


def labelled_and_answers(path: Path, model: Path) -> tuple[list[Labelled], Answers]:
    labelled = list(read_labelled(path))
    tagged = list(ConversationTagger(load(model)).tag(one.conversation for one in labelled))
    return labelled, answers_of(labelled, tagged)


def test_mistakes_quote_the_sentence_and_what_came_before(labelled_file: Path, tiny_model: Path) -> None:
    labelled, answers = labelled_and_answers(labelled_file, tiny_model)
    found = mistakes(labelled, answers)
    assert len(found) == (answers.truth != answers.answer).any(axis=1).sum()
    assert [m.gap for m in found] == sorted((m.gap for m in found), reverse=True)
    assert all(m.text in ("Sorry .", "Please restart it .", "Thank you .") and "router" in m.before for m in found)
    assert all(m.missed or m.extra for m in found)


def test_an_examination_has_what_was_asked_for(labelled_file: Path, tiny_model: Path) -> None:
    plain = examine(labelled_file, tiny_model, read_rubric())
    assert plain.evaluation
    figures = plain.as_dict().keys()
    assert figures == plain.evaluation.as_dict().keys()
    full = examine(
        labelled_file, tiny_model, read_rubric(), against=tiny_model, refit=True, with_robustness=True, errors=3
    )
    assert full.as_dict().keys() == {*figures, "differences", "robustness", "mistakes"}
    assert len(full.mistakes) == 3
    json.dumps(full.as_dict())


def test_evaluate_prints_every_part(labelled_file: Path, tiny_model: Path) -> None:
    command = ["evaluate", str(labelled_file), "--model", str(tiny_model), "--against", str(tiny_model)]
    result = CliRunner().invoke(app, [*command, "--robustness", "--errors", "2"], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    for word in (
        "empathy",
        "made listening",
        "Calibration error",
        "stated",
        "mean of tags",
        "typos",
        "Minimal pairs",
        "before:",
    ):
        assert word in result.output


@pytest.fixture
def people(tmp_path: Path) -> Path:
    rows = [
        {"set": "a", "context": "my router is broken", "text": "sorry . please restart it .", "gold": {"apologise": True, "instruct_or_explain": True}},
        {"set": "a", "context": "", "text": "how long will it take ?", "gold": {"apologise": False, "instruct_or_explain": True}},
        {"set": "b", "text": "i am upset !", "gold": {"feeling": "anger"}},
        {"set": "b", "text": "thank you", "gold": {"feeling": "none"}},
    ]  # fmt: skip
    path = tmp_path / "people.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    return path


def test_turns_labelled_by_people_are_ranked(people: Path, labelled_file: Path, tiny_model: Path) -> None:
    assert is_transfer_file(people)
    assert not is_transfer_file(labelled_file)
    found = examine(people, tiny_model, read_rubric()).rankings
    assert [(r.set, r.label, r.positives, r.turns) for r in found] == [
        ("a", "apologise", 1, 2),
        ("b", "any feeling", 1, 2),
        ("b", "anger", 1, 2),
    ]
    assert all(0 <= r.low <= r.high <= 1 for r in found)
    result = CliRunner().invoke(app, ["evaluate", str(people), "--model", str(tiny_model)])
    assert "ROC AUC" in result.output


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"set": "a", "text": "x", "gold": {"kindness": true}}',
        '{"set": "a", "text": "x", "gold": {"feeling": "Anger"}}',
        '{"set": "a", "text": null, "gold": {"probe": true}}',
    ],
)
def test_a_row_that_is_no_labelled_turn_is_named(tmp_path: Path, people: Path, line: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(people.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(InputError, match=r"bad\.jsonl:5: not a turn labelled by people"):
        list(read_rows(path))


def test_single_turns_are_only_ranked(people: Path, tiny_model: Path) -> None:
    with pytest.raises(ConfigError, match="only ranked"):
        examine(people, tiny_model, read_rubric(), errors=3)


def test_a_file_without_labels_to_measure_is_named(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n", "utf-8")
    with pytest.raises(InputError, match="too few to measure"):
        examine(tmp_path / "empty.jsonl", tiny_model, read_rubric())


def test_refitting_first_undoes_the_folders_own_calibration(
    tmp_path: Path, tiny_model: Path, labelled_file: Path
) -> None:
    for path in tiny_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    _, raw = labelled_and_answers(labelled_file, tmp_path)
    calibrate(tmp_path, raw)
    _, calibrated = labelled_and_answers(labelled_file, tmp_path)
    undone = uncalibrated(calibrated, read_settings(tmp_path))
    np.testing.assert_allclose(undone.chance, raw.chance, atol=1e-4)
    np.testing.assert_allclose(undone.felt_chance, raw.felt_chance, atol=1e-4)


def test_a_mistake_cannot_move_the_terminals_cursor() -> None:
    mistake = Mistake("made", "c1", 1, "a\x1b]0;title\x07\nb", "c\r\x9bd", {"probe": 0.1}, {})
    assert list(mistake_lines([mistake]))[1:3] == ["  before: a ]0;title b", "  said:   c d"]
