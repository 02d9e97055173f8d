"""Likely duplicates as they are shown: to staff what they see anyway, to residents what is public, and masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from linli.core.matters import masks, seeing
from linli.core.matters.actions.following import may_follow, public_place
from linli.core.matters.flow import LIVE, MERGED, MOVES
from linli.core.matters.models import Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, tree
from linli.insight.duplicates import likeness
from linli.insight.duplicates.finding import Likely, likely

_ASKED: Final = 4  # times as many are looked for as are shown: some of them are not this person's to see
_ENDED_SINCE: Final = timedelta(days=30)  # what ended longer ago is not shown beside a live one


@dataclass(frozen=True)
class Beside:
    """A likely duplicate at the desk. ``into`` says that this one may be merged into it now."""

    matter: Matter
    likeness: float
    sure: bool
    why: tuple[str, ...]
    may_merge: bool

    @property
    def percent(self) -> int:
        return round(self.likeness * 100)

    @property
    def where(self) -> str:
        known = tree(self.matter.district_id)
        node = known.by_id.get(self.matter.place_id)
        return known.full_name(node) if node else ""


def beside(actor: Actor, matter: Matter, most: int = 5) -> list[Beside]:
    """What lies beside a matter and is likely the same, among what the actor sees. A merged one's job is no news."""
    if matter.state == MERGED:
        return []
    known = tree(matter.district_id)
    found = likely(
        matter.district_id, matter.text, place=known.by_id.get(matter.place_id), lon=matter.lon, lat=matter.lat,
        at=matter.opened_at, but=matter.pk, most=most * _ASKED,
    )  # fmt: skip
    kept = [one for one in found if _is_news(one, matter) and seeing.may_see(actor, one.matter)]
    return [
        Beside(one.matter, one.likeness, one.sure, one.why, may_merge(actor, matter, one.matter)) for one in kept[:most]
    ]


def _is_news(one: Likely, matter: Matter) -> bool:
    if one.matter.job_id == matter.pk or one.matter.state == MERGED:
        return False  # the job stands in the list itself
    ended = one.matter.closed_at
    return ended is None or matter.opened_at - ended <= _ENDED_SINCE


def may_merge(actor: Actor, matter: Matter, job: Matter) -> bool:
    """Whether ``merge`` would be taken: the same questions as the action asks."""
    return (
        matter.state in MOVES["merge"].sources
        and job.state in LIVE
        and matter.households == 1
        and actor.over(duties.MERGE, matter.scope_path) is not None
        and actor.over(duties.MERGE, job.scope_path) is not None
    )


def as_items(found: Sequence[Beside]) -> list[dict[str, Any]]:
    """For programs."""
    return [
        {
            "number": one.matter.number, "title": one.matter.title, "state": one.matter.state,
            "place": one.where, "opened_at": one.matter.opened_at.isoformat(timespec="seconds"),
            "households": one.matter.households, "likeness": one.likeness, "sure": one.sure, "why": list(one.why),
            "may_merge": one.may_merge,
        }
        for one in found
    ]  # fmt: skip


@dataclass(frozen=True)
class Offered:
    """A matter that a resident may follow instead of filing: nothing but what the public ledger shows."""

    number: str
    title: str
    excerpt: str
    place: str
    state: str
    state_name: str
    opened_at: datetime
    households: int
    why: tuple[str, ...]


def offered(
    district_id: int, text: str, place: Node | None, lon: float | None = None, lat: float | None = None, most: int = 3
) -> list[Offered]:
    """Live public jobs that are surely the same. Places are named down to the building, never to the staircase."""
    return offers(
        likely(district_id, text, place=place, lon=lon, lat=lat, most=most * _ASKED, least=likeness.SURE), most
    )


def offers(found: Sequence[Likely], most: int = 3) -> list[Offered]:
    """Of what was found, what a resident may follow."""
    return [_offer(one) for one in found if one.sure and may_follow(one.matter)][:most]


def _offer(one: Likely) -> Offered:
    matter = one.matter
    title, said = masks.title(matter.text), masks.excerpt(matter.text)
    return Offered(
        number=matter.number, title=title, excerpt=said.removeprefix(title).lstrip("。！？!?；;. "),
        place=tree(matter.district_id).full_name(public_place(matter)), state=matter.state,
        state_name=str(matter.get_state_display()), opened_at=matter.opened_at,
        households=matter.households, why=one.public_why,
    )  # fmt: skip
