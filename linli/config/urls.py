"""Every address of Linli, room by room."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from linli.config.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("linli.kit.urls")),
    path("api/v1/", api.urls),
    path("admin/nouns/", admin.site.urls),
]
