"""Which of an agent's moments are worth showing to them: the best met, and those that were lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from coach.conversation import SURE, Moment, Reviewed
from coach.cues import cues
from coach.moments import fullest_answer
from coach.scoring import THANKS

UNHAPPY = cues("ending")["unhappy"].pattern
MOST_HELD = 60
"""How many of a skill's met, and of its missed, moments are held to choose from."""
SHOWN_FIRST = 0.75
"""How surely called for a moment should be, to be shown."""
READ_AT_A_GLANCE = 90
"""Words of a moment, the customer's and the agent's together."""
LEFT_OPEN = 0.75
"""How much less an answer counts as well received where the matter stayed open."""


@dataclass(frozen=True, slots=True)
class Best:
    """A met moment that may be shown: how much it is worth showing, its day, and the customer's next words."""

    worth: tuple[float, ...]
    day: date | None
    moment: Moment
    more: tuple[str, ...]
    next_words: str | None

    @property
    def order(self) -> tuple[tuple[float, ...], str, int]:
        """The most worth showing first."""
        return tuple(-part for part in self.worth), self.moment.conversation, self.moment.turn


@dataclass(frozen=True, slots=True)
class Lost:
    """A moment that was missed, or met only in turn `later`, and its day."""

    day: date | None
    moment: Moment
    more: tuple[str, ...]
    later: int | None

    @property
    def order(self) -> tuple[bool, bool, float, str, int]:
        """Missed before met late, then the most surely called for and not answered.

        Of what was met late, first that in which no feeling had to be answered before.
        """
        moment, is_late = self.moment, self.later is not None
        after_feeling = is_late and moment.feeling is not None
        return is_late, after_feeling, -moment.certainty * moment.called, moment.conversation, moment.turn


@dataclass
class MomentTally:
    """Adds up one skill's moments, a conversation at a time; keeps those that may be shown."""

    best: list[Best] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)

    def add(self, reviewed: Reviewed, moments: Sequence[Moment], *, unmet: set[int]) -> None:
        """One conversation's moments of the skill; `unmet` turns called for something not met."""
        started = reviewed.conversation.started
        day = started.date() if started else None
        for moment in moments:
            if moment.status == "met" and moment.certainty >= SURE:
                after = _after(reviewed, moment)
                words = None if after is None else reviewed.conversation.turns[after].text
                welcome = -1.0 if after in unmet else _welcome(reviewed, after)
                worth = _worth(moment, welcome, is_whole=moment.turn not in unmet)
                self.best.append(Best(worth, day, moment, _more(reviewed, moment), words))
            elif moment.status == "missed":
                self.lost.append(Lost(day, moment, _more(reviewed, moment), None))
            elif moment.status == "recovered" and "?" not in (first := _first_answered(reviewed, moment)).answer:
                self.lost.append(Lost(day, first, _more(reviewed, first), moment.answer_turn))
        self.best.sort(key=lambda best: best.order)
        self.lost.sort(key=lambda lost: lost.order)
        del self.best[MOST_HELD:], self.lost[MOST_HELD:]

    def best_since(self, first: date | None) -> list[Best]:
        """The moments that may be shown, the best first; those before the day only when there are no others."""
        recent = [best for best in self.best if first is None or (best.day and best.day >= first)]
        return recent or self.best

    def lost_since(self, first: date | None) -> list[Lost]:
        """The moments to look at again, the surest first; guesses only for want of others."""
        found = [one for one in self.lost if first is None or (one.day and one.day >= first)]
        for least in (SHOWN_FIRST, SURE):
            if surely := [one for one in found if one.moment.called >= least]:
                return surely
        return found


def _first_answered(reviewed: Reviewed, moment: Moment) -> Moment:
    """The moment with the answer that came first."""
    first = fullest_answer(reviewed.conversation, moment.turn)
    turn = moment.answer_turn if first is None else first
    text = "" if turn is None else reviewed.conversation.turns[turn].text
    return replace(moment, answer_turn=turn, answer=text, answer_spans=())


def _more(reviewed: Reviewed, moment: Moment) -> tuple[str, ...]:
    """What else the customer said between the words that called and the answer."""
    between = reviewed.conversation.turns[moment.turn + 1 : moment.answer_turn]
    return tuple(turn.text for turn in between if turn.role == "customer")


def _after(reviewed: Reviewed, moment: Moment) -> int | None:
    """The customer's next turn after the answer."""
    turns = reviewed.conversation.turns
    return next((i for i in range((moment.answer_turn or 0) + 1, len(turns)) if turns[i].role == "customer"), None)


def _welcome(reviewed: Reviewed, after: int | None) -> float:
    """How the answer was received, −1 to 1, by the customer's next words; less where the matter stayed open."""
    if after is None or (feeling := reviewed.judgements.feelings[after]) is None:
        return 0.0
    said = reviewed.conversation.turns[after].text
    if feeling.label or after in reviewed.judgements.repeats or UNHAPPY.search(said):
        return -1.0
    return (1.0 if THANKS.search(said) else 0.5) - (LEFT_OPEN if reviewed.resolved == "no" else 0.0)


def _worth(moment: Moment, welcome: float, *, is_whole: bool) -> tuple[float, ...]:
    """How much the moment is worth showing.

    Surely called for first; then all met that it called for, not ill received, more of the skill in it, short enough
    to be read at a glance, best received.
    """
    words = len(moment.quote.split()) + len(moment.answer.split())
    moves = len({name for _, _, name in moment.answer_spans if not name.endswith("?")})
    length = -max(0, words - READ_AT_A_GLANCE)
    sure = float(moment.called >= SHOWN_FIRST)
    return sure, float(is_whole), float(welcome > 0), min(moves, 3), length, welcome, moment.certainty
