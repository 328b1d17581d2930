"""A model folder in, probabilities out, in batches. The one place that runs torch.

A turn is encoded once, with the words said before it in front, and each sentence's tokens are pooled into
the tag heads; a customer's turn is pooled whole into the feeling head. A folder holds the encoder in the
layout of transformers (`config.json`, `model.safetensors`, `tokenizer.json`), our heads beside it
(`heads.safetensors`), our settings (`coach.json`), a card (`README.md`) and `metrics.json`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from coach.conversation import TAGS
from coach.errors import ConfigError
from coach.model_folder import FEELING_LABELS, Settings, read_settings, write_settings

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Passage:
    """What the encoder reads: one turn, what was said before it, and the spans to judge in it."""

    text: str
    context: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """tags: (spans, 11) in the order of TAGS; feeling: (5,) in the order of FEELING_LABELS; embedding: (width,)."""

    tags: Vector
    feeling: Vector
    embedding: Vector


class Scorer(Protocol):
    """What the pipeline needs of a classifier; tests hand in a fake."""

    thresholds: Mapping[str, float]

    def score(self, passages: Sequence[Passage]) -> list[Scores]: ...


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids of a turn's part, and for each of its spans the first and last-plus-one token."""

    passage: int
    spans: tuple[int, ...]
    ids: tuple[int, ...]
    types: tuple[int, ...]
    bounds: tuple[tuple[int, int], ...]


