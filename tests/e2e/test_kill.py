"""Kill -9 during intake loses no acknowledged matter and repeats none.

Clients post without pause, each matter under a key of its own, and send again whatever they got no answer to. Meanwhile
web processes, the worker and the database are killed as hard as can be. In the end every answer must stand in the
books, once, under an unbroken ledger, and whatever matters left for the worker must have been done once.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.db import connection

from tests import cast
from tests.e2e.serving import (
    PATIENCE,
    Postgres,
    Program,
    Web,
    environment,
    inside,
    kill,
    linli,
    prepare,
    private_postgres,
)

CLIENTS = 6
Query = Callable[[str], list[Any]]
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.system("M2")]


@dataclass
class Client:
    """Posts matters until told to stop; keeps the answer to every key, and counts what it had to send again."""

    web: Web
    token: str
    stop: threading.Event
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    again: int = 0
    odd: list[str] = field(default_factory=list)
    _wire: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self.stop.is_set():
            key = uuid.uuid4().hex
            self.sent.append(key)
            until = time.monotonic() + PATIENCE
            while key not in self.answers and not self.odd:
                self._try(key)
                if time.monotonic() > until:
                    self.odd.append(f"no answer to {key} within {PATIENCE} s")

    def _try(self, key: str) -> None:
        try:
            status, body = self.post(key)
        except (OSError, http.client.HTTPException):
            self._wire = None
            status, body = 0, b""
        if status in (200, 201):
            self.answers[key] = json.loads(body)
        elif status == 0 or status >= 500:
            self.again += 1
            time.sleep(0.05)
        else:
            self.odd.append(f"{status} {body!r}")

    def post(self, key: str) -> tuple[int, bytes]:
        """One try. A connection is kept while it works."""
        if self._wire is None:
            self._wire = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=20)
        body = {"kind": "appeal", "text": f"灯坏了 {key}。", "lon": cast.LON + 0.005, "lat": cast.LAT + 0.005,
                "contact": {"name": "周示例", "phone": "13900000000"}}  # fmt: skip
        self._wire.request(
            "POST", "/api/v1/matters", json.dumps(body).encode(),
            {"Content-Type": "application/json", "Idempotency-Key": key, "Authorization": f"Bearer {self.token}"},
        )  # fmt: skip
        answer = self._wire.getresponse()
        return answer.status, answer.read()


@contextmanager
def intake(web: Web, token: str) -> Iterator[list[Client]]:
    """Clients at work; at the end each has an answer to everything it sent."""
    stop = threading.Event()
    clients = [Client(web, token, stop) for _ in range(CLIENTS)]
    threads = [threading.Thread(target=client.run) for client in clients]
    for each in threads:
        each.start()
    try:
        yield clients
    finally:
        stop.set()
        for each in threads:
            each.join(PATIENCE * 2)


def until_more(clients: list[Client], count: int = 30) -> None:
    """Wait until so many more matters were acknowledged: each kill meets a system at work, not one still starting."""
    goal = sum(len(client.answers) for client in clients) + count
    until = time.monotonic() + PATIENCE
    while sum(len(client.answers) for client in clients) < goal:
        clients[0].web.revive()
        assert time.monotonic() < until, f"intake stands still: {[client.odd for client in clients]}"
        time.sleep(0.02)


def must_hold(query: Query, env: dict[str, str], web: Web, clients: list[Client]) -> None:
    """What the answers say is what the books say."""
    assert [client.odd for client in clients if client.odd] == []
    answers = {key: answer for client in clients for key, answer in client.answers.items()}
    assert set(answers) == {key for client in clients for key in client.sent}
    matters = query("SELECT number, text, seq, state FROM matters_matter")
    told = {text.removeprefix("灯坏了 ").removesuffix("。"): number for number, text, _seq, _state in matters}
    assert len(matters) == len(told) == len(answers), "a matter is missing or stands twice"
    assert told == {key: answer["number"] for key, answer in answers.items()}
    assert query("SELECT count(*) FROM kit_answered") == [(len(answers),)]
    assert query("SELECT count(*) FROM matters_timeline WHERE seq = 1") == [(len(answers),)]
    _must_answer_alike(web, clients)
    _must_have_worked(query, env, len(answers))
    proof = linli(env, "verify")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    _must_verify_apart(query, env, len(answers))


def _must_answer_alike(web: Web, clients: list[Client]) -> None:
    """The same key again gets the same answer, receipt and all, even though its process is long dead."""
    for client in clients:
        for key in random.Random(1).sample(list(client.answers), 3):
            fresh = Client(web, client.token, client.stop)
            status, body = fresh.post(key)
            assert (status, json.loads(body)) == (200, client.answers[key])


VERIFY = """
from linli.core.matters.ledger import reading
from linli.core.matters.ledger.verifying import verify
reading.PORTION = 20
alone, apart = verify(), verify(processes=2)
assert alone.counts == apart.counts, (alone.counts, apart.counts)
print(*[apart.counts["matters"], *sorted(finding.number for finding in apart.broken)])
"""


def _must_verify_apart(query: Query, env: dict[str, str], count: int) -> None:
    """Several processes read what one reads, and find what one finds."""
    assert inside(env, VERIFY).split() == [str(count)]
    altered = sorted(number for (number,) in query("SELECT number FROM matters_matter ORDER BY number")[::40])
    for number in altered:
        query(f"UPDATE matters_matter SET next_due = NULL WHERE number = '{number}' RETURNING 1")
    assert inside(env, VERIFY).split() == [str(count), *altered]


def _must_have_worked(query: Query, env: dict[str, str], count: int) -> None:
    """After one more turn of the worker everything is done, and nothing was done twice."""
    done = linli(env, "worker", "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert query("SELECT count(*) FROM kit_outbox WHERE done_at IS NULL") == [(0,)]
    left = query("SELECT count(*) FROM kit_outbox WHERE topic = 'notice'")
    assert left == [(count,)]
    assert query("SELECT count(*) FROM people_notice WHERE post_id IS NOT NULL") == left
    assert query("SELECT count(*) FROM matters_delta") == [(0,)]
    figures = query("SELECT sum(received) FROM matters_figure WHERE dim = 'all' AND grain = 'd'")
    assert [int(received) for (received,) in figures] == [count]


def test_what_was_acknowledged_survives_the_death_of_web_worker_and_database(tmp_path: Path) -> None:
    """On the database of this run: the other one has its own."""
    {"sqlite": _sqlite_survives, "postgresql": _postgresql_survives}[connection.vendor](tmp_path)


# ── PostgreSQL: two web processes, a worker, a database that dies ───────────────────────────────────────────
def on_postgres(server: Postgres) -> Query:
    def query(sql: str) -> list[Any]:
        with psycopg.connect(server.url) as database:
            return database.execute(sql).fetchall()  # type: ignore[arg-type]

    return query


def _postgresql_survives(scratch: Path) -> None:
    with private_postgres() as server:
        _die_and_rise(server, scratch)


def _die_and_rise(postgres: Postgres, scratch: Path) -> None:
    env = environment(postgres.url, scratch)
    token = prepare(env)
    web, worker = Web(env, workers=2), Program(env, "worker")
    worker.start()
    web.start()
    try:
        with intake(web, token) as clients:
            for turn in range(2):
                until_more(clients)
                _kill_web(web, clients)
                worker.kill()
                worker.start()
                until_more(clients)
                postgres.kill()
                postgres.start()
                until_more(clients)
                for pid in web.processes() if turn else web.processes()[:1]:
                    kill(pid)
                until_more(clients)
        assert sum(client.again for client in clients) > 0, "nobody noticed anything: nothing was killed"
        worker.kill()
        must_hold(on_postgres(postgres), env, web, clients)
    finally:
        web.stop()
        worker.stop()


def _kill_web(web: Web, clients: list[Client]) -> None:
    """Kill a web process; another takes its place."""
    before = web.processes()
    assert before, "no web process"
    kill(before[0])
    until = time.monotonic() + PATIENCE
    while len(set(web.processes()) - {before[0]}) < len(before):
        web.revive()
        assert time.monotonic() < until, "the dead web process was not replaced"
        time.sleep(0.05)
    until_more(clients, 5)


# ── SQLite: one process, and the file is all there is ───────────────────────────────────────────────────────
def on_sqlite(env: dict[str, str]) -> Query:
    import sqlite3

    def query(sql: str) -> list[Any]:
        with sqlite3.connect(unquote(urlsplit(env["DATABASE_URL"]).path)) as database:
            return database.execute(sql).fetchall()

    return query


def _sqlite_survives(scratch: Path) -> None:
    env = environment(f"sqlite:///{scratch / 'linli.sqlite3'}", scratch)
    token = prepare(env)
    web, worker = Web(env), Program(env, "worker")
    web.start()
    worker.start()
    try:
        with intake(web, token) as clients:
            until_more(clients)
            _kill_web(web, clients)
            worker.kill()
            worker.start()
            until_more(clients)
            web.kill()  # the parent; its child goes with it
            web.start()
            until_more(clients)
            _kill_web(web, clients)
        assert sum(client.again for client in clients) > 0, "nobody noticed anything: nothing was killed"
        worker.kill()
        must_hold(on_sqlite(env), env, web, clients)
    finally:
        web.stop()
        worker.stop()
