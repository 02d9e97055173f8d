"""Posts in memory for dispatch: who serves in a role nearest to a place, and who is meant by a code or a name."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from linli.core.people import duties
from linli.core.people.models import Post
from linli.core.places.tree import STEP
from linli.kit import memory


class PostRef(NamedTuple):
    """A post that can hold a matter."""

    id: uuid.UUID
    code: str
    role: str
    title: str
    place_id: uuid.UUID
    path: str
    person_id: uuid.UUID | None
    organisation_id: uuid.UUID | None
    organisation_code: str | None
    name: str

    @property
    def brief(self) -> dict[str, str]:
        """The API's ``handler``."""
        return {"post": self.code, "title": self.title, "name": self.name}

    @property
    def unit(self) -> uuid.UUID:
        """What counts as one body where 'a different unit' is asked for."""
        return self.organisation_id or self.id


@dataclass
class Roster:
    """All posts of a district that may hold a matter."""

    by_id: dict[uuid.UUID, PostRef] = field(default_factory=dict)
    by_word: dict[str, PostRef] = field(default_factory=dict)  # post code, organisation code or name
    by_role: dict[str, dict[str, list[PostRef]]] = field(default_factory=dict)  # role → path → posts
    by_body: dict[uuid.UUID, dict[str, PostRef]] = field(default_factory=dict)  # a body's own inboxes, by path

    def nearest(self, role: str, path: str) -> PostRef | None:
        """The post in ``role`` at the place or the nearest one above it."""
        at = self.by_role.get(role, {})
        for n in range(len(path), 0, -STEP):
            if posts := at.get(path[:n]):
                return posts[0]
        return None

    def find(self, word: str, near: str = "") -> PostRef | None:
        """A post by its code, or an organisation's own post by the organisation's code or name.

        A firm that serves several places has an inbox in each: with ``near`` it is the one that covers this path, and
        nobody where it has several and none does.
        """
        found = self.by_word.get(word.strip())
        if not near or found is None or found.organisation_id is None or found.code == word.strip():
            return found
        own = self.by_body.get(found.organisation_id, {})
        over = next((own[near[:n]] for n in range(len(near), 0, -STEP) if near[:n] in own), None)
        return over or (found if len(own) < 2 else None)

    def office(self, tier: str, path: str) -> PostRef | None:
        """The office of a tier (community, street, district) that a path lies under."""
        for role in duties.ROLES.values():
            if role.tier == tier and role.handles and (post := self.nearest(role.code, path)):
                return post
        return None


def _read(district_id: int) -> Roster:
    today = timezone.localdate()
    handling = [r.code for r in duties.ROLES.values() if r.handles]
    rows = (
        Post.objects.filter(Q(until=None) | Q(until__gt=today), district_id=district_id, since__lte=today)
        .filter(role__in=[*handling, "district_leader"])
        .order_by("scope_path", "code")
        .values_list(
            "id", "code", "role", "title", "place_id", "scope_path", "person_id", "organisation_id",
            "organisation__code", "person__shown", "organisation__name",
        )
    )  # fmt: skip
    roster = Roster()
    alike: dict[Any, Any] = {}  # a place's id, path and unit stand in many rows: one object each
    for row in rows.iterator(chunk_size=500):
        ref = PostRef(*(alike.setdefault(said, said) for said in (*row[:9], row[9] or row[10] or "")))
        roster.by_id[ref.id] = ref
        roster.by_role.setdefault(ref.role, {}).setdefault(ref.path, []).append(ref)
        roster.by_word[ref.code] = ref
        if ref.person_id is None and ref.organisation_id and ref.organisation_code:
            roster.by_body.setdefault(ref.organisation_id, {}).setdefault(ref.path, ref)
            roster.by_word.setdefault(ref.organisation_code, ref)
            roster.by_word.setdefault(ref.name, ref)
    return roster


_rosters: memory.PerDistrict[Roster] = memory.PerDistrict(_read)


def roster(district_id: int) -> Roster:
    """The district's handling posts."""
    return _rosters.get(district_id)
