"""E-mail: which messages are one thread, who sent them, what is left of their words, and that faults are named."""

import io
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.conversation import Conversation, Role
from coach.errors import InputError
from coach.readers import Found, Hints, mail, mail_threads, read
from coach.readers.roles import unknown_speakers

EXPORTS = Path(__file__).parent / "exports"
MAILBOX = (EXPORTS / "mailbox.mbox").read_text("utf-8")
SUPPORT, MIA = "support@lamps.example", "mia@home.example"
AGENT: dict[str, Role] = {SUPPORT: "agent"}
BOTH: dict[str, Role] = {SUPPORT: "agent", MIA: "customer"}


def message(text: str = "Hello.", sender: str = MIA, to: str = SUPPORT, **headers: str) -> str:
    """A message of a mailbox; an underscore in a header's name stands for a hyphen."""
    fields = {"From": sender, "To": to, "Date": "Tue, 1 Sep 2026 10:15:00 +0000", **headers}
    lines = [f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items() if value]
    return f"From {MIA} Tue Sep  1 10:15:00 2026\n{''.join(lines)}\n{text}\n\n"


def items(text: str, roles: dict[str, Role] | None = None) -> list[Conversation | InputError]:
    assert mail.recognise(text)
    return read_text(text, Hints(roles=roles or {}))


def read_text(text: str, hints: Hints) -> list[Conversation | InputError]:
    with mail_threads.gathering() as threads:
        for found in mail.read(io.StringIO(text, newline=""), name="a.mbox", hints=hints):
            threads.add(found)
        return [one if isinstance(one, InputError) else one[0] for one in threads.conversations(hints)]


def one(text: str, roles: dict[str, Role] | None = None) -> Conversation:
    (found,) = items(text, roles)
    assert isinstance(found, Conversation), found
    return found


def fault(text: str, roles: dict[str, Role] | None = None) -> str:
    (found,) = items(text, roles)
    assert isinstance(found, InputError), found
    return str(found)


def said(text: str, **headers: str) -> str:
    """What is left of a message's text."""
    return one(message(text, **headers), BOTH).turns[0].text


def turns(conversation: Conversation) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in conversation.turns]


def test_a_mailbox_gives_its_threads() -> None:
    flicker, bill = read([EXPORTS / "mailbox.mbox"], hints=Hints(roles=AGENT))
    assert isinstance(flicker, Found)
    assert isinstance(bill, Found)
    assert (flicker.line, bill.line) == (1, 51)
    talk = flicker.conversation
    assert (talk.id, talk.channel) == ("one@home.example", "email")
    assert (talk.agent, talk.customer) == ("Ana Ruiz (Lamps)", "mia.kent@home.example")
    assert [(turn.role, turn.speaker) for turn in talk.turns] == [
        ("customer", "Mia Ként"), ("bot", None), ("agent", "Ana Ruiz (Lamps)"), ("customer", None), ("system", None),
    ]  # fmt: skip
    assert [turn.text for turn in talk.turns] == [
        "Hello,\n\nmy new lamp flickers all evening – what can I do?\n\nFrom the start it did that.",
        "Thank you, we will answer within a day.",
        "I am sorry to hear that, Mia. Please try this:\nswitch it off\ntighten the bulb",
        "Done.\nThat helped, thank you!",
        "The copy to boss@lamps.example could not be delivered.",
    ]
    assert talk.started == datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
    assert talk.turns[2].time == datetime(2026, 9, 1, 12, tzinfo=UTC)
    assert turns(bill.conversation) == [("customer", "Where is my bill?"), ("agent", "[attachment]")]


def test_only_mail_is_taken_for_mail() -> None:
    assert mail.recognise("\r\nReturn-Path: <a@b.example>\r\nReceived: from x\r\n\tby y\r\nFrom: a@b.example\r\n\r\nHi")
    assert mail.recognise("From: a@b.example\nTo: c@d.example\nDate: today\n\nHi")
    for other in (
        "agent: Ana\nchannel: email\n\nAgent: Hello.\nCustomer: From what?\n",
        "From: Ana\nTo: Mia\nSent: today\nSubject: Lamp\n\nHello.",
        "From now on: none\nDate: today\n\nHello.",
        "From: Ana\nHello.\nMessage-ID: <1@x>\n",
        "conversation_id,role,text\n1,agent,From: x\n",
        '{"turns": []}',
        "WEBVTT\n\nNOTE\nagent: Ana\n",
        "",
    ):
        assert not mail.recognise(other), other
    taken = [path for path in EXPORTS.iterdir() if path.is_file() and b"\0" not in path.read_bytes()[:9]]
    assert [path.name for path in taken if mail.recognise(path.read_text("utf-8", "replace"))] == ["mailbox.mbox"]


