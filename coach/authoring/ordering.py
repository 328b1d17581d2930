"""Put the steps in order: an agent's instruction of three steps and more whose order the words themselves settle."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from coach.authoring.drafts import Draft, drafted, draw, is_held_back, is_readable, said_before
from coach.authoring.witnesses import ABSENT, words_of
from coach.authoring.wording import toml
from coach.conversation import Conversation, Reviewed
from coach.items import Choice, Item, Said

SURE = 0.8
FEWEST, MOST = 3, 7
WORDS = toml("wording.toml")["steps"]
VERBS = "|".join(WORDS["verbs"])
WAY, DONE = (re.compile("|".join(WORDS[name]), re.IGNORECASE) for name in ("way", "done"))
NUMBER = re.compile(r"^\W*(?:(?:step )?\d{1,2}[.):]|[-•*])\s*|(?<=[.:!]) +\d{1,2}[.)]?\W*$", re.IGNORECASE)
NEXT_STEP = re.compile(
    rf"(?:[,;]| -)? +(?:and +)?then +,?(?=(?:{VERBS})\b)|[,;] +(?:and +)?(?=(?:{VERBS})\b)| +and +(?=(?:{VERBS})\b)",
    re.IGNORECASE,
)
PURPOSE = re.compile(r"^to [^,:]{3,40}[,:] *", re.IGNORECASE)
LEADS = re.compile(
    r"^(?:(?:ok(?:ay)?|so|please|first(?: of all)?|then|now|next|finally|after that|and|lastly)\b[ ,:]*)+",
    re.IGNORECASE,
)
YOU = "(?:you(?:'ll| can| should| need to| have to| must)? )?"
STARTS = re.compile(rf"^{YOU}(?:{VERBS})\b", re.IGNORECASE)
FILLING = re.compile(rf"^{YOU}(?:{'|'.join(WORDS['filling'])})\b", re.IGNORECASE)
OPEN_ORDER = re.compile(r"\b(?:or|don(?:'|’)t|do not|either|alternatively|otherwise|if)\b", re.IGNORECASE)


def order_drafts(reviewed: Reviewed) -> Iterator[Draft]:
    """At most one for each run of an agent's turns between which the customer says no more than that it is done."""
    for run in _runs(reviewed.conversation):
        sentences = [(turn, s) for turn in run for s in reviewed.judgements.sentences[turn]]
        told = [pair for pair in sentences if pair[1].probabilities["instruct"] >= SURE]
        steps = [step for turn, s in told for step in _steps(words_of(reviewed, turn, s))]
        between = sentences[sentences.index(told[0]) : sentences.index(told[-1])] if told else []
        is_whole = all(pair in told or pair[1].probabilities["instruct"] <= ABSENT for pair in between)
        if FEWEST <= len(steps) <= MOST and is_whole and _is_settled(steps):
            yield _draft(reviewed, told[0][0], [turn for turn, _ in told], steps)


def _runs(conversation: Conversation) -> Iterator[list[int]]:
    run: list[int] = []
    for number, turn in enumerate(conversation.turns):
        if turn.role == "agent":
            run.append(number)
        elif turn.role == "customer" and not DONE.search(turn.text):
            yield run
            run = []
    yield run


def _steps(words: str) -> list[str]:
    """The steps of a sentence, without numbers and without the words that would give their place away."""
    parts = [_bare(part) for part in NEXT_STEP.split(PURPOSE.sub("", _bare(words)))]
    return [part[0].upper() + part[1:] for part in parts if part]


def _bare(words: str) -> str:
    return LEADS.sub("", NUMBER.sub("", NUMBER.sub("", words))).strip(" ,;.")


def _is_settled(steps: list[str]) -> bool:
    """Whether each is one plain step, no two are alike, and nothing leaves the order open."""
    return (
        len({step.casefold() for step in steps}) == len(steps)
        and all(STARTS.search(step) and is_readable(step, at_least=2, at_most=25) for step in steps)
        and not any(OPEN_ORDER.search(step) or WAY.search(step) for step in steps)
        and not any(FILLING.search(one) and FILLING.search(next_one) for one, next_one in pairwise(steps))
    )


def _draft(reviewed: Reviewed, turn: int, turns: Sequence[int], steps: list[str]) -> Draft:
    conversation = reviewed.conversation
    item = order_item(
        draw("order", conversation.id, turn)[:12],
        steps,
        situation=said_before(conversation, turn - 1, most_turns=1, most_words=110) if turn else (),
        channel=conversation.channel,
        is_transfer=is_held_back(conversation.id),
    )
    return drafted(item, reviewed, turns=turns, face=" ".join(steps), bucket=str(len(steps)))


def order_item(
    id: str,
    steps: Sequence[str],
    *,
    situation: tuple[Said, ...],
    channel: str | None = None,
    explanation: str = "Each step must be possible when its turn comes: ask what has to be open or chosen first.",
    is_transfer: bool,
    is_written: bool = False,
) -> Item:
    """An item whose `steps` are in the right order."""
    return Item(
        id=id,
        kind="order",
        skill="instruction",
        customer_type=None,
        channel=channel,
        difficulty=min(3, len(steps) - FEWEST + 1),
        title="Put the steps in order",
        situation=situation,
        task="The agent tells the customer these steps. Put them in the order in which they can be done.",
        choices=tuple(Choice(step, True) for step in steps),
        explanation=explanation,
        is_transfer=is_transfer,
        is_written=is_written,
    )
