"""Reporting by the printed code, choosing, serving, certifying by another, and the sheet that anybody can check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linli.core.people.actor import Actor
from linli.core.places.tree import Node, tree
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.checkins import actions, queries
from linli.offices.checkins.actions import Reporting
from linli.offices.checkins.models import CheckIn, Item, Service, ServiceState, Sign, Summary
from tests.cast import Town
from tests.permissions.scene import warm

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("P7")
BACKEND = "django.contrib.auth.backends.ModelBackend"
AT_HOME = Reporting("home", "李冬梅")


@pytest.fixture
def home(town: Town) -> Node:
    return tree(town.district.pk).by_id[town.places["community"].pk]


@pytest.fixture
def sign(act_as: ActAs, home: Node) -> Sign:
    return actions.renew_sign(actor=act_as("community"), place=home)


@pytest.fixture
def item(act_as: ActAs, home: Node) -> Item:
    return actions.offer(
        actor=act_as("community"), place=home, title="清理楼道", what="搬下旧东西", times="周六", needed=1
    )


@pytest.fixture
def browse(town: Town) -> Callable[[str], Client]:
    def open_as(who: str) -> Client:
        client = Client()
        client.force_login(town.users[who], backend=BACKEND)
        return client

    return open_as


def _served(act_as: ActAs, item: Item, minutes: int = 90) -> Service:
    row = actions.choose(actor=act_as("resident"), item_id=item.pk)
    now = timezone.now()
    actions.act(actor=act_as("resident"), service_id=row.pk, name="start", now=now - timedelta(minutes=minutes))
    return actions.act(actor=act_as("resident"), service_id=row.pk, name="finish", now=now)


def test_reporting_is_one_confirmation_and_the_same_again_is_the_same(act_as: ActAs, sign: Sign) -> None:
    made = actions.check_in(actor=act_as("resident"), code=sign.code.lower(), said=AT_HOME)
    again = actions.check_in(actor=act_as("resident"), code=sign.code, said=Reporting("home", "另一个名字"))
    assert (made.pk, made.person.shown, made.via) == (again.pk, "李冬梅", "qr")
    unit = actions.check_in(actor=act_as("department"), code=sign.code, said=Reporting("unit", unit="示范区城管局"))
    assert (unit.organisation.code if unit.organisation else "", unit.person.shown) == ("O-chengguan", "程管理")
    assert CheckIn.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [(Reporting("home", "李"), "name"), (Reporting("must", "李冬梅"), "how"), (Reporting("unit", "李冬梅"), "unit"),
     (Reporting("unit", "李冬梅", "没有的单位"), "unit")],
)  # fmt: skip
def test_what_is_missing_is_said_beside_its_field(act_as: ActAs, sign: Sign, said: Reporting, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        actions.check_in(actor=act_as("resident"), code=sign.code, said=said)
    assert field in caught.value.fields
    assert not CheckIn.objects.exists()


def test_whoever_serves_in_a_unit_finds_its_name_written(browse: Callable[[str], Client], sign: Sign) -> None:
    url = f"/checkin/c/{sign.code}/"
    assert 'value="示范区城管局"' in browse("department").get(url).content.decode()
    assert 'name="unit" value' not in browse("resident").get(url).content.decode()


@pytest.mark.parametrize("sent", [{}, {"yes": ""}, {"yes": "2"}, {"yes": "yes"}])
def test_only_its_own_buttons_certify_or_refuse(
    browse: Callable[[str], Client], act_as: ActAs, item: Item, sign: Sign, sent: dict[str, str]
) -> None:
    actions.check_in(actor=act_as("resident"), code=sign.code, said=AT_HOME)
    row = _served(act_as, item)
    answer = browse("community").post(f"/desk/checkins/services/{row.pk}/", {**sent, "reason": "没来"})
    assert answer.status_code == 400
    assert Service.objects.get(pk=row.pk).state == row.state


def test_a_new_code_ends_the_old_one(act_as: ActAs, sign: Sign, home: Node) -> None:
    fresh = actions.renew_sign(actor=act_as("community"), place=home)
    with pytest.raises(NotFound):
        actions.check_in(actor=act_as("resident"), code=sign.code, said=AT_HOME)
    actions.check_in(actor=act_as("resident"), code=fresh.code, said=AT_HOME)
    with pytest.raises(Forbidden):
        actions.renew_sign(actor=act_as("community2"), place=home)


def test_one_reports_first_and_a_full_offer_takes_nobody_more(act_as: ActAs, sign: Sign, item: Item) -> None:
    with pytest.raises(NotFound):
        actions.choose(actor=act_as("resident"), item_id=item.pk)
    actions.check_in(actor=act_as("resident"), code=sign.code, said=AT_HOME)
    mine = actions.choose(actor=act_as("resident"), item_id=item.pk)
    assert actions.choose(actor=act_as("resident"), item_id=item.pk).pk == mine.pk
    actions.check_in(actor=act_as("volunteer"), code=sign.code, said=Reporting("home"))
    with pytest.raises(Conflict):
        actions.choose(actor=act_as("volunteer"), item_id=item.pk)
    actions.act(actor=act_as("resident"), service_id=mine.pk, name="withdraw")
    assert actions.choose(actor=act_as("volunteer"), item_id=item.pk).state == ServiceState.CHOSEN


def test_a_service_is_certified_by_another_and_only_once(act_as: ActAs, sign: Sign, item: Item) -> None:
    actions.check_in(actor=act_as("resident"), code=sign.code, said=AT_HOME)
    row = _served(act_as, item)
    assert (row.state, row.minutes) == (ServiceState.DONE, 90)
    for who in ("community2", "resident", "grid"):
        with pytest.raises(NotFound):
            actions.certify(actor=act_as(who), service_id=row.pk, yes=True)
    with pytest.raises(Invalid):
        actions.certify(actor=act_as("community"), service_id=row.pk, yes=False)
    done = actions.certify(actor=act_as("community"), service_id=row.pk, yes=True)
    assert (done.state, done.certified_by) == (ServiceState.CERTIFIED, "赵长亭 社区书记")
    with pytest.raises(Conflict):
        actions.certify(actor=act_as("community"), service_id=row.pk, yes=False, reason="看错了")
    total = queries.total(queries.my_services(act_as("resident")))
    assert (total.services, total.minutes, total.words) == (1, 90, "1 小时 30 分")


def test_nobody_certifies_or_records_his_own(act_as: ActAs, sign: Sign, item: Item) -> None:
    mine = actions.check_in(actor=act_as("community"), code=sign.code, said=Reporting("home"))
    row = actions.choose(actor=act_as("community"), item_id=item.pk)
    actions.act(actor=act_as("community"), service_id=row.pk, name="start", now=timezone.now() - timedelta(hours=1))
    actions.act(actor=act_as("community"), service_id=row.pk, name="finish")
    assert not queries.waiting(act_as("community")).exists()
    assert queries.waiting(act_as("community_b")).exists()
    with pytest.raises(Forbidden):
        actions.certify(actor=act_as("community"), service_id=row.pk, yes=True)
    said: dict[str, Any] = {"checkin_id": mine.pk, "what": "走访", "on": timezone.localdate(), "minutes": 60}
    with pytest.raises(Forbidden):
        actions.record(actor=act_as("community"), **said)
    made = actions.record(actor=act_as("community_b"), **said)
    assert (made.state, made.recorded_by, made.certified_by) == ("certified", "何田田 社区工作者", "何田田 社区工作者")


@pytest.mark.parametrize(("minutes", "ago"), [(0, 0), (721, 0), (60, -1), (60, 40)])
def test_a_service_that_cannot_be_is_not_recorded(act_as: ActAs, sign: Sign, minutes: int, ago: int) -> None:
    row = actions.check_in(actor=act_as("resident"), code=sign.code, said=AT_HOME)
    with pytest.raises(Invalid):
        actions.record(actor=act_as("community"), checkin_id=row.pk, what="走访", minutes=minutes,
                       on=timezone.localdate() - timedelta(days=ago))  # fmt: skip
    assert not Service.objects.exists()


def test_a_month_back_is_counted_from_the_day_of_the_act(act_as: ActAs, sign: Sign) -> None:
    row = actions.check_in(actor=act_as("resident"), code=sign.code, said=AT_HOME)
    long_ago = timezone.now() - timedelta(days=400)
    said: dict[str, Any] = {"checkin_id": row.pk, "what": "走访", "minutes": 60, "now": long_ago}
    made = actions.record(actor=act_as("community"), on=timezone.localdate(long_ago) - timedelta(days=31), **said)
    assert made.on == timezone.localdate(long_ago) - timedelta(days=31)
    with pytest.raises(Invalid):
        actions.record(actor=act_as("community"), on=timezone.localdate(), **said)


def test_whoever_came_of_his_own_will_may_stop(act_as: ActAs, sign: Sign, item: Item) -> None:
    row = actions.check_in(actor=act_as("resident"), code=sign.code, said=AT_HOME)
    service = actions.choose(actor=act_as("resident"), item_id=item.pk)
    with pytest.raises(NotFound):
        actions.leave(actor=act_as("resident2"), checkin_id=row.pk)
    actions.leave(actor=act_as("resident"), checkin_id=row.pk)
    service.refresh_from_db()
    assert (service.state, queries.mine(act_as("resident"))) == (ServiceState.WITHDRAWN, [])


# ── units and what is certified to them ─────────────────────────────────────────────────────────────────────────
def test_a_unit_reports_and_the_community_agrees(town: Town, act_as: ActAs, home: Node) -> None:
    made = actions.report_unit(actor=act_as("department"), place=home, brings="周末出三个人")
    assert actions.report_unit(actor=act_as("department"), place=home, brings="再说一遍").pk == made.pk
    with pytest.raises(Forbidden):
        actions.report_unit(actor=act_as("grid"), place=home, brings="替他们报",
                            organisation_id=town.organisations["power"].pk)  # fmt: skip
    with pytest.raises(Forbidden):
        actions.answer_unit(actor=act_as("department"), report_id=made.pk, agree=True)
    with pytest.raises(NotFound):
        actions.answer_unit(actor=act_as("community2"), report_id=made.pk, agree=True)
    assert actions.answer_unit(actor=act_as("community"), report_id=made.pk, agree=True).state == "agreed"
    line = queries.figures(tree(town.district.pk), [home])[0]
    assert (line.units, line.by_unit, line.by_home) == (1, 0, 0)


@pytest.fixture
def summary(town: Town, act_as: ActAs, sign: Sign, home: Node) -> Summary:
    row = actions.check_in(actor=act_as("department"), code=sign.code, said=Reporting("unit", unit="O-chengguan"))
    for days, minutes in ((1, 60), (2, 45), (29, 30)):
        actions.record(actor=act_as("community"), checkin_id=row.pk, what="清理楼道", minutes=minutes,
                       on=timezone.localdate() - timedelta(days=days))  # fmt: skip
    today = timezone.localdate()
    return actions.sum_up(actor=act_as("community"), place=home, organisation_id=town.organisations["chengguan"].pk,
                          since=today - timedelta(days=7), until=today)  # fmt: skip


def test_a_summary_counts_the_period_and_names_nobody(summary: Summary) -> None:
    assert summary.figures == {
        "members": 1, "served": 1, "services": 2, "minutes": 105,
        "parts": [{"what": "清理楼道", "services": 2, "minutes": 105}],
    }  # fmt: skip
    page = Client().get(f"/open/checkins/v/{summary.code}/").content.decode()
    assert "和底账再数一遍，一样" in page
    assert "程管理" not in page
    Service.objects.filter(minutes=45).update(minutes=50)
    assert "底账后来有变" in Client().get(f"/open/checkins/v/{summary.code.lower()}/").content.decode()
    assert Client().get("/open/checkins/v/0000-0000-0000/").status_code == 404


def test_the_unit_and_the_community_read_the_sheet_and_nobody_else(
    summary: Summary, browse: Callable[[str], Client]
) -> None:
    url = f"/desk/checkins/summaries/{summary.pk}/"
    answers = {
        who: browse(who).get(url).status_code for who in ("community", "department", "district", "power", "grid")
    }
    assert answers == {"community": 200, "department": 200, "district": 200, "power": 404, "grid": 404}
    assert "data-print" in browse("community").get(url).content.decode()


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_from_the_printed_code_to_the_record_through_pages(
    sign: Sign, item: Item, browse: Callable[[str], Client]
) -> None:
    assert Client().get(f"/checkin/c/{sign.code}/")["Location"].startswith("/login/")
    me, url = browse("resident"), f"/checkin/c/{sign.code}/"
    wrong = me.post(url, {"how": "home", "name": "", "unit": "保留的单位"})
    assert wrong.status_code == 422
    assert "保留的单位" in wrong.content.decode()
    assert me.post(url, {"how": "home", "name": "李冬梅", "unit": ""})["Location"] == "/checkin/"
    assert "清理楼道" in me.get("/checkin/").content.decode()
    me.post(f"/checkin/items/{item.pk}/")
    row = Service.objects.get()
    assert browse("resident2").post(f"/checkin/services/{row.pk}/start/").status_code == 404
    me.post(f"/checkin/services/{row.pk}/start/")
    me.post(f"/checkin/services/{row.pk}/finish/")
    code = tree(sign.district_id).by_id[sign.place_id].code
    keeper = browse("community")
    assert "李冬梅" in keeper.get(f"/desk/checkins/p/{code}/").content.decode()
    assert keeper.get("/field/checkins/").status_code == 200
    keeper.post(f"/desk/checkins/services/{row.pk}/", {"yes": "1", "next": "/field/checkins/"})
    row.refresh_from_db()
    assert row.state == ServiceState.CERTIFIED
    assert "赵长亭" in me.get("/checkin/").content.decode()
    assert "李冬梅" not in Client().get("/open/checkins/").content.decode()


def test_the_board_asks_as_much_for_many_as_for_one(
    town: Town, sign: Sign, browse: Callable[[str], Client], django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, act_as: ActAs,
) -> None:  # fmt: skip
    warm(monkeypatch, tmp_path)
    client = browse("district")
    client.get("/desk/checkins/")
    with django_assert_num_queries(7):
        client.get("/desk/checkins/")
    actions.check_in(actor=act_as("resident"), code=sign.code, said=AT_HOME)
    with django_assert_num_queries(7):
        page = client.get("/desk/checkins/").content.decode()
    assert page.index("柳荫社区") < page.index("石榴社区")


def test_membership_of_the_party_stands_on_the_report_and_not_on_the_person() -> None:
    from linli.core.people.models import Person

    assert not [f.name for f in Person._meta.get_fields() if "party" in f.name]
    assert CheckIn._meta.get_field("party_member").default is False


def test_who_reported_nowhere_yet_types_the_code_that_hangs_at_the_door(
    sign: Sign, browse: Callable[[str], Client]
) -> None:
    me = browse("resident")
    empty = me.get("/checkin/").content.decode()
    assert "还没有报到" in empty
    assert 'name="code"' in empty
    assert me.get("/checkin/", {"code": sign.code.lower()})["Location"] == f"/checkin/c/{sign.code}/"
    wrong = me.get("/checkin/", {"code": "不是码"}).content.decode()
    assert "没有这张码" in wrong
    assert "不是码" in wrong
