"""Linear heads over a whole conversation: plain weights, trained by coach.training, applied with numpy."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from coach.errors import ConfigError

FILE = "conversation.safetensors"
HEADS = ("type", "assertiveness", "responsiveness", "resolved", "listening_call", "instruction_call", "repeats_call")
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """weights (outputs, features) and bias (outputs,) over features standardised by mean and scale (features,)."""

    weights: Array
    bias: Array
    mean: Array
    scale: Array

    def __call__(self, features: Array) -> Array:
        """features (features,) → outputs (outputs,)."""
        scores: Array = self.weights @ ((features - self.mean) / self.scale) + self.bias
        return scores

    def probabilities(self, features: Array) -> Array:
        """Softmax of the outputs."""
        scores = self(features)
        powers = np.exp(scores - scores.max())
        result: Array = powers / powers.sum()
        return result

    def chance(self, features: Array) -> float:
        """The logistic of the one output: a probability."""
        return float(1 / (1 + np.exp(-self(features)[0])))

    def pull(self, features: Array, output: int) -> Array:
        """How far each feature moves one output away from the mean of all outputs: (features,)."""
        direction: Array = self.weights[output] - self.weights.mean(axis=0)
        return np.asarray(direction * (features - self.mean) / self.scale, dtype=np.float32)


def load_heads(folder: Path) -> Mapping[str, Linear]:
    """The conversation heads of a model folder, by name in HEADS."""
    try:
        arrays = load_file(folder / FILE)
        return {name: Linear(*(arrays[f"{name}.{part}"] for part in Linear.__slots__)) for name in HEADS}
    except (OSError, KeyError, SafetensorError) as error:
        raise ConfigError(
            f"{folder / FILE} is missing or incomplete; make the model again with 'coach train'"
        ) from error


def save_heads(heads: Mapping[str, Linear], folder: Path) -> None:
    save_file(
        {
            f"{name}.{part}": np.ascontiguousarray(getattr(head, part), dtype=np.float32)
            for name, head in heads.items()
            for part in Linear.__slots__
        },
        folder / FILE,
    )
