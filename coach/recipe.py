"""Every choice of a training run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """The same recipe and data give the same weights on the same machine.

    Learning rates are for AdamW; `batch_tokens` counts padding; `speech_share` of the turns are shown without
    case and punctuation in each epoch; a tag is assigned from probability `threshold` on.
    """

    name: str = "minilm"
    epochs: int = 5
    batch_tokens: int = 2048
    encoder_rate: float = 8e-5
    head_rate: float = 1e-3
    warmup: float = 0.1
    speech_share: float = 0.15
    threshold: float = 0.5
    seed: int = 20261121
