"""The record of `coach tag`: its exact shape, key by key."""

import json
from typing import Any

from handmade import agent, bot, customer, customer_type, feeling, judged, system, talk

from coach.conversation import (
    FEELINGS,
    RESOLUTIONS,
    TAGS,
    TYPES,
    Clue,
    Conversation,
    Credit,
    Opening,
    Resolution,
    Sentence,
)
from coach.record import as_record
from coach.rubric import read_rubric
from coach.scoring import scorecard

RUBRIC = read_rubric()
DEMAND = "I want this fixed right now"


def record(conversation: Conversation, credits: list[Credit] | None = None, **judgement: Any) -> dict[str, Any]:
    return as_record(conversation, judged(conversation, **judgement), scorecard(credits or [], RUBRIC))


def test_the_whole_record_stands_in_the_agreed_shape_and_order() -> None:
    conversation = talk(
        bot("Welcome"), customer(DEMAND), system("Ana joined"), agent("Oh no. Restart it."), id="c7", channel="chat"
    )
    type_found = customer_type("controller", clues=[Clue(1, 0, 6, "tells rather than asks")])
    made = record(
        conversation,
        [
            Credit("empathy", 1.0, "Ana Ruiz", expected=1.0, variance=0.0),
            Credit("listening", 0.0, None, expected=0.0, variance=0.0),
            Credit("instruction", 1 / 3, None, expected=1 / 3, variance=0.1),
        ],
        tags={3: ["acknowledge", "instruct"]},
        feelings={1: "anger"},
        found=type_found,
        resolved="partly",
        openings=[
            Opening(1, "empathy", "met", 3, "Ana Ruiz", 0, 27),
            Opening(1, "listening", "missed", None, None, 0, 6),
        ],
    )
    expected = {
        "id": "c7",
        "agent": "Ana Ruiz",
        "customer": None,
        "channel": "chat",
        "turns": [
            {"role": "bot", "text": "Welcome"},
            {
                "role": "customer",
                "text": DEMAND,
                "feeling": {
                    "label": "anger",
                    "probabilities": {
                        "anger": 0.8,
                        "worry": 0.025,
                        "sadness": 0.025,
                        "confusion": 0.025,
                        "none": 0.125,
                    },
                },
            },
            {"role": "system", "text": "Ana joined"},
            {
                "role": "agent",
                "text": "Oh no. Restart it.",
                "sentences": [
                    {
                        "start": 0,
                        "end": 18,
                        "tags": {
                            "acknowledge": 0.9,
                            "apologise": 0.05,
                            "reassure": 0.05,
                            "appreciate": 0.05,
                            "restate": 0.05,
                            "check": 0.05,
                            "probe": 0.05,
                            "instruct": 0.9,
                            "explain": 0.05,
                            "expect": 0.05,
                            "verify": 0.05,
                        },
                        "assigned": ["acknowledge", "instruct"],
                    }
                ],
            },
        ],
        "customer_type": {
            "label": "controller",
            "probabilities": {"controller": 0.8, "thinker": 0.05, "feeler": 0.05, "entertainer": 0.05},
            "assertiveness": 3.5,
            "responsiveness": 2.25,
            "clues": [{"turn": 1, "start": 0, "end": 6}],
        },
        "openings": [
            {"turn": 1, "skill": "empathy", "status": "met", "response_turn": 3},
            {"turn": 1, "skill": "listening", "status": "missed", "response_turn": None},
        ],
        "scores": {"care": 80.8824, "service": 43.1373, "balance": 37.7451},
        "resolved": {"label": "partly", "probability": 0.7},
    }
    assert json.dumps(made) == json.dumps(expected)


def test_what_is_not_known_is_null() -> None:
    made = record(talk(customer("Hi"), agent=None))
    assert (made["agent"], made["customer"], made["channel"]) == (None, None, None)
    assert made["turns"][0]["feeling"]["label"] is None
    assert (made["customer_type"]["label"], made["customer_type"]["clues"]) == (None, [])
    assert made["openings"] == []
    assert made["scores"] == {"care": None, "service": None, "balance": None}


def test_an_agent_named_by_turns_only_is_the_first_who_spoke() -> None:
    conversation = talk(customer("Hi"), agent("Hi", by="Bo Chen"), agent("Hi", by="Cleo Diaz"), agent=None)
    assert record(conversation)["agent"] == "Bo Chen"


def test_an_agents_turn_without_words_has_no_sentences() -> None:
    conversation = talk(agent(""))
    judgements = judged(conversation)
    bare = type(judgements)(((),), (None,), judgements.customer_type, (), judgements.resolution)
    assert as_record(conversation, bare, scorecard([], RUBRIC))["turns"] == [
        {"role": "agent", "text": "", "sentences": []}
    ]


def test_figures_have_four_decimals_and_keys_keep_their_order_whatever_the_judgements_have() -> None:
    conversation = talk(customer("Hi"), agent("Hello"))
    judgements = judged(conversation)
    third = 1 / 3
    backwards = Sentence(0, 5, dict.fromkeys(reversed(TAGS), third), ("verify",))
    shuffled = type(judgements)(
        ((), (backwards,)),
        (type(feeling(None))("worry", dict.fromkeys(("none", *reversed(FEELINGS)), third)), None),
        type(judgements.customer_type)("feeler", dict.fromkeys(reversed(TYPES), third), 1 + third, 2 + third),
        (),
        Resolution("yes", dict.fromkeys(RESOLUTIONS, third)),
    )
    made = as_record(conversation, shuffled, scorecard([], RUBRIC))
    assert list(made["turns"][1]["sentences"][0]["tags"].items()) == [(tag, 0.3333) for tag in TAGS]
    assert list(made["turns"][0]["feeling"]["probabilities"]) == [*FEELINGS, "none"]
    assert list(made["customer_type"]["probabilities"].items()) == [(name, 0.3333) for name in TYPES]
    assert (made["customer_type"]["assertiveness"], made["customer_type"]["responsiveness"]) == (1.3333, 2.3333)
    assert made["resolved"]["probability"] == 0.3333


def test_offsets_count_characters_not_bytes() -> None:
    text = "Olá 👋🏽 açaí"
    made = record(talk(agent(text)))
    (found,) = made["turns"][0]["sentences"]
    assert text[found["start"] : found["end"]] == text
