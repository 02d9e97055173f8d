"""Looking at gatherings, always scoped by who looks. Missing and forbidden look alike.

Anybody of the district sees what was called and is public by its kind; who was asked sees it besides, and who
convenes in a scope sees everything in it, drafts too.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.gatherings.attendance import Meter, adopted, attended, present, quorum
from linli.core.gatherings.models import (
    AgendaItem,
    Gathering,
    GatheringKind,
    Invitation,
    Minutes,
    Resolution,
    Room,
    Series,
)
from linli.core.matters.models import Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import STEP, tree
from linli.kit.fields import subtree
from linli.kit.finding import the_one

__all__ = [
    "Filters", "Meter", "agenda", "around", "attended", "blocked", "carried_over", "convened", "follow_up", "get",
    "invited", "kind", "kinds", "minutes", "month", "newest_minutes", "next_one", "owned", "present", "quorum",
    "resolution", "resolutions", "rooms", "series", "standing", "tabled", "topics_to_table", "unreviewed", "visible",
]  # fmt: skip

TOLD = ("called", "sitting", "ended", "minuted", "lapsed", "cancelled")
_WITH = ("kind", "place", "room", "host", "host__person")


# ── which gatherings ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Filters:
    """What a list may be asked for; ``place`` a code, ``state`` one or several by comma, ``q`` number or words."""

    kind: str = ""
    place: str = ""
    state: str = ""
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None


def visible(actor: Actor, filters: Filters | None = None, *, district_id: int | None = None) -> QuerySet[Gathering]:
    """What the actor may see, the latest beginning first. A nobody names the district and sees what is public."""
    district = actor.district_id or district_id or 0
    seen: Any = Q(public=True, called_at__isnull=False)
    for path in actor.paths(duties.CONVENE):
        seen |= at_path(path)
    if asked := asked_of(actor):
        mine = Invitation.objects.filter(asked, district_id=district, gathering_id=OuterRef("pk"))
        seen |= Exists(mine.values("pk"))
    rows = Gathering.objects.filter(seen, district_id=district).select_related(*_WITH).order_by("-starts_at", "-pk")
    return _filtered(rows, district, filters) if filters else rows


def get(actor: Actor, number: str, *, district_id: int | None = None) -> Gathering:
    """One gathering by its number; NotFound where the actor may not see it."""
    return the_one(visible(actor, district_id=district_id).filter(number=number.strip().upper()), _("没有找到这个会。"))


def convened(actor: Actor, filters: Filters | None = None) -> QuerySet[Gathering]:
    """Those that the actor may run, drafts too."""
    scopes = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        scopes |= at_path(path)
    district = actor.district_id or 0
    rows = Gathering.objects.filter(scopes, district_id=district).select_related(*_WITH).order_by("-starts_at", "-pk")
    return _filtered(rows, district, filters) if filters else rows


def invited(actor: Actor, *, now: datetime | None = None) -> list[Invitation]:
    """What the actor is asked to come to and that is not over, the next one first."""
    asked = asked_of(actor)
    if not asked:
        return []
    moment = now or timezone.now()
    rows = Invitation.objects.filter(
        asked,
        district_id=actor.district_id or 0,
        gathering__state__in=("called", "sitting"),
        gathering__ends_at__gte=moment,
    )
    return list(rows.select_related(*(f"gathering__{name}" for name in ("kind", "place", "room"))).order_by(
        "gathering__starts_at", "pk")[:50])  # fmt: skip


def around(district_id: int, place_id: uuid.UUID, *, now: datetime | None = None, limit: int = 20) -> list[Gathering]:
    """Public gatherings to come at a place and everything above it: what is talked about where I live."""
    known = tree(district_id)
    node = known.by_id.get(place_id)
    if node is None:
        return []
    paths = [node.path[:n] for n in range(STEP, len(node.path) + 1, STEP)]
    rows = Gathering.objects.filter(
        district_id=district_id, scope_path__in=paths, state__in=("called", "sitting"), public=True,
        ends_at__gte=now or timezone.now(),
    )  # fmt: skip
    return list(rows.select_related(*_WITH).order_by("starts_at")[:limit])


def month(
    actor: Actor, year: int, number: int, filters: Filters | None = None, *, district_id: int | None = None,
    path: str = "",
) -> list[Gathering]:  # fmt: skip
    """The gatherings of a calendar month that the actor sees, the earliest first (at most 500).

    With ``path``: those of a place, below it and above it, which is what concerns somebody who lives there.
    """
    zone = timezone.get_default_timezone()
    first = date(year, number, 1)
    following = (first + timedelta(days=32)).replace(day=1)
    begins, ends = (datetime(d.year, d.month, d.day, tzinfo=zone) for d in (first, following))
    rows = _concerning(visible(actor, filters, district_id=district_id), path)
    rows = rows.filter(starts_at__gte=begins, starts_at__lt=ends).exclude(state="cancelled")
    return list(rows.order_by("starts_at", "pk")[:500])


def _concerning(rows: QuerySet[Gathering], path: str) -> QuerySet[Gathering]:
    above = [path[:n] for n in range(STEP, len(path), STEP)]
    return rows.filter(at_path(path) | Q(scope_path__in=above)) if path else rows


def next_one(
    actor: Actor, filters: Filters | None = None, *, district_id: int | None = None, path: str = "",
    now: datetime | None = None,
) -> Gathering | None:  # fmt: skip
    """The first to come of those that ``month`` shows, in whichever month it lies."""
    rows = _concerning(visible(actor, filters, district_id=district_id), path)
    ahead = rows.filter(starts_at__gte=now or timezone.now(), state__in=("draft", "called"))
    return ahead.order_by("starts_at", "pk").first()


# ── what belongs to one ─────────────────────────────────────────────────────────────────────────────────────
def agenda(gathering: Gathering) -> list[AgendaItem]:
    """The points in their order, with topic, presenter, those who keep out, and resolutions: four questions."""
    rows = AgendaItem.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    return list(
        rows.select_related("matter", "presenter__person", "presenter__organisation")
        .prefetch_related("recusals", "resolutions__owner__person", "resolutions__owner__organisation")
        .order_by("position")
    )


def minutes(gathering: Gathering) -> list[Minutes]:
    """Every version, the newest first."""
    rows = Minutes.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    return list(rows.order_by("-version"))


def newest_minutes(gathering: Gathering) -> Minutes | None:
    return next(iter(minutes(gathering)), None)


def carried_over(district_id: int, kind_code: str, place_id: uuid.UUID, limit: int = 50) -> list[AgendaItem]:
    """Topics of past sittings of this kind here that were not reached or were postponed, and are tabled nowhere since.

    The next agenda is offered them by itself.
    """
    over = ("ended", "minuted", "lapsed", "cancelled")
    pending = AgendaItem.objects.filter(
        district_id=district_id, gathering__state__in=over, gathering__kind__code=kind_code,
        gathering__place_id=place_id, state__in=("listed", "postponed"), matter__isnull=False,
    )  # fmt: skip
    later = AgendaItem.objects.filter(
        district_id=district_id, matter_id=OuterRef("matter_id"), pk__gt=OuterRef("pk")
    ).exclude(state="withdrawn")
    ended = Q(matter__state__in=("closed", "declined", "merged"))
    rows = pending.exclude(ended).exclude(Exists(later.values("pk"))).select_related("matter", "gathering")
    return list(rows.order_by("pk")[:limit])


def tabled(district_id: int, matter_id: uuid.UUID) -> list[AgendaItem]:
    """Every point at which a topic stood, the first one first: its way through the sittings."""
    rows = AgendaItem.objects.filter(district_id=district_id, matter_id=matter_id).exclude(gathering__state="draft")
    return list(
        rows.select_related("gathering__kind", "gathering__place")
        .prefetch_related("resolutions__owner", "resolutions__matters__matter")
        .order_by("pk")
    )


# ── what comes of them ──────────────────────────────────────────────────────────────────────────────────────
def resolutions(gathering: Gathering) -> list[Resolution]:
    """With owner, point and the matters split from each: two questions."""
    rows = Resolution.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    return list(_whole(rows).order_by("seq"))


def follow_up(gathering: Gathering, limit: int = 20) -> list[Resolution]:
    """What earlier sittings at this place settled and is not through its review yet, the nearest day first."""
    rows = Resolution.objects.filter(
        district_id=gathering.district_id, gathering__place_id=gathering.place_id,
        gathering__starts_at__lt=gathering.starts_at, state__in=("set", "back"),
    ).exclude(gathering_id=gathering.pk)  # fmt: skip
    return list(_whole(rows).order_by("due_on", "pk")[:limit])


def resolution(actor: Actor, resolution_id: uuid.UUID) -> Resolution:
    """One resolution of a gathering that the actor sees; NotFound otherwise."""
    seen = visible(actor).order_by().values("pk")
    rows = Resolution.objects.filter(district_id=actor.district_id or 0, pk=resolution_id, gathering_id__in=seen)
    return the_one(_whole(rows), _("没有找到这条决议。"))


def unreviewed(actor: Actor, *, by: date | None = None) -> QuerySet[Resolution]:
    """Resolutions in the actor's scope whose review is due by a day (today), the longest overdue first."""
    scopes = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        scopes |= at_path(path)
    day = by or timezone.localdate()
    rows = Resolution.objects.filter(scopes, district_id=actor.district_id or 0, review_on__lte=day)
    return _whole(rows.exclude(state="closed")).order_by("review_on", "pk")


