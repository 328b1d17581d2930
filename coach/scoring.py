"""Judgements and rubric → care and service indices with intervals. Pure: no input, no output, no model.

A conversation's index is the weighted mean of what its credits are expected to be worth, pooled with the rubric's
baseline, so that one opening does not make 0 or 100. The intervals hold both how little there is to go by and the
errors the tagger is known to make. What a group of conversations comes to is in coach.norms.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from coach.conversation import Conversation, Credit, Index, Judgements, Opening, Rate, Scorecard, Sentence
from coach.cues import cues
from coach.intervals import Z, wilson
from coach.rubric import Rubric

ROUNDING = 1e-9
PARTS = (
    *("empathy", "listening", "warmth", "understanding"),
    *("instruction", "verification", "expectation", "resolution", "timeliness", "ending"),
)
SHOWN: Mapping[str, tuple[str, ...]] = {
    "warmth": ("acknowledge", "reassure", "appreciate"),
    "understanding": ("restate", "check"),
    "verification": ("verify",),
}
"""Parts that a conversation calls for once, and the tags any of which meets them."""
BESIDES = ("verification", "ending")
"""Parts that count beside others, and alone make no index."""
THANKS = cues("ending")["thanks"].pattern


def credits_of(conversation: Conversation, judgements: Judgements, rubric: Rubric) -> tuple[Credit, ...]:
    """Everything in the conversation that counts. A thing that was not called for is not in it."""
    found = [_opening(opening, rubric) for opening in judgements.openings]
    numbers = [i for i, turn in enumerate(conversation.turns) if turn.role == "agent"]
    if not numbers or not any(turn.role == "customer" for turn in conversation.turns):
        return tuple(found)
    for agent in dict.fromkeys(conversation.agent_of(i) for i in numbers):
        found += _shown(conversation, judgements, agent)
    first, last = conversation.agent_of(numbers[0]), conversation.agent_of(numbers[-1])
    found += _ending(conversation, judgements, last)
    found += _settled(conversation, judgements, rubric, last)
    waited = first_response(conversation)
    target = rubric.first_response_seconds.get((conversation.channel or "").lower())
    if waited is not None and target is not None:
        found.append(_known("timeliness", float(waited <= target), first))
    return tuple(found)


def _known(part: str, worth: float, agent: str | None) -> Credit:
    return Credit(part, worth, agent, expected=worth, variance=0.0)


def _guess(part: str, worth: float, agent: str | None, chances: Sequence[tuple[float, float]]) -> Credit:
    """A credit whose worth is uncertain: `chances` are pairs of a worth and its probability; 0 has the rest."""
    expected = sum(value * chance for value, chance in chances)
    square = sum(value * value * chance for value, chance in chances)
    return Credit(part, worth, agent, expected=expected, variance=max(0.0, square - expected**2))


def _opening(opening: Opening, rubric: Rubric) -> Credit:
    rest = max(0.0, 1 - opening.met - opening.recovered)
    chances = {"met": opening.met, "recovered": opening.recovered, "missed": rest}
    pairs = [(rubric.credit[status], chance) for status, chance in chances.items()]
    return _guess(opening.skill, rubric.credit[opening.status], opening.agent, pairs)


def _shown(conversation: Conversation, judgements: Judgements, agent: str | None) -> Iterator[Credit]:
    own = [s for i, said in enumerate(judgements.sentences) if conversation.agent_of(i) == agent for s in said]
    for part, tags in SHOWN.items() if own else ():
        if part == "verification" and not any(o.skill == "instruction" for o in judgements.openings):
            continue
        yield _said(part, own, tags, agent)


def _said(part: str, sentences: Sequence[Sentence], tags: Sequence[str], agent: str | None) -> Credit:
    """Whether any of the tags was said, as surely as the surest sentence says it."""
    best = max((s.probabilities[tag] for s in sentences for tag in tags), default=0.0)
    return _guess(part, float(any(tag in s.assigned for s in sentences for tag in tags)), agent, [(1.0, best)])


def _ending(conversation: Conversation, judgements: Judgements, agent: str | None) -> Iterator[Credit]:
    """The customer's last words: half when they show no feeling to answer, whole when they also thank."""
    last = next((i for i in reversed(range(len(conversation.turns))) if judgements.feelings[i]), None)
    feeling = None if last is None else judgements.feelings[last]
    if last is None or feeling is None:
        return
    worth = 1.0 if THANKS.search(conversation.turns[last].text) else 0.5
    yield _guess("ending", 0.0 if feeling.label else worth, agent, [(worth, feeling.probabilities["none"])])


def _settled(conversation: Conversation, judgements: Judgements, rubric: Rubric, agent: str | None) -> Iterator[Credit]:
    known, judged = conversation.outcome.resolved, judgements.resolution
    resolved = known or judged.label
    worths = {label: rubric.credit[f"resolved_{label}"] for label in ("yes", "partly", "no")}
    if known in worths:
        yield _known("resolution", worths[known], agent)
    elif resolved in worths:
        sure = sum(judged.probabilities.get(label, 0.0) for label in worths)
        pairs = [(worth, judged.probabilities.get(label, 0.0) / sure) for label, worth in worths.items()]
        yield _guess("resolution", worths[resolved], agent, pairs)
    if resolved in ("partly", "no"):
        yield _said("expectation", [s for said in judgements.sentences for s in said], ("expect",), agent)