def test_windows_line_ends_and_bytes_that_are_no_utf_8_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(MAILBOX.replace("\n", "\r\n").encode())
    expected = [found.conversation for found in read([EXPORTS / "mailbox.mbox"], hints=Hints(roles=AGENT))]  # type: ignore[union-attr]
    assert [found.conversation for found in read([path], hints=Hints(roles=AGENT))] == expected  # type: ignore[union-attr]
    latin = message("Café", Content_Type="text/plain; charset=iso-8859-1") + message("Yes.", SUPPORT, MIA, Subject="x")
    latin = latin.replace("To:", "References: <r@x>\nTo:")
    path.write_bytes(latin.encode("cp1252"))
    (found,) = read([path], hints=Hints(roles=BOTH))
    assert isinstance(found, Found)
    assert turns(found.conversation) == [("customer", "Café"), ("agent", "Yes.")]


def test_messages_belong_together_by_references_in_any_order() -> None:
    late = message("Third.", Message_ID="<3@x>", References="<1@x> <2@x>", Date="Tue, 1 Sep 2026 12:00:00 +0000")
    first = message("First.", Message_ID="<1@x>")
    middle = message("Second.", SUPPORT, MIA, In_Reply_To="<1@x>", Date="Tue, 1 Sep 2026 13:00:00 +0200")
    assert [turn.text for turn in one(late + first + middle, BOTH).turns] == ["First.", "Second.", "Third."]
    # What one has no time for stays where it stands, and what comes twice counts once.
    timeless = message("Second.", SUPPORT, MIA, In_Reply_To="<1@x>", Date="")
    assert [turn.text for turn in one(late + first + first + timeless, BOTH).turns] == ["Third.", "First.", "Second."]
    other = message("Another.", SUPPORT, MIA, Message_ID="<1@x>")
    assert [turn.text for turn in one(first + other, BOTH).turns] == ["First.", "Another."]


def test_replies_without_references_follow_the_message_of_the_same_subject_and_people() -> None:
    text = (
        message("First.", Subject="Lamp", Message_ID="<1@x>")
        + message("Another lamp.", Subject="Lamp", Date="Thu, 3 Sep 2026 10:00:00 +0000")
        + message("Sure.", SUPPORT, MIA, Subject="RE: Fwd:  lamp", Date="Wed, 2 Sep 2026 10:00:00 +0000")
        + message("Same here.", "leo@garden.example", Subject="Re: Lamp", Date="Wed, 2 Sep 2026 11:00:00 +0000")
        + message("Also sure.", SUPPORT, MIA, Subject="AW: Lamp", References="<lost@x>", Date="Fri, 4 Sep 2026 10:00:00")
        + message("Bare.", Subject="Re:") + message("Bare, too.", Subject="Re:")
    )  # fmt: skip
    found = items(text, {**BOTH, "leo@garden.example": "customer"})
    assert [[turn.text for turn in one.turns] for one in found if isinstance(one, Conversation)] == [
        ["First.", "Sure."], ["Another lamp.", "Also sure."], ["Same here."], ["Bare."], ["Bare, too."],
    ]  # fmt: skip


def test_a_line_that_begins_with_from_begins_a_message_only_before_headers() -> None:
    text = "So:\n\nFrom 10:30 on I am out.\nFrom 11:30 on too:\n\n>From home it works.\n>>From me\nFrom 12:30"
    assert said(text) == "So:\n\nFrom 10:30 on I am out.\nFrom 11:30 on too:\n\nFrom home it works.\nFrom 12:30"


