"""What somebody has written outlives the signal and the page, and is not sent before its photos are.

And what walks by hand found beside it: what was sent is not offered again, and the key on a button presses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e import browser
from tests.e2e.browser import PHONE, Demo, Visitor

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.system("M1"),
    pytest.mark.skipif(bool(browser.missing()), reason=browser.missing()),
]

DOOR = "from linli.core.people.models import User\nprint(User.objects.get(username='resident').home.door)"
UPLOAD = "**/api/v1/attachments"
SEND = "说好了，发出去"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with browser.demo("qiaoxi", tmp_path_factory.mktemp("drafts") / "demo") as served:
        yield served


@pytest.fixture(scope="module")
def door(demo: Demo) -> str:
    return demo.child(DOOR).split()[-1]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser.chromium() as made:
        yield made


@pytest.fixture
def neighbour(demo: Demo, chrome: Any, door: str) -> Iterator[Visitor]:
    """A passer-by with a phone, who has just scanned the door."""
    with browser.visitor(chrome, demo.url, PHONE) as visitor:
        visitor.page.goto(f"/say/?door={door}")
        yield visitor
        assert visitor.troubles == []


def words(visitor: Visitor) -> Any:
    return visitor.page.get_by_label("您遇到什么事了？")


def kept(visitor: Visitor, text: str) -> None:
    """The draft is written a moment after the last key."""
    visitor.page.wait_for_function("t => (localStorage.getItem('linli.draft.say') || '').includes(t)", arg=text)


def picture(folder: Path, name: str) -> str:
    path = folder / name
    Image.new("RGB", (640, 480), "grey").save(path)
    return str(path)


class Held:
    """A signal too weak for photos: each waits on its way until it is let through or lost."""

    def __init__(self, page: Any) -> None:
        self.page, self.routes = page, list[Any]()
        self.sent: list[str] = []
        page.route(UPLOAD, lambda route: self.routes.append(route))
        page.on("request", lambda asked: self.sent.append(asked.url) if asked.method == "POST" else None)

    def next(self) -> Any:
        while not self.routes:
            self.page.wait_for_timeout(20)
        return self.routes.pop(0)

    @property
    def filed(self) -> bool:
        return any(re.search(r"/say/(\?|$)", address) for address in self.sent)


def test_a_draft_outlives_the_signal_and_the_page(neighbour: Visitor, door: str) -> None:
    page = neighbour.page
    words(neighbour).fill("单元门关不严，")
    page.get_by_label("电话").fill("13900001234")
    page.locator(".kindlist").get_by_text("隐患", exact=True).click()
    neighbour.away(True)
    page.get_by_text("网断了，您写的还在，接着写就行。").wait_for()
    words(neighbour).press_sequentially("风一吹就响。")
    kept(neighbour, "风一吹就响。")
    page.goto("about:blank")  # the page is lost while there is no signal
    neighbour.away(False)
    page.goto(f"/say/?door={door}")
    page.wait_for_function("() => document.querySelector('textarea').value !== ''")
    assert words(neighbour).input_value() == "单元门关不严，风一吹就响。"
    assert page.locator("input[name=kind]").nth(1).is_checked()
    assert page.get_by_label("电话").input_value() == ""  # a number is kept on nobody's machine
    page.reload()
    page.wait_for_function("() => document.querySelector('textarea').value !== ''")
    page.get_by_role("button", name=SEND).click()
    page.wait_for_url("**/say/done/")
    page.goto("/say/")
    assert words(neighbour).input_value() == ""  # what was sent is not offered again


def test_what_is_said_waits_for_its_photos(neighbour: Visitor, tmp_path: Path) -> None:
    page, held = neighbour.page, Held(neighbour.page)
    words(neighbour).fill("单元门口的灯罩掉了。")
    page.set_input_files("#u-attachments", [picture(tmp_path, "a.jpg"), picture(tmp_path, "b.jpg")])
    first = held.next()
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("照片还在传，传完就发。").wait_for()
    first.continue_()
    page.locator(".shot.done").wait_for()
    second = held.next()  # one photo has come and the other has not: it still waits
    assert not held.filed
    second.continue_()
    page.wait_for_url("**/say/done/")
    assert held.filed
    page.get_by_role("link", name="看办到哪一步").click()
    page.wait_for_url("**/t/**")
    page.locator(".shots img").first.wait_for()
    assert page.locator(".shots img").count() == 2


def test_a_photo_that_is_lost_on_the_way_is_told_and_nothing_goes_without_it(
    neighbour: Visitor, tmp_path: Path
) -> None:
    page, held = neighbour.page, Held(neighbour.page)
    words(neighbour).fill("楼后的井盖缺了一角。")
    page.set_input_files("#u-attachments", picture(tmp_path, "lid.jpg"))
    lost = held.next()
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("照片还在传，传完就发。").wait_for()
    lost.abort()
    page.get_by_text("有照片没传上。").wait_for()
    assert not held.filed
    page.locator(".shot.failed .again").click()
    held.next().continue_()
    page.locator(".shot.done").wait_for()
    page.get_by_role("button", name=SEND).click()
    page.wait_for_url("**/say/done/")


def test_photos_that_wait_for_the_signal_go_with_it_and_so_does_what_was_said(
    neighbour: Visitor, tmp_path: Path
) -> None:
    page = neighbour.page
    words(neighbour).fill("晾衣绳拴在消防栓上了。")
    neighbour.away(True)
    page.set_input_files("#u-attachments", picture(tmp_path, "rope.jpg"))
    page.get_by_text("网断了，连上就传").wait_for()
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("网断了，您写的还在，连上就发。").wait_for()
    neighbour.away(False)
    page.wait_for_url("**/say/done/")
    page.get_by_role("link", name="看办到哪一步").click()
    page.locator(".shots img").first.wait_for()


def test_a_form_that_comes_back_shows_its_photos_and_a_place_brings_the_neighbours(
    demo: Demo, chrome: Any, door: str, tmp_path: Path
) -> None:
    said = "单元门禁的喇叭整夜响，谁也睡不着觉。"
    for turn in ("first", "again"):
        with browser.visitor(chrome, demo.url, PHONE) as visitor:
            page = visitor.page
            page.goto("/say/" if turn == "again" else f"/say/?door={door}")
            words(visitor).press_sequentially(said)
            if turn == "first":
                page.get_by_role("button", name=SEND).click()
                page.wait_for_url("**/say/done/")
                demo.child("from linli.kit import outbox\nwhile outbox.drain():\n    pass")
                continue
            visitor.expected.append("/say/")
            page.set_input_files("#u-attachments", picture(tmp_path, "horn.jpg"))
            page.locator(".shot.done").wait_for()
            page.get_by_role("button", name=SEND).click()  # nowhere was chosen yet
            page.locator(".problems").wait_for()
            page.locator(".shot.done img").wait_for()
            assert not page.locator(".kept").is_visible()
            place = demo.child(DOOR.replace("door", "parent.code")).split()[-1]
            page.goto(f"/say/?place={place}")
            page.wait_for_function("() => document.querySelector('textarea').value !== ''")
            page.get_by_role("button", name="换一处").click()  # nothing more is typed
            page.get_by_text("邻居说过，正在办").wait_for()
            assert visitor.troubles == []


def test_what_was_sent_to_somebody_is_not_offered_again_and_what_waits_still_does(
    neighbour: Visitor, door: str
) -> None:
    page = neighbour.page
    words(neighbour).press_sequentially("还没说完的一句")
    kept(neighbour, "还没说完的一句")
    page.goto(f"/d/{door}")
    somebody = page.get_by_role("link", name="留言").first.get_attribute("href")
    page.goto(somebody)
    page.locator("textarea").fill("门禁卡丢了怎么补？")
    page.get_by_role("button", name="发给他").click()
    page.wait_for_url("**/say/done/")
    page.goto(f"{somebody}?call=1")
    assert page.locator("textarea").input_value() == ""
    page.goto(f"/say/?door={door}")
    page.wait_for_function("() => document.querySelector('textarea').value !== ''")
    assert words(neighbour).input_value() == "还没说完的一句"


def test_the_key_printed_on_the_button_of_a_matters_own_page_presses_it(demo: Demo, chrome: Any) -> None:
    with browser.visitor(chrome, demo.url, browser.DESK, "community", "/desk/?tab=accept") as desk:
        page = desk.page
        number = page.locator("tr[data-row]").first.get_attribute("data-number")
        page.goto(f"/desk/m/{number}/")
        page.locator("[data-key=a]", has_text="接单").wait_for()
        page.keyboard.press("a")
        page.locator(".toast", has_text=number).wait_for()
        assert desk.troubles == []
