"""Redaction: what goes, what stays, and that twice is as good as once."""

import re
import time

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


def texts(conversation: Conversation) -> list[str]:
    return [turn.text for turn in conversation.turns]


def test_a_new_value_does_not_take_a_placeholder_that_is_in_use() -> None:
    assert mask("[NUMBER_4] and order no 98765") == "[NUMBER_4] and order no [NUMBER_5]"


def test_the_same_value_has_one_placeholder_in_the_whole_conversation() -> None:
    redacted = redact(talk("my order is 987654", "Order 987 654?", "yes, not 123456"))
    assert texts(redacted) == ["my order is [NUMBER_1]", "Order [NUMBER_1]?", "yes, not [NUMBER_2]"]


def test_the_rest_stays_byte_for_byte() -> None:
    text = "  \tMail ana@example.com\r\n\r\n… or not 👋🏽  \u00a0"
    assert mask(text) == text.replace("ana@example.com", "[EMAIL_1]")


def test_the_customers_name_goes_from_texts_and_fields() -> None:
    redacted = redact(
        talk("I'm Eva Stone", "Thanks Eva! STONE, with e?", customer="Eva Stone", agent="Ana Ruiz", speaker="Eva Stone")
    )
    assert texts(redacted) == ["I'm [NAME_1]", "Thanks [NAME_1]! [NAME_1], with e?"]
    assert redacted.customer is not None
    assert re.fullmatch(r"customer-[0-9a-f]{10}", redacted.customer)
    assert redacted.turns[0].speaker == redacted.customer
    assert (redacted.agent, redacted.turns[1].speaker) == ("Ana Ruiz", "Ana Ruiz")


def test_a_speakers_name_goes_though_the_customer_is_not_known() -> None:
    redacted = redact(talk("Eva here", "Hello Eva", speaker="Eva"))
    assert texts(redacted) == ["[NAME_1] here", "Hello [NAME_1]"]
    assert redacted.turns[0].speaker is None


def test_a_handle_is_masked_in_any_case() -> None:
    redacted = redact(talk("hi", "@momma_you12345 and MOMMA_You12345", customer="Momma_You12345"))
    assert redacted.turns[1].text == "[HANDLE_1] and [HANDLE_1]"


def test_agent_names_are_kept_even_if_the_customer_has_the_same() -> None:
    redacted = redact(talk("hello", "Ana here, hello Stone", customer="Ana Stone", agent="Ana"))
    assert redacted.turns[1].text == "Ana here, hello [NAME_1]"
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
     "customer-0123456789", "my name is ", "Hi ", "\\n- ", "password: ", "PIN ", "at", " dot com", "four ", "double ",
     "High Street ", "LS1 4AB", "born ", "May", "#", "https://x.example/?token=", "[", "]", "\0"]
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
def test_no_long_number_is_left(text: str) -> None:
    assert not re.search(r"\d{10}", re.sub(r"https?:\S*|www\.\S*|[£$€¥₹] ?[\d,.]+|[\d,.]*[,.]\d+", "", mask(text)))


HOSTILE = (
    "1", "1 ", "1-", "a.", "@", "a@b.", "https://a/", "one ", "double oh ", "Priya Sharma ", "my name is ", "hi zork, ", "(1",
    "[a", "**1 ", "\n", " ", "password is x1 ", "code is 1 ", "born 12 march ", "order AB12 ", "A1-", "12 High Street ", "High, ",
    "12345 ", "a b ", "a'", "é", "\0", "_", "ab:", "a at b dot ", "GB82WEST1234", "£1,", "A and ", "LS1 ", "thanks ", "a1",
    "J ", "Rua 1, ", "a underscore ", "東1", "J P ", "- Ana B, ", "mail a at ", "Ana, ",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_time_grows_with_the_length_only(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        start = time.process_time()
        mask(text)
        return time.process_time() - start

    seconds(100)
    assert seconds(20_000) < 20 * seconds(4_000) + 0.2
