"""Makes the model folder from labelled conversations: encoder and heads, then the conversation's heads."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import AutoModel

from coach.card import model_card
from coach.classifier import Network, Passage, Scorer, Window, Windows, load, read_tokenizer, save
from coach.conversation import RESOLUTIONS, TAGS
from coach.evaluation import Evaluation, evaluate
from coach.heads import Linear, save_heads
from coach.judging import Judge
from coach.labels import Labelled, read_labelled
from coach.model_folder import FEELING_LABELS, Settings
from coach.personality import TYPE_LABELS
from coach.personality import features as type_features
from coach.progress import Watch
from coach.recipe import Recipe
from coach.resolution import features as resolution_features
from coach.rubric import read_rubric
from coach.tagging import ConversationTagger, words_before

PUNCTUATION = str.maketrans(dict.fromkeys(".,!?;:", " "))


@dataclass(frozen=True, slots=True)
class Example:
    """One turn: what the encoder reads, and its labels: an agent's tags (spans, 11) or a customer's feeling."""

    passage: Passage
    tags: np.ndarray | None
    feeling: int | None


def examples(labelled: Sequence[Labelled]) -> list[Example]:
    """Every agent and customer turn of the conversations."""
    found = []
    for one in labelled:
        for number, turn in enumerate(one.conversation.turns):
            context = words_before(one.conversation.turns, number)
            sentences = one.sentences[number]
            if turn.role == "agent" and sentences:
                tags = np.array([[tag in names for tag in TAGS] for _, _, names in sentences], dtype=np.float32)
                spans = tuple((start, end) for start, end, _ in sentences)
                found.append(Example(Passage(turn.text, context, spans), tags, None))
            elif turn.role == "customer":
                feeling = FEELING_LABELS.index(one.feelings[number] or "none")
                found.append(Example(Passage(turn.text, context, ()), None, feeling))
    return found


def in_speech_style(passage: Passage) -> Passage:
    """The same words as a transcript of speech has them: lower case, no punctuation; offsets stay."""

    def bare(text: str) -> str:
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        return lowered.translate(PUNCTUATION)

    return Passage(bare(passage.text), bare(passage.context), passage.spans)


def train(
    labelled: Sequence[Path], dev: Path, base: Path, folder: Path, *, recipe: Recipe, progress: Watch
) -> Evaluation:
    """Labelled conversations and a base encoder to a whole model folder, measured on `dev`, with its card."""
    known = [one for path in labelled for one in read_labelled(path)]
    unseen = list(read_labelled(dev))
    fit(known, base, folder, recipe=recipe, watch=progress)
    fit_heads(known, load(folder), folder)
    evaluation = evaluate(unseen, Judge.of(folder).judge, read_rubric())
    (folder / "metrics.json").write_text(json.dumps(evaluation.as_dict(), indent=2) + "\n", "utf-8")
    (folder / "README.md").write_text(model_card(evaluation, known, recipe), "utf-8")
    return evaluation


def fit(
    labelled: Sequence[Labelled],
    base: Path,
    folder: Path,
    *,
    recipe: Recipe,
    watch: Watch,
) -> None:
    """Fine-tunes the base encoder (a transformers folder) and saves a model folder.

    Each finished epoch is kept beside the folder, and a run that was interrupted goes on from there.
    """
    torch.manual_seed(recipe.seed)
    encoder = AutoModel.from_pretrained(base, add_pooling_layer=False, dtype=torch.float32)
    network = Network(encoder, encoder.config.hidden_size, dropout=recipe.dropout)
    tokenizer = read_tokenizer(base)
    settings = Settings(name=recipe.name, thresholds=recipe.thresholds)
    cutter = Windows(tokenizer, turn_tokens=settings.turn_tokens, context_tokens=settings.context_tokens)
    turns = examples(labelled)
    steps = [sum(1 for _ in _batches(turns, cutter, recipe, epoch=epoch)) for epoch in range(recipe.epochs)]
    optimiser = _optimiser(network, recipe)
    ends = np.cumsum([0, *steps])
    schedule = LambdaLR(optimiser, lambda step: recipe.rate(float(np.interp(step, ends, range(len(ends))))))
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging))  # type: ignore[no-untyped-call]
    parts = {"network": network, "optimiser": optimiser, "schedule": schedule, "average": average}
    checkpoint = folder.with_suffix(".checkpoint")
    first = _resume(checkpoint, parts)
    watch.start(sum(steps[first:]))
    network.train()
    for epoch in range(first, recipe.epochs):
        torch.manual_seed(recipe.seed + epoch)
        for windows, labels in _batches(turns, cutter, recipe, epoch=epoch):
            loss = _loss(network, cutter, windows, labels, smoothing=recipe.smoothing)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            average.update_parameters(network)
            watch.step()
        _keep(checkpoint, parts, epoch + 1)
    network.load_state_dict(average.module.state_dict())
    save(network, tokenizer, settings, folder)
    checkpoint.unlink(missing_ok=True)


def _optimiser(network: Network, recipe: Recipe) -> torch.optim.AdamW:
    """One group a layer, so that the lower ones, which know language, change least."""
    network.encoder.get_submodule("embeddings").requires_grad_(False)
    layers = list(network.encoder.get_submodule("encoder.layer").children())
    groups = [
        {"params": layer.parameters(), "lr": recipe.encoder_rate * recipe.layer_decay**depth}
        for depth, layer in enumerate(reversed(layers))
    ]
    heads = [*network.tag_head.parameters(), *network.feeling_head.parameters()]
    return torch.optim.AdamW([*groups, {"params": heads, "lr": recipe.head_rate}], weight_decay=0.01)


def _batches(
    turns: Sequence[Example], cutter: Windows, recipe: Recipe, *, epoch: int
) -> Iterator[tuple[list[Window], list[Example]]]:
    """Batches of windows of like length, in an order that the seed and the epoch decide."""
    chance = random.Random(recipe.seed + epoch)
    turns = [piece for turn in turns for piece in _pieces(turn, recipe, chance)]
    windows = cutter.cut([_varied(turn.passage, recipe, chance) for turn in turns])
    windows.sort(key=lambda window: len(window.ids) + chance.uniform(-8, 8))
    groups: list[list[Window]] = [[]]
    for window in windows:
        longest = max([len(window.ids), *(len(w.ids) for w in groups[-1])])
        if longest * (len(groups[-1]) + 1) > recipe.batch_tokens:
            groups.append([])
        groups[-1].append(window)
    chance.shuffle(groups)
    for group in groups:
        yield group, [turns[window.passage] for window in group]


def _pieces(turn: Example, recipe: Recipe, chance: random.Random) -> Iterator[Example]:
    """The turn, some of the time cut between sentences, each piece with the one before it as its context.

    So the model learns to judge a sentence whatever company it keeps.
    """
    spans = turn.passage.spans
    if turn.tags is None or len(spans) < 2 or chance.random() >= recipe.cut_share:
        yield turn
        return
    first = 0
    for last in range(1, len(spans) + 1):
        if last == len(spans) or chance.random() < 0.5:
            start, end = spans[first][0], spans[last - 1][1]
            before = f"{turn.passage.context}\nagent: {turn.passage.text[:start]}" if start else turn.passage.context
            shifted = tuple((s - start, e - start) for s, e in spans[first:last])
            yield Example(Passage(turn.passage.text[start:end], before, shifted), turn.tags[first:last], None)
            first = last


def _varied(passage: Passage, recipe: Recipe, chance: random.Random) -> Passage:
    if chance.random() < recipe.alone_share:
        passage = replace(passage, context="")
    return in_speech_style(passage) if chance.random() < recipe.speech_share else passage


def _loss(
    network: Network, cutter: Windows, windows: list[Window], labels: list[Example], *, smoothing: float
) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        tags, feelings, _ = network(cutter.batch(windows))
    tags, feelings = tags.float(), feelings.float()
    rows = [
        label.tags[list(window.spans)] if label.tags is not None else np.full((1, len(TAGS)), np.nan, np.float32)
        for window, label in zip(windows, labels, strict=True)
    ]
    wanted = torch.from_numpy(np.concatenate(rows))
    judged = ~wanted.isnan()
    smooth = wanted[judged] * (1 - smoothing) + smoothing / 2
    tag_loss = functional.binary_cross_entropy_with_logits(tags[judged], smooth, reduction="sum") / len(TAGS)
    feeling = torch.tensor([-1 if label.feeling is None else label.feeling for label in labels])
    feeling_loss = functional.cross_entropy(
        feelings, feeling, ignore_index=-1, reduction="sum", label_smoothing=smoothing
    )
    return (4 * tag_loss + feeling_loss) / len(windows)


def _keep(path: Path, parts: Mapping[str, Any], epoch: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({name: part.state_dict() for name, part in parts.items()} | {"epoch": epoch}, path)


def _resume(path: Path, parts: Mapping[str, Any]) -> int:
    """The epoch to begin with: 0, or the one after the last that was finished."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["epoch"])


