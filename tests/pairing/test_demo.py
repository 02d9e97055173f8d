"""What the demo leaves in the three rooms: nothing refused, some seats free, figures counted from rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from linli.config.demo.pairing import Rooms
from linli.config.loading import Loaded
from linli.core.people.models import Organisation, Post
from linli.offices.checkins.models import CheckIn, Service, ServiceState, UnitReport
from linli.offices.dwellings.models import Survey, UnitDuty, Welcome
from linli.offices.dwellings.queries import covers
from linli.offices.pairing import queries
from linli.offices.pairing.models import Pairing, Visit

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
NOW = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="module", params=["qiaoxi", "xiahuayuan"])
def rooms(
    request: pytest.FixtureRequest,
    django_db_setup: Any,
    django_db_blocker: Any,
    tmp_path_factory: Any,
    districts: Callable[[str], Loaded],
) -> Iterator[Rooms]:
    """A district loaded and its three rooms filled once, then undone; the month of matters is another file's."""
    from django.test import override_settings

    files = str(tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=files), transaction.atomic():
        loaded = districts(request.param)
        made = Rooms(loaded.district_id, NOW)
        made.fill()
        yield made
        transaction.set_rollback(True)


def test_no_act_was_refused(rooms: Rooms) -> None:
    assert rooms.refused == []


@pytest.mark.system("P6")
def test_seats_are_counted_from_rows(rooms: Rooms) -> None:
    """Ended ones stay, so every seat that was ever given is a row."""
    wanted = {"桥西区": (1970, 394, 52, 18), "下花园区": (163, 133, 81, 30)}[rooms.known.district.name]
    rows = Pairing.objects.filter(before=None)
    units = rows.exclude(organisation=None).values("organisation_id").distinct().count()
    leaders = rows.filter(post__role="district_leader").values("post_id").distinct().count()
    quarters = rows.filter(role="unit").values("place_id").distinct().count()
    assert (rows.count(), quarters, units, leaders) == wanted
    bodies = Organisation.objects.filter(attrs__pairs=True).count()
    assert (bodies, Post.objects.filter(role="district_leader").count()) == wanted[2:]


@pytest.mark.system("P6")
def test_some_quarters_lack_somebody_and_leaders_found_something(rooms: Rooms) -> None:
    board = queries.board(rooms.cast.login("district"), queries.Asked())
    assert 0 < board.whole < board.total
    leaders_too = rooms.known.district.name == "桥西区"  # elsewhere a community's leader answers for its quarters
    assert (board.bare >= 1) is leaders_too
    assert Visit.objects.exclude(matter=None).count() == (4 if leaders_too else 3)
    assert set(Visit.objects.values_list("state", flat=True)) == {"logged", "seen", "unseen"}
    assert Pairing.objects.exclude(before=None).count() == 1


@pytest.mark.system("P7")
def test_reports_and_services_are_there(rooms: Rooms) -> None:
    roll = {"桥西区": 0, "下花园区": 1549}[rooms.known.district.name]
    assert CheckIn.objects.filter(via="roll").count() == roll
    assert UnitReport.objects.count() == 3
    states = set(Service.objects.values_list("state", flat=True))
    assert states == {ServiceState.CHOSEN, ServiceState.DONE, ServiceState.CERTIFIED}


@pytest.mark.system("P11")
def test_homes_are_surveyed_in_part(rooms: Rooms) -> None:
    quarter = rooms.known.at_level(rooms.cell, "quarter")
    assert quarter is not None
    cover = covers(rooms.known, [quarter], NOW)[quarter.id]
    assert 0 < cover.surveyed < cover.dwellings
    assert 0 < len(cover.without) < cover.units
    assert Welcome.objects.filter(state="open").count() == 3
    assert Survey.objects.filter(latest=True).count() <= cover.dwellings
    assert UnitDuty.objects.filter(until=None).count() == cover.units - len(cover.without)
