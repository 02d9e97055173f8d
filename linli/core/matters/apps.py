from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MattersConfig(AppConfig):
    name = "linli.core.matters"
    label = "matters"
    verbose_name = "事"

    def ready(self) -> None:
        post_migrate.connect(guard_ledger, sender=self, dispatch_uid="matters.guard_ledger")


def guard_ledger(using: str, **_sent: Any) -> None:
    """After every migrate: a table made anew on SQLite comes without its triggers."""
    from linli.core.matters import triggers  # needs the models, which are not there when apps are first read

    triggers.install(using)
