"""The spaCy pipeline: a turn's text in; sentences, tags with character spans and the customer's feeling out.

Two components, registered as factories and as entry points: `coach_sentences` sets sentence starts the way
support transcripts break (chat lines, list items, the " / " of transcribed speech); `coach_tagger` needs them
and puts one span per assigned tag into `doc.spans["coach"]`, all scores into `doc._.coach_scores`.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import minibatch

from coach.classifier import Passage, Scorer, Scores, Vector, load
from coach.conversation import TAGS, Conversation, Feeling, Sentence, Turn
from coach.model_folder import FEELING_LABELS, shipped_model

SPANS = "coach"
CONTEXT_CHARACTERS = 400
JUDGED = ("agent", "customer")
BOUNDARY = re.compile(r"[.!?…]+[\"'”’)\]*_]*(?=\s)|\n+|(?<=\s)/(?=\s)")

Doc.set_extension("coach_context", default="", force=True)
Doc.set_extension("coach_scores", default=None, force=True)


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
    """Scores documents in batches and writes what it found; computes before it writes."""

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
        return self.classifier.score([Passage(d.text, d._.coach_context, sentence_spans(d)) for d in docs])

    def set_annotations(self, doc: Doc, scores: Scores) -> None:
        doc._.coach_scores = scores
        doc.spans[SPANS] = [
            Span(doc, span.start, span.end, label=tag)
            for sentence in judged_sentences(doc, self.classifier)
            if (span := doc.char_span(sentence.start, sentence.end, alignment_mode="expand"))
            for tag in sentence.assigned
        ]


@Language.factory("coach_tagger", requires=["token.is_sent_start"], assigns=["doc.spans"], default_config={"model": ""})
def make_tagger(nlp: Language, name: str, model: str) -> Tagger:
    """The tagger of a model folder; an empty `model` means the one that came with coach."""
    return Tagger(load(Path(model) if model else shipped_model()))


def judged_sentences(doc: Doc, classifier: Scorer) -> tuple[Sentence, ...]:
    """The document's sentences with the probability of each tag and those over their thresholds."""
    return tuple(
        Sentence(
            start=start,
            end=end,
            probabilities=(found := dict(zip(TAGS, map(float, row), strict=True))),
            assigned=tuple(tag for tag in TAGS if found[tag] >= classifier.thresholds[tag]),
        )
        for (start, end), row in zip(sentence_spans(doc), doc._.coach_scores.tags, strict=True)
    )


def judged_feeling(doc: Doc) -> Feeling:
    """The feeling shown: present when "none" is less likely than not, then the likeliest of the four."""
    found = dict(zip(FEELING_LABELS, map(float, doc._.coach_scores.feeling), strict=True))
    strongest = max(FEELING_LABELS[1:], key=found.__getitem__)
    return Feeling(label=strongest if found["none"] < 0.5 else None, probabilities=found)


class TaggedConversation(NamedTuple):
    """A conversation with, per turn, its sentences (agent), its feeling (customer) and its embedding (both)."""

    conversation: Conversation
    sentences: tuple[tuple[Sentence, ...], ...]
    feelings: tuple[Feeling | None, ...]
    embeddings: tuple[Vector | None, ...]


class ConversationTagger:
    """Tags whole conversations in a stream: batches run over their borders, so short ones cost no more."""

    def __init__(self, classifier: Scorer) -> None:
        self.classifier = classifier
        self.nlp = spacy.blank("en")
        self.nlp.max_length = 10_000_000
        self.nlp.add_pipe("coach_sentences")
        self.tagger = Tagger(classifier)

    def tag(self, conversations: Iterable[Conversation], *, batch_turns: int = 512) -> Iterator[TaggedConversation]:
        """Tagged conversations, in order. Holds about `batch_turns` turns at a time."""
        batch: list[Conversation] = []
        for conversation in conversations:
            batch.append(conversation)
            if sum(len(c.turns) for c in batch) >= batch_turns:
                yield from self._tag(batch)
                batch = []
        yield from self._tag(batch)

    def _tag(self, batch: list[Conversation]) -> Iterator[TaggedConversation]:
        docs = self.tagger.pipe([doc for conversation in batch for doc in self._docs(conversation)])
        for conversation in batch:
            yield self._collect(conversation, docs)

    def _docs(self, conversation: Conversation) -> Iterator[Doc]:
        for number, turn in enumerate(conversation.turns):
            if turn.role in JUDGED:
                doc = self.nlp(turn.text)
                doc._.coach_context = words_before(conversation.turns, number)
                yield doc

    def _collect(self, conversation: Conversation, docs: Iterator[Doc]) -> TaggedConversation:
        found = [next(docs) if turn.role in JUDGED else None for turn in conversation.turns]
        roles = [turn.role for turn in conversation.turns]
        return TaggedConversation(
            conversation,
            sentences=tuple(
                judged_sentences(doc, self.classifier) if doc is not None and role == "agent" else ()
                for doc, role in zip(found, roles, strict=True)
            ),
            feelings=tuple(
                judged_feeling(doc) if doc is not None and role == "customer" else None
                for doc, role in zip(found, roles, strict=True)
            ),
            embeddings=tuple(None if doc is None else doc._.coach_scores.embedding for doc in found),
        )


def words_before(turns: tuple[Turn, ...], number: int) -> str:
    """What was said before a turn, a line each with its role: about the last CONTEXT_CHARACTERS characters."""
    lines: list[str] = []
    room = CONTEXT_CHARACTERS
    for turn in reversed(turns[:number]):
        if room <= 0:
            break
        if turn.role in JUDGED:
            lines.append(f"{turn.role}: {turn.text[-room:]}")
            room -= len(lines[-1])
    return "\n".join(reversed(lines))
