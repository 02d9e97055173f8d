"""What insight does after the commit, in the worker: traces and suggestions of what is new, none of what is erased."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.models import Matter
from linli.core.places.tree import district_ids
from linli.insight import alike, suggesting
from linli.insight.duplicates import commonness, tracing
from linli.insight.suggesting import guessing, lessons, making
from linli.kit.models import Outbox
from linli.kit.outbox import handles


def ready() -> None:
    """Being imported registers the topics; a call, so that nobody takes the import for unused."""
    alike.ready()


@handles("triage", lazy("看说的是哪一类"), before=guessing.load)
def _triage(row: Outbox, now: datetime) -> None:
    """A new matter: what it is compared by, and what is suggested for it."""
    matter = _matter(row)
    if matter is not None:
        suggesting.suggest(matter, now)
        tracing.trace(matter)


@handles("returned", lazy("退单后重看派给谁"))
def _returned(row: Outbox, now: datetime) -> None:
    """Given back with a reason: a lesson, and a new look at who should handle it."""
    asked = row.payload
    lessons.keep(
        row.district_id, UUID(asked["matter"]), "handler", "returned", row.at, said=str(asked.get("by", "")),
        meant=str(asked.get("suggest", "")), reason=str(asked.get("reason", "")),
    )  # fmt: skip
    matter = _matter(row)
    if matter is not None:
        suggesting.suggest_handler(matter, now)


def _matter(row: Outbox) -> Matter | None:
    return Matter.objects.filter(district_id=row.district_id, pk=row.payload["matter"]).first()


@handles("erased", lazy("抹去之后的清理"))
def _erased(row: Outbox, now: datetime) -> None:
    """Words were erased: their traces go too, and what was suggested because of them."""
    tracing.forget(row.district_id, UUID(row.payload["matter"]))
    making.forget(row.district_id, row.payload["matter"])


def keep_up() -> int:
    """Now and then: counts that have grown old, and traces that nobody compares any more."""
    counted = sum(commonness.keep_up(district_id) > 0 for district_id in district_ids())
    return counted + tracing.purge()
