"""A grid worker's morning on the phone: three acts, and a sitting with ten residents, two without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import TimeoutError

from tests.e2e import browser
from tests.e2e.browser import PHONE, Demo, Visitor

pytestmark = [pytest.mark.skipif(bool(browser.missing()), reason=browser.missing()), pytest.mark.system("M1")]

MATTERS = "import json\nfrom linli.core.matters.models import Matter\n"
TEN = [f"第{n}位说：楼道的灯不亮，上下楼看不清。" for n in "一二三四五六七八九十"]
COUNT = MATTERS + (
    "from linli.offices.rounds.models import Said\n"
    "rows = Matter.objects.filter(text__endswith='上下楼看不清。')\n"
    "print(json.dumps([rows.count(), Said.objects.filter(matter__in=rows).count(), "
    "sorted({r.channel for r in rows}), len({r.receipt_hash for r in rows})]))"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with browser.demo("qiaoxi", tmp_path_factory.mktemp("morning")) as demo:
        yield demo


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser.chromium() as made:
        yield made


@pytest.fixture
def worker(served: Demo, chrome: Any) -> Iterator[Visitor]:
    with browser.visitor(chrome, served.url, PHONE, "grid", "/field/") as visitor:
        yield visitor
        assert not visitor.troubles


def fresh(served: Demo, text: str) -> str:
    """A matter that the demo's rule gives to the demo's grid worker."""
    return served.child(
        MATTERS + "from linli.core.matters import actions\nfrom linli.core.matters.actions.opening import Asked\n"
        "from linli.core.people.actor import Actor\nfrom linli.core.people.models import User\n"
        "from linli.core.places.tree import tree\n"
        "grid = User.objects.get(username='resident')\nknown = tree(grid.district_id)\n"
        f"asked = Asked('appeal', {text!r}, grid.district_id, known.by_id[grid.home_id])\n"
        "print(actions.open_matter(actor=Actor(kind='anonymous'), asked=asked).matter.number)"
    ).strip()


def state(served: Demo, number: str) -> list[Any]:
    code = f"m = Matter.objects.get(number={number!r})\nacts = [e.act for e in m.timeline.order_by('seq')]\n"
    code += "print(json.dumps([m.state, acts]))"
    return list(json.loads(served.child(MATTERS + code)))


def card(worker: Visitor, number: str) -> Any:
    return worker.page.locator(f'[data-card="{number}"]')


def settled(worker: Visitor) -> None:
    """Nothing left in the phone's outbox that still waits."""
    worker.page.wait_for_function(
        """async () => {
          const own = document.querySelector('script[src*="notebook"]').src;
          const { all } = await import(own.replace(/notebook[^/]*$/, 'store.js'));
          return (await all()).every((one) => one.state !== 'waiting');
        }"""
    )


def ready(worker: Visitor) -> None:
    """The browser's worker holds the page: from here on it opens without a network.

    An installation that a busy machine cut short is tried again with the next page, as on anybody's phone.
    """
    for _try in range(8):
        try:
            worker.page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=15_000)
            break
        except TimeoutError:
            worker.page.reload()
    assert worker.page.evaluate("navigator.serviceWorker.controller !== null")
    worker.page.reload()
    worker.page.wait_for_load_state("networkidle")


@pytest.mark.system("M2")
def test_three_acts_each_in_two_taps(served: Demo, worker: Visitor) -> None:
    number = fresh(served, "单元门关不上。")
    page = worker.page
    page.goto("/field/")
    card(worker, number).get_by_role("button", name="接单").click()
    page.wait_for_function("n => document.querySelector(`[data-card='${n}'] [data-quick=reply]`)", arg=number)
    card(worker, number).get_by_role("link", name="回话").click()
    page.locator("#quick").get_by_role("button", name="收到了，我今天就过去看。").click()
    page.wait_for_function(
        "n => document.querySelector(`[data-card='${n}'] .fd-acts > [data-quick=progress]`)", arg=number
    )
    card(worker, number).get_by_role("link", name="记进展").click()
    page.locator("#quick").get_by_role("button", name="到现场看过了，情况属实。").click()
    page.wait_for_function(
        "n => !document.querySelector(`[data-card='${n}'] .fd-acts > [data-quick=progress]`)", arg=number
    )
    card(worker, number).get_by_role("link", name="办结").click()
    page.get_by_role("button", name="修好了，能用了。").click()
    page.wait_for_url(lambda url: "/resolve/" not in url and "/next/" not in url)
    assert number not in page.url  # the next one was pulled up
    assert state(served, number) == ["resolved", ["open", "dispatch", "accept", "reply", "progress", "resolve"]]


