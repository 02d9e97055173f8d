"""What the database alone can do in this very run: the same rows and the same questions, with nothing of ours between.

The statements are taken from the project's own writer and reader, prepared once, and then sent as they are by as many
connections as there are clients; what comes back is thrown away.
"""

from __future__ import annotations

import itertools
import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connection, connections, transaction
from django.utils import timezone

from bench.past import Past
from linli.core.matters import numbers, seeing
from linli.core.matters.actions.opening import prepare
from linli.core.matters.models import Matter
from linli.core.people.actor import ANONYMOUS, Actor, for_user
from linli.core.people.models import User
from linli.kit import reader, writer

PROCESSES = 2
Send = Callable[[str, Sequence[Any]], object]
Sent = list[tuple[str, Sequence[Any]]]  # statements of one request


def floors(district: int, users: dict[str, str], clients: int, seconds: float) -> dict[str, Any]:
    """Requests a second for the rows of an opening, a page of each worker's list, and a detail."""
    found = {"intake": _inserts(district, clients, seconds)}
    for name, prefix in users.items():
        found[f"list {name}"] = _pound([_lists(district, prefix)], clients, seconds)
    found["detail"] = _pound([_details(district)], clients, seconds)
    return found


# ── openings ────────────────────────────────────────────────────────────────────────────────────────────────
def _inserts(district: int, clients: int, seconds: float) -> float:
    if connection.vendor != "postgresql":
        return _inserts_in_turn(district, seconds)
    taken: list[tuple[str, Sequence[Any]]] = []
    prepared = _prepared(district)
    with patch.object(writer, "_execute", lambda statement, values: taken.append((statement, values))):
        until = time.perf_counter() + 20
        while len(taken) < 1500 * seconds and time.perf_counter() < until:
            writer.insert(next(prepared))
    # Each client writes rows of its own, once each: as many as were prepared, and no longer than the time.
    shares = [[[sent] for sent in taken[n::clients]] for n in range(clients)]
    return _pound(shares, clients, seconds, once=True)


def _inserts_in_turn(district: int, seconds: float) -> float:
    """SQLite has one writer: the same rows, by executemany, a transaction each."""
    prepared, done, spent = _prepared(district), 0, 0.0
    while spent < seconds:
        rows = next(prepared)
        grouped = [(model, list(group)) for model, group in itertools.groupby(rows, key=type)]
        statements = [_executemany(model, group) for model, group in grouped]
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            for statement, values in statements:
                cursor.executemany(statement, values)
        spent += time.perf_counter() - began
        done += 1
    return round(done / spent, 1)


def _executemany(model: Any, rows: list[Any]) -> tuple[str, list[list[Any]]]:
    fields = model._meta.local_concrete_fields
    columns, marks = ", ".join(f'"{f.column}"' for f in fields), ", ".join(["%s"] * len(fields))
    values = [[f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields] for row in rows]
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks})', values


def _prepared(district: int) -> Iterator[list[Any]]:
    numbers.BLOCK = 5000
    past, now = Past(district, timezone.now()), timezone.now()
    for serial in itertools.count():
        asked = past.asked(random.Random(f"floor {serial}"))
        yield prepare(actor=ANONYMOUS, asked=asked, now=now)[1]


# ── questions ───────────────────────────────────────────────────────────────────────────────────────────────
def _lists(district: int, role: str) -> list[Sent]:
    """The first pages of everybody in that role who has an account."""
    out: list[Sent] = []
    for actor in _actors(district, role):
        asked = seeing.page_question(actor, seeing.Filters(state="live"), None, 50)
        if asked is not None:
            out.append([(asked.sql, asked.values)])
    return out


def _actors(district: int, role: str) -> list[Actor]:
    users = User.objects.filter(district_id=district, person__posts__role=role).distinct().order_by("id")
    return [for_user(pk) for pk in users.values_list("pk", flat=True)]


def _details(district: int) -> list[Sent]:
    """A matter by its number, then its timeline."""
    some = Matter.objects.filter(district_id=district).order_by("receipt_hash").values_list("number", "id")[:500]
    matter, timeline = "SELECT * FROM matters_matter WHERE district_id = %s AND number = %s", (
        "SELECT * FROM matters_timeline WHERE district_id = %s AND matter_id = %s ORDER BY seq")  # fmt: skip
    return [
        [(matter, [district, number]), (timeline, [district, *reader.prepared([key])])] for number, key in some
    ]  # fmt: skip


# ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────
def _pound(shares: list[list[Sent]], clients: int, seconds: float, *, once: bool = False) -> float:
    """Requests a second. ``shares`` holds each client's requests, or one list for all of them, asked round and round.

    In as many processes as the web server has, so that one interpreter's lock does not pass for the database's limit.
    """
    if not all(shares):
        return 0.0
    connections.close_all()
    forked = multiprocessing.get_context("fork")
    together, answers = forked.Barrier(clients), forked.SimpleQueue()

    def client(n: int) -> None:
        own = shares[0][n % len(shares[0]) :] + shares[0]
        requests = iter(shares[n]) if once else itertools.cycle(own)
        send = _sender()
        together.wait()
        answers.put(_rate(send, requests, seconds))
        connections.close_all()

    processes = [forked.Process(target=_threads, args=(client, range(n, clients, PROCESSES))) for n in range(PROCESSES)]
    for each in processes:
        each.start()
    rate = sum(answers.get() for _ in range(clients))
    for each in processes:
        each.join()
    return round(rate, 1)


def _threads(client: Callable[[int], None], numbers: Iterable[int]) -> None:
    threads = [threading.Thread(target=client, args=(n,)) for n in numbers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def _rate(send: Send, requests: Iterable[Sent], seconds: float) -> float:
    began, done = time.perf_counter(), 0
    for request in requests:
        for statement, values in request:
            send(statement, values)
        done += 1
        if time.perf_counter() - began > seconds:
            break
    return done / (time.perf_counter() - began)


def _sender() -> Send:
    if connection.vendor != "postgresql":
        return reader.rows
    connection.ensure_connection()
    database: psycopg.Connection[Any] = connection.connection
    writer.allow_preparing(database)

    def send(statement: str, values: Sequence[Any]) -> None:
        with psycopg.RawCursor(database) as cursor:
            cursor.execute(reader._numbered(statement), values, prepare=True)
            cursor.fetchall()

    return send
