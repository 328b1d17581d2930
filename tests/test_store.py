"""The store: what goes in comes out, whole or not at all, and what is not ours stays as it is."""

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from handmade import COLD, HURT, KIND, agent, asked, bot, customer, customer_type, felt, reviewed, system, talk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from coach.conversation import (
    FEELINGS,
    RESOLUTIONS,
    ROLES,
    SKILLS,
    STATUSES,
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
    Turn,
)
from coach.errors import StoreError
from coach.store import Store, migrations

PARTS = ("turns", "sentences", "tags", "openings", "clues", "type_path", "ending_clues", "credits")
CLUED = customer_type("feeler", clues=[Clue(0, 0, 6, "speaks of how it feels")])


@pytest.fixture(scope="module")
def _empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "empty.db"
    Store(path).close()
    return path


@pytest.fixture
def store(_empty: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(_empty, tmp_path / "coach.db")
    with Store(tmp_path / "coach.db") as opened:
        yield opened


def save(store: Store, *several: Reviewed, content: str = "read", analysis: str = "judged") -> None:
    for one in several:
        store.save(one, content=content, analysis=analysis, source="chats.jsonl")


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    tables = ("conversations", *PARTS, "unjudged", "turns_fts")
    return {table: store.db.execute(f"select * from {table}").fetchall() for table in tables}


def found(store: Store, words: str) -> list[str]:
    return [row["text"] for row in store.db["turns"].search(words)]


# --- any reviewed conversation ---

TEXT = st.text(max_size=40) | st.sampled_from(
    ["", "\x00", "a\x00b", "👋🏽 açaí", "'; drop table turns; --", '"*" NEAR', "\r\n"]
)
NAME = st.none() | TEXT
SHARE = st.floats(0, 1)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIME = st.none() | st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.none() | ZONES)
SPAN = st.tuples(st.integers(0, 99), st.integers(0, 99))


def shares(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, float]]:
    return st.fixed_dictionaries(dict.fromkeys(names, SHARE))


@st.composite
def sentences(draw: st.DrawFn) -> tuple[Sentence, ...]:
    cuts = draw(st.lists(st.integers(0, 500), unique=True, max_size=4).map(sorted))
    found = []
    for start, end in pairwise(cuts):
        names = draw(st.lists(st.sampled_from(TAGS), unique=True, max_size=3))
        words = {name: spans for name in names if (spans := tuple(draw(st.lists(SPAN, max_size=2))))}
        found.append(Sentence(start, end, draw(shares(TAGS)), tuple(names), words))
    return tuple(found)


