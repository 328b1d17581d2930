"""What the formats of recordings share: who speaks from when to when, and who a voice is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from coach.conversation import Role
from coach.readers import fields
from coach.readers.fields import Hints, Place

JOIN_GAP = 2000
"""Milliseconds of silence under which what one voice says is one turn."""

_COUNTED = re.compile(
    r"(?:speaker|spk|channel|participant)?[ _-]*(?:\d{1,3}[a-z]?|[a-z])(?:, speaker \d+)?|s\d+|unknown(?:[ _]speaker)?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Span:
    """What one voice said without a longer pause; times in milliseconds from the recording's start."""

    voice: str
    text: str
    start: float
    end: float


def joined(spans: Iterable[Span]) -> list[Span]:
    """The spans, with those of one voice that follow each other closely as one."""
    turns: list[Span] = []
    for span in spans:
        last = turns[-1] if turns else None
        if last and last.voice == span.voice and span.start - last.end < JOIN_GAP:
            turns[-1] = Span(last.voice, f"{last.text} {span.text}", last.start, max(last.end, span.end))
        else:
            turns.append(span)
    return turns


def name_of(voice: str) -> str | None:
    """The voice's name; None for a word such as Agent, and for SPEAKER_00, who is someone else in each recording."""
    return None if fields.role_of(voice) or _COUNTED.fullmatch(voice) else voice


def given_role(voice: str, recording: str, hints: Hints) -> Role | None:
    """What the user says of the voice, in this recording or in all."""
    return hints.roles.get(_in(voice, recording)) or hints.roles.get(voice)


def asked_role(voice: str, recording: str, place: Place, hints: Hints) -> Role:
    """The role that only the user can say; of a voice without a name, for this recording alone."""
    return fields.speaker_role(_in(voice, recording) if _COUNTED.fullmatch(voice) else voice, place, hints)


def _in(voice: str, recording: str) -> str:
    return f"{voice} of {recording}"
