"""The traps that all platforms share, each on every platform where it can occur, in files as the platforms write them."""

import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from coach.conversation import JUDGED, Conversation, Role
from coach.errors import InputError
from coach.readers import Found, Hints, read

EXPORTS = Path(__file__).parent / "exports"
AGENTS = {
    "Ana Ruiz", "Bo Chen", "Lumen Support", "Ben", "+44 7700 900123", "support@lamps.example", "ana_ruiz", "bo_lind",
    "Lamp Shop", "9299", "ANY_AGENT", "SPEAKER_00", "A", "0",
}  # fmt: skip


class Known(dict[str, Role]):
    """The agents, and everyone else a customer."""

    def __missing__(self, speaker: str) -> Role:
        return "customer"

    def get(self, speaker: str, default: Any = None) -> Any:
        return "agent" if speaker in AGENTS else default


HINTS = Hints(roles=Known(dict.fromkeys(AGENTS, "agent")), dates="day-first")


@dataclass(frozen=True)
class Case:
    """A conversation of a file, with what must come of its traps."""

    file: str
    id: str
    agents: tuple[str, ...]
    system: tuple[str, ...] = ()
    bot: tuple[str, ...] = ()
    deleted: int = 0
    attached: int = 0
    rating: tuple[float, str | None] | None = None
    first: datetime | None = None


def at(day: int, month: int, year: int, *clock: int) -> datetime:
    return datetime(year, month, day, *clock, tzinfo=UTC)


