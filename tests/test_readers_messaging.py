"""LiveChat, Salesforce and Twilio: what their exports give, and that nothing but conversations and faults comes out."""

import copy
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.conversation import Conversation, Outcome
from coach.errors import InputError
from coach.readers import Found, Hints, livechat, records, salesforce, salesforce_csv, twilio
from coach.readers import read as read_files
from coach.readers.fields import Place
from coach.readers.roles import unknown_speakers

EXPORTS = Path(__file__).parent / "exports"
PLACE = Place("export.json")
JSON = (
    "livechat_archives",
    "salesforce_entries",
    "salesforce_connect",
    "salesforce_in_app",
    "salesforce_transcripts",
    "twilio_messages",
    "twilio_export",
)
AGENTS: dict[str, Any] = {"Lamp Shop": "agent", "ana_ruiz": "agent", "bo_lind": "agent"}


def loaded(name: str) -> Any:
    return json.loads((EXPORTS / f"{name}.json").read_text("utf-8"))


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


def fault(record: Any, **options: Any) -> str:
    (found,) = items(record, **options)
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
    ("file", "ids"),
    [
        ("livechat_archives.json", ["TH1", "TH2"]),
        ("salesforce_entries.json", ["0Mw8Z000000A1", "0Mw8Z000000A2"]),
        ("salesforce_connect.json", ["0Mw8Z000000A1"]),
        ("salesforce_in_app.json", ["salesforce_in_app"]),
        ("salesforce_transcripts.json", ["5701", "5702", "5703"]),
        ("salesforce_transcripts.csv", ["5701", "5702"]),
        ("salesforce_entries.csv", ["0Mw8Z000000A1", "0Mw8Z000000A2"]),
        ("twilio_messages.json", ["CH" + "1" * 32]),
        ("twilio_export.json", ["CH" + "1" * 32]),
    ],
)
def test_the_files_are_read_as_their_platforms_write_them(file: str, ids: list[str]) -> None:
    found = list(read_files([EXPORTS / file], hints=Hints(roles=AGENTS)))
    assert [item.conversation.id for item in found if isinstance(item, Found)] == ids
    faults = [str(item) for item in found if isinstance(item, InputError)]
    assert len(faults) == (file == "salesforce_transcripts.csv")
    assert all("in conversation '5703' neither an agent nor a customer says anything" in each for each in faults)


@pytest.mark.parametrize("name", JSON)
def test_each_record_is_known_by_its_own_platform_alone(name: str) -> None:
    known = [platform.__name__.rsplit(".", 1)[1] for platform in records.PLATFORMS if platform.recognise(loaded(name))]
    assert known == [name.split("_", 1)[0]]


def test_the_records_of_other_platforms_are_not_ours() -> None:
    for path in EXPORTS.rglob("*.json"):
        if not path.stem.startswith(("livechat", "salesforce", "twilio")):
            record = json.loads(path.read_text("utf-8"))
            for each in record if isinstance(record, list) else [record]:
                assert not any(platform.recognise(each) for platform in (livechat, salesforce, twilio)), path
    for path in EXPORTS.rglob("*.*"):
        if not path.name.startswith("salesforce") and path.suffix != ".zip":
            assert not salesforce_csv.recognise(path.read_text("utf-8", "replace")[:65_536]), path
    assert not livechat.recognise({"chats": []})
    assert not salesforce.recognise({"records": []})
    assert not salesforce.recognise({"records": [{"Id": "1", "Subject": "x"}]})
    assert not twilio.recognise({"messages": []})
    assert not twilio.recognise({"messages": [{"role": "user", "content": "x"}], "meta": 3})
    assert not salesforce_csv.recognise("conversation_id,role,body\n1,agent,x\n")
    assert not salesforce_csv.recognise("")


@pytest.mark.parametrize(
    "page",
    [
        {"chats": [], "found_chats": 0},
        {"records": [], "totalSize": 0, "done": True},
        {"status": 0, "result": {"records": [], "totalSize": 0, "done": True}},
        {"conversationEntries": []},
        {"messages": [], "meta": {"url": "https://conversations.twilio.com/v1/Conversations/CH1/Messages"}},
    ],
)
def test_an_empty_page_gives_nothing(page: Any) -> None:
    assert items(page) == []


