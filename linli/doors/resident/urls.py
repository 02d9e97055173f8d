"""The resident's addresses."""

from __future__ import annotations

from django.urls import path

from linli.doors.resident import affected, counted, elder, helping, pages, pictures, saying, tracking

app_name = "resident"

urlpatterns = [
    path("", pages.home, name="home"),
    path("mine/", pages.mine, name="mine"),
    path("mine/forget/", pages.forget, name="forget"),
    path("place/", pages.place, name="place"),
    path("how/", pages.how, name="how"),
    path("say/", saying.say, name="say"),
    path("say/help/", helping.helping, name="help"),
    path("say/one/", elder.one, name="one"),
    path("say/done/", saying.said, name="said"),
    path("t/", tracking.ask, name="ask"),
    path("t/<str:receipt>", tracking.track, name="track"),
    path("t/<str:receipt>/", tracking.track),
    path("t/<str:receipt>/picture/<uuid:attachment_id>/", tracking.picture_by_receipt, name="track-picture"),
    path("t/<str:receipt>/counted/", counted.by_receipt, name="track-counted"),
    path("t/<str:receipt>/<slug:act>/", tracking.act_by_receipt, name="track-act"),
    path("m/<str:number>/", tracking.matter, name="matter"),
    path("m/<str:number>/affected/", affected.affected, name="affected"),
    path("m/<str:number>/picture/<uuid:attachment_id>/", tracking.picture_by_number, name="matter-picture"),
    path("m/<str:number>/counted/", counted.by_number, name="matter-counted"),
    path("m/<str:number>/<slug:act>/", tracking.act_by_number, name="matter-act"),
    path("attachments/<uuid:attachment_id>/", pictures.picture, name="picture"),
]