CASES = (
    Case(
        "zendesk_tickets.json", "35436", ("Ana Ruiz", "Ben Okoro"), system=("Please send her one, Ben.",),
        rating=(5, "good"), first=at(1, 9, 2026, 10, 15),
    ),
    Case(
        "zendesk_tickets.json", "35437", ("Ana Ruiz",), bot=("Does this article help?",), deleted=1, attached=1,
        system=("We got your message.", "Ticket reopened", "(08:01) Ana: Hi\n(08:02) Mo: Hello"),
    ),
    Case(
        "zendesk_chats.json", "1811.12345678.SaBcDeFgHiJkL", ("Ana", "Ben"), system=("[chat.memberjoin]", "[chat.rating]"),
        bot=("Welcome! What can we do?",), deleted=1, attached=1, rating=(1, "bad"),
    ),
    Case(
        "intercom_conversation.json", "8101", ("Ines Ohm", "32"), system=("Third one this week.", "[assignment]"),
        bot=("Have you tried turning it on?", "Here is an answer."), deleted=1, attached=2, rating=(4, None),
        first=at(1, 9, 2026, 10, 15),
    ),
    Case(
        "chatwoot_conversation.json", "412", ("Tove Lind", "Per Aas"), deleted=1, attached=1, rating=(5, None),
        system=("Ask Per, he knows taps.", "Conversation was assigned to Tove Lind"), bot=("Try this article.",),
        first=at(1, 9, 2026, 10, 15),
    ),
    Case(
        "freshdesk_tickets.json", "20", ("12", "13"), system=("Depot says lost.", "Thanks a lot"), attached=1,
        rating=(5 / 3, "-102 (-103 to 103)"), first=at(1, 9, 2026, 10, 15),
    ),
    Case(
        "livechat_archives.json", "TH1", ("Ana Ruiz", "Bo Lind"), deleted=1, attached=1, rating=(5, "1 (0 to 1)"),
        system=("Looks like batch 7, Bo?", "Ana Ruiz joined the chat"), bot=("Hi, I'm Lampy. How can I help?", "Welcome!"),
    ),
    Case("livechat_archives.json", "TH2", ("Ana Ruiz",), rating=(1, "bad")),
    Case(
        "salesforce_entries.json", "0Mw8Z000000A1", ("Ana Ruiz", "Bo Lind"), system=("Offer a new bulb.", "[BotEscalated]"),
        bot=("Hi, how can I help?",), deleted=1, attached=1, first=at(2, 3, 2026, 9),
    ),
    Case("salesforce_connect.json", "0Mw8Z000000A1", ("005A1",), first=at(2, 3, 2026, 9, 1, 0, 100_000)),
    Case(
        "salesforce_in_app.json", "salesforce_in_app", ("Ana R",), system=("[RoutingResult]", "[NOTE]"),
        bot=("What is it about?",), attached=1,
    ),
    Case(
        "salesforce_transcripts.json", "5701", ("Ana R", "Bo L"), system=("Chat Transferred From Ana R To Bo L",),
        first=at(2, 3, 2026, 14, 0, 12),
    ),
    Case("salesforce_transcripts.json", "5702", ("Ana R",), bot=("Hi, I am a bot.",)),
    Case("salesforce_entries.csv", "0Mw8Z000000A1", ("Ana Ruiz",), attached=1),
    Case("salesforce_transcripts.csv", "5701", ("Ana R", "Bo L"), first=at(2, 3, 2026, 14, 0, 12)),
    Case("twilio_messages.json", "CH" + "1" * 32, ("ana_ruiz", "bo_lind"), attached=1),
    Case(
        "slack", "support-1788257700.000100", ("Ana Ruiz", "Bo Chen"), bot=("We got it. 1 September",),
        first=at(1, 9, 2026, 10, 15, 0, 100),
    ),
    Case(
        "slack", "support-2026-09-01", ("Bo Chen",), system=("@Eva Lind has joined the channel",), deleted=1, attached=1,
    ),
    Case(
        "whatsapp_android.txt", "whatsapp-f4bc21d290", ("Lumen Support",), system=("Missed voice call",), deleted=1,
        attached=2, first=at(31, 10, 2019, 16, 16),
    ),
    Case(
        "whatsapp_ios.txt", "whatsapp-f09351ae50", ("Ben", "+44 7700 900123"), deleted=1, attached=2,
        system=("\u200eMissed voice call, \u200eTap to call back",),
    ),
    Case(
        "mailbox.mbox", "one@home.example", ("Ana Ruiz (Lamps)",), bot=("Thank you, we will answer within a day.",),
        system=("The copy to boss@lamps.example could not be delivered.",), first=at(1, 9, 2026, 10, 15),
    ),
    Case("mailbox.mbox", "three@garden.example", ("Ben Oduya",), attached=1),
    Case(
        "contact_lens_chat.json", "contact-1", ("Ana Ruiz", "Sam Boss"), bot=("What is it about?",), attached=1,
        system=("[participant.joined]", "You are in the queue.", "[chat.ended]"),
    ),
    Case("contact_lens_call.json", "contact-2", (), first=at(1, 9, 2026, 10, 15)),
    Case("contact_lens_segments.json", "contact_lens_segments", ("Ana Ruiz",), system=("[participant.joined]",), attached=1),
    Case(
        "genesys_transcript.json", "conv-7/comm-1", ("user-ana", "user-bo"), bot=("Press 1 for lamps.",),
        first=at(1, 9, 2026, 10, 15, 1),
    ),
    Case("genesys_recordings.json", "conv-8/rec-1", ("Ana Ruiz",), bot=("Which lamp?",), attached=1),
    Case("genesys_recordings.json", "conv-9/rec-2", ("Bo",), system=("member joined",)),
    Case("ccai_upload.json", "ccai_upload", ("2",), bot=("Welcome. What is it about?",), first=at(1, 9, 2026, 10, 15)),
    Case("ccai_conversations.json", "c1", ("Ana Ruiz",), bot=("Did we help?",)),
    Case("ccai_conversations.json", "c3", ("bo", "eva")),
    Case("subrip.srt", "subrip", ("Ana Ruiz",), first=at(1, 9, 2026, 10, 15, 1)),
)  # fmt: skip
"""What is not in a row cannot occur there, or is in another of the same platform."""

