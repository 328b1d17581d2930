"""JSON lines: one conversation an object a line.

    {"id": …, "channel": …, "turns": [{"role": …, "text": …, "at": …, "speaker": …}], "agent": …,
     "customer": …, "started_at": …, "ended_at": …, "outcome": {"csat": …, "nps": …, "resolved": …}}

Only `turns` is needed. Other keys are left alone, so files with labels read as well.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TextIO

from coach.conversation import Conversation, Turn
from coach.errors import InputError
from coach.readers import fields
from coach.readers.fields import Place
from coach.readers.stream import bounded_lines


def recognise(sample: str) -> bool:
    """Whether most lines begin an object and go on; a lone `{` begins an object over many lines."""
    lines = [line for line in sample.splitlines() if line.strip()]
    objects = [line for line in lines if line.lstrip().startswith("{") and len(line.strip()) > 1]
    return bool(objects) and (lines[0] is objects[0] or 2 * len(objects) > len(lines))


def read(
    lines: TextIO, *, name: str, columns: Mapping[str, str] | None = None
) -> Iterator[tuple[int | None, Conversation] | InputError]:
    """Each line's conversation with the line's number, or what is wrong with the line."""
    for number, line in enumerate(bounded_lines(lines, Place(name)), 1):
        if line.strip():
            try:
                yield number, _conversation(line, Place(name, number))
            except InputError as error:
                yield error


def _conversation(line: str, place: Place) -> Conversation:
    record = _record(line, place)
    turns = record.get("turns")
    if not isinstance(turns, list) or not turns:
        raise place.error("the object has no turns", fix='give "turns": [{"role": "agent", "text": "…"}, …]')
    outcome = record.get("outcome")
    if not isinstance(outcome, dict | None):
        raise place.error("outcome is not an object", fix='write it like {"csat": 4, "resolved": "yes"}')
    return fields.conversation(
        record,
        [_turn(turn, Place(place.path, place.line, f"turn {i}")) for i, turn in enumerate(turns, 1)],
        outcomes=outcome or {},
        default_id=f"{place.stem}-{place.line}",
        place=place,
    )


def _record(line: str, place: Place) -> dict[str, object]:
    try:
        record = json.loads(line)
    except RecursionError:
        raise place.error("the JSON is nested too deep", fix="take the nested part out") from None
    except ValueError as error:
        raise place.error(f"broken JSON: {error}"[:200], fix="write one whole object a line") from None
    if not isinstance(record, dict):
        raise place.error("the line is not a JSON object", fix="write one whole object a line")
    return record


def _turn(turn: object, place: Place) -> Turn:
    if not isinstance(turn, dict):
        raise place.error(f"it is {fields.shown(turn)}, not an object", fix='use {"role": …, "text": …}')
    text = turn.get("text")
    if not isinstance(text, str | int | float | None) or isinstance(text, bool):
        raise place.error(f"text is {fields.shown(text)}", fix="write text as a text")
    return fields.turn(
        fields.role(turn.get("role"), place),
        "" if text is None else str(text),
        at=fields.time(turn.get("at") or turn.get("time"), "time", place),
        speaker=fields.label(turn.get("speaker"), "speaker", place),
        place=place,
    )
