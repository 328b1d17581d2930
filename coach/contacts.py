"""Customers who come again: what followed each conversation, read from the whole store."""

from dataclasses import dataclass
from typing import Any

from coach.store import Store

DAY = 86_400.0
TABLE = """create temp table contacts (
id text primary key, has_customer int, next_seconds real, watched_seconds real, is_first int) without rowid"""
FILL = """insert into temp.contacts
with known as (select id, nullif(trim(customer), '') as customer, julianday(started) as day from main.conversations)
select id, customer is not null,
case when customer is not null then 86400 * (lead(day) over own - day) end,
86400 * ((select max(day) from known) - day),
customer is not null and day is not null and row_number() over own = 1
from known window own as (partition by customer, day is null order by day, id)"""


@dataclass(frozen=True, slots=True)
class Contact:
    """One conversation's place in the string of a customer's.

    `next_seconds`: from its start to the start of the same customer's next, with whomever; None when there is none.
    `watched_seconds`: from its start to that of the last conversation in the store; None when it has no time.
    `is_first`: whether it is the customer's first in the store.
    """

    has_customer: bool = False
    next_seconds: float | None = None
    watched_seconds: float | None = None
    is_first: bool = False

    def can_be_judged(self, days: int) -> bool:
        """Whether the customer is known and that many days after it lie wholly within what was stored."""
        return self.has_customer and self.watched_seconds is not None and self.watched_seconds >= days * DAY

    def is_followed(self, days: int) -> bool:
        """Whether the customer came again within that many days."""
        return self.next_seconds is not None and self.next_seconds <= days * DAY


class Contacts:
    """The contacts of everything in the store when this was made; held in SQLite's own temporary file."""

    def __init__(self, store: Store) -> None:
        self._db = store.db
        with self._db.atomic():
            self._db.execute("drop table if exists temp.contacts")
            self._db.execute(TABLE)
            self._db.execute(FILL)

    def of(self, id: str) -> Contact:
        """What is known of the conversation; nothing, when the store had it not."""
        query = "select has_customer, next_seconds, watched_seconds, is_first from temp.contacts where id = ?"
        row: tuple[Any, ...] | None = self._db.execute(query, [id]).fetchone()
        return Contact() if row is None else Contact(bool(row[0]), row[1], row[2], bool(row[3]))
