"""Seconds, memory and size of the pages of many conversations: `python benchmarks/reports.py STORE [N]`.

Makes stores of N (2,000) and 2N conversations from the reviewed ones in STORE, with new ids, customers and times over
two years, and every other word another of the same length, so that no two are alike; over 20 agents, and of one agent
alone. Each store's pages are written by a process of its own: seconds awaited and of the processor, in all and by step,
peak memory in MiB, largest page in MB.
"""

import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from coach.conversation import Reviewed
from coach.model_folder import read_metrics, shipped_model
from coach.report import write
from coach.rubric import read_rubric
from coach.store import Store

STEPS = ("_tally", "_report", "agent_page", "build", "write_pack", "team_page")
FROM = datetime(2024, 1, 1, 8, tzinfo=UTC)
WORD = re.compile(r"[^\W\d_]{3,}")


class Author:
    """Makes conversations that are unlike those they are made from in words only."""

    def __init__(self, known: list[Reviewed]) -> None:
        self.known, self.chance = known, random.Random(20261122)
        self.words: dict[int, list[str]] = defaultdict(list)
        for word in sorted({w for one in known for turn in one.conversation.turns for w in WORD.findall(turn.text)}):
            self.words[len(word)].append(word)

    def conversation(self, number: int, count: int, agents: int) -> Reviewed:
        """The conversation of that number of so many. Places in texts stay what they were."""
        one = self.known[number % len(self.known)]
        talk, agent = one.conversation, f"Agent {1 + self.chance.randrange(agents):02}"
        start = FROM + timedelta(days=730) * (number / count)
        later = start - (talk.started or start)
        turns = tuple(
            replace(
                turn,
                text=WORD.sub(self._other, turn.text),
                time=turn.time + later if turn.time else None,
                speaker=agent if turn.role == "agent" else turn.speaker,
            )
            for turn in talk.turns
        )
        return replace(
            one,
            conversation=replace(
                talk,
                id=f"made-{number:06}",
                turns=turns,
                agent=agent,
                customer=f"Customer {self.chance.randrange(count // 2)}",
                started=start,
                ended=talk.ended + later if talk.ended else None,
            ),
            judgements=replace(
                one.judgements, openings=tuple(replace(o, agent=o.agent and agent) for o in one.judgements.openings)
            ),
            credits=tuple(replace(credit, agent=credit.agent and agent) for credit in one.credits),
        )

    def _other(self, found: re.Match[str]) -> str:
        return self.chance.choice((found[0], self.chance.choice(self.words[len(found[0])])))


def make(source: Path, target: Path, count: int, agents: int) -> None:
    """A store of so many conversations."""
    with Store(source, create=False) as store:
        author = Author(list(store.conversations()))
    with Store(target) as store:
        store.db.execute("pragma synchronous = off")
        for number in range(count):
            store.save(author.conversation(number, count, agents), content=str(number), analysis="made")


def timed(name: str, seconds: dict[str, float]) -> None:
    """Has the step's calls counted in seconds."""
    step: Callable[..., Any] = getattr(write, name)

    def counted(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        found = step(*args, **kwargs)
        seconds[name] = seconds.get(name, 0.0) + time.process_time() - began
        return found

    setattr(write, name, counted)


def measure(path: Path, out: Path) -> None:
    """Writes the pages and prints what that took, as JSON."""
    seconds: dict[str, float] = {}
    for name in STEPS:
        timed(name, seconds)
    began, awaited = time.process_time(), time.perf_counter()
    with Store(path, create=False) as store:
        write.write_reports(store, out, read_rubric(), read_metrics(shipped_model()))
    whole, awaited = time.process_time() - began, time.perf_counter() - awaited
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"whole": whole, "awaited": awaited, "peak": peak, **seconds}))


def main(source: Path, count: int = 2000) -> None:
    print(f"{'conversations':<26} {'awaited':>7} {'seconds':>7}  " + "  ".join(STEPS) + "  peak MiB  largest MB")
    for agents in (20, 1):
        for size in (count, 2 * count):
            with tempfile.TemporaryDirectory() as folder:
                path, out = Path(folder) / "coach.db", Path(folder) / "reports"
                make(source, path, size, agents)
                command = [sys.executable, __file__, "--measure", str(path), str(out)]
                told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
                largest = max(page.stat().st_size for page in out.rglob("*.html")) / 1e6
            steps = "  ".join(f"{told.get(name, 0):{len(name)}.1f}" for name in STEPS)
            name = f"{size}, {agents} agent{'s' * (agents > 1)}"
            whole = f"{told['awaited']:7.1f} {told['whole']:7.1f}"
            print(f"{name:<26} {whole}  {steps}  {told['peak']:8.0f}  {largest:10.2f}", flush=True)


if sys.argv[1] == "--measure":
    measure(*map(Path, sys.argv[2:4]))
else:
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
