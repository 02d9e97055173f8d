"""An old neighbour with a telephone: the poster, a photo, the receipt, how it goes on, and "it is not done".

On a phone's width, on a signal that comes and goes, and with a first visit that a slow one can carry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import Resolver404, resolve
from PIL import Image

from bench.first_load import AIM_KB, PAGES, first_load
from tests.e2e import browser
from tests.e2e.browser import PHONE, Demo, Visitor

# What a browser and htmx say by themselves while there is no network.

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.skipif(bool(browser.missing()), reason=browser.missing())]

DOOR = """
from linli.core.people.models import User
from linli.core.places.tree import tree
user = User.objects.get(username="resident")
known = tree(user.district_id)
home = known.by_id[user.home_id]
print(next(n.door for n in [home, *known.by_door.values()] if n.door and n.path.startswith(home.path[:-4])))
"""
# Those who work on it; the neighbour waits a day or two, the test does not.
WORK = """
from linli.core.matters import actions
from linli.core.matters.models import Matter
from linli.core.people.actor import for_user
from linli.core.people.models import User
people = {u.username: for_user(u.pk) for u in User.objects.filter(username__in=("grid", "community"))}
matter = Matter.objects.get(number="%s")
about = dict(district_id=matter.district_id, matter_id=matter.pk)
actions.accept(actor=people["grid"], **about)
actions.reply(actor=people["grid"], text="收到了，下午去看。", **about)
actions.resolve(actor=people["grid"], text="灯换好了。", cause="设施老化", **about)
actions.verify(actor=people["community"], passed=True, text="去看过，亮着。", **about)
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with browser.demo("qiaoxi", tmp_path_factory.mktemp("neighbour") / "demo") as served:
        yield served


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser.chromium() as made:
        yield made


def photo(folder: Path) -> str:
    """As a phone takes it: twelve megapixels, noise enough that it weighs something."""
    made = Image.effect_noise((4000, 3000), 60).convert("RGB")
    path = folder / "lamp.jpg"
    made.save(path, "JPEG", quality=88)
    return str(path)


def scan(visitor: Visitor, door: str) -> None:
    """What the QR on the poster opens: the door's own page, and from there the form that knows the door."""
    try:
        resolve(f"/d/{door}")
    except Resolver404:
        visitor.page.goto(f"/say/?door={door}")
        return
    visitor.page.goto(f"/d/{door}")
    visitor.page.get_by_role("link", name=re.compile("^说一件事")).click()
    visitor.page.wait_for_url("**/say/**")


def fits(visitor: Visitor) -> None:
    assert not visitor.spills(), visitor.page.url
    visitor.type_size(True)
    visitor.page.reload()
    assert not visitor.spills(), f"{visitor.page.url} in large type"
    visitor.type_size(False)
    visitor.page.reload()


@pytest.mark.system("M7")
def test_from_the_poster_to_the_contest(demo: Demo, chrome: Any, tmp_path: Path) -> None:
    door = demo.child(DOOR).split()[-1]
    with browser.visitor(chrome, demo.url, PHONE) as visitor:
        page = visitor.page
        scan(visitor, door)
        page.get_by_label("您遇到什么事了？").fill("楼道里的灯坏了，晚上看不见台阶。")
        page.set_input_files("#u-attachments", photo(tmp_path))
        page.locator(".shot.done").wait_for()
        page.get_by_role("button", name="说好了，发出去").click()
        page.wait_for_url("**/say/done/")
        receipt = str(page.locator("[data-copy]").get_attribute("data-copy"))
        assert re.fullmatch(r"[0-9A-Z-]{24}", receipt)
        page.goto(f"/t/{receipt}")
        fits(visitor)
        number = re.search(r"[A-Z]{2}-\d{4}-\d{4}", visitor.text())
        assert number is not None
        assert page.locator(".shots img").count() == 1
        assert "收到" in visitor.text()
        demo.child(WORK % number.group())
        page.reload()
        for words in ("灯换好了", "您看办得怎么样？", "没办好？可以提异议。"):
            assert words in visitor.text(), words
        page.get_by_text("没办好？可以提异议。").click()
        page.get_by_label("哪里没办好？").fill("三楼那一盏还是不亮。")
        page.set_input_files("#u-attachments", photo(tmp_path))
        page.locator(".shot.done").wait_for()
        page.get_by_role("button", name="提异议", exact=True).click()
        page.get_by_text("异议收到了").first.wait_for()
        assert "换一家来看" in visitor.text()
        assert page.locator(".shots img").count() == 2
        assert visitor.troubles == []


@pytest.mark.system("M1")
def test_what_is_written_waits_for_the_signal_and_goes_once(demo: Demo, chrome: Any) -> None:
    door = demo.child(DOOR).split()[-1]
    with browser.visitor(chrome, demo.url, PHONE) as visitor:
        page = visitor.page
        page.goto(f"/say/?door={door}")
        page.get_by_label("您遇到什么事了？").fill("单元门口的井盖一踩就响。")
        visitor.away(True)
        page.get_by_role("button", name="说好了，发出去").click()
        page.get_by_text("网断了，您写的还在，连上就发。").wait_for()
        key = page.locator("[name=key]").input_value()
        kept = json.loads(page.evaluate("localStorage.getItem('linli.draft.say.sent')"))
        assert kept["key"] == key
        visitor.away(False)
        page.wait_for_url("**/say/done/")
        page.wait_for_function("localStorage.getItem('linli.draft.say') === null")
        assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('linli.draft.say'))") == []
        assert visitor.troubles == []


