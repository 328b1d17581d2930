"""WhatsApp's exports, SubRip and captions with names, and speech whose speakers a machine told apart."""

import copy
import io
import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import Conversation
from coach.errors import InputError
from coach.readers import Found, Hints, captions, diarised, plain, read, whatsapp
from coach.readers.fields import Place
from coach.readers.roles import unknown_speakers

EXPORTS = Path(__file__).parent / "exports"
PEOPLE = Hints(roles={"Eva Lind": "customer", "Lumen Support": "agent", "Ben": "agent", "+44 7700 900123": "agent"})
CHAT = "{0}, 16:16 - Eva Lind: Hello\n{1}, 16:17 - Lumen Support: Hi\n{2}, 16:18 - Eva Lind: Bye\n"


def one(path: Path, hints: Hints = PEOPLE) -> Conversation:
    (found,) = read([path], hints=hints)
    assert isinstance(found, Found), found
    return found.conversation


def put(folder: Path, text: str, name: str = "a") -> Path:
    path = folder / name
    path.write_text(text, "utf-8", newline="")
    return path


def fault(path: Path, hints: Hints = PEOPLE) -> InputError:
    (error,) = read([path], hints=hints)
    assert isinstance(error, InputError), error
    assert error.path == str(path)
    return error


# WhatsApp


def test_an_android_chat_is_read_line_by_line() -> None:
    chat = one(EXPORTS / "whatsapp_android.txt")
    assert [(turn.role, turn.text) for turn in chat.turns[1:]] == [
        (
            "customer",
            "Hello? The lamp I bought on 12/10/19 flickers.\nIt is the tall one:\n\n- order 4411\n- 02/11/19, it should arrive",
        ),
        ("agent", "Good afternoon Eva, I am sorry to hear that."),
        ("system", "[deleted]"),
        ("agent", "Could you send me a photo?"),
        ("customer", "[attachment]"),
        ("customer", "This is the switch"),
        ("customer", "[attachment]"),
        ("system", 'Eva Lind changed the subject from "Lamp" to "Lamp: flickers"'),
        ("system", "Missed voice call"),
        ("agent", "Thank you: a new one is on its way."),
        ("customer", ""),
    ]
    assert chat.turns[0].role == "system"
    assert (chat.channel, chat.agents, chat.customer) == ("messaging", ("Lumen Support",), "Eva Lind")
    assert chat.started == datetime(2019, 10, 31, 16, 16, tzinfo=UTC)
    assert chat.ended == datetime(2019, 11, 1, 9, 3, tzinfo=UTC)


def test_an_iphone_chat_is_read_with_its_marks() -> None:
    chat = one(EXPORTS / "whatsapp_ios.txt")
    assert [(turn.role, turn.text) for turn in chat.turns[1:]] == [
        ("customer", "Hi, is my order \u200elate?"),
        ("customer", "[attachment]"),
        ("agent", "Let me look: one moment.\n[1/15/24, 10:30:45] that is what the label says"),
        ("customer", "[attachment]"),
        ("customer", "Here"),
        ("system", "[deleted]"),
        ("system", "\u200eMissed voice call, \u200eTap to call back"),
        ("customer", "\u200eLocation: https://maps.example/?q=1,2"),
        ("agent", "It is on its way."),
    ]
    assert chat.turns[0].role == "system"
    assert chat.agents == ("Ben", "+44 7700 900123")
    times = [turn.time for turn in chat.turns]
    assert times[1] == datetime(2024, 1, 15, 10, 30, 45, tzinfo=UTC)
    assert times[-1] == datetime(2024, 1, 16, 0, 0, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        ("23/06/2018, 01:55 p.m. - ", (2018, 6, 23, 13, 55)),
        ("6/23/18, 1:55 p. m. - ", (2018, 6, 23, 13, 55)),
        ("6/23/18, 12:55 pm - ", (2018, 6, 23, 12, 55)),
        ("23.06.18, 13:55 - ", (2018, 6, 23, 13, 55)),
        ("23-06-2018 13.55 - ", (2018, 6, 23, 13, 55)),
        ("23.6.2018 klo 13.55 - ", (2018, 6, 23, 13, 55)),
        ("[23-06-18 13:55:09] ", (2018, 6, 23, 13, 55, 9)),
        ("[23. 6. 2018, 13:55:09] ", (2018, 6, 23, 13, 55, 9)),
        ("2018-06-07 13:55 - ", (2018, 6, 7, 13, 55)),
        ("[2018/06/07, 1:55:09\u202fPM] ", (2018, 6, 7, 13, 55, 9)),
        ("06/06/18, 13:55 - ", (2018, 6, 6, 13, 55)),
    ],
)
def test_other_phones_write_times_differently(tmp_path: Path, stamp: str, time: tuple[int, ...]) -> None:
    path = put(tmp_path, f"{stamp}Eva Lind: Hello\n{stamp}Lumen Support: Hi\n")
    assert one(path).started == datetime(*time, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("dates", "month"),
    [
        (("4/5/26", "4/5/26", "13/5/26"), 5),
        (("4/5/26", "4/5/26", "4/13/26"), 4),
        (("30/4/26", "4/5/26", "4/5/26"), 4),
        (("4/5/26", "4/6/26", "5/2/26"), 4),
        (("4/5/26", "6/5/26", "2/6/26"), 5),
    ],
)
def test_the_file_settles_the_order_of_day_and_month(tmp_path: Path, dates: tuple[str, ...], month: int) -> None:
    for hint in (None, "day-first", "month-first"):
        chat = one(put(tmp_path, CHAT.format(*dates)), Hints(roles=PEOPLE.roles, dates=hint))
        assert chat.started is not None
        assert chat.started.month == month


