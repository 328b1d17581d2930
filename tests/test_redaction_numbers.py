"""Redaction of numbers: what points at somebody goes; prices, dates, versions and models stay."""

import pytest

from coach.conversation import Conversation, Turn
from coach.redaction import mask, redact


def answer(question: str, text: str) -> str:
    """The customer's masked answer to the agent's question."""
    return redact(Conversation("c", (Turn("agent", question), Turn("customer", text)))).turns[1].text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("call +44 20 7946 0958", "call [PHONE_1]"),
        ("020 7946 0958 or +44 (0)20 7946 0958 or (020) 7946 0958", "[PHONE_1] or [PHONE_1] or [PHONE_1]"),
        ("415-555-0123, (415) 555-0123, +1 415.555.0123", "[PHONE_1], [PHONE_1], [PHONE_1]"),
        ("4155550123", "[PHONE_1]"),
        ("555-0123 or 0044 20 7946 0958", "[PHONE_1] or [PHONE_2]"),
        ("030/1234567, +91 98765 43210", "[PHONE_1], [PHONE_2]"),
        ("it's oh seven seven double zero nine hundred one two three", "it's [PHONE_1]"),
        ("card 4111 1111 1111 1111 or 4111111111111111", "card [CARD_1] or [CARD_1]"),
        ("4111-1111-1111-1112", "[NUMBER_1]"),
        ("4111 1111 1111 1111+44 2012", "[CARD_1][NUMBER_1]"),
        ("3782 822463 10005", "[CARD_1]"),
        ("GB82 WEST 1234 5698 7654 32", "[IBAN_1]"),
        ("sort code 12-34-56", "sort code [ACCOUNT_1]"),
        ("order 321-6549870-7894561", "order [NUMBER_1]"),
        ("order #W2378156, account 78985", "order #[NUMBER_1], account [ACCOUNT_1]"),
        ("booking X7K2PQ, ref: AB-1234-C", "booking [NUMBER_1], ref: [NUMBER_2]"),
        ("ref. RC-0417, ride r_83kq-2201", "ref. [NUMBER_1], ride [NUMBER_2]"),
        ("driving licence HARAN 802150 T9", "driving licence [NUMBER_1]"),
        ("tel ext. 4417", "tel ext. [NUMBER_1]"),
        ("the card ending in 4421", "the card ending in [NUMBER_1]"),
        ("78 985 and 78-985 and (78985)", "[NUMBER_1] and [NUMBER_1] and ([NUMBER_1])"),
        ("my reference is four four seven double three oh", "my reference is [NUMBER_1]"),
    ],
)
def test_personal_numbers_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "on 2026-09-01 at 10:15:30, or 2026-09-01T10:15:30.123Z, or 2026-09-01 10:15+02:00",
        "on 12/05/2024, 12.05.2024, 12-05-2024 or May 20 2024.",
        "from 2019-2024, 2019 - 2024, in 2024",
        "it costs £12.50 or 1,299.00 or 12999.00.",
        "it costs $15000, € 20,000.00 or Rs. 45000",
        "room 1234, 5-7 days, 100%, v1.2.3",
        "iOS 17.4.1, build 20231105, KB5034441, error 0x80070057",
        "an RTX 4090, a Ryzen 7 5800X and an i7-12700K with 32GB DDR5-6000",
        "12500 naira, 45000 rupees, 30000 points, 5000 mAh",
        "one two three, go",
    ],
)
def test_dates_times_prices_versions_models_and_quantities_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("question", "text", "masked"),
    [
        ("Can I have your order number?", "yes 4471", "yes [NUMBER_1]"),
        ("And the account number?", "its 0098 3311", "its [ACCOUNT_1]"),
        ("What is the code we sent you?", "839201", "[SECRET_1]"),
        ("What is your PIN?", "nine four two one", "[SECRET_1]"),
        ("What is your date of birth?", "3rd of May 1987", "[DOB_1]"),
    ],
)
def test_a_bare_answer_is_known_by_the_question(question: str, text: str, masked: str) -> None:
    assert answer(question, text) == masked
