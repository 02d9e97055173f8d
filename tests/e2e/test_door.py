"""From the poster to the door to somebody who answers: by a community, a passer-by with a phone, and a grid worker."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import browser, serving
from tests.e2e.browser import DESK, PHONE, Demo

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.system("P3"),
    pytest.mark.skipif(bool(browser.missing()), reason=browser.missing()),
]

NUMBER = "13900004321"
HOME = """
import json
from linli.core.people.models import User
home = User.objects.get(username="resident").home
grid = User.objects.get(username="grid").person
print(json.dumps({"door": home.door, "house": home.parent.code, "grid": grid.shown}))
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Demo, Any]]:
    with browser.demo("qiaoxi", tmp_path / "demo") as made, browser.chromium() as chrome:
        yield made, chrome


def test_a_poster_leads_to_a_door_and_the_door_to_somebody(served: tuple[Demo, Any], tmp_path: Path) -> None:
    demo, chrome = served
    home = json.loads(demo.child(HOME))
    with browser.visitor(chrome, demo.url, DESK, "community") as desk:
        page = desk.page
        page.goto(f"/desk/posters/?place={home['house']}")
        page.get_by_role("button", name="数一数有多少个门").click()
        page.get_by_role("button", name="开始做").click()
        page.wait_for_url(re.compile(r"/desk/posters/[0-9a-f-]{36}/"))
        serving.wait_until(lambda: "做好了" in _again(page), "the posters")
        with page.expect_download() as coming:
            page.locator(".parts a").first.click()
        taken = tmp_path / "sheet.pdf"
        coming.value.save_as(taken)
        assert taken.read_bytes().startswith(b"%PDF-")
        assert not desk.spills()
        assert desk.troubles == []
    with browser.visitor(chrome, demo.url, PHONE, "") as passer:
        page = passer.page
        page.goto(f"/d/{home['door']}")
        assert not passer.spills()
        one = page.locator(".people .one", has_text=home["grid"])
        one.get_by_role("link", name=f"请{home['grid']}给我回电话").click()
        page.get_by_label("电话", exact=True).fill(NUMBER)
        page.get_by_label("怎么称呼您").fill("阮佳阳")
        page.get_by_role("button", name="好，请打给我").click()
        page.wait_for_url("**/say/done/")
        assert home["grid"] in page.locator("main").inner_text()
        assert page.locator(".ticket .code").inner_text().strip()
        assert not passer.spills()
        assert passer.troubles == []
    with browser.visitor(chrome, demo.url, PHONE, "grid") as worker:
        page = worker.page
        page.goto("/field/")
        page.get_by_role("link", name=re.compile(f"请.*{home['grid']}给我回电话")).first.click()
        assert NUMBER not in page.content()


def _again(page: Any) -> str:
    page.reload()
    return str(page.locator("#progress").inner_text())
