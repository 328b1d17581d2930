"""Formulas from their sources, written anew for the figures of pages: intervals of shares, means, changes and ranks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

Z = stats.norm.ppf(0.975)


def interval(met: float, count: int, variance: float = 0.0) -> tuple[float, float]:
    """Wilson's score interval (1927), and that of the share behind it when verdicts are wrong (Rogan and Gladen 1978)."""
    low, high, _ = wilson(met, count, Z)
    wrong = (1 - math.sqrt(max(0.0, 1 - 4 * variance / count))) / 2  # so that wrong * (1 - wrong) is their variance
    if wrong > 0.5 - 1e-9:
        return 0.0, 1.0
    ends = [low, high, *((end - wrong) / (1 - 2 * wrong) for end in (low, high))]
    return max(0.0, min(ends)), min(1.0, max(ends))


def wilson(met: float, count: float, z: float) -> tuple[float, float, float]:
    share = met / count
    centre, scale = share + z**2 / (2 * count), 1 + z**2 / count
    reach = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return (centre - reach) / scale, (centre + reach) / scale, share


@dataclass(frozen=True)
class Usual:
    """Conversations' scores in groups, as a random-effects model has them; `spreads` has a row for each variance that
    there may be between groups: how likely it is, itself, and the common mean and its variance that go with it."""

    mean: float
    within: float
    deviate: float
    clarity: float
    spreads: np.ndarray

    @classmethod
    def of(cls, groups: list[np.ndarray]) -> "Usual":
        """Of each group a row a conversation: mean, error's variance, variance by how little was seen of it."""
        counts, means = (np.array([f(one) for one in groups]) for f in (len, lambda one: one[:, 0].mean()))
        _, error, little = np.concatenate(groups).mean(axis=0)
        free = counts.sum() - len(groups)
        seen = sum(((one[:, 0] - one[:, 0].mean()) ** 2).sum() for one in groups) / max(1, free)
        student = stats.t.ppf(0.975, max(1, free))
        is_seen = free and math.sqrt(seen) * student > math.sqrt(little) * Z
        within = seen if is_seen else little if free else little + error
        spreads = spreads_of(means, within / counts)
        _, between, mean, _ = max(spreads, key=lambda row: row[0] / math.sqrt(row[1]))  # a step is a deviation wide
        clarity = (between + within) / (between + within + error) if len(groups) > 1 else 1.0
        return cls(mean, within, student if is_seen else Z, clarity, spreads)

    def index(self, mean: float, count: int, *, is_drawn: bool = True) -> tuple[float, float, float]:
        """Of 100: drawn to the usual (Morris and Tang 2011), with its interval, also unattenuated (Spearman 1904)."""
        doubt = self.within / count
        if is_drawn:
            likely, between, common, known = self.spreads.T
            pull = doubt / (doubt + between)
            places, doubts = mean + pull * (common - mean), (1 - pull) * doubt + pull**2 * known
            mean = np.average(places, weights=likely)
            doubt = np.average(doubts + (places - mean) ** 2, weights=likely)
        reach = self.deviate * math.sqrt(doubt)
        ends = np.array([mean - reach, mean + reach])
        ends = np.concatenate([ends, self.mean + (ends - self.mean) / self.clarity]).clip(0, 1)
        return 100 * mean, 100 * ends.min(), 100 * ends.max()


