"""Recordings turned into text by machines that tell the voices apart: one recording an object.

    {"segments": [{"start": 0.4, "end": 2.1, "text": " Good morning.", "speaker": "SPEAKER_00"}]}

This is what WhisperX and OpenAI's diarized_json give, in seconds. AssemblyAI has such objects in "utterances", in
milliseconds; Deepgram in "results.utterances", with the words as "transcript" and, for a recording with a channel a
person, "channel" in the place of "speaker".

Source: WhisperX's writer and diarize.py; "Create transcription" in OpenAI's interface reference; "Get transcript" of
AssemblyAI; "Utterances", "Diarization" and "Multichannel" in Deepgram's documentation.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from coach.conversation import Conversation, Turn
from coach.errors import InputError
from coach.readers import calls, fields, speech
from coach.readers.fields import Hints, Place, Record
from coach.readers.speech import Span

NAME = "Diarised speech (WhisperX, OpenAI, AssemblyAI, Deepgram)"
FIELDS = {
    "role": 'the roles file, for "SPEAKER_00 of call-7", or for "SPEAKER_00" in all recordings',
    "text": "segments[].text, utterances[].text, results.utterances[].transcript",
    "speaker": "speaker, else channel",
    "id": "id, metadata.request_id, else the file's name",
}
_AGAIN = "transcribe it again with speaker labels (WhisperX: --diarize; AssemblyAI: speaker_labels; Deepgram: diarize)"


@dataclass(frozen=True, slots=True)
class _Make:
    """Where a make keeps what was said, and what its times are counted in."""

    segments: str
    text: str
    milliseconds: int


_WHISPER = _Make("segments", "text", 1000)
_ASSEMBLY = _Make("utterances", "text", 1)
_DEEPGRAM = _Make("utterances", "transcript", 1000)


def recognise(record: Record) -> bool:
    """Whether it is of a make we know, with or without speakers."""
    return _make(record) is not None


def _make(record: Record) -> _Make | None:
    results, metadata, segments = record.get("results"), record.get("metadata"), record.get("segments")
    if isinstance(results, dict) and isinstance(metadata, dict) and "request_id" in metadata:
        return _DEEPGRAM
    if "utterances" in record and record.keys() & {"audio_url", "language_code"}:
        return _ASSEMBLY
    whole = isinstance(segments, list) and any(
        isinstance(one, dict) and one.keys() >= {"start", "end", "text"} for one in segments
    )
    return _WHISPER if whole else None


def conversations(record: Record, place: Place, hints: Hints) -> Iterator[Conversation | InputError]:
    """The one conversation. Raises InputError for what is wrong with it."""
    make = _make(record) or _WHISPER
    holder, known, channels = record, record.get("id"), False
    if make is _DEEPGRAM:
        holder = fields.nested(record, "results", place)
        known = fields.nested(record, "metadata", place).get("request_id")
        channels = len(fields.objects(holder, "channels", place)) > 1
    recording = fields.label(known, "id", place) or place.default_id
    segments = fields.objects(holder, make.segments, place)
    if not segments:
        raise place.error(f"it has no {make.segments}, so no speakers", fix=f"{_AGAIN}, for Deepgram also: utterances")
    spans = [_span(one, make, channels, place.at(f"{make.segments} {i}")) for i, one in enumerate(segments, 1)]
    spoken = sorted((span for span in spans if span.text), key=lambda span: span.start)
    turns = [_turn(span, recording, place, hints) for span in speech.joined(spoken)]
    customer = fields.first_speaker(turns, "customer")
    yield fields.conversation(
        {"id": recording, "channel": "phone", "agent": calls.agent_of(turns), "customer": customer},
        turns,
        outcomes={},
        default_id=recording,
        place=place,
    )


def _span(segment: Record, make: _Make, channels: bool, place: Place) -> Span:
    text = fields.text(segment, make.text, place).strip()
    start, end = (calls.number(segment.get(name), name, place) for name in ("start", "end"))
    if start is None or end is None:
        raise place.error("it has no start or no end", fix="export it again, or mend it")
    voice = _voice(segment, channels, place) if text else ""
    return Span(voice, text, start * make.milliseconds, end * make.milliseconds)


def _voice(segment: Record, channels: bool, place: Place) -> str:
    """Whose words they are. Each channel counts its speakers anew."""
    speaker = fields.label(segment.get("speaker"), "speaker", place)
    channel = fields.label(segment.get("channel"), "channel", place) if channels else None
    if channel is not None:
        return f"channel {channel}, speaker {speaker}" if speaker else f"channel {channel}"
    if speaker is None:
        raise place.error("it names no speaker", fix=f"{_AGAIN}, or take the segment out")
    return speaker


def _turn(span: Span, recording: str, place: Place, hints: Hints) -> Turn:
    role = (
        speech.given_role(span.voice, recording, hints)
        or fields.role_of(span.voice)
        or speech.asked_role(span.voice, recording, place, hints)
    )
    return fields.turn(role, span.text, at=None, speaker=speech.name_of(span.voice), place=place)