@pytest.mark.parametrize("dates", [("4/5/26", "5/5/26", "6/5/26"), ("5/4/26", "3/3/26", "6/5/26")])
def test_where_the_file_cannot_settle_it_the_user_does(tmp_path: Path, dates: tuple[str, ...]) -> None:
    path = put(tmp_path, CHAT.format(*dates))
    error = fault(path)
    assert "whether the day or the month" in error.what
    assert "--dates day-first or --dates month-first" in error.fix
    months = []
    for order in ("day-first", "month-first"):
        started = one(path, Hints(roles=PEOPLE.roles, dates=order)).started
        assert started is not None
        months.append(started.month)
    assert len(set(months)) == 2


@pytest.mark.parametrize(
    ("dates", "line", "what"),
    [
        (("13/5/26", "5/13/26", "1/5/26"), 2, "'5/13/26' is no date"),
        (("1/5/26", "31/31/26", "1/5/26"), 2, "'31/31/26' is no date"),
        (("3/3/2567", "3/3/2567", "3/3/2567"), 1, "is not a time"),
    ],
)
def test_impossible_dates_are_named(tmp_path: Path, dates: tuple[str, ...], line: int, what: str) -> None:
    error = fault(put(tmp_path, CHAT.format(*dates)))
    assert (error.line, what in error.what) == (line, True), error


def test_impossible_times_of_day_are_named(tmp_path: Path) -> None:
    for clock in ("24:00", "13:10 pm"):
        error = fault(put(tmp_path, f"31/10/19, {clock} - Eva Lind: Hello\n"))
        assert (error.line, "no time of day" in error.what) == (1, True)


def test_the_user_says_who_is_the_agent_before_the_order_of_dates(tmp_path: Path) -> None:
    path = put(tmp_path, CHAT.format("4/5/26", "4/5/26", "4/5/26"))
    error = fault(path, Hints(roles={"Eva Lind": "customer"}))
    assert (error.line, "'Lumen Support'" in error.what, "coach roles" in error.fix) == (2, True, True)
    assert unknown_speakers([path]) == ["Eva Lind", "Lumen Support"]


def test_a_file_name_of_the_app_tells_no_name_and_makes_no_id(tmp_path: Path) -> None:
    text = CHAT.format("31/10/19", "31/10/19", "31/10/19")
    assert one(put(tmp_path, text, "case-7.txt")).id == "case-7"
    names = ["WhatsApp Chat with Eva Lind.txt", "_chat.txt"]
    ids = {
        one(put(tmp_path, text + more, name)).id for name in names for more in ("", "31/10/19, 17:00 - Eva Lind: Oh\n")
    }
    assert len(ids) == 1
    assert "Eva" not in ids.pop()
    assert one(put(tmp_path, text.replace("16:16", "16:15"), names[1])).id != one(put(tmp_path, text, names[1])).id


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("\n\u200e[1/15/24, 10:30:45\u202fAM] Eva: Hi", True),
        ("1.1.2019, 12.00 - You created this group", True),
        ("[2026-09-01 10:15:00] Agent (Ana): Hi", False),
        ("[2026-09-01 10:15:00] Ana: Hi", True),
        ("[10:15] Agent: Hi", False),
        ("2024-01-01 10:00:00,123 - INFO: started", False),
        ("Agent: on 1/15/24, 10:30 - hi", False),
        ("conversation_id,role,text\n31/10/19, 16:16 - Eva: Hi", False),
        ("", False),
        ("\u2028\n\ufeff31/10/19, 16:16 - Eva: Hi", False),
        ("\ufeff\n\n31/10/19, 16:16 - Eva: Hi", True),
    ],
)
def test_only_chats_are_recognised(text: str, known: bool) -> None:
    assert whatsapp.recognise(text) == known
    assert not captions.recognise(text)


