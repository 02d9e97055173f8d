"""The desk's queue: who sits there, what each view holds, and in which order."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.core.matters import actions
from linli.core.people import actor as actors
from linli.core.places.tree import tree
from linli.doors.desk import queue
from tests.cast import Town
from tests.doors.desk_cast import ActAs, as_it_runs, ids, opened, sit


def numbers(page: str) -> list[str]:
    return re.findall(r'data-number="([^"]+)"', page)


PAGES = (
    "", "export.csv", "new/", "calls/", "orders/", "bulletins/", "returns/", "filters/", "pressing/", "admissions/",
    "figures/", "inbox/",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_nobody_signed_in_is_sent_to_the_login_and_a_resident_finds_no_desk(
    client: Client, town: Town, path: str
) -> None:
    away = client.get(f"/desk/{path}")
    assert (away.status_code, away["Location"]) == (302, "/login/?" + urlencode({"next": f"/desk/{path}"}))
    assert sit(town, "resident").get(f"/desk/{path}").status_code == 404


def test_the_queue_groups_by_urgency_and_the_late_ones_stand_first(town: Town, act_as: ActAs) -> None:
    fresh = opened(town, act_as("resident"), "水管冒水了")
    late = opened(town, act_as("resident"), "楼道灯坏了", hours_ago=9)
    page = sit(town, "community").get("/desk/?tab=all").content.decode()
    assert numbers(page) == [late.number, fresh.number]
    assert page.index("已超时 1 件") < page.index("楼道灯坏了") < page.index("水管冒水了")


def test_another_community_sees_nothing_of_it(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    other = sit(town, "community2")
    assert numbers(other.get("/desk/?tab=all").content.decode()) == []
    assert other.get(f"/desk/?m={made.number}").status_code == 404
    assert other.get(f"/desk/m/{made.number}/panel/").status_code == 404
    assert made.number in sit(town, "street").get("/desk/?tab=all").content.decode()


def test_each_view_counts_and_lists_its_own(town: Town, act_as: ActAs) -> None:
    waiting, mine, done = (opened(town, act_as("resident"), text) for text in ("一件", "两件", "三件"))
    actions.dispatch(actor=act_as("community"), to="O-committee_office", **ids(mine))
    actions.accept(actor=act_as("grid"), **ids(done))
    actions.resolve(actor=act_as("grid"), text="好了", cause="aging", **ids(done))
    actions.whistle(actor=act_as("street"), units=["O-power"], reason="断电", **ids(waiting))
    held = queue.counts(act_as("community"))
    assert held == {"watch": 2, "overdue": 0, "accept": 2, "called": 0, "verify": 1, "contested": 0, "dispatch": 0,
                    "all": 3}  # fmt: skip
    assert queue.counts(act_as("power"))["called"] == 1
    desk = sit(town, "community")
    assert numbers(desk.get("/desk/?tab=verify").content.decode()) == [done.number]
    # What the office received first stays its own until somebody accepts.
    assert set(numbers(desk.get("/desk/?tab=watch").content.decode())) == {waiting.number, mine.number}
    assert numbers(sit(town, "power").get("/desk/?tab=called").content.decode()) == [waiting.number]


def test_facets_and_words_narrow_the_list_and_unknown_ones_are_as_if_not_there(town: Town, act_as: ActAs) -> None:
    lamp = opened(town, act_as("resident"), "楼道灯坏了", category="0101")
    firm = opened(town, act_as("resident"), "想修纱窗", kind="order", place="gridb")
    desk = sit(town, "community")
    said = {
        "category=01": lamp, "kind=order": firm, f"place={town.places['gridb'].code}": firm, "q=纱窗": firm,
        f"q={lamp.number.lower()}": lamp, "q=2 单元": None, "q=1 单元": lamp, "q=第二网格": firm,
    }  # fmt: skip
    for query, expected in said.items():
        found = numbers(desk.get(f"/desk/?tab=all&{query}").content.decode())
        assert found == ([expected.number] if expected else []), query
    assert len(numbers(desk.get("/desk/?tab=nothing&kind=none&place=none&cursor=xx").content.decode())) == 2
    assert "放开筛选" in desk.get("/desk/?tab=all&q=没有这种话").content.decode()


@pytest.mark.parametrize("order", ["due", "new"])
def test_paging_shows_every_matter_once_in_order(town: Town, act_as: ActAs, order: str) -> None:
    made = [opened(town, act_as("resident"), f"第{n}件", hours_ago=n) for n in range(7)]
    actions.accept(actor=act_as("grid"), **ids(made[6]))
    actions.resolve(actor=act_as("grid"), text="好了", cause="aging", **ids(made[6]))
    actions.verify(actor=act_as("community"), passed=True, text="看过", **ids(made[6]))  # no clock left to be late
    actor = act_as("street")
    seen: list[str] = []
    asked = queue.Asked(tab="all", order=order)
    known = tree(town.district.pk)
    for _round in range(9):
        found = queue.page(actor, asked, known, limit=2)
        seen += [m.number for m in found.rows]
        if found.next is None:
            break
        asked = queue.Asked(tab="all", order=order, cursor=found.next)
    by_due = [made[n].number for n in (5, 4, 3, 2, 1, 0, 6)]
    assert seen == (by_due if order == "due" else [m.number for m in reversed(made)])


def test_a_page_of_the_queue_takes_few_statements(town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(6):
        made = opened(town, act_as("resident"), f"第{n}件")
        actions.whistle(actor=act_as("street"), units=["O-power"], reason="断电", **ids(made))
    desk = sit(town, "community")
    as_it_runs(monkeypatch)
    desk.get("/desk/?tab=all")
    actors.forget()
    with CaptureQueriesContext(connection) as taken:
        page = desk.get("/desk/?tab=all")
    assert len(numbers(page.content.decode())) == 6
    assert len(taken) <= 12, [q["sql"][:90] for q in taken]


def test_the_panel_opens_beside_the_list_with_and_without_script(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"), "门禁坏了。老人进不去。")
    desk = sit(town, "grid")
    whole = desk.get(f"/desk/?tab=watch&m={made.number}").content.decode()
    assert "老人进不去" in whole
    assert 'aria-current="true"' in whole
    listed = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/desk/?tab=watch&kind=appeal"}
    part = desk.get(f"/desk/m/{made.number}/panel/", **listed).content.decode()
    assert "<html" not in part
    assert 'href="/desk/?tab=watch&amp;kind=appeal"' in part
    assert f"tab=watch&amp;kind=appeal&amp;m={made.number}" in part  # where an act comes back to


def test_the_file_has_what_the_filter_shows_and_leads_to_nobody(town: Town, act_as: ActAs) -> None:
    opened(town, act_as("resident"), "打 13812345678 找我，灯坏了", name="李冬", phone="13900000001")
    opened(town, act_as("resident"), "=HYPERLINK(1)", place="gridb")
    opened(town, act_as("resident"), "家里吵架", kind="dispute")
    desk = sit(town, "community")
    sheet = b"".join(desk.get("/desk/export.csv?tab=all").streaming_content).decode()
    assert sheet.startswith("\ufeff事号")
    assert len(sheet.strip().splitlines()) == 4
    assert "138****78" in sheet
    assert "'=HYPERLINK(1)" in sheet
    assert "（保密）" in sheet
    for secret in ("13812345678", "13900000001", "李冬", "家里吵架"):
        assert secret not in sheet
    one = b"".join(desk.get("/desk/export.csv?tab=all&kind=dispute").streaming_content).decode()
    assert len(one.strip().splitlines()) == 2
    none = b"".join(sit(town, "community2").get("/desk/export.csv?tab=all").streaming_content).decode()
    assert len(none.strip().splitlines()) == 1
