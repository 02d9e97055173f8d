"""Supervision: orders, key tasks, bulletins."""

from __future__ import annotations

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "linli.offices.supervision"
    label = "supervision"
    verbose_name = "督办"

    def ready(self) -> None:
        from linli.core.matters import triggers
        from linli.offices.supervision import booked  # models are not there when apps are first read
        from linli.offices.supervision.models import Issue

        triggers.guard(Issue)
        booked.register()
