"""The shell in a real browser: no policy is broken, and each small module does what it promises."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linli.kit import icons
from tests.e2e.browser import FLAGS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
VENDOR = Path(icons.__file__).parent / "static" / "vendor" / "icons.svg"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kit.shell_urls"),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine"),
    pytest.mark.skipif(not VENDOR.is_file(), reason="no browser packages: run scripts/frontend.py"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    # Playwright's loop lives in this thread, and Django would take its database calls for asynchronous ones.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
    if before is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def page(browser: Any, live_server: Any, troubles: list[str]) -> Iterator[Any]:
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport={"width": 1440, "height": 900})
    made = context.new_page()
    made.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    made.on("pageerror", lambda e: troubles.append(str(e)))
    yield made
    context.close()


@pytest.mark.parametrize("room", ["site", "resident", "desk", "field", "open"])
def test_a_page_breaks_no_policy_and_fits_a_phone(page: Any, troubles: list[str], room: str) -> None:
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"/kit/gallery?in={room}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert troubles == []


def test_large_type_is_instant_and_stays(page: Any) -> None:
    page.goto("/kit/gallery?in=resident")
    before = page.evaluate("getComputedStyle(document.querySelector('.ll')).fontSize")
    with page.expect_response("**/prefs/") as answer:
        page.get_by_role("button", name="大字").click()
    assert answer.value.status == 204
    assert page.evaluate("getComputedStyle(document.querySelector('.ll')).fontSize") == "20px" != before
    page.reload()
    assert page.locator("html").get_attribute("data-type") == "large"


def test_targets_are_large_enough_for_residents(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/kit/gallery?in=resident")
    small = page.evaluate(
        "[...document.querySelectorAll('.btn, .tabs a, .ways a, select, .choices label')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
    )
    assert small == []


def test_a_dialog_takes_focus_and_gives_it_back(page: Any) -> None:
    page.goto("/kit/gallery")
    page.get_by_role("link", name="退回…").click()
    box = page.locator("dialog#d-return")
    assert box.is_visible()
    assert page.evaluate("document.querySelector('#d-return').contains(document.activeElement)")
    box.get_by_role("link", name="先不退").click()
    assert box.is_hidden()
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#d-return"


def test_a_dialog_opens_without_script(browser: Any, live_server: Any) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/kit/gallery")
    page.click("a[href='#d-return']")
    assert page.locator("dialog#d-return").is_visible()
    context.close()


def test_the_desk_is_worked_by_keyboard(page: Any) -> None:
    page.goto("/kit/gallery?in=desk")
    bar = page.locator("[data-bulk]")
    assert "选了 3 件" in bar.inner_text()
    page.get_by_role("button", name="不选了").click()
    assert bar.is_hidden()
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert page.locator("tr[data-row]").first.get_attribute("data-at") is not None
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("tr[data-row]").nth(1).locator("input[name=pick]").is_checked()
    assert "选了 1 件" in bar.inner_text()
    page.keyboard.press("/")
    page.keyboard.type("j灯")
    assert page.locator(".search input").input_value() == "j灯"


def test_a_photo_is_sent_with_its_bar_and_leaves_an_id(page: Any) -> None:
    page.route("**/api/v1/attachments", lambda route: route.fulfill(status=201, json={"id": "a1"}))
    page.goto("/kit/gallery?in=resident")
    page.set_input_files("#u-attachments", {"name": "灯.png", "mimeType": "image/png", "buffer": PIXEL})
    page.wait_for_selector(".shot.done")
    assert page.locator("input[name=attachments]").get_attribute("value") == "a1"
    page.get_by_role("button", name="去掉 灯.png").click()
    assert page.locator("input[name=attachments]").count() == 0


def test_a_photo_that_is_refused_says_why(page: Any) -> None:
    page.route("**/api/v1/attachments", lambda route: route.fulfill(status=415, json={}))
    page.goto("/kit/gallery?in=resident")
    page.set_input_files("#u-attachments", {"name": "灯.png", "mimeType": "image/png", "buffer": PIXEL})
    page.wait_for_selector(".shot.failed")
    assert page.locator(".shot .cap").inner_text() == "灯.png　只收照片"
    assert page.locator("input[name=attachments]").count() == 0


def test_clocks_move_on_in_the_servers_words(page: Any) -> None:
    page.clock.install()
    page.goto("/kit/gallery?in=resident")
    first = page.locator(".clock").first
    assert "1 小时 46 分" in first.inner_text() or "1 小时 45 分" in first.inner_text()
    page.clock.run_for(90 * 60 * 1000)
    assert first.inner_text().strip().startswith("还剩 1")
    assert "soon" in first.get_attribute("class")
    page.clock.run_for(60 * 60 * 1000)
    assert first.inner_text().strip().startswith("晚了 4")
    assert first.locator("use").get_attribute("href").endswith("#i-alert-circle-filled")


def test_a_point_is_picked_by_click_and_by_keyboard(page: Any) -> None:
    page.goto("/kit/gallery")
    box = page.locator("[data-map-picker]")
    page.wait_for_selector("[data-map-picker][data-ready]", timeout=30000)
    assert box.locator(".pin").count() == 1
    before = box.locator("[data-lon]").input_value()
    box.locator("canvas").click(position={"x": 500, "y": 150})
    assert box.locator("[data-lon]").input_value() != before
    clicked = box.locator("[data-lon]").input_value()
    box.locator("canvas").focus()
    page.keyboard.press("Enter")
    assert box.locator("[data-lon]").input_value() != clicked
    assert box.locator("[data-said]").inner_text().startswith("选在")


def test_typed_words_come_back_until_they_are_sent(page: Any) -> None:
    form = (
        "<form data-draft='say'><textarea name='text'></textarea><div data-no-draft><input name='phone'></div></form>"
    )
    empty = "<!doctype html><script type='module' src='/static/linli/draft.js'></script>"
    page.route("**/draft", lambda route: route.fulfill(body=empty + form, content_type="text/html"))
    sent = empty + "<i hidden data-draft-sent='say'></i>"
    page.route("**/sent", lambda route: route.fulfill(body=sent, content_type="text/html"))
    page.goto("/draft")
    page.fill("textarea", "灯坏了")
    page.fill("input", "13800000000")
    page.wait_for_function("localStorage.getItem('linli.draft.say')")
    page.goto("/draft")
    page.wait_for_function("document.querySelector('textarea').value === '灯坏了'")
    assert page.input_value("input") == ""
    page.goto("/sent")
    page.wait_for_function("!localStorage.getItem('linli.draft.say')")
