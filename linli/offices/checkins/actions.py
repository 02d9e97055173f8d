"""What people do: report, offer, choose, begin and finish, certify, sum up. Nobody certifies what is their own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import records
from linli.core.people.actor import Actor, Held
from linli.core.people.models import Organisation, Person
from linli.core.places.tree import Node, tree
from linli.kit import codes
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.checkins import booked, queries
from linli.offices.checkins.models import (
    CheckIn,
    How,
    Item,
    Service,
    ServiceState,
    Sign,
    Summary,
    UnitReport,
    UnitState,
)

NAME_LONGEST = 20
LONGEST = 12 * 60  # minutes of one service
BACK = timedelta(days=31)
# What a member does with a service of his own: from which states, and to which.
MOVES = {
    "start": ((ServiceState.CHOSEN,), ServiceState.STARTED),
    "finish": ((ServiceState.STARTED,), ServiceState.DONE),
    "withdraw": ((ServiceState.CHOSEN, ServiceState.STARTED), ServiceState.WITHDRAWN),
}


def _keeping(actor: Actor, path: str) -> Held:
    held = actor.over(queries.KEEPS, path)
    if held is None:
        raise Forbidden(_("由社区来办。"))
    return held


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────────────
def report_unit(*, actor: Actor, place: Node, brings: str, organisation_id: uuid.UUID | None = None) -> UnitReport:
    """A unit reports to a community; told twice, it is the report that stands. Its own people, or whoever keeps the
    community's book, write it down; the community agrees in either case with ``answer_unit``."""
    unit = _unit(actor, organisation_id)
    if unit is None or (unit.pk not in actor.organisation_ids and not queries.may_keep(actor, place.path)):
        raise Forbidden(_("单位报到由本单位的人来报。"))
    if place.level != "community":
        raise Invalid(_("报到到社区。"), fields={"place": _("选一个社区。")})
    words = brings.strip()
    if not words:
        raise Invalid(_("写上单位能做什么。"), fields={"brings": _("写一句。")})
    standing = UnitReport.objects.filter(district_id=unit.district_id, organisation=unit, place_id=place.id)
    found = standing.exclude(state=UnitState.ENDED).first()
    if found is not None:
        return found
    return UnitReport.objects.create(
        district_id=unit.district_id, organisation=unit, place_id=place.id, scope_path=place.path, brings=words[:300],
        reported_by=actor.label()[:80],
    )  # fmt: skip


def _unit(actor: Actor, organisation_id: uuid.UUID | None) -> Organisation | None:
    today = timezone.localdate()
    own = sorted(actor.organisation_ids)
    wanted = organisation_id or (own[0] if len(own) == 1 else None)
    rows = Organisation.objects.filter(Q(until=None) | Q(until__gt=today), district_id=actor.district_id or 0)
    return rows.filter(pk=wanted).first() if wanted else None


def answer_unit(*, actor: Actor, report_id: uuid.UUID, agree: bool) -> UnitReport:
    """The community agrees, or ends the agreement. A unit does not agree with itself."""
    with transaction.atomic():
        row = queries.unit_report(actor, report_id, lock=True)
        held = _keeping(actor, row.scope_path)
        if held.organisation_id is not None and held.organisation_id == row.organisation_id:
            raise Forbidden(_("自己单位的报到，由别人来答应。"))
        if agree and row.state != UnitState.REPORTED:
            raise Conflict(_("已经答应过了。"), code="answered")
        row.state = UnitState.AGREED if agree else UnitState.ENDED
        row.answered_by, row.answered_at = actor.label(held)[:80], timezone.now()
        row.ended_on = None if agree else timezone.localdate()
        row.save(update_fields=["state", "answered_by", "answered_at", "ended_on"])
    return row


# ── signs and items ─────────────────────────────────────────────────────────────────────────────────────────────
def renew_sign(*, actor: Actor, place: Node) -> Sign:
    """A new printed code; the one before it opens nothing from now on."""
    held = _keeping(actor, place.path)
    district_id = tree(actor.district_id or 0).district.id
    with transaction.atomic():
        Sign.objects.filter(district_id=district_id, place_id=place.id, ended_at=None).update(ended_at=timezone.now())
        return Sign.objects.create(
            district_id=district_id, place_id=place.id, code=codes.new_code(district_id, "post"),
            made_by=actor.label(held)[:80],
        )  # fmt: skip


def offer(*, actor: Actor, place: Node, title: str, what: str, times: str, needed: int, standing: bool = False) -> Item:
    """A post or a service that the community would like somebody for."""
    held = _keeping(actor, place.path)
    district_id = tree(actor.district_id or 0).district.id
    if not 1 <= needed <= 200:
        raise Invalid(_("要几个人？1 到 200。"), fields={"needed": _("1 到 200。")})
    return Item.objects.create(
        district_id=district_id, place_id=place.id, scope_path=place.path, title=title.strip()[:60],
        what=what.strip()[:300], times=times.strip()[:80], needed=needed, standing=standing,
        made_by=actor.label(held)[:80],
    )  # fmt: skip


