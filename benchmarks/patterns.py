"""How often the team's page names a pattern, or an agent as different, where there is none; and where there is one.

Made-up teams: openings of a conversation are alike (beta-binomial), agents alike or of many minds. Run with
python benchmarks/patterns.py [RUNS].
"""

import sys
from collections import Counter

import numpy as np

from coach.clusters import Openings
from coach.conversation import SKILLS, Opening
from coach.report.patterns import PatternTally
from coach.report.standing import GroupTally, apart
from coach.rubric import read_rubric

RUBRIC = read_rubric()
TYPES = ("controller", "thinker", "feeler", "entertainer", "can't tell")
CHANNELS = ("chat", "phone", "email", "social")
CLUSTERING = 2.0
"""Both parameters of the beta distribution from which a conversation's rate is drawn add up to this, or more."""


def openings(skill: str, met: int, called: int) -> list[Opening]:
    return [Opening(0, skill, "met" if i < met else "missed", None, None, 0, 1) for i in range(called)]


def named(rng: np.random.Generator, conversations: int, *, agents_differ: bool, loss: float) -> Counter[str]:
    """Which dimensions name anything: made with phone openings for empathy met `loss` less often."""
    tally, groups = PatternTally(RUBRIC), {f"agent {i}": GroupTally() for i in range(8)}
    rates = {(a, s): rng.beta(3, 3) if agents_differ else 0.5 for a in groups for s in SKILLS}
    for _ in range(conversations):
        agent = rng.choice(list(groups))
        kind, channel, hour = rng.choice(TYPES), rng.choice(CHANNELS), f"{rng.integers(8, 18):02}"
        for skill in SKILLS:
            called = int(rng.integers(0, 5))
            if not called:
                continue
            rate = rates[agent, skill] - (loss if (channel, skill) == ("phone", "empathy") else 0)
            rate = min(max(rate, 0.02), 0.98)
            found = openings(skill, rng.binomial(called, rng.beta(rate * CLUSTERING, (1 - rate) * CLUSTERING)), called)
            for key in (("skill", skill), ("type", kind), ("channel", channel), ("hour", hour)):
                tally.cells[(*key, skill)].openings.add(Openings.of(found))
            groups[agent].openings[skill].add(Openings.of(found))
    patterns = tally.patterns()
    cells = (cell for levels in patterns.levels.values() for level in levels for cell in level.cells)
    outstanding = {cell.dimension for cell in cells if cell.stands_out}
    if any(cell.level == "phone" and cell.skill == "empathy" for cell in patterns.losing):
        outstanding.add("the loss by phone")
    if any(apart(groups, RUBRIC.minimum_count).values()):
        outstanding.add("some agent")
    return Counter(outstanding)


def main(runs: int) -> None:
    for conversations in (60, 300):
        for agents_differ, loss in ((False, 0.0), (True, 0.0), (False, 0.2), (True, 0.2)):
            rng = np.random.default_rng(conversations)
            found: Counter[str] = Counter()
            for _ in range(runs):
                found += named(rng, conversations, agents_differ=agents_differ, loss=loss)
            said = ", ".join(f"{name} {100 * count / runs:.1f} %" for name, count in sorted(found.items()))
            agents = "differ" if agents_differ else "are alike"
            print(
                f"{conversations} conversations, agents {agents}, loss by phone {loss:.0%}: {said or 'nothing named'}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