def spreads_of(means: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Rows as `Usual.spreads`, 5 % apart, where all variances between groups are as likely beforehand."""
    rows = []
    for step in range(-200, 1):
        deviation = 10 ** (step / 50)
        every = deviation**2 + variances
        known = 1 / (1 / every).sum()
        mean = known * (means / every).sum()
        likely = stats.norm.logpdf(means, mean, np.sqrt(every)).sum() + np.log(known) / 2
        rows.append((likely + 2 * np.log(deviation), deviation**2, mean, known))
    found = np.array(rows)
    found[:, 0] = np.exp(found[:, 0] - found[:, 0].max())
    return found[found[:, 0] > 1e-4 * found[:, 0].sum()]


def chat_index(mean: float, error: float, weight: float) -> tuple[float, float, float]:
    """A conversation's score of 100: the beta distribution with its mean and variance."""
    most = mean * (1 - mean)
    strength = most / min(most / (weight + 1) + error, 0.999 * most) - 1
    low, high = stats.beta.ppf([0.025, 0.975], mean * strength, (1 - mean) * strength)
    return 100 * mean, 100 * min(mean, low), 100 * max(mean, high)


def difference(
    one: np.ndarray, other: np.ndarray, level: float = 0.95, *, shared: bool = False
) -> tuple[float, float, float]:
    """How much higher the mean is, with Welch's interval (1947); `shared` variance: Student's."""
    found = stats.ttest_ind(one, other, equal_var=shared).confidence_interval(level)
    return one.mean() - other.mean(), found.low, found.high


def change_of_means(before: np.ndarray, after: np.ndarray, level: float) -> tuple[float, float, float]:
    """Welch's interval."""
    change, low, high = difference(after[:, 0], before[:, 0], level)
    return 100 * change, 100 * low, 100 * high


def change_of_shares(before: np.ndarray, after: np.ndarray, level: float) -> tuple[float, float, float]:
    """Newcombe's interval of counts divided by the design effect; rows are met and called for, by conversation."""
    effect, freedom = design_effect(before, after), len(before) + len(after) - 2
    z = stats.t.ppf((1 + level) / 2, freedom) if effect > 1 else stats.norm.ppf((1 + level) / 2)
    change, low, high = newcombe(*(side.sum(axis=0) / effect for side in (before, after)), z)
    return 100 * change, 100 * low, 100 * high


def design_effect(*sides: np.ndarray) -> float:
    """How many openings count as one (Rao and Scott 1992): their spread over conversations against that of chance."""
    seen = chance = 0.0
    for side in sides:
        share = side[:, 0].sum() / side[:, 1].sum()
        seen += len(side) / max(1, len(side) - 1) * ((side[:, 0] - share * side[:, 1]) ** 2).sum()
        chance += side[:, 1].sum() * share * (1 - share)
    return max(1.0, seen / chance) if chance else 1.0


def fisher(part: np.ndarray, rest: np.ndarray) -> float:
    """The p-value of his exact test of whole effective counts."""
    effect = design_effect(part, rest)
    sums = [side.sum(axis=0) for side in (part, rest)]
    return stats.fisher_exact([[int(met / effect), int((called - met) / effect)] for met, called in sums]).pvalue


def newcombe(before: np.ndarray, after: np.ndarray, z: float) -> tuple[float, float, float]:
    """The difference of two shares with its interval (1998)."""
    (low, high, first), (low_after, high_after, last) = (wilson(*side, z) for side in (before, after))
    change = last - first
    return (
        change,
        change - math.hypot(last - low_after, high - first),
        change + math.hypot(high_after - last, first - low),
    )


def spearman(groups: Iterable[list[tuple[float, float]]], level: float) -> tuple[float, float, float] | None:
    """The correlation of ranks within groups, with Fisher's z after Bonett and Wright (2000)."""
    ranks = [stats.rankdata(np.array(pairs), axis=0) / (len(pairs) + 1) for pairs in groups if len(pairs) > 1]
    left, right = np.concatenate([one - one.mean(axis=0) for one in ranks]).T
    if not left.any() or not right.any():
        return None
    rho = left @ right / math.sqrt((left @ left) * (right @ right))
    reach = stats.norm.ppf((1 + level) / 2) * math.sqrt((1 + rho**2 / 2) / (len(left) - len(ranks) - 2))
    low, high = np.tanh(np.arctanh(rho) + np.array([-reach, reach]))
    return rho, low, high
