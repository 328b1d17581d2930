"""Figures of whole conversations, agreement on openings, and what customers' ratings say."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hostile
import numpy as np
import pytest
from handmade import RUBRIC, agent, customer, customer_type, judged, talk
from typer.testing import CliRunner

from coach.cli import app
from coach.conversation import SKILLS, TYPES, Conversation, Judgements, Opening
from coach.errors import ConfigError, InputError
from coach.evaluation import measures, wholes
from coach.evaluation.examination import examine
from coach.evaluation.ratings import correlations, is_ratings_file
from coach.evaluation.tables import Table, agreement_tables
from coach.evaluation.wholes import (
    EARLY_TURNS,
    SHARES,
    Estimate,
    after_turns,
    agreement,
    estimate,
    kappa,
    measure_wholes,
    rank,
    share,
)
from coach.judging import Judge
from coach.labels import Heeded, Labelled, Whole, read_labelled, read_openings

NONE = Estimate(0.0, 0.0, 0.0, 0)


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a test takes no longer than it must."""
    monkeypatch.setattr(wholes, "DRAWS", 60)
    monkeypatch.setattr(measures, "RESAMPLES", 20)


def found_on(command: Sequence[str], model: Path) -> str:
    result = CliRunner().invoke(app, ["evaluate", *command, "--model", str(model)], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


# --- figures with their intervals ---


@pytest.mark.parametrize("count", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("hits", [0.0, 0.5, 0.9, 1.0])
def test_an_interval_holds_its_figure_and_is_the_same_every_time(count: int, hits: float) -> None:
    chance = np.random.default_rng(count)
    right = chance.random(count) < hits
    ranks = chance.integers(1, 6, count).astype(float)
    for found, again in (
        (estimate(share, right), estimate(share, list(right))),
        (estimate(rank, ranks, ranks + 3 * right), estimate(rank, ranks, ranks + 3 * right)),
    ):
        assert found == again
        assert found.low <= found.value <= found.high
        assert found.count == count
    assert estimate(share, right).value == pytest.approx(right.mean())


def test_a_larger_sample_narrows_the_interval() -> None:
    few, many = (estimate(share, [True, False, True, True] * times) for times in (2, 50))
    assert few.high - few.low > 3 * (many.high - many.low)


def test_rows_are_resampled_together() -> None:
    assert estimate(rank, [1.0, 2.0, 3.0, 4.0] * 5, [2.0, 4.0, 6.0, 8.0] * 5).low == pytest.approx(1.0)


def test_a_figure_of_nothing_is_nothing() -> None:
    assert estimate(share, []) == estimate(rank, (), ()) == NONE


@pytest.mark.parametrize(
    ("truth", "answer", "expected"),
    [
        ([1, 2, 3], [10, 20, 90], 1),
        ([1, 2, 3], [3, 2, 1], -1),
        ([1, 2, 3, 4], [1, 1, 2, 2], 0.894),
        ([1, 1, 1], [1, 2, 3], 0),
        ([1, 2, 3], [2, 2, 2], 0),
        ([1], [2], 0),
    ],
)
def test_ranks(truth: list[float], answer: list[float], expected: float) -> None:
    assert rank(np.array(truth, float), np.array(answer, float)) == pytest.approx(expected, abs=1e-3)


def test_figures_are_what_others_make_of_the_same() -> None:
    from scipy.stats import spearmanr
    from sklearn.metrics import cohen_kappa_score

    chance = np.random.default_rng(5)
    one, other = chance.integers(0, 4, (2, 60))
    assert rank(one, other) == pytest.approx(spearmanr(one, other).statistic)
    for a, b in ((one, other), (one, one), (one, np.full(60, 2)), (np.zeros(3), np.ones(3))):
        assert kappa(a, b) == pytest.approx(cohen_kappa_score(a, b))
    assert kappa(np.ones(3), np.ones(3)) == 1.0


# --- the guess after a few turns ---

LONG = talk(*[turn for _ in range(5) for turn in (customer("a"), agent("b"))])


@pytest.mark.parametrize(
    ("path", "turns", "expected"),
    [
        ([], 3, None),
        ([(4, "feeler")], 3, "feeler"),
        ([(6, "feeler")], 3, None),
        ([(0, "thinker"), (4, "feeler"), (6, "controller")], 3, "feeler"),
        ([(0, "thinker"), (2, None)], 3, None),
        ([(0, "thinker"), (2, None)], 1, "thinker"),
        ([(0, "thinker")], 4, "thinker"),
        ([(0, "thinker")], 5, None),
    ],
)
def test_the_guess_after_some_turns_is_the_last_until_then(path: Any, turns: int, expected: str | None) -> None:
    assert after_turns(LONG, path, turns) == expected


# --- whole conversations ---


def labels_of(conversation: Conversation) -> Labelled:
    return Labelled(conversation, "made", (), (), frozenset(), None)


def whole(type: str = "feeler", *, scales: tuple[float, float] = (3.0, 2.0), resolved: str = "yes") -> Whole:
    return Whole(type, *scales, (), resolved, 3, 3)


def measured(wholes: Sequence[Whole], **changes: Sequence[Any]) -> Any:
    """The figures of judgements that name every type rightly, with these fields of the type changed one by one."""
    guesses = []
    for number, one in enumerate(wholes):
        label = one.type if one.type in TYPES else None
        guess = replace(customer_type(label), margins=(1.0, 0.5))
        guesses.append(replace(guess, **{name: values[number] for name, values in changes.items()}))
    found = [judged(LONG, found=guess, resolved="yes") for guess in guesses]
    return measure_wholes([labels_of(LONG)] * len(wholes), wholes, found, RUBRIC)


def test_types_five_ways_with_cannot_tell_among_them() -> None:
    every = [whole(type) for type in (*TYPES, "unclear")] * 4
    perfect = measured(every)
    for found in (perfect.type_accuracy, perfect.type_macro_f1, perfect.type_surer_half, perfect.type_named):
        assert found.value == 1.0
    assert (perfect.type_accuracy.count, perfect.type_named.count) == (20, 16)
    silent = measured(every, label=[None] * 20)
    assert silent.type_accuracy.value == 0.2
    assert silent.type_named == NONE
    assert silent.type_macro_f1.value == pytest.approx(2 * 0.2 / 1.2 / 5)


def test_the_surest_are_asked_first() -> None:
    """The surer half right, the rest wrong; the sureness of "can't tell" is what the types leave."""
    chances = [dict.fromkeys(TYPES, 0.05) | {"feeler": 0.4 + number / 50} for number in range(20)]
    chances[0] = dict.fromkeys(TYPES, 0.0)
    labels = [None, *["thinker"] * 10, *["feeler"] * 9]
    truth = [whole("unclear"), *[whole("feeler")] * 19]
    found = measured(truth, probabilities=chances, label=labels)
    assert found.type_accuracy.value == 0.5
    assert found.type_surer_half.value == 1.0
    assert list(found.selective) == [f"{part:.1f}" for part in SHARES]
    assert [one.count for one in found.selective.values()] == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
    shares = [one.value for one in found.selective.values()]
    assert shares[:5] == [1.0] * 5
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("count", [1, 3, 14])
def test_the_curve_of_the_surest_has_every_share_however_few_there_are(count: int) -> None:
    found = measured([whole()] * count)
    assert [one.count for one in found.selective.values()] == [max(1, round(s * count)) for s in SHARES]
    assert found.selective["1.0"].count == found.type_accuracy.count == count


def test_labels_inside_the_scales_intervals_are_counted() -> None:
    truth = [whole(scales=(label, 2.25)) for label in (2.4, 2.5, 4.5, 4.6)]  # judged 3.5 ± 1
    found = measured(truth).covered
    assert (found["assertiveness"].value, found["responsiveness"].value) == (0.5, 1.0)
    assert found["assertiveness"].count == 4


def test_scales_are_compared_by_rank() -> None:
    truth = [whole(scales=(1 + n / 4, 5 - n / 4)) for n in range(12)]
    found = measured(truth, assertiveness=[n / 3 for n in range(12)], responsiveness=[n / 3 for n in range(12)])
    assert (found.assertiveness.value, found.responsiveness.value) == pytest.approx((1, -1))
    assert measured(truth).assertiveness.value == 0.0


def test_early_guesses_and_endings_are_counted_where_there_are_any() -> None:
    assert EARLY_TURNS == 3
    paths = [((0, "feeler"),), ((0, "thinker"), (6, "feeler")), ((8, "feeler"),)]
    found = measured([whole(), whole(resolved="no"), whole()], path=paths)
    assert (found.early.value, found.early.count) == (0.5, 2)
    assert found.resolved.value == pytest.approx(2 / 3)


def test_wholes_of_nothing_are_nothing() -> None:
    found = measured([])
    assert found.type_accuracy == found.care == found.covered["assertiveness"] == NONE
    assert len(found.selective) == len(SHARES)


def test_the_indices_follow_labels_that_say_the_same() -> None:
    conversations = [talk(customer("Ok"), agent("Ok")) for _ in range(8)]
    answers = [judged(one, tags={1: ["acknowledge", "verify"] if n < 4 else []}, resolved="yes" if n < 4 else "no") for n, one in enumerate(conversations)]  # fmt: skip
    truth = [replace(whole(), care=5 if n < 4 else 1, service=1 if n < 4 else 5) for n in range(8)]
    found = measure_wholes(list(map(labels_of, conversations)), truth, answers, RUBRIC)
    assert (found.care.value, found.service.value) == pytest.approx((1, -1))


# --- openings judged by reading ---

TALK = talk(customer("a"), customer("b"), agent("c"), customer("d"), agent("e"), customer("f"), id="c1")


def with_openings(*openings: tuple[int, str, str], repeats: tuple[int, ...] = ()) -> Judgements:
    made = [Opening(turn, skill, status, None, None, 0, 1) for turn, skill, status in openings]
    return replace(judged(TALK, openings=made), repeats=repeats)


def heeded(*rows: dict[str, Any]) -> tuple[Heeded, ...]:
    return tuple(
        Heeded({k: v for k, v in row.items() if k != "repeats"}, bool(row.get("repeats", False))) for row in rows
    )


def test_agreement_counts_what_both_say_by_stretch_and_skill() -> None:
    """Nine cells: called 4 and 4, both 3; kappa from the counts by hand."""
    found = agreement(
        [labels_of(TALK)],
        [with_openings((1, "empathy", "met"), (3, "listening", "met"), (5, "instruction", "recovered"), (5, "empathy", "met"), repeats=(1, 5))],
        {"c1": heeded({"empathy": "met", "repeats": True}, {"listening": "missed", "repeats": True}, {"instruction": "missed", "listening": "met"})},
    )  # fmt: skip
    assert found.conversations == 1
    assert found.called.count == found.status.count == 9
    expected = (4 * 4 + 5 * 5) / 81
    assert found.called.value == pytest.approx((7 / 9 - expected) / (1 - expected))
    expected = (5 * 5 + 2 * 3 + 2 * 1) / 81
    assert found.status.value == pytest.approx((6 / 9 - expected) / (1 - expected))
    assert (found.met.count, found.met.value) == (3, pytest.approx(0.4))
    assert {skill: one.count for skill, one in found.by_skill.items()} == dict.fromkeys(SKILLS, 3)
    assert (found.repeats_found.value, found.repeats_found.count) == (0.5, 2)
    assert (found.repeats_right.value, found.repeats_right.count) == (0.5, 2)
    assert found.apart == (
        ("c1", 2, "listening", "missed", "met"),
        ("c1", 3, "empathy", "-", "met"),
        ("c1", 3, "listening", "met", "-"),
    )


def test_all_disagreements_are_listed() -> None:
    many = [replace(TALK, id=f"c{n}") for n in range(40)]
    judged_so = {one.id: heeded(*[dict.fromkeys(SKILLS, "met")] * 3) for one in many}
    found = agreement([labels_of(one) for one in many], [with_openings()] * 40, judged_so)
    assert len(found.apart) == 40 * 9
    assert found.called.value == 0.0
    *_, table = agreement_tables("read.json", found)
    assert isinstance(table, Table)
    assert len(table.rows) == 360


def test_who_says_the_same_agrees_wholly_and_later_is_as_late_as_never() -> None:
    made = with_openings((0, "empathy", "met"), (3, "listening", "recovered"))
    same = {"c1": heeded({"empathy": "met"}, {"listening": "missed"}, {})}
    found = agreement([labels_of(TALK)], [made], same)
    assert (found.called.value, found.status.value, found.met.value) == (1.0, 1.0, 1.0)
    assert found.apart == ()


def test_conversations_without_judged_openings_are_left_out() -> None:
    found = agreement([labels_of(TALK)], [with_openings()], {"other": heeded({})})
    assert (found.conversations, found.called, found.repeats_found, found.apart) == (0, NONE, NONE, ())


def test_openings_of_another_number_of_stretches_are_named() -> None:
    with pytest.raises(InputError, match=r"conversation c1 has 3 stretches of the customer's words, but openings of 2"):
        agreement([labels_of(TALK)], [with_openings()], {"c1": heeded({}, {})})


@pytest.fixture(scope="module")
def judge(tiny_model: Path) -> Judge:
    return Judge.of(tiny_model)


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory, labelled_file: Path, judge: Judge) -> list[Path]:
    """What the tool itself says of the labelled file, as a file, and one that always says something else."""
    labelled = list(read_labelled(labelled_file))
    same: dict[str, list[dict[str, Any]]] = {}
    for conversation, found in judge.judge(one.conversation for one in labelled):
        same[conversation.id] = [{o.skill: o.status for o in found.openings} | {"repeats": bool(found.repeats)}]
    other = {
        id: [{skill: "met" for skill in SKILLS if row.get(skill) != "met"} | {"repeats": not row["repeats"]}]
        for id, (row,) in same.items()
    }
    folder = tmp_path_factory.mktemp("readings")
    for name, rows in (("same.json", same), ("other.json", other)):
        (folder / name).write_text(json.dumps(rows), "utf-8")
    return [folder / "same.json", folder / "other.json"]


def test_evaluate_compares_with_every_file_of_openings(
    readings: list[Path], labelled_file: Path, tiny_model: Path
) -> None:
    command = [str(labelled_file), *(f"--openings={path}" for path in readings)]
    output = found_on(command, tiny_model)
    assert "openings, same.json" in output
    assert "openings, other.json" in output
    assert "The customer had to say it again: found 0.00 of" in output
    listed = [line for line in output.splitlines() if line.split()[2:3] in ([skill] for skill in SKILLS)]
    figures = json.loads(found_on([*command, "--json"], tiny_model), parse_constant=pytest.fail)
    same, other = (figures["openings"][path.name] for path in readings)
    assert (same["called"]["value"], same["status"]["value"], same["apart"]) == (1.0, 1.0, [])
    assert other["called"]["value"] < 0.2
    ids = {row[0] for row in other["apart"]}
    assert sum(line.split()[0] in ids for line in listed) == len(other["apart"]) > 40
    assert same["by_skill"]["empathy"]["count"] == same["conversations"] == 40
    wholes = figures["wholes"]
    assert wholes["selective"]["0.5"].keys() == {"value", "low", "high", "count"}
    assert wholes["type_accuracy"]["count"] == 40
    assert "type, answering the surest" in output
    assert "labels inside the interval" in output


def test_openings_that_do_not_fit_the_file_end_in_one_line(
    tmp_path: Path, labelled_file: Path, tiny_model: Path
) -> None:
    path = tmp_path / "o.json"
    path.write_text(json.dumps({"c0": [{}, {}, {}]}), "utf-8")
    command = ["evaluate", str(labelled_file), "--openings", str(path), "--model", str(tiny_model)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "c0 has 1 stretches" in result.output


def test_the_judged_openings_that_came_with_coach_can_be_read() -> None:
    for path in (Path(__file__).parents[1] / "models" / "data").glob("openings*.json"):
        assert read_openings(path)


# --- what customers rated ---


def rated_row(number: int, **fields: Any) -> dict[str, Any]:
    said = "i am upset ! my router is broken" if number % 3 else "thank you"
    turns = [{"role": "customer", "text": said}, {"role": "agent", "text": "sorry . please restart it ."}]
    return {"id": number, "turns": turns, "outcome": {"csat": 1 + number % 5, "resolved": "yes"}} | fields


def write(path: Path, *lines: Any) -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


@pytest.fixture
def rated(tmp_path: Path) -> Path:
    return write(tmp_path / "rated.jsonl", *(rated_row(n) for n in range(12)), "", {**rated_row(99), "outcome": None})


UNRATED = rated_row(1, outcome={"resolved": "no", "csat": None, "fixed": True, "nps": float("nan")})


@pytest.mark.parametrize(
    ("lines", "is_one"),
    [
        ([rated_row(1)], True),
        (["", rated_row(1)], True),
        ([UNRATED, rated_row(1)], True),
        ([UNRATED], False),
        ([rated_row(1, type="feeler")], False),
        ([rated_row(1), rated_row(2, type=None)], False),
        ([{"text": "a", "gold": {"probe": True}}], False),
        ([rated_row(1), "{"], False),
        (["[1]", '"outcome"', "7", "null"], False),
        ([rated_row(1, outcome=[5])], False),
        ([], False),
    ],
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_file_of_ratings_is_known_by_its_rows(tmp_path: Path, name: str, lines: list[Any], is_one: bool) -> None:
    assert is_ratings_file(write(tmp_path / name, *lines)) is is_one


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", b"\xff\xfe\x00"),
        ("a.jsonl.gz", b"no gzip"),
        ("a.jsonl.gz", gzip.compress(b"x" * 9999, mtime=0)[:-12]),
        ("a.jsonl.gz", gzip.compress(b"{}", mtime=0)[:10] + b"\xff" * 20),
    ],
)
def test_what_cannot_be_read_is_no_file_of_ratings(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert not is_ratings_file(tmp_path / name)
    assert not is_ratings_file(tmp_path / "nowhere.jsonl")


def test_a_labelled_file_is_no_file_of_ratings(labelled_file: Path) -> None:
    assert not is_ratings_file(labelled_file)


def test_ratings_are_correlated_with_care_service_and_the_ending(rated: Path, judge: Judge) -> None:
    found = correlations(rated, judge, RUBRIC)
    assert set(found) == {"csat"}
    assert set(found["csat"]) == {"care", "service", "resolved"}
    for one in found["csat"].values():
        assert -1 <= one.low <= one.value <= one.high <= 1
        assert one.count == 12


@pytest.mark.parametrize("turned", [False, True])
def test_a_rating_that_follows_the_ending_correlates_wholly(tmp_path: Path, judge: Judge, turned: bool) -> None:
    rows = [rated_row(n) for n in range(3)]
    for row, word in zip(rows, ("thank you", "my router is broken", "how long will it take ?"), strict=True):
        row["turns"][0]["text"] = word
    path = write(tmp_path / "a.jsonl", *rows)
    talks = [talk(customer(row["turns"][0]["text"]), agent(row["turns"][1]["text"])) for row in rows]
    for row, (_, found) in zip(rows, judge.judge(talks), strict=True):
        chances = found.resolution.probabilities
        settled = chances["yes"] + chances["partly"] / 2
        row["outcome"] = {"ces": -settled if turned else settled}
    found = correlations(write(path, *rows), judge, RUBRIC)
    assert found["ces"]["resolved"].value == pytest.approx(-1 if turned else 1)


def test_evaluate_prints_how_ratings_correlate(rated: Path, tiny_model: Path) -> None:
    output = found_on([str(rated)], tiny_model)
    assert "Spearman" in output
    assert [line.split()[1] for line in output.splitlines() if line.startswith("csat")] == [
        "care",
        "service",
        "resolved",
    ]
    figures = json.loads(found_on([str(rated), "--json"], tiny_model), parse_constant=pytest.fail)
    assert figures.keys() == {"correlations"}
    assert figures["correlations"]["csat"]["care"].keys() == {"value", "low", "high", "count"}


def test_ratings_are_only_correlated(rated: Path, tiny_model: Path) -> None:
    with pytest.raises(ConfigError, match="only correlated"):
        examine(rated, tiny_model, RUBRIC, errors=3)


BAD = [
    "{",
    "[]",
    rated_row(1, turns=None),
    {"outcome": {"csat": 1}, "turns": []},
    rated_row(1, turns=[{"role": "boss", "text": "a"}]),
    rated_row(1, turns=[{"role": "agent", "text": None}]),
]


@pytest.mark.parametrize("bad", BAD)
def test_a_row_that_is_no_rated_conversation_is_named(tmp_path: Path, judge: Judge, bad: Any) -> None:
    path = write(tmp_path / "a.jsonl", *(rated_row(n) for n in range(100)), bad)
    with pytest.raises(InputError, match=r"a\.jsonl:101: not a rated conversation"):
        correlations(path, judge, RUBRIC)


def test_a_rated_file_that_breaks_off_is_named(tmp_path: Path, judge: Judge) -> None:
    chance = np.random.default_rng(1)
    rows = [rated_row(n, note=chance.bytes(400).hex()) for n in range(900)]
    path = write(tmp_path / "a.jsonl.gz", *rows)
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(InputError, match="cannot be read"):
        correlations(path, judge, RUBRIC)


def test_hostile_ratings_and_names_stay_text_on_the_terminal(tmp_path: Path, tiny_model: Path) -> None:
    names = [*hostile.TEXTS, "[/red]", "[bold]csat"]
    rows = [rated_row(n, id=name, outcome={name: n, "more": n}) for n, name in enumerate([*names, "\ud800"])]
    rows[0]["turns"][0]["text"] = "upset \ud83d"
    output = found_on([str(write(tmp_path / "a.jsonl", *rows[:-1]))], tiny_model)
    assert "[bold]csat" in output
    assert "[/red]" in output