# LiveChat

CHATS = loaded("livechat_archives")


def test_livechat_events_are_joined_to_their_users() -> None:
    first, second = items(CHATS)
    assert isinstance(first, Conversation)
    assert said(first) == [
        ("system", None, "Your name: Eva Holm\nSubject: Support\nProducts: lamps, shades"),
        ("bot", None, "Hi, I'm Lampy. How can I help?"),
        ("customer", "Eva Holm", "My lamp flickers & hums <badly>."),
        ("customer", "Eva Holm", "[attachment]"),
        ("system", None, "Ana Ruiz joined the chat"),
        ("bot", None, "Welcome!"),
        ("agent", "Ana Ruiz", "I'm sorry about that. Which bulb is in it?"),
        ("system", None, "Looks like batch 7, Bo?"),
        ("agent", "Bo Lind", "Please fit an LED bulb under 9 W."),
        ("agent", "Bo Lind", "LED bulb\n8 W, warm\nBuy"),
        ("system", None, "[deleted]"),
        ("system", None, "[store_order_was_created]"),
        ("customer", "Eva Holm", "That fixed it, thank you!"),
    ]
    assert (first.agent, first.customer, first.channel) == ("Ana Ruiz", "0a7c1f52-6f0e-4b43-8d7f-3f5f7f1e2a90", "chat")
    assert first.agents == ("Ana Ruiz", "Bo Lind")
    assert first.started == datetime(2026, 3, 2, 9, 0, 0, 100_000, UTC)
    assert first.turns[2].time == datetime(2026, 3, 2, 9, 3, 0, 512_000, UTC)
    assert first.outcome == Outcome(csat=5, rating="1 (0 to 1)")
    assert isinstance(second, Conversation)
    assert [turn.role for turn in second.turns] == ["customer", "agent", "system", "system"]
    assert second.outcome == Outcome(csat=1, rating="bad")


def test_livechat_threads_are_conversations_of_their_own() -> None:
    chat = CHATS["chats"][1]
    assert one(chat).id == "TH2"
    older = {**chat, "threads": [chat["thread"], {**chat["thread"], "id": "TH3"}, 7]}
    del older["thread"]
    first, second, third = items(older)
    assert [found.id for found in (first, second) if isinstance(found, Conversation)] == ["TH2", "TH3"]
    assert "conversation 3: thread is '7', not an object" in str(third)


def test_livechat_ratings_belong_to_their_thread() -> None:
    chat = changed(CHATS["chats"][1], "properties", {"rating": {"score": 0}})
    assert one(chat).outcome == Outcome(csat=1, rating="0 (0 to 1)")
    assert one(changed(chat, "thread.next_thread_id", "TH9")).outcome == Outcome(csat=1, rating="bad")
    canceled = changed(CHATS["chats"][1], "thread.events.3.system_message_type", "rating.chat_rating_canceled")
    assert one(canceled).outcome == Outcome()


def test_livechat_asks_for_authors_of_whom_it_tells_nothing() -> None:
    stranger = changed(CHATS["chats"][1], "thread.events.1.author_id", "cy@shop.example")
    assert "event 2: the file does not say whether 'cy@shop.example' is an agent or a customer" in fault(stranger)
    assert one(stranger, roles={"cy@shop.example": "agent"}).agent == "cy@shop.example"
    assert [turn.role for turn in one(CHATS["chats"][1], roles={"Ana Ruiz": "bot"}).turns[:2]] == ["customer", "bot"]


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("thread.events.1.author_id", None, "event 2: author_id is missing"),
        ("thread.events.0.text", ["x"], "event 1: text is a list"),
        ("thread.events.0.created_at", "yesterday", "event 1: created_at 'yesterday' is not a time"),
        ("thread.properties", {"rating": {"score": 3}}, "the rating is '3'"),
        ("thread", {"id": "T", "restricted_access": "60 days", "events": []}, "kept the events back: '60 days'"),
        ("thread.events", {}, "events is a dict, not a list of objects"),
    ],
)
def test_livechat_faults_are_named_where_they_are(path: str, value: Any, what: str) -> None:
    assert what in fault(changed(CHATS["chats"][1], path, value))
    assert "conversation 2" in str(items(changed(CHATS, f"chats.1.{path}", value))[1])
    assert isinstance(items(changed(CHATS, f"chats.1.{path}", value))[0], Conversation)