def test_roles_are_asked_for_by_address_and_given_by_address_or_name() -> None:
    pair = message("Hi.", "Mia Kent <Mia@Home.example>", Message_ID="<1@x>") + message(
        "Hello.", f"Ana <{SUPPORT}>", MIA, In_Reply_To="<1@x>"
    )
    assert "'mia@home.example' is an agent or a customer" in fault(pair)
    assert turns(one(pair, {"Ana": "agent", "Mia Kent": "customer"})) == [("customer", "Hi."), ("agent", "Hello.")]
    talk = one(pair, {SUPPORT: "agent"})
    assert (talk.agent, talk.customer) == ("Ana", MIA)
    assert [turn.speaker for turn in talk.turns] == ["Mia Kent", "Ana"]
    assert "'support@lamps.example' is an agent" in fault(pair, {MIA: "customer"})
    third = message("And I?", "leo@garden.example", In_Reply_To="<1@x>")
    assert "'mia@home.example' is" in fault(pair + third, AGENT)


def test_a_colleague_of_an_agent_is_asked_for() -> None:
    pair = message("Look.", "ben@lamps.example", Message_ID="<1@x>") + message("Yes.", SUPPORT, In_Reply_To="<1@x>")
    assert "'ben@lamps.example' is" in fault(pair, AGENT)


