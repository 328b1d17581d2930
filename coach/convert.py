"""Transcripts of any format, written in coach's own."""

import json
from pathlib import Path

from coach.errors import ConfigError, InputError
from coach.readers import Hints, read
from coach.readers.own import as_record
from coach.readers.stream import Pathish
from coach.redaction import redact


def convert(source: Pathish, out: Path, *, mask: bool, hints: Hints) -> tuple[int, list[InputError]]:
    """Writes every conversation to `out`, whole or not at all; how many, and what could not be read.

    Where `out` is in the folder that is converted it is not read itself.
    Raises ConfigError when `out` cannot be written or nothing could be read.
    """
    problems: list[InputError] = []
    written = 0
    part = out.with_name(f".{out.name}.part")  # hidden, so that it is not read if it lies in the folder
    try:
        with part.open("w", encoding="utf-8") as lines:
            for found in read([source], hints=hints, besides=out):
                if isinstance(found, InputError):
                    problems.append(found)
                else:
                    conversation = redact(found.conversation) if mask else found.conversation
                    lines.write(json.dumps(as_record(conversation), ensure_ascii=False) + "\n")
                    written += 1
        if written:
            part.replace(out)
    except OSError as error:
        raise ConfigError(
            f"{out}: cannot be written: {error.strerror}; name a file in a folder you may write"
        ) from None
    finally:
        part.unlink(missing_ok=True)
    if not written:
        what = problems[0] if problems else f"{source}: no conversation in it; check that it is the right file"
        raise ConfigError(f"nothing to convert: {what}")
    return written, problems
