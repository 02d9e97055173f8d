"""What insight does after the commit, in the worker: traces and suggestions of what is new, none of what is erased."""

from __future__ import annotations

from datetime import datetime

from linli.core.matters.models import Matter
from linli.core.places.tree import district_ids
from linli.insight.duplicates import commonness, tracing
from linli.kit.models import Outbox
from linli.kit.outbox import handles


def ready() -> None:
    """Being imported registers the topics; a call, so that nobody takes the import for unused."""


@handles("triage")
def _triage(row: Outbox, now: datetime) -> None:
    """A new matter: what it is compared by. A matter that is gone since costs nothing."""
    matter = Matter.objects.filter(district_id=row.district_id, pk=row.payload["matter"]).first()
    if matter is not None:
        tracing.trace(matter)


@handles("erased")
def _erased(row: Outbox, now: datetime) -> None:
    """Words were erased: their traces go too."""
    tracing.forget(row.district_id, row.payload["matter"])


def keep_up() -> int:
    """Now and then: counts that have grown old, and traces that nobody compares any more."""
    counted = sum(commonness.keep_up(district_id) > 0 for district_id in district_ids())
    return counted + tracing.purge()
