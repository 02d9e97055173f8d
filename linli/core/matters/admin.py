"""Matters in the read-only admin: how many, in which state, by which rule. Never what somebody said, nor who said it.

Words, contacts, pictures and the timeline are not shown: whoever configures the system has no duty to read them.
"""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models import (
    Admission,
    Category,
    Cause,
    Clock,
    Kind,
    Matter,
    Policy,
    Rule,
    Seal,
)
from linli.kit.admin import ReadOnlyAdmin


@admin.register(Matter)
class MatterAdmin(ReadOnlyAdmin):
    title = _("事")
    list_display = ("number", "kind", "category", "urgency", "state", "channel", "opened_at", "next_due")
    list_select_related = False
    search_fields = ("=number",)
    sealed = ("title", "text", "opened_by", "recorded_by", "resolver_person", "verifier_person", "decliner_person",
              "lon", "lat", "suggestion", "place", "cell", "opened_path", "scope_path")  # fmt: skip
    ordering = ("-id",)


@admin.register(Clock)
class ClockAdmin(ReadOnlyAdmin):
    title = _("时钟")
    list_display = ("matter_id", "stage", "round", "state", "due_at")
    list_select_related = False
    ordering = ("-id",)


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    title = _("台账封存")
    list_display = ("seq", "at", "count", "root")
    ordering = ("-id",)


@admin.register(Kind)
class KindAdmin(ReadOnlyAdmin):
    title = _("事项种类")
    list_display = ("code", "name", "urgency", "public", "confidential", "admission", "active")


@admin.register(Category)
class CategoryAdmin(ReadOnlyAdmin):
    title = _("分类")
    list_display = ("code", "name", "urgency", "standard", "active")
    search_fields = ("code__startswith",)


@admin.register(Cause)
class CauseAdmin(ReadOnlyAdmin):
    title = _("原因")
    list_display = ("code", "name", "active")


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    title = _("时限")
    list_display = ("name", "place", "kind", "urgency", "version", "since", "until")
    list_select_related = ("place",)


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    title = _("派单规则")
    list_display = ("order", "name", "kind", "category", "channel", "urgency", "to_role", "to_organisation", "active")
    list_select_related = ("to_organisation",)


@admin.register(Admission)
class AdmissionAdmin(ReadOnlyAdmin):
    title = _("社区准入")
    list_display = ("number", "title", "department", "state", "since", "until")
    list_select_related = ("department",)
    search_fields = ("=number",)
    ordering = ("-id",)
