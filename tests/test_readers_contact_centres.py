"""Contact Lens, Genesys Cloud and CCAI Insights: what their exports give, and that only conversations and faults come out."""

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.conversation import Conversation
from coach.errors import InputError
from coach.readers import Found, Hints, ccai, contact_lens, genesys, read, records
from coach.readers.fields import Place

EXPORTS = Path(__file__).parent / "exports"
SHARED = Path(__file__).parents[2] / "shared/data/exports"
START = datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
OURS = (contact_lens, genesys, ccai)


def loaded(name: str) -> Any:
    return json.loads((EXPORTS / f"{name}.json").read_text("utf-8"))


CHAT, CALL, SEGMENTS = (loaded(f"contact_lens_{name}") for name in ("chat", "call", "segments"))
TRANSCRIPT, (MESSAGES, WEBCHAT) = loaded("genesys_transcript"), loaded("genesys_recordings")
UPLOAD, PAGE = loaded("ccai_upload"), loaded("ccai_conversations")
RECORDS = (CHAT, CALL, SEGMENTS, TRANSCRIPT, MESSAGES, WEBCHAT, UPLOAD, PAGE, *PAGE["conversations"])


def items(record: Any, **roles: Any) -> list[Conversation | InputError]:
    """What the format that knows the record makes of it."""
    try:
        return list(records._conversations(record, Place("export.json"), Hints(roles=roles)))
    except InputError as error:
        return [error]


def one(record: Any, **roles: Any) -> Conversation:
    (found,) = items(record, **roles)
    assert isinstance(found, Conversation), found
    return found


def fault(record: Any) -> str:
    (found,) = items(record)
    assert isinstance(found, InputError), found
    return str(found)


def said(conversation: Conversation) -> list[tuple[str, str | None, str]]:
    return [(turn.role, turn.speaker, turn.text) for turn in conversation.turns]


def since(conversation: Conversation) -> list[float | None]:
    """Seconds from START to each turn."""
    return [turn.time and (turn.time - START).total_seconds() for turn in conversation.turns]


def changed(record: Any, *changes: tuple[str, Any]) -> Any:
    """A copy with the values at "a.0.b" replaced."""
    result = copy.deepcopy(record)
    for path, value in changes:
        *before, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        part = result
        for key in before:
            part = part[key]
        part[last] = value
    return result


@pytest.mark.parametrize("record", RECORDS)
def test_each_record_is_known_to_its_own_platform_only(record: Any) -> None:
    assert len([platform for platform in records.PLATFORMS if platform.recognise(record)]) == 1


def test_no_other_platforms_export_is_ours() -> None:
    ours = ("contact_lens", "genesys", "ccai")
    for path in (path for path in EXPORTS.glob("*.json") if not path.name.startswith(ours)):
        found = json.loads(path.read_text("utf-8"))
        for record in found if isinstance(found, list) else [found]:
            assert not [platform.NAME for platform in OURS if isinstance(record, dict) and platform.recognise(record)]


# Contact Lens


def test_a_chat_keeps_events_bots_and_attachments_in_their_place() -> None:
    chat = one(CHAT)
    assert (chat.id, chat.channel, chat.agent, chat.customer) == ("contact-1", "chat", "Ana Ruiz", "Nora Field")
    assert said(chat) == [
        ("system", None, "[participant.joined]"),
        ("system", None, "You are in the queue."),
        ("bot", "Helper", "What is it about?"),
        ("customer", "Nora Field", "My lamp  flickers & I am <b>cross</b>."),
        ("agent", "Ana Ruiz", "I am sorry. Does it flicker on another socket too?"),
        ("customer", "Nora Field", "[attachment]"),
        ("agent", "Sam Boss", "I will send you a new one today."),
        ("system", None, "[chat.ended]"),
    ]
    assert since(chat)[:5] == [0.735, 1, 2, 10, 20.5]


def test_a_redacted_name_gives_way_to_the_id() -> None:
    names = [(f"Transcript.{i}.DisplayName", "[PII]") for i in (3, 4, 5)]
    chat = one(changed(CHAT, *names, *((f"Participants.{i}.DisplayName", "[PII]") for i in (0, 3))))
    assert (chat.agent, chat.customer) == ("p-agent", "p-customer")


def test_the_newest_first_is_put_in_order() -> None:
    assert said(one(changed(CHAT, ("Transcript", CHAT["Transcript"][::-1])))) == said(one(CHAT))


