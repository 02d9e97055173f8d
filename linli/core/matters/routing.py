"""Where a new matter goes by rule, and whether a department's task may go there at all."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.catalogue import Catalogue
from linli.core.matters.models import Admission, Involvement, Matter, Rule
from linli.core.people.posts import PostRef, Roster
from linli.core.places.tree import Node, Tree
from linli.kit.refusal import Conflict

COMMUNITY_ROLES = frozenset({
    "community_office", "community_secretary", "community_worker", "quarter_secretary", "grid_worker", "grid_head",
    "steward", "building_head", "building_head_online", "unit_head",
})  # fmt: skip
ASKED: Final = "asked"  # how the department stands to a task that it opened


def by_rule(matter: Matter, catalogue: Catalogue, roster: Roster) -> tuple[Rule, PostRef] | None:
    """The first rule whose every condition holds and whose target exists."""
    for rule in catalogue.rules:
        if _fits(rule, matter) and (post := _target(rule, matter, roster)):
            return rule, post
    return None


def _fits(rule: Rule, matter: Matter) -> bool:
    return (
        rule.kind in ("", matter.kind)
        and (not rule.category or matter.category.startswith(rule.category))
        and rule.channel in ("", matter.channel)
        and rule.urgency in ("", matter.urgency)
        and matter.scope_path.startswith(rule.scope_path)
    )


def _target(rule: Rule, matter: Matter, roster: Roster) -> PostRef | None:
    if rule.to_organisation_id and rule.to_organisation is not None:
        return roster.find(rule.to_organisation.code, matter.scope_path)
    return roster.nearest(rule.to_role, matter.scope_path) if rule.to_role else None


def admitted(
    matter: Matter, catalogue: Catalogue, post: PostRef, at: datetime, department: uuid.UUID | None = None
) -> str:
    """The number of the admission that lets this task reach the community at that time; "" where none is needed.

    Raises Conflict ``admission_required`` where one is needed and there is none: not granted, expired, for another
    place, or another department's (M16). ``department`` is whose task it is while it is being opened; later the
    matter's own involvements say so. A task that an office wrote down itself is nobody's but that office's, and goes
    where any department was let in.
    """
    kind = catalogue.kinds.get(matter.kind)
    if kind is None or not kind.admission or post.role not in COMMUNITY_ROLES:
        return ""
    today = timezone.localdate(at)
    valid = Admission.objects.filter(
        Q(state="approved"), district_id=matter.district_id, since__lte=today, until__gte=today
    ).order_by("until")
    whose = department or asked_by(matter)
    if whose is not None:
        valid = valid.filter(department_id=whose)
    for admission in valid:
        if matter.opened_path.startswith(admission.scope_path):
            return admission.number
    raise Conflict(_("部门的任务要先过社区准入。这个社区没有有效的准入，派不下去。"), code="admission_required")


def asked_by(matter: Matter) -> uuid.UUID | None:
    """The department whose task a matter is; None where no department opened it."""
    rows = Involvement.objects.filter(district_id=matter.district_id, matter_id=matter.pk, how=ASKED)
    return rows.values_list("post__organisation_id", flat=True).first()


def rescope(matter: Matter, places: Tree, node: Node) -> None:
    """Set who may see the matter by its place today: the path and the columns that lists are indexed by."""
    levels = {n.level: n.id for n in places.chain(node)}
    matter.scope_path = node.path
    matter.street_id = levels.get("street")
    matter.community_id = levels.get("community")
    matter.cell_id = levels.get(places.district.cell_level)


def bring_home(matter: Matter, places: Tree) -> None:
    """A task that waited at the district lies in its place's scope again, once it is admitted."""
    node = places.by_id.get(matter.place_id)
    if node is not None and matter.scope_path != node.path:
        rescope(matter, places, node)