def first_response(conversation: Conversation) -> float | None:
    """Seconds from the customer's first words to the agent's next: as reported, else from the turns' times."""
    if conversation.outcome.first_response_seconds is not None:
        return conversation.outcome.first_response_seconds
    asked = next((turn.time for turn in conversation.turns if turn.role == "customer"), None)
    if asked is None:
        return None
    answers = (turn.time for turn in conversation.turns if turn.role == "agent" and turn.time)
    answered = next((time for time in answers if time >= asked), None)
    return None if answered is None else (answered - asked).total_seconds()


def rate(met: float, called_for: int, *, variance: float = 0.0) -> Rate:
    """A share with its 95 % interval: Wilson's, and what it may be when wrong verdicts hide some of the truth.

    `variance` is the summed variance of the verdicts, which tells how many are wrong. Where both kinds of wrong
    verdict are as frequent for everybody, each bound lies further from a half (Rogan and Gladen 1978); where the
    tagger's probabilities hold for each agent they do not. Which of the two is so cannot be seen, so that both are
    held. (Adding the variance to Wilson's would count the wrong verdicts' chance twice and their slant not at all.)
    """
    low, high = wilson(met, called_for)
    wrong = (1 - math.sqrt(max(0.0, 1 - 4 * variance / called_for))) / 2 if called_for else 0.0
    if wrong >= 0.5 - ROUNDING:
        return Rate(met, called_for, 0.0, 1.0)
    truly_low, truly_high = ((bound - wrong) / (1 - 2 * wrong) for bound in (low, high))
    return Rate(met, called_for, max(0.0, min(low, truly_low)), min(1.0, max(high, truly_high)))


@dataclass(frozen=True, slots=True)
class Score:
    """One index of one conversation, 0–1: its mean, its variance by how little was seen, and by the tagger's errors."""

    mean: float
    sampling: float
    error: float
    count: int

    @property
    def index(self) -> Index:
        """With the beta distribution's interval of that mean and variance."""
        from scipy.special import betaincinv

        spread = min(self.sampling + self.error, 0.999 * self.mean * (1 - self.mean))
        strength = self.mean * (1 - self.mean) / spread - 1
        low, high = betaincinv(self.mean * strength, (1 - self.mean) * strength, [0.025, 0.975])
        low, high = min(self.mean, float(low)), max(self.mean, float(high))  # a very skewed one may leave its mean out
        return Index(100 * self.mean, 100 * low, 100 * high, self.count, 100 * Z * math.sqrt(self.error))


def scores(credits: Iterable[Credit], rubric: Rubric) -> Mapping[str, Score]:
    """Care and service of one conversation, or of one agent's part in it; none where nothing was called for."""
    found = list(credits)
    named = {"care": rubric.care, "service": rubric.service}
    scored = ((name, _score(found, weights, *rubric.baseline[name])) for name, weights in named.items())
    return {name: score for name, score in scored if score}


def _score(credits: Iterable[Credit], weights: Mapping[str, float], start: float, strength: float) -> Score | None:
    """The posterior of a beta prior at `start` that is worth `strength` of evidence."""
    pairs = [(weights[c.part], c) for c in credits if weights.get(c.part)]
    if all(c.part in BESIDES for _, c in pairs):
        return None
    weight = sum(w for w, _ in pairs) + strength
    mean = (sum(w * c.expected for w, c in pairs) + strength * start) / weight
    mean = min(max(mean, 1e-6), 1 - 1e-6)
    error = sum(w * w * c.variance for w, c in pairs) / weight**2
    return Score(mean, mean * (1 - mean) / (weight + 1), error, len(pairs))


def scorecard(credits: Iterable[Credit], rubric: Rubric) -> Scorecard:
    """The scores of one conversation."""
    found = list(credits)
    indices = {name: score.index for name, score in scores(found, rubric).items()}
    parts = Parts()
    parts.add(found)
    return Scorecard(indices.get("care", NOTHING), indices.get("service", NOTHING), parts.rates())


NOTHING = Index(None, 0.0, 100.0, 0, 0.0)


@dataclass
class Parts:
    """Running counts of credits by part: how many, their worth, and the variance of that."""

    sums: dict[str, tuple[int, float, float]] = field(default_factory=lambda: defaultdict(lambda: (0, 0.0, 0.0)))

    def add(self, credits: Iterable[Credit]) -> None:
        for credit in credits:
            count, worth, variance = self.sums[credit.part]
            self.sums[credit.part] = (count + 1, worth + credit.worth, variance + credit.variance)

    def rates(self) -> dict[str, Rate]:
        found = {part: self.sums.get(part, (0, 0.0, 0.0)) for part in PARTS}
        return {part: rate(worth, count, variance=variance) for part, (count, worth, variance) in found.items()}
