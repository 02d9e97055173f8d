"""``make bench``: every figure that Linli promises, beside a floor taken in the same run. ``SIZE=1m`` for a million.

It never fails for being slow: the table says what was reached, and somebody reads it. It does fail where something is
wrong: an answer that is none, a figure that does not add up, a ledger that does not verify.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bench import database, first_load, messages, triage, votes
from bench.report import Report, timed
from bench.web import CLIENTS, load, memory, serving
from tests.e2e import browser

SIZES = {"100k": 100_000, "1m": 1_000_000}
COPIES = {100_000: 10, 1_000_000: 20}  # so many neighbours tell each story
BASE, FILLED, VOTED, HEARD, ALIKE = "bench_base", "bench_filled", "bench_voted", "bench_heard", "bench_alike"
SECONDS = 3.0
SQLITE_SIZE = 5_000  # a few years of one community
ALIKE_SIZE = 20_000  # as many are read of each place at any size: more would only take longer to trace
LISTS = {
    "grid": "grid_worker",
    "community": "community_secretary",
    "street": "street_leader",
    "district": "district_office",
}
PAGE = "/api/v1/matters?state=live&limit=50"


def main() -> int:
    asked = (os.environ.get("SIZE") or "100k").lower()
    size = SIZES.get(asked) or (int(asked) if asked.isdigit() else 0)
    if not size:
        print(f"SIZE 不对：{asked}（100k 或 1m）", file=sys.stderr)
        return 2
    began, report, server = time.monotonic(), Report(size), database.Postgres()
    small, laptop = size <= SIZES["100k"], database.sqlite()
    server.start()
    print(f"{size:,} matters; PostgreSQL {server.about()}; load average {report.load_before}")
    try:
        districts = _ready(report, [server.database(BASE), *([laptop] if small else [])])
        wrong = postgresql(report, server, size, districts[0])
        if small:
            wrong += sqlite(report, laptop, min(size, SQLITE_SIZE), districts[1])
            _first_load(report)
    finally:
        server.drop(BASE, FILLED, VOTED, HEARD, ALIKE)
        server.stop()
    report.raw["seconds"] = round(time.monotonic() - began)
    print("\n" + ", ".join(f"{what} {seconds:.0f} s" for what, seconds in report.slowest()))
    print(f"{report.raw['seconds']} s in all; kept in {report.keep(database.ROOT / 'var')}")
    for words in wrong:
        print(f"WRONG: {words}", file=sys.stderr)
    return 1 if wrong else 0


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────
def postgresql(report: Report, server: database.Postgres, size: int, district: int) -> list[str]:
    report.head()
    _locate(report, server.url)
    _triage(report, server.url)
    url = server.database(FILLED, BASE)
    _fill(report, url, district, size)
    wrong = _stats(report, url, district)
    wrong += _over_http(report, url, district, "PostgreSQL", processes=2)
    wrong += _proved(report, url, district, everything=size <= SIZES["100k"])
    server.drop(FILLED)
    _duplicates(report, server.database(ALIKE), "PostgreSQL", min(size, ALIKE_SIZE))
    server.drop(ALIKE)
    _sweep(report, server.url, "PostgreSQL", 1_000_000)
    wrong += _votes(report, server.database(VOTED, BASE), district)
    server.drop(VOTED)
    return wrong + _messages(report, server.database(HEARD, BASE), district)


@timed
def _first_load(report: Report) -> None:
    """What somebody with a slow telephone waits for, on a machine that has a browser."""
    if why := browser.missing():
        report.say(f"first load: {why}")
        return
    for one in first_load.of_a_demo():
        what = f"first load of {one.page}, {first_load.PROFILE}"
        report.add(f"{what}: weight", one.bytes / 1000, "KB", None, f"≤ {first_load.AIM_KB}")
        report.add(f"{what}: loaded", one.load, "ms", None, f"≤ {first_load.AIM_MS}", f"first paint {one.paint:.0f} ms")
        report.raw[f"first load {one.page}"] = asdict(one)


@timed
def _locate(report: Report, url: str) -> None:
    found = report.raw["locate"] = database.part(url, "locate")
    report.add("locate, many at once", found["bulk"], "points/s", found["bulk_floor"], "≥ 500,000")
    report.add("locate, one", found["single_us"], "µs", found["single_floor_us"], "≤ 20")


@timed
def _triage(report: Report, url: str) -> None:
    """Told apart by text: cross-validated, near-equal texts in one fold; the floor on the same folds."""
    if not triage.FILE.is_file():
        report.say("no labelled messages beside the checkout: triage left out")
        return
    found = report.raw["triage"] = database.part(url, "triage")
    report.add(f"triage, macro-F1 over {found['n']:,} messages", found["macro_f1"], "", None, "≥ 0.90, aim 0.92",
               f"plain TF-IDF and SVM {found['floor']:.4f}, accuracy {found['accuracy']:.4f}")  # fmt: skip
    report.add("triage, calibration error", found["ece"], "ECE", None, "≤ 0.03", f"{found['bins']} bins")
    report.add("triage, guesses", found["texts_per_second"], "/s", None, "≥ 1,000",
               f"{found['texts_per_cpu_second']:,.0f} a CPU second")  # fmt: skip
    report.add(f"triage, training on {found['many']:,}", found["many_seconds"], "s", None, "< 60",
               f"{found['many_cpu']:.0f} CPU seconds, with cross-validation")  # fmt: skip


@timed
def _ready(report: Report, urls: list[str]) -> list[int]:
    """In each database a district with its people, nothing said yet; and a demo. Beside one another: none is timed."""
    making = [database.begin(url, "load") for url in urls]
    if len(urls) > 1:
        first_load.make_ready()
    return [int(database.finish(each)[0]["district"]) for each in making]


@timed
def _votes(report: Report, url: str, district: int) -> list[str]:
    return votes.measure(report, url, district)


@timed
def _fill(report: Report, url: str, district: int, size: int, processes: int = 2) -> None:
    copies = COPIES.get(size, 1)
    told: dict[str, Any] = {"district": district, "step": processes, "count": size // copies, "copies": copies}
    now, began = datetime.now(UTC).isoformat(), time.monotonic()
    parts = [database.begin(url, "fill", first=n, now=now, **told) for n in range(processes)]
    made = sum(database.finish(each)[0]["matters"] for each in parts)
    filled = time.monotonic() - began
    settled = database.part(url, "settle", district=district, seals=size <= SIZES["100k"])
    name = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    report.raw[f"fill {name}"] = {"matters": made, "seconds": round(filled, 1), **settled}
    settling = settled["rebuild_s"] + settled["seal_s"]
    report.say(f"{name}: {made:,} matters in {filled:.0f} s, their figures and seals in {settling:.0f} s")


@timed
def _stats(report: Report, url: str, district: int) -> list[str]:
    found = report.raw["stats"] = database.part(url, "stats", district=district)
    for by, ms in found["ms"].items():
        floor = found["floor_ms"] if by == "place" else None
        report.add(f"stats by {'community' if by == 'place' else by}", ms, "ms", floor, "≤ 50")
    return [f"{found['wrong']} figures do not add up"] if found["wrong"] else []


@timed
def _over_http(report: Report, url: str, district: int, name: str, *, processes: int) -> list[str]:
    """Lists and details first, on what was filled; then openings, which add to it."""
    tokens, numbers, bodies = database.parts(
        url, people={"district": district}, numbers={"district": district, "count": 2000},
        bodies={"district": district, "count": 4000},
    )  # fmt: skip
    users = {n: role for n, role in LISTS.items() if tokens[n]}
    seen: dict[str, Any] = {}
    with serving(url, workers=processes) as web:
        load(web, tokens=tokens["channel"], paths=["/api/v1/matters"], bodies=bodies, seconds=2, run="warm")
        for each in users:
            load(web, tokens=tokens[each], paths=[PAGE], seconds=1)
            seen[f"list {each}"] = load(web, tokens=tokens[each], paths=[PAGE], seconds=SECONDS)
        paths = [f"/api/v1/matters/{number}" for number in numbers]
        seen["detail"] = load(web, tokens=tokens["district"], paths=paths, seconds=SECONDS)
        for clients in (CLIENTS, 32):
            seen[f"intake {clients}"] = load(
                web, tokens=tokens["channel"], paths=["/api/v1/matters"], bodies=bodies, seconds=SECONDS,
                clients=clients)  # fmt: skip
        used = memory(web)
    database.part(url, "starting_model")  # a worker makes it once, beside its work; what is measured is the time after
    with serving(url, workers=processes, worker=True) as web:
        seen["intake, worker beside"] = load(
            web, tokens=tokens["channel"], paths=["/api/v1/matters"], bodies=bodies, seconds=SECONDS)  # fmt: skip
    floor = database.part(url, "floors", district=district, users=users, clients=CLIENTS, seconds=SECONDS / 2)
    report.raw[f"http {name}"] = {"seen": seen, "floor": floor, "memory": used}
    _tell(report, name, seen, floor, used)
    return [
        f"{name} {what}: {found['statuses']}" for what, found in seen.items() if set(found["statuses"]) - {"200", "201"}
    ]


AIMS = {"list": "≥ 150, aim 1,000", "intake": "≥ 300, aim 1,000", "detail": "≥ 400, aim 1,000"}


def _tell(report: Report, name: str, seen: dict[str, Any], floor: dict[str, float], used: dict[str, int]) -> None:
    for what, found in seen.items():
        kind = what.split()[0].rstrip(",")
        against = floor.get(what) or floor.get(kind)
        words = f"median {found['ms_median']} ms, 95 % {found['ms_p95']} ms"
        aim = AIMS[kind] if name == "PostgreSQL" else ""
        report.add(f"{name}: {what}", found["per_second"], "/s", against, aim, words)
    report.add(
        f"{name}: memory of a web process", used["rss"], "MB RSS", None, "≤ 150", f"its own share {used['pss']} MB"
    )


@timed
def _proved(report: Report, url: str, district: int, *, everything: bool) -> list[str]:
    found = report.raw[f"verify {url.split(':')[0]}"] = database.part(
        url, "verify", district=district, everything=everything
    )
    some = "all" if found["all"] else "a sample"
    report.add(f"verify, {some} of {found['matters']:,} matters", found["per_second"], "/s", None, "",
               f"{found['entries']:,} entries, {found['seconds']} s")  # fmt: skip
    return [f"{found['broken']} broken places in the ledger"] if found["broken"] else []


@timed
def _duplicates(report: Report, url: str, name: str, count: int) -> None:
    """What somebody who types waits for; the floor is the same rows, read and not compared."""
    found = report.raw[f"duplicates {name}"] = database.part(url, "duplicates", count=count)
    what = f"{name}: likely the same, among {count:,}"
    looked, floor = found["likely"], found["floor"]
    report.add(f"{what}: median", looked["p50_ms"], "ms", floor["p50_ms"], "≤ 20")
    report.add(f"{what}: 95 %", looked["p95_ms"], "ms", floor["p95_ms"], "", f"traced in {found['filled_s']:.0f} s")
    if found["judged"]:
        pairs, precision, recall = found["judged"]
        report.add(f"likely the same, right of {pairs} pairs judged", precision, "", None, "≥ 0.95", f"recall {recall}")


@timed
def _sweep(report: Report, url: str, name: str, running: int) -> None:
    found = report.raw[f"sweep {name}"] = database.part(url, "sweep", total=running, due=1000)
    what = f"{name}: sweep, 1,000 due of {running:,}"
    report.add(what, found["sweep_per_second"], "due/s", 1000 / found["floor_one_by_one_s"], "")
    report.add(f"{name}: sweep with nothing due", found["idle_ms"], "ms")


@timed
def _messages(report: Report, url: str, district: int) -> list[str]:
    """All the real messages there are, each an appeal; then the proof of the ledger they made."""
    if not messages.FILE.is_file():
        report.say("no real messages beside the checkout: left out")
        return []
    tokens, codes = database.parts(url, people={"district": district}, places={"district": district})
    bodies = messages.requests(codes)
    with serving(url, workers=2) as web:
        found = load(web, tokens=tokens["channel"], paths=["/api/v1/matters"], bodies=bodies, most=len(bodies))
    heard = database.part(url, "heard", district=district)
    report.raw["messages"] = {"seen": found, **heard}
    report.add(f"{found['count']:,} real messages", found["per_second"], "/s", None, "",
               f"{heard['dispatched']:,} dispatched by rule")  # fmt: skip
    wrong = _proved(report, url, district, everything=True)
    if found["statuses"] != {"201": len(bodies)} or heard["matters"] != len(bodies):
        wrong.append(f"{len(bodies)} real messages were sent: {found['statuses']}, {heard}")
    return wrong


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────────────────
def sqlite(report: Report, url: str, size: int, district: int) -> list[str]:
    """One community on a laptop: one web process, a smaller past."""
    _fill(report, url, district, size, processes=1)
    wrong = _over_http(report, url, district, "SQLite", processes=1)
    wrong += _proved(report, url, district, everything=True)
    _sweep(report, url, "SQLite", 100_000)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