def owned(actor: Actor, number: str) -> list[Resolution]:
    """What a gathering gave the actor's posts to carry out, also what is through its review: the nearest day first."""
    rows = Resolution.objects.filter(district_id=actor.district_id or 0, owner_id__in=actor.post_ids)
    rows = rows.filter(gathering__number=number.strip().upper()).exclude(state="draft")
    return list(_whole(rows).order_by("due_on", "pk"))


def blocked(district_id: int, matters: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Why a topic may not be closed yet, in words: its class needs a counted decision, or a review is owed.

    Matters themselves know nothing of classes; whoever offers "close" on a topic asks here first (row D4).
    """
    items = AgendaItem.objects.filter(district_id=district_id, matter_id__in=matters, state="discussed")
    found: dict[uuid.UUID, str] = {}
    counted = adopted(district_id, matters)
    rows = items.select_related("gathering__kind").prefetch_related("resolutions").order_by("pk")
    for item in rows:
        if item.matter_id is None:
            continue
        procedure = item.gathering.kind.says.procedure(item.procedure)
        if procedure and procedure.needs_decision and item.matter_id not in counted:
            found[item.matter_id] = _("%s要先表决，计了票才能销。") % procedure.name
        elif any(r.state != "closed" for r in item.resolutions.all()):
            found[item.matter_id] = _("有决议还没有评审通过。")
    return found


def standing(district_id: int, path: str) -> dict[str, int]:
    """Counts of a scope for its own people: sittings held, topics talked through, resolutions made and closed."""
    low, high = subtree(path)
    here = {"district_id": district_id, "scope_path__gte": low, "scope_path__lt": high}
    sittings = Gathering.objects.filter(**here, state__in=("ended", "minuted"))
    talked = AgendaItem.objects.filter(
        district_id=district_id, state="discussed", matter__isnull=False, gathering__scope_path__gte=low,
        gathering__scope_path__lt=high,
    )  # fmt: skip
    made = Resolution.objects.filter(**here)
    return {
        "sittings": sittings.count(), "topics": talked.count(), "resolutions": made.count(),
        "closed": made.filter(state="closed").count(),
    }  # fmt: skip


# ── what is decided beforehand ──────────────────────────────────────────────────────────────────────────────
def kinds(district_id: int, level: str = "") -> list[GatheringKind]:
    """The newest version of each kind; with ``level``, those that sit there."""
    newest: dict[str, GatheringKind] = {}
    for row in GatheringKind.objects.filter(district_id=district_id).order_by("code", "version"):
        newest[row.code] = row
    return [row for row in newest.values() if not level or not row.says.levels or level in row.says.levels]


def kind(district_id: int, code: str) -> GatheringKind | None:
    """The newest version of one kind."""
    return GatheringKind.objects.filter(district_id=district_id, code=code).order_by("-version").first()


def rooms(district_id: int, path: str) -> list[Room]:
    """Rooms at and below a place, and of the places above it: what a gathering there may book."""
    above = [path[:n] for n in range(STEP, len(path) + 1, STEP)]
    rows = Room.objects.filter(at_path(path) | Q(scope_path__in=above), district_id=district_id, active=True)
    return list(rows.select_related("place").order_by("scope_path", "code")[:300])


def series(actor: Actor) -> QuerySet[Series]:
    """What comes back in the actor's scope, the next one first."""
    scopes = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        low, high = subtree(path)
        scopes |= Q(place__path__gte=low, place__path__lt=high)
    rows = Series.objects.filter(scopes, district_id=actor.district_id or 0, active=True)
    return rows.select_related("place", "host", "room").order_by("next_at", "pk")


def topics_to_table(actor: Actor, path: str, kind_code: str = "topic", limit: int = 2000) -> list[Matter]:
    """Live topics of a scope that stand on no agenda that is still ahead: what an agenda may be made of.

    As many as a district has at once, the newest kept where there should ever be more: whoever lists them sorts by
    what counts there, so a short list here would hide what most people ask for.
    """
    low, high = subtree(path)
    ahead = AgendaItem.objects.filter(
        district_id=actor.district_id or 0, matter_id=OuterRef("pk"),
        gathering__state__in=("draft", "called", "sitting"),
    ).exclude(state="withdrawn")  # fmt: skip
    rows = Matter.objects.filter(
        district_id=actor.district_id or 0, kind=kind_code, scope_path__gte=low, scope_path__lt=high,
        confidential=False,
    ).exclude(state__in=("closed", "declined", "merged"))  # fmt: skip
    if not any(path.startswith(mine) for mine in actor.paths(duties.CONVENE)):
        return []
    return list(rows.exclude(Exists(ahead.values("pk"))).order_by("-pk")[:limit])


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────
def at_path(path: str) -> Q:
    low, high = subtree(path)
    return Q(scope_path__gte=low, scope_path__lt=high)


def asked_of(actor: Actor) -> Q | None:
    """Invitations of this actor, or None for somebody who can have none."""
    if actor.district_id is None or not (actor.post_ids or actor.person_id):
        return None
    mine = Q(post_id__in=actor.post_ids)
    if actor.person_id is not None:
        mine |= Q(person_id=actor.person_id)
    if actor.organisation_ids:
        mine |= Q(post=None, organisation_id__in=actor.organisation_ids)
    return mine


def _filtered(rows: QuerySet[Gathering], district_id: int, filters: Filters) -> QuerySet[Gathering]:
    if filters.kind:
        rows = rows.filter(kind__code=filters.kind)
    if filters.state:
        rows = rows.filter(state__in=filters.state.split(","))
    if filters.place:
        node = tree(district_id).by_code.get(filters.place)
        rows = rows.filter(at_path(node.path)) if node else rows.none()
    if filters.q:
        word = filters.q.strip()
        rows = rows.filter(Q(number__iexact=word) | Q(title__icontains=word))
    if filters.since:
        rows = rows.filter(starts_at__gte=filters.since)
    return rows.filter(starts_at__lt=filters.until) if filters.until else rows


def _whole(rows: QuerySet[Resolution]) -> QuerySet[Resolution]:
    return rows.select_related(
        "item__matter", "gathering__kind", "gathering__place", "owner__person", "owner__organisation"
    ).prefetch_related("matters__matter")
