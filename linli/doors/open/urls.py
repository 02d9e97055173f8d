"""``/open/``."""

from __future__ import annotations

from django.urls import path

from linli.doors.open import bulletins, data, pages, reckoned

app_name = "open"
urlpatterns = [
    path("", pages.ledger, name="ledger"),
    path("ledger.csv", pages.ledger_csv, name="csv"),
    path("ledger.json", data.ledger, name="ledger-json"),
    path("m/<str:number>/", pages.matter, name="matter"),
    path("figures/", pages.figures_page, name="figures"),
    path("figures.json", data.figures_json, name="figures-json"),
    path("figures.csv", data.figures_csv, name="figures-csv"),
    path("formula/", reckoned.formula, name="formula"),
    path("formula/exclusions/", reckoned.exclusions, name="exclusions"),
    path("exclusions.json", data.exclusions, name="exclusions-json"),
    path("formula/objections/", reckoned.objections, name="objections"),
    path("objections.json", data.objections, name="objections-json"),
    path("formula/data/", data.page, name="data"),
    path("roster/", pages.roster, name="roster"),
    path("roots/", pages.roots_page, name="roots"),
    path("roots/<str:day>/", pages.root, name="root"),
    path("bulletins/", bulletins.listing, name="bulletins"),
    path("bulletins/<str:number>/", bulletins.one, name="bulletin"),
    path("bulletins/<str:number>/paper.<slug:form>", bulletins.paper, name="bulletin-paper"),
    path("how/", pages.how, name="how"),
]
