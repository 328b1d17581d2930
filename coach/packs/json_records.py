"""JSON: a pack for programs, every field of every item, texts exactly as they are."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from coach.items import Item
from coach.packs.archive import write_whole

EXTENSION = ".json"


def write(items: Sequence[Item], title: str, path: Path) -> None:
    """{"title", "items"}; each item has its fields and `response`, how it is answered. UTF-8."""
    values = {"title": title, "items": [asdict(item) | {"response": item.response} for item in items]}
    text = json.dumps(values, indent=2, ensure_ascii=False) + "\n"
    # A lone half of a character can stand in JSON only as an escape, and that is how Python writes it here.
    write_whole(path, text.encode("utf-8", "backslashreplace"))
