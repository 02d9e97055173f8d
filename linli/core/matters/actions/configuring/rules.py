"""Dispatch rules: their order is their meaning, so moving one is a change like any other; and trying out is not one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters import routing
from linli.core.matters.actions.configuring.saying import Spoken, differences, found, keep, one_of, text
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.models import Category, Kind, Matter, Policy, Rule, Urgency
from linli.core.people import duties
from linli.core.people.actions import configuring
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation
from linli.core.people.posts import PostRef, roster
from linli.core.places.actions import Changing
from linli.core.places.tree import Node, tree
from linli.kit.refusal import Conflict, Invalid, NotFound

STEP = 10
MOST = 30_000  # an order is a small integer; one above it serves while two rules change places
RULE_WORDS = {
    "name": lazy("名称"), "kind": lazy("种类"), "category": lazy("分类"), "channel": lazy("来源"),
    "urgency": lazy("急缓"), "scope_path": lazy("范围"), "to_role": lazy("派给"),
    "to_organisation": lazy("派给单位"), "active": lazy("在用"),
}  # fmt: skip


def add_rule(*, actor: Actor, before: uuid.UUID | None = None, **values: Any) -> Rule:
    """A new rule behind the others, where it changes nothing that an earlier one decides; or ``before`` one of them."""
    with configuring(actor) as change:
        made = Rule(district_id=change.district.pk, **_values(change, values))
        _check(made)
        last = Rule.objects.filter(district_id=change.district.pk).aggregate(last=Max("order"))["last"] or 0
        if last + STEP > MOST:
            raise Conflict(_("规则太多了，先停用几条。"), code="full")
        made.order = _room(change, before) if before else last + STEP
        made.save(force_insert=True)
        spoken = _spoken(change)
        to = made.to_organisation.name if made.to_organisation else spoken["to_role"](made.to_role)
        words = _("新设了派单规则“%(name)s”，派给%(to)s") % {"name": made.name, "to": to}
        change.tell(made.name, words, rule=str(made.pk))
        return made


def _room(change: Changing, before: uuid.UUID) -> int:
    """An order right before that rule. Where there is no room the rules from it on stand back, the last one first."""
    rows = Rule.objects.filter(district_id=change.district.pk)
    behind = found(rows, change, before).order
    ahead = rows.filter(order__lt=behind).aggregate(last=Max("order"))["last"] or 0
    if behind - ahead > 1:
        return ahead + (behind - ahead) // 2
    for pk, order in list(rows.filter(order__gte=behind).order_by("-order").values_list("pk", "order")):
        rows.filter(pk=pk).update(order=order + STEP)
    return behind + STEP // 2


def change_rule(*, actor: Actor, rule_id: uuid.UUID, **values: Any) -> Rule:
    """What was dispatched already stays where it is."""
    with configuring(actor) as change:
        rule = found(Rule.objects.select_related("to_organisation"), change, rule_id)
        told = differences(rule, _values(change, values), RULE_WORDS, _spoken(change))
        _check(rule)
        keep(change, rule, told, rule.name, _("改了派单规则“%(name)s”：%(what)s"), rule=str(rule.pk))
        return rule


def move_rule(*, actor: Actor, rule_id: uuid.UUID, up: bool) -> Rule:
    """One place up or down. At the end of the list nothing happens."""
    with configuring(actor) as change:
        rule = found(Rule.objects.all(), change, rule_id)
        rows = Rule.objects.filter(district_id=change.district.pk)
        beside = (
            rows.filter(order__lt=rule.order).order_by("-order") if up else rows.filter(order__gt=rule.order)
        ).first()
        if beside is None:
            return rule
        mine, theirs = rule.order, beside.order
        rows.filter(pk=rule.pk).update(order=MOST + 1)  # an order stands once: out of the way first
        rows.filter(pk=beside.pk).update(order=mine)
        rows.filter(pk=rule.pk).update(order=theirs)
        rule.order = theirs
        words = _("把派单规则“%(name)s”移到“%(other)s”前面") if up else _("把派单规则“%(name)s”移到“%(other)s”后面")
        change.tell(rule.name, words % {"name": rule.name, "other": beside.name}, rule=str(rule.pk))
        return rule


@dataclass(frozen=True)
class Way:
    """Where something would go: by which rule, to whom, who keeps it first, and what is promised."""

    rule: Rule | None
    post: PostRef | None
    first: PostRef | None
    policy: Policy | None
    task: bool = False  # a department's task: its way is the admission, not a rule


def where_to(
    district_id: int, *, node: Node, kind: str, category: str = "", channel: str = "", urgency: str = ""
) -> Way:
    """Try a matter out that does not exist: the same rules, nothing written."""
    known, posts = catalogue(district_id), roster(district_id)
    soon = urgency or _urgency(known, kind, category)
    tried = Matter(district_id=district_id, kind=kind, category=category, channel=channel, urgency=soon,
                   scope_path=node.path, opened_path=node.path)  # fmt: skip
    first = posts.office("community", node.path) or posts.office("street", node.path)
    try:
        policy: Policy | None = known.policy_for(kind, soon, node.path)
    except LookupError:
        policy = None
    if kind in known.kinds and known.kinds[kind].admission:
        return Way(None, posts.office("community", node.path), posts.office("district", node.path), policy, task=True)
    hit = routing.by_rule(tried, known, posts)
    return Way(hit[0] if hit else None, hit[1] if hit else None, first, policy)


def _urgency(known: Catalogue, kind: str, category: str) -> str:
    """The category's own, else that of what it lies in, else the kind's."""
    for end in range(len(category), 0, -2):
        found_one = known.categories.get(category[:end])
        if found_one is not None and found_one.urgency:
            return found_one.urgency
    return known.kinds[kind].urgency if kind in known.kinds else Urgency.ORDINARY.value


def _spoken(change: Changing) -> Spoken:
    """What a rule keeps as codes, as the district calls it."""
    known, nodes = catalogue(change.district.pk), tree(change.district.pk).by_path
    called = change.district.settings.get("roles", {})
    return {
        "kind": lambda code: known.kinds[code].name if code in known.kinds else code,
        "category": lambda code: known.category_name(code) or code,
        "channel": known.channel_name,
        "scope_path": lambda path: nodes[path].name if path in nodes else _("一个已经不在的地方"),
        "to_role": lambda code: str(called.get(code) or duties.role(code).name),
    }


def _values(change: Changing, values: dict[str, Any]) -> dict[str, Any]:
    """What a rule keeps: a place becomes its path, an organisation is one of this district."""
    made = {name: values[name] for name in RULE_WORDS if name in values}
    if "name" in made:
        made["name"] = text(made["name"], "name", 80)
    if "place_id" in values:
        place = change.place(values["place_id"]) if values["place_id"] else None
        made["scope_path"] = place.path if place is not None and place.parent_id else ""
    if "organisation_id" in values:
        made["to_organisation"] = _body(change, values["organisation_id"])
    mine = {"district_id": change.district.pk}
    if made.get("kind"):
        one_of(made["kind"], set(Kind.objects.filter(**mine).values_list("code", flat=True)), "kind")
    if made.get("category"):
        one_of(made["category"], set(Category.objects.filter(**mine).values_list("code", flat=True)), "category")
    one_of(made.get("channel", ""), change.district.settings.get("channels", {}), "channel")
    one_of(made.get("urgency", ""), Urgency.values, "urgency")
    one_of(made.get("to_role", ""), {r.code for r in duties.ROLES.values() if r.handles}, "to_role")
    return made


def _body(change: Changing, organisation_id: uuid.UUID | None) -> Organisation | None:
    if organisation_id is None:
        return None
    row = Organisation.objects.filter(district_id=change.district.pk, pk=organisation_id, until=None).first()
    if row is None:
        raise NotFound(_("没有这个单位。"), fields={"organisation": _("没有找到。")})
    return row


def _check(rule: Rule) -> None:
    if bool(rule.to_role) == bool(rule.to_organisation_id):
        message = _("派给一个角色，或派给一个单位，二选一。")
        raise Invalid(message, fields={"to_role": message})
