"""``linli insight index``: what matters that were there before are compared by, and the suggestions they lack."""

from __future__ import annotations

import argparse
import time

from linli.config.commands import Told, note, say
from linli.core.places.models import District
from linli.insight import indexing


def run(asked: argparse.Namespace) -> int:
    """Index one district or all, with progress; may be run again at any time."""
    codes = list(District.objects.order_by("pk").values_list("pk", flat=True))
    if asked.district is not None and asked.district not in codes:
        raise Told(f"库里没有这个区：{asked.district}")
    if not codes:
        raise Told("库里还没有区。先运行 make demo，或 linli load PROFILE。")
    for code in [asked.district] if asked.district is not None else codes:
        began = time.monotonic()
        done = indexing.index(code, progress=lambda n: note(f"  {n:,} 件"))
        say(f"{code}：{done:,} 件已编入，用时 {time.monotonic() - began:.1f} 秒。")
    return 0