def cut_off(worker: Visitor) -> None:
    """No network, and not before it is felt: the notebook's own process is told of it a moment after the page is."""
    worker.away(True)
    worker.page.wait_for_function("fetch('/healthz', { cache: 'no-store' }).then(() => false, () => true)")


@pytest.mark.system("M1")
def test_ten_residents_speak_two_of_them_without_a_network(served: Demo, worker: Visitor) -> None:
    page = worker.page
    page.goto("/field/rounds/")
    ready(worker)
    page.get_by_label("摆在哪里").fill("3 号楼前的亭子")
    page.get_by_role("button", name="摆开摊").click()
    for nth, text in enumerate(TEN):
        if nth == 4:
            cut_off(worker)
        if nth == 6:
            worker.away(False)
        page.get_by_label("他说什么事？").fill(text)
        page.get_by_role("button", name="记好了，出回执").click()
        if nth in (4, 5):
            page.get_by_text("还没发出").first.wait_for()
        else:
            page.locator("#slip[open] [data-slip-code]").wait_for()
            page.get_by_role("button", name="给他了，下一位").click()
        if nth == 5:  # the battery dies, the page is opened anew, still without a network
            page.reload()
            page.get_by_text(TEN[5]).wait_for()
            assert page.locator("[data-live-list] li").count() == 6
    settled(worker)
    assert page.locator("[data-live-list] li .t-ok").count() == 10
    assert json.loads(served.child(COUNT)) == [10, 10, ["mobile_point"], 10]
    # The two that were spoken without a network still have their slips, for when they are met again.
    assert page.get_by_role("button", name="看回执").count() == 2
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="收摊").click()
    page.wait_for_url("**/field/rounds/*-*/")
    assert "10 件" in worker.text()


KEPT = """async () => {
  const own = document.querySelector('script[src*="notebook"]').src;
  const { all } = await import(own.replace(/notebook[^/]*$/, 'store.js'));
  return (await all()).filter((one) => one.kind === 'said').map((one) => [one.receipt, one.qr ?? '']);
}"""


@pytest.mark.system("M1")
def test_a_slip_handed_over_before_its_picture_came_leaves_nothing_on_the_phone(worker: Visitor) -> None:
    page = worker.page
    page.goto("/field/rounds/")
    ready(worker)
    page.get_by_label("摆在哪里").fill("3 号楼前的亭子")
    page.get_by_role("button", name="摆开摊").click()
    late: list[Any] = []
    page.route("**/field/slip/", lambda route: late.append(route))
    page.get_by_label("他说什么事？").fill("楼下的灯不亮。")
    page.get_by_role("button", name="记好了，出回执").click()
    page.get_by_role("button", name="给他了，下一位").click()
    page.wait_for_function(f"async () => (await ({KEPT})()).every(([receipt]) => receipt === '')")
    with page.expect_response("**/field/slip/"):
        late[0].continue_()
    page.wait_for_function("() => !document.querySelector('[data-slip-qr]').hidden")  # what it brought is written
    assert page.evaluate(KEPT) == [["", ""]]
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="收摊").click()
    page.wait_for_url("**/field/rounds/*-*/")


@pytest.mark.system("M2")
def test_an_act_without_a_network_waits_and_a_conflict_keeps_the_words(served: Demo, worker: Visitor) -> None:
    good, changed = fresh(served, "井口有味。"), fresh(served, "门禁坏了。")
    page = worker.page
    page.goto("/field/")
    ready(worker)
    worker.away(True)
    for number in (good, changed):
        card(worker, number).get_by_role("button", name="接单").click()
        card(worker, number).locator(".fd-mark").wait_for()
    page.reload()  # the list is still there, with what was done
    card(worker, good).locator(".fd-mark").wait_for()
    served.child(
        MATTERS + "from linli.core.matters import actions\nfrom linli.core.people.actor import for_user\n"
        "from linli.core.people.models import User\n"
        f"m = Matter.objects.get(number={changed!r})\n"
        "grid = for_user(User.objects.get(username='grid').pk)\n"
        "actions.return_(actor=grid, district_id=m.district_id, matter_id=m.pk, reason='not_ours', text='归物业。')"
    )
    worker.expected = [f"/api/v1/matters/{changed}/accept"]
    worker.away(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    settled(worker)
    assert state(served, good)[0] == "accepted"
    assert state(served, changed)[0] == "open"
    page.goto("/field/waiting/")
    page.get_by_text("您记的时候没网").wait_for()
    assert "待受理" in worker.text()
    assert state(served, good)[1].count("accept") == 1
