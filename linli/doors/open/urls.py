"""``/open/``."""

from __future__ import annotations

from django.urls import path

from linli.doors.open import bulletins, pages

app_name = "open"
urlpatterns = [
    path("", pages.ledger, name="ledger"),
    path("ledger.csv", pages.ledger_csv, name="csv"),
    path("m/<str:number>/", pages.matter, name="matter"),
    path("figures/", pages.figures_page, name="figures"),
    path("roster/", pages.roster, name="roster"),
    path("roots/", pages.roots_page, name="roots"),
    path("roots/<str:day>/", pages.root, name="root"),
    path("bulletins/", bulletins.listing, name="bulletins"),
    path("bulletins/<str:number>/", bulletins.one, name="bulletin"),
    path("how/", pages.how, name="how"),
]
