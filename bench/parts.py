"""The parts that need Django, each a process of its own: ``python -m bench.parts '{"NAME": {"what": "it is told"}}'``.

What parts find is the last line that they print, a JSON list.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

PARTS: dict[str, Callable[..., Any]] = {}
SAMPLE = 2000  # matters whose chains are proved where there are too many to prove all


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    PARTS[function.__name__] = function
    return function


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 3)


# ── making ──────────────────────────────────────────────────────────────────────────────────────────────────
@part
def load() -> dict[str, Any]:
    """The tables and the district of Qiaoxi with its people."""
    from django.core.management import call_command

    from linli.config.loading import load as load_profile

    call_command("migrate", verbosity=0, interactive=False)
    loaded = load_profile("qiaoxi", demo=True, report=lambda _line: None)
    return {"district": loaded.district_id, "made": loaded.made}


@part
def fill(district: int, first: int, step: int, count: int, copies: int, now: str) -> dict[str, Any]:
    """Every ``step``-th of ``count`` matters from ``first`` on, each told by ``copies`` neighbours."""
    from datetime import datetime

    from bench import bulk
    from bench.past import Past
    from linli.core.matters import numbers

    numbers.BLOCK = 5000
    past = Past(district, datetime.fromisoformat(now))
    return {"matters": bulk.write(past.matters(first, count, step, count), copies)}


@part
def figures(district: int) -> float:
    """The figures that the worker would have counted meanwhile; seconds."""
    from linli.core.matters import stats

    return timed(lambda: stats.rebuild(district))


@part
def seals(district: int) -> float:
    """The seals that the worker would have set meanwhile; seconds."""
    from linli.core.matters.ledger import sealing

    return timed(lambda: sealing.seal(district))


@part
def tidied() -> int:
    """What autovacuum would have done meanwhile; megabytes of the database, where it tells."""
    from django.db import connection

    tidy()
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()) / 1048576")
        return int(cursor.fetchone()[0])


def tidy() -> None:
    """Know the rows, and leave autovacuum nothing to do while something is timed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


@part
def verify(district: int, everything: bool) -> dict[str, Any]:
    """Prove the ledger, all of it or a sample."""
    from linli.core.matters.ledger import spread, verifying
    from linli.core.matters.models import Matter

    started, matters, entries, broken = time.perf_counter(), 0, 0, []
    if everything:
        report = verifying.verify(district, processes=spread.cores())
        matters, entries = report.counts["matters"], report.counts["entries"]
        broken = report.broken
    else:
        numbers = list(
            Matter.objects.filter(district_id=district).order_by("receipt_hash")[:SAMPLE].values_list("number")
        )
        for (number,) in numbers:
            report = verifying.verify(district, number)
            matters, entries = matters + report.counts["matters"], entries + report.counts["entries"]
            broken += report.broken
    took = time.perf_counter() - started
    return {"matters": matters, "entries": entries, "broken": len(broken), "seconds": round(took, 2),
            "per_second": round(matters / took), "all": everything}  # fmt: skip


# ── who asks, and for what ──────────────────────────────────────────────────────────────────────────────────
@part
def people(district: int) -> dict[str, Any]:
    """Bearer tokens: a channel's, and those of grid workers, community secretaries, a street and the district."""
    from linli.core.people import identify
    from linli.core.people.models import Post, User

    def tokens(role: str, most: int) -> list[str]:
        posts = Post.objects.filter(district_id=district, role=role, until=None).exclude(person=None).order_by("id")
        found = []
        for post in posts.select_related("person")[:most]:
            account = User.objects.filter(person=post.person).first() or User.objects.create(
                username=f"bench-{post.code}", password="!", district_id=district, person=post.person
            )
            User.objects.filter(pk=account.pk).update(demo=False)  # a demo's are refused where people work for real
            found.append(identify.give_token(account))
        return found

    hotline = User.objects.filter(username="bench-hotline").first() or User.objects.create_user(
        "bench-hotline", district_id=district
    )
    return {
        "channel": [identify.give_token(hotline, channel="app")],
        "grid": tokens("grid_worker", 200),
        "community": tokens("community_secretary", 44),
        "street": tokens("street_leader", 7),
        "district": tokens("district_office", 1),
    }


