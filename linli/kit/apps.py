"""The kit as a Django application: templates, static files and template tags that every room uses."""

from __future__ import annotations

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "linli.kit"
    label = "kit"
    default_auto_field = "django.db.models.BigAutoField"
