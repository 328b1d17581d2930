"""Peak memory of reading large files, format by format: `python benchmarks/memory_readers.py [MEGABYTES] [WORD]`.

Makes a file of each format, or of those whose name has the word, of that size (200 unless told), and reads it through
in a process of its own. Prints what was read, the seconds and the peak memory of the process; the first row is one
that has only imported the readers.
"""

import codecs
import gzip
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

READ = """
import resource, sys, time
from coach.errors import InputError
from coach.readers import Hints, read
roles = {"support@x.example": "agent", "Ana Ruiz": "agent", "Eva": "customer"}
began, faults, talks, first = time.perf_counter(), 0, 0, ""
for item in read(sys.argv[1:], hints=Hints(roles=roles)):
    if isinstance(item, InputError):
        faults += 1
        first = first or item.what[:90]
    else:
        talks += 1
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{peak:5.0f} MiB {time.perf_counter() - began:4.0f} s {talks:9,} conversations, {faults:,} faults {first}")
"""
WORDS = "My lamp flickers & hums, it has done so since Tuesday, and nobody called me back. " * 4
Pieces = Iterator[str]


def own(number: int) -> dict[str, Any]:
    turns = [{"role": ("customer", "agent")[i % 2], "text": WORDS} for i in range(6)]
    return {"id": f"c{number}", "agent": "Ana Ruiz", "turns": turns}


def ticket(number: int) -> dict[str, Any]:
    comments = [
        {"id": i, "author_id": 7 + i % 2, "public": True, "body": WORDS, "created_at": "2026-09-01T10:15:00Z"}
        for i in range(6)
    ]
    return {"id": number, "requester_id": 7, "submitter_id": 7, "assignee_id": 8, "comments": comments}


def lines() -> Pieces:
    return (json.dumps(own(i)) + "\n" for i in count())


def array() -> Pieces:
    return (("[" if not i else ",") + json.dumps(ticket(i)) for i in count())


def page() -> Pieces:
    return (('{"tickets": [' if not i else ",") + json.dumps(ticket(i)) for i in count())


def smiling() -> Pieces:
    """A text with characters that take four bytes in memory, and so do all others beside them."""
    return (piece.replace("back.", "back \U0001f600") for piece in page())


def table() -> Pieces:
    yield "conversation_id,role,text\n"
    yield from (f'{i // 6},{("customer", "agent")[i % 2]},"{WORDS}"\n' for i in count())


def salesforce() -> Pieces:
    yield "ConversationId,ActorType,ActorName,Message,EntryTime\n"
    yield from (f'"{i // 6}","{("EndUser", "Agent")[i % 2]}","Ana","{WORDS}","2026-03-02T09:00:00Z"\n' for i in count())


def mails() -> Pieces:
    for i in count():
        sender, to = ("eva@home.example", "support@x.example")[:: 1 - 2 * (i % 2)]
        yield f"From x Tue Sep  1 10:15:00 2026\nFrom: {sender}\nTo: {to}\nDate: Tue, 1 Sep 2026 10:15:00 +0000\n"
        yield f"Subject: Lamp\nMessage-ID: <{i}@x>\nReferences: <{i // 6 * 6}@x>\n\n{WORDS}\n\n"


def whatsapp() -> Pieces:
    return (f"31/10/19, 16:16 - {('Eva', 'Ana Ruiz')[i % 2]}: {WORDS}\n" for i in count())


def captions() -> Pieces:
    yield "WEBVTT\n\nNOTE\nagent: Ana Ruiz\n\n"
    for i in count():
        clock = f"{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}"
        yield f"{clock}.000 --> {clock}.900\n<v {('Eva', 'Ana Ruiz')[i % 2]}>{WORDS}\n\n"


def subrip() -> Pieces:
    for i in count():
        clock = f"{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}"
        yield f"{i + 1}\n{clock},000 --> {clock},900\n{('Eva', 'Ana Ruiz')[i % 2]}: {WORDS}\n\n"


def text() -> Pieces:
    return (f"{('Customer', 'Agent')[i % 2]}: {WORDS}\n" for i in count())


