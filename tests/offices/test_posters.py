"""Runs of posters: whole files only, whatever happens half-way."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from linli.core.people.actor import Actor
from linli.core.places.models import Place
from linli.core.places.tree import tree
from linli.kit import codes, memory
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.offices.posters import actions, bundle, jobs, places, queries, sheets
from linli.offices.posters.models import Part, Run
from tests.cast import DISTRICT, Town

pytestmark = pytest.mark.system("P3")
ActAs = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def _scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")


def order(actor: Actor, *codes_: str, **more: Any) -> Run:
    said = {"level": "unit", "shape": "a4", "format": "pdf", "site": "https://linli.example", "key": uuid.uuid4().hex}
    return actions.start(actor=actor, codes=codes_, **{**said, **more})


def more_units(town: Town, count: int) -> None:
    """As many further stairs in the one building."""
    house = town.places["building"]
    for n in range(3, count + 3):
        Place.objects.create(
            district=town.district, parent=house, level="unit", code=f"{house.code}U{n:02d}", name=f"{n} 单元",
            path=f"{house.path}{n + 100:04d}", door=codes.new_code(DISTRICT, "door"), since=house.since,
        )  # fmt: skip
    memory.forget()


def work() -> int:
    done = 0
    while jobs.work():
        done += 1
    return done


def whole(path: Path) -> bool:
    data = path.read_bytes()
    return data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")


def files() -> list[Path]:
    return sorted(p for p in (Path(settings.MEDIA_ROOT) / "posters").rglob("*") if p.is_file())


def test_every_door_gets_a_sheet_with_its_own_people(town: Town, act_as: ActAs) -> None:
    node = tree(DISTRICT).by_id[town.places["unit"].pk]
    sheet = sheets.of_doors(tree(DISTRICT), [node], "https://linli.example")[0]
    assert (sheet["name"], sheet["code"]) == ("柳荫里 1 号楼 1 单元", town.places["unit"].door)
    assert sheet["url"] == f"https://linli.example/d/{town.places['unit'].door}"
    names = [one["name"] for one in sheet["people"]]
    assert names == ["陆长亭", "王禾苗", "赵长亭", "柳荫社区居委会", "东桥街道办事处"]
    assert not {"白露", "审慎行", "管机房", "程管理"} & set(names)


def test_a_run_ends_with_whole_files_and_a_list_of_them(town: Town, act_as: ActAs) -> None:
    run = order(act_as("community"), town.places["community"].code)
    assert (run.total, work()) == (2, 1)
    run.refresh_from_db()
    how = queries.progress([run])[run.pk]
    assert (run.state, how.doors, how.parts, how.done, how.waiting) == ("done", 2, 1, 1, 0)
    assert [whole(path) for path in files()] == [True]
    box = zipfile.ZipFile(io.BytesIO(b"".join(bundle.zipped(run))))
    assert box.testzip() is None
    assert sorted(box.namelist()) == ["0001-柳荫社区-柳荫里.pdf", "目录.csv"]
    assert "柳荫社区 柳荫里,2,做好了" in box.read("目录.csv").decode()


@pytest.mark.parametrize("shape", ["a4", "a6"])
def test_pictures_come_in_a_zip_of_their_own(town: Town, act_as: ActAs, shape: str) -> None:
    order(act_as("admin"), town.places["building"].code, shape=shape, format="png")
    work()
    box = zipfile.ZipFile(files()[0])
    assert len(box.namelist()) == (2 if shape == "a4" else 1)
    assert all(box.read(name).startswith(b"\x89PNG") for name in box.namelist())


def test_stopped_half_way_nothing_is_lost_and_it_goes_on(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "A_FILE", 4)
    more_units(town, 8)
    actor = act_as("street")
    run = order(actor, town.places["street"].code)
    assert jobs.work() == 1
    actions.stop(actor=actor, run_id=run.pk)
    assert jobs.work() == 0
    how = queries.progress([run])[run.pk]
    assert (how.doors, how.done, how.waiting) == (4, 1, 2)
    listed = zipfile.ZipFile(io.BytesIO(b"".join(bundle.zipped(run))))
    assert len(listed.namelist()) == 2
    assert listed.read("目录.csv").decode().count("还没做") == 2
    with pytest.raises(Conflict):
        actions.stop(actor=actor, run_id=run.pk)
    actions.resume(actor=actor, run_id=run.pk)
    assert work() == 2
    run.refresh_from_db()
    assert (run.state, queries.progress([run])[run.pk].doors, len(files())) == ("done", 10, 3)


def test_a_part_whose_drawer_was_killed_is_drawn_again_when_its_lease_ends(town: Town, act_as: ActAs) -> None:
    run = order(act_as("community"), town.places["community"].code)
    killed = jobs._lease(run)
    assert killed is not None
    (jobs.folder(run.pk)).mkdir(parents=True)
    (jobs.folder(run.pk) / f".{killed.token}").write_bytes(b"%PDF-half")
    assert jobs.work() == 0
    Part.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert jobs.work() == 1
    part = Part.objects.get()
    assert (part.state, part.tries) == ("done", 2)
    assert whole(Path(settings.MEDIA_ROOT) / part.path)
    # The one thought dead wakes up after all: its file goes, the other stays.
    late = jobs.folder(run.pk) / "late"
    late.write_bytes(b"%PDF-late")
    jobs._keep(run, killed, late, drawn=2)
    assert [path.name for path in files() if not path.name.startswith(".")] == [Path(part.path).name]


def test_kill_9_in_the_middle_of_drawing_leaves_no_half_file(town: Town, act_as: ActAs, tmp_path: Path) -> None:
    """The press itself, killed while it reads: there is no file at all, and the row still waits."""
    out = tmp_path / "half.pdf"
    press = subprocess.Popen([sys.executable, "-I", str(sheets.PRESS)], stdin=subprocess.PIPE)
    assert press.stdin is not None
    press.stdin.write(f'{{"out": "{out}", "shape": "a4"'.encode())
    press.stdin.flush()
    os.kill(press.pid, signal.SIGKILL)
    assert press.wait() == -signal.SIGKILL
    press.stdin.close()
    assert not out.exists()


def test_what_cannot_be_drawn_is_tried_three_times_and_said(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = act_as("community")
    run = order(actor, town.places["community"].code)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise sheets.PressError("no ink")

    with monkeypatch.context() as without_ink:
        without_ink.setattr(sheets, "press", broken)
        assert work() == 3
    run.refresh_from_db()
    assert (run.state, Part.objects.get().error, files()) == ("failed", "no ink", [])
    actions.resume(actor=actor, run_id=run.pk)
    assert work() == 1
    run.refresh_from_db()
    assert run.state == "done"


def test_the_press_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(sheets.PressError):
        sheets.press([{"url": "x"}], shape="a4", format="pdf", out=tmp_path / "a.pdf")


def test_ground_and_words_are_checked(town: Town, act_as: ActAs) -> None:
    with pytest.raises(Invalid) as refused:
        order(act_as("community"), town.places["community2"].code)
    assert "place" in refused.value.fields
    for wrong in ({"site": "linli.example/x"}, {"shape": "a3"}, {"level": "city"}):
        with pytest.raises(Invalid):
            order(act_as("community"), town.places["community"].code, **wrong)
    with pytest.raises(Invalid):
        order(act_as("grid"), town.places["grid"].code)
    with pytest.raises(Invalid):
        order(act_as("community"), town.places["gridb"].code)  # nobody lives there
    assert not Run.objects.exists()


def test_one_key_is_one_run_and_others_see_none_of_it(town: Town, act_as: ActAs) -> None:
    run = order(act_as("community"), town.places["community"].code, key="k" * 32)
    assert order(act_as("community"), town.places["community"].code, key="k" * 32).pk == run.pk
    assert Part.objects.count() == 1
    assert queries.run_of(act_as("street"), run.pk) == run
    for stranger in ("community2", "street2", "grid", "auditor", "resident"):
        with pytest.raises(NotFound):
            queries.run_of(act_as(stranger), run.pk)


def test_old_files_go_and_the_run_says_so(town: Town, act_as: ActAs) -> None:
    run = order(act_as("community"), town.places["community"].code)
    work()
    assert jobs.purge() == 0
    Run.objects.update(ended_at=timezone.now() - timedelta(days=15))
    assert jobs.purge() == 1
    run.refresh_from_db()
    assert (run.state, files()) == ("gone", [])
    assert jobs.purge() == 0


def test_a_door_that_ended_meanwhile_is_left_out_and_told(town: Town, act_as: ActAs) -> None:
    order(act_as("community"), town.places["community"].code)
    Place.objects.filter(pk=town.places["unitb"].pk).update(until=timezone.localdate())
    memory.forget()
    work()
    part = Part.objects.get()
    assert (part.state, part.count, part.drawn) == ("done", 2, 1)


def test_a_batch_of_doors_costs_two_queries(town: Town, act_as: ActAs, django_assert_max_num_queries: Any) -> None:
    more_units(town, 40)
    known = tree(DISTRICT)
    nodes = [n for n in known.by_id.values() if n.level == "unit"]
    with django_assert_max_num_queries(2):
        assert len(sheets.of_doors(known, nodes, "https://linli.example")) == 42