def test_a_calls_turns_come_after_the_recordings_start() -> None:
    call = one(CALL)
    assert (call.id, call.channel, call.agent, call.customer) == ("contact-2", "phone", None, None)
    assert [turn.role for turn in call.turns] == ["agent", "customer", "agent"]
    assert since(call) == [0, 2.25, 5.1]
    assert call.turns[1].text == "This is [PII], my lamp broke."


@pytest.mark.parametrize("name", ["", "call.wav", "x_20261301T10:15_UTC.wav"])
def test_without_the_recordings_start_a_call_has_no_times(name: str) -> None:
    call = one(changed(CALL, ("CustomerMetadata.InputS3Uri", name)))
    assert [turn.time for turn in call.turns] == [None] * 3


def test_a_calls_role_comes_from_the_participants() -> None:
    swapped = [("Participants.0.ParticipantRole", "AGENT"), ("Participants.1.ParticipantRole", "CUSTOMER")]
    assert [turn.role for turn in one(changed(CALL, *swapped)).turns] == ["customer", "agent", "customer"]
    assert [turn.role for turn in one(changed(CALL, ("Participants", []))).turns] == ["agent", "customer", "agent"]


def test_segments_of_the_real_time_interface_are_a_transcript() -> None:
    chat = one(SEGMENTS)
    assert (chat.id, chat.agent, chat.customer) == ("export", "Ana Ruiz", "p-customer")
    assert [(turn.role, turn.text) for turn in chat.turns] == [
        ("system", "[participant.joined]"),
        ("customer", "My lamp broke."),
        ("agent", "I am sorry."),
        ("customer", "[attachment]"),
    ]
    assert since(chat) == [0, 5, 9, 12]


def test_an_unknown_participant_is_asked_about() -> None:
    strange = changed(CALL, ("Transcript.0.ParticipantId", "p-9"))
    assert "item 1: the file does not say whether 'p-9' is an agent or a customer" in fault(strange)
    assert one(strange, **{"p-9": "bot"}).turns[0].role == "bot"
    assert "item 1: it has neither ParticipantRole" in fault(changed(CALL, ("Transcript.0.ParticipantId", None)))


@pytest.mark.parametrize("value", [-1, "soon", True, 1e300, 10**400, []])
def test_a_bad_offset_is_named(value: object) -> None:
    assert "item 2: BeginOffsetMillis is" in fault(changed(CALL, ("Transcript.1.BeginOffsetMillis", value)))


# Genesys Cloud


def test_a_call_tells_machines_and_agents_by_the_participants_times() -> None:
    call = one(TRANSCRIPT)
    assert (call.id, call.channel, call.customer) == ("conv-7/comm-1", "phone", "tel:+15550100")
    assert (call.agent, call.agents, call.started) == ("user-ana", ("user-ana", "user-bo"), START)
    assert said(call) == [
        ("bot", None, "Press 1 for lamps."),
        ("customer", None, "one"),
        ("agent", "user-ana", "Ana speaking, I will put you through to Bo."),
        ("agent", "user-bo", "Bo here, how can I help?"),
        ("customer", None, "It is $12 too much."),
    ]
    assert since(call) == [1, 4, 10, 30.5, 34]
    assert said(one(changed(TRANSCRIPT, ("transcripts.1.phrases.2.participantPurpose", "agent")))) == said(call)


def test_agents_who_took_part_at_once_are_not_told_apart() -> None:
    call = one(changed(TRANSCRIPT, ("participants.3.startTimeMs", 0)))
    assert [call.agent_of(i) for i in (2, 3)] == [None, "user-bo"]


def test_what_was_said_between_the_participants_times_was_a_machine() -> None:
    call = one(changed(TRANSCRIPT, ("participants.2.startTimeMs", TRANSCRIPT["startTime"] + 20_000)))
    assert [turn.role for turn in call.turns] == ["bot", "customer", "bot", "agent", "customer"]


def test_a_lone_agent_needs_no_times() -> None:
    alone = changed(TRANSCRIPT, ("participants", [{"participantPurpose": "internal", "userId": "user-ana"}]))
    del alone["transcripts"][1]["phrases"][0]["startTimeMs"]
    assert said(one(alone))[0] == ("agent", "user-ana", "Bo here, how can I help?")
    assert one(alone).agents == ("user-ana",)


def test_without_times_the_user_says_who_is_internal() -> None:
    bare = changed(TRANSCRIPT, ("transcripts.0.phrases.0.startTimeMs", None))
    assert "transcript 1, phrase 1: the file does not say whether 'internal'" in fault(bare)
    assert one(bare, internal="agent").turns[0].role == "agent"


