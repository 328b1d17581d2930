"""Broken files for every reader: `python benchmarks/fuzz_readers.py [COUNT] [SEED] [FIRST]`.

Each input is a file of tests/exports or transcripts, or an archive of some, broken by its number: the same seed and
number give the same bytes. Nothing but conversations and errors of ours may come of it, within ten seconds; what was
read is converted and must read back the same. Prints what came out, by reason, and the numbers that failed.
"""

import copy
import gzip
import io
import json
import random
import re
import signal
import sys
import tempfile
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from coach.cli import app
from coach.conversation import ROLES, Role
from coach.errors import InputError
from coach.readers import Found, Hints, read
from coach.readers.own import as_record

REPOSITORY = Path(__file__).parents[1]
SECONDS = 10
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63, -(2**70), 10**400, 1e308, -1e-308, "", " ", "\x00", "\ud800", "\u2028",
    "9" * 400, "-1", "2026-13-45T99:99:99Z", "0001-01-01", "9999-12-31T23:59:59-23:59", "1788257700", "<p>&amp;<",
    "<" * 999, "\n> a\n-- \n", "x" * 100_001, [], {}, [[]], [None], [{}], {"": None}, {"id": {}}, "agent", "customer",
)  # fmt: skip
PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x80", b"\r", b"\n", b"\r\n\r\n", b"\x85", b"\xe2\x80\xa8", b'"', b"'", b"{",
    b"}", b"[", b"]", b",", b":", b"\\", b"\\ud800", b"-->", b"<v ", b">", b"&#99999999;", b"&#xD800;", b"From ",
    b"From x 10:15\nFrom: y\n\n", b"9" * 400, b"1e999", b"-", b"NaN", b"PK\x03\x04", b"\x1f\x8b", b"[" * 5000,
    b'{"a":' * 5000, b";" * 50, b"31/12/26, 10:15 - ",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1252", "utf-8-sig", "cp037", "gb18030")
NAMES = (
    "a",
    "../a",
    "/a",
    "C:\\a",
    "a/" * 30,
    "\n\x1b[2J",
    "é" * 300,
    "users.json",
    "2026-09-01.json",
    "x/2026-09-01.json",
    "__MACOSX/a",
    ".a",
    "a.gz",
    "",
)


class HangError(BaseException):
    """Not one of those that readers may catch."""


@contextmanager
def alarm() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise HangError(f"longer than {SECONDS} seconds")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def fixtures() -> list[bytes]:
    """Every example there is; a Slack export as an archive."""
    folders = (REPOSITORY / "tests" / "exports", REPOSITORY / "transcripts")
    slack = folders[0] / "slack"
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    found = [path.read_bytes() for path in files if not path.name.startswith("README")]
    return [
        *found,
        packed([(str(path.relative_to(slack)), path.read_bytes()) for path in files if slack in path.parents]),
    ]


def packed(files: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in dict(files).items():
            archive.writestr(zipfile.ZipInfo(name or "x", (2026, 9, 1, 0, 0, 0)), content)
    return out.getvalue()


def broken(number: int, seed: int, known: list[bytes]) -> bytes:
    """The input of this number."""
    chance = random.Random(f"{seed}-{number}")
    content = chance.choice(known)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        (change,) = chance.choices((in_json, in_bytes, in_lines, recoded, archived), (10, 4, 4, 1, 1))
        content = change(content, known, chance)
    return content


Way = tuple[Any, Any]


def ways(value: Any) -> list[Way]:
    """Every place of a value: what holds it, and its key there."""
    found, stack = list[Way](), [value]
    while stack:
        holder = stack.pop()
        keys = holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        found += [(holder, key) for key in keys]
        stack += [holder[key] for key in keys]
    return found


def in_json(content: bytes, known: list[bytes], chance: random.Random) -> bytes:
    """Values replaced, deleted, exchanged, doubled or nested, in the whole or in one of its lines."""
    text = content.decode("utf-8", "replace")
    lines = text.splitlines(keepends=True) or [""]
    line = chance.randrange(len(lines))
    for before, part, after in (("", text, ""), ("".join(lines[:line]), lines[line], "".join(lines[line + 1 :]))):
        try:
            value = json.loads(part)
        except (ValueError, RecursionError):
            continue
        if not isinstance(value, dict | list) or not value:
            continue
        try:
            for _ in range(chance.randint(1, 4)):
                value = changed(value, chance)
            made = json.dumps(value, ensure_ascii=chance.random() < 0.5)
        except RecursionError:
            break
        end = "\n" if part.endswith("\n") else ""
        return (before + made + end + after).encode("utf-8", "surrogatepass")
    return in_bytes(content, known, chance)


def changed(value: Any, chance: random.Random) -> Any:
    places = ways(value)
    if not places:
        return value
    (holder, key), (other, there) = chance.choice(places), chance.choice(places)
    match chance.randrange(7):
        case 0 | 1:
            holder[key] = copy.deepcopy(chance.choice(JUNK))
        case 2:
            del holder[key]
        case 3:
            holder[key] = copy.deepcopy(other[there])
        case 4:
            first, second = copy.deepcopy(holder[key]), copy.deepcopy(other[there])
            holder[key] = second
            if any(one is other for one, _ in ways(value)) or other is value:
                other[there] = first
        case 5:
            if isinstance(holder, list):
                holder.insert(key, copy.deepcopy(holder[key]))
            else:
                holder[chance.choice(("id", "text", "type", "role", key.upper(), f"{key}s", ""))] = holder.pop(key)
        case 6 if chance.random() < 0.3:
            for _ in range(chance.choice((1, 2, 300))):
                holder[key] = [holder[key]] if chance.random() < 0.5 else {"item": holder[key]}
    return value


def in_bytes(content: bytes, known: list[bytes], chance: random.Random) -> bytes:
    """Bytes flipped, cut out, put in, doubled, exchanged; the end cut off."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 2, 5, 20))):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 1, 1, 8, 100, 5000)))
        match chance.randrange(6):
            case 0 if data:
                data[start % len(data)] ^= 1 << chance.randrange(8)
            case 1:
                del data[start:end]
            case 2:
                data[start:start] = chance.choice(PIECES)
            case 3:
                data[start:start] = data[start:end]
            case 4:
                data[start:end] = chance.choice(PIECES)
            case 5 if chance.random() < 0.2:
                del data[start:]
    return bytes(data)


def in_lines(content: bytes, known: list[bytes], chance: random.Random) -> bytes:
    """Lines doubled, lost, in another order, with those of another file; other line ends."""
    lines = content.splitlines(keepends=True)[:20_000] or [b""]
    match chance.randrange(5):
        case 0:
            chance.shuffle(lines)
        case 1:
            lines = [line for line in lines for _ in range(chance.choice((0, 1, 1, 1, 2)))]
        case 2:
            lines[chance.randrange(len(lines)) :] = chance.choice(known).splitlines(keepends=True)
        case 3:
            end = chance.choice((b"\r", b"\r\n", b"", b"\n\n"))
            lines = [line.rstrip(b"\r\n") + end for line in lines]
        case 4:
            lines.insert(chance.randrange(len(lines) + 1), chance.choice(PIECES) + b"\n")
    return b"".join(lines)


def recoded(content: bytes, known: list[bytes], chance: random.Random) -> bytes:
    """In another encoding."""
    return content.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")


def archived(content: bytes, known: list[bytes], chance: random.Random) -> bytes:
    """Packed, alone or with others, under odd names."""
    if chance.random() < 0.3:
        return gzip.compress(content, mtime=0)
    others = [(chance.choice(NAMES), chance.choice(known)) for _ in range(chance.randrange(4))]
    return packed([(chance.choice(NAMES), content), *others])


class Roles(dict[str, Role]):
    """Somebody's answers: some role for everyone, by the name."""

    def __missing__(self, speaker: str) -> Role:
        return (*ROLES[:2], *ROLES)[sum(map(ord, speaker)) % 6]


@dataclass
class Tally:
    """What came out: conversations, and errors by reason; `failed` are the numbers of inputs that raised or hung."""

    conversations: int = 0
    nothing: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)


def check(number: int, seed: int, known: list[bytes], folder: Path, tally: Tally) -> None:
    """Reads the input of this number and converts it; what must not be is raised."""
    chance = random.Random(f"{number}-{seed}")
    path, out = folder / chance.choice(("a", "2026-09-01.json", "_chat.txt")), folder / "out.jsonl"
    path.write_bytes(broken(number, seed, known))
    dates: Any = chance.choice((None, "day-first", "month-first"))
    found = list(read([path], hints=Hints(roles=Roles() if chance.random() < 0.7 else {}, dates=dates)))
    errors = [item for item in found if isinstance(item, InputError)]
    talks = [item.conversation for item in found if isinstance(item, Found)]
    assert len(errors) + len(talks) == len(found)
    for error in errors:
        assert all((error.what, error.fix, error.path, str(error).isprintable())), repr(str(error))
        tally.reasons[re.sub(r"'.*'|\d[\d,.]*", "…", error.what)] += 1
    lines = [json.dumps(as_record(talk), ensure_ascii=False) + "\n" for talk in talks]
    out.write_text("".join(lines), "utf-8", newline="\n")
    again = [item.conversation if isinstance(item, Found) else item for item in read([out])] if talks else []
    assert again == talks, "it reads back as something else"
    if number % 10 == 0:
        result = CliRunner().invoke(app, ["convert", str(path), str(out), "--no-redact"])
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        assert all(line.startswith("coach: ") or "conversations written" in line for line in result.stderr.splitlines())
    tally.conversations += len(talks)
    tally.nothing += not found
    path.unlink()


def fuzz(count: int, seed: int, first: int = 0, tell: Callable[[str], None] = lambda text: None) -> Tally:
    """Checks `count` inputs from the number `first` on."""
    tally, known = Tally(), fixtures()
    with tempfile.TemporaryDirectory() as name:
        for number in range(first, first + count):
            try:
                with alarm():
                    check(number, seed, known, Path(name), tally)
            except (Exception, HangError) as error:
                tally.failed[number] = f"{type(error).__name__}: {error}"
                tell(f"input {number} of seed {seed}:\n{traceback.format_exc(limit=-6)}")
    return tally


def main(count: int = 20_000, seed: int = 1, first: int = 0) -> None:
    tally = fuzz(count, seed, first, lambda text: print(text, flush=True))
    for reason, times in tally.reasons.most_common(40):
        print(f"{times:7,}  {reason}")
    rest = len(tally.reasons) - 40
    print(f"{sum(tally.reasons.values()):7,}  errors in all, {max(0, rest):,} further reasons")
    print(f"{tally.conversations:7,}  conversations; {tally.nothing:,} inputs held nothing")
    print(f"{len(tally.failed):7,}  of {count:,} inputs failed {sorted(tally.failed)[:50]}")
    sys.exit(bool(tally.failed))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
