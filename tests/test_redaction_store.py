"""What the database keeps of personal data, in its bytes: nothing, nor of a conversation that has changed since."""

import csv
import json
from dataclasses import replace
from pathlib import Path

from coach.readers import Hints
from coach.review import Plan, review
from coach.rubric import read_rubric
from coach.store import Store

HINTS = Hints(roles={"Lumen Support": "agent", "Zorka Vlkova": "customer"})
CUSTOMER = "Zorka Vlkova"
TALK = (
    ("agent", "Hello, this is Priya. Who am I speaking with?"),
    ("customer", "Hi, my name is Zorka Vlkova and my husband Thandeka sent me."),
    ("agent", "Thanks, Zorka. What are your phone number and your e-mail address?"),
    ("customer", "It is +44 20 7946 0958, mail zorka.vlkova@example.com or vlkova99 at gmail dot com"),
    ("agent", "And your order number, please?"),
    ("customer", "it is 774-2091-33, my account number is 88120934 and my user name is zvlk_77"),
    ("agent", "How shall I pay you back?"),
    ("customer", "card 4111 1111 1111 1111, or IBAN GB82 WEST 1234 5698 7654 32, from 203.0.113.77"),
    ("agent", "What is your date of birth? And where do you live?"),
    ("customer", "I was born on 17 March 1983. I live at 22 Hawthorn Crescent, Leeds LS17 8QT"),
    ("agent", "What is the code we sent you?"),
    ("customer", "839201, and my password is Sunflower!9931"),
    ("customer", "I opened https://example.com/reset?token=8f3ab2c91d as @zorkavlk told me"),
    ("agent", "Can I have your mobile number as well?"),
    ("customer", "oh seven seven double zero nine hundred four five six, call me soon please"),
)
SECRETS = """
Zorka | Vlkova | Thandeka | 7946 | zorka.vlkova | vlkova99 | 774-2091-33 | 88120934 | zvlk_77 | 4111 1111 | GB82 WEST
| 203.0.113.77 | 17 March 1983 | Hawthorn | LS17 8QT | 839201 | Sunflower | 8f3ab2c91d | zorkavlk | double zero
"""


def write(folder: Path, more: str = "") -> None:
    """The talk in two formats, and a chat in a file that is named after the customer."""
    talk = [*TALK, ("agent", f"Thank you. {more}")]
    turns = [{"role": role, "text": text} for role, text in talk]
    line = json.dumps({"id": "one", "agent": "Priya", "customer": CUSTOMER, "turns": turns})
    (folder / "talk.jsonl").write_text(line + "\n", "utf-8")
    with (folder / "talk.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["conversation_id", "role", "speaker", "text"])
        rows.writerows(["two", role, CUSTOMER if role == "customer" else "Priya", text] for role, text in talk)
    chat = f"31/10/19, 16:16 - {CUSTOMER}: Hello? My router is broken and I am upset\n31/10/19, 16:18 - Lumen Support: Sorry, restart it please! {more}\n"
    (folder / f"WhatsApp Chat with {CUSTOMER}.txt").write_text(chat, "utf-8")


def bytes_of(database: Path) -> bytes:
    return b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))


def test_no_byte_of_the_database_tells_who_it_was(tmp_path: Path, tiny_model: Path) -> None:
    database, files = tmp_path / "coach.db", tmp_path / "files"
    files.mkdir()
    plan = Plan(tiny_model, read_rubric(), hints=HINTS)
    secrets = [secret.strip() for secret in SECRETS.split("|")]
    for more in ("", "Goodbye."):
        write(files, more)
        with Store(database) as store:
            assert review([str(files)], store, plan).problems == []
            kept = bytes_of(database)
        kept += bytes_of(database)
        assert b"Priya" in kept
        assert [secret for secret in secrets if secret.encode() in kept] == []


def test_what_was_stored_unmasked_is_gone_when_it_is_stored_masked(tmp_path: Path, tiny_model: Path) -> None:
    database, files = tmp_path / "coach.db", tmp_path / "files"
    files.mkdir()
    write(files)
    plan = Plan(tiny_model, read_rubric(), mask=False, hints=HINTS)
    with Store(database) as store:
        review([str(files)], store, plan)
    assert CUSTOMER.encode() in bytes_of(database)
    with Store(database) as store:
        assert review([str(files)], store, replace(plan, mask=True)).judged == 3
    kept = bytes_of(database)
    assert [secret for secret in (CUSTOMER, "4111 1111", "sunflow", "vlkova99") if secret.encode() in kept] == []