def close_item(*, actor: Actor, item_id: uuid.UUID) -> Item:
    """Nobody can choose it any more; who has chosen it finishes."""
    item = queries.open_item(actor.district_id or 0, item_id)
    if not queries.may_keep(actor, item.scope_path):
        raise NotFound(_("没有这一项，或者已经收了。"))
    item.closed_at = timezone.now()
    item.save(update_fields=["closed_at"])
    return item


# ── members ─────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Reporting:
    """What somebody says who reports. The name is asked where the account has none."""

    how: str
    name: str = ""
    unit: str = ""
    party_member: bool = False


def check_in(*, actor: Actor, code: str, said: Reporting) -> CheckIn:
    """By the community's printed code and one confirmation. Reported already, it is the report that stands."""
    found = queries.sign_of(code)
    if found is None or actor.user_id is None or found[0].district_id != actor.district_id:
        raise NotFound(_("这张码换过了，或者不是这里的。请看社区新贴的那张。"))
    sign, node = found
    if said.how not in How.values:
        raise Invalid(_("选一种报到。"), fields={"how": _("选一种。")})
    unit = _named_unit(sign.district_id, said.unit)
    if said.how == How.UNIT and unit is None:
        raise Invalid(_("写上您的单位。"), fields={"unit": _("到单位包联的社区报到，要写上您的单位，写全称。")})
    with transaction.atomic():
        person = _person(actor, sign.district_id, said.name)
        row, _new = CheckIn.objects.get_or_create(
            district_id=sign.district_id, person_id=person, place_id=node.id, how=said.how, ended_on=None,
            defaults={"scope_path": node.path, "user_id": actor.user_id, "organisation": unit,
                      "party_member": said.party_member, "via": "qr"},
        )  # fmt: skip
    return row


def _named_unit(district_id: int, word: str) -> Organisation | None:
    if not word.strip():
        return None
    mine = Organisation.objects.filter(district_id=district_id, kind__in=queries.REPORTING)
    found = list(mine.filter(Q(name=word.strip()) | Q(code=word.strip()))[:2])
    if len(found) != 1:
        message = _("没有找到“%s”，要写全称或编码。") % word.strip()
        raise Invalid(message, fields={"unit": message})
    return found[0]


def _person(actor: Actor, district_id: int, name: str) -> uuid.UUID:
    if actor.person_id is not None:
        return actor.person_id
    before = CheckIn.objects.filter(district_id=district_id, user=actor.user_id).first()
    if before is not None:
        return before.person_id
    cleaned = "".join(name.split())
    if not 2 <= len(cleaned) <= NAME_LONGEST:
        message = _("写上姓名，2 到 %d 个字。") % NAME_LONGEST
        raise Invalid(message, fields={"name": message})
    return Person.objects.create(district_id=district_id, shown=cleaned).pk


def leave(*, actor: Actor, checkin_id: uuid.UUID) -> CheckIn:
    """Whoever reported of his own will may stop; what was served stays."""
    row = queries.my_checkin(actor, checkin_id)
    with transaction.atomic():
        row.services.filter(state__in=[ServiceState.CHOSEN, ServiceState.STARTED]).update(state=ServiceState.WITHDRAWN)
        row.ended_on = timezone.localdate()
        row.save(update_fields=["ended_on"])
    return row


# ── services ────────────────────────────────────────────────────────────────────────────────────────────────────
def choose(*, actor: Actor, item_id: uuid.UUID, on: date | None = None) -> Service:
    """Take on a post or a service of a community one has reported to."""
    day = on or timezone.localdate()
    with transaction.atomic():
        item = queries.open_item(actor.district_id or 0, item_id, lock=True)
        row = next((c for c in queries.mine(actor) if c.place_id == item.place_id), None)
        if row is None:
            raise NotFound(_("先到这个社区报到，再认领。"))
        held = Service.objects.filter(district_id=item.district_id, item=item)
        standing = held.filter(state__in=[ServiceState.CHOSEN, ServiceState.STARTED])
        mine = standing.filter(checkin=row).first()
        if mine is not None:
            return mine
        if standing.count() >= item.needed:
            raise Conflict(_("这一项的人够了，看看别的。"), code="full")
        return Service.objects.create(
            district_id=item.district_id, checkin=row, item=item, scope_path=item.scope_path, what=item.title, on=day,
            recorded_by=row.person.shown,
        )  # fmt: skip


