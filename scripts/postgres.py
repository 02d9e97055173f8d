"""A private PostgreSQL under ``var/pg`` for tests and measurements: ``start``, ``stop``, ``status``, ``url``.

The programs are Debian's (``/usr/lib/postgresql/*/bin``, the newest of them). The server listens on a free port of the
loopback address only and keeps nothing that matters. PostgreSQL refuses to run as root, so root hands the directory to
the user ``postgres`` and runs the programs as that user.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def home() -> Path:
    """``var/pg``; a temporary directory where root's checkout lies in a directory that is closed to others."""
    if given := os.environ.get("LINLI_PG"):
        return Path(given).resolve()
    closed = os.geteuid() == 0 and not all(path.stat().st_mode & 0o001 for path in (ROOT, *ROOT.parents))
    name = f"linli-pg-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
    return Path(tempfile.gettempdir()) / name if closed else ROOT / "var" / "pg"


HOME = home()
DATA, PORT_FILE, PASSWORD_FILE = HOME / "data", HOME / "port", HOME / "password"
USER = "linli"
# For throw-away data: no wait for the disk. Bench starts it with --durable, because its figures must be honest.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
COMMON = (
    "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "shared_buffers=256MB",
    "max_wal_size=2GB", "timezone=UTC",
)  # fmt: skip


def programs() -> Path:
    """The directory of the newest server programs on this machine."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if elsewhere := shutil.which("initdb"):
        found.append(Path(elsewhere).resolve().parent)
    if not found:
        raise SystemExit("没有找到 PostgreSQL。请先装上：apt install postgresql-15")
    return max(found, key=lambda path: float(path.parent.name) if path.parent.name.replace(".", "").isdigit() else 0)


def as_server(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a server program, as the user ``postgres`` where we are root."""
    line = [str(each) for each in command]
    account = server_account()
    options: dict[str, object] = {}
    if account is not None:
        options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(HOME)}
    return subprocess.run(line, check=False, capture_output=True, text=True, cwd=HOME, env=environment, **options)  # type: ignore[call-overload, no-any-return]


def server_account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise SystemExit("以 root 运行时要有 postgres 用户（Debian 的 postgresql 包会建）。") from None


def running() -> bool:
    return (DATA / "PG_VERSION").is_file() and as_server(programs() / "pg_ctl", "status", "-D", DATA).returncode == 0


def url(database: str = USER) -> str:
    return f"postgres://{USER}:{PASSWORD_FILE.read_text()}@127.0.0.1:{PORT_FILE.read_text()}/{database}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(*, durable: bool) -> None:
    """Start the server, making its directory on the first occasion; one that runs is left as it is."""
    HOME.mkdir(parents=True, exist_ok=True)
    _hand_over()
    if running():
        return
    if not (DATA / "PG_VERSION").is_file():
        _initialise()
    port = free_port()
    PORT_FILE.write_text(str(port))
    settings = [f"port={port}", *COMMON, *(() if durable else FAST)]
    options = " ".join(f"-c {each}" for each in settings)
    _must(as_server(programs() / "pg_ctl", "start", "-w", "-t", "60", "-D", DATA, "-l", HOME / "log", "-o", options))
    _make_database()


def _hand_over() -> None:
    """The server's user must reach its directory and own it, whoever owns the checkout above."""
    account = server_account()
    if account is None:
        return
    os.chown(HOME, account.pw_uid, account.pw_gid)
    if as_server("test", "-w", HOME).returncode:
        raise SystemExit(f"用户 postgres 进不了 {HOME}。请把 LINLI_PG 设到它进得去的目录，例如 /tmp/linli-pg。")


def _initialise() -> None:
    shutil.rmtree(DATA, ignore_errors=True)
    password = secrets.token_urlsafe(16)
    PASSWORD_FILE.write_text(password)
    PASSWORD_FILE.chmod(0o600)
    given = HOME / "given"
    given.write_text(password)
    if (account := server_account()) is not None:
        os.chown(given, account.pw_uid, account.pw_gid)
    _must(
        as_server(
            programs() / "initdb", "-D", DATA, "-U", USER, "--pwfile", given, "--auth=scram-sha-256", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-instructions",
        )
    )  # fmt: skip
    given.unlink()


def _make_database() -> None:
    """The database of the same name; that it is there already is no error."""
    made = as_server(programs() / "createdb", "--maintenance-db", url("postgres"), USER)
    if made.returncode and "already exists" not in made.stderr:
        raise SystemExit(made.stderr)


def _must(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        log = HOME / "log"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.is_file() else ""
        raise SystemExit(f"PostgreSQL 没有起来：\n{done.stdout}{done.stderr}\n{tail}")


def stop() -> None:
    if running():
        _must(as_server(programs() / "pg_ctl", "stop", "-m", "fast", "-w", "-D", DATA))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["start", "stop", "status", "url"])
    parser.add_argument(
        "--durable", action="store_true", help="wait for the disk at every commit, as a real server does"
    )
    asked = parser.parse_args()
    if asked.what == "stop":
        stop()
        return 0
    if asked.what == "start":
        start(durable=asked.durable)
    if not running():
        print("没有在运行", file=sys.stderr)
        return 3
    print(url() if asked.what != "status" else f"运行中：127.0.0.1:{PORT_FILE.read_text()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
