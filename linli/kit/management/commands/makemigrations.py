"""``makemigrations``, whose first migration of an app makes each table once (``folding.py``)."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import makemigrations

from linli.kit.management.folding import folded


class Command(makemigrations.Command):
    def write_migration_files(self, changes: dict[str, list[Any]], *more: Any) -> None:
        for app, migrations in changes.items():
            for migration in migrations:
                if migration.initial:
                    migration.operations = folded(app, migration.operations)
        super().write_migration_files(changes, *more)
