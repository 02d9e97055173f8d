"""The desk's newer pages: orders, bulletins, returns, whistles, saved filters, several at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.core.matters import actions, telling
from linli.core.matters.models import Call, Kind, Matter
from linli.core.people import notices
from linli.doors.models import SavedFilter
from linli.kit import memory, outbox
from linli.offices.returns.models import Proposal
from linli.offices.supervision.models import Bulletin, Issue
from tests.cast import Town
from tests.doors.desk_cast import ActAs, as_it_runs, ids, now_of, opened, sit

HANDLING = (notices, telling)  # imported for the topics that they register


@pytest.fixture
def tasks(town: Town) -> None:
    Kind.objects.create(
        district=town.district, code="key_task", name="重点任务", public=False, residents=False, order=9
    )
    memory.forget()


def text(page: Any) -> str:
    return str(page.content.decode())


@pytest.mark.system("M14")
@pytest.mark.usefixtures("tasks")
def test_a_task_is_given_from_the_page_listed_for_its_owner_and_exported(town: Town) -> None:
    street, department = sit(town, "street"), sit(town, "department")
    form = text(street.get("/desk/orders/new/"))
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key is not None
    said = {"key": key[1], "text": "背街路灯全部修好", "to": "O-chengguan", "place": town.places["community"].code,
            "due": f"{timezone.localdate() + timedelta(days=5):%Y-%m-%d}"}  # fmt: skip
    bad = street.post("/desk/orders/new/", {**said, "to": "", "due": "2020-01-01"})
    assert bad.status_code == 422
    assert "背街路灯全部修好" in text(bad)
    first, again = street.post("/desk/orders/new/", said), street.post("/desk/orders/new/", said)
    assert first.status_code == again.status_code == 302
    made = Matter.objects.get(kind="key_task")
    listed = text(department.get("/desk/orders/?tab=tasks"))
    assert made.number in listed and "示范区城管局" in listed  # noqa: PT018
    owners = text(street.get("/desk/orders/owners/"))
    assert "示范区城管局" in owners
    sheet = b"".join(street.get("/desk/orders/export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert made.number in sheet and "背街路灯全部修好" in sheet  # noqa: PT018
    assert made.number not in text(sit(town, "community2").get("/desk/orders/"))
    assert "T-chengguan_unit" in text(street.get("/desk/orders/new/find/?for=to&to_word=城管"))


@pytest.mark.system("M14")
def test_a_bulletin_is_drafted_written_issued_read_and_corrected(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    actions.supervise(actor=act_as("street"), text="抓紧", due_at=timezone.now() + timedelta(days=1), **ids(made))
    street, community = sit(town, "street"), sit(town, "community")
    today = f"{timezone.localdate():%Y-%m-%d}"
    response = street.post("/desk/bulletins/new/", {"place": town.places["street"].code, "since": today,
                                                    "until": today, "title": ""})  # fmt: skip
    url = response["Location"]
    number = Bulletin.objects.get().number
    draft = text(street.get(url))
    assert "东桥街道督办通报" in draft and made.number in draft and "/desk/?tab=all" in draft  # noqa: PT018
    assert community.get(url).status_code == 404
    empty = street.post(f"{url}issue/", {})
    assert empty.status_code == 422 and "总的情况" in text(empty)  # noqa: PT018
    words = {"title": "东桥一周", "lead": "总的平稳。", "good": "柳荫的灯修得快", "asks": "盯住充电棚", "public": "on"}
    assert street.post(url, words).status_code == 302
    assert street.post(f"{url}issue/", {}).status_code == 302
    read = text(community.get(url))
    assert "第 1 期" in read and "总的平稳。" in read and "柳荫的灯修得快" in read  # noqa: PT018
    assert community.post(f"{url}correct/", {}).status_code == 404
    assert community.post(url, words).status_code == 404
    assert sit(town, "community2").get(url).status_code == 404
    street.post(f"{url}correct/", {})
    street.post(url, {**words, "lead": "更正过的。"})
    assert "总的平稳。" in text(community.get(url))  # until it is issued readers have the version that was
    assert street.post(f"{url}issue/", {}).status_code == 422
    street.post(f"{url}issue/", {"reason": "数错了"})
    assert "更正过的。" in text(community.get(url))
    public = text(Client().get(f"/open{url.removeprefix('/desk')}"))
    assert "更正过的。" in public and made.number not in public  # noqa: PT018
    assert "东桥一周" in text(Client().get("/open/bulletins/"))
    assert "总的平稳。" in text(community.get(f"{url}v/1/"))
    assert Issue.objects.filter(bulletin__number=number).count() == 2
    assert "东桥一周" in text(community.get("/desk/bulletins/"))


def test_returns_page_shows_what_waits_what_to_change_and_what_was_decided(town: Town, act_as: ActAs) -> None:
    for _n in range(3):
        made = opened(town, act_as("resident"), "楼道灯坏了", category="0101")
        actions.return_(actor=act_as("grid"), reason="no_power", text="归供电所", suggest="O-power", **ids(made))
    outbox.drain()
    community, admin = sit(town, "community"), sit(town, "admin")
    waiting = text(community.get("/desk/returns/"))
    assert made.number in waiting and "王禾苗" in waiting and "示范区供电所" in waiting  # noqa: PT018
    assert "照明" in text(community.get("/desk/returns/?tab=piles"))
    found = Proposal.objects.get()
    url = f"/desk/returns/{found.pk}/"
    assert made.number in text(community.get(url))
    assert community.get(f"{url}accept/").status_code == 404
    assert sit(town, "community2").get(url).status_code == 404
    community.post(f"{url}propose/", {"words": "三回了"})
    page = text(admin.get("/desk/returns/"))
    assert "改派给示范区供电所" in page
    assert made.number not in text(admin.get(url))  # an administrator reads no matters
    assert admin.post(f"{url}accept/", {}).status_code == 302
    assert "退单改派" in text(community.get(url))
    assert "改派给示范区供电所" in text(community.get("/desk/returns/?tab=decided"))


@pytest.mark.system("M4")
def test_both_sides_of_a_whistle_are_judged_once_and_no_unit_judges_itself(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    actions.whistle(actor=act_as("street"), units=["O-power"], reason="来断电", kind="joint", **ids(made))
    street, power = sit(town, "street"), sit(town, "power")
    assert "来断电" in text(street.get("/desk/calls/?tab=board"))
    call = Call.objects.get()
    url = f"/desk/calls/{call.pk}/"
    assert street.get(f"{url}work/").status_code == 404  # it has not ended yet
    actions.report(actor=act_as("power"), state="done", text="断好了", **ids(made))
    assert "评它到位没有" in text(street.get("/desk/calls/?tab=judge"))
    assert power.get(f"{url}work/").status_code == street.get(f"{url}need/").status_code == 404
    assert sit(town, "community2").get(f"{url}work/").status_code == 404
    short = street.post(f"{url}work/", {"verdict": "poor", "text": ""})
    assert short.status_code == 422
    assert street.post(f"{url}work/", {"verdict": "poor", "text": "来了没断"}).status_code == 302
    assert power.post(f"{url}need/", {"verdict": "needed", "text": ""}).status_code == 302
    assert street.get(f"{url}work/").status_code == 404
    call.refresh_from_db()
    assert (call.work, call.work_text, call.need) == ("poor", "来了没断", "needed")
    page = text(street.get(f"/desk/m/{made.number}/"))
    assert "没到位" in page and "该叫" in page  # noqa: PT018
    assert [e.act for e in made.timeline.all()][-2:] == ["appraise", "appraise"]


@pytest.mark.system("M4")
def test_no_shows_are_visible_upward(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"), hours_ago=4)
    actions.whistle(actor=act_as("street"), units=["O-power"], reason="来断电", kind="joint", **ids(made))
    Call.objects.update(late=True)
    for who in ("community", "street", "district"):
        assert "示范区供电所" in text(sit(town, who).get("/desk/calls/?tab=missed")), who
    assert "示范区供电所" not in text(sit(town, "street2").get("/desk/calls/?tab=missed"))


def test_a_filter_is_kept_named_counted_moved_and_let_go_by_its_own_account(town: Town, act_as: ActAs) -> None:
    opened(town, act_as("resident"))
    desk, keep = sit(town, "community"), "/desk/filters/?keep=tab%3Dall%26kind%3Dappeal"
    assert desk.post(keep, {"name": ""}).status_code == 422
    assert desk.post(keep, {"name": "诉求"}).status_code == 302
    assert desk.post(keep, {"name": "诉求"}).status_code == 422
    desk.post("/desk/filters/?keep=tab%3Doverdue", {"name": "晚的"})
    page = text(desk.get("/desk/?tab=all&kind=appeal"))
    assert re.search(r'aria-current="true">\s*<svg[^>]*>.*?</svg>诉求 <b>1</b>', page, re.S)
    assert "诉求 <b>" not in text(sit(town, "community_b").get("/desk/"))
    first, second = SavedFilter.objects.order_by("order")
    desk.post("/desk/filters/", {"id": second.pk, "act": "up"})
    assert list(SavedFilter.objects.values_list("name", flat=True)) == ["晚的", "诉求"]
    desk.post("/desk/filters/", {"id": first.pk, "act": "rename", "name": "我的诉求"})
    assert sit(town, "street").post("/desk/filters/", {"id": first.pk, "act": "delete"}).status_code == 404
    desk.post("/desk/filters/", {"id": second.pk, "act": "delete"})
    assert [f.name for f in SavedFilter.objects.all()] == ["我的诉求"]


def test_several_are_accepted_urged_and_ordered_with_a_preview_and_each_that_stays_is_named(
    town: Town, act_as: ActAs
) -> None:
    going, done = opened(town, act_as("resident"), "要接的"), opened(town, act_as("resident"), "接过的")
    actions.accept(actor=act_as("grid"), **ids(done))
    grid, community = sit(town, "grid"), sit(town, "community")
    pick = [going.number, done.number]
    preview = text(grid.get("/desk/bulk/accept/", {"pick": pick}))
    assert "接下这 1 件" in preview and "办不了的 1 件" in preview  # noqa: PT018
    assert now_of(going).state == "dispatched"
    page = text(grid.post("/desk/bulk/accept/", {"pick": pick}, follow=True))
    assert f"没办成：{done.number}" in page
    assert now_of(going).state == "accepted"
    assert grid.get("/desk/bulk/resolve/", {"pick": pick}).status_code == 404
    community.post("/desk/bulk/urge/", {"pick": pick, "text": "到哪了"})
    assert [m.timeline.filter(act="urge").count() for m in (going, done)] == [1, 1]
    assert community.post("/desk/bulk/supervise/", {"pick": pick}).status_code == 422
    due = f"{timezone.localtime() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    community.post("/desk/bulk/supervise/", {"pick": pick, "text": "明天要结果", "due_at": due})
    assert [m.timeline.filter(act="supervise").count() for m in (going, done)] == [1, 1]


def test_several_become_one_job(town: Town, act_as: ActAs) -> None:
    one, two = opened(town, act_as("resident"), "灯坏"), opened(town, act_as("resident"), "灯又坏")
    desk = sit(town, "community")
    assert "这 2 件是同一件事" in text(desk.get("/desk/bulk/merge/", {"pick": [one.number, two.number]}))
    desk.post("/desk/bulk/merge/", {"pick": [one.number, two.number], "into": one.number, "reason": "同一盏灯"})
    assert (now_of(two).state, now_of(two).job_id) == ("merged", one.pk)


@pytest.mark.parametrize("by", ["urgency", "handler", "place"])
def test_what_presses_is_gathered_three_ways(town: Town, act_as: ActAs, by: str) -> None:
    late, later = (
        opened(town, act_as("resident"), "晚了的", hours_ago=9),
        opened(town, act_as("resident2"), "别处的", place="grid2"),
    )
    page = text(sit(town, "community").get(f"/desk/pressing/?by={by}"))
    assert late.number in page and later.number not in page  # noqa: PT018
    heading = {"urgency": "一般", "handler": "王禾苗", "place": "柳荫社区"}[by]
    assert f'scope="rowgroup">{heading}' in page
    assert late.number in text(sit(town, "community").get("/desk/pressing/?ahead=0"))


def test_in_whose_hands_narrows_the_queue(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"), "网格员手上的")
    other = opened(town, act_as("resident"), "物业手上的")
    actions.dispatch(actor=act_as("community"), to="O-firm", **ids(other))
    desk = sit(town, "community")
    page = text(desk.get("/desk/?tab=all&handler=T-grid"))
    assert made.number in page and other.number not in page  # noqa: PT018
    assert "没有合这些条件的" in text(desk.get("/desk/?tab=all&handler=me"))


QUERIES = {
    "/desk/orders/": 10, "/desk/orders/owners/": 6, "/desk/bulletins/": 6, "/desk/returns/": 9,
    "/desk/returns/?tab=piles": 7, "/desk/returns/?tab=proposals": 7, "/desk/calls/?tab=board": 7,
    "/desk/calls/?tab=missed": 7, "/desk/calls/?tab=judge": 7, "/desk/pressing/": 8, "/desk/filters/": 5,
}  # fmt: skip


@pytest.mark.parametrize("url", QUERIES)
def test_lists_ask_the_same_however_long_they_are(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any, url: str
) -> None:
    for _n in range(4):
        made = opened(town, act_as("resident"), hours_ago=9, category="0101")
        actions.whistle(actor=act_as("street"), units=["O-power"], reason="来", kind="joint", **ids(made))
        actions.supervise(actor=act_as("street"), text="快", due_at=timezone.now() + timedelta(days=1), **ids(made))
        actions.return_(actor=act_as("grid"), reason="no_power", text="归供电所", suggest="O-power", **ids(made))
    outbox.drain()
    as_it_runs(monkeypatch)
    desk = sit(town, "street")
    desk.get(url)
    with django_assert_max_num_queries(QUERIES[url]):
        assert desk.get(url).status_code == 200


@pytest.mark.system("T3")
def test_only_the_queue_pays_for_every_view_and_navigation_says_the_same_everywhere(town: Town, act_as: ActAs) -> None:
    opened(town, act_as("resident"))
    community = sit(town, "community")

    def looked(path: str) -> tuple[list[int], str]:
        """How much each statement counts, and the badge of the queue."""
        with CaptureQueriesContext(connection) as asked:
            page = text(community.get(path))
        badge = re.search(r'<a href="/desk/"[^>]*>.*?<span class="n">(\d+)</span></a>', page, re.DOTALL)
        assert badge is not None
        return [n for query in asked if (n := query["sql"].count("COUNT(*)"))], badge[1]

    queue, home = looked("/desk/?tab=all")
    inbox, beside = looked("/desk/inbox/")
    assert beside == home == "1"
    assert len(queue) == len(inbox) == 1  # what a page says of itself is counted with its navigation
    assert inbox[0] < queue[0] / 2
