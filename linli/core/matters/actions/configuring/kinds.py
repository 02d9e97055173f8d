"""Kinds of matters, the catalogue of categories, the causes that closing asks for. A code is given once for good."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.actions.configuring.saying import differences, found, keep, one_of, text
from linli.core.matters.models import Category, Cause, Kind, Urgency
from linli.core.people.actions import configuring
from linli.core.people.actor import Actor
from linli.kit.refusal import Conflict, Invalid

DEEPEST = 3  # levels of categories, two digits each
_CODE = re.compile(r"[a-z][a-z0-9_]{1,23}")
KIND_WORDS = {
    "name": lazy("名称"), "about": lazy("说明"), "evidence": lazy("办结要照片"), "public": lazy("上公开台账"),
    "confidential": lazy("默认保密"), "admission": lazy("要先准入"), "residents": lazy("居民可以提"),
    "urgency": lazy("急缓"), "active": lazy("在用"), "order": lazy("次序"),
}  # fmt: skip
CATEGORY_WORDS = {"name": lazy("名称"), "urgency": lazy("急缓"), "standard": lazy("对应国标"), "active": lazy("在用")}
CAUSE_WORDS = {"name": lazy("名称"), "active": lazy("在用")}


# ── kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────
def add_kind(*, actor: Actor, code: str, **values: Any) -> Kind:
    """A new kind. Units never see the contact of one made here: that is for orders and errands of the catalogue."""
    with configuring(actor) as change:
        cleaned = code.strip().lower()
        if not _CODE.fullmatch(cleaned):
            message = _("代码用 2 到 24 个小写字母、数字、下划线，字母开头。")
            raise Invalid(message, fields={"code": message})
        if Kind.objects.filter(district_id=change.district.pk, code=cleaned).exists():
            raise Conflict(_("代码 %s 已经用过。") % cleaned, code="same", fields={"code": _("已经用过。")})
        made = Kind(district_id=change.district.pk, code=cleaned, **_kind_values(values))
        _check_kind(made)
        made.save(force_insert=True)
        change.tell(made.name, _("新设了事项种类“%s”") % made.name, code=cleaned)
        return made


def change_kind(*, actor: Actor, kind_id: uuid.UUID, **values: Any) -> Kind:
    """Matters that are open already keep what was decided at their opening: confidential, public."""
    with configuring(actor) as change:
        kind = found(Kind.objects.all(), change, kind_id)
        told = differences(kind, _kind_values(values), KIND_WORDS)
        _check_kind(kind)
        keep(change, kind, told, kind.name, _("改了事项种类“%(name)s”：%(what)s"), code=kind.code)
        return kind


def _kind_values(values: dict[str, Any]) -> dict[str, Any]:
    """Only what may be changed here, each in its shape."""
    made = {name: values[name] for name in KIND_WORDS if name in values}
    if "name" in made:
        made["name"] = text(made["name"], "name", 40)
    if "about" in made:
        made["about"] = text(made["about"], "about", 200, needed=False)
    if "urgency" in made:
        made["urgency"] = one_of(made["urgency"], Urgency.values, "urgency")
    return made


def _check_kind(kind: Kind) -> None:
    """Combinations that would break a promise."""
    if kind.confidential and kind.public:
        message = _("默认保密的种类不能上公开台账。")
        raise Invalid(message, fields={"public": message})
    if kind.admission and kind.residents:
        message = _("要先准入的是部门的任务，居民不能提。")
        raise Invalid(message, fields={"residents": message})


# ── categories ──────────────────────────────────────────────────────────────────────────────────────────────────
def add_category(
    *, actor: Actor, name: str, parent_id: uuid.UUID | None = None, urgency: str = "", standard: str = ""
) -> Category:
    """A new node at the end of its level; its code is its parent's with two more digits."""
    with configuring(actor) as change:
        parent = found(Category.objects.all(), change, parent_id) if parent_id else None
        if parent is not None and len(parent.code) >= 2 * DEEPEST:
            message = _("分类最多 %d 级。") % DEEPEST
            raise Invalid(message, fields={"parent": message})
        made = Category.objects.create(
            district_id=change.district.pk, code=_next_code(change.district.pk, parent), parent=parent,
            **_category_values({"name": name, "urgency": urgency, "standard": standard}),
        )  # fmt: skip
        change.tell(made.name, _("新设了分类“%s”") % made.name, code=made.code)
        return made


def change_category(*, actor: Actor, category_id: uuid.UUID, **values: Any) -> Category:
    """One that is switched off is offered no more; matters that have it keep it."""
    with configuring(actor) as change:
        category = found(Category.objects.all(), change, category_id)
        told = differences(category, _category_values(values), CATEGORY_WORDS)
        keep(change, category, told, category.name, _("改了分类“%(name)s”：%(what)s"), code=category.code)
        return category


def _category_values(values: dict[str, Any]) -> dict[str, Any]:
    made = {name: values[name] for name in CATEGORY_WORDS if name in values}
    if "name" in made:
        made["name"] = text(made["name"], "name", 40)
    if "standard" in made:
        made["standard"] = text(made["standard"], "standard", 60, needed=False)
    if "urgency" in made:
        made["urgency"] = one_of(made["urgency"], Urgency.values, "urgency")
    return made


def _next_code(district_id: int, parent: Category | None) -> str:
    beside = Category.objects.filter(district_id=district_id, parent=parent)
    last = beside.aggregate(last=Max("code"))["last"]
    number = int(last[-2:]) + 1 if last else 1
    if number > 99:
        raise Conflict(_("这一级已经有 99 个分类，放不下了。"), code="full")
    return f"{parent.code if parent else ''}{number:02d}"


# ── causes ──────────────────────────────────────────────────────────────────────────────────────────────────────
def add_cause(*, actor: Actor, name: str) -> Cause:
    """A new cause, with a code of its own: closing a matter names one."""
    with configuring(actor) as change:
        cleaned = text(name, "name", 40)
        _unused_cause(change.district.pk, cleaned)
        taken = set(Cause.objects.filter(district_id=change.district.pk).values_list("code", flat=True))
        code = next(each for n in range(1, len(taken) + 2) if (each := f"own_{n:02d}") not in taken)
        made = Cause.objects.create(district_id=change.district.pk, code=code, name=cleaned)
        change.tell(cleaned, _("新设了原因“%s”") % cleaned, code=code)
        return made


def change_cause(*, actor: Actor, cause_id: uuid.UUID, **values: Any) -> Cause:
    """The last cause in use stays in use: nothing could be closed without one."""
    with configuring(actor) as change:
        cause = found(Cause.objects.all(), change, cause_id)
        wanted = {name: values[name] for name in CAUSE_WORDS if name in values}
        if "name" in wanted:
            wanted["name"] = text(wanted["name"], "name", 40)
            _unused_cause(change.district.pk, wanted["name"], but=cause)
        told = differences(cause, wanted, CAUSE_WORDS)
        others = Cause.objects.filter(district_id=change.district.pk, active=True).exclude(pk=cause.pk)
        if not cause.active and not others.exists():
            raise Conflict(_("至少留一个原因：没有原因就办不结。"), code="last", fields={"active": _("最后一个。")})
        keep(change, cause, told, cause.name, _("改了原因“%(name)s”：%(what)s"), code=cause.code)
        return cause


def _unused_cause(district_id: int, name: str, but: Cause | None = None) -> None:
    same = Cause.objects.filter(district_id=district_id, name=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        message = _("已经有“%s”这个原因。") % name
        raise Conflict(message, code="same", fields={"name": message})
