"""How fast the figures of a district are read, beside the floor of a raw GROUP BY over the matters.

Run on an empty PostgreSQL: DATABASE_URL=postgres://… python bench/stats.py [MATTERS …]   (default 20000 100000 1000000)
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.config.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from linli.core.matters import stats  # noqa: E402
from linli.core.matters.models import Delta, Kind, Matter, Policy  # noqa: E402
from linli.core.matters.stats.grouping import BY  # noqa: E402
from linli.core.places.models import District, Place  # noqa: E402
from linli.core.places.tree import step, tree  # noqa: E402
from linli.kit.ids import new_id  # noqa: E402

DISTRICT, STREETS, COMMUNITIES, QUARTERS = 990009, 7, 44, 9
KINDS = ("appeal", "hazard", "dispute", "task", "order")
CHANNELS = ("web", "desk", "phone", "qr", "patrol", "box")

FILL = """
INSERT INTO matters_matter (id, district_id, number, receipt_hash, kind, category, urgency, state, title, text, channel,
  anonymous, confidential, place_id, opened_path, scope_path, street_id, community_id, cell_id, opened_at, policy_id,
  clocks, verified_at, resolved_at, closed_at, cause, score, rounds, before, households, calls_open, version, seq, head,
  sealed_seq)
SELECT (lpad(to_hex((extract(epoch FROM opened) * 1000)::bigint), 12, '0') || '7' || substr(md5(i || 'a'), 1, 3) || '8'
    || substr(md5(i || 'b'), 1, 15))::uuid,
  %(district)s, 'BN-' || i, md5(i::text), kind, '0101', 'ordinary', state, '楼道灯坏了',
  repeat('楼道灯坏了，晚上看不见。', 6),
  channel, false, false, q.id, q.path, q.path, q.street, q.community, q.id, opened, %(policy)s,
  jsonb_build_array(
    jsonb_build_object('stage', 'reply', 'round', 1, 'state', CASE WHEN r1 < 0.9 THEN 'met' ELSE 'missed' END,
      'started_at', opened, 'due_at', opened, 'stopped_at', opened),
    jsonb_build_object('stage', 'act', 'round', 1, 'state', CASE WHEN r1 < 0.8 THEN 'met' ELSE 'missed' END,
      'started_at', opened, 'due_at', opened, 'stopped_at', opened),
    jsonb_build_object('stage', 'result', 'round', 1, 'state', CASE WHEN r1 < 0.7 THEN 'met' ELSE 'missed' END,
      'started_at', opened, 'due_at', opened, 'stopped_at', opened)),
  done, done, done, 'aging', CASE WHEN done IS NOT NULL AND r2 < 0.4 THEN 1 + (r1 * 4)::int END, 1, '', 1, 0, 1, 6,
  md5(i::text), 6
FROM (
  SELECT i, opened, r1, r2, (%(kinds)s::text[])[1 + floor(power(random(), 2) * 5)] AS kind,
    (%(channels)s::text[])[1 + floor(random() * 6)] AS channel,
    CASE WHEN r2 < 0.88 THEN 'closed' WHEN r2 < 0.92 THEN 'in_progress' ELSE 'merged' END AS state,
    CASE WHEN r2 < 0.88 THEN opened + exp(9.5 + 1.3 * sqrt(-2 * ln(r1 + 1e-9)) * cos(6.2832 * r3)) * interval '1 second'
    END AS done, 1 + floor(random() * %(quarters)s) AS n
  FROM (SELECT i, %(now)s::timestamptz - (random() * 365) * interval '1 day' AS opened, random() AS r1, random() AS r2,
    random() AS r3 FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS i) AS dice
) AS made
JOIN (SELECT row_number() OVER (ORDER BY p.path) AS n, p.id, p.path, c.id AS community, c.parent_id AS street
  FROM places_place p JOIN places_place c ON c.id = p.parent_id
  WHERE p.district_id = %(district)s AND p.level = 'quarter') AS q ON q.n = made.n
