"""WebVTT and SubRip captions of a call: one conversation a file.

    WEBVTT

    NOTE
    agent: Ana Ruiz
    started_at: 2026-09-01T10:15:00Z

    00:00:01.000 --> 00:00:03.500
    <v Ana Ruiz>Good morning, how can I help?</v>

Where no cue has a `<v Name>`, each begins with `Name:` or `[Name]:`. SubRip has a number before each cue, a comma in
its times, and in the place of the NOTE a header of `key: value` lines at the top.
Who is the agent stands in the NOTE (`agent: …` or `agents: A, B`), or a voice is called Agent, Operator …, or the
user says it.
"""

import html
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TextIO

from webvtt import Caption, WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError
from webvtt.models import Timestamp

from coach.conversation import Conversation, Role, Turn
from coach.errors import InputError
from coach.readers import fields, speech
from coach.readers.fields import Hints, Place
from coach.readers.speech import Span
from coach.readers.stream import whole

NAME = "WebVTT and SubRip"
FIELDS = {
    "role": "agent: or agents: in a NOTE, in SubRip at the top; the roles file",
    "text": "cue",
    "time": "cue's start",
    "speaker": "<v Name>, else Name: or [Name]: before the text",
    "others": "a NOTE, in SubRip the top, of 'key: value' lines",
}

_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?[ \t]+([^<>]{0,200})>")
_TAG = re.compile(r"<[^<>]{0,300}>")
_NAMED = re.compile(r"(?:\[(?P<label>[^\]]{1,60})\]|(?P<name>[^\s:\[\]][^:\[\]]{0,59}?))\s?:(?:\s|$)(?P<text>.*)")
_SUBRIP_TIMES = re.compile(r"\s*\d{1,4}(?::[0-5]?\d){2}[,.]\d{3}\s*-->\s*\d{1,4}(?::[0-5]?\d){2}[,.]\d{3}(?:\s.*)?")
_NAME_THE_AGENT = "name the agent in a block after WEBVTT: a line NOTE, then a line agent: Ana Ruiz"
_NAME_AT_THE_TOP = "begin the file with a line agent: Ana Ruiz, then an empty line"


def recognise(sample: str) -> bool:
    """Whether it begins as every WebVTT file does, or as SubRip: with the number and the times of a cue."""
    return _is_webvtt(sample) or _first_cue(re.split(r"\r\n?|\n", sample)) is not None


def read(lines: TextIO, *, name: str, hints: Hints) -> Iterator[tuple[int | None, Conversation] | InputError]:
    """The file's one conversation, or what is wrong with it."""
    place = Place(name)
    text = whole(lines, place)
    is_webvtt = _is_webvtt(text[0])
    captions, said = _parsed(text, place) if is_webvtt else _subrip(text, place)
    meta = {"channel": "phone", **said}
    started = fields.time(meta.get("started_at") or meta.get("started"), "started_at", place)
    spans = _spans(captions, place)
    recording = fields.label(meta.get("id"), "id", place) or place.stem
    how = _NAME_THE_AGENT if is_webvtt else _NAME_AT_THE_TOP
    roles = _roles(list(dict.fromkeys(span.voice for span in spans)), meta, recording, how, place, hints)
    turns = [_turn(span, roles[span.voice], started, place) for span in spans]
    yield None, fields.conversation(meta, turns, outcomes=meta, default_id=place.stem, place=place)


def _is_webvtt(text: str) -> bool:
    return re.match(r"\ufeff?WEBVTT(?:\s|$)", text) is not None


def _first_cue(lines: Sequence[str]) -> int | None:
    """Where SubRip's first cue begins; None where there is none, or something else than a header stands before it."""
    start = next((i for i, line in enumerate(lines) if _bare(line).isdigit()), len(lines))
    header = list(filter(_bare, lines[:start]))
    begins = start + 1 < len(lines) and _SUBRIP_TIMES.fullmatch(lines[start + 1])
    return start if begins and (not header or fields.header(header)) else None


def _bare(line: str) -> str:
    return line.strip("\ufeff \t")


