"""The map editor in a real browser: drawn by hand and by key, snapping to the neighbours, told what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from linli.core.places.models import Boundary
from tests.cast import Town, build
from tests.doors.desk_cast import sit
from tests.kit.test_shell_browser import CHROMIUM, VENDOR, browser

__all__ = ["browser"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine"),
    pytest.mark.skipif(not VENDOR.is_file(), reason="no browser packages: run scripts/frontend.py"),
]
CORNER = """n => {
  const editor = document.querySelector("[data-draw]").editor, at = editor.map.project(editor.polygons[0][0][n]);
  const box = editor.map.getCanvas().getBoundingClientRect();
  return [at.x + box.x, at.y + box.y];
}"""


@pytest.fixture
def made(transactional_db: Any, flushable_ledger: Any) -> Town:
    return build()


@pytest.fixture
def drawing(browser: Any, live_server: Any, made: Town) -> Iterator[tuple[Any, list[str]]]:
    """The editor of the first grid, opened by the administrator; and what the browser complained about."""
    troubles: list[str] = []
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport={"width": 1440, "height": 1000})
    cookie = sit(made, "admin").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: troubles.append(str(e)))
    page.goto(reverse("office:draw", args=[made.places["grid"].pk]))
    page.wait_for_selector("[data-draw][data-ready]")
    yield page, troubles
    context.close()


def said(page: Any, words: str) -> None:
    page.wait_for_function("words => document.querySelector('[data-fit]').innerText.includes(words)", arg=words)


def test_a_corner_dragged_into_the_neighbour_is_told_and_taken_back(drawing: tuple[Any, list[str]]) -> None:
    page, troubles = drawing
    said(page, "正好放得下")
    before = page.input_value("#id_polygon")
    x, y = page.evaluate(CORNER, 1)  # the south-east one
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 25, steps=5)
    page.mouse.up()
    said(page, "重叠")
    assert page.input_value("#id_polygon") != before
    page.click("[data-do=undo]")
    said(page, "正好放得下")
    assert json.loads(page.input_value("#id_polygon")) == json.loads(before)
    assert troubles == []


def test_a_polygon_drawn_by_clicks_snaps_to_the_corners_around_it(drawing: tuple[Any, list[str]], made: Town) -> None:
    page, troubles = drawing
    corners = [page.evaluate(CORNER, n) for n in range(4)]
    page.click("[data-do=again]")
    assert page.input_value("#id_polygon") == ""
    for x, y in corners:
        page.mouse.click(x + 3, y + 3)
    page.click("[data-do=close]")
    page.wait_for_function("document.querySelector('#id_polygon').value !== ''")
    drawn = json.loads(page.input_value("#id_polygon"))["coordinates"][0]
    beside = json.loads(Boundary.objects.get(place=made.places["gridb"]).geojson)["coordinates"][0]
    shared = [point for point in drawn if any(point == pytest.approx(each, abs=1e-7) for each in beside)]
    assert len(shared) >= 2  # both ends of the common border, though each click was a little beside it
    assert troubles == []


def test_the_keyboard_chooses_moves_and_removes_corners(drawing: tuple[Any, list[str]]) -> None:
    page, troubles = drawing
    page.focus("[data-draw] .map")
    page.keyboard.press("]")
    page.keyboard.press("Shift+ArrowRight")
    said(page, "平方米")
    count = "document.querySelector('[data-draw]').editor.polygons[0][0].length"
    assert page.evaluate(count) == 4
    page.keyboard.press("Delete")
    assert page.evaluate(count) == 3
    page.keyboard.press("Delete")
    assert page.evaluate(count) == 3  # a polygon has three corners at least
    assert troubles == []
