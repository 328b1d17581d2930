"""Intercom, Chatwoot and Freshdesk: what their exports give, and that nothing but conversations and faults comes out."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.conversation import Conversation, Outcome
from coach.errors import InputError
from coach.readers import Found, Hints, chatwoot, freshdesk, intercom, records
from coach.readers import read as read_files
from coach.readers.fields import Place

EXPORTS = Path(__file__).parent / "exports"
SHARED = Path(__file__).parents[2] / "shared" / "data" / "exports"
PLACE = Place("export.json")


def loaded(name: str) -> Any:
    return json.loads((EXPORTS / f"{name}.json").read_text("utf-8"))


INTERCOM = loaded("intercom_conversation")
CHATWOOT = loaded("chatwoot_conversation")
MESSAGES = loaded("chatwoot_messages")
TICKET, OUTBOUND = loaded("freshdesk_tickets")


def items(record: Any, roles: Any = None) -> list[Conversation | InputError]:
    """What the format that knows the record makes of it."""
    try:
        return list(records._conversations(record, PLACE, Hints(roles=roles or {})))
    except InputError as error:
        return [error]


def one(record: Any, **options: Any) -> Conversation:
    (found,) = items(record, **options)
    assert isinstance(found, Conversation), found
    return found


def fault(record: Any) -> str:
    (found,) = items(record)
    assert isinstance(found, InputError), found
    return str(found)


def said(conversation: Conversation) -> list[tuple[str, str | None, str]]:
    return [(turn.role, turn.speaker, turn.text) for turn in conversation.turns]


def changed(record: Any, path: str, value: Any) -> Any:
    """A copy with the value at "a.0.b" replaced."""
    result = copy.deepcopy(record)
    *before, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    part = result
    for key in before:
        part = part[key]
    part[last] = value
    return result


@pytest.mark.parametrize(
    ("file", "customers"),
    [
        ("intercom_conversation", ["c-55"]),
        ("chatwoot_conversation", ["88"]),
        ("chatwoot_messages", ["90"]),
        ("freshdesk_tickets", ["501", "502"]),
    ],
)
def test_the_files_are_read_as_their_platforms_write_them(file: str, customers: list[str]) -> None:
    found = [item for item in read_files([EXPORTS / f"{file}.json"]) if isinstance(item, Found)]
    # The outbound ticket's agent is known by the ticket alone.
    assert [item.conversation.customer for item in found] == customers


@pytest.mark.parametrize("record", [INTERCOM, CHATWOOT, MESSAGES, TICKET, OUTBOUND])
def test_a_record_is_known_by_one_format_only(record: Any) -> None:
    assert sum(platform.recognise(record) for platform in records.PLATFORMS) == 1


@pytest.mark.parametrize(
    "record",
    [
        {"turns": []},
        {"entries": []},
        {"tickets": [{"requester_id": 1, "assignee_id": 2, "comments": []}], "users": []},
        {"conversations": [{"id": "a", "participants": []}]},
        {"messages": [{"body": "hi", "author": "x"}]},
        {"payload": {"messages": []}},
        {"data": {"payload": [{"id": 1}]}},
        {"type": "conversation", "messages": []},
        {"conversation_parts": []},
        {"example": {"value": {"type": "contact"}}},
        {"Transcript": [], "Participants": []},
    ],
)
@pytest.mark.parametrize("platform", [intercom, chatwoot, freshdesk])
def test_records_of_others_are_left_to_them(platform: Any, record: dict[str, Any]) -> None:
    assert not platform.recognise(record)


# Intercom


def test_intercom_parts_become_turns_in_their_place() -> None:
    conversation = one(INTERCOM)
    assert said(conversation) == [
        ("customer", "Milo Tarn", "My kettle arrived cracked & I need it on Friday."),
        ("bot", "Fin", "Have you tried turning it on?"),
        ("agent", "Ines Ohm", "I am sorry, Milo.\nCan you send a photo?"),
        ("customer", "Milo Tarn", "[attachment]"),
        ("system", None, "[deleted]"),
        ("system", None, "Third one this week."),
        ("system", None, "[assignment]"),
        ("agent", "32", "[attachment]"),
        ("bot", "32", "Here is an answer."),
        ("agent", "Ines Ohm", "A new kettle is on its way."),
    ]
    assert (conversation.id, conversation.agent, conversation.customer) == ("8101", "Ines Ohm", "c-55")
    assert conversation.channel == "email"
    assert conversation.started == conversation.turns[0].time == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
    assert conversation.outcome == Outcome(csat=4, first_response_seconds=240, resolution_seconds=1500)


def test_intercom_pages_and_described_examples_hold_many() -> None:
    other = changed(INTERCOM, "id", "8102")
    page = {"type": "conversation.list", "conversations": [INTERCOM, 7, other], "pages": {}, "total_count": 3}
    first, wrong, last = items(page)
    assert isinstance(first, Conversation)
    assert isinstance(last, Conversation)
    assert last.id == "8102"
    assert "conversation 2: it is '7', not an object" in str(wrong)
    assert one({"conversation found": {"value": INTERCOM}}) == first
    assert items({"type": "conversation.list", "conversations": []}) == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the samples are not here")
def test_the_sample_of_intercom_is_read_though_only_the_admin_writes() -> None:
    (found,) = read_files([SHARED / "intercom_conversation_get_example.json"])
    assert isinstance(found, Found)
    (named,) = json.loads((SHARED / "intercom_conversation_get_example.json").read_text("utf-8")).values()
    given = named["value"]
    first, *parts = [given["source"], *given["conversation_parts"]["conversation_parts"]]
    turns = found.conversation.turns
    assert said(found.conversation) == [
        ("agent", first["author"]["name"], "this is the message body"),
        ("agent", parts[0]["author"]["name"], "Okay!"),
        *(("system", None, f"[{part['part_type']}]") for part in parts[1:]),
    ]
    times = [given["created_at"], *(part["created_at"] for part in parts)]
    assert [turn.time for turn in turns] == [datetime.fromtimestamp(time, UTC) for time in times]


def test_intercom_lists_without_parts_say_what_to_do() -> None:
    short = {key: value for key, value in INTERCOM.items() if key != "conversation_parts"}
    assert "retrieve each by its id" in fault({"type": "conversation.list", "conversations": [short]})


def test_intercom_without_a_message_at_the_start_begins_with_the_parts() -> None:
    assert one(changed(INTERCOM, "source.body", "")).turns[0].role == "bot"
    assert one(changed(INTERCOM, "source.redacted", True)).turns[0].text == "[deleted]"
    older = {key: value for key, value in INTERCOM.items() if key != "source"}
    assert said(one(older | {"conversation_message": INTERCOM["source"]})) == said(one(INTERCOM))


@pytest.mark.parametrize("how", ["campaigns_initiated", "automated", "operator_initiated"])
def test_intercom_campaigns_are_bots_though_an_admin_signs_them(how: str) -> None:
    record = changed(INTERCOM, "source.author.type", "admin")
    assert one(record).turns[0].role == "agent"
    assert one(changed(record, "source.delivered_as", how)).turns[0].role == "bot"
    assert one(changed(INTERCOM, "source.author.type", "team")).turns[0].role == "bot"
    assert one(changed(INTERCOM, "source.delivered_as", how)).turns[0].role == "customer"


def test_intercom_authors_of_no_known_type_are_asked_for() -> None:
    record = changed(INTERCOM, "source.author.type", "partner")
    assert "source: the file does not say whether 'partner' is an agent or a customer" in fault(record)
    assert one(record, roles={"partner": "customer"}) == one(INTERCOM)


def test_intercom_without_contacts_or_admins_takes_what_it_has() -> None:
    record = changed(INTERCOM, "contacts", None)
    assert one(record).customer == "c-55"
    parts = [part for part in INTERCOM["conversation_parts"]["conversation_parts"] if part["author"]["type"] == "bot"]
    quiet = one(changed(record, "conversation_parts.conversation_parts", parts))
    assert (quiet.agent, quiet.channel) == ("31", "email")
    assert one(changed(record, "source.type", "pager")).channel == "pager"
    assert one(changed(record, "source.type", None)).channel is None
    assert one(changed(record, "state", "open")).outcome.resolution_seconds is None


def test_intercom_faults_name_the_part() -> None:
    record = changed(INTERCOM, "conversation_parts.conversation_parts.1.created_at", "soon")
    assert "export.json: part 2: created_at 'soon' is not a time" in fault(record)
    assert "csat is '9'" in fault(changed(INTERCOM, "conversation_rating.rating", 9))


# Chatwoot


def test_chatwoot_messages_become_turns_in_the_order_of_time_and_id() -> None:
    conversation = one(CHATWOOT)
    assert said(conversation) == [
        ("customer", "Juno Farr", "My hose leaks at the *tap*."),
        ("bot", None, "We will be with you soon."),
        ("system", None, "Conversation was assigned to Tove Lind"),
        ("agent", "Tove Lind", "Sorry about that! Which tap is it?"),
        ("customer", "Juno Farr", "[attachment]"),
        ("system", None, "Ask Per, he knows taps."),
        ("system", None, "[deleted]"),
        ("bot", "Helper", "Try this article."),
        ("bot", None, "Still there?"),
        ("agent", "Per Aas", "Replace the washer, here is how."),
        ("bot", None, "How was it?"),
    ]
    assert (conversation.id, conversation.agent, conversation.customer) == ("412", "Tove Lind", "88")
    assert conversation.channel == "chat"
    assert conversation.started == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
    assert conversation.outcome == Outcome(csat=5, first_response_seconds=90)


def test_chatwoot_words_for_message_types_read_as_the_numbers() -> None:
    record = copy.deepcopy(CHATWOOT)
    for message in record["messages"]:
        message["message_type"] = ("incoming", "outgoing", "activity", "template")[message["message_type"]]
    assert one(record) == one(CHATWOOT)


def test_chatwoot_pages_of_conversations_and_of_messages() -> None:
    page = {"meta": {"all_count": 2}, "payload": [CHATWOOT, None, changed(CHATWOOT, "id", 413)]}
    for record in (page, {"data": page}):
        first, wrong, last = items(record)
        assert first == one(CHATWOOT)
        assert "conversation 2: it is nothing" in str(wrong)
        assert isinstance(last, Conversation)
        assert last.id == "413"
    for record in (MESSAGES, {"data": MESSAGES}):
        conversation = one(record)
        assert (conversation.id, conversation.agent, conversation.customer) == ("77", "Tove Lind", "90")
        assert said(conversation) == [
            ("customer", "Rex Moor", "Is the mower back?"),
            ("agent", "Tove Lind", "It is, since this morning."),
        ]


def test_chatwoot_outgoing_messages_without_a_sender() -> None:
    """Where others have one it was a rule that wrote; where none has, the export leaves senders out."""
    last = {"id": 3, "content": "Bye", "message_type": 1, "created_at": 1788257800}
    assert one(changed(MESSAGES, "payload", [*MESSAGES["payload"], last])).turns[2].role == "bot"
    bare = [{key: value for key, value in message.items() if key != "sender"} for message in MESSAGES["payload"]]
    conversation = one(changed(MESSAGES, "payload", bare))
    assert [(turn.role, turn.speaker) for turn in conversation.turns] == [("customer", "Rex Moor"), ("agent", None)]
    assert conversation.agent == "Tove Lind"
    untyped = changed(MESSAGES, "payload.1.sender", {"id": 5, "name": "Tove Lind"})
    assert one(untyped) == one(MESSAGES)


def test_chatwoot_senders_of_other_types() -> None:
    assert one(changed(MESSAGES, "payload.1.sender.type", "captain_assistant")).turns[1].role == "bot"
    assert one(changed(MESSAGES, "payload.1.additional_attributes", {"campaign_id": 3})).turns[1].role == "bot"
    odd = changed(MESSAGES, "payload.1.sender.type", "Robot")
    assert "message 2: the file does not say whether 'Robot' is an agent or a customer" in fault(odd)
    assert one(odd, roles={"Robot": "agent"}) == one(MESSAGES)


def test_chatwoot_survey_beside_the_messages() -> None:
    record = changed(CHATWOOT, "csat_survey_response", {"rating": 2, "feedback_message": "slow"})
    assert one(record).outcome.csat == 2
    assert one(changed(MESSAGES, "meta.channel", "Channel::Whatsapp")).channel == "messaging"
    assert one(changed(MESSAGES, "meta.channel", "Channel::Api")).channel == "Api"
    assert one(changed(CHATWOOT, "first_reply_created_at", 0)).outcome.first_response_seconds is None


def test_chatwoot_faults_name_the_message() -> None:
    assert "message 2: unknown message_type '9'" in fault(changed(CHATWOOT, "messages.1.message_type", 9))
    assert "message 3: created_at 'noon' is not a time" in fault(changed(CHATWOOT, "messages.2.created_at", "noon"))
    assert one(changed(CHATWOOT, "messages.2.created_at", None)).turns[0].text == "How was it?"


# Freshdesk


def test_freshdesk_description_and_conversations_become_turns_oldest_first() -> None:
    conversation = one(TICKET)
    assert said(conversation) == [
        ("customer", "Odo Brink", "My parcel is two weeks late."),
        ("agent", "12", "I am sorry.  Let me look."),
        ("system", None, "Depot says lost."),
        ("customer", "Odo Brink", "Any news?"),
        ("customer", "777", "[attachment]"),
        ("agent", "13", "It is found."),
        ("system", None, "Thanks a lot"),
    ]
    assert (conversation.id, conversation.agent, conversation.customer) == ("20", "12", "501")
    assert conversation.channel == "email"
    assert conversation.started == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
    outcome = conversation.outcome
    assert outcome.csat == pytest.approx(5 / 3)
    assert outcome.rating == "-102 (-103 to 103)"
    assert (outcome.first_response_seconds, outcome.resolution_seconds) == (1800, 7200)


def test_freshdesk_outbound_mail_begins_with_the_agent() -> None:
    conversation = one(OUTBOUND)
    assert [turn.role for turn in conversation.turns] == ["agent", "customer"]
    assert (conversation.agent, conversation.agents) == ("12", ("12",))
    assert conversation.channel == "email"
    assert conversation.outcome == Outcome()


def test_freshdesk_pages_hold_many() -> None:
    for name in ("tickets", "results"):
        wrong, first, last = items({name: ["x", TICKET, OUTBOUND], "total": 3})
        assert (first, last) == (one(TICKET), one(OUTBOUND))
        assert "conversation 1: it is 'x', not an object" in str(wrong)


def test_freshdesk_tickets_without_conversations_say_what_to_do() -> None:
    short = {key: value for key, value in TICKET.items() if key != "conversations"}
    assert "view each ticket with include=conversations" in fault(short)
    assert len(one(changed(TICKET, "conversations", [])).turns) == 1


def test_freshdesk_description_may_be_markup_or_missing() -> None:
    assert one(changed(TICKET, "description_text", None)).turns[0].text == "My parcel is two weeks late."
    bare = changed(changed(TICKET, "description_text", ""), "description", "")
    assert one(bare).turns[0].role == "agent"


@pytest.mark.parametrize(("value", "csat"), [(103, 5), (100, 3), (-103, 1), (101, 11 / 3)])
def test_freshdesk_ratings_keep_their_number(value: int, csat: float) -> None:
    for record in (
        changed(TICKET, "satisfaction_ratings.0.ratings.default_question", value),
        changed(OUTBOUND, "satisfaction_rating", {"ratings": {"default_question": value}}),
        changed(OUTBOUND, "ratings", {"default_question": value}),
    ):
        outcome = one(record).outcome
        assert outcome.csat == pytest.approx(csat)
        assert outcome.rating == f"{value} (-103 to 103)"


def test_freshdesk_sources_are_channels() -> None:
    channels = {source: one(changed(TICKET, "source", source)).channel for source in (2, 3, 7, 13, 99)}
    assert channels == {2: "portal", 3: "phone", 7: "chat", 13: "messaging", 99: "99"}


def test_freshdesk_faults_name_the_message() -> None:
    assert "message 6: incoming is nothing" in fault(changed(TICKET, "conversations.5.incoming", None))
    assert "the rating is '5'; give one of 103" in fault(changed(OUTBOUND, "ratings", {"default_question": 5}))
    early = changed(TICKET, "stats.first_responded_at", "2025-09-01T10:45:00Z")
    assert one(early).outcome.first_response_seconds is None


# Whatever comes in


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(
        [10**400, -1.5, float("nan"), float("inf"), "", "\x00", "\ud800", "<p>&</p>", [], {}, [1], [{}], [None]]
    ),
    st.text(max_size=5),
    st.dictionaries(st.sampled_from(["id", "type", "name", "rating"]), st.none() | st.integers() | st.lists(st.none())),
)
DELETED = object()
WHOLE = [
    INTERCOM,
    {"conversation found": {"value": INTERCOM}},
    {"type": "conversation.list", "conversations": [INTERCOM, INTERCOM]},
    CHATWOOT,
    {"data": {"payload": [CHATWOOT, CHATWOOT]}},
    MESSAGES,
    TICKET,
    {"tickets": [TICKET, OUTBOUND]},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [found for key in keys for found in [(*path, key), *places(value[key], (*path, key))]]


@settings(max_examples=300)
@given(st.data())
def test_whatever_is_broken_gives_conversations_or_faults(data: st.DataObject) -> None:
    record = copy.deepcopy(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(1, 4))):
        found = places(record)
        if not found:
            break
        *before, last = data.draw(st.sampled_from(found))
        part = record
        for key in before:
            part = part[key]
        value = data.draw(st.just(DELETED) | VALUES)
        if value is DELETED:
            del part[last]
        else:
            part[last] = copy.deepcopy(value)
    for item in items(record):
        if isinstance(item, InputError):
            assert item.path == "export.json"
            assert item.fix
        else:
            assert isinstance(item, Conversation)
