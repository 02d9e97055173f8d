"""The public roster: who serves a place, at every level above it. Names and duties, never a number."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from linli.core.people.models import Post
from linli.core.places.tree import STEP, Node, Tree

HIDDEN = frozenset({"admin", "auditor", "system"})
MOST = 500


def serving(known: Tree, node: Node) -> list[dict[str, Any]]:
    """Posts at the place and above it, nearest first. Shape: post, role, title, name, unit, place, hours."""
    today = timezone.localdate()
    paths = [node.path[:n] for n in range(STEP, len(node.path) + 1, STEP)]
    rows = (
        Post.objects.filter(Q(until=None) | Q(until__gt=today), district_id=known.district.id, since__lte=today)
        .filter(scope_path__in=paths)
        .exclude(role__in=HIDDEN)
        .select_related("person", "organisation")
        .order_by("-scope_path", "role", "code")
    )
    return [_row(post, known) for post in rows[:MOST]]


def _row(post: Post, known: Tree) -> dict[str, Any]:
    node = known.by_id.get(post.place_id)
    name = post.person.shown if post.person else post.organisation.name if post.organisation else ""
    return {
        "post": post.code, "role": post.role, "title": post.title, "name": name,
        "unit": post.organisation.code if post.organisation else None,
        "unit_name": post.organisation.name if post.organisation else None,
        "place": {"code": node.code, "name": node.name, "level": node.level} if node else None,
        "hours": post.hours,
    }  # fmt: skip
