"""Where holidays are not known yet: every door says what was counted instead, and the office is told in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.doors.office.pages import AHEAD, lights_of_holidays
from linli.kit.calendar import PUBLISHED
from linli.kit.figures import on
from tests.cast import DISTRICT, Town
from tests.doors.test_open_ledger import say

SAID = "这里还没有那时的放假安排，先按周一到周五算。"


def _doors(town: Town, number: str) -> list[str]:
    """Four pages of one matter, each as its own reader opens it."""
    doors = (("grid", "/field/m/%s/"), ("community", "/desk/m/%s/"), ("resident", "/m/%s/"), ("", "/open/m/%s/"))
    pages = []
    for who, url in doors:
        client = Client()
        if who:
            client.force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
        page = client.get(url % number)
        assert page.status_code == 200, url
        pages.append(page.content.decode())
    return pages


def test_a_promise_over_unknown_holidays_says_so_at_every_door(town: Town, act_as: Callable[[str], Actor]) -> None:
    matter = say(town, "楼道灯坏了。", actor=act_as("resident"))
    assert not any(SAID in page for page in _doors(town, matter.number))
    clocks = [{**clock, "provisional": True} for clock in matter.clocks]
    Matter.objects.filter(pk=matter.pk).update(clocks=clocks)
    assert [page.count(SAID) for page in _doors(town, matter.number)] == [1, 1, 1, 1]
    client = Client()
    client.force_login(town.users["community"], backend="django.contrib.auth.backends.ModelBackend")
    told = client.get(f"/api/v1/matters/{matter.number}").json()["clocks"]
    assert {clock["provisional"] for clock in told} == {True}


def test_the_office_is_told_before_promises_reach_past_the_known_holidays(town: Town) -> None:
    (fine,) = lights_of_holidays(DISTRICT, PUBLISHED.last - AHEAD)
    assert (fine.fine, fine.words) == (True, f"知道到 {on(PUBLISHED.last, 'year')}")
    for days in (1, 40, 2000):
        (late,) = lights_of_holidays(DISTRICT, PUBLISHED.last - AHEAD + timedelta(days=days))
        assert not late.fine
        assert "以后先按周一到周五算" in late.words
