"""From the draft to the review: each act beside what refuses it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from linli.core.gatherings import actions, jobs, queries
from linli.core.gatherings.models import Attendance, Gathering, Minutes, Resolution, Series
from linli.core.matters.actions.noting import note
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Entry, Link
from linli.core.people.actor import ANONYMOUS
from linli.kit.models import Outbox
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from tests.cast import DISTRICT
from tests.gatherings.cast import NOW, STARTS, Hall

DUE = (STARTS + timedelta(days=10)).date()
CHARGE_DAYS = {"due_on": DUE, "review_on": DUE + timedelta(days=20)}


@pytest.mark.system("D1")
def test_called_with_notice_and_everybody_asked_once(hall: Hall) -> None:
    gathering = hall.draft()
    assert gathering.number.startswith("TS-H2611-")
    with pytest.raises(Invalid, match="议程"):
        hall.do(actions.call, gathering, now=NOW)
    topic = hall.topic()
    hall.do(actions.add_item, gathering, matter_id=topic.pk)
    with pytest.raises(Invalid, match="提前"):
        hall.do(actions.call, gathering, now=STARTS - timedelta(days=1))
    with pytest.raises(Forbidden):
        hall.do(actions.call, gathering, "grid", now=NOW)
    with pytest.raises(Forbidden):
        hall.do(actions.call, gathering, "community2", now=NOW)
    called = hall.do(actions.call, gathering, now=NOW)
    labels = {row.label for row in called.gathering.invitations.all()}
    assert len(labels) == 4
    assert len(called.receipts) == 4
    texts = [row.payload["text"] for row in Outbox.objects.filter(topic="notice")]
    assert sum("能不能来" in text for text in texts) == 4
    assert Entry.objects.filter(matter=topic, act="table").count() == 1
    receipt = next(iter(called.receipts.values()))
    assert actions.answer_slip(receipt=receipt, answer="yes", now=NOW).answer == "yes"
    said = hall.do(actions.answer, gathering, "property", answer="substitute", substitute="小孙", now=NOW)
    assert said.substitute == "小孙"
    with pytest.raises(NotFound):
        hall.do(actions.answer, gathering, "grid2", answer="yes", now=NOW)


@pytest.mark.system("D1")
def test_confidential_matters_and_those_of_elsewhere_stand_on_no_agenda(hall: Hall) -> None:
    gathering = hall.draft()
    with pytest.raises(Conflict, match="保密"):
        hall.do(actions.add_item, gathering, matter_id=hall.topic(confidential=True).pk)
    elsewhere = hall.topic()
    type(elsewhere).objects.filter(pk=elsewhere.pk).update(scope_path=hall.node("quarter2").path)
    with pytest.raises(NotFound):
        hall.do(actions.add_item, gathering, matter_id=elsewhere.pk)


@pytest.mark.system("D1")
def test_there_is_who_typed_the_code_and_has_a_peer(hall: Hall) -> None:
    gathering, item = hall.sitting()
    with pytest.raises(Invalid, match="签到码"):
        hall.do(actions.attend, gathering, "property", code="000000x", now=STARTS)
    with pytest.raises(Forbidden):
        hall.do(actions.show_code, gathering, "property", now=STARTS)
    code = hall.do(actions.show_code, gathering, now=STARTS).code
    row = hall.do(actions.attend, gathering, "property", code=code, now=STARTS)
    assert row.state == "waiting"
    assert len(queries.present(gathering)) == 1
    with pytest.raises(Forbidden):
        hall.do(actions.vouch, gathering, "property", attendance_id=row.pk)
    with pytest.raises(Conflict, match="到会的不够"):
        hall.do(actions.discuss, gathering, item_id=item.pk, outcome="settled", text="画线。", now=STARTS)
    hall.do(actions.vouch, gathering, attendance_id=row.pk)
    meter = queries.quorum(gathering)
    assert (meter.invited, meter.needed, meter.members, meter.met) == (3, 2, 2, True)
    hall.do(actions.sign_out, gathering, "property", now=STARTS)
    assert not queries.quorum(gathering).met


@pytest.mark.system("D1")
def test_a_sheet_counts_once_a_second_person_agrees(hall: Hall) -> None:
    gathering, _item = hall.sitting()
    asked = gathering.invitations.get(label__contains="何田田")
    lines = [actions.SheetLine(asked.pk), actions.SheetLine(label="一位邻居")]
    rows = hall.do(actions.enter_sheet, gathering, lines=lines, now=STARTS)
    assert hall.do(actions.enter_sheet, gathering, lines=lines, now=STARTS) == []
    with pytest.raises(Forbidden, match="另一个人"):
        hall.do(actions.agree_sheet, gathering, agreed=[rows[0].pk], now=STARTS)
    keys = {"agreed": [rows[0].pk], "refused": [rows[1].pk]}
    assert hall.do(actions.agree_sheet, gathering, "community_b", **keys) == 1
    assert Attendance.objects.get(pk=rows[1].pk).state == "refused"
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.filter(pk=rows[1].pk).update(state="present")


@pytest.mark.system("D1")
def test_who_keeps_out_is_not_counted_and_writes_no_outcome(hall: Hall) -> None:
    gathering, item = hall.sitting()
    hall.sign_in(gathering, "property")
    hall.do(actions.recuse, gathering, item_id=item.pk, reason="我家车也停那儿", now=STARTS)
    assert queries.quorum(gathering, item).members == 1
    with pytest.raises(Forbidden, match="回避"):
        hall.do(actions.discuss, gathering, item_id=item.pk, outcome="heard", now=STARTS)
    done = hall.do(actions.discuss, gathering, "community_b", item_id=item.pk, outcome="heard", now=STARTS)
    assert done.state == "discussed"


@pytest.mark.system("D4")
def test_vital_topics_need_a_count_and_urgent_ones_no_session(hall: Hall) -> None:
    gathering = hall.draft(hall.five)
    vital, urgent = hall.topic("小区大门改不改？"), hall.topic("水管爆了！")
    with pytest.raises(Invalid, match="归到一类"):
        hall.do(actions.add_item, gathering, matter_id=vital.pk)
    first = hall.do(actions.add_item, gathering, matter_id=vital.pk, procedure="vital")
    second = hall.do(actions.add_item, gathering, matter_id=urgent.pk, procedure="urgent")
    words: dict[str, Any] = {"outcome": "settled", "text": "今天就修。", "now": NOW}
    assert hall.do(actions.discuss, gathering, item_id=second.pk, **words).outcome == "settled"
    with pytest.raises(Conflict):
        hall.do(actions.discuss, gathering, item_id=first.pk, **words)
    hall.do(actions.call, gathering, now=NOW)
    hall.do(actions.begin, gathering, now=STARTS)
    with pytest.raises(Conflict, match="表决"):
        hall.do(actions.discuss, gathering, item_id=first.pk, **words)
    hall.do(actions.discuss, gathering, item_id=first.pk, outcome="vote", now=STARTS)
    hall.do(actions.end, gathering, now=STARTS)
    assert vital.pk in queries.blocked(DISTRICT, [vital.pk])
    note(actor=hall.actor("community"), district_id=DISTRICT, matter_id=vital.pk, act="count", outcome="adopted")
    settled = hall.do(actions.discuss, gathering, item_id=first.pk, outcome="decided", text="改。", now=STARTS)
    assert settled.outcome == "decided"
    assert queries.blocked(DISTRICT, [vital.pk]) == {}


def _resolved(hall: Hall) -> tuple[Gathering, Any, Resolution]:
    gathering, item = hall.sitting()
    hall.sign_in(gathering, "property")
    hall.do(actions.discuss, gathering, item_id=item.pk, outcome="split", text="画线、装桩。", now=STARTS)
    charge = actions.Charge(hall.town.posts["property"].pk)
    made = hall.do(actions.resolve, gathering, item_id=item.pk, text="画出车位线", charge=charge, now=STARTS)
    hall.do(actions.end, gathering, now=STARTS)
    return gathering, item, made


@pytest.mark.system("D3")
def test_a_resolution_without_owner_day_and_review_goes_nowhere(hall: Hall) -> None:
    gathering, item, made = _resolved(hall)
    assert made.state == "draft"
    with pytest.raises(Conflict, match="还没有写清"):
        hall.do(actions.publish, gathering, text="纪要", now=STARTS)
    with pytest.raises(IntegrityError), transaction.atomic():
        Resolution.objects.filter(pk=made.pk).update(state="closed", reviewed_at=STARTS)
    host = hall.actor("community")
    key: dict[str, Any] = {"actor": host, "district_id": DISTRICT, "resolution_id": made.pk, "now": STARTS}
    part = actions.Part("one", "appeal", "画车位线。", hall.node("quarter"), to="T-grid")
    with pytest.raises(Conflict):
        actions.split(**key, parts=[part])
    assert actions.assign(**key, charge=actions.Charge(**CHARGE_DAYS)).state == "set"
    with pytest.raises(Forbidden):
        actions.assign(**(key | {"actor": hall.actor("community2")}), charge=actions.Charge(**CHARGE_DAYS))
    hall.do(actions.publish, gathering, text="纪要", now=STARTS)
    [matter] = actions.split(**key, parts=[part])
    assert actions.split(**key, parts=[part]) == [matter]
    assert Link.objects.get(source=matter, type="split_from").target_id == item.matter_id
    assert matter.handler_id == hall.town.posts["grid"].pk
    assert Entry.objects.filter(matter_id=item.matter_id, act="split").count() == 1
    with pytest.raises(Conflict, match="没有办完"):
        actions.review(**key, upheld=True, text="线画好了")
    with pytest.raises(Invalid):
        actions.review(**key, upheld=False, text="没画完")
    late = actions.Charge(due_on=DUE + timedelta(days=9), review_on=DUE + timedelta(days=30))
    assert actions.review(**key, upheld=False, text="没画完", again=late).state == "back"
    assert list(queries.unreviewed(host, by=DUE + timedelta(days=30))) == [made]
    assert list(queries.unreviewed(hall.actor("community2"), by=DUE + timedelta(days=30))) == []
    type(matter).objects.filter(pk=matter.pk).update(state="closed")
    closed = actions.review(**key, upheld=True, text="画好了", satisfied=9)
    assert closed.state == "closed"
    assert closed.rounds == 2


@pytest.mark.system("D3")
def test_a_split_that_fails_in_the_middle_leaves_nothing(hall: Hall) -> None:
    _gathering, item, made = _resolved(hall)
    key: dict[str, Any] = {"actor": hall.actor("community"), "district_id": DISTRICT, "resolution_id": made.pk}
    actions.assign(**key, charge=actions.Charge(**CHARGE_DAYS), now=STARTS)
    good = actions.Part("one", "appeal", "画车位线。", hall.node("quarter"))
    wrong = actions.Part("two", "nothing", "装桩。", hall.node("quarter"))
    with pytest.raises(Invalid):
        actions.split(**key, parts=[good, wrong], now=STARTS)
    assert not Link.objects.filter(target_id=item.matter_id).exists()
    assert not made.matters.exists()


@pytest.mark.system("D2")
def test_minutes_are_corrected_by_those_who_were_there(hall: Hall) -> None:
    gathering, _item, made = _resolved(hall)
    host = hall.actor("community")
    actions.assign(actor=host, district_id=DISTRICT, resolution_id=made.pk, charge=actions.Charge(**CHARGE_DAYS),
                   now=STARTS)  # fmt: skip
    hall.do(actions.publish, gathering, text="第一版", now=STARTS)
    with pytest.raises(Forbidden):
        hall.do(actions.propose, gathering, "street", text="改", reason="漏了", now=STARTS)
    asked = hall.do(actions.propose, gathering, "property", text="第二版", reason="漏了", now=STARTS)
    assert asked.state == "open"
    with pytest.raises(Conflict):
        hall.do(actions.propose, gathering, text="第三版", reason="漏了", now=STARTS)
    agreed = hall.do(actions.speak, gathering, correction_id=asked.pk, agrees=True, now=STARTS)
    assert agreed.state == "agreed"
    versions = Minutes.objects.filter(gathering=gathering).order_by("version")
    assert [row.text for row in versions] == ["第一版", "第二版"]
    assert verify().ok, verify().broken
    for changed in ({"text": "另一版"}, {"digest": "0" * 64}, {"version": 9}):
        with transaction.atomic():
            Minutes.objects.filter(pk=versions[0].pk).update(**changed)
            assert {f.reason for f in verify().broken} == {"minutes"}, changed
            transaction.set_rollback(True)


@pytest.mark.system("D1")
def test_a_room_is_taken_once_and_only_while_open(hall: Hall) -> None:
    first = hall.draft()
    with pytest.raises(Conflict, match="那时有"):
        hall.draft(starts_at=STARTS + timedelta(minutes=30))
    hall.draft(starts_at=STARTS + timedelta(hours=2), ends_at=STARTS + timedelta(hours=3))
    with pytest.raises(Invalid, match="不开门"):
        hall.draft(starts_at=STARTS + timedelta(hours=11), ends_at=STARTS + timedelta(hours=13))
    hall.do(actions.cancel, first, reason="停电")
    assert hall.draft().room == hall.room


@pytest.mark.system("D6")
def test_what_never_began_lapses_and_a_series_writes_each_draft_once(hall: Hall) -> None:
    gathering = hall.draft()
    item = hall.do(actions.add_item, gathering, matter_id=hall.topic().pk)
    hall.do(actions.call, gathering, now=NOW)
    assert jobs.step_due(STARTS) == 1  # a reminder, late as the worker slept
    assert jobs.step_due(STARTS + timedelta(hours=2)) == 0
    assert jobs.step_due(STARTS + timedelta(hours=4)) == 1
    gathering.refresh_from_db()
    assert gathering.state == "lapsed"
    assert queries.carried_over(DISTRICT, "council", hall.node().id) == [item]
    series = actions.start_series(
        actor=hall.actor("community"), district_id=DISTRICT, kind_id=hall.council.pk, place=hall.node(),
        title="每周议事", now=NOW,
    )  # fmt: skip
    assert jobs.draft_due(NOW) == 1
    assert jobs.draft_due(NOW) == 0
    Series.objects.filter(pk=series.pk).update(next_at=series.next_at, make_at=NOW)  # as if a worker had been killed
    jobs.draft_due(NOW)
    assert Gathering.objects.filter(series=series).count() == 1


@pytest.mark.system("D1")
def test_drafts_are_seen_by_those_who_convene_there(hall: Hall, django_assert_max_num_queries: Any) -> None:
    gathering = hall.draft()
    assert queries.get(hall.actor("community"), gathering.number) == gathering
    for name in ("community2", "grid", "resident"):
        with pytest.raises(NotFound):
            queries.get(hall.actor(name), gathering.number)
    hall.do(actions.add_item, gathering, matter_id=hall.topic().pk)
    hall.do(actions.call, gathering, now=NOW)
    assert queries.get(ANONYMOUS, gathering.number, district_id=DISTRICT) == gathering
    who = hall.actor("community")
    with django_assert_max_num_queries(1):
        assert [row.kind.name for row in queries.month(who, 2026, 11)] == ["居民议事厅"]
    with django_assert_max_num_queries(4):
        queries.agenda(gathering)
    assert [row.gathering_id for row in queries.invited(hall.actor("property"), now=NOW)] == [gathering.pk]
