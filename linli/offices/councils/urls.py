"""Addresses of the council: the host's desk, residents, everybody."""

from __future__ import annotations

from django.urls import path

from linli.offices.councils.pages import acts, board, coming, hands, outcomes, own, prepare, printing, public, run

app_name = "councils"
urlpatterns = [
    path("desk/councils/", board.board, name="board"),
    path("desk/councils/new/", prepare.new, name="new"),
    path("desk/councils/topics/", board.topics, name="topics"),
    path("desk/councils/topics.csv", board.topics_csv, name="topics-csv"),
    path("desk/councils/topics/new/", board.topic_new, name="topic-new"),
    path("desk/councils/topics/<str:number>/", board.topic, name="topic"),
    path("desk/councils/topics/<str:number>/opinions/<uuid:opinion_id>/", board.answer, name="answer"),
    path("desk/councils/g/<str:number>/", prepare.one, name="one"),
    path("desk/councils/g/<str:number>/edit/", prepare.edit, name="edit"),
    path("desk/councils/g/<str:number>/do/<slug:name>/", acts.act, name="act"),
    path("desk/councils/g/<str:number>/run/", run.run, name="run"),
    path("desk/councils/g/<str:number>/live/", run.live, name="live"),
    path("desk/councils/g/<str:number>/minutes/", prepare.minutes, name="minutes"),
    path("desk/councils/g/<str:number>/paper/", prepare.paper, name="paper"),
    path("desk/councils/g/<str:number>/papers/<slug:what>.<slug:form>", printing.of_sitting, name="file"),
    path("desk/councils/g/<str:number>/slips/", printing.slips, name="slips"),
    path("desk/councils/g/<str:number>/items/<uuid:item_id>/resolve/", outcomes.resolve, name="resolve"),
    path("desk/councils/g/<str:number>/items/<uuid:item_id>/do/<slug:name>/", acts.item_act, name="item-act"),
    path("desk/councils/g/<str:number>/items/<uuid:item_id>/hands/", hands.hands, name="hands"),
    path("desk/councils/r/<uuid:resolution_id>/", outcomes.resolution, name="resolution"),
    path("desk/councils/r/<uuid:resolution_id>/paper.<slug:form>", printing.of_resolution, name="resolution-file"),
    path("desk/councils/r/<uuid:resolution_id>/assign/", outcomes.assign, name="assign"),
    path("desk/councils/r/<uuid:resolution_id>/split/", outcomes.split, name="split"),
    path("desk/councils/r/<uuid:resolution_id>/review/", outcomes.review, name="review"),
    path("desk/councils/r/<uuid:resolution_id>/objectors/<uuid:dissent_id>/", outcomes.objector, name="objector"),
    path("council/", own.home, name="home"),
    path("council/propose/", own.propose, name="propose"),
    path("council/words/", own.trail, name="words"),
    path("council/said/", own.said, name="said"),
    path("council/t/<str:number>/", own.topic, name="mine"),
    path("council/t/<str:number>/support/", own.support, name="support"),
    path("council/t/<str:number>/speak/", own.speak, name="speak"),
    path("council/r/<uuid:resolution_id>/", own.review, name="review-own"),
    path("council/r/<uuid:resolution_id>/objected/<uuid:dissent_id>/", own.objected, name="objected"),
    path("council/g/<str:number>/", coming.gathering, name="gathering"),
    path("council/g/<str:number>/do/<slug:name>/", coming.act, name="own-act"),
    path("gatherings/<str:number>/", coming.notice, name="notice"),
    path("open/council/", public.home, name="public"),
    path("open/council/t/<str:number>/", public.topic, name="public-topic"),
    path("open/council/g/<str:number>/", public.gathering, name="public-gathering"),
    path("open/council/g/<str:number>/minutes.<slug:form>", printing.public_minutes, name="minutes-file"),
]
