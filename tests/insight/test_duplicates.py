"""Likely duplicates: found by place, time and words; scoped by district; told only to those who may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.insight.duplicates import beside, likely, offered, tracing
from linli.insight.models import Posting, Trace
from tests.cast import DISTRICT, Town
from tests.insight.said import LAMP, LIFT, LIFT_TOO, say, work

pytestmark = pytest.mark.system("T4")
ActAs = Callable[[str], Actor]


def numbers(town: Town, text: str, place: str = "grid") -> list[str]:
    node = tree(DISTRICT).by_id[town.places[place].pk]
    return [one.matter.number for one in likely(DISTRICT, text, place=node)]


def test_the_same_trouble_in_the_same_place_is_found_and_says_why(town: Town) -> None:
    lift, lamp = say(town, LIFT, "building"), say(town, LAMP, "grid")
    work()
    node = tree(DISTRICT).by_id[town.places["unit"].pk]
    found = likely(DISTRICT, LIFT_TOO, place=node)
    assert [one.matter.number for one in found] == [lift.number]
    assert found[0].sure
    assert found[0].why[0] == "同一栋楼"
    assert "前后不到一小时" in found[0].why
    assert any("电梯" in word for word in found[0].why)
    assert lamp.number not in numbers(town, LIFT_TOO)


def test_the_same_sentence_about_another_estate_is_something_else(town: Town) -> None:
    say(town, "柳荫苑小区的路灯不亮了，晚上出门看不见，请来修一修。", "grid")
    work()
    found = likely(DISTRICT, "榆树湾小区的路灯不亮了，晚上出门看不见，请来修一修。")
    assert not any(one.sure for one in found)


def test_a_name_is_found_from_another_community(town: Town) -> None:
    """Many households speak from where they live about one thing that lies elsewhere."""
    there = say(town, "伊水湾学校门口的搅拌站夜里施工，吵得睡不着。", "grid")
    work()
    assert numbers(town, "伊水湾学校旁边的搅拌站夜里还在施工，太吵了睡不着。", "grid2") == [there.number]


def test_what_was_long_ago_is_not_looked_through(town: Town) -> None:
    say(town, LIFT, "building", now=timezone.now() - timedelta(days=200))
    work()
    assert numbers(town, LIFT_TOO, "building") == []


def test_an_erased_matter_leaves_no_trace(town: Town, act_as: ActAs) -> None:
    matter = say(town, LIFT, "building")
    work()
    assert Trace.objects.filter(matter=matter).exists()
    actions.erase(actor=act_as("admin"), district_id=DISTRICT, matter_id=matter.pk, reason="本人要求", text=True)
    work()
    assert not Trace.objects.filter(matter=matter).exists()
    assert not Posting.objects.filter(matter=matter).exists()
    tracing.trace(Matter.objects.get(pk=matter.pk))
    assert not Trace.objects.filter(matter=matter).exists()


def test_staff_see_only_what_they_see_anyway(town: Town, act_as: ActAs) -> None:
    one, two = say(town, LIFT, "building"), say(town, LIFT_TOO, "unit")
    work()
    seen = beside(act_as("community"), two)
    assert [(found.matter.number, found.may_merge) for found in seen] == [(one.number, True)]
    assert beside(act_as("community2"), two) == []
    assert [found.may_merge for found in beside(act_as("grid"), two)] == [False]


def test_a_resident_is_offered_only_what_is_public_and_masked(town: Town) -> None:
    node = tree(DISTRICT).by_id[town.places["unit"].pk]
    say(town, LIFT + "我姓孙，电话13912345678，住3单元502室。", "unit")
    work()
    found = offered(DISTRICT, LIFT_TOO, node)
    assert len(found) == 1
    shown = str(found[0])
    for secret in ("13912345678", "502"):
        assert secret not in shown
    assert found[0].place.endswith("1 号楼")
    assert found[0].why[0] == "同一栋楼"


def test_a_resident_is_never_offered_a_confidential_one_nor_a_private_kind(town: Town) -> None:
    node = tree(DISTRICT).by_id[town.places["unit"].pk]
    say(town, LIFT, "unit", confidential=True, name="孙某", phone="13912345678")
    say(town, LIFT, "unit", kind="dispute")
    work()
    assert likely(DISTRICT, LIFT_TOO, place=node)
    assert offered(DISTRICT, LIFT_TOO, node) == []


def test_a_resident_is_not_offered_what_has_ended(town: Town, act_as: ActAs) -> None:
    node = tree(DISTRICT).by_id[town.places["unit"].pk]
    one, two = say(town, LIFT, "unit"), say(town, LIFT_TOO, "unit")
    work()
    both = {found.number for found in offered(DISTRICT, LIFT_TOO, node)}
    assert both == {one.number, two.number}
    actions.merge(actor=act_as("community"), district_id=DISTRICT, matter_id=two.pk, into_id=one.pk, reason="同一件")
    assert {found.number for found in offered(DISTRICT, LIFT_TOO, node)} == {one.number}


def test_another_district_is_another_world(town: Town) -> None:
    """The same words, and even the same place's id, in another district's traces are never looked at."""
    say(town, "伊水湾学校门口的搅拌站夜里施工，吵得睡不着。", "grid")
    work()
    other = District.objects.create(id=990002, name="另一区", letters="TT", profile="test", levels=["district"])
    Trace.objects.update(district_id=other.pk)
    Posting.objects.update(district_id=other.pk)
    assert numbers(town, "伊水湾学校门口的搅拌站夜里施工，吵得睡不着。", "grid") == []


def test_looking_costs_the_same_few_questions_however_many_there_are(town: Town) -> None:
    node = tree(DISTRICT).by_id[town.places["unit"].pk]
    for _ in range(3):
        say(town, LIFT, "unit")
    work()
    likely(DISTRICT, LIFT_TOO, place=node)
    with CaptureQueriesContext(connection) as few:
        likely(DISTRICT, LIFT_TOO, place=node)
    for _ in range(12):
        say(town, LIFT, "unit")
    work()
    with CaptureQueriesContext(connection) as many:
        likely(DISTRICT, LIFT_TOO, place=node)
    assert len(many) == len(few) <= 6


def test_traces_of_old_matters_are_purged(town: Town) -> None:
    say(town, LIFT, "building", now=timezone.now() - timedelta(days=500))
    say(town, LAMP, "grid")
    work()
    assert tracing.purge() == 1
    assert Trace.objects.count() == 1
    assert tracing.purge() == 0


def test_backfilling_makes_the_same_traces(town: Town) -> None:
    matters = [say(town, LIFT, "building"), say(town, LAMP, "grid")]
    work()
    before = sorted((str(row.matter_id), bytes(row.keys)) for row in Trace.objects.all())
    tracing.trace_many(matters)
    assert sorted((str(row.matter_id), bytes(row.keys)) for row in Trace.objects.all()) == before
