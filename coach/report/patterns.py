"""What loses most: openings by skill, kind of moment, customer type, channel and hour, each against the rest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from coach.clusters import Openings, chance_of_difference, corrected
from coach.conversation import SKILLS, SURE, Moment, Opening, Rate, Reviewed
from coach.cues import cues
from coach.moments import moments_of
from coach.report.skill_row import SkillRow, row_of
from coach.rubric import Rubric

CHANCE = 0.05
DIMENSIONS = ("skill", "moment", "type", "channel", "hour")
FEWEST = 10
"""Openings under which, in a kind of moment or besides it, no difference is looked for."""
QUOTED = 3
BANDS = (1, 2, 4)
QUESTION, FAULT = (cues("opening")[name].pattern for name in ("question", "fault"))
PROBLEM, WISH = (cues("moment")[name].pattern for name in ("problem", "wish"))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quoted moment and the conversation it is from."""

    moment: Moment
    reviewed: Reviewed


@dataclass(frozen=True, slots=True)
class Cell:
    """The openings for one skill at one level of a dimension, such as feelings (empathy) by phone (channel).

    `rest` is what was met of the skill's other openings; for the dimension "skill", of the other skills'. `chance` is
    the p-value of the difference, corrected for all that were tested in the dimension; None where there were too few
    to test. `agents` is how many took part. `evidence` is quoted: missed moments where less was met than in the rest,
    else met ones.
    """

    dimension: str
    level: str
    skill: str
    row: SkillRow
    rest: Rate
    chance: float | None
    agents: int
    evidence: tuple[Evidence, ...]

    @property
    def stands_out(self) -> bool:
        """Whether it differs from the rest by more than chance."""
        return self.chance is not None and self.chance < CHANCE

    @property
    def lost(self) -> float:
        """How many more openings would have been met at the rest's rate; below 0 where fewer would."""
        return self.row.rate.called_for * (self.rest.share or 0.0) - self.row.rate.met


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a dimension, with a cell for every skill it calls for, in the order of SKILLS."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Every level by dimension; `compared` is how many differences were tested."""

    levels: Mapping[str, tuple[Level, ...]]
    compared: int

    @property
    def losing(self) -> tuple[Cell, ...]:
        """The cells where less was met than in the rest by more than chance; those that lost most openings first."""
        return self._outstanding(1)

    @property
    def gaining(self) -> tuple[Cell, ...]:
        """The cells where more was met than in the rest by more than chance."""
        return self._outstanding(-1)

    def _outstanding(self, sign: int) -> tuple[Cell, ...]:
        cells = (cell for levels in self.levels.values() for level in levels for cell in level.cells)
        found = [cell for cell in cells if cell.stands_out and sign * cell.lost > 0]
        return tuple(sorted(found, key=lambda cell: -abs(cell.lost)))


@dataclass
class _Cell:
    """Running figures of a cell; `leaving` is by how much what it is compared with is more than the rest of it."""

    openings: Openings = field(default_factory=Openings)
    leaving: Openings = field(default_factory=Openings)
    agents: set[str | None] = field(default_factory=set)
    met: list[Evidence] = field(default_factory=list)
    missed: list[Evidence] = field(default_factory=list)

    def add(self, found: Sequence[Opening], others: Sequence[Opening], evidence: Iterable[Evidence]) -> None:
        """One conversation's, and what else it has to compare them with."""
        self.openings.add(Openings.of(found))
        self.leaving.add(Openings.of([*found, *others]).besides(Openings.of(others)))
        self.agents |= {opening.agent for opening in found}
        best: dict[str, Evidence] = {}
        for one in sorted(evidence, key=_surest):
            best.setdefault(one.moment.status, one)  # one a conversation
        for status, kept in (("met", self.met), ("missed", self.missed)):
            if status in best:
                kept.append(best[status])
                kept.sort(key=_surest)
                del kept[QUOTED:]

    def merge(self, other: "_Cell") -> None:
        self.openings.add(other.openings)
        self.leaving.add(other.leaving)
        self.agents |= other.agents
        self.met = sorted([*self.met, *other.met], key=_surest)[:QUOTED]
        self.missed = sorted([*self.missed, *other.missed], key=_surest)[:QUOTED]


def _surest(one: Evidence) -> tuple[float, str, int]:
    return -one.moment.certainty * one.moment.called, one.moment.conversation, one.moment.turn


Key = tuple[str, str, str]