def _subrip(lines: Sequence[str], place: Place) -> tuple[list[Caption], dict[str, object]]:
    """The cues, and the header before them."""
    first = _first_cue(lines) or 0
    # The library passes over cues that have no number or whose times it cannot read, as it does in WebVTT.
    for number, (before, line) in enumerate(zip(lines[first:], lines[first + 1 :], strict=False), first + 2):
        if "-->" in line and not (_bare(before).isdigit() and _SUBRIP_TIMES.fullmatch(line)):
            raise Place(place.path, number).error(
                "a cue's number or times cannot be read",
                fix="write the number on a line, and on the next times like 00:01:02,500 --> 00:01:04,000",
            )
    try:
        parsed = WebVTT.from_buffer(io.StringIO("\n".join(map(_bare, lines[first:]))), format="srt")
    except MalformedFileError:
        raise place.error("the cue has no text", fix="export it again, or leave it out") from None
    return list(parsed.captions), fields.header(list(filter(_bare, lines[:first])))


def _parsed(lines: Sequence[str], place: Place) -> tuple[list[Caption], dict[str, object]]:
    """The cues, and what the NOTE blocks say."""
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
    meta: dict[str, object] = {}
    for note in (*parsed.header_comments, *notes, *parsed.footer_comments):
        meta |= fields.header(note.split("\n"))
    return list(parsed.captions), meta


def _is_timing(line: str) -> bool:
    try:
        return all(Timestamp.from_string(part.split()[0]) for part in line.split("-->"))
    except (MalformedCaptionError, IndexError):
        return False


def _spans(captions: Sequence[Caption], place: Place) -> list[Span]:
    voices = _voices if any(_VOICE.search(caption.raw_text) for caption in captions) else _named
    spans = []
    for caption in captions:
        start, end = (Timestamp.from_string(t).in_milliseconds() for t in (caption.start, caption.end))
        spans += [Span(voice, text, start, end) for voice, text in voices(caption, place)]
    return speech.joined(spans)


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


def _named(caption: Caption, place: Place) -> Iterator[tuple[str, str]]:
    """The same of a cue whose lines begin with names."""
    said: list[tuple[str, list[str]]] = []
    for line in filter(None, map(_words, caption.raw_text.split("\n"))):
        found = _NAMED.fullmatch(line)
        if found and (not said or _is_name(found)):
            said.append((_collapsed(found["label"] or found["name"]), [found["text"]]))
        elif said:
            said[-1][1].append(line)
        else:
            raise place.error(f"the cue at {caption.start} names no voice", fix="begin it with <v Name> or Name:")
    for voice, lines in said:
        if words := " ".join(filter(None, lines)):
            yield voice, words


def _is_name(found: re.Match[str]) -> bool:
    """Whether what stands before a colon within a cue is a speaker: as text, one would get another's words."""
    if found["label"] or fields.role_of(found["name"]):
        return True
    words = found["name"].split()
    return len(words) <= 4 and all(word[0].isupper() for word in words)


def _words(marked_up: str) -> str:
    return _collapsed(html.unescape(_TAG.sub("", marked_up)))


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _roles(
    voices: Sequence[str], meta: Mapping[str, object], recording: str, how: str, place: Place, hints: Hints
) -> dict[str, Role]:
    """The role of each voice: by the user, the header or a word for a role, or as the only one beside the agents'."""
    agent, customer = (_collapsed(str(meta.get(key, ""))).casefold() for key in ("agent", "customer"))
    agents = {agent, *(_collapsed(name).casefold() for name in str(meta.get("agents", "")).split(","))} - {""}
    roles: dict[str, Role] = {}
    for voice in voices:
        known = speech.given_role(voice, recording, hints)
        known = known or ("agent" if voice.casefold() in agents else fields.role_of(voice))
        if known is None and voice and voice.casefold() == customer:
            known = "customer"
        if known is not None:
            roles[voice] = known
    rest = [voice for voice in voices if voice not in roles]
    if len(rest) == 1 and "agent" in roles.values() and "customer" not in roles.values():
        return {**roles, rest[0]: "customer"}
    for voice in rest:
        try:
            roles[voice] = speech.asked_role(voice, recording, place, hints)
        except InputError as error:
            what = f"the role of voice {fields.shown(voice)} is not known"
            raise place.error(what, fix=f"{how}; or {error.fix}") from None
    return roles


def _turn(span: Span, role: Role, started: datetime | None, place: Place) -> Turn:
    try:
        at = started + timedelta(milliseconds=span.start) if started else None
    except OverflowError:
        raise place.error("a cue is thousands of years long", fix="write times like 00:01:02.500") from None
    return fields.turn(role, span.text, at=at, speaker=speech.name_of(span.voice), place=place)