def test_times_from_the_start_are_added_to_it_where_it_is_known() -> None:
    call = changed(TRANSCRIPT, ("transcripts.0.startTime", None), ("participants", []))
    call["transcripts"] = call["transcripts"][:1]
    call["transcripts"][0]["phrases"][0]["startTimeMs"] = 500
    assert since(one(call))[0] == 0.5
    call["startTime"] = call["conversationStartTime"] = 0
    assert one(call).turns[0].time is None


def test_a_flow_is_a_machine_and_an_outbound_call_names_who_was_called() -> None:
    flow = {"participantPurpose": "internal", "flowId": "f"}
    call = changed(TRANSCRIPT, ("participants.0.initialDirection", "outbound"), ("participants.1", flow))
    call["participants"] = call["participants"][:2]
    found = one(call)
    assert ([turn.role for turn in found.turns].count("bot"), found.customer) == (3, "tel:+15550199")


def test_sessions_of_one_conversation_are_read_each(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([TRANSCRIPT, changed(TRANSCRIPT, ("communicationId", "comm-2"))]), "utf-8")
    found = [item.conversation.id for item in read([path]) if isinstance(item, Found)]
    assert found == ["conv-7/comm-1", "conv-7/comm-2"]


def test_a_recordings_messages_are_read() -> None:
    talk = one(MESSAGES)
    assert (talk.id, talk.channel, talk.agent) == ("conv-8/rec-1", "messaging", "Ana Ruiz")
    assert said(talk) == [
        ("customer", None, "My lamp broke."),
        ("bot", None, "Which lamp?"),
        ("agent", "Ana Ruiz", "I am sorry, let us look."),
        ("customer", None, "[attachment]"),
        ("customer", None, "Send a new one"),
    ]
    chat = one(WEBCHAT)
    assert (chat.channel, said(chat)[0], said(chat)[2]) == (
        "chat",
        ("system", None, "member joined"),
        ("agent", "Bo", "Let me look."),
    )


def test_a_message_without_purpose_is_whose_it_says() -> None:
    bare = changed(MESSAGES, *((f"messagingTranscript.{i}.purpose", None) for i in (0, 1)))
    assert said(one(bare)) == said(one(MESSAGES))
    strange = changed(MESSAGES, ("messagingTranscript.0.purpose", "station"))
    assert "message 1: the file does not say whether 'station'" in fault(strange)


# CCAI Insights


def test_an_uploaded_conversation_has_its_roles_and_microseconds() -> None:
    talk = one(UPLOAD)
    assert (talk.id, talk.channel, talk.agent, talk.customer) == ("export", None, "2", "1")
    assert [turn.role for turn in talk.turns] == ["bot", "customer", "agent", "customer"]
    assert since(talk) == [0, 5.25, 9, 12]


def test_times_without_a_start_are_none() -> None:
    assert one(changed(UPLOAD, ("entries.0.start_timestamp_usec", 1_000_000))).turns[0].time is None
    assert one(changed(UPLOAD, ("entries.1.start_timestamp_usec", "1788257705250000"))).turns[1].time is not None


def test_a_page_gives_each_conversation_and_the_faults_in_their_place() -> None:
    call, unsure, chat = items(PAGE)
    assert isinstance(call, Conversation)
    assert (call.id, call.channel, call.agent, call.customer) == ("c1", "phone", "Ana Ruiz", "cust-1")
    assert said(call) == [
        ("agent", "Ana Ruiz", "Good morning."),
        ("customer", "cust-1", "My lamp broke."),
        ("agent", "Ana Ruiz", "One moment."),
        ("bot", None, "Did we help?"),
    ]
    assert call.started == START + timedelta(microseconds=123456)
    assert [round(found or -1, 3) for found in since(call)] == [0.623, 2.123, 4.123, 9.123]
    assert call.ended == START + timedelta(seconds=12.5, microseconds=123456)
    assert isinstance(unsure, InputError)
    assert "conversation 2, segment 1: the file does not say whether 'ANY_AGENT'" in str(unsure)
    assert isinstance(chat, Conversation)
    assert (chat.id, chat.channel, chat.agents, chat.customer) == ("c3", "chat", ("bo", "eva"), "cust-9")
    assert since(chat) == [6301, 6305, 6309]


def test_several_agents_keep_their_own_names() -> None:
    quality = {"agent_info": [{"agent_id": "bo", "display_name": "Bo Lind"}, {"display_name": "Eva"}]}
    chat = one(changed(PAGE["conversations"][2], ("quality_metadata", quality), ("agent_id", "bo")))
    assert chat.agents == ("Bo Lind", "eva")


