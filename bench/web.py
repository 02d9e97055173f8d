"""What is measured over HTTP: the project's own server and worker, and clients in a process of their own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.database import ROOT, surroundings
from tests.e2e.serving import Program, Web

CLIENTS = 8


@contextlib.contextmanager
def serving(url: str, *, workers: int, threads: int = 4, worker: bool = False) -> Iterator[Web]:
    """`linli serve` on this database, and `linli worker` beside it where asked for."""
    env = surroundings(url)
    web, beside = Web(env, workers=workers, threads=threads), Program(env, "worker")
    web.start()
    if worker:
        beside.start()
    try:
        yield web
    finally:
        web.stop()
        beside.stop()


def load(web: Web, *, tokens: list[str], paths: list[str], bodies: list[str] | None = None, seconds: float = 0,
         most: int = 0, run: str = "", clients: int = CLIENTS) -> dict[str, Any]:  # fmt: skip
    """Let the clients at it; what they saw."""
    job = {
        "host": "127.0.0.1", "port": web.port, "clients": clients, "seconds": seconds, "most": most, "tokens": tokens,
        "paths": paths, "bodies": bodies, "run": run or str(time.time_ns()),
    }  # fmt: skip
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(job), check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def memory(web: Web) -> dict[str, int]:
    """Megabytes of the largest web process: all that it maps, and its own share of it."""
    found = []
    for pid in web.processes():
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            sizes = {
                line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("Rss", "Pss:"))
            }
            found.append((sizes["Rss"], sizes["Pss"]))
    rss, pss = max(found, default=(0, 0))
    return {"rss": rss, "pss": pss}
