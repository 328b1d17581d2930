"""Threads of e-mails: which messages belong together, and who of their senders is who."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from coach.conversation import Conversation, Role
from coach.errors import InputError
from coach.readers import fields
from coach.readers.fields import CONVERSATION_LIMIT, Hints, Place
from coach.readers.mail import Link, Mail, Message, time

IN_MEMORY = 16_000_000
"""Bytes of messages that wait in memory; more wait in a file that no name leads to, and that ends with the process."""


@contextmanager
def gathering() -> Iterator["Threads"]:
    """Where the messages of a run come together."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as waiting:
        yield Threads(waiting)


class Threads:
    """Puts together the messages that belong together.

    A thread's messages may stand far apart, so each waits until all have been read: in a file of bytes, one a line.
    """

    def __init__(self, waiting: IO[bytes]) -> None:
        self.waiting = waiting
        self.links: list[tuple[float, Link, int]] = []
        self.copies: set[int] = set()
        self.above: dict[int, int] = {}

    def add(self, message: Message) -> None:
        """One more message, unless it came before."""
        mail, link = message.mail, message.link
        copy = hash((link.node, mail.sender, mail.date))
        if copy in self.copies:
            return
        self.copies.add(copy)
        before = self.links[-1][0] if self.links else 0.0
        self.links.append((before if link.at is None else link.at, link, self.waiting.tell()))
        self.waiting.write(json.dumps(astuple(mail)).encode() + b"\n")
        for reference in link.references:
            self._join(reference, link.node)

    def conversations(self, hints: Hints) -> Iterator[tuple[Conversation, Place] | InputError]:
        """What was said in each thread, and where its first message is, or what is wrong with it."""
        for mails in self:
            try:
                yield _conversation(mails, hints)
            except InputError as error:
                yield error

    def __iter__(self) -> Iterator[list[Mail]]:
        """Each thread's messages as they were added, up to CONVERSATION_LIMIT characters of text and one."""
        known = {link.node for _, link, _ in self.links}
        latest: dict[int, int] = {}
        for _, link, _ in sorted(self.links, key=lambda one: one[0]):
            if link.matter is not None:
                if link.is_reply and link.matter in latest and known.isdisjoint(link.references):
                    self._join(latest[link.matter], link.node)
                latest[link.matter] = link.node
        threads: dict[int, list[int]] = {}
        for _, link, offset in self.links:
            threads.setdefault(self._root(link.node), []).append(offset)
        for offsets in threads.values():
            yield list(self._mails(offsets))

    def _mails(self, offsets: list[int]) -> Iterator[Mail]:
        size = 0
        for offset in offsets:
            self.waiting.seek(offset)
            mail = Mail(*json.loads(self.waiting.readline()))
            size += len(mail.text)
            yield mail
            if size > CONVERSATION_LIMIT:
                break

    def _join(self, one: int, other: int) -> None:
        self.above[self._root(one)] = self._root(other)

    def _root(self, node: int) -> int:
        while (above := self.above.setdefault(node, node)) != node:
            self.above[node] = node = self.above[above]
        return node


def _place(mail: Mail) -> Place:
    return Place(mail.path, mail.line)


def _conversation(mails: list[Mail], hints: Hints) -> tuple[Conversation, Place]:
    """The thread in order of time, where all its messages tell theirs, and where its first message is."""
    if sum(len(mail.text) for mail in mails) > CONVERSATION_LIMIT:
        what = f"the thread is longer than {CONVERSATION_LIMIT:,} characters"
        raise _place(mails[0]).error(what, fix="split it, or leave it out")
    times = {mail: time(mail.date, _place(mail)) for mail in mails}
    if None not in times.values():
        mails = sorted(mails, key=lambda mail: times[mail] or datetime.min)
    roles = _roles(mails, hints)
    turns = []
    for mail, role in zip(mails, roles, strict=True):
        if mail.fault:
            raise _place(mail).error(mail.fault, fix="export it without attachments, or leave its thread out")
        who = mail.name or mail.sender if role == "agent" else mail.name if role == "customer" else ""
        turns.append(fields.turn(role, mail.text, at=times[mail], speaker=who or None, place=_place(mail)))
    first = _place(mails[0])
    meta = {
        "id": mails[0].id,
        "channel": "email",
        "agent": fields.first_speaker(turns, "agent"),
        "customer": next((mail.sender for mail, role in zip(mails, roles, strict=True) if role == "customer"), None),
    }
    return fields.conversation(meta, turns, outcomes={}, default_id=first.default_id, place=first), first


def _roles(mails: Sequence[Mail], hints: Hints) -> list[Role]:
    """The role of each sender: by the headers of the system's and bots', by the user, or as the only one beside agents.

    Agents are also those who are only written to. Somebody of an agent's domain may be a colleague, so of him the
    user is asked, and what an agent writes to nobody but such is internal.
    """
    known = [_known(mail, hints) for mail in mails]
    rest = {mail.sender for mail, role in zip(mails, known, strict=True) if role is None}
    agents = {mail.sender for mail, role in zip(mails, known, strict=True) if role == "agent"}
    agents |= {one for mail in mails for one in mail.to.split() if hints.roles.get(one) == "agent"}
    domains = set(map(_domain, agents))
    alone = (
        len(rest) == 1 and all(rest) and domains and "customer" not in known and domains.isdisjoint(map(_domain, rest))
    )
    roles = [role or ("customer" if alone else _asked(mail, hints)) for mail, role in zip(mails, known, strict=True)]
    customers = {_domain(mail.sender) for mail, role in zip(mails, roles, strict=True) if role == "customer"}
    return [
        "system" if role == "agent" and customers and _is_within(mail, domains - customers) else role
        for mail, role in zip(mails, roles, strict=True)
    ]


def _is_within(mail: Mail, domains: set[str]) -> bool:
    return bool(mail.to) and domains.issuperset(map(_domain, mail.to.split()))


def _known(mail: Mail, hints: Hints) -> Role | None:
    if mail.role in ("system", "bot"):
        return mail.role
    return hints.roles.get(mail.name) or hints.roles.get(mail.label) or mail.role


def _asked(mail: Mail, hints: Hints) -> Role:
    if not mail.label:
        what = "the message does not say who sent it"
        raise _place(mail).error(what, fix="give it a header From, or leave its thread out")
    return fields.speaker_role(mail.label, _place(mail), hints)


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2]
