"""Cuts conversations into windows of tokens that the encoder reads in one pass.

A window holds many turns, each of which sees itself and what was said before it, never what came after: so a
turn is encoded once, with its context, and judged the same however the conversation goes on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from tokenizers import Encoding, Tokenizer

from coach.conversation import Role, Spans
from coach.normalising import Plain, Speller, plain


@dataclass(frozen=True, slots=True)
class Utterance:
    """A turn as the encoder reads it: who said it, the text, and the character spans to judge in it."""

    role: Role
    text: str
    spans: Spans = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A turn in tokens, or a part of one that is too long.

    `ids` end with the separator; `places` are the characters of each id but that. `spans` are the numbers of the
    turn's spans in this part, `bounds` their first and last-plus-one token.
    """

    turn: int
    role: Role
    ids: tuple[int, ...]
    places: Spans
    spans: tuple[int, ...]
    bounds: Spans


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids that were said `before`, as (role, ids) a turn, and the `segments` to judge after them."""

    conversation: int
    before: tuple[tuple[Role, tuple[int, ...]], ...]
    segments: tuple[Segment, ...]

    def __len__(self) -> int:
        return 1 + sum(len(ids) for _, ids in self.before) + sum(len(s.ids) for s in self.segments)


class Windows:
    """The cutter of one tokenizer: `size` tokens a window at most, of which `context` may have been judged before."""

    def __init__(self, tokenizer: Tokenizer, *, size: int, context: int) -> None:
        self.tokenizer, self.size, self.context = tokenizer, size, context
        marks = [tokenizer.token_to_id(token) or 0 for token in ("[CLS]", "[SEP]", "[PAD]")]
        self.start, self.separator, self.padding = marks
        self.longest = size - context - 2
        self.speller = Speller(tokenizer.get_vocab())

    def cut(self, conversations: Sequence[Sequence[Utterance]]) -> list[Window]:
        """Windows of every conversation, in order. A span too long for one is judged by its first tokens."""
        return [w for n, one in enumerate(conversations) for w in self.join(n, self.segments(one))]

    def segments(self, utterances: Sequence[Utterance]) -> list[Segment]:
        """The turns in tokens, those that are too long in parts."""
        read = [plain(u.role, u.text, u.spans, self.speller) for u in utterances]
        encoded = self.tokenizer.encode_batch([one.text for one in read], add_special_tokens=False)
        return [
            segment
            for number, (utterance, one, encoding) in enumerate(zip(utterances, read, encoded, strict=True))
            for segment in self._segments(number, utterance.role, one, encoding)
        ]

    def _segments(self, turn: int, role: Role, read: Plain, encoding: Encoding) -> Iterator[Segment]:
        ids, places = encoding.ids, [read.place(start, end) for start, end in encoding.offsets]
        bounds = [_tokens(encoding.offsets, span) for span in read.spans]
        for first, last, spans in _parts(bounds, len(ids), self.longest):
            yield Segment(
                turn=turn,
                role=role,
                ids=(*ids[first:last], self.separator),
                places=tuple(places[first:last]),
                spans=tuple(spans),
                bounds=tuple(_within(bounds[s], first, last) for s in spans),
            )

    def join(
        self, conversation: int, segments: Sequence[Segment], *, room: Callable[[], tuple[int, int]] | None = None
    ) -> Iterator[Window]:
        """Windows of a conversation's segments. `room` may give another size and context for each, in training."""
        first = 0
        while first < len(segments):
            size, context = room() if room else (self.size, self.context)
            before = _before(segments[:first], context)
            used, last = 1 + sum(len(ids) for _, ids in before), first
            while last < len(segments) and (last == first or used + len(segments[last].ids) <= size):
                used += len(segments[last].ids)
                last += 1
            yield Window(conversation, before, tuple(segments[first:last]))
            first = last


def grouped(windows: Iterable[Window], tokens: int) -> Iterator[list[Window]]:
    """Neighbouring windows in groups that, padded to their longest, have at most so many tokens."""
    group: list[Window] = []
    longest = 0
    for window in windows:
        longest = max(longest, len(window))
        if group and longest * (len(group) + 1) > tokens:
            yield group
            group, longest = [], len(window)
        group.append(window)
    if group:
        yield group


def _tokens(places: Sequence[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int]:
    """The tokens that overlap a character span; an empty overlap gives the token that follows."""
    first = bisect_right(places, span[0], key=itemgetter(1))
    return first, max(first + 1, bisect_left(places, span[1], key=itemgetter(0)))


def _within(bounds: tuple[int, int], first: int, last: int) -> tuple[int, int]:
    """Bounds counted from the part's first token; at least one token, which may be the separator."""
    begin = min(bounds[0], last) - first
    return begin, max(begin + 1, min(bounds[1], last) - first)


def _parts(bounds: Sequence[tuple[int, int]], length: int, longest: int) -> Iterator[tuple[int, int, list[int]]]:
    """First and last-plus-one token of each part of a turn, cut between spans where it has them, and its spans."""
    if not bounds:
        for first in range(0, max(1, length), longest):
            yield first, min(first + longest, length), []
        return
    group: list[int] = []
    begin = 0
    for index, (start, end) in enumerate(bounds):
        if end - begin > longest and start > begin:
            yield begin, min(start, begin + longest), group
            group, begin = [], start
        group.append(index)
    yield begin, min(length, begin + longest), group


def _before(segments: Sequence[Segment], room: int) -> tuple[tuple[Role, tuple[int, ...]], ...]:
    """The last `room` tokens of these segments."""
    found: list[tuple[Role, tuple[int, ...]]] = []
    for segment in reversed(segments):
        if room <= 0:
            break
        found.append((segment.role, segment.ids[-room:]))
        room -= len(segment.ids)
    return tuple(reversed(found))
