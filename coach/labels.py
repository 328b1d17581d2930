"""Labelled conversations: what a person or a careful reader said is right, for training and evaluation."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from coach.conversation import (
    FEELINGS,
    JUDGED,
    RESOLUTIONS,
    SKILLS,
    STATUSES,
    TAGS,
    TYPES,
    Conversation,
    Turn,
)
from coach.errors import InputError
from coach.windows import Utterance

DISPUTED = "disputed"
Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A conversation with its labels.

    `sentences` holds, per turn, (start, end, tags) of each agent sentence; `feelings`, per turn, the customer's
    feeling or None. Where two readers labelled and did not agree, a tag stands in `disputed`, as (turn, sentence,
    tag), and a feeling is DISPUTED. `whole` is None where only turns are labelled (`type` is null).
    """

    conversation: Conversation
    source: str
    sentences: tuple[tuple[tuple[int, int, frozenset[str]], ...], ...]
    feelings: tuple[str | None, ...]
    disputed: frozenset[tuple[int, int, str]]
    whole: "Whole | None"


@dataclass(frozen=True, slots=True)
class Whole:
    """What is labelled of a conversation as a whole. The scales, `care` and `service` run from 1 to 5.

    `type` may be "unclear"; `type_clues` are the customer's turns that decided it.
    """

    type: str
    assertiveness: float
    responsiveness: float
    type_clues: tuple[int, ...]
    resolved: str
    care: float
    service: float


def utterances(labelled: Labelled) -> list[Utterance]:
    """The agent's and the customer's turns, with the labelled sentences as the spans to judge."""
    return [
        Utterance(turn.role, turn.text, tuple((start, end) for start, end, _ in sentences))
        for turn, sentences in zip(labelled.conversation.turns, labelled.sentences, strict=True)
        if turn.role in JUDGED
    ]


def read_labelled(path: Path, *, texts: Path | None = None) -> Iterator[Labelled]:
    """Every labelled conversation of a JSON Lines file, plain or gzipped. Raises InputError with the line.

    Labels may leave the words out; then the conversation of the same id is looked for in the folder `texts`, in
    the file named after the label's source.
    """
    said = Texts(texts)
    try:
        for number, line in enumerate(lines_of(path), 1):
            if line.strip():
                yield parsed(
                    line,
                    lambda row: _labelled({**row, "turns": said.turns(row)}),
                    what="a labelled conversation",
                    fix="give each line id, turns with sentences and feelings, type, scales, resolved, care, service",
                    path=str(path),
                    number=number,
                )
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", fix="name a labelled JSON Lines file", path=str(path)) from error


@dataclass(frozen=True, slots=True)
class Heeded:
    """What a stretch of the customer's words called for and what came, by skill; whether it had to be said again."""

    statuses: Mapping[str, str]
    repeats: bool = False


def read_openings(path: Path) -> Mapping[str, tuple[Heeded, ...]]:
    """Every stretch of the customer's words as judged, by conversation: a JSON object of lists.

    Raises InputError when it is something else.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        return {id: tuple(map(_heeded, stretches)) for id, stretches in found.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise InputError(
            f"is not a file of openings ({error})",
            fix='give a JSON object: by conversation, a list of objects such as {"listening": "met", "repeats": true}',
            path=str(path),
        ) from error


def _heeded(row: Mapping[str, Any]) -> Heeded:
    statuses = {name: _one_of(status, STATUSES) for name, status in row.items() if name != "repeats"}
    repeats = _one_of(row.get("repeats", False), (True, False))
    return Heeded({_one_of(name, tuple(SKILLS)): status for name, status in statuses.items()}, repeats)


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a text file, plain or gzipped."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from lines


class Texts:
    """The words of conversations whose labels are kept apart from them, read a source at a time."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.sources: dict[str, dict[str, list[dict[str, Any]]]] = {}

    def turns(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The row's turns with their role and text. Raises ValueError when they cannot be found."""
        if all("text" in turn for turn in row["turns"]):
            return list(row["turns"])
        if self.folder is None:
            raise ValueError("its words are kept elsewhere; name their folder with --texts")
        source = str(row["source"])
        if source not in self.sources:
            found = (json.loads(line) for line in lines_of(self.folder / f"{source}.jsonl.gz"))
            self.sources[source] = {str(one["id"]): one["turns"] for one in found}
        said = self.sources[source][str(row["id"])]
        return [
            {**labels, "role": turn["role"], "text": turn["text"]}
            for labels, turn in zip(row["turns"], said, strict=True)
        ]


def parsed(line: str, parse: Callable[[Any], Parsed], *, what: str, fix: str, path: str, number: int) -> Parsed:
    """What `parse` makes of a line of JSON. Raises InputError, with the line, when it is not `what` it should be."""
    try:
        return parse(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"not {what} ({type(error).__name__}: {error})", fix=fix, path=path, line=number) from error


def _labelled(row: Mapping[str, Any]) -> Labelled:
    turns = tuple(Turn(role=turn["role"], text=_text(turn["text"])) for turn in row["turns"])
    return Labelled(
        conversation=Conversation(id=str(row["id"]), turns=turns, channel=row.get("channel")),
        source=row.get("source", "unknown"),
        sentences=tuple(
            tuple(_sentence(sentence, turn["text"]) for sentence in turn.get("sentences", ())) for turn in row["turns"]
        ),
        feelings=tuple(_one_of(turn.get("feeling"), (None, DISPUTED, *FEELINGS)) for turn in row["turns"]),
        disputed=frozenset(
            (number, place, tag)
            for number, turn in enumerate(row["turns"])
            for place, sentence in enumerate(turn.get("sentences", ()))
            for tag in _known_tags(sentence.get("disputed", ()))
        ),
        whole=None if row["type"] is None else _whole(row),
    )


def _whole(row: Mapping[str, Any]) -> Whole:
    return Whole(
        type=_one_of(row["type"], (*TYPES, "unclear")),
        assertiveness=float(row["assertiveness"]),
        responsiveness=float(row["responsiveness"]),
        type_clues=tuple(row.get("type_clues", ())),
        resolved=_one_of(row["resolved"], RESOLUTIONS),
        care=float(row["care"]),
        service=float(row["service"]),
    )


def _sentence(sentence: Mapping[str, Any], text: str) -> tuple[int, int, frozenset[str]]:
    start, end = sentence["start"], sentence["end"]
    if not 0 <= start < end <= len(text):
        raise ValueError(f"a sentence from {start} to {end} in a text of {len(text)} characters")
    return start, end, _known_tags(sentence["tags"])


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a turn's text is {type(value).__name__}")
    return value.encode("utf-8", "replace").decode("utf-8")


def _known_tags(names: Iterable[str]) -> frozenset[str]:
    return frozenset(_one_of(name, TAGS) for name in names)


def _one_of(value: Any, known: tuple[Any, ...]) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(map(str, known))}")
    return value
