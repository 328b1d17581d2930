"""The items of an exercise pack, as every format writes them. Imports nothing but the words for skills and roles."""

from dataclasses import dataclass
from typing import Literal

from coach.conversation import Role

Kind = Literal["answer", "rewrite", "clue", "move", "gap", "order", "four customers", "better one"]
KINDS: tuple[Kind, ...] = ("answer", "rewrite", "clue", "move", "gap", "order", "four customers", "better one")
Response = Literal["open", "choice", "gap", "order"]
RESPONSE_OF: dict[Kind, Response] = {
    "answer": "open",
    "rewrite": "open",
    "clue": "choice",
    "move": "choice",
    "gap": "gap",
    "order": "order",
    "four customers": "open",
    "better one": "choice",
}


@dataclass(frozen=True, slots=True)
class Said:
    """Words of one side, masked, that the learner reads."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One option: of an item to choose from, exactly one is right; of one to put in order, all are, in right order."""

    text: str
    is_right: bool
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One exercise. `id` stays the same for the same moment and kind, 12 hex digits.

    `situation` is what was said before the task. An open item has `checks`, a list for the learner to go through, and
    `model_answers`. A gap item's `text` has one gap, written as GAP, and `accepted` what fits it, the original words
    first. `difficulty` runs from 1 to 3. `is_transfer` marks an item held back to see whether what was learnt
    carries over, `is_written` one that was made up for coach and said by nobody. `group` ties items that belong
    together, such as one problem told by four customers. `due` are the days to practise it on, "day 1" or 2026-12-01.
    """

    id: str
    kind: Kind
    skill: str | None
    customer_type: str | None
    channel: str | None
    difficulty: int
    title: str
    situation: tuple[Said, ...]
    task: str
    choices: tuple[Choice, ...] = ()
    text: str = ""
    accepted: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    model_answers: tuple[str, ...] = ()
    explanation: str = ""
    group: str | None = None
    is_transfer: bool = False
    is_written: bool = False
    due: tuple[str, ...] = ()

    @property
    def response(self) -> Response:
        """How it is answered."""
        return RESPONSE_OF[self.kind]


GAP = "_____"
TEAM = "From your team, "
PATTERN = "A pattern to fill: "
"""How model answers that were really given, and those that are patterns, begin."""