def test_plain_text_keeps_its_own(tmp_path: Path) -> None:
    text = "[2026-09-01 10:15:00] Customer: Hi\n[2026-09-01 10:16:00] Agent (Ana): Hello\n"
    assert plain.recognise(text)
    assert one(put(tmp_path, text)).channel is None


# SubRip, and captions with names


def test_subrip_is_read_with_its_header() -> None:
    call = one(EXPORTS / "subrip.srt")
    assert [(turn.role, turn.speaker, turn.text) for turn in call.turns] == [
        ("agent", "Ana Ruiz", "Good morning, how can I help? I am listening."),
        ("customer", "Eva", "My lamp broke."),
        ("agent", "Ana Ruiz", "Oh. In 2026"),
    ]
    assert (call.id, call.channel, call.agent) == ("subrip", "phone", "Ana Ruiz")
    assert call.turns[1].time == datetime(2026, 9, 1, 10, 15, 8, tzinfo=UTC)


def test_webvtt_may_have_names_in_the_text() -> None:
    call = one(EXPORTS / "zoom.vtt", Hints(roles={"Ana Ruiz": "agent", "Eva": "customer"}))
    assert [turn.text for turn in call.turns] == ["Good morning. One thing: what is the order number?", "It is 4411."]
    assert call.agents == ("Ana Ruiz",)


def test_whose_the_voices_are_can_be_said(tmp_path: Path) -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\n[SPEAKER_00]: Hi\n\n2\n00:00:03,000 --> 00:00:04,000\n[SPEAKER_01]: Hello\n"
    )
    path = put(tmp_path, text, "call-7.srt")
    error = fault(path)
    assert "role of voice 'SPEAKER_00' is not known" in error.what
    assert "agent: Ana Ruiz" in error.fix
    assert "coach roles" in error.fix
    asked = unknown_speakers([path, EXPORTS / "zoom.vtt"])
    assert asked == ["SPEAKER_00 of call-7", "SPEAKER_01 of call-7", "Ana Ruiz", "Eva"]
    call = one(path, Hints(roles={"SPEAKER_00": "agent", "SPEAKER_01": "agent", "SPEAKER_01 of call-7": "customer"}))
    assert [(turn.role, turn.speaker) for turn in call.turns] == [("agent", None), ("customer", None)]


CUE = "1\n00:00:01,000 --> 00:00:02,000\nAgent: Hi\n\n2\n{}\nEva: Hello\n"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (CUE.format("00:00:03,000 --> 00:99:04,000"), 6, "number or times"),
        (CUE.format("00:00:03 --> 00:00:04"), 6, "number or times"),
        (CUE.replace("\n2\n", "\n").format("00:00:03,000 --> 00:00:04,000"), 5, "number or times"),
        (CUE.replace("\n2\n", "\n2\n\n").format("00:00:03,000 --> 00:00:04,000"), 7, "number or times"),
        (CUE.format("00:00:03,000 --> 00:00:04,000\nwho?"), None, "the cue at 00:00:03.000 names no voice"),
        (CUE.format("00:00:03,000 --> 00:00:04,000\n Ole: I\n") + "Note: it", None, "role of voice 'Ole'"),
        ("1\n00:00:01,000 --> 00:00:02,000", None, "has no text"),
        ("1\r00:00:01,000 --> 00:00:02,000", None, "has no text"),
        ("started_at: noon\n\n" + CUE.format("00:00:03,000 --> 00:00:04,000"), None, "started_at 'noon'"),
    ],
)
def test_subrip_faults_are_named(tmp_path: Path, text: str, line: int | None, what: str) -> None:
    error = fault(put(tmp_path, text))
    assert (error.line, what in error.what) == (line, True), error


