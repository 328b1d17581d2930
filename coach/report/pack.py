"""Writes an exercise pack: one page to read, Markdown to edit, JSON for other tools."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from coach.errors import CoachError
from coach.exercises import Exercise
from coach.report.render import exercise_markdown, exercise_page

TITLE = "Exercises from real moments"
PACK = ("exercises.html", "exercises.md", "exercises.json")


def write_pack(exercises: Sequence[Exercise], out: Path) -> None:
    """exercises.html, exercises.md and exercises.json in `out`. Raises CoachError when it cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        values = json.dumps([asdict(exercise) for exercise in exercises], indent=2, ensure_ascii=False) + "\n"
        texts = (exercise_page(exercises, TITLE), exercise_markdown(exercises, TITLE), values)
        for name, text in zip(PACK, texts, strict=True):
            (out / name).write_text(text, "utf-8")
    except OSError as error:
        raise CoachError(f"{out}: cannot be written ({error.strerror}); name another folder with --out") from error