# Salesforce

ENTRIES = loaded("salesforce_entries")
TRANSCRIPTS = loaded("salesforce_transcripts")


def test_salesforce_entries_are_grouped_and_ordered() -> None:
    first, second = items(ENTRIES)
    assert isinstance(first, Conversation)
    assert said(first) == [
        ("system", None, "[ChatbotEstablished]"),
        ("bot", None, "Hi, how can I help?"),
        ("system", None, "[BotEscalated]"),
        ("customer", "Eva Holm", "My lamp flickers & hums."),
        ("agent", "Ana Ruiz", "I'm sorry about that. Which bulb is in it?"),
        ("system", None, "Offer a new bulb."),
        ("customer", "Eva Holm", "[attachment]"),
        ("agent", "Bo Lind", "Please fit an LED bulb."),
        ("system", None, "[deleted]"),
    ]
    assert (first.agent, first.customer, first.channel) == ("Ana Ruiz", "0PAE1", "messaging")
    assert first.turns[0].time == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert isinstance(second, Conversation)
    assert (second.id, second.customer) == ("0Mw8Z000000A2", "0PAE1")


def test_salesforce_names_are_understood_in_any_case_and_envelope() -> None:
    lower = [{name[0].lower() + name[1:]: value for name, value in row.items()} for row in ENTRIES["records"]]
    assert items({"conversationEntries": lower}) == items(ENTRIES)
    assert items({"status": 0, "result": ENTRIES}) == items(ENTRIES)
    untimed = changed(ENTRIES, "records.0.EntryTime", None)
    assert [turn.role for turn in items(untimed)[0].turns[:3]] == ["customer", "agent", "system"]
    call = one({"records": [{**row, "ConversationId": "0LQ1"} for row in ENTRIES["records"][:2]]})
    assert call.channel == "phone"


def test_salesforce_connect_entries() -> None:
    record = loaded("salesforce_connect")
    conversation = one(record)
    assert said(conversation) == [
        ("customer", None, "My lamp flickers."),
        ("agent", "005A1", "Please fit an LED bulb."),
        ("customer", None, "That helped."),
    ]
    assert conversation.turns[0].time == datetime(2026, 3, 2, 9, 1, 0, 100_000, UTC)
    assert one(changed(record, "conversationEntries.0.relatedRecords", [])) == conversation
    assert len(items(changed(record, "conversationEntries.0.relatedRecords", ["0Mw2"]))) == 2


def test_salesforce_in_app_payloads() -> None:
    record = loaded("salesforce_in_app")
    assert said(one(record)) == [
        ("system", None, "[RoutingResult]"),
        ("bot", None, "What is it about?"),
        ("customer", "Guest", "A lamp"),
        ("system", None, "[ParticipantChanged]"),
        ("agent", "Ana R", "Which bulb is in it?"),
        ("customer", "Guest", "[attachment]"),
        ("system", None, "[NOTE]"),
    ]
    assert "entry 2: entrypayload is broken JSON" in fault(changed(record, "conversationEntries.1.entryPayload", "{"))
    form = '{"abstractMessage": {"messageType": "FormMessage"}}'
    assert one(changed(record, "conversationEntries.1.entryPayload", form)).turns[1].text == "[FormMessage]"


