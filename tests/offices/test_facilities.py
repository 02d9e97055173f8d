"""Rest stations: open now or when, kept by their community, and a fault that becomes a matter with its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit import figures
from linli.kit.models import Change
from linli.kit.refusal import Conflict, Forbidden
from linli.offices.facilities import actions, hours, queries
from linli.offices.facilities.actions import Facts
from linli.offices.facilities.models import Facility, Fault
from tests.cast import DISTRICT, Town
from tests.doors.test_field_inbox import as_, read

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("P9")
DAYTIME = {"weekday": ["08:00-12:00", "14:00-18:00"], "weekend": ["09:00-12:00"]}


def at(day: int, clock: str) -> datetime:
    """2026-11-23 is a Monday."""
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=ZoneInfo("Asia/Shanghai"))


def facts(**changes: Any) -> Facts:
    return Facts(
        **{"name": "柳荫驿站", "services": ["water"], "hours": DAYTIME, "lon": 114.885, "lat": 40.815, **changes}
    )


def station(act_as: ActAs, town: Town, **changes: Any) -> Facility:
    place = tree(DISTRICT).by_id[town.places["community"].pk]
    return actions.add(actor=act_as("community"), kind="rest_station", place=place, facts=facts(**changes))


@pytest.mark.parametrize(
    ("day", "clock", "is_open", "words"),
    [
        (23, "08:00", True, "开着，到 12:00"), (23, "11:59", True, "开着，到 12:00"),
        (23, "12:00", False, "关着，今天 14:00 开"),
        (23, "18:00", False, "关着，明天 08:00 开"), (27, "18:00", False, "关着，明天 09:00 开"),
        (28, "13:00", False, "关着，明天 09:00 开"), (29, "12:00", False, "关着，明天 08:00 开"),
    ],
)  # fmt: skip
def test_open_now_or_when_again(day: int, clock: str, is_open: bool, words: str) -> None:
    found = hours.now(Facility(hours=DAYTIME), at(day, clock))
    assert (found.open, found.words) == (is_open, words)


def test_all_night_never_and_paused() -> None:
    assert hours.now(Facility(hours={"weekday": ["00:00-24:00"]}), at(23, "03:00")).words == "通宵开着"
    assert hours.now(Facility(hours={}), at(23, "09:00")).words == "没有登记开放时间"
    paused = Facility(hours=DAYTIME, condition="paused", reason="漏水", paused_until=date(2026, 11, 25))
    assert hours.now(paused, at(23, "09:00")) == hours.Now(
        open=False, words=f"暂停开放，{figures.on(date(2026, 11, 25))} 恢复"
    )
    assert hours.now(paused, at(25, "09:00")).open


@pytest.mark.parametrize("typed", ["8-12", "18:00-08:00", "08:00-12:00 11:00-13:00", "25:00-26:00", "00:00-24:30"])
def test_hours_that_cannot_be_are_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"[时间关门]"):
        hours.read(typed)


def test_hours_are_read_as_people_write_them() -> None:
    assert hours.read("8:00-12:00 14:00至18:00") == ["08:00-12:00", "14:00-18:00"]
    assert hours.read("08:00-12:00，14:00-18:00") == ["08:00-12:00", "14:00-18:00"]
    assert hours.read("") == []


def test_the_community_keeps_its_own_and_nobody_elses(town: Town, act_as: ActAs) -> None:
    row = station(act_as, town)
    assert row.code == "RS-001"
    for who in ("grid", "community2", "street2", "department"):
        with pytest.raises(Forbidden):
            actions.change(actor=act_as(who), code=row.code, facts=facts(name="别的"), version=None)
    done = actions.change(actor=act_as("street"), code=row.code, facts=facts(name="柳荫新站"), version=1)
    assert (done.name, done.version) == ("柳荫新站", 2)
    with pytest.raises(Conflict):
        actions.change(actor=act_as("community"), code=row.code, facts=facts(), version=1)
    told = Change.objects.filter(subject="facility RS-001").order_by("pk")
    assert [c.sentence for c in told] == ["添了柳荫驿站", "改了柳荫新站"]
    assert told[1].data == {"name": ["柳荫驿站", "柳荫新站"]}


def test_everybody_finds_it_by_service_word_and_nearness(town: Town, act_as: ActAs) -> None:
    near = station(act_as, town)
    station(act_as, town, name="东站", services=["charging"], lon=114.91)
    client = Client()
    assert "柳荫驿站" in read(client, "/stations/")
    assert "东站" not in read(client, "/stations/?service=water")
    assert "柳荫驿站" not in read(client, "/stations/?q=东")
    wanted = queries.Wanted("rest_station", near=(114.885, 40.815))
    found = queries.listed(DISTRICT, wanted).items
    assert [s.row.name for s in found] == ["柳荫驿站", "东站"]
    assert found[0].metres == 0
    assert 2000 < (found[1].metres or 0) < 2200
    assert (
        client.get("/stations/points.geojson").json()["features"][0]["properties"]["url"] == f"/stations/{near.code}/"
    )


def test_paging_by_cursor_misses_none(town: Town, act_as: ActAs) -> None:
    for n in range(7):
        station(act_as, town, name=f"站{n}")
    wanted, seen, cursor = queries.Wanted("rest_station"), [], ""
    for _page in range(9):
        found = queries.listed(DISTRICT, wanted, cursor=cursor, limit=3)
        seen += [s.row.name for s in found.items]
        cursor = found.next or ""
        if not cursor:
            break
    assert seen == [f"站{n}" for n in range(7)]


@pytest.mark.parametrize("open_now", [False, True])
def test_paging_by_distance_misses_none_and_goes_on_behind_one_that_has_gone(
    town: Town, act_as: ActAs, *, open_now: bool
) -> None:
    for n in range(7):
        station(act_as, town, name=f"站{n}", lon=114.91 - n * 0.003)
    wanted = queries.Wanted("rest_station", near=(114.885, 40.815), open_now=open_now)
    noon = at(23, "10:00")
    seen, cursor = [], ""
    for _page in range(9):
        found = queries.listed(DISTRICT, wanted, cursor=cursor, limit=3, now=noon)
        seen += [s.row.name for s in found.items]
        assert (found.total, found.open) == (7 if not seen[3:] else 6, 7 if not seen[3:] else 6)
        cursor = found.next or ""
        if not cursor:
            break
        if len(seen) == 3:
            actions.end(actor=act_as("community"), code=found.items[-1].row.code)
    everything = queries.listed(DISTRICT, wanted, limit=20, now=noon).items
    assert len(seen) == len(set(seen)) == 7
    assert [s.row.name for s in everything] == [name for name in seen if name != seen[2]]


def test_nonsense_in_a_cursor_begins_at_the_beginning(town: Town, act_as: ActAs) -> None:
    station(act_as, town)
    for cursor in ("x", "~", "99999999999999~RS-001", "-1~"):
        found = queries.listed(DISTRICT, queries.Wanted("rest_station", near=(114.9, 40.8)), cursor=cursor)
        assert len(found.items) == 1, cursor


def test_the_list_costs_the_same_however_long(town: Town, act_as: ActAs, django_assert_max_num_queries: Any) -> None:
    station(act_as, town)
    read(Client(), "/stations/")
    with django_assert_max_num_queries(6) as thin:
        read(Client(), "/stations/")
        once = len(thin)
    for n in range(20):
        station(act_as, town, name=f"站{n}")
    read(Client(), "/stations/")  # the tree is read anew after a change
    with django_assert_max_num_queries(once):
        read(Client(), "/stations/")


def test_a_fault_becomes_a_matter_with_the_place_filled_in_once(town: Town, act_as: ActAs) -> None:
    row = station(act_as, town)
    said = {"key": "k1", "text": "插座坏了。", "name": "", "phone": ""}
    answers = [Client().post(f"/stations/{row.code}/fault/", said).content.decode() for _n in range(2)]
    matter = Matter.objects.get()
    assert "收到了，谢谢您说一声。" in answers[0]
    assert (matter.text, matter.place_id) == ("柳荫驿站：插座坏了。", town.places["community"].pk)
    assert (matter.lon, matter.lat) == (114.885, 40.815)
    assert Fault.objects.get().matter_id == matter.pk
    assert answers[0] == answers[1]
    assert Client().post(f"/stations/{row.code}/fault/", {"key": "k2", "text": " "}).status_code == 422


def test_the_keepers_page_keeps_what_was_typed(town: Town, act_as: ActAs) -> None:
    row = station(act_as, town)
    client = as_(town, "community")
    form = {"name": "新名", "weekday": "八点到十点", "weekend": "", "condition": "running", "version": "1"}
    wrong = client.post(f"/stations/{row.code}/edit/", form)
    assert wrong.status_code == 422
    assert "八点到十点" in wrong.content.decode()
    assert "时间写成 08:00-12:00 这样" in wrong.content.decode()
    paused = client.post(f"/stations/{row.code}/edit/", form | {"weekday": "8:00-20:00", "condition": "paused"})
    assert "暂停开放要说为什么" in paused.content.decode()
    done = client.post(f"/stations/{row.code}/edit/", form | {"weekday": "8:00-20:00", "services": ["water", "books"]})
    assert done["Location"] == f"/stations/{row.code}/"
    kept = Facility.objects.get(pk=row.pk)
    assert (kept.name, kept.services, kept.hours["weekday"]) == ("新名", ["water", "books"], ["08:00-20:00"])
    client.post(f"/stations/{row.code}/end/")
    assert Client().get(f"/stations/{row.code}/").status_code == 404
