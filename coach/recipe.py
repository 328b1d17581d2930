"""Every choice of a training run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """The same recipe and data give the same weights on the same machine.

    Learning rates are for AdamW, the encoder's falling by `layer_decay` from each layer to the one below; the
    word embeddings stay as they are. `batch_tokens` counts padding. In each epoch `speech_share` of the turns
    are shown without case and punctuation, and `alone_share` without the words before them. Labels are
    smoothed by `smoothing`. The weights kept are an exponential moving average with decay `averaging`. A tag is
    assigned from probability `threshold` on.
    """

    name: str = "minilm"
    epochs: int = 4
    batch_tokens: int = 2048
    encoder_rate: float = 6e-5
    layer_decay: float = 0.85
    head_rate: float = 1e-3
    warmup: float = 0.1
    dropout: float = 0.2
    speech_share: float = 0.2
    alone_share: float = 0.3
    smoothing: float = 0.03
    averaging: float = 0.998
    threshold: float = 0.5
    seed: int = 20261121
