"""What walks by hand found on a phone: a photo that the page took with it is told, and the list of what one has in hand
is kept for want of a network also where somebody came straight to another page of the notebook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e import browser
from tests.e2e.browser import PHONE, Demo

pytestmark = [pytest.mark.skipif(bool(browser.missing()), reason=browser.missing()), pytest.mark.system("M1")]
LOST = "没有存下，请重新选"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with browser.demo("shuangluan", tmp_path_factory.mktemp("hand"), lived=False) as demo:
        yield demo


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser.chromium() as made:
        yield made


def picture(folder: Path, name: str) -> str:
    path = folder / name
    Image.new("RGB", (640, 480), "grey").save(path)
    return str(path)


def test_a_photo_that_the_page_took_with_it_is_told_by_name(served: Demo, chrome: Any, tmp_path: Path) -> None:
    with browser.visitor(chrome, served.url, PHONE, "resident", "/say/") as visitor:
        page, held = visitor.page, list[Any]()
        page.route("**/api/v1/attachments", lambda route: held.append(route))
        page.get_by_label("您遇到什么事了？").fill("井盖缺了一角。")
        page.set_input_files("input[type=file]", [picture(tmp_path, "lid.jpg"), picture(tmp_path, "road.jpg")])
        while not held:
            page.wait_for_timeout(20)
        page.wait_for_function("() => (localStorage.getItem('linli.draft.say') || '').includes('井盖')")
        page.goto("about:blank")  # the page is lost with the first photo on its way and the second behind it
        page.unroute("**/api/v1/attachments")
        page.goto("/say/")
        told = page.locator(".shot", has_text=LOST)
        told.wait_for()
        assert "lid.jpg" in told.inner_text()
        assert "road.jpg" in told.inner_text()
        page.set_input_files("input[type=file]", picture(tmp_path, "lid.jpg"))
        page.locator(".shot.done").wait_for()
        assert told.count() == 0  # it was read: photos are chosen again
        page.reload()
        page.locator(".shot.done").wait_for()
        assert page.locator(".shot").count() == 1  # and what has arrived is not told as lost


@pytest.mark.system("M2")
def test_the_list_is_kept_for_whoever_began_on_another_page(served: Demo, chrome: Any) -> None:
    with browser.visitor(chrome, served.url, PHONE, "grid", "/field/rounds/") as visitor:
        page = visitor.page
        kept = (
            "async () => { const pages = await caches.open('linli-kept-pages');"
            " const all = (await pages.keys()).map((one) => new URL(one.url).pathname);"
            " return navigator.serviceWorker.controller !== null && all.includes('/field/') && all.length > 2; }"
        )
        for turn in range(120):  # a busy machine may cut the first asking short: the next page asks again
            if page.evaluate(kept):
                break
            page.reload() if turn % 20 == 19 else page.wait_for_timeout(500)
        assert page.evaluate(kept)
