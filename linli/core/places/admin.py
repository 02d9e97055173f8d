"""Places in the read-only admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from linli.core.places.models import Boundary, District, Dwelling, Place, Succession
from linli.kit.admin import ReadOnlyAdmin


@admin.register(District)
class DistrictAdmin(ReadOnlyAdmin):
    title = _("区")
    district = "pk"
    list_display = ("id", "name", "city", "profile", "version")


@admin.register(Place)
class PlaceAdmin(ReadOnlyAdmin):
    title = _("地点")
    list_display = ("code", "name", "level", "path", "since", "until")
    list_filter = ("level",)
    search_fields = ("=code", "=door", "path__startswith")
    ordering = ("path",)


@admin.register(Boundary)
class BoundaryAdmin(ReadOnlyAdmin):
    title = _("边界")
    list_display = ("place", "area_m2", "since", "until")
    list_select_related = ("place",)
    ordering = ("-id",)


@admin.register(Succession)
class SuccessionAdmin(ReadOnlyAdmin):
    title = _("沿革")
    list_display = ("old", "new", "kind", "on")
    list_select_related = ("old", "new")
    ordering = ("-id",)


@admin.register(Dwelling)
class DwellingAdmin(ReadOnlyAdmin):
    title = _("房屋")
    list_display = ("number", "place", "area_m2", "use", "occupancy")
    list_select_related = ("place",)
    ordering = ("-id",)
