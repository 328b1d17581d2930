"""Reviewed conversations in one SQLite file: numbered migrations, one transaction a conversation.

A conversation is kept under its id, with a digest of what was read and the name of the analysis that judged
it, so that nothing is judged twice and a changed one is judged again.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database, Migrations

from coach.conversation import (
    RESOLUTIONS,
    SKILL_OF,
    TAGS,
    TYPES,
    Clue,
    Conversation,
    Credit,
    CustomerType,
    Feeling,
    Judgements,
    Opening,
    Outcome,
    Resolution,
    Reviewed,
    Sentence,
    Spans,
    Turn,
)
from coach.errors import StoreError

migrations = Migrations("coach")
MARGINS = ("assertiveness_margin", "responsiveness_margin")
RESOLVED = {label: f"judged_resolved_{label}" for label in RESOLUTIONS}
PARTS_OF = ("turns", "sentences", "tags", "openings", "clues", "type_path", "ending_clues", "credits")
PARTS = """select conversation, agent, 1 as turns from turns where role = 'agent' and agent is not null
union all select id, agent, 0 from conversations where agent is not null
and id not in (select conversation from turns where role = 'agent')"""
"""Who took part in what: whoever spoke, and where no agent did, whoever it is credited to all the same."""
OUTCOME = ("csat", "nps", "ces", "resolved", "first_response_seconds", "resolution_seconds", "rating")
MOST_NAMED = 12


@migrations(name="0001_first_tables")
def _first_tables(db: Database) -> None:
    db.table("conversations").create(
        {
            "id": str, "content": str, "analysis": str, "source": str, "channel": str, "agent": str,
            "customer": str, "started": str, "ended": str,
            "csat": float, "nps": float, "ces": float, "resolved": str,
            "first_response_seconds": float, "resolution_seconds": float,
            "type": str, **dict.fromkeys(TYPES, float), "assertiveness": float, "responsiveness": float,
            "judged_resolved": str, "judged_resolved_probability": float,
        },
        pk="id",
    )  # fmt: skip
    part = {"conversation": str, "turn": int}
    tables: dict[str, dict[str, type]] = {
        "turns": part | {"role": str, "speaker": str, "agent": str, "time": str, "text": str}
        | {"feeling": str, "feeling_probabilities": str},
        "sentences": part | {"start": int, "end": int} | dict.fromkeys(TAGS, float),
        "tags": part | {"start": int, "end": int, "tag": str, "skill": str, "probability": float, "agent": str},
        "openings": part | {"skill": str, "status": str, "response_turn": int, "agent": str, "start": int, "end": int},
        "clues": part | {"start": int, "end": int, "reason": str},
        "credits": {"conversation": str, "part": str, "worth": float, "agent": str},
        "unjudged": {"id": str, "content": str, "analysis": str, "what": str, "fix": str},
    }  # fmt: skip
    for name, columns in tables.items():
        table = db.table(name)
        keys = [("conversation", "conversations", "id")] if "conversation" in columns else []
        table.create(columns, foreign_keys=keys)
        table.create_index(["conversation"] if keys else ["id"])
    turns = db.table("turns")
    turns.create_index(["agent"])
    turns.enable_fts(["text"], create_triggers=True, tokenize="porter")


@migrations(name="0002_views")
def _views(db: Database) -> None:
    """Views that read well in Datasette."""
    db.create_view(
        "agent_openings",
        """select agent, skill, count(*) as called_for, sum(status = 'met') as met,
        sum(status = 'recovered') as recovered, sum(status = 'missed') as missed
        from openings where agent is not null group by agent, skill""",
    )
    db.create_view(
        "moments",
        """select o.conversation, o.agent, c.channel, o.skill, o.status, asked.feeling, c.type as customer_type,
        asked.text as customer_said, answer.text as agent_answered
        from openings o join conversations c on c.id = o.conversation
        join turns asked on asked.conversation = o.conversation and asked.turn = o.turn
        left join turns answer on answer.conversation = o.conversation
        and answer.turn = coalesce(o.response_turn, (select min(turn) from turns t
        where t.conversation = o.conversation and t.turn > o.turn and t.role = 'agent'))""",
    )
    db.create_view(
        "tagged_words",
        """select g.conversation, g.turn, g.agent, g.skill, g.tag, round(g.probability, 2) as probability,
        substr(t.text, g."start" + 1, g."end" - g."start") as words
        from tags g join turns t on t.conversation = g.conversation and t.turn = g.turn""",
    )


@migrations(name="0003_carrying_words")
def _carrying_words(db: Database) -> None:
    """The places of the words that carried each tag, as JSON pairs of characters."""
    db.table("tags").add_column("words", str)


@migrations(name="0004_original_rating")
def _original_rating(db: Database) -> None:
    """What csat was made from, where the source's scale is another."""
    db.table("conversations").add_column("rating", str)


