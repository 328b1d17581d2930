"""What is usual, and where a group of conversations stands beside it: an agent, a team, a month.

A group's index is the mean over its conversations. Where groups stand side by side each is drawn towards all of them by
as much as chance alone could have set it apart.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from coach.conversation import Credit, Index, Scorecard
from coach.intervals import LEVEL, Z, deviate
from coach.rubric import Rubric
from coach.scoring import NOTHING, Parts, scores
from coach.spread import Spread

SLIGHT = 1e-4
DEVIATIONS = tuple(10 ** (step / 50) for step in range(-200, 1))  # between groups, 0.0001 to 1: 5 % apart


@dataclass(frozen=True, slots=True)
class Norm:
    """What is usual: the mean of groups, the variance between them, and the variance of a conversation in one.

    `known` is the variance of that mean, `freedom` the degrees of freedom of `within` (infinite where it is not
    from how conversations differ). `clarity` is the share of a difference between groups that is left when the
    tagger's errors are the same for all of them. `spreads` are the variances there may be between groups: how likely
    each is, the variance, and the mean and the variance of that which go with it.
    """

    mean: float
    between: float
    within: float
    known: float
    freedom: float
    clarity: float
    spreads: tuple[tuple[float, float, float, float], ...]


def norm(groups: Iterable[Spread]) -> Norm | None:
    """The usual of groups of conversations; None without any.

    The variance between groups maximises their marginal likelihood times its own root, which keeps it off zero when
    there are few groups (Chung, Rabe-Hesketh, Dorie, Gelman and Liu 2013): it is the likeliest one when beforehand all
    variances are as likely. The variance within them holds what the tagger's errors scatter; it is never less than how
    little is seen of one conversation.
    """
    found = [one for one in groups if one.count]
    if not found:
        return None
    conversations = sum(one.count for one in found)
    within, freedom = _within(found, conversations)
    variances = [within / one.count for one in found]
    means = [one.mean for one in found]

    def centre(between: float) -> tuple[float, float]:
        weights = [1 / (between + variance) for variance in variances]
        total = math.fsum(weights)
        return math.fsum(w * mean for w, mean in zip(weights, means, strict=True)) / total, 1 / total

    def loss(deviation: float) -> float:
        mean, known = centre(deviation**2)
        apart = (
            math.log(deviation**2 + variance) + (one - mean) ** 2 / (deviation**2 + variance)
            for one, variance in zip(means, variances, strict=True)
        )
        return (math.fsum(apart) - math.log(known)) / 2 - math.log(deviation)

    losses = [loss(deviation) for deviation in DEVIATIONS]
    least = min(losses)
    between = DEVIATIONS[losses.index(least)] ** 2
    mean, known = centre(between)
    # a step of the logarithm is a deviation wide
    chances = [math.exp(least - one) * deviation for one, deviation in zip(losses, DEVIATIONS, strict=True)]
    likely = [(chance, deviation**2) for chance, deviation in zip(chances, DEVIATIONS, strict=True)]
    whole = math.fsum(chances)
    spreads = tuple((chance / whole, one, *centre(one)) for chance, one in likely if chance > SLIGHT * whole)
    error = sum(one.error for one in found) / conversations if len(found) > 1 else 0.0
    seen = between + within
    return Norm(mean, between, within, known, freedom, seen / (seen + error), spreads)


def _within(groups: Sequence[Spread], conversations: int) -> tuple[float, float]:
    """The variance of a conversation in its group, and its degrees of freedom.

    As conversations differ, or as little as is seen of each, whichever makes the wider interval.
    """
    usual = sum(one.sampling for one in groups) / conversations
    free = conversations - len(groups)
    if not free:  # as little as is known of each alone
        return usual + sum(one.error for one in groups) / conversations, math.inf
    seen = sum(one.squares for one in groups) / free
    return (seen, free) if seen * deviate(LEVEL, free) ** 2 > usual * Z**2 else (usual, math.inf)


def pooled(one: Spread, usual: Norm | None, *, towards_usual: bool = True) -> Index:
    """A group's index, drawn towards the usual by as much as chance could have set it apart (Morris 1983).

    How much groups differ is uncertain too; all that it may be counts by how likely it is (Morris and Tang 2011).
    Where the tagger's errors are the same for all groups they look more alike than they are: each bound may lie
    further from the usual, by the correction for attenuation (Spearman 1904). Where its probabilities hold for each
    group they do not; the interval holds both.
    """
    if not one.count or usual is None:
        return NOTHING
    error = one.error / one.count**2
    variance = usual.within / one.count
    mean = one.mean
    if towards_usual:
        mean, variance = _drawn(one.mean, variance, usual)
    margin = deviate(LEVEL, usual.freedom) * math.sqrt(variance)
    bounds = [mean - margin, mean + margin]
    bounds += [usual.mean + (bound - usual.mean) / usual.clarity for bound in bounds]
    low, high = max(0.0, min(bounds)), min(1.0, max(bounds))
    return Index(100 * mean, 100 * low, 100 * high, one.count, 100 * Z * math.sqrt(error))


def _drawn(own: float, variance: float, usual: Norm) -> tuple[float, float]:
    """The mean and the variance of where a group stands, from its own mean and the variance of that."""
    found = []
    for chance, between, centre, known in usual.spreads:
        pull = variance / (variance + between)
        found.append((chance, (1 - pull) * own + pull * centre, (1 - pull) * variance + pull**2 * known))
    whole = math.fsum(chance for chance, _, _ in found)
    mean = math.fsum(chance * place for chance, place, _ in found) / whole
    return mean, math.fsum(chance * (doubt + (place - mean) ** 2) for chance, place, doubt in found) / whole


@dataclass(frozen=True, slots=True)
class Norms:
    """The usual care and service of a set of groups."""

    care: Norm | None
    service: Norm | None


@dataclass
class Tally:
    """Running scores of a group of conversations."""

    care: Spread = field(default_factory=Spread)
    service: Spread = field(default_factory=Spread)
    parts: Parts = field(default_factory=Parts)

    def add(self, credits: Sequence[Credit], rubric: Rubric) -> None:
        """One conversation's credits, or one agent's of it."""
        self.parts.add(credits)
        for name, score in scores(credits, rubric).items():
            one = self.care if name == "care" else self.service
            one.add(score.mean, error=score.error, sampling=score.sampling)

    def card(self, usual: Norms, *, towards_usual: bool = True) -> Scorecard:
        return Scorecard(
            pooled(self.care, usual.care, towards_usual=towards_usual),
            pooled(self.service, usual.service, towards_usual=towards_usual),
            self.parts.rates(),
        )


def norms(groups: Iterable[Tally]) -> Norms:
    found = list(groups)
    return Norms(norm(one.care for one in found), norm(one.service for one in found))
