"""Many who look at one page and do nothing else: ``python -m bench.watch`` reads a job from stdin, prints what it saw.

Each keeps a connection and asks as often as the page's own script does, beginning at a moment of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any


async def watch(job: dict[str, Any], serial: int, until: float, seen: list[float], statuses: Counter[int]) -> None:
    await asyncio.sleep(job["every"] * serial / job["watchers"])
    reader, writer = await asyncio.open_connection(job["host"], job["port"])
    request = f"GET {job['path']} HTTP/1.1\r\nHost: {job['host']}:{job['port']}\r\nAccept: text/html\r\n"
    tag = ""
    while (began := time.monotonic()) < until:
        known = f"If-None-Match: {tag}\r\n" if tag else ""
        writer.write(f"{request}{known}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        await reader.readexactly(int(fields.get("content-length", 0)))
        # An entity tag is compared as it was sent: lower case is enough for a header's name and a hash.
        tag = fields.get("etag", "")
        seen.append(time.monotonic() - began)
        statuses[int(head[9:12])] += 1
        await asyncio.sleep(max(0.0, job["every"] - (time.monotonic() - began)))
    writer.close()


async def run(job: dict[str, Any]) -> dict[str, Any]:
    seen: list[float] = []
    statuses: Counter[int] = Counter()
    until = time.monotonic() + job["seconds"]
    await asyncio.gather(*(watch(job, n, until, seen, statuses) for n in range(job["watchers"])))
    times = sorted(seen) or [0.0]
    return {
        "count": len(seen), "per_second": round(len(seen) / job["seconds"], 1),
        "ms_median": round(times[len(times) // 2] * 1000, 2), "ms_p95": round(times[len(times) * 95 // 100] * 1000, 2),
        "statuses": {str(k): v for k, v in statuses.items()},
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.load(sys.stdin)))))
