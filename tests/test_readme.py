"""The README's commands are run as they stand there, with the shipped model on the sample transcripts."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import team_figures
from agent_figures import untraceable
from figures import bare

from coach.report import report_for
from coach.rubric import read_rubric
from coach.store import Store

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```console\n(.*?)```", README, re.S) for line in block.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "transcripts", folder / "transcripts")
    return folder


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "coach", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_every_command_of_the_readme_works_in_its_order(folder: Path) -> None:
    commands = [line.removeprefix("$ ") for line in COMMANDS if line.startswith("$ coach ")]
    assert len(commands) >= 6
    for command in commands:
        if command.startswith("coach tag "):  # two are enough, as the review has judged all
            chats = folder / "transcripts" / "chat.jsonl"
            chats.write_text("".join(chats.read_text("utf-8").splitlines(keepends=True)[:2]), "utf-8")
        done = run(shlex.split(command.partition(" > ")[0])[1:], folder)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    for page in (
        "reports/index.html",
        "reports/agents/ana-ruiz.html",
        "reports/exercises/exercises.html",
        "pack/exercises.md",
    ):
        assert (folder / page).stat().st_size > 1000


def test_every_figure_of_the_sample_agents_pages_follows_from_the_rows(folder: Path) -> None:
    metrics = json.loads((ROOT / "models" / "minilm" / "metrics.json").read_text("utf-8"))
    names = ["Ana Ruiz", "Bram Okafor", "Carla Lindqvist", "Devon Whitaker"]
    for name in names:
        page = (folder / "reports" / "agents" / f"{name.lower().replace(' ', '-')}.html").read_text("utf-8")
        assert untraceable(page, folder / "coach.db", name, metrics) == []
        assert bare(page) == []


def test_every_figure_of_the_sample_teams_page_follows_from_the_rows(folder: Path) -> None:
    metrics = json.loads((ROOT / "models" / "minilm" / "metrics.json").read_text("utf-8"))
    page = (folder / "reports" / "index.html").read_text("utf-8")
    assert team_figures.untraceable(page, folder / "coach.db", metrics) == []
    assert bare(page) == []


def test_every_command_is_in_the_readme() -> None:
    for command in ("review", "report", "exercises", "tag", "agents", "train", "evaluate"):
        assert f"coach {command}" in README


def test_the_spacy_example_tags_what_it_says() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "('Please restart the router.', 'instruct')" in done.stdout
    assert "('I\\'m so sorry about the delay.', 'apologise')" in done.stdout.replace("\"I'm", "'I\\'m").replace(
        'delay."', "delay.'"
    )


def test_the_habits_written_into_the_samples_show(folder: Path) -> None:
    """Bram is exact and cold, Carla warm and vague, Ana balanced (transcripts/README.md)."""
    rubric = read_rubric()
    with Store(folder / "coach.db", create=False) as store:
        ana, bram, carla = (report_for(name, store, rubric) for name in ("Ana Ruiz", "Bram Okafor", "Carla Lindqvist"))
    care, service = ([getattr(one.card, name).value for one in (ana, bram, carla)] for name in ("care", "service"))
    assert care[1] < min(care[0], care[2])
    assert service[2] < min(service[0], service[1])
    assert bram.focus is not None
    assert bram.focus.row.skill in ("empathy", "listening")
