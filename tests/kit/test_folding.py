"""First migrations are folded: the same tables and columns in fewer steps, and never before what they point to."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.operations.models import CreateModel
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from linli.kit.management.folding import folded


def _firsts() -> dict[str, list[migrations.Migration]]:
    """What Django's own writer would give every app of ours as its first migration."""
    target = ProjectState.from_apps(apps)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("linli.")}
    theirs = ProjectState()
    for (app, _name), model in target.models.items():
        if app not in ours:
            theirs.add_model(model.clone())
    asker = NonInteractiveMigrationQuestioner(specified_apps=ours, dry_run=True)
    found = MigrationAutodetector(theirs, target, asker)._detect_changes()
    return {app: found[app] for app in ours if app in found}


def _state(app: str, operations: list[migrations.operations.base.Operation]) -> dict[str, tuple[object, ...]]:
    state = ProjectState()
    for one in operations:
        one.state_forwards(app, state)
    return {
        name: (
            sorted((key, field.deconstruct()[1:]) for key, field in model.fields.items()),
            sorted(repr(one) for one in model.options.get("constraints", [])),
            sorted(repr(one) for one in model.options.get("indexes", [])),
            {key: value for key, value in model.options.items() if key not in ("constraints", "indexes")},
        )
        for (_app, name), model in sorted(state.models.items())
    }  # fmt: skip


def test_folding_changes_no_table() -> None:
    steps = less = 0
    for app, found in _firsts().items():
        before = [one for migration in found for one in migration.operations]
        after = folded(app, before)
        assert repr(_state(app, after)) == repr(_state(app, before)), app
        steps, less = steps + len(before), less + len(after)
    assert less < steps / 2


def test_a_circle_of_tables_keeps_its_last_link_and_what_needs_it() -> None:
    one = migrations.CreateModel("One", [("id", models.IntegerField(primary_key=True))], {})
    two = migrations.CreateModel(
        "Two", [("id", models.IntegerField(primary_key=True)), ("one", models.ForeignKey("x.one", models.CASCADE))], {}
    )
    link = migrations.AddField("one", "two", models.ForeignKey("x.two", models.CASCADE))
    needs = migrations.AddIndex("one", models.Index(fields=["two"], name="one_two"))
    after = folded("x", [one, two, link, needs])
    assert [type(step).__name__ for step in after] == ["CreateModel", "CreateModel", "AddField", "AddIndex"]


@pytest.mark.parametrize("told", ["straight", "backwards"])
def test_a_table_comes_after_those_that_it_points_to(told: str) -> None:
    child = migrations.CreateModel("Child", [("id", models.IntegerField(primary_key=True))], {})
    parent = migrations.CreateModel("Parent", [("id", models.IntegerField(primary_key=True))], {})
    link = migrations.AddField("child", "parent", models.ForeignKey("x.Parent", models.CASCADE))
    own = migrations.AddField("child", "before", models.ForeignKey("x.child", models.CASCADE, null=True))
    tables = [child, parent] if told == "straight" else [parent, child]
    after = folded("x", [*tables, link, own])
    assert [step.name for step in after if isinstance(step, CreateModel)] == ["Parent", "Child"]
    assert [name for name, _field in after[1].fields] == ["id", "parent", "before"]


def test_what_else_a_migration_does_stays_behind_its_tables() -> None:
    table = migrations.CreateModel("One", [("id", models.IntegerField(primary_key=True))], {})
    ran = migrations.RunPython(migrations.RunPython.noop)
    index = migrations.AddIndex("one", models.Index(fields=["id"], name="one_id"))
    assert folded("x", [table, ran, index]) == [table, ran, index]
