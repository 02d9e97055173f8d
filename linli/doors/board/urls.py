"""What hangs on walls and doors, and who should be named there: notices, posters, building heads. Below ``/desk/``."""

from __future__ import annotations

from django.urls import path

from linli.doors.board import heads, navigation, posters, telling

app_name = "board"
navigation.register()

urlpatterns = [
    path("notices/", telling.listing, name="notices"),
    path("notices/new/", telling.new, name="notice-new"),
    path("notices/<uuid:announcement_id>/", telling.one, name="notice"),
    path("notices/<uuid:announcement_id>/withdraw/", telling.withdraw, name="notice-withdraw"),
    path("notices/<uuid:announcement_id>/sheet.pdf", telling.sheet, name="notice-sheet"),
    path("posters/", posters.listing, name="posters"),
    path("posters/<uuid:run_id>/", posters.one, name="poster"),
    path("posters/<uuid:run_id>/progress/", posters.progress, name="poster-progress"),
    path("posters/<uuid:run_id>/stop/", posters.stop, name="poster-stop"),
    path("posters/<uuid:run_id>/resume/", posters.resume, name="poster-resume"),
    path("posters/<uuid:run_id>/all.zip", posters.whole, name="poster-zip"),
    path("posters/<uuid:run_id>/files/<int:serial>/", posters.file, name="poster-file"),
    path("heads/", heads.listing, name="heads"),
    path("heads/export.csv", heads.export, name="heads-export"),
]
