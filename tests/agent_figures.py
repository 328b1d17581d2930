"""The figures of an agent's page, worked out again from the rows of the store."""

import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from figures import (
    SKILLS,
    Figure,
    Figures,
    Rows,
    day,
    index,
    is_clear,
    numbers,
    of_metrics,
    of_rubric,
    percent,
    place,
    untraced,
)
from formulas import chat_index, difference, interval

PARTS = ("warmth", "understanding", "verification", "expectation", "resolution", "timeliness", "ending")
SLIPS = ("unanswered question", "customer repeats", "unchecked instruction", "promise without a time", "empty empathy")
UNITS: Mapping[str, Callable[[date], date]] = {
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
}


def untraceable(page: str, path: Path, agent: str, metrics: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Figures of the agent's page that the rows in the store do not say: key, what is shown, what was expected."""
    return untraced(page, figures(path, agent, metrics))


def figures(path: Path, agent: str, metrics: Mapping[str, Any]) -> Figures:
    """By key (`data-figure`) what must stand in the agent's page; of a chat's row the key ends in @ and its place."""
    with closing(sqlite3.connect(path)) as db:
        page = _Page(db, agent)
        parts = (page.counts, page.indices, page.chats, page.charts, page.moments, page.fits, page.recent, page.trend)
        found = {key: figure for part in (*parts, page.outcomes) for key, figure in part()}
    return {**found, **dict(of_rubric(page.rubric)), **dict(of_metrics(metrics))}


class _Page(Rows):
    """One agent's rows."""

    def counts(self) -> Iterator[tuple[str, str]]:
        yield "chats", str(self.one("select count(*) from own"))
        yield "openings", str(self.one("select count(*) from opened"))
        yield (
            "wordless",
            str(
                self.one("""select count(*) from own where not exists (select 1 from sentences s
                join turns t using (conversation, turn) where s.conversation = own.id and t.agent = :agent)""")
            ),
        )
        for type, count in self.rows("select coalesce(type, 'can''t tell'), count(*) from known group by type"):
            yield f"types.{type}", str(count)
        for kind in SLIPS:
            yield (
                f"slips.{kind}",
                str(self.one("select count(*) from slips where agent = :agent and kind = :kind", kind=kind)),
            )
        for skill in SKILLS:
            met, recovered, missed, variance = self.became(skill)
            yield f"skills.{skill}.rate", self.rate(met, met + recovered + missed, variance)
            yield f"skills.{skill}.recent", self._rate_since(skill)
            yield f"skills.{skill}.recovered", str(recovered)
            yield f"skills.{skill}.missed", str(missed)
            uncalled = "select count(*) from own where id not in (select conversation from opened where skill = :skill)"
            yield f"skills.{skill}.uncalled", str(self.one(uncalled, skill=skill))
        yield "slips.shown", "2"
        for part in PARTS:
            worth, count, variance = self.rows(
                "select total(worth), count(*), total(variance) from credits where agent = :agent and part = :part", part=part
            )[0]  # fmt: skip
            yield f"parts.{part}", self.rate(worth, count, variance)

    def _rate_since(self, skill: str) -> str:
        met, recovered, missed, variance = self.became(skill, self.clear_since)
        return self.rate(met, met + recovered + missed, variance)

    def indices(self) -> Iterator[tuple[str, Figure]]:
        pooled = {side: self.pooled(side) for side in ("care", "service")}
        for side, (value, low, high, count, doubt) in pooled.items():
            yield side, index(value, low, high)
            yield f"{side}.count", str(count)
            yield f"{side}.doubt", f"{doubt:.0f}"
        below, above = sorted(pooled.values())
        is_apart = min(below[3], above[3]) >= self.minimum and above[1] > below[2]
        balance = (f"{above[0] - below[0]:.0f}",) if is_apart else ()
        yield "balance", balance
        moved = {name: pair for name, (*pair, estimate) in self.changes.items() if estimate and is_clear(estimate)}
        indices = [end for name in ("care", "service") for end in moved.get(name, ())]
        stand = [f"{pooled[side][0]:.0f}" for side in ("care", "service")]
        yield "in_short", (day(self.since), *indices, "100") if self.since and indices else (*stand, "100", *balance)

    def chats(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """By conversation: care, service, and what became of its openings."""
        for (id,) in self.rows("select id from own"):
            said: list[str] = []
            for side in ("care", "service"):
                query = "select mean, error, weight from scores where conversation = :id and agent = :agent and side = :side"
                scores = self.rows(query, id=id, side=side)
                said += numbers(index(*chat_index(*scores[0]))) if scores else ()
            counts = dict(self.rows("select status, count(*) from opened where conversation = :id group by 1", id=id))
            said += [str(counts[status]) for status in ("met", "recovered", "missed") if status in counts]
            yield f"chat@{place(id)}", tuple(said)

    def charts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for said in self.care_and_service():
            yield "charts.care_and_service", said
        yield from self._periods()

    def _periods(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The finest unit of which most have enough; the first and the last period with enough of each index."""
        every = [
            date.fromisoformat(day[:10]) for (day,) in self.rows("select started from known where started is not null")
        ]
        for unit, start in UNITS.items():
            counts = Counter(map(start, every))
            if 2 * sum(count >= self.minimum for count in counts.values()) > len(counts) or unit == "quarter":
                break
        if not any(count >= self.minimum for count in counts.values()):
            return
        said = [str(len(counts))]
        for side in ("care", "service"):
            scores = defaultdict(list)
            for one, mean in self.rows(
                "select day, mean from scores where side = :side and agent = :agent and day is not null", side=side
            ):
                scores[start(date.fromisoformat(one))].append(mean)
            enough = sorted(first for first, means in scores.items() if len(means) >= self.minimum)
            for first in dict.fromkeys([enough[0], enough[-1]] if enough else []):
                index = self.usual[side].index(np.mean(scores[first]), len(scores[first]), is_drawn=False)
                said += [
                    *(f"{end:.0f}" for end in index),
                    *([f"{first.day} {first:%b %Y}"] if unit == "week" else [f"{first:%Y}"]),
                ]
            said += [str(len(counts) - len(enough))] if 0 < len(enough) < len(counts) else []
        yield "charts.over_time", tuple(said)

    def moments(self) -> Iterator[tuple[str, Figure]]:
        focus = self._focus()
        if focus:
            counts = self.became(focus, self.clear_since)[:3]
            yield "focus.called_for", str(sum(counts))
            yield "focus.became", tuple(str(count) for count in counts if count)
            seldom = {}
            for skill in SKILLS:
                met, recovered, missed, variance = self.became(skill, self.clear_since)
                if skill != focus and (count := met + recovered + missed) >= self.minimum:
                    seldom[interval(met, count, variance)[1]] = f"{met:g} of {count}"
            if seldom and min(seldom) < 0.5:
                yield "focus.next", seldom[min(seldom)]
        able = []
        for skill in SKILLS:
            met, recovered, missed, variance = self.became(skill, self.clear_since)
            count = met + recovered + missed
            if skill != focus and count >= self.minimum and self._has_example(skill):
                able.append((interval(met, count, variance), count, met))
        if able:
            bounds, count, met = max(able, key=lambda each: each[0][0])
            yield "strength.called_for", str(count)
            yield "strength.met", str(met)
            yield "strength.interval", percent(bounds)
        lost = "select skill, conversation, turn, called, response_turn + 1 from opened where status <> 'met'"
        for skill, id, turn, called, later in self.rows(lost):
            yield f"called.{skill}.{place(id)}.{turn}", (f"{100 * called:.0f}", *([str(later)] if later else []))

    def _has_example(self, skill: str) -> bool:
        query = """select count(*) from opened o join sentences s on s.conversation = o.conversation
        and s.turn = o.response_turn where o.skill = :skill and o.status = 'met' and max(case o.skill
        when 'empathy' then max(acknowledge, apologise, reassure, appreciate)
        when 'listening' then max(restate, "check", probe) else max(instruct, explain, expect, verify) end, 0) >= 0.6"""
        return bool(self.one(query, skill=skill))

    def _focus(self) -> str | None:
        """The skill with enough openings that lost most of them; those with one missed before those only met late."""
        lost = {}
        for skill in SKILLS:
            met, recovered, missed, _ = self.became(skill, self.clear_since)
            weight = self.rubric["care"].get(skill) or self.rubric["service"][skill]
            late = recovered * (1 - self.rubric["credit"]["recovered"])
            if met + recovered + missed >= self.minimum and missed + late:
                lost[skill] = missed > 0, weight * (missed + late)
        return max(lost, key=lambda skill: lost[skill], default=None)

    def fits(self) -> Iterator[tuple[str, str]]:
        """Merrill and Reid's types: how far a weighted manner lies above the agent's own with others."""
        agents, types, values, directed_to = self.manners()
        for type, directed in directed_to.items():
            found = {}
            for who in set(agents):
                his = directed[(agents == who) & (types == type)], directed[(agents == who) & (types != type)]
                if min(map(len, his)) >= 3:
                    found[who] = his
            if self.agent not in found:
                continue
            mean, low, high = max((difference(*found[self.agent], shared=s) for s in (False, True)), key=lambda e: e[2])
            sizes = [len(of) for of, _ in found.values()]
            team = sum(
                n * (of.mean() - other.mean()) for n, (of, other) in zip(sizes, found.values(), strict=True)
            ) / sum(sizes)
            of_type, others = ((agents == self.agent) & same for same in (types == type, types != type))
            manner, others = values[of_type].mean(axis=0), values[others].mean(axis=0)
            yield f"fits.{type}.count", str(of_type.sum())
            yield f"fits.{type}", f"{mean:+.2f} ({low:+.2f} to {high:+.2f})".replace("-", "−")
            yield f"fits.{type}.team", f"{team:+.1f}".replace("-", "−")
            yield f"fits.{type}.pace", f"{math.exp(-manner[0]):.0f} ({math.exp(-others[0]):.0f} with others)"
            yield f"fits.{type}.detail", f"{10 * manner[3]:.1f} ({10 * others[3]:.1f})"
            yield f"fits.{type}.warmth", f"{10 * manner[4]:.1f} ({10 * others[4]:.1f})"

    def recent(self) -> Iterator[tuple[str, Figure]]:
        """Each index since the change."""
        if self.since is None:
            return
        for side in ("care", "service"):
            query = "select mean from scores where agent = :agent and side = :side and day >= :since"
            means = [mean for (mean,) in self.rows(query, side=side, since=str(self.since))]
            if means:
                yield f"recent.{side}", index(*self.usual[side].index(np.mean(means), len(means), is_drawn=False))
