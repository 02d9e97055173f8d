import uuid
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MattersConfig(AppConfig):
    name = "linli.core.matters"
    label = "matters"
    verbose_name = "事"

    def ready(self) -> None:
        from linli.core.matters import booked  # models are not there when apps are first read
        from linli.kit import files

        files.keeps(attached)
        booked.register()
        post_migrate.connect(guard_ledger, sender=self, dispatch_uid="matters.guard_ledger")


def attached(uploads: list[uuid.UUID]) -> list[uuid.UUID]:
    """Those of the uploads that are pictures of matters; an attachment has its upload's id."""
    from linli.core.matters.models import Attachment

    return list(Attachment.objects.filter(pk__in=uploads).values_list("pk", flat=True))


def guard_ledger(using: str, **_sent: Any) -> None:
    """After every migrate: a table made anew on SQLite comes without its triggers."""
    from linli.core.matters import triggers  # needs the models, which are not there when apps are first read

    triggers.install(using)
