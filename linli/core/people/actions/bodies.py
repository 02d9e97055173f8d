"""Organisations: founded, renamed, closed on a day, each with the post that its matters are handed to."""

from __future__ import annotations

import uuid
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people.actions.gate import configuring
from linli.core.people.actions.serving import initials, put_post, term_of
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation, OrganisationKind, Post
from linli.core.places.actions import Changing
from linli.core.places.models import Place
from linli.kit.finding import the_one
from linli.kit.refusal import Conflict, Invalid

# Through which post a body of a kind is handed a matter. Kinds without one are never handed any.
UNIT_ROLES = {
    OrganisationKind.DEPARTMENT: "department_unit",
    OrganisationKind.STREET_OFFICE: "street_office",
    OrganisationKind.RESIDENTS_COMMITTEE: "community_office",
    OrganisationKind.PROPERTY: "property_unit",
    OrganisationKind.OWNERS_COMMITTEE: "committee_unit",
    OrganisationKind.SOCIAL: "social_unit",
}


def found_body(*, actor: Actor, name: str, kind: str, place_id: uuid.UUID, since: date | None = None) -> Organisation:
    """A new body at a place, with its own post where matters can be handed to it."""
    with configuring(actor) as change:
        if kind not in OrganisationKind.values:
            raise Invalid(_("没有这一类组织。"), fields={"kind": _("选一类。")})
        if kind == OrganisationKind.OWNERS_COMMITTEE:
            message = _("业委会有任期和委员，请在“业委会”那一页备案。")
            raise Invalid(message, fields={"kind": message})
        place = change.place(place_id)
        made = put_body(change, name=name, kind=kind, place=place, since=term_of(since, None)[0])
        change.tell(
            made.name, _("设立了%(name)s（%(place)s）") % {"name": made.name, "place": place.name}, code=made.code
        )
        return made


def rename_body(*, actor: Actor, organisation_id: uuid.UUID, name: str) -> Organisation:
    """Another name; code, posts and history stay, and so does the title of its own post where it was the name."""
    with configuring(actor) as change:
        body = standing(change, organisation_id)
        old, new = body.name, name_of(change, name, but=body)
        if new != old:
            Organisation.objects.filter(pk=body.pk).update(name=new)
            Post.objects.filter(organisation=body, person=None, title=old).update(title=new[:60])
            body.name = new
            change.tell(new, _("把 %(old)s 改名为 %(new)s") % {"old": old, "new": new}, code=body.code)
        return body


def close_body(*, actor: Actor, organisation_id: uuid.UUID, on: date | None = None) -> Organisation:
    """The body ends on a day, and with it every post held in its name."""
    with configuring(actor) as change:
        body = standing(change, organisation_id)
        day = closing_day(body, on)
        ended = end_posts(body, day)
        body.until = day
        body.save(update_fields=["until"])
        told = {"name": body.name, "day": day, "count": ended}
        change.tell(body.name, _("撤销了%(name)s（%(day)s 起），%(count)d 个岗位一起结束") % told, code=body.code)
        return body


# ── shared with committees ──────────────────────────────────────────────────────────────────────────────────────
def standing(change: Changing, organisation_id: uuid.UUID) -> Organisation:
    """A body of this district that has not ended."""
    rows = Organisation.objects.select_related("place").filter(district_id=change.district.pk)
    found = the_one(rows.filter(pk=organisation_id), _("没有这个单位。"))
    if found.until is not None and found.until <= timezone.localdate():
        raise Conflict(_("“%s”已经撤了。") % found.name, code="ended")
    return found


def closing_day(body: Organisation, on: date | None) -> date:
    day = on or timezone.localdate()
    if day < body.since:
        message = _("不能早于设立那天（%s）。") % body.since
        raise Invalid(message, fields={"on": message})
    return day


def end_posts(body: Organisation, day: date, *, but: uuid.UUID | None = None) -> int:
    """End what is held in the body's name and would last beyond the day."""
    lasting = Post.objects.filter(Q(until=None) | Q(until__gt=day), district_id=body.district_id, organisation=body)
    return lasting.exclude(pk=but).update(until=day) if but else lasting.update(until=day)


def put_body(
    change: Changing, *, name: str, kind: str, place: Place, since: date, until: date | None = None, unit: bool = True
) -> Organisation:
    """The rows: the body, and its own post (``unit``) where its kind has one."""
    made = Organisation.objects.create(
        district_id=change.district.pk, code=_free_code(change.district.pk, place, kind), name=name_of(change, name),
        kind=kind, place=place, scope_path=place.path, since=since, until=until,
    )  # fmt: skip
    role = UNIT_ROLES.get(OrganisationKind(kind))
    if role and unit:
        put_post(change, role=role, place=place, person=None, body=made, since=since, until=until, title=made.name)
    return made


def name_of(change: Changing, text: str, *, but: Organisation | None = None) -> str:
    """A name that no other standing body of the district has: matters are handed over by name too."""
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > 80:
        raise Invalid(_("名称要写，最多 80 个字。"), fields={"name": _("名称要写，最多 80 个字。")})
    others = Organisation.objects.filter(
        Q(until=None) | Q(until__gt=timezone.localdate()), district_id=change.district.pk, name=cleaned
    )
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        message = _("已经有一个叫“%s”的单位。") % cleaned
        raise Conflict(message, code="same", fields={"name": message})
    return cleaned


def _free_code(district_id: int, place: Place, kind: str) -> str:
    stem = f"{place.code[:24]}-{initials(kind)}"
    rows = Organisation.objects.filter(district_id=district_id, code__startswith=stem)
    taken = set(rows.values_list("code", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := f"{stem}{n}") not in taken)
