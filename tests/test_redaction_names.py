"""Redaction of names: by what gives them away, and not of words that look like one."""

import pytest

from coach.conversation import Conversation, Turn
from coach.redaction import agent_names, mask, mask_agents, mask_names, redact


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Hi, my name is Zorka Vlk.", "Hi, my name is [NAME_1]."),
        ("my name is priya sharma and I am cross", "my name is [NAME_1] and I am cross"),
        ("I spoke to Olu yesterday, and Olu promised", "I spoke to [NAME_1] yesterday, and [NAME_1] promised"),
        ("Mr O'Brien and Mrs. van der Berg", "[NAME_1] and [NAME_2]"),
        ("Kind regards,\nTomasz Łuczak", "Kind regards,\n[NAME_1]"),
        ("the name is Smith, s m i t h", "the name is [NAME_1], [NAME_1]"),
        ("my wife Anjali and my son Beck", "my wife [NAME_1] and my son [NAME_2]"),
        ("José here. Jean-Luc told me so", "[NAME_1] here. [NAME_2] told me so"),
        ("Prince Kamau signed, and so did Comfort Boateng", "[NAME_1] signed, and so did [NAME_2]"),
        ("Vries. The card is Hope de Vries'", "[NAME_1]. The card is [NAME_1]'"),
        ("name on card K B Nowak, thanks", "name on card [NAME_1], thanks"),
        ("hello, my nmae is zorka", "hello, my nmae is [NAME_1]"),
        ("Norm, my uncle, and zorka is my real name", "[NAME_1], my uncle, and [NAME_2] is my real name"),
        ("that's mark with a k", "that's [NAME_1] with a k"),
        ("ask doctor brown or Professor Lund", "ask [NAME_1] or [NAME_2]"),
        ("Thanks!\n\nKB", "Thanks!\n\n[NAME_1]"),
        ("no problem oluwaseun, let me look", "no problem [NAME_1], let me look"),
        ("for Maria del Carmen Vega Luna", "for [NAME_1]"),
    ],
)
def test_names_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "I will wait. Will you? May I ask? Mark my words, the grace period is over.",
        "I'm furious. This is Ridiculous. It's Monday. I am Done.",
        "Thanks Team! Hello There! Hi Support",
        "My Galaxy, my Kindle and my Alexa in Paris, Texas",
        "Hope you can help. Rose gold, please. Sue them!",
        "Welcome to Crown & Harper Hotels! Wade Logistics brings it. St. Martin's Clinic is shut.",
        "Namaste, hola, Karibu! The 3 juin, Dr Pepper and the Bella 3000",
        "pls tell fst",
        "my name is on the account, my name is spelled wrong",
    ],
)
def test_words_that_are_names_too_stay(text: str) -> None:
    assert mask(text) == text


def test_a_name_that_is_also_a_word_is_masked_only_as_a_name() -> None:
    turns = (Turn("customer", "I will wait"), Turn("agent", "Will, we will see. WILL?"))
    redacted = redact(Conversation("c", turns, customer="Will"))
    assert [turn.text for turn in redacted.turns] == ["I will wait", "[NAME_1], we will see. [NAME_1]?"]


def test_a_first_name_and_the_full_name_are_one_persons() -> None:
    turns = (
        Turn("agent", "May I have your name?"),
        Turn("customer", "Ifeoma Okonkwo"),
        Turn("agent", "Thanks Ifeoma. And is Chidi Okonkwo your husband?"),
        Turn("customer", "yes chidi is"),
    )
    assert [turn.text for turn in redact(Conversation("c", turns)).turns[1:]] == [
        "[NAME_1]",
        "Thanks [NAME_1]. And is [NAME_2] your husband?",
        "yes [NAME_2] is",
    ]


CALL = Conversation(
    "c",
    (
        Turn("agent", "Good morning, this is Priya. Who am I speaking with?", speaker="Agent 12"),
        Turn("customer", "hi priya, I am Ana. Tom Brown knows me"),
        Turn("agent", "Thanks, Ana!", speaker="Tom Brown"),
    ),
    agent="Tom Brown",
)


def test_agents_names_are_kept_by_redaction_whether_a_field_or_they_tell_them() -> None:
    assert agent_names(CALL) == {"Priya", "Tom Brown", "Agent 12"}
    assert [turn.text for turn in redact(CALL).turns] == [
        "Good morning, this is Priya. Who am I speaking with?",
        "hi priya, I am [NAME_1]. Tom Brown knows me",
        "Thanks, [NAME_1]!",
    ]


def test_what_others_read_names_no_agent() -> None:
    masked = mask_agents(redact(CALL))
    assert [turn.text for turn in masked.turns] == [
        "Good morning, this is [AGENT_2]. Who am I speaking with?",
        "hi [AGENT_2], I am [NAME_1]. [AGENT_1] knows me",
        "Thanks, [NAME_1]!",
    ]
    assert (masked.agent, masked.agents) == ("[AGENT_1]", ("[AGENT_3]", "[AGENT_1]"))
    assert mask_agents(masked) == masked


def test_texts_of_one_talk_are_masked_together() -> None:
    texts = ["Will helped. I will call Ana", "good old Ana"]
    assert mask_names(texts, ["Will Smith"]) == [
        "[AGENT_1] helped. I will call [NAME_1]",
        "good old [NAME_1]",
    ]


def test_an_agent_called_like_a_word_takes_no_words_out() -> None:
    agents = ["Will", "Jo", "Bo Chen", "agent7"]
    assert mask_names(["I will call you. Will said so, thanks Will"], agents) == [
        "I will call you. [AGENT_1] said so, thanks [AGENT_1]"
    ]
    assert mask_names(["ask Jo, not joanne", "BO CHEN here", "bo and agent7"], agents)[1:] == [
        "[AGENT_2] here",
        "[AGENT_2] and [AGENT_3]",
    ]
