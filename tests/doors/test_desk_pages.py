"""Orders, admissions, figures and the inbox of a desk."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.actions import admissions
from linli.core.matters.models import Admission
from linli.core.people import notices
from linli.core.people.models import Notice
from tests.cast import DISTRICT, Town
from tests.doors.desk_cast import ActAs, ids, opened, sit


def test_orders_show_in_their_scope_with_who_and_when(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"), "充电棚跳闸")
    until = timezone.now() + timedelta(hours=5)
    actions.supervise(actor=act_as("district"), text="今天要结果", due_at=until, **ids(made))
    page = sit(town, "community").get("/desk/orders/").content.decode()
    for words in ("充电棚跳闸", "今天要结果", "杜若", "王禾苗"):
        assert words in page, words
    assert "充电棚跳闸" not in sit(town, "community2").get("/desk/orders/").content.decode()
    assert "充电棚跳闸" not in sit(town, "community").get("/desk/orders/?tab=done").content.decode()


def applied(town: Town, act_as: ActAs, place: str = "community") -> Admission:
    today = timezone.localdate()
    return admissions.apply(
        actor=act_as("department"), title="贴一张表", basis="某办法第三条", place=town.places[place].code, since=today,
        until=today + timedelta(days=30),
    )  # fmt: skip


def test_a_department_applies_and_the_street_decides(town: Town, act_as: ActAs) -> None:
    department, street = sit(town, "department"), sit(town, "street")
    sent = {"title": "贴一张表", "basis": "某办法第三条", "place_word": "柳荫社区", "since": "2026-12-01",
            "until": "2026-11-01"}  # fmt: skip
    wrong = department.post("/desk/admissions/new/", sent)
    assert wrong.status_code == 422
    assert "期限不对" in wrong.content.decode()
    done = department.post("/desk/admissions/new/", {**sent, "until": "2027-01-01"})
    made = Admission.objects.get()
    assert (done.status_code, done["Location"]) == (302, f"/desk/admissions/{made.number}/")
    assert made.since == date(2026, 12, 1)
    assert "准入…" in street.get(f"/desk/admissions/{made.number}/").content.decode()
    assert "准入…" not in department.get(f"/desk/admissions/{made.number}/").content.decode()
    assert street.post(f"/desk/admissions/{made.number}/refuse/", {"reason": ""}).status_code == 422
    assert street.post(f"/desk/admissions/{made.number}/approve/", {"reason": ""}).status_code == 302
    made.refresh_from_db()
    assert made.state == "approved"
    assert street.post(f"/desk/admissions/{made.number}/approve/").status_code == 404
    assert street.post(f"/desk/admissions/{made.number}/end/", {"reason": "改用系统报送"}).status_code == 302
    listed = street.get("/desk/admissions/?state=ended").content.decode()
    assert made.number in listed
    assert made.number not in street.get("/desk/admissions/?state=approved").content.decode()


def test_admissions_of_another_scope_look_like_none(town: Town, act_as: ActAs) -> None:
    made = applied(town, act_as)
    for name in ("street2", "community2", "power"):
        other = sit(town, name)
        assert made.number not in other.get("/desk/admissions/").content.decode()
        assert other.get(f"/desk/admissions/{made.number}/").status_code == 404
        assert other.post(f"/desk/admissions/{made.number}/approve/").status_code == 404
    community = sit(town, "community")
    assert community.get(f"/desk/admissions/{made.number}/").status_code == 200
    assert community.post(f"/desk/admissions/{made.number}/approve/").status_code == 404
    assert community.get("/desk/admissions/new/").status_code == 404
    made.refresh_from_db()
    assert made.state == "applied"


def test_each_figure_opens_its_cases(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    opened(town, act_as("resident2"), place="grid2")
    desk = sit(town, "street")
    page = desk.get("/desk/figures/").content.decode()
    assert "柳荫社区" in page
    assert "石榴社区" not in page
    url = f"tab=all&amp;state=any&amp;order=new&amp;place={town.places['community'].code}"
    assert url in page
    start = page.index(url)
    cases = desk.get("/desk/?" + page[start : page.index('"', start)].replace("&amp;", "&")).content.decode()
    assert made.number in cases
    assert desk.get(f"/desk/figures/?place={town.places['street2'].code}").status_code == 404
    assert sit(town, "property").get("/desk/figures/").status_code == 404


def notice(town: Town, post: str, text: str) -> Notice:
    return Notice.objects.create(district_id=DISTRICT, post=town.posts[post], text=text, dedupe=text)


def test_the_inbox_shows_own_notices_and_marks_them_read(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    own = notice(town, "community", f"{made.number} 快到点")
    unit = notice(town, "committee_office_unit", "派给您一件")
    other = notice(town, "community2", "别处的事")
    desk = sit(town, "community")
    page = desk.get("/desk/inbox/").content.decode()
    assert "派给您一件" in page
    assert "别处的事" not in page
    assert f'href="/desk/m/{made.number}/"' in page
    for n in range(notices.MANY):
        notice(town, "community", f"{made.number} 第 {n} 条")
    assert f"{notices.MANY + 2} 条没看" in desk.get("/desk/inbox/").content.decode()  # as many as the navigation says
    desk.post("/desk/inbox/", {"id": str(own.pk)})
    desk.post("/desk/inbox/", {"id": str(other.pk)})
    assert [Notice.objects.get(pk=n.pk).read_at is None for n in (own, unit, other)] == [False, True, True]
    desk.post("/desk/inbox/")
    assert Notice.objects.filter(read_at=None).get() == other


def test_the_navigation_carries_what_waits(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    actions.whistle(actor=act_as("street"), units=["O-power"], reason="请断电", **ids(made))
    page = sit(town, "power").get("/desk/inbox/").content.decode()
    assert '<span>吹哨</span><span class="n">1</span>' in page
    assert "统计" not in page  # figures need their duty
    assert "准入" in page
