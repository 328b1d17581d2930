"""The figures of the team's page, worked out again from the rows of the store."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, timedelta
from hashlib import blake2b
from itertools import islice
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
    shown,
    signed,
    untraced,
)
from formulas import change_of_shares, chat_index, difference, fisher, interval, newcombe
from scipy import stats

Key = tuple[str, str, str]
DIMENSIONS = ("skill", "moment", "type", "channel", "hour")
FEELINGS = ("anger", "worry", "sadness", "confusion")
MOMENTS = (*FEELINGS, "a problem", "a wish", "something told", "a question", "a fault", "a request")
BEST = {"csat": 5, "nps": 10, "ces": 7}
KINDS = {"disputed": 3, "unanswered": 4, "unresolved": 3, "rated low": 3, "unsure": 2, "worth sharing": 3, "random": 2}
"""Why a conversation is worth a look, in the order of the queue, and how many there are of it."""
TAGS = (
    *("acknowledge", "apologise", "reassure", "appreciate", "restate", "check", "probe"),
    *("instruct", "explain", "expect", "verify"),
)


def untraceable(page: str, path: Path, metrics: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Figures of the team's page that the rows in the store do not say, and those that are not on it."""
    expected = figures(path, metrics)
    missing = expected.keys() - {key for key, _ in shown(page)}
    return untraced(page, expected) + [(key, "", expected[key]) for key in sorted(missing)]


def figures(path: Path, metrics: Mapping[str, Any]) -> Figures:
    """By key (`data-figure`) what must stand in the team's page; of a chat's row the key ends in @ and its place."""
    with closing(sqlite3.connect(path)) as db:
        page = _Team(db)
        parts = (page.counts, page.patterns, page.fit, page.balance, page.agents, page.queue, page.settled, page.change)
        found = {key: figure for part in (*parts, page.lines) for key, figure in part()}
    return {**found, **dict(of_rubric(page.rubric)), **dict(of_metrics(metrics))}


def chances(path: Path) -> dict[Key, float]:
    """By dimension, level and skill the corrected p-value of its difference from the rest, where there are enough."""
    with closing(sqlite3.connect(path)) as db:
        return _Team(db).compare()


