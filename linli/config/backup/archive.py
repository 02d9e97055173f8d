"""The file itself: members with their hashes, and the manifest that names them."""

from __future__ import annotations

import hashlib
import hmac
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import orjson
from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from linli.kit import crypto

Report = Callable[[str], object]
FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
FILES: Final = "files.tar"
LEVEL: Final = 4  # half the time of the default for a few per cent of size
CHUNK: Final = 1 << 20


class BackupError(Exception):
    """A backup that cannot be made or a file that cannot be restored; the message says why."""


class Hashed:
    """A stream that counts and hashes what passes, collected into large writes."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw, self._hash, self._waiting = raw, hashlib.sha256(), bytearray()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._waiting += data
        if len(self._waiting) >= CHUNK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._waiting:
            self._hash.update(self._waiting)
            self._raw.write(self._waiting)
            self.size += len(self._waiting)
            self._waiting.clear()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def writing(archive: zipfile.ZipFile, name: str, *, packed: bool = True) -> Iterator[Hashed]:
    """A new member; its hash is right after the block. Pictures are packed already and are stored as they are."""
    with archive.open(name if packed else zipfile.ZipInfo(name), "w", force_zip64=True) as raw:
        hashed = Hashed(raw)
        yield hashed
        hashed.flush()


@dataclass(frozen=True)
class Table:
    """One table of the manifest."""

    label: str
    member: str
    rows: int
    sha256: str


@dataclass
class Manifest:
    """What a backup says of itself."""

    made_at: str
    engine: str
    migrations: dict[str, list[str]]
    districts: dict[str, dict[str, Any]]
    settings: dict[str, Any]
    tables: list[Table] = field(default_factory=list)
    files: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def encoded(self) -> bytes:
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    @property
    def members(self) -> dict[str, str]:
        """Each member and the hash that it must have."""
        return {table.member: table.sha256 for table in self.tables} | {FILES: str(self.files["sha256"])}


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """The manifest of an opened backup. Raises BackupError for another format or a damaged one."""
    try:
        told = orjson.loads(archive.read(MANIFEST))
        if told["format"] != FORMAT:
            raise BackupError(_("备份格式是第 %s 版，这个程序只认第 %s 版。") % (told["format"], FORMAT))
        tables = [Table(**each) for each in told.pop("tables")]
        return Manifest(**told, tables=tables)
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise BackupError(_("这不是邻理的备份，或清单已损坏。")) from error


def check_members(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Read every member through and compare its hash, before anything is written anywhere."""
    names = set(archive.namelist())
    for name, wanted in manifest.members.items():
        if name not in names:
            raise BackupError(_("备份里少了 %s。") % name)
        found = hashlib.sha256()
        with archive.open(name) as member:
            while chunk := member.read(CHUNK):
                found.update(chunk)
        if found.hexdigest() != wanted:
            raise BackupError(_("%s 与清单对不上：备份被改过或已损坏。") % name)


def open_archive(path: Path) -> zipfile.ZipFile:
    """A backup for reading. Raises BackupError where it is none, or cut off."""
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise BackupError(_("没有这个文件：%s。") % path) from error
    except zipfile.BadZipFile as error:
        raise BackupError(_("%s 不是完整的备份文件。") % path) from error


def applied_migrations(alias: str) -> dict[str, list[str]]:
    """The migrations of our own rooms that a database stands at: what the rows' shape follows from."""
    from linli.config.backup.tables import own_apps  # tables need the models, the format does not

    found: dict[str, list[str]] = {}
    for app, name in MigrationRecorder(connections[alias]).applied_migrations():
        if app in own_apps():
            found.setdefault(app, []).append(name)
    return {app: sorted(names) for app, names in sorted(found.items())}


def settings_told() -> dict[str, Any]:
    """Which settings the sealed values hang on, by fingerprints that say nothing of the keys."""
    told = {
        "time_zone": settings.TIME_ZONE,
        "keys": {kid: _fingerprint(key) for kid, key in settings.LINLI_KEYS.items()},
        "index": _fingerprint(crypto.index_root()),
    }
    told["sha256"] = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return told


def _fingerprint(key: bytes) -> str:
    # Keys are 32 random bytes: nobody finds one by trying, so a short hash of one may lie in the open.
    return hmac.digest(key, b"linli.backup.fingerprint.v1", "sha256").hex()[:16]
