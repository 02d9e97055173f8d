"""The calendar, its feeds, rooms and paper slips, by page: what each of the cast sees and may do."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from linli.core.gatherings import actions
from linli.core.gatherings.models import FeedToken, Gathering, Room, Series
from linli.offices.gatherings import feeds
from linli.offices.gatherings.months import Month
from tests.cast import DISTRICT, Town
from tests.gatherings import cast
from tests.gatherings.cast import Hall

pytestmark = pytest.mark.system("D1")


@pytest.fixture
def hall(town: Town) -> Hall:
    return cast.build(town)


def _starts(hour: int = 10) -> Any:
    day = timezone.localtime() + timedelta(days=6)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def _called(hall: Hall, title: str = "柳荫社区议事会", hour: int = 10) -> Gathering:
    starts = _starts(hour)
    planned = actions.Planned(title, hall.node(), starts, starts + timedelta(hours=1), hall.room.pk)
    made = actions.draft(actor=hall.actor("community"), district_id=DISTRICT, kind_id=hall.council.pk, planned=planned)
    hall.do(actions.add_item, made, matter_id=hall.topic().pk)
    hall.do(actions.call, made)
    made.refresh_from_db()
    return made


def _browser(hall: Hall, who: str) -> Client:
    client = Client()
    client.force_login(hall.town.users[who])
    return client


def _month() -> str:
    return f"{_starts():%Y-%m}"


def _text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def test_everybody_sees_what_is_open_and_only_hosts_see_drafts(hall: Hall) -> None:
    called = _called(hall)
    draft = hall.draft(title="还没定的会", starts_at=_starts(14), ends_at=_starts(15))
    for who, url in (("resident", "/calendar/"), ("community", "/desk/calendar/")):
        page = _text(_browser(hall, who).get(f"{url}?month={_month()}"))
        assert f"/gatherings/{called.number}/" in page
        assert (draft.number in page) is (who == "community")
    assert called.title in _text(Client().get(f"/open/calendar/?month={_month()}&view=month"))
    assert draft.title not in _text(_browser(hall, "community2").get(f"/desk/calendar/?month={_month()}"))
    assert called.number not in _text(_browser(hall, "resident2").get(f"/calendar/?month={_month()}"))
    assert Client().get("/open/calendar/?place=nowhere").status_code == 404
    exported = b"".join(
        _browser(hall, "community").get(f"/desk/calendar/export.csv?month={_month()}").streaming_content
    )
    assert called.number in exported.decode()


def test_the_last_days_of_a_month_name_the_next_sitting(hall: Hall) -> None:
    called = _called(hall)
    starts = (timezone.localtime().replace(day=28, hour=10, minute=0) + timedelta(days=6)).replace(day=9)  # next month
    Gathering.objects.filter(pk=called.pk).update(starts_at=starts, ends_at=starts + timedelta(hours=1))
    for who, url in (("resident", "/calendar/"), ("community", "/desk/calendar/"), ("resident", "/open/calendar/")):
        client = _browser(hall, who)
        page = _text(client.get(url))
        assert "下一场" in page, url
        assert called.title in page
        assert f"month={starts:%Y-%m}" in page
        assert "下一场" not in _text(client.get(f"{url}?month={starts:%Y-%m}"))


def test_a_week_that_no_calendar_has_is_this_one(hall: Hall) -> None:
    client = _browser(hall, "community")
    for week in ("0001-01-01", "9999-12-31", "gestern"):
        page = client.get(f"/desk/rooms/{hall.room.code}/?week={week}")
        assert page.context["today"] in [day for day, _rows in page.context["days"]]


@pytest.mark.parametrize("url", ["/calendar/", "/calendar/feed/"])
def test_the_seal_at_the_top_leads_home_whatever_a_page_calls_home(hall: Hall, url: str) -> None:
    page = _text(_browser(hall, "resident").get(url))
    assert '<a class="brand" href="/">' in page


@pytest.mark.parametrize("url", ["/desk/calendar/", "/desk/rooms/", "/desk/calendar/series/"])
def test_a_list_asks_no_more_for_more_rows(hall: Hall, url: str) -> None:
    client, counts = _browser(hall, "community"), []
    for hour in (9, 11, 13, 15):
        _called(hall, f"第 {hour} 场", hour)
        actions.add_room(actor=hall.actor("community"), district_id=DISTRICT, place=hall.node(), name=f"{hour} 号屋")
        if hour in (9, 15):
            client.get(f"{url}?month={_month()}")
            with CaptureQueriesContext(connection) as asked:
                _text(client.get(f"{url}?month={_month()}"))
            counts.append(len(asked))
    assert counts[0] == counts[1] <= 24  # most of them the shell's own


def test_a_month_begins_on_monday_and_turns_over_the_year() -> None:
    december = Month.read("2026-12")
    assert (december.shifted(1).code, Month(2026, 1).shifted(-1).code) == ("2027-01", "2025-12")
    assert december.weeks([])[0][0].on.isoweekday() == 1
    assert sum(day.inside for week in december.weeks([]) for day in week) == 31
    assert Month.read("2026-13").code == Month.read("").code == f"{timezone.localdate():%Y-%m}"


# ── feeds ───────────────────────────────────────────────────────────────────────────────────────────────────
def _feed(client: Client) -> str:
    page = client.post("/calendar/feed/", {"act": "make"})
    assert page.context["url"]
    return str(page.context["url"]).partition("testserver")[2]


def _events(response: Any) -> list[Any]:
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"\r\n" in response.content
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    book = Calendar.from_ical(response.content)
    assert book["VERSION"] == "2.0"
    assert book.walk("VTIMEZONE")[0]["TZID"] == "Asia/Shanghai"
    return list(book.walk("VEVENT"))


def test_ones_own_feed_follows_what_is_moved_and_what_is_cancelled(hall: Hall) -> None:
    made, mine = _called(hall), _feed(_browser(hall, "property"))
    [event] = _events(Client().get(mine))
    assert (event["SEQUENCE"], event["STATUS"], event["UID"]) == (0, "CONFIRMED", f"{made.pk}@linli")
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert event.decoded("DTSTART") == made.starts_at
    later = made.starts_at + timedelta(hours=2)
    hall.do(actions.reschedule, made, starts_at=later, ends_at=later + timedelta(hours=1), reason="停电",
            room_id=hall.room.pk)  # fmt: skip
    [moved] = _events(Client().get(mine))
    assert (moved["SEQUENCE"], moved["UID"], moved.decoded("DTSTART")) == (1, event["UID"], later)
    hall.do(actions.cancel, made, reason="还是停电")
    [off] = _events(Client().get(mine))
    assert (off["SEQUENCE"], off["STATUS"]) == (2, "CANCELLED")


def test_a_program_that_has_it_all_is_told_so(hall: Hall) -> None:
    made, url = _called(hall), f"/open/calendar.ics?place={hall.town.places['community'].code}"
    first = Client().get(url)
    assert len(_events(first)) == 1
    again = Client().get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert Client().get(url, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    hall.do(actions.cancel, made, reason="停电")
    assert Client().get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_public_feed_has_only_what_is_open_at_that_place(hall: Hall) -> None:
    _called(hall)
    hall.draft(title="草稿", starts_at=_starts(14), ends_at=_starts(15))
    Gathering.objects.filter(title="草稿").update(public=False)
    codes = {name: place.code for name, place in hall.town.places.items()}
    assert len(_events(Client().get(f"/open/calendar.ics?place={codes['quarter']}"))) == 1  # of the place above
    assert _events(Client().get(f"/open/calendar.ics?place={codes['quarter2']}")) == []
    text = Client().get("/open/calendar.ics").content.decode()
    assert not any(row.label in text for row in Gathering.objects.get(state="called").invitations.all())


def test_a_new_address_ends_the_old_one_and_an_ended_one_is_not_there(hall: Hall) -> None:
    client = _browser(hall, "property")
    old, new = _feed(client), _feed(client)
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200
    assert new.split("/")[-1] not in _text(client.get("/calendar/feed/"))
    client.post("/calendar/feed/", {"act": "end"})
    assert Client().get(new).status_code == 404
    assert not FeedToken.objects.exists()


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("django")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def test_the_secret_is_in_no_log_and_in_no_table(
    hall: Hall, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = _feed(_browser(hall, "property"))
    token = url.removesuffix(".ics").split("/")[-1]

    def broken(*_: Any) -> bytes:
        raise RuntimeError

    monkeypatch.setattr(feeds, "written", broken)
    assert Client(raise_request_exception=False).get(url).status_code == 500
    Client().get(f"{url[:-8]}xxxx.ics")
    assert len(logged) == 2
    assert not any(token[:20] in line for line in logged)
    assert len(token) >= 43
    assert token not in str(list(FeedToken.objects.values()))


# ── rooms, what comes back, slips ───────────────────────────────────────────────────────────────────────────
def test_a_room_is_booked_once_and_what_was_typed_stays(hall: Hall) -> None:
    client, code = _browser(hall, "community"), hall.room.code
    starts, ends = (f"{_starts(hour):%Y-%m-%dT%H:%M}" for hour in (10, 11))
    asked = {"kind": "council", "place": hall.town.places["community"].code, "title": "楼道堆物怎么清",
             "starts_at": starts, "ends_at": ends}  # fmt: skip
    done = client.post(f"/desk/rooms/{code}/book/", asked)
    made = Gathering.objects.get(title="楼道堆物怎么清")
    assert (done.status_code, done["Location"]) == (302, f"/gatherings/{made.number}/")
    assert (made.state, made.room) == ("draft", hall.room)
    twice = client.post(f"/desk/rooms/{code}/book/", asked | {"title": "另一个会"})
    assert twice.status_code == 422
    assert "那时有“楼道堆物怎么清”" in twice.content.decode()
    assert "另一个会" in twice.content.decode()
    assert made.title in _text(client.get(f"/desk/rooms/{code}/?week={starts[:10]}"))
    assert _browser(hall, "community2").get(f"/desk/rooms/{code}/").status_code == 404
    assert _browser(hall, "grid").get("/desk/rooms/").status_code == 404


def test_rooms_are_kept_by_whoever_convenes_there(hall: Hall) -> None:
    client = _browser(hall, "community")
    asked = {"place": hall.town.places["community"].code, "name": "红灯笼活动室", "seats": "20", "hours": "9 点"}
    assert client.post("/desk/rooms/new/", asked).status_code == 422
    assert client.post("/desk/rooms/new/", asked | {"hours": "09:00-18:00"}).status_code == 302
    row = Room.objects.get(name="红灯笼活动室")
    changed = {"name": "红灯笼议事室", "seats": "24", "hours": ""}
    assert client.post(f"/desk/rooms/{row.code}/edit/", changed).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.seats, row.active) == ("红灯笼议事室", 24, False)
    assert "红灯笼" in _text(client.get("/desk/rooms/?q=红灯笼"))


@pytest.mark.system("D6")
def test_a_regular_meeting_is_set_up_once_and_stopped(hall: Hall) -> None:
    client = _browser(hall, "community")
    asked = {"kind": "council", "place": hall.town.places["community"].code, "title": "每月议事", "every": "month",
             "day": "15", "time": "19:00", "room": str(hall.room.pk)}  # fmt: skip
    assert client.post("/desk/calendar/series/new/", asked | {"time": ""}).status_code == 422
    assert client.post("/desk/calendar/series/new/", asked).status_code == 302
    row = Series.objects.get()
    local = timezone.localtime(row.next_at)
    assert (local.day, f"{local:%H:%M}") == (15, "19:00")
    assert client.post("/desk/calendar/series/new/", asked).status_code == 422
    assert _browser(hall, "community2").post(f"/desk/calendar/series/{row.pk}/stop/").status_code == 404
    assert client.post(f"/desk/calendar/series/{row.pk}/stop/").status_code == 302
    row.refresh_from_db()
    assert not row.active
    assert "/desk/calendar/series/" in _text(client.get("/desk/calendar/"))
    assert "/desk/calendar/series/" not in _text(_browser(hall, "property").get("/desk/calendar/"))


def test_a_paper_slip_answers_without_a_login_and_a_wrong_code_says_so(hall: Hall) -> None:
    made = hall.draft(starts_at=_starts(), ends_at=_starts(11))
    hall.do(actions.add_item, made, matter_id=hall.topic().pk)
    receipt = next(iter(hall.do(actions.call, made).receipts.values()))
    said = {"receipt": receipt, "answer": "substitute"}
    assert Client().post("/calendar/slip/", said).status_code == 422
    assert Client().post("/calendar/slip/", said | {"substitute": "小孙"}).status_code == 302
    assert made.invitations.get(answer="substitute").substitute == "小孙"
    wrong = Client().post("/calendar/slip/", {"receipt": "AAAA-BBBB-CCCC-DDDD-EEEE", "answer": "yes"})
    assert wrong.status_code == 422
    for _each in range(20):
        last = Client().post("/calendar/slip/", {"receipt": "x", "answer": "yes"})
    assert last.status_code == 429
