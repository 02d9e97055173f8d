"""A rider's report from the phone: three taps, no letter typed, well inside half a minute; and a station on the map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import browser
from tests.e2e.browser import PHONE, Demo

pytestmark = [pytest.mark.skipif(bool(browser.missing()), reason=browser.missing()), pytest.mark.system("P9")]

COUNTS = (
    "from linli.core.people.models import Post\nfrom linli.offices.facilities.models import Facility\n"
    "from django.db.models import Count\n"
    "print(Post.objects.filter(role='rider').count(), Facility.objects.filter(kind='rest_station').count())"
)
HERE = (
    "from linli.core.people.models import Post, User\n"
    "p = Post.objects.get(person_id=User.objects.get(username='rider').person_id)\nprint(p.place.lon, p.place.lat)"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with browser.demo("shuangluan", tmp_path_factory.mktemp("rider"), lived=False) as demo:
        yield demo


def test_a_rider_reports_without_typing_and_finds_a_station(served: Demo) -> None:
    assert served.child(COUNTS).split() == ["46", "28"]
    lon, lat = (float(part) for part in served.child(HERE).split())
    with browser.chromium() as chrome, browser.visitor(chrome, served.url, PHONE, "rider", "/field/") as visitor:
        page: Any = visitor.page
        visitor.context.grant_permissions(["geolocation"])
        visitor.context.set_geolocation({"longitude": lon, "latitude": lat})
        page.goto("/field/")  # the notebook of a rider opens on the report itself
        page.get_by_text("位置有了，就报这里。").wait_for()
        page.get_by_text("路灯不亮").click()  # one
        page.get_by_role("button", name="报上去").click()  # two
        page.get_by_text("报上去了").wait_for()
        page.get_by_role("link", name="看我报的").click()  # three
        page.wait_for_url("**/field/spotted/")
        assert "路灯不亮，晚上看不清路" in visitor.text()
        page.get_by_role("link", name="驿站").click()
        page.wait_for_url("**/stations/")
        assert "共 28 处" in visitor.text()
        page.get_by_role("link", name="看地图").click()
        page.wait_for_function("() => document.querySelector('[data-map][data-ready]')")
        assert not visitor.spills()
        assert not visitor.troubles
