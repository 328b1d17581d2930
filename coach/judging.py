"""Conversations in, judgements out, in a stream: the one function that reviews, tags and evaluations share."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from coach.calls import hear
from coach.classifier import Scorer, Vector, load
from coach.conversation import Conversation, Judgements
from coach.heads import Linear, load_heads
from coach.openings import find_openings
from coach.personality import judge_type
from coach.resolution import features as resolution_features
from coach.resolution import judge_resolution
from coach.tagging import ConversationTagger, TaggedConversation


class Judge:
    """A model folder, ready to judge. The same conversation gives the same judgements, whatever came before."""

    def __init__(self, classifier: Scorer, heads: Mapping[str, Linear]) -> None:
        self.tagger = ConversationTagger(classifier)
        self.heads = heads

    @classmethod
    def of(cls, folder: Path) -> "Judge":
        return cls(load(folder), load_heads(folder))

    def judge(self, conversations: Iterable[Conversation]) -> Iterator[tuple[Conversation, Judgements]]:
        """Each conversation with its judgements, in order; a batch of turns is held at a time."""
        for tagged in self.tagger.tag(conversations):
            yield tagged.conversation, self._judgements(tagged)

    def _judgements(self, tagged: TaggedConversation) -> Judgements:
        conversation, sentences, feelings, embeddings = tagged
        heard = list(hear(conversation, sentences, feelings, self.heads))
        return Judgements(
            sentences=sentences,
            feelings=feelings,
            customer_type=judge_type(conversation, feelings, embeddings, self.heads),
            openings=tuple(
                replace(opening, embedding=_kept(embeddings[opening.turn]))
                for opening in find_openings(conversation, sentences, heard)
            ),
            repeats=tuple(one.stretch.turns[0] for one in heard if one.repeats),
            resolution=judge_resolution(conversation, resolution_features(*tagged), self.heads),
        )


def _kept(embedding: Vector | None) -> bytes:
    """Half precision tells alike moments from others as well, in half the space."""
    return b"" if embedding is None else embedding.astype("<f2").tobytes()
