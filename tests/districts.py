"""A district of a profile for tests that look at a whole one: planned and loaded once a run, its rows kept in a file.

Loading takes some seconds, a dozen files want the same few districts, and what ``linli load`` does is asked by tests of
its own. Whichever process of the run asks first loads, the others wait and put the rows in as they came out.
"""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

from linli.config.loading import Loaded, load
from linli.kit import memory
from tests import rows


@pytest.fixture(scope="session")
def districts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Loaded]:
    """``districts("qiaoxi")`` inside a transaction that is rolled back: the district with its demo logins is there."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "districts"
    folder.mkdir(exist_ok=True)
    return lambda profile: _put(profile, folder)


def _put(profile: str, folder: Path) -> Loaded:
    kept = folder / f"{profile}.rows"
    memory.forget()
    with (folder / f"{profile}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_file():
            loaded = load(profile, demo=True, report=lambda line: None)
            kept.write_bytes(pickle.dumps((loaded, {table: rows.read(table) for table in _tables()})))
            return loaded
    loaded, tables = pickle.loads(kept.read_bytes())
    for table, held in tables.items():
        rows.write(table, held)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
            cursor.execute(statement)
    memory.forget()
    return loaded


def _tables() -> Iterator[str]:
    """Tables of ours that hold anything; what they refer to is checked at the end, so their order does not matter."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and model.__module__.startswith("linli.") and model._default_manager.exists():
            yield model._meta.db_table
