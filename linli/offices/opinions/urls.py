"""Addresses of opinion rounds: whoever asks, residents, everybody. Whoever goes: ``linli/doors/field``."""

from __future__ import annotations

from django.urls import path

from linli.offices.opinions.pages import acts, board, own, public, words

app_name = "opinions"
urlpatterns = [
    path("desk/opinions/", board.board, name="board"),
    path("desk/opinions/new/", board.new, name="new"),
    path("desk/opinions/<str:code>/", board.one, name="one"),
    path("desk/opinions/<str:code>/edit/", board.edit, name="edit"),
    path("desk/opinions/<str:code>/paper/", board.paper, name="paper"),
    path("desk/opinions/<str:code>/progress/", board.progress, name="progress"),
    path("desk/opinions/<str:code>/progress.csv", board.progress_csv, name="progress-csv"),
    path("desk/opinions/<str:code>/do/<slug:name>/", acts.act, name="act"),
    path("desk/opinions/<str:code>/words/", words.listed, name="words"),
    path("desk/opinions/<str:code>/words.csv", words.export, name="words-csv"),
    path("desk/opinions/<str:code>/words/<uuid:opinion_id>/", words.one, name="word"),
    path("desk/opinions/<str:code>/words/<uuid:opinion_id>/out/", words.out, name="out"),
    path("desk/opinions/<str:code>/alike/", words.alike, name="alike"),
    path("desk/opinions/<str:code>/groups/<uuid:group_id>/", words.group, name="group"),
    path("desk/opinions/<str:code>/groups/<uuid:group_id>/do/<slug:name>/", acts.group_act, name="group-act"),
    path("opinions/", own.home, name="home"),
    path("opinions/said/", own.said, name="said"),
    path("opinions/said/correct/", own.correct, name="correct"),
    path("opinions/said/erase/", own.erase, name="erase"),
    path("opinions/<str:code>/", own.say, name="say"),
    path("open/opinions/", public.home, name="public"),
    path("open/opinions/<str:code>/", public.result, name="result"),
    path("open/opinions/<str:code>/result.csv", public.export, name="result-csv"),
]