ORDER BY opened
"""
FLOOR = """SELECT community_id, count(*), count(verified_at), count(score), count(*) FILTER (WHERE score >= 3),
  percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM verified_at - opened_at))
  FROM matters_matter WHERE district_id = %s GROUP BY 1"""


def district() -> Policy:
    """A district of seven streets, 44 communities and nine quarters in each."""
    here = District.objects.create(
        id=DISTRICT, name="量测区", letters="BN", profile="bench", settings={"channels": {c: c for c in CHANNELS}},
        levels=["district", "street", "community", "quarter", "building", "unit"],
    )  # fmt: skip
    made: list[Place] = []

    def add(above: Place | None, serial: int, level: str) -> Place:
        path = (above.path if above else "") + step(serial)
        made.append(Place(district=here, parent=above, level=level, code=path, name=f"{level} {path}", path=path,
                          since=date(2020, 1, 1)))  # fmt: skip
        return made[-1]

    root = add(None, 1, "district")
    streets = [add(root, i + 1, "street") for i in range(STREETS)]
    communities = [add(streets[i % STREETS], i + 1, "community") for i in range(COMMUNITIES)]
    for community in communities:
        for i in range(QUARTERS):
            add(community, i + 1, "quarter")
    Place.objects.bulk_create(made)
    Kind.objects.bulk_create(Kind(district=here, code=code, name=code) for code in KINDS)
    return Policy.objects.create(district=here, place=root, scope_path=root.path, name="136", stages={})


def fill(policy: Policy, first: int, last: int) -> None:
    """Matters number ``first`` to ``last``, over a year back from now."""
    given = {"district": DISTRICT, "policy": policy.pk, "first": first, "last": last, "kinds": list(KINDS),
             "channels": list(CHANNELS), "quarters": COMMUNITIES * QUARTERS, "now": timezone.now()}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(FILL, given)
        cursor.execute("VACUUM ANALYZE")


def timed(what: Callable[[], Any], times: int = 9) -> float:
    """The median of some runs after a first one, in milliseconds."""
    what()
    runs = []
    for _ in range(times):
        started = time.perf_counter()
        what()
        runs.append((time.perf_counter() - started) * 1000)
    return statistics.median(runs)


def floor() -> None:
    with connection.cursor() as cursor:
        cursor.execute(FLOOR, [DISTRICT])
        cursor.fetchall()


def deltas(count: int) -> None:
    """Acts not folded yet: matters received, as many as the worker may be behind."""
    told = ("place_id", "kind", "channel", "state")
    matters = Matter.objects.filter(district_id=DISTRICT).order_by("-id")[:count]
    today, rows = timezone.localdate(), []
    for place_id, *cuts in matters.values_list("community_id", *told[1:]):
        values = dict(zip(told, (place_id, *cuts), strict=True))
        rows.append(Delta(id=new_id(), district_id=DISTRICT, day=today, hour=9, received=1, sign=1, resolved=1,
                          seconds=4000, **values))  # fmt: skip
    Delta.objects.bulk_create(rows)


def questions() -> dict[str, dict[str, Any]]:
    """What is asked: the default question by everything, and the narrower ones."""
    node = tree(DISTRICT)
    street = next(n for n in node.by_id.values() if n.level == "street")
    community = next(n for n in node.by_id.values() if n.level == "community")
    now = timezone.now()
    recent = {"since": now - timedelta(days=30, hours=5), "until": now}
    asked: dict[str, dict[str, Any]] = {f"by {by}": {"by": by} for by in BY}
    return asked | {
        "by place, last 30.2 days": {"by": "place", **recent},
        "by kind, last 30.2 days": {"by": "kind", **recent},
        "by place, last 200 days": {"by": "place", "since": timezone.localdate() - timedelta(days=200)},
        "by state, last 200 days": {"by": "state", "since": timezone.localdate() - timedelta(days=200)},
        "street by place": {"by": "place", "path": street.path},
        "community by kind": {"by": "kind", "path": community.path},
        "community by quarter": {"by": "place", "path": community.path},
        "district by quarter": {"by": "place", "level": "quarter"},
        "by state, one kind": {"by": "state", "kind": "order"},
    }


def measure(count: int) -> None:
    started = time.perf_counter()
    stats.rebuild(DISTRICT)
    built = time.perf_counter() - started
    started = time.perf_counter()
    wrong = stats.check(DISTRICT)
    checked = time.perf_counter() - started
    assert wrong == [], wrong[:3]
    print(f"\n{count:,} matters: rebuild {built:.1f} s, check {checked:.1f} s; raw GROUP BY {timed(floor, 3):.0f} ms")
    for name, asked in questions().items():
        first = stats.query(district_id=DISTRICT, **asked)
        exact = "exact" if first.formula["median"]["exact"] else "histogram"
        took = timed(lambda asked=asked: stats.query(district_id=DISTRICT, **asked))  # type: ignore[misc]
        print(f"  {name:28} {took:8.1f} ms  {len(first.groups):4} groups, median {exact}")
    deltas(5000)
    behind = timed(lambda: stats.query(district_id=DISTRICT, by="place"))
    started = time.perf_counter()
    folded = stats.fold(limit=5000)
    print(
        f"  by place, 5,000 unfolded     {behind:8.1f} ms; {folded:,} folded in {time.perf_counter() - started:.2f} s"
    )


def main() -> None:
    sizes = [int(n) for n in sys.argv[1:]] or [20_000, 100_000, 1_000_000]
    call_command("migrate", run_syncdb=True, verbosity=0)
    policy, done = district(), 0
    for size in sizes:
        fill(policy, done + 1, size)
        done = size
        measure(size)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, pg_total_relation_size(oid) / 1048576 FROM pg_class WHERE relname IN "
                       "('matters_matter', 'matters_figure', 'matters_spread') ORDER BY 1")  # fmt: skip
        print(json.dumps({name: f"{size:,} MB" for name, size in cursor.fetchall()}))


if __name__ == "__main__":
    main()
