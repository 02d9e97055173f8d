"""The public roster: who serves a place, at every level above it. Names and duties, never a number.

Nearest first: whoever serves the stairs before whoever serves the street, and at one level in the order in which a
neighbour would ask (``RANK``). Nothing here is more than the sign on the door may say to anybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.core.people import duties
from linli.core.people.models import Post
from linli.core.places.tree import STEP, Node, Tree

HIDDEN = frozenset({"admin", "auditor", "system"})

# What each is there for, as the sign says it: also the order within one level.
ABOUT: dict[str, str | Promise] = {
    "unit_head": _("楼道里的事，邻里照应"),
    "resident_group_head": _("这一片的邻里事"),
    "building_head": _("上门看，跑腿办本楼的事"),
    "building_head_online": _("线上答话，转通知"),
    "building_party_head": _("本楼的党员，议本楼的事"),
    "grid_worker": _("不知道找谁，先找这一位"),
    "grid_head": _("管这个网格"),
    "quarter_secretary": _("小区的事，牵头商量"),
    "steward": _("每天巡一遍，看环境和设施"),
    "property_manager": _("维修、保洁、保安"),
    "property_unit": _("维修、保洁、保安"),
    "committee_chair": _("业主共同的事"),
    "committee_unit": _("业主共同的事"),
    "community_secretary": _("社区的事，总负责"),
    "community_office": _("开证明、办手续、查政策"),
    "community_worker": _("社区窗口"),
    "street_leader": _("社区办不了的，找街道"),
    "street_office": _("社区办不了的，找街道"),
    "street_cadre": _("街道分管的事"),
    "district_office": _("街道办不了的，这里兜底"),
    "district_leader": _("联系这一片"),
}
RANK = {role: at for at, role in enumerate(ABOUT)}


def serving(known: Tree, node: Node) -> list[dict[str, Any]]:
    """Posts at the place and above it, nearest first.

    Shape: post, role, title, name, unit, unit_name, place, hours, about, answers (whether a message reaches the person
    here directly; whoever has no account is reached through the grid worker).
    """
    return serving_many(known, [node])[node.id]


def serving_many(known: Tree, nodes: Iterable[Node]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The same of many places, in one query: what a batch of posters needs."""
    above = {node.id: [node.path[:n] for n in range(len(node.path), 0, -STEP)] for node in nodes}
    paths = {path for each in above.values() for path in each}
    found: dict[str, list[Post]] = {}
    for post in _posts(known, sorted(paths)):
        found.setdefault(post.scope_path, []).append(post)
    rows = {path: [_row(post, known) for post in sorted(posts, key=_rank)] for path, posts in found.items()}
    return {key: [row for path in each for row in rows.get(path, [])] for key, each in above.items()}


def _posts(known: Tree, paths: list[str]) -> Iterable[Post]:
    today = timezone.localdate()
    rows = Post.objects.filter(Q(until=None) | Q(until__gt=today), district_id=known.district.id, since__lte=today)
    rows = rows.exclude(role__in=HIDDEN).select_related("person__account", "organisation")
    for start in range(0, len(paths), 500):
        yield from rows.filter(scope_path__in=paths[start : start + 500])


def _rank(post: Post) -> tuple[int, str, str]:
    return RANK.get(post.role, len(RANK)), post.role, post.code


def _row(post: Post, known: Tree) -> dict[str, Any]:
    node = known.by_id.get(post.place_id)
    name = post.person.shown if post.person else post.organisation.name if post.organisation else ""
    return {
        "post": post.code, "role": post.role, "title": post.title, "name": name,
        "unit": post.organisation.code if post.organisation else None,
        "unit_name": post.organisation.name if post.organisation else None,
        "place": {"code": node.code, "name": node.name, "level": node.level} if node else None,
        "hours": post.hours, "about": str(ABOUT.get(post.role, "")), "answers": answers(post),
    }  # fmt: skip


def answers(post: Post) -> bool:
    """Whether what is written to this post lands with somebody who can sign in and answer it."""
    if not duties.role(post.role).handles:
        return False
    if post.person is None:
        return True  # a body's own inbox
    account = getattr(post.person, "account", None)
    return account is not None and account.is_active and (settings.DEMO or not account.demo)