NAMES = [f"{case.file}-{case.id}" for case in CASES]


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], Conversation]:
    return {
        (file, one.conversation.id): one.conversation
        for file in {case.file for case in CASES}
        for one in read([EXPORTS / file], hints=HINTS)
        if isinstance(one, Found)
    }


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_each_trap_comes_to_what_it_must(case: Case, found: dict[tuple[str, str], Conversation]) -> None:
    talk = found[case.file, case.id]
    assert talk.agents == case.agents
    for role, texts in (("system", case.system), ("bot", case.bot)):
        assert set(texts) <= {turn.text for turn in talk.turns if turn.role == role}, role
    assert [turn.role for turn in talk.turns if turn.text == "[deleted]"] == ["system"] * case.deleted
    attached = [turn.role for turn in talk.turns if turn.text == "[attachment]"]
    assert (len(attached), set(attached) <= {*JUDGED}) == (case.attached, True)
    rating = case.rating or (None, None)
    assert (talk.outcome.csat and round(talk.outcome.csat, 6), talk.outcome.rating) == (
        rating[0] and round(rating[0], 6),
        rating[1],
    )
    if case.first:
        assert next(turn.time for turn in talk.turns if turn.time) == case.first


def test_no_markup_and_no_entity_is_left(found: dict[tuple[str, str], Conversation]) -> None:
    written_plain = ("livechat_archives.json", "zendesk_chats.json", "contact_lens_chat.json", "slack")
    for (file, _), talk in found.items():
        marked = [turn for turn in talk.turns if re.search(r"</?(?:p|b|br|div)\b|&(?:amp|lt|gt|#\d+);", turn.text)]
        assert file in written_plain or not marked


FILES = sorted(path.name for path in EXPORTS.iterdir() if path.is_file())


