"""One matter's page: what it shows to whom, and the logged look at a contact."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.models import Matter, Reveal
from linli.core.people import actor as actors
from tests.cast import Town
from tests.doors.desk_cast import ActAs, as_it_runs, ids, opened, sit


def busy(town: Town, act_as: ActAs) -> Matter:
    """A matter with everything beside it: words, a whistle, an order, a contact."""
    made = opened(town, act_as("resident"), "楼道灯坏了。晚上看不见。", name="李冬", phone="13800000000")
    actions.accept(actor=act_as("grid"), **ids(made))
    actions.progress(actor=act_as("grid"), text="看过了，要断电。", **ids(made))
    actions.whistle(
        actor=act_as("street"), units=["O-power", "示范区城管局"], reason="请断电", kind="joint", **ids(made)
    )
    actions.report(actor=act_as("power"), state="arrived", **ids(made))
    until = timezone.now() + timedelta(days=1)
    actions.supervise(actor=act_as("district"), text="每天报一次", due_at=until, **ids(made))
    return made


def test_the_page_says_who_has_it_and_how_long_and_what_happened(town: Town, act_as: ActAs) -> None:
    made = busy(town, act_as)
    page = sit(town, "street").get(f"/desk/m/{made.number}/").content.decode()
    told = ("王禾苗", "晚上看不见", "看过了，要断电。", "吹哨：2 家到 1 家", "示范区供电所", "每天报一次", "办理中")
    for words in told:
        assert words in page, words
    assert "李** 138****0000" in page or "李* 138****0000" in page
    assert "13800000000" not in page
    assert "看联系方式" not in page  # the street does not have to call back


def test_it_takes_few_statements(town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> None:
    made = busy(town, act_as)
    desk = sit(town, "street")
    as_it_runs(monkeypatch)
    desk.get(f"/desk/m/{made.number}/")
    actors.forget()
    with CaptureQueriesContext(connection) as taken:
        assert desk.get(f"/desk/m/{made.number}/").status_code == 200
    assert len(taken) <= 16, [q["sql"][:90] for q in taken]


NESTED = ("", "panel/", "contact/", "spot.geojson", "accept/", "dispatch/find/?for=to&to_word=x")


@pytest.mark.parametrize("path", NESTED)
def test_from_another_scope_everything_about_it_looks_like_nothing(town: Town, act_as: ActAs, path: str) -> None:
    made = opened(town, act_as("resident"), phone="13800000000")
    other = sit(town, "community2")
    assert other.get(f"/desk/m/{made.number}/{path}").status_code == 404
    assert other.get(f"/desk/m/TS-2601-9999/{path}").status_code == 404


def test_only_who_has_to_call_back_sees_the_number_and_it_is_written_down(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"), name="李冬", phone="13800000000")
    grid, url = sit(town, "grid"), f"/desk/m/{made.number}/contact/"
    assert "看联系方式" in grid.get(f"/desk/m/{made.number}/").content.decode()
    asked = grid.get(url, HTTP_HX_REQUEST="true").content.decode()
    assert "13800000000" not in asked
    empty = grid.post(url, {"reason": " "})
    assert empty.status_code == 422
    assert "13800000000" not in empty.content.decode()
    assert Reveal.objects.count() == 0
    shown = grid.post(url, {"reason": "约上门时间"})
    assert "13800000000" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert Reveal.objects.get().reason == "约上门时间"
    refused = sit(town, "community").post(url, {"reason": "看看"})
    assert refused.status_code == 403
    assert "13800000000" not in refused.content.decode()
    assert sit(town, "community").get(url).status_code == 404


def test_an_anonymous_one_says_so_and_a_confidential_one_hides_its_mask(town: Town, act_as: ActAs) -> None:
    nobody = opened(town, act_as("resident"), anonymous=True)
    closed = opened(town, act_as("resident"), confidential=True, name="李冬", phone="13800000000")
    desk = sit(town, "community")
    assert "没留名" in desk.get(f"/desk/m/{nobody.number}/").content.decode()
    page = desk.get(f"/desk/m/{closed.number}/").content.decode()
    assert "保密，只给经办人" in page
    assert "138****" not in page


def test_members_and_job_lead_to_each_other(town: Town, act_as: ActAs) -> None:
    job, member = opened(town, act_as("resident"), "灯坏了"), opened(town, act_as("resident2"), "灯又坏了")
    actions.merge(actor=act_as("community"), into_id=job.pk, reason="同一盏", **ids(member))
    desk = sit(town, "community")
    assert f'href="/desk/m/{member.number}/"' in desk.get(f"/desk/m/{job.number}/").content.decode()
    assert f'href="/desk/m/{job.number}/"' in desk.get(f"/desk/m/{member.number}/").content.decode()


def test_the_small_map_has_the_cell_and_the_point(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"), lon=114.885, lat=40.815)
    shapes = sit(town, "grid").get(f"/desk/m/{made.number}/spot.geojson").json()["features"]
    assert {f["geometry"]["type"] for f in shapes} == {"Polygon", "Point"}
    assert [f["properties"]["chosen"] for f in shapes if f["geometry"]["type"] == "Polygon"] == [True]
