"""Redaction: what goes, what stays, and that twice is as good as once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.conversation import Conversation, Turn
from coach.redaction import mask, redact


def talk(
    *texts: str, customer: str | None = None, agent: str | None = None, speaker: str | None = None
) -> Conversation:
    """A conversation in which customer and agent take turns."""
    turns = tuple(
        Turn("customer", text, speaker=speaker) if i % 2 == 0 else Turn("agent", text, speaker=agent)
        for i, text in enumerate(texts)
    )
    return Conversation("c1", turns, agent=agent, customer=customer)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ana@example.com.", "write to [EMAIL_1]."),
        ("A.B+c@Mail.example.co.uk!", "[EMAIL_1]!"),
        ("a@x.example, A@X.example, b@x.example", "[EMAIL_1], [EMAIL_1], [EMAIL_2]"),
        ("a@x.example12b@y.example", "[EMAIL_1]"),
        ("call +44 20 7946 0958", "call [PHONE_1]"),
        ("020 7946 0958 or +44 (0)20 7946 0958 or (020) 7946 0958", "[PHONE_1] or [PHONE_1] or [PHONE_1]"),
        ("415-555-0123, (415) 555-0123, +1 415.555.0123", "[PHONE_1], [PHONE_1], [PHONE_1]"),
        ("4155550123", "[PHONE_1]"),
        ("555-0123 or 0044 20 7946 0958", "[PHONE_1] or [PHONE_2]"),
        ("card 4111 1111 1111 1111 or 4111111111111111", "card [CARD_1] or [CARD_1]"),
        ("4111-1111-1111-1112", "[NUMBER_1]"),
        ("4111 1111 1111 1111+44 2012", "[CARD_1][NUMBER_1]"),
        ("3782 822463 10005", "[CARD_1]"),
        ("order 321-6549870-7894561", "order [NUMBER_1]"),
        ("order #W2378156, account 78985", "order #W[NUMBER_1], account [NUMBER_2]"),
        ("78 985 and 78-985 and (78985)", "[NUMBER_1] and [NUMBER_1] and ([NUMBER_1])"),
    ],
)
def test_personal_numbers_and_addresses_are_masked(text: str, masked: str) -> None:
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
        "[EMAIL_1] [NUMBER_123456] [CUSTOMER]",
        "me @ home, a@b",
    ],
)
def test_dates_times_prices_and_short_numbers_stay(text: str) -> None:
    assert mask(text) == text


def test_a_new_value_does_not_take_a_placeholder_that_is_in_use() -> None:
    assert mask("[NUMBER_4] and 98765") == "[NUMBER_4] and [NUMBER_5]"


def test_the_same_value_has_one_placeholder_in_the_whole_conversation() -> None:
    redacted = redact(talk("my order is 987654", "Order 987 654?", "yes, not 123456"))
    assert [turn.text for turn in redacted.turns] == [
        "my order is [NUMBER_1]",
        "Order [NUMBER_1]?",
        "yes, not [NUMBER_2]",
    ]


def test_the_customers_name_goes_from_texts_and_fields() -> None:
    redacted = redact(
        talk(
            "I'm Eva Stone",
            "Thanks Eva! STONE, with e?",
            customer="Eva Stone",
            agent="Ana Ruiz",
            speaker="Eva Stone",
        )
    )
    assert [turn.text for turn in redacted.turns] == [
        "I'm [CUSTOMER]",
        "Thanks [CUSTOMER]! [CUSTOMER], with e?",
    ]
    assert redacted.customer is not None
    assert re.fullmatch(r"customer-[0-9a-f]{10}", redacted.customer)
    assert redacted.turns[0].speaker == redacted.customer
    assert (redacted.agent, redacted.turns[1].speaker) == ("Ana Ruiz", "Ana Ruiz")


def test_a_speakers_name_goes_though_the_customer_is_not_known() -> None:
    redacted = redact(talk("Eva here", "Hello Eva", speaker="Eva"))
    assert [turn.text for turn in redacted.turns] == ["[CUSTOMER] here", "Hello [CUSTOMER]"]
    assert redacted.turns[0].speaker is None


def test_a_name_that_is_also_a_word_is_masked_only_as_a_name() -> None:
    redacted = redact(talk("I will wait", "Will, we will see. WILL?", customer="Will"))
    assert [turn.text for turn in redacted.turns] == ["I will wait", "[CUSTOMER], we will see. [CUSTOMER]?"]


def test_a_handle_is_masked_in_any_case_and_before_its_digits() -> None:
    redacted = redact(talk("hi", "@momma_you12345 and Momma_You12345x", customer="Momma_You12345"))
    assert redacted.turns[1].text == "@[CUSTOMER] and Momma_You[NUMBER_1]x"


def test_agent_names_are_kept_even_if_the_customer_has_the_same() -> None:
    redacted = redact(talk("hello", "Ana here, hello Stone", customer="Ana Stone", agent="Ana"))
    assert redacted.turns[1].text == "Ana here, hello [CUSTOMER]"
    assert redact(talk("hi", "Ana here", customer="Ana", agent="Ana")).turns[1].text == "Ana here"


@pytest.mark.parametrize("customer", ["10011", "Customer", None, ""])
def test_customers_without_a_name_take_no_words_out(customer: str | None) -> None:
    assert redact(talk("dear customer", "dear Customer", customer=customer)).turns[1].text == "dear Customer"


def test_the_pseudonym_is_stable_and_depends_on_the_key() -> None:
    def pseudonym(name: str, key: bytes = b"") -> str | None:
        return redact(talk("a", "b", customer=name), key=key).customer

    assert pseudonym("10011") == pseudonym("10011") != pseudonym("10012")
    assert len({pseudonym("10011"), pseudonym("10011", b"k"), pseudonym("10011", b"k" * 99)}) == 3
    known = pseudonym("10011")
    assert known is not None
    assert pseudonym(known, b"k") == known


PIECES = st.sampled_from(
    ["Eva", "eva ", "Stone", "a@b.example", "4111 1111 1111 1111", "+44 20", " 7946 0958", "12", "12345",
     "2024", ".", "-", " ", "(", ")", "@", ",", ":", "/", "£", "+", "_", "T", "[NUMBER_1]", "[EMAIL_2", "]",
     "customer-0123456789"]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=40))


@given(st.lists(TEXTS, min_size=1, max_size=4), st.one_of(st.none(), TEXTS), st.one_of(st.none(), TEXTS), TEXTS)
def test_redacting_twice_changes_nothing_more(
    texts: list[str], customer: str | None, speaker: str | None, agent: str
) -> None:
    once = redact(talk(*texts, customer=customer, speaker=speaker, agent=agent))
    assert redact(once) == once
    assert all(mask(mask(text)) == mask(text) for text in texts)


@given(TEXTS)
def test_no_long_run_of_digits_is_left(text: str) -> None:
    left = re.sub(r"\[[A-Z]+_\d+\]|[£$€¥₹] ?[\d,]+|[\d,]*\.\d+|\.\d+|\d+(?:,\d+)+", "#", mask(text))
    assert not re.search(r"\d{5}", left)
