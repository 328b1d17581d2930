import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import spacy

from coach.classifier import Scores
from coach.conversation import TAGS, Conversation, Turn
from coach.language import looks_english
from coach.tagging import ConversationTagger, Tagger, sentence_spans
from coach.windows import Utterance


class Echo:
    """Says `apologise` of every sentence with "sorry" in it, and anger of every turn with "!"."""

    thresholds: Mapping[str, float] = dict.fromkeys(TAGS, 0.5)
    feeling_threshold = 0.5

    def __init__(self) -> None:
        self.seen: list[list[Utterance]] = []

    def score(self, conversations: Sequence[Sequence[Utterance]]) -> list[list[Scores]]:
        self.seen += map(list, conversations)
        return [[self._scores(utterance) for utterance in one] for one in conversations]

    def _scores(self, utterance: Utterance) -> Scores:
        tags = np.zeros((len(utterance.spans), len(TAGS)), np.float32)
        for row, (start, end) in enumerate(utterance.spans):
            tags[row, TAGS.index("apologise")] = "sorry" in utterance.text[start:end].lower()
        hot = 0.9 if "!" in utterance.text else 0.0
        words = [match.span() for match in re.finditer(r"\w+", utterance.text)]
        pulls = np.zeros((len(words), len(TAGS)), np.float32)
        pulls[:, TAGS.index("apologise")] = [utterance.text[s:e].lower() == "sorry" for s, e in words]
        feeling = np.array([1 - hot, hot, 0, 0, 0], np.float32)
        return Scores(tags, feeling, np.zeros(3, np.float32), tuple(words), pulls)


def split(text: str) -> list[str]:
    nlp = spacy.blank("en")
    nlp.add_pipe("coach_sentences")
    doc = nlp(text)
    return [text[start:end] for start, end in sentence_spans(doc)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I'm sorry. Let me look!", ["I'm sorry.", "Let me look!"]),
        ("Really?! Oh no... I see.", ["Really?!", "Oh no...", "I see."]),
        ('She said "no." Then she left.', ['She said "no."', "Then she left."]),
        (
            "Thank you, Mr. Verma. Dr. Alexis is in at 10 a.m. today",
            ["Thank you, Mr. Verma.", "Dr. Alexis is in at 10 a.m. today"],
        ),
        ("one line\nanother line\n\n- a third", ["one line", "another line", "- a third"]),
        ("Please:\n1. Hold the button.\n2. Wait.", ["Please:", "1. Hold the button.", "2. Wait."]),
        ("right / um can you bear with me / yeah", ["right", "um can you bear with me", "yeah"]),
        ("Open Settings / Billing. Then save.", ["Open Settings / Billing.", "Then save."]),
        ("It is 3.5 km to example.com/a.b?c=d now", ["It is 3.5 km to example.com/a.b?c=d now"]),
        ("no end", ["no end"]),
        ("  spaced out.  ", ["spaced out."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_break_as_support_transcripts_do(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_tags_become_spans_of_the_sentence() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("coach_sentences")
    doc = Tagger(Echo())(nlp("Hello there. So sorry about that!"))
    assert [(span.text, span.label_) for span in doc.spans["coach"]] == [("So sorry about that!", "apologise")]


def test_the_factory_loads_a_model_folder(tiny_model: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("coach_sentences")
    nlp.add_pipe("coach_tagger", config={"model": str(tiny_model)})
    assert nlp("Sorry. Please restart it.")._.coach_scores.tags.shape == (2, len(TAGS))


def conversation(id: str, *texts: str) -> Conversation:
    roles = ("customer", "agent")
    return Conversation(id, tuple(Turn(roles[i % 2], text) for i, text in enumerate(texts)))


def test_conversations_come_back_in_order_with_every_turn_in_its_place() -> None:
    system = Turn("system", "Ana joined")
    first = conversation("a", "It broke!", "So sorry. Which one?", "The red one", "Thanks")
    first = Conversation("a", (*first.turns[:1], system, *first.turns[1:]))
    many = [first, *(conversation(f"b{i}", "hi", "sorry") for i in range(40))]
    tagged = list(ConversationTagger(Echo()).tag(many, batch_turns=7))
    assert [t.conversation.id for t in tagged] == [c.id for c in many]
    assert [len(s) for s in tagged[0].sentences] == [0, 0, 2, 0, 1]
    assert [f.label if f else None for f in tagged[0].feelings] == ["anger", None, None, None, None]
    assert tagged[0].sentences[2][0].assigned == ("apologise",)
    assert tagged[0].embeddings[1] is None
    assert all(t.sentences[1][0].assigned == ("apologise",) for t in tagged[1:])


def test_a_conversation_is_read_once_as_a_whole() -> None:
    echo = Echo()
    (tagged,) = ConversationTagger(echo).tag([conversation("a", "It broke", "Sorry. Oh dear.")])
    assert echo.seen == [[Utterance("customer", "It broke"), Utterance("agent", "Sorry. Oh dear.", ((0, 6), (7, 15)))]]
    assert tagged.sentences[1][0].words == {"apologise": ((0, 6),)}


def test_a_document_alone_is_read_with_what_was_said_before_it() -> None:
    echo = Echo()
    nlp = spacy.blank("en")
    nlp.add_pipe("coach_sentences")
    doc = nlp("So sorry.")
    doc._.coach_before = (("customer", "It broke"),)
    Tagger(echo)(doc)
    assert echo.seen == [[Utterance("customer", "It broke"), Utterance("agent", "So sorry.", ((0, 9),))]]
    customer = nlp("It broke!")
    customer._.coach_role = "customer"
    Tagger(echo)(customer)
    assert not customer.spans["coach"]
    assert customer._.coach_scores.feeling[1] == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("text", "english"),
    [
        (
            "I have been waiting for my parcel since Monday and nobody can tell me where it is or when it will come.",
            True,
        ),
        ("ok", True),
        (
            "Ich warte seit Montag auf mein Paket und niemand kann mir sagen, wo es ist oder wann es endlich kommt, das ist wirklich sehr ärgerlich und schade für mich.",
            False,
        ),
        (
            "Llevo esperando mi paquete desde el lunes y nadie puede decirme dónde está ni cuándo llegará, esto es realmente muy molesto para mí y mi familia.",
            False,
        ),
        ("Я жду свою посылку с понедельника, и никто не может сказать мне, где она", False),
    ],
)
def test_only_english_is_judged(text: str, english: bool) -> None:
    assert looks_english(conversation("a", text, "")) is english
