"""Every address of the desk."""

from __future__ import annotations

from django.urls import path

from linli.doors.desk import admissions, bulk, calls, export, figures, hints, inbox, navigation, pages, recording, spot

app_name = "desk"
navigation.register()

urlpatterns = [
    path("", pages.index, name="queue"),
    path("export.csv", export.csv, name="export"),
    path("m/<str:number>/", pages.matter, name="matter"),
    path("m/<str:number>/panel/", pages.panel, name="panel"),
    path("m/<str:number>/spot.geojson", spot.spot, name="spot"),
    path("m/<str:number>/contact/", pages.contact, name="contact"),
    path("m/<str:number>/hint/", hints.hint, name="hint"),
    path("m/<str:number>/<slug:name>/", pages.act, name="act"),
    path("m/<str:number>/<slug:name>/find/", pages.find, name="find"),
    path("bulk/dispatch/", bulk.dispatch, name="bulk"),
    path("bulk/find/", bulk.find, name="bulk-find"),
    path("new/", recording.new, name="new"),
    path("new/places/", recording.places, name="new-places"),
    path("new/slip/", recording.slip, name="slip"),
    path("calls/", calls.waiting, name="calls"),
    path("supervise/", calls.orders, name="orders"),
    path("admissions/", admissions.listing, name="admissions"),
    path("admissions/new/", admissions.apply, name="admission-new"),
    path("admissions/<str:number>/", admissions.one, name="admission"),
    path("admissions/<str:number>/<slug:name>/", admissions.act, name="admission-act"),
    path("figures/", figures.figures, name="figures"),
    path("inbox/", inbox.inbox, name="inbox"),
]
