"""A model folder in, probabilities out, in batches. The one place that runs torch.

A conversation's turns are encoded together, each seeing what was said before it (`coach.windows`). An agent's
sentence is the mean of its tokens, read by the tag head; a customer's turn is the mean of its tokens, read by the
feeling head. Both heads are linear, so a sentence's logit is the mean of its tokens' own, which tells which words
carried a tag at no further cost. A folder holds the encoder in the layout of transformers (`config.json`,
`model.safetensors`, `tokenizer.json`), our heads beside it (`heads.safetensors`), our settings (`coach.json`), a
card (`README.md`) and `metrics.json`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from coach.conversation import TAGS, Spans
from coach.errors import ConfigError
from coach.model_folder import FEELING_LABELS, Settings, read_settings, write_settings
from coach.windows import Segment, Utterance, Window, Windows, grouped

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scores:
    """What was found in one turn.

    tags: (spans, 11) in the order of TAGS; feeling: (5,) in the order of FEELING_LABELS; embedding: (width,).
    places: the characters of each token; pulls: (tokens, 11), how far each token speaks for a tag, in logits.
    """

    tags: Vector
    feeling: Vector
    embedding: Vector
    places: Spans
    pulls: Vector


def assigned_tags(chances: Iterable[float], thresholds: Mapping[str, float]) -> tuple[str, ...]:
    """The tags, in the order of TAGS, whose probability reaches their threshold."""
    return tuple(tag for tag, chance in zip(TAGS, chances, strict=True) if chance >= thresholds[tag])


class Scorer(Protocol):
    """What the pipeline needs of a classifier; tests hand in a fake."""

    thresholds: Mapping[str, float]
    feeling_threshold: float

    def score(self, conversations: Sequence[Sequence[Utterance]]) -> list[list[Scores]]: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows padded to one length.

    ids, types (windows, tokens); attention (windows, 1, tokens, tokens), 0 where a token sees another, else very
    low; span_weights (windows, spans, tokens), turn_weights (windows, turns, tokens), whose rows sum to 1 where
    span_mask and turn_mask are true. A span belongs to an agent's turn, and the turns are the customer's.
    """

    ids: Tensor
    types: Tensor
    attention: Tensor
    span_weights: Tensor
    span_mask: Tensor
    turn_weights: Tensor
    turn_mask: Tensor


def batched(windows: Sequence[Window], cutter: Windows) -> Batch:
    """Pads windows to the longest of them."""
    shape = len(windows), max(map(len, windows))
    ids = torch.full(shape, cutter.padding)
    types = torch.zeros(shape, dtype=torch.long)
    turns = torch.full(shape, -1)  # the start of a window, which every turn sees
    spans = [[s for segment in w.segments if segment.role == "agent" for s in segment.spans] for w in windows]
    heard = [[segment for segment in w.segments if segment.role != "agent"] for w in windows]
    span_weights = torch.zeros(len(windows), max(1, *map(len, spans)), shape[1])
    turn_weights = torch.zeros(len(windows), max(1, *map(len, heard)), shape[1])
    for row, window in enumerate(windows):
        ids[row, 0] = cutter.start
        place, span, turn = 1, 0, 0
        said = [(role, held, None) for role, held in window.before]
        for number, (role, held, segment) in enumerate([*said, *((s.role, s.ids, s) for s in window.segments)]):
            end = place + len(held)
            ids[row, place:end] = torch.tensor(held)
            types[row, place:end] = int(role == "agent")
            turns[row, place:end] = number
            if segment is not None and role == "agent":
                for begin, stop in segment.bounds:
                    span_weights[row, span, place + begin : place + stop] = 1 / (stop - begin)
                    span += 1
            elif segment is not None:
                turn_weights[row, turn, place:end] = 1 / len(held)
                turn += 1
            place = end
        turns[row, place:] = len(ids[row])  # padding sees all and nothing sees it
    seen = turns[:, None, :] <= turns[:, :, None]
    attention = torch.zeros(seen.shape).masked_fill(~seen, -1e4).unsqueeze(1)
    return Batch(ids, types, attention, span_weights, span_weights.any(2), turn_weights, turn_weights.any(2))


