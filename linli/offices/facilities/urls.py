"""``/stations/``."""

from __future__ import annotations

from django.urls import path

from linli.offices.facilities import pages

app_name = "facilities"
urlpatterns = [
    path("", pages.stations, name="stations"),
    path("points.geojson", pages.points, name="points"),
    path("new/", pages.new, name="new"),
    path("<str:code>/", pages.station, name="station"),
    path("<str:code>/point.geojson", pages.point, name="point"),
    path("<str:code>/edit/", pages.edit, name="edit"),
    path("<str:code>/end/", pages.end, name="end"),
    path("<str:code>/fault/", pages.fault, name="fault"),
]
