"""What the readers of interfaces' answers share: pages of conversations, messages in any order, times between."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from coach.conversation import Conversation, Turn
from coach.errors import InputError
from coach.readers.fields import Place, Record, shown

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def each(
    page: Sequence[object], place: Place, read: Callable[[Record, Place], Conversation]
) -> Iterator[Conversation | InputError]:
    """What `read` makes of each record of the page; a fault comes in its conversation's place."""
    for number, record in enumerate(page, 1):
        here = place.at(f"conversation {number}")
        try:
            if not isinstance(record, dict):
                raise here.error(f"it is {shown(record)}, not an object", fix="export it again, or mend it")
            yield read(record, here)
        except InputError as error:
            yield error


def in_order(turns: Sequence[tuple[Turn, object]]) -> list[Turn]:
    """Turns given with their messages' ids, the oldest first; as they stand where one has no time.

    Platforms count their messages, so the id tells the order within a second.
    """
    if any(turn.time is None for turn, _ in turns):
        return [turn for turn, _ in turns]

    def age(pair: tuple[Turn, object]) -> tuple[datetime, int]:
        turn, number = pair
        return turn.time or _EARLIEST, number if isinstance(number, int) else 0

    return [turn for turn, _ in sorted(turns, key=age)]


def seconds(start: datetime | None, end: datetime | None) -> float | None:
    """From one time to a later one; None where either is not known, or they are the wrong way round."""
    passed = (end - start).total_seconds() if start and end else -1.0
    return passed if passed >= 0 else None