class Network(nn.Module):
    """The encoder and its two heads."""

    def __init__(self, encoder: PreTrainedModel, width: int, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.tag_head = nn.Linear(width, len(TAGS))
        self.feeling_head = nn.Linear(width, len(FEELING_LABELS))

    def encode(self, batch: Batch) -> Tensor:
        """The last layer's states: (windows, tokens, width)."""
        states: Tensor = self.encoder(
            input_ids=batch.ids, attention_mask=batch.attention, token_type_ids=batch.types
        ).last_hidden_state
        return states

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Logits of the agents' spans (spans, 11) and of the customers' turns (turns, 5), in order of speech."""
        states = self.encode(batch)
        spans = torch.bmm(batch.span_weights.to(states.dtype), states)[batch.span_mask]
        turns = torch.bmm(batch.turn_weights.to(states.dtype), states)[batch.turn_mask]
        return self.tag_head(self.dropout(spans)), self.feeling_head(self.dropout(turns))


class Classifier:
    """A loaded model folder."""

    def __init__(self, network: Network, tokenizer: Tokenizer, settings: Settings) -> None:
        self.network = network.eval()
        self.thresholds, self.feeling_threshold = settings.thresholds, settings.feeling_threshold
        self.stretch, self.shift = torch.tensor(settings.stretch), torch.tensor(settings.shift)
        self.felt_stretch, self.felt_shift = settings.felt_stretch, torch.tensor(settings.felt_shift)
        self.windows = Windows(tokenizer, size=settings.window_tokens, context=settings.context_tokens)

    def score(self, conversations: Sequence[Sequence[Utterance]], *, batch_tokens: int = 6144) -> list[list[Scores]]:
        """Scores of every turn of every conversation, in order. Windows of like length run together."""
        parts: list[list[list[_Part]]] = [[[] for _ in one] for one in conversations]
        with torch.inference_mode():
            for group in grouped(sorted(self.windows.cut(conversations), key=len, reverse=True), batch_tokens):
                states = self.network.encode(batched(group, self.windows))
                for window, encoded in zip(group, states, strict=True):
                    place = 1 + sum(len(ids) for _, ids in window.before)
                    for segment in window.segments:
                        own = encoded[place : place + len(segment.ids)]
                        parts[window.conversation][segment.turn].append(self._part(segment, own))
                        place += len(segment.ids)
        return [[_joined(found) for found in one] for one in parts]

    def _part(self, segment: Segment, states: Tensor) -> "_Part":
        """A segment's scores from its tokens' states: (tokens, width)."""
        pulls = self.network.tag_head(states) * self.stretch + self.shift
        spans = [pulls[first:last].mean(0) for first, last in segment.bounds]
        mean = states.mean(0)
        return _Part(
            segment,
            tags=torch.sigmoid(torch.stack(spans)).numpy() if spans else np.zeros((0, len(TAGS)), np.float32),
            feeling=torch.softmax(self.network.feeling_head(mean) * self.felt_stretch + self.felt_shift, 0).numpy(),
            embedding=mean.numpy(),
            pulls=pulls[:-1].numpy(),
        )


@dataclass(frozen=True, slots=True)
class _Part:
    segment: Segment
    tags: Vector
    feeling: Vector
    embedding: Vector
    pulls: Vector


def _joined(parts: Sequence[_Part]) -> Scores:
    """A turn's scores from those of its parts; the feeling is that of the part which shows most."""
    parts = sorted(parts, key=lambda part: (part.segment.spans, part.segment.places))
    return Scores(
        tags=np.concatenate([part.tags for part in parts]),
        feeling=min((part.feeling for part in parts), key=lambda chances: float(chances[0])),
        embedding=np.mean([part.embedding for part in parts], axis=0),
        places=tuple(place for part in parts for place in part.segment.places),
        pulls=np.concatenate([part.pulls for part in parts]),
    )


def load(folder: Path) -> Classifier:
    """The classifier of a model folder. Raises ConfigError when it is not one."""
    settings = read_settings(folder)
    try:
        config = AutoConfig.from_pretrained(folder, attn_implementation="eager")
        encoder = AutoModel.from_config(config, add_pooling_layer=False)  # type: ignore[no-untyped-call]
        network = Network(encoder, encoder.config.hidden_size)
        inner = {f"encoder.{name}": value for name, value in load_file(folder / "model.safetensors").items()}
        network.load_state_dict(_floats(inner | load_file(folder / "heads.safetensors")))
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ConfigError(f"{folder}: its weights cannot be loaded; make it again with 'coach train'") from error
    return Classifier(network, read_tokenizer(folder), settings)


def read_tokenizer(folder: Path) -> Tokenizer:
    """The folder's tokenizer, which leaves cutting and padding to Windows. Raises ConfigError when there is none."""
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise ConfigError(f"{folder}: has no tokenizer.json; name an encoder's folder in the layout of transformers")
    tokenizer = Tokenizer.from_file(str(path))
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
