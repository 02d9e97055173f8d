"""A demo prepared once in a run of the tests: loading a district and living its month takes most of a minute.

Walks that bring their own matters take the district alone (``lived=False``), which is there in a third of the time.

Each test file still gets a demo of its own: a copy of the files, and of the SQLite file or (``CREATE DATABASE …
TEMPLATE``) of the PostgreSQL database. Whichever process of the run asks first makes the template, the others wait.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

SECRETS = ("LINLI_KEYS", "LINLI_SECRET_KEY")  # what is sealed in the rows opens with the same keys only
LEFT_OUT = shutil.ignore_patterns("*.log", "worker.beat", "secrets.json")

_folder: Path | None = None  # of this run, shared by its processes; None outside of one


@dataclass(frozen=True)
class Template:
    var: Path
    database: str
    secrets: dict[str, str]

    def copy_files(self, var: Path) -> None:
        shutil.copytree(self.var, var, ignore=LEFT_OUT, dirs_exist_ok=True)


def share(folder: Path) -> None:
    """From here on templates lie in this folder."""
    global _folder
    _folder = folder


def of(profile: str, lived: bool) -> Template | None:
    """The template of a profile, made where it is missing; None outside of a run of the tests."""
    if _folder is None:
        return None
    _folder.mkdir(parents=True, exist_ok=True)
    called = profile if lived else f"{profile}_bare"
    var, name = _folder / called, _database(_folder, called)
    kept = var / "secrets.json"
    with (_folder / f"{called}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_file():
            _make(profile, var, name, lived)
    return Template(var, name, json.loads(kept.read_text()))


def _database(folder: Path, called: str) -> str:
    return f"linli_e2e_{folder.parent.name}_{called}".replace("-", "_")


def _make(profile: str, var: Path, name: str, lived: bool) -> None:
    from tests.e2e import browser, serving

    given = os.environ.get("DATABASE_URL", "")
    url = f"sqlite:///{var / 'linli.sqlite3'}"
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir()
    if given.startswith("postgres"):
        on_postgres(given, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        on_postgres(given, f'CREATE DATABASE "{name}"')
        url = urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    env = browser.demo_environment(profile, url, var)
    serving.learn(var / "insight")
    if lived:
        browser.prepare(env)
        _settle(env)
    else:
        browser.prepare_bare(env)
    (var / "secrets.json").write_text(json.dumps({key: env[key] for key in SECRETS}))


def _settle(env: dict[str, str]) -> None:
    """What the worker would do first in every copy: photos wait for their masks, figures to be folded."""
    from tests.e2e import serving

    serving.inside(env, "from linli.config import worker\nworker.run(once=True)", serving.ONCE)


def forget(folder: Path) -> None:
    """At the end of a run: the files, and the databases that would outlive it."""
    given = os.environ.get("DATABASE_URL", "")
    for lock in folder.glob("*.lock"):
        if given.startswith("postgres"):
            on_postgres(given, f'DROP DATABASE IF EXISTS "{_database(folder, lock.stem)}" WITH (FORCE)')
    shutil.rmtree(folder, ignore_errors=True)


def on_postgres(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as link:
        link.execute(statement)  # type: ignore[call-overload]