@pytest.mark.parametrize("piece", ["<v ", "<v.a ", "=\n", "[", "A:"])
def test_a_cue_without_end_takes_no_time(tmp_path: Path, piece: str) -> None:
    cue = "1\n00:00:01,000 --> 00:00:02,000\nAgent: Hi\n" + piece * 100_000
    began = time.perf_counter()
    assert "characters" in fault(put(tmp_path, cue)).what
    assert time.perf_counter() - began < 5


def test_an_empty_cue_says_nothing(tmp_path: Path) -> None:
    text = CUE.format("00:00:03,000 --> 00:00:04,000\n\n3\n00:00:05,000 --> 00:00:06,000\nAgent:\nEva: Hm.")
    assert [turn.text for turn in one(put(tmp_path, text)).turns] == ["Hi", "Hm. Hello"]


# Speech told apart by machines


@pytest.mark.parametrize(
    ("name", "voices", "id", "texts"),
    [
        ("whisperx", ("SPEAKER_00", "SPEAKER_01"), "whisperx",
         ["Good morning, this is Ana. How can I help?", "My lamp broke.", "It was new."]),
        ("assemblyai", ("A", "B"), "9ea68fd3-f953-42c1-9742-976c447fb463",
         ["Good morning.", "My lamp broke. It was new.", "Since May."]),
        ("deepgram", ("0", "1"), "2479c8c8-8185-40ac-9ac6-f0874419f793", ["Good morning.", "My lamp broke."]),
    ],
)  # fmt: skip
def test_speech_is_read_with_the_roles_the_user_says(
    tmp_path: Path, name: str, voices: tuple[str, str], id: str, texts: list[str]
) -> None:
    path = EXPORTS / f"{name}.json"
    asked = [f"{voice} of {id}" for voice in voices]
    assert unknown_speakers([path]) == asked
    error = fault(path)
    assert "does not say whether" in error.what
    for roles in (
        dict(zip(asked, ("agent", "customer"), strict=True)),
        dict(zip(voices, ("agent", "customer"), strict=True)),
    ):
        call = one(path, Hints(roles=roles))  # type: ignore[arg-type]
        assert [turn.text for turn in call.turns] == texts
        assert [turn.role for turn in call.turns] == ["agent", *["customer"] * (len(texts) - 1)]
        assert (call.id, call.channel, call.agents, call.customer, call.started) == (id, "phone", (), None, None)


def test_names_are_kept_and_words_for_roles_understood() -> None:
    call = one(EXPORTS / "openai_diarized.json", Hints(roles={"Eva": "customer"}))
    assert [(turn.role, turn.speaker) for turn in call.turns] == [("agent", None), ("customer", "Eva")]
    assert (call.agent, call.customer) == (None, "Eva")


def record(name: str) -> Any:
    return json.loads((EXPORTS / f"{name}.json").read_text("utf-8"))


def read_record(found: Any, **roles: Any) -> Conversation:
    (conversation,) = diarised.conversations(found, Place("call.json"), Hints(roles=roles))
    assert isinstance(conversation, Conversation)
    return conversation


def test_a_channel_is_a_speaker_where_there_are_several() -> None:
    found = record("deepgram")
    results = found["results"]
    results["channels"] *= 2
    results["utterances"][1]["channel"] = 1
    first, second = results["utterances"]
    roles = {"channel 0, speaker 0": "agent", "channel 1, speaker 1": "customer"}
    assert [turn.role for turn in read_record(found, **roles).turns] == ["agent", "customer"]
    del first["speaker"], second["speaker"]
    results["utterances"] = [second, first]
    call = read_record(found, **{"channel 0": "agent", "channel 1": "customer"})
    assert [turn.role for turn in call.turns] == ["agent", "customer"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"speaker": None}, "segments 1: it names no speaker"),
        ({"speaker": True}, "speaker is 'True'"),
        ({"start": "soon"}, "start is 'soon'"),
        ({"end": None}, "no start or no end"),
        ({"end": float("inf")}, "end is 'inf'"),
        ({"text": ["x"]}, "text is a list"),
        ({"text": "x" * 100_001}, "characters"),
    ],
)
def test_faults_of_segments_are_named(change: dict[str, Any], what: str) -> None:
    found = record("whisperx")
    found["segments"][0].update(change)
    with pytest.raises(InputError) as error:
        read_record(found, SPEAKER_00="agent", SPEAKER_01="customer")
    assert what in error.value.what
    assert error.value.fix


