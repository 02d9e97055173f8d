"""From draft to result: rolls, ballots, paper, proxies, objections, late ones, amendments, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from linli.config import worker
from linli.core.decisions import actions, publishing, queries
from linli.core.decisions.models import Envelope, Question, RollEntry
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Entry
from linli.core.people.models import Holding, Notice
from linli.core.places.models import Dwelling
from linli.kit import outbox
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from tests.cast import DISTRICT, SINCE
from tests.decisions.cast import CLOSES, COUNTED, NOW, Votes, developer

pytestmark = pytest.mark.system("D5")


def test_owners_with_several_homes_and_co_owners_are_one_voice_each(votes: Votes) -> None:
    Holding.objects.create(district=votes.town.district, dwelling=votes.homes[1], person=votes.owners[0], kind="owner",
                           since=SINCE, share=Decimal("0.5"))  # fmt: skip
    Holding.objects.filter(dwelling=votes.homes[2]).update(person=votes.owners[0])
    developer(votes, homes=3)
    question = votes.open("cc278", roll_kind="owners")
    rows = {e.holder: e for e in question.roll.all()}
    assert len(rows) == 12, (
        "10 alone, one of them with two homes, one pair, one developer; the third home's owner is gone"
    )
    assert (rows["业**0"].area_m2, len(rows["业**0"].units)) == (Decimal("200.00"), 2)
    pair = next(e for e in rows.values() if "、" in e.holder)
    assert (pair.heads, pair.members.count()) == (1, 2)
    assert (rows["示范开发公司"].heads, rows["示范开发公司"].area_m2) == (1, Decimal("300.00"))
    assert question.roll_area == sum(h.area_m2 or 0 for h in Dwelling.objects.all())


def test_parking_counts_where_the_question_says_so(votes: Votes) -> None:
    bay = Dwelling.objects.create(district=votes.town.district, place=votes.town.places["unit"], number="车位 1",
                                  area_m2=Decimal("12.50"), use="garage")  # fmt: skip
    Holding.objects.create(
        district=votes.town.district, dwelling=bay, person=votes.owners[0], kind="owner", since=SINCE
    )
    without, with_it = votes.open("cc278", roll_kind="owners"), votes.open("cc278", roll_kind="owners", parking=True)
    assert with_it.roll_area - without.roll_area == Decimal("12.50")
    assert with_it.roll_heads == without.roll_heads


def test_a_roll_with_missing_areas_does_not_open_and_names_them(votes: Votes) -> None:
    Dwelling.objects.filter(pk=votes.homes[3].pk).update(area_m2=None)
    with pytest.raises(Invalid, match="104") as refused:
        votes.open("cc278", roll_kind="owners")
    assert refused.value.code == "roll_without_area"
    assert (Question.objects.get().state, RollEntry.objects.count()) == ("draft", 0), "nothing half-done"


def test_an_open_vote_from_ballots_to_a_result_that_a_stranger_counts_again(votes: Votes) -> None:
    question = votes.open("cc278", roll_kind="owners")
    for n in range(9):
        votes.vote(question, n, "yes" if n < 6 else "no")
    assert [m.met for m in publishing.live(question)] == [True, True]
    done = votes.count(question)
    assert (done.state, done.result["outcome"]) == ("decided", "adopted")
    told = publishing.recount(done)
    yes = sum(Decimal(b["area_m2"]) for b in told["ballots"] if b["choice"] == "yes")
    assert f"{yes:.2f}" == told["result"]["options"]["yes"]["area_m2"]
    assert verify(DISTRICT).ok
    entries = list(Entry.objects.filter(matter_id=question.matter_id, act__in=["ask", "count"]).order_by("seq"))
    assert entries[0].data["roll"] == done.roll_hash
    assert entries[1].data["proof"] == publishing.proof(done)


def test_the_later_ballot_counts_and_a_repeat_adds_nothing(votes: Votes) -> None:
    question = votes.open()
    first = votes.vote(question, 0, "no", key="the-same-key")
    again = votes.vote(question, 0, "no", key="the-same-key")
    assert (again.receipt, again.again, Envelope.objects.count()) == (first.receipt, True, 1)
    with pytest.raises(Conflict, match="Idempotency"):
        votes.vote(question, 0, "yes", key="the-same-key")
    later = votes.vote(question, 0, "yes", key="another-key")
    assert later.receipt != first.receipt
    assert [(e.state, e.choice) for e in Envelope.objects.order_by("serial")] == [
        ("superseded", None),
        ("valid", "yes"),
    ]
    assert queries.with_receipt(first.receipt).state == "superseded"
    with pytest.raises(NotFound):
        queries.with_receipt("0000-0000-0000-0000-0000")


def test_late_ballots_are_refused_whatever_the_state_says(votes: Votes) -> None:
    question = votes.open()
    with pytest.raises(Conflict, match="截止") as refused:
        votes.vote(question, 0, "yes", now=CLOSES)
    assert refused.value.code == "late"
    assert Envelope.objects.count() == 0


def test_who_is_not_on_the_roll_cannot_vote(votes: Votes) -> None:
    question = votes.open()
    with pytest.raises(NotFound, match="名册上没有您家"):
        actions.cast(actor=votes.staff("street"), district_id=DISTRICT, question_id=question.pk, choice="yes",
                     key="key-of-nobody", now=NOW)  # fmt: skip


def test_a_slip_votes_without_an_account_and_a_wrong_one_does_not(votes: Votes) -> None:
    question = votes.open()
    issued = actions.issue_slips(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk)
    entry, code = issued[4]
    taken = actions.cast(actor=votes.staff("volunteer"), district_id=DISTRICT, question_id=question.pk, choice="yes",
                         slip=code, helper="志愿者苗青", key="key-of-slip", now=NOW)  # fmt: skip
    assert (taken.envelope.entry.seq, taken.envelope.channel, taken.envelope.helper) == (
        entry.seq,
        "helper",
        "志愿者苗青",
    )
    with pytest.raises(NotFound, match="投票码"):
        actions.cast(actor=votes.staff("volunteer"), district_id=DISTRICT, question_id=question.pk, choice="yes",
                     slip=code[:-1] + ("0" if code[-1] != "0" else "1"), key="key-of-slip-2", now=NOW)  # fmt: skip


def test_proxies_have_a_limit_and_the_giver_goes_before_them(votes: Votes) -> None:
    question, host = votes.open(), votes.staff("community")
    seqs = {e.holder: e.seq for e in question.roll.all()}

    def give(giver: int, holder: int) -> Any:
        return actions.give_proxy(actor=host, district_id=DISTRICT, question_id=question.pk, giver=seqs[f"业**{giver}"],
                                  holder=seqs[f"业**{holder}"], evidence="当面签的委托书", now=NOW)  # fmt: skip

    give(1, 0)
    with pytest.raises(Conflict, match="最多替 1 户"):
        give(2, 0)
    by_proxy = votes.vote(question, 0, "no", entry=seqs["业**1"], key="key-by-proxy")
    assert by_proxy.envelope.channel == "proxy"
    votes.vote(question, 1, "yes")
    with pytest.raises(Conflict, match="自己投过了"):
        votes.vote(question, 0, "no", entry=seqs["业**1"], key="key-by-proxy-2")
    with pytest.raises(NotFound):
        votes.vote(question, 0, "no", entry=seqs["业**5"], key="key-for-a-stranger")


def test_paper_is_typed_by_two_and_a_difference_takes_nothing(votes: Votes) -> None:
    question, first, second = votes.open(), votes.staff("community"), votes.staff("community_b")

    def enter(who: Any, choice: str, entry: int = 3) -> Any:
        return actions.enter_paper(actor=who, district_id=DISTRICT, question_id=question.pk, entry=entry, choice=choice,
                                   now=NOW)  # fmt: skip

    votes.vote(question, 2, "no")
    paper, taken = enter(first, "yes")
    assert (taken, "yes" in paper.commit) == (None, False)
    with pytest.raises(Conflict, match="换一个人"):
        enter(first, "yes")
    paper, taken = enter(second, "no")
    assert (paper.state, taken, paper.commit) == ("differ", None, "")
    enter(first, "yes")
    paper, taken = enter(second, "yes")
    assert paper.state == "taken"
    assert Envelope.objects.get(entry__seq=3, state="valid").choice == "yes", "paper supersedes the web's ballot"
    with pytest.raises(Forbidden):
        enter(votes.staff("volunteer"), "yes", 4)


def test_each_unit_is_told_and_an_upheld_objection_annuls(votes: Votes) -> None:
    question = votes.open()
    votes.vote(question, 5, "no")
    assert "ballot" in outbox.topics(), worker.HANDLING
    while outbox.drain(now=NOW + timedelta(minutes=1)):
        pass
    notice = Notice.objects.get(user=votes.accounts[5], text__contains="收到您家一张票")
    assert notice.url == f"/vote/{question.number}/"
    objection = actions.object_to(actor=votes.actor(5), district_id=DISTRICT, question_id=question.pk, text="没投过。",
                                  now=NOW)  # fmt: skip
    with pytest.raises(Forbidden):
        actions.judge_objection(actor=votes.actor(5), district_id=DISTRICT, question_id=question.pk,
                                objection_id=objection.pk, upheld=True, finding="x", now=NOW)  # fmt: skip
    actions.judge_objection(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk,
                            objection_id=objection.pk, upheld=True, finding="笔迹不是本人。", now=NOW)  # fmt: skip
    assert Envelope.objects.get().state == "annulled"
    votes.vote(question, 5, "yes", key="key-once-more")
    assert Envelope.objects.filter(state="valid").count() == 1


def test_an_objection_that_is_not_looked_into_holds_the_count(votes: Votes) -> None:
    question = votes.open()
    votes.vote(question, 5, "no")
    actions.object_to(actor=votes.actor(5), district_id=DISTRICT, question_id=question.pk, text="我没投过。", now=NOW)
    assert votes.count(question).state == "closed"


def test_calls_are_drawn_by_the_published_seed_and_nobody_else_is_called(votes: Votes) -> None:
    question = votes.open()
    for n in range(10):
        votes.vote(question, n, "yes")
    drawn = actions.draw_calls(question)
    assert drawn == actions.draw_calls(question)
    assert len(drawn) == 3
    others = [e.seq for e in question.roll.all() if e not in drawn]
    with pytest.raises(Forbidden):
        actions.note_call(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk, seq=others[0],
                          answer="ours", now=NOW)  # fmt: skip
    found = actions.note_call(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk,
                              seq=drawn[0].seq, answer="not_ours", now=NOW)  # fmt: skip
    assert found is not None
    assert found.from_call


def test_an_open_question_moves_only_by_published_amendment(votes: Votes) -> None:
    question, host = votes.open(), votes.staff("community")
    with pytest.raises(Conflict):
        actions.edit(actor=host, district_id=DISTRICT, question_id=question.pk, asking=votes.asking(), now=NOW)
    with pytest.raises(Invalid, match="只能往后延"):
        actions.extend(actor=host, district_id=DISTRICT, question_id=question.pk, closes_at=NOW, reason="早点", now=NOW)
    with pytest.raises(Invalid):
        actions.extend(actor=host, district_id=DISTRICT, question_id=question.pk, closes_at=CLOSES + timedelta(days=1),
                       reason=" ", now=NOW)  # fmt: skip
    actions.extend(actor=host, district_id=DISTRICT, question_id=question.pk, closes_at=CLOSES + timedelta(days=1),
                   reason="下雪，老人出不了门。", now=NOW)  # fmt: skip
    before = Question.objects.get().roll_hash
    votes.vote(question, 7, "no")
    actions.correct_entry(actor=host, district_id=DISTRICT, question_id=question.pk, seq=8, state="recused",
                          reason="承建单位的人。", now=NOW)  # fmt: skip
    question.refresh_from_db()
    assert question.roll_hash != before
    assert [a.what for a in question.amendments.order_by("seq")] == ["closes_at", "roll"]
    assert Envelope.objects.get().state == "annulled"
    with pytest.raises(Conflict, match="回避"):
        votes.vote(question, 7, "no", key="key-recused")


def test_a_withdrawn_question_takes_no_ballots_and_counts_none(votes: Votes) -> None:
    question = votes.open()
    votes.vote(question, 0, "yes")
    actions.withdraw(
        actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk, reason="方案要改。", now=NOW
    )
    with pytest.raises(Conflict, match="撤回"):
        votes.vote(question, 1, "yes")
    assert votes.count(question).state == "withdrawn"
    assert Envelope.objects.get().choice is None


def test_another_community_neither_hosts_nor_sees_a_draft(votes: Votes) -> None:
    question = votes.draft()
    with pytest.raises(NotFound):
        queries.get(votes.staff("community2"), question.number)
    with pytest.raises(Forbidden):
        actions.open_question(actor=votes.staff("community2"), district_id=DISTRICT, question_id=question.pk, now=NOW)
    with pytest.raises(NotFound):
        actions.open_question(actor=votes.staff("community"), district_id=130999, question_id=question.pk, now=NOW)


def test_official_results_are_taken_over_with_their_source(votes: Votes) -> None:
    question = votes.draft("cc278", roll_kind="owners", binding=True)
    done = actions.import_result(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk,
                                 source="住建部门业主投票系统", reference="2026-0017", outcome="adopted",
                                 figures={"heads": 10}, now=COUNTED)  # fmt: skip
    assert (done.state, done.imported["reference"]) == ("decided", "2026-0017")


def test_a_question_that_passes_must_say_when_it_is_looked_at_again(votes: Votes) -> None:
    question = votes.draft(review_on=None)
    with pytest.raises(Invalid, match="回头看"):
        actions.open_question(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk, now=NOW)