@st.composite
def anything(draw: st.DrawFn) -> Reviewed:
    turns = draw(st.lists(st.builds(Turn, st.sampled_from(ROLES), TEXT, TIME, NAME), max_size=5))
    number = st.integers(0, 9)
    outcome = st.builds(
        Outcome,
        csat=st.none() | st.floats(1, 5),
        nps=st.none() | st.integers(0, 10),
        resolved=st.sampled_from((None, *RESOLUTIONS)),
        first_response_seconds=st.none() | st.floats(0, 1e9),
    )
    openings = st.builds(
        lambda turn, skill, status, response, name, span, chances: Opening(turn, skill, status, response, name, *span, *chances),
        number, st.sampled_from(tuple(SKILLS)), st.sampled_from(STATUSES), st.none() | number, NAME, SPAN, st.tuples(*[SHARE] * 3),
    )  # fmt: skip
    numbers = st.lists(st.sampled_from(range(len(turns))), unique=True).map(sorted) if turns else st.just([])
    clues = st.builds(lambda turn, span, reason: Clue(turn, *span, reason), number, SPAN, TEXT)
    return Reviewed(
        conversation=Conversation(
            draw(TEXT), tuple(turns), draw(NAME), draw(NAME), draw(NAME), draw(TIME), draw(TIME), draw(outcome)
        ),
        judgements=Judgements(
            sentences=tuple(draw(sentences()) if turn.role == "agent" else () for turn in turns),
            feelings=tuple(
                Feeling(draw(st.sampled_from((None, *FEELINGS))), draw(shares(("none", *FEELINGS))))
                if turn.role == "customer"
                else None
                for turn in turns
            ),
            customer_type=CustomerType(
                draw(st.sampled_from((None, *TYPES))),
                draw(shares(TYPES)),
                draw(st.floats(1, 5)),
                draw(st.floats(1, 5)),
                draw(st.tuples(st.floats(0.1, 4), st.floats(0.1, 4))),
                tuple(draw(st.lists(clues, max_size=3))),
                tuple(draw(st.lists(st.tuples(number, st.sampled_from((None, *TYPES))), max_size=3))),
            ),
            openings=tuple(draw(st.lists(openings, max_size=4))),
            resolution=Resolution(
                draw(st.sampled_from(RESOLUTIONS)), draw(shares(RESOLUTIONS)), tuple(draw(st.lists(clues, max_size=2)))
            ),
            repeats=tuple(draw(numbers)),
        ),
        credits=tuple(draw(st.lists(st.builds(Credit, TEXT, SHARE, NAME, SHARE, SHARE), max_size=4))),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(anything())
def test_what_is_saved_loads_as_it_was(store: Store, one: Reviewed) -> None:
    save(store, one)
    loaded = {r.conversation.id: r for r in store.conversations()}[one.conversation.id]
    assert loaded == one
    assert [t.time and t.time.utcoffset() for t in loaded.conversation.turns] == [
        t.time and t.time.utcoffset() for t in one.conversation.turns
    ]
    store._remove(one.conversation.id)
    assert not any(everything(store).values())


def test_a_saved_conversation_is_still_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    one = felt("c1", found=CLUED, started=datetime(2026, 9, 7, 10, tzinfo=timezone(timedelta(hours=2))))
    with Store(tmp_path / "new.db") as store:
        save(store, one)
    with Store(tmp_path / "new.db", create=False) as store:
        assert list(store.conversations()) == [one]


# --- replacing ---


def test_saving_an_id_again_leaves_nothing_of_the_former(store: Store) -> None:
    former = reviewed(
        talk(customer(HURT + " zebra"), agent(KIND + " giraffe", by="Bo Chen"), system("Left"), id="c1", agent=None),
        feelings={0: "anger"},
        tags={1: ["acknowledge", "reassure"]},
        found=replace(CLUED, path=((0, "feeler"),)),
        resolved="no",
    )
    ended = replace(former.judgements.resolution, clues=(Clue(1, 0, 5, "says so"),))
    former = replace(former, judgements=replace(former.judgements, resolution=ended, repeats=(0,)))
    other = felt("c2")
    save(store, former, other)
    assert all(everything(store)[table] for table in PARTS)
    save(store, felt("c1", COLD, met=False), content="changed")
    once = everything(store)
    assert found(store, "zebra") == found(store, "giraffe") == []
    assert "giraffe" not in repr(once)
    assert "Bo Chen" not in repr(once)
    assert [row["agent"] for row in store.agents()] == ["Ana Ruiz"]
    assert not once["clues"]
    store.db.execute("insert into turns_fts(turns_fts, rank) values ('integrity-check', 1)")
    assert list(store.conversations()) == [felt("c1", COLD, met=False), other]


def test_saving_the_same_twice_changes_nothing(store: Store) -> None:
    save(store, felt("c1"), asked("c2"))
    first = {table: sorted(map(repr, rows)) for table, rows in everything(store).items()}
    state = store.state()
    save(store, felt("c1"), asked("c2"))
    assert {table: sorted(map(repr, rows)) for table, rows in everything(store).items()} == first
    assert store.state() == state


@pytest.mark.parametrize("broken", ["feelings", "tags"])
def test_a_failure_in_the_middle_of_saving_leaves_the_former_state(store: Store, broken: str) -> None:
    one = felt("c1")
    save(store, one)
    before = everything(store)
    longer = felt("c1", KIND + " zebra")
    if broken == "feelings":
        judgements = replace(longer.judgements, feelings=longer.judgements.feelings[:1])
    else:
        spoken = replace(longer.judgements.sentences[1][0], assigned=("acknowledge", "unheard-of"))
        judgements = replace(longer.judgements, sentences=((), (spoken,)))
    with pytest.raises((IndexError, KeyError)):
        save(store, replace(longer, judgements=judgements), content="changed")
    assert everything(store) == before
    assert found(store, "zebra") == []
    assert list(store.conversations()) == [one]
    save(store, longer)
    assert list(store.conversations()) == [longer]


# --- what is known already ---


def test_it_holds_only_what_this_analysis_judged_of_this_content(store: Store) -> None:
    save(store, felt("c1"), content="x", analysis="1")
    assert store.holds("c1", "x", "1")
    assert not store.holds("c1", "y", "1")
    assert not store.holds("c1", "x", "2")
    assert not store.holds("c2", "x", "1")


def test_a_refusal_is_remembered_for_this_content_and_analysis(store: Store) -> None:
    store.refuse("c1", "x", "1", what="does not look English", fix="leave it out")
    assert store.refusal("c1", "x", "1") == ("does not look English", "leave it out")
    assert store.refusal("c1", "y", "1") is store.refusal("c1", "x", "2") is store.refusal("c2", "x", "1") is None
    assert not store.holds("c1", "x", "1")
    assert list(store.conversations()) == []


def test_a_refusal_takes_the_place_of_the_judged_conversation_and_the_other_way_round(store: Store) -> None:
    save(store, felt("c1"), content="x", analysis="1")
    store.refuse("c1", "y", "1", what="w", fix="f")
    store.refuse("c1", "y", "1", what="w", fix="f")
    kept = everything(store)
    assert {table for table, rows in kept.items() if rows} == {"unjudged"}
    assert len(kept["unjudged"]) == 1
    save(store, felt("c1"), content="z", analysis="1")
    assert store.refusal("c1", "y", "1") is None
    assert everything(store)["unjudged"] == []


def test_the_state_changes_with_every_change_and_only_then(store: Store) -> None:
    states = [store.state()]
    for content, analysis in (("x", "1"), ("y", "1"), ("y", "2")):
        save(store, felt("c1"), content=content, analysis=analysis)
        states.append(store.state())
    save(store, felt("c2"))
    states.append(store.state())
    store.refuse("c2", "x", "1", what="w", fix="f")
    assert store.state() == states[3]
    assert len(set(states)) == len(states)


# --- reading ---


def test_conversations_come_by_start_and_id(store: Store) -> None:
    ids = {"c": datetime(2026, 9, 9), "d": datetime(2026, 9, 7), "b": None, "e": None}
    save(store, *(felt(id, started=started) for id, started in ids.items()))
    assert [one.conversation.id for one in store.conversations()] == ["b", "e", "d", "c"]


def test_conversations_of_an_agent_are_those_they_spoke_in_and_theirs_in_which_no_agent_spoke(store: Store) -> None:
    handed = reviewed(talk(customer("Hi"), agent("Hi", by="Bo Chen"), agent("Hi", by="Cleo Diaz"), id="c3"))
    silent = reviewed(talk(customer("Hi"), bot("Hi"), id="c4", agent="Bo Chen"))
    save(store, felt("c1"), felt("c2", agent="bo chen"), handed, silent)
    ids = {
        name: [r.conversation.id for r in store.conversations(name)] for name in ("Ana Ruiz", "Bo Chen", "Cleo Diaz")
    }
    assert ids == {"Ana Ruiz": ["c1"], "Bo Chen": ["c3", "c4"], "Cleo Diaz": ["c3"]}
    assert list(store.conversations("nobody")) == []


def test_agents_are_listed_by_name_with_what_there_is_of_them(store: Store) -> None:
    save(
        store,
        felt("c1", started=datetime(2026, 9, 9, 23)),
        reviewed(talk(agent("Hi"), customer("Hi"), agent("Bye"), id="c2", started=datetime(2026, 9, 7))),
        felt("c3", agent="bo Chen"),
        felt("c4", agent="Cleo Diaz"),
        felt("c5", agent=None),
    )
    rows = store.agents()
    assert [row["agent"] for row in rows] == ["Ana Ruiz", "bo Chen", "Cleo Diaz"]
    assert rows[0] == {
        "agent": "Ana Ruiz", "conversations": 2, "turns": 3, "first": "2026-09-07", "last": "2026-09-09",
    }  # fmt: skip
    assert (rows[1]["first"], rows[1]["last"]) == (None, None)


def test_an_empty_store_has_nobody_and_nothing(store: Store) -> None:
    assert (store.agents(), list(store.conversations())) == ([], [])


def test_full_text_search_finds_a_word_and_its_other_forms(store: Store) -> None:
    save(store, felt("c1", "The zebras waited for you there."), felt("c2"))
    assert found(store, "zebra") == found(store, "ZEBRA") == ["The zebras waited for you there."]
    assert found(store, "unicorn") == []


# --- views ---


def rows(store: Store, query: str) -> list[dict[str, object]]:
    return list(store.db.query(query))


def test_the_view_of_openings_counts_by_agent_and_skill(store: Store) -> None:
    later = talk(customer(HURT), agent(COLD), customer("Well"), agent(KIND), id="c3")
    save(
        store,
        felt("c1"),
        felt("c2", COLD, met=False),
        reviewed(later, feelings={0: "anger"}, tags={3: ["reassure"]}),
        asked("c4", agent="Bo Chen"),
        asked("c5", agent=None),
    )
    assert rows(store, "select * from agent_openings order by agent") == [
        {"agent": "Ana Ruiz", "skill": "empathy", "called_for": 3, "met": 1, "recovered": 1, "missed": 1},
        {"agent": "Bo Chen", "skill": "instruction", "called_for": 1, "met": 1, "recovered": 0, "missed": 0},
    ]


def test_the_view_of_moments_puts_the_answer_beside_the_customers_words(store: Store) -> None:
    unanswered = reviewed(talk(agent(COLD), customer(HURT), id="c3"), feelings={1: "worry"})
    save(store, felt("c1", found=CLUED, channel="chat"), felt("c2", COLD, met=False), unanswered)
    first, second, third = rows(store, "select * from moments order by conversation")
    assert first == {
        "conversation": "c1", "agent": "Ana Ruiz", "channel": "chat", "skill": "empathy", "status": "met",
        "feeling": "anger", "customer_type": "feeler", "customer_said": HURT, "agent_answered": KIND,
    }  # fmt: skip
    assert (second["status"], second["agent_answered"]) == ("missed", COLD)
    assert (third["feeling"], third["agent"], third["agent_answered"]) == ("worry", None, None)


def test_the_view_of_tagged_words_quotes_them_exactly(store: Store) -> None:
    text = "👋🏽 Olá! I see how açaí-sad that is."
    conversation = talk(customer(HURT), agent(text), id="c1")
    one = reviewed(conversation, tags={1: ["acknowledge"]})
    start = text.index("I see")
    spoken = replace(one.judgements.sentences[1][0], start=start, end=len(text))
    save(store, replace(one, judgements=replace(one.judgements, sentences=((), (spoken,)))))
    assert rows(store, "select * from tagged_words") == [
        {
            "conversation": "c1", "turn": 1, "agent": "Ana Ruiz", "skill": "empathy", "tag": "acknowledge",
            "probability": 0.9, "words": "I see how açaí-sad that is.",
        }
    ]  # fmt: skip


# --- a database of an earlier coach ---

JUDGED_BEFORE = {"no": 0.6, "yes": 0.0, "partly": 0.0, "unknown": 0.0}


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A database of coach 0004: a conversation with an opening of each status, and one without."""
    path = tmp_path / "earlier.db"
    db = Database(path)
    migrations.apply(db, stop_before="0005_certainty")
    judged = {"content": "read", "analysis": "judged", "assertiveness": 3.5, "responsiveness": 2.25, "type": None}
    judged |= {**dict.fromkeys(TYPES, 0.05), "judged_resolved_probability": 0.6}
    db.table("conversations").insert_all(
        [{"id": id, **judged, "judged_resolved": label} for id, label in (("c1", "no"), ("c2", "yes"))]
    )
    feelings = '{"none": 0.2, "anger": 0.8}'
    turns = ({"role": "customer", "text": f"{HURT} zebra", "feeling": "anger", "feeling_probabilities": feelings},
             {"role": "agent", "text": KIND, "agent": "Ana Ruiz", "speaker": "Ana Ruiz"})  # fmt: skip
    db.table("turns").insert_all([{"conversation": "c1", "turn": i, **turn} for i, turn in enumerate(turns)])
    said = {"conversation": "c1", "turn": 1, "start": 0, "end": len(KIND)}
    db.table("sentences").insert(said | dict.fromkeys(TAGS, 0.05))
    db.table("tags").insert(said | {"tag": "acknowledge", "skill": "empathy", "probability": 0.05, "words": None})
    opened = {
        "conversation": "c1",
        "turn": 0,
        "skill": "empathy",
        "response_turn": 1,
        "agent": "Ana Ruiz",
        "start": 0,
        "end": 9,
    }
    db.table("openings").insert_all([opened | {"status": status} for status in ("met", "missed", "recovered")])
    db.table("clues").insert({"conversation": "c1", "turn": 0, "start": 0, "end": 6, "reason": "says so"})
    db.table("credits").insert({"conversation": "c1", "part": "empathy", "worth": 0.5, "agent": "Ana Ruiz"})
    db.close()
    return path


def test_an_earlier_database_is_carried_over_with_what_was_sure_then(earlier: Path) -> None:
    with Store(earlier) as store:
        first, second = store.conversations()
        assert [turn.text for turn in first.conversation.turns] == [f"{HURT} zebra", KIND]
        openings = [(o.status, o.called, o.met, o.recovered) for o in first.judgements.openings]
        assert openings == [("met", 1, 1, 0), ("missed", 1, 0, 0), ("recovered", 1, 0, 1)]
        assert first.credits == (Credit("empathy", 0.5, "Ana Ruiz", expected=0.5, variance=0.0),)
        assert first.judgements.resolution == Resolution("no", JUDGED_BEFORE)
        assert second.judgements.resolution.probability == 0.6
        found = first.judgements.customer_type
        assert (found.margins, found.path, found.clues) == ((0, 0), (), (Clue(0, 0, 6, "says so"),))
        assert first.judgements.repeats == second.judgements.repeats == ()
        assert first.judgements.sentences[1][0].assigned == ("acknowledge",)
        assert [row["text"] for row in store.db["turns"].search("zebra")] == [f"{HURT} zebra"]


def test_what_an_earlier_coach_judged_can_be_judged_again_and_removed(earlier: Path) -> None:
    again = felt("c1", found=CLUED)
    with Store(earlier) as old:
        save(old, again)
        assert next(iter(old.conversations())) == again
        for id in ("c1", "c2"):
            old._remove(id)
        assert not any(everything(old).values())


def test_a_carried_over_database_has_the_same_tables_as_a_new_one(earlier: Path, store: Store) -> None:
    with Store(earlier) as old:
        one, other = (
            {table.name: (table.columns_dict, table.foreign_keys) for table in opened.db.tables}
            for opened in (old, store)
        )
        assert one == other


# --- files that do not fit ---


def test_a_missing_database_is_named_with_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"gone\.db: no such database; make it with 'coach review"):
        Store(tmp_path / "gone.db", create=False)
    assert not (tmp_path / "gone.db").exists()


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    for content in (b"These are my notes.\n" * 100, b"x"):
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"notes\.txt: is not a database; .*--db"):
            Store(path)
        assert path.read_bytes() == content


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened as a database"):
        Store(tmp_path)


def test_a_database_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "recipes.db"
    foreign = sqlite3.connect(path)
    foreign.execute("create table recipes (name)")
    foreign.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"recipes\.db: is a database of something else; name another with --db"):
        Store(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_database_of_a_newer_coach_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "coach.db"
    with Store(path) as store:
        save(store, felt("c1"))
        row = {"migration_set": "coach", "name": "0099_later", "applied_at": "2027-01-01"}
        store.db["_sqlite_migrations"].insert(row)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"written by a newer coach \(0099_later\); install that version"):
        Store(path)
    assert path.read_bytes() == before


def test_a_migration_of_another_programme_is_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "coach.db"
    with Store(path) as store:
        save(store, felt("c1"))
        row = {"migration_set": "other", "name": "0099_later", "applied_at": "2027-01-01"}
        store.db["_sqlite_migrations"].insert(row)
    with Store(path) as store:
        assert len(list(store.conversations())) == 1


def test_a_name_that_may_be_several_is_not_guessed(store: Store) -> None:
    save(store, felt("c1", agent="ANA"), felt("c2", agent="ana"), felt("c3", agent="Bo Chen"))
    assert [store.named(name) for name in ("ana", "ANA", "bo chen")] == ["ana", "ANA", "Bo Chen"]
    with pytest.raises(StoreError, match="'Ana' may be any of 'ANA', 'ana'"):
        store.named("Ana")


def test_channels_are_those_that_conversations_have(store: Store) -> None:
    save(store, felt("c1", channel="phone"), felt("c2", channel="chat"), felt("c3", channel="chat"), felt("c4"))
    assert store.channels() == ["chat", "phone"]
