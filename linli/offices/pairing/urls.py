"""Addresses of pairings, in three workspaces."""

from __future__ import annotations

from django.urls import path

from linli.offices.pairing import pages, visiting

app_name = "pairing"
urlpatterns = [
    path("desk/pairings/", pages.board, name="board"),
    path("desk/pairings/export.csv", pages.export, name="export"),
    path("desk/pairings/visits/", pages.waiting, name="waiting"),
    path("desk/pairings/visits/<uuid:visit_id>/", pages.confirm, name="confirm"),
    path("desk/pairings/new/<slug:role>/<str:code>/", pages.new, name="new"),
    path("desk/pairings/<uuid:pairing_id>/", pages.one, name="one"),
    path("desk/pairings/<uuid:pairing_id>/end/", pages.end, name="end"),
    path("desk/pairings/<uuid:pairing_id>/hand-over/", pages.hand_over, name="hand-over"),
    path("field/visits/", visiting.mine, name="mine"),
    path("field/visits/<uuid:pairing_id>/", visiting.log, name="log"),
    path("open/pairings/", visiting.public, name="public"),
]