def talks(path: Path) -> list[Conversation]:
    return [one.conversation for one in read([path], hints=HINTS) if isinstance(one, Found)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("file", FILES)
def test_every_file_reads_the_same_in_every_usual_encoding(tmp_path: Path, file: str, encoding: str) -> None:
    text = (EXPORTS / file).read_bytes().decode("utf-8").replace("lamp", "lämp “£5” –")
    text = text.encode("windows-1252", "ignore").decode("windows-1252")
    (tmp_path / "u").mkdir()
    for folder, as_it in ((tmp_path / "u", "utf-8"), (tmp_path, encoding)):
        (folder / file).write_bytes(text.encode(as_it))
    assert talks(tmp_path / file) == talks(tmp_path / "u" / file) != []


@pytest.mark.parametrize("file", [*FILES, "slack"])
def test_what_comes_again_in_another_file_is_read_once(tmp_path: Path, file: str) -> None:
    for folder in "ab":
        (tmp_path / folder).mkdir()
        if file == "slack":
            shutil.copytree(EXPORTS / file, tmp_path / folder / file)
        else:
            shutil.copy(EXPORTS / file, tmp_path / folder / file)
    once = list(read([EXPORTS / file], hints=HINTS))
    items = list(read([tmp_path], hints=HINTS))
    assert [one.conversation for one in items if isinstance(one, Found)] == [
        one.conversation for one in once if isinstance(one, Found)
    ]
    again = [one for one in items if isinstance(one, InputError) and "came before" in one.what]
    # Copies of a mail are one mail, wherever they lie.
    assert len(again) == (0 if file == "mailbox.mbox" else len(once))
    assert all(f"{tmp_path}/b/{file}" in one.path for one in again)


def test_other_talks_under_one_file_name_are_told_apart_by_the_user(tmp_path: Path) -> None:
    for folder, text in (("a", "Customer: Hi\nAgent: Hello\n"), ("b", "Customer: Hey\nAgent: Hello\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "call.txt").write_text(text, "utf-8")
    first, again = read([tmp_path])
    assert isinstance(first, Found)
    assert isinstance(again, InputError)
    assert (again.path, again.fix) == (str(tmp_path / "b" / "call.txt"), "give the files different names")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.vtt", "WEBVTT\n\nNOTE\nagents: Ana, Bo\n\n00:01.000 --> 00:02.000\n<v Ana>Hi\n\n00:03.000 --> 00:04.000\n<v Eva>Hey\n\n"
                  "00:05.000 --> 00:06.000\n<v Bot>Beep\n\n00:07.000 --> 00:08.000\n<v Bo>Yes?\n"),
        ("a.txt", "Agent (Ana): Hi\nCustomer (Eva): Hey\nBot: Beep\nAgent (Bo): Yes?\n"),
        ("a.csv", "chat_id,role,text,agent,speaker\n1,agent,Hi,Ana,\n1,customer,Hey,,Eva\n1,bot,Beep,,\n1,agent,Yes?,Bo,\n"),
        ("a.jsonl", '{"turns": [{"role": "agent", "text": "Hi", "speaker": "Ana"}, {"role": "customer", "text": "Hey"}, '
                    '{"role": "bot", "text": "Beep"}, {"role": "agent", "text": "Yes?", "speaker": "Bo"}]}\n'),
        ("a.mbox", "".join(
            f"From x Tue Sep  1 10:15:00 2026\nFrom: {who}@x.example\nTo: y@x.example\nDate: Tue, 1 Sep 2026 10:1{i}:00 +0000\n"
            f"Message-ID: <{i}@x>\nReferences: <0@x>\n{more}\n{text}\n\n"
            for i, (who, more, text) in enumerate((("Ana <ana", "", "Hi"), ("Eva <eva", "", "Hey"), ("Bot <bot", "Precedence: bulk\n", "Beep"), ("Bo <bo", "", "Yes?")))
        ).replace("@x.example\nTo", "@x.example>\nTo")),
    ],
)  # fmt: skip
def test_a_hand_over_and_a_bot_in_the_forms_that_people_write(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    roles: dict[str, Role] = {"Ana": "agent", "Bo": "agent", "Eva": "customer"}
    (item,) = read([tmp_path / name], hints=Hints(roles=roles))
    assert isinstance(item, Found)
    assert [(turn.role, turn.text) for turn in item.conversation.turns] == [
        ("agent", "Hi"), ("customer", "Hey"), ("bot", "Beep"), ("agent", "Yes?"),
    ]  # fmt: skip
    assert item.conversation.agents == ("Ana", "Bo")


@pytest.mark.parametrize(
    ("written", "microseconds"),
    [(1788257700, 0), (1788257700.25, 250_000), (1788257700250, 250_000), (1788257700250123, 250_123),
     ("1788257700.250123", 250_123), ("2026-09-01T12:15:00.25+02:00", 250_000), ("2026-09-01T10:15:00.000+0000", 0)],
)  # fmt: skip
def test_seconds_and_their_parts_are_told_apart_by_size(tmp_path: Path, written: object, microseconds: int) -> None:
    talk = {"turns": [{"role": "customer", "text": "Hi", "at": written}, {"role": "agent", "text": "Hello"}]}
    (tmp_path / "a").write_text(json.dumps(talk), "utf-8")
    (one,) = talks(tmp_path / "a")
    assert one.started is not None
    assert abs(one.started - at(1, 9, 2026, 10, 15, 0, microseconds)) <= timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("written", "what", "fix"),
    [
        *((one, "may be day first or month first", "--dates day-first") for one in ("1/2/2026 10:15", "01/02/2026")),
        *((one, "is not a time", "2026-09-01T10:15:00Z") for one in ("1.2.26", "2 Jan 2026", "Jan 2, 2026, 10:15 AM")),
    ],
)
def test_a_day_and_month_in_either_order_is_not_guessed(tmp_path: Path, written: str, what: str, fix: str) -> None:
    (tmp_path / "a").write_text(f'chat_id;role;text;time\n1;customer;Hi;"{written}"\n1;agent;Hello;\n', "utf-8")
    (fault,) = read([tmp_path / "a"])
    assert isinstance(fault, InputError)
    assert (fault.line, what in fault.what, fix in fault.fix) == (2, True, True)
