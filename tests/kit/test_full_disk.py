"""A disk that is full or can only be read: no half picture stays, and a database that says so is known by its code."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DataError, IntegrityError, InternalError, OperationalError
from psycopg import errors as pg

from linli.kit import faults, files


@pytest.fixture
def pictures(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


def full(storage: FileSystemStorage, name: str, content: ContentFile[bytes]) -> str:
    """What Django's own does on a disk that has room for the name and for nothing else."""
    path = Path(storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    raise OSError(errno.ENOSPC, "No space left on device")


def test_no_half_picture_stays_and_nothing_older_is_taken_away(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.keep("2026/03/a-shown.jpg", b"as it was")
    monkeypatch.setattr(FileSystemStorage, "_save", full)
    for name in ("2026/03/a-shown.jpg", "2026/03/b.jpg"):
        with pytest.raises(OSError, match="No space"):
            files.keep(name, b"new")
    assert [path.name for path in pictures.rglob("*") if path.is_file()] == ["a-shown.jpg"]
    assert default_storage.open("2026/03/a-shown.jpg").read() == b"as it was"


def of(cause: BaseException, kind: type[Exception] = OperationalError) -> Exception:
    error = kind("words that nobody reads")
    error.__cause__ = cause
    return error


def real_sqlite(tmp_path: Path, *, read_only: bool) -> sqlite3.Error:
    file = tmp_path / "x.sqlite3"
    there = sqlite3.connect(file)
    there.execute("CREATE TABLE t (a)")
    there.commit()
    if read_only:
        there = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    else:
        there.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.Error) as caught:
        there.execute("INSERT INTO t VALUES (zeroblob(1000000))")
    return caught.value


@pytest.mark.parametrize("read_only", [True, False])
def test_sqlite_on_a_full_or_read_only_disk_is_the_disk(tmp_path: Path, read_only: bool) -> None:
    assert faults.passing(of(real_sqlite(tmp_path, read_only=read_only))) == "disk"


def test_what_is_wrong_with_a_statement_is_never_passing() -> None:
    with pytest.raises(sqlite3.Error) as caught:
        sqlite3.connect(":memory:").execute("SELECT 1 FROM nothing")
    assert faults.passing(of(caught.value)) == ""
    assert faults.passing(of(pg.NumericValueOutOfRange(), DataError)) == ""
    assert faults.passing(of(pg.UniqueViolation(), IntegrityError)) == ""
    assert faults.passing(OSError(errno.ENOENT, "x")) == ""
    assert faults.passing(None) == ""


@pytest.mark.parametrize("kind", [pg.AdminShutdown, pg.DiskFull, pg.TooManyConnections, pg.ReadOnlySqlTransaction])
def test_postgresql_that_is_gone_full_or_a_standby_is_passing(kind: type[Exception]) -> None:
    wrapped = InternalError if kind is pg.ReadOnlySqlTransaction else OperationalError
    assert faults.passing(of(kind(), wrapped)) == "database"
