"""Writes the folder of reports from the store: the team's page, one private page an agent, the exercise pack."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coach.authoring import build
from coach.contacts import Contacts
from coach.disputes import disputes
from coach.errors import CoachError
from coach.packs import READ_AT_ONCE, TITLE, file_name, formats_of, write_pack
from coach.redaction import mask_names
from coach.report.agent import AgentReport, Usual
from coach.report.agent_tally import AgentTally
from coach.report.render import agent_page, team_page
from coach.report.team import TeamTally
from coach.rubric import Rubric
from coach.store import Store

LAYOUT = "3"
PACK = formats_of(READ_AT_ONCE)


def write_reports(store: Store, out: Path, rubric: Rubric, metrics: Mapping[str, Any]) -> bool:
    """Writes all pages into `out`; False when they already say what the store says."""
    agents = [row["agent"] for row in store.agents()]
    names = file_names(agents)
    state = _state(store, rubric, metrics)
    index = out / "index.html"
    others = [
        *(out / "agents" / name for name in names.values()),
        *(out / "exercises" / file_name(known) for known in PACK),
    ]
    with _writing(out):
        if _written_state(index) == state and all(page.exists() for page in others):
            return False
        (out / "agents").mkdir(parents=True, exist_ok=True)
        index.unlink(missing_ok=True)
        _remove_pages_of_others(out / "agents", set(names.values()))
        tally = _tally(store, rubric)
        usual, mask = tally.usual, names_mask(agents)
        for agent in agents:
            report = _report(agent, store, tally, usual, mask)
            page = agent_page(report, store.conversations(agent), rubric=rubric, metrics=metrics)
            _write(out / "agents" / names[agent], page)
        write_pack(build(store.conversations(), agents).items, TITLE, out / "exercises", PACK)
        _write(index, team_page(tally.report(), rubric=rubric, metrics=metrics, state=state))
    return True


def prepare(out: Path) -> None:
    """Makes the folder for the pages, so that one that cannot be is named before the long work."""
    with _writing(out):
        (out / "agents").mkdir(parents=True, exist_ok=True)


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CoachError(f"{out}: cannot be written ({error.strerror}); name another folder with --out") from error


def report_for(agent: str, store: Store, rubric: Rubric) -> AgentReport:
    """One agent's report. Raises StoreError, with the names there are, when nobody is called that."""
    name, tally = store.named(agent), _tally(store, rubric)
    return _report(name, store, tally, tally.usual, names_mask([row["agent"] for row in store.agents()]))


def _report(agent: str, store: Store, team: TeamTally, usual: Usual, mask: Callable[[str], str]) -> AgentReport:
    own = AgentTally(agent, team.rubric)
    for reviewed in store.conversations(agent):
        own.add(reviewed, team.contact_of(reviewed))
    return own.report(usual, team=team.pool, mask=mask, disputes=team.disputes)


def names_mask(agents: Sequence[str]) -> Callable[[str], str]:
    """What takes agents' names out of a text that somebody else will read."""
    return lambda text: mask_names([text], agents)[0]


def _tally(store: Store, rubric: Rubric) -> TeamTally:
    tally = TeamTally(rubric, contacts=Contacts(store), disputes=disputes(store))
    for reviewed in store.conversations():
        tally.add(reviewed)
    return tally


def _remove_pages_of_others(folder: Path, names: set[str]) -> None:
    """Pages of agents who are no longer in the store; files that we did not write stay."""
    for page in folder.glob("*.html"):
        if page.name not in names and 'name="generator" content="coach"' in page.read_text("utf-8", "replace")[:400]:
            page.unlink()


def file_names(agents: list[str]) -> dict[str, str]:
    """A file name for every agent, readable where it can be, never the same for two."""
    names: dict[str, str] = {}
    for agent in agents:
        slug = re.sub(r"[^\w]+", "-", agent.casefold()).strip("-")[:60] or "agent"
        if f"{slug}.html" in names.values():
            slug += "-" + hashlib.sha256(agent.encode()).hexdigest()[:6]
        names[agent] = f"{slug}.html"
    return names


def _state(store: Store, rubric: Rubric, metrics: Mapping[str, Any]) -> str:
    text = f"{LAYOUT} {store.state()} {rubric} {metrics}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _written_state(index: Path) -> str | None:
    """What the page that is there says it was made from."""
    if not index.exists():
        return None
    with index.open(encoding="utf-8", errors="replace") as page:
        found = re.search(r'name="coach-state" content="(\w+)"', page.read(2000))
    return found.group(1) if found else None


def _write(path: Path, text: str) -> None:
    """Whole or not at all, so that a page is never half-written."""
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(path)