@part
def bodies(district: int, count: int) -> list[str]:
    """What residents say, as JSON for the API: half by a place's code, half by a point."""
    from django.utils import timezone

    from bench.past import Past

    past, out = Past(district, timezone.now()), []
    for serial in range(count):
        asked = past.asked(random.Random(f"body {serial}"))
        told: dict[str, Any] = {"kind": asked.kind, "text": asked.text, "anonymous": asked.anonymous}
        if asked.name:
            told["contact"] = {"name": asked.name, "phone": asked.phone}
        by_point = serial % 2 and asked.lon is not None
        told |= {"lon": asked.lon, "lat": asked.lat} if by_point else {"place": asked.place.code}
        out.append(json.dumps(told, ensure_ascii=False))
    return out


@part
def numbers(district: int, count: int) -> list[str]:
    """Numbers of matters of all ages."""
    from linli.core.matters.models import Matter

    found = Matter.objects.filter(district_id=district).order_by("receipt_hash").values_list("number", flat=True)
    return list(found[:count])


@part
def places(district: int) -> list[str]:
    """Codes of the places that somebody may speak up from."""
    from django.utils import timezone

    from bench.past import Past

    return sorted(node.code for node in Past(district, timezone.now()).places)


@part
def heard(district: int) -> dict[str, int]:
    """How many matters there are, and how many found their way by rule."""
    from linli.core.matters.models import Entry, Matter

    rules = Entry.objects.filter(district_id=district, seq=2, act="dispatch", data__has_key="rule")
    return {"matters": Matter.objects.filter(district_id=district).count(), "dispatched": rules.count()}


@part
def stats(district: int) -> dict[str, Any]:
    """The figures by community, the way a page asks for them, and a raw GROUP BY over the matters."""
    from django.db import connection

    from bench.stats import FLOOR
    from linli.core.matters import stats as figures

    def median(work: Callable[[], object], times: int) -> float:
        work()
        return sorted(timed(work) for _ in range(times))[times // 2] * 1000

    def floor() -> None:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR, [district])
            cursor.fetchall()

    asked = {by: round(median(lambda by=by: figures.query(district_id=district, by=by), 9), 1)  # type: ignore[misc]
             for by in ("place", "kind", "state", "channel", "day", "hour")}  # fmt: skip
    return {"ms": asked, "floor_ms": round(median(floor, 3), 1), "wrong": len(figures.check(district))}


@part
def locate() -> dict[str, float]:
    from bench.locate import measure

    return measure()


@part
def starting_model() -> bool:
    """What a worker's suggestions start from; kept beside the databases from run to run."""
    from django.conf import settings

    from linli.insight.triage import shipped

    shipped.shipped(settings.VAR / "insight")
    return True


@part
def triage() -> dict[str, Any]:
    """A model of what messages are about, beside a plain one."""
    from bench.triage import measure

    return measure()


@part
def duplicates(count: int) -> dict[str, Any]:
    """Likely duplicates of a sentence among so many matters, and the same rows read bare."""
    from bench.duplicates import found

    return found(count)


@part
def sweep(total: int, due: int) -> dict[str, Any]:
    """A thousand clocks due among so many that run."""
    from bench.sweep import in_test_database

    return in_test_database(total, due)


@part
def votes_open(district: int, homes: int) -> dict[str, Any]:
    from bench.votes import opened

    return opened(district, homes)


@part
def votes_bodies(district: int, number: str, count: int) -> dict[str, Any]:
    from bench.votes import bodies

    return bodies(district, number, count)


@part
def votes_floor(district: int, number: str, seconds: float) -> float:
    from bench.votes import floor

    return floor(district, number, seconds)


@part
def votes_count(district: int, number: str) -> dict[str, Any]:
    from bench.votes import counted

    return counted(district, number)


if __name__ == "__main__":
    import structlog

    from linli.config.commands.starting import start_django

    start_django()  # as a command of ours starts
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    from bench import floors  # its parts too

    PARTS["floors"] = floors.floors
    print(json.dumps([PARTS[name](**told) for name, told in json.loads(sys.argv[1]).items()]))
