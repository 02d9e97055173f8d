"""Addresses of covenants: the host's desk, residents, everybody."""

from __future__ import annotations

from django.urls import path

from linli.offices.covenants.pages import acts, board, comments, data, edit, own, public

app_name = "covenants"
urlpatterns = [
    path("desk/covenants/", board.board, name="board"),
    path("desk/covenants/list.csv", board.board_csv, name="board-csv"),
    path("desk/covenants/new/", edit.new, name="new"),
    path("desk/covenants/<str:number>/", board.one, name="one"),
    path("desk/covenants/<str:number>/text/", edit.text, name="text"),
    path("desk/covenants/<str:number>/compare/", board.compare, name="compare"),
    path("desk/covenants/<str:number>/comments/", comments.comments, name="comments"),
    path("desk/covenants/<str:number>/comments.csv", comments.comments_csv, name="comments-csv"),
    path("desk/covenants/<str:number>/answer/", comments.answer, name="answer"),
    path("desk/covenants/<str:number>/do/<slug:name>/", acts.act, name="act"),
    path("covenant/", own.home, name="home"),
    path("covenant/words/", own.words, name="words"),
    path("covenant/said/", own.said, name="said"),
    path("covenant/said/erase/", own.erase, name="erase"),
    path("covenant/<str:number>/", own.one, name="own"),
    path("covenant/<str:number>/say/", own.say, name="say"),
    path("covenant/<str:number>/follow/", own.follow, name="follow"),
    path("covenant/<str:number>/compare/", own.compare, name="own-compare"),
    path("covenant/<str:number>/support/<uuid:comment_id>/", own.support, name="support"),
    path("open/covenants/", public.covenants, name="public"),
    path("open/covenants/list.csv", data.covenants_csv, name="public-csv"),
    path("open/covenants/<str:number>/", public.one, name="public-one"),
    path("open/covenants/<str:number>/v/<int:version>/", public.version, name="public-version"),
    path("open/covenants/<str:number>/v/<int:version>/paper/", public.paper, name="paper"),
    path("open/covenants/<str:number>/v/<int:version>/paper.<slug:form>", public.file, name="file"),
    path("open/covenants/<str:number>/compare/", public.compare, name="public-compare"),
    path("open/covenants/<str:number>/comments.csv", data.comments_csv, name="public-comments-csv"),
    path("open/covenants/<str:number>/data.json", data.whole, name="public-json"),
]
