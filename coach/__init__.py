"""coach reads support conversations and helps people get better at them."""

from coach.conversation import Conversation, Judgements, Outcome, Reviewed, Scorecard, Turn
from coach.errors import CoachError, ConfigError, InputError, StoreError

__all__ = [
    "CoachError",
    "ConfigError",
    "Conversation",
    "InputError",
    "Judgements",
    "Outcome",
    "Reviewed",
    "Scorecard",
    "StoreError",
    "Turn",
]
