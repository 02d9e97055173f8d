"""Making a backup of a live system: one snapshot, one file, whole or not there at all."""

from __future__ import annotations

import hashlib
import os
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final, cast

from django.core.files.storage import default_storage
from django.db import DatabaseError, connections, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.config.backup import tables
from linli.config.backup.archive import (
    FILES,
    LEVEL,
    MANIFEST,
    BackupError,
    Hashed,
    Manifest,
    Report,
    Table,
    applied_migrations,
    settings_told,
    writing,
)
from linli.config.commands.words import of_disk
from linli.core.decisions.models import PaperEntry
from linli.core.gatherings.models import Attendance
from linli.core.matters.models import Attachment, Entry, Matter, Seal
from linli.core.places.models import District
from linli.kit.models import Upload

ALIAS: Final = "backup"
NAMED_AT_MOST: Final = 100  # pictures told one by one; the rest as a number


def backup(path: str | Path, *, report: Report = print) -> int:
    """Write everything to ``path``. 0 if done, 2 if done but with pictures missing, 1 if nothing was written."""
    goal, started = Path(path), time.monotonic()
    try:
        manifest = _write(goal, report)
    except (BackupError, OSError, DatabaseError, zipfile.LargeZipFile) as error:
        report(_("没有备份成：%s") % (of_disk(error) if isinstance(error, OSError) else error))
        return 1
    rows = sum(table.rows for table in manifest.tables)
    report(_("已备份到 %(path)s：%(rows)s 行，%(files)s 张照片，%(mb).1f MB，用时 %(seconds).1f 秒。") % {
        "path": goal, "rows": f"{rows:,}", "files": f"{manifest.files['count']:,}",
        "mb": goal.stat().st_size / 1e6, "seconds": time.monotonic() - started,
    })  # fmt: skip
    report(_("清单指纹 %s") % hashlib.sha256(manifest.encoded()).hexdigest())
    report(_("密钥不在备份里：请另外保管 LINLI_KEYS（和 LINLI_INDEX_KEY），丢了就打不开联系方式。"))
    return 2 if _tell_gaps(manifest, report) else 0


def _tell_gaps(manifest: Manifest, report: Report) -> bool:
    for key, words in (("missing", _("有 %d 张照片不在盘上：")), ("altered", _("有 %d 张照片和账本记的不一样："))):
        if count := manifest.files[key]["count"]:
            report(words % count + "、".join(manifest.files[key]["named"]))
    return bool(manifest.files["missing"]["count"] or manifest.files["altered"]["count"])


