"""Put the steps in order: an agent's instruction of three steps and more whose order the words themselves settle."""

import re
from collections.abc import Iterator

from coach.authoring.drafts import Draft, drafted, draw, is_held_back, is_readable, said_before
from coach.authoring.witnesses import ABSENT, words_of
from coach.authoring.wording import toml
from coach.conversation import Reviewed
from coach.items import Choice, Item

SURE = 0.8
FEWEST, MOST = 3, 7
VERBS = "|".join(toml("wording.toml")["steps"]["verbs"])
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
STARTS = re.compile(rf"^(?:you(?:'ll| can| should| need to| have to| must)? )?(?:{VERBS})\b", re.IGNORECASE)
OPEN_ORDER = re.compile(r"\b(?:or|don(?:'|’)t|do not|either|alternatively|otherwise|if)\b", re.IGNORECASE)


def order_drafts(reviewed: Reviewed) -> Iterator[Draft]:
    """At most one for each run of an agent's turns."""
    for turn, sentences in enumerate(reviewed.judgements.sentences):
        told = [s for s in sentences if s.probabilities["instruct"] >= SURE]
        steps = [step for s in told for step in _steps(words_of(reviewed, turn, s))]
        between = [s for s in sentences if told and told[0].start < s.start < told[-1].start and s not in told]
        is_whole = all(s.probabilities["instruct"] <= ABSENT for s in between)
        if FEWEST <= len(steps) <= MOST and is_whole and _is_settled(steps):
            yield _draft(reviewed, turn, steps)


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
        and not any(OPEN_ORDER.search(step) for step in steps)
    )


def _draft(reviewed: Reviewed, turn: int, steps: list[str]) -> Draft:
    conversation = reviewed.conversation
    item = Item(
        id=draw("order", conversation.id, turn)[:12],
        kind="order",
        skill="instruction",
        customer_type=None,
        channel=conversation.channel,
        difficulty=min(3, len(steps) - FEWEST + 1),
        title="Put the steps in order",
        situation=said_before(conversation, turn - 1, most_turns=1, most_words=110) if turn else (),
        task="The agent tells the customer these steps. Put them in the order in which they can be done.",
        choices=tuple(Choice(step, True) for step in steps),
        explanation="Each step must be possible when its turn comes: ask what has to be open or chosen first.",
        is_transfer=is_held_back(conversation.id),
    )
    return drafted(item, reviewed, turns=[turn], face=" ".join(steps), bucket=str(len(steps)))
