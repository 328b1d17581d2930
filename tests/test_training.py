import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.classifier import load
from coach.errors import ConfigError, InputError
from coach.labels import read_labelled
from coach.model_folder import read_metrics
from coach.progress import Watch
from coach.recipe import Recipe
from coach.training import example, fit, train
from coach.windows import Utterance

DATA = Path(__file__).parent.parent / "models/data"
RECIPE = Recipe(name="tiny", epochs=2, batch_tokens=512, encoder_rate=1e-3, head_rate=1e-2)


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
    said = [[Utterance("agent", "sorry . please restart it", ((0, 7), (8, 25)))]]
    whole, resumed = (load(tmp_path / name).score(said)[0][0].tags for name in ("whole", "broken"))
    np.testing.assert_array_equal(whole, resumed)


def test_a_run_with_other_data_or_another_recipe_starts_anew(
    tmp_path: Path, tiny_base: Path, labelled_file: Path
) -> None:
    known = list(read_labelled(labelled_file))
    steps: list[int] = []
    watch = Watch(start=steps.append)
    for data, recipe in ((known, RECIPE), (known, RECIPE), (known[1:], RECIPE), (known[1:], replace(RECIPE, seed=1))):
        fit(data, tiny_base, tmp_path / "model", recipe=recipe, watch=watch)
    assert steps[0] > 0
    assert steps[1] == 0
    assert steps[2] > 0
    assert steps[3] > 0


def test_a_base_that_is_no_encoder_is_named(tmp_path: Path, labelled_file: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.json"):
        fit(list(read_labelled(labelled_file)), tmp_path, tmp_path / "model", recipe=RECIPE, watch=Watch())


def test_the_rates_rise_and_fall() -> None:
    recipe = Recipe(warmup=0.2)
    assert [recipe.rate(share) for share in (0, 0.1, 0.2, 0.6, 1)] == pytest.approx([0, 0.5, 1, 0.5, 0])


def test_training_learns(tmp_path: Path, tiny_base: Path, labelled_file: Path) -> None:
    recipe = Recipe(
        epochs=40, batch_tokens=512, encoder_rate=3e-3, head_rate=3e-2, averaging=0.9, typo_share=0, haste_share=0
    )
    fit(list(read_labelled(labelled_file)), tiny_base, tmp_path / "model", recipe=recipe, watch=Watch())
    said = [
        Utterance("customer", "my router is broken today ."),
        Utterance("agent", "Sorry . Please restart it . Thank you .", ((0, 7), (8, 27), (28, 39))),
    ]
    found = load(tmp_path / "model").score([said])[0][1].tags
    apologise, instruct = 1, 7
    assert found[0, apologise] > 0.5 > found[2, apologise]
    assert found[1, instruct] > 0.5 > found[2, instruct]


def test_an_example_holds_every_labelled_turn(labelled_file: Path) -> None:
    for one in map(example, read_labelled(labelled_file)):
        asked, answer = one.utterances
        feeling, tags = one.labels
        assert (asked.role, answer.role) == ("customer", "agent")
        assert feeling in (0, 1)
        assert isinstance(tags, np.ndarray)
        assert len(tags) == len(answer.spans)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": 1, "turns": [{"role": "agent", "text": "x", "sentences": [{"start": 0, "end": 1, "tags": ["nice"]}]}]}',
        '{"id": 1, "turns": [{"role": "agent", "text": "x", "sentences": [{"start": 0, "end": 9, "tags": []}]}]}',
        '{"id": 1, "turns": [{"role": "customer", "text": null}]}',
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


def test_labels_without_words_find_them_in_another_folder(tmp_path: Path, labelled_file: Path) -> None:
    whole = [json.loads(line) for line in labelled_file.read_text("utf-8").splitlines()]
    bare = [
        {**row, "turns": [{k: v for k, v in t.items() if k not in ("role", "text")} for t in row["turns"]]}
        for row in whole
    ]
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, bare)), "utf-8")
    for source in ("made", "up"):
        with gzip.open(tmp_path / f"{source}.jsonl.gz", "wt", encoding="utf-8") as out:
            out.write("\n".join(json.dumps(row) for row in whole if row["source"] == source))
    assert list(read_labelled(tmp_path / "labels.jsonl", texts=tmp_path)) == list(read_labelled(labelled_file))
    with pytest.raises(InputError, match="--texts"):
        list(read_labelled(tmp_path / "labels.jsonl"))
    with pytest.raises(InputError, match="cannot be read"):
        list(read_labelled(tmp_path / "labels.jsonl", texts=tmp_path / "nowhere"))


def test_our_own_training_conversations_are_whole_and_the_pools_words_are_not_among_them() -> None:
    own = list(read_labelled(DATA / "own.jsonl"))
    ids = [one.conversation.id for one in own]
    assert len(set(ids)) == len(ids)
    assert all(id.startswith("own-") for id in ids)
    rows = [json.loads(line) for line in (DATA / "pool-labels.jsonl").read_text("utf-8").splitlines()]
    assert {key for row in rows for turn in row["turns"] for key in turn} <= {"sentences", "feeling"}
    marks = {key for row in rows for turn in row["turns"] for sentence in turn.get("sentences", ()) for key in sentence}
    assert marks == {"start", "end", "tags"}
