"""Zendesk: tickets in each of their wrappings, chats, and that nothing but conversations and InputErrors comes out."""

import json
import random
import string
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.conversation import Conversation, Outcome
from coach.errors import InputError
from coach.readers import Found, Hints, ccai, own, read, zendesk, zendesk_chat
from coach.readers.fields import Place

EXPORTS = Path(__file__).parent / "exports"
TICKETS = json.loads((EXPORTS / "zendesk_tickets.json").read_text("utf-8"))
COMMENTS = json.loads((EXPORTS / "zendesk_comments.json").read_text("utf-8"))
CHATS = json.loads((EXPORTS / "zendesk_chats.json").read_text("utf-8"))
PLACE = Place("export.json")


def given_by(path: Path, **options: Any) -> tuple[list[Conversation], list[InputError]]:
    items = list(read([path], **options))
    errors = [item for item in items if isinstance(item, InputError)]
    return [item.conversation for item in items if isinstance(item, Found)], errors


def of(record: Any, tmp_path: Path, **options: Any) -> tuple[list[Conversation], list[InputError]]:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(record), "utf-8")
    return given_by(path, **options)


def said(conversation: Conversation) -> list[tuple[str, str | None, str]]:
    return [(turn.role, turn.speaker, turn.text) for turn in conversation.turns]


# Tickets


def test_a_page_of_tickets_is_joined_to_its_users() -> None:
    (lamp, invoice), errors = given_by(EXPORTS / "zendesk_tickets.json")
    assert not errors
    assert said(lamp) == [
        ("customer", "Eva Holt", "Hello,\n\nmy lamp broke after a day. I am so upset!"),
        ("agent", "Ana Ruiz", "I am so sorry, Eva. Is the bulb warm?"),
        ("system", None, "Please send her one, Ben."),
        ("agent", "Ben Okoro", "I am Ben. A new lamp is on its way."),
    ]
    assert (lamp.id, lamp.channel, lamp.agent, lamp.customer) == ("35436", "email", "Ana Ruiz", "7001")
    assert lamp.started == lamp.turns[0].time
    assert lamp.outcome == Outcome(csat=5, rating="good", first_response_seconds=930, resolution_seconds=81900)
    assert (invoice.channel, invoice.customer) == ("messaging", "7002")
    assert invoice.outcome == Outcome(first_response_seconds=180)


def test_what_nobody_said_is_no_turn_of_an_agent_or_a_customer() -> None:
    (_, invoice), _ = given_by(EXPORTS / "zendesk_tickets.json")
    assert said(invoice) == [
        ("customer", "Mo Lind", "[attachment]"),
        ("customer", "Pia Lind", "It is our invoice & it is wrong."),
        ("system", None, "We got your message."),
        ("system", None, "Ticket reopened"),
        ("system", None, "Outbound call to the customer"),
        ("system", None, "(08:01) Ana: Hi\n(08:02) Mo: Hello"),
        ("system", None, "Request #35000 was closed and merged into this request."),
        ("bot", None, "Does this article help?"),
        ("system", None, "[deleted]"),
        ("agent", "Ana Ruiz", "I see it. I will correct it."),
    ]


def test_a_page_of_one_tickets_comments_is_named_after_the_file(tmp_path: Path) -> None:
    (conversation,), errors = given_by(EXPORTS / "zendesk_comments.json")
    assert not errors
    assert conversation.id == "zendesk_comments"
    assert said(conversation) == [
        ("customer", "Noa Berg", "Which bulb fits?"),
        ("agent", "Ana Ruiz", "An E14, up to 5 < 6 watts."),
    ]
    assert (conversation.agent, conversation.customer) == ("Ana Ruiz", "7101")
    for more in ({"next_page": "https://x.example?page=2"}, {"meta": {"has_more": True}}):
        _, (error,) = of({**COMMENTS, **more}, tmp_path)
        assert "there are more" in str(error)


def test_comments_beside_tickets_go_to_theirs(tmp_path: Path) -> None:
    tickets = deepcopy(TICKETS)
    loose = [dict(one, ticket_id=ticket["id"]) for ticket in tickets["tickets"] for one in ticket.pop("comments")]
    random.Random(1).shuffle(loose)
    apart, errors = of({**tickets, "comments": loose}, tmp_path)
    assert not errors
    whole, _ = given_by(EXPORTS / "zendesk_tickets.json")
    assert apart == whole
    assert [one.id for one in of({"comments": loose, "users": tickets["users"]}, tmp_path)[0]] in (
        ["35436", "35437"],
        ["35437", "35436"],
    )