class _Team(Rows):
    """Everybody's rows."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__(db, None)
        for statement in Path(__file__).with_suffix(".sql").read_text("utf-8").split(";\n"):
            self.rows(statement)
        self.called = self._dicts("select rowid in (select opening from sure) as is_sure, * from called")
        self._band_hours()
        cells = {(d, one[d], one["skill"]) for d in DIMENSIONS for one in self.called if one[d] is not None}
        self.sides = {key: self._sides(*key) for key in sorted(cells, key=_in_order)}
        self.spoke = self.rows("select agent, count(distinct conversation) from turns where role = 'agent' and agent <> '' group by 1")  # fmt: skip
        self.spoke.sort(key=lambda row: (row[0].casefold(), row[0]))

    def _dicts(self, query: str) -> list[dict[str, Any]]:
        found = self.db.execute(query)
        return [dict(zip([column[0] for column in found.description], row, strict=True)) for row in found]

    # --- what was reviewed ---

    def counts(self) -> Iterator[tuple[str, Figure]]:
        days = sorted(text for (text,) in self.rows("select started from known where started is not null"))
        ends = tuple(day(date.fromisoformat(days[end][:10])) for end in (0, -1)) if days else ()
        yield "reviewed", (self._many("known"), *ends, str(len(self.spoke)), self._many("opened"))
        nameless = "known where id not in (select conversation from turns where role = 'agent' and agent <> '')"
        answered = "id in (select conversation from turns where role = 'agent')"
        for key, which in {"unnamed": answered, "unattended": f"not {answered}"}.items():
            if (count := self._many(f"{nameless} and {which}")) != "0":
                yield key, (count,)
        conversations = len(self.known("all"))
        for kind, count, of in self.rows("select kind, count(*), count(distinct conversation) from slips group by 1"):
            yield f"slips.{kind}", (str(count), *numbers(self.rate(of, conversations, 0.0)))

    def _many(self, which: str) -> str:
        return str(self.one(f"select count(*) from {which}"))

    # --- patterns ---

    def compare(self) -> dict[Key, float]:
        """The p-values of what differs from the rest, of each dimension after Benjamini and Hochberg (1995)."""
        found: dict[Key, float] = {}
        for dimension in DIMENSIONS:
            pairs = {
                key: [_clusters(dimension, side) for side in pair]
                for key, pair in self.sides.items()
                if key[0] == dimension
            }
            tested = {key: fisher(*pair) for key, pair in pairs.items() if min(map(_weight, pair)) >= 10}
            if tested:
                found |= zip(tested, stats.false_discovery_control(list(tested.values())), strict=True)
        return found

    def patterns(self) -> Iterator[tuple[str, Figure]]:
        chances = self.compare()
        lost = {key: self._lost(*pair) for key, pair in self.sides.items()}
        clear = sorted((key for key in chances if chances[key] < 0.05), key=lambda key: -abs(lost[key]))
        losing, gaining = ([key for key in clear if (lost[key] > 0) is is_less] for is_less in (True, False))
        yield from self._outstanding(losing, gaining, lost)
        if not losing:
            yield "compared", str(len(chances))
        yield from self._tables({key: lost[key] > 0 for key in clear})

    def _band_hours(self) -> None:
        """Hours in the finest bands of 1, 2 or 4 most of which, by skill, have ten openings."""
        timed = [one for one in self.called if one["hour"]]
        for one in timed:
            one["in_hour"] = one["hour"]
        for width in (1, 2, 4):
            for one in timed:
                start = int(one["in_hour"]) // width * width
                one["hour"] = f"{start:02}–{start + width:02}"
            many = Counter((one["hour"], one["skill"]) for one in timed)
            if 2 * sum(count >= 10 for count in many.values()) > len(many):
                return

    def _sides(self, dimension: str, level: str, skill: str) -> tuple[list[Any], list[Any]]:
        """The openings of a cell and the rest: of the same skill, or of the others where skills are compared."""
        pool = [one for one in self.called if dimension == "skill" or one["skill"] == skill]
        pool = [one for one in pool if one[dimension] is not None]
        part, rest = ([one for one in pool if (one[dimension] == level) is same] for same in (True, False))
        return part, rest

    def _lost(self, part: list[Any], rest: list[Any]) -> float:
        return len(part) * (_met(rest) / len(rest) if rest else 0.0) - _met(part)

    def _outstanding(
        self, losing: list[Key], gaining: list[Key], lost: Mapping[Key, float]
    ) -> Iterator[tuple[str, Figure]]:
        for name, keys in {"losing": losing, "gaining": gaining}.items():
            said = {key: (*_named(key), *(n for side in self.sides[key] for n in self._share(side))) for key in keys}
            for key in keys[:1]:
                yield f"short.{name}", said[key]
            for key in keys[:4]:
                agents = len({one["agent"] for one in self.sides[key][0]} - {None})
                yield f"pattern.{'.'.join(key)}", (*said[key], f"{abs(lost[key]):.0f}", str(agents))
                status = "missed" if lost[key] > 0 else "met"
                quotable = {o["conversation"] for o in self.sides[key][0] if o["is_sure"] and o["status"] == status}
                if quotable:
                    yield f"moments.{'.'.join(key)}", str(min(3, len(quotable)))
                if name == "losing":
                    yield f"named.{'.'.join(key)}", _named(key)
        if len(losing) > 4:
            yield "losing.more", str(len(losing) - 4)

    def _share(self, side: list[Any]) -> tuple[str, ...]:
        bounds = interval(_met(side), len(side), sum(one["doubt"] for one in side)) if side else (0.0, 1.0)
        return str(_met(side)), str(len(side)), *numbers(percent(bounds))

    def _tables(self, stands_out: Mapping[Key, bool]) -> Iterator[tuple[str, Figure]]:
        for dimension in DIMENSIONS:
            levels = list(dict.fromkeys(level for d, level, _ in self.sides if d == dimension))
            if levels:
                yield f"levels.{dimension}", str(len(levels))
            for number, level in enumerate(levels, 1):
                cells = []
                for skill in SKILLS:
                    key = dimension, level, skill
                    if key not in self.sides:
                        cells.append("not called for")
                        continue
                    own = self.sides[key][0]
                    chip = [f"{'fewer' if stands_out[key] else 'more'} than elsewhere"] if key in stands_out else []
                    later, missed = (sum(one["status"] == status for one in own) for status in ("recovered", "missed"))
                    cells.append(" ".join([self._rate_cell(own), f"{later} later, {missed} missed", *chip]))
                    if dimension in ("skill", "moment"):
                        yield f"met.{'.'.join(key)}", " ".join([self._rate_cell(own), *chip])
                        yield f"later.{'.'.join(key)}", str(later)
                        yield f"missed.{'.'.join(key)}", str(missed)
                if dimension not in ("skill", "moment"):
                    yield f"level.{dimension}.{number}", " ".join([level, *cells])

    def _rate_cell(self, own: list[Any]) -> str:
        if not own:
            return "not called for"
        few = " (too few to say)" if len(own) < self.minimum else ""
        return self.rate(_met(own), len(own), sum(one["doubt"] for one in own)) + few

    # --- fit, balance, agents ---

    def fit(self) -> Iterator[tuple[str, Figure]]:
        """The share of shufflings, of agents among those of a type, in which agents' fits vary as much."""
        agents, types, _, directed = self.manners()
        names, who = np.unique(agents, return_inverse=True)
        asked = []
        for type, values in directed.items():
            of_type = (types == type).astype(float)
            known = np.column_stack([np.eye(len(names))[who], of_type])
            left = values - known @ np.linalg.lstsq(known, values)[0]
            enough = [min(sum(of_type[who == n]), sum(1 - of_type[who == n])) >= 3 for n in range(len(names))]
            asked.append((of_type, left, np.array(enough)))

        def spread(who: np.ndarray) -> float:
            fits = []
            for of_type, left, enough in asked:
                means = [np.bincount(who, left * on, len(names)) / np.maximum(1, np.bincount(who, on, len(names))) for on in (of_type, 1 - of_type)]  # fmt: skip
                fits.append(np.where(enough, means[0] - means[1], np.nan))
            means = [np.nanmean(own) for own in np.array(fits).T if not np.isnan(own).all()]
            return float(np.var(means)) if len(means) > 1 else np.nan

        seen, chance, as_much = spread(who), np.random.default_rng(1), 1
        if np.isnan(seen):
            return
        for _ in range(999):
            shuffled = who.copy()
            for type in np.unique(types):
                shuffled[types == type] = chance.permutation(who[types == type])
            as_much += spread(shuffled) >= seen - 1e-9
        yield "fit_by_chance", f"{as_much / 10:.{int(as_much < 50)}f}"

    def balance(self) -> Iterator[tuple[str, Figure]]:
        for side in ("care", "service"):
            yield side, self._index_cell(side).partition(" from ")[0]
        leans = Counter(self._leans().values())
        if leans:
            counts = (str(leans[name]) for name in ("care-leaning", "balanced", "service-leaning"))
            yield "leans", (str(sum(leans.values())), *counts, "20")
        yield from (("charts.balance", said) for said in self.care_and_service(2000))
        firsts = {id for (id,) in self.rows("select id from known where is_customers_first")}
        lean_of = self._leans()
        for name in ("care-leaning", "balanced", "service-leaning"):
            those = [row for row in self.known("all") if row["id"] in firsts and lean_of.get(row["id"]) == name]
            windows = (one for days in (7, 30) for one in (str(days), *numbers(self.repeat(those, days))))
            yield f"leans.{name}", (str(len(those)), *windows)

    def _leans(self) -> dict[str, str]:
        query = """select c.conversation, 100 * (c.mean - s.mean) from scores c join scores s using (conversation)
        where c.side = 'care' and s.side = 'service' and c.agent is null and s.agent is null"""
        return {
            id: "care-leaning" if apart > 20 else "service-leaning" if apart < -20 else "balanced"
            for id, apart in self.rows(query)
        }

    def _index_cell(self, side: str, agent: str | None = None) -> str:
        *found, count, _ = self.pooled(side, agent)
        if not count:
            return "not called for"
        return f"{index(*found)} from {count}" if count >= self.minimum else f"too few to say ({count})"

    def agents(self) -> Iterator[tuple[str, Figure]]:
        if len(self.spoke) > 1:
            yield "agents", str(len(self.spoke))
        apart = self._apart()
        for number, (name, conversations) in enumerate(self.spoke, 1):
            cells = [name, str(conversations)]
            for skill in SKILLS:
                own = [one for one in self.called if (one["agent"], one["skill"]) == (name, skill)]
                cells += [self._rate_cell(own), *apart.get((name, skill), ())]
            for side in ("care", "service"):
                cells += [self._index_cell(side, name), *apart.get((name, side), ())]
            yield f"agent.{number}", " ".join(" ".join(cells).split())

    def _apart(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """How far an agent is clearly from all others; with Bonferroni's intervals."""
        pairs: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = {}
        for name, _ in self.spoke:
            for side in ("care", "service"):
                scores = self.rows("select agent, mean from scores where side = :side and agent <> ''", side=side)
                own, rest = (np.array([mean for who, mean in scores if (who == name) is his]) for his in (True, False))
                if min(len(own), len(rest)) >= max(2, self.minimum):
                    pairs[name, side] = own, rest
            for skill in SKILLS:
                known = [one for one in self.called if one["skill"] == skill and one["agent"]]
                own, rest = (
                    _clusters("agent", [o for o in known if (o["agent"] == name) is his]) for his in (True, False)
                )
                if min(_weight(own), _weight(rest)) >= self.minimum:
                    pairs[name, skill] = own, rest
        level = 1 - 0.05 / max(1, len(pairs))
        found = {}
        for (name, measure), (own, rest) in pairs.items():
            if measure in SKILLS:
                estimate = change_of_shares(rest, own, level)
            else:
                estimate = tuple(100 * one for one in difference(own, rest, level))
            if is_clear(estimate):
                near, far = sorted(map(abs, estimate[1:]))
                way = "above" if estimate[0] > 0 else "below"
                found[name, measure] = (f"{near:.0f} to {far:.0f} points {way} the others",)
        return found

    # --- the queue ---

    def queue(self) -> Iterator[tuple[str, Figure]]:
        known = {row["id"]: row for row in self.known("all")}
        reasons = {id: dict(self._reasons(row)) for id, row in known.items()}
        at_random = sorted(known, key=lambda id: blake2b(id.encode(), digest_size=8).digest())
        chosen: dict[str, str] = {}
        for kind, share in KINDS.items():
            those = sorted((id for id in known if kind in reasons[id]), key=lambda id: (-reasons[id][kind][0], id))
            chosen |= _first(at_random if kind == "random" else those, chosen, kind, share)
        chosen |= _first(at_random, chosen, "random", 10 - len(chosen))
        order = sorted(chosen, key=lambda id: list(KINDS).index(chosen[id]))
        pressing = {}
        for number, id in enumerate(order, 1):
            kind, row = chosen[id], known[id]
            more = [other for other in KINDS if other in reasons[id] and other != kind]
            said = () if kind == "random" else numbers(reasons[id][kind][1])
            who = " and ".join(self._who(id))
            about = ", ".join(part for part in (id, _day(row["started"]), row["channel"], who) if part)
            yield f"queue.{number}", (*numbers(about), *said)
            for other in more:
                yield f"also.{other}@{place(id)}", numbers(reasons[id][other][1])
            if kind not in ("random", "worth sharing", "unsure"):
                pressing.setdefault(kind, said)
        yield from ((f"first.{kind}", said) for kind, said in pressing.items())
        if pressing:
            yield "queue.count", str(len(order))
        yield from self._disputes()

    def _who(self, id: str) -> list[str]:
        query = "select agent from turns where conversation = :id and role = 'agent' and agent <> '' group by 1 order by min(turn)"
        return [name for (name,) in self.rows(query, id=id)]

    def _reasons(self, row: Mapping[str, Any]) -> Iterator[tuple[str, tuple[float, str]]]:
        """By kind how weighty a reason to look there is, and the reason with its numbers, not word for word."""
        disputed = self.rows(
            'select name, reference, why from disputes where conversation = :id and verdict is null order by "on", rowid',
            id=row["id"],
        )
        if disputed:
            (name, reference, why), *others = disputed
            more = f", and {len(others)} more" if others else ""
            yield "disputed", (len(disputed), f"{name} is disputed ({reference}){more}: {why}")
        query = """select 1 - json_extract(q.feeling_probabilities, '$.none'), o.status, o.called, o.met, o.skill
        from openings o join turns q using (conversation, turn) where o.conversation = :id"""
        openings = self.rows(query, id=row["id"])
        missed = [felt or 0.0 for felt, status, *_, skill in openings if (skill, status) == ("empathy", "missed")]
        if missed:
            felt = sum(skill == "empathy" for *_, skill in openings)
            said = f"{len(missed)} of {felt}" if felt > len(missed) else f"{felt} times" if felt > 1 else "once"
            yield "unanswered", (len(missed) + max(missed), said)
        if row["ended_as"] == "no":
            query = """select role = 'customer' and not cue('ending.thanks', text) and not cue('call.goodbye', text)
            from turns where conversation = :id and role in ('agent', 'customer') order by turn desc limit 1"""
            is_silent = self.rows(query, id=row["id"]) == [(1,)]
            yield "unresolved", (is_silent + row["judged_resolved_no"], "")
        low = {"csat": 2, "ces": 2, "nps": 3}
        rated = {name: row[name] for name, most in low.items() if row[name] is not None and row[name] <= most}
        if rated:
            each = (f"{value:g} of {BEST[name]}" for name, value in rated.items())
            weight = max(1 - value / BEST[name] for name, value in rated.items())
            yield "rated low", (weight, ", ".join(each))
        yield from self._unsure(row["id"])
        if len(openings) >= 3 and all(status == "met" for _, status, *_ in openings) and row["ended_as"] != "no":
            weight = sum(called * met for _, _, called, met, _ in openings if met >= 0.6) + (row["ended_as"] == "yes")
            yield "worth sharing", (weight, f"all {len(openings)}")

    def _unsure(self, id: str) -> Iterator[tuple[str, tuple[float, str]]]:
        columns = ", ".join(f'"{tag}"' for tag in TAGS)
        query = f'select {columns} from sentences where conversation = :id order by turn, start, "end"'
        rows = np.array(self.rows(query, id=id)).reshape(-1, len(TAGS))
        doubts = np.abs(rows - 0.5).min(axis=1)
        tags = np.abs(rows - 0.5).argmin(axis=1)
        many = int(sum(0.35 <= row[tag] <= 0.65 for row, tag in zip(rows, tags, strict=True)))
        if many >= 2:
            most = int(doubts.argmin())
            said = f"{many} of {len(rows)}, {100 * rows[most, tags[most]]:.0f} %"
            yield "unsure", (interval(many, len(rows))[0], said)

    def _disputes(self) -> Iterator[tuple[str, Figure]]:
        verdicts = Counter(verdict for (verdict,) in self.rows("select verdict from disputes"))
        settled = verdicts["upheld"] + verdicts["overturned"]
        if verdicts:
            share = numbers(self.rate(verdicts["overturned"], settled, 0.0)) if settled else ()
            yield "disputes", (str(verdicts.total()), str(verdicts[None]), *share)

    # --- outcomes ---

    def settled(self) -> Iterator[tuple[str, Figure]]:
        names = {"all", *(row["at"] for row in self.known("all"))}
        names = names if len(names) > 2 else {"all"}
        for key, figure in self.outcomes():
            section, name, *_ = key.split(".")
            nothing = figure in ("none to judge", "too few to say (0)") and ".repeat." not in key
            if section == "together" or (name in names and not nothing):
                yield key, figure
        for name in names:
            for how in ("reported", "judged"):
                those = [row for row in self.known(name) if (row["resolved"] is not None) is (how == "reported")]
                ended = Counter(row["ended_as"] for row in those)
                if those:
                    said = ", ".join(f"{label} {ended[label]}" for label in ("yes", "partly", "no", "unknown"))
                    yield f"outcomes.{name}.settled.{how}.endings", said
                    yield f"outcomes.{name}.settled.{how}", self._settled(those, how == "reported")
        yield from self._ratings()

    def _ratings(self) -> Iterator[tuple[str, Figure]]:
        for name, best in BEST.items():
            said = [str(best)]
            rows = self.rows(
                f"select at, floor({name} + 0.5), count(*) from known where {name} is not null group by 1, 2"
            )
            totals = Counter[str]()
            for at, _, count in rows:
                totals[at] += count
            for at in sorted(totals):
                if totals[at] < self.minimum:
                    said.append(str(totals[at]))
                    continue
                for _, value, count in (row for row in rows if row[0] == at):
                    said += [f"{value:g}", *([str(count)] if count > 2 else [])]
            if rows:
                yield f"charts.{name}", tuple(said)

    def split(self) -> date | None:
        """The first of the latest month, the month before, the latest week, the week before with ten conversations
        from it on and before it."""
        found = self.rows("select substr(started, 1, 10) from known where started is not null order by 1")
        days = [date.fromisoformat(text) for (text,) in found]
        if not days:
            return None
        month, week = days[-1].replace(day=1), days[-1] - timedelta(days=days[-1].weekday())
        for start in (month, (month - timedelta(days=1)).replace(day=1), week, week - timedelta(weeks=1)):
            since = sum(one >= start for one in days)
            if min(since, len(days) - since) >= 10:
                return start
        return super().split()

    def change(self) -> Iterator[tuple[str, Figure]]:
        found = dict(self.trend())
        if found["trend.undated"] == "0" or (
            self.since is None and not self.rows("select 1 from known where started <> ''")
        ):
            del found["trend.undated"]
        yield from found.items()
        clear = [name for name, (*_, estimate) in self.changes.items() if estimate and is_clear(estimate)]
        yield "short.new", (*found["trend"], *(one for name in clear for one in found[f"trend.{name}"]))
        if self.since:
            yield from self._changed(self.since)

    def _changed(self, since: date) -> Iterator[tuple[str, Figure]]:
        net = "case when nps >= 9 then 1.0 when nps < 7 then -1.0 else 0.0 end"
        values = {"csat": "csat", "nps": f"iif(nps is null, null, {net})", "ces": "ces"}
        values["resolved"] = "case resolved when 'yes' then 1.0 when 'partly' then 0.0 when 'no' then 0.0 end"
        sides = {}
        for name, value in values.items():
            query = (
                f"select {value} from known where {value} is not null and (substr(started, 1, 10) < :since) = :early"
            )
            pair = [np.array(self.rows(query, since=str(since), early=early)).ravel() for early in (1, 0)]
            if min(map(len, pair)):
                sides[name] = pair
        enough = [name for name, pair in sides.items() if min(map(len, pair)) >= max(2, self.minimum)]
        level = 1 - 0.05 / max(1, len(enough))
        for name, (before, after) in sides.items():
            times, places = (100, 0) if name in ("nps", "resolved") else (1, 1)
            if name == "resolved":
                means = [f"{side.sum():.0f}" for side in (before, after)]
                z = stats.norm.ppf((1 + level) / 2)
                ends = newcombe(*((side.sum(), len(side)) for side in (before, after)), z)[1:]
            else:
                means = [signed(times * side.mean(), places) for side in (before, after)]
                ends = difference(after, before, level)[1:] if name in enough else ()
            shown_ends = [signed(times * end, places) for end in ends] if name in enough else []
            first, last = str(len(before)), str(len(after))
            yield f"changed.{name}", (means[0], first, day(since), means[1], last, *shown_ends)

    # --- all conversations ---

    def lines(self) -> Iterator[tuple[str, Figure]]:
        rows = sorted(self.known("all"), key=lambda row: (row["started"] or "", row["id"]), reverse=True)
        if len(rows) > 2000:
            yield from (("listed", "2000"), ("listed.of", str(len(rows))))
        for number, row in enumerate(rows[:2000], 1):
            said = [
                row["id"],
                _day(row["started"]),
                ", ".join(self._who(row["id"])),
                row["at"],
                row["type"] or "can't tell",
            ]
            said.append(row["ended_as"])
            for side in ("care", "service"):
                query = (
                    "select mean, error, weight from scores where conversation = :id and agent is null and side = :side"
                )
                scores = self.rows(query, id=row["id"], side=side)
                said.append(index(*chat_index(*scores[0])) if scores else "not called for")
            became = Counter(
                status for (status,) in self.rows("select status from opened where conversation = :id", id=row["id"])
            )
            said += [f"{became['met']} of {became.total()}", str(became["missed"])]
            yield f"line.{number}", " ".join(" ".join(said).split())


def _met(openings: list[Any]) -> int:
    return sum(one["status"] == "met" for one in openings)


def _clusters(dimension: str, openings: list[Any]) -> np.ndarray:
    """Met and called for, by conversation; by agent's part, and by hour, where these are compared."""
    part = {"agent": "agent", "hour": "in_hour"}.get(dimension, "conversation")
    sums: dict[tuple[str, str], np.ndarray] = {}
    for one in openings:
        sums.setdefault((one["conversation"], one[part]), np.zeros(2))[:] += one["status"] == "met", 1
    return np.array(list(sums.values())).reshape(-1, 2)


def _weight(clusters: np.ndarray) -> float:
    return clusters[:, 1].sum() if len(clusters) >= 3 else 0.0


def _in_order(key: Key) -> tuple[int, int, str, int]:
    dimension, level, skill = key
    order = {"skill": SKILLS, "moment": MOMENTS}.get(dimension, ())
    known = order.index(level) if level in order else len(order) + (level == "can't tell")
    return DIMENSIONS.index(dimension), known, level.casefold(), SKILLS.index(skill)


def _named(key: Key) -> tuple[str, ...]:
    return numbers(key[1])


def _first(those: list[str], chosen: Mapping[str, str], kind: str, share: int) -> dict[str, str]:
    """As many as there is room for, in a queue of twenty."""
    fresh = (id for id in those if id not in chosen)
    return dict.fromkeys(islice(fresh, max(0, min(share, 20 - len(chosen)))), kind)


def _day(started: str | None) -> str:
    return day(date.fromisoformat(started[:10])) if started else ""
