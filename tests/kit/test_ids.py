"""Ids are in the order of time, also where the past is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from linli.kit.codes import id_time
from linli.kit.ids import as_of, new_id

LONG_AGO = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)


def test_what_is_told_of_the_past_takes_its_place_there_and_only_inside() -> None:
    before = new_id()
    with as_of(LONG_AGO):
        told = new_id()
        with as_of(LONG_AGO + timedelta(days=1)):
            later = new_id()
        again = new_id()
    after = new_id()
    assert told < later < before < after
    assert again < later
    assert id_time(told) == LONG_AGO
    assert told.version == 7


def test_of_one_moment_each_comes_after_the_one_before() -> None:
    with as_of(LONG_AGO):
        made = [new_id() for _n in range(200)]
    assert made == sorted(made)
    assert len(set(made)) == 200
    assert {(one.version, id_time(one)) for one in made} == {(7, LONG_AGO)}
