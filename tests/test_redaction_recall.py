"""How much of the personal data in two marked test sets is masked. The floors lie a little under what was measured."""

import sys
from pathlib import Path

import pytest

from coach.conversation import Conversation, Turn
from coach.redaction import redact

FOLDER = Path(__file__).with_name("redaction")
sys.path.insert(0, str(FOLDER))
from score import load, replaced, score  # noqa: E402

EVERY = 3  # of the conversations, so that the everyday tests stay short
FLOORS = {"name": 0.92, "number": 0.95, "email": 0.95, "card": 0.97, "bank": 0.97, "phone": 0.95}


@pytest.mark.parametrize("name", ["conversations.jsonl", "second.jsonl"])
def test_masking_finds_what_was_marked_and_little_else(name: str) -> None:
    rows = load(FOLDER / name)[::EVERY]
    masked = []
    for row in rows:
        turns = tuple(Turn(turn["role"], turn["text"]) for turn in row["turns"])
        conversation = Conversation(row["id"], turns, agent=row["agent"], customer=row["customer"])
        after = redact(conversation).turns
        masked.append([replaced(a.text, b.text, ignore=["AGENT"]) for a, b in zip(turns, after, strict=True)])
    found = score(rows, masked)
    assert found.precision >= 0.9
    lost = {kind: count - found.found[kind] for kind, count in found.pieces.items()}
    allowed = {kind: max(1, count * (1 - FLOORS.get(kind, 0.6))) for kind, count in found.pieces.items()}
    assert [kind for kind, count in lost.items() if count > allowed[kind]] == []
