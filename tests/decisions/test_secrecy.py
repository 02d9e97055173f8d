"""After the count no query, log, backup or timestamp joins voter and vote: this test tries."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections

from linli.core.decisions import actions, publishing
from linli.core.decisions.actions import counting
from linli.core.decisions.models import Counted, Envelope, Question, Slip, Teller
from linli.core.people.models import Holding
from linli.core.places.models import Dwelling
from linli.kit.models import Outbox
from linli.kit.refusal import Conflict, Forbidden, Invalid
from tests.cast import DISTRICT, Town
from tests.decisions import cast
from tests.decisions.cast import CLOSES, COUNTED, NOW, Votes

pytestmark = pytest.mark.system("D5")


def test_a_secret_vote_is_counted_and_nothing_joins_voter_and_vote(votes: Votes) -> None:
    question = votes.open(secret=True)
    said = {n: "yes" if n % 3 else "no" for n in range(11)}
    receipts = [votes.vote(question, n, choice).receipt for n, choice in said.items()]
    assert not Envelope.objects.exclude(choice=None).exists()
    done = votes.count(question)
    assert done.result["options"]["yes"]["heads"] == sum(c == "yes" for c in said.values())
    rows = list(Counted.objects.order_by("position"))
    assert Counter(r.choice for r in rows) == Counter(said.values())
    assert all(r.id.version == 4 for r in rows), "no time in the key"
    assert {r.seq for r in rows} == {None}
    assert not Slip.objects.exists()
    assert not Teller.objects.exclude(private=None).exists()
    left = Envelope.objects.values_list("sealed", "choice", "commit", "key_hash", "taken_at").distinct()
    assert list(left) == [(None, None, "", "", CLOSES)]
    _nothing_else_knows(receipts)


def _nothing_else_knows(receipts: list[str]) -> None:
    """No column of any table holds a receipt, and none beside the counted ballots and the result holds a choice."""
    for model in apps.get_models():
        if not model._meta.managed or model in (Counted, Question):
            continue
        for row in model._default_manager.all().values():
            text = repr(row)
            assert not any(receipt in text for receipt in receipts), model
            assert "'yes'" not in text or model._meta.label == "decisions.RuleVersion", (model, text[:200])


def test_ciphertext_tells_neither_choice_nor_length(votes: Votes) -> None:
    question = votes.open(secret=True, method="approval",
                          options=[{"name": f"第 {n} 项"} for n in range(1, 8)])  # fmt: skip
    votes.vote(question, 0, ["o1"])
    votes.vote(question, 1, [f"o{n}" for n in range(1, 8)])
    sealed = [bytes(e.sealed or b"") for e in Envelope.objects.all()]
    assert len({len(s) for s in sealed}) == 1
    assert all(b'"o1"' not in s for s in sealed)


def test_order_of_casting_does_not_survive(votes: Votes, monkeypatch: pytest.MonkeyPatch) -> None:
    shuffled: list[int] = []
    monkeypatch.setattr(counting, "_shuffle", lambda rows: (shuffled.append(len(rows)), rows.reverse()))
    question = votes.open(secret=True)
    for n in range(8):
        votes.vote(question, n, "yes")
    votes.count(question)
    assert shuffled == [8, 8], "once by each teller"


def test_tellers_are_two_persons_and_each_opens_only_what_is_theirs(votes: Votes) -> None:
    question = votes.draft(secret=True)
    me = votes.staff("community")
    for position in (1, 2):
        if position == 1:
            actions.become_teller(
                actor=me, district_id=DISTRICT, question_id=question.pk, position=1, passphrase="一二三四五六七八"
            )
        else:
            with pytest.raises(Conflict, match="两个人"):
                actions.become_teller(actor=me, district_id=DISTRICT, question_id=question.pk, position=2,
                                      passphrase="一二三四五六七八")  # fmt: skip
    with pytest.raises(Conflict, match="两位计票人"):
        actions.open_question(actor=me, district_id=DISTRICT, question_id=question.pk, now=NOW)
    votes.tellers(question)
    actions.open_question(actor=me, district_id=DISTRICT, question_id=question.pk, now=NOW)
    votes.vote(question, 0, "yes")
    with pytest.raises(Conflict):
        actions.strip(actor=me, district_id=DISTRICT, question_id=question.pk, passphrase="x", now=NOW)
    counting.close_due(now=CLOSES)
    with pytest.raises(Conflict, match="公示期"):
        actions.strip(actor=me, district_id=DISTRICT, question_id=question.pk, passphrase="x", now=CLOSES)
    with pytest.raises(Forbidden):
        actions.strip(
            actor=votes.staff("steward"), district_id=DISTRICT, question_id=question.pk, passphrase="x", now=COUNTED
        )
    with pytest.raises(Invalid, match="口令不对"):
        actions.strip(actor=me, district_id=DISTRICT, question_id=question.pk, passphrase="错的口令错的", now=COUNTED)
    assert Envelope.objects.exclude(sealed=None).count() == 1, "a wrong passphrase changes nothing"


def test_too_few_or_rare_areas_cannot_be_secret(votes: Votes) -> None:
    with pytest.raises(Conflict, match="面积") as refused:
        votes.open("cc278", roll_kind="owners", secret=True)
    assert refused.value.code == "area_tells"
    Dwelling.objects.exclude(pk__in=[h.pk for h in votes.homes[:4]]).update(area_m2=None)
    Holding.objects.exclude(dwelling__in=votes.homes[:4]).delete()
    with pytest.raises(Conflict, match="不到 5 户"):
        votes.open(secret=True)


def test_areas_shared_by_five_may_be_secret_and_still_weigh(votes: Votes) -> None:
    Dwelling.objects.update(area_m2="90.00")
    question = votes.open("cc278", roll_kind="owners", secret=True)
    for n in range(10):
        votes.vote(question, n, "yes" if n < 7 else "no")
    done = votes.count(question)
    assert done.result["options"]["yes"] == {"heads": 7, "area_m2": "630.00"}
    assert done.result["outcome"] == "adopted"


def test_a_live_question_says_how_many_and_never_what(votes: Votes) -> None:
    question = votes.open()
    votes.vote(question, 0, "yes")
    told = publishing.recount(question)
    assert (told["ballots"], told["result"]) == (None, None)
    assert [str(m.have) for m in publishing.live(question)] == ["1"]


AT_ONCE = 50  # connections: a server takes a hundred, and others stand in line too


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_hundred_at_once_none_lost_none_doubled(flushable_ledger: Any) -> None:
    """A hundred households press twice, and half of them with the same key: 200 presses by 50 connections at a time."""
    from tests import cast as towns

    town: Town = towns.build()
    votes = cast.build(town, homes=100)
    question = votes.open()
    failures: list[BaseException] = []
    backends: set[int] = set()
    together = threading.Barrier(AT_ONCE, timeout=60)

    def press(n: int, turn: int) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backends.add(cursor.fetchone()[0])
            together.wait()  # nobody begins before all of them have a connection of their own
            key = f"same-key-of-{n}" if n % 2 else f"key-of-{n}-{turn}"
            votes.vote(question, n, "yes", key=key)
        except BaseException as problem:  # told below
            failures.append(problem)
        finally:
            connections.close_all()

    pressed = [(n, turn) for n in range(100) for turn in (1, 2)]
    for start in range(0, len(pressed), AT_ONCE):
        threads = [threading.Thread(target=press, args=one) for one in pressed[start : start + AT_ONCE]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert len(backends) == len(pressed), "each press had a connection of its own"
    valid = Envelope.objects.filter(state="valid")
    assert valid.count() == valid.values("entry").distinct().count() == 100
    assert Envelope.objects.filter(state="superseded").count() == 50, "the same key again adds nothing"
    told = Outbox.objects.filter(topic="ballot").values_list("payload__entry", flat=True)
    assert len(told) == 150
    assert votes.count(question).result["options"]["yes"]["heads"] == 100
