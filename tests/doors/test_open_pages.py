"""One matter in public, figures, rosters, roots and the sheet for the notice board."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from linli.core.matters import actions, stats
from linli.core.matters.ledger import board, sealing
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.doors.open import figures
from tests.cast import DISTRICT, Town
from tests.doors.test_open_ledger import numbers, page, say

ActAs = Callable[[str], Actor]


def ids(matter: Matter) -> dict[str, Any]:
    return {"district_id": DISTRICT, "matter_id": matter.pk}


def walk(town: Town, act_as: ActAs, *, until: str = "rate") -> Matter:
    """A matter walked as far as ``until``, with a whistle on its way; words of all kinds are spoken."""
    grid, resident = act_as("grid"), act_as("resident")
    matter = say(town, "楼道灯坏了。", actor=resident)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("accept", lambda: actions.accept(actor=grid, **ids(matter))),
        ("reply", lambda: actions.reply(actor=grid, text="李冬您好，中午去501。", **ids(matter))),
        ("progress", lambda: actions.progress(actor=grid, text="换灯座，电话13811112222联系。", **ids(matter))),
        ("whistle", lambda: actions.whistle(actor=act_as("street"), units=["O-power"], reason="3-2-501要断电",
                                            kind="joint", **ids(matter))),
        ("report", lambda: actions.report(actor=act_as("power"), state="done", text="改好了", **ids(matter))),
        ("resolve", lambda: actions.resolve(actor=grid, text="灯亮了。", cause="设施老化", **ids(matter))),
        ("verify", lambda: actions.verify(actor=act_as("community"), passed=True, text="去看过。", **ids(matter))),
        ("rate", lambda: actions.rate(actor=resident, score=4, text="李冬说还行", **ids(matter))),
        ("contest", lambda: actions.contest(actor=resident, text="李冬说又坏了", **ids(matter))),
    ]  # fmt: skip
    for name, do in steps:
        do()
        if name == until:
            break
    return matter


@pytest.mark.system("M5")
def test_the_whole_way_of_a_matter_stands_in_public(client: Client, town: Town, act_as: ActAs) -> None:
    html = page(client, f"/open/m/{walk(town, act_as).number}/")
    for words in ("王禾苗 网格员", "给居民回了话", "示范区供电所", "办好了", "灯亮了。", "赵长亭 社区书记", "去看过。",
                  "打了 4 分", "没有人提异议", "首尾相扣"):  # fmt: skip
        assert words in html, words
    assert "按时，用了" in html
    assert html.count("<h1") == 1


def test_words_between_offices_and_to_the_resident_stay_private(client: Client, town: Town, act_as: ActAs) -> None:
    matter = walk(town, act_as, until="contest")
    html = page(client, f"/open/m/{matter.number}/")
    for secret in ("李冬", "中午去", "501", "13811112222", "还行", "又坏了"):
        assert secret not in html, secret
    assert "换灯座" in html
    assert "提了异议" in html
    assert "居民说没办好" in html


def test_a_return_tells_that_it_happened_but_not_what_was_written(client: Client, town: Town, act_as: ActAs) -> None:
    matter = say(town, "灯坏了。")
    actions.return_(actor=act_as("grid"), reason="not_ours", text="内部话不外传", **ids(matter))
    html = page(client, f"/open/m/{matter.number}/")
    assert "退回，说不归自己办" in html
    assert "内部话不外传" not in html


def test_lateness_is_owned(client: Client, town: Town) -> None:
    matter = say(town, "灯坏了。", now=timezone.now() - timedelta(hours=8))
    for html in (page(client), page(client, f"/open/m/{matter.number}/")):
        assert re.search(r"晚了", html)


def test_a_merged_one_leads_to_a_public_job_and_never_back(client: Client, town: Town, act_as: ActAs) -> None:
    job, member = say(town, "灯坏了。"), say(town, "楼道黑。")
    actions.merge(actor=act_as("community"), into_id=job.pk, reason="同一盏灯", **ids(member))
    assert job.number in page(client, f"/open/m/{member.number}/")
    html = page(client, f"/open/m/{job.number}/")
    assert member.number not in html
    assert "又有一户说了同一件事" in html
    Matter.objects.filter(pk=job.pk).update(confidential=True)
    assert job.number not in page(client, f"/open/m/{member.number}/")


def test_one_matter_costs_few_questions(
    client: Client, town: Town, act_as: ActAs, django_assert_max_num_queries: Any
) -> None:
    matter = walk(town, act_as, until="contest")
    page(client, f"/open/m/{matter.number}/")
    with django_assert_max_num_queries(12):
        page(client, f"/open/m/{matter.number}/")


# ── figures ──


def test_under_thirty_cases_no_rate_is_published(client: Client, town: Town) -> None:
    for i in range(29):
        say(town, f"第{i}件。")
    html = page(client, "/open/figures/")
    assert "不足 30 件，不列" in html
    assert not re.search(r">\d+\.\d%<", html)
    say(town, "第三十件。")
    stats.fold()
    assert re.search(r">0\.0%<", page(client, "/open/figures/"))


@pytest.mark.parametrize("by", ["place", "kind", "state", "channel", "day"])
def test_a_figure_opens_the_cases_it_counted(client: Client, town: Town, act_as: ActAs, by: str) -> None:
    made = {say(town, "灯坏了。").number, say(town, "井盖松了。", kind="hazard", place="grid2").number}
    html = page(client, "/open/figures/", by=by)
    found: set[str] = set()
    for link in re.findall(r'<td class="num" data-l="收到"><a href="/open/\?([^"]+)">', html):
        found |= set(numbers(client.get(f"/open/?{link.replace('&amp;', '&')}").content.decode()))
    assert found == made


def test_the_formula_stands_beside_the_figures(client: Client, town: Town) -> None:
    html = page(client, "/open/figures/")
    for words in ("怎么算的", "三率 2", "剔除", "中位数"):
        assert words in html


@pytest.mark.parametrize(
    ("day", "since"),
    [
        ("2027-01-01", "2026-02-01"),
        ("2026-12-31", "2026-01-01"),
        ("2028-02-29", "2027-03-01"),
        ("2027-02-28", "2026-03-01"),
    ],
)
def test_figures_by_month_reach_over_twelve_months(
    client: Client, town: Town, monkeypatch: pytest.MonkeyPatch, day: str, since: str
) -> None:
    noon = timezone.make_aware(datetime.fromisoformat(f"{day}T12:00"))
    monkeypatch.setattr(timezone, "now", lambda: noon)
    assert figures.span(QueryDict("by=month")) == (date.fromisoformat(since), date.fromisoformat(day))
    heading = page(client, "/open/figures/", by="month", since="2026-12-30", until="2027-01-02")
    assert "2026 年 12 月 30 日 – 2027 年 1 月 2 日" in " ".join(heading.split())


@pytest.mark.parametrize("query", [{"by": "person"}, {"month": "x"}, {"place": "nowhere"},
                                   {"until": "0001-01-05"}, {"since": "9999-12-31"}])  # fmt: skip
def test_what_cannot_be_counted_is_refused(town: Town, query: dict[str, str]) -> None:
    assert Client(raise_request_exception=False).get("/open/figures/", query).status_code == 400


def test_figures_cost_few_questions(client: Client, town: Town, django_assert_max_num_queries: Any) -> None:
    for i in range(5):
        say(town, f"第{i}件。")
    page(client, "/open/figures/")
    with django_assert_max_num_queries(8):
        page(client, "/open/figures/")


# ── roster ──


def test_the_roster_names_who_serves_and_gives_no_number(client: Client, town: Town) -> None:
    html = page(client, "/open/roster/", place=town.places["community"].code)
    for words in ("赵长亭", "社区书记", "柳荫社区居委会", "王禾苗", "方管家"):
        assert words in html, words
    assert "秋实" not in html
    assert "陆长亭" not in html  # a building's head stands on the page of the quarter
    assert "陆长亭" in page(client, "/open/roster/", place=town.places["quarter"].code)
    assert not re.search(r"1[3-9]\d{9}", html)


def test_the_roster_is_searched_by_place_and_name(client: Client, town: Town) -> None:
    assert "石榴园" in page(client, "/open/roster/", q="石榴园")
    html = page(client, "/open/roster/", q="王禾")
    assert "王禾苗" in html
    assert "何田田" not in html
    assert "至少写两个字" in page(client, "/open/roster/", q="王")
    assert "没有找到" in page(client, "/open/roster/", q="管机房")  # machines are kept by people without an office hour
    assert client.get("/open/roster/", {"place": "nowhere"}).status_code == 404


def test_the_roster_costs_few_questions(client: Client, town: Town, django_assert_max_num_queries: Any) -> None:
    page(client, "/open/roster/")
    for query in ({"place": town.places["community"].code}, {"q": "柳荫"}):
        with django_assert_max_num_queries(5):
            page(client, "/open/roster/", **query)


# ── roots ──


def sealed(town: Town) -> Matter:
    matter = say(town, "灯坏了。")
    say(town, "别说是我。", confidential=True)
    sealing.seal(DISTRICT)
    return matter


def test_the_sheet_for_the_board_carries_code_and_root(client: Client, town: Town) -> None:
    matter = sealed(town)
    told = board.code_of(matter)
    assert told is not None
    code, day = told
    sheet = page(client, f"/open/roots/{day.isoformat()}/", place=town.places["community"].code)
    assert matter.number in sheet
    assert code in sheet
    assert "灯坏了" not in sheet
    assert code in page(client, f"/open/m/{matter.number}/")
    root = sealing.day_root(DISTRICT, day)
    assert root is not None
    for html in (sheet, page(client, "/open/roots/"), page(client, f"/open/roots/{day.isoformat()}/")):
        assert "".join(re.findall(r"<span>([0-9a-f]{4})</span>", html)[:16]) == root.root


def test_the_sheet_of_a_day_leads_to_each_community(client: Client, town: Town) -> None:
    sealed(town)
    html = page(client, f"/open/roots/{timezone.localdate().isoformat()}/")
    assert "柳荫社区" in html
    assert "石榴社区" not in html


@pytest.mark.parametrize("path", ["2020-01-01", "yesterday", "2026-02-31", "0001-01-01", "9999-12-31"])
def test_a_day_without_a_seal_is_not_found(client: Client, town: Town, path: str) -> None:
    sealed(town)
    assert client.get(f"/open/roots/{path}/").status_code == 404


def test_a_month_without_seals_says_so_and_leads_to_the_others(client: Client, town: Town) -> None:
    assert "还没有封存过" in page(client, "/open/roots/")
    sealed(town)
    html = page(client, "/open/roots/", month="2020-01")
    assert "还没有封存过" in html
    assert f"month={timezone.localdate():%Y-%m}" in html


def test_before_the_first_root_of_a_month_the_newest_are_shown(client: Client, town: Town) -> None:
    say(town, "灯坏了。")
    at = timezone.now() - timedelta(days=40)
    sealing.seal(DISTRICT, at)
    assert f"/open/roots/{timezone.localdate(at).isoformat()}/" in page(client, "/open/roots/")
    assert "还没有封存过" in page(client, "/open/roots/", month=f"{timezone.localdate():%Y-%m}")


def test_roots_cost_few_questions(client: Client, town: Town, django_assert_max_num_queries: Any) -> None:
    sealed(town)
    page(client, "/open/roots/")
    with django_assert_max_num_queries(6):
        page(client, "/open/roots/")
    with django_assert_max_num_queries(9):
        page(client, f"/open/roots/{timezone.localdate().isoformat()}/", place=town.places["community"].code)


def test_the_way_to_check_is_told_in_plain_words(client: Client, town: Town) -> None:
    html = page(client, "/open/how/")
    for words in ("拿出您的回执", "公告栏", "不一样，就说出来"):
        assert words in html


@pytest.mark.parametrize("path", ["/open/", "/open/figures/", "/open/roster/", "/open/roots/", "/open/how/"])
def test_no_page_needs_what_the_policy_refuses(client: Client, town: Town, path: str) -> None:
    sealed(town)
    html = page(client, path)
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", html)
