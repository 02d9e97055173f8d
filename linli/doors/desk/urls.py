"""Every address of the desk."""

from __future__ import annotations

from django.urls import path

from linli.doors.desk import (
    admissions,
    bulk,
    bulk_acts,
    bulk_merge,
    bulletins,
    calls,
    export,
    figures,
    filters,
    hints,
    inbox,
    navigation,
    orders,
    pages,
    pressing,
    recording,
    returns,
    spot,
)

app_name = "desk"
navigation.register()

urlpatterns = [
    path("", pages.index, name="queue"),
    path("export.csv", export.csv, name="export"),
    path("m/<str:number>/", pages.matter, name="matter"),
    path("m/<str:number>/panel/", pages.panel, name="panel"),
    path("m/<str:number>/spot.geojson", spot.spot, name="spot"),
    path("m/<str:number>/contact/", pages.contact, name="contact"),
    path("m/<str:number>/picture/<uuid:attachment_id>/", pages.picture, name="picture"),
    path("m/<str:number>/hint/", hints.hint, name="hint"),
    path("m/<str:number>/<slug:name>/", pages.act, name="act"),
    path("m/<str:number>/<slug:name>/find/", pages.find, name="find"),
    path("bulk/dispatch/", bulk.dispatch, name="bulk"),
    path("bulk/find/", bulk.find, name="bulk-find"),
    path("new/", recording.new, name="new"),
    path("new/places/", recording.places, name="new-places"),
    path("new/slip/", recording.slip, name="slip"),
    path("bulk/merge/", bulk_merge.merge, name="bulk-merge"),
    path("bulk/<slug:name>/", bulk_acts.act, name="bulk-act"),
    path("filters/", filters.page, name="filters"),
    path("pressing/", pressing.index, name="pressing"),
    path("calls/", calls.waiting, name="calls"),
    path("calls/<uuid:call_id>/<slug:side>/", calls.judge, name="call-judge"),
    path("orders/", orders.index, name="orders"),
    path("orders/export.csv", orders.csv, name="orders-export"),
    path("orders/owners/", orders.owners, name="order-owners"),
    path("orders/new/", orders.new, name="order-new"),
    path("orders/new/find/", orders.find, name="order-find"),
    path("bulletins/", bulletins.listing, name="bulletins"),
    path("bulletins/new/", bulletins.new, name="bulletin-new"),
    path("bulletins/<str:number>/", bulletins.one, name="bulletin"),
    path("bulletins/<str:number>/v/<int:n>/", bulletins.version, name="bulletin-version"),
    path("bulletins/<str:number>/<slug:name>/", bulletins.act, name="bulletin-act"),
    path("returns/", returns.index, name="returns"),
    path("returns/<uuid:proposal_id>/", returns.one, name="proposal"),
    path("returns/<uuid:proposal_id>/<slug:name>/", returns.act, name="proposal-act"),
    path("admissions/", admissions.listing, name="admissions"),
    path("admissions/new/", admissions.apply, name="admission-new"),
    path("admissions/<str:number>/", admissions.one, name="admission"),
    path("admissions/<str:number>/<slug:name>/", admissions.act, name="admission-act"),
    path("figures/", figures.figures, name="figures"),
    path("inbox/", inbox.inbox, name="inbox"),
]
