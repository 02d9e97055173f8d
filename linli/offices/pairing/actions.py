"""What people do with pairings: assign, hand over, end; log a day on site; confirm that one was seen."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.actions.opening import Asked, open_matter
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Matter
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.core.people.models import Organisation, Post
from linli.core.places.tree import Node, tree
from linli.kit import figures
from linli.kit.models import Change, Upload
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.pairing import queries
from linli.offices.pairing.models import Pairing, Visit, VisitState
from linli.offices.pairing.scheme import Role, scheme

BACK = timedelta(days=31)  # how long ago a day on site may lie that is written down today
_NOBODY = uuid.UUID(int=0)


def may_assign(actor: Actor, role: Role, path: str) -> Held | None:
    """Whose post lies over the place and is of a height with the role: a street gives its own cadres, not the
    district's leaders."""
    held = actor.over(duties.PAIR, path)
    if held is None or actor.district_id is None:
        return None
    known = tree(actor.district_id)
    node = known.by_path.get(held.path)
    if node is None or (node.level != "district" and _height(role) == "district"):
        return None
    return held if node.level in ("district", "street") or _height(role) == "community" else None


def _height(role: Role) -> str:
    """The lowest level whose office may fill a role."""
    if role.unit or any(code.startswith(("district", "department")) for code in role.posts):
        return "district"
    return "street" if any(code.startswith("street") for code in role.posts) else "community"


def assign(
    *, actor: Actor, role: str, place_id: uuid.UUID, post_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None, since: date | None = None, before: Pairing | None = None,
) -> Pairing:  # fmt: skip
    """A post or a unit answers for a place from a day on. Asked for a second time, it is the one that stands."""
    district_id, node, wanted = _ground(actor, role, place_id)
    held = may_assign(actor, wanted, node.path)
    if held is None:
        raise Forbidden(_("这个岗位的包联由上一级安排。"))
    begins = since or timezone.localdate()
    post, unit = _holder(district_id, wanted, post_id, organisation_id)
    with transaction.atomic():
        standing = queries.on_day(district_id, begins).filter(role=role, place_id=node.id)
        same = standing.filter(post=post, organisation=unit).first()
        if same is not None:
            return same
        if before is None and standing.count() >= wanted.most:
            message = _("%(place)s的%(role)s已经满了，先结束或交接一个。") % {"place": node.name, "role": wanted.name}
            raise Conflict(message, code="full", fields={"role": message})
        made = Pairing(
            district_id=district_id, role=role, place_id=node.id, scope_path=node.path, post=post, organisation=unit,
            promise=wanted.promise.as_json(), since=begins, before=before, made_by=actor.label(held)[:80],
        )  # fmt: skip
        _save_once(made)
        told = {"who": made.holder, "place": node.name, "role": wanted.name, "day": figures.on(begins)}
        _note(made, actor.label(held), _("%(who)s包联%(place)s（%(role)s，%(day)s 起）") % told)
    return made


def end(*, actor: Actor, pairing_id: uuid.UUID, on: date | None = None, reason: str = "") -> Pairing:
    """From that day on nobody answers in it; what was done in it stays."""
    with transaction.atomic():
        pairing, held = _held_pairing(actor, pairing_id)
        day = on or timezone.localdate()
        if pairing.until is not None:
            raise Conflict(_("这条包联已经结束了。"), code="ended")
        if day < pairing.since:
            message = _("不能早于开始那天（%s）。") % figures.on(pairing.since)
            raise Invalid(message, fields={"on": message})
        pairing.until, pairing.reason, pairing.ended_by = day, reason.strip()[:120], actor.label(held)[:80]
        pairing.save(update_fields=["until", "reason", "ended_by"])
        told = {"who": pairing.holder, "place": pairing.place.name, "day": figures.on(day)}
        _note(pairing, actor.label(held), _("%(who)s不再包联%(place)s（%(day)s 起）") % told)
    return pairing


def hand_over(
    *, actor: Actor, pairing_id: uuid.UUID, post_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None, on: date | None = None, reason: str = "",
) -> Pairing:  # fmt: skip
    """One ends and another begins on the same day, and the new one knows whom it follows."""
    with transaction.atomic():
        old, _held = _held_pairing(actor, pairing_id)
        if (post_id or organisation_id) in (old.post_id, old.organisation_id):
            message = _("交接要交给另一位。")
            raise Invalid(message, fields={"to": message})
        ended = end(actor=actor, pairing_id=pairing_id, on=on, reason=reason or _("交接"))
        return assign(
            actor=actor, role=old.role, place_id=old.place_id, post_id=post_id, organisation_id=organisation_id,
            since=ended.until, before=ended,
        )  # fmt: skip


# ── on site ─────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Found:
    """What somebody saw on site and wants dealt with."""

    text: str
    kind: str = "appeal"
    place: Node | None = None
    uploads: Sequence[Upload] = ()


