"""Keep-alive clients in a process of their own: ``python -m bench.load`` reads a job from stdin, prints what it saw.

Bare sockets and prepared bytes, because the clients share the machine with what they measure: every microsecond that
a client library takes would be missing on the other side.
"""

from __future__ import annotations

import itertools
import json
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Seen:
    """What the clients got back."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bytes: int = 0


class Client:
    """One kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self.wire = socket.create_connection((host, port))
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, int]:
        """Send and read one whole answer: its status and length."""
        self.wire.sendall(request)
        got = self.wire.recv(65536)
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._more()
        head = got[:end].lower()
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        have = len(got) - end - 4
        while have < length:
            have += len(self._more())
        return int(got[9:12]), length

    def _more(self) -> bytes:
        more = self.wire.recv(262144)
        if not more:
            raise ConnectionError("the server hung up")
        return more


def requests(job: dict[str, Any], serial: int) -> Iterator[bytes]:
    """What one client sends, for as long as it is asked."""
    host, clients = f"{job['host']}:{job['port']}", job["clients"]
    for turn in itertools.count():
        n = turn * clients + serial
        token = job["tokens"][n % len(job["tokens"])]
        path = job["paths"][n % len(job["paths"])]
        head = f"Host: {host}\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n"
        if not job.get("bodies"):
            yield f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
            continue
        body = job["bodies"][n % len(job["bodies"])].encode()
        key = f"Idempotency-Key: {job['run']}-{n}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        yield f"POST {path} HTTP/1.1\r\n{head}{key}\r\n".encode() + body


def work(job: dict[str, Any], serial: int, until: float, seen: Seen, lock: threading.Lock) -> None:
    """One client from now until then, or for as many requests as the job says."""
    client, mine = Client(job["host"], job["port"]), Seen()
    most = job.get("most", 0) // job["clients"] + (serial < job.get("most", 0) % job["clients"])
    for n, request in enumerate(requests(job, serial)):
        began = time.perf_counter()
        if (n >= most) if job.get("most") else began >= until:
            break
        status, length = client.ask(request)
        mine.seconds.append(time.perf_counter() - began)
        mine.statuses[status] += 1
        mine.bytes += length
    with lock:
        seen.seconds += mine.seconds
        seen.statuses += mine.statuses
        seen.bytes += mine.bytes


def run(job: dict[str, Any]) -> dict[str, Any]:
    """All clients at once."""
    seen, lock = Seen(), threading.Lock()
    began = time.perf_counter()
    until = began + job.get("seconds", 0)
    threads = [threading.Thread(target=work, args=(job, serial, until, seen, lock)) for serial in range(job["clients"])]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    took = time.perf_counter() - began
    times = sorted(seen.seconds) or [0.0]
    return {
        "count": len(seen.seconds), "seconds": round(took, 2), "per_second": round(len(seen.seconds) / took, 1),
        "ms_median": round(times[len(times) // 2] * 1000, 2), "ms_p95": round(times[len(times) * 95 // 100] * 1000, 2),
        "statuses": {str(k): v for k, v in seen.statuses.items()}, "bytes_each": seen.bytes // max(1, len(times)),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(json.load(sys.stdin))))
