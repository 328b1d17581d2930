"""The review queue: a few conversations that deserve a human look, each with its reasons and the words they rest on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from coach.conversation import SKILL_OF, SURE, Outcome, Reviewed
from coach.cues import cues
from coach.disputes import Dispute
from coach.intervals import wilson
from coach.sample import Sample

FEWEST, MOST = 10, 20
KEPT = MOST
"""Candidates of a kind that are kept, as many may be taken by another kind."""
SHARES: Mapping[str, int] = {
    "disputed": 3,
    "unanswered": 4,
    "unresolved": 3,
    "rated low": 3,
    "unsure": 2,
    "worth sharing": 3,
    "random": 2,
}
"""How many of each kind are shown, in the order of the queue; more where other kinds have fewer."""
LOW: Mapping[str, tuple[float, float]] = {"csat": (2, 5), "ces": (2, 7), "nps": (3, 10)}
"""Ratings from which down a conversation was rated low, and the best there is."""
DOUBT = (0.35, 0.65)
FEWEST_DOUBTFUL = 2
FEWEST_MET = 3
ENDS = tuple(cues(kind)[name].pattern for kind, name in (("ending", "thanks"), ("call", "goodbye")))


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a turn, exactly as they were said, and where they stand."""

    turn: int
    start: int
    end: int
    words: str
    role: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why to look at a conversation: what kind, in words, how weighty among its kind (higher first), and what was
    said."""

    kind: str
    words: str
    weight: float
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A conversation that deserves a human look; the first reason is the one it was chosen for."""

    reviewed: Reviewed
    reasons: tuple[Reason, ...]

    @property
    def kind(self) -> str:
        return self.reasons[0].kind

    @property
    def reason(self) -> str:
        return self.reasons[0].words


class Queue:
    """Adds conversations up, one at a time; keeps a bounded number of each kind."""

    def __init__(self, disputes: Sequence[Dispute] = ()) -> None:
        self.disputes: dict[str, list[Dispute]] = defaultdict(list)
        for one in disputes:
            if one.verdict is None:
                self.disputes[one.conversation].append(one)
        self.kept: dict[str, list[tuple[float, str, QueueItem]]] = defaultdict(list)
        self.all: Sample[QueueItem] = Sample(2 * MOST)

    def add(self, reviewed: Reviewed) -> None:
        id = reviewed.conversation.id
        reasons = list(reasons_of(reviewed, self.disputes.get(id, ())))
        self.all.add(id, QueueItem(reviewed, (Reason("random", "drawn at random", 0.0, ()), *reasons)))
        for reason in reasons:
            others = (other for other in reasons if other is not reason)
            kept = self.kept[reason.kind]
            kept.append((-reason.weight, id, QueueItem(reviewed, (reason, *others))))
            if len(kept) >= 2 * KEPT:
                kept[:] = nsmallest(KEPT, kept, key=lambda one: one[:2])

    def items(self) -> tuple[QueueItem, ...]:
        """10 to 20 conversations, fewer when there are fewer: each once, the weightiest of a kind first.

        Every kind has its share. Where that makes fewer than 10, random ones are added.
        """
        ready = {kind: [item for *_, item in sorted(self.kept[kind], key=lambda one: one[:2])] for kind in SHARES}
        ready["random"] = self.all.members
        shown: dict[str, QueueItem] = {}
        for kind, share in SHARES.items():
            _take(ready[kind], shown, share)
        if len(shown) < FEWEST:
            _take(ready["random"], shown, FEWEST - len(shown))
        order = list(SHARES)
        return tuple(sorted(shown.values(), key=lambda item: order.index(item.kind)))


def _take(ready: Sequence[QueueItem], shown: dict[str, QueueItem], share: int) -> None:
    fresh = (item for item in ready if item.reviewed.conversation.id not in shown)
    for item, _ in zip(fresh, range(min(share, MOST - len(shown))), strict=False):
        shown[item.reviewed.conversation.id] = item


def reasons_of(reviewed: Reviewed, disputed: Sequence[Dispute] = ()) -> Iterator[Reason]:
    """Every reason to look at a conversation, in the order of SHARES; at most one of each kind."""
    if disputed:
        yield _disputed(reviewed, disputed)
    for find in (_unanswered, _unresolved, _rated_low, _unsure, _worth_sharing):
        if reason := find(reviewed):
            yield reason


def _disputed(reviewed: Reviewed, disputed: Sequence[Dispute]) -> Reason:
    first = disputed[0]
    more = f", and {len(disputed) - 1} more" if len(disputed) > 1 else ""
    words = f"{first.name} is disputed ({first.reference}){more}: {first.why}"
    return Reason("disputed", words, len(disputed), (_quote(reviewed, first.turn, first.start, first.end),))


def _unanswered(reviewed: Reviewed) -> Reason | None:
    """A feeling that was never answered; the strongest quoted."""
    missed = [o for o in reviewed.judgements.openings if o.skill == "empathy" and o.status == "missed"]
    if not missed:
        return None
    strength = {o.turn: 1 - f.probabilities["none"] for o in missed if (f := reviewed.judgements.feelings[o.turn])}
    times = "once" if len(missed) == 1 else f"{len(missed)} times"
    strongest = max(missed, key=lambda o: (strength.get(o.turn, 0.0), -o.turn))
    shown = sum(o.skill == "empathy" for o in reviewed.judgements.openings)
    words = f"a feeling was shown {times} and never answered"
    if shown > len(missed):
        words = f"{len(missed)} of {shown} feelings shown {'was' if len(missed) == 1 else 'were'} not answered"
    weight = len(missed) + strength.get(strongest.turn, 0.0)
    return Reason("unanswered", words, weight, (_quote(reviewed, strongest.turn, strongest.start, strongest.end),))


