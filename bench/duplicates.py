"""How long it takes to find likely duplicates among many matters, beside the floor of the same rows read bare.

Run on an empty database: DATABASE_URL=… python bench/duplicates.py [MATTERS]   (default 100000; real messages as texts,
a fifth of them within three days, in 44 communities; where no messages lie beside the checkout, the demo's stories)
"""

from __future__ import annotations

import json
import os
import random
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

from bench import gate  # noqa: E402
from bench.judged import measure  # noqa: E402
from bench.messages import FILE, texts  # noqa: E402
from bench.parts import tidy  # noqa: E402
from linli.config.demo.stories import read_stories  # noqa: E402
from linli.core.matters.models import Kind, Matter, Policy  # noqa: E402
from linli.core.places.models import District, Place  # noqa: E402
from linli.core.places.tree import step, tree  # noqa: E402
from linli.insight.duplicates import likely, likeness  # noqa: E402
from linli.insight.duplicates.commonness import recount, weights  # noqa: E402
from linli.insight.duplicates.finding import NEWEST, WINDOW, _newest, _postings  # noqa: E402
from linli.insight.duplicates.tracing import naming, trace_many  # noqa: E402
from linli.kit.ids import new_id  # noqa: E402

DISTRICT, COMMUNITIES, ASKED = 990008, 44, 300


def said() -> list[str]:
    return list(texts()) if FILE.is_file() else [story.words for story in read_stories()]


def build(count: int) -> list[str]:
    """A district with ``count`` matters over a year, traced as the worker would."""
    district = District.objects.create(
        id=DISTRICT, name="量一量", letters="BD", profile="bench", levels=["district", "community"]
    )
    root = Place.objects.create(
        district=district, level="district", code="B", name="区", path="0001", since=date(2020, 1, 1)
    )
    places = [
        Place(district=district, parent=root, level="community", code=f"B{n}", name=f"社区{n}",
              path="0001" + step(n + 1), since=date(2020, 1, 1)) for n in range(COMMUNITIES)
    ]  # fmt: skip
    Place.objects.bulk_create(places)
    Kind.objects.create(district=district, code="appeal", name="诉求")
    policy = Policy.objects.create(district=district, place=root, scope_path=root.path, name="p", stages={})
    words, dice, now = said(), random.Random(100_000), timezone.now()
    for start in range(0, count, 2000):
        batch = [
            _matter(n, district, dice.choice(places), policy, dice, words, now)
            for n in range(start, min(count, start + 2000))
        ]
        Matter.objects.bulk_create(batch, batch_size=1000)
        if not start:
            recount(DISTRICT)
        trace_many(batch)
    return words


def _matter(
    n: int, district: District, place: Place, policy: Policy, dice: random.Random, words: list[str], now: object
) -> Matter:
    days = dice.random() * 3 if n % 5 == 0 else dice.random() * 365
    return Matter(
        id=new_id(), district=district, number=f"BD-{n}", receipt_hash=f"{n}", kind="appeal", title="…",
        text=dice.choice(words), channel="web", place=place, opened_path=place.path, scope_path=place.path,
        community=place, opened_at=now - timedelta(days=days), policy=policy,  # type: ignore[operator]
    )  # fmt: skip


def times(work: Callable[[str, Place], object], asked: list[tuple[str, Place]]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, after a few to warm up."""
    for one in asked[:10]:
        work(*one)
    took = []
    for one in asked:
        began = time.perf_counter()
        work(*one)
        took.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": round(statistics.median(took), 2), "p95_ms": round(statistics.quantiles(took, n=20)[18], 2)}


def found(count: int) -> dict[str, Any]:
    """Everything that is measured, of a district that is made for it."""
    call_command("migrate", verbosity=0, interactive=False)
    began = time.perf_counter()
    words = build(count)
    filled = time.perf_counter() - began
    tidy()
    known, dice = tree(DISTRICT), random.Random(7)
    nodes = [node for node in known.by_path.values() if node.level == "community"]
    asked = [(dice.choice(words)[:200], dice.choice(nodes)) for _ in range(ASKED)]
    weigh, now = weights(DISTRICT), timezone.now()

    gate.reached()

    def floor(text: str, place: Place) -> None:
        _newest(DISTRICT, place.id, now)
        _postings(DISTRICT, naming(text, weigh))

    looked = times(lambda text, place: likely(DISTRICT, text, place=place), asked)  # type: ignore[arg-type]
    bare = times(floor, asked)  # type: ignore[arg-type]
    told = measure(likeness.SURE) if FILE.is_file() else None
    return {
        "database": connection.vendor, "matters": count, "filled_s": round(filled, 1), "likely": looked, "floor": bare,
        "newest": NEWEST, "window_days": WINDOW.days,
        "judged": told and [told.pairs, round(told.precision, 3), round(told.recall, 3)],
        "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(found(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)))
