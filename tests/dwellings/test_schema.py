"""No list of movers or of "key persons" can be stored here: the tables have no room for it (limits.md)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from linli.core.people.models import Post
from linli.core.places.models import District, Dwelling, Place

pytestmark = pytest.mark.system("P11")
# Everything that the room stores. A field that is not in this list fails the test, whatever it is called.
FIELDS = {
    "survey": {"id", "district", "dwelling", "unit", "scope_path", "status", "at", "by", "latest"},
    "unitduty": {"id", "district", "unit", "scope_path", "post", "since", "until", "made_by"},
    "welcome": {"id", "district", "dwelling", "unit", "scope_path", "due_on", "state", "opened_at", "closed_at", "by"},
}
MAY_POINT_TO = {District, Dwelling, Place, Post}


def test_the_room_has_these_tables_and_these_fields_only() -> None:
    found = {
        m._meta.model_name: {f.name for f in m._meta.concrete_fields}
        for m in apps.get_app_config("dwellings").get_models()
    }
    assert found == FIELDS


def test_nothing_points_to_a_person_and_no_free_text_can_be_written() -> None:
    for model in apps.get_app_config("dwellings").get_models():
        for field in model._meta.concrete_fields:
            if field.remote_field is not None:
                assert field.remote_field.model in MAY_POINT_TO, field
            if isinstance(field, models.CharField) and field.name not in ("scope_path", "made_by"):
                assert field.choices, f"{field}: a text that anybody could write a name into"
            assert not isinstance(field, models.TextField | models.JSONField | models.BinaryField), field


def test_a_home_itself_has_no_room_for_a_name_either() -> None:
    assert {f.name for f in Dwelling._meta.concrete_fields} == {
        "id", "district", "place", "number", "area_m2", "use", "occupancy",
    }  # fmt: skip
