"""The figures of a page, worked out again from the rows of the store: in SQL, and by formulas from their sources.

Uses nothing of coach but its tables, rubric.toml and cues.toml, so that a mistake made there is not made here again.
A figure is the text that must stand in the page; of a sentence it is the numbers and dates in it, as a tuple. Here is
what pages have in common; agent_figures.py and team_figures.py have the rest.
"""

import math
import re
import sqlite3
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

import numpy as np
from formulas import Usual, Z, change_of_means, change_of_shares, interval, spearman
from lxml import html
from scipy import stats

COACH = Path(__file__).parent.parent / "coach"
SKILLS = ("empathy", "listening", "instruction")
NUMBER = re.compile(r"\d+ [A-Z][a-z]+ \d{4}|[−+-]?\d{1,3}(?:,\d{3})+|[−+-]?\d+(?:\.\d+)?")
FIXED = (
    r"each of 100|at 95 %|95 % (?:interval|for)|of 10 sentences|within (?:7|30) days|1 to 5|−100 to 100|1 to 7; 7 is least",
    r"0 is your usual way; 1 is as far|interval holds 0|under 60 % sure|make 0 or 100|95 of 100 cases|\[NAME_1\]",
    r"\d{1,2} [A-Z][a-z]+ \d{4}|“[^”]*”|turn \d+|\b[A-Z2-7]{4}-[A-Z2-7]{4}\b|scales of 0–100",
)
"""Numbers that are no figures: of what is explained, dates, quotes, places in a transcript and references."""
APART = (
    "//script | //style | //head | //svg | //mark | //code | //option | //figcaption | //*[@dir='auto']",
    "//*[@data-figure] | //a[starts-with(@href, '#c-')] | //details[@class='chat']/*[not(self::summary)]",
)
"""Figures, what may be chosen, and whatever is quoted: transcripts, names of conversations."""
Figure = str | tuple[str, ...]
Figures = dict[str, Figure]


def shown(page: str) -> Iterator[tuple[str, str]]:
    """Key and text of every figure in the page, of a row its cells'; in a chat's row the key ends in @ and its place."""
    for element in html.fromstring(page).xpath("//*[@data-figure]"):
        chats = [one.get("id") for one in element.iterancestors("details") if one.get("class") == "chat"]
        cells = element.xpath("th | td") if element.tag == "tr" else [element]
        yield (
            "@".join([element.get("data-figure"), *chats]),
            " ".join(" ".join(cell.text_content() for cell in cells).split()),
        )


def untraced(page: str, expected: Figures) -> list[tuple[str, str, Figure | None]]:
    """Figures of the page that are not as expected: key, what is shown, what was expected."""
    found = [(key, text, expected.get(key)) for key, text in shown(page)]
    return [one for one in found if one[2] != (numbers(one[1]) if isinstance(one[2], tuple) else one[1])]


def bare(page: str) -> list[str]:
    """Texts outside of figures and quotes that have a number in them."""
    tree = html.fromstring(page)
    for element in tree.xpath(" | ".join(APART)):
        if element.getparent() is not None:
            element.drop_tree()
    return [text.strip() for text in tree.itertext() if re.search(r"\d", re.sub("|".join(FIXED), "", text.strip()))]


def numbers(text: str) -> tuple[str, ...]:
    """The numbers and dates in a sentence, without the commas of thousands."""
    return tuple(one.replace(",", "") for one in NUMBER.findall(text))


def place(id: str) -> str:
    return "c-" + sha256(id.encode()).hexdigest()[:12]


