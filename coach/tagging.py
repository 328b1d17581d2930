"""The spaCy pipeline: a turn's text in; sentences, tags with character spans and the customer's feeling out.

Two components, registered as factories and as entry points: `coach_sentences` sets sentence starts the way
support transcripts break (chat lines, list items, the " / " of transcribed speech); `coach_tagger` needs them
and puts one span per assigned tag into `doc.spans["coach"]`, all scores into `doc._.coach_scores`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import minibatch

from coach.attribution import carrying_words
from coach.classifier import Scorer, Scores, Vector, assigned_tags, load
from coach.conversation import JUDGED, TAGS, Conversation, Feeling, Role, Sentence
from coach.model_folder import FEELING_LABELS, shipped_model
from coach.windows import Utterance

SPANS = "coach"
USUAL_LENGTH = 150  # characters of a turn
BOUNDARY = re.compile(r"[.!?…]+[\"'”’)\]*_]*(?=\s)|\n+|(?<=\s)/(?=\s)")

Doc.set_extension("coach_role", default="agent", force=True)
Doc.set_extension("coach_before", default=(), force=True)  # pairs of a role and what was said, in order of speech
Doc.set_extension("coach_scores", default=None, force=True)
Doc.set_extension("coach_judged", default=(), force=True)


@Language.component("coach_sentences", assigns=["token.is_sent_start"])
def sentences(doc: Doc) -> Doc:
    """Sets sentence starts: after . ! ? … and closing quotes, at line breaks, and at " / " in bare speech."""
    starts = set(_starts(doc))
    for token in doc:
        token.is_sent_start = token.idx in starts
    return doc


def _starts(doc: Doc) -> Iterator[int]:
    """Character offsets at which sentences start."""
    tokens = {token.idx for token in doc}
    is_speech = not re.search(r"[.!?](\s|$)", doc.text)
    start = len(doc.text) - len(doc.text.lstrip())
    yield start
    for boundary in BOUNDARY.finditer(doc.text):
        mark = boundary.group()[0]
        if mark == "/" and not is_speech:
            continue
        if mark not in "\n/" and boundary.start() not in tokens:
            continue  # inside a token: an abbreviation such as "Mr."
        if mark == "." and doc.text[start : boundary.start()].strip().isdigit():
            continue  # a list marker: "1. Hold the button"
        start = boundary.end() + len(doc.text[boundary.end() :]) - len(doc.text[boundary.end() :].lstrip())
        yield start


def sentence_spans(doc: Doc) -> tuple[tuple[int, int], ...]:
    """Character spans of the document's sentences, without surrounding space and speech slashes."""
    spans = []
    for sentence in doc.sents:
        text = re.sub(r"(\s+/)?\s*$", "", sentence.text)
        start = sentence.start_char + len(text) - len(text.lstrip())
        end = sentence.start_char + len(text)
        if end > start:
            spans.append((start, end))
    return tuple(spans)


class Tagger:
    """Scores documents, each one turn, in batches and writes what it found; computes before it writes."""

    def __init__(self, classifier: Scorer) -> None:
        self.classifier = classifier

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 256) -> Iterator[Doc]:
        for batch in minibatch(stream, size=batch_size):  # type: ignore[no-untyped-call]
            for doc, scores in zip(batch, self.match(batch), strict=True):
                self.set_annotations(doc, scores)
                yield doc

    def match(self, docs: list[Doc]) -> list[Scores]:
        return [found[-1] for found in self.classifier.score([[*_before(doc), _utterance(doc)] for doc in docs])]

    def match_conversations(self, conversations: list[list[Doc]]) -> list[list[Scores]]:
        """Scores of whole conversations, each turn a document, all encoded together."""
        return self.classifier.score([[_utterance(doc) for doc in docs] for docs in conversations])

    def set_annotations(self, doc: Doc, scores: Scores) -> None:
        doc._.coach_scores = scores
        doc._.coach_judged = judged_sentences(doc, self.classifier)
        doc.spans[SPANS] = [
            Span(doc, span.start, span.end, label=tag)
            for sentence in doc._.coach_judged
            if (span := doc.char_span(sentence.start, sentence.end, alignment_mode="expand"))
            for tag in sentence.assigned
        ]


def _before(doc: Doc) -> list[Utterance]:
    return [Utterance(role, text) for role, text in doc._.coach_before]


