"""Steps after a release only add: the version before goes on writing while and after they are made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import models
from django.db.migrations import (
    AddField,
    AlterField,
    AlterModelTable,
    CreateModel,
    DeleteModel,
    Migration,
    RemoveField,
    RenameField,
    RenameModel,
)
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models.fields import NOT_PROVIDED

from linli.config.backup.tables import own_apps

FIRST = "0001_initial"
TAKES_AWAY = (RemoveField, RenameField, DeleteModel, RenameModel, AlterModelTable)


def faults(migration: Migration) -> Iterator[str]:
    for operation in migration.operations:
        if words := fault(operation):
            yield f"{migration.app_label}.{migration.name}: {operation.describe()}: {words}"


def fault(operation: Operation) -> str:
    """Why the version before could not live with it; empty where it can."""
    if isinstance(operation, TAKES_AWAY):
        return "the version before still asks for it"
    if isinstance(operation, AddField | AlterField) and not _may_be_left_out(operation.field):
        return "neither nullable nor with a db_default: the version before cannot insert any more"
    return ""


def _may_be_left_out(field: models.Field[object, object]) -> bool:
    return bool(field.null or field.many_to_many or field.db_default is not NOT_PROVIDED)


def test_no_step_after_the_first_takes_anything_from_the_version_before() -> None:
    steps = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    own = {key: step for key, step in steps.items() if key[0] in own_apps()}
    assert len(own) > 15
    assert [words for (_app, name), step in own.items() if name != FIRST for words in faults(step)] == []


@pytest.mark.parametrize(
    ("operation", "fine"),
    [
        (CreateModel("x", [("id", models.BigAutoField(primary_key=True))]), True),
        (AddField("x", "a", models.CharField(max_length=9, null=True)), True),
        (AddField("x", "a", models.CharField(max_length=9, default="", db_default="")), True),
        (AddField("x", "a", models.CharField(max_length=9, default="")), False),
        (AlterField("x", "a", models.CharField(max_length=9)), False),
        (RemoveField("x", "a"), False),
        (RenameField("x", "a", "b"), False),
        (DeleteModel("x"), False),
    ],
)
def test_what_is_refused_and_what_is_not(operation: Operation, fine: bool) -> None:
    step = Migration("0002_x", "matters")
    step.operations = [operation]
    assert (list(faults(step)) == []) is fine
