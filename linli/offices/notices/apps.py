"""Notices as a room of its own."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "linli.offices.notices"
    label = "notices"
    verbose_name = "告示"