def test_the_speakers_to_be_asked_for_are_those_whom_no_header_settles(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_text(MAILBOX, "utf-8")
    assert unknown_speakers([path]) == ["mia.kent@home.example", SUPPORT, "leo@garden.example"]


@pytest.mark.parametrize(
    ("headers", "role"),
    [
        ({"Auto_Submitted": "auto-generated"}, "bot"),
        ({"Auto_Submitted": "no"}, "agent"),
        ({"Precedence": "Bulk"}, "bot"),
        ({"Precedence": "Bulk", "X_JIRA_FingerPrint": "1"}, "agent"),
        ({"Auto_Submitted": "auto-generated", "X_Mailer": "Zendesk Mailer"}, "agent"),
        ({"Precedence": "list"}, "agent"),
        ({"X_Autoreply": "yes"}, "bot"),
        ({"sender": "Postmaster@lamps.example"}, "system"),
        ({"Content_Type": 'multipart/report; report-type="delivery-status"'}, "system"),
        ({"X_Gmail_Labels": "Drafts,Opened"}, "system"),
        ({"X_OTRS_SenderType": "customer", "sender": "x@y.example"}, "customer"),
        ({"X_Zammad_Article_Sender": "Agent", "sender": "x@y.example"}, "agent"),
        ({"X_Original_From": f"Mia <{MIA}>"}, "customer"),
    ],
)  # fmt: skip
def test_headers_tell_of_bots_and_the_system(headers: dict[str, str], role: Role) -> None:
    assert one(message(**{"sender": SUPPORT, **headers}), BOTH).turns[0].role == role


def test_one_beside_a_sender_that_a_header_calls_an_agent_is_the_customer() -> None:
    pair = message("Hi.", Message_ID="<1@x>") + message(
        "Hello.", SUPPORT, MIA, In_Reply_To="<1@x>", X_OTRS_SenderType="agent"
    )
    assert turns(one(pair)) == [("customer", "Hi."), ("agent", "Hello.")]


@pytest.mark.parametrize(
    "history",
    [
        "On Wed, Dec 20, 2023 at 1:37 PM Ana Ruiz <a@b.example> wrote:\n\n> Old.\n> Older.",
        "On Wed, Dec 20, 2023 at 1:37 PM Ana Ruiz <a@b.example>\nwrote:\nOld.",
        "On 20/12/23 13:37, Ana Ruiz wrote:\n> Old.",
        "Am 20.12.2023 um 13:37 schrieb Ana Ruiz:\n> Old.",
        "> Old.\n>> Older.",
        "-----Original Message-----\nFrom: Ana\n\nOld.",
        "---------- Forwarded message ---------\nFrom: Ana\n\nOld.",
        "Begin forwarded message:\n\n> From: Ana\n>\n> Old.",
        "From: Ana Ruiz\nSent: Wednesday, 20 December 2023 13:37\nTo: Mia\nSubject: Lamp\n\nOld.",
        "*From:* Ana Ruiz <a@b.example>\n*Date:* Wednesday\n*Cc:* Leo\n*Subject:* Lamp\n\nOld.",
        "________________________________\nFrom: Ana <a@b.example>\nSent: Wednesday\nTo: Mia\nSubject: Lamp\n\nOld.",
        "-- \nMia Kent\nElm Street 5",
        "Sent from my iPhone",
        "Get Outlook for Android\n________________________________\n"
        "From: Ana\nSent: Wednesday\nTo: Mia\nSubject: Lamp\n\nOld.",
    ],
)
def test_history_and_signatures_are_left_out(history: str) -> None:
    new = "Thank you, that helped!\n\n- one\n- two\n\nKind regards,\nMia"
    assert said(f"{new}\n\n{history}\n") == new


@pytest.mark.parametrize(
    "text",
    [
        "On Monday your colleague wrote:\n\nplease wait. I did.",
        "From: Paris\nTo: London\nDate: 3 May\n\nThat is my trip.",
        "Steps:\n- restart the router\n--- wait ---\n- call me",
        "Subject: none",
        "I wrote this:\nOn 3 May nothing came.",
        "________________________________\nSo far.",
        "a -- b",
    ],
)
def test_what_only_looks_like_history_stays(text: str) -> None:
    assert said(text) == text


def test_answers_between_quoted_lines_stay() -> None:
    text = (
        "On 3 May 2026, at 10:00, Ana <a@b.example> wrote:\n\n> Did you restart it?\nYes.\n\n> And?\nNothing.\n-- \nMia"
    )
    assert said(text) == "Yes.\n\nNothing."


def test_html_is_read_where_there_is_no_plain_text() -> None:
    html = """<?xml version="1.0"?><p>It works\nnow, <b>thank you</b>!</p><div class="gmail_signature">Mia</div>
<div class="gmail_quote"><div class="gmail_attr">On Wed, 2 Sep 2026 at 10:00, Ana &lt;<a>a@b.example</a>&gt; wrote:<br></div>
<blockquote class="gmail_quote"><div>Did it help?<blockquote type="cite">It broke.</blockquote></div></blockquote></div>"""
    assert said(html, Content_Type="text/html") == "It works now, thank you!"
    assert said("Thanks & bye", Content_Type="text/html") == "Thanks & bye"
    assert said("<pre>a\nb</pre>", Content_Type="text/html") == "a\nb"
    parts = "--b\nContent-Type: text/plain\n\n \n--b\nContent-Type: text/html\n\n<p>Yes.</p>\n--b--"
    assert said(parts, Content_Type="multipart/alternative; boundary=b") == "Yes."


def test_a_message_of_several_texts_is_one_turn_and_attached_texts_are_none_of_it() -> None:
    parts = (
        "--b\nContent-Type: text/plain\n\nSee this:\n"
        '--b\nContent-Type: text/plain; name="log.txt"\n\nNOT THIS\n'
        "--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\nNOR THIS\n"
        "--b\nContent-Type: message/rfc822\n\nFrom: x@y.example\n\nNOR THIS\n"
        "--b\nContent-Type: text/plain\n\nStrange.\n--b--"
    )
    assert said(parts, Content_Type="multipart/mixed; boundary=b") == "See this:\nStrange."
    attached = "--b\nContent-Type: message/rfc822\n\nFrom: x@y.example\n\nNOT THIS\n--b--"
    assert said(attached, Content_Type="multipart/mixed; boundary=b") == "[attachment]"
    assert said("> Only quoted.", Subject="Still broken") == "Still broken"


@pytest.mark.parametrize(
    ("text", "charset", "encoding"),
    [
        ("Caf=E9 =96 ja", "windows-1252", "quoted-printable"),
        ("Caf=C3=A9 =E2=80=93 ja", "nonsense", "Quoted-Printable"),
        ("Café =E2=80=93 ja", "iso-8859-1", "quoted-printable"),
        ("Q2Fmw6kg4oCTIGph", "utf-8", "base64"),
        ("Q2Fm6SCWIGph", "us-ascii", "base64"),
        ("Café – ja", "iso-8859-1", "8bit"),
        ("Caf+AOk- +IBM- ja", "utf-7", "7bit"),
    ],
)  # fmt: skip
def test_text_is_decoded_as_it_says_or_as_it_can(text: str, charset: str, encoding: str) -> None:
    kind = f"text/plain; charset={charset}"
    assert said(text, Content_Type=kind, Content_Transfer_Encoding=encoding) == "Café – ja"


def test_long_attachments_take_no_memory_and_long_messages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "ENCODED_LIMIT", 1_000)
    monkeypatch.setattr(mail, "CONVERSATION_LIMIT", 3_000)
    monkeypatch.setattr(mail_threads, "CONVERSATION_LIMIT", 3_000)
    image = "--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + f"{'A' * 76}\n" * 99
    parts = f"--b\nContent-Type: text/plain\n\nSee this:\n{image}{image.replace('A', 'B')[:300]}--b--"
    assert (
        said(parts.replace("--b--", "\n--b\n\nEnd.\n--b--"), Content_Type="multipart/mixed; boundary=b")
        == "See this:\nEnd."
    )
    assert "a.mbox:1: the message is longer than 3,000 characters" in fault(message("lamp " * 700), BOTH)
    many = "".join(message("lamp " * 200, Message_ID=f"<{i}@x>", References="<0@x>") for i in range(4))
    assert "the thread is longer than 3,000 characters" in fault(many, BOTH)


