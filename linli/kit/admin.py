"""The Django admin shows the nouns and changes nothing: whoever may look at it sees the rows of the own district only.

Changes go through actions, which check a duty, keep a promise and leave a sentence; a form over a table does neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin  # registers Group, so that it can be taken out below
from django.contrib.auth.models import Group
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.kit.models import Change, Outbox

__all__ = ["GroupAdmin", "ReadOnlyAdmin"]

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]  # generic for the checker only
else:
    Base = admin.ModelAdmin

# Bytes are sealed, hashes and salts prove things: none of them is anybody's reading.
_SEALED_NAMES = frozenset({"password", "hash", "salt", "phone_index", "receipt_hash", "body_hash", "key_hash", "reply"})
LOGIN = "/login/"
OWN_PAGE = "/me/"
ROOM = "/admin/"


def may_look(request: HttpRequest) -> bool:
    """Read once a request: the index asks for every table."""
    kept: bool | None = getattr(request, "looks_at_nouns", None)
    if kept is None:
        kept = bool(getattr(request.user, "is_staff", False))
        request.looks_at_nouns = kept  # type: ignore[attr-defined]
    return kept


class ReadOnlyAdmin(Base):
    """One table, to be looked at. ``district`` names the path to the district's id; a table without one is not shown.

    ``search_fields`` may only name what an index answers for, because tables are long.
    """

    district: ClassVar[str] = "district_id"
    sealed: ClassVar[Sequence[str]] = ()
    title: ClassVar[str | Promise] = ""
    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_select_related: ClassVar[bool | list[str] | tuple[str, ...]] = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_look(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_look(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The own district's rows; another's look like none."""
        own = getattr(request.user, "district_id", None)
        return (
            super().get_queryset(request).filter(**{self.district: own}) if own else self.model._default_manager.none()
        )

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Sealed fields are left out by their kind and by their name, so that a new one is never shown by mistake."""
        fields = self.model._meta.get_fields()
        sealed = {f.name for f in fields if isinstance(f, models.BinaryField) or f.name in _SEALED_NAMES}
        return sorted(sealed | set(self.sealed))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        left_out = set(self.get_exclude(request, obj))
        return [f.name for f in self.model._meta.concrete_fields if f.name not in left_out]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(self.get_readonly_fields(request, obj))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": self.title, **(extra_context or {})})

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The admin's own log is empty, because nothing is changed here; the history is a page of its own."""
        return HttpResponseRedirect(f"{ROOM}history/")


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    title = _("改动记录")
    list_display = ("at", "actor", "subject", "sentence")
    ordering = ("-at",)


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    """What is waiting. The payload may hold a code or a telephone, so it is not shown."""

    title = _("待办队列")
    list_display = ("at", "topic", "tries", "next_at", "done_at", "error")
    sealed = ("payload",)
    ordering = ("-id",)


# ── the site ────────────────────────────────────────────────────────────────────────────────────────────────────
def _login(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """There is one login. Whoever has come in through it and may not look finds nothing here."""
    if request.user.is_authenticated and not may_look(request):
        raise Http404
    wanted = request.GET.get("next", "") or admin.site.site_url or ROOM
    return HttpResponseRedirect(f"{LOGIN}?{urlencode({'next': wanted})}")


def _elsewhere(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Passwords and leaving belong to one's own page."""
    return HttpResponseRedirect(OWN_PAGE)


def _named(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tables by what we call them; the models themselves have no other names than their classes'."""
    for app in apps:
        for table in app["models"]:
            shown = admin.site._registry.get(table["model"])
            table["name"] = getattr(shown, "title", "") or table["name"]
    return apps


def prepare(site: admin.AdminSite) -> None:
    """Names, one login, and no table but ours."""
    listed = site.get_app_list
    site.get_app_list = lambda request, app_label=None: _named(listed(request, app_label))  # type: ignore[method-assign]
    site.site_header = _("邻理　底账（只看不改）")
    site.site_title = _("底账")
    site.index_title = _("七个名词的表")
    site.site_url = ROOM
    site.login = _login  # type: ignore[method-assign]
    site.logout = _elsewhere  # type: ignore[method-assign,assignment]
    site.password_change = _elsewhere  # type: ignore[method-assign,assignment]
    site.password_change_done = _elsewhere  # type: ignore[method-assign,assignment]
    if site.is_registered(Group):
        site.unregister(Group)


prepare(admin.site)
