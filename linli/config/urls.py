"""Every address of Linli, room by room."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from linli.config import apidocs, health
from linli.config.api import addresses
from linli.config.transfer import offering

offering.offer()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("linli.kit.urls")),
    path("", include("linli.core.people.urls")),
    path("", include("linli.offices.pairing.urls")),
    path("", include("linli.offices.checkins.urls")),
    path("", include("linli.offices.dwellings.urls")),
    path("", include("linli.offices.voting.urls")),
    path("", include("linli.offices.councils.urls")),
    path("", include("linli.offices.opinions.urls")),
    path("", include("linli.offices.covenants.urls")),
    path("", include("linli.offices.gatherings.urls")),
    path("", include("linli.doors.resident.urls")),
    path("", include("linli.doors.sign.urls")),
    path("api/v1/docs", apidocs.page, name="api-docs"),
    path("api/v1/", addresses()),
    path("open/", include("linli.doors.open.urls")),
    path("field/", include("linli.doors.field.urls")),
    path("desk/", include("linli.doors.desk.urls")),
    path("desk/", include("linli.doors.board.urls")),
    path("stations/", include("linli.offices.facilities.urls")),
    path("admin/nouns/", admin.site.urls),
    path("admin/", include("linli.doors.office.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

handler400 = "linli.kit.errors.bad_request"
handler403 = "linli.kit.errors.permission_denied"
handler404 = "linli.kit.errors.page_not_found"
handler500 = "linli.kit.errors.server_error"
