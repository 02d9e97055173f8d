"""大工委 and 大党委 of streets and communities: who serves part-time, when they met, how many came (D3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import Attendance, Gathering, Invitation, Resolution
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.places.tree import Node, tree
from linli.kit.fields import subtree
from linli.kit.refusal import NotFound

ROLE = "part_time_member"
SHOWN = 24  # sittings on one page: two years of a monthly one


@dataclass(frozen=True)
class Committee:
    """One committee in the list."""

    node: Node
    name: str
    members: int
    last: datetime | None
    next: datetime | None


def members(actor: Actor) -> QuerySet[Post]:
    """Everybody who serves part-time in the actor's scopes today."""
    scopes, today = Q(pk__in=[]), timezone.localdate()
    for path in actor.paths(duties.CONVENE):
        low, high = subtree(path)
        scopes |= Q(scope_path__gte=low, scope_path__lt=high)
    rows = Post.objects.filter(scopes, district_id=actor.district_id or 0, role=ROLE, since__lte=today)
    rows = rows.filter(Q(until=None) | Q(until__gt=today))
    return rows.select_related("person", "organisation").order_by("scope_path", "code")


def committees(actor: Actor, q: str = "", now: datetime | None = None) -> list[Committee]:
    """Those of the actor's scopes, from above down; ``q`` a place's name. Three questions however many there are."""
    district, moment = actor.district_id or 0, now or timezone.now()
    known = tree(district)
    counted: dict[Any, list[Any]] = {}
    for place, title in members(actor).values_list("place_id", "title"):
        row = counted.setdefault(place, [_name(title), 0])
        row[1] += 1
    met = _met(district, [k for k in counted if k in known.by_id], moment)
    found = [
        Committee(known.by_id[place], name, n, *met.get(place, (None, None)))
        for place, (name, n) in counted.items() if place in known.by_id
    ]  # fmt: skip
    return sorted((c for c in found if not q or q in c.node.name or q in c.name), key=lambda c: c.node.path)


def _name(title: str) -> str:
    """大工委兼职委员 → 大工委."""
    return title.removesuffix(duties.role(ROLE).name) or title


def kinds(district_id: int) -> list[str]:
    """Codes of the kinds of sittings to which part-time members are asked."""
    return [k.code for k in sittings.kinds(district_id) if any(r.role == ROLE for r in k.says.roles)]


def _met(
    district_id: int, places: list[Any], now: datetime
) -> dict[Any, tuple[datetime | None, datetime | None]]:  # fmt: skip
    """When each last met, and meets next."""
    rows = Gathering.objects.filter(district_id=district_id, place_id__in=places, kind__code__in=kinds(district_id))
    last, ahead = dict[Any, datetime](), dict[Any, datetime]()
    held = rows.filter(state__in=("ended", "minuted")).order_by("place_id", "-starts_at")
    for place, at in held.values_list("place_id", "starts_at"):
        last.setdefault(place, at)
    coming = rows.filter(state__in=("called", "sitting"), ends_at__gte=now).order_by("place_id", "starts_at")
    for place, at in coming.values_list("place_id", "starts_at"):
        ahead.setdefault(place, at)
    return {place: (last.get(place), ahead.get(place)) for place in places}


def of_place(actor: Actor, code: str) -> tuple[Node, list[Post]]:
    """A committee of the actor's scopes; NotFound for any other."""
    node = tree(actor.district_id or 0).by_code.get(code)
    found = list(members(actor).filter(place_id=node.id)) if node is not None else []
    if node is None or not found:
        raise NotFound(_("没有找到这个委员会。"))
    return node, found


def name_of(posts: list[Post]) -> str:
    return _name(posts[0].title)


def sat(node: Node, district_id: int, limit: int = SHOWN) -> list[Gathering]:
    """Its sittings, the latest first, each with members asked and come, points settled, resolutions and matters.

    One question. A body is counted, nobody by name: who came to which one stands in that sitting's own minutes.
    """
    rows = Gathering.objects.filter(
        district_id=district_id, place_id=node.id, kind__code__in=kinds(district_id), called_at__isnull=False
    ).select_related("kind")  # fmt: skip
    asked = Invitation.objects.filter(gathering_id=OuterRef("pk"), post__role=ROLE)
    came = Attendance.objects.filter(
        gathering_id=OuterRef("pk"), state="present", invitation__post__role=ROLE
    )  # fmt: skip
    made = Resolution.objects.filter(gathering_id=OuterRef("pk"))
    split = made.filter(matters__isnull=False)
    rows = rows.annotate(asked=_count(asked), came=_count(came), made=_count(made), split=_count(split))
    return list(rows.order_by("-starts_at", "-pk")[:limit])


def _count(rows: QuerySet[Any]) -> Any:
    counted = rows.order_by().values("gathering_id").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def lines(actor: Actor) -> Iterator[list[Any]]:
    """The roster as a file."""
    known = tree(actor.district_id or 0)
    for post in members(actor).iterator(chunk_size=500):
        node = known.by_id.get(post.place_id)
        person = post.person.shown if post.person else ""
        body = post.organisation.name if post.organisation else ""
        yield [node.name if node else "", _name(post.title), person, body, _day(post.since), _day(post.until)]


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else ""
