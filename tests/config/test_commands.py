"""The command line: what it refuses and how it says so. Each command runs in this process, on the town."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from linli.config import cli
from linli.config.commands import Told, demo_env, ledger, people, places
from linli.core.matters.models import Contact, Matter, Seal
from linli.core.people.models import Token, User
from linli.kit import crypto
from tests.cast import DISTRICT, Town
from tests.matters.test_walk import ActAs, opened


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may read or write the checkout's own demo."""
    monkeypatch.setattr(demo_env, "file", lambda: tmp_path / "demo.env")
    for name in ("PROFILE", "DATABASE_URL", "LINLI_VAR", "LINLI_NO_DEMO_ENV"):
        monkeypatch.delenv(name, raising=False)


def asked(**values: Any) -> argparse.Namespace:
    return argparse.Namespace(**values)


# ── the parser ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "line",
    ["demo", "load", "serve", "worker", "migrate", "grid check", "import", "export", "backup", "restore", "verify",
     "erase", "root", "user add", "user password", "token add", "keys new", "keys rotate", "keys index",
     "insight train", "insight predict"],
)  # fmt: skip
def test_every_command_explains_itself_in_chinese(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*line.split(), "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert "用法：" in told
    assert "usage" not in told


@pytest.mark.parametrize(
    ("line", "words"),
    [("", "还要写"), ("load", "PROFILE"), ("erase QX-1", "--reason"), ("verfy", "verfy"),
     ("grid check --what", "--what"), ("serve --port x", "x")],
)  # fmt: skip
def test_a_command_asked_for_wrongly_ends_with_2(line: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(line.split())
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


# ── which database ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"PROFILE": "qiaoxi"}, "sqlite:///var/linli.sqlite3"),
        ({"PROFILE": "chongli"}, "sqlite:///var/linli-chongli.sqlite3"),
        ({"PROFILE": "chongli", "DATABASE_URL": "postgres://a@b/c"}, "postgres://a@b/c"),
    ],
)
def test_the_environment_chooses_the_database(
    environment: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", environment.get("DATABASE_URL", ""))  # undone after the test
    demo_env.choose_database()
    assert os.environ.get("DATABASE_URL") == expected


@pytest.mark.parametrize("name", ["../x", "A B", "x/y", ".."])
def test_a_profile_that_cannot_be_a_file_name_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROFILE", name)
    with pytest.raises(Told):
        demo_env.choose_database()


def test_the_demo_keeps_its_secrets_and_remembers_its_database(tmp_path: Path) -> None:
    path = tmp_path / "var" / "demo.env"
    first = demo_env.write("qiaoxi", demo_env.embedded("qiaoxi"), path)
    second = demo_env.write("chongli", demo_env.embedded("chongli"), path)
    assert first["LINLI_SECRET_KEY"] == second["LINLI_SECRET_KEY"]
    assert first["LINLI_KEYS"] == second["LINLI_KEYS"]
    assert len(first["LINLI_SECRET_KEY"]) >= 50
    assert demo_env.read(path)["DATABASE_URL"] == "sqlite:///var/linli-chongli.sqlite3"
    assert path.stat().st_mode & 0o777 == 0o600


# ── grid check ──────────────────────────────────────────────────────────────────────────────────────────────
def square(code: str, west: float, east: float) -> dict[str, Any]:
    ring = [[west, 40.0], [east, 40.0], [east, 40.01], [west, 40.01], [west, 40.0]]
    return {"type": "Feature", "id": code, "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def geojson(path: Path, *features: dict[str, Any]) -> str:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(path)


def checked(file: str | None, outline: str | None = None, place: str | None = None, as_json: bool = True) -> int:
    return places.run_check(asked(file=file, outline=outline, place=place, json=as_json))


def test_grids_of_a_file_that_tile_end_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = geojson(tmp_path / "a.geojson", square("A", 114.0, 114.01), square("B", 114.01, 114.02))
    outline = geojson(tmp_path / "o.geojson", square("O", 114.0, 114.02))
    assert checked(file, outline) == 0
    assert capsys.readouterr().out == ""


def test_an_overlap_is_one_object_on_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = geojson(tmp_path / "a.geojson", square("A", 114.0, 114.011), square("B", 114.01, 114.02))
    assert checked(file) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["type"], sorted(found["between"])) == ("overlap", ["A", "B"])
    assert found["area_m2"] > 0


def test_the_database_is_checked_without_a_file(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(None, as_json=False) == 0
    assert "3 个面" in capsys.readouterr().err
    assert checked(None, place=town.places["quarter"].code, as_json=False) == 0
    assert "2 个面" in capsys.readouterr().err
    with pytest.raises(Told):
        checked(None, place="nowhere")


# ── the ledger ──────────────────────────────────────────────────────────────────────────────────────────────
def test_erasing_needs_a_matter_and_leaves_a_word(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    with pytest.raises(Told):
        ledger.erase(asked(number="TS-0000-1", reason="本人要求", text=False, by=None))
    assert ledger.erase(asked(number=made.matter.number.lower(), reason="本人要求", text=False, by=None)) == 0
    assert Contact.objects.get(matter_id=made.matter.pk).phone is None
    last = Matter.objects.get(pk=made.matter.pk).timeline.order_by("-seq")[0]
    assert (last.act, last.actor) == ("erase", "管机房 系统管理员")


def test_root_seals_and_prints_the_root(town: Town, act_as: ActAs, capsys: pytest.CaptureFixture[str]) -> None:
    opened(town, act_as("resident"))
    assert ledger.root(asked()) == 0
    sealed = Seal.objects.get(district_id=DISTRICT)
    assert sealed.root in capsys.readouterr().out


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_account_for_a_post_gets_a_password_once(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.users["building"].delete()
    assert people.add_user(asked(username="lu", post="T-building", district=None)) == 0
    user = User.objects.get(username="lu")
    shown = capsys.readouterr().out
    password = shown.partition("密码 ")[2].partition("（")[0]
    assert user.check_password(password)
    assert user.person is not None
    for again in ("lu", "lu2"):  # the name is taken; the person has an account
        with pytest.raises(Told):
            people.add_user(asked(username=again, post="T-building", district=None))
    with pytest.raises(Told):
        people.add_user(asked(username="unit", post="T-firm_unit", district=None))


def test_a_weak_password_is_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with translation.override("zh-hans"), pytest.raises(Told, match="密码至少要 10 个字符"):
        people.set_password(asked(username="grid"))
    monkeypatch.setattr("sys.stdin", io.StringIO("a much longer one\n"))
    assert people.set_password(asked(username="grid")) == 0
    assert User.objects.get(username="grid").check_password("a much longer one")


def test_a_channel_token_is_shown_and_only_its_hash_kept(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert people.add_token(asked(username="street", channel="phone", days=30)) == 0
    shown = capsys.readouterr().out.strip()
    assert Token.objects.get().hash == crypto.hash_secret(shown, "token")
    for wrong in ({"channel": "pigeon", "days": 30}, {"channel": "phone", "days": 0}):
        with pytest.raises(Told):
            people.add_token(asked(username="street", **wrong))


def test_an_answer_that_nobody_reads_ends_with_a_code_and_without_a_traceback() -> None:
    """As ``linli … | head`` does with ``pipefail``: a program must not take it for done."""
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as closed:
        line = [sys.executable, "-m", "linli.config.cli", "keys", "new"]
        done = subprocess.run(line, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (141, "")
