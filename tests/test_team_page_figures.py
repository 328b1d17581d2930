"""Every figure of the team's page, worked out once more in SQL from what is stored."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import hostile
import pytest
from handmade import COLD, HURT, KIND, RUBRIC, agent, asked, customer, customer_type, felt, reviewed, talk, wished

from coach.contacts import Contacts
from coach.conversation import Outcome
from coach.report.render import team_page
from coach.report.team import TeamReport, TeamTally
from coach.store import Store

START = datetime(2026, 9, 7, 8, tzinfo=UTC)
CHANNELS, AGENTS, TYPES = ("chat", "phone", None), ("Ana Ruiz", "Bo Chen", None), ("feeler", "thinker", None)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("figures") / "coach.db") as opened:
        for i in range(60):
            make, good = (felt, asked, wished)[i % 3], i % 4 != 0
            fields: dict[str, Any] = {} if good else {"answer": COLD}
            one = make(
                f"c{i:02}", met=good, channel=CHANNELS[i // 3 % 3], agent=AGENTS[i // 5 % 3],
                found=customer_type(TYPES[i // 7 % 3]), resolved=("yes", "no", "unknown")[i % 3],
                customer=f"Cy {i % 11}" if i % 5 else None,
                started=START + timedelta(days=i, hours=i % 9) if i % 6 else None,
                outcome=Outcome(csat=1 + i % 5 if i % 2 else None, nps=float(i % 11), resolved="yes" if i % 8 == 0 else None),
                **fields,
            )  # fmt: skip
            opened.save(one, content="read", analysis="judged")
        late = talk(
            customer(HURT), agent(COLD), customer("Well"), agent(KIND), id="late", channel="chat", started=START
        )
        opened.save(reviewed(late, feelings={0: "anger"}, tags={3: ["reassure"]}), content="read", analysis="judged")
        yield opened


@pytest.fixture(scope="module")
def report(store: Store) -> TeamReport:
    tally = TeamTally(RUBRIC, contacts=Contacts(store))
    for one in store.conversations():
        tally.add(one)
    return tally.report()


@pytest.fixture(scope="module")
def page(report: TeamReport) -> str:
    return hostile.words(team_page(report, rubric=RUBRIC, metrics={}, state="0"))


LEVELS = {
    "skill": "o.skill",
    "type": "coalesce(c.type, 'can''t tell')",
    "channel": "coalesce(c.channel, 'unknown')",
}


@pytest.mark.parametrize("dimension", LEVELS)
def test_patterns_are_the_stored_openings(dimension: str, store: Store, report: TeamReport) -> None:
    rows = store.db.execute(
        f"""select {LEVELS[dimension]}, o.skill, sum(o.status = 'met'), sum(o.status = 'recovered'),
        sum(o.status = 'missed'), count(distinct o.agent)
        from openings o join conversations c on c.id = o.conversation group by 1, 2"""
    )
    found = {
        (level.name, cell.skill, cell.row.met, cell.row.recovered, cell.row.missed, cell.agents)
        for level in report.patterns.levels[dimension]
        for cell in level.cells
    }
    assert found == set(rows)


def test_the_rest_of_a_pattern_is_what_is_left(store: Store, report: TeamReport) -> None:
    for level in report.patterns.levels["channel"]:
        for cell in level.cells:
            (rest,) = store.db.execute(
                """select coalesce(sum(o.status = 'met'), 0), count(*) from openings o
                join conversations c on c.id = o.conversation
                where o.skill = ? and coalesce(c.channel, 'unknown') <> ?""",
                [cell.skill, level.name],
            )
            assert (cell.rest.met, cell.rest.called_for) == rest


def test_hours_hold_the_openings_that_have_a_time(store: Store, report: TeamReport) -> None:
    ((timed,),) = store.db.execute(
        "select count(*) from openings o join conversations c on c.id = o.conversation where c.started is not null"
    )
    cells = [cell for level in report.patterns.levels["hour"] for cell in level.cells]
    assert sum(cell.row.rate.called_for for cell in cells) == timed


def test_agents_rows_are_the_stored_openings(store: Store, report: TeamReport, page: str) -> None:
    rows = set(store.db.execute("select agent, skill, met, recovered, missed from agent_openings"))
    found = {
        (group.name, row.skill, row.met, row.recovered, row.missed)
        for group in report.agents
        for row in group.skills
        if row.rate.called_for
    }
    assert found == rows
    for agent_name, count in store.db.execute(
        "select agent, count(distinct conversation) from turns where role = 'agent' and agent is not null group by 1"
    ):
        assert f"{agent_name} {count} " in page[page.index("Agents meet different customers") :]


def test_outcomes_are_those_stored(store: Store, report: TeamReport, page: str) -> None:
    for rating in report.outcomes.all.ratings:
        ((count, mean),) = store.db.execute(f"select count({rating.name}), avg({rating.name}) from conversations")
        assert rating.estimate.count == count
        if rating.name != "nps":
            assert rating.estimate.value == pytest.approx(mean)
    ((yes, told),) = store.db.execute("select sum(resolved = 'yes'), count(resolved) from conversations")
    assert f"Reported as settled {yes} of {told}" in page
    ((again, judged),) = store.db.execute(
        """with known as (select *, julianday(started) as day from conversations
        where customer is not null and started is not null)
        select sum(exists (select 1 from known n where n.customer = k.customer and n.day > k.day and n.day <= k.day + 7)),
        count(*) from known k where k.day + 7 <= (select max(julianday(started)) from conversations)"""
    )
    assert f"Came again within 7 days {again} of {judged}" in page


def test_ratings_by_value_are_those_stored(store: Store, report: TeamReport) -> None:
    rows = store.db.execute(
        "select coalesce(channel, 'unknown'), csat, count(*) from conversations where csat is not null group by 1, 2"
    )
    found = {(channel, value, n) for channel, counts in report.ratings["csat"].items() for value, n in counts.items()}
    assert found == set(rows)


def test_what_is_new_counts_the_stored_conversations(store: Store, report: TeamReport, page: str) -> None:
    assert report.trend.since is not None
    ((before, after),) = store.db.execute(
        "select sum(substr(started, 1, 10) < ?), sum(substr(started, 1, 10) >= ?) from conversations",
        [report.trend.since.isoformat()] * 2,
    )
    assert f"the team's {before} conversations before 1 October 2026 and the {after} since then" in page


def test_the_queue_holds_what_the_store_says_of_it(store: Store, report: TeamReport) -> None:
    unanswered = {
        id
        for (id,) in store.db.execute("select conversation from openings where skill = 'empathy' and status = 'missed'")
    }
    low = {id for (id,) in store.db.execute("select id from conversations where csat <= 2 or ces <= 2 or nps <= 3")}
    known = {"unanswered": unanswered, "rated low": low}
    assert {item.kind for item in report.queue} >= known.keys()
    for item in report.queue:
        for reason in item.reasons:
            if reason.kind in known:
                assert item.reviewed.conversation.id in known[reason.kind]
            for quote in reason.quotes:
                ((text,),) = store.db.execute(
                    "select text from turns where conversation = ? and turn = ?",
                    [item.reviewed.conversation.id, quote.turn],
                )
                assert text[quote.start : quote.end] == quote.words


def test_every_stored_conversation_is_a_line(store: Store, report: TeamReport) -> None:
    rows = store.db.execute(
        """select c.id, coalesce(c.resolved, c.judged_resolved), sum(o.status = 'met'), sum(o.status = 'missed')
        from conversations c left join openings o on o.conversation = c.id group by c.id
        order by coalesce(c.started, '') desc, c.id desc"""
    )
    chats = [line.chat for line in report.listing.lines]
    assert [(c.id, c.resolved, c.openings["met"], c.openings["missed"]) for c in chats] == list(rows)
