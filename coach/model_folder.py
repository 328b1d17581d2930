"""What a model folder says of itself, read without torch: settings, fingerprint, and where the shipped one is."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from coach.conversation import FEELINGS, TAGS
from coach.errors import ConfigError

FEELING_LABELS: tuple[str, ...] = ("none", *FEELINGS)
SHIPPED = "minilm"


@dataclass(frozen=True, slots=True)
class Settings:
    """coach.json: what the heads mean, from which probability a tag or a feeling is, and how text is cut.

    `stretch` and `shift` calibrate the logits of the tags, in the order of `tags`; `felt_stretch` those of all
    feelings and `felt_shift` each, in the order of `feelings`.
    """

    name: str
    thresholds: Mapping[str, float]
    feeling_threshold: float = 0.5
    stretch: tuple[float, ...] = (1.0,) * len(TAGS)
    shift: tuple[float, ...] = (0.0,) * len(TAGS)
    felt_stretch: float = 1.0
    felt_shift: tuple[float, ...] = (0.0,) * len(FEELING_LABELS)
    window_tokens: int = 256
    context_tokens: int = 96
    tags: tuple[str, ...] = TAGS
    feelings: tuple[str, ...] = FEELING_LABELS


def shipped_model() -> Path:
    """The folder of the model that came with coach, in the installed package or in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "models" / SHIPPED, package.parent / "models" / SHIPPED):
        if (folder / "coach.json").exists():
            return folder
    raise ConfigError("the model that belongs to coach is missing; install coach again, or name one with --model")


def read_settings(folder: Path) -> Settings:
    """coach.json of a model folder. Raises ConfigError when it is not one or is for other labels."""
    try:
        values: dict[str, Any] = json.loads((folder / "coach.json").read_text("utf-8"))
        frozen: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        settings = Settings(**frozen)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{folder}: not a model folder of coach ({error}); make one with 'coach train' or leave --model out"
        ) from error
    if not 2 < settings.context_tokens + 2 < settings.window_tokens:
        raise ConfigError(f"{folder}: coach.json leaves no room in a window; make it again with 'coach train'")
    if settings.tags != TAGS or settings.feelings != FEELING_LABELS:
        raise ConfigError(f"{folder}: made for other tags or feelings; make it again with 'coach train'")
    return settings


def write_settings(settings: Settings, folder: Path) -> None:
    (folder / "coach.json").write_text(json.dumps(asdict(settings), indent=2) + "\n", "utf-8")


def read_metrics(folder: Path) -> dict[str, Any]:
    """metrics.json: the figures measured when the model was made; empty when there are none.

    Raises ConfigError when it is no model folder.
    """
    read_settings(folder)
    path = folder / "metrics.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def fingerprint(folder: Path) -> str:
    """Changes when any judgement of the folder's model may change: 12 hex digits."""
    digest = hashlib.sha256()
    for name in ("coach.json", "heads.safetensors", "conversation.safetensors", "config.json"):
        path = folder / name
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:12]
