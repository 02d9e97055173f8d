"""A vote by article 278 of the Civil Code in a browser, from a matter to a result that a stranger counts again.

Time is not waited for: the question's own dates are moved back by so much as would have passed, and what the worker
does each minute is done at once.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e import browser, serving
from tests.e2e.browser import DESK, PHONE, Demo, Visitor

pytestmark = [
    pytest.mark.e2e, pytest.mark.slow, pytest.mark.system("D5"),
    pytest.mark.skipif(bool(browser.missing()), reason=browser.missing()),
]  # fmt: skip
RECOUNT = serving.ROOT / "docs" / "recount.py"
PASSPHRASE = "只有%s记得的一句话"

ABOUT = """
import json
from linli.core.decisions.models import Question
asked = Question.objects.filter(state="open").order_by("number").first()
print(json.dumps({"matter": asked.matter.number, "place": asked.place.code}))
"""
# Neighbours who vote by themselves: enough of them, so that what is seen in the browser decides nothing alone.
NEIGHBOURS = """
import json
from django.utils import timezone
from linli.core.decisions.actions.casting import take
from linli.core.decisions.models import Member, Question
from linli.core.people.models import User
question = Question.objects.select_related("rule").get(number="%s")
mine = Member.objects.filter(question=question, person=User.objects.get(username="resident").person)
others = list(question.roll.exclude(pk__in=mine.values("entry_id")).order_by("seq"))
for n, entry in enumerate(others[:-1][: %d]):
    take(question, entry, "no" if n %% 9 == 0 else "yes", f"key-of-{entry.seq}", channel="web", now=timezone.now())
print(json.dumps({"left": others[-1].seq, "voted": others[0].seq}))
"""
LATER = """
from django.db.models import F
from django.utils import timezone
from linli.core.decisions.actions.counting import close_due
from linli.core.decisions.models import Question
rows = Question.objects.filter(number="%s")
past = rows.get().%s - timezone.now() + timezone.timedelta(seconds=1)
rows.update(opened_at=F("opened_at") - past, closes_at=F("closes_at") - past,
            objections_until=F("objections_until") - past)
close_due()
print(rows.get().state)
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with browser.demo("qiaoxi", tmp_path_factory.mktemp("vote") / "demo") as served:
        yield served


@pytest.fixture(scope="module")
def people(demo: Demo) -> Iterator[dict[str, Visitor]]:
    with browser.chromium() as chrome:
        widths = {"resident": PHONE, "community": DESK, "street": DESK, "grid": PHONE, "": DESK}
        entered = {name: browser.visitor(chrome, demo.url, width, name) for name, width in widths.items()}
        yield {name: made.__enter__() for name, made in entered.items()}
        for made in entered.values():
            made.__exit__(None, None, None)


@pytest.fixture(scope="module")
def about(demo: Demo) -> dict[str, str]:
    return dict(json.loads(demo.child(ABOUT)))


def press(visitor: Visitor, name: str | re.Pattern[str]) -> None:
    """A button of the page's own part, and where it leads."""
    with visitor.page.expect_navigation():
        visitor.page.locator("main").get_by_role("button", name=name).first.click()


def follow(visitor: Visitor, name: str | re.Pattern[str]) -> None:
    with visitor.page.expect_navigation():
        visitor.page.locator("main").get_by_role("link", name=name).first.click()


def said(visitor: Visitor) -> str:
    return visitor.text().replace("\u00a0", " ")


def drafted(host: Visitor, about: dict[str, str], kind: str, title: str, rule: str, *checked: str) -> str:
    """From the matter's own page to a draft; its number."""
    page = host.page
    page.goto(f"/desk/m/{about['matter']}/")
    follow(host, "交给大家表决…")
    follow(host, re.compile(kind))
    assert page.input_value("[name=matter]") == about["matter"]
    assert page.input_value("[name=title]"), "the matter's own title is there to begin with"
    page.fill("[name=title]", title)
    page.select_option("[name=place]", about["place"])
    page.get_by_label(re.compile(rule)).check()
    for field in checked:
        page.check(field)
    now = datetime.now().astimezone()
    page.fill("[name=closes_at]", f"{now + timedelta(days=5):%Y-%m-%dT%H:%M}")
    page.fill("[name=review_on]", f"{now + timedelta(days=90):%Y-%m-%d}")
    press(host, "存下草稿")
    found = re.search(r"[A-Z]{2}-J\d{4}-\d{4}", page.url)
    assert found, said(host)
    return found[0]


