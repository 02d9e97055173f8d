"""What is done with a facility: add it, change it, take it out, say what is broken at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.actions.opening import Asked, Opened, prepare
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, tree
from linli.kit import files
from linli.kit.finding import the_one
from linli.kit.ids import new_id
from linli.kit.models import Change, Upload
from linli.kit.refusal import Conflict, Forbidden, Invalid
from linli.kit.writer import insert
from linli.offices.facilities.kinds import KINDS, SERVICES
from linli.offices.facilities.models import Condition, Facility, Fault

Answer = Callable[[Opened], models.Model]


@dataclass(frozen=True)
class Facts:
    """What a keeper says of a facility."""

    name: str
    address: str = ""
    services: Sequence[str] = ()
    hours: dict[str, list[str]] = field(default_factory=dict)
    condition: str = Condition.RUNNING.value
    reason: str = ""
    paused_until: date | None = None
    lon: float | None = None
    lat: float | None = None


def add(*, actor: Actor, kind: str, place: Node, facts: Facts, now: datetime | None = None) -> Facility:
    """A new one at a place that the actor keeps."""
    now = now or timezone.now()
    _must_keep(actor, place.path)
    if kind not in KINDS:
        raise Invalid(_("没有这一种设施。"), fields={"kind": _("没有这一种设施。")})
    lon, lat = (facts.lon, facts.lat) if facts.lon is not None else (place.lon, place.lat)
    if lon is None or lat is None:
        raise Invalid(_("在图上点一下位置。"), fields={"lon": _("在图上点一下位置。")})
    district_id = actor.district_id or 0
    with transaction.atomic():
        made = Facility(
            id=new_id(), district_id=district_id, kind=kind, place_id=place.id, scope_path=place.path, lon=lon, lat=lat,
            code=_code(district_id, kind), since=timezone.localdate(now), changed_at=now,
        )  # fmt: skip
        _put(made, facts)
        made.save(force_insert=True)
        _note(actor, made, _("添了%s") % made.name, now)
    return made


def change(*, actor: Actor, code: str, facts: Facts, version: int | None, now: datetime | None = None) -> Facility:
    """What a keeper corrects. Raises Conflict where somebody else was quicker."""
    now = now or timezone.now()
    with transaction.atomic():
        row = _locked(actor, code)
        if version is not None and version != row.version:
            raise Conflict(_("这一处刚被别人改过，请看一眼新的再改。"), code="stale")
        before = _facts_of(row)
        _put(row, facts)
        if facts.lon is not None and facts.lat is not None:
            row.lon, row.lat = facts.lon, facts.lat
        row.version, row.changed_at = row.version + 1, now
        row.save()
        after = _facts_of(row)
        told = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if told:
            _note(actor, row, _("改了%s") % row.name, now, **told)
    return row


def end(*, actor: Actor, code: str, now: datetime | None = None) -> Facility:
    """Take it out of the list. Its history and its faults stay."""
    now = now or timezone.now()
    with transaction.atomic():
        row = _locked(actor, code)
        if row.until is None:
            row.until, row.version, row.changed_at = timezone.localdate(now), row.version + 1, now
            row.save(update_fields=["until", "version", "changed_at"])
            _note(actor, row, _("撤了%s") % row.name, now)
    return row


def report_fault(
    *, actor: Actor, facility: Facility, text: str, name: str = "", phone: str = "",
    uploads: list[Upload] | None = None, channel: str = "web", answer: Answer | None = None,
    now: datetime | None = None,
) -> Opened:  # fmt: skip
    """Say what is broken: a matter with place and point filled in, linked to the facility, in one write."""
    known = tree(facility.district_id)
    words = text.replace("\0", "").strip()
    if not words:
        raise Invalid(_("这一项要写。"), fields={"text": _("写一句什么坏了。")})
    asked = Asked(
        kind=KINDS[facility.kind].matter, text=f"{facility.name}：{words}", district_id=facility.district_id,
        place=known.by_id[facility.place_id], lon=facility.lon, lat=facility.lat, name=name, phone=phone,
        channel=channel, uploads=uploads or [],
    )  # fmt: skip
    opened, rows = prepare(actor=actor, asked=asked, now=now)
    link = Fault(id=new_id(), district_id=facility.district_id, facility_id=facility.pk, matter_id=opened.matter.pk)
    insert([*rows, link, *([answer(opened)] if answer else [])])
    files.used(asked.uploads)
    return opened


def _must_keep(actor: Actor, path: str) -> None:
    if actor.over(duties.FACILITIES, path) is None:
        raise Forbidden(_("这一处不归您管。"))


def _locked(actor: Actor, code: str) -> Facility:
    rows = Facility.objects.select_for_update().filter(district_id=actor.district_id or 0, code=code, until=None)
    row = the_one(rows, _("没有找到这一处。"))
    _must_keep(actor, row.scope_path)
    return row


def _put(row: Facility, facts: Facts) -> None:
    unknown = [code for code in facts.services if code not in SERVICES]
    if unknown:
        raise Invalid(_("没有这项服务：%s。") % unknown[0], fields={"services": _("没有这项服务：%s。") % unknown[0]})
    if facts.condition == Condition.PAUSED and not facts.reason.strip():
        raise Invalid(_("暂停开放要说为什么。"), fields={"reason": _("暂停开放要说为什么。")})
    row.name, row.address = facts.name.strip(), facts.address.strip()
    row.services = [code for code in SERVICES if code in facts.services]
    row.hours, row.condition = facts.hours, facts.condition
    paused = facts.condition == Condition.PAUSED
    row.reason, row.paused_until = (facts.reason.strip(), facts.paused_until) if paused else ("", None)


def _facts_of(row: Facility) -> dict[str, Any]:
    until = row.paused_until.isoformat() if row.paused_until else None
    return {"name": row.name, "address": row.address, "services": list(row.services), "hours": row.hours,
            "condition": str(row.condition), "reason": row.reason, "paused_until": until,
            "lon": row.lon, "lat": row.lat}  # fmt: skip


def _code(district_id: int, kind: str) -> str:
    """The next free one of its kind; the unique constraint settles a race."""
    letters = "".join(part[0] for part in kind.split("_")).upper()
    held = Facility.objects.filter(district_id=district_id, kind=kind).values_list("code", flat=True)
    serials = [int(code.rpartition("-")[2]) for code in held if code.rpartition("-")[2].isdigit()]
    return f"{letters}-{max(serials, default=0) + 1:03d}"


def _note(actor: Actor, row: Facility, sentence: str, now: datetime, **data: Any) -> None:
    Change.objects.create(
        id=new_id(), district_id=row.district_id, at=now, actor=actor.label()[:80], subject=f"facility {row.code}",
        sentence=sentence[:500], data=data,
    )  # fmt: skip