def _write(goal: Path, report: Report) -> Manifest:
    """Under another name until it is whole and on the disk, so that a half file is never taken for a backup."""
    if goal.exists():
        raise BackupError(_("%s 已经在了，不覆盖。请换个文件名。") % goal)
    part = goal.with_name(goal.name + ".part")
    # It holds what residents wrote: for the owner's eyes only, from the first byte.
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                manifest = _fill(archive, report)
            file.flush()
            os.fsync(file.fileno())
        part.rename(goal)
        _settle(goal.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return manifest


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fill(archive: zipfile.ZipFile, report: Report) -> Manifest:
    with snapshot() as alias:
        manifest = Manifest(
            made_at=timezone.now().isoformat(timespec="seconds"),
            engine=connections[alias].vendor,
            migrations=applied_migrations(alias),
            districts=_districts(alias),
            settings=settings_told(),
        )
        for model in tables.tables():
            table = _table(archive, alias, model)
            manifest.tables.append(table)
            if table.rows:
                report(f"  {table.label} {table.rows:,}")
        manifest.files = _files(archive, alias)
    archive.writestr(MANIFEST, manifest.encoded())
    return manifest


@contextmanager
def snapshot() -> Iterator[str]:
    """A connection of its own that sees one moment and holds up nobody; its alias.

    Django's own connection would begin IMMEDIATE on SQLite and so take the one writer's lock; a deferred transaction
    on a WAL reads the moment of its first question while others write.
    """
    own = connections["default"].copy(ALIAS)
    if own.vendor == "sqlite":
        own.settings_dict.setdefault("OPTIONS", {})["transaction_mode"] = "DEFERRED"
    connections[ALIAS] = own
    try:
        with transaction.atomic(using=ALIAS), own.cursor() as cursor:
            if own.vendor == "postgresql":
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
            else:
                cursor.execute("PRAGMA query_only = 1")
                cursor.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment is now
            yield ALIAS
    finally:
        own.close()
        del connections[ALIAS]


def _districts(alias: str) -> dict[str, dict[str, Any]]:
    """Each district's ledger in four numbers, to compare with after a restore."""
    return {str(pk): district_told(pk, alias) for pk in District.objects.using(alias).values_list("pk", flat=True)}


def district_told(district_id: int, alias: str = "default") -> dict[str, Any]:
    """How many matters, chain heads and entries, and the last published root."""
    matters = Matter.objects.using(alias).filter(district_id=district_id)
    last = Seal.objects.using(alias).filter(district_id=district_id).order_by("-seq").first()
    return {
        "matters": matters.count(),
        "heads": matters.exclude(head="").count(),
        "entries": Entry.objects.using(alias).filter(district_id=district_id).count(),
        "seal": {"seq": last.seq, "root": last.root} if last else None,
    }


def _table(archive: zipfile.ZipFile, alias: str, model: tables.Model) -> Table:
    name, count = f"tables/{model._meta.db_table}.jsonl", 0
    rows = model._base_manager.using(alias).order_by("pk").values_list(*tables.attributes(model))
    with writing(archive, name) as member:
        member.write(tables.line({"columns": tables.columns(model)}))
        for row in rows.iterator(chunk_size=tables.BATCH):
            member.write(tables.line(row))
            count += 1
    return Table(model._meta.label, name, count, member.sha256)


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass
class _Gaps:
    count: int = 0
    named: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.named) < NAMED_AT_MOST:
            self.named.append(name)


def _files(archive: zipfile.ZipFile, alias: str) -> dict[str, Any]:
    """Every picture that a row of the snapshot names. Those taken in later belong to the next backup."""
    missing, altered, count, size = _Gaps(), _Gaps(), 0, 0
    waiting = Upload.objects.using(alias).filter(used_at=None).values_list("path", "sha256")
    votes = PaperEntry.objects.using(alias).exclude(scan=None).values("scan")
    signed = Attendance.objects.using(alias).exclude(scan=None).values("scan")
    papers = Upload.objects.using(alias).filter(Q(pk__in=votes) | Q(pk__in=signed)).values_list("path", "sha256")
    held = Attachment.objects.using(alias).exclude(path="").values_list("path", "sha256")
    shown = Attachment.objects.using(alias).exclude(shown_path="").values_list("shown_path", "shown_sha256")
    named = held.union(shown, waiting, papers)
    with writing(archive, FILES, packed=False) as member, _tar(member) as tar:
        for path, sha256 in named.iterator(chunk_size=tables.BATCH):
            try:
                data = _read(path)
            except FileNotFoundError:
                missing.add(path)
                continue
            if hashlib.sha256(data).hexdigest() != sha256:
                altered.add(path)
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(data), 0o640
            tar.addfile(info, BytesIO(data))
            tar.members.clear()  # type: ignore[attr-defined]  # else it remembers every file it ever wrote
            count, size = count + 1, size + len(data)
    return {
        "count": count, "bytes": size, "sha256": member.sha256,
        "missing": {"count": missing.count, "named": missing.named},
        "altered": {"count": altered.count, "named": altered.named},
    }  # fmt: skip


def _read(path: str) -> bytes:
    with default_storage.open(path) as file:
        return bytes(file.read())


@contextmanager
def _tar(member: Hashed) -> Iterator[tarfile.TarFile]:
    with tarfile.open(fileobj=cast(Any, member), mode="w|", format=tarfile.PAX_FORMAT) as tar:
        yield tar
