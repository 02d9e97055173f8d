"""The worker: everything that happens by itself, in one loop.

``linli worker`` runs it as a process beside the web processes; on SQLite it runs as a thread inside the one process
(``in_thread``). Several may run at once: each part locks what it takes. A part that fails is logged and the others go
on; the loop rests a second where nothing was due, and ends on SIGTERM after the turn it is in.
"""

from __future__ import annotations

import importlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections, connection, connections

from linli.core.decisions import telling as ballots
from linli.core.decisions.actions.counting import close_due
from linli.core.gatherings import jobs as gatherings
from linli.core.matters import succession, telling
from linli.core.matters.ledger import sealing
from linli.core.matters.pictures import masking
from linli.core.matters.sweep import sweep
from linli.core.people import notices
from linli.core.places.models import District
from linli.insight import working
from linli.kit import keeping, outbox
from linli.offices.covenants import jobs as covenants
from linli.offices.notices import jobs as announcements
from linli.offices.opinions import jobs as opinions
from linli.offices.posters import jobs as posters

REST = 1.0
AFTER_ERROR = 5.0  # a database that is down is not asked every second
SEAL_EVERY = 60.0
PURGE_EVERY = 600.0
INSIGHT_EVERY = 300.0
FOLD_LIMIT, FOLD_SHORT = 2000, 100  # changes of one transaction; fewer where nobody else can write meanwhile
HANDLING = (
    notices,
    telling,
    succession,
    announcements,
    masking,
    working,
    ballots,
)  # imported for the topics that they register

log = structlog.get_logger(__name__)


def beat_file() -> Path:
    """Touched after every turn: ``/readyz`` reads its age to see whether a worker is alive."""
    return Path(settings.VAR) / "worker.beat"


def beat_age() -> float | None:
    """Seconds since a worker's last turn ended; None where none ever ran here.

    Less than nothing where the clock was set back since: that beat tells nothing about whether one runs now.
    """
    try:
        age = time.time() - beat_file().stat().st_mtime
    except FileNotFoundError:
        return None
    return age if age < -1.0 else max(0.0, age)


@dataclass
class Worker:
    """One loop and when its slower parts ran last."""

    stop: threading.Event = field(default_factory=threading.Event)
    _last: dict[str, float] = field(default_factory=dict)
    _failed: bool = False

    def turn(self) -> int:
        """Each part once; returns how much was done, 0 where the loop may rest."""
        self._failed = False
        done = self._part("sweep", lambda: sweep().done)  # first: no promise waits behind a photo
        done += self._part("outbox", outbox.drain)
        done += self._part("fold", _fold)
        done += self._part("votes", close_due)
        done += self._part("covenants", covenants.run_due)
        done += self._part("gatherings", gatherings.run_due)
        done += self._part("posters", posters.work)
        if self._is_time("seal", SEAL_EVERY):
            self._part("seal", _seal)
        if self._is_time("opinions", SEAL_EVERY):
            self._part("opinions", opinions.run_due)
        if self._is_time("purge", PURGE_EVERY):
            self._part("purge", _purge)
        if self._is_time("insight", INSIGHT_EVERY):
            self._part("insight", working.keep_up)
        _beat()
        return done

    def _part(self, name: str, work: Callable[[], int]) -> int:
        started = time.perf_counter()
        try:
            done = work()
        except Exception as error:
            self._failed = True
            log.error("worker.failed", part=name, error=outbox.told(error))
            return 0
        if done:
            log.info("worker.did", part=name, count=done, ms=round((time.perf_counter() - started) * 1000))
        return done

    def _is_time(self, name: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - self._last.get(name, -seconds) < seconds:
            return False
        self._last[name] = now
        return True

    def loop(self) -> None:
        """Turn after turn until told to stop."""
        while not self.stop.is_set():
            close_old_connections()
            done = self.turn()
            if self._failed:
                self.stop.wait(AFTER_ERROR)
            elif not done:
                self.stop.wait(REST)


def run(once: bool = False, stop: threading.Event | None = None) -> None:
    """Work until ``stop`` is set or the process is asked to end; with ``once``, work through what is due now."""
    worker = Worker(stop=stop or threading.Event())
    try:
        if once:
            while worker.turn():
                pass
            return
        with _signals(worker.stop):
            log.info("worker.started", pid=os.getpid(), topics=sorted(outbox.topics()))
            worker.loop()
            log.info("worker.stopped")
    finally:
        if threading.current_thread() is not threading.main_thread():
            connections.close_all()  # a thread's connections are its own; nobody else would close them


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT end the loop after the present turn. Only a main thread may listen to them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(signum: int, frame: FrameType | None) -> None:
        stop.set()

    before: dict[int, Any] = {which: signal.signal(which, ask) for which in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


@dataclass(frozen=True)
class Embedded:
    """A worker inside a web process."""

    thread: threading.Thread
    _stop: threading.Event

    def stop(self, timeout: float = 30.0) -> bool:
        """Ask it to end and wait for its turn; whether it did in time."""
        self._stop.set()
        self.thread.join(timeout)
        return not self.thread.is_alive()


def in_thread() -> Embedded:
    """Start the worker as a daemon thread: one process serves a laptop. A kill loses nothing, as each part commits."""
    stop = threading.Event()
    thread = threading.Thread(target=run, kwargs={"stop": stop}, name="linli-worker", daemon=True)
    thread.start()
    return Embedded(thread, stop)


# ── the parts ───────────────────────────────────────────────────────────────────────────────────────────────
def _fold() -> int:
    """Fold changes into the figures, where the statistics are installed."""
    try:
        fold = importlib.import_module("linli.core.matters.stats").fold
    except ModuleNotFoundError as missing:
        if missing.name != "linli.core.matters.stats":
            raise
        return 0
    return int(fold(FOLD_LIMIT if connection.features.has_select_for_update else FOLD_SHORT))


def _seal() -> int:
    """One seal for each district where something moved. One that fails holds up none of the others."""
    made, broken = 0, None
    for district_id in District.objects.order_by("pk").values_list("pk", flat=True):
        try:
            made += sealing.seal(district_id) is not None
        except Exception as error:
            log.error("seal.failed", district=district_id, error=outbox.told(error))
            broken = error
    if broken is not None:
        raise broken
    return made


def _purge() -> int:
    """Old rows of the outbox, in small batches, so that no web process waits behind a long delete."""
    gone = 0
    for _ in range(50):
        batch = outbox.purge() + keeping.purge() + posters.purge() + announcements.fold() + masking.discard()
        gone += batch
        if not batch:
            break
    return gone


def _beat() -> None:
    file = beat_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        os.utime(file)
    except OSError as error:
        log.error("worker.no_beat", error=type(error).__name__)
