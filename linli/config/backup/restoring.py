"""Restoring a backup into an empty system: all of it or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import orjson
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from linli.config.backup import tables
from linli.config.backup.archive import (
    FILES,
    BackupError,
    Manifest,
    Report,
    Table,
    applied_migrations,
    check_members,
    open_archive,
    read_manifest,
    settings_told,
)
from linli.config.backup.writing import district_told
from linli.core.places.models import District
from linli.kit import memory

_CORRUPT = (EOFError, zipfile.BadZipFile, zlib.error, tarfile.TarError)
_BROKEN = (BackupError, OSError, DatabaseError, ValueError, *_CORRUPT)


def restore(path: str | Path, *, report: Report = print) -> int:
    """Take a backup in. 0 if it stands and its ledger verifies, 1 otherwise.

    1. Every hash is checked before the first byte is written; the database must be empty.
    2. Pictures wait in a directory of their own and move in just before the commit, back out if it fails.
    3. A ledger that does not verify was broken before it was backed up: it stays, because it may be the only copy.
    """
    started = time.monotonic()
    try:
        with open_archive(Path(path)) as archive:
            manifest = read_manifest(archive)
            _check(archive, manifest, report)
            rows = _take_in(archive, manifest, report)
    except _BROKEN as error:
        told = _("文件坏了（%s）") % error if isinstance(error, _CORRUPT) else error
        report(_("没有恢复，库里什么也没有写：%s") % told)
        return 1
    memory.forget()
    report(_("已恢复 %(rows)s 行，%(files)s 张照片，用时 %(seconds).1f 秒。") % {
        "rows": f"{rows:,}", "files": f"{manifest.files['count']:,}", "seconds": time.monotonic() - started,
    })  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # else the first lists are planned for empty tables
    return _verify(manifest, report)


# ── before ──────────────────────────────────────────────────────────────────────────────────────────────────
def _check(archive: zipfile.ZipFile, manifest: Manifest, report: Report) -> None:
    check_members(archive, manifest)
    _check_columns(archive, manifest)
    if District._meta.db_table not in connection.introspection.table_names():
        report(_("库是新的，先建表…"))
        call_command("migrate", interactive=False, verbosity=0)
    _check_empty()
    here = applied_migrations("default")
    if here != manifest.migrations:
        named = sorted(app for app in {*here, *manifest.migrations} if here.get(app) != manifest.migrations.get(app))
        raise BackupError(_("备份和这个库的版本不同（%s）。请用做备份时的版本恢复，恢复后再升级。") % "、".join(named))
    _check_keys(manifest, report)


def _check_empty() -> None:
    if District.objects.exists():
        raise BackupError(_("库里已经有区的数据。只能恢复到空的库里。"))
    full = [model._meta.db_table for model in tables.tables() if model._base_manager.exists()]
    if full:
        raise BackupError(_("库里还有别的数据（%s）。只能恢复到空的库里。") % "、".join(full[:5]))


def _check_columns(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    wanted = {model._meta.label: tables.columns(model) for model in tables.tables()}
    told = {}
    for table in manifest.tables:
        with archive.open(table.member) as member:
            told[table.label] = orjson.loads(member.readline())["columns"]
    different = sorted(label for label in {*wanted, *told} if wanted.get(label) != told.get(label))
    if different:
        raise BackupError(_("备份里这些表和本程序的不一样：%s。请用做备份时的版本恢复。") % "、".join(different[:5]))


def _check_keys(manifest: Manifest, report: Report) -> None:
    """Missing keys are no reason to refuse: the ledger can be read and verified without them."""
    here, there = settings_told(), manifest.settings
    lacking = [kid for kid, mark in there["keys"].items() if here["keys"].get(kid) != mark]
    if lacking:
        report(_("注意：备份里的联系方式用密钥 %s 封存，本机的 LINLI_KEYS 里没有，打不开。") % "、".join(lacking))
    if here["index"] != there["index"]:
        report(_("注意：本机的索引密钥和备份的不同，按电话会查不到人。请设好 LINLI_INDEX_KEY。"))


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────
def _take_in(archive: zipfile.ZipFile, manifest: Manifest, report: Report) -> int:
    rows = 0
    with _staged(archive) as staged, transaction.atomic():
        with connection.cursor() as cursor:
            _check_as_it_goes(cursor)
            for table, model in _in_order(manifest):
                count = tables.insert(cursor, model, _lines(archive, table.member))
                if count != table.rows:
                    raise BackupError(_("%s 的行数与清单不符。") % table.label)
                if count:
                    report(f"  {table.label} {count:,}")
                rows += count
            for statement in connection.ops.sequence_reset_sql(no_style(), tables.tables()):
                cursor.execute(statement)
        for district_id, told in manifest.districts.items():
            if district_told(int(district_id)) != told:
                raise BackupError(_("%s 的账本与清单不符。") % district_id)
        staged.move_in()
    return rows


def _in_order(manifest: Manifest) -> Iterator[tuple[Table, tables.Model]]:
    by_label = {table.label: table for table in manifest.tables}
    for model in tables.tables():
        yield by_label[model._meta.label], model


def _check_as_it_goes(cursor: CursorWrapper) -> None:
    """PostgreSQL would keep every deferred check in memory until the commit: tens of millions for a large district.

    Tables come in an order in which each may be checked at once, except those that refer to themselves.
    """
    if connection.vendor != "postgresql":
        return
    cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND condeferrable AND conrelid = confrelid")
    own = ", ".join(connection.ops.quote_name(name) for (name,) in cursor.fetchall())
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    if own:
        cursor.execute(f"SET CONSTRAINTS {own} DEFERRED")


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as member:
        member.readline()  # the columns
        yield from member


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────────
class _Staged:
    """Pictures out of the archive, not yet where they belong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files, self.journal = folder / "files", folder / "moved.txt"
        self.files.mkdir()

    def unpack(self, archive: zipfile.ZipFile) -> None:
        with archive.open(FILES) as member, tarfile.open(fileobj=member, mode="r|") as tar:
            while (info := tar.next()) is not None:
                content = tar.extractfile(info) if info.isfile() else None
                if content is None or not _is_plain(info.name):
                    raise BackupError(_("照片的名字不对：%s") % info.name)
                goal = self.files / info.name
                goal.parent.mkdir(parents=True, exist_ok=True)
                with goal.open("wb") as file:
                    shutil.copyfileobj(content, file)
                tar.members.clear()  # type: ignore[attr-defined]  # else it remembers every file it ever read

    def move_in(self) -> None:
        """Names are noted before each move, on disk: there may be millions, and ``move_out`` needs them."""
        with self.journal.open("w", encoding="utf-8") as journal:
            for staged in self.files.rglob("*"):
                name = staged.relative_to(self.files).as_posix()
                if staged.is_dir():
                    continue
                if default_storage.exists(name):
                    _must_be_the_same(staged, name)
                    continue
                journal.write(name + "\n")
                journal.flush()
                _place(staged, name)

    def move_out(self) -> None:
        if self.journal.exists():
            for name in self.journal.read_text(encoding="utf-8").splitlines():
                default_storage.delete(name)


