import gzip
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from handmade import agent, customer, feeling, sentence, talk
from typer.testing import CliRunner

from coach.calls import HEADS as CALLS
from coach.calls import REPEATS, hear
from coach.classifier import load
from coach.cli import app
from coach.conversation import RESOLUTIONS, SKILLS
from coach.errors import ConfigError, InputError
from coach.head_training import call_heads, heads_of
from coach.heads import load_heads
from coach.labels import Heeded, Whole, read_labelled, read_openings
from coach.model_folder import read_metrics
from coach.personality import TYPE_LABELS
from coach.personality import features as type_features
from coach.progress import Watch
from coach.recipe import Recipe
from coach.resolution import features as resolution_features
from coach.resolution import judge_resolution
from coach.tagging import TaggedConversation
from coach.training import example, fit, train
from coach.windows import Utterance

DATA = Path(__file__).parent.parent / "models/data"
RECIPE = Recipe(name="tiny", epochs=2, batch_tokens=512, encoder_rate=1e-3, head_rate=1e-2)


def test_training_makes_a_whole_folder_that_explains_itself(
    tmp_path: Path, tiny_base: Path, labelled_file: Path, openings_file: Path
) -> None:
    steps: list[int] = []
    watch = Watch(start=steps.append, step=lambda: steps.append(1))
    evaluation = train(
        [labelled_file],
        labelled_file,
        tiny_base,
        tmp_path / "model",
        recipe=RECIPE,
        openings=openings_file,
        progress=watch,
    )
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


