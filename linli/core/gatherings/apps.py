from __future__ import annotations

import uuid

from django.apps import AppConfig


class GatheringsConfig(AppConfig):
    name = "linli.core.gatherings"
    label = "gatherings"
    verbose_name = "会"

    def ready(self) -> None:
        from linli.core.gatherings import booked, proving  # models are not there when apps are first read
        from linli.core.matters.ledger import judging
        from linli.kit import files

        files.keeps(scanned)
        judging.also("agenda", proving.rows, proving.judge)
        booked.register()


def scanned(uploads: list[uuid.UUID]) -> list[uuid.UUID]:
    """Those of the uploads that are pictures of signed sheets."""
    from linli.core.gatherings.models import Attendance

    rows = Attendance.objects.filter(scan__in=uploads).values_list("scan", flat=True)
    return [each for each in rows.distinct() if each]