class Rows:
    """One agent's rows; with None everybody's."""

    def __init__(self, db: sqlite3.Connection, agent: str | None) -> None:
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
        for statement in Path(__file__).with_name("figures.sql").read_text("utf-8").split(";\n"):
            self.rows(statement)
        self.usual = {side: self._usual(side) for side in ("care", "service")}
        changed, self.since = self.find_changes()
        self.clear_since = self.since if changed else None

    def rows(self, query: str, **values: Any) -> list[Any]:
        names = {name: value for name, value in {"agent": self.agent, **values}.items() if f":{name}" in query}
        return self.db.execute(query, names).fetchall()

    def one(self, query: str, **values: Any) -> Any:
        return self.rows(query, **values)[0][0]

    def became(self, skill: str, since: date | None = None) -> tuple[int, int, int, float]:
        query = """select sum(status = 'met'), sum(status = 'recovered'), sum(status = 'missed'), total(met * (1 - met))
        from opened where skill = :skill and coalesce(day, '') >= :since"""
        met, recovered, missed, variance = self.rows(query, skill=skill, since=str(since or ""))[0]
        return met or 0, recovered or 0, missed or 0, variance

    def rate(self, met: float, count: int, variance: float) -> str:
        counted = f"{met:g} of {count}"
        return f"{counted}, {percent(interval(met, count, variance))}" if count >= self.minimum else counted

    def _usual(self, side: str) -> Usual | None:
        query = "select agent, mean, error, mean * (1 - mean) / (weight + 1) from scores where side = :side"
        rows = self.rows(query, side=side)
        agents = {row[0] for row in rows} - {None} or {None}
        groups = [np.array([row[1:] for row in rows if row[0] == who]) for who in agents]
        return Usual.of(groups) if rows else None

    def pooled(self, side: str, agent: str | None = None) -> tuple[float, float, float, int, float]:
        """The index of the agent whose page it is, or of the team; or of another agent."""
        who = agent or self.agent
        query = "select mean, error from scores where side = :side and agent is :agent"
        own = np.array(self.rows(query, side=side, agent=who))
        if not len(own):
            return math.nan, math.nan, math.nan, 0, math.nan
        doubt = 100 * Z * math.sqrt(own[:, 1].sum()) / len(own)
        return *self.usual[side].index(own[:, 0].mean(), len(own), is_drawn=who is not None), len(own), doubt

    def care_and_service(self, most: int = -1) -> Iterator[tuple[str, ...]]:
        """What the chart says in words, if there is one: of the latest conversations, at most so many."""
        both = """select at, 100 * c.mean, 100 * s.mean from known k join scores c on c.conversation = k.id and c.side = 'care'
        and c.agent is :agent join scores s on s.conversation = k.id and s.side = 'service' and s.agent is :agent
        where k.id in (select id from known order by coalesce(started, '') desc, id desc limit :most) order by at"""
        if rows := self.rows(both, most=most):
            dots = [f"{count}" for _, count in sorted(Counter(row[0] for row in rows).items())]
            ends = [f"{end:.0f}" for column in (1, 2) for end in ends_of([row[column] for row in rows])]
            centre = [self.pooled(side) for side in ("care", "service")]
            if min(one[3] for one in centre) >= self.minimum:
                ends += [f"{end:.0f}" for one in centre for end in one[:3]]
            yield (*dots, *ends)

    def split(self) -> date | None:
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

    def find_changes(self) -> tuple[bool, date | None]:
        self.changes: dict[str, tuple[str, str, tuple[float, float, float] | None]] = {}
        since = self.split()
        if since is None:
            return False, None
        sides: dict[str, Any] = {}
        for side in ("care", "service"):
            query = "select mean from scores where agent is :agent and side = :side and day is not null and (day < :since) = :early"
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
        return any(e and is_clear(e) for *_, e in self.changes.values()), since

    def manners(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Of every agent in every conversation: who, the customer's type, the measures, and by type how far they are
        what it wants, in standard deviations within agents."""
        names = ("brevity", "promptness", "timetable", "detail", "warmth", "care_first")
        rows = self.rows(f"select conversation, agent, type, {', '.join(names)} from manners")
        rows.sort(key=lambda row: blake2b(f"{row[0]} {row[1]}".encode(), digest_size=8).digest())
        agents, types = (np.array([row[i] or "" for row in rows], str) for i in (1, 2))
        values = np.array([row[3:] for row in rows], float).reshape(-1, len(names))
        usual = {who: values[agents == who].mean(axis=0) for who in set(agents)}
        within = np.array([one - usual[who] for one, who in zip(values, agents, strict=True)]).reshape(values.shape)
        scales = np.sqrt((within**2).sum(axis=0) / max(1, len(rows) - len(usual)))
        scales[scales < 1e-9] = 1.0
        directed = {}
        for type, wanted in self.rubric["fit"].items():
            weights = np.array([wanted.get(name, 0.0) for name in names])
            directed[type] = values @ (weights / scales / np.abs(weights).sum())
        return agents, types, values, directed

    def trend(self) -> Iterator[tuple[str, Figure]]:
        yield "trend.undated", str(self.one("select count(*) from known where started is null"))
        if self.since is None:
            yield "trend", ()
            return
        said = day(self.since)
        early = self.one("select count(*) from known where substr(started, 1, 10) < :since", since=str(self.since))
        late = self.one("select count(*) from known where substr(started, 1, 10) >= :since", since=str(self.since))
        yield "trend", (str(early), said, str(late))
        for name, (before, after, estimate) in self.changes.items():
            ends = () if estimate is None else tuple(signed(end, 0) for end in estimate[1:])
            yield f"trend.{name}", (*numbers(before), *numbers(after), said, *ends)

    def outcomes(self) -> Iterator[tuple[str, Figure]]:
        for name in ["all", *(one for (one,) in self.rows("select distinct at from known"))]:
            rows = self.known(name)
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
                yield f"outcomes.{name}.repeat.{days}", self.repeat(rows, days)
        yield from self._together()

    def known(self, name: str) -> list[dict[str, Any]]:
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
        value, low, high = (signed(times * one, places) for one in (values.mean(), low, high))
        return f"{value} ({low}{' to ' if '−' in low + high else '–'}{high}), from {len(given)} ratings"

    def _settled(self, rows: list[dict[str, Any]], reported: bool) -> str:
        those = [row for row in rows if (row["resolved"] is not None) is reported]
        told = [row for row in those if row["ended_as"] != "unknown"]
        chances = [] if reported else [
            row["judged_resolved_yes"] / sum(row[f"judged_resolved_{label}"] for label in ("yes", "partly", "no")) for row in told
        ]  # fmt: skip
        found = self.share(sum(row["ended_as"] == "yes" for row in told), len(told), sum(p * (1 - p) for p in chances))
        return found + (f"; {len(those) - len(told)} cannot be told" if len(those) > len(told) else "")

    def share(self, met: int, count: int, variance: float = 0.0) -> str:
        if not count:
            return "none to judge"
        if count < self.minimum:
            return f"{met} of {count}: too few to say"
        return f"{met} of {count}, {percent(interval(met, count, variance))}"

    def _wait(self, waits: list[float]) -> str:
        """The median between the order statistics that hold it at 95 % (binomial)."""
        count, ordered = len(waits), sorted(waits)
        ranks = [r for r in range(1, count // 2 + 1) if 2 * stats.binom.cdf(r - 1, count, 0.5) <= 0.05]
        if count < self.minimum or not ranks:
            return f"too few to say ({count})"
        low, high = ordered[ranks[-1] - 1], ordered[-ranks[-1]]
        return f"{duration(float(np.median(ordered)))} ({duration(low)} to {duration(high)}), the middle of {count}"

    def repeat(self, rows: list[dict[str, Any]], days: int) -> str:
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
        return self.share(again, judged) + (f"; {sum(why.values())} cannot be judged ({reasons})" if reasons else "")

    def _together(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        means = {
            (id, side): mean
            for id, side, mean in self.rows("select conversation, side, mean from scores where agent is :agent")
        }
        pairs: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
        for row in self.known("all"):
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
                (*(signed(one, 2) for one in found), str(size)) if found else () if size >= 20 else (str(size), "20")
            )
            yield f"together.{side}.{outcome}", (*before, *shown)


def is_clear(estimate: tuple[float, float, float]) -> bool:
    return not estimate[1] <= 0 <= estimate[2]


def ends_of(values: list[float]) -> list[float]:
    """The least and the greatest; one where both are shown alike."""
    low, high = min(values), max(values)
    return [low] if f"{low:.0f}" == f"{high:.0f}" else [low, high]


def index(value: float, low: float, high: float) -> str:
    return f"{value:.0f} ({low:.0f}–{high:.0f})"


def percent(bounds: tuple[float, float]) -> str:
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


def signed(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if not float(text) else text.replace("-", "−")


def duration(seconds: float) -> str:
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if minutes < 60:
        return f"{minutes} min"
    more, unit, less, smaller = (
        (minutes // 60, "h", minutes % 60, "min") if minutes < 2880 else (hours // 24, "days", hours % 24, "h")
    )
    return f"{more} {unit} {less} {smaller}" if less else f"{more} {unit}"


def day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def of_rubric(rubric: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for side in ("care", "service"):
        for part, weight in rubric[side].items():
            yield f"rubric.{side}.{part}", f"{weight:g}"
        yield (
            f"rubric.baseline.{side}",
            f"{100 * rubric['baseline'][side]:g}, worth {rubric['baseline'][f'{side}_weight']:g}",
        )
    yield "rubric.recovered", f"{rubric['credit']['recovered']:g}"
    yield "rubric.minimum_count", f"{rubric['report']['minimum_count']:g}"


def of_metrics(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "metrics.conversations", str(metrics["conversations"])
    for name, figure in {**metrics["skills"], **metrics["tags"]}.items():
        for measure in ("precision", "recall"):
            yield f"metrics.{name}.{measure}", f"{100 * figure[measure]:.0f} %"
    for key, name in {"type": "type_accuracy", "type_named": "type_named", "resolved": "resolved"}.items():
        yield f"metrics.{key}", f"{100 * metrics['wholes'][name]['value']:.0f} %"