@migrations(name="0005_certainty")
def _certainty(db: Database) -> None:
    """How sure openings, endings and credits are. What was judged before is judged again, as the analysis is new."""
    for table, columns in {
        "openings": ("called", "met", "recovered"),
        "credits": ("expected", "variance"),
        "conversations": (*RESOLVED.values(), *MARGINS),
    }.items():
        for column in columns:
            db.table(table).add_column(column, float)
    db.table("turns").add_column("repeats", int, not_null_default=0)
    db.table("ending_clues").create({"conversation": str, "turn": int, "start": int, "end": int, "reason": str})
    db.table("type_path").create({"conversation": str, "turn": int, "type": str})
    for table in ("ending_clues", "type_path"):
        db.table(table).add_foreign_key("conversation", "conversations", "id")
        db.table(table).create_index(["conversation"])
    db.execute(f"update conversations set {' = 0, '.join(MARGINS)} = 0")
    db.execute("update credits set expected = worth, variance = 0")
    db.execute("update openings set called = 1, met = status = 'met', recovered = status = 'recovered'")
    for label, column in RESOLVED.items():
        chance = "judged_resolved_probability"
        db.execute(f"update conversations set {column} = case judged_resolved when ? then {chance} else 0 end", [label])


@migrations(name="0006_disputes")
def _disputes(db: Database) -> None:
    """What agents dispute, and what a second look came to; and the encoder's view of what openings rest on."""
    db.table("openings").add_column("embedding", bytes)
    db.execute("update openings set embedding = x''")
    columns = {"conversation": str, "turn": int, "start": int, "end": int, "name": str}
    db.table("disputes").create(
        {"reference": str, **columns, "agent": str, "why": str, "on": str, "verdict": str, "answer": str},
        pk="reference",
    )
    db.table("disputes").create_index(["conversation"])


