"""Django's ``migrate``, which takes most of its time for one thing that new tables do not need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.state import ModelState, ProjectState


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        with _new_ones_alone():
            return super().handle(*args, **options)


@contextmanager
def _new_ones_alone() -> Iterator[None]:
    """While it lasts, a model that is added to the history is built by itself.

    Django builds all models that are related to it again, and here all are related through the district: some 7,600
    of them for an empty database, nine tenths of the time of a first start. What a new model refers to stands, and
    nothing refers to it yet. A model added again under its name goes Django's own way.
    """
    given = ProjectState.add_model

    def add_model(state: ProjectState, added: ModelState) -> None:
        key = added.app_label, added.name_lower
        if "apps" not in state.__dict__ or key in state.models:
            given(state, added)
            return
        apps = state.__dict__.pop("apps")
        given(state, added)  # without the built ones it only takes note
        state.apps = apps
        apps.render_multiple([added])

    ProjectState.add_model = add_model  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        ProjectState.add_model = given  # type: ignore[method-assign]
