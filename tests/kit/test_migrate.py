"""Tables are made quickly: a new model is built by itself, and what is made is what Django's own way would make."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.commands import migrate
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from linli.kit.management.commands.migrate import _new_ones_alone


def _state(name: str, *fields: tuple[str, Any]) -> ModelState:
    return ModelState("kit", name, [("id", models.AutoField(primary_key=True)), *fields])


def _town() -> ProjectState:
    state = ProjectState()
    state.add_model(_state("Street"))
    state.add_model(_state("House", ("street", models.ForeignKey("kit.Street", models.CASCADE))))
    assert len(state.apps.get_models()) == 2  # built, as before the first step of a migration
    return state


def test_a_new_model_is_built_alone_and_knows_its_relations(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    given, state = ModelState.render, _town()

    def render(one: ModelState, apps: Any) -> Any:
        built.append(one.name)
        return given(one, apps)

    monkeypatch.setattr(ModelState, "render", render)
    with _new_ones_alone():
        state.add_model(_state("Door", ("house", models.ForeignKey("kit.House", models.CASCADE))))
    assert built == ["Door"]
    door, house = state.apps.get_model("kit", "door"), state.apps.get_model("kit", "house")
    assert door._meta.get_field("house").remote_field.model is house
    assert [one.related_model for one in house._meta.related_objects] == [door]


def test_one_that_stood_before_is_built_again_with_whatever_is_related(monkeypatch: pytest.MonkeyPatch) -> None:
    state = _town()
    with _new_ones_alone():
        state.add_model(_state("Street", ("name", models.CharField(max_length=9))))
    street = state.apps.get_model("kit", "street")
    assert street._meta.get_field("name").max_length == 9
    assert state.apps.get_model("kit", "house")._meta.get_field("street").remote_field.model is street


def test_afterwards_django_is_as_it_was_also_after_an_error() -> None:
    given = ProjectState.add_model
    with pytest.raises(ZeroDivisionError), _new_ones_alone():
        raise ZeroDivisionError
    assert ProjectState.add_model is given


def test_everybody_who_migrates_gets_this_one() -> None:
    found = load_command_class(get_commands()["migrate"], "migrate")
    assert type(found).__module__ == "linli.kit.management.commands.migrate"
    assert isinstance(found, migrate.Command)
