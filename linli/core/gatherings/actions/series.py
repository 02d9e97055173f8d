"""Gatherings that come back: a series is begun and ended by hand, its drafts are written by the worker (jobs.py)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linli.core.gatherings.actions.common import at
from linli.core.gatherings.models import GatheringKind, Series
from linli.core.gatherings.rules.recurrence import Recurrence, parse_recurrence
from linli.core.matters.step import required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound


def start_series(
    *, actor: Actor, district_id: int, kind_id: uuid.UUID, place: Node, title: str, room_id: uuid.UUID | None = None,
    recurrence: dict[str, object] | None = None, now: datetime | None = None,
) -> Series:  # fmt: skip
    """From now on this kind comes back at this place. Without ``recurrence`` the kind's own one holds."""
    now = at(now)
    held = actor.over(duties.CONVENE, place.path)
    kind = GatheringKind.objects.filter(district_id=district_id, pk=kind_id).first()
    if held is None or kind is None or actor.district_id != district_id:
        raise NotFound(_("没有这种会，或那里的会不由您召集。"))
    raw = recurrence or kind.spec.get("recurrence")
    if not raw:
        raise Invalid(_("要写多久开一次。"), fields={"recurrence": _("要写多久开一次。")})
    try:
        rule = parse_recurrence(raw)
    except ValueError as wrong:
        raise Invalid(str(wrong), fields={"recurrence": str(wrong)}) from wrong
    row = made(district_id, kind.code, place, held.id, required(title, "title", limit=80), raw, rule, now, room_id)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as twice:
        raise Conflict(_("这里已经有这个例会。"), code="series_twice") from twice
    return row


def made(
    district_id: int, kind: str, place: Node, host: uuid.UUID, title: str, raw: object, rule: Recurrence,
    now: datetime, room_id: uuid.UUID | None = None,
) -> Series:  # fmt: skip
    """A series whose first draft is due as soon as its first sitting is near enough; not saved."""
    first = rule.after(now)
    return Series(
        id=new_id(), district_id=district_id, kind_code=kind, place_id=place.id, host_id=host, room_id=room_id,
        title=title, recurrence=raw, next_at=first, make_at=rule.made(first),
    )  # fmt: skip


def stop_series(*, actor: Actor, district_id: int, series_id: uuid.UUID) -> Series:
    """No further drafts. What was drafted already stands and is cancelled by hand, or held."""
    with transaction.atomic():
        row = Series.objects.select_for_update(of=("self",)).select_related("place").filter(
            district_id=district_id, pk=series_id).first()  # fmt: skip
        if row is None or actor.district_id != district_id:
            raise NotFound(_("没有找到这个例会。"))
        if actor.over(duties.CONVENE, row.place.path) is None:
            raise Forbidden(_("会由主持的人来办。"))
        row.active = False
        row.save(update_fields=["active"])
    return row