class PatternTally:
    """Adds conversations up, one at a time; what it holds grows with channels and agents, not with conversations."""

    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric
        self.all = Openings()
        self.cells: dict[Key, _Cell] = defaultdict(_Cell)

    def add(self, reviewed: Reviewed) -> None:
        sure = {(m.turn, m.skill): Evidence(m, reviewed) for m in moments_of(reviewed) if m.certainty >= SURE}
        found: dict[Key, list[Opening]] = defaultdict(list)
        for opening in reviewed.judgements.openings:
            for dimension, level in levels_of(opening, reviewed):
                found[dimension, level, opening.skill].append(opening)
        every = reviewed.judgements.openings
        self.all.add(Openings.of(every))
        for key, openings in found.items():
            quotable = (sure[at] for o in openings if (at := (o.turn, o.skill)) in sure)
            self.cells[key].add(openings, [o for o in every if _is_rest(o, key, openings)], quotable)

    def patterns(self) -> Patterns:
        cells = {key: _cell(key, one, self._rest(key, one), self.rubric) for key, one in self._banded().items()}
        chances: dict[Key, float] = {}
        for dimension in DIMENSIONS:
            tested = {key: p for key, (_, p) in cells.items() if key[0] == dimension and p is not None}
            chances |= zip(tested, corrected(list(tested.values())), strict=True)
        final = [replace(cell, chance=chances.get(key)) for key, (cell, _) in cells.items()]
        levels: dict[str, tuple[Level, ...]] = {}
        for dimension in DIMENSIONS:
            of_it = [cell for cell in final if cell.dimension == dimension]
            names = sorted({cell.level for cell in of_it}, key=lambda name: _place(dimension, name))
            levels[dimension] = tuple(
                Level(name, tuple(_in_order(c for c in of_it if c.level == name))) for name in names
            )
        return Patterns(levels, len(chances))

    def _rest(self, key: Key, one: _Cell) -> Openings:
        """The openings that a cell's are compared with, those of one conversation (of hours: and hour) together."""
        dimension, _, skill = key
        whole = Openings()
        if dimension == "skill":
            whole.add(self.all)
        elif dimension == "hour":  # what has no time is in no hour
            for (other_dimension, _, other), cell in self.cells.items():
                if other_dimension == "hour" and other == skill:
                    whole.add(cell.openings)
        else:
            whole.add(self.cells["skill", skill, skill].openings)
        return whole.besides(one.leaving)

    def _banded(self) -> dict[Key, _Cell]:
        """All cells, with hours in the finest bands most of which have enough openings."""
        hours = {key: cell for key, cell in self.cells.items() if key[0] == "hour"}
        banded: dict[Key, _Cell] = {}
        for width in BANDS:
            banded = defaultdict(_Cell)
            for (_, hour, skill), cell in sorted(hours.items()):
                start = int(hour) // width * width
                banded["hour", f"{start:02}–{start + width:02}", skill].merge(cell)
            enough = [cell.openings.called_for >= FEWEST for cell in banded.values()]
            if 2 * sum(enough) > len(enough):
                break
        rest = {key: cell for key, cell in self.cells.items() if key[0] != "hour" and cell.openings.called_for}
        return rest | banded


def _is_rest(opening: Opening, key: Key, own: Sequence[Opening]) -> bool:
    """Whether a cell's openings are compared with this one of the same conversation."""
    dimension, _, skill = key
    return opening not in own and (dimension == "skill" or (dimension != "hour" and opening.skill == skill))


def _cell(key: Key, one: _Cell, rest: Openings, rubric: Rubric) -> tuple[Cell, float | None]:
    """The cell without its chance, and the chance before correction."""
    openings = one.openings
    row = row_of(key[2], openings, rubric)
    enough = min(openings.weight, rest.weight) >= max(FEWEST, rubric.minimum_count)
    chance = chance_of_difference(openings, rest) if enough else None
    cell = Cell(*key, row, rest.rate, None, len(one.agents - {None}), ())
    return replace(cell, evidence=tuple(one.missed if cell.lost > 0 else one.met)), chance


def levels_of(opening: Opening, reviewed: Reviewed) -> Iterator[tuple[str, str]]:
    """The dimensions and levels that an opening counts for. The hour is the one that the data writes."""
    conversation = reviewed.conversation
    yield "skill", opening.skill
    yield "moment", moment_of(opening, reviewed)
    yield "type", reviewed.judgements.customer_type.label or "can't tell"
    yield "channel", conversation.channel or "unknown"
    if time := conversation.turns[opening.turn].time or conversation.started:
        yield "hour", f"{time.hour:02}"


def moment_of(opening: Opening, reviewed: Reviewed) -> str:
    """What kind of moment it is: the feeling; a problem, a wish or something told; a question, a fault or a request."""
    text = reviewed.conversation.turns[opening.turn].text
    if opening.skill == "empathy":
        feeling = reviewed.judgements.feelings[opening.turn]
        return (feeling and feeling.label) or "a feeling"
    if opening.skill == "listening":
        return "a problem" if PROBLEM.search(text) else "a wish" if WISH.search(text) else "something told"
    return "a question" if QUESTION.search(text) or "?" in text else "a fault" if FAULT.search(text) else "a request"


def _place(dimension: str, name: str) -> tuple[int, str]:
    order = (*SKILLS, "anger", "worry", "sadness", "confusion", "a problem", "a wish", "something told")
    order = (*order, "a question", "a fault", "a request")
    if name == "can't tell":
        return len(order) + 1, name
    return (order.index(name) if dimension in ("skill", "moment") and name in order else len(order)), name.casefold()


def _in_order(cells: Iterable[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: tuple(SKILLS).index(cell.skill))
