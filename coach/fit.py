"""Fit: how far an agent's manner moved towards what the customer's way of talking asked for.

The manner of an agent in a conversation is a few measures of what they said. What each customer type asks for is a
weight on them (`[fit.…]` in the rubric). A conversation fits by as much as that weighted manner lies above the same
agent's in their other conversations, in units of how much it usually varies: 0 is the agent's usual way, 1 is a
standard deviation towards this customer. An agent who treats everybody alike has a fit about 0 with everyone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from coach.conversation import SKILLS, Conversation, Reviewed, Sentence
from coach.intervals import LEVEL, deviate, difference_of_means
from coach.sample import Sample
from coach.spread import Spread

MEASURES = ("brevity", "promptness", "timetable", "detail", "warmth", "care_first")
MOST = 20_000
MOST_SHOWN = 160
FEWEST = 3
"""Conversations of a type, and others, under which nothing is said of an agent's fit with it."""
NOTHING = 1e-9  # smaller differences are the computer's rounding


def manner(reviewed: Reviewed, agent: str | None) -> Mapping[str, float] | None:
    """The agent's measures in one conversation; None when they said nothing that was judged.

    brevity: minus the log of words a turn; promptness: minus the share of the agent's sentences before the first that
    instructs or explains; timetable: the surest word of what happens next and when; detail: explanations and steps a
    sentence; warmth: empathy a sentence; care_first: 1 when empathy comes before any instruction, 0 when after, or
    never.
    """
    conversation, sentences = reviewed.conversation, reviewed.judgements.sentences
    turns = [i for i, said in enumerate(sentences) if said and conversation.agent_of(i) == agent]
    said = [sentence for turn in turns for sentence in sentences[turn]]
    if not said:
        return None
    words = sum(len(conversation.turns[turn].text.split()) for turn in turns)
    guides, cares = _first(said, ("instruct", "explain")), _first(said, SKILLS["empathy"])
    return {
        "brevity": -math.log(max(1, words) / len(turns)),
        "promptness": -(len(said) if guides is None else guides) / len(said),
        "timetable": max(s.probabilities["expect"] for s in said),
        "detail": _share(said, ("instruct", "explain")),
        "warmth": _share(said, SKILLS["empathy"]),
        "care_first": float(cares is not None and (guides is None or cares <= guides)),
    }


def _first(said: Sequence[Sentence], tags: Sequence[str]) -> int | None:
    return next((place for place, s in enumerate(said) if any(tag in s.assigned for tag in tags)), None)


def _share(said: Sequence[Sentence], tags: Sequence[str]) -> float:
    """The mean over sentences of the surest of the tags."""
    return sum(max(s.probabilities[tag] for tag in tags) for s in said) / len(said)


@dataclass(frozen=True, slots=True)
class Met:
    """One agent's manner in one conversation with a customer of a type; `id` is the conversation's.

    `words` are those of the agent's longest turn, or as many of the first as a page can show.
    """

    id: str
    agent: str
    type: str | None
    manner: Mapping[str, float]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """An agent's fit with one type: conversations, mean with 95 % interval in standard deviations, best and poorest.

    `best` and `poorest` are the conversations furthest towards the type and away from it; `manner` and `usual` the
    mean measures with this type and with all other customers.
    """

    type: str
    count: int
    mean: float
    low: float
    high: float
    best: Met
    poorest: Met
    manner: Mapping[str, float]
    usual: Mapping[str, float]

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return not self.low <= 0 <= self.high


def fits(met: Sequence[Met], weights: Mapping[str, Mapping[str, float]], scales: Mapping[str, float]) -> list[Fit]:
    """One agent's fit with each type met often enough. `scales` are the measures' standard deviations in the team."""
    found = []
    for type, wanted in weights.items():
        of_type, others = ([one for one in met if (one.type == type) is same] for same in (True, False))
        if min(len(of_type), len(others)) < FEWEST:
            continue
        values = [directed(one.manner, wanted, scales) for one in of_type]
        usual = [directed(one.manner, wanted, scales) for one in others]
        mean, reach = _difference(values, usual)
        ranked = [one for _, _, one in sorted((v, one.id, one) for v, one in zip(values, of_type, strict=True))]
        found.append(
            Fit(
                type=type,
                count=len(of_type),
                mean=mean,
                low=mean - reach,
                high=mean + reach,
                best=ranked[-1],
                poorest=ranked[0],
                manner=_means(of_type),
                usual=_means(others),
            )
        )
    return found


def _difference(values: Sequence[float], usual: Sequence[float]) -> tuple[float, float]:
    """The difference of two means and half its 95 % interval; none when neither side varies.

    Welch's interval or Student's, whichever is wider: a few conversations on one side may happen to be alike, and
    Welch's then takes their small variance for the truth (benchmarks/intervals.py).
    """
    here, rest = Spread.of(values), Spread.of(usual)
    change = difference_of_means(rest, here)
    free = here.count + rest.count - 2
    shared = (here.squares + rest.squares) / free
    student = deviate(LEVEL, free) * math.sqrt(shared / here.count + shared / rest.count)
    reach = max(change.high - change.value, student)
    return change.value, reach if reach > NOTHING else 0.0


