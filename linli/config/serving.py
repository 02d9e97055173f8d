"""The web server: granian in front of Django's WSGI entry, for the demo and for real.

The parent process only keeps its children alive, so it never starts Django. Granian shares the port by SO_REUSEPORT,
by which a second server would quietly take half of the first one's visitors: the port is tried first.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from linli.kit import orphans

BASE = Path(__file__).resolve().parents[2]
SHORTEST_SECRET = 32
THREADS = 4  # each holds one database connection; statements are short, and Python runs one thread at a time anyhow
WAITING = 512  # requests a process takes in at once; more wait in the kernel


# ── before it starts ────────────────────────────────────────────────────────────────────────────────────────
def refusals() -> list[str]:
    """Why this environment may not serve people for real; empty where it may."""
    from django.conf import settings

    from linli.config.commands import demo_env

    secret, of_demo = settings_secret(), demo_env.read()
    found = {
        "LINLI_DEMO 开着：演示模式的登录和密码人人都知道。": settings.DEMO,
        "LINLI_DEBUG 开着：出错页会把内部情况给人看。": settings.DEBUG,
        f"LINLI_SECRET_KEY 没有设，或不到 {SHORTEST_SECRET} 个字符。": len(secret) < SHORTEST_SECRET,
        "LINLI_SECRET_KEY 用的是演示的那一个。": bool(secret) and secret == of_demo.get("LINLI_SECRET_KEY"),
        "LINLI_KEYS 没有设：联系方式没有钥匙加密（linli keys new 造一把）。": not settings.LINLI_KEYS,
        "LINLI_KEYS 用的是演示的那一把。": _shares_key(of_demo.get("LINLI_KEYS", "")),
    }
    return [words for words, wrong in found.items() if wrong]


def settings_secret() -> str:
    """The secret, also where it is empty: Django's own settings object raises then."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:
        return ""


def _shares_key(of_demo: str) -> bool:
    given = {part.partition(":")[2] for part in os.environ.get("LINLI_KEYS", "").split(",")}
    return bool(given & {part.partition(":")[2] for part in of_demo.split(",")} - {""})


def warnings(workers: int) -> list[str]:
    """What may be meant so, and has to be said."""
    from django.conf import settings

    found = []
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        found.append("用的是 SQLite：一个社区够用；一个区请用 PostgreSQL（DATABASE_URL）。")
        if workers > 1:
            found.append("SQLite 一次只有一个进程能写，多个进程帮不上忙。")
    if not os.environ.get("LINLI_HOSTS"):
        found.append("LINLI_HOSTS 没有设：只有本机的地址能打开。")
    return found


def port_problem(host: str, port: int) -> str:
    """Why nothing can listen there; empty where it can."""
    if not 0 < port < 65536:
        return f"端口不对：{port}（1 到 65535）。"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are only fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except PermissionError:
            return f"端口 {port} 要有管理员权限才能用，请换 1024 以上的。"
        except OSError as error:
            return f"{host}:{port} 用不了：已经有程序占着，或地址不对（{error.strerror}）。"
    return ""


# ── serving ─────────────────────────────────────────────────────────────────────────────────────────────────
def serve(
    host: str, port: int, *, workers: int = 1, threads: int = THREADS, quiet: bool = False,
    ready: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    """Listen until SIGTERM or SIGINT. A web process that dies is replaced; ``ready`` is called once one answers."""
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    # Settings that every process shares, named before they fork.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.config.settings")
    if workers > 1:
        _share_metrics()
    server: Any = Server(
        "linli.config.serving:application",
        factory=True,
        working_dir=BASE,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=threads,
        # A thread that ends takes its database connection with it; ten minutes is the longest that granian allows.
        blocking_threads_idle_timeout=600,
        backpressure=WAITING,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning if quiet else LogLevels.info,
    )
    if ready is not None:
        threading.Thread(target=_tell_when_ready, args=(host, port, ready), daemon=True).start()
    server.serve()


def _tell_when_ready(host: str, port: int, ready: Callable[[], None], patience: float = 120.0) -> None:
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/healthz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy stands between us and ourselves
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with contextlib.suppress(OSError), opener.open(address, timeout=5):
            ready()
            return
        time.sleep(0.1)


def _share_metrics() -> None:
    """Several processes count into files of one directory, so that any of them can answer /metrics for all."""
    folder = BASE / os.environ.get("LINLI_VAR", "var") / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink(missing_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


# ── inside a web process ────────────────────────────────────────────────────────────────────────────────────
def application() -> Any:
    """Called by granian in each web process. In a demo the worker runs beside it, in a thread."""
    orphans.die_with_parent()  # or it would keep the port for itself
    # Ctrl-C reaches parent and children at once, and the parent then ends the children: granian's handler may lock up
    # when the second signal interrupts the first. So a child hears its parent alone.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    from linli.config.wsgi import application as wsgi

    if os.environ.get("LINLI_EMBEDDED_WORKER"):
        import logging

        import structlog

        from linli.config.worker import in_thread

        # On a demo's screen only what is wrong; a real worker tells what it did.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        in_thread()
    _settle()
    return wsgi


def _settle() -> None:
    """All code is loaded before the first visitor, and set aside from what the collector walks through.

    What stays for ever needs no looking at: collections are shorter, and as they then come sooner, less waits for them.
    """
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - reading it loads every room's pages
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