def test_salesforce_faults_are_named_where_they_are() -> None:
    faulty, other = items(changed(ENTRIES, "records.1.ActorType", "Alien"))
    assert "entry 2: unknown role 'Alien'" in str(faulty)
    assert isinstance(other, Conversation)
    assert "one entry alone is no conversation" in fault(ENTRIES["records"][0])
    faulty, *others = items(changed(ENTRIES, "records.0", 7))
    assert "entry 1: it is '7', not an object" in str(faulty)
    assert [type(item) for item in others] == [Conversation, Conversation]
    blank = {"records": [{**row, "Message": None} for row in ENTRIES["records"][:2]]}
    assert "are empty, as those of enhanced channels are here; export it by the Conversation Data API" in fault(blank)


def test_salesforce_transcripts_are_taken_apart() -> None:
    conversation = one(TRANSCRIPTS["records"][0])
    assert said(conversation) == [
        ("system", None, "Chat Started: Monday, March 02, 2026, 09:00:00 (-0500)"),
        ("system", None, "Chat Origin: Lamps"),
        ("system", None, "Agent Ana R"),
        ("agent", "Ana R", "Hello, it's Ana. How can I help?"),
        ("customer", "Eva Holm", "My lamp flickers & hums.\nIt did so yesterday: ( 3s ) long."),
        ("agent", "Ana R", "I'm sorry. See here"),
        ("system", None, "Chat Transferred From Ana R To Bo L"),
        ("agent", "Bo L", "Please fit an LED bulb."),
    ]
    start = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=-5)))
    assert [turn.time for turn in conversation.turns if turn.time] == [
        start + timedelta(seconds=seconds) for seconds in (12, 44, 73, 3723)
    ]
    assert (conversation.agent, conversation.customer, conversation.channel) == ("Ana R", "57101", "chat")
    assert (conversation.started, conversation.ended) == (start, datetime(2026, 3, 2, 16, tzinfo=UTC))


def test_salesforce_customers_are_linked_by_their_ids() -> None:
    row = TRANSCRIPTS["records"][0]
    for contact in ({"ContactId": "003A"}, {"Contact.Id": "003A"}, {"Contact": {"Id": "003A", "Name": "Eva Holm"}}):
        assert one({**row, **contact}).customer == "003A"
    assert one({**row, "LeadId": "00QA"}).customer == "00QA"
    assert one({**row, "LiveChatVisitorId": None}).customer == "Eva Holm"


def test_salesforce_bots_hand_over_by_name() -> None:
    conversation = one(TRANSCRIPTS["records"][1])
    assert [(turn.role, turn.speaker) for turn in conversation.turns if turn.role != "system"] == [
        ("bot", None),
        ("customer", "Ida Falk"),
        ("agent", "Ana R"),
        ("customer", "Ida Falk"),
    ]
    assert conversation.customer == "57102"
    assert conversation.turns[-2].time == datetime(2026, 3, 2, 10, 10, 5, tzinfo=UTC)


def test_salesforce_agents_under_the_firms_name_are_asked_for_once() -> None:
    row = {**TRANSCRIPTS["records"][2], "Contact": None}
    assert "the file does not say whether 'Lamp Shop' is an agent or a customer" in fault(row)
    conversation = one(row, roles={"Lamp Shop": "agent"})
    assert [(turn.role, turn.speaker) for turn in conversation.turns[3:]] == [
        ("agent", "Bo L"),
        ("customer", "Ida Falk"),
    ]
    assert unknown_speakers([EXPORTS / "salesforce_transcripts.json"]) == ["Lamp Shop"]


def test_salesforce_transcripts_without_tags_or_in_another_language() -> None:
    body = (
        "Chat Started: Monday, March 02, 2026, 10:00:00 (+0000)\nChat Origin: Lamps\nAgent Ana R\n"
        "( 5s ) Ana R: Hello.\n( 1m 2s ) Eva: My lamp\nhums.\nChat Transferred From Ana R To Bo\n( 2m 2s ) Bo: Yes?\n"
    )
    conversation = one({"Id": "1", "Body": body})
    assert said(conversation)[3:] == [
        ("agent", "Ana R", "Hello."),
        ("customer", "Eva", "My lamp\nhums."),
        ("system", None, "Chat Transferred From Ana R To Bo"),
        ("agent", "Bo", "Yes?"),
    ]
    other = '<p align="center">Inicio: lunes</p><p align="center">Agente Ana</p>( 5s ) Ana: Hola<br>( 9s ) Visitor: Hola<br>'
    assert "whether 'Ana' is an agent" in fault({"Id": "1", "Body": other})
    spanish = {"Id": "1", "Body": other, "StartTime": "2026-03-02T10:00:00.000+0000"}
    assert one(spanish, roles={"Ana": "agent"}).turns[2].time == datetime(2026, 3, 2, 10, 0, 5, tzinfo=UTC)
    assert one({"Id": "1", "Body": other}, roles={"Ana": "agent"}).turns[2].time is None