def fit_heads(labelled: Sequence[Labelled], classifier: Scorer, folder: Path) -> None:
    """Fits the heads over whole conversations on the features of the tagged conversations, and saves them."""
    tagged = list(ConversationTagger(classifier).tag(one.conversation for one in labelled))
    talk = np.array([type_features(t.conversation, t.feelings, t.embeddings) for t in tagged])
    ending = np.array([resolution_features(t.conversation, t.sentences, t.feelings) for t in tagged])
    with threadpool_limits(1):  # many small fits: threads would only wait for each other
        heads = {
            "type": _choice(talk, [TYPE_LABELS.index(one.type) for one in labelled]),
            "assertiveness": _scale(talk, [one.assertiveness for one in labelled]),
            "responsiveness": _scale(talk, [one.responsiveness for one in labelled]),
            "resolved": _choice(ending, [RESOLUTIONS.index(one.resolved) for one in labelled]),
        }
    save_heads(heads, folder)


def _choice(features: np.ndarray, labels: list[int]) -> Linear:
    """Multinomial logistic regression; the strength of its penalty by cross-validation."""
    scaler = StandardScaler().fit(features)
    model = LogisticRegressionCV(
        Cs=np.logspace(-4, 0, 9),
        cv=5,
        scoring="neg_log_loss",
        max_iter=2000,
        use_legacy_attributes=False,
        l1_ratios=(0.0,),
    ).fit(scaler.transform(features), labels)
    return Linear(model.coef_, model.intercept_, scaler.mean_, scaler.scale_)


def _scale(features: np.ndarray, labels: list[float]) -> Linear:
    """Ridge regression; the strength of its penalty by cross-validation."""
    scaler = StandardScaler().fit(features)
    model = RidgeCV(alphas=np.logspace(1, 5, 17)).fit(scaler.transform(features), labels)
    return Linear(model.coef_[None], np.array([model.intercept_]), scaler.mean_, scaler.scale_)