def _utterance(doc: Doc) -> Utterance:
    role: Role = doc._.coach_role
    return Utterance(role, doc.text, sentence_spans(doc) if role == "agent" else ())


@Language.factory("coach_tagger", requires=["token.is_sent_start"], assigns=["doc.spans"], default_config={"model": ""})
def make_tagger(nlp: Language, name: str, model: str) -> Tagger:
    """The tagger of a model folder; an empty `model` means the one that came with coach."""
    return Tagger(load(Path(model) if model else shipped_model()))


def judged_sentences(doc: Doc, classifier: Scorer) -> tuple[Sentence, ...]:
    """An agent's sentences with the probability of each tag, those over their thresholds and what carried them."""
    if doc._.coach_role != "agent":
        return ()
    scores: Scores = doc._.coach_scores
    judged = []
    for span, row in zip(sentence_spans(doc), scores.tags, strict=True):
        chances = dict(zip(TAGS, map(float, row), strict=True))
        assigned = assigned_tags(chances.values(), classifier.thresholds)
        words = {
            tag: carrying_words(doc.text, span, scores.places, scores.pulls[:, TAGS.index(tag)]) for tag in assigned
        }
        judged.append(Sentence(*span, probabilities=chances, assigned=assigned, words=words))
    return tuple(judged)


def judged_feeling(doc: Doc, classifier: Scorer) -> Feeling | None:
    """The feeling a customer's turn shows: present from the threshold on, then the likeliest of the four."""
    if doc._.coach_role != "customer":
        return None
    found = dict(zip(FEELING_LABELS, map(float, doc._.coach_scores.feeling), strict=True))
    strongest = max(FEELING_LABELS[1:], key=found.__getitem__)
    shown = 1 - found["none"] >= classifier.feeling_threshold
    return Feeling(label=strongest if shown else None, probabilities=found)


class TaggedConversation(NamedTuple):
    """A conversation with, per turn, its sentences (agent), its feeling (customer) and its embedding (both)."""

    conversation: Conversation
    sentences: tuple[tuple[Sentence, ...], ...]
    feelings: tuple[Feeling | None, ...]
    embeddings: tuple[Vector | None, ...]


class ConversationTagger:
    """Tags whole conversations in a stream, many at a time, so short ones cost no more."""

    def __init__(self, classifier: Scorer) -> None:
        self.classifier = classifier
        self.nlp = spacy.blank("en")
        self.nlp.max_length = 10_000_000
        self.nlp.add_pipe("coach_sentences")
        self.tagger = Tagger(classifier)

    def tag(self, conversations: Iterable[Conversation], *, batch_turns: int = 512) -> Iterator[TaggedConversation]:
        """Tagged conversations, in order. Holds about `batch_turns` turns of usual length at a time."""
        batch: list[Conversation] = []
        held = 0
        for conversation in conversations:
            batch.append(conversation)
            held += sum(len(turn.text) + USUAL_LENGTH for turn in conversation.turns)
            if held >= 2 * USUAL_LENGTH * batch_turns:
                yield from self._tag(batch)
                batch, held = [], 0
        yield from self._tag(batch)

    def _tag(self, batch: list[Conversation]) -> Iterator[TaggedConversation]:
        docs = [list(self._docs(conversation)) for conversation in batch]
        for conversation, turns, found in zip(batch, docs, self.tagger.match_conversations(docs), strict=True):
            for doc, scores in zip(turns, found, strict=True):
                self.tagger.set_annotations(doc, scores)
            yield self._collect(conversation, turns)

    def _docs(self, conversation: Conversation) -> Iterator[Doc]:
        for turn in conversation.turns:
            if turn.role in JUDGED:
                doc = self.nlp(turn.text)
                doc._.coach_role = turn.role
                yield doc

    def _collect(self, conversation: Conversation, docs: Sequence[Doc]) -> TaggedConversation:
        judged = iter(docs)
        found = [next(judged) if turn.role in JUDGED else None for turn in conversation.turns]
        return TaggedConversation(
            conversation,
            sentences=tuple(() if doc is None else doc._.coach_judged for doc in found),
            feelings=tuple(None if doc is None else judged_feeling(doc, self.classifier) for doc in found),
            embeddings=tuple(None if doc is None else doc._.coach_scores.embedding for doc in found),
        )