def test_salesforce_bodies_made_to_be_slow_are_not() -> None:
    for piece in ("\n" * 9, "( 1s ) a", "<p>x", "</p>", "Chat Transferred From a To ", "<br>( 1s ) a: b"):
        items({"Id": "1", "Body": "<p>Chat Started: x</p>( 1s ) Visitor: a<br>" + piece * 20_000})


def test_salesforce_csv_gives_what_json_gives() -> None:
    first, second, empty = read_files([EXPORTS / "salesforce_transcripts.csv"])
    assert isinstance(first, Found)
    assert first.line == 2
    assert said(first.conversation) == said(one(TRANSCRIPTS["records"][0]))
    assert isinstance(second, Found)
    assert second.conversation.customer == "57102"
    assert isinstance(empty, InputError)
    first, second = read_files([EXPORTS / "salesforce_entries.csv"])
    assert isinstance(first, Found)
    assert isinstance(second, Found)
    assert said(first.conversation) == [
        ("customer", "Eva Holm", 'My lamp\n\n"hums", a lot.'),
        ("agent", "Ana Ruiz", "I'm sorry."),
        ("customer", "Eva Holm", "[attachment]"),
    ]
    assert second.line == 7


def test_salesforce_csv_faults_cost_their_conversation_alone(tmp_path: Path) -> None:
    text = (EXPORTS / "salesforce_entries.csv").read_text("utf-8").replace(",", ";")
    path = tmp_path / "a.csv"
    path.write_text(text.replace('"Ana Ruiz";"Text"', '"Ana Ruiz"', 1), "utf-8")
    faulty, whole = read_files([path])
    assert "a.csv:5: the row has 7 cells, the header 8" in str(faulty)
    assert isinstance(whole, Found)
    path.write_text(text.replace("I'm sorry.", 'I"m "so" sorry.', 1), "utf-8")
    assert "broken row" in str(next(iter(read_files([path]))))
    path.write_text(text.split("\n")[0], "utf-8")
    assert [str(item) for item in read_files([path])] == [
        f"{path}: the table has a header but no rows; export it again, or leave it out"
    ]
    path.write_text(text.replace("I'm sorry.", "x" * 1_100_000, 1), "utf-8")
    (fault_of_limit,) = read_files([path])
    assert "broken row: field larger than field limit" in str(fault_of_limit)
    long = "\n".join(f'1;"0Mw1";"Agent";"A";"Text";"";"{"x" * 90_000}";"false"' for _ in range(200))
    path.write_text(f"{text.splitlines()[0]}\n{long}\n", "utf-8")
    assert "is longer than 16,000,000 characters" in str(next(iter(read_files([path]))))


# Twilio

MESSAGES = loaded("twilio_messages")
EXPORT = loaded("twilio_export")


def test_twilio_messages_with_the_users_roles() -> None:
    conversation = one(MESSAGES, roles=AGENTS)
    assert said(conversation) == [
        ("system", None, "Welcome to the lamp shop."),
        ("customer", None, "My lamp flickers & hums."),
        ("agent", "ana_ruiz", "Which bulb is in it?"),
        ("customer", None, "[attachment]"),
        ("agent", "bo_lind", "Please fit an LED bulb."),
    ]
    assert (conversation.agent, conversation.customer) == ("ana_ruiz", "+15550100")
    assert conversation.channel == "messaging"
    assert conversation.turns[1].time == datetime(2026, 3, 2, 9, 1, tzinfo=UTC)