def test_faults_are_named_with_their_line_and_the_others_go_through() -> None:
    good = message("Hi.", Message_ID="<1@x>")
    assert "a.mbox:1: Date 'no time' is not a time" in fault(message(Date="no time"), BOTH)
    assert "a.mbox:1: the message does not say who sent it" in fault(message(sender="", Message_ID="<1@x>", From="<>"))
    unsaid = message(sender="", In_Reply_To="<1@x>")
    assert "does not say who sent it" in fault(message("Hi.", SUPPORT, MIA, Message_ID="<1@x>") + unsaid, BOTH)
    first, second = items(message("x" * 100_001) + good, BOTH)
    assert "a message has 100,001 characters" in str(first)
    assert isinstance(second, Conversation)


def test_a_message_alone_in_a_file_is_read() -> None:
    alone = message().partition("\n")[2]
    assert turns(one(alone, BOTH)) == [("customer", "Hello.")]
    assert "'mia@home.example' is an agent or a customer" in fault(alone)


def test_who_writes_to_an_agent_is_the_customer() -> None:
    assert turns(one(message(), AGENT)) == [("customer", "Hello.")]
    assert "'mia@home.example' is" in fault(message(to="sales@lamps.example"), AGENT)
    assert "'ben@lamps.example' is" in fault(message(sender="ben@lamps.example"), AGENT)


def test_what_agents_write_to_each_other_is_internal() -> None:
    thread = message("Broken.", Message_ID="<1@x>") + message("Ben?", SUPPORT, "ben@lamps.example", References="<1@x>")
    said = one(thread + message("On it.", SUPPORT, f"{MIA}, ben@lamps.example", References="<1@x>"), AGENT)
    assert turns(said) == [("customer", "Broken."), ("system", "Ben?"), ("agent", "On it.")]
    # Where customers have addresses of the same domain, or have not written, nothing shows who is a colleague.
    same = message("Broken.", "eva@lamps.example", Message_ID="<1@x>") + message(
        "Yes?", SUPPORT, "eva@lamps.example", References="<1@x>"
    )
    assert turns(one(same, {**AGENT, "eva@lamps.example": "customer"})) == [("customer", "Broken."), ("agent", "Yes?")]
    assert turns(one(message("Hello.", SUPPORT, "eva@lamps.example"), AGENT)) == [("agent", "Hello.")]


@pytest.mark.parametrize("pack", ["folder", "zip", "two mailboxes"])
def test_a_thread_spread_over_files_is_one_conversation(tmp_path: Path, pack: str) -> None:
    first = message("First.", Message_ID="<1@x>", Subject="Lamp")
    answer = message("Second.", SUPPORT, MIA, In_Reply_To="<1@x>", Date="Wed, 2 Sep 2026 10:00:00 +0000")
    third = message("Third.", Subject="Re: lamp", Date="Thu, 3 Sep 2026 10:00:00 +0000")
    other = message("Another.", "leo@garden.example", Message_ID="<9@x>")
    files = {"in/1.eml": first, "sent/2.eml": answer, "in/copy of 1.eml": first, "in/3.eml": third, "in/4": other}
    if pack == "two mailboxes":
        files = {"in.mbox": first + third + other, "sent.mbox": answer}
    else:
        files = {name: text.partition("\n")[2] for name, text in files.items()}
    for name, text in files.items():
        path = tmp_path / "mail" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    source = tmp_path / "mail"
    if pack == "zip":
        source = Path(shutil.make_archive(str(tmp_path / "mail"), "zip", source))
    lamp, lone = sorted(read([source], hints=Hints(roles=AGENT)), key=lambda found: -len(str(found)))
    assert isinstance(lamp, Found)
    assert turns(lamp.conversation) == [("customer", "First."), ("agent", "Second."), ("customer", "Third.")]
    assert (lamp.conversation.id, lamp.path) == ("1@x", f"{source}/{next(iter(files))}")
    assert isinstance(lone, Found)
    assert turns(lone.conversation) == [("customer", "Another.")]


