"""A few of the broken files that benchmarks/fuzz_readers.py makes by the ten thousand."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FUZZ = Path(__file__).parents[1] / "benchmarks" / "fuzz_readers.py"


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_readers", FUZZ)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz_readers"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_whatever_is_in_a_file_it_gives_conversations_or_faults(fuzz: ModuleType) -> None:
    tally = fuzz.fuzz(300, seed=0)
    assert not tally.failed
    assert tally.conversations > 50
    assert len(tally.reasons) > 20


def test_an_input_is_the_same_whenever_it_is_made(fuzz: ModuleType) -> None:
    known = fuzz.fixtures()
    assert [fuzz.broken(n, 1, known) for n in range(20)] == [fuzz.broken(n, 1, known) for n in range(20)]
    assert fuzz.broken(1, 1, known) != fuzz.broken(1, 2, known)


def test_what_raises_or_hangs_is_told_by_its_number(fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(number: int, *_: object) -> None:
        if number == 6:
            raise KeyError("x")
        while number == 7:
            pass

    monkeypatch.setattr(fuzz, "check", check)
    monkeypatch.setattr(fuzz, "SECONDS", 1)
    told: list[str] = []
    assert list(fuzz.fuzz(3, 1, 5, told.append).failed) == [6, 7]
    assert "input 6 of seed 1" in told[0]
