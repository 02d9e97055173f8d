"""What the worker could not do: the administrator sees why, and has it done again, in the own district only."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from django.utils.translation import override

from linli.kit import outbox
from linli.kit.models import Change, Outbox
from tests.cast import DISTRICT, Town
from tests.doors.desk_cast import sit


def parked(topic: str = "notice", district: int = DISTRICT) -> Outbox:
    return Outbox.objects.create(
        district_id=district, topic=topic, payload={}, next_at=outbox.PARKED, tries=12, error="TimeoutError (sms.py:40)"
    )


def test_every_topic_of_the_worker_has_a_name_in_words_and_in_both_languages() -> None:
    from linli.config import worker  # noqa: F401 - registers them all

    mine = sorted(topic for topic in outbox.topics() if not topic.startswith("test."))
    for language, letters in (("zh-hans", "\u4e00-\u9fff"), ("en", "A-Z")):
        with override(language):
            nameless = [topic for topic in mine if not re.match(f"[{letters}]", outbox.name_of(topic))]
            assert nameless == [], language
            assert len({outbox.name_of(topic) for topic in mine}) == len(mine)


def test_a_topic_of_another_program_is_called_as_it_stands_in_its_row() -> None:
    assert outbox.name_of("later") == "later"


def test_nothing_stuck_is_an_empty_page_and_no_link(town: Town) -> None:
    office = sit(town, "admin")
    assert "没有办不成的" in office.get("/admin/stuck/").content.decode()
    assert "看原因" not in office.get("/admin/").content.decode()


def test_what_stopped_is_seen_with_its_reason_and_done_again(town: Town) -> None:
    row, mask, elsewhere = parked(), parked("mask"), parked(district=990003)
    office = sit(town, "admin")
    page = office.get("/admin/stuck/").content.decode()
    assert "TimeoutError (sms.py:40)" in page
    assert "给工作人员的通知" in page
    assert "2 件都再做一遍" in page
    assert 'href="/admin/stuck/"' in office.get("/admin/").content.decode().split("后台任务")[1]
    done = office.post("/admin/stuck/retry/", {"topic": "notice"}, follow=True)
    assert "1 件交回后台" in done.content.decode()
    for each in (row, mask, elsewhere):
        each.refresh_from_db()
    assert row.next_at <= timezone.now()
    assert (mask.next_at, elsewhere.next_at) == (outbox.PARKED, outbox.PARKED)
    assert "1 件（给工作人员的通知）" in Change.objects.latest("at").sentence
    office.post("/admin/stuck/retry/")
    mask.refresh_from_db()
    assert mask.next_at <= timezone.now()
    again = office.post("/admin/stuck/retry/", follow=True)
    assert "没有停下的了" in again.content.decode()
    assert Change.objects.filter(subject="后台任务").count() == 2


def test_the_page_costs_the_same_with_many(town: Town, django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    office = sit(town, "admin")
    for topic in outbox.topics():
        parked(topic)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert office.get("/admin/stuck/").status_code == 200
