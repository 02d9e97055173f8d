"""The demo's opinion rounds, counted from rows: what 崇礼 says it collected, and one that is going on everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from linli.config.demo import opinions
from linli.config.demo.people import Cast
from linli.config.loading import Loaded
from linli.insight import working
from linli.kit import outbox
from linli.offices.opinions import queries
from linli.offices.opinions.models import Group, Knock, Opinion, Round

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.system("D5")]
NOW = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
HANDLING = (working,)


@pytest.fixture
def filled(request: pytest.FixtureRequest, districts: Callable[[str], Loaded]) -> int:
    loaded = districts(request.param)
    opinions.fill(loaded.district_id, NOW)
    return int(loaded.district_id)


@pytest.mark.parametrize("filled", ["chongli"], indirect=True)
def test_more_than_eight_hundred_opinions_were_collected_grouped_and_answered(filled: int) -> None:
    row = Round.objects.get(state="published")
    said = Opinion.objects.filter(round=row)
    assert said.count() == 812  # the seed: more than 800
    assert said.values("text").distinct().count() == 812
    assert said.values("receipt_hash").distinct().count() == 812
    groups = queries.groups(row)
    assert sum(g.n for g in groups) + said.filter(group=None).count() == 812
    assert Group.objects.filter(round=row, matter__isnull=False).count() == 3
    assert said.exclude(reply="").count() > 700
    assert not Knock.objects.filter(round=row).exists()  # the round is over
    assert queries.whole(row).spoke > 700
    result = queries.result(row)
    assert (result.small, result.others) == (1, 4)
    assert "自己出多少钱" not in {line.title for line in result.lines}


@pytest.mark.parametrize("filled", ["qiaoxi"], indirect=True)
def test_the_shed_was_asked_about_and_the_lamps_are_being_asked_about(filled: int, request: Any) -> None:
    shed, lamps = Round.objects.get(state="published"), Round.objects.get(state="open")
    assert "车棚" in shed.title
    assert Opinion.objects.filter(round=shed).count() == 22
    grid = Cast(filled).login("grid")
    assert queries.walking(grid) == [lamps]
    assert queries.my_stretches(lamps, queries.reach(grid, lamps))
    assert Knock.objects.filter(round=lamps).exists()
    while outbox.drain(limit=500):
        pass
    assert any("长明" in o.text for c in queries.clusters(lamps) for o in c.opinions)
