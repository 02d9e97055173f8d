"""Cursors: what goes in comes out, and nothing else is taken."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kit import paging
from linli.kit.paging import BadCursorError

KEY = UUID("01930000-0000-7000-8000-000000000001")


@given(
    at=st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)),
    key=st.uuids(),
)
def test_a_cursor_keeps_its_place_to_the_microsecond(at: datetime, key: UUID) -> None:
    assert paging.decode(paging.encode(at, key)) == (at, key)


def test_the_zone_does_not_matter() -> None:
    from zoneinfo import ZoneInfo

    at = datetime(2026, 3, 4, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert paging.encode(at, KEY) == paging.encode(at.astimezone(UTC), KEY)


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "not a cursor", "AAAA", "null", "0" * 5000, "é",
     paging.encode(datetime(2026, 1, 1, tzinfo=UTC), KEY)[:-1],
     base64.urlsafe_b64encode(struct.pack(">Bq16s", 9, 0, KEY.bytes)).rstrip(b"=").decode(),
     base64.urlsafe_b64encode(struct.pack(">Bq16s", 1, 2**62, KEY.bytes)).rstrip(b"=").decode()],
)  # fmt: skip
def test_anything_else_is_refused_in_words(cursor: str) -> None:
    with pytest.raises(BadCursorError, match="第一页") as caught:
        paging.decode(cursor)
    assert (caught.value.status, caught.value.code) == (400, "invalid")


@given(st.text(max_size=60))
def test_no_text_breaks_the_decoder(text: str) -> None:
    try:
        at, key = paging.decode(text)
    except BadCursorError:
        return
    assert paging.encode(at, key) == text


def _walk(model: Any, limit: int) -> list[Any]:
    seen, cursor = [], None
    while True:
        page = paging.page(model.objects.all(), cursor=cursor, limit=limit, at="action_time")
        seen += [row.pk for row in page.items]
        if page.next is None:
            return seen
        cursor = page.next


def test_pages_cover_everything_once_newest_first(db: None, moments: Any) -> None:
    """Many rows of one instant are the hard case: the key must settle them."""
    start = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
    made = [moments.objects.create(id=uuid4(), action_time=start + timedelta(seconds=n // 3)) for n in range(11)]
    right = [row.pk for row in sorted(made, key=lambda row: (row.action_time, row.pk), reverse=True)]
    assert _walk(moments, 4) == right
    assert _walk(moments, 11) == right
    assert _walk(moments, 1) == right


@pytest.fixture
def moments(db: None) -> Any:
    """A table of nothing but ids and times, made for the test and dropped with it."""
    from django.db import connection, models
    from django.test.utils import isolate_apps

    with isolate_apps("linli.kit"):

        class Moment(models.Model):  # noqa: DJ008  it is never shown
            id = models.UUIDField(primary_key=True)
            action_time = models.DateTimeField()

            class Meta:
                app_label = "kit"

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kit_moment (id char(32) PRIMARY KEY, action_time datetime NOT NULL)"
                       if connection.vendor == "sqlite" else
                       "CREATE TABLE kit_moment (id uuid PRIMARY KEY, action_time timestamptz NOT NULL)")  # fmt: skip
    yield Moment
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kit_moment")
