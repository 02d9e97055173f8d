"""The small reader gives what the ORM gives, and writes nothing into SQL but our own words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Matter, State
from linli.core.people.models import Post
from linli.core.places.tree import tree
from linli.kit import reader
from tests.cast import DISTRICT, Town

WRITTEN = "'dispatched'"


@pytest.fixture
def matters(town: Town, act_as: Any) -> list[Matter]:
    place = tree(DISTRICT).by_id[town.places["unit"].pk]
    asked = [Asked("appeal", f"灯坏了 {n}。", DISTRICT, place, phone="13900000000") for n in range(3)]
    return [actions.open_matter(actor=act_as("resident"), asked=each).matter for each in asked]


def alike(one: Any, other: Any) -> bool:
    names = [field.attname for field in other._meta.concrete_fields]
    return bool(one == other) and all(getattr(one, name) == getattr(other, name) for name in names)


def test_a_fetched_row_is_the_orm_s_row_column_by_column(matters: list[Matter]) -> None:
    for matter in Matter.objects.all():
        (found,) = reader.fetch(Matter, "WHERE district_id = %s AND id = %s", DISTRICT, matter.pk)
        assert alike(found, matter)
        assert type(found.opened_at) is datetime
        assert type(found.clocks) is list
        assert found._state.adding is False
        assert found.place.code == matter.place.code, "relations load as ever"


def test_a_fetched_row_can_be_saved_and_loads_afresh(matters: list[Matter]) -> None:
    (post,) = reader.fetch(Post, "WHERE district_id = %s AND code = %s", DISTRICT, "T-grid")
    post.title = "网格长"
    post.save()
    assert Post.objects.get(pk=post.pk).title == "网格长"
    post.refresh_from_db()
    assert post.title == "网格长"


def test_nothing_found_is_an_empty_list(town: Town) -> None:
    assert reader.fetch(Matter, "WHERE district_id = %s AND number = %s", DISTRICT, "none") == []


def test_a_question_finds_what_its_queryset_finds(matters: list[Matter]) -> None:
    rows = Matter.objects.filter(district_id=DISTRICT, state="dispatched").order_by("-pk")[:2]
    asked = reader.question(rows)
    assert [m.pk for m in reader.ask(asked)] == [m.pk for m in rows]
    assert [m.pk for m in reader.ask(asked)] == [matters[2].pk, matters[1].pk], "asked again it finds the same"


def test_several_questions_are_answered_in_one(matters: list[Matter]) -> None:
    parts = [Matter.objects.filter(pk=each.pk) for each in matters[:2]]
    found = reader.ask(reader.together([reader.question(part) for part in parts]))
    assert [m.pk for m in found] == [each.pk for each in matters[:2]]


def test_only_named_words_are_written_into_the_sql(matters: list[Matter]) -> None:
    rows = Matter.objects.filter(district_id=DISTRICT, state="dispatched", kind="x' OR '1'='1", title="100%s")
    plain, written = reader.question(rows), reader.question(rows, constants=State.values)
    assert WRITTEN not in plain.sql
    assert WRITTEN in written.sql
    assert len(written.values) == len(plain.values) - 1
    assert "OR" not in written.sql
    assert reader.ask(written) == []


def test_a_word_that_is_no_name_is_never_written(matters: list[Matter]) -> None:
    evil = "x' OR '1'='1"
    written = reader.question(Matter.objects.filter(kind=evil), constants=[evil])
    assert evil in written.values
    assert reader.ask(written) == []


def test_rows_that_are_not_whole_are_refused(town: Town) -> None:
    with pytest.raises(ValueError, match="whole rows"):
        reader.question(Matter.objects.only("id"))


def test_a_percent_sign_that_somebody_typed_stays_one(matters: list[Matter]) -> None:
    rows = Matter.objects.filter(text__contains="100%", state="dispatched")
    assert reader.ask(reader.question(rows, constants=State.values)) == []
    Matter.objects.filter(pk=matters[0].pk).update(text="涨了 100% 的水费")
    assert [m.pk for m in reader.ask(reader.question(rows, constants=State.values))] == [matters[0].pk]


def test_dates_and_uuids_are_prepared_for_either_database(town: Town) -> None:
    values = reader.prepared([town.district.pk, date(2030, 1, 2), town.places["unit"].pk])
    sql = "SELECT code FROM places_place WHERE district_id = %s AND since < %s AND id = %s"
    assert reader.rows(sql, values) == [(town.places["unit"].code,)]
    if connection.vendor == "sqlite":
        with pytest.raises(TypeError):
            reader.prepared([datetime(2030, 1, 2, tzinfo=UTC)])
