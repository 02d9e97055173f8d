"""People in the read-only admin. Names and telephones of residents are sealed, so no column can show them.

Tokens, sign-in codes and notices are not registered at all: they are somebody's own.
"""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from linli.core.people.models import Holding, Organisation, Person, Post, User
from linli.kit.admin import ReadOnlyAdmin


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    title = _("人员")
    list_display = ("id", "shown", "fictional")
    ordering = ("-id",)


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    title = _("组织")
    list_display = ("code", "name", "kind", "place", "since", "until")
    list_filter = ("kind",)
    list_select_related = ("place",)
    search_fields = ("=code",)
    ordering = ("code",)


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    title = _("岗位")
    list_display = ("code", "role", "title", "place", "person", "organisation", "since", "until")
    list_select_related = ("place", "person", "organisation")
    search_fields = ("=code", "=role")
    ordering = ("code",)


@admin.register(Holding)
class HoldingAdmin(ReadOnlyAdmin):
    """Who owns or lives where is personal: the persons are not named here, only what the dwelling is."""

    title = _("产权和居住")
    list_display = ("id", "dwelling", "kind", "share", "since", "until")
    list_select_related = ("dwelling",)
    sealed = ("person",)
    ordering = ("-id",)


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    title = _("账号")
    list_display = ("username", "person", "is_active", "demo", "joined")
    list_select_related = ("person",)
    search_fields = ("=username",)
    sealed = ("home", "last_login")
    ordering = ("username",)
