"""WebVTT captions of a call: one conversation a file.

    WEBVTT

    NOTE
    agent: Ana Ruiz
    started_at: 2026-09-01T10:15:00Z

    00:00:01.000 --> 00:00:03.500
    <v Ana Ruiz>Good morning, how can I help?</v>

Who is the agent stands in the NOTE (`agent: …` or `agents: A, B`), or a voice is called Agent, Operator ….
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TextIO

from webvtt import Caption, WebVTT
from webvtt.errors import MalformedCaptionError
from webvtt.models import Timestamp

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields
from coach.readers.fields import Hints, Place
from coach.readers.stream import whole

NAME = "WebVTT"
FIELDS = {"role": "agent: or agents: in a NOTE", "text": "cue", "time": "cue's start", "speaker": "<v Name>"}

JOIN_GAP = 2000
"""Milliseconds of silence under which one voice's cues are one turn."""

_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_NAME_THE_AGENT = "name the agent in a block after WEBVTT: a line NOTE, then a line agent: Ana Ruiz"


def recognise(sample: str) -> bool:
    """Whether it begins as every WebVTT file does."""
    return re.match(r"\ufeff?WEBVTT(?:\s|$)", sample) is not None


def read(lines: TextIO, *, name: str, hints: Hints) -> Iterator[tuple[int | None, Conversation] | InputError]:
    """The file's one conversation, or what is wrong with it."""
    place = Place(name)
    captions, notes = _parsed(whole(lines, place), place)
    meta: dict[str, object] = {"channel": "phone"}
    for note in notes:
        meta |= fields.header(note.split("\n"))
    started = fields.time(meta.get("started_at") or meta.get("started"), "started_at", place)
    spans = _spans(captions, place)
    roles = _roles(list(dict.fromkeys(span.voice for span in spans)), meta, place, hints)
    turns = [_turn(span, roles[span.voice], started, place) for span in spans]
    yield None, fields.conversation(meta, turns, outcomes=meta, default_id=place.stem, place=place)


def _parsed(lines: Sequence[str], place: Place) -> tuple[list[Caption], list[str]]:
    """The cues, and the texts of all NOTE blocks."""
    try:
        parsed = WebVTT.from_string("\n".join(lines))
    except MalformedCaptionError as error:
        raise place.error(f"a cue cannot be read: {error}", fix="write times like 00:01:02.500") from None
    # The library passes over cues whose times it cannot read; a lost turn would falsify the review.
    timed = [number for number, line in enumerate(lines, 1) if "-->" in line]
    if len(timed) != len(parsed.captions):
        bad = next((n for n in timed if not _is_timing(lines[n - 1])), None)
        raise Place(place.path, bad).error("a cue's times cannot be read", fix="write them like 00:01:02.500")
    notes = [note for cue in parsed.captions for note in cue.comments]
    return list(parsed.captions), [*parsed.header_comments, *notes, *parsed.footer_comments]


def _is_timing(line: str) -> bool:
    try:
        return all(Timestamp.from_string(part.split()[0]) for part in line.split("-->"))
    except (MalformedCaptionError, IndexError):
        return False


@dataclass(frozen=True, slots=True)
class _Span:
    """What one voice said without a longer pause; times in milliseconds from the recording's start."""

    voice: str
    text: str
    start: int
    end: int


def _spans(captions: Sequence[Caption], place: Place) -> list[_Span]:
    spans: list[_Span] = []
    for caption in captions:
        start, end = (Timestamp.from_string(t).in_milliseconds() for t in (caption.start, caption.end))
        for voice, text in _voices(caption, place):
            last = spans[-1] if spans else None
            if last and last.voice == voice and start - last.end < JOIN_GAP:
                spans[-1] = _Span(voice, f"{last.text} {text}", last.start, end)
            else:
                spans.append(_Span(voice, text, start, end))
    return spans


def _voices(caption: Caption, place: Place) -> Iterator[tuple[str, str]]:
    """The voices of a cue with their words, without tags, entities and line ends."""
    before, *parts = _VOICE.split(caption.raw_text)
    if _words(before):
        raise place.error(f"the cue at {caption.start} names no voice", fix="begin it with <v Name>")
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        if words := _words(text):
            voice = _collapsed(html.unescape(name))
            if not voice:
                raise place.error(f"the cue at {caption.start} names no voice", fix="write <v Name>")
            yield voice, words


def _words(marked_up: str) -> str:
    return _collapsed(html.unescape(Caption(text=marked_up).text))


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _roles(voices: Sequence[str], meta: Mapping[str, object], place: Place, hints: Hints) -> dict[str, Role]:
    """The role of each voice: by the NOTE, by a word for a role, or as the only voice beside the agents'."""
    agent, customer = (_collapsed(str(meta.get(key, ""))).casefold() for key in ("agent", "customer"))
    agents = {agent, *(_collapsed(name).casefold() for name in str(meta.get("agents", "")).split(","))} - {""}
    roles: dict[str, Role] = {}
    for voice in voices:
        known = hints.roles.get(voice) or ("agent" if voice.casefold() in agents else fields.role_of(voice))
        if known is None and voice and voice.casefold() == customer:
            known = "customer"
        if known is not None:
            roles[voice] = known
    rest = [voice for voice in voices if voice not in roles]
    if len(rest) == 1 and "agent" in roles.values() and "customer" not in roles.values():
        roles[rest[0]] = "customer"
    elif rest:
        raise place.error(f"the role of voice {fields.shown(rest[0])} is not known", fix=_NAME_THE_AGENT)
    return roles


def _turn(span: _Span, role: Role, started: datetime | None, place: Place) -> Turn:
    try:
        at = started + timedelta(milliseconds=span.start) if started else None
    except OverflowError:
        raise place.error("a cue is thousands of years long", fix="write times like 00:01:02.500") from None
    speaker = None if fields.role_of(span.voice) else fields.clean(span.voice)
    return fields.turn(role, span.text, at=at, speaker=speaker, place=place)