CLOCK = count()


def day() -> Pieces:
    """A day of a channel in Slack."""
    before = "["
    for i in CLOCK:
        row = {"type": "message", "user": ("U1", "U2")[i % 2], "text": WORDS, "ts": f"{1788257700 + i}.000100"}
        yield before + json.dumps({**row, "thread_ts": f"{1788257700 + i // 6 * 6}.000100"})
        before = ","


ENDS = {array: "]", page: "]}", smiling: "]}", day: "]"}


def written(pieces: Callable[[], Pieces], size: int, write: Callable[[bytes], object], encoding: str = "utf-8") -> None:
    encoder = codecs.getincrementalencoder(encoding)()
    for piece in pieces():
        content = encoder.encode(piece)
        write(content)
        size -= len(content)
        if size <= 0:
            break
    write(encoder.encode(ENDS.get(pieces, "")))


def file(pieces: Callable[[], Pieces], encoding: str = "utf-8") -> Callable[[Path, int], None]:
    def make(path: Path, size: int) -> None:
        with path.open("wb") as out:
            written(pieces, size, out.write, encoding)

    return make


def small(pieces: Callable[[], Pieces], megabytes: int) -> Callable[[Path, int], None]:
    """What is held whole, as large as it may be."""
    return lambda path, size: file(pieces)(path, min(size, megabytes * 1_000_000))


def zipped(path: Path, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.jsonl", "w") as out:
        written(lines, size, out.write)


def gzipped(path: Path, size: int) -> None:
    with gzip.open(path, "wb", compresslevel=1) as out:
        written(lines, size, out.write)


def many(path: Path, size: int) -> None:
    """A folder of messages, one a file."""
    path.mkdir()
    mail = mails()
    for number in range(size // 10_000):
        content = (next(mail) + next(mail)).partition("\n")[2]
        (path / f"{number}.eml").write_text(content + WORDS * 30, "utf-8")


def slack(days: int, channels: int) -> Callable[[Path, int], None]:
    def make(path: Path, size: int) -> None:
        people = [{"id": "U1", "real_name": "Eva"}, {"id": "U2", "real_name": "Ana Ruiz"}]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("users.json", json.dumps(people))
            for number in range(days * channels):
                name = f"c{number % channels}/2026-09-{1 + number // channels:02}.json"
                with archive.open(name, "w") as out:
                    written(day, size // days // channels, out.write)

    return make


MADE: dict[str, Callable[[Path, int], None]] = {
    "JSON lines": file(lines),
    "JSON array": file(array),
    "one JSON object": file(page),
    "one JSON object, 60 MB": small(page, 60),
    "the same with emoji": small(smiling, 60),
    "JSON lines, zip": zipped,
    "JSON lines, gz": gzipped,
    "CSV": file(table),
    "CSV, UTF-16": file(table, "utf-16"),
    "Salesforce CSV": file(salesforce),
    "mbox": file(mails),
    "folder of .eml": many,
    "WhatsApp": file(whatsapp),
    "WhatsApp, 15 MB": small(whatsapp, 15),
    "WebVTT": file(captions),
    "WebVTT, 15 MB": small(captions, 15),
    "SubRip, 15 MB": small(subrip, 15),
    "plain text, 15 MB": small(text, 15),
    "Slack, 1 channel": slack(5, 1),
    "Slack, 20 channels": slack(2, 20),
    "a line without end": file(lambda: (WORDS for _ in count())),
    "a JSON text without end": file(
        lambda: ('[{"turns": [{"role": "agent", "text": "' if not i else WORDS for i in count())
    ),
}


def main(megabytes: str = "200", word: str = "") -> None:
    print(f"{'nothing':24}", end="", flush=True)
    subprocess.run([sys.executable, "-c", READ], check=True)
    for name, make in ((name, make) for name, make in MADE.items() if word in name):
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder) / "a", int(megabytes) * 1_000_000)
            print(f"{name:24}", end="", flush=True)
            subprocess.run([sys.executable, "-c", READ, f"{folder}/a"], check=True)


main(*sys.argv[1:])
