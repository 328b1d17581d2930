from datetime import date

import pytest
from handmade import RUBRIC, agent, customer, judged, talk
from typer.testing import CliRunner

from coach.cli import app
from coach.conversation import Reviewed
from coach.disputes import disputable, dispute, disputes, reference, settle
from coach.errors import StoreError
from coach.scoring import credits_of
from coach.store import Store

TODAY = date(2026, 11, 22)


@pytest.fixture
def path(tmp_path):
    conversation = talk(customer("Why is it so slow?"), agent("The line is old."), id="chat-1")
    judgements = judged(conversation, tags={1: ["explain"]})
    with Store(tmp_path / "coach.db") as store:
        store.save(
            Reviewed(conversation, judgements, credits_of(conversation, judgements, RUBRIC)), content="1", analysis="1"
        )
    return tmp_path / "coach.db"


def test_every_tag_and_opening_has_a_reference_of_its_own(path):
    with Store(path) as store:
        found = [one for reviewed in store.conversations() for one in disputable(reviewed)]
    assert [one.name for one in found] == ["explain", "instruction opening"]
    assert len({one.reference for one in found}) == 2
    assert found[0].reference == reference("chat-1", 1, 0, "explain")


def test_a_dispute_is_kept_masked_and_settled(path):
    with Store(path) as store:
        before = store.state()
        wanted = reference("chat-1", 1, 0, "explain")
        dispute(store, wanted.lower(), "ask ana@example.com", on=TODAY)
        assert [(d.reference, d.agent, d.on, d.verdict) for d in disputes(store)] == [(wanted, "Ana Ruiz", TODAY, None)]
        assert "example.com" not in disputes(store)[0].why
        assert store.state() != before
        settle(store, wanted, "overturned", "Right.")
        assert [(d.verdict, d.answer) for d in disputes(store)] == [("overturned", "Right.")]


def test_a_dispute_outlives_a_new_judgement(path):
    with Store(path) as store:
        dispute(store, reference("chat-1", 1, 0, "explain"), "no", on=TODAY)
        (reviewed,) = store.conversations()
        store.save(reviewed, content="1", analysis="2")
        assert len(disputes(store)) == 1


@pytest.mark.parametrize(
    "act", [lambda s: dispute(s, "AAAA-AAAA", "", on=TODAY), lambda s: settle(s, "?", "upheld", "")]
)
def test_an_unknown_reference_is_named(path, act):
    with Store(path) as store, pytest.raises(StoreError, match=r"AAAA-AAAA|'\?'"):
        act(store)


def test_the_commands_keep_list_and_settle(path):
    def run(*words):
        return CliRunner().invoke(app, [*words, "--db", str(path)])

    wanted = reference("chat-1", 0, 0, "instruction opening")
    assert "instruction opening in chat-1, turn 1" in run("dispute", wanted, "It was a joke").output
    assert "1 of them overturned" in run("settle", wanted, "overturned").output + run("disputes").output


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}"])
def test_a_reference_may_be_typed_with_or_without_its_hyphen(path, typed):
    wanted = reference("chat-1", 1, 0, "explain")
    with Store(path) as store:
        assert dispute(store, typed.format(wanted, wanted.lower().replace("-", "")), "no", on=TODAY).reference == wanted


def test_nothing_said_in_a_dispute_is_written_over(path):
    wanted = reference("chat-1", 1, 0, "explain")
    with Store(path) as store:
        with pytest.raises(StoreError, match="say why"):
            dispute(store, wanted, " ", on=TODAY)
        dispute(store, wanted, "first", on=TODAY)
        with pytest.raises(StoreError, match="disputed already"):
            dispute(store, wanted, "second", on=TODAY)
        settle(store, wanted, "upheld", "It stands.")
        with pytest.raises(StoreError, match="settled already: upheld"):
            settle(store, wanted, "overturned", "")
        assert [(d.why, d.answer) for d in disputes(store)] == [("first", "It stands.")]