def test_what_was_not_told_apart_says_how_to_do_it() -> None:
    assembly, deepgram = record("assemblyai"), record("deepgram")
    assembly["utterances"] = None
    del deepgram["results"]["utterances"]
    for found in (assembly, deepgram):
        assert diarised.recognise(found)
        with pytest.raises(InputError) as error:
            read_record(found)
        assert "no utterances" in error.value.what
        assert "speaker labels" in error.value.fix


@pytest.mark.parametrize(
    "found",
    [
        {"turns": [{"role": "agent", "text": "Hi"}]},
        {"segments": []},
        {"segments": [{"text": "Hi", "speaker": "A"}]},
        {"segments": "x", "utterances": []},
        {"results": [], "metadata": {}},
        {"results": {"utterances": []}, "metadata": []},
    ],
)
def test_other_records_are_left_alone(found: dict[str, Any]) -> None:
    assert not diarised.recognise(found)


# Wild input

NASTY: Any = (
    None,
    True,
    -1,
    0,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\ud800",
    "\0",
    [],
    [1],
    {},
    {"a": None},
)
ROLES: Any = {voice: role for role, voices in {"agent": ("SPEAKER_00", "A", "0", "agent"), "customer": ("SPEAKER_01", "B", "1", "Eva", "x")}.items() for voice in voices}  # fmt: skip


def spots(value: Any) -> list[tuple[Any, Any]]:
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in pairs] + [spot for _, inner in pairs for spot in spots(inner)]


@given(st.sampled_from(["whisperx", "openai_diarized", "assemblyai", "deepgram"]), st.integers(0, 10**6))
def test_no_record_whatever_raises(name: str, seed: int) -> None:
    chance, found = random.Random(seed), copy.deepcopy(record(name))
    for _ in range(chance.randint(1, 4)):
        holder, key = chance.choice(spots(found) or [({"a": 1}, "a")])
        if isinstance(holder, dict) and chance.random() < 0.3:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(NASTY))
    if not diarised.recognise(found):
        return
    items: list[Conversation | InputError] = []
    try:
        items += diarised.conversations(found, Place("a"), Hints(roles=ROLES))
    except InputError as error:
        items.append(error)
    assert len(items) == 1
    assert all(isinstance(item, Conversation) or (item.what and item.fix) for item in items)
    repr(items).encode()


PIECES = st.sampled_from(
    ["\n", " ", ":", "-->", "[", "]", '"', "1", "99", "/", ".", ",", " - ", "\u200e", "\u202f", "AM", "0000", "\0", "\u2028", "<v Eva>",
     "\n31/10/19, 16:16 - ", "\n[1/15/24, 10:30:45 AM] ", "Eva Lind: ", "<attached: ", " omitted", "\n3\n", "agent: x\n", "\ufeff", "٣"]
)  # fmt: skip


@given(
    st.sampled_from(["whatsapp_android.txt", "whatsapp_ios.txt", "subrip.srt", "zoom.vtt"]),
    st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 9), PIECES), max_size=6),
    st.sampled_from([None, "day-first", "month-first"]),
)
def test_no_text_whatever_raises(name: str, changes: list[tuple[int, int, str]], dates: Any) -> None:
    text = (EXPORTS / name).read_text("utf-8")
    for start, length, piece in changes:
        text = text[:start] + piece + text[start + length :]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        for item in read(
            ["-"], hints=Hints(roles={**PEOPLE.roles, "Ana Ruiz": "agent", "Eva": "customer"}, dates=dates)
        ):
            if isinstance(item, InputError):
                assert item.what and item.fix  # noqa: PT018
                assert not item.what.startswith("the file cannot be read"), item
            else:
                repr(item.conversation).encode()


def test_long_lines_take_no_time(tmp_path: Path) -> None:
    for filling in ("<attached: ", " ", "\u200e", "• ", "a: ", '"', "omitted "):
        text = CHAT.format("31/10/19", "31/10/19", "31/10/19") + filling * 200_000
        assert "characters" in fault(put(tmp_path, text + "x" * 100_000)).what