def opens(people: dict[str, Visitor], about: dict[str, str]) -> str:
    """Drafted from a matter, its roll looked at, opened."""
    host = people["community"]
    made = drafted(host, about, "同意不同意", "动不动维修资金补屋顶", "筹资、改建", "[value=owners]", "[name=binding]")
    follow(host, "看看名册")
    assert "位业主" in said(host)
    host.page.go_back()
    follow(host, "开始投票…")
    press(host, "开始投票")
    assert "投票中" in said(host)
    return made


def votes_for_both_homes(visitor: Visitor) -> None:
    """Home by home, each with its receipt, which proves that a ballot was taken and not what it said."""
    visitor.page.goto("/vote/")
    follow(visitor, re.compile("看看，投票.*补屋顶"))
    assert "还差" in said(visitor) or "够了" in said(visitor)
    follow(visitor, re.compile("^投这一户|^去投票"))
    receipts = set()
    while True:
        press(visitor, "同意")
        assert "您选的是“同意”，交吗" in said(visitor)
        press(visitor, re.compile("^交$"))
        receipts.add(visitor.page.locator(".ticket .code").inner_text())
        more = visitor.page.get_by_role("link", name=re.compile("^接着投"))
        if not more.count():
            break
        with visitor.page.expect_navigation():
            more.first.click()
    assert len(receipts) == 2
    visitor.page.goto("/vote/receipt/")
    visitor.page.fill("[name=receipt]", receipts.pop())
    press(visitor, "查一查")
    assert "收到了，算数" in said(visitor)
    assert "同意" not in visitor.page.locator("main").inner_text()
    visitor.page.goto("/vote/")
    assert "您投过的，还能改" in said(visitor)
    assert visitor.troubles == []


def types_a_sheet_twice(people: dict[str, Visitor], number: str, left: int, folder: Path) -> None:
    """One household on paper: two persons type the same sheet, its picture lies beside it."""
    picture = folder / "sheet.jpg"
    Image.new("RGB", (800, 600), "white").save(picture)
    for who, told in (("community", "录了第一遍，等另一个人再录"), ("street", "两遍一样，收了")):
        visitor = people[who]
        visitor.page.goto(f"/desk/votes/{number}/paper/")
        visitor.page.fill("[name=entry]", str(left))
        visitor.page.get_by_label("同意", exact=True).check()
        if who == "community":
            visitor.page.set_input_files("main input[type=file]", str(picture))
            visitor.page.locator("input[name=scan]").wait_for(state="attached")
        press(visitor, "录下")
        assert told in said(visitor)
    host = people["street"]
    host.page.goto(f"/desk/votes/{number}/")
    host.page.get_by_text(re.compile("纸票的照片 1 张")).click()
    shown = host.page.request.get(host.page.locator("a[href*='/papers/']").get_attribute("href"))
    assert (shown.status, shown.headers["content-type"][:6]) == (200, "image/")
    assert people["community"].troubles == people["street"].troubles == []


