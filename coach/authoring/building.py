"""From reviewed conversations, read once in a stream, to a pack.

Difficulty runs from 1 to 3. Open items: 1, and one more each for over 20 words of the customer's, for over 45, and for
several skills called for at once. Clues: 1 with four clues and more, 2 with fewer, 3 where nobody can tell. Moves and
gaps: 1 for sorry, thanks and "did it work", 3 for what is easily taken for something else, 2 for the rest; a sentence
without any move is 3. Orders: by the number of steps. Better one: 1 where the better answer does it twice, 3 where the
other one does something else well. Role-plays: by the turn, and one more over 40 words.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, zip_longest

from coach.authoring.answering import Answers, answered
from coach.authoring.customers import problems, real_drafts, role_play
from coach.authoring.drafts import Draft, Reservoir, draw, is_alike, masked
from coach.authoring.ordering import order_drafts
from coach.authoring.schedule import scheduled
from coach.authoring.selection import Lack, Pack, Selection
from coach.authoring.sentences import gap_drafts, move_drafts
from coach.authoring.spotting import clue_drafts
from coach.authoring.written import written_drafts
from coach.conversation import SKILLS, Reviewed
from coach.items import KINDS, Item, Kind

FINDERS: dict[Kind, Callable[[Reviewed], Iterator[Draft]]] = {
    "clue": clue_drafts,
    "move": move_drafts,
    "gap": gap_drafts,
    "order": order_drafts,
    "four customers": real_drafts,
}
OF_OPENINGS: frozenset[Kind] = frozenset(("answer", "rewrite", "better one"))
FEW: frozenset[Kind] = frozenset(("order", "better one"))
WITH_SKILL: frozenset[Kind] = frozenset(KINDS) - {"clue", "order", "four customers"}
SPARE = 3
"""So many times the asked-for number is kept of each kind and bucket, as some fall away when they are chosen."""
FOUR = 4
FEW_UNTOLD = 2


def build(reviewed: Iterable[Reviewed], agents: Iterable[str], *, choose: Selection | None = None) -> Pack:
    """Up to `choose.count` items; the same conversations and seed give the same ones. `agents` are names to mask.

    Kinds get the same number of items each as far as there is material. Memory is bounded by the count, however many
    conversations there are.
    """
    choose = choose or Selection()
    found = _found(reviewed, choose)
    chosen = _Chosen(tuple(agents), choose)
    room = choose.count // len(choose.kinds)
    queues = {
        kind: _queue(found.get(kind, []), choose) + _written(kind, choose) for kind in KINDS if kind in choose.kinds
    }
    if "four customers" in queues:
        queues["four customers"] = _role_plays(found.get("four customers", []), choose, room)
    chosen.fill(queues)
    return Pack(scheduled(chosen.in_order(), choose.start), tuple(_lacks(chosen.items, choose)))


def _found(reviewed: Iterable[Reviewed], choose: Selection) -> dict[Kind, list[Draft]]:
    """Drafts by kind, of what is asked for, in the order drawn."""
    size = SPARE * choose.count
    kept: dict[tuple[Kind, str], Reservoir[Draft]] = {}
    answers = Answers(size, choose.seed)

    def keep(drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            if choose.takes(draft.item):
                reservoir = kept.setdefault((draft.item.kind, draft.bucket), Reservoir(size))
                reservoir.add(draw(choose.seed, draft.item.id, *draft.faces[:1]), draft)

    for one in reviewed:
        if OF_OPENINGS & set(choose.kinds):
            answers.add(answered(one))
        for kind, find in FINDERS.items():
            if kind in choose.kinds:
                keep(find(one))
    keep(answers.drafts())
    by_kind: dict[Kind, list[Draft]] = {}
    for (kind, _), reservoir in sorted(kept.items()):
        by_kind.setdefault(kind, []).extend(reservoir)
    return by_kind | {"clue": _told(by_kind.get("clue", []))}


def _told(drafts: Sequence[Draft]) -> list[Draft]:
    """Clues, with no more of those that tell nothing than of the others, but for the first FEW_UNTOLD."""
    told = [draft for draft in drafts if draft.item.customer_type]
    untold = [draft for draft in drafts if not draft.item.customer_type]
    return [*told, *untold[: max(FEW_UNTOLD, len(told))]]


def _queue(drafts: Iterable[Draft], choose: Selection) -> list[list[Draft]]:
    """Drafts one by one so that skills, and in them tags or types, take turns; two of three are of the focus."""
    by_skill: dict[str, dict[str, list[Draft]]] = {}
    for draft in drafts:
        by_skill.setdefault(draft.item.skill or "", {}).setdefault(draft.bucket, []).append(draft)
    rows = {skill: _in_turn(_drawn(buckets, choose.seed)) for skill, buckets in by_skill.items()}
    focus = rows.pop(choose.focus, []) if choose.focus else []
    rest = _in_turn(_drawn(rows, choose.seed))
    if not focus:
        return [[draft] for draft in rest]
    threes = zip_longest(focus[::2], focus[1::2], rest)
    return [[draft] for draft in chain.from_iterable(threes) if draft is not None]


def _written(kind: Kind, choose: Selection) -> list[list[Draft]]:
    """What stands after all that was really said."""
    drafts = [draft for draft in written_drafts(kind) if choose.takes(draft.item)]
    return _queue(sorted(drafts, key=lambda draft: draw(choose.seed, draft.item.id)), choose)


def _drawn(rows: dict[str, list[Draft]], seed: int) -> list[list[Draft]]:
    return [rows[key] for key in sorted(rows, key=lambda key: draw(seed, key))]


def _in_turn(rows: Sequence[Sequence[Draft]]) -> list[Draft]:
    return [draft for taken in zip_longest(*rows) for draft in taken if draft is not None]


def _role_plays(real: Iterable[Draft], choose: Selection, room: int) -> list[list[Draft]]:
    """A problem at a time, whole with a real opening at its end where there is room for twelve, else its first turns.

    In a pack too small for four there are none.
    """
    real = list(real)
    units: list[list[Draft]] = []
    for problem in sorted(problems(), key=lambda one: draw(choose.seed, one["name"])):
        items = [item for item in role_play(problem) if choose.takes(item)]
        own = [draft for draft in real if draft.bucket == f"four customers: {problem['name']}"][:1]
        written = [Draft(item, frozenset(), (item.id,), "", frozenset()) for item in items]
        is_whole = 2 * room >= len(items) or choose.kinds == ("four customers",)
        unit = [*written, *own] if is_whole else written[:FOUR]
        if unit and (2 * room >= FOUR or len(choose.kinds) == 1):
            units.append(unit)
    return units


class _Chosen:
    """The pack as it grows: each time the kind with fewest items gets its next, if it is like no other in the pack."""

    def __init__(self, agents: Sequence[str], choose: Selection) -> None:
        self.agents, self.choose = agents, choose
        self.items: list[Item] = []
        self.sources: set[tuple[str, int]] = set()
        self.faces: dict[Kind, set[str]] = {kind: set() for kind in KINDS}

    def fill(self, queues: dict[Kind, list[list[Draft]]]) -> None:
        counts = dict.fromkeys(queues, 0)
        waiting = {kind: iter(queue) for kind, queue in queues.items()}
        while waiting and len(self.items) < self.choose.count:
            kind = min(waiting, key=lambda one: (counts[one], KINDS.index(one)))
            taken = next((n for unit in waiting[kind] if (n := self._take(unit))), 0)
            counts[kind] += taken
            if not taken:
                del waiting[kind]

    def _take(self, unit: Sequence[Draft]) -> int:
        """How many items of the unit came into the pack: all or none, but for names that cannot be masked."""
        if len(self.items) + len(unit) > self.choose.count:
            return 0
        fresh = [draft for draft in unit if not draft.sources & self.sources and not self._is_like_another(draft)]
        items = [item for draft in fresh if (item := masked(draft, self.agents))]
        for draft in fresh:
            self.sources |= draft.sources
            self.faces[draft.item.kind].update(draft.faces)
        self.items += items
        return len(items)

    def _is_like_another(self, draft: Draft) -> bool:
        return any(is_alike(face, other) for face in draft.faces for other in self.faces[draft.item.kind])

    def in_order(self) -> list[Item]:
        """Kind by kind, what is held back last."""
        return sorted(self.items, key=lambda item: (item.is_transfer, KINDS.index(item.kind)))


def _lacks(items: Sequence[Item], choose: Selection) -> Iterator[Lack]:
    """Kinds that got fewer than their share, and skills that a kind has nothing of."""
    share = choose.count // len(choose.kinds)
    for kind in KINDS:
        if kind not in choose.kinds:
            continue
        found = [item for item in items if item.kind == kind and not (item.is_written and item.kind in FEW)]
        if len(found) < max(1, share):
            yield Lack(kind, None, max(1, share), len(found))
        for skill in SKILLS:
            wanted = choose.skill in (None, skill) and kind in WITH_SKILL and share >= len(SKILLS)
            if wanted and not any(item.skill == skill for item in found):
                yield Lack(kind, skill, 1, 0)
