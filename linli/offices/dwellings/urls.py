"""Addresses of the survey of dwellings, in three workspaces."""

from __future__ import annotations

from django.urls import path

from linli.offices.dwellings import pages, walking

app_name = "dwellings"
urlpatterns = [
    path("desk/dwellings/", pages.board, name="board"),
    path("desk/dwellings/export.csv", pages.export, name="export"),
    path("desk/dwellings/welcomes/", pages.welcomes, name="welcomes"),
    path("desk/dwellings/welcomes/<uuid:welcome_id>/", pages.close, name="close"),
    path("desk/dwellings/q/<str:code>/", pages.quarter, name="quarter"),
    path("desk/dwellings/units/<str:code>/give/", pages.give, name="give"),
    path("desk/dwellings/units/<str:code>/end/", pages.end, name="end"),
    path("field/dwellings/", walking.mine, name="mine"),
    path("field/dwellings/<str:code>/", walking.walk, name="walk"),
    path("welcome/<str:door>/", walking.welcome, name="welcome"),
]
