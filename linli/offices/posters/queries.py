"""What people look at: the runs of their own ground, how far each is, and its files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from linli.core.people.actor import Actor
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.offices.posters.models import Part, Run
from linli.offices.posters.places import grounds


@dataclass(frozen=True)
class Progress:
    """How far a run is: doors and files done, files that failed, bytes that can be fetched."""

    doors: int = 0
    parts: int = 0
    done: int = 0
    failed: int = 0
    size: int = 0

    @property
    def waiting(self) -> int:
        return self.parts - self.done - self.failed


def runs(actor: Actor) -> QuerySet[Run]:
    """Runs over places under the actor's own."""
    inside = Q()
    for path in grounds(actor):
        low, high = subtree(path)
        inside |= Q(scope_path__gte=low, scope_path__lt=high)
    if not inside:
        return Run.objects.none()
    return Run.objects.filter(inside, district_id=actor.district_id or 0)


def run_of(actor: Actor, run_id: uuid.UUID) -> Run:
    return the_one(runs(actor).filter(pk=run_id), "no such run")


def progress(found: Iterable[Run]) -> dict[uuid.UUID, Progress]:
    """How far each is, in one query."""
    rows = list(found)
    if not rows:
        return {}
    parts = Part.objects.filter(district_id=rows[0].district_id, run_id__in=[run.pk for run in rows])
    done = Q(state="done")
    sums = parts.order_by().values("run_id").annotate(
        parts=Count("id"), done=Count("id", filter=done), failed=Count("id", filter=Q(state="failed")),
        doors=Sum("count", filter=done), size=Sum("size", filter=done),
    )  # fmt: skip
    made = {
        each["run_id"]: Progress(each["doors"] or 0, each["parts"], each["done"], each["failed"], each["size"] or 0)
        for each in sums
    }
    return {run.pk: made.get(run.pk, Progress()) for run in rows}


def parts_of(run: Run) -> QuerySet[Part]:
    return Part.objects.filter(district_id=run.district_id, run=run).order_by("serial").defer("places")