def directed(manner: Mapping[str, float], wanted: Mapping[str, float], scales: Mapping[str, float]) -> float:
    """The measures weighted by what is wanted, each in its standard deviations; the weights' sizes add up to 1."""
    total = sum(abs(weight) for weight in wanted.values())
    return sum(weight * manner[name] / scales[name] for name, weight in wanted.items()) / total


def scales_of(met: Sequence[Met]) -> Mapping[str, float]:
    """The standard deviation of each measure within agents; 1 where it never changes."""
    by_agent: dict[str, list[Met]] = {}
    for one in met:
        by_agent.setdefault(one.agent, []).append(one)
    usual = {agent: _means(own) for agent, own in by_agent.items()}
    free = max(1, len(met) - len(by_agent))
    squares = {name: math.fsum((one.manner[name] - usual[one.agent][name]) ** 2 for one in met) for name in MEASURES}
    found = {name: math.sqrt(total / free) for name, total in squares.items()}
    return {name: scale if scale > NOTHING else 1.0 for name, scale in found.items()}


def _means(met: Sequence[Met]) -> Mapping[str, float]:
    return {name: fmean(one.manner[name] for one in met) for name in MEASURES}


def team_fits(
    met: Sequence[Met], weights: Mapping[str, Mapping[str, float]], scales: Mapping[str, float]
) -> Mapping[str, float]:
    """By type, the mean of the agents' fits, each counted by the conversations behind it."""
    found: dict[str, list[tuple[int, float]]] = {}
    for agent in {one.agent: None for one in met}:
        for fit in fits([one for one in met if one.agent == agent], weights, scales):
            found.setdefault(fit.type, []).append((fit.count, fit.mean))
    return {type: sum(n * mean for n, mean in each) / sum(n for n, _ in each) for type, each in found.items()}


def chance_of_differences(
    met: Sequence[Met], weights: Mapping[str, Mapping[str, float]], *, rounds: int = 999, seed: int = 1
) -> float | None:
    """The share of shufflings of the agents in which they differ in fit as much as they do: a permutation test.

    Agents are shuffled among the conversations with one type of customer, so that each keeps as many of every type;
    what is usual for an agent, and what all do alike with a type, is taken off first. None when fewer than two agents
    have met a type, and others, often enough.
    """
    import numpy as np

    agents, agent = np.unique([one.agent for one in met], return_inverse=True)
    types = np.array([one.type or "" for one in met], dtype=str)
    groups = [np.flatnonzero(types == type) for type in np.unique(types)]
    scales = scales_of(met)
    own = np.maximum(1, np.bincount(agent, minlength=len(agents)))

    def totals(who: "np.ndarray", values: "np.ndarray") -> "np.ndarray":
        return np.bincount(who, values, len(agents))

    def unexplained(values: "np.ndarray", of_type: "np.ndarray") -> "np.ndarray":
        """What is left of the values without the agents' means and the type's effect on all of them."""
        left, asked = (column - (totals(agent, column) / own)[agent] for column in (values, of_type.astype(float)))
        return left - asked * (asked @ left) / max(float(asked @ asked), NOTHING)

    rows = []
    for name, wanted in weights.items():
        of_type = types == name
        left = unexplained(np.array([directed(one.manner, wanted, scales) for one in met]), of_type)
        many = totals(agent, of_type)
        rows.append((left, of_type, np.where(np.minimum(many, own - many) >= FEWEST, many, np.nan)))

    def spread(who: "np.ndarray") -> float:
        """The variance between agents of their mean fit."""
        apart = []
        for left, of_type, many in rows:
            of_these = totals(who, left * of_type)
            apart.append(of_these / many - (totals(who, left) - of_these) / (own - many))
        known = ~np.isnan(apart).all(axis=0)
        return float(np.nanmean(np.array(apart)[:, known], axis=0).var()) if known.sum() > 1 else math.nan

    seen = spread(agent)
    if math.isnan(seen):
        return None
    chance = np.random.default_rng(seed)
    as_much = 0
    for _ in range(rounds):
        shuffled = agent.copy()
        for places in groups:
            shuffled[places] = chance.permutation(agent[places])
        as_much += spread(shuffled) >= seen - NOTHING
    return (1 + as_much) / (rounds + 1)


def _longest(conversation: Conversation, agent: str) -> str:
    own = (t.text for i, t in enumerate(conversation.turns) if t.role == "agent" and conversation.agent_of(i) == agent)
    return max(own, key=len)[:MOST_SHOWN]


@dataclass
class Manners:
    """The manner of every agent in every conversation, or in an even sample of at most MOST of them."""

    held: Sample[Met] = field(default_factory=lambda: Sample(MOST))

    def add(self, reviewed: Reviewed, *, of: str | None = None) -> None:
        """Every agent's manner in the conversation, or that of one."""
        conversation = reviewed.conversation
        for agent in conversation.agents if of is None else (of,):
            if found := manner(reviewed, agent):
                label, words = reviewed.judgements.customer_type.label, _longest(conversation, agent)
                self.held.add(f"{conversation.id} {agent}", Met(conversation.id, agent, label, found, words))

    @property
    def met(self) -> list[Met]:
        return self.held.members
