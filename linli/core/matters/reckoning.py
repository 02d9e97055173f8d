"""What people look at of how figures are reckoned: exclusions and objections, in public and for who decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from linli.core.matters.actions import reckoning
from linli.core.matters.models import Exclusion, Matter, Objection
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit.fields import subtree

_EXCLUSION = ("matter", "by", "ended_by")
_OBJECTION = ("matter", "exclusion", "post", "answered_by")


def exclusions(
    district_id: int, *, figure: str = "", state: str = "", within: QuerySet[Matter] | None = None
) -> QuerySet[Exclusion]:
    """Exclusions of a district, newest first; ``within`` cuts them to those of these matters.

    What may be told of the matters is for the caller to mask.
    """
    rows = Exclusion.objects.filter(district_id=district_id)
    if within is not None:
        rows = rows.filter(matter_id__in=within.values("pk"))
    if figure:
        rows = rows.filter(figure__in=[figure, "all"])
    if state == "force":
        rows = rows.filter(ended_at=None)
    elif state == "ended":
        rows = rows.exclude(ended_at=None)
    return rows.select_related(*_EXCLUSION).order_by("-at", "-id")


def objections(district_id: int, *, path: str = "", state: str = "") -> QuerySet[Objection]:
    """Objections of a district, newest first."""
    rows = Objection.objects.filter(_inside(path), district_id=district_id)
    if state:
        rows = rows.filter(state=state)
    return rows.select_related(*_OBJECTION).order_by("-at", "-id")


def waiting(actor: Actor) -> QuerySet[Objection]:
    """What the actor's duty reaches of objections: those to answer, and those that were."""
    reach = Q(pk__in=[])
    for path in actor.paths(duties.JUDGE):
        reach |= _inside(path)
    rows = Objection.objects.filter(reach, district_id=actor.district_id or 0)
    return rows.select_related(*_OBJECTION).order_by("-at", "-id")


def _inside(path: str) -> Q:
    if not path:
        return Q()
    low, high = subtree(path)
    return Q(matter__scope_path__gte=low, matter__scope_path__lt=high)


@dataclass(frozen=True)
class Reckoned:
    """How one matter is reckoned: what is in force, what was, and what was said against it."""

    in_force: Exclusion | None
    ended: list[Exclusion]
    objections: list[Objection]

    def __bool__(self) -> bool:
        return bool(self.in_force or self.ended or self.objections)


def of_matter(matter: Matter) -> Reckoned:
    """Two short questions by the matter's index."""
    mine = {"district_id": matter.district_id, "matter_id": matter.pk}
    found = of_matter_exclusions(matter)
    said = list(Objection.objects.filter(**mine).select_related(*_OBJECTION[1:]).order_by("-at"))
    return Reckoned(next((e for e in found if e.ended_at is None), None), [e for e in found if e.ended_at], said)


def of_matter_exclusions(matter: Matter) -> list[Exclusion]:
    """What was ever left out of this matter, newest first."""
    rows = Exclusion.objects.filter(district_id=matter.district_id, matter_id=matter.pk)
    found = list(rows.select_related(*_EXCLUSION[1:]).order_by("-at"))
    for row in found:
        row.matter = matter
    return found


def left_out_numbers(district_id: int, numbers: Collection[str]) -> dict[str, str]:
    """Of these matters, those that are left out of a rate, and of which: for a page of a list, in one question."""
    rows = Exclusion.objects.filter(district_id=district_id, matter__number__in=numbers, ended_at=None)
    return dict(rows.values_list("matter__number", "figure"))


def may_decide(actor: Actor, matter: Matter) -> bool:
    return reckoning.deciding_post(actor, matter) is not None
