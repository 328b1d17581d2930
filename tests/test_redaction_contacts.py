"""Redaction of where somebody can be reached or traced, of birthdays and of secrets."""

import pytest

from coach.conversation import Conversation, Turn
from coach.redaction import mask, redact


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ana@example.com.", "write to [EMAIL_1]."),
        ("A.B+c@Mail.example.co.uk!", "[EMAIL_1]!"),
        ("a@x.example, A@X.example, b@x.example", "[EMAIL_1], [EMAIL_1], [EMAIL_2]"),
        ("a@x.example12b@y.example", "[EMAIL_1]"),
        ("ana (at) gmail.com or ana [at] gmail [dot] com", "[EMAIL_1] or [EMAIL_1]"),
        ("my email is ana dot ruiz at gmail dot com", "my email is [EMAIL_1]"),
        ("my email changed too, its mary ann otto at mail dot example", "my email changed too, its [EMAIL_1]"),
        ("ana@gmail or ana@example,com", "[EMAIL_1] or [EMAIL_2]"),
        ("see https://example.com/reset?token=8f3ab2c91d", "see [URL_1]"),
        ("postgres://eva:hush@db.example:5432/x", "[URL_1]"),
        ("find me at the underscore real underscore zorka", "find me [HANDLE_1]"),
        ("insta is zorka.makes.pots", "insta is [HANDLE_1]"),
        ("from 203.0.113.7 or 2001:db8::8a2e:370:7334", "from [IP_1] or [IP_2]"),
        ("I live at 22 Hawthorn Crescent, Leeds LS17 8QT", "I live at [ADDRESS_1]"),
        ("12 Main Street, Apt 4B, Springfield, IL 62704", "[ADDRESS_1]"),
        ("Hauptstraße 5, 10115 Berlin", "[ADDRESS_1]"),
        ("Nygatan 12 lgh 3, 211 42 Malmö", "[ADDRESS_1]"),
        ("Via dei Pini 8, 00100 Roma", "[ADDRESS_1]"),
        ("9, place du marché, 35000 Rennes", "[ADDRESS_1]"),
        ("I'm at Knocknaree, Ballyrow, Co. Kerry, V92 XX11", "I'm at [ADDRESS_1]"),
        ("〒150-0002 東京都渋谷区渋谷2-99-1", "[ADDRESS_1]"),
        ("P.M.B. 1203, Ibadan", "[ADDRESS_1]"),
        ("my address is willow barn, 4 lower green", "my address is [ADDRESS_1]"),
        ("born 12/05/1987, my dob: 3 May 1990", "born [DOB_1], my dob: [DOB_2]"),
        ("- Eva Stone, 03-04-2011\n- Bo Stone, 05-06-2013", "- [NAME_1], [DOB_1]\n- [NAME_2], [DOB_2]"),
        ("my son, 2.3.2012, plays it", "my son, [DOB_1], plays it"),
        ("the PIN she gave me is 1798", "the PIN she gave me is [SECRET_1]"),
        ("my secret word is zawadi mkubwa if you ask", "my secret word is [SECRET_1] if you ask"),
        ("I tried Harbour1214 but it fails, and Tk9!vuQ2", "I tried [SECRET_1] but it fails, and [SECRET_2]"),
        ("my password is Sunny2024! and PIN 4821", "my password is [SECRET_1] and PIN [SECRET_2]"),
    ],
)
def test_contacts_birthdays_and_secrets_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "me @ home, a@b",
        "see https://help.example.com/articles/360012345-returns or www.example.com",
        "delivered on 12/05/2024 to the High Street shop",
        "the password is wrong and my PIN does not work",
        "a promo code SAVE20, error code 5003",
        "version 10.0.0.12, mask 255.255.255.0",
        "TLS failed with code 8201, ERR_AUTH_0419",
        "Flight Date: 2024-05-22, flight number HAT023",
        "read https://help.example.com/how-to-reset-it",
        "[EMAIL_1] [NUMBER_123456] [CUSTOMER] <name> {{email}} *****1234",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("question", "text", "masked"),
    [
        ("What is your date of birth?", "christmas day nineteen thirty eight", "[DOB_1]"),
        ("And her birthday?", "3 of Febuary 1990", "[DOB_1]"),
        (
            "Which account do you mean?",
            "mine is lee.p, my cousin has kenxo",
            "mine is [HANDLE_1], my cousin has [HANDLE_2]",
        ),
        ("I have sent you a code. What is it?", "4 4 1 9", "[SECRET_1]"),
        ("Hi, Ana from Summit Mobile. Whom do I help?", "It shows HTTP 503", "It shows HTTP 503"),
        ("What is the UPI reference?", "Rs 2,500 are gone since May 2023", "Rs 2,500 are gone since May 2023"),
    ],
)
def test_a_bare_answer_is_known_by_the_question(question: str, text: str, masked: str) -> None:
    turns = (Turn("agent", question), Turn("customer", text))
    assert redact(Conversation("c", turns)).turns[1].text == masked


def test_the_companys_handle_stays_and_the_customers_goes() -> None:
    turns = (Turn("customer", "@AcmeHelp where is it"), Turn("agent", "@tom_b88 sorry, ask @AcmeHelp"))
    redacted = redact(Conversation("c", turns, agent="AcmeHelp"))
    assert [turn.text for turn in redacted.turns] == ["@AcmeHelp where is it", "[HANDLE_1] sorry, ask @AcmeHelp"]