def test_twilio_asks_who_is_the_agent() -> None:
    assert "message 3: the file does not say whether '+15550100' is an agent or a customer" in fault(MESSAGES)
    assert unknown_speakers([EXPORTS / "twilio_messages.json"]) == ["+15550100", "ana_ruiz", "bo_lind"]
    assert "'bo_lind'" in fault(MESSAGES, roles={"ana_ruiz": "agent", "+15550100": "customer"})


def test_twilio_participants_may_tell() -> None:
    conversation = one(EXPORT)
    assert said(conversation) == [
        ("customer", None, "My lamp flickers."),
        ("agent", "ana_ruiz", "Which bulb is in it?"),
    ]
    assert conversation.started == datetime(2026, 3, 2, 8, 59, tzinfo=UTC)
    mailed = changed(EXPORT, "participants.1.messaging_binding.type", "email")
    assert one(mailed).channel == "email"
    for attributes in (None, "{", "[]", '{"role": "driver"}', '{"role": 3}', "[" * 100_000):
        assert "does not say" in fault(changed(EXPORT, "participants.0.attributes", attributes))


def test_twilio_camel_case_and_several_conversations() -> None:
    camel = {"conversationSid": "CH1", "participantSid": "MB1", "dateCreated": "2026-03-02T09:00:00Z"}
    first, second = items(
        {
            "messages": [
                {**camel, "author": "agent", "body": "Hello", "index": 1},
                {**camel, "author": "customer", "body": "Hi", "index": 0},
                {**camel, "author": "agent", "body": [], "index": 0, "conversationSid": "CH2"},
            ]
        }
    )
    assert isinstance(first, Conversation)
    assert [turn.text for turn in first.turns] == ["Hi", "Hello"]
    assert "message 3: body is a list" in str(second)


def test_twilio_faults_are_named() -> None:
    assert "one message alone is no conversation" in fault(MESSAGES["messages"][0])
    assert "message 1: the message has no author" in fault(changed(MESSAGES, "messages.0.author", None))
    assert "message 1: author is a list, not a text" in fault(changed(MESSAGES, "messages.0.author", []))


# Anything at all

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, 1e308, float("nan"), float("inf"), -1, 10**17]),
    st.text(max_size=20),
    st.sampled_from(
        ["\ud800", "\0", "{}", '{"a": [', "agent", "Agent", "2026-01-01", "<p>x", "<![x", "( 1s ) a: b", ""]
    ),
    st.lists(st.one_of(st.none(), st.text(max_size=5), st.dictionaries(st.text(max_size=5), st.none())), max_size=3),
    st.dictionaries(st.sampled_from(["id", "type", "text", "role", "Name", "score"]), st.text(max_size=5), max_size=3),
)


def places(part: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else []
    return [so_far, *(place for key, value in inside for place in places(value, (*so_far, key)))][not so_far :]


@pytest.mark.parametrize("name", JSON)
@settings(max_examples=150)
@given(data=st.data())
def test_whatever_stands_in_an_export_only_conversations_and_faults_come_out(name: str, data: st.DataObject) -> None:
    record = loaded(name)
    for _ in range(data.draw(st.integers(1, 4))):
        found = places(record)
        if not found:
            break
        *before, last = data.draw(st.sampled_from(found))
        part = record
        for key in before:
            part = part[key]
        if data.draw(st.booleans()):
            part[last] = data.draw(VALUES)
        else:
            del part[last]
    for item in items(record, roles=AGENTS):
        assert isinstance(item, Conversation | InputError)
        if isinstance(item, Conversation):
            item.id.encode()
            assert all(turn.text.encode() is not None for turn in item.turns)


@settings(max_examples=150)
@given(data=st.data())
def test_whatever_stands_in_a_csv_only_conversations_and_faults_come_out(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = (EXPORTS / data.draw(st.sampled_from(["salesforce_entries.csv", "salesforce_transcripts.csv"]))).read_text()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(['"', ",", "\n", "", "\r", "<p>", "é", ";"])) + text[at + 1 :]
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(text, "utf-8")
    assert all(isinstance(item, Found | InputError) for item in read_files([path]))
