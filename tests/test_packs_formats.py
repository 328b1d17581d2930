"""What holds for every format of a pack."""

from pathlib import Path

import pytest
from pack_items import ITEMS

from coach.errors import CoachError
from coach.packs import FORMATS

EVERY = pytest.mark.parametrize("name", FORMATS)


@EVERY
def test_the_same_items_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    files = [tmp_path / f"{i}{FORMATS[name].extension}" for i in "ab"]
    for file in files:
        FORMATS[name].write(ITEMS, "Pack", file)
    first, second = (file.read_bytes() for file in files)
    assert first == second


@EVERY
def test_a_place_that_cannot_be_written_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(CoachError, match=r"nowhere.*cannot be written.*another place"):
        FORMATS[name].write(ITEMS, "Pack", tmp_path / "nowhere" / "pack")


def test_formats_are_told_apart() -> None:
    assert all(name == known.name and known.extension[0] == "." and known.purpose for name, known in FORMATS.items())
