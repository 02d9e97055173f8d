"""Notices reach one building's people and nobody else's; reads are numbers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from linli.core.people import notices
from linli.core.people.actor import Actor
from linli.core.people.models import Notice, User
from linli.core.places import actions as places
from linli.core.places.tree import Node, tree
from linli.kit import memory, outbox
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.notices import actions, jobs, queries
from linli.offices.notices.models import Announcement, Tally
from tests.cast import DISTRICT, Town

pytestmark = pytest.mark.system("P3")
HANDLING = (notices, jobs)  # imported for the topics that they register
ActAs = Callable[[str], Actor]


def node(town: Town, key: str) -> Node:
    return tree(DISTRICT).by_id[town.places[key].pk]


def publish(actor: Actor, place: Node, **more: Any) -> Announcement:
    said: dict[str, Any] = {
        "title": "周六上午停水", "text": "8:30 到 11:30，请接一点水。", "key": uuid.uuid4().hex,
        "until": timezone.localdate() + timedelta(days=7),
    }  # fmt: skip
    return actions.publish(actor=actor, place=place, **{**said, **more})


def drain() -> None:
    while outbox.drain():
        pass


def resident(town: Town, name: str, key: str) -> User:
    return User.objects.create(username=name, district=town.district, home=town.places[key], demo=True)


def test_a_notice_reaches_one_buildings_people_and_no_other(town: Town, act_as: ActAs) -> None:
    neighbour = resident(town, "neighbour", "unitb")
    row = publish(act_as("building"), node(town, "building"))
    drain()
    got = set(Notice.objects.filter(url__contains=str(row.pk)).values_list("user__username", flat=True))
    assert got == {"resident", neighbour.username}
    assert [b.pk for b in queries.standing(tree(DISTRICT), node(town, "unitb"))] == [row.pk]
    for elsewhere in ("grid", "gridb", "grid2", "quarter"):
        assert queries.standing(tree(DISTRICT), node(town, elsewhere)) == []
    assert queries.counts([row])[row.pk] == queries.Counts(told=2, read=0, door=0)


def test_inboxes_are_filled_in_stretches_and_each_once(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "STRETCH", 2)
    for n in range(4):
        resident(town, f"neighbour{n}", "unit")
    row = publish(act_as("community"), node(town, "community"))
    drain()
    assert Notice.objects.filter(url__contains=str(row.pk)).count() == 5
    assert Tally.objects.filter(announcement=row, what="told").count() == 3
    assert queries.counts([row])[row.pk].told == 5


def test_who_may_say_what_to_whom(town: Town, act_as: ActAs) -> None:
    for who, where in (("building", "unit"), ("grid", "grid"), ("community", "quarter"), ("street", "community")):
        assert publish(act_as(who), node(town, where)).by.endswith(town.posts[who].title)
    for who, where in (
        ("building", "grid"), ("grid", "gridb"), ("community", "community2"), ("steward", "quarter"),
        ("property", "quarter"), ("auditor", "unit"), ("resident", "unit"),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            publish(act_as(who), node(town, where))


def test_a_form_sent_twice_is_one_notice_and_another_under_its_key_is_refused(town: Town, act_as: ActAs) -> None:
    first = publish(act_as("building"), node(town, "building"), key="a" * 32)
    assert publish(act_as("building"), node(town, "building"), key="a" * 32).pk == first.pk
    with pytest.raises(Conflict):
        publish(act_as("building"), node(town, "building"), key="a" * 32, title="别的")
    assert Announcement.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"title": " "}, "title"), ({"text": "字" * 1001}, "text"), ({"channels": ["fax"]}, "channels"),
     ({"days": -1}, "until"), ({"days": 400}, "until")],
)  # fmt: skip
def test_what_cannot_stand_is_refused_beside_its_field(
    town: Town, act_as: ActAs, wrong: dict[str, Any], field: str
) -> None:
    if "days" in wrong:
        wrong = {"until": timezone.localdate() + timedelta(days=wrong["days"])}
    with pytest.raises(Invalid) as refused:
        publish(act_as("building"), node(town, "building"), **wrong)
    assert field in refused.value.fields
    assert not Announcement.objects.exists()


def test_one_that_is_taken_down_or_over_is_seen_nowhere(town: Town, act_as: ActAs) -> None:
    row = publish(act_as("building"), node(town, "building"))
    old = publish(act_as("building"), node(town, "building"))
    Announcement.objects.filter(pk=old.pk).update(until=timezone.localdate() - timedelta(days=1))
    actions.withdraw(actor=act_as("community"), announcement_id=row.pk)
    drain()
    assert queries.standing(tree(DISTRICT), node(town, "unit")) == []
    assert not Notice.objects.filter(url__contains="/n/").exists()
    with pytest.raises(NotFound):
        queries.one(row.pk)
    assert queries.one(old.pk).pk == old.pk
    with pytest.raises(Conflict):
        actions.withdraw(actor=act_as("building"), announcement_id=row.pk)
    with pytest.raises(NotFound):
        actions.withdraw(actor=act_as("community2"), announcement_id=row.pk)


def test_counts_are_folded_and_stay_the_same(town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "FOLD_OVER", 5)
    row = publish(act_as("building"), node(town, "building"))
    for n in range(8):
        actions.count_read(row, "door" if n % 2 else "elsewhere")
    for _ in range(3):
        actions.count_read(row, "door")
    before = queries.counts([row])[row.pk]
    assert (before.read, before.door) == (11, 7)
    assert jobs.fold() == 7
    assert queries.counts([row])[row.pk] == before
    assert Tally.objects.filter(announcement=row, what="read:door").count() == 1


def test_no_table_says_who_read_what() -> None:
    """limits.md 1 and 8: a count has no account, no address, no time."""
    assert {field.name for field in Tally._meta.get_fields()} == {"id", "district_id", "announcement", "what", "count"}


def test_a_notice_follows_its_building_to_another_grid(town: Town, act_as: ActAs) -> None:
    row = publish(act_as("building"), node(town, "building"))
    places.move_place(
        by="x", district_id=DISTRICT, place_id=town.places["building"].pk, parent_id=town.places["gridb"].pk
    )
    memory.forget()
    moved = tree(DISTRICT).by_door[town.places["unit"].door or ""]
    assert [b.pk for b in queries.standing(tree(DISTRICT), moved)] == [row.pk]
