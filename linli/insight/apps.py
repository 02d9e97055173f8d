"""The room's app: its tables, and the outbox topics that it takes over."""

from __future__ import annotations

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "linli.insight"
    label = "insight"
    verbose_name = "智"

    def ready(self) -> None:
        from linli.insight import working  # registers topics; models are not there when apps are first read

        working.ready()