def test_a_ticket_shown_alone_and_its_comments(tmp_path: Path) -> None:
    ticket = {**TICKETS["tickets"][0]}
    comments = ticket.pop("comments")
    (found,), errors = of({"ticket": ticket, "comments": comments, "users": TICKETS["users"]}, tmp_path)
    assert not errors
    assert found == given_by(EXPORTS / "zendesk_tickets.json")[0][0]
    alone = {**ticket, "comments": comments, "users": TICKETS["users"]}
    assert of(alone, tmp_path) == ([found], [])
    (bare,), _ = of({"id": 5, "comments": comments, "users": TICKETS["users"]}, tmp_path)
    assert (bare.id, bare.turns, bare.customer) == ("5", found.turns, "7001")


def test_the_full_export_names_requester_and_assignee_and_asks_for_others() -> None:
    path = EXPORTS / "zendesk_export.jsonl"
    (shade, merged), (error,) = given_by(path)
    assert said(shade) == [
        ("customer", "Ida Moe", "The shade is torn."),
        ("agent", "Ben Okoro", "I am sorry, Ida."),
    ]
    assert (shade.channel, shade.outcome) == ("web", Outcome(csat=1, rating="bad"))
    assert said(merged) == [("customer", "7202", "Hello?"), ("agent", "9201", "Hello!")]
    assert (merged.channel, merged.outcome) == ("social", Outcome())
    assert error.line == 3
    assert "comment 2: the file does not say whether '9299' is" in str(error)
    answered, errors = given_by(path, hints=Hints(roles={"9299": "agent"}))
    assert not errors
    assert answered[2].turns[1].role == "agent"
    assert answered[2].channel == "phone"


def test_a_user_without_a_role_is_asked_for_by_name_and_id(tmp_path: Path) -> None:
    record = deepcopy(COMMENTS)
    record["users"][1]["role"] = None
    _, (error,) = of(record, tmp_path)
    assert "'Ana Ruiz (9101)'" in str(error)
    (found,), _ = of(record, tmp_path, hints=Hints(roles={"Ana Ruiz (9101)": "agent"}))
    assert found.agent == "Ana Ruiz"


def test_who_both_asks_and_answers_is_not_guessed(tmp_path: Path) -> None:
    ticket = {**TICKETS["tickets"][0], "assignee_id": 7001}
    ticket["comments"] = ticket["comments"][3:]
    _, (error,) = of(ticket, tmp_path)
    assert "'7001' is an agent or a customer" in str(error)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"comments": []}, "has no comments"),
        ({"comments": None}, "has no comments"),
        ({"comments": "x"}, "comments is 'x'"),
        ({"status": "deleted"}, "was deleted"),
        ({"created_at": "yesterday"}, "'yesterday' is not a time"),
        ({"satisfaction_rating": {"score": "fine"}}, "the rating is 'fine'"),
        ({"satisfaction_rating": [1]}, "satisfaction_rating is a list"),
        ({"metric_set": {"full_resolution_time_in_minutes": {"calendar": "9"}}}, "minutes is '9'"),
        ({"comments": [{"author_id": 7001}]}, "public is nothing"),
        ({"comments": [{"author_id": None, "public": True}]}, "no author_id"),
    ],
)
def test_one_faulty_ticket_leaves_the_others(change: dict[str, Any], part: str, tmp_path: Path) -> None:
    record = {**TICKETS, "tickets": [{**TICKETS["tickets"][0], **change}, TICKETS["tickets"][1], 5]}
    (found,), (error, number) = of(record, tmp_path)
    assert found.id == "35437"
    assert part in str(error)
    assert "conversation 1" in str(error)
    assert "conversation 3: it is '5'" in str(number)


@pytest.mark.parametrize(
    ("word", "csat"), [("Good", 5), ("good_with_comment", 5), ("badwithoutcomment", 1), ("offered", None), (None, None)]
)
def test_ratings_with_and_without_a_comment(word: str | None, csat: float | None, tmp_path: Path) -> None:
    ticket = {**TICKETS["tickets"][0], "satisfaction_rating": {"score": word}, "users": TICKETS["users"]}
    (found,), _ = of(ticket, tmp_path)
    assert (found.outcome.csat, found.outcome.rating) == (csat, (word or "").casefold() if csat else None)


def test_without_a_requester_the_customer_is_who_wrote_as_one(tmp_path: Path) -> None:
    (found,), _ = of(COMMENTS, tmp_path)
    assert (found.customer, found.turns[0].speaker) == ("7101", "Noa Berg")


# Chats


