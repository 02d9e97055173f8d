"""What a sign leads to: ``/d/{door}``, and ``/n/{notice}``."""

from __future__ import annotations

from django.urls import path

from linli.doors.sign import announcements, calling, pages, writing

app_name = "sign"

urlpatterns = [
    path("d/", pages.ask, name="ask"),
    path("d/<str:door>", pages.door, name="door"),
    path("d/<str:door>/", pages.door),
    path("d/<str:door>/to/<str:post>/", writing.write, name="write"),
    path("d/<str:door>/call/<str:post>/", calling.call, name="call"),
    path("n/<uuid:announcement_id>/", announcements.announcement, name="announcement"),
]
