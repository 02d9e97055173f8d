"""In whose name a paper goes out: the office that a place belongs to, by its full name."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from linli.core.people import duties
from linli.core.people.models import Post
from linli.core.places.tree import STEP, tree

_TIERS = ("community", "street", "district")
_ROLES = tuple(role.code for role in duties.ROLES.values() if role.tier in _TIERS and role.handles)


def office_of(district_id: int, path: str) -> str:
    """The nearest office at or above a path (柳荫社区居委会); the place's own name where no office serves there."""
    today, above = timezone.localdate(), [path[:n] for n in range(STEP, len(path) + 1, STEP)]
    rows = Post.objects.filter(
        Q(until=None) | Q(until__gt=today), district_id=district_id, scope_path__in=above, role__in=_ROLES,
        since__lte=today, organisation__isnull=False,
    ).values_list("scope_path", "person_id", "code", "organisation__name")  # fmt: skip
    # The office's own post before those of its people, the lower place before the higher.
    found = min(rows, key=lambda row: (-len(row[0]), row[1] is not None, row[2]), default=None)
    if found is not None:
        return str(found[3])
    known = tree(district_id)
    node = known.by_path.get(path)
    return node.name if node else known.district.name
