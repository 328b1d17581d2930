"""Conversations a second, and how a second run compares with the first: `python benchmarks/speed.py PATHS`.

Prints ratios measured in one run, since machines differ: second run against first, tokens the encoder reads
against tokens there are, passes against turns. Peak memory is for the process so far, in MiB.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from coach.classifier import load
from coach.conversation import JUDGED
from coach.model_folder import shipped_model
from coach.readers import Found, read
from coach.report import write_reports
from coach.review import Plan, review
from coach.rubric import read_rubric
from coach.store import Store
from coach.windows import Utterance


def timed(paths: list[str], folder: Path) -> tuple[float, int]:
    """Seconds and newly judged conversations of one whole review."""
    began = time.perf_counter()
    plan = Plan(shipped_model(), read_rubric())
    with Store(folder / "coach.db") as store:
        summary = review(paths, store, plan)
        write_reports(store, folder / "reports", plan.rubric, {})
    return time.perf_counter() - began, summary.judged


def reading(paths: list[str]) -> tuple[float, float]:
    """Tokens that the encoder reads for each token of the turns, and windows for each turn."""
    cutter = load(shipped_model()).windows
    talks = [
        [Utterance(turn.role, turn.text) for turn in found.conversation.turns if turn.role in JUDGED]
        for found in read(paths)
        if isinstance(found, Found)
    ]
    windows = cutter.cut(talks)
    own = sum(len(segment.ids) for window in windows for segment in window.segments)
    return sum(map(len, windows)) / own, len(windows) / sum(map(len, talks))


def main(paths: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        first, judged = timed(paths, Path(name))
        second, again = timed(paths, Path(name))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tokens, passes = reading(paths)
    print(f"the encoder reads {tokens:.2f} tokens for each there is, in {passes:.2f} passes a turn")
    print(f"first run: {judged} conversations, {judged / first:.1f} a second, peak memory {peak:.0f} MiB")
    print(f"second run: {again} new, {100 * second / first:.1f} % of the first run's time")


main(sys.argv[1:])
