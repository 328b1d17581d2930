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
        ("see https://example.com/reset?token=8f3ab2c91d", "see [URL_1]"),
        ("from 203.0.113.7 or 2001:db8::8a2e:370:7334", "from [IP_1] or [IP_2]"),
        ("I live at 22 Hawthorn Crescent, Leeds LS17 8QT", "I live at [ADDRESS_1]"),
        ("12 Main Street, Apt 4B, Springfield, IL 62704", "[ADDRESS_1]"),
        ("Hauptstraße 5, 10115 Berlin", "[ADDRESS_1]"),
        ("born 12/05/1987, my dob: 3 May 1990", "born [DOB_1], my dob: [DOB_2]"),
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
        "[EMAIL_1] [NUMBER_123456] [CUSTOMER] <name> {{email}} *****1234",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert mask(text) == text


def test_the_companys_handle_stays_and_the_customers_goes() -> None:
    turns = (Turn("customer", "@AcmeHelp where is it"), Turn("agent", "@tom_b88 sorry, ask @AcmeHelp"))
    redacted = redact(Conversation("c", turns, agent="AcmeHelp"))
    assert [turn.text for turn in redacted.turns] == ["@AcmeHelp where is it", "[HANDLE_1] sorry, ask @AcmeHelp"]