class Store:
    """An open database. Use it as a context manager, or close it."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        if not create and not path.exists():
            raise StoreError(f"{path}: no such database; make it with 'coach review FILES --db {path}'")
        if path.is_file() and not _is_database(path):
            raise StoreError(f"{path}: is not a database; it was left as it is, name another with --db")
        try:
            connection = sqlite3.connect(path, isolation_level=None)
        except sqlite3.Error as error:
            raise _unusable(path, error) from error
        self.path, self.db, self._has_removed = path, Database(connection), False
        try:
            self.db.execute("pragma foreign_keys = on")
            self._migrate(path)
            for pragma in ("journal_mode = wal", "synchronous = normal", "secure_delete = on"):
                self.db.execute(f"pragma {pragma}")
        except sqlite3.Error as error:
            self.close()
            raise _unusable(path, error) from error
        except StoreError:
            self.close()
            raise

    def _migrate(self, path: Path) -> None:
        with closing(sqlite3.connect(":memory:")) as empty:
            known = {every.name for every in migrations.pending(Database(empty))}
        newer = {applied.name for applied in migrations.applied(self.db)} - known
        if newer:
            raise StoreError(f"{path}: was written by a newer coach ({', '.join(sorted(newer))}); install that version")
        if migrations.pending(self.db):
            others = {name for name in self.db.table_names() if not name.startswith(("_sqlite", "sqlite_"))}
            if others and not migrations.applied(self.db):
                raise StoreError(f"{path}: is a database of something else; name another with --db")
            migrations.apply(self.db)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; words that are in no turn any more go from its index for searches too."""
        if self._has_removed:
            self.db.execute("insert into turns_fts(turns_fts) values ('optimize')")
        self.db.close()

    def holds(self, id: str, content: str, analysis: str) -> bool:
        """Whether this very content was already judged by this very analysis."""
        return self._is_in("conversations", id, content, analysis)

    def refusal(self, id: str, content: str, analysis: str) -> tuple[str, str] | None:
        """What kept this content from being judged before, and how to mend it; None when nothing did."""
        query = "select what, fix from unjudged where id = ? and content = ? and analysis = ?"
        row: tuple[str, str] | None = self.db.execute(query, [id, content, analysis]).fetchone()
        return row

    def _is_in(self, table: str, id: str, content: str, analysis: str) -> bool:
        query = f"select 1 from {table} where id = ? and content = ? and analysis = ?"
        return self.db.execute(query, [id, content, analysis]).fetchone() is not None

    def refuse(self, id: str, content: str, analysis: str, *, what: str, fix: str) -> None:
        """Remembers that this content cannot be judged, so that it is not tried again."""
        with self._writing():
            self._remove(id)
            self.db.table("unjudged").insert(
                {"id": id, "content": content, "analysis": analysis, "what": what, "fix": fix}
            )

    def save(self, reviewed: Reviewed, *, content: str, analysis: str, source: str = "") -> None:
        """Keeps a reviewed conversation in place of any earlier one with its id, whole or not at all."""
        id = reviewed.conversation.id
        head = {"content": content, "analysis": analysis, "source": source}
        with self._writing():
            self._remove(id)
            self.db.table("conversations").insert(_conversation_row(reviewed) | head)
            for table, rows in _rows(reviewed).items():
                self.db.table(table).insert_all({"conversation": id} | row for row in rows)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction, whole or not at all."""
        try:
            with self.db.atomic():
                yield
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"{self.path}: cannot be written ({error}); free the disk or close what uses it"
            ) from error

    def _remove(self, id: str) -> None:
        for table in PARTS_OF:
            self.db.table(table).delete_where("conversation = ?", [id])
        if self.db.table("conversations").count_where("id = ?", [id]):
            self._has_removed = True
        self.db.table("conversations").delete_where("id = ?", [id])
        self.db.table("unjudged").delete_where("id = ?", [id])

    def agents(self) -> list[Mapping[str, Any]]:
        """Everyone credited with a conversation or a turn: agent, conversations, turns, first and last day. By name."""
        return list(
            self.db.query(
                f"""select p.agent, count(distinct p.conversation) as conversations, sum(p.turns) as turns,
                substr(min(c.started), 1, 10) as first, substr(max(c.started), 1, 10) as last
                from ({PARTS}) p join conversations c on c.id = p.conversation
                group by p.agent order by p.agent collate nocase"""
            )
        )

    def channels(self) -> list[str]:
        """Every channel of a conversation, by name."""
        rows = self.db.execute("select distinct channel from conversations where channel is not null order by channel")
        return [name for (name,) in rows]

    def named(self, agent: str) -> str:
        """The agent's name as it is stored, whatever the case asked for; the very spelling goes first.

        Raises StoreError, with the names there are, when nobody is called that, or several are but for their case.
        """
        agents = [row["agent"] for row in self.agents()]
        alike = [name for name in agents if name.casefold() == agent.casefold()]
        if agent in alike:
            return agent
        if len(alike) > 1:
            named = ", ".join(repr(name) for name in alike)
            raise StoreError(f"{agent!r} may be any of {named}; write the name exactly as it is there")
        if alike:
            return str(alike[0])
        known = ", ".join(agents[:MOST_NAMED]) + (", …" if len(agents) > MOST_NAMED else "")
        raise StoreError(f"no agent called {agent!r} in the store; known are: {known or 'none yet'}")

    def conversations(self, agent: str | None = None) -> Iterator[Reviewed]:
        """Reviewed conversations by start and id, one at a time; of one agent, or all."""
        where, values = "", []
        if agent is not None:
            where = f"where id in (select conversation from ({PARTS}) where agent = ?)"
            values = [agent]
        query = f"select * from conversations {where} order by coalesce(started, ''), id"
        for row in self.db.query(query, values):
            yield self._load(row)

    def keep_dispute(self, row: dict[str, Any]) -> None:
        """Keeps a row of disputes in place of any with its reference."""
        with self._writing():
            self.db.table("disputes").upsert(row, pk="reference")

    def disputes(self) -> list[dict[str, Any]]:
        """The rows of disputes, the latest last."""
        return list(self.db.query('select * from disputes order by "on", rowid'))

    def state(self) -> str:
        """Changes when any conversation, its analysis or a dispute changes: 32 hex digits."""
        digest = hashlib.sha256()
        for row in self.db.execute("select id, content, analysis from conversations order by id"):
            digest.update(repr(row).encode())
        digest.update(repr(self.disputes()).encode())
        return digest.hexdigest()[:32]

    def _load(self, row: Mapping[str, Any]) -> Reviewed:
        parts = {
            table: list(self.db.query(f"select * from {table} where conversation = ? order by rowid", [row["id"]]))
            for table in PARTS_OF
        }
        return _reviewed(row, parts)


def _unusable(path: Path, error: sqlite3.Error) -> StoreError:
    return StoreError(f"{path}: cannot be opened as a database ({error}); name another with --db")


def _is_database(path: Path) -> bool:
    """SQLite would write over a short file of something else."""
    try:
        with path.open("rb") as file:
            return file.read(16) in (b"", b"SQLite format 3\0")
    except OSError:
        return True  # sqlite says why it cannot be opened


def _conversation_row(reviewed: Reviewed) -> dict[str, Any]:
    conversation, judgements = reviewed.conversation, reviewed.judgements
    found = judgements.customer_type
    return {
        "id": conversation.id,
        "channel": conversation.channel,
        "agent": conversation.agent,
        "customer": conversation.customer,
        "started": _time(conversation.started),
        "ended": _time(conversation.ended),
        **{name: getattr(conversation.outcome, name) for name in OUTCOME},
        "type": found.label,
        **found.probabilities,
        "assertiveness": found.assertiveness,
        "responsiveness": found.responsiveness,
        **dict(zip(MARGINS, found.margins, strict=True)),
        "judged_resolved": judgements.resolution.label,
        "judged_resolved_probability": judgements.resolution.probability,
        **{column: judgements.resolution.probabilities[label] for label, column in RESOLVED.items()},
    }


def _rows(reviewed: Reviewed) -> dict[str, Iterator[dict[str, Any]]]:
    conversation, judgements = reviewed.conversation, reviewed.judgements
    numbers = range(len(conversation.turns))
    return {
        "turns": (
            _turn_row(conversation, number, judgements.feelings[number]) | {"repeats": number in judgements.repeats}
            for number in numbers
        ),
        "sentences": (
            {"turn": number, "start": s.start, "end": s.end, **s.probabilities}
            for number, sentences in enumerate(judgements.sentences)
            for s in sentences
        ),
        "tags": (
            {"turn": t.turn, "start": t.start, "end": t.end, "tag": t.name, "skill": SKILL_OF[t.name],
             "probability": t.probability, "agent": conversation.agent_of(t.turn), "words": json.dumps(t.words)}
            for t in judgements.tags
        ),
        "openings": (
            {"turn": o.turn, "skill": o.skill, "status": o.status, "response_turn": o.response_turn,
             "agent": o.agent, "start": o.start, "end": o.end,
             "called": o.called, "met": o.met, "recovered": o.recovered, "embedding": o.embedding}
            for o in judgements.openings
        ),
        "clues": map(asdict, judgements.customer_type.clues),
        "ending_clues": map(asdict, judgements.resolution.clues),
        "type_path": ({"turn": turn, "type": label} for turn, label in judgements.customer_type.path),
        "credits": (
            {"part": c.part, "worth": c.worth, "agent": c.agent, "expected": c.expected, "variance": c.variance}
            for c in reviewed.credits
        ),
    }  # fmt: skip


def _turn_row(conversation: Conversation, number: int, feeling: Feeling | None) -> dict[str, Any]:
    turn = conversation.turns[number]
    return {
        "turn": number,
        "role": turn.role,
        "speaker": turn.speaker,
        "agent": conversation.agent_of(number) if turn.role == "agent" else None,
        "time": _time(turn.time),
        "text": turn.text,
        "feeling": feeling.label if feeling else None,
        "feeling_probabilities": json.dumps(dict(feeling.probabilities)) if feeling else None,
    }


def _reviewed(row: Mapping[str, Any], parts: Mapping[str, list[dict[str, Any]]]) -> Reviewed:
    sentences: list[list[Sentence]] = [[] for _ in parts["turns"]]
    assigned: dict[tuple[int, int], dict[str, Spans]] = {}
    for tag in parts["tags"]:
        words = tuple((start, end) for start, end in json.loads(tag["words"] or "[]"))
        assigned.setdefault((tag["turn"], tag["start"]), {})[tag["tag"]] = words
    for s in parts["sentences"]:
        found = assigned.get((s["turn"], s["start"]), {})
        carrying = {tag: words for tag, words in found.items() if words}
        sentences[s["turn"]].append(Sentence(s["start"], s["end"], {t: s[t] for t in TAGS}, tuple(found), carrying))
    return Reviewed(
        conversation=Conversation(
            id=row["id"],
            turns=tuple(Turn(t["role"], t["text"], _moment(t["time"]), t["speaker"]) for t in parts["turns"]),
            channel=row["channel"],
            agent=row["agent"],
            customer=row["customer"],
            started=_moment(row["started"]),
            ended=_moment(row["ended"]),
            outcome=Outcome(**{name: row[name] for name in OUTCOME}),
        ),
        judgements=Judgements(
            sentences=tuple(map(tuple, sentences)),
            feelings=tuple(
                Feeling(t["feeling"], json.loads(t["feeling_probabilities"])) if t["feeling_probabilities"] else None
                for t in parts["turns"]
            ),
            customer_type=CustomerType(
                label=row["type"],
                probabilities={name: row[name] for name in TYPES},
                assertiveness=row["assertiveness"],
                responsiveness=row["responsiveness"],
                margins=(row[MARGINS[0]], row[MARGINS[1]]),
                clues=_clues(parts["clues"]),
                path=tuple((step["turn"], step["type"]) for step in parts["type_path"]),
            ),
            openings=tuple(Opening(**{name: o[name] for name in Opening.__slots__}) for o in parts["openings"]),
            resolution=Resolution(
                row["judged_resolved"],
                {label: row[column] for label, column in RESOLVED.items()},
                _clues(parts["ending_clues"]),
            ),
            repeats=tuple(t["turn"] for t in parts["turns"] if t["repeats"]),
        ),
        credits=tuple(Credit(**{name: c[name] for name in Credit.__slots__}) for c in parts["credits"]),
    )


def _clues(rows: Sequence[Mapping[str, Any]]) -> tuple[Clue, ...]:
    return tuple(Clue(c["turn"], c["start"], c["end"], c["reason"]) for c in rows)


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
