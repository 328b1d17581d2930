"""How often stated 95 % intervals hold the truth: `python benchmarks/intervals.py STORE [RUNS] [NAME…]`.

Agents are simulated whose truth is known; what they are called on for, how conversations differ and how manners vary
is taken from the reviewed conversations in STORE. Every line is of at least RUNS (2,000) intervals, with twice the
standard error of its share, and says so where the share is out of 93–97 % by more than that. NAME is one of rates,
indices, fits, outcomes, changes; all of them unless named.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit  # noqa: TID253

from coach import intervals
from coach.conversation import Credit
from coach.fit import Manners, Met, directed, fits, scales_of
from coach.norms import norm, pooled
from coach.rubric import Rubric, read_rubric
from coach.scoring import Score, rate, scores
from coach.spread import Spread
from coach.store import Store

Floats = NDArray[np.float64]
Held = tuple[int, bool]
"""The run, or the team, that an interval belongs to, and whether it held the truth."""
SHARP = 2.8
"""How far apart a tagger's log odds of right and wrong lie, in standard deviations: 8 % wrong where half is met."""
CHATS_DIFFER = 0.7
"""The standard deviation between an agent's conversations of the log odds that what is called for is met."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
chance = np.random.default_rng(20261122)


def tell(name: str, held: Iterator[Held]) -> None:
    """One line; agents of one team are not independent, so the error is that of the teams' shares."""
    found = np.array(list(held), dtype=float)
    _, teams = np.unique(found[:, 0], return_inverse=True)
    share = found[:, 1].mean()
    error = 2 * np.sqrt((np.bincount(teams, found[:, 1] - share) ** 2).sum()) / len(found)
    verdict = "too seldom" if share + error < 0.93 else "too often" if share - error > 0.97 else ""
    print(f"{name:<74} {len(found):>6} {100 * share:6.1f} ± {100 * error:.1f} % {verdict}", flush=True)


# --- the rate of met openings ---


def guesses(met: NDArray[np.bool_], usual: float | Floats) -> Floats:
    """A tagger's probabilities, calibrated where a share `usual` is met."""
    said = np.where(met, 1, -1) * SHARP**2 / 2 + SHARP * chance.normal(size=met.shape)
    found: Floats = expit(logit(usual) + said)
    return found


def rates(runs: int, tagger: str, shares: tuple[float, float] = (0.05, 0.95)) -> Iterator[Held]:
    """A tagger who is never wrong; one calibrated for each agent; one calibrated over agents of all shares."""
    for run in range(runs):
        share, count = chance.uniform(*shares), int(chance.integers(5, 61))
        met = chance.random(count) < share
        variance = 0.0
        if tagger != "none":
            chances = guesses(met, share if tagger == "own" else 0.5)
            met, variance = chances >= 0.5, float((chances * (1 - chances)).sum())
        found = rate(float(met.sum()), count, variance=variance)
        yield run, found.low <= share <= found.high


# --- care and service ---


class Chats:
    """What conversations call for by part, as in the store, and the weights of an index."""

    def __init__(self, store: Store, rubric: Rubric, name: str) -> None:
        self.rubric, self.name = rubric, name
        weights = rubric.care if name == "care" else rubric.service
        self.parts = [part for part in weights if weights[part]]
        found: list[list[int]] = []
        met: dict[str, float] = dict.fromkeys(self.parts, 0.0)
        for one in store.conversations():
            for agent in one.conversation.agents:
                own = [credit for credit in one.credits if credit.agent == agent and credit.part in met]
                if name in scores(own, rubric):
                    counts = Counter(credit.part for credit in own)
                    found.append([counts[part] for part in self.parts])
                    for credit in own:
                        met[credit.part] += credit.expected
        self.counts = np.array(found)
        self.usual = logit(np.array(list(met.values())) / self.counts.sum(0))
        self.weights = np.array([weights[part] for part in self.parts])
        self.start, self.strength = rubric.baseline[name]

    def truth(self, skill: Floats) -> float:
        """The long-run mean index, 0–100, of an agent who meets what is called for with these log odds, by part."""
        worth = expit(skill[:, None] + CHATS_DIFFER * NODES) @ (WEIGHTS / WEIGHTS.sum())
        weight = self.counts @ self.weights + self.strength
        return 100 * float(((self.counts @ (self.weights * worth) + self.strength * self.start) / weight).mean())

    def set_base(self, differ: float) -> None:
        """What share of each part is met over agents who differ by so much."""
        spread = np.sqrt(1.25 * differ**2 + CHATS_DIFFER**2)
        self.base = expit(self.usual[:, None] + spread * NODES) @ (WEIGHTS / WEIGHTS.sum())

    def talk(self, skill: Floats, tagger: str) -> Score:
        """The score of one conversation drawn at random."""
        counts = self.counts[chance.integers(len(self.counts))]
        met = chance.random(counts.sum()) < np.repeat(expit(skill + CHATS_DIFFER * chance.normal()), counts)
        usual = np.repeat(expit(skill) if tagger == "own" else self.base, counts)
        expected = met.astype(float) if tagger == "none" else guesses(met, usual)
        credits = [
            Credit(part, float(worth), None, expected=float(mean), variance=float(mean * (1 - mean)))
            for part, worth, mean in zip(np.repeat(self.parts, counts).tolist(), met, expected, strict=True)
        ]
        return scores(credits, self.rubric)[self.name]