def test_a_channel_that_names_nobody_is_asked_about() -> None:
    call = changed(PAGE["conversations"][0], ("callMetadata", {}))
    assert "segment 1: the file does not say whether 'channel 2' is" in fault(call)
    assert one(call, **{"channel 2": "agent"}).turns[0].role == "agent"
    same = changed(
        PAGE["conversations"][0], ("callMetadata.agentChannel", 1), ("transcript.transcriptSegments.0.channelTag", 1)
    )
    assert "'channel 1' is" in fault(same)


def test_a_bad_duration_is_named() -> None:
    for value in ("long", "1e300s", "-1s", {"seconds": 3}):
        assert "duration is" in fault(changed(PAGE["conversations"][0], ("duration", value)))


# The real samples


@pytest.mark.skipif(not SHARED.is_dir(), reason="the samples are not here")
@pytest.mark.parametrize("number", [1, 2])
def test_the_sample_chats_are_read_whole(number: int) -> None:
    path = SHARED / f"contact_lens_chat_{number}.json"
    given = json.loads(path.read_text("utf-8"))["Transcript"]
    (found,) = read([path])
    assert isinstance(found, Found)
    turns = found.conversation.turns
    events = [item["Type"] == "EVENT" for item in given]
    assert [turn.role for turn in turns] == [
        "system" if event else item["ParticipantRole"].lower() for item, event in zip(given, events, strict=True)
    ]
    assert [
        turn.text for turn in turns if not turn.text.startswith("[participant.") and turn.text != "[chat.ended]"
    ] == [item["Content"] for item in given if item["Type"] == "MESSAGE"]
    assert [turn.time for turn in turns] == [datetime.fromisoformat(item["AbsoluteTime"]) for item in given]
    names = ("Jane", "John") if number == 1 else (given[4]["ParticipantId"], given[0]["ParticipantId"])
    assert (found.conversation.agent, found.conversation.customer) == names


@pytest.mark.skipif(not SHARED.is_dir(), reason="the samples are not here")
def test_the_sample_calls_and_the_upload_are_read_whole() -> None:
    voice, upload, genesys_call = (
        SHARED / f"{name}.json"
        for name in ("contact_lens_voice_1", "gcp_ccai_insights_sample", "genesys_cloud_transcript_thirdparty_fixture")
    )
    for path, name, role, text in (
        (voice, "Transcript", "ParticipantId", "Content"),
        (upload, "entries", "role", "text"),
    ):
        given = json.loads(path.read_text("utf-8"))[name]
        (found,) = read([path])
        assert isinstance(found, Found)
        assert [(turn.role, turn.text) for turn in found.conversation.turns] == [
            (item[role].lower(), item[text]) for item in given
        ]
        times = [item.get("start_timestamp_usec") for item in given]
        assert [turn.time and turn.time.timestamp() * 1e6 for turn in found.conversation.turns] == times
    (found,) = read([genesys_call])
    assert isinstance(found, Found)
    assert [(turn.role, turn.speaker, turn.time) for turn in found.conversation.turns] == [
        ("customer", None, None),
        ("agent", "agent-1", None),
        ("customer", None, None),
    ]
    assert found.conversation.turns[0].text == "Hi, I'm calling about my bill."
    assert found.conversation.turns[2].text == "this is taking forever"


# Whatever the input


def parts(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(way for key, part in inner for way in parts(part, (*path, key)))]


GONE = object()
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just(GONE),
    st.sampled_from(([], {}, [[]], [None], [{}], {"a": []}, 10**400, -1, "\ud800", "\x00", "9" * 30, 1e308, " ", "internal", "2026-13-01")),
)  # fmt: skip


@settings(max_examples=400)
@given(st.data())
def test_only_conversations_and_faults_come_out(data: st.DataObject) -> None:
    record = copy.deepcopy(data.draw(st.sampled_from(RECORDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        way = data.draw(st.sampled_from(parts(record)[1:] or [()]))
        if way:
            part = record
            for key in way[:-1]:
                part = part[key]
            junk = data.draw(JUNK)
            if junk is GONE:
                del part[way[-1]]
            else:
                part[way[-1]] = copy.deepcopy(junk)
    for item in items(record):
        assert isinstance(item, Conversation | InputError)
        if isinstance(item, Conversation):
            assert item.id
            assert all((turn.text + (turn.speaker or "")).encode() is not None for turn in item.turns)
            assert all(turn.time is None or turn.time.tzinfo for turn in item.turns)
