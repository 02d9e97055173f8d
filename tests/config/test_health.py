"""/healthz, /readyz and /metrics: what they say and to whom."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from structlog.testing import capture_logs

from linli.config import health, worker


@pytest.fixture
def beat(settings: Any, tmp_path: Path) -> Path:
    """A worker that has just been there."""
    settings.VAR = tmp_path
    worker.beat_file().touch()
    return worker.beat_file()


def test_healthz_asks_no_database(client: Client) -> None:
    # No ``db`` fixture: a query would fail the test.
    assert client.get("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_readyz_names_what_is_missing(client: Client, beat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (client.get("/readyz").status_code, client.get("/readyz").json()["missing"]) == (200, {})
    old = time.time() - 31
    os.utime(beat, (old, old))
    answer = client.get("/readyz")
    assert (answer.status_code, list(answer.json()["missing"])) == (503, ["worker"])
    ahead = time.time() + 7200
    os.utime(beat, (ahead, ahead))
    assert "set the clock" in client.get("/readyz").json()["missing"]["worker"]
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert "cannot be written" in client.get("/readyz").json()["missing"]["worker"]
    monkeypatch.undo()
    beat.unlink()
    assert client.get("/readyz").status_code == 503
    monkeypatch.setattr(health, "_database", lambda: "not reachable")
    assert set(client.get("/readyz").json()["missing"]) == {"database", "worker"}


@pytest.mark.django_db
def test_readyz_waits_for_migrations(client: Client, beat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Behind:
        def __init__(self, _connection: object) -> None:
            self.loader = type("L", (), {"graph": type("G", (), {"leaf_nodes": staticmethod(list)})})

        def migration_plan(self, _leaves: object) -> list[tuple[str, bool]]:
            return [("matters.0002", False)]

    monkeypatch.setattr(health, "_applied", False)
    monkeypatch.setattr(health, "MigrationExecutor", Behind)
    answer = client.get("/readyz")
    assert (answer.status_code, list(answer.json()["missing"])) == (503, ["migrations"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 404),
        ("192.0.2.7", {"Authorization": "Bearer of-monitoring"}, 200),
        ("192.0.2.7", {"Authorization": "Bearer wrong"}, 404),
    ],
)
def test_metrics_are_for_this_machine_or_a_token(
    client: Client, beat: Path, monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], status: int
) -> None:
    monkeypatch.setenv("LINLI_METRICS_TOKEN", "of-monitoring")
    answer = client.get("/metrics", headers=headers, REMOTE_ADDR=address)
    assert answer.status_code == status
    assert (b"linli_outbox_due" in answer.content) == (status == 200)


def test_without_a_database_the_figures_say_so_and_a_probe_fills_no_log(
    client: Client, beat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise OperationalError

    monkeypatch.setattr(health.outbox, "backlog", gone)
    monkeypatch.setattr(health, "_database", lambda: "not reachable")
    with capture_logs() as lines:
        answer, ready = client.get("/metrics"), client.get("/readyz")
    assert (answer.status_code, ready.status_code) == (200, 503)
    assert b"linli_database_up 0" in answer.content
    assert b"linli_worker_beat_age_seconds" in answer.content
    assert lines == []