def test_with_heads_only_what_judges_whole_conversations_is_fitted_and_the_rest_stays(
    tmp_path: Path, tiny_base: Path, tiny_model: Path, labelled_file: Path, openings_file: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    arguments = [
        "--base",
        str(tiny_base),
        "--dev",
        str(labelled_file),
        "--openings",
        str(openings_file),
        "--out",
        str(model),
    ]
    done = CliRunner().invoke(app, ["train", str(labelled_file), *arguments, "--heads-only"])
    assert done.exit_code == 0, done.stderr
    after = {path.name: path.read_bytes() for path in model.iterdir()}
    changed = {name for name, content in after.items() if content != before.get(name)}
    assert changed == {"conversation.safetensors", "metrics.json", "README.md"}
    assert {name: head.weights.shape for name, head in load_heads(model).items()} == {
        name: head.weights.shape for name, head in load_heads(tiny_model).items()
    }


@pytest.mark.parametrize("unknown", [None, {}, {"another": [{}]}])
def test_without_what_customers_called_for_nothing_is_trained(
    tmp_path: Path, tiny_base: Path, labelled_file: Path, unknown: object
) -> None:
    openings = tmp_path / "openings.json"
    openings.write_text(json.dumps(unknown), "utf-8")
    chosen = {} if unknown is None else {"openings": openings}
    with pytest.raises(ConfigError, match=r"called for is not known; .*--openings"):
        train([labelled_file], labelled_file, tiny_base, tmp_path / "model", recipe=RECIPE, progress=Watch(), **chosen)
    assert not (tmp_path / "model").exists()


def test_openings_that_do_not_fit_their_conversation_are_named(
    tmp_path: Path, tiny_base: Path, labelled_file: Path
) -> None:
    openings = tmp_path / "openings.json"
    openings.write_text(json.dumps({"c3": [{}, {}]}), "utf-8")
    with pytest.raises(ConfigError, match=r"openings\.json: c3 has 2 stretches, but the customer's are 1"):
        train(
            [labelled_file],
            labelled_file,
            tiny_base,
            tmp_path / "model",
            recipe=RECIPE,
            openings=openings,
            progress=Watch(),
        )
    assert not (tmp_path / "model").exists()


# --- heads ---

HUNDRED = ["it is broken", "how do I change it", "thanks, bye", "hello"] * 25


@pytest.fixture(scope="module")
def tagged() -> list[TaggedConversation]:
    """A hundred chats of one exchange, with embeddings that tell nothing."""
    chance = np.random.default_rng(8)
    return [
        TaggedConversation(
            conversation,
            ((), (sentence(answer, "instruct" if number % 2 else "probe"),)),
            (feeling("anger" if number % 4 == 0 else None), None),
            tuple(chance.normal(size=(2, 3)).astype(np.float32)),
        )
        for number, text in enumerate(HUNDRED)
        if (answer := "All done, it is fixed." if number % 2 else "I am afraid that is not possible.")
        and (conversation := talk(customer(f"{text} {'now ' * (number % 7)}"), agent(answer), id=f"c{number}"))
    ]


def test_call_heads_learn_what_calls_from_those_stretches_that_are_known(tagged: list[TaggedConversation]) -> None:
    statuses = [{"listening": "met"}, {"instruction": "missed"}, {}, {}] * 25
    known = {f"c{i}": (Heeded(one, repeats=i % 4 == 3),) for i, one in enumerate(statuses) if i < 80}
    heads = call_heads(tagged, known)
    assert set(heads) == {*CALLS.values(), REPEATS}
    for conversation, sentences, feelings, _ in tagged[80:84]:
        (heard, _) = hear(conversation, sentences, feelings, heads)
        skills = [call.skill for call in heard.calls if call.skill != "empathy"]
        number = int(conversation.id[1:]) % 4
        assert skills == [["listening"], ["instruction"], [], []][number]
        assert heard.repeats == (number == 3)


def wholes(shift: int = 0) -> list[Whole]:
    """Type, scales and ending by what is said; of the last forty the ending is as many further on as `shift`."""
    return [
        Whole(TYPE_LABELS[i % 4], 1.0 + i % 4, 5.0 - i % 4, (), RESOLUTIONS[(i + shift * (i >= 60)) % 4], 3, 3)
        for i in range(100)
    ]


def test_heads_of_whole_conversations_learn_from_what_was_tagged(tagged: list[TaggedConversation]) -> None:
    heads = heads_of(tagged, wholes(), np.where(np.arange(100) < 60, 1.0, 0.3))
    for i, one in enumerate(tagged[:4]):
        row = type_features(one.conversation, one.feelings, one.embeddings)[-1]
        assert int(np.argmax(heads["type"].probabilities(row))) == i
        for name, level in (("assertiveness", 1 + i), ("responsiveness", 5 - i)):
            value, margin = heads[name](row)
            assert value == pytest.approx(level, abs=0.75)
            assert 0 < margin < 4
        assert judge_resolution(one.conversation, resolution_features(*one), heads).label == RESOLUTIONS[i]


def test_a_further_conversation_counts_as_little_as_its_weight(tagged: list[TaggedConversation]) -> None:
    first = tagged[0]
    heads = [heads_of(tagged, wholes(shift=1), np.where(np.arange(100) < 60, 1.0, weight)) for weight in (0.01, 0.9)]
    little, much = (
        judge_resolution(first.conversation, resolution_features(*first), one).probabilities for one in heads
    )
    assert little[RESOLUTIONS[0]] > much[RESOLUTIONS[0]]
    assert little[RESOLUTIONS[1]] < much[RESOLUTIONS[1]]


# --- the encoder ---


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


def test_openings_are_read_by_conversation_and_stretch(tmp_path: Path) -> None:
    path = tmp_path / "openings.json"
    path.write_text(
        '{"a": [{"listening": "met", "instruction": "recovered"}, {"repeats": true}, {}], "b": []}', "utf-8"
    )
    assert read_openings(path) == {
        "a": (Heeded({"listening": "met", "instruction": "recovered"}), Heeded({}, repeats=True), Heeded({})),
        "b": (),
    }


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "[]",
        "1",
        '{"a": 1}',
        '{"a": ["listening"]}',
        '{"a": {"listening": "met"}}',
        '{"a": [{"listening": "heard"}]}',
        '{"a": [{"hearing": "met"}]}',
        '{"a": [{"listening": null}]}',
        '{"a": [{"listening": ["met"]}]}',
    ],
)
def test_a_file_that_is_not_of_openings_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "openings.json"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(InputError, match=r"openings\.json: is not a file of openings .*\{\"listening\": \"met\""):
        read_openings(path)


def test_openings_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "openings.json").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not a file of openings"):
        read_openings(tmp_path / "openings.json")


def test_the_openings_that_come_with_coach_can_be_read_and_no_conversation_is_in_two_files() -> None:
    files = [read_openings(path) for path in sorted(DATA.glob("openings*.json"))]
    assert len(files) == 3
    training, one, other = (next(f for f in files if len(f) > 60), *(f for f in files if len(f) <= 60))
    assert not training.keys() & (one.keys() | other.keys())
    assert {name for found in files for some in found.values() for heeded in some for name in heeded.statuses} == set(
        SKILLS
    )


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
