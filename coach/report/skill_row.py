"""What became of the openings for a skill, as a row of a table."""

from dataclasses import dataclass

from coach.clusters import Openings
from coach.conversation import Rate
from coach.rubric import Rubric


@dataclass(frozen=True, slots=True)
class SkillRow:
    """What became of one skill's openings; `rate` counts those met at once.

    `uncalled` conversations had none; None where that is not counted.
    """

    skill: str
    rate: Rate
    recovered: int
    missed: int
    enough: bool
    uncalled: int | None = None

    @property
    def met(self) -> int:
        return int(self.rate.met)


def row_of(skill: str, openings: Openings, rubric: Rubric, *, uncalled: int | None = None) -> SkillRow:
    """The row of counted openings."""
    return SkillRow(
        skill=skill,
        rate=openings.rate,
        recovered=openings.recovered,
        missed=openings.missed,
        enough=openings.called_for >= rubric.minimum_count,
        uncalled=uncalled,
    )
