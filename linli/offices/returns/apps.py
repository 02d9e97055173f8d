"""Returns, and what they teach the dispatch rules."""

from __future__ import annotations

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "linli.offices.returns"
    label = "returns"
    verbose_name = "退单"

    def ready(self) -> None:
        from linli.offices.returns import jobs

        jobs.register()