class Network(nn.Module):
    """The encoder and its two heads."""

    def __init__(self, encoder: PreTrainedModel, width: int, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.tag_head = nn.Linear(width, len(TAGS))
        self.feeling_head = nn.Linear(width, len(FEELING_LABELS))

    def forward(self, batch: "Batch") -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the spans (spans, 11) and of the windows (windows, 5), and the windows' means (windows, width)."""
        states = self.encoder(
            input_ids=batch.ids, attention_mask=batch.attention, token_type_ids=batch.types
        ).last_hidden_state
        turns = _mean(states, batch.types)
        spans = torch.bmm(batch.span_weights, states)[batch.span_mask]
        return self.tag_head(self.dropout(spans)), self.feeling_head(self.dropout(turns)), turns


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows padded to one length: ids, attention, types (windows, tokens); span_weights (windows, spans, tokens)."""

    ids: Tensor
    attention: Tensor
    types: Tensor
    span_weights: Tensor
    span_mask: Tensor


def _mean(states: Tensor, weights: Tensor) -> Tensor:
    weights = weights.to(states.dtype).unsqueeze(1)
    total: Tensor = torch.bmm(weights, states).squeeze(1) / weights.sum(2).clamp(min=1)
    return total


class Windows:
    """Cuts passages into windows of tokens that the encoder can read."""

    def __init__(self, tokenizer: Tokenizer, *, turn_tokens: int, context_tokens: int) -> None:
        self.tokenizer, self.turn_tokens, self.context_tokens = tokenizer, turn_tokens, context_tokens
        marks = {token: tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]", "[PAD]")}
        self.start, self.separator, self.padding = (marks[token] or 0 for token in ("[CLS]", "[SEP]", "[PAD]"))

    def cut(self, passages: Sequence[Passage]) -> list[Window]:
        """Windows of every passage. A span longer than `turn_tokens` is judged by its first tokens."""
        texts = self.tokenizer.encode_batch([p.text for p in passages], add_special_tokens=False)
        contexts = self.tokenizer.encode_batch([p.context for p in passages], add_special_tokens=False)
        return [
            window
            for number, (passage, text, context) in enumerate(zip(passages, texts, contexts, strict=True))
            for window in self._windows(number, passage, text, context.ids)
        ]

    def _windows(self, number: int, passage: Passage, text: Encoding, context: list[int]) -> Iterator[Window]:
        bounds = [_tokens(text, span) for span in passage.spans] or [(0, len(text.ids))]
        group: list[int] = []
        for index, (_, last) in enumerate(bounds):
            if group and last - bounds[group[0]][0] > self.turn_tokens:
                yield self._window(number, group, bounds, text.ids, context)
                group = []
            group.append(index)
        yield self._window(number, group, bounds, text.ids, context)

    def _window(
        self, number: int, group: list[int], bounds: list[tuple[int, int]], ids: list[int], context: list[int]
    ) -> Window:
        begin = bounds[group[0]][0]
        end = min(bounds[group[-1]][1], begin + self.turn_tokens)
        before = (context + ids[:begin])[-self.context_tokens :]
        head = [self.start, *before, self.separator]
        body = [*ids[begin:end], self.separator]
        shift = len(head) - begin
        return Window(
            passage=number,
            spans=tuple(group),
            ids=(*head, *body),
            types=(0,) * len(head) + (1,) * len(body),
            bounds=tuple((bounds[i][0] + shift, max(min(bounds[i][1], end), bounds[i][0] + 1) + shift) for i in group),
        )

    def batch(self, windows: Sequence[Window]) -> Batch:
        """Pads windows to the longest of them."""
        length = max(len(w.ids) for w in windows)
        most = max(len(w.bounds) for w in windows)
        ids = torch.full((len(windows), length), self.padding, dtype=torch.long)
        types = torch.zeros((len(windows), length), dtype=torch.long)
        attention = torch.zeros((len(windows), length), dtype=torch.long)
        weights = torch.zeros((len(windows), most, length))
        mask = torch.zeros((len(windows), most), dtype=torch.bool)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = torch.tensor(window.ids)
            types[row, : len(window.types)] = torch.tensor(window.types)
            attention[row, : len(window.ids)] = 1
            for column, (first, last) in enumerate(window.bounds):
                weights[row, column, first:last] = 1 / (last - first)
                mask[row, column] = True
        return Batch(ids, attention, types, weights, mask)


def _tokens(encoding: Encoding, span: tuple[int, int]) -> tuple[int, int]:
    """The tokens that overlap a character span; an empty overlap gives the token that follows."""
    inside = [i for i, (start, end) in enumerate(encoding.offsets) if start < span[1] and end > span[0]]
    if inside:
        return inside[0], inside[-1] + 1
    first = sum(end <= span[0] for _, end in encoding.offsets)
    return first, first + 1


class Classifier:
    """A loaded model folder."""

    def __init__(self, network: Network, tokenizer: Tokenizer, settings: Settings) -> None:
        self.network = network.eval()
        self.thresholds = settings.thresholds
        self.windows = Windows(tokenizer, turn_tokens=settings.turn_tokens, context_tokens=settings.context_tokens)

    def score(self, passages: Sequence[Passage], *, batch_tokens: int = 6144) -> list[Scores]:
        """Scores of every passage, in order. Windows of like length run together, whatever the order."""
        windows = self.windows.cut(passages)
        tags = [np.zeros((len(p.spans), len(TAGS)), dtype=np.float32) for p in passages]
        feelings: list[list[Vector]] = [[] for _ in passages]
        means: list[list[Vector]] = [[] for _ in passages]
        with torch.inference_mode():
            for group in _by_length(windows, batch_tokens):
                tag_logits, feeling_logits, turns = self.network(self.windows.batch(group))
                rows = iter(torch.sigmoid(tag_logits).numpy())
                for window, feeling, mean in zip(
                    group, torch.softmax(feeling_logits, dim=1).numpy(), turns.numpy(), strict=True
                ):
                    feelings[window.passage].append(feeling)
                    means[window.passage].append(mean)
                    for _, span in zip(window.bounds, window.spans, strict=True):
                        row = next(rows)
                        if span < len(tags[window.passage]):
                            tags[window.passage][span] = row
        return [
            Scores(tag, _strongest(feeling), np.mean(mean, axis=0))
            for tag, feeling, mean in zip(tags, feelings, means, strict=True)
        ]


def _strongest(feelings: list[Vector]) -> Vector:
    """Of a long turn's windows, the one that shows most feeling."""
    return min(feelings, key=lambda probabilities: float(probabilities[0]))


def _by_length(windows: Sequence[Window], batch_tokens: int) -> Iterator[list[Window]]:
    group: list[Window] = []
    for window in sorted(windows, key=lambda w: len(w.ids), reverse=True):
        if group and (len(group) + 1) * len(group[0].ids) > batch_tokens:
            yield group
            group = []
        group.append(window)
    if group:
        yield group


def load(folder: Path) -> Classifier:
    """The classifier of a model folder. Raises ConfigError when it is not one."""
    settings = read_settings(folder)
    encoder = AutoModel.from_config(AutoConfig.from_pretrained(folder), add_pooling_layer=False)  # type: ignore[no-untyped-call]
    network = Network(encoder, encoder.config.hidden_size)
    try:
        inner = {f"encoder.{name}": value for name, value in load_file(folder / "model.safetensors").items()}
        network.load_state_dict(_floats(inner | load_file(folder / "heads.safetensors")))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise ConfigError(f"{folder}: its weights cannot be loaded; make it again with 'coach train'") from error
    return Classifier(network, read_tokenizer(folder), settings)


def read_tokenizer(folder: Path) -> Tokenizer:
    """The folder's tokenizer, which leaves cutting and padding to Windows."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def save(network: Network, tokenizer: Tokenizer, settings: Settings, folder: Path) -> None:
    """Writes the folder, weights in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    network.encoder.config.save_pretrained(folder)
    state = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    prefix = "encoder."
    save_file(
        {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}, folder / "model.safetensors"
    )
    save_file({k: v for k, v in state.items() if not k.startswith(prefix)}, folder / "heads.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"))
    write_settings(settings, folder)


def _floats(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
