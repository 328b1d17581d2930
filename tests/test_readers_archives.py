"""Zip archives: their files are read as a folder's are, and nothing that one claims can hurt."""

import gzip
import io
import json
import os
import struct
import sys
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.errors import InputError
from coach.readers import Found, archives, read

TALK = b"Customer: My lamp broke.\nAgent: I am sorry.\n"
TURNS = [{"role": "customer", "text": "My lamp broke."}, {"role": "agent", "text": "I am sorry."}]
TABLE = b"chat_id,role,text\n7,user,Hi\n7,agent,Hello\n"


def line(id: object) -> bytes:
    return json.dumps({"id": id, "turns": TURNS}).encode() + b"\n"


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def put(folder: Path, content: bytes, name: str = "a.zip") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def both(path: Path) -> tuple[list[tuple[str, str]], list[InputError]]:
    """The ids with where in the path they were found, and the faults."""
    items = list(read([path]))
    found = [(one.conversation.id, one.path.removeprefix(f"{path}/")) for one in items if isinstance(one, Found)]
    return found, [one for one in items if isinstance(one, InputError)]


def fault(path: Path) -> InputError:
    found, (error,) = both(path)
    assert not found
    assert (error.path, bool(error.fix)) == (str(path), True)
    return error


def central(content: bytes, field: str, offset: int, value: int, entry: int = 0) -> bytes:
    """The archive with a field of a file's entry in its list of files changed; so what it claims, not what it is."""
    start = -1
    for _ in range(entry + 1):
        start = content.index(b"PK\x01\x02", start + 1)
    raw = struct.pack(f"<{field}", value)
    return content[: start + offset] + raw + content[start + offset + len(raw) :]


FLAGS, SIZE, OFFSET = 8, 24, 42


def test_the_files_of_an_archive_are_read_whatever_their_format(tmp_path: Path) -> None:
    files = {
        "b/call.txt": TALK,
        "a.jsonl": line("x") + line("y"),
        "b/c/t.csv": TABLE,
        "call.txt.gz": gzip.compress(line(5)),
    }
    found, errors = both(put(tmp_path, packed(files), "export.bin"))
    assert found == [
        ("call", "b/call.txt"),
        ("x", "a.jsonl"),
        ("y", "a.jsonl"),
        ("7", "b/c/t.csv"),
        ("5", "call.txt.gz"),
    ]
    assert not errors
    assert both(tmp_path / "export.bin") == both(put(tmp_path, packed(files, zipfile.ZIP_STORED), "export.bin"))


def test_lines_and_records_are_named_in_an_archive(tmp_path: Path) -> None:
    path = put(tmp_path, packed({"a/b.jsonl": line(1) + b"{]\n", "c.txt": b"Dear all,\n", "d.bin": b"\0", "e": b""}))
    found, errors = both(path)
    assert found == [("1", "a/b.jsonl")]
    assert [(error.path.removeprefix(f"{path}/"), error.line) for error in errors] == [
        ("a/b.jsonl", 2), ("c.txt", None), ("d.bin", None), ("e", None)
    ]  # fmt: skip


def test_what_is_skipped_in_folders_is_skipped_in_archives(tmp_path: Path) -> None:
    skipped = ("README.md", "b/readme", ".hidden", ".git/x", "__MACOSX/._a.txt", "__MACOSX/b/a.txt")
    files = {**dict.fromkeys(skipped, TALK), "empty/": b"", "./b/a.txt": TALK, "c\\d.txt": TALK}
    assert both(put(tmp_path, packed(files))) == ([("a", "b/a.txt"), ("d", "c/d.txt")], [])


def test_an_archive_in_a_folder_and_on_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, TALK, "call.txt")
    path = put(tmp_path, packed({"b.txt": TALK}))
    items = list(read([tmp_path]))
    assert [one.path for one in items if isinstance(one, Found)] == [f"{path}/b.txt", str(tmp_path / "call.txt")]
    with path.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        (found,) = read(["-"])
    assert isinstance(found, Found)
    assert found.path == "-/b.txt"


def test_a_pipe_cannot_be_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    back, front = os.pipe()
    os.write(front, packed({"a.txt": TALK}))
    os.close(front)
    with os.fdopen(back) as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        (error,) = read(["-"])
    assert isinstance(error, InputError)
    assert error.what == "an archive cannot be read from a pipe or a .gz"
    assert "from a pipe" in fault(put(tmp_path, gzip.compress(packed({"a.txt": TALK})))).what


def test_archives_in_archives_are_read_to_a_depth_of_two(tmp_path: Path) -> None:
    deep = packed({"call.txt.gz": gzip.compress(TALK), "z.jsonl": line("z")})
    for name in ("c.zip", "b.zip", "a.zip"):
        put(tmp_path, deep, name)
        deep = packed(
            {name: deep, f"{name}.jsonl": line(name)}, zipfile.ZIP_STORED if name == "b.zip" else zipfile.ZIP_DEFLATED
        )
    twice = both(tmp_path / "b.zip")
    assert twice == ([("call", "c.zip/call.txt.gz"), ("z", "c.zip/z.jsonl"), ("c.zip", "c.zip.jsonl")], [])
    found, (error,) = both(tmp_path / "a.zip")
    assert [id for id, _ in found] == ["z", "c.zip", "b.zip"]
    assert error.path.endswith("a.zip/b.zip/c.zip/call.txt.gz")
    assert error.what == "it is packed too many times over"


