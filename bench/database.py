"""The databases that are measured: a PostgreSQL of our own, started for this and stopped after, and a SQLite file.

No Django here: the measuring parts are processes of their own, each told its database by its environment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bench import gate
from tests.e2e.serving import environment

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var" / "bench"


class Postgres:
    """``scripts/postgres.py`` with a directory apart from the tests', waiting for the disk at every commit."""

    def __init__(self) -> None:
        from scripts.postgres import home

        self.home = home() if os.environ.get("LINLI_PG") else home().with_name(f"{home().name}-bench")
        self.url = ""
        self._ours = False

    def start(self) -> None:
        self._ours = self._script("status").returncode != 0
        done = self._script("start", "--durable")
        if done.returncode:
            raise SystemExit(done.stderr or done.stdout)
        self.url = done.stdout.split()[-1]

    def stop(self) -> None:
        """One that ran before is somebody's: only its databases are dropped."""
        if self._ours:
            self._script("stop")

    def database(self, name: str, template: str = "") -> str:
        """A fresh database, empty or a copy of another; its address."""
        with psycopg.connect(self.url, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]
            copied = f' TEMPLATE "{template}"' if template else ""
            server.execute(f'CREATE DATABASE "{name}"{copied}')  # type: ignore[arg-type]
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as server:
            for name in names:
                server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]

    def calm(self) -> None:
        """What was written so far is on the disk: no checkpoint of it falls into what is timed next."""
        with psycopg.connect(self.url, autocommit=True) as server:
            server.execute("CHECKPOINT")

    def about(self) -> str:
        with psycopg.connect(self.url) as server:
            told = {n: server.execute(f"SHOW {n}").fetchone() for n in ("server_version", "shared_buffers", "fsync")}  # type: ignore[arg-type]
        return ", ".join(f"{name} {value[0]}" for name, value in told.items() if value)

    def _script(self, *asked: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "scripts" / "postgres.py"), *asked]
        env = {**os.environ, "LINLI_PG": str(self.home)}
        return subprocess.run(command, env=env, check=False, capture_output=True, text=True)


def surroundings(url: str) -> dict[str, str]:
    """The environment of every process that works on this database. One set of keys for all of them."""
    VAR.mkdir(parents=True, exist_ok=True)
    env = environment(url, VAR)
    for name in ("LINLI_KEYS", "LINLI_SECRET_KEY"):
        os.environ.setdefault(f"BENCH_{name}", env[name])
        env[name] = os.environ[f"BENCH_{name}"]
    return env


def sqlite() -> str:
    """A fresh file."""
    shutil.rmtree(VAR / "sqlite", ignore_errors=True)
    (VAR / "sqlite").mkdir(parents=True)
    return f"sqlite:///{VAR / 'sqlite' / 'bench.sqlite3'}"


def part(url: str, name: str, **told: Any) -> Any:
    """Run one of ``bench.parts`` in a process of its own and return what it found."""
    return finish(begin(url, name, **told))[0]


def parts(url: str, **each: dict[str, Any]) -> list[Any]:
    """Several in one process, for what is only made ready: a Django takes seconds to start."""
    return list(finish(begin_all(url, **each)))


def begin(url: str, name: str, **told: Any) -> subprocess.Popen[str]:
    return _begin(surroundings(url), {name: told})


def begin_all(url: str, **each: dict[str, Any]) -> subprocess.Popen[str]:
    """Several, one after the other in one process."""
    return _begin(surroundings(url) | ({"LINLI_DEMO": "1"} if "load" in each else {}), each)


def begin_to_gate(url: str, name: str, **told: Any) -> subprocess.Popen[str]:
    """One that stops where its timing begins, until it is finished; ``at_gate`` waits until it is there."""
    return _begin(surroundings(url) | {gate.WAITS: "1"}, {name: told})


def _begin(env: dict[str, str], each: dict[str, dict[str, Any]]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.parts", json.dumps(each)]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def at_gate(process: subprocess.Popen[str]) -> None:
    """Wait until it has everything made; RuntimeError where it ends before."""
    assert process.stdout is not None
    while line := process.stdout.readline():
        if line.strip() == gate.READY:
            return
    raise RuntimeError(f"a part ended before its gate ({process.wait()}): {process.args!r}")


def finish(process: subprocess.Popen[str]) -> Any:
    """Let it through its gate, where it has one; a list of what each of its parts found."""
    said, _ = process.communicate("\n")
    if process.returncode:
        raise RuntimeError(f"a part failed ({process.returncode}): {process.args!r}")
    return json.loads(said.splitlines()[-1])
