"""One agent's report of conversations made by hand, and everything that is made of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import hostile
from handmade import COLD, RUBRIC, agent, bot, customer, customer_type, reviewed, sentence, system, talk

from coach.contacts import Contact
from coach.conversation import Clue, Outcome, Reviewed
from coach.disputes import Dispute
from coach.report import agent_json, agent_markdown, agent_page
from coach.report.agent import AgentReport
from coach.report.agent_tally import AgentTally
from coach.report.team import TeamTally
from coach.report.write import names_mask
from coach.rubric import Rubric

ANA, BO = "Ana Ruiz", "Bo Chen"
START = datetime(2026, 9, 7, 10, tzinfo=UTC)
LONG = "and that is really all there is to say of it"
METRICS: Any = {
    "conversations": 321,
    "skills": {name: {"precision": 0.91, "recall": 0.84} for name in ("empathy", "listening", "instruction")},
}


@dataclass
class Made:
    report: AgentReport
    reviewed: Sequence[Reviewed]
    rubric: Rubric
    metrics: Any

    @cached_property
    def page(self) -> str:
        return agent_page(self.report, self.reviewed, rubric=self.rubric, metrics=self.metrics)

    @property
    def words(self) -> str:
        """What a reader of the page sees, with one space wherever there is room."""
        return hostile.words(self.page)

    @property
    def markdown(self) -> str:
        return agent_markdown(self.report, self.metrics)

    @property
    def values(self) -> Any:
        return json.loads(agent_json(self.report))


def made(
    *own: Reviewed,
    name: str = ANA,
    rubric: Rubric = RUBRIC,
    team: Sequence[Reviewed] = (),
    disputes: Sequence[Dispute] = (),
    metrics: Any = METRICS,
) -> Made:
    """The report of `name` on these conversations; the team's hold `team` besides."""
    everybody, tally = TeamTally(rubric), AgentTally(name, rubric)
    for one in (*own, *team):
        everybody.add(one)
    for one in own:
        tally.add(one, Contact())
    report = tally.report(everybody.usual, team=everybody.pool, mask=names_mask([name, BO]), disputes=disputes)
    return Made(report, own, rubric, metrics)


def several(make: Any, met: int, missed: int, **fields: Any) -> list[Reviewed]:
    """So many chats of the kind that `make` makes, with its opening met and missed."""
    return [make(f"{make.__name__}-met-{i}", **fields) for i in range(met)] + [
        make(f"{make.__name__}-missed-{i}", COLD, met=False, **fields) for i in range(missed)
    ]


def full(text: str) -> list[Reviewed]:
    """Chats in which the text stands wherever a transcript can put it, with a strength, a focus and lessons."""
    found = []
    for number in range(6):
        talked = talk(
            bot(text), customer(text, by=text), agent(text), system(text), customer(text), agent(text), customer(text),
            agent(text, by=f"{text} two"), id=f"{text} {number}", agent=text, channel=text, customer=text,
            started=START + timedelta(days=number), outcome=Outcome(csat=2, nps=9, ces=6.5),
        )  # fmt: skip
        kind = customer_type("feeler", clues=[Clue(1, 0, len(text), "says so")])
        one = reviewed(talked, feelings={1: "anger", 4: "worry"}, tags={5: ["acknowledge"]}, found=kind)
        called = [o for o in one.judgements.openings if o.skill == "empathy"]
        openings = (
            replace(called[0], status="met", response_turn=2, agent=text),
            replace(called[1], skill="instruction", status="missed", response_turn=None, agent=text),
        )
        sentences = ((), (), (sentence(text, "acknowledge", "apologise"),), *one.judgements.sentences[3:])
        found.append(replace(one, judgements=replace(one.judgements, openings=openings, sentences=sentences)))
    return found
