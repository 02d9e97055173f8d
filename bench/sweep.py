"""What the sweep costs with many running clocks and some due, beside the floor of a bare UPDATE of the same rows.

Run: python bench/sweep.py [running clocks] [due]. It makes a test database of its own and drops it at the end, as the
ledger lets nobody delete what a sweep wrote. ``DATABASE_URL`` chooses the server, as everywhere.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.config.settings")

if __name__ == "__main__":
    import django
    import structlog

    django.setup()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())

from django.db import connection, transaction
from django.utils import timezone

from bench import gate
from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Clock, Matter
from linli.core.matters.sweep import Swept, sweep
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit.ids import new_id
from tests.cast import DISTRICT, Town, build

# Rows that only have to lie in the table and its indexes: made by the database itself, all on one matter.
_FILL = {
    "postgresql": (
        "INSERT INTO matters_clock (id, district_id, matter_id, stage, round, state, started_at, due_at, next_at, "
        "calendar, late, provisional) SELECT gen_random_uuid(), %(district)s, %(matter)s, 'supervise', 1, 'running', "
        "%(now)s::timestamptz, t.at, t.at, 'natural', false, false FROM (SELECT %(now)s::timestamptz + interval "
        "'1 hour' + n * interval '1 second' AS at FROM generate_series(1, %(count)s) AS n) AS t"
    ),
    "sqlite": (
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %(count)s) "
        "INSERT INTO matters_clock (id, district_id, matter_id, stage, round, state, started_at, due_at, next_at, "
        "calendar, late, provisional) SELECT lower(hex(randomblob(16))), %(district)s, %(matter)s, 'supervise', 1, "
        "'running', %(now)s, strftime('%%Y-%%m-%%d %%H:%%M:%%S', %(now)s, '+1 hour', '+' || n || ' seconds'), "
        "strftime('%%Y-%%m-%%d %%H:%%M:%%S', %(now)s, '+1 hour', '+' || n || ' seconds'), 'natural', 0, 0 FROM s"
    ),
}
_BY_HAND = "UPDATE matters_clock SET state = 'breached', next_at = NULL WHERE district_id = %s AND id = %s"
_AT_ONCE = "UPDATE matters_clock SET state = 'breached', next_at = NULL WHERE next_at <= %s"


class _Undo(Exception):
    """Takes a measured change back."""


def run(total: int = 1_000_000, due: int = 1_000) -> dict[str, Any]:
    """Measure in the connected database, which must be an empty one for tests; seconds and rows a second.

    *idle*: a sweep with nothing due. *sweep*: ``due`` matters with one breach each, notices and timeline included.
    *floor*: the same clock rows updated in one bare statement, and one by one in a transaction each.
    """
    now = timezone.now()
    town = build()
    keys = _matters(town, due, now)
    _fill(keys[0], total, now)
    gate.reached()
    result: dict[str, Any] = {"database": connection.vendor, "running": total, "due": due}
    result["idle_ms"] = round(1000 * min(_timed(lambda: sweep(now=now)) for _ in range(5)), 2)
    Clock.objects.filter(stage="act").update(due_at=now, next_at=now, warn_at=None)
    later = now + timedelta(seconds=1)
    result["floor_at_once_s"] = round(_floor(lambda: _sql(_AT_ONCE, [later])), 4)
    clocks = list(Clock.objects.filter(stage="act").values_list("pk", flat=True))
    result["floor_one_by_one_s"] = round(_timed(lambda: _one_by_one(clocks)), 4)
    Clock.objects.filter(stage="act").update(state="running", next_at=now)
    swept = Swept()
    result["sweep_s"] = round(_timed(lambda: _sweep_all(later, swept)), 3)
    if swept.breached != due:
        raise AssertionError(f"{swept} and not {due} breaches")
    result["sweep_per_second"] = round(due / result["sweep_s"])
    result["idle_after_ms"] = round(1000 * _timed(lambda: sweep(now=later)), 2)
    return result


def _matters(town: Town, count: int, now: datetime) -> list[Any]:
    """So many real matters, each with its clocks set far ahead."""
    actor = Actor(kind="resident", district_id=DISTRICT, user_id=town.users["resident"].pk)
    place = tree(DISTRICT).by_id[town.places["unit"].pk]
    asked = Asked("appeal", "楼道灯坏了。", DISTRICT, place)
    keys = [actions.open_matter(actor=actor, asked=asked, now=now).matter.pk for _ in range(count)]
    far = now + timedelta(days=30)
    Clock.objects.all().update(due_at=far, next_at=far)
    return keys


def _fill(matter_id: Any, count: int, now: datetime) -> None:
    sqlite = connection.vendor == "sqlite"
    stamp = now.strftime("%Y-%m-%d %H:%M:%S") if sqlite else now
    # They hang on a matter of their own: a sweep reads all clocks of the matter it looks after.
    filler = _twin(Matter.objects.get(pk=matter_id))
    values = {"district": DISTRICT, "matter": filler.hex if sqlite else filler, "now": stamp, "count": count}
    with connection.cursor() as cursor:
        cursor.execute(_FILL[connection.vendor], values)
        cursor.execute("ANALYZE matters_clock" if sqlite else "VACUUM ANALYZE matters_clock")


def _twin(matter: Matter) -> Any:
    """A matter like this one that the sweep never finds due."""
    matter.pk, matter.number, matter.receipt_hash, matter._state.adding = new_id(), "bench", "bench", True
    matter.save(force_insert=True)
    return matter.pk


def _sweep_all(now: datetime, swept: Swept) -> None:
    while (part := sweep(now=now)).done:
        swept.add(part)


def _one_by_one(keys: list[Any]) -> None:
    sqlite = connection.vendor == "sqlite"
    for key in keys:
        with transaction.atomic():
            _sql(_BY_HAND, [DISTRICT, key.hex if sqlite else key])


def _floor(work: Callable[[], None]) -> float:
    """How long it takes, then undone."""
    took = 0.0
    try:
        with transaction.atomic():
            took = _timed(work)
            raise _Undo
    except _Undo:
        return took


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _sql(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def in_test_database(total: int, due: int) -> dict[str, Any]:
    """``run`` in a database made for it and dropped after."""
    # A file and not memory: a sweep's transactions are measured with what they cost on a disk.
    if connection.vendor == "sqlite":
        beside = Path(connection.settings_dict["NAME"]).parent
        connection.settings_dict["TEST"]["NAME"] = str(beside / "bench-sweep.sqlite3")
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        return run(total, due)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def main() -> None:
    """Print the figures of one run in a test database."""
    total, due = (int(n) for n in (*sys.argv[1:], *("1000000", "1000")[len(sys.argv) - 1 :]))
    for key, value in in_test_database(total, due).items():
        print(f"{key:20} {value:,}" if isinstance(value, (int, float)) else f"{key:20} {value}")


if __name__ == "__main__":
    main()
