"""``make bench``: every figure that Linli promises, beside a floor taken in the same run. ``SIZE=1m`` for a million.

It never fails for being slow: the table says what was reached, and somebody reads it. It does fail where something is
wrong: an answer that is none, a figure that does not add up, a ledger that does not verify.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict
from subprocess import Popen
from typing import Any

from bench import database, first_load, making, messages, votes
from bench.making import ALIKE, ALIKE_SIZE, BASE, FILLED, HEARD, RUNNING, VOTED, Made, Past
from bench.report import Report, timed
from bench.web import CLIENTS, load, memory, serving
from tests.e2e import browser

SIZES = {"100k": 100_000, "1m": 1_000_000}
SECONDS = 3.0
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
    server.start()
    print(f"{size:,} matters; PostgreSQL {server.about()}; load average {report.load_before}")
    try:
        made = _made(report, server, size)
        try:
            wrong = postgresql(report, server, made)
            if made.laptop:
                wrong += sqlite(report, made.laptop)
                _first_load(report)
        finally:
            made.drop()
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
def postgresql(report: Report, server: database.Postgres, made: Made) -> list[str]:
    report.head()
    _locate(report, server.url)
    if "triage" in made.at_gate:
        _triage(report, made.at_gate["triage"])
    else:
        report.say("no labelled messages beside the checkout: triage left out")
    past = made.server
    wrong = _stats(report, past.url, past.district)
    wrong += _over_http(report, past)
    wrong += _proved(report, past.url, past.district, everything=past.size <= SIZES["100k"])
    server.drop(FILLED)
    _duplicates(report, made.at_gate["duplicates"], "PostgreSQL", min(past.size, ALIKE_SIZE))
    server.drop(ALIKE)
    _sweep(report, made.at_gate["sweep"], "PostgreSQL", RUNNING)
    wrong += _votes(report, made.voted, past.district, made.at_gate["votes"])
    server.drop(VOTED)
    return wrong + _messages(report, server.database(HEARD, BASE), past.district)


@timed
def _made(report: Report, server: database.Postgres, size: int) -> Made:
    return making.make(report, server, size, laptop=size <= SIZES["100k"])


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
def _triage(report: Report, begun: Popen[str]) -> None:
    """Told apart by text: cross-validated, near-equal texts in one fold; the floor on the same folds."""
    found = report.raw["triage"] = database.finish(begun)[0]
    report.add(f"triage, macro-F1 over {found['n']:,} messages", found["macro_f1"], "", None, "≥ 0.90, aim 0.92",
               f"plain TF-IDF and SVM {found['floor']:.4f}, accuracy {found['accuracy']:.4f}")  # fmt: skip
    report.add("triage, calibration error", found["ece"], "ECE", None, "≤ 0.03", f"{found['bins']} bins")
    report.add("triage, guesses", found["texts_per_second"], "/s", None, "≥ 1,000",
               f"{found['texts_per_cpu_second']:,.0f} a CPU second")  # fmt: skip
    report.add(f"triage, training on {found['many']:,}", found["many_seconds"], "s", None, "< 60",
               f"{found['many_cpu']:.0f} CPU seconds, with cross-validation")  # fmt: skip


@timed
def _votes(report: Report, url: str, district: int, begun: Popen[str]) -> list[str]:
    return votes.measure(report, url, district, begun)


@timed
def _stats(report: Report, url: str, district: int) -> list[str]:
    found = report.raw["stats"] = database.part(url, "stats", district=district)
    for by, ms in found["ms"].items():
        floor = found["floor_ms"] if by == "place" else None
        report.add(f"stats by {'community' if by == 'place' else by}", ms, "ms", floor, "≤ 50")
    return [f"{found['wrong']} figures do not add up"] if found["wrong"] else []


@timed
def _over_http(report: Report, past: Past) -> list[str]:
    """Lists and details first, on what was filled; then openings, which add to it."""
    url, district, name, processes = past.url, past.district, past.name, past.processes
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
def _duplicates(report: Report, begun: Popen[str], name: str, count: int) -> None:
    """What somebody who types waits for; the floor is the same rows, read and not compared."""
    found = report.raw[f"duplicates {name}"] = database.finish(begun)[0]
    what = f"{name}: likely the same, among {count:,}"
    looked, floor = found["likely"], found["floor"]
    report.add(f"{what}: median", looked["p50_ms"], "ms", floor["p50_ms"], "≤ 20")
    report.add(f"{what}: 95 %", looked["p95_ms"], "ms", floor["p95_ms"])
    if found["judged"]:
        pairs, precision, recall = found["judged"]
        report.add(f"likely the same, right of {pairs} pairs judged", precision, "", None, "≥ 0.95", f"recall {recall}")


@timed
def _sweep(report: Report, begun: Popen[str], name: str, running: int) -> None:
    found = report.raw[f"sweep {name}"] = database.finish(begun)[0]
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
def sqlite(report: Report, past: Past) -> list[str]:
    """One community on a laptop: one web process, a smaller past."""
    wrong = _over_http(report, past)
    wrong += _proved(report, past.url, past.district, everything=True)
    _sweep(report, database.begin(past.url, "sweep", total=100_000, due=1000), past.name, 100_000)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
