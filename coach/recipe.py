"""Every choice of a training run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """The same recipe and data give the same weights on the same machine.

    Learning rates are for AdamW; they rise over the first `warmup` of all steps, then fall to nothing. The
    encoder's rate falls by `layer_decay` from each layer to the one below; the word embeddings stay as they are.
    `batch_tokens` counts padding. In each epoch windows are cut anew: `cut_share` of the agents' turns between
    sentences, `alone_share` of the windows small and without the words before them. Of the conversations
    `speech_share` are shown as transcribed speech, `haste_share` as typed in haste, `typo_share` with mistyped words
    and `name_share` with agents who address the customer by a name. A feeling's loss counts `feeling_weight` of a
    tag's. Labels are smoothed by `smoothing`. An exponential moving average with decay `averaging` is taken of the
    weights; those kept are its mean over the ends of the epochs after the first `unsettled`. For the heads over whole
    conversations one of a further file counts `further_weight` of one of the first.
    """

    name: str = "minilm"
    epochs: int = 9
    batch_tokens: int = 2048
    encoder_rate: float = 1.4e-4
    layer_decay: float = 0.95
    head_rate: float = 1e-3
    warmup: float = 0.06
    dropout: float = 0.1
    cut_share: float = 0.5
    alone_share: float = 0.3
    speech_share: float = 0.12
    haste_share: float = 0.1
    typo_share: float = 0.15
    name_share: float = 0.15
    feeling_weight: float = 0.5
    smoothing: float = 0.02
    averaging: float = 0.99
    unsettled: int = 2
    further_weight: float = 0.3
    seed: int = 20261123

    def rate(self, progress: float) -> float:
        """The factor on the learning rates after this share of all steps."""
        return progress / self.warmup if progress < self.warmup else max(0.0, 1 - progress) / (1 - self.warmup)
