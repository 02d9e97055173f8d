"""``linli verify`` names the topic of a vote whose roll, terms, ballots or result were changed by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, Model

from linli.core.decisions import actions
from linli.core.decisions.models import Counted, Question, QuestionState, RollEntry
from linli.core.matters.ledger.verifying import verify
from tests.cast import DISTRICT
from tests.decisions.cast import CLOSES, COUNTED, NOW, Votes

pytestmark = [pytest.mark.system("M6"), pytest.mark.system("D5")]


def reasons() -> set[str]:
    return {finding.reason for finding in verify().broken}


@pytest.fixture
def counted(votes: Votes) -> Question:
    """An open vote with an amendment each of roll and time, closed and counted."""
    question = votes.open()
    host = {"actor": votes.staff("community"), "district_id": DISTRICT, "question_id": question.pk}
    actions.correct_entry(seq=12, state="recused", reason="就是他家要建。", now=NOW, **host)
    actions.extend(closes_at=CLOSES + timedelta(days=1), reason="下雪，多给一天。", now=NOW, **host)
    for n, choice in enumerate(["yes"] * 5 + ["no"] * 3):
        votes.vote(question, n, choice)
    Question.objects.filter(pk=question.pk).update(state="closed")
    actions.count_open(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk,
                       now=COUNTED + timedelta(days=2))  # fmt: skip
    return Question.objects.get(pk=question.pk)


@pytest.mark.parametrize(
    ("model", "changed", "reason"),
    [
        (Counted, {"choice": "no"}, "vote.count"),
        (Counted, {"heads": 2}, "vote.count"),
        (RollEntry, {"state": "voting"}, "vote.roll"),
        (RollEntry, {"heads": 3}, "vote.roll"),
        (RollEntry, {"salt": "0" * 32}, "vote.roll"),
        (Question, {"roll_hash": "0" * 64}, "vote.roll"),
        (Question, {"roll_heads": 4}, "vote.roll"),
        (Question, {"closes_at": F("closes_at") - timedelta(days=1)}, "vote.terms"),
        (Question, {"secret": True}, "vote.terms"),
        (RollEntry, {"reason": "记错了。"}, "vote.roll"),
        (Question, {"made_at": F("made_at") - timedelta(days=1)}, "vote.terms"),
        (Question, {"decided_at": F("decided_at") - timedelta(hours=1)}, "vote.count"),
        (Question, {"state": "withdrawn"}, "vote.state"),
        (Question, {"state": "closed"}, "vote.state"),
        (Question, {"imported": {}}, "vote.count"),
        (Question, {"imported": [1]}, "vote.count"),
    ],
)
def test_a_vote_changed_by_hand_is_named(
    counted: Question, model: type[Model], changed: dict[str, Any], reason: str
) -> None:
    assert reasons() == set()
    model._default_manager.update(**changed)
    assert reason in reasons()
    assert {f.number for f in verify().broken} == {counted.matter.number}


def test_a_printed_code_put_in_another_s_place_is_named(votes: Votes) -> None:
    """Whoever puts the hash of a code of his own into a roll entry could vote for that household."""
    question = votes.open()
    host = {"actor": votes.staff("community"), "district_id": DISTRICT, "question_id": question.pk}
    (first, _code), (second, _other) = actions.issue_slips(entries=[1, 2], **host)
    assert reasons() == set()
    actions.issue_slips(entries=[2], **host)  # lost and printed anew
    assert reasons() == set()
    RollEntry.objects.filter(pk=first.pk).update(slip_hash="0" * 64)
    assert reasons() == {"vote.roll"}
    RollEntry.objects.filter(pk=first.pk).update(slip_hash=first.slip_hash)
    RollEntry.objects.filter(pk=second.pk).update(slip_hash=second.slip_hash)
    assert reasons() == {"vote.roll"}, "a code that was called lost counts again"


def test_a_result_written_over_is_named(counted: Question) -> None:
    assert counted.result is not None
    for change in ({"outcome": "rejected"}, {"proof": "0" * 64}, {"winners": ["no"]}):
        Question.objects.filter(pk=counted.pk).update(result=counted.result | change)
        assert reasons() == {"vote.count"}, change


def test_an_option_renamed_or_a_rule_changed_after_the_count_is_named(counted: Question) -> None:
    counted.rule.spec = {**counted.rule.spec, "conditions": [
        {"of": "heads", "part": "yes", "over": "roll", "at_least": "1/1"}
    ]}  # fmt: skip
    counted.rule.save()
    assert reasons() == {"vote.terms", "vote.count"}


def test_every_state_of_a_secret_vote_verifies_and_a_vote_taken_away_is_named(votes: Votes) -> None:
    question = votes.open(secret=True)
    for n in range(6):
        votes.vote(question, n, "yes")
    assert reasons() == set()
    Question.objects.filter(pk=question.pk).update(state=QuestionState.CLOSED)
    at = COUNTED + timedelta(days=1)
    ids = {"district_id": DISTRICT, "question_id": question.pk, "now": at}
    actions.strip(actor=votes.staff("community"), passphrase="只有community知道的口令", **ids)
    assert reasons() == set()
    actions.count_secret(actor=votes.staff("steward"), passphrase="只有steward知道的口令", **ids)
    assert reasons() == set()
    Question.objects.filter(pk=question.pk).update(number="TS-D2611-9999")
    assert "vote.gone" in reasons()


def test_drafts_withdrawals_and_results_from_elsewhere_verify(votes: Votes) -> None:
    host = {"actor": votes.staff("community"), "district_id": DISTRICT}
    first, second, third = votes.draft(), votes.open(), votes.draft()
    actions.withdraw(question_id=first.pk, reason="不问了。", **host)
    actions.withdraw(question_id=second.pk, reason="问错了。", **host)
    actions.import_result(question_id=third.pk, source="区住建局", reference="第 3 号", outcome="adopted",
                          figures={"yes": 9}, **host)  # fmt: skip
    assert reasons() == set()
    Question.objects.filter(pk=third.pk).update(imported={"source": "区住建局", "reference": "第 4 号"})
    assert reasons() == {"vote.count"}
    Question.objects.filter(pk=second.pk).update(state="open")
    assert reasons() == {"vote.count", "vote.state"}
