"""Whether a conversation is in English, the one language the model was made for."""

import re

from spacy.lang.en.stop_words import STOP_WORDS

from coach.conversation import Conversation

MINIMUM_WORDS = 25
MINIMUM_SHARE = 0.2
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def looks_english(conversation: Conversation) -> bool:
    """False only when there are enough words and few of them are English function words."""
    text = " ".join(turn.text for turn in conversation.turns if turn.role in ("agent", "customer"))
    words = WORD.findall(text[:20_000].lower())
    letters = [c for c in text[:20_000] if c.isalpha()]
    foreign = sum(c > "\u024f" for c in letters)
    if len(letters) >= 40 and foreign > len(letters) / 2:
        return False
    if len(words) < MINIMUM_WORDS:
        return True
    return sum(word.split("'")[0] in STOP_WORDS for word in words) / len(words) >= MINIMUM_SHARE