def log_visit(
    *, actor: Actor, pairing_id: uuid.UUID, on: date, note: str = "", found: Found | None = None, key: str = "",
    now: datetime | None = None,
) -> Visit:  # fmt: skip
    """A day on site. What was found becomes a matter in the same transaction; the same key again is the same visit."""
    pairing = queries.of_mine(actor, pairing_id)
    known = tree(pairing.district_id)
    again = Visit.objects.filter(district_id=pairing.district_id, pairing=pairing, key=key).first() if key else None
    if again is not None:
        return again
    _check_day(pairing, on, timezone.localdate(now))
    node = known.by_id[pairing.place_id]
    if found and found.place is not None and not found.place.path.startswith(node.path):
        raise Invalid(_("发现的问题要在包联的地方里面。"), fields={"spot": _("选包联地方里的一处。")})
    with transaction.atomic():
        visit = Visit(
            district_id=pairing.district_id, pairing=pairing, place=pairing.place, scope_path=node.path, on=on,
            note=note.strip()[:300], by_id=_speaking(actor, pairing), at=now or timezone.now(),
            key=key or uuid.uuid4().hex,
        )  # fmt: skip
        if found and found.text.strip():
            visit.matter = _open(actor, pairing, found, found.place or node, now)
        visit.save(force_insert=True)
    return visit


def confirm_visit(*, actor: Actor, visit_id: uuid.UUID, seen: bool) -> Visit:
    """Somebody of the community says whether they saw them. Nobody confirms a visit of their own."""
    with transaction.atomic():
        visit = queries.visit(actor, visit_id, lock=True)
        held = actor.over(duties.VERIFY, visit.scope_path)
        if held is None:
            raise Forbidden(_("由社区来确认。"))
        if queries.is_holder(actor, visit.pairing) or (visit.by and visit.by.person_id == actor.person_id):
            raise Forbidden(_("自己去的，由别人来确认。"))
        if visit.state != VisitState.LOGGED:
            raise Conflict(_("这次走访已经确认过了。"), code="answered")
        visit.state = VisitState.SEEN if seen else VisitState.UNSEEN
        visit.answered_by, visit.answered_at = actor.label(held)[:80], timezone.now()
        visit.save(update_fields=["state", "answered_by", "answered_at"])
    return visit


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _ground(actor: Actor, role: str, place_id: uuid.UUID) -> tuple[int, Node, Role]:
    if actor.district_id is None:
        raise NotFound(_("没有这个地方。"), fields={"place": _("没有找到。")})
    known = tree(actor.district_id)
    wanted, node = scheme(known).role(role), known.by_id.get(place_id)
    if wanted is None:
        raise Invalid(_("本区没有这种包联。"), fields={"role": _("选一种包联。")})
    if node is None:
        raise NotFound(_("没有这个地方。"), fields={"place": _("没有找到。")})
    if node.level != wanted.level:
        message = _("%s不在这一级安排。") % wanted.name
        raise Invalid(message, fields={"place": message})
    return actor.district_id, node, wanted


def _holder(
    district_id: int, role: Role, post_id: uuid.UUID | None, organisation_id: uuid.UUID | None
) -> tuple[Post | None, Organisation | None]:
    today = timezone.localdate()
    serving = Q(since__lte=today) & (Q(until=None) | Q(until__gt=today))
    if role.unit:
        unit = Organisation.objects.filter(serving, district_id=district_id, pk=organisation_id or _NOBODY).first()
        if unit is None:
            raise NotFound(_("没有这个单位。"), fields={"to": _("选一个单位。")})
        return None, unit
    rows = Post.objects.filter(serving, district_id=district_id, pk=post_id or _NOBODY, role__in=role.posts)
    post = rows.select_related("person").first()
    if post is None or post.person is None:
        raise NotFound(_("没有这个岗位。"), fields={"to": _("选一个能担任%s的人。") % role.name})
    return post, None


def _save_once(made: Pairing) -> None:
    """Two hands at once: the constraint lets one through, and the other is told so."""
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("刚刚已经有人这样安排了。"), code="same") from error


def _held_pairing(actor: Actor, pairing_id: uuid.UUID) -> tuple[Pairing, Held]:
    pairing = queries.one(actor, pairing_id, lock=True)
    wanted = scheme(tree(pairing.district_id)).role(pairing.role)
    held = may_assign(actor, wanted, pairing.scope_path) if wanted else actor.over(duties.PAIR, pairing.scope_path)
    if held is None:
        raise Forbidden(_("这个岗位的包联由上一级安排。"))
    return pairing, held


def _check_day(pairing: Pairing, on: date, today: date) -> None:
    wrong = ""
    if on > today:
        wrong = _("还没到那一天。")
    elif on < today - BACK:
        wrong = _("一个月以前的不再补记。")
    elif on < pairing.since or (pairing.until is not None and on >= pairing.until):
        wrong = _("那一天不在包联的期限里。")
    if wrong:
        raise Invalid(wrong, fields={"on": wrong})


def _speaking(actor: Actor, pairing: Pairing) -> uuid.UUID | None:
    if pairing.post_id in actor.post_ids:
        return pairing.post_id
    own = (p.id for p in actor.posts if p.organisation_id == pairing.organisation_id)
    return next(own, None)


def _open(actor: Actor, pairing: Pairing, found: Found, node: Node, now: datetime | None) -> Matter:
    known = catalogue(pairing.district_id)
    asked = Asked(
        kind=found.kind, text=found.text.strip(), district_id=pairing.district_id, place=node, lon=node.lon,
        lat=node.lat, channel=queries.CHANNEL if queries.CHANNEL in known.channels else "", uploads=list(found.uploads),
    )  # fmt: skip
    return open_matter(actor=actor, asked=asked, now=now).matter


def _note(pairing: Pairing, by: str, sentence: str) -> None:
    """The district's own record of changes: who arranged what, in a sentence."""
    Change.objects.create(
        district_id=pairing.district_id, actor=by[:80], subject=_("包联"), sentence=f"{by} {sentence}"[:500],
        data={"pairing": str(pairing.pk), "role": pairing.role},
    )  # fmt: skip
