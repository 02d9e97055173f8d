"""一三六 in a browser: answer in one hour, act in three, result in six; warned, breached and escalated as seen by all.

Time is not waited for: matters are opened in the past by the same actions, and the sweep is told each hour in turn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import browser
from tests.e2e.browser import DESK, PHONE, Demo, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.skipif(bool(browser.missing()), reason=browser.missing())]

# What the sweep is told to see, minute by minute: nobody would notice a matter that is opened and left alone.
STORY = """
import json
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.sweep import sweep
from linli.core.people.actor import for_user
from linli.core.people.models import User
from linli.core.places.tree import tree

people = {u.username: u for u in User.objects.filter(username__in=("resident", "grid"))}
resident, grid = for_user(people["resident"].pk), for_user(people["grid"].pk)
district, home = people["resident"].district_id, people["resident"].home_id
now, made = timezone.now(), {}

def lived(name, text, ago, *acts):
    began = now - timedelta(minutes=ago)
    asked = Asked(kind="appeal", text=text, district_id=district, place=tree(district).by_id[home])
    matter = actions.open_matter(actor=resident, asked=asked, now=began).matter
    done = dict(acts)
    for minute in range(0, ago, 5):
        at = began + timedelta(minutes=minute)
        if minute in done:
            done[minute](dict(actor=grid, district_id=district, matter_id=matter.pk, now=at))
        sweep(now=at)
    made[name] = matter.number

def accept(about): actions.accept(**about)
def reply(about): actions.reply(text="收到，马上去。", **about)
def progress(about): actions.progress(text="在修。", **about)

with transaction.atomic():
    lived("warned", "楼门的灯一闪一闪的。", 40, (5, accept))
    lived("breached", "水管滴水一天了。", 375, (5, accept), (10, reply), (30, progress))
    lived("left", "垃圾桶满了没人收。", 35)
print(json.dumps(made))
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with browser.demo("xiahuayuan", tmp_path_factory.mktemp("136") / "demo", lived=False) as served:
        yield served


@pytest.fixture(scope="module")
def numbers(demo: Demo) -> dict[str, str]:
    """Each matter's number by what became of it."""
    return dict(json.loads(demo.child(STORY)))


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser.chromium() as made:
        yield made


def words(visitor: Visitor, address: str, part: str = "main") -> str:
    visitor.page.goto(address)
    return plain(visitor.page.locator(part).first)


def plain(part: Any) -> str:
    """What is to be read there, with ordinary spaces."""
    return str(part.inner_text()).replace("\u00a0", " ")


@pytest.mark.system("M2")
def test_a_new_matter_is_promised_one_three_and_six_hours(demo: Demo, chrome: Any) -> None:
    with browser.visitor(chrome, demo.url, PHONE, "resident") as visitor:
        page = visitor.page
        page.goto("/say/")
        page.get_by_label("您遇到什么事了？").fill("楼道里堆了旧柜子，走不过去。")
        page.get_by_role("button", name="说好了，发出去").click()
        page.wait_for_url("**/say/done/")
        assert "1 小时内给您回话" in plain(page.locator(".lead-by"))
        page.get_by_role("link", name="看办到哪一步").click()
        page.wait_for_url("**/t/**")
        told = plain(page.locator("main"))
        assert "还剩 59 分" in told or "还剩 1 小时" in told
        number = re.search(r"[A-Z]{2}-\d{4}-\d{4}", told)
        assert number is not None
        told = words(visitor, f"/open/m/{number.group()}/")
        for promise in ("说好 1 小时", "说好 3 小时", "说好 6 小时"):
            assert promise in told, told
        assert visitor.troubles == []


@pytest.mark.system("M2")
def test_a_clock_that_runs_out_warns_whoever_holds_it(demo: Demo, chrome: Any, numbers: dict[str, str]) -> None:
    with browser.visitor(chrome, demo.url, PHONE, "grid") as visitor:
        visitor.page.goto("/field/")
        soon = visitor.page.locator(".fd-group.soon")
        card = soon.locator(".fd-card", has=visitor.page.locator(f"a[href*='{numbers['warned']}']"))
        assert card.locator(".clock.soon").count() == 1
        assert visitor.page.locator(f".fd-card a[href*='{numbers['left']}']").count() == 0  # it went up by itself
        told = words(visitor, f"/field/m/{numbers['warned']}/")
        assert "快到点" in told
        assert visitor.troubles == []


@pytest.mark.system("M2")
def test_a_broken_promise_is_owned_and_goes_up(demo: Demo, chrome: Any, numbers: dict[str, str]) -> None:
    with browser.visitor(chrome, demo.url, DESK, "community") as visitor:
        visitor.page.goto("/desk/?tab=all")
        for name in ("breached", "left"):
            row = visitor.page.locator(f"tr[data-number='{numbers[name]}']")
            assert row.locator("b", has_text="我").count() == 1, name  # it came up by itself
        told = words(visitor, f"/desk/m/{numbers['breached']}/")
        for said in ("超时", "按规则上报", "晚 0:"):
            assert said in told, said
        assert visitor.troubles == []
    with browser.visitor(chrome, demo.url, PHONE, "resident") as visitor:
        told = words(visitor, f"/m/{numbers['breached']}/")
        assert "是我们慢了" in told
        assert visitor.troubles == []
    with browser.visitor(chrome, demo.url, PHONE) as visitor:
        told = words(visitor, f"/open/m/{numbers['breached']}/")
        assert "结果到点了，没做到" in told
        assert visitor.troubles == []
