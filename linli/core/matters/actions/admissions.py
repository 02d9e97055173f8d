"""社区准入 (M16): a department asks before any task reaches a community; leave has a scope and an end."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import booked, records
from linli.core.matters.models import Admission
from linli.core.matters.step import optional, required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import STEP, tree
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid

LONGEST_DAYS = 366


def apply(*, actor: Actor, title: str, basis: str, place: str, since: date, until: date) -> Admission:
    """A department's officer asks for leave to bring a task to the communities under ``place``."""
    mine = next((p for p in actor.posts if duties.APPLY in duties.role(p.role).held and p.organisation_id), None)
    if mine is None or mine.organisation_id is None or actor.district_id is None:
        raise Forbidden(_("准入由部门来申请。"))
    words, ground = required(title, "title", limit=120), required(basis, "basis", limit=500)
    node = tree(actor.district_id).by_code.get(place)
    if node is None:
        raise Invalid(_("没有这个地方。"), fields={"place": _("没有找到：%s") % place})
    if until < since or (until - since).days > LONGEST_DAYS:
        raise Invalid(_("期限要在一年以内，止日不早于起日。"), fields={"until": _("期限不对。")})
    key = new_id()
    with transaction.atomic():
        made = Admission.objects.create(
            id=key, district_id=actor.district_id, number=f"ZR-{timezone.localdate():%y%m}-{key.hex[-6:].upper()}",
            department_id=mine.organisation_id, title=words, basis=ground, place_id=node.id, scope_path=node.path,
            since=since, until=until, applied_by_id=mine.id,
        )  # fmt: skip
        records.keep(booked.ADMISSION, made.district_id, [made.pk])
    return made


def decide(*, actor: Actor, number: str, approved: bool, reason: str = "") -> Admission:
    """A street (inside itself) or the district says yes or no; no needs a reason."""
    with transaction.atomic():
        admission = _locked(actor, number)
        held = actor.over(duties.ADMIT, admission.scope_path)
        if held is None:
            raise Forbidden(_("您的岗位没有这一项。"))
        if admission.state != "applied":
            raise Conflict(_("这一条已经定过了。"), code="wrong_state")
        words = (optional if approved else required)(reason, "reason", limit=500)
        admission.state = "approved" if approved else "refused"
        admission.decided_by_id, admission.decided_at, admission.reason = held.id, timezone.now(), words
        admission.save(update_fields=["state", "decided_by", "decided_at", "reason"])
        records.keep(booked.ADMISSION, admission.district_id, [admission.pk])
        return admission


def end(*, actor: Actor, number: str, reason: str) -> Admission:
    """Take a leave back before its time."""
    with transaction.atomic():
        admission = _locked(actor, number)
        if actor.over(duties.ADMIT, admission.scope_path) is None:
            raise Forbidden(_("您的岗位没有这一项。"))
        if admission.state != "approved":
            raise Conflict(_("只有准入的才能终止。"), code="wrong_state")
        admission.state, admission.reason = "ended", required(reason, "reason", limit=500)
        admission.save(update_fields=["state", "reason"])
        records.keep(booked.ADMISSION, admission.district_id, [admission.pk])
        return admission


def _locked(actor: Actor, number: str) -> Admission:
    return the_one(visible(actor).filter(number=number), _("没有找到这一条准入。"), lock=True)


def visible(actor: Actor) -> QuerySet[Admission]:
    """What the actor sees: a department its own, whoever admits or serves a community what reaches its places."""
    rows = Admission.objects.filter(district_id=actor.district_id or 0).order_by("-id")
    paths = actor.paths(duties.SEE)
    if not paths:
        return rows.filter(department_id__in=list(actor.organisation_ids))
    reach = Q(pk__in=[])
    for path in paths:
        low, high = subtree(path)
        above = [path[:n] for n in range(STEP, len(path) + 1, STEP)]
        reach |= Q(scope_path__gte=low, scope_path__lt=high) | Q(scope_path__in=above)
    return rows.filter(reach)
