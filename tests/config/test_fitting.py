"""A database that an earlier, unfolded version made is told before anybody works on it."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection

from linli.config.commands import Told, fitting, running, starting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _every_step_said_to_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "pending", list)


def test_the_tables_of_this_version_fit() -> None:
    assert fitting.missing() == []
    fitting.must_fit()


@pytest.mark.parametrize(
    ("change", "lack"),
    [("ALTER TABLE facilities_facility RENAME COLUMN name TO older", "facilities_facility.name"),
     ("ALTER TABLE facilities_facility RENAME TO facilities_older", "facilities_facility")],
)  # fmt: skip
def test_a_column_or_a_table_that_is_not_there_is_told(change: str, lack: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert fitting.missing() == [lack]
    with pytest.raises(Told, match="发布以前") as told:
        fitting.must_fit()
    assert lack in str(told.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [("no such column: facilities_facility.name", "不是这一版的"), ('column "name" does not exist', "不是这一版的"),
     ("no such table: places_district", "还没有表"), ('relation "places_district" does not exist', "还没有表")],
)  # fmt: skip
def test_a_command_tells_older_tables_from_none(said: str, words: str) -> None:
    assert words in (starting.told(OperationalError(said)) or "")


@pytest.mark.parametrize("said", ["no such table: matters_record", 'relation "matters_record" does not exist'])
def test_one_table_missing_among_others_is_of_another_version(said: str) -> None:
    assert "不是这一版的" in (starting.told(OperationalError(said)) or "")


def test_a_database_that_is_not_there_is_not_called_empty() -> None:
    told = starting.told(OperationalError('FATAL: database "linli" does not exist')) or ""
    assert ("用不了" in told, "还没有表" in told) == (True, False)
