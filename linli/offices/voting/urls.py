"""Addresses of voting: residents, the host's desk, and what is open to everybody."""

from __future__ import annotations

from django.urls import path

from linli.offices.voting import acts, desk, public, resident, tellers

app_name = "voting"
urlpatterns = [
    path("vote/", resident.home, name="home"),
    path("vote/receipt/", resident.receipt, name="receipt"),
    path("vote/<str:number>/", resident.one, name="one"),
    path("vote/<str:number>/cast/", resident.cast, name="cast"),
    path("vote/<str:number>/slip/", resident.by_slip, name="slip"),
    path("vote/<str:number>/taken/", resident.taken, name="taken"),
    path("vote/<str:number>/object/", resident.object_to, name="object"),
    path("vote/<str:number>/key/", tellers.key, name="key"),
    path("desk/votes/", desk.board, name="board"),
    path("desk/votes/new/", desk.new, name="new"),
    path("desk/votes/<str:number>/", desk.one, name="host"),
    path("desk/votes/<str:number>/edit/", desk.edit, name="edit"),
    path("desk/votes/<str:number>/live/", desk.meters, name="host-live"),
    path("desk/votes/<str:number>/roll/", desk.roll, name="roll"),
    path("desk/votes/<str:number>/roll.csv", desk.roll_csv, name="roll-csv"),
    path("desk/votes/<str:number>/slips/", acts.slips, name="slips"),
    path("desk/votes/<str:number>/paper/", acts.paper, name="paper"),
    path("desk/votes/<str:number>/papers/<uuid:paper_id>/", acts.scan, name="scan"),
    path("desk/votes/<str:number>/calls/", acts.calls, name="calls"),
    path("desk/votes/<str:number>/objections/<uuid:objection_id>/", acts.judge, name="judge"),
    path("desk/votes/<str:number>/do/<slug:name>/", acts.act, name="act"),
    path("open/votes/", public.votes, name="list"),
    path("open/votes/<str:number>/", public.one, name="public"),
    path("open/votes/<str:number>/live/", public.meters, name="live"),
    path("open/votes/<str:number>/recount.json", public.recount, name="recount"),
    path("open/votes/<str:number>/codes/", public.codes, name="codes"),
    path("open/votes/<str:number>/sheet/", public.sheet, name="sheet"),
    path("open/votes/<str:number>/result.<slug:form>", public.announced, name="announced"),
]
