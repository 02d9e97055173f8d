"""``/field/``."""

from __future__ import annotations

from django.urls import path

from linli.doors.field import offline, opinions, pages, recording, rounding, spotting

app_name = "field"
urlpatterns = [
    path("", pages.inbox, name="inbox"),
    path("next/", pages.following, name="next"),
    path("new/", recording.new, name="new"),
    path("people/", pages.people, name="people"),
    path("map/", pages.area, name="area"),
    path("map.geojson", pages.area_shapes, name="area-shapes"),
    path("rounds/", rounding.sittings, name="rounds"),
    path("rounds/<uuid:round_id>/", rounding.sitting, name="round"),
    path("rounds/<uuid:round_id>/end/", rounding.packing, name="round-end"),
    path("opinions/", opinions.rounds, name="opinions"),
    path("opinions/<str:code>/<str:place>/", opinions.building, name="opinion-building"),
    path("waiting/", rounding.waiting, name="waiting"),
    path("slip/", rounding.drawn, name="slip"),
    path("spot/", spotting.spot, name="spot"),
    path("spotted/", spotting.spotted, name="spotted"),
    path("sw.js", offline.worker, name="worker"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    path("offline/", offline.gone, name="offline"),
    path("m/<str:number>/", pages.matter, name="matter"),
    path("m/<str:number>/map.geojson", pages.shapes, name="map"),
    path("m/<str:number>/picture/<uuid:attachment_id>/", pages.picture, name="picture"),
    path("m/<str:number>/reveal/", pages.reveal, name="reveal"),
    path("m/<str:number>/<slug:act>/", pages.act, name="act"),
]
