"""The demo's gatherings, counted from rows: what two districts say they held, and what comes back by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from linli.config.demo import gatherings
from linli.config.loading import Loaded
from linli.core.gatherings import jobs
from linli.core.gatherings.models import AgendaItem, Gathering, Minutes, Room, Series
from linli.kit import memory

NOW = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module", params=["qiaoxi", "qiaodong"])
def district(
    request: pytest.FixtureRequest, django_db_setup: Any, django_db_blocker: Any, districts: Callable[[str], Loaded]
) -> Iterator[str]:
    with django_db_blocker.unblock(), transaction.atomic():
        made = districts(request.param)
        gatherings.fill(made.district_id, NOW)
        yield request.param
        transaction.set_rollback(True)
    memory.forget()


@pytest.mark.system("D1")
def test_what_the_halls_talked_through_is_counted_from_rows(district: str) -> None:
    held = Gathering.objects.filter(kind__code="council", state="minuted")
    talked = AgendaItem.objects.filter(gathering__kind__code="council", state="discussed")
    if district == "qiaoxi":
        assert talked.count() == 265
        assert held.values("room").distinct().count() == Room.objects.filter(purpose="hall").count() == 51
    else:
        assert held.count() == 530
    assert Minutes.objects.filter(gathering__in=held).count() == held.count()
    assert not held.filter(starts_at__gte=NOW).exists()


@pytest.mark.system("D3")
def test_what_joint_meetings_settled_is_counted_from_rows(district: str) -> None:
    settled = AgendaItem.objects.filter(gathering__kind__code="joint_meeting", outcome="settled")
    assert settled.count() == (600 if district == "qiaodong" else 8)


@pytest.mark.system("D6")
def test_what_comes_back_was_written_by_the_worker_and_is_not_written_again(district: str) -> None:
    codes = set(Series.objects.values_list("kind_code", flat=True))
    assert codes == {"council", "joint_meeting"} | (
        {"analysis", "dispatch", "review"} if district == "qiaodong" else set()
    )
    before = Gathering.objects.count()
    jobs.run_due(NOW)
    assert Gathering.objects.count() == before
    if district == "qiaodong":
        review = Gathering.objects.get(series__kind_code="review")
        assert f"{review.starts_at:%d}" == "25"
        assert review.state == "draft"
        assert set(review.brief) == {"since", "until", "received", "done", "often", "overdue"}
