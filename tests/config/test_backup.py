"""Backup and restore between databases of its own, made and thrown away here; the town's people write meanwhile."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import os
import tarfile
import threading
import uuid
import zipfile
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

from linli.config.backup import backup, restore, tables, writing
from linli.config.backup.archive import FILES, MANIFEST
from linli.core.matters import actions, numbers, triggers
from linli.core.matters.actions.opening import Asked
from linli.core.matters.ledger import sealing
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Attachment, Contact, Entry, Matter, Seal
from linli.core.people import actor as actors
from linli.core.people.models import Token, User
from linli.core.places.models import District, Place
from linli.core.places.tree import tree
from linli.kit import crypto, memory
from linli.kit.models import Rate, Upload
from tests import cast
from tests.cast import DISTRICT

ENGINES = ["sqlite", *(["postgresql"] if "postgresql" in connections.settings["default"]["ENGINE"] else [])]
PICTURE = b"not really a picture"


def _forget() -> None:
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
            _forget()
            with override_settings(MEDIA_ROOT=str(files)):
                if migrate and "places_district" not in connection.introspection.table_names():
                    _migrate(engine, conf["NAME"])
                yield files
        finally:
            connections["default"].close()
            connections["default"], connections.settings["default"] = before, original
            _forget()

    original = connections.settings["default"]
    with django_db_blocker.unblock():
        yield house
        for drop in reversed(made):
            drop()


_created: set[str] = set()
_kept: dict[str, bytes] = {}  # what takes long to make and is the same for every test


def _migrate(engine: str, name: str) -> None:
    if engine == "sqlite" and "tables" in _kept:
        connection.close()
        for leftover in Path(name).parent.glob(f"{Path(name).name}*"):
            leftover.unlink()
        Path(name).write_bytes(_kept["tables"])
        return
    call_command("migrate", interactive=False, verbosity=0)
    if engine == "sqlite":
        connection.close()
        _kept["tables"] = Path(name).read_bytes()


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


def _open(town: cast.Town, text: str, **more: Any) -> Matter:
    place = tree(DISTRICT).by_id[town.places["unit"].pk]
    asked = Asked("appeal", text, DISTRICT, place, name="李冬", phone="13800000000", **more)
    return actions.open_matter(actor=actors.for_user(town.users["resident"].pk), asked=asked).matter


def _live() -> cast.Town:
    """The town with a few matters, a picture, a seal, a token and counters."""
    town = cast.build()
    path = default_storage.save("2026/03/05/a.jpg", ContentFile(PICTURE))
    upload = Upload.objects.create(
        owner_hash="x", sha256=hashlib.sha256(PICTURE).hexdigest(), mime="image/jpeg", size=len(PICTURE), width=1,
        height=1, path=path,
    )  # fmt: skip
    first = _open(town, '楼道灯坏了。\n"晚上",看不见 🙂\u2028x', uploads=[upload])
    actions.accept(actor=actors.for_user(town.users["grid"].pk), district_id=DISTRICT, matter_id=first.pk)
    older, newer = _open(town, "旧的一件"), _open(town, "新的一件")
    actions.merge(
        actor=actors.for_user(town.users["community"].pk), district_id=DISTRICT, matter_id=older.pk,
        into_id=newer.pk, reason="同一件",
    )  # fmt: skip
    sealing.seal(DISTRICT)
    _open(town, "封过以后的一件")
    Token.objects.create(user=town.users["grid"], hash="h", expires_at=timezone.now())
    Rate.objects.create(key="k", started=1, count=1)
    return town


def _state() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as Python sees it, whatever the engine."""
    found = {}
    for model in tables.tables():
        rows = model._base_manager.order_by("pk").values_list(*tables.attributes(model))
        found[model._meta.label] = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows]
    return found


@pytest.mark.parametrize("source", ENGINES)
@pytest.mark.parametrize("target", ENGINES)
def test_a_restored_system_is_the_same_to_the_last_row(
    houses: Any, tmp_path: Path, source: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, told = tmp_path / "b.zip", list[str]()
    with houses(source, "old"):
        _live()
        before = _state()
        assert backup(file, report=told.append) == 0
    assert any("LINLI_KEYS" in line for line in told)
    assert file.stat().st_mode & 0o077 == 0
    with houses(target, "new", migrate=False) as files:
        assert restore(file, report=told.append) == 0
        after = _state()
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
        assert _open(town, "恢复以后的一件").number not in {row[2] for row in after["matters.Matter"]}
    assert any("账本完好" in line for line in told)


@pytest.mark.parametrize("engine", ENGINES)
def test_people_write_while_the_backup_runs_and_it_shows_one_moment(
    houses: Any, tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of the backup another connection opens matters and seals: it is not held up and not seen."""
    with houses(engine, "old"):
        town, meanwhile = _live(), []
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
                meanwhile.append(_open(town, "备份当中的一件").number)
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
    if "backup" not in _kept:
        with houses("sqlite", "saved"):
            _live()
            assert backup(file, report=lambda line: None) == 0
        _kept["backup"] = file.read_bytes()
    file.write_bytes(_kept["backup"])
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
        before = _state()
        assert restore(saved, report=told.append) == 1
        assert _state() == before
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
        _live()
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
        _live()
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
        _live()
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
