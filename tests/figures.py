"""The figures of an agent's page, worked out again from the rows of the store: in SQL, and by formulas from their sources.

Uses nothing of coach but its tables, rubric.toml and cues.toml, so that a mistake made there is not made here again.
A figure is the text that must stand in the page; of a sentence it is the numbers and dates in it, as a tuple.
"""

import hashlib
import math
import re
import sqlite3
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from formulas import Usual, Z, change_of_means, change_of_shares, chat_index, difference, interval, spearman
from lxml import html
from scipy import stats

COACH = Path(__file__).parent.parent / "coach"
SKILLS = ("empathy", "listening", "instruction")
PARTS = ("warmth", "understanding", "verification", "expectation", "resolution", "timeliness", "ending")
NUMBER = re.compile(r"\d+ [A-Z][a-z]+ \d{4}|[−+-]?\d+(?:\.\d+)?")
UNITS: Mapping[str, Callable[[date], date]] = {
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
}
FIXED = (
    r"each of 100|at 95 %|95 % interval|of 10 sentences|within (?:7|30) days|1 to 5|−100 to 100|1 to 7; 7 is least",
    r"0 is your usual way; 1 is as far|interval holds 0|under 60 % sure|make 0 or 100|95 of 100 cases|\[NAME_1\]",
    r"\d{1,2} [A-Z][a-z]+ \d{4}|^\d{4}-\d{2}$|“[^”]*”|turn \d+|\b[A-Z2-7]{4}-[A-Z2-7]{4}\b",
)
"""Numbers that are no figures: of what is explained, dates, quotes, places in a transcript and references."""
APART = (
    "//script | //style | //head | //svg | //mark | //code | //figcaption | //*[@dir='auto'] | //*[@data-figure]",
    "//a[starts-with(@href, '#c-')] | //details[@class='chat']/*[not(self::summary)]",
)
"""Figures, and whatever is quoted: transcripts, names of conversations."""
Figures = dict[str, str | tuple[str, ...]]

SLIPS = {
    "unanswered question": """select o.conversation from openings o join turns q using (conversation, turn)
    join turns a on a.conversation = o.conversation and a.turn = (select min(turn) from turns n
    where n.conversation = o.conversation and n.turn > o.turn and n.role = 'agent')
    where o.skill = 'instruction' and o.status = 'missed' and q.text like '%?%' and cue('opening.question', q.text)
    and a.agent = :agent and exists (select 1 from turns r where r.conversation = o.conversation and r.repeats
    and r.turn > o.turn)""",
    "customer repeats": """select r.conversation from turns r join turns a on a.conversation = r.conversation
    and a.turn = (select max(turn) from turns b where b.conversation = r.conversation and b.turn < r.turn
    and b.role = 'agent') where r.repeats and a.agent = :agent and (cue('call.says_again', r.text)
    or alike(r.text, (select group_concat(text, char(30)) from turns c where c.conversation = r.conversation
    and c.turn < r.turn and c.role = 'customer')))""",
    "unchecked instruction": """select i.conversation from (select conversation, min(turn) as first, max(turn) as last
    from tags where tag = 'instruct' and probability >= 0.6 group by 1) i
    join turns a on a.conversation = i.conversation and a.turn = i.last where a.agent = :agent
    and not exists (select 1 from tags v where v.conversation = i.conversation and v.tag = 'verify' and v.turn >= i.first)
    and exists (select 1 from turns c where c.conversation = i.conversation and c.role = 'customer' and c.turn < i.last
    and cue('opening.fault', c.text)) and (select count(*) > 0 and not sum(cue('ending.solved', c.text)
    or cue('ending.thanks', c.text)) from turns c where c.conversation = i.conversation and c.role = 'customer'
    and c.turn > i.last)""",
    "promise without a time": """select distinct t.conversation, t.turn from turns t join sentences s using (conversation, turn)
    where t.agent = :agent and cue('slip.promise', substr(t.text, s."start" + 1, s."end" - s."start"))
    and not cue('slip.time', t.text) and exists (select 1 from turns c where c.conversation = t.conversation
    and c.role = 'customer' and c.turn < t.turn)""",
    "empty empathy": """select * from (select o.agent, min(o.rowid) from openings o join conversations c on c.id = o.conversation
    where coalesce(c.resolved, c.judged_resolved) <> 'yes' and o.skill = 'empathy' and o.status = 'met'
    and o.response_turn > coalesce((select max(turn) from sentences s where s.conversation = o.conversation
    and max(instruct, explain, expect) > 0.4), -1) group by o.conversation) where agent = :agent""",
}


