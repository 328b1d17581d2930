"""Every choice of a training run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from coach.conversation import SKILLS


@dataclass(frozen=True, slots=True)
class Recipe:
    """The same recipe and data give the same weights on the same machine.

    Learning rates are for AdamW, the encoder's falling by `layer_decay` from each layer to the one below; the
    word embeddings stay as they are. `batch_tokens` counts padding. In each epoch `cut_share` of the agents'
    turns are cut between sentences, `speech_share` of the turns are shown without case and punctuation, and
    `alone_share` without the words before them. Labels are smoothed by `smoothing`. The weights kept are an
    exponential moving average with decay `averaging`. A tag is assigned from its skill's threshold on.
    """

    name: str = "minilm"
    epochs: int = 3
    batch_tokens: int = 2048
    encoder_rate: float = 1.2e-4
    layer_decay: float = 0.95
    head_rate: float = 1e-3
    warmup: float = 0.08
    dropout: float = 0.1
    cut_share: float = 0.6
    speech_share: float = 0.15
    alone_share: float = 0.15
    smoothing: float = 0.02
    averaging: float = 0.99
    thresholds: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(SKILLS, 0.5))
    seed: int = 20261121
