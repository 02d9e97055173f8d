"""Open matters, posts, homes and rules go with the places that they hang on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from linli.core.matters import actions, seeing, succession
from linli.core.matters.actions.opening import Asked
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Admission, Matter, Policy, Rule
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation, Post, User
from linli.core.places import actions as places
from linli.core.places.locating import locate
from linli.core.places.models import Place
from linli.core.places.tree import tree
from linli.kit.models import Outbox
from linli.kit.outbox import drain
from tests.cast import DISTRICT, LAT, LON, SINCE, Town
from tests.matters.test_walk import opened
from tests.places.test_actions import ASKED, DAY, split

ActAs = Callable[[str], Actor]


def at(act_as: ActAs, lon: float, lat: float, text: str) -> Matter:
    found = locate(LON + lon, LAT + lat)
    assert found is not None
    asked = Asked("appeal", text, DISTRICT, found[1], lon=LON + lon, lat=LAT + lat)
    return actions.open_matter(actor=act_as("resident"), asked=asked).matter


def work() -> None:
    while drain():
        pass
    assert not Outbox.objects.filter(topic="succession", done_at=None).exists()


def numbers(actor: Actor) -> set[str]:
    return {row.number for row in seeing.list_matters(actor, seeing.Filters()).rows}


def test_matters_of_a_split_grid_go_where_they_lie_and_keep_their_handler(town: Town, act_as: ActAs) -> None:
    west, east = at(act_as, 0.002, 0.005, "西边"), at(act_as, 0.008, 0.005, "东边")
    indoors = opened(town, act_as("resident"), "楼里").matter
    elsewhere = at(act_as, 0.015, 0.005, "二网格")
    parts = split(town)
    work()
    cells = dict(Matter.objects.values_list("number", "cell__code"))
    assert (cells[west.number], cells[east.number], cells[indoors.number]) == ("G-W", "G-E", "G-E")
    moved = Matter.objects.get(pk=indoors.pk)
    assert moved.scope_path == Place.objects.get(name="1 单元", until=None).path
    assert (moved.opened_path, moved.place_id) == (town.places["unit"].path, town.places["unit"].pk)
    last = moved.timeline.order_by("-seq")[0]
    assert (last.act, last.data["place"], last.actor) == ("move", town.places["unit"].code, "系统")
    assert moved.timeline.count() == 3
    untouched = Matter.objects.get(pk=elsewhere.pk)
    assert untouched.timeline.count() == 2
    grid = act_as("grid")
    assert {west.number, east.number, indoors.number} <= numbers(grid)
    actions.accept(actor=grid, district_id=DISTRICT, matter_id=west.pk)
    assert sorted(post.path for post in grid.posts) == sorted(part.path for part in parts)
    assert verify(DISTRICT).ok
    fresh = at(act_as, 0.002, 0.005, "拆了以后的一件")
    assert (fresh.state, fresh.handler_id in grid.post_ids) == ("dispatched", True)


def test_who_takes_over_one_part_sees_that_part_only(town: Town, act_as: ActAs) -> None:
    west, east = at(act_as, 0.002, 0.005, "西边"), at(act_as, 0.008, 0.005, "东边")
    split(town)
    work()
    newcomer = Post.objects.get(place__code="G-E", role="grid_worker")
    other = Post.objects.get(code="T-gridb").person
    Post.objects.filter(pk=newcomer.pk).update(person=other)
    assert east.number in numbers(act_as("gridb"))
    assert west.number not in numbers(act_as("gridb"))


def test_a_grid_moved_to_another_community_is_that_communitys_from_then_on(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident")).matter
    assert made.number in numbers(act_as("community"))
    places.move_place(**ASKED, place_id=town.places["grid"].pk, parent_id=town.places["quarter2"].pk, on=DAY)
    work()
    moved = Matter.objects.get(pk=made.pk)
    assert moved.number not in numbers(act_as("community"))
    assert moved.number in numbers(act_as("community2"))
    assert moved.first_id == town.posts["committee_office2_unit"].pk
    assert moved.handler_id == town.posts["grid"].pk
    home = User.objects.get(username="resident").home
    assert home is not None
    assert (home.until, home.code) == (None, town.places["unit"].code)
    assert verify(DISTRICT).ok


def test_an_ended_grid_leaves_its_matters_to_the_community(town: Town, act_as: ActAs) -> None:
    made = at(act_as, 0.015, 0.005, "二网格")
    actions.accept(actor=act_as("gridb"), district_id=DISTRICT, matter_id=made.pk)
    places.end_place(**ASKED, place_id=town.places["gridb"].pk, on=DAY)
    work()
    moved = Matter.objects.get(pk=made.pk)
    assert moved.scope_path == town.places["quarter"].path
    assert (moved.state, moved.handler_id) == ("dispatched", town.posts["committee_office_unit"].pk)
    assert Post.objects.get(code="T-gridb").until == DAY
    assert numbers(act_as("gridb")) == set()
    assert verify(DISTRICT).ok


def test_what_is_closed_for_good_keeps_its_place_and_what_may_be_reopened_follows(town: Town, act_as: ActAs) -> None:
    old, recent = (opened(town, act_as("resident"), text).matter for text in ("早就", "刚刚"))
    now = timezone.now()
    for matter, days in ((old, 200), (recent, 3)):
        Matter.objects.filter(pk=matter.pk).update(state="closed", closed_at=now - timedelta(days=days))
    split(town)
    work()
    assert Matter.objects.get(pk=old.pk).scope_path == town.places["unit"].path
    assert tree(DISTRICT).by_path[Matter.objects.get(pk=recent.pk).scope_path].name == "1 单元"


def test_many_matters_go_in_stretches(town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(succession, "STRETCH", 2)
    for number in range(5):
        opened(town, act_as("resident"), f"第 {number} 件")
    split(town)
    work()
    assert Outbox.objects.filter(topic="succession").count() == 3
    assert set(Matter.objects.values_list("cell__code", flat=True)) == {"G-E"}
    assert set(Matter.objects.values_list("seq", flat=True)) == {3}


def test_a_place_that_passes_twice_before_the_worker_comes(town: Town, act_as: ActAs) -> None:
    made = at(act_as, 0.002, 0.005, "西边")
    west, _east = split(town)
    places.move_place(**ASKED, place_id=west.pk, parent_id=town.places["quarter2"].pk, on=DAY)
    work()
    current = Place.objects.get(code="G-W", until=None)
    assert Matter.objects.get(pk=made.pk).cell_id == current.pk
    assert Post.objects.get(code="T-grid").scope_path == current.path


def test_bodies_promises_rules_and_admissions_follow_their_place(town: Town, act_as: ActAs) -> None:
    quarter, post = town.places["quarter"], town.posts["department"]
    mine: dict[str, Any] = {"district": town.district, "scope_path": quarter.path}
    Policy.objects.create(**mine, place=quarter, name="本小区", stages={})
    rule = Rule.objects.create(**mine, order=11, name="本小区", to_role="steward")
    admission = Admission.objects.create(
        **mine, place=quarter, number="A1", title="x", basis="x", state="approved", since=SINCE, until="2099-01-01",
        applied_by=post, department=town.organisations["chengguan"],
    )  # fmt: skip
    parts = places.split_place(
        **ASKED, place_id=quarter.pk, on=DAY, parts=[places.Part("Q1", "东里"), places.Part("Q2", "西里")]
    )
    work()
    paths = {part.path for part in parts}
    assert {p.scope_path for p in Policy.objects.filter(name="本小区")} == paths
    assert {r.scope_path for r in Rule.objects.filter(name="本小区")} == paths
    assert {a.scope_path: a.number for a in Admission.objects.all()} == {parts[0].path: "A1", parts[1].path: "A1-2"}
    assert (Rule.objects.get(pk=rule.pk).order, Admission.objects.get(pk=admission.pk).scope_path) == (
        11,
        parts[0].path,
    )
    assert Organisation.objects.get(code="O-firm").scope_path == parts[0].path
    merged = places.merge_places(**ASKED, place_ids=[p.pk for p in parts], code="Q3", name="合里", on=DAY)
    work()
    assert Policy.objects.get(name="本小区", until=None).scope_path == merged.path