def test_an_archive_with_nothing_to_read_is_named(tmp_path: Path) -> None:
    assert fault(put(tmp_path, packed({}))).what == "no transcripts in this archive"
    assert fault(put(tmp_path, packed({"README": b"x"}))).what == "no transcripts in this archive"
    assert fault(put(tmp_path, packed({"[Content_Types].xml": b"<x/>"}))).what == "it is an office document"


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    whole = packed({"a.txt": TALK})
    for content in (whole[:60], whole[:-1], b"PK\x03\x04", central(whole, "I", OFFSET, 7), central(whole, "H", 6, 99)):
        assert fault(put(tmp_path, content)).what.startswith("the archive is broken")
    names = central(packed({"a.txt": TALK, "b.txt": TALK}), "c", 46, b"x")  # type: ignore[arg-type]
    found, (error,) = both(put(tmp_path, names))
    assert ([id for id, _ in found], "differ" in error.what) == (["b"], True)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    found, (error,) = both(put(tmp_path, central(packed({"a.txt": TALK, "b.txt": TALK}), "H", FLAGS, 0x20)))
    assert (found, "file is broken: compressed patched" in error.what) == ([("b", "b.txt")], True)


def test_a_damaged_file_is_named_and_the_next_is_read(tmp_path: Path) -> None:
    content = packed({"a.jsonl": line("a"), "c.jsonl": line("c")}, zipfile.ZIP_STORED)
    found, (error,) = both(put(tmp_path, content.replace(b"I am sorry", b"I am happy", 1)))
    assert (found, error.path) == ([("c", "c.jsonl")], str(tmp_path / "a.zip" / "a.jsonl"))
    assert "file is broken: Bad CRC" in error.what


def test_locked_files_are_named_once(tmp_path: Path) -> None:
    content = packed({"a.txt": TALK, "b.txt": TALK, "c.txt": TALK})
    locked = central(central(content, "H", FLAGS, 1), "H", FLAGS, 1, entry=1)
    found, (error,) = both(put(tmp_path, locked))
    assert (found, error.path) == ([("c", "c.txt")], str(tmp_path / "a.zip"))
    assert error.what == "'a.txt' is not read: it is locked with a password (and so for 1 more)"
    assert "give the folder" in error.fix


@pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt", "b/../../a.txt", "C:\\a.txt", "..\\a.txt", ".x/../a.txt"])
def test_names_that_lead_out_of_the_archive_are_refused(tmp_path: Path, name: str) -> None:
    found, (error,) = both(put(tmp_path, packed({name: TALK, "b.txt": TALK})))
    assert (found, "leads out of the archive" in error.what) == ([("b", "b.txt")], True)


@pytest.mark.parametrize(
    ("name", "method", "what"),
    [
        ("a.txt", zipfile.ZIP_LZMA, "packed in an unusual way"),
        ("a.txt", zipfile.ZIP_BZIP2, "packed in an unusual way"),
        ("a/" * 30 + "b.txt", zipfile.ZIP_STORED, "its name is too long"),
        ("a" * 2000, zipfile.ZIP_STORED, "its name is too long"),
    ],
)
def test_unusual_files_are_refused(tmp_path: Path, name: str, method: int, what: str) -> None:
    assert what in fault(put(tmp_path, packed({name: TALK}, method))).what


def test_names_are_shown_in_a_line(tmp_path: Path) -> None:
    assert both(put(tmp_path, packed({"a\n\x1b[2J.txt": TALK})))[0][0][1] == "a\ufffd\ufffd[2J.txt"


def test_files_that_share_their_bytes_are_a_trap(tmp_path: Path) -> None:
    content = packed({"a.txt": TALK, "b.txt": TALK})
    assert "a trap" in fault(put(tmp_path, central(content, "I", OFFSET, 0, entry=1))).what


def test_sizes_that_cannot_be_true_are_a_trap(tmp_path: Path) -> None:
    """To look for the end of an archive in an archive, its size would be counted down to."""
    inner = packed({"b.zip": packed({"a.txt": TALK})})
    for content in (central(inner, "I", SIZE, 2**32 - 2), packed({"c.zip": central(inner, "I", SIZE, 2**32 - 2)})):
        _, (error,) = both(put(tmp_path, content))
        assert "a trap: what it says of 'b.zip' cannot be true" in error.what


def test_a_list_of_files_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LIST_LIMIT", 50)
    error = fault(put(tmp_path, packed({"a.txt": TALK})))
    assert (error.what, error.fix) == ("its list of files is longer than 50 bytes", "unpack it and give the folder")


def test_a_file_that_unpacks_to_much_takes_no_memory(tmp_path: Path) -> None:
    size = 60_000_000
    inner = packed({"1": b"x" * size, "2": b"\n" * size, "3": b"\0" * size, "4": b"x\n" * (size // 2)})
    path = put(tmp_path, packed({"a.zip": inner, "b.txt": TALK}))
    del inner
    tracemalloc.start()
    found, errors = both(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ([id for id, _ in found], len(errors)) == (["b"], 4)
    assert peak < size / 2, peak


GOOD = packed(
    {"a.txt": TALK, "b/c.jsonl": line(1), "d.zip": packed({"e.txt": TALK}), "f.gz": gzip.compress(TALK, mtime=0)}
)


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6), st.integers(0, 40))
def test_no_archive_whatever_raises(changes: list[tuple[int, int]], lost: int) -> None:
    content = bytearray(GOOD)
    for place, value in changes:
        content[place] = value
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(content[: len(content) - lost * (lost > 20)]))))
        for item in read(["-"]):
            assert isinstance(item, Found) or all((item.path.startswith("-"), item.what, item.fix))
            str(item).encode()
