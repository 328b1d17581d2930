"""Items from single sentences of agents: name the move, fill the gap."""

import re
from collections.abc import Iterator, Sequence

from coach.authoring.drafts import Draft, drafted, draw, is_held_back, is_readable, quoted, said_before, shuffled
from coach.authoring.witnesses import ABSENT, is_absent, is_shown, words_of
from coach.authoring.wording import Phrase, moves, phrases, plains
from coach.conversation import SKILL_OF, TAGS, Reviewed, Sentence, Spans
from coach.items import GAP, Choice, Item, Said

DISTRACTORS = 3
NONE_SURE = 0.05
REST = 3
"""Words beside a gap, so that there is something to go by."""
BEGINNING = re.compile(r"(?:^|[.!?…])\W*$")
NO_MOVE = "none of these moves"
EASY = frozenset(("apologise", "verify", "appreciate"))
HARD = frozenset(("restate", "reassure", "explain", "expect"))


def move_drafts(reviewed: Reviewed) -> Iterator[Draft]:
    """One for each sentence that makes exactly one move beyond doubt, or beyond doubt none though it looks as if."""
    for turn, sentence, words in _readable(reviewed):
        shown = [tag for tag in TAGS if is_shown(reviewed, turn, sentence, tag)]
        others = [tag for tag in TAGS if tag not in shown and sentence.probabilities[tag] > ABSENT]
        if len(shown) == 1 and not others:
            yield from _move(reviewed, turn, sentence, words, shown[0])
        elif max(sentence.probabilities.values()) <= NONE_SURE:
            yield from _no_move(reviewed, turn, words)


def _readable(reviewed: Reviewed) -> Iterator[tuple[int, Sentence, str]]:
    for turn, sentences in enumerate(reviewed.judgements.sentences):
        for sentence in sentences:
            words = words_of(reviewed, turn, sentence)
            if is_readable(words, at_least=4, at_most=40) and _customer_spoke(reviewed, turn):
                yield turn, sentence, words


def _customer_spoke(reviewed: Reviewed, turn: int) -> bool:
    return any(one.role == "customer" for one in reviewed.conversation.turns[:turn])


def _move(reviewed: Reviewed, turn: int, sentence: Sentence, words: str, tag: str) -> Iterator[Draft]:
    near = [other for other in moves()[tag].near if is_absent(reviewed, turn, sentence, other)]
    rest = sorted((other for other in TAGS if SKILL_OF[other] != SKILL_OF[tag]), key=lambda t: draw(words, t))
    far = [other for other in rest if other not in near and is_absent(reviewed, turn, sentence, other)]
    if near:
        wrong = [*near, *far][:DISTRACTORS]
        choices = [
            Choice(moves()[tag].says, True, f"It {moves()[tag].says}: {tag}, which is {SKILL_OF[tag]}."),
            *(Choice(moves()[other].says, False, moves()[other].unless) for other in wrong),
        ]
        none = Choice(NO_MOVE, False, f"It does make a move: it {moves()[tag].says}.")
        difficulty = 1 if tag in EASY else 3 if tag in HARD else 2
        yield _move_draft(reviewed, turn, words, tag, choices, none, difficulty)


def _no_move(reviewed: Reviewed, turn: int, words: str) -> Iterator[Draft]:
    plain = next((one for one in plains() if one.sign.search(words)), None)
    if plain is not None and not any(
        moves()[tag].sign.search(words) for tag in ("acknowledge", "apologise", "restate")
    ):
        choices = [Choice(moves()[other].says, False, moves()[other].unless) for other in plain.near]
        yield _move_draft(reviewed, turn, words, None, choices, Choice(NO_MOVE, True, plain.why), 3)


def _move_draft(
    reviewed: Reviewed, turn: int, words: str, tag: str | None, choices: Sequence[Choice], none: Choice, difficulty: int
) -> Draft:
    """`none` stays the last choice, where such a choice is looked for."""
    conversation = reviewed.conversation
    id = draw("move", conversation.id, turn, words)[:12]
    item = Item(
        id=id,
        kind="move",
        skill=SKILL_OF[tag] if tag else None,
        customer_type=None,
        channel=conversation.channel,
        difficulty=difficulty,
        title="Name the move",
        situation=_customer_before(reviewed, turn),
        task=f"The agent says: {quoted(words)} What does this sentence do?",
        choices=(*shuffled(choices, id), none),
        explanation=next(choice.feedback for choice in (*choices, none) if choice.is_right),
        is_transfer=is_held_back(conversation.id),
    )
    return drafted(item, reviewed, turns=[turn], face=words, bucket=tag or f"none: {none.feedback}")


def _customer_before(reviewed: Reviewed, turn: int) -> tuple[Said, ...]:
    last = max(i for i in range(turn) if reviewed.conversation.turns[i].role == "customer")
    return said_before(reviewed.conversation, last, most_turns=1, most_words=110)


def gap_drafts(reviewed: Reviewed) -> Iterator[Draft]:
    """One for each key phrase that stands once in a sentence and carried its tag beyond doubt."""
    for turn, sentence, words in _readable(reviewed):
        for phrase in phrases():
            found = list(phrase.pattern.finditer(words))
            rest = phrase.pattern.sub("", words)
            if len(found) == 1 and is_readable(rest, at_least=REST) and is_shown(reviewed, turn, sentence, phrase.tag):
                start, end = found[0].span()
                if _carried(sentence.words.get(phrase.tag, ()), start + sentence.start, end + sentence.start):
                    yield _gap(reviewed, turn, words, phrase, (start, end))
                    break


def _carried(spans: Spans, start: int, end: int) -> bool:
    """Whether words that carried the tag are among these."""
    return any(first < end and last > start for first, last in spans)


def _gap(reviewed: Reviewed, turn: int, words: str, phrase: Phrase, span: tuple[int, int]) -> Draft:
    conversation, tag = reviewed.conversation, phrase.tag
    missing = words[slice(*span)]
    item = Item(
        id=draw("gap", conversation.id, turn, tag, span)[:12],
        kind="gap",
        skill=SKILL_OF[tag],
        customer_type=None,
        channel=conversation.channel,
        difficulty=1 if tag in EASY else 3 if tag in HARD else 2,
        title=f"Fill the gap ({SKILL_OF[tag]})",
        situation=_customer_before(reviewed, turn),
        task=f"Fill the gap: {phrase.hint}.",
        text=words[: span[0]] + GAP + words[span[1] :],
        accepted=phrase.fitting(missing, begins=BEGINNING.search(words[: span[0]]) is not None),
        explanation=f"The agent wrote {quoted(missing)}: it {moves()[tag].says}. Words that do the same are as good.",
        is_transfer=is_held_back(conversation.id),
    )
    return drafted(item, reviewed, turns=[turn], face=item.text, bucket=phrase.hint)