def act(*, actor: Actor, service_id: uuid.UUID, name: str, now: datetime | None = None) -> Service:
    """The member's own three: begin, finish, withdraw."""
    at = now or timezone.now()
    with transaction.atomic():
        row = queries.my_service(actor, service_id)
        if name not in MOVES:
            raise NotFound(_("没有这一步。"))
        before, after = MOVES[name]
        if row.state not in before:
            raise Conflict(_("这一步已经做过了。"), code="state")
        if name == "start":
            row.started_at, row.on = at, timezone.localdate(at)
        if name == "finish" and row.started_at is not None:
            row.ended_at = at
            row.minutes = min(LONGEST, int((at - row.started_at).total_seconds() // 60))
        row.state = after
        row.save(update_fields=["state", "started_at", "ended_at", "minutes", "on"])
    return row


def certify(*, actor: Actor, service_id: uuid.UUID, yes: bool, reason: str = "", minutes: int | None = None) -> Service:
    """Somebody of the community says it was done, or why not. Nobody certifies his own."""
    with transaction.atomic():
        row = queries.kept_service(actor, service_id, lock=True)
        held = _keeping(actor, row.scope_path)
        _not_mine(actor, row.checkin)
        if row.state != ServiceState.DONE:
            raise Conflict(_("这次服务已经认定过了。"), code="answered")
        if not yes and not reason.strip():
            raise Invalid(_("没认定要写理由。"), fields={"reason": _("写一句理由。")})
        if minutes is not None:
            row.minutes = _minutes(minutes)
        _answered(row, actor, held, ServiceState.CERTIFIED if yes else ServiceState.REFUSED)
        row.reason = reason.strip()[:120]
        row.save(update_fields=["state", "minutes", "certifier", "certified_by", "answered_at", "reason"])
        records.keep(booked.SERVICE, row.district_id, [row.pk])
    return row


def record(
    *, actor: Actor, checkin_id: uuid.UUID, what: str, on: date, minutes: int, item_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Service:  # fmt: skip
    """Somebody of the community writes down what a member did. Who records certifies, and answers for it by name."""
    rows = CheckIn.objects.filter(district_id=actor.district_id or 0, pk=checkin_id, ended_on=None)
    row = rows.select_related("person").first()
    if row is None or not queries.may_keep(actor, row.scope_path):
        raise NotFound(_("没有这次报到。"))
    held = _keeping(actor, row.scope_path)
    _not_mine(actor, row)
    today = timezone.localdate(now)
    if not today - BACK <= on <= today:
        message = _("只补记一个月以内的，也不能是以后。")
        raise Invalid(message, fields={"on": message})
    made = Service(
        district_id=row.district_id, checkin=row, item_id=item_id, scope_path=row.scope_path, what=what.strip()[:120],
        on=on, minutes=_minutes(minutes), recorded_by=actor.label(held)[:80],
    )  # fmt: skip
    _answered(made, actor, held, ServiceState.CERTIFIED)
    with transaction.atomic():
        made.save(force_insert=True)
        records.keep(booked.SERVICE, made.district_id, [made.pk])
    return made


def _minutes(minutes: int) -> int:
    if not 1 <= minutes <= LONGEST:
        message = _("一次 1 到 %d 分钟。") % LONGEST
        raise Invalid(message, fields={"minutes": message})
    return minutes


def _not_mine(actor: Actor, row: CheckIn) -> None:
    if queries.is_me(actor, row) or actor.person_id is None:
        raise Forbidden(_("自己的服务由别人来认定。"))


def _answered(row: Service, actor: Actor, held: Held, state: ServiceState) -> None:
    row.state, row.certifier, row.certified_by = state, actor.person_id, actor.label(held)[:80]
    row.answered_at = timezone.now()


# ── to the unit ─────────────────────────────────────────────────────────────────────────────────────────────────
def sum_up(*, actor: Actor, place: Node, organisation_id: uuid.UUID, since: date, until: date) -> Summary:
    """What the community certifies to a unit about a period, with a code that anybody can check."""
    held = _keeping(actor, place.path)
    unit = Organisation.objects.filter(district_id=actor.district_id or 0, pk=organisation_id).first()
    if unit is None:
        raise NotFound(_("没有这个单位。"), fields={"unit": _("选一个单位。")})
    if held.organisation_id == unit.pk:
        raise Forbidden(_("不给自己的单位开。"))
    if not since <= until <= timezone.localdate():
        message = _("起止的日子不对：不能倒着，也不能到以后。")
        raise Invalid(message, fields={"until": message})
    for _try in range(3):
        try:
            with transaction.atomic():
                made = Summary.objects.create(
                    district_id=unit.district_id, organisation=unit, place_id=place.id, scope_path=place.path,
                    since=since, until=until, code=codes.new_code(unit.district_id, "thing"),
                    figures=queries.counted(unit.district_id, unit.pk, place.id, since, until),
                    made_by=actor.label(held)[:80],
                )  # fmt: skip
                records.keep(booked.SUMMARY, made.district_id, [made.pk])
                return made
        except IntegrityError:
            continue  # a code that is taken already: once in thousands of millions
    raise Conflict(_("没有开成，请再试一次。"))
