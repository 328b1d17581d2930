from pathlib import Path

import pytest
import torch

from coach.classifier import batched, read_tokenizer
from coach.windows import Utterance, Windows

TALK = [
    Utterance("customer", "my router is broken"),
    Utterance("agent", "sorry . please restart it", ((0, 7), (8, 25))),
    Utterance("customer", "thank you"),
]


@pytest.fixture(scope="module")
def windows(tiny_base: Path) -> Windows:
    return Windows(read_tokenizer(tiny_base), size=24, context=8)


def test_a_short_conversation_is_one_window(windows: Windows) -> None:
    (window,) = windows.cut([TALK])
    assert [segment.role for segment in window.segments] == ["customer", "agent", "customer"]
    assert len(window) == 1 + 5 + 7 + 3
    assert window.segments[1].bounds == ((0, 2), (2, 6))


def test_a_turn_sees_itself_and_what_came_before_only(windows: Windows) -> None:
    batch = batched(windows.cut([TALK, TALK[:1]]), windows)
    seen = batch.attention[0, 0] == 0
    assert seen[7, :13].all()  # the agent's words see the start, the customer's and their own
    assert not seen[7, 13:].any()
    assert not seen[2, 6:].any()
    assert not (batch.attention[1, 0, :6, 6:] == 0).any()  # padding is never seen
    assert (batch.attention[1, 0, 6:] == 0).all()


def test_spans_and_turns_are_weighted_means(windows: Windows) -> None:
    batch = batched(windows.cut([TALK]), windows)
    assert batch.span_mask.sum() == 2
    assert batch.turn_mask.sum() == 2
    assert torch.allclose(batch.span_weights.sum(2), torch.ones(1, 2))
    assert torch.allclose(batch.turn_weights.sum(2), torch.ones(1, 2))
    assert batch.types[0, 6:13].all()
    assert not batch.types[0, :6].any()


def test_a_long_conversation_goes_on_with_the_words_before(windows: Windows) -> None:
    found = windows.cut([TALK * 4])
    assert len(found) > 1
    assert all(len(window) <= 24 for window in found)
    assert sum(len(window.segments) for window in found) == 12
    assert [sum(len(ids) for _, ids in window.before) for window in found[1:]] == [8] * (len(found) - 1)


@pytest.mark.parametrize("words", [1, 13, 14, 15, 40])
def test_every_token_of_a_long_turn_is_read_once(windows: Windows, words: int) -> None:
    (text, spans) = ("router " * words, tuple((7 * i, 7 * i + 6) for i in range(words)))
    for utterance in (Utterance("customer", text), Utterance("agent", text, spans)):
        segments = windows.segments([utterance])
        places = [place for s in segments for place in s.places]
        assert places[:: 2 if utterance.role == "agent" else 1] == [*spans]  # an agent's spans end in a stop each
        assert all(len(s.ids) <= windows.longest + 1 for s in segments)
        assert [n for s in segments for n in s.spans] == ([] if utterance.role == "customer" else [*range(words)])
        assert all(0 <= first < last <= len(s.ids) for s in segments for first, last in s.bounds)


def test_what_stands_before_the_first_span_leaves_it_its_room(windows: Windows) -> None:
    text = "router " * 20 + "please restart it"
    segments = windows.segments([Utterance("agent", text, ((140, len(text)),))])
    (judged,) = [s for s in segments if s.spans]
    assert [text[start:end] for start, end in judged.places] == ["please", "restart", "it", "t"]
    assert judged.bounds == ((0, 4),)
