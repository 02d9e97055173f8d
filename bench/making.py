"""Everything that is made and not timed, beside one another: districts, their past, a demo, and the parts that make
much of their own and wait at their gate until they are let through.
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench import database, first_load, triage, votes
from bench.report import Report

COPIES = {100_000: 10, 1_000_000: 20}  # so many neighbours tell each story
BASE, FILLED, VOTED, HEARD, ALIKE = "bench_base", "bench_filled", "bench_voted", "bench_heard", "bench_alike"
RUNNING = 1_000_000  # clocks of the sweep
SQLITE_SIZE = 5_000  # a few years of one community
ALIKE_SIZE = 20_000  # as many are read of each place at any size: more would only take longer to trace


@dataclass
class Past:
    """A database with so many matters in it."""

    url: str
    district: int
    size: int
    processes: int  # of its fill, and of the web that serves it

    @property
    def name(self) -> str:
        return "SQLite" if self.url.startswith("sqlite") else "PostgreSQL"


@dataclass
class Made:
    server: Past
    laptop: Past | None
    voted: str
    at_gate: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def drop(self) -> None:
        """What still waits, of a run that was broken off."""
        for each in self.at_gate.values():
            each.kill()


def make(report: Report, server: database.Postgres, size: int, *, laptop: bool) -> Made:
    urls = [server.database(BASE), *([database.sqlite()] if laptop else [])]
    loading = [database.begin_all(url, load={}) for url in urls]
    made = Made(Past(urls[0], 0, size, 2), None, "", _begun(server, size))
    try:
        if laptop:
            first_load.make_ready()
        districts = [int(database.finish(each)[0]["district"]) for each in loading]
        made.server.district = districts[0]
        made.server.url, made.voted = server.database(FILLED, BASE), server.database(VOTED, BASE)
        if laptop:
            made.laptop = Past(urls[1], districts[1], min(size, SQLITE_SIZE), 1)
        made.at_gate["votes"] = votes.begin(made.voted, districts[0])
        _fill(report, [past for past in (made.server, made.laptop) if past])
        for each in made.at_gate.values():
            database.at_gate(each)
        server.calm()
    except BaseException:
        made.drop()
        raise
    return made


def _begun(server: database.Postgres, size: int) -> dict[str, subprocess.Popen[str]]:
    """Parts on databases of their own."""
    begun = {
        "sweep": database.begin_to_gate(server.url, "sweep", total=RUNNING, due=1000),
        "duplicates": database.begin_to_gate(server.database(ALIKE), "duplicates", count=min(size, ALIKE_SIZE)),
    }
    if triage.FILE.is_file():
        begun["triage"] = database.begin_to_gate(server.url, "triage")
    return begun


def _fill(report: Report, pasts: list[Past]) -> None:
    now, began = datetime.now(UTC).isoformat(), time.monotonic()
    filling = [(past, _filling(past, now)) for past in pasts]
    for past, parts in filling:
        made = sum(database.finish(each)[0]["matters"] for each in parts)
        report.raw[f"fill {past.name}"] = {"matters": made, "seconds": round(time.monotonic() - began, 1)}
    settling = [(past, _settling(past)) for past in pasts]
    for past, parts in settling:
        for each in parts:
            database.finish(each)
        megabytes = database.part(past.url, "tidied")
        report.raw[f"fill {past.name}"]["megabytes"] = megabytes
    took = time.monotonic() - began
    told = ", ".join(f"{past.name} {report.raw[f'fill {past.name}']['matters']:,} matters" for past in pasts)
    report.say(f"{told}: told, counted and sealed in {took:.0f} s")


def _filling(past: Past, now: str) -> list[subprocess.Popen[str]]:
    copies = COPIES.get(past.size, 1)
    told: dict[str, Any] = {"district": past.district, "step": past.processes, "count": past.size // copies,
                            "copies": copies, "now": now}  # fmt: skip
    return [database.begin(past.url, "fill", first=n, **told) for n in range(past.processes)]


def _settling(past: Past) -> list[subprocess.Popen[str]]:
    """A million heads in one seal take minutes, where a worker seals a few each minute: there it is left out."""
    told = {"district": past.district}
    asked = {"figures": told} | ({"seals": told} if past.size <= 100_000 else {})
    if past.name == "SQLite":  # one writer at a time
        return [database.begin_all(past.url, **asked)]
    return [database.begin(past.url, name, **told) for name, told in asked.items()]