def _must_be_the_same(staged: Path, name: str) -> None:
    """A picture that lies there already: another one under its name would be shown instead of it from now on."""
    with staged.open("rb") as ours, default_storage.open(name) as theirs:
        if hashlib.file_digest(ours, "sha256").digest() != hashlib.file_digest(theirs, "sha256").digest():
            raise BackupError(_("盘上已经有叫 %s 的文件，内容却不是备份里的那一张。请先移走它。") % name)


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name


def _place(staged: Path, name: str) -> None:
    if isinstance(default_storage, FileSystemStorage):
        goal = Path(default_storage.path(name))
        goal.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged, goal)
    else:
        with staged.open("rb") as file:
            default_storage.save(name, File(file))


@contextmanager
def _staged(archive: zipfile.ZipFile) -> Iterator[_Staged]:
    """Beside the stored files, so that moving in is renaming; whatever fails, what moved in moves out again."""
    beside = Path(getattr(default_storage, "location", tempfile.gettempdir())).parent
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=beside) as folder:
        staged = _Staged(Path(folder))
        staged.unpack(archive)
        try:
            yield staged
        except BaseException:
            staged.move_out()
            raise


# ── after ───────────────────────────────────────────────────────────────────────────────────────────────────
def _verify(manifest: Manifest, report: Report) -> int:
    from linli.core.matters.ledger import verifying  # reads the whole ledger's machinery: only once rows stand

    # Pictures were told of when they were saved, and taken out of the archive by its own hashes.
    found = verifying.verify(files=False)
    for finding in found.broken[:100]:
        report(f"  {finding}")
    counted = _("%(matters)d 件事，%(entries)d 条记录，%(records)d 份存证，%(seals)d 个封印") % found.counts
    if not found.ok:
        report(_("账本有 %d 处对不上（备份之前就是这样，数据已留在库里）：") % len(found.broken) + counted)
        return 1
    report(_("账本完好：") + counted)
    for district_id, told in manifest.districts.items():
        if told["seal"]:
            report(_("%(district)s 最后一个封印第 %(seq)d 号，根 %(root)s") % {"district": district_id, **told["seal"]})
    return 0