def shown(page: str) -> Iterator[tuple[str, str]]:
    """Key and text of every figure in the page; in a chat's row the key ends in @ and its place."""
    for element in html.fromstring(page).iter("span"):
        if key := element.get("data-figure"):
            chats = [one.get("id") for one in element.iterancestors("details") if one.get("class") == "chat"]
            yield "@".join([key, *chats]), element.text_content().strip()


def untraceable(page: str, path: Path, agent: str, metrics: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Figures of the agent's page that the rows in the store do not say: key, what is shown, what was expected."""
    expected = figures(path, agent, metrics)
    found = [(key, text, expected.get(key)) for key, text in shown(page)]
    return [one for one in found if one[2] != (numbers(one[1]) if isinstance(one[2], tuple) else one[1])]


def bare(page: str) -> list[str]:
    """Texts outside of figures and quotes that have a number in them."""
    tree = html.fromstring(page)
    for element in tree.xpath(" | ".join(APART)):
        if element.getparent() is not None:
            element.drop_tree()
    return [text.strip() for text in tree.itertext() if re.search(r"\d", re.sub("|".join(FIXED), "", text.strip()))]


def figures(path: Path, agent: str, metrics: Mapping[str, Any]) -> Figures:
    """By key (`data-figure`) what must stand in the agent's page; of a chat's row the key ends in @ and its place."""
    with closing(sqlite3.connect(path)) as db:
        page = _Page(db, agent)
        parts = (page.counts, page.indices, page.chats, page.charts, page.moments, page.fits, page.trend, page.outcomes)
        found = {key: figure for part in parts for key, figure in part()}
    return {**found, **dict(_rubric(page.rubric)), **dict(_metrics(metrics))}


def numbers(text: str) -> tuple[str, ...]:
    """The numbers and dates in a sentence."""
    return tuple(NUMBER.findall(text))


def place(id: str) -> str:
    return "c-" + hashlib.sha256(id.encode()).hexdigest()[:12]


class _Page:
    """One agent's rows."""

    def __init__(self, db: sqlite3.Connection, agent: str) -> None:
        self.db, self.agent = db, agent
        self.rubric = tomllib.loads((COACH / "rubric.toml").read_text("utf-8"))
        self.minimum = int(self.rubric["report"]["minimum_count"])
        cues = tomllib.loads((COACH / "cues.toml").read_text("utf-8"))

        def cue(name: str, text: str) -> bool:
            kind, one = name.split(".")
            return any(re.search(pattern, text, re.IGNORECASE) for pattern in cues[kind][one]["patterns"])

        db.create_function("cue", 2, cue)

        def alike(text: str, earlier: str | None) -> bool:
            """Whether three of the longer words, and a quarter of them, stand in one earlier turn."""
            own, *others = (
                set(re.findall(r"[^\W\d_]{4,}|\d{2,}", one.casefold()))
                for one in (text, *(earlier or "").split("\x1e"))
            )
            return any(len(own & other) >= max(3, len(own) / 4) for other in others)

        db.create_function("alike", 2, alike)
        db.create_function("words", 1, lambda text: len(text.split()))
        db.create_function("ln", 1, math.log)
        db.execute("create temp table weights (side, part, weight, start, strength)")
        for side in ("care", "service"):
            baseline = self.rubric["baseline"][side], self.rubric["baseline"][f"{side}_weight"]
            rows = [(side, part, weight, *baseline) for part, weight in self.rubric[side].items()]
            db.executemany("insert into weights values (?, ?, ?, ?, ?)", rows)
        for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n"):
            self.rows(statement)
        changed, self.since = self._changes()
        self.clear_since = self.since if changed else None

    def rows(self, query: str, **values: Any) -> list[Any]:
        names = {name: value for name, value in {"agent": self.agent, **values}.items() if f":{name}" in query}
        return self.db.execute(query, names).fetchall()

    def one(self, query: str, **values: Any) -> Any:
        return self.rows(query, **values)[0][0]

    # --- counts, rates, indices ---

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
        for kind, query in SLIPS.items():
            yield f"slips.{kind}", str(self.one(f"select count(*) from ({query})"))
        for skill in SKILLS:
            met, recovered, missed, variance = self._became(skill)
            yield f"skills.{skill}.rate", self._rate(met, met + recovered + missed, variance)
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
            yield f"parts.{part}", self._rate(worth, count, variance)

    def _became(self, skill: str, since: date | None = None) -> tuple[int, int, int, float]:
        query = """select sum(status = 'met'), sum(status = 'recovered'), sum(status = 'missed'), total(met * (1 - met))
        from opened where skill = :skill and coalesce(day, '') >= :since"""
        met, recovered, missed, variance = self.rows(query, skill=skill, since=str(since or ""))[0]
        return met or 0, recovered or 0, missed or 0, variance

    def _rate_since(self, skill: str) -> str:
        met, recovered, missed, variance = self._became(skill, self.clear_since)
        return self._rate(met, met + recovered + missed, variance)

    def _rate(self, met: float, count: int, variance: float) -> str:
        counted = f"{met:g} of {count}"
        return f"{counted}, {_percent(interval(met, count, variance))}" if count >= self.minimum else counted

    def indices(self) -> Iterator[tuple[str, str | tuple[str, ...]]]:
        pooled = {side: self._pooled(side) for side in ("care", "service")}
        for side, (value, low, high, count, doubt) in pooled.items():
            yield side, _index(value, low, high)
            yield f"{side}.count", str(count)
            yield f"{side}.doubt", f"{doubt:.0f}"
        below, above = sorted(pooled.values())
        is_clear = min(below[3], above[3]) >= self.minimum and above[1] > below[2]
        balance = (f"{above[0] - below[0]:.0f}",) if is_clear else ()
        yield "balance", balance
        moved = {name: pair for name, (*pair, estimate) in self.changes.items() if estimate and _is_clear(estimate)}
        indices = [end for name in ("care", "service") for end in moved.get(name, ())]
        stand = [f"{pooled[side][0]:.0f}" for side in ("care", "service")]
        yield "in_short", (_day(self.since), *indices, "100") if self.since and indices else (*stand, "100", *balance)

    def _usual(self, side: str) -> Usual:
        query = "select agent, mean, error, mean * (1 - mean) / (weight + 1) from scores where side = :side"
        rows = self.rows(query, side=side)
        groups = {who: np.array([row[1:] for row in rows if row[0] == who]) for who in {row[0] for row in rows}}
        return Usual.of(list(groups.values()))

    def _pooled(self, side: str) -> tuple[float, float, float, int, float]:
        own = np.array(self.rows("select mean, error from scores where side = :side and agent = :agent", side=side))
        if not len(own):
            return math.nan, math.nan, math.nan, 0, math.nan
        doubt = 100 * Z * math.sqrt(own[:, 1].sum()) / len(own)
        return *self._usual(side).index(own[:, 0].mean(), len(own)), len(own), doubt

    def chats(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """By conversation: care, service, and what became of its openings."""
        for (id,) in self.rows("select id from own"):
            said: list[str] = []
            for side in ("care", "service"):
                query = "select mean, error, weight from scores where conversation = :id and agent = :agent and side = :side"
                scores = self.rows(query, id=id, side=side)
                said += numbers(_index(*chat_index(*scores[0]))) if scores else ()
            counts = dict(self.rows("select status, count(*) from opened where conversation = :id group by 1", id=id))
            said += [str(counts[status]) for status in ("met", "recovered", "missed") if status in counts]
            yield f"chat@{place(id)}", tuple(said)

    # --- charts, in words ---

    def charts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        both = """select at, 100 * c.mean, 100 * s.mean from known k join scores c on c.conversation = k.id and c.side = 'care'
        and c.agent = :agent join scores s on s.conversation = k.id and s.side = 'service' and s.agent = :agent order by at"""
        if rows := self.rows(both):
            dots = [f"{count}" for _, count in sorted(Counter(row[0] for row in rows).items())]
            ends = [f"{end:.0f}" for column in (1, 2) for end in _range([row[column] for row in rows])]
            centre = [self._pooled(side) for side in ("care", "service")]
            if min(one[3] for one in centre) >= self.minimum:
                ends += [f"{end:.0f}" for one in centre for end in one[:3]]
            yield "charts.care_and_service", (*dots, *ends)
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
            for day, mean in self.rows(
                "select day, mean from scores where side = :side and agent = :agent and day is not null", side=side
            ):
                scores[start(date.fromisoformat(day))].append(mean)
            enough = sorted(first for first, means in scores.items() if len(means) >= self.minimum)
            for first in dict.fromkeys([enough[0], enough[-1]] if enough else []):
                index = self._usual(side).index(np.mean(scores[first]), len(scores[first]), is_drawn=False)
                said += [
                    *(f"{end:.0f}" for end in index),
                    *([f"{first.day} {first:%b %Y}"] if unit == "week" else [f"{first:%Y}"]),
                ]
            said += [str(len(counts) - len(enough))] if 0 < len(enough) < len(counts) else []
        yield "charts.over_time", tuple(said)

    # --- strength and focus ---

    def moments(self) -> Iterator[tuple[str, str | tuple[str, ...]]]:
        focus = self._focus()
        if focus:
            counts = self._became(focus, self.clear_since)[:3]
            yield "focus.called_for", str(sum(counts))
            yield "focus.became", tuple(str(count) for count in counts if count)
            seldom = {}
            for skill in SKILLS:
                met, recovered, missed, variance = self._became(skill, self.clear_since)
                if skill != focus and (count := met + recovered + missed) >= self.minimum:
                    seldom[interval(met, count, variance)[1]] = f"{met:g} of {count}"
            if seldom and min(seldom) < 0.5:
                yield "focus.next", seldom[min(seldom)]
        able = []
        for skill in SKILLS:
            met, recovered, missed, variance = self._became(skill, self.clear_since)
            count = met + recovered + missed
            if skill != focus and count >= self.minimum and self._has_example(skill):
                able.append((interval(met, count, variance), count, met))
        if able:
            bounds, count, met = max(able, key=lambda each: each[0][0])
            yield "strength.called_for", str(count)
            yield "strength.met", str(met)
            yield "strength.interval", _percent(bounds)
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
            met, recovered, missed, _ = self._became(skill, self.clear_since)
            weight = self.rubric["care"].get(skill) or self.rubric["service"][skill]
            late = recovered * (1 - self.rubric["credit"]["recovered"])
            if met + recovered + missed >= self.minimum and missed + late:
                lost[skill] = missed > 0, weight * (missed + late)
        return max(lost, key=lambda skill: lost[skill], default=None)

    # --- fit ---

    def fits(self) -> Iterator[tuple[str, str]]:
        """Merrill and Reid's types: how far a weighted manner lies above the agent's own with others."""
        names = ("brevity", "promptness", "timetable", "detail", "warmth", "care_first")
        rows = self.rows(f"select agent, type, {', '.join(names)} from manners")
        agents, types = (np.array([row[i] or "" for row in rows]) for i in (0, 1))
        values = np.array([row[2:] for row in rows], float)
        usual = {who: values[agents == who].mean(axis=0) for who in set(agents)}
        within = np.array([one - usual[who] for one, who in zip(values, agents, strict=True)])
        scales = np.sqrt((within**2).sum(axis=0) / max(1, len(rows) - len(usual)))
        scales[scales < 1e-9] = 1.0
        for type, wanted in self.rubric["fit"].items():
            weights = np.array([wanted.get(name, 0.0) for name in names])
            directed = values @ (weights / scales / np.abs(weights).sum())
            found = {}
            for who in usual:
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

    # --- over time ---

    def _split(self) -> date | None:
        """The day after the middle of the time, unless that leaves too few on a side: then that of the evenest halves."""
        days = [(date.fromisoformat(d), n) for d, n in self.rows("select substr(started, 1, 10), count(*) from known where started is not null group by 1 order by 1")]  # fmt: skip
        if len(days) < 2:
            return None
        total = sum(n for _, n in days)
        before = {day: sum(n for other, n in days if other < day) for day, _ in days[1:]}
        middle = min(day for day in before if (day - days[0][0]).days > (days[-1][0] - days[0][0]).days // 2)
        if min(before[middle], total - before[middle]) >= max(self.minimum, total / 3):
            return middle
        return min(before, key=lambda day: (abs(total - 2 * before[day]), day))

    def _changes(self) -> tuple[bool, date | None]:
        self.changes: dict[str, tuple[str, str, tuple[float, float, float] | None]] = {}
        since = self._split()
        if since is None:
            return False, None
        sides: dict[str, Any] = {}
        for side in ("care", "service"):
            query = "select mean from scores where agent = :agent and side = :side and day is not null and (day < :since) = :early"
            pair = [self.rows(query, side=side, since=str(since), early=early) for early in (1, 0)]
            sides[side] = [np.array(rows).reshape(-1, 1) for rows in pair]
        for skill in SKILLS:
            query = """select sum(status = 'met'), count(*) from opened
            where skill = :skill and day is not null and (day < :since) = :early group by conversation"""
            pair = [self.rows(query, skill=skill, since=str(since), early=early) for early in (1, 0)]
            sides[skill] = [np.array(rows, float).reshape(-1, 2) for rows in pair]
        least = max(2, self.minimum)
        found: dict[str, tuple[float, float, float]] = {}
        left = [name for name, pair in sides.items() if min(_weight(name, one) for one in pair) >= least]
        while left:  # Holm (1979)
            level = 1 - 0.05 / len(left)
            for name in left:
                found[name] = (change_of_shares if name in SKILLS else change_of_means)(*sides[name], level)
            unclear = [name for name in left if found[name][1] <= 0 <= found[name][2]]
            left = unclear if len(unclear) < len(left) else []
        self.changes = {name: (*(_shown(name, one) for one in pair), found.get(name)) for name, pair in sides.items()}
        return any(e and _is_clear(e) for *_, e in self.changes.values()), since

    def trend(self) -> Iterator[tuple[str, str | tuple[str, ...]]]:
        yield "trend.undated", str(self.one("select count(*) from known where started is null"))
        if self.since is None:
            yield "trend", ()
            return
        said = _day(self.since)
        early = self.one("select count(*) from known where substr(started, 1, 10) < :since", since=str(self.since))
        late = self.one("select count(*) from known where substr(started, 1, 10) >= :since", since=str(self.since))
        yield "trend", (str(early), said, str(late))
        for side in ("care", "service"):
            query = "select mean from scores where agent = :agent and side = :side and day >= :since"
            means = [mean for (mean,) in self.rows(query, side=side, since=str(self.since))]
            if means:
                yield f"recent.{side}", _index(*self._usual(side).index(np.mean(means), len(means), is_drawn=False))
        for name, (before, after, estimate) in self.changes.items():
            ends = () if estimate is None else tuple(_signed(end, 0) for end in estimate[1:])
            yield f"trend.{name}", (*numbers(before), *numbers(after), said, *ends)

    # --- outcomes ---

    def outcomes(self) -> Iterator[tuple[str, str | tuple[str, ...]]]:
        for name in ["all", *(one for (one,) in self.rows("select distinct at from known"))]:
            rows = self._known(name)
            yield f"outcomes.{name}.conversations", str(len(rows))
            for rating, ends in {"csat": (1, 5), "nps": (-1, 1), "ces": (1, 7)}.items():
                given = [row[rating] for row in rows if row[rating] is not None]
                if given:
                    yield f"outcomes.{name}.{rating}", self._rating(rating, given, *ends)
            for reported in (True, False):
                yield f"outcomes.{name}.settled.{'reported' if reported else 'judged'}", self._settled(rows, reported)
            for wait, column in {"first response": "answered", "resolution": "settled"}.items():
                waits = [
                    row[column] for row in rows if row[column] is not None and (row["is_first"] or column == "settled")
                ]
                yield f"outcomes.{name}.{wait}", self._wait(waits)
            for days in (7, 30):
                yield f"outcomes.{name}.repeat.{days}", self._repeat(rows, days)
        yield from self._together()

    def _known(self, name: str) -> list[dict[str, Any]]:
        found = self.db.execute("select * from known where :name in ('all', at)", {"name": name})
        return [dict(zip([column[0] for column in found.description], row, strict=True)) for row in found]

    def _rating(self, name: str, given: list[float], lowest: float, highest: float) -> str:
        """Wald's interval with one more rating at each end of the scale (Bonett and Price 2012)."""
        if len(given) < self.minimum:
            return f"too few to say ({len(given)})"
        values = np.array([(one >= 9) - (one < 7) for one in given] if name == "nps" else given, float)
        padded = np.array([*values, lowest, highest])
        reach = Z * stats.sem(padded)
        low = min(values.mean(), max(lowest, padded.mean() - reach))
        high = max(values.mean(), min(highest, padded.mean() + reach))
        times, places = (100, 0) if name == "nps" else (1, 1)
        value, low, high = (_signed(times * one, places) for one in (values.mean(), low, high))
        return f"{value} ({low} to {high}), from {len(given)} ratings"

    def _settled(self, rows: list[dict[str, Any]], reported: bool) -> str:
        those = [row for row in rows if (row["resolved"] is not None) is reported]
        told = [row for row in those if row["ended_as"] != "unknown"]
        chances = [] if reported else [
            row["judged_resolved_yes"] / sum(row[f"judged_resolved_{label}"] for label in ("yes", "partly", "no")) for row in told
        ]  # fmt: skip
        found = self._share(sum(row["ended_as"] == "yes" for row in told), len(told), sum(p * (1 - p) for p in chances))
        return found + (f"; {len(those) - len(told)} cannot be told" if len(those) > len(told) else "")

    def _share(self, met: int, count: int, variance: float = 0.0) -> str:
        if not count:
            return "none to judge"
        if count < self.minimum:
            return f"{met} of {count}: too few to say"
        return f"{met} of {count}, {_percent(interval(met, count, variance)).replace('–', ' to ')}"

    def _wait(self, waits: list[float]) -> str:
        """The median between the order statistics that hold it at 95 % (binomial)."""
        count, ordered = len(waits), sorted(waits)
        ranks = [r for r in range(1, count // 2 + 1) if 2 * stats.binom.cdf(r - 1, count, 0.5) <= 0.05]
        if count < self.minimum or not ranks:
            return f"too few to say ({count})"
        low, high = ordered[ranks[-1] - 1], ordered[-ranks[-1]]
        return f"{_duration(float(np.median(ordered)))} ({_duration(low)} to {_duration(high)}), the middle of {count}"

    def _repeat(self, rows: list[dict[str, Any]], days: int) -> str:
        why = {"too recent": 0, "customer not known": 0, "without a time": 0}
        again = judged = 0
        for row in rows:
            if not (row["customer"] or "").strip():
                why["customer not known"] += 1
            elif row["watched"] is None:
                why["without a time"] += 1
            elif row["watched"] < days * 86400:
                why["too recent"] += 1
            else:
                judged += 1
                again += row["next_after"] is not None and row["next_after"] <= days * 86400
        reasons = ", ".join(f"{count} {reason}" for reason, count in why.items() if count)
        return self._share(again, judged) + (f"; {sum(why.values())} cannot be judged ({reasons})" if reasons else "")

    def _together(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        means = {
            (id, side): mean
            for id, side, mean in self.rows("select conversation, side, mean from scores where agent = :agent")
        }
        pairs: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
        for row in self._known("all"):
            for outcome, value in _outcomes_of(row).items():
                for side in ("care", "service"):
                    counts_itself = side == "service" and outcome in ("resolved", "first response")
                    if value is not None and (row["id"], side) in means and not counts_itself:
                        pairs[side, outcome][row["at"]].append((round(means[row["id"], side], 12), value))
        sizes = {name: sum(map(len, groups.values())) for name, groups in pairs.items()}
        level = 1 - 0.05 / max(1, sum(size >= 20 for size in sizes.values()))
        for (side, outcome), groups in pairs.items():
            before = ("30",) if outcome == "repeat" else ()
            size = sizes[side, outcome]
            found = spearman(groups.values(), level) if size >= 20 else None
            shown = (
                (*(_signed(one, 2) for one in found), str(size)) if found else () if size >= 20 else (str(size), "20")
            )
            yield f"together.{side}.{outcome}", (*before, *shown)


def _is_clear(estimate: tuple[float, float, float]) -> bool:
    return not estimate[1] <= 0 <= estimate[2]


def _range(values: list[float]) -> list[float]:
    """The least and the greatest; one where both are shown alike."""
    low, high = min(values), max(values)
    return [low] if f"{low:.0f}" == f"{high:.0f}" else [low, high]


def _index(value: float, low: float, high: float) -> str:
    return f"{value:.0f} ({low:.0f}–{high:.0f})"


def _percent(bounds: tuple[float, float]) -> str:
    return f"{100 * bounds[0]:.0f}–{100 * bounds[1]:.0f} %"


def _weight(name: str, rows: np.ndarray) -> float:
    """How many scores, or openings in three conversations or more, there are on a side."""
    return len(rows) if name not in SKILLS else rows[:, 1].sum() if len(rows) >= 3 else 0


def _shown(name: str, rows: np.ndarray) -> str:
    if name in SKILLS:
        return f"{rows[:, 0].sum():.0f} of {rows[:, 1].sum():.0f}"
    return f"{100 * rows[:, 0].mean():.0f}" if len(rows) else "not called for"


def _outcomes_of(row: Mapping[str, Any]) -> dict[str, float | None]:
    watched = bool((row["customer"] or "").strip()) and row["watched"] is not None and row["watched"] >= 30 * 86400
    came = row["next_after"] is not None and row["next_after"] <= 30 * 86400
    return {
        **{name: row[name] for name in ("csat", "nps", "ces")},
        "resolved": {"yes": 1.0, "partly": 0.5, "no": 0.0}.get(row["resolved"]),
        "first response": row["answered"] if row["is_first"] else None,
        "resolution": row["settled"],
        "repeat": float(came) if watched else None,
    }


def _signed(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if not float(text) else text.replace("-", "−")


def _duration(seconds: float) -> str:
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if minutes < 60:
        return f"{minutes} min"
    more, unit, less, smaller = (
        (minutes // 60, "h", minutes % 60, "min") if minutes < 2880 else (hours // 24, "days", hours % 24, "h")
    )
    return f"{more} {unit} {less} {smaller}" if less else f"{more} {unit}"


def _day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _rubric(rubric: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for side in ("care", "service"):
        for part, weight in rubric[side].items():
            yield f"rubric.{side}.{part}", f"{weight:g}"
        yield (
            f"rubric.baseline.{side}",
            f"{100 * rubric['baseline'][side]:g}, worth {rubric['baseline'][f'{side}_weight']:g}",
        )
    yield "rubric.recovered", f"{rubric['credit']['recovered']:g}"
    yield "rubric.minimum_count", f"{rubric['report']['minimum_count']:g}"


def _metrics(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "metrics.conversations", str(metrics["conversations"])
    for name, figure in {**metrics["skills"], **metrics["tags"]}.items():
        for measure in ("precision", "recall"):
            yield f"metrics.{name}.{measure}", f"{100 * figure[measure]:.0f} %"
    for key, name in {"type": "type_accuracy", "type_named": "type_named", "resolved": "resolved"}.items():
        yield f"metrics.{key}", f"{100 * metrics['wholes'][name]['value']:.0f} %"
