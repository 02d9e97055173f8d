"""Backup and restore between databases of its own, made and thrown away here; the town's people write meanwhile."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connections

from linli.config.backup import backup, restore, writing
from linli.config.backup.archive import FILES, MANIFEST
from linli.core.matters import triggers
from linli.core.matters.ledger import sealing
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Attachment, Contact, Entry, Matter, Seal
from linli.core.people.models import User
from linli.core.places.models import District, Place
from linli.kit import crypto
from linli.kit.models import Rate
from tests import cast
from tests.cast import DISTRICT
from tests.config.houses import ENGINES, KEPT, PICTURE, houses, live, opened, state

__all__ = ["houses"]


@pytest.mark.parametrize("source", ENGINES)
@pytest.mark.parametrize("target", ENGINES)
def test_a_restored_system_is_the_same_to_the_last_row(
    houses: Any, tmp_path: Path, source: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, told = tmp_path / "b.zip", list[str]()
    with houses(source, "old"):
        live()
        before = state()
        assert backup(file, report=told.append) == 0
    assert any("LINLI_KEYS" in line for line in told)
    assert file.stat().st_mode & 0o077 == 0
    with houses(target, "new", migrate=False) as files:
        assert restore(file, report=told.append) == 0
        after = state()
        assert after == before
        assert len(after["matters.Matter"]) == 4
        assert len(after["people.Token"]) == 1
        assert not Rate.objects.exists()
        assert (files / Attachment.objects.get().path).read_bytes() == PICTURE
        contact = Contact.objects.order_by("pk")[0]
        assert crypto.unseal(contact.phone or b"", context="contact.phone") == "13800000000"
        assert verify(DISTRICT).ok
        assert triggers.missing() == []
        assert not [p for p in files.parent.iterdir() if p.name.startswith(".restore")]
        town = cast.Town(District.objects.get(), {"unit": Place.objects.get(name="1 单元")},
                         users={"resident": User.objects.get(username="resident")})  # fmt: skip
        assert opened(town, "恢复以后的一件").number not in {row[2] for row in after["matters.Matter"]}
    assert any("账本完好" in line for line in told)


@pytest.mark.parametrize("engine", ENGINES)
def test_people_write_while_the_backup_runs_and_it_shows_one_moment(
    houses: Any, tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of the backup another connection opens matters and seals: it is not held up and not seen."""
    with houses(engine, "old"):
        town, meanwhile = live(), []
        original = writing._table

        def slowly(archive: Any, alias: str, model: Any) -> Any:
            if model is Entry:
                helper = threading.Thread(target=write)
                helper.start()
                helper.join(20)
                assert not helper.is_alive(), "a writer was held up"
            return original(archive, alias, model)

        def write() -> None:
            try:
                meanwhile.append(opened(town, "备份当中的一件").number)
                sealing.seal(DISTRICT)
            finally:
                connections.close_all()

        monkeypatch.setattr(writing, "_table", slowly)
        assert backup(tmp_path / "b.zip", report=lambda line: None) == 0
        assert meanwhile
        assert (Matter.objects.count(), Seal.objects.count()) == (5, 2)
    with houses(engine, "new"):
        assert restore(tmp_path / "b.zip", report=lambda line: None) == 0
        assert (Matter.objects.count(), Seal.objects.count()) == (4, 1)
        assert not Matter.objects.filter(number__in=meanwhile).exists()


@pytest.fixture
def saved(houses: Any, tmp_path: Path) -> Path:
    file = tmp_path / "b.zip"
    if "backup" not in KEPT:
        with houses("sqlite", "saved"):
            live()
            assert backup(file, report=lambda line: None) == 0
        KEPT["backup"] = file.read_bytes()
    file.write_bytes(KEPT["backup"])
    return file


