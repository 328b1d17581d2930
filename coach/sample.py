"""An even sample of bounded size: the same members whatever the order they come in."""

from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import nsmallest
from typing import Generic, TypeVar

MOST = 10_000
T = TypeVar("T")


@dataclass
class Sample(Generic[T]):
    """Everything that was added, or when there is more than `most`, those whose keys have the smallest digests.

    Keys are unique; which are kept depends on nothing but them, so that it favours no member over another.
    """

    most: int = MOST
    count: int = 0
    _kept: list[tuple[str, T]] = field(default_factory=list)

    def add(self, key: str, member: T) -> None:
        self.count += 1
        self._kept.append((blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(), member))
        if len(self._kept) >= 2 * self.most:
            self._kept = self._smallest()

    @property
    def members(self) -> list[T]:
        return [member for _, member in self._smallest()]

    def _smallest(self) -> list[tuple[str, T]]:
        return nsmallest(self.most, self._kept, key=lambda pair: pair[0])
