"""Where an agent's conversations differ from the other agents' by more than chance; never a rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from coach.clusters import Openings, difference
from coach.conversation import SKILLS, Reviewed
from coach.intervals import Estimate, difference_of_means, each_of
from coach.norms import Tally
from coach.rubric import Rubric
from coach.spread import Spread

INDICES = ("care", "service")


@dataclass(frozen=True, slots=True)
class Apart:
    """A measure (care, service or a skill) and how many points, 0–100, it is above all others'; below when negative.

    The interval holds 95 % for every agent and measure of the page at once.
    """

    measure: str
    points: Estimate


@dataclass
class GroupTally:
    """Running figures of an agent, or of a team."""

    conversations: int = 0
    scores: Tally = field(default_factory=Tally)
    openings: dict[str, Openings] = field(default_factory=lambda: {skill: Openings() for skill in SKILLS})

    def add(self, reviewed: Reviewed, rubric: Rubric, agent: str | None = None) -> None:
        """One conversation, or one agent's part in it."""
        self.conversations += 1
        own = [o for o in reviewed.judgements.openings if agent in (None, o.agent)]
        for skill, openings in self.openings.items():
            if found := [opening for opening in own if opening.skill == skill]:
                openings.add(Openings.of(found))
        self.scores.add([credit for credit in reviewed.credits if agent in (None, credit.agent)], rubric)

    def spread(self, index: str) -> Spread:
        return self.scores.care if index == "care" else self.scores.service


def apart(agents: Mapping[str, GroupTally], minimum: int) -> Mapping[str, tuple[Apart, ...]]:
    """What surely differs of each agent from the others together. Under `minimum`, on either side, nothing is said."""
    pairs: list[tuple[str, str, tuple[Spread, Spread] | tuple[Openings, Openings]]] = []
    for index in INDICES:
        spreads = [tally.spread(index) for tally in agents.values()]
        for agent, own, rest in zip(agents, spreads, _others(spreads), strict=True):
            if min(own.count, rest.count) >= max(2, minimum):
                pairs.append((agent, index, (rest, own)))
    for skill in SKILLS:
        whole = Openings()
        for tally in agents.values():
            whole.add(tally.openings[skill])
        for agent, tally in agents.items():
            own_openings, others = tally.openings[skill], whole.besides(tally.openings[skill])
            if min(own_openings.weight, others.weight) >= minimum:
                pairs.append((agent, skill, (others, own_openings)))
    level = each_of(len(pairs))
    found: dict[str, list[Apart]] = {agent: [] for agent in agents}
    for agent, measure, (rest_side, own_side) in pairs:
        points = _points(rest_side, own_side, level)
        if points.is_clear:
            found[agent].append(Apart(measure, points))
    return {agent: tuple(measures) for agent, measures in found.items()}


def _points(rest: Spread | Openings, own: Spread | Openings, level: float) -> Estimate:
    if isinstance(rest, Openings) and isinstance(own, Openings):
        return difference(rest, own, level=level).times(100)
    assert isinstance(rest, Spread)
    assert isinstance(own, Spread)
    return difference_of_means(rest, own, level=level).times(100)


def _others(spreads: Sequence[Spread]) -> list[Spread]:
    """For each, all the others together."""
    before = list(accumulate(spreads, _merged, initial=Spread()))
    after = list(accumulate(reversed(spreads), _merged, initial=Spread()))
    return [_merged(left, right) for left, right in zip(before[:-1], reversed(after[:-1]), strict=True)]


def _merged(one: Spread, other: Spread) -> Spread:
    both = Spread()
    both.merge(one)
    both.merge(other)
    return both
