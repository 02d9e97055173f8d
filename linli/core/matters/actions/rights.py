"""The resident's side of an act: whose matter it is, and for how long it may be taken up again."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.flow import ENDED
from linli.core.matters.models import Kind, Matter
from linli.core.matters.step import Step
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.people.posts import Roster
from linli.core.places.tree import tree
from linli.kit.calendar import Span, due
from linli.kit.refusal import Forbidden
from linli.kit.refusals import SETTINGS


def is_reporter(matter: Matter, actor: Actor) -> bool:
    """The one who spoke up: by account, or by holding the receipt."""
    if actor.receipt_matter == matter.pk:
        return True
    return actor.user_id is not None and actor.user_id == matter.opened_by_id


def may_rate(matter: Matter, actor: Actor) -> bool:
    """The resident; or, of a matter recorded on somebody's behalf, another person who called that somebody back.

    That other person may verify here, and neither recorded the matter, nor holds it, nor resolved it.
    """
    if is_reporter(matter, actor):
        return True
    if matter.recorded_by_id is None or actor.over(duties.VERIFY, matter.scope_path) is None:
        return False
    took_part = {matter.recorded_by_id, matter.handler_id, matter.resolver_id} & actor.post_ids
    return not took_part and actor.person_id != matter.resolver_person


def may_call_back(matter: Matter, actor: Actor, kind: Kind | None, now: datetime | None = None) -> bool:
    """Whether this handler is the one who has to call back.

    A department, a firm or a committee that a complaint was handed to may be what the complaint is about: it works on
    the matter and never sees who complained, unless the kind itself is an order to it (limits, rule 2). Some days
    after the closing there is nothing left to call about, and the contact shuts.
    """
    held = actor.held(duties.REVEAL, matter.handler_id)
    if held is None or contact_shut(matter, now or timezone.now()):
        return False
    as_unit = duties.SEE in duties.role(held.role).held
    return not as_unit or (kind is not None and kind.units_call)


def contact_shut(matter: Matter, now: datetime) -> bool:
    """Whether the matter ended longer ago than the district's ``contact_days`` (kit/refusals.py)."""
    if matter.closed_at is None or matter.state not in ENDED:
        return False
    kept = tree(matter.district_id).district.settings
    days = kept.get("contact_days", SETTINGS["contact_days"].default)
    return now > matter.closed_at + timedelta(days=days)


def must_be_resident(current: Step, actor: Actor) -> None:
    """Forbidden for everybody but the one who spoke up: no office rates or contests in a resident's name."""
    if not is_reporter(current.matter, actor):
        raise Forbidden(_("评价和异议由说事的居民自己来。"))
    current.label = "一位居民"


def units_involved(matter: Matter, roster: Roster) -> set[uuid.UUID]:
    """The units that resolved and verified: who judges must be of another one.

    A post that has ended since stands in no roster; its unit is as little independent as before.
    """
    posts = [post for post in (matter.resolver_id, matter.verifier_id) if post]
    gone = [post for post in posts if post not in roster.by_id]
    found = {roster.by_id[post].unit for post in posts if post in roster.by_id}
    if gone:
        rows = Post.objects.filter(district_id=matter.district_id, pk__in=gone)
        found |= set(rows.values_list(Coalesce("organisation_id", "id"), flat=True))
    return found


def persons_involved(matter: Matter) -> set[uuid.UUID]:
    """Who resolved, verified or proposed to decline: none of them judges a contest of it."""
    return {p for p in (matter.resolver_person, matter.verifier_person, matter.decliner_person) if p}


def judging_office(current: Step) -> uuid.UUID | None:
    """The office that judges: neither the resolver's nor the verifier's unit; if there is none, the next level up."""
    matter = current.matter
    involved = units_involved(matter, current.roster)
    for tier in ("street", "district"):
        office = current.roster.office(tier, matter.scope_path)
        if office is not None and office.unit not in involved:
            return office.id
    return None


def taking_up(current: Step) -> uuid.UUID | None:
    """Who works on it anew: whoever held it last and still serves, else the office of the place."""
    matter, roster = current.matter, current.roster
    for post_id in (matter.handler_id, matter.resolver_id, matter.first_id):
        if post_id in roster.by_id:
            return post_id
    path = matter.scope_path
    office = roster.office("community", path) or roster.office("street", path)
    if office is None:
        return matter.handler_id
    current.involve(office, "handler")
    return office.id


def ended_at(matter: Matter) -> datetime | None:
    """From when its windows count; where imported books tell no end, from its opening."""
    return matter.closed_at or (matter.opened_at if matter.imported == "closed" else None)


def window_open(current: Step, stage: str, since: datetime | None) -> bool:
    """Whether the policy's window still stands open, counted from ``since``."""
    if since is None:
        return True
    text = current.policy.stages.get(stage, "30d")
    return current.now <= due(since, Span.parse(text), current.catalogue.calendar(current.policy.calendar)).at
