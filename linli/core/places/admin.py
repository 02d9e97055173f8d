"""Places in the read-only admin."""

from __future__ import annotations

from django.contrib import admin

from linli.core.places.models import Boundary, District, Dwelling, Place, Succession
from linli.kit.admin import ReadOnlyAdmin


@admin.register(District)
class DistrictAdmin(ReadOnlyAdmin):
    district = "pk"
    list_display = ("id", "name", "city", "profile", "version")


@admin.register(Place)
class PlaceAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "level", "path", "since", "until")
    list_filter = ("level",)
    search_fields = ("=code", "=door", "path__startswith")
    ordering = ("path",)


@admin.register(Boundary)
class BoundaryAdmin(ReadOnlyAdmin):
    list_display = ("place", "area_m2", "since", "until")
    list_select_related = ("place",)
    ordering = ("-id",)


@admin.register(Succession)
class SuccessionAdmin(ReadOnlyAdmin):
    list_display = ("old", "new", "kind", "on")
    list_select_related = ("old", "new")
    ordering = ("-id",)


@admin.register(Dwelling)
class DwellingAdmin(ReadOnlyAdmin):
    list_display = ("number", "place", "area_m2", "use", "occupancy")
    list_select_related = ("place",)
    ordering = ("-id",)
