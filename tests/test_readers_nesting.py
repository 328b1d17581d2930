"""JSON that is nested too deep is found before a parser is lost in it, wherever the text is cut into parts."""

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.errors import InputError
from coach.readers import nesting, read
from coach.readers.nesting import Nesting

VALUES = st.recursive(
    st.text(st.sampled_from('[]{}"\\x\n'), max_size=6) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=12,
)


def depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(VALUES, st.lists(st.integers(0, 200), max_size=5))
def test_depth_is_that_of_the_value_however_its_text_is_cut(value: object, cuts: list[int]) -> None:
    text = json.dumps(value)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    parts = [text[start:end] for start, end in pairwise(places)]
    for deepest in (depth(value) - 1, depth(value)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nesting, "DEEPEST", deepest)
            found = Nesting()
            assert any(found.is_too_deep(part) for part in parts) == (deepest < depth(value))


@pytest.mark.parametrize("text", ["[" * 2_000_000, '[{"a":' * 300_000, '{"turns": ' + '{"a": [' * 300_000])
def test_deep_nesting_takes_no_time(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").write_text(text, "utf-8")
    began = time.perf_counter()
    (fault,) = read([tmp_path / "a"])
    assert isinstance(fault, InputError)
    assert time.perf_counter() - began < 5
    assert "nested too deep" in fault.what or fault.what == "no format we know"
