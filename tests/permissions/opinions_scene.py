"""What the matrix needs of opinion rounds: in each community one that is open, with one sentence in one group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from linli.core.people.actor import Actor
from linli.core.places.models import Place
from linli.core.places.tree import step, tree
from linli.kit import memory
from linli.offices.opinions import actions
from linli.offices.opinions.actions import Heard, Plan
from tests.cast import Town


@dataclass(frozen=True)
class Asked:
    """Every id that an address of the round may name."""

    code: str
    building: str
    opinion: str
    group: str


def asked(town: Town, host: Actor, community: str) -> Asked:
    house = town.places["building"] if community == "community" else _house(town)
    known = tree(town.district.pk)
    today = timezone.localdate()
    plan = Plan(
        place=known.by_id[town.places[community].pk], title="灯", questions=["灯怎么装？"], starts_on=today,
        roles=["grid_worker", "building_head"], ends_on=today + timedelta(days=3),
    )  # fmt: skip
    row = actions.begin(actor=host, row=actions.draft(actor=host, plan=plan))
    kept = actions.say(actor=host, row=row, heard=Heard("声控的。"), key=f"{community:x<32}")
    assert kept.opinion is not None
    group = actions.gather(actor=host, row=row, opinions=[kept.opinion.pk], title="声控")
    return Asked(row.code, house.code, str(kept.opinion.pk), str(group.pk))


def _house(town: Town) -> Place:
    """The second community has no house of its own in the town."""
    above = town.places["grid2"]
    made, _new = Place.objects.get_or_create(
        district=town.district, parent=above, level="building", code=f"{above.code}77", name="7 号楼",
        path=above.path + step(77), defaults={"since": above.since},
    )  # fmt: skip
    memory.forget()
    return made