@pytest.mark.system("M1")
def test_a_page_that_was_lost_brings_words_place_and_key_back(demo: Demo, chrome: Any, tmp_path: Path) -> None:
    door = demo.child(DOOR).split()[-1]
    with browser.visitor(chrome, demo.url, PHONE) as visitor:
        page = visitor.page
        page.goto(f"/say/?door={door}")
        page.get_by_label("您遇到什么事了？").fill("西墙根的铁栅栏歪了一截。")
        small = tmp_path / "bin.jpg"
        Image.new("RGB", (640, 480), "grey").save(small)
        page.set_input_files("#u-attachments", str(small))
        page.locator(".shot.done").wait_for()
        visitor.away(True)
        page.get_by_role("button", name="说好了，发出去").click()
        page.get_by_text("连上就发").wait_for()
        key = page.locator("[name=key]").input_value()
        page.goto("about:blank")
        visitor.away(False)
        page.goto("/say/")
        page.get_by_text("上次没发出去，您写的还在。").wait_for()
        assert page.get_by_label("您遇到什么事了？").input_value() == "西墙根的铁栅栏歪了一截。"
        assert page.locator("[name=key]").input_value() == key
        assert page.locator(".shot.done").count() == 1
        page.locator("#where .here").wait_for()
        page.get_by_role("button", name="说好了，发出去").click()
        page.wait_for_url("**/say/done/")
        assert visitor.troubles == []


@pytest.mark.system("T4")
def test_what_a_neighbour_said_is_followed_in_one_tap(demo: Demo, chrome: Any) -> None:
    door = demo.child(DOOR).split()[-1]
    said = ("单元门禁的读卡器坏了，刷卡没反应，老人进不了门。", "单元门禁读卡器坏了，刷卡没有反应，进不了单元门。")
    for turn, words in enumerate(said):
        with browser.visitor(chrome, demo.url, PHONE) as visitor:
            page = visitor.page
            page.goto(f"/say/?door={door}")
            page.get_by_label("您遇到什么事了？").press_sequentially(words)
            if turn:
                page.get_by_text("邻居说过，正在办").wait_for()
                assert not visitor.spills()
                page.get_by_role("button", name="跟着这一件").first.click()
            else:
                page.get_by_role("button", name="说好了，发出去").click()
            page.wait_for_url("**/say/done/")
            assert visitor.troubles == []
        demo.child("from linli.kit import outbox\nfrom linli.config import worker\nwhile outbox.drain():\n    pass")


@pytest.mark.system("M1")
def test_where_am_i_is_asked_once_and_told_by_name(demo: Demo, chrome: Any) -> None:
    with browser.visitor(chrome, demo.url, PHONE) as visitor:
        centre = json.loads(demo.child(
            "import json\nfrom linli.core.places.models import Boundary\nfrom shapely.geometry import shape\n"
            "row = Boundary.objects.filter(place__level='quarter').first()\n"
            "p = shape(json.loads(row.geojson)).representative_point()\nprint(json.dumps([p.x, p.y]))"
        ))  # fmt: skip
        visitor.context.grant_permissions(["geolocation"])
        visitor.context.set_geolocation({"longitude": centre[0], "latitude": centre[1]})
        visitor.page.goto("/say/")
        visitor.page.get_by_role("button", name="我现在的位置").click()
        visitor.page.locator("#where .here b").wait_for()
        assert visitor.page.locator("[name=way]").input_value() == "here"
        visitor.page.get_by_label("您遇到什么事了？").fill("路边的树歪了。")
        visitor.page.get_by_role("button", name="说好了，发出去").click()
        visitor.page.wait_for_url("**/say/done/")
        assert visitor.troubles == []


@pytest.mark.system("M1")
def test_twenty_thousand_characters_are_told_plainly_and_none_is_lost(demo: Demo, chrome: Any) -> None:
    with browser.visitor(chrome, demo.url, PHONE) as visitor:
        visitor.expected.append("/say/")
        page = visitor.page
        page.goto(f"/say/?door={demo.child(DOOR).split()[-1]}")
        page.get_by_label("您遇到什么事了？").fill("长" * 20_000)
        page.get_by_text("还要删 10,000 字才能发").wait_for()
        page.get_by_role("button", name="说好了，发出去").click()
        page.get_by_text("最多 10,000 字，现在是 20,000 字").first.wait_for()
        assert len(page.get_by_label("您遇到什么事了？").input_value()) == 20_000
        assert visitor.troubles == []


@pytest.mark.parametrize("page", PAGES)
def test_the_first_visit_is_light(demo: Demo, chrome: Any, page: str) -> None:
    found = first_load(chrome, demo.url, page, slow=False)
    assert 10_000 < found.bytes <= AIM_KB * 1000, found.parts
    assert not [address for address in found.parts if "maplibre" in address or "echarts" in address]


def test_a_photo_is_made_small_before_it_travels(demo: Demo, chrome: Any, tmp_path: Path) -> None:
    path = photo(tmp_path)
    with browser.visitor(chrome, demo.url, PHONE) as visitor:
        visitor.page.goto("/say/")
        with visitor.page.expect_request("**/api/v1/attachments") as asked:
            visitor.page.set_input_files("#u-attachments", path)
        visitor.page.locator(".shot.done").wait_for()
        sent = int(asked.value.all_headers().get("content-length", 0)) or len(asked.value.post_data_buffer or b"")
        assert 0 < sent < Path(path).stat().st_size * 0.8
        broken = tmp_path / "letter.heic"
        broken.write_bytes(b"no picture at all")
        visitor.expected.append("/api/v1/attachments")
        visitor.page.set_input_files("#u-attachments", str(broken))
        visitor.page.locator(".shot.failed").wait_for()
        assert visitor.page.locator(".shot.failed .again").is_visible()
        visitor.page.locator(".shot.failed .off").click()
        assert visitor.page.locator(".shot.failed").count() == 0
        assert visitor.troubles == []
