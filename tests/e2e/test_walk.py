"""One matter, walked in a real browser from the resident's first word to the public ledger, by six people."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.e2e import browser, serving
from tests.e2e.browser import DESK, PHONE, Demo, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.skipif(bool(browser.missing()), reason=browser.missing())]

SAID = "三楼楼道灯坏了，晚上一片黑。"
TITLE = "三楼楼道灯坏了，晚上一片黑"
PHONE_NUMBER, NAME = "13900001234", "阮佳阳"
REPLY = "收到，今天下午去看。"
SEEN = "看过了，灯座烧了，线路也老化。"
BEYOND = "线路老化，网格里换不了。"
CALLED = "请派电工查楼道线路。"
CAME = "线路查完了，换了空开。"
RESULT = "灯换好了，线路也查过了。"
CHECKED = "晚上八点去看，三楼亮着。"
STILL = "又不亮了，照片是今晚拍的。"
FINDING = "接头松了，重新接。"


class Walk:
    """The six, each with a browser, and what they know of the matter."""

    def __init__(self, served: Demo, chrome: Any, stack: ExitStack) -> None:
        self.served, self.chrome, self.stack = served, chrome, stack
        self.people: dict[str, Visitor] = {}
        self.number = self.receipt = ""

    def at(self, name: str, width: int = DESK) -> Visitor:
        if name not in self.people:
            made = browser.visitor(self.chrome, self.served.url, width, "" if name == "neighbour" else name)
            self.people[name] = self.stack.enter_context(made)
        return self.people[name]

    def at_desk(self, name: str) -> Any:
        """The matter's own page on somebody's desk."""
        page = self.at(name).page
        page.goto(f"/desk/m/{self.number}/")
        return page

    def troubles(self) -> dict[str, list[str]]:
        return {name: one.troubles for name, one in self.people.items() if one.troubles}


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    with browser.demo("qiaoxi", tmp_path / "demo") as served, browser.chromium() as chrome, ExitStack() as stack:
        yield Walk(served, chrome, stack)


def photo() -> bytes:
    """A dark stairway, drawn."""
    picture = Image.new("RGB", (640, 480), "#1b1b22")
    ImageDraw.Draw(picture).ellipse((290, 60, 350, 120), outline="#77705f", width=6)
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def stage_of(page: Any) -> str:
    """The state as the page says it."""
    return str(page.locator(".mhead, .fd-head").first.inner_text())


def act_on_desk(page: Any, label: str) -> Any:
    """Open the dialog of an act, from the bar or from its menu."""
    button = page.locator(".acts, details.more .menu").get_by_role("link", name=re.compile(f"^{label}"))
    if not button.is_visible():
        page.locator("details.more summary").click()
    button.click()
    box = page.locator("dialog#act-dialog")
    box.wait_for(state="visible")
    box.locator("form").wait_for()
    return box


def send(page: Any, box: Any, verb: str) -> None:
    """Press the form's own button; the page that follows says that it is done."""
    with page.expect_navigation():
        box.get_by_role("button", name=re.compile(rf"^{verb}\s*A?$")).click()  # A: the key that does the same
    page.wait_for_selector(".toast")


# ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────────
def resident_says_it(walk: Walk) -> None:
    visitor = walk.at("resident", PHONE)
    page = visitor.page
    page.goto("/")
    page.get_by_role("link", name=re.compile("^说一件事")).click()
    page.get_by_label("您遇到什么事了？").fill(SAID)
    page.get_by_label("电话").fill(PHONE_NUMBER)
    page.get_by_text("称呼、不留名、保密、替邻居填").click()
    page.get_by_label("怎么称呼您").fill(NAME)
    assert not visitor.spills()
    page.get_by_role("button", name="说好了，发出去").click()
    page.wait_for_url("**/say/done/")
    assert page.locator(".gotit .person .who").inner_text() == "徐晨航"  # fictional, and the same in every demo
    assert "最晚" in page.locator(".lead-by").inner_text()
    walk.receipt = re.sub(r"\s", "", page.locator(".ticket .code").inner_text())
    walk.number = page.locator(".ticket").inner_text().split("事号 ")[1].split()[0]
    assert re.fullmatch(r"[0-9A-Z]{20}", walk.receipt)
    assert not visitor.spills()


def grid_worker_begins(walk: Walk) -> None:
    visitor = walk.at("grid", PHONE)
    page = visitor.page
    page.goto("/field/")
    card = page.locator(".fd-card", has_text=TITLE)
    send(page, card, "接单")
    page.locator(".fd-card", has_text=TITLE).get_by_role("link", name="回话…").click()
    page.locator("#quick").get_by_label("自己写").fill(REPLY)
    page.locator("#quick").get_by_role("button", name="发出去").click()
    page.locator(".fd-card", has_text=TITLE).get_by_role("link", name="记进展…").wait_for()
    page.goto(f"/field/m/{walk.number}/")
    page.get_by_role("link", name="记进展…").click()
    page.locator("#quick").get_by_label("自己写").fill(SEEN)
    with page.expect_navigation():  # the page loads itself anew when the act is through
        page.locator("#quick").get_by_role("button", name="发出去").click()
    page.goto(f"/field/m/{walk.number}/")
    assert "办理中" in stage_of(page)
    page.get_by_role("link", name="上报…").click()
    page.get_by_label("为什么办不了").fill(BEYOND)
    send(page, page, "上报")
    assert not visitor.spills()