def indices(
    runs: int, chats: Chats, *, agents: tuple[int, int], talks: tuple[int, int], differ: float, drawn: bool, tagger: str
) -> Iterator[Held]:
    """Teams of agents whose log odds differ by a standard deviation of `differ`, and their parts by half of it."""
    done = team = 0
    chats.set_base(differ)
    while done < runs:
        size = int(chance.integers(agents[0], agents[1] + 1))
        apart = chance.normal(size=(size, 1)) + chance.normal(size=(size, len(chats.parts))) / 2
        skills = chats.usual + differ * apart
        spreads = [Spread() for _ in skills]
        for skill, spread in zip(skills, spreads, strict=True):
            for _ in range(int(chance.integers(talks[0], talks[1] + 1))):
                score = chats.talk(skill, tagger)
                spread.add(score.mean, error=score.error, sampling=score.sampling)
        usual = norm(spreads)
        for skill, spread in zip(skills, spreads, strict=True):
            found = pooled(spread, usual, towards_usual=drawn)
            yield team, found.low <= chats.truth(skill) <= found.high
        done, team = done + size, team + 1


# --- fit ---


def adapting(
    runs: int, met: Sequence[Met], rubric: Rubric, *, talks: tuple[int, int], others: tuple[int, int], towards: float
) -> Iterator[Held]:
    """Manners drawn from the store's; with a type, those further `towards` it more often, by exponential tilting."""
    scales = scales_of(met)
    for run in range(runs):
        wanted = list(rubric.fit)[run % len(rubric.fit)]
        values = np.array([directed(one.manner, rubric.fit[wanted], scales) for one in met])
        weights = np.exp(towards * chance.normal() * values)
        weights /= weights.sum()
        truth = float(values @ weights - values.mean())
        some = chance.choice(len(met), size=chance.integers(*talks, endpoint=True), p=weights)
        rest = chance.choice(len(met), size=chance.integers(*others, endpoint=True))
        drawn = [Met("", "", wanted, met[i].manner) for i in some] + [Met("", "", None, met[i].manner) for i in rest]
        for found in fits(drawn, rubric.fit, scales):
            yield run, found.low <= truth <= found.high


# --- outcomes ---


def ratings(runs: int, scale: Sequence[float], counts: tuple[int, int]) -> Iterator[Held]:
    """Ratings by agents whose customers' leanings differ."""
    steps = np.array(scale, dtype=float)
    for run in range(runs):
        shares = chance.dirichlet(np.full(len(steps), 1.0))
        found = chance.choice(steps, size=chance.integers(*counts, endpoint=True), p=shares)
        estimate = intervals.rating(
            len(found), float(found.sum()), float((found**2).sum()), lowest=steps[0], highest=steps[-1]
        )
        yield run, estimate.low <= shares @ steps <= estimate.high


def medians(runs: int, counts: tuple[int, int]) -> Iterator[Held]:
    """Waits that are log-normal, to the second."""
    for run in range(runs):
        waits = np.exp(np.log(120) + chance.normal(size=chance.integers(*counts, endpoint=True)))
        estimate = intervals.median(waits.tolist(), count=len(waits))
        if estimate:
            yield run, estimate.low <= 120 <= estimate.high


def correlations(runs: int, groups: int, counts: tuple[int, int]) -> Iterator[Held]:
    """Pairs whose Spearman correlation is known (a normal copula's), in channels that differ in level."""
    for run in range(runs):
        truth = chance.uniform(-0.8, 0.8)
        pearson = 2 * np.sin(truth * np.pi / 6)
        left, other = chance.normal(size=(2, groups, chance.integers(*counts, endpoint=True)))
        right = pearson * left + np.sqrt(1 - pearson**2) * other
        level = chance.normal(size=(2, groups, 1))
        pairs = np.exp(np.stack([left + level[0], right + level[1]], -1)).tolist()
        estimate = intervals.rank_correlation(pairs)
        if estimate:
            yield run, estimate.low <= truth <= estimate.high


# --- changes ---


