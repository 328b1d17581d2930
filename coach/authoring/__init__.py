"""Exercise items from reviewed conversations, of all eight kinds; nothing the model is unsure of becomes a key."""

from coach.authoring.building import build
from coach.authoring.selection import Lack, Pack, Selection

__all__ = ["Lack", "Pack", "Selection", "build"]