def community_accepts(walk: Walk) -> None:
    page = walk.at("community").page
    page.goto("/desk/")
    row = page.locator("tr[data-row]", has_text=TITLE)
    row.get_by_role("link").click()
    side = page.locator("#side")
    send(page, side, "接单")
    page = walk.at_desk("community")
    assert "已接单" in page.locator("body").inner_text()


def street_whistles(walk: Walk) -> None:
    page = walk.at_desk("street")
    box = act_on_desk(page, "吹哨")
    box.get_by_role("searchbox").fill("城市管理")
    box.locator(".choices label", has_text="城市管理").first.click()
    box.get_by_text("联合处置", exact=True).click()
    box.get_by_label("请他们来做什么").fill(CALLED)
    send(page, box, "吹哨")
    assert CALLED in page.locator(".whistle").inner_text()


def department_comes(walk: Walk) -> None:
    page = walk.at_desk("department")
    box = act_on_desk(page, "报到")
    box.get_by_text("到了", exact=True).click()
    send(page, box, "报到")
    box = act_on_desk(page, "报到")
    box.get_by_text("办好了", exact=True).click()
    box.get_by_label("说一句").fill(CAME)
    send(page, box, "记下")
    assert CAME in page.locator(".whistle").inner_text()


def community_resolves(walk: Walk) -> None:
    page = walk.at_desk("community")
    box = act_on_desk(page, "办结")
    box.get_by_label("跟居民说办成什么样").fill(RESULT)
    box.get_by_label("为什么会出这件事").select_option(label="设施老化")
    send(page, box, "办结")
    assert "待核查" in page.locator("body").inner_text()
    assert page.get_by_role("link", name=re.compile("^核查")).count() == 0  # nobody checks their own work


def street_verifies(walk: Walk) -> None:
    page = walk.at_desk("street")
    box = act_on_desk(page, "核查")
    box.get_by_text("办好了", exact=True).click()
    box.get_by_label("您看到了什么").fill(CHECKED)
    send(page, box, "记下核查")
    assert "待评价" in page.locator("body").inner_text()


def resident_rates_and_contests(walk: Walk) -> None:
    visitor = walk.at("resident")
    page = visitor.page
    page.goto(f"/t/{walk.receipt}")
    page.locator(".rate label", has_text="很好").click()
    send(page, page, "就这么评")
    page.goto(f"/m/{walk.number}/")
    assert "已销号" in page.locator("body").inner_text()
    page.locator("details.contest summary").click()
    page.locator("details.contest textarea").fill(STILL)
    page.set_input_files(
        "details.contest input[type=file]", {"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.wait_for_selector("details.contest .shot.done")
    page.locator("details.contest").get_by_role("button", name="提异议").click()
    page.wait_for_selector(".tl .shots img")
    assert "您的异议收到了" in page.locator("body").inner_text()
    assert not visitor.spills()


def district_judges(walk: Walk) -> None:
    assert walk.at_desk("street").get_by_role("link", name=re.compile("^裁定")).count() == 0  # it had a hand in it
    page = walk.at_desk("district")
    box = act_on_desk(page, "裁定")
    box.get_by_text("成立，重新办").click()
    box.get_by_label("查到了什么").fill(FINDING)
    send(page, box, "裁定")
    assert "办理中" in page.locator("body").inner_text()


def everybody_reads_it(walk: Walk) -> None:
    visitor = walk.at("neighbour", PHONE)
    page = visitor.page
    page.goto("/open/")
    page.get_by_role("link", name=re.compile(TITLE)).click()
    told = page.locator("main").inner_text()
    for words in (
        "接了",
        "上报到",
        "吹哨，叫了 1 家",
        "办好了",
        "办完了，等人核查",
        "核查，办好了",
        "打了 5 分",
        "裁定，居民说得对",
    ):
        assert words in told, (words, told)
    everything = page.content()
    for hidden in (PHONE_NUMBER, NAME, walk.receipt):
        assert hidden not in everything
    assert not visitor.spills()


STEPS = (
    resident_says_it, grid_worker_begins, community_accepts, street_whistles, department_comes, community_resolves,
    street_verifies, resident_rates_and_contests, district_judges, everybody_reads_it,
)  # fmt: skip


@pytest.mark.system("M16")
def test_one_matter_from_the_door_to_the_ledger(walk: Walk) -> None:
    for step in STEPS:
        step(walk)
    assert walk.troubles() == {}
    proof = serving.linli(walk.served.env, "verify", walk.number)
    assert proof.returncode == 0, proof.stdout
    assert serving.linli(walk.served.env, "verify").returncode == 0
