"""Judgements and rubric → care and service indices with intervals. Pure: no input, no output, no model."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist

from coach.conversation import Conversation, Credit, Index, Judgements, Rate, Scorecard
from coach.rubric import Rubric

Z = NormalDist().inv_cdf(0.975)
PARTS = ("empathy", "listening", "instruction", "expectation", "resolution", "timeliness")


def credits_of(conversation: Conversation, judgements: Judgements, rubric: Rubric) -> tuple[Credit, ...]:
    """Everything in the conversation that counts. A thing that was not called for is not in it."""
    found = [Credit(o.skill, rubric.credit[o.status], o.agent) for o in judgements.openings]
    last = next((conversation.agent_of(i) for i in _agent_turns(conversation)[::-1]), None)
    resolved = conversation.outcome.resolved or judgements.resolution.label
    if resolved != "unknown":
        found.append(Credit("resolution", rubric.credit[f"resolved_{resolved}"], last))
    if resolved in ("partly", "no"):
        told = any(tag.name == "expect" for tag in judgements.tags)
        found.append(Credit("expectation", float(told), last))
    waited = first_response(conversation)
    target = rubric.first_response_seconds.get((conversation.channel or "").lower())
    if waited is not None and target is not None:
        first = _agent_turns(conversation)[:1]
        found.append(Credit("timeliness", float(waited <= target), conversation.agent_of(first[0]) if first else None))
    return tuple(found)


def _agent_turns(conversation: Conversation) -> list[int]:
    return [i for i, turn in enumerate(conversation.turns) if turn.role == "agent"]


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


def scorecard(credits: Iterable[Credit], rubric: Rubric) -> Scorecard:
    """The indices of any set of credits: a conversation's, an agent's, a team's."""
    by_part: dict[str, list[float]] = defaultdict(list)
    for credit in credits:
        by_part[credit.part].append(credit.worth)
    return Scorecard(
        care=_index(by_part, rubric.care),
        service=_index(by_part, rubric.service),
        parts={part: rate(sum(by_part[part]), len(by_part[part])) for part in PARTS},
    )


def rate(met: float, called_for: int) -> Rate:
    """A share with its Wilson interval."""
    return Rate(met, called_for, *wilson(met, called_for))


def wilson(met: float, count: float) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927); `met` and `count` may be fractions. (0, 1) for count 0."""
    if count <= 0:
        return 0.0, 1.0
    share = met / count
    centre = share + Z * Z / (2 * count)
    margin = Z * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    scale = 1 + Z * Z / count
    return max(0.0, min(share, (centre - margin) / scale)), min(1.0, max(share, (centre + margin) / scale))


def _index(by_part: Mapping[str, Sequence[float]], weights: Mapping[str, float]) -> Index:
    """Weighted mean of worths × 100; its interval takes the effective count (Σw)²/Σw² of Kish (1965)."""
    pairs = [(weight, worth) for part, weight in weights.items() if weight for worth in by_part.get(part, ())]
    if not pairs:
        return Index(None, 0.0, 100.0, 0)
    total = sum(weight for weight, _ in pairs)
    share = min(1.0, sum(weight * worth for weight, worth in pairs) / total)
    effective = total**2 / sum(weight**2 for weight, _ in pairs)
    low, high = wilson(share * effective, effective)
    return Index(100 * share, 100 * low, 100 * high, len(pairs))
