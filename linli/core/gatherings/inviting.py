"""Who is asked to a gathering: posts by role and reach, in turn where there are more than a kind wants."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Max, Q
from django.utils import timezone

from linli.core.gatherings.models import Gathering, Invitation
from linli.core.gatherings.rules.spec import Invited, KindSpec
from linli.core.people.models import Post, User
from linli.core.places.tree import STEP
from linli.kit.fields import subtree

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """Somebody who would be asked, and how the invitation names them."""

    post_id: uuid.UUID
    person_id: uuid.UUID | None
    organisation_id: uuid.UUID | None
    label: str
    observer: bool = False


def proposed(district_id: int, spec: KindSpec, path: str) -> list[Candidate]:
    """Whom the kind asks at this place, nobody twice. Two questions to the database at most, however many roles."""
    rows = _posts(district_id, spec.roles, path)
    turns = _last_asked(district_id, [row["id"] for row in rows]) if any(r.most for r in spec.roles) else {}
    found: dict[uuid.UUID, Candidate] = {}
    for invited in spec.roles:
        mine = [row for row in rows if row["role"] == invited.role and _reached(invited, row["scope_path"], path)]
        if invited.reach == "above" and mine:
            nearest = max(len(row["scope_path"]) for row in mine)
            mine = [row for row in mine if len(row["scope_path"]) == nearest]
        if invited.most:
            mine = sorted(mine, key=lambda row: turns.get(row["id"], _LONG_AGO))[: invited.most]
        for row in mine:
            found.setdefault(row["person_id"] or row["id"], _candidate(row, observer=invited.observer))
    return list(found.values())


def chosen(district_id: int, post_ids: Sequence[uuid.UUID]) -> list[Candidate]:
    """Posts that a host adds by hand; those that ended or lie in another district are left out."""
    rows = _current(district_id).filter(pk__in=post_ids)
    return [_candidate(dict(row), observer=False) for row in rows.values(*_FIELDS)]


_FIELDS = ("id", "role", "title", "scope_path", "person_id", "organisation_id", "person__shown", "organisation__name")


def _current(district_id: int) -> Any:
    today = timezone.localdate()
    return Post.objects.filter(
        Q(until=None) | Q(until__gt=today), district_id=district_id, since__lte=today
    ).order_by("scope_path", "code")  # fmt: skip


def _posts(district_id: int, roles: Sequence[Invited], path: str) -> list[dict[str, Any]]:
    low, high = subtree(path)
    above = [path[:n] for n in range(STEP, len(path) + 1, STEP)]
    wanted = Q(pk__in=[])
    for reach, where in (
        ("here", Q(scope_path=path)),
        ("below", Q(scope_path__gte=low, scope_path__lt=high)),
        ("above", Q(scope_path__in=above)),
    ):
        codes = [r.role for r in roles if r.reach == reach]
        if codes:
            wanted |= where & Q(role__in=codes)
    return [dict(row) for row in _current(district_id).filter(wanted).values(*_FIELDS)]


def _reached(invited: Invited, where: str, path: str) -> bool:
    if invited.reach == "below":
        return where.startswith(path)
    return path.startswith(where) if invited.reach == "above" else where == path


def _last_asked(district_id: int, posts: list[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    rows = Invitation.objects.filter(district_id=district_id, post_id__in=posts).values("post_id")
    return {row["post_id"]: row["last"] for row in rows.annotate(last=Max("at"))}


def _candidate(row: dict[str, Any], *, observer: bool) -> Candidate:
    name = row["person__shown"] or row["organisation__name"] or ""
    label = name if row["title"] in name else f"{name} {row['title']}".strip()
    return Candidate(row["id"], row["person_id"], row["organisation_id"], label[:80], observer)


class Addressed(NamedTuple):
    """Where notices go: posts' inboxes, and accounts of persons."""

    posts: list[uuid.UUID]
    users: list[uuid.UUID]


def addresses(gathering: Gathering, only: Sequence[uuid.UUID] | None = None) -> Addressed:
    """Of everybody who is asked, or of these invitations."""
    rows = Invitation.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    if only is not None:
        rows = rows.filter(pk__in=only)
    posts: list[uuid.UUID] = []
    persons: list[uuid.UUID] = []
    bodies: list[uuid.UUID] = []
    for post, person, body in rows.order_by("pk").values_list("post_id", "person_id", "organisation_id"):
        if post:
            posts.append(post)
        elif person:
            persons.append(person)
        elif body:
            bodies.append(body)
    if bodies:
        own = _current(gathering.district_id).filter(organisation_id__in=bodies, person=None)
        posts += own.values_list("pk", flat=True)
    users = User.objects.filter(district_id=gathering.district_id, person_id__in=persons) if persons else None
    return Addressed(posts, list(users.values_list("pk", flat=True)) if users is not None else [])