def _rewritten(file: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The same archive with members changed (None leaves one out)."""
    goal = file.with_name(f"{uuid.uuid4().hex}.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(goal, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return goal


def _refused(houses: Any, file: Path, name: str = "new") -> str:
    told: list[str] = []
    with houses("sqlite", name) as files:
        assert restore(file, report=told.append) == 1
        assert not District.objects.exists()
        assert not [p for p in files.rglob("*") if p.is_file()]
    return told[-1]


def test_a_row_altered_inside_the_file_is_found_before_anything_is_written(houses: Any, saved: Path) -> None:
    member = "tables/matters_timeline.jsonl"
    bad = _rewritten(
        saved, lambda name, data: data.replace("新的".encode(), "假的".encode()) if name == member else data
    )
    assert member in _refused(houses, bad)


@pytest.mark.parametrize("lost", [FILES, "tables/people_post.jsonl", MANIFEST])
def test_a_member_left_out_is_refused(houses: Any, saved: Path, lost: str) -> None:
    _refused(houses, _rewritten(saved, lambda name, data: None if name == lost else data))


def test_a_file_cut_off_and_a_file_that_is_none_are_refused(houses: Any, saved: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(saved.read_bytes()[:-100])
    assert "完整" in _refused(houses, cut)
    assert "没有这个文件" in _refused(houses, tmp_path / "none.zip")


def _manifest(change: Callable[[dict[str, Any]], None]) -> Callable[[str, bytes], bytes]:
    def changed(name: str, data: bytes) -> bytes:
        if name != MANIFEST:
            return data
        told = json.loads(data)
        change(told)
        return json.dumps(told).encode()

    return changed


def test_another_version_is_refused(houses: Any, saved: Path) -> None:
    later = _rewritten(saved, _manifest(lambda told: told["migrations"]["matters"].append("9999_later")))
    assert "版本" in _refused(houses, later)
    assert "格式" in _refused(houses, _rewritten(saved, _manifest(lambda told: told.update(format=99))))


def test_a_system_with_people_in_it_is_left_alone(houses: Any, saved: Path) -> None:
    told: list[str] = []
    with houses("sqlite", "full"):
        cast.build()
        before = state()
        assert restore(saved, report=told.append) == 1
        assert state() == before
    assert "已经有" in told[-1]


def test_a_restore_that_fails_at_the_last_moment_leaves_neither_rows_nor_pictures(
    houses: Any, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linli.config.backup import restoring

    original = restoring._Staged.move_in

    def fail(staged: Any) -> None:
        original(staged)
        assert default_storage.exists("2026/03/05/a.jpg")
        raise OSError("disk full")

    monkeypatch.setattr(restoring._Staged, "move_in", fail)
    assert "disk full" in _refused(houses, saved)
    monkeypatch.undo()
    with houses("sqlite", "new"):
        assert restore(saved, report=lambda line: None) == 0


def test_another_picture_under_a_name_of_the_backups_is_not_taken_for_it(houses: Any, saved: Path) -> None:
    told: list[str] = []
    with houses("sqlite", "new") as files:
        here = files / "2026/03/05/a.jpg"
        here.parent.mkdir(parents=True)
        here.write_bytes(b"somebody else's")
        assert restore(saved, report=told.append) == 1
        assert not District.objects.exists()
        assert "2026/03/05/a.jpg" in told[-1]
        assert [p for p in files.rglob("*") if p.is_file()] == [here]
        with zipfile.ZipFile(saved) as whole, whole.open(FILES) as packed, tarfile.open(fileobj=packed) as tar:
            here.write_bytes(tar.extractfile("2026/03/05/a.jpg").read())  # type: ignore[union-attr]
        assert restore(saved, report=told.append) == 0


def test_a_damaged_file_is_called_so(houses: Any, saved: Path) -> None:
    bad, whole = saved.with_name("damaged.zip"), bytearray(saved.read_bytes())
    with zipfile.ZipFile(saved) as archive:
        largest = max(archive.infolist(), key=lambda info: info.compress_size)
    whole[largest.header_offset + 60 + largest.compress_size // 2] ^= 0xFF
    bad.write_bytes(whole)
    told = _refused(houses, bad)
    assert "文件坏了" in told or "不符" in told, told


def test_a_picture_name_that_leaves_the_store_is_refused(houses: Any, saved: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        info = tarfile.TarInfo("../../outside.jpg")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    evil = packed.getvalue()
    bad = _rewritten(saved, lambda name, data: evil if name == FILES else data)
    told = {"sha256": hashlib.sha256(evil).hexdigest()}
    assert "outside" in _refused(houses, _rewritten(bad, _manifest(lambda all_: all_["files"].update(told))))
    assert not list(saved.parent.rglob("outside.jpg"))


def test_a_ledger_that_was_broken_before_is_restored_and_told(houses: Any, tmp_path: Path) -> None:
    told: list[str] = []
    with houses("sqlite", "old"):
        live()
        with triggers.lifted():
            Entry.objects.filter(act="accept").update(actor="另一个人")
        assert backup(tmp_path / "b.zip", report=told.append) == 0
    with houses("sqlite", "new"):
        assert restore(tmp_path / "b.zip", report=told.append) == 1
        assert Matter.objects.count() == 4
    assert any("对不上" in line for line in told)


def test_a_backup_cut_off_leaves_no_file(houses: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "b.zip"

    def stop(archive: Any, alias: str) -> None:
        raise KeyboardInterrupt

    with houses("sqlite", "old"):
        live()
        with monkeypatch.context() as patched:
            patched.setattr(writing, "_files", stop)
            with pytest.raises(KeyboardInterrupt):
                backup(file, report=lambda line: None)
        assert [p.name for p in tmp_path.iterdir() if p.name.startswith("b.zip")] == []
        assert writing.ALIAS not in list(connections)
        assert backup(file, report=lambda line: None) == 0
        kept = file.read_bytes()
        assert backup(file, report=lambda line: None) == 1
        assert file.read_bytes() == kept


def test_missing_pictures_are_told_and_the_rest_is_saved(houses: Any, tmp_path: Path) -> None:
    told: list[str] = []
    with houses("sqlite", "old"):
        live()
        default_storage.delete("2026/03/05/a.jpg")
        assert backup(tmp_path / "b.zip", report=told.append) == 2
    assert "2026/03/05/a.jpg" in told[-1]
    with houses("sqlite", "new"):
        assert restore(tmp_path / "b.zip", report=told.append) == 0


def test_no_key_and_no_plain_telephone_lies_in_the_file(saved: Path) -> None:
    from django.conf import settings

    with zipfile.ZipFile(saved) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"13800000000" not in everything
    for key in settings.LINLI_KEYS.values():
        assert key not in everything
        assert key.hex().encode() not in everything
