"""What the matrix needs of councils: in each community a sitting that is going on, with a topic and a resolution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from linli.core.gatherings import actions as core
from linli.core.gatherings.actions import Charge, Planned
from linli.core.gatherings.models import GatheringKind
from linli.core.matters.models import Kind
from linli.core.people.actor import SYSTEM, Actor
from linli.core.places.tree import tree
from linli.kit import memory
from linli.offices.councils import actions, queries
from tests.cast import Town

SPEC: dict[str, Any] = {
    "roles": [{"role": "community_worker"}], "residents": True, "outcomes": ["settled", "split", "heard"]
}  # fmt: skip


@dataclass(frozen=True)
class Council:
    """Every id that an address of the council may name."""

    topic: str
    gathering: str
    item: str
    resolution: str


def council(town: Town, resident: Actor, host: Actor, community: str) -> Council:
    """A topic of that community, talked about and resolved in a sitting that has not ended."""
    district = town.district.pk
    Kind.objects.get_or_create(district=town.district, code="topic", defaults={"name": "议题"})
    kind = GatheringKind.objects.filter(district=town.district, code="council").first() or core.add_kind(
        actor=SYSTEM, district_id=district, code="council", name="居民议事会", spec=SPEC
    )
    memory.forget()
    place = tree(district).by_id[town.places[community].pk]
    topic = actions.propose(actor=resident, place=place, text="建不建充电棚").matter
    starts = timezone.now() + timedelta(hours=1)
    planned = Planned("议事会", place, starts, starts + timedelta(hours=1), None, "活动室")
    ids: dict[str, Any] = {"actor": host, "district_id": district}
    made = core.draft(kind_id=kind.pk, planned=planned, **ids)
    ids["gathering_id"] = made.pk
    item = core.add_item(matter_id=topic.pk, **ids)
    core.call(**ids)
    core.begin(**ids)
    core.discuss(item_id=item.pk, outcome="split", text="建", **ids)
    now = timezone.now()  # one moment for the day and the act: midnight may come between them
    day = timezone.localdate(now)
    owner = town.posts["committee_office_unit" if community == "community" else "committee_office2_unit"]
    made.refresh_from_db()
    row = actions.resolve(
        actor=host, item=queries.item(made, item.pk), text="建棚", charge=Charge(owner.pk, day, day), now=now
    )  # fmt: skip
    return Council(topic.number, made.number, str(item.pk), str(row.pk))
