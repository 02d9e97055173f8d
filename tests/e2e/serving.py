"""The real thing for a while: `linli serve` and `linli worker` as processes of their own, on a database of their own.

Used by the tests that kill them and by ``bench``. ``python -m tests.e2e.serving`` (run by ``prepare``) makes the tables
and the test town in the database that the environment names, and prints the bearer token of a channel.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0  # a loaded machine takes three times what a quiet one does
ONCE = 900.0  # what is prepared once a run, on however busy a machine
START = 180.0  # a first start collects static files, and a loaded machine takes its time


def environment(database_url: str, var: Path) -> dict[str, str]:
    """What a real deployment sets: secrets of its own, no demo."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LINLI_", "DJANGO_", "PYTEST_", "COV_"))}
    return kept | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "linli.config.settings",
        "LINLI_DEMO": "0",
        "LINLI_HOSTS": "127.0.0.1",
        "LINLI_KEYS": f"t1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "LINLI_NO_DEMO_ENV": "1",
        "LINLI_SECRET_KEY": secrets.token_urlsafe(50),
        "LINLI_SECURE": "0",
        "LINLI_VAR": str(var),
        "LINLI_STATIC": str(ROOT / "var" / "static"),  # collected once for all of them
        "PYTHONPATH": str(ROOT),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    """Processes whose parent is ``pid``."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def kill(pid: int) -> None:
    """Kill -9; one that is gone already is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def linli(env: dict[str, str], *arguments: str, timeout: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    """Run a ``linli`` command to its end."""
    command = [sys.executable, "-m", "linli.config.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True, timeout=timeout)


def inside(env: dict[str, str], code: str, timeout: float = PATIENCE) -> str:
    """What a few lines print that run in a Django of their own, in this environment."""
    begun = "import django\ndjango.setup()\nfrom django.utils import translation\ntranslation.activate('zh-hans')\n"
    done = subprocess.run(
        [sys.executable, "-c", begun + code], cwd=ROOT, env=env, check=False, capture_output=True, text=True,
        timeout=timeout,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def prepare(env: dict[str, str]) -> str:
    """Tables and the test town; the token of a channel."""
    learn(Path(env["LINLI_VAR"]) / "insight")
    command = [sys.executable, "-m", "tests.e2e.serving"]
    done = subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True, timeout=START)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.split()[-1]


def learn(folder: Path) -> None:
    """The starting model, from where ``make demo`` keeps it. Else every worker would begin by learning its own."""
    from linli.insight.triage import shipped

    home = ROOT / "var" / "insight"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shipped.kept(home).is_file():
            code = f"from {shipped.__name__} import shipped; shipped({str(home)!r})"
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(shipped.kept(home), folder)


class Program:
    """A ``linli`` process that can be started, killed and started again."""

    def __init__(self, env: dict[str, str], *arguments: str) -> None:
        self.env, self.arguments = env, arguments
        self.process: subprocess.Popen[bytes] | None = None
        self.log = Path(env["LINLI_VAR"]) / f"{arguments[0]}.log"

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "linli.config.cli", *self.arguments]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError(f"linli {self.arguments[0]} was not started")
        return self.process.pid

    def kill(self) -> None:
        """Kill -9 and be sure that it is gone."""
        kill(self.pid)
        if self.process is not None:
            self.process.wait(PATIENCE)

    def stop(self) -> None:
        """Ask it to end; kill it where it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


class Web(Program):
    """`linli serve` on a free port of the loopback address."""

    def __init__(self, env: dict[str, str], *, workers: int = 1, threads: int = 4) -> None:
        self.port, self.workers = free_port(), workers
        super().__init__(
            env, "serve", "--port", str(self.port), "--workers", str(workers), "--threads", str(threads)
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        super().start()
        wait_until(self._answers, "linli serve", self._fate)

    def _answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with contextlib.suppress(OSError), opener.open(f"{self.url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def _fate(self) -> str:
        ended = self.process is not None and self.process.poll() is not None
        return self.log.read_text(errors="replace")[-2000:] if ended else ""

    def revive(self) -> None:
        """What a service manager does: granian ends when the same process dies twice within seconds."""
        if self.process is not None and self.process.poll() is not None:
            self.start()

    def processes(self) -> list[int]:
        """The web processes below the one that keeps them alive."""
        return children(self.pid)


def wait_until(true: Callable[[], bool], what: str, fate: Callable[[], str] = str) -> None:
    """Wait for something to come true; ``fate`` says why it never will."""
    until = time.monotonic() + START
    while not true():
        if (told := fate()) or time.monotonic() > until:
            raise RuntimeError(f"{what} did not come up: {told or 'no answer'}")
        time.sleep(0.05)


# ── a PostgreSQL to be killed ───────────────────────────────────────────────────────────────────────────────
class Postgres:
    """A private server, durable as a real one, that keeps its port when it is started again after a kill."""

    def __init__(self) -> None:
        from scripts import postgres

        self.programs = postgres.programs()
        self.account = postgres.server_account()
        self.home = Path(tempfile.mkdtemp(prefix="linli-kill-"))
        self.home.chmod(0o755)
        self.data, self.port = self.home / "data", free_port()
        self.url = f"postgres://linli@127.0.0.1:{self.port}/linli"

    def make(self) -> None:
        """The cluster and an empty database. No password: it lives for one test, on the loopback address."""
        if self.account is not None:
            os.chown(self.home, self.account.pw_uid, self.account.pw_gid)
        self._run("initdb", "-D", str(self.data), "-U", "linli", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                  "--no-sync")  # fmt: skip
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "linli", "linli")

    def start(self) -> None:
        settings = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= -c max_connections=50"
        )
        self._run("pg_ctl", "start", "-w", "-D", str(self.data), "-l", str(self.home / "log"), "-o", settings)

    def kill(self) -> None:
        """Kill -9 of the postmaster and everything below it, at once."""
        master = int((self.data / "postmaster.pid").read_text().split()[0])
        for pid in (master, *children(master)):
            kill(pid)
        wait_until(lambda: not Path(f"/proc/{master}").exists(), "the end of PostgreSQL")

    def drop(self) -> None:
        """Stop it and forget it."""
        with contextlib.suppress(RuntimeError):
            self._run("pg_ctl", "stop", "-m", "immediate", "-D", str(self.data))
        shutil.rmtree(self.home, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        options: dict[str, Any] = {}
        if self.account is not None:
            options = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        # pg_ctl's server would inherit a pipe and keep it open for ever, so it is given a file.
        with tempfile.TemporaryFile("w+") as said:
            command = [str(self.programs / program), *arguments]
            done = subprocess.run(
                command, check=False, cwd=self.home, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=PATIENCE, **options,
            )  # fmt: skip
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{program}: {said.read()}")


@contextlib.contextmanager
def private_postgres() -> Iterator[Postgres]:
    """A server for one test; raises SystemExit where PostgreSQL's programs are not installed."""
    server = Postgres()
    try:
        server.make()
        yield server
    finally:
        server.drop()


# ── the child that prepares a database ──────────────────────────────────────────────────────────────────────
def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from linli.core.people import identify
    from linli.core.people.models import User
    from tests import cast

    call_command("migrate", verbosity=0, interactive=False)
    town = cast.build()
    channel = User.objects.create_user("hotline", district=town.district)
    sys.stdout.write(identify.give_token(channel, channel="phone") + "\n")


if __name__ == "__main__":
    main()
