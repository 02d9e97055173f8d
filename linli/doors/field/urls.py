"""``/field/``."""

from __future__ import annotations

from django.urls import path

from linli.doors.field import pages

app_name = "field"
urlpatterns = [
    path("", pages.inbox, name="inbox"),
    path("new/", pages.new, name="new"),
    path("people/", pages.people, name="people"),
    path("m/<str:number>/", pages.matter, name="matter"),
    path("m/<str:number>/map.geojson", pages.shapes, name="map"),
    path("m/<str:number>/reveal/", pages.reveal, name="reveal"),
    path("m/<str:number>/<slug:act>/", pages.act, name="act"),
]