def test_a_page_of_chats() -> None:
    (chat, offline), errors = given_by(EXPORTS / "zendesk_chats.json")
    assert not errors
    assert said(chat) == [
        ("system", None, "[chat.memberjoin]"),
        ("bot", None, "Welcome! What can we do?"),
        ("customer", "Lea Sand", "My lamp <b>hums</b> & flickers."),
        ("system", None, "[chat.memberjoin]"),
        ("agent", "Ana", "I am sorry. Is it on a dimmer?"),
        ("customer", "Lea Sand", "[attachment]"),
        ("system", None, "[deleted]"),
        ("agent", "Ben", "Please use a bulb for dimmers."),
        ("system", None, "[chat.rating]"),
    ]
    assert (chat.id, chat.channel, chat.agent, chat.customer) == (
        "1811.12345678.SaBcDeFgHiJkL", "chat", "Ana", "1.12345",
    )  # fmt: skip
    assert chat.started == chat.turns[0].time
    assert chat.ended == chat.turns[-1].time
    assert chat.outcome == Outcome(csat=1, rating="bad", first_response_seconds=22)
    assert (said(offline), offline.agents) == ([("customer", None, "Are you there?")], ())


def test_an_offline_message_is_the_customers() -> None:
    (found,) = zendesk_chat.conversations(CHATS["chats"][1], PLACE, Hints())
    assert isinstance(found, Conversation)
    assert said(found) == [("customer", None, "Are you there?")]
    assert found.customer == "1.12346"


def test_chats_by_id_alone_and_in_lines(tmp_path: Path) -> None:
    chat = CHATS["chats"][0]
    whole = given_by(EXPORTS / "zendesk_chats.json")[0][0]
    for record in ({"count": 1, "docs": {chat["id"]: chat}}, chat, [chat]):
        assert of(record, tmp_path) == ([whole], [])


def test_a_sender_of_no_known_kind_is_asked_for(tmp_path: Path) -> None:
    chat = deepcopy(CHATS["chats"][0])
    chat["history"][4] |= {"sender_type": "Whisperer", "nick": "whisperer:5"}
    _, (error,) = of(chat, tmp_path)
    assert "message 5: the file does not say whether 'Ana' is" in str(error)
    (found,), _ = of(chat, tmp_path, hints=Hints(roles={"Ana": "system"}))
    assert found.turns[4].role == "system"
    chat["history"][4] = {"type": "chat.msg", "msg": "Hi"}
    assert "no sender" in str(of(chat, tmp_path)[1][0])


# Both


def test_each_knows_its_own_records_only() -> None:
    tickets = [TICKETS, TICKETS["tickets"][0], COMMENTS, {"ticket": TICKETS["tickets"][0]}]
    chats = [CHATS, *CHATS["chats"]]
    for record in tickets:
        assert zendesk.recognise(record)
        assert not zendesk_chat.recognise(record)
    for record in chats:
        assert zendesk_chat.recognise(record)
        assert not zendesk.recognise(record)
    for record in [*tickets, *chats]:
        assert not own.recognise(record)
        assert not ccai.recognise(record)
    others = [
        {"turns": []},
        {"entries": []},
        {"id": 1, "requester_id": 2, "responder_id": 3, "conversations": [{"incoming": True, "private": False}]},
        {"tickets": [{"id": 1, "requester_id": 2, "responder_id": 3}]},
        {"comments": [{"id": 1, "author": {"name": "Ana"}, "body": "x"}]},
        {"chats": [{"id": "a", "thread": {"events": [{"type": "message", "author_id": "b"}]}, "users": []}]},
        {"source": {"body": "x"}, "conversation_parts": {"conversation_parts": []}},
        {"history": ["chat.msg"], "tickets": None, "docs": 3},
    ]
    for record in others:
        assert not zendesk.recognise(record)
        assert not zendesk_chat.recognise(record)


NUMBERS = (0, -1, 10**30, 1e308, float("inf"), float("nan"))
WORDS = ("", "x", "\x00", "\ud800", "<![foo bar", "▇", "2026-13-01", "good")
STRANGE = st.sampled_from([None, True, False, *NUMBERS, *WORDS, [], [[]], {}]) | st.text(string.printable, max_size=5)
DELETE = object()


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a value, as what holds it and the key there."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [node for key in keys for node in ((value, key), *nodes(value[key]))]


@given(st.sampled_from([TICKETS, TICKETS["tickets"][1], COMMENTS, CHATS, CHATS["chats"][0]]), st.data())
@settings(max_examples=300)
def test_whatever_is_changed_only_conversations_and_input_errors_come_out(record: Any, data: st.DataObject) -> None:
    changed = deepcopy(record)
    for _ in range(data.draw(st.integers(1, 4))):
        places = nodes(changed)
        if not places:
            break
        holder, key = places[data.draw(st.integers(0, len(places) - 1))]
        value = data.draw(st.just(DELETE) | STRANGE)
        if value is DELETE:
            del holder[key]
        else:
            holder[key] = deepcopy(value)
    for platform in (zendesk, zendesk_chat):
        if platform.recognise(changed):
            try:
                items = list(platform.conversations(changed, PLACE, Hints()))
            except InputError as error:
                items = [error]
            assert all(isinstance(item, Conversation | InputError) for item in items)
