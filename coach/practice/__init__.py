"""Practice on real moments: a moment, the learner's answer, what was heard in it, a second try, model answers."""

from coach.practice.feedback import Feedback, Heard, Listener, Open
from coach.practice.material import ModelAnswers, open_items
from coach.practice.progress import Progress, Sitting, default_path, keep_progress, read_progress
from coach.practice.session import Session
from coach.practice.start import Wish, practise
from coach.practice.wording import progress_text

__all__ = [
    "Feedback",
    "Heard",
    "Listener",
    "ModelAnswers",
    "Open",
    "Progress",
    "Session",
    "Sitting",
    "Wish",
    "default_path",
    "keep_progress",
    "open_items",
    "practise",
    "progress_text",
    "read_progress",
]
