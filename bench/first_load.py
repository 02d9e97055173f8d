"""The first visit to a page on a slow telephone: what it weighs, and when something and everything is there.

``python bench/first_load.py`` serves a demo of its own and visits ``/`` and ``/say/`` in headless Chromium with nothing
in the cache, throttled as the browser's own tools do it: 1.6 Mbit/s down, 750 kbit/s up, 150 ms to and fro. (Older
tools call this profile "Fast 3G", newer ones "Slow 4G".) The weight is what travelled, compressed, headers included.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.e2e import browser, serving, templates

PROFILE = "Slow 4G (1.6 Mbit/s, 150 ms)"
DOWN, UP, LATENCY = 1_600_000 / 8, 750_000 / 8, 150
PAGES = ("/", "/say/", "/say/one/")
TIMES = 3
HOME = serving.ROOT / "var" / "bench" / "demo"
AIM_KB, AIM_MS = 150, 1000
# What the page itself saw. The load event may lie ahead of a script that is still deferred: both are read after it.
SEEN = """() => { const nav = performance.getEntriesByType('navigation')[0];
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return {paint: paint ? paint.startTime : null, load: nav.loadEventEnd, byte: nav.responseStart} }"""


@dataclass
class Load:
    """One first visit."""

    page: str
    bytes: int = 0
    paint: float = 0.0
    load: float = 0.0
    byte: float = 0.0
    parts: dict[str, int] = field(default_factory=dict)


def first_load(chrome: Any, url: str, page: str, *, slow: bool = True) -> Load:
    """One visit by somebody who was never here: a new profile, an empty cache."""
    with browser.visitor(chrome, url) as visitor:
        wire = visitor.context.new_cdp_session(visitor.page)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": False})
        if slow:
            wire.send("Network.emulateNetworkConditions", {
                "offline": False, "latency": LATENCY, "downloadThroughput": DOWN, "uploadThroughput": UP,
            })  # fmt: skip
        found, asked = Load(page), {}
        wire.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
        wire.on("Network.loadingFinished", lambda event: _weigh(found, asked, event))
        visitor.page.goto(page, wait_until="load")
        visitor.page.wait_for_load_state("networkidle")
        seen = visitor.page.evaluate(SEEN)
        found.paint, found.load, found.byte = seen["paint"] or 0.0, seen["load"], seen["byte"]
        return found


def _weigh(found: Load, asked: dict[str, str], event: dict[str, Any]) -> None:
    address = asked.get(event["requestId"], "")
    if address.startswith("http"):
        weight = int(event["encodedDataLength"])
        found.bytes += weight
        found.parts[address] = found.parts.get(address, 0) + weight


def measure(url: str) -> list[Load]:
    """The median of a few first visits to each page."""
    told = []
    with browser.chromium() as chrome:
        for page in PAGES:
            runs = [first_load(chrome, url, page) for _ in range(TIMES)]
            told.append(Load(
                page, runs[0].bytes, statistics.median(r.paint for r in runs), statistics.median(r.load for r in runs),
                statistics.median(r.byte for r in runs), runs[0].parts,
            ))  # fmt: skip
    return told


def make_ready() -> None:
    """The demo's month, lived while something else is made; ``of_a_demo`` then serves a copy."""
    templates.forget(HOME)  # of a run that was broken off
    if not browser.missing():
        templates.share(HOME)
        templates.of("qiaoxi", lived=True)


def of_a_demo() -> list[Load]:
    """Serve a demo and measure it."""
    try:
        with tempfile.TemporaryDirectory() as folder, browser.demo("qiaoxi", Path(folder) / "demo") as served:
            return measure(served.url)
    finally:
        templates.forget(HOME)


def main() -> int:
    if why := browser.missing():
        print(f"{why}: left out")
        return 0
    found = measure(sys.argv[1]) if len(sys.argv) > 1 else of_a_demo()
    print(f"first load, {PROFILE}, median of {TIMES}")
    for one in found:
        print(f"{one.page:12} {one.bytes / 1000:6.1f} KB (≤ {AIM_KB})  first paint {one.paint:5.0f} ms  "
              f"loaded {one.load:5.0f} ms (≤ {AIM_MS})  first byte {one.byte:4.0f} ms")  # fmt: skip
        for address, weight in sorted(one.parts.items(), key=lambda part: -part[1])[:30]:
            print(f"   {weight / 1000:6.1f} KB  {address.split('/', 3)[-1][:90]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