def _unresolved(reviewed: Reviewed) -> Reason | None:
    """Looks unresolved; silent, when nobody spoke after the customer's last words and these were no goodbye."""
    if reviewed.resolved != "no":
        return None
    turns = reviewed.conversation.turns
    spoken = [number for number, turn in enumerate(turns) if turn.role in ("agent", "customer")]
    asked = next((number for number in reversed(spoken) if turns[number].role == "customer"), None)
    quotes = () if asked is None else (_quote(reviewed, asked),)
    sure = reviewed.judgements.resolution.probabilities["no"]
    if asked is not None and asked == spoken[-1] and not any(end.search(turns[asked].text) for end in ENDS):
        return Reason(
            "unresolved", "unresolved and silent: nobody spoke after the customer's last words", 1 + sure, quotes
        )
    return Reason("unresolved", "looks unresolved", sure, quotes)


def _rated_low(reviewed: Reviewed) -> Reason | None:
    outcome = reviewed.conversation.outcome
    low = {name: value for name in LOW if (value := _value(outcome, name)) is not None and value <= LOW[name][0]}
    if not low:
        return None
    words = "rated " + ", ".join(_rated(name, value) for name, value in low.items()) + " by the customer"
    weight = max(1 - value / LOW[name][1] for name, value in low.items())
    return Reason("rated low", words, weight, tuple(_most_felt(reviewed)))


def _most_felt(reviewed: Reviewed) -> Iterator[Quote]:
    """The customer's turn with the strongest feeling; where none shows any, the last."""
    said = [number for number, turn in enumerate(reviewed.conversation.turns) if turn.role == "customer"]
    feelings = reviewed.judgements.feelings
    felt = {number: 1 - f.probabilities["none"] for number in said if (f := feelings[number]) and f.label}
    if said:
        yield _quote(reviewed, max(felt, key=felt.__getitem__) if felt else said[-1])


def _value(outcome: Outcome, name: str) -> float | None:
    value: float | None = getattr(outcome, name)
    return value


def _rated(name: str, value: float) -> str:
    return f"{value:g} of {LOW[name][1]:g}" + ("" if name == "csat" else f" ({name.upper()})")


def _unsure(reviewed: Reviewed) -> Reason | None:
    """Much of what was said lies between two answers: most surely a large share of the sentences."""
    doubtful: list[tuple[float, int, int, int, str]] = []
    total = 0
    for turn, sentences in enumerate(reviewed.judgements.sentences):
        for sentence in sentences:
            total += 1
            tag, chance = min(sentence.probabilities.items(), key=lambda pair: abs(pair[1] - 0.5))
            if DOUBT[0] <= chance <= DOUBT[1]:
                doubtful.append((abs(chance - 0.5), turn, sentence.start, sentence.end, f"{tag}, {100 * chance:.0f} %"))
    if len(doubtful) < FEWEST_DOUBTFUL:
        return None
    _, turn, start, end, guess = min(doubtful)
    words = f"the model is unsure of {len(doubtful)} of {total} sentences; most of this one ({guess} sure)"
    return Reason("unsure", words, wilson(len(doubtful), total)[0], (_quote(reviewed, turn, start, end),))


def _worth_sharing(reviewed: Reviewed) -> Reason | None:
    """Everything that was called for was met, and the end is not open."""
    openings = reviewed.judgements.openings
    if len(openings) < FEWEST_MET or any(o.status != "met" for o in openings) or reviewed.resolved == "no":
        return None
    felt = [o for o in openings if o.skill == "empathy"] or list(openings)
    best = max(felt, key=lambda o: (o.met * o.called, -o.turn))
    quotes = [_quote(reviewed, best.turn, best.start, best.end)]
    if best.response_turn is not None:
        quotes.append(_quote(reviewed, best.response_turn, *_shown(reviewed, best.response_turn, best.skill)))
    weight = sum(o.met * o.called for o in openings if o.met >= SURE) + (reviewed.resolved == "yes")
    return Reason("worth sharing", f"all {len(openings)} openings met: worth sharing", weight, tuple(quotes))


def _shown(reviewed: Reviewed, turn: int, skill: str) -> tuple[int, int]:
    """From the first to the last words of a turn that show the skill."""
    tags = [tag for tag in reviewed.judgements.tags if tag.turn == turn and SKILL_OF[tag.name] == skill]
    whole = len(reviewed.conversation.turns[turn].text)
    return min((tag.start for tag in tags), default=0), max((tag.end for tag in tags), default=whole)


def _quote(reviewed: Reviewed, turn: int, start: int = 0, end: int | None = None) -> Quote:
    said = reviewed.conversation.turns[turn]
    stop = len(said.text) if end is None else end
    return Quote(turn, start, stop, said.text[start:stop], said.role)