def changes(runs: int, chats: Chats, talks: tuple[int, int], tagger: str) -> Iterator[Held]:
    """An agent's index before and after, between which they may have changed."""
    chats.set_base(0.6)
    for run in range(runs):
        skills = chats.usual + 0.6 * chance.normal() + chance.choice([0.0, 0.7]) * chance.normal(size=(2, 1))
        sides = (Spread(), Spread())
        for skill, side in zip(skills, sides, strict=True):
            for _ in range(chance.integers(*talks, endpoint=True)):
                score = chats.talk(skill, tagger)
                side.add(score.mean, error=score.error, sampling=score.sampling)
        estimate = intervals.difference_of_means(*sides)
        truth = (chats.truth(skills[1]) - chats.truth(skills[0])) / 100
        yield run, estimate.low <= truth <= estimate.high


def shares(runs: int, counts: tuple[int, int]) -> Iterator[Held]:
    """An agent's share of met openings before and after."""
    for run in range(runs):
        share = chance.uniform(0.05, 0.95, 2)
        count = chance.integers(*counts, size=2, endpoint=True)
        met = chance.binomial(count, share)
        low, high = intervals.difference_of_shares((met[0], count[0]), (met[1], count[1]))
        yield run, low <= share[1] - share[0] <= high


@dataclass(frozen=True)
class Bench:
    """How many runs each line has, and what the store's conversations give."""

    runs: int
    rubric: Rubric
    chats: dict[str, Chats]
    met: list[Met]

    def rates(self) -> None:
        for tagger, words in TAGGERS.items():
            tell(f"rate, 5–60 openings, 5–95 % met, {words}", rates(self.runs, tagger))
            for low, high in ((0.05, 0.2), (0.2, 0.8), (0.8, 0.95)):
                tell(f"  of which {100 * low:.0f}–{100 * high:.0f} % met", rates(self.runs, tagger, (low, high)))

    def indices(self) -> None:
        teams = [((4, 40), (5, 60), 0.2), ((4, 40), (5, 60), 0.6), ((4, 40), (5, 60), 1.5)]
        teams += [((4, 6), (5, 10), 0.6), ((1, 2), (5, 10), 0.6)]
        for (index, chats), drawn, (tagger, said) in product(self.chats.items(), (False, True), TAGGERS.items()):
            for agents, talks, differ in teams:
                words = f"{agents[0]}–{agents[1]} agents {differ} apart, {talks[0]}–{talks[1]} chats, {said}"
                tell(
                    f"{index}{' drawn' * drawn}, {words}",
                    indices(self.runs, chats, agents=agents, talks=talks, differ=differ, drawn=drawn, tagger=tagger),
                )

    def fits(self) -> None:
        sizes = [((3, 5), (3, 8)), ((3, 5), (10, 50)), ((6, 20), (10, 50)), ((21, 60), (20, 100)), ((10, 50), (3, 5))]
        for (talks, others), towards in product(sizes, (0.0, 0.7)):
            words = f"{talks[0]}–{talks[1]} chats with a type, {others[0]}–{others[1]} others, adapting {towards}"
            tell(
                f"fit, {words}",
                adapting(self.runs, self.met, self.rubric, talks=talks, others=others, towards=towards),
            )

    def outcomes(self) -> None:
        for few, many in ((5, 10), (11, 60), (61, 300)):
            for name, scale in (("csat", range(1, 6)), ("nps", range(-1, 2)), ("ces", range(1, 8))):
                tell(f"mean {name}, {few}–{many} ratings", ratings(self.runs, scale, (few, many)))
            tell(f"median wait, {few}–{many} chats", medians(self.runs, (few, many)))
        for groups, few, many in ((1, 20, 40), (1, 41, 300), (3, 10, 40)):
            tell(f"rank correlation, {groups} × {few}–{many} chats", correlations(self.runs, groups, (few, many)))

    def changes(self) -> None:
        for few, many in ((5, 12), (13, 60)):
            tell(f"difference of shares, {few}–{many} openings each", shares(self.runs, (few, many)))
            for (index, chats), (tagger, words) in product(self.chats.items(), TAGGERS.items()):
                found = changes(self.runs, chats, (few, many), tagger)
                tell(f"difference of {index}, {few}–{many} chats each, {words}", found)


TAGGERS = {"none": "never wrong", "own": "calibrated for each", "all": "calibrated over all"}
NAMES = ("rates", "indices", "fits", "outcomes", "changes")


def main(path: Path, runs: str = "2000", *names: str) -> None:
    rubric = read_rubric()
    manners = Manners()
    with Store(path, create=False) as store:
        chats = {name: Chats(store, rubric, name) for name in ("care", "service")}
        for one in store.conversations():
            manners.add(one)
    bench = Bench(int(runs), rubric, chats, manners.met)
    print(f"{'what':<74} {'runs':>6}   held")
    for name in names or NAMES:
        getattr(bench, name)()


main(Path(sys.argv[1]), *sys.argv[2:])