def test_what_waits_has_no_name_that_leads_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_threads, "IN_MEMORY", 100)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with mail_threads.gathering() as threads:
        for found in mail.read(io.StringIO(MAILBOX), name="a.mbox", hints=Hints()):
            threads.add(found)
        assert threads.waiting._rolled  # type: ignore[attr-defined]
        assert list(tmp_path.iterdir()) == []


NOTICE = """##- Please type your reply above this line -##

Your request (77) has been updated. To add comments, reply to this email.

----------------------------------------------

Ana, Sep 2, 2026, 10:00 AM UTC

I am sorry, Mia.

On it.

----------------------------------------------

Mia Kent, Sep 1, 2026, 10:15 UTC

My lamp broke.

--------------------------------
This email is a service from Lamps. [ABC-DEF]
"""


def test_a_helpdesk_marks_agents_mails_as_automatic_and_they_are_still_theirs() -> None:
    headers = {"Auto_Submitted": "auto-generated", "X_Mailer": "Zendesk Mailer", "In_Reply_To": "<1@x>"}
    asked = message("My lamp broke.", Message_ID="<1@x>")
    thread = asked + message("##- reply above -##\nWe got it.", f"Lamps <{SUPPORT}>", MIA, **headers)
    thread += message(NOTICE, f'"Ana (Lamps)" <{SUPPORT}>', MIA, Date="Wed, 2 Sep 2026 10:00:00 +0000", **headers)
    assert "'mia@home.example' is" in fault(thread)
    assert "'Lamps' is an agent" in fault(thread, BOTH)
    found = one(thread, {MIA: "customer", "Lamps": "bot", "Ana (Lamps)": "agent"})
    assert turns(found) == [
        ("customer", "My lamp broke."),
        ("bot", "We got it."),
        ("agent", "I am sorry, Mia.\n\nOn it."),
    ]
    assert found.agents == ("Ana (Lamps)",)
    replied = message("Out.", SUPPORT, **{**headers, "Auto_Submitted": "auto-replied"})
    assert turns(one(replied)) == [("bot", "Out.")]


def test_what_was_read_before_a_fault_of_the_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(MAILBOX.encode() + b"\nX" * 40_000 + b"\0")
    fault, first, cut_short = read([path], hints=Hints(roles=AGENT))
    assert isinstance(first, Found)
    assert isinstance(cut_short, Found)
    assert turns(cut_short.conversation) == [("customer", "Where is my bill?")]
    assert "the file turns binary" in str(fault)


WORDS = st.sampled_from(
    ("\n", "\n\n", "\0", "\ud800", "é", "From ", "From: ", "\nFrom x 10:15\nFrom: y\n\n", "<", "=?utf-8?q?=FF?=", "(" * 99,
     "boundary=", "--b1", "--b2--", "<![", "9" * 400, "Content-Type: multipart/mixed", "@", ";", ":", "> ", "=", "\r", "\x85",
     "\nContent-Disposition: attachment; filename*=x'y'%ff\n", "\nDate: Mon, 99 Foo 99999 99:99:99 +9999\n",
     "\nReferences: <five@home.example> <three@garden.example>\n")
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.integers(0, len(MAILBOX)), st.integers(0, 60), WORDS), min_size=1, max_size=8)


@settings(max_examples=150)
@given(CHANGES, st.booleans())
def test_a_broken_mailbox_gives_conversations_and_faults(changes: list[tuple[int, int, str]], is_given: bool) -> None:
    text = MAILBOX
    for start, length, words in changes:
        text = text[:start] + words + text[start + length :]
    mail.recognise(text)
    hints = Hints(roles=AGENT if is_given else {})
    for found in read_text(text, hints):
        assert str(found).isprintable() or not isinstance(found, InputError)


@settings(max_examples=100)
@given(st.sampled_from(("From", "To", "Date", "Subject", "Message-ID", "References", "Content-Type", "Precedence",
                        "Content-Transfer-Encoding", "Content-Disposition", "X-Original-From")), st.text(max_size=80))  # fmt: skip
def test_headers_may_hold_anything(name: str, value: str) -> None:
    text = message("Hello.").replace("To:", f"{name}: {value}\nTo:", 1)
    read_text(text, Hints(roles=AGENT))
