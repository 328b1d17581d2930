"""What would you answer, rewrite the turn, find the better one: items from openings that were surely met or missed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coach.authoring.drafts import (
    Draft,
    Reservoir,
    alike,
    draw,
    is_held_back,
    is_readable,
    names_of,
    quoted,
    said_before,
    shuffled,
)
from coach.authoring.spotting import sure_type
from coach.authoring.witnesses import ABSENT, CERTAIN, SUBSTANCE, content, evidence, lacks
from coach.authoring.wording import calls, moves, toml
from coach.conversation import SKILL_OF, Feeling, Opening, Reviewed
from coach.items import PATTERN, TEAM, Choice, Item, Said
from coach.moments import answers_after

CALLED = 0.85
"""How probable it must be that the customer's words called for the skill."""
FELT, NO_FEELING = 0.6, 0.05
"""From where a feeling is named, and up to where it is certain that there is one."""
MOST_MET = 60
PARTNERS = 3
"""How many met openings are tried beside a missed one, as each may stand in a pack once."""
SIMILAR = 0.15
MATTER = 3
"""Words that say what it is about, of which there must be so many to be given back."""
SHORT, LONG = 20, 45  # words of the customer
WHICH = {
    "empathy": "Two customers, two real answers. Which answer lets its customer feel heard?",
    "listening": "Two customers, two real answers. Which answer shows understanding, or finds out more?",
    "instruction": "Two customers, two real answers. Which answer says what to do, why it is so, or what comes next?",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """An opening with the answer that met or missed it. `shown` are the sentences that did it, with their tags."""

    conversation: str
    turn: int
    skill: str
    is_met: bool
    feeling: str | None
    customer_type: str | None
    channel: str | None
    before: tuple[Said, ...]
    quote: str
    answer: str
    shown: tuple[tuple[str, str], ...]
    does_more: bool
    calls: int
    names: frozenset[str]

    @property
    def is_model(self) -> bool:
        """Whether it is worth showing: for empathy, more than one short sorry."""
        return self.is_met and (self.skill != "empathy" or {tag for _, tag in self.shown} != {"apologise"})

    @property
    def is_held_back(self) -> bool:
        return is_held_back(self.conversation)

    @property
    def alike(self) -> tuple[str, str | None]:
        """Openings that may be compared: of one skill and, for empathy, of one feeling."""
        return self.skill, self.feeling if self.skill == "empathy" else None


def answered(reviewed: Reviewed) -> Iterator[Answered]:
    """Every opening that was called for, met or missed beyond doubt, and can be read on its own."""
    for opening in reviewed.judgements.openings:
        turns = _answer(reviewed, opening)
        quote = reviewed.conversation.turns[opening.turn].text
        if not turns or opening.called < CALLED or not is_readable(quote, at_least=6) or not _asks(opening, quote):
            continue
        if opening.skill == "empathy" and not _is_felt(reviewed.judgements.feelings[opening.turn]):
            continue
        shown = tuple(e for turn in turns for e in evidence(reviewed, turn, opening.skill))
        is_met = opening.status == "met" and opening.met >= CERTAIN and bool(shown)
        is_missed = opening.status == "missed" and opening.met <= ABSENT and opening.recovered <= ABSENT
        if is_met or (is_missed and all(lacks(reviewed, turn, opening.skill) for turn in turns)):
            yield _one(reviewed, opening, turns, shown, is_met)


def _asks(opening: Opening, quote: str) -> bool:
    """Whether the words themselves call for the skill; for guidance, in a question; for listening, with a matter."""
    if opening.skill == "listening" and len(content(quote)) < MATTER:
        return False
    return calls()[opening.skill].search(quote) is not None and (opening.skill != "instruction" or "?" in quote)


def _is_felt(feeling: Feeling | None) -> bool:
    """Whether some feeling is sure, or this one is."""
    if feeling is None or feeling.label is None:
        return False
    return feeling.probabilities[feeling.label] >= FELT or feeling.probabilities["none"] <= NO_FEELING


def _answer(reviewed: Reviewed, opening: Opening) -> list[int]:
    """The agent's turns right after the customer's words; only the one that met it where one did."""
    if opening.status == "met" and opening.response_turn is not None:
        return [opening.response_turn]
    return answers_after(reviewed.conversation, opening.turn)


def _one(
    reviewed: Reviewed, opening: Opening, turns: Sequence[int], shown: tuple[tuple[str, str], ...], is_met: bool
) -> Answered:
    conversation, judgements = reviewed.conversation, reviewed.judgements
    feeling = judgements.feelings[opening.turn]
    tags = {tag.name for tag in judgements.tags if tag.turn in turns and tag.is_sure}
    return Answered(
        conversation=conversation.id,
        turn=opening.turn,
        skill=opening.skill,
        is_met=is_met,
        feeling=feeling.label if feeling and feeling.label and feeling.probabilities[feeling.label] >= FELT else None,
        customer_type=sure_type(judgements.customer_type),
        channel=conversation.channel,
        before=said_before(conversation, turns[0] - 1),
        quote=conversation.turns[opening.turn].text,
        answer="\n".join(conversation.turns[turn].text for turn in turns),
        shown=shown,
        does_more=any(SKILL_OF[tag] != opening.skill for tag in tags),
        calls=sum(one.turn == opening.turn for one in judgements.openings),
        names=names_of(conversation),
    )


class Answers:
    """Met and missed openings of a corpus: a bounded number of each skill and feeling, drawn by `seed`."""

    def __init__(self, size: int, seed: int) -> None:
        self.size, self.seed = size, seed
        self.met: dict[tuple[tuple[str, str | None], bool], Reservoir[Answered]] = {}
        self.missed: dict[tuple[tuple[str, str | None], bool], Reservoir[Answered]] = {}

    def add(self, found: Iterable[Answered]) -> None:
        for one in found:
            kept, size = (self.met, MOST_MET) if one.is_met else (self.missed, self.size)
            place = one.alike, one.is_held_back
            drawn = draw(self.seed, one.conversation, one.turn, one.skill)
            kept.setdefault(place, Reservoir(size)).add(drawn, one)

    def drafts(self) -> Iterator[Draft]:
        """Items of all three kinds, whether all of them will be used or not."""
        for place, reservoir in self.missed.items():
            met = [other for other in self.met.get(place, ()) if _is_short(other)]
            for one in reservoir:
                alike = _alike(one, met)
                like = next((other for other in alike if other.is_model and _similar(one, other) >= SIMILAR), None)
                if is_readable("\n".join(said.text for said in one.before), at_least=6, at_most=200):
                    yield _draft(_open_item(one, "answer", like), one)
                    if _is_rewritable(one):
                        yield _draft(_open_item(one, "rewrite", like), one)
                        if is_readable(one.quote, at_most=70):
                            others = alike[:PARTNERS]
                            yield from (_draft(_better_item(one, other), one, other) for other in others)


def _is_short(one: Answered) -> bool:
    """Whether opening and answer are short enough to be shown beside another."""
    return is_readable(one.quote, at_most=70) and is_readable(one.answer, at_most=100)


def _alike(one: Answered, met: Iterable[Answered]) -> list[Answered]:
    """Of the met openings those of other conversations that may be held against this one, the most alike first."""
    found = [other for other in met if other.conversation != one.conversation and _are_alike(one, other)]
    return sorted(found, key=lambda other: (-_similar(one, other), other.customer_type != one.customer_type))


def _similar(one: Answered, other: Answered) -> float:
    """The share of the shorter opening's content words that both have; none where it is one word only."""
    mine, theirs = content(one.quote), content(other.quote)
    shared = len(mine & theirs)
    return shared / min(len(mine), len(theirs)) if shared > 1 else 0.0


def _are_alike(one: Answered, other: Answered) -> bool:
    """Whether one opening may be held against the other: of the same feeling, or about like things."""
    return one.skill == "empathy" or _similar(one, other) >= SIMILAR


def _is_rewritable(one: Answered) -> bool:
    """A real answer, not a mere greeting or, where guidance was asked for, a question on the way to it.

    Where the matter is settled by it, only a feeling can still be open.
    """
    if not is_readable(one.answer, at_most=100) or calls()["greets"].search(one.answer):
        return False
    is_settled = calls()["settles"].search(one.answer) is not None
    return one.skill == "empathy" or not (is_settled or (one.skill == "instruction" and "?" in one.answer))


def _draft(item: Item, one: Answered, other: Answered | None = None) -> Draft:
    """Rewrites of one and the same answer are alike, whatever it answered."""
    used = (one,) if other is None else (one, other)
    sources = frozenset((each.conversation, each.turn) for each in used)
    names = frozenset(name for each in used for name in each.names)
    faces = (" ".join(each.quote for each in used), one.answer if item.kind == "rewrite" else "")
    return Draft(item, sources, tuple(alike(face) for face in faces if face), one.skill, names)


def _open_item(one: Answered, kind: str, like: Answered | None) -> Item:
    wording = toml("wording.toml")["open"][one.skill]
    is_rewrite = kind == "rewrite"
    missing = "; ".join(f"{tag}, which {moves()[tag].says}" for tag in SUBSTANCE[one.skill])
    return Item(
        id=draw(kind, one.conversation, one.turn, one.skill)[:12],
        kind="rewrite" if is_rewrite else "answer",
        skill=one.skill,
        customer_type=one.customer_type,
        channel=one.channel,
        difficulty=_difficulty(one),
        title=f"{'Rewrite the turn' if is_rewrite else 'What would you answer?'} ({one.skill})",
        situation=(*one.before, Said("agent", one.answer)) if is_rewrite else one.before,
        task=wording[kind],
        checks=tuple(wording["checks"]),
        model_answers=tuple(_model_answers(one, like)),
        explanation=f"None of these is in it yet, and one is enough: {missing}." if is_rewrite else "",
        is_transfer=one.is_held_back,
    )


def _difficulty(one: Answered) -> int:
    """1 for few words that call for one skill; one more for many words, and one more for several skills at once."""
    words = len(one.quote.split())
    return min(3, 1 + (words > SHORT) + (words > LONG) + (one.calls > 1))


def _model_answers(one: Answered, like: Answered | None) -> Iterator[str]:
    if like is not None:
        yield f"{TEAM}to a customer who said {quoted(like.quote)}: {quoted(like.answer)}"
    patterns = toml("wording.toml")["patterns"]
    yield f"{PATTERN}{patterns[one.feeling if one.skill == 'empathy' and one.feeling else one.skill]}"


def _better_item(one: Answered, like: Answered) -> Item:
    """`one` missed what `like` met."""
    id = draw("better one", one.conversation, one.turn, one.skill)[:12]
    why = " ".join(f"{quoted(words)} {moves()[tag].says}." for words, tag in like.shown[:2])
    missing = ", ".join(f"none {moves()[tag].says}" for tag in SUBSTANCE[one.skill])
    choices = (
        Choice(_exchange(like), True, why),
        Choice(_exchange(one), False, f"Of its sentences {missing}."),
    )
    return Item(
        id=id,
        kind="better one",
        skill=one.skill,
        customer_type=None,
        channel=one.channel if one.channel == like.channel else None,
        difficulty=3 if one.does_more else 1 if len(like.shown) > 1 else 2,
        title=f"Find the better one ({one.skill})",
        situation=(),
        task=WHICH[one.skill],
        choices=shuffled(choices, id),
        explanation=why,
        is_transfer=one.is_held_back,
    )


def _exchange(one: Answered) -> str:
    return f"Customer: {quoted(one.quote)}\nAgent: {quoted(one.answer)}"
