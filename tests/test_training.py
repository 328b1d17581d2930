from pathlib import Path

import numpy as np
import pytest

from coach.classifier import Passage, load
from coach.errors import InputError
from coach.labels import read_labelled
from coach.model_folder import read_metrics
from coach.progress import Watch
from coach.recipe import Cycle, Recipe
from coach.training import examples, fit, in_speech_style, train

RECIPE = Recipe(name="tiny", cycles=(Cycle(1, 1.0), Cycle(1, 0.5)), batch_tokens=512, encoder_rate=1e-3, head_rate=1e-2)


def test_training_makes_a_whole_folder_that_explains_itself(
    tmp_path: Path, tiny_base: Path, labelled_file: Path
) -> None:
    steps: list[int] = []
    watch = Watch(start=steps.append, step=lambda: steps.append(1))
    evaluation = train([labelled_file], labelled_file, tiny_base, tmp_path / "model", recipe=RECIPE, progress=watch)
    assert steps[0] == len(steps) - 1
    assert evaluation.conversations == 40
    metrics = read_metrics(tmp_path / "model")
    assert metrics["skills"]["empathy"]["positives"] > 0
    card = (tmp_path / "model/README.md").read_text("utf-8")
    for word in ("tiny", "Known failures", "made 20", "empathy"):
        assert word in card
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "README.md",
        "coach.json",
        "config.json",
        "conversation.safetensors",
        "heads.safetensors",
        "metrics.json",
        "model.safetensors",
        "tokenizer.json",
    ]


def test_an_interrupted_run_goes_on_and_ends_with_the_same_weights(
    tmp_path: Path, tiny_base: Path, labelled_file: Path
) -> None:
    known = list(read_labelled(labelled_file))
    fit(known, tiny_base, tmp_path / "whole", recipe=RECIPE, watch=Watch())
    steps: list[int] = []

    def stop_in_the_second_epoch() -> None:
        steps.append(1)
        if (tmp_path / "broken.checkpoint").exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(known, tiny_base, tmp_path / "broken", recipe=RECIPE, watch=Watch(step=stop_in_the_second_epoch))
    fit(known, tiny_base, tmp_path / "broken", recipe=RECIPE, watch=Watch())
    assert not (tmp_path / "broken.checkpoint").exists()
    passage = Passage("sorry . please restart it", "", ((0, 7), (8, 25)))
    whole, resumed = (load(tmp_path / name).score([passage])[0].tags for name in ("whole", "broken"))
    np.testing.assert_array_equal(whole, resumed)


def test_the_rates_rise_and_fall_once_a_cycle() -> None:
    recipe = Recipe(cycles=(Cycle(2, 1.0), Cycle(1, 0.5)), warmup=0.25)
    epochs = (0, 0.25, 0.5, 1.25, 2, 2.25, 2.625, 3)
    assert [recipe.rate(epoch) for epoch in epochs] == pytest.approx([0, 0.5, 1, 0.5, 0, 0.5, 0.25, 0])
    assert recipe.epochs == 3


def test_training_learns(tmp_path: Path, tiny_base: Path, labelled_file: Path) -> None:
    recipe = Recipe(cycles=(Cycle(40, 1.0),), batch_tokens=512, encoder_rate=3e-3, head_rate=3e-2, averaging=0.9)
    fit(list(read_labelled(labelled_file)), tiny_base, tmp_path / "model", recipe=recipe, watch=Watch())
    passage = Passage(
        "Sorry . Please restart it . Thank you .", "customer: my router is broken today .", ((0, 7), (8, 27), (28, 39))
    )
    found = load(tmp_path / "model").score([passage])[0].tags
    apologise, instruct = 1, 7
    assert found[0, apologise] > 0.5 > found[2, apologise]
    assert found[1, instruct] > 0.5 > found[2, instruct]


def test_examples_hold_every_labelled_turn(labelled_file: Path) -> None:
    known = list(read_labelled(labelled_file))
    found = examples(known)
    assert len(found) == 80
    assert sum(example.tags is None for example in found) == 40
    assert all(len(e.passage.spans) == len(e.tags) for e in found if e.tags is not None)


def test_speech_style_keeps_every_offset() -> None:
    passage = Passage("Oh, İt's LATE! Sorry.", "customer: WHY?", ((0, 14), (15, 21)))
    bare = in_speech_style(passage)
    assert bare.text == "oh  İt's late  sorry "
    assert bare.spans == passage.spans


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": 1, "turns": [{"role": "agent", "text": "x", "sentences": [{"start": 0, "end": 1, "tags": ["nice"]}]}]}',
    ],
)
def test_a_line_that_is_not_labelled_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(InputError, match=r"x\.jsonl:1: not a labelled conversation"):
        list(read_labelled(path))


def test_labels_that_cannot_be_read_are_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        list(read_labelled(tmp_path / "none.jsonl"))
