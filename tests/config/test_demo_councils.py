"""The demo's councils: each district's own stories came about through the actions, to the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from linli.config.demo import councils
from linli.config.loading import Loaded
from linli.core.gatherings.models import AgendaItem, Gathering, Resolution
from linli.core.matters.models import Entry, Matter
from linli.offices.councils import loop
from linli.offices.councils.models import Dissent

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
NOW = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)


@pytest.fixture
def filled(request: pytest.FixtureRequest, districts: Callable[[str], Loaded]) -> int:
    """A district loaded with its councils lived through."""
    loaded = districts(request.param)
    councils.fill(loaded.district_id, NOW)
    return int(loaded.district_id)


@pytest.mark.system("D1")
@pytest.mark.parametrize("filled", ["qiaoxi"], indirect=True)
def test_the_shed_went_all_five_steps_and_the_street_is_on_its_way(filled: int) -> None:
    shed = Resolution.objects.get(text__contains="116 个车位")
    assert "240 平方米" in shed.text
    assert (shed.state, shed.matters.count()) == ("closed", 3)
    assert shed.item.matter is not None
    way = loop.of(shed.item.matter, public=True)
    assert [stage.state for stage in way.stages] == ["done"] * 5
    street = Resolution.objects.get(text__contains="由南向北")
    assert street.state == "set"
    same = Dissent.objects.filter(item_id=street.item_id).values_list("label", "text")
    assert len(same) == 2
    assert len({text for _label, text in same}) == 1
    assert Gathering.objects.filter(state="called").count() == 1
    assert Matter.objects.filter(kind="topic", state="closed").count() == 1


@pytest.mark.system("D2")
@pytest.mark.parametrize("filled", ["qiaodong"], indirect=True)
def test_one_topic_goes_through_the_four_meetings(filled: int) -> None:
    four = ["talk", "coordination", "hearing", "appraisal"]
    rows = AgendaItem.objects.filter(gathering__state="minuted", gathering__kind__code__in=four)
    rows = rows.order_by("gathering__starts_at")
    assert list(rows.values_list("gathering__kind__code", "outcome")) == [
        ("talk", "heard"), ("coordination", "promised"), ("hearing", "heard"), ("appraisal", "rated"),
    ]  # fmt: skip
    assert len({row.matter_id for row in rows}) == 1
    entries = list(Entry.objects.filter(matter_id=rows[0].matter_id).order_by("seq").values_list("at", flat=True))
    assert entries == sorted(entries)


@pytest.mark.system("D4")
@pytest.mark.parametrize("filled", ["shuangluan"], indirect=True)
def test_five_classes_follow_their_own_procedure(filled: int) -> None:
    sitting = Gathering.objects.get(kind__code="five")
    items: dict[str, Any] = {item.procedure: item for item in sitting.items.all()}
    assert sorted(items) == ["big", "hard", "practical", "urgent", "vital"]
    assert sitting.began_at is not None
    assert items["urgent"].discussed_at < sitting.began_at
    assert items["vital"].outcome == "decided"
    for code in ("big", "practical", "hard"):
        assert items[code].resolutions.get().state == "set"
        for part in items[code].resolutions.get().matters.select_related("matter"):
            assert part.matter.state not in ("open", "dispatched", "accepted")  # nobody's desk is full of old lateness
    assert {item.matter.state for item in items.values()} == {"in_progress"}
