"""Makes the model folder from labelled conversations: encoder and heads, calibration, the conversation's heads."""

import copy
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR
from transformers import AutoModel

from coach.calls import stretches
from coach.card import model_card
from coach.classifier import Network, batched, load, read_tokenizer, save
from coach.conversation import TAGS
from coach.errors import ConfigError
from coach.evaluation.calibration import calibrate, cross_fitted, uncalibrated
from coach.evaluation.measures import Evaluation, answers_of, measure
from coach.evaluation.robustness import robustness
from coach.head_training import fit_heads
from coach.judging import Judge
from coach.labels import DISPUTED, Heeded, Labelled, read_labelled, read_openings, utterances
from coach.model_folder import FEELING_LABELS, Settings, read_settings
from coach.progress import Watch
from coach.recipe import Recipe
from coach.rubric import read_rubric
from coach.tagging import ConversationTagger
from coach.variations import NAMES, addressed, as_speech, as_typed_in_haste, rewritten, with_typos
from coach.windows import Segment, Utterance, Window, Windows, grouped

UNKNOWN = -100


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled conversation as the encoder reads it.

    `labels` holds, per utterance, an agent's tags (spans, 11), a disputed one being 0.5, or the place of a
    customer's feeling in FEELING_LABELS, a disputed one being UNKNOWN.
    """

    utterances: tuple[Utterance, ...]
    labels: tuple[np.ndarray | int, ...]


def example(labelled: Labelled) -> Example:
    """The agent's and the customer's turns with their labels."""
    labels: list[np.ndarray | int] = []
    for number, (turn, sentences, feeling) in enumerate(
        zip(labelled.conversation.turns, labelled.sentences, labelled.feelings, strict=True)
    ):
        if turn.role == "agent":
            tags = np.array([[tag in names for tag in TAGS] for _, _, names in sentences], dtype=np.float32)
            for place in range(len(sentences)):
                tags[place, [(number, place, tag) in labelled.disputed for tag in TAGS]] = 0.5
            labels.append(tags)
        elif turn.role == "customer":
            labels.append(UNKNOWN if feeling == DISPUTED else FEELING_LABELS.index(feeling or "none"))
    return Example(tuple(utterances(labelled)), tuple(labels))


def train(
    labelled: Sequence[Path],
    dev: Path,
    base: Path,
    folder: Path,
    *,
    recipe: Recipe,
    texts: Path | None = None,
    openings: Path | None = None,
    heads_only: bool = False,
    progress: Watch,
) -> Evaluation:
    """Labelled conversations and a base encoder to a whole model folder, measured on `dev`, with its card.

    Of the labels of whole conversations those of the first file count most (`Recipe.further_weight`); `openings` has
    what customers of the labelled conversations called for. With `heads_only` the folder's encoder, tags and
    calibration stay as they are. The figures of tags and feelings are those of `dev` with calibration and thresholds
    cross-fitted; the folder's own, with which types and endings are judged, are fitted on all of it. Raises
    ConfigError when `base` is no encoder or the openings do not fit.
    """
    main, *others = [list(read_labelled(path, texts=texts)) for path in labelled]
    further = [one for found in others for one in found]
    called = _called([*main, *further], openings)
    unseen = list(read_labelled(dev, texts=texts))
    if not heads_only:
        fit([*main, *further], base, folder, recipe=recipe, watch=progress)
    raw = answers_of(unseen, list(ConversationTagger(load(folder)).tag(one.conversation for one in unseen)))
    if heads_only:
        raw = uncalibrated(raw, read_settings(folder))
    else:
        calibrate(folder, raw)
    fit_heads(main, further, called, load(folder), folder, weight=recipe.further_weight)
    judge = Judge.of(folder)
    judged = [found for _, found in judge.judge(one.conversation for one in unseen)]
    evaluation = measure(unseen, judged, cross_fitted(raw), read_rubric())
    checks = robustness(unseen, judge.tagger.classifier)
    metrics = evaluation.as_dict() | {"robustness": asdict(checks)}
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", "utf-8")
    (folder / "README.md").write_text(model_card(evaluation, checks, [*main, *further], recipe), "utf-8")
    _checkpoint(folder).unlink(missing_ok=True)
    return evaluation


def _called(known: Sequence[Labelled], openings: Path | None) -> Mapping[str, Sequence[Heeded]]:
    """What the labelled conversations called for. Raises ConfigError where that is not known or does not fit them."""
    called = read_openings(openings) if openings else {}
    lengths = {
        one.conversation.id: sum(stretch.role == "customer" for stretch in stretches(one.conversation))
        for one in known
        if one.whole and one.conversation.id in called
    }
    if not lengths:
        raise ConfigError("what the labelled conversations called for is not known; name a file of it with --openings")
    for id, length in lengths.items():
        if len(called[id]) != length:
            raise ConfigError(f"{openings}: {id} has {len(called[id])} stretches, but the customer's are {length}")
    return called


def fit(
    labelled: Sequence[Labelled],
    base: Path,
    folder: Path,
    *,
    recipe: Recipe,
    watch: Watch,
) -> None:
    """Fine-tunes the base encoder (a transformers folder) and saves a model folder.

    Each finished epoch is kept beside the folder, and a run that was interrupted goes on from there when its data
    and recipe are still the same.
    """
    if not (base / "config.json").is_file():
        raise ConfigError(f"{base}: has no config.json; name a folder with an encoder in the layout of transformers")
    torch.manual_seed(recipe.seed)
    encoder = AutoModel.from_pretrained(
        base,
        add_pooling_layer=False,
        dtype=torch.float32,
        attn_implementation="eager",
        attention_probs_dropout_prob=0.0,  # drawing it takes a quarter of the time
    )
    network = Network(encoder, encoder.config.hidden_size, dropout=recipe.dropout)
    tokenizer = read_tokenizer(base)
    settings = Settings(name=recipe.name, thresholds=dict.fromkeys(TAGS, 0.5))
    cutter = Windows(tokenizer, size=settings.window_tokens, context=settings.context_tokens)
    examples = [example(one) for one in labelled]
    steps = [sum(1 for _ in _batches(examples, cutter, recipe, epoch=epoch)) for epoch in range(recipe.epochs)]
    optimiser = _optimiser(network, recipe)
    schedule = LambdaLR(optimiser, lambda step: recipe.rate(step / sum(steps)))
    average, mean = copy.deepcopy(network), copy.deepcopy(network)
    learning = [
        (kept, new) for kept, new in zip(average.parameters(), network.parameters(), strict=True) if new.requires_grad
    ]
    parts = {"network": network, "optimiser": optimiser, "schedule": schedule, "average": average, "mean": mean}
    checkpoint, made_of = _checkpoint(folder), _digest(recipe, examples)
    first = _resume(checkpoint, parts, made_of)
    watch.start(sum(steps[first:]))
    network.train()
    for epoch in range(first, recipe.epochs):
        torch.manual_seed(recipe.seed + epoch)
        for windows in _batches(examples, cutter, recipe, epoch=epoch):
            loss = _loss(network, cutter, windows, examples, recipe)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            with torch.no_grad():
                kept, new = zip(*learning, strict=True)
                torch._foreach_lerp_(kept, new, _forgetting(schedule.last_epoch, recipe))
            watch.step()
        settled = max(0, epoch - min(recipe.unsettled, recipe.epochs - 1))
        with torch.no_grad():
            for weight, settling in zip(mean.parameters(), average.parameters(), strict=True):
                weight.lerp_(settling, 1 / (settled + 1))
        _keep(checkpoint, parts, epoch + 1, made_of)
    save(mean, tokenizer, settings, folder)


def _forgetting(step: int, recipe: Recipe) -> float:
    """How much the newest weights count in the average; more in the first steps, which are far from the end."""
    return 1 - min(recipe.averaging, (1 + step) / (10 + step))


def _optimiser(network: Network, recipe: Recipe) -> torch.optim.AdamW:
    """One group a layer, so that the lower ones, which know language, change least."""
    embeddings = network.encoder.get_submodule("embeddings")
    embeddings.get_submodule("word_embeddings").requires_grad_(False)
    layers = [*network.encoder.get_submodule("encoder.layer").children()]
    groups = [
        {
            "params": [p for p in layer.parameters() if p.requires_grad],
            "lr": recipe.encoder_rate * recipe.layer_decay**depth,
        }
        for depth, layer in enumerate([*reversed(layers), embeddings])
    ]
    heads = [*network.tag_head.parameters(), *network.feeling_head.parameters()]
    return torch.optim.AdamW([*groups, {"params": heads, "lr": recipe.head_rate}], weight_decay=0.01, fused=True)


def _batches(examples: Sequence[Example], cutter: Windows, recipe: Recipe, *, epoch: int) -> Iterator[list[Window]]:
    """Batches of windows of like length, in an order that the seed and the epoch decide."""
    chance = random.Random(recipe.seed + epoch)

    def room() -> tuple[int, int]:
        return (cutter.size // 4, 0) if chance.random() < recipe.alone_share else (cutter.size, cutter.context)

    windows: list[Window] = []
    for number, one in enumerate(examples):
        segments = cutter.segments(_varied(one.utterances, recipe, chance))
        pieces = [piece for segment in segments for piece in _pieces(segment, recipe, chance)]
        windows += cutter.join(number, pieces, room=room)
    windows.sort(key=lambda window: len(window) + chance.uniform(-16, 16))
    groups = list(grouped(windows, recipe.batch_tokens))
    chance.shuffle(groups)
    yield from groups


def _varied(utterances: Sequence[Utterance], recipe: Recipe, chance: random.Random) -> list[Utterance]:
    """The conversation as it is, or some of the time as another hand would have written it down."""
    dice = chance.random()
    for share, change in (
        (recipe.speech_share, as_speech),
        (recipe.haste_share, as_typed_in_haste),
        (recipe.typo_share, lambda text: with_typos(text, chance)),
    ):
        if dice < share:
            return [rewritten(utterance, change) for utterance in utterances]
        dice -= share
    if dice < recipe.name_share:
        name = chance.choice(NAMES)
        return [addressed(utterance, name) if chance.random() < 0.5 else utterance for utterance in utterances]
    return list(utterances)


def _pieces(segment: Segment, recipe: Recipe, chance: random.Random) -> Iterator[Segment]:
    """The segment, some of the time cut between sentences, so that each is learnt in whatever company it keeps."""
    if len(segment.spans) < 2 or chance.random() >= recipe.cut_share:
        yield segment
        return
    first = begin = 0
    for last in range(1, len(segment.spans) + 1):
        whole = last == len(segment.spans)
        if whole or chance.random() < 0.4:
            end = len(segment.ids) - 1 if whole else segment.bounds[last][0]
            yield replace(
                segment,
                ids=(*segment.ids[begin:end], segment.ids[-1]),
                places=segment.places[begin:end],
                spans=segment.spans[first:last],
                bounds=tuple((start - begin, stop - begin) for start, stop in segment.bounds[first:last]),
            )
            first, begin = last, end


def _loss(
    network: Network, cutter: Windows, windows: Sequence[Window], examples: Sequence[Example], recipe: Recipe
) -> Tensor:
    """For each turn, the mean cross-entropy of its tags times four, summed over its spans, or its feeling's."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        tags, feelings = network(batched(windows, cutter))
    segments = [(examples[window.conversation].labels[s.turn], s) for window in windows for s in window.segments]
    rows = [labels[list(s.spans)] for labels, s in segments if isinstance(labels, np.ndarray) and s.spans]
    shown = [labels for labels, _ in segments if isinstance(labels, int)]
    wanted = torch.from_numpy(np.concatenate(rows or [np.zeros((0, len(TAGS)), np.float32)]))
    smooth = wanted * (1 - recipe.smoothing) + recipe.smoothing / 2
    tag_loss = functional.binary_cross_entropy_with_logits(tags.float(), smooth, reduction="sum") / len(TAGS)
    feeling_loss = functional.cross_entropy(
        feelings.float(),
        torch.tensor(shown, dtype=torch.long),
        ignore_index=UNKNOWN,
        reduction="sum",
        label_smoothing=recipe.smoothing,
    )
    return (4 * tag_loss + recipe.feeling_weight * feeling_loss) / len(segments)


def _checkpoint(folder: Path) -> Path:
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}.checkpoint")


def _digest(recipe: Recipe, examples: Sequence[Example]) -> str:
    """Changes when the recipe or what is learnt from does."""
    digest = hashlib.sha256(repr(recipe).encode())
    for one in examples:
        digest.update(repr((one.utterances, [np.asarray(labels).tolist() for labels in one.labels])).encode())
    return digest.hexdigest()


def _keep(path: Path, parts: Mapping[str, Any], epoch: int, made_of: str) -> None:
    """Writes the checkpoint whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    torch.save({name: part.state_dict() for name, part in parts.items()} | {"epoch": epoch, "made_of": made_of}, new)
    new.replace(path)


def _resume(path: Path, parts: Mapping[str, Any], made_of: str) -> int:
    """The epoch to begin with: 0, or the one after the last that was finished with the same recipe and data."""
    state = torch.load(path, weights_only=True) if path.exists() else {}
    if state.get("made_of") != made_of:
        return 0
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["epoch"])
