"""Addresses of the council: the host's desk, residents, everybody."""

from __future__ import annotations

from django.urls import path

from linli.offices.councils import desk, own

app_name = "councils"
urlpatterns = [
    path("desk/councils/", desk.board, name="board"),
    path("desk/councils/new/", desk.new, name="new"),
    path("desk/councils/topics/", desk.topics, name="topics"),
    path("desk/councils/topics/new/", desk.topic_new, name="topic-new"),
    path("desk/councils/topics/<str:number>/", desk.topic, name="topic"),
    path("desk/councils/g/<str:number>/", desk.one, name="one"),
    path("desk/councils/g/<str:number>/edit/", desk.edit, name="edit"),
    path("desk/councils/g/<str:number>/do/<slug:name>/", desk.act, name="act"),
    path("desk/councils/g/<str:number>/run/", desk.run, name="run"),
    path("desk/councils/g/<str:number>/live/", desk.live, name="live"),
    path("desk/councils/g/<str:number>/minutes/", desk.minutes, name="minutes"),
    path("desk/councils/g/<str:number>/paper/", desk.paper, name="paper"),
    path("desk/councils/g/<str:number>/items/<uuid:item_id>/discuss/", desk.discuss, name="discuss"),
    path("desk/councils/g/<str:number>/items/<uuid:item_id>/resolve/", desk.resolve, name="resolve"),
    path("desk/councils/g/<str:number>/items/<uuid:item_id>/do/<slug:name>/", desk.item_act, name="item-act"),
    path("desk/councils/r/<uuid:resolution_id>/", desk.resolution, name="resolution"),
    path("desk/councils/r/<uuid:resolution_id>/split/", desk.split, name="split"),
    path("desk/councils/r/<uuid:resolution_id>/review/", desk.review, name="review"),
    path("desk/councils/r/<uuid:resolution_id>/objectors/<uuid:dissent_id>/", desk.objector, name="objector"),
    path("council/", own.home, name="home"),
    path("council/propose/", own.propose, name="propose"),
    path("council/words/", own.words, name="words"),
    path("council/t/<str:number>/", own.topic, name="mine"),
    path("council/t/<str:number>/support/", own.support, name="support"),
    path("council/g/<str:number>/", own.gathering, name="gathering"),
    path("council/g/<str:number>/do/<slug:name>/", own.act, name="own-act"),
    path("gatherings/<str:number>/", own.notice, name="notice"),
    path("open/council/", own.public, name="public"),
    path("open/council/t/<str:number>/", own.public_topic, name="public-topic"),
    path("open/council/g/<str:number>/", own.public_gathering, name="public-gathering"),
]
