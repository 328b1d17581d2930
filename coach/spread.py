"""How figures spread about their mean, added up one at a time or in parts."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Spread:
    """Running moments of figures: count, mean, squared distances from it.

    Of scores also their summed variances, by how little was seen of each and by the tagger's errors.
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    error: float = 0.0
    sampling: float = 0.0

    @classmethod
    def of(cls, figures: Iterable[float]) -> "Spread":
        found = cls()
        for figure in figures:
            found.add(figure)
        return found

    def add(self, figure: float, *, error: float = 0.0, sampling: float = 0.0) -> None:
        self.count += 1
        step = figure - self.mean
        self.mean += step / self.count
        self.squares += step * (figure - self.mean)
        self.error += error
        self.sampling += sampling

    def merge(self, other: "Spread") -> None:
        """Takes in the figures of another (Chan, Golub and LeVeque 1983)."""
        count, step = self.count + other.count, other.mean - self.mean
        if other.count:
            self.squares += other.squares + step**2 * self.count * other.count / count
            self.mean += step * other.count / count
        self.count = count
        self.error += other.error
        self.sampling += other.sampling