def objects_and_is_counted(people: dict[str, Visitor], number: str, voted: int, demo: Demo) -> None:
    """A late ballot is refused; an objection holds the count until somebody has looked into it."""
    resident, host = people["resident"], people["community"]
    assert demo.child(LATER % (number, "closes_at")).strip() == "closed"
    resident.expected = [f"/vote/{number}/cast/"]
    resident.page.goto(f"/vote/{number}/cast/?entry={voted}")
    assert "已经截止，这张票来晚了，没有收" in said(resident)
    resident.page.goto(f"/vote/{number}/")
    assert "还没有数" in said(resident)
    follow(resident, "这张票不是我家投的…")
    resident.page.locator("[name=entry]").first.check()
    resident.page.fill("[name=text]", "那天家里没人。")
    press(resident, "提出来")
    assert demo.child(LATER % (number, "objections_until")).strip() == "closed", "an open objection holds the count"
    host.page.goto(f"/desk/votes/{number}/")
    follow(host, "查…")
    host.page.get_by_label("不成立，票照算").check()
    host.page.fill("[name=finding]", "和本人当面核过，是自己投的。")
    press(host, "写下结论")
    demo.child(LATER % (number, "objections_until"))
    host.page.goto(f"/desk/votes/{number}/")
    assert "通过了" in said(host)
    assert resident.troubles == host.troubles == []


def counts_again(visitor: Visitor, number: str, folder: Path) -> None:
    """In the browser by the button, and by a stranger's thirty lines; a changed ballot is noticed."""
    visitor.page.goto(f"/open/votes/{number}/")
    assert "通过了" in said(visitor)
    visitor.page.get_by_role("button", name="在我这儿重算一遍").click()
    told = visitor.page.locator(".vt-recount [role=status]")
    told.get_by_text("名册的指纹对得上").wait_for()
    assert "重算一遍，结果一样：通过了" in told.inner_text()
    with visitor.page.expect_download() as coming:
        visitor.page.get_by_role("link", name="下载全部数据").click()
    data = folder / "vote.json"
    coming.value.save_as(data)
    assert len(RECOUNT.read_text(encoding="utf-8").splitlines()) <= 30
    done = subprocess.run([sys.executable, "-I", str(RECOUNT), str(data)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "outcome adopted published adopted" in done.stdout
    forged = json.loads(data.read_text(encoding="utf-8"))
    forged["ballots"][0]["choice"] = "yes" if forged["ballots"][0]["choice"] == "no" else "no"
    data.write_text(json.dumps(forged), encoding="utf-8")
    assert subprocess.run([sys.executable, "-I", str(RECOUNT), str(data)], capture_output=True, check=False).returncode
    assert visitor.troubles == []


def test_a_vote_by_article_278_from_a_matter_to_a_result_that_a_stranger_counts_again(
    people: dict[str, Visitor], about: dict[str, str], demo: Demo, tmp_path: Path
) -> None:
    number = opens(people, about)
    others = json.loads(demo.child(NEIGHBOURS % (number, 70)))
    votes_for_both_homes(people["resident"])
    types_a_sheet_twice(people, number, others["left"], tmp_path)
    objects_and_is_counted(people, number, others["voted"], demo)
    counts_again(people[""], number, tmp_path)


def test_a_secret_vote_is_opened_by_two_tellers_one_after_the_other(
    people: dict[str, Visitor], about: dict[str, str], demo: Demo
) -> None:
    host, grid = people["community"], people["grid"]
    made = drafted(host, about, "同意不同意", "换不换楼长", "户代表过半数", "[name=secret]")
    for visitor, who in ((host, "社区"), (grid, "网格")):
        visitor.page.goto(f"/vote/{made}/key/")
        for name in ("passphrase", "again"):
            visitor.page.fill(f"[name={name}]", PASSPHRASE % who)
        press(visitor, "拿钥匙")
        assert "把钥匙" in said(visitor)
    host.page.goto(f"/desk/votes/{made}/do/open/")
    press(host, "开始投票")
    demo.child(NEIGHBOURS % (made, 60))
    demo.child(LATER % (made, "objections_until"))
    for visitor, who, verb in ((host, "社区", "拆外封"), (grid, "网格", "计票")):
        visitor.page.goto(f"/vote/{made}/key/")
        visitor.page.fill("[name=passphrase]", PASSPHRASE % who)
        press(visitor, verb)
    assert "通过了" in said(grid)
    people[""].page.goto(f"/open/votes/{made}/")
    people[""].page.get_by_role("button", name="在我这儿重算一遍").click()
    people[""].page.locator(".vt-recount [role=status]").get_by_text("结果一样：通过了").wait_for()
    assert host.troubles == grid.troubles == people[""].troubles == []
