"""Disputes: what an agent holds against a judgement, and what a second look came to.

Every tag and every opening has a reference that is the same for the same words, so that it can be read off a page
and typed.
"""

from base64 import b32encode
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Literal

from coach.conversation import Opening, Reviewed
from coach.errors import StoreError
from coach.redaction import mask
from coach.store import Store

Verdict = Literal["upheld", "overturned"]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A judgement that somebody disputes, and why. `name` is a tag, or a skill and "opening".

    `verdict` and `answer` are those of whoever looked again, None and empty before.
    """

    reference: str
    conversation: str
    turn: int
    start: int
    end: int
    name: str
    agent: str | None
    why: str = ""
    on: date | None = None
    verdict: Verdict | None = None
    answer: str = ""


def reference(conversation: str, turn: int, start: int, name: str) -> str:
    """Eight letters and figures, such as K7QD-2MXW, that stand for one judgement."""
    digest = sha256(repr((conversation, turn, start, name)).encode("utf-8", "surrogatepass")).digest()
    letters = b32encode(digest[:5]).decode()
    return f"{letters[:4]}-{letters[4:]}"


def opening_name(skill: str) -> str:
    """What an opening for the skill is called where it is disputed."""
    return f"{skill} opening"


def opening_reference(conversation: str, opening: Opening) -> str:
    """The reference of an opening in the conversation of that id."""
    return reference(conversation, opening.turn, opening.start, opening_name(opening.skill))


def disputable(reviewed: Reviewed) -> Iterator[Dispute]:
    """Every tag and every opening of the conversation, as it would be disputed."""
    conversation = reviewed.conversation
    for tag in reviewed.judgements.tags:
        yield _of(conversation.id, tag.turn, tag.start, tag.end, tag.name, conversation.agent_of(tag.turn))
    for opening in reviewed.judgements.openings:
        name = opening_name(opening.skill)
        yield _of(conversation.id, opening.turn, opening.start, opening.end, name, opening.agent)


def _of(conversation: str, turn: int, start: int, end: int, name: str, agent: str | None) -> Dispute:
    return Dispute(reference(conversation, turn, start, name), conversation, turn, start, end, name, agent)


def dispute(store: Store, wanted: str, why: str, *, on: date) -> Dispute:
    """Keeps a dispute. Raises StoreError where nothing has the reference, it is disputed already, or `why` is empty.

    Personal data in `why` is masked.
    """
    typed = _typed(wanted)
    judgements = (judgement for reviewed in store.conversations() for judgement in disputable(reviewed))
    judged = next((one for one in judgements if one.reference == typed), None)
    del judgements  # what is being read cannot be written
    if judged is None:
        raise StoreError(f"no judgement has the reference {wanted!r}; copy it from the report, such as K7QD-2MXW")
    if not why.strip():
        raise StoreError(f"say why {judged.reference} is not right, so that somebody can look again")
    if any(one.reference == judged.reference for one in disputes(store)):
        raise StoreError(f"{judged.reference} is disputed already; see: coach disputes")
    found = replace(judged, why=mask(why), on=on)
    _keep(store, found)
    return found


def settle(store: Store, wanted: str, verdict: Verdict, answer: str) -> Dispute:
    """Keeps what a second look came to. Raises StoreError where nobody disputes the reference, or it is settled."""
    typed = _typed(wanted)
    found = next((one for one in disputes(store) if one.reference == typed), None)
    if found is None:
        raise StoreError(f"nobody disputes {wanted!r}; see: coach disputes")
    if found.verdict:
        raise StoreError(f"{found.reference} is settled already: {found.verdict}; a judgement is looked at again once")
    settled = replace(found, verdict=verdict, answer=mask(answer))
    _keep(store, settled)
    return settled


def _typed(wanted: str) -> str:
    """The reference as it is written, however it was typed."""
    letters = wanted.strip().upper().replace("-", "")
    return f"{letters[:4]}-{letters[4:]}"


def _keep(store: Store, found: Dispute) -> None:
    store.keep_dispute(asdict(found) | {"on": found.on and found.on.isoformat()})


def disputes(store: Store) -> Sequence[Dispute]:
    """All that was disputed, the latest last."""
    return [Dispute(**row | {"on": date.fromisoformat(row["on"])}) for row in store.disputes()]
