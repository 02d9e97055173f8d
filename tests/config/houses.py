"""Databases of a test's own, made and thrown away, with a town that lives in one of them."""

from __future__ import annotations

import copy
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from django.utils import timezone

from linli.config.backup import tables
from linli.core.matters import actions, numbers
from linli.core.matters.actions.opening import Asked
from linli.core.matters.ledger import sealing
from linli.core.matters.models import Matter
from linli.core.people import actor as actors
from linli.core.people.models import Token
from linli.core.places.tree import tree
from linli.kit import memory
from linli.kit.models import Rate, Upload
from tests import cast
from tests.cast import DISTRICT

ENGINES = ["sqlite", *(["postgresql"] if "postgresql" in connections.settings["default"]["ENGINE"] else [])]
PICTURE = b"not really a picture"


def forget() -> None:
    memory.forget()
    actors.forget()
    numbers.forget()


@pytest.fixture
def houses(tmp_path: Path, django_db_blocker: Any) -> Iterator[Callable[..., Any]]:
    """``with houses("sqlite"):`` makes an empty, migrated database of that engine the default one inside."""
    made: list[Callable[[], None]] = []

    @contextmanager
    def house(engine: str, name: str, *, migrate: bool = True) -> Iterator[Path]:
        conf = copy.deepcopy(original)
        if engine == "sqlite":
            init = "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;"
            options = {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": init}
            conf |= {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / f"{name}.sqlite3"),
                     "OPTIONS": options, "CONN_HEALTH_CHECKS": False}  # fmt: skip
        else:
            conf["NAME"] = f"linli_backup_{name}_{os.getpid()}"
            made.append(_postgresql(original, conf["NAME"]))
        before, connections.settings["default"] = connections["default"], conf
        connections["default"] = connections.create_connection("default")
        files = tmp_path / name / "files"
        try:
            forget()
            with override_settings(MEDIA_ROOT=str(files)):
                if migrate and "places_district" not in connection.introspection.table_names():
                    _migrate(engine, conf["NAME"])
                yield files
        finally:
            connections["default"].close()
            connections["default"], connections.settings["default"] = before, original
            forget()

    original = connections.settings["default"]
    with django_db_blocker.unblock():
        yield house
        for drop in reversed(made):
            drop()


_created: set[str] = set()
KEPT: dict[str, bytes] = {}  # what takes long to make and is the same for every test


def _migrate(engine: str, name: str) -> None:
    if engine == "sqlite" and "tables" in KEPT:
        connection.close()
        for leftover in Path(name).parent.glob(f"{Path(name).name}*"):
            leftover.unlink()
        Path(name).write_bytes(KEPT["tables"])
        return
    call_command("migrate", interactive=False, verbosity=0)
    if engine == "sqlite":
        connection.close()
        KEPT["tables"] = Path(name).read_bytes()


def _postgresql(original: dict[str, Any], name: str) -> Callable[[], None]:
    import psycopg

    def run(statement: str) -> None:
        with psycopg.connect(
            host=original["HOST"], port=original["PORT"], user=original["USER"], password=original["PASSWORD"],
            dbname="postgres", autocommit=True,
        ) as server:  # fmt: skip
            server.execute(statement)

    if name in _created:
        return lambda: None
    run(f'CREATE DATABASE "{name}"')
    _created.add(name)

    def drop() -> None:
        run(f'DROP DATABASE "{name}" WITH (FORCE)')
        _created.discard(name)

    return drop


def opened(town: cast.Town, text: str, **more: Any) -> Matter:
    place = tree(DISTRICT).by_id[town.places["unit"].pk]
    asked = Asked("appeal", text, DISTRICT, place, name="李冬", phone="13800000000", **more)
    return actions.open_matter(actor=actors.for_user(town.users["resident"].pk), asked=asked).matter


def live() -> cast.Town:
    """The town with a few matters, a picture, a seal, a token and counters."""
    town = cast.build()
    path = default_storage.save("2026/03/05/a.jpg", ContentFile(PICTURE))
    upload = Upload.objects.create(
        owner_hash="x", sha256=hashlib.sha256(PICTURE).hexdigest(), mime="image/jpeg", size=len(PICTURE), width=1,
        height=1, path=path,
    )  # fmt: skip
    first = opened(town, '楼道灯坏了。\n"晚上",看不见 🙂\u2028x', uploads=[upload])
    actions.accept(actor=actors.for_user(town.users["grid"].pk), district_id=DISTRICT, matter_id=first.pk)
    older, newer = opened(town, "旧的一件"), opened(town, "新的一件")
    actions.merge(
        actor=actors.for_user(town.users["community"].pk), district_id=DISTRICT, matter_id=older.pk,
        into_id=newer.pk, reason="同一件",
    )  # fmt: skip
    sealing.seal(DISTRICT)
    opened(town, "封过以后的一件")
    Token.objects.create(user=town.users["grid"], hash="h", expires_at=timezone.now())
    Rate.objects.create(key="k", started=1, count=1)
    return town


def state() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as Python sees it, whatever the engine."""
    found = {}
    for model in tables.tables():
        rows = model._base_manager.order_by("pk").values_list(*tables.attributes(model))
        found[model._meta.label] = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows]
    return found
