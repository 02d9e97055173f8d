"""The shell's own addresses."""

from __future__ import annotations

from django.urls import path

from linli.kit import shell

urlpatterns = [
    path("prefs/", shell.prefs, name="prefs"),
    path("kit/gallery", shell.gallery_page, name="gallery"),
]
