"""What the worker does by itself: asks, reminds, lets lapse; once each, whatever happens to the worker."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.config.worker import Worker
from linli.core.gatherings import actions, jobs, queries
from linli.core.gatherings.models import Gathering, Series
from linli.core.people.actor import SYSTEM
from linli.core.people.models import Post
from linli.kit.models import Outbox
from tests.cast import DISTRICT
from tests.gatherings.cast import NOW, STARTS, Hall

pytestmark = pytest.mark.system("D6")
MONTHLY: dict[str, Any] = {
    "roles": [{"role": "community_secretary"}, {"role": "community_worker"}], "notice_days": 3, "auto": True,
    "outcomes": ["settled", "noted"], "prefill": "month", "agenda": {"matters": False},
    "recurrence": {"every": "month", "day": 20, "time": "09:00", "ahead": 7},
}  # fmt: skip


def _told(word: str) -> int:
    return sum(word in row.payload.get("text", "") for row in Outbox.objects.all())


def _called(hall: Hall) -> Gathering:
    gathering = hall.draft()
    hall.do(actions.add_item, gathering, matter_id=hall.topic().pk)
    hall.do(actions.call, gathering, now=NOW)
    gathering.refresh_from_db()
    return gathering


def _series(hall: Hall, **more: Any) -> Series:
    kind = actions.add_kind(actor=SYSTEM, district_id=DISTRICT, code="analysis", name="研判会", spec=MONTHLY | more)
    return actions.start_series(
        actor=hall.actor("community"), district_id=DISTRICT, kind_id=kind.pk, place=hall.node(), title="每月研判",
        room_id=hall.room.pk, now=NOW,
    )  # fmt: skip


def test_the_host_of_what_comes_back_on_a_holiday_is_told_so(hall: Hall) -> None:
    rule = {"every": "month", "day": 1, "time": "09:00", "ahead": 7}
    series = _series(hall, recurrence=rule)
    for month, told in ((9, 0), (10, 1)):  # a Tuesday; the National Day
        starts = STARTS.replace(month=month, day=1)
        Series.objects.filter(pk=series.pk).update(next_at=starts, make_at=starts - timedelta(days=7))
        jobs.run_due(starts - timedelta(days=7))
        assert (_told("已经备好草稿"), _told("这天放假")) == (told + 1, told)


def test_everybody_who_did_not_decline_is_reminded_once_the_day_before(hall: Hall) -> None:
    gathering = _called(hall)
    hall.do(actions.answer, gathering, "property", answer="no", reason="出差", now=NOW)
    day_before = STARTS - timedelta(days=1)
    assert jobs.run_due(day_before - timedelta(minutes=1)) == 0
    assert jobs.run_due(day_before) == 1
    assert jobs.run_due(day_before) == 0
    assert _told("提醒您") == 3
    assert _told("请了 4 位，回了 1 位") == 1


def test_a_worker_that_is_killed_in_the_middle_tells_nobody_twice(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    gathering = _called(hall)
    moment = STARTS - timedelta(hours=23)
    keep_up = jobs.keep_up

    def killed(*_: Any) -> None:
        raise SystemExit  # after the notices were written and before the step after it was

    monkeypatch.setattr(jobs, "keep_up", killed)
    with pytest.raises(SystemExit):
        jobs.run_due(moment)
    assert _told("提醒您") == 0
    monkeypatch.setattr(jobs, "keep_up", keep_up)
    jobs.run_due(moment)
    jobs.run_due(moment)
    assert _told("提醒您") == 4
    gathering.refresh_from_db()
    assert gathering.step == "lapse"


def test_a_step_that_fails_holds_up_none_of_the_others(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _called(hall)
    second = hall.draft(room_id=None, where="院子里")
    hall.do(actions.add_item, second, matter_id=hall.topic("楼道灯不亮。").pk)
    hall.do(actions.call, second, now=NOW)
    remind = jobs.STEPS["remind"]

    def picky(gathering: Gathering, now: Any) -> None:
        if gathering.pk == first.pk:
            raise RuntimeError
        remind(gathering, now)

    monkeypatch.setitem(jobs.STEPS, "remind", picky)
    assert jobs.run_due(STARTS - timedelta(days=1)) == 1
    first.refresh_from_db()
    assert first.step_at == STARTS - timedelta(days=1) + jobs.AGAIN
    second.refresh_from_db()
    assert second.step == "lapse"


def test_what_comes_back_is_written_ahead_asks_by_itself_and_has_its_figures(hall: Hall) -> None:
    hall.topic("水管漏了。")
    series = _series(hall)
    starts = series.next_at
    assert jobs.run_due(starts - timedelta(days=7)) == 1
    gathering = Gathering.objects.get(series=series)
    assert (gathering.state, gathering.starts_at, gathering.room) == ("draft", starts, hall.room)
    assert gathering.brief["received"] == 1
    assert jobs.run_due(starts - timedelta(days=4)) == 1
    for _again in range(3):
        jobs.run_due(starts - timedelta(days=4))
    gathering.refresh_from_db()
    assert gathering.state == "called"
    assert gathering.waived == ""
    asked = Counter(
        row.payload["post"] for row in Outbox.objects.filter(topic="notice") if "能不能来" in row.payload["text"]
    )
    assert set(asked.values()) == {1}
    assert len(asked) == gathering.invitations.count() > 0


def test_a_host_whose_last_date_it_is_hosts_nothing_that_morning(hall: Hall) -> None:
    """Seven in the morning here is the evening before in UTC, when the host still served."""
    series = _series(hall, recurrence=MONTHLY["recurrence"] | {"time": "07:00"})
    Post.objects.filter(pk=series.host_id).update(until=timezone.localdate(series.next_at))
    jobs.run_due(series.next_at - timedelta(days=7))
    series.refresh_from_db()
    assert not series.active
    assert not Gathering.objects.filter(series=series).exists()


def test_what_cannot_ask_by_itself_says_why_to_its_host(hall: Hall) -> None:
    series = _series(hall, agenda={"matters": True, "least": 1})
    jobs.run_due(series.next_at - timedelta(days=7))
    jobs.run_due(series.next_at - timedelta(days=4))
    gathering = Gathering.objects.get(series=series)
    assert (gathering.state, gathering.step) == ("draft", "lapse")
    assert _told("没能自动发通知：议程至少要有 1 项") == 1
    assert jobs.run_due(series.next_at - timedelta(days=3)) == 0


def test_a_host_who_sends_no_notice_is_told_once_in_time(hall: Hall) -> None:
    hall.draft()
    assert jobs.run_due(STARTS - timedelta(days=4, minutes=1)) == 0
    assert jobs.run_due(STARTS - timedelta(days=4)) == 1
    assert jobs.run_due(STARTS - timedelta(days=4)) == 0
    assert _told("还没有发通知，这种会要提前 3 天") == 1


def test_without_a_quorum_it_did_not_take_place_and_its_topics_come_again(hall: Hall) -> None:
    gathering, item = hall.sitting()
    later = STARTS + timedelta(hours=2) + timedelta(hours=12)
    assert jobs.run_due(later) == 1
    gathering.refresh_from_db()
    assert (gathering.state, gathering.step_at) == ("lapsed", None)
    assert queries.carried_over(DISTRICT, "council", hall.node().id) == [item]


def test_a_sitting_that_nobody_ended_is_ended_and_its_minutes_are_asked_for(hall: Hall) -> None:
    gathering, item = hall.sitting()
    hall.sign_in(gathering, "property")
    hall.do(actions.discuss, gathering, item_id=item.pk, outcome="heard", text="都说难停。", now=STARTS)
    ends = STARTS + timedelta(hours=2)
    assert jobs.run_due(ends + timedelta(hours=12)) == 1
    gathering.refresh_from_db()
    assert (gathering.state, gathering.ended_at) == ("ended", ends)
    assert jobs.run_due(ends + timedelta(days=2)) == 1
    assert jobs.run_due(ends + timedelta(days=9)) == 0
    assert _told("纪要还没有公布") == 1


def test_a_calendar_is_told_of_what_changed_after_people_were_asked(hall: Hall) -> None:
    gathering = _called(hall)
    assert gathering.revision == 0
    hall.do(actions.add_item, gathering, matter_id=hall.topic("楼道灯不亮。").pk)
    gathering.refresh_from_db()
    assert gathering.revision == 0
    starts = STARTS + timedelta(days=1)
    moved = hall.do(
        actions.reschedule, gathering, starts_at=starts, ends_at=starts + timedelta(hours=2), reason="停电",
        room_id=hall.room.pk, now=NOW,
    )  # fmt: skip
    assert (moved.revision, moved.step_at) == (1, STARTS)
    assert hall.do(actions.cancel, gathering, reason="还是停电", now=NOW).revision == 2


def test_the_sweep_asks_twice_where_nothing_is_due_however_much_lies_ahead(hall: Hall) -> None:
    for hour in range(6):
        at = STARTS + timedelta(days=hour + 1)
        hall.draft(starts_at=at, ends_at=at + timedelta(hours=1))
    with CaptureQueriesContext(connection) as asked:
        assert jobs.run_due(NOW) == 0
    assert sum(query["sql"].startswith("SELECT") for query in asked.captured_queries) == 2


def test_the_worker_does_it_in_its_turn(hall: Hall) -> None:
    series = _series(hall)
    Series.objects.filter(pk=series.pk).update(make_at=NOW)
    Worker().turn()
    assert Gathering.objects.filter(series=series).count() == 1
