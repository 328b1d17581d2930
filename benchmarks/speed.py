"""Conversations a second, and how a second run compares with the first: `python benchmarks/speed.py PATHS`.

Prints ratios measured in one run, since machines differ: judging against reading, second run against first.
Peak memory is for the process so far, in MiB.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from coach.model_folder import shipped_model
from coach.report import write_reports
from coach.review import Plan, review
from coach.rubric import read_rubric
from coach.store import Store


def timed(paths: list[str], folder: Path) -> tuple[float, int]:
    """Seconds and newly judged conversations of one whole review."""
    began = time.perf_counter()
    plan = Plan(shipped_model(), read_rubric())
    with Store(folder / "coach.db") as store:
        summary = review(paths, store, plan)
        write_reports(store, folder / "reports", plan.rubric, {})
    return time.perf_counter() - began, summary.judged


def main(paths: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        first, judged = timed(paths, Path(name))
        second, again = timed(paths, Path(name))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"first run: {judged} conversations, {judged / first:.1f} a second, peak memory {peak:.0f} MiB")
    print(f"second run: {again} new, {100 * second / first:.1f} % of the first run's time")


main(sys.argv[1:])
