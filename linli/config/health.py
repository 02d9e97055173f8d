"""For those who run it: is the process up, is it ready, what does it count. No page here says anything about people."""

from __future__ import annotations

import hmac
import ipaddress
import os
import shutil
import time

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from linli.config import worker
from linli.kit import outbox

OLDEST_BEAT = 30.0
_applied: bool = False  # once true it stays true: a process does not outlive its own migrations


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; no database is asked, so that a database that is down restarts no web process."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where visitors may be sent here, 503 with what is missing."""
    parts = {"database": _database(), "migrations": "", "worker": _worker()}
    if not parts["database"]:
        parts["migrations"] = _migrations()
    missing = {name: words for name, words in parts.items() if words}
    body = {"ready": not missing, "missing": missing}
    return JsonResponse(body, status=503 if missing else 200, json_dumps_params={"ensure_ascii": False})


def _database() -> str:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        return f"not reachable ({type(error).__name__})"
    return ""


def _migrations() -> str:
    global _applied
    if not _applied:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return f"{len(waiting)} not applied: run linli migrate"
        _applied = True
    return ""


def _worker() -> str:
    age = worker.beat_age()
    if age is not None and abs(age) <= OLDEST_BEAT:
        return ""
    if not os.access(settings.VAR, os.W_OK):  # the worker may be well, and only its sign cannot be left
        return f"not known: {settings.VAR} cannot be written"
    if age is None:
        return "never seen: run linli worker"
    return f"last seen {age:.0f} s ago" if age > 0 else f"last seen {-age:.0f} s in the future: set the clock"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' figures, for this machine itself or for whoever holds LINLI_METRICS_TOKEN; 404 for everybody else."""
    if not _may_count(request):
        raise Http404
    told: HttpResponse = ExportToDjangoView(request)
    told.content += _own().encode()
    return told


def _may_count(request: HttpRequest) -> bool:
    token, given = os.environ.get("LINLI_METRICS_TOKEN", ""), request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    # Behind a proxy on the same machine everybody comes from the loopback address.
    if any(request.headers.get(name) for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False


def _own() -> str:
    """What Linli itself has waiting, in Prometheus' own words; without a database, that there is none."""
    age = worker.beat_age()
    figures = {
        **_waiting(),
        "linli_disk_free_bytes": _free(),
        "linli_worker_beat_age_seconds": round(age, 1) if age is not None else -1,
        "linli_time_seconds": round(time.time(), 1),
    }
    return "".join(f"# TYPE {name} gauge\n{name} {value}\n" for name, value in figures.items())


def _waiting() -> dict[str, float]:
    try:
        waiting = outbox.backlog()
    except Error:  # whoever watches has to see that hour too, so the other figures are still given
        return {"linli_database_up": 0}
    return {
        "linli_database_up": 1,
        "linli_outbox_due": waiting.due,
        "linli_outbox_failing": waiting.failing,
        "linli_outbox_parked": waiting.parked,
        "linli_outbox_oldest_seconds": round(waiting.oldest_seconds, 1),
    }


def _free() -> int:
    """What is left where pictures are kept; -1 where nobody can tell."""
    try:
        return shutil.disk_usage(settings.VAR).free
    except OSError:
        return -1
