"""An older system's books: read in once and for all, computed, verified, and given back as they were."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from linli.channels import history
from linli.channels.history import importing
from linli.channels.history.mapping import MapError, Mapping, parse
from linli.channels.history.table import LINE, REASON
from linli.core.matters import actions, stats
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Book, Category, Clock, Delta, Entry, Matter, Origin
from linli.core.matters.sweep import sweep
from linli.core.people.actor import Actor
from linli.core.people.models import Notice
from linli.core.places.models import District
from linli.kit.models import Change, Outbox
from scripts import history_sample
from tests.cast import DISTRICT, Town
from tests.matters.test_ledger_verifying import reasons

MAPS = Path(history.__file__).parent / "maps"
PLACES = (("东桥街道", "柳荫社区"), ("西桥街道", "石榴社区"), ("东桥街道", "没有这个社区"))
SPAN = {"since": date(2023, 1, 1), "until": date(2023, 12, 31)}
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def platform(**more: object) -> Mapping:
    """The mapping of the made-up ledger."""
    import tomllib

    return parse(tomllib.loads((MAPS / "platform.toml").read_text(encoding="utf-8")) | more)


def sample(path: Path, count: int = 40, closed: int = 36) -> Path:
    history_sample.write(path, count, closed, PLACES)
    return path


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def put(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def take(path: Path, town: Town, **more: object) -> history.HistoryReport:
    mapping = more.pop("mapping", None) or platform()
    return history.import_history(path, mapping, district=District.objects.get(pk=DISTRICT), **more)  # type: ignore[arg-type]


@pytest.mark.system("M8")
def test_a_history_computes_its_rate_and_comes_in_once(town: Town, tmp_path: Path, client: Client) -> None:
    """3,851 events of which 3,845 were closed: the rate is counted from the rows, on every page that shows it."""
    path = sample(tmp_path / "ledger.csv", 3851, 3845)
    report = take(path, town)
    assert (report.read, report.imported, report.closed, report.rejected) == (3851, 3851, 3845, [])
    assert any("99.84%" in line for line in report.lines())
    whole = stats.query(district_id=DISTRICT, by="place", **SPAN).total
    assert (whole.received, whole.resolved) == (3851, 3845)
    assert f"{100 * whole.resolved / whole.received:.2f}" == "99.84"
    assert stats.check(DISTRICT) == []
    again = take(path, town)
    assert (again.imported, again.already, again.changed, Matter.objects.count()) == (0, 3851, 0, 3851)
    html = client.get("/open/figures/", {"since": "2023-01-01", "until": "2023-12-31"}).content.decode()
    assert "99.84" in html
    assert "3,851 件是从旧平台导入的历史" in html
    assert "0.0" not in html.split("怎么分")[0]  # nobody promised an answer there, so none was missed
    got = client.get("/api/v1/stats/matters", {"by": "state", "since": "2023-01-01", "until": "2023-12-31"}).json()
    assert sum(g["resolved"] for g in got["groups"]) == 3845
    assert verify().ok


def test_what_comes_in_keeps_its_own_times_and_verdicts(town: Town, tmp_path: Path) -> None:
    take(sample(tmp_path / "a.csv"), town)
    origin = Origin.objects.select_related("matter").get(external="SJ000012")  # the twelfth was late
    matter = origin.matter
    opened = datetime(2023, 1, 1, 0, 0, tzinfo=UTC) + timedelta(minutes=127 * 11)
    assert (matter.opened_at, matter.closed_at) == (opened, opened + timedelta(days=3))
    assert (matter.number[:7], matter.state, matter.imported) == ("TS-2301", "closed", "closed")
    clock = Clock.objects.get(matter=matter)
    assert (clock.stage, clock.state, clock.due_at, clock.next_at) == (
        "result",
        "missed",
        opened + timedelta(days=2),
        None,
    )
    said = Entry.objects.filter(matter=matter).order_by("seq")
    assert [(e.act, e.at) for e in said][:2] == [("open", matter.opened_at), ("archive", matter.closed_at)]
    assert said[2].data["external"] == "SJ000012"
    assert (matter.place_id, matter.community_id) == (
        town.places["street"].pk,
        None,
    )  # no such community in that street
    assert Origin.objects.get(external="SJ000001").matter.community_id == town.places["community"].pk
    assert not Outbox.objects.exists()
    assert not Notice.objects.exists()
    newest = Matter.objects.order_by("-pk").first()
    assert newest is not None
    assert newest.opened_at == max(Matter.objects.values_list("opened_at", flat=True))


def test_the_sweep_calls_nobody_for_what_is_past(town: Town, tmp_path: Path) -> None:
    take(sample(tmp_path / "a.csv"), town)
    assert Matter.objects.filter(state="open", next_due__lt=timezone.now()).count() == 4
    assert sweep().done == 0
    assert not Outbox.objects.exists()


def test_a_broken_row_is_named_by_its_line_and_mended(town: Town, tmp_path: Path) -> None:
    rows = table(sample(tmp_path / "a.csv", 3500, 3500))
    rows[3410][6] = "昨天下午"  # line 3,411
    rows[7] = rows[7][:5]
    rows[9][0] = ""
    rows[11] = [*rows[10]]
    rows[12][9] = "不知道"
    rows[13][8] = "2022-01-01 00:00"
    path, bad = put(tmp_path / "b.csv", rows), tmp_path / "b.rejects.csv"
    report = take(path, town, rejects=bad)
    assert [line for line, _reason in report.rejected] == [8, 10, 12, 13, 14, 3411]
    told = "\n".join(report.lines())
    assert "第 3411 行：上报时间 的时间读不懂：“昨天下午”" in told
    assert report.imported == 3494 == Matter.objects.count()
    kept = table(bad)
    assert kept[0][:2] == [LINE, REASON]
    assert [row[2:] for row in kept[1:]] == [rows[i] for i in (7, 9, 11, 12, 13, 3410)]
    whole = table(sample(tmp_path / "c.csv", 3500, 3500))
    mended = [kept[0], *([row[0], row[1], *whole[int(row[0]) - 1]] for row in kept[1:])]
    second = take(put(tmp_path / "d.csv", mended), town)
    assert (second.imported, second.rejected) == (6, [])
    assert sorted(r[0] for r in table(tmp_path / "c.csv")[1:]) == sorted(
        Origin.objects.values_list("external", flat=True)
    )


def test_a_dry_run_writes_nothing(town: Town, tmp_path: Path) -> None:
    report = take(sample(tmp_path / "a.csv"), town, dry_run=True)
    assert (report.imported, Matter.objects.count(), Book.objects.count()) == (40, 0, 0)
    assert not Category.objects.filter(name="违停").exists()
    assert "什么也没有写" in "\n".join(report.lines())


def test_an_import_that_was_cut_off_goes_on(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is whole or not there, and the second run takes only what is missing."""
    monkeypatch.setattr(importing, "BATCH", 10)
    path, calls = sample(tmp_path / "a.csv"), []
    record = importing.record_history

    def cut(**asked: object) -> int:
        calls.append(asked)
        if len(calls) == 3:
            record(**asked)  # type: ignore[arg-type]
            raise KeyboardInterrupt
        return record(**asked)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "record_history", cut)
    with pytest.raises(KeyboardInterrupt):
        take(path, town)
    assert Matter.objects.count() == 20
    monkeypatch.setattr(importing, "record_history", record)
    report = take(path, town)
    assert (report.already, report.imported) == (20, 20)
    assert verify().ok


def test_one_that_was_cut_off_behind_its_last_row_says_where_it_came_from_and_is_counted(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(_district: District) -> None:
        raise KeyboardInterrupt

    path = sample(tmp_path / "a.csv")
    with monkeypatch.context() as killed:
        killed.setattr(importing, "_fold", cut)
        with pytest.raises(KeyboardInterrupt):
            take(path, town)
    assert Delta.objects.exists()
    begun = Change.objects.get(sentence__contains="历史“")
    assert begun.sentence == "linli import 开始导入历史“街面事件台账”（a.csv）"
    report = take(path, town)
    assert (report.already, report.imported) == (40, 0)
    assert not Delta.objects.exists()
    assert Change.objects.filter(sentence__contains="历史“").count() == 1


def test_the_same_rows_come_back(town: Town, tmp_path: Path, act_as: Callable[[str], Actor]) -> None:
    path = sample(tmp_path / "a.csv")
    take(path, town)
    district = District.objects.get(pk=DISTRICT)
    assert history.export_history(tmp_path / "out.csv", platform(), district=district) == 40
    assert table(tmp_path / "out.csv") == table(path)
    assert history.export_history(tmp_path / "out.csv.gz", platform(), district=district) == 40
    with gzip.open(tmp_path / "out.csv.gz", "rt", encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == table(path)
    # One that Linli goes on with says so in the columns of its state; the rest of its row stays as it was.
    closed = Origin.objects.get(external="SJ000003").matter
    actions.reopen(actor=act_as("district"), district_id=DISTRICT, matter_id=closed.pk, reason="又停上了")
    history.export_history(tmp_path / "later.csv", platform(), district=district)
    row, before = table(tmp_path / "later.csv")[3], table(path)[3]
    assert (row[8], row[9]) == ("", "办理中")
    assert row[:8] == before[:8]
    assert verify().ok


def test_books_without_times_of_closing_count_and_do_not_pretend(town: Town, tmp_path: Path, client: Client) -> None:
    """Only a verdict and no time: resolved in time, and no length goes into the median."""
    rows = table(sample(tmp_path / "a.csv"))
    for row in rows[1:]:
        row[7] = row[8] = ""
    import tomllib

    shape = tomllib.loads((MAPS / "platform.toml").read_text(encoding="utf-8"))
    del shape["closed"], shape["due"]
    take(put(tmp_path / "b.csv", rows), town, mapping=parse(shape))
    whole = stats.query(district_id=DISTRICT, by="state", **SPAN).total
    assert (whole.resolved, whole.resolved_in_time, whole.median_seconds) == (36, 33, None)
    assert stats.check(DISTRICT) == []
    matter = Origin.objects.get(external="SJ000001").matter
    assert matter.closed_at is None
    html = client.get(f"/open/m/{matter.number}/").content.decode()
    assert "来源登记" in html
    assert verify().ok


def test_an_imported_row_changed_by_hand_is_named(town: Town, tmp_path: Path) -> None:
    take(sample(tmp_path / "a.csv"), town)
    first, second = Origin.objects.order_by("line")[:2]
    cells = list(first.cells)
    cells[2] = "别的"
    Origin.objects.filter(pk=first.pk).update(cells=cells)
    Matter.objects.filter(pk=second.matter_id).update(imported="")
    assert reasons() == {first.matter.number: {"origin"}, second.matter.number: {"origin"}}


def test_an_erasure_takes_the_row_with_it(town: Town, tmp_path: Path, act_as: Callable[[str], Actor]) -> None:
    take(sample(tmp_path / "a.csv"), town)
    matter = Origin.objects.get(external="SJ000001").matter
    actions.erase(actor=act_as("admin"), district_id=DISTRICT, matter_id=matter.pk, reason="本人要求", text=True)
    assert Origin.objects.get(matter=matter).cells == []
    assert verify().ok
    history.export_history(tmp_path / "o.csv", platform(), district=District.objects.get(pk=DISTRICT))
    assert table(tmp_path / "o.csv")[1] == ["SJ000001", *[""] * 11]


def test_a_wrong_mapping_is_told_before_a_row_is_read(town: Town, tmp_path: Path) -> None:
    path = sample(tmp_path / "a.csv")
    for wrong, words in (
        ({"kind": {"columns": [], "default": "nothing"}}, "没有这一类事：nothing"),
        ({"place": {"fallback": "nowhere"}}, "没有这个地方：nowhere"),
        ({"external": {"column": "编号"}}, "缺少对应表里写的列：编号"),
    ):
        with pytest.raises(MapError, match=words):
            take(path, town, mapping=platform(**wrong))
    for wrong, words in (
        ({"zone": "Asia/Nowhere"}, "没有这个时区"),
        ({"opend": {}}, "不认识的项：opend"),
        ({"state": {"column": "状态", "values": {"已办结": "done"}}}, "的值不对"),
    ):
        with pytest.raises(MapError, match=words):
            platform(**wrong)
    take(path, town)
    rows = table(path)
    with pytest.raises(MapError, match="换一个 source"):
        take(put(tmp_path / "more.csv", [[*row, "x" if n else "备注"] for n, row in enumerate(rows)]), town)


def test_an_offices_own_encoding_is_read(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "gb.csv"
    path.write_text(sample(tmp_path / "a.csv").read_text(encoding="utf-8-sig"), encoding="gb18030")
    assert take(path, town).imported == 40


@pytest.mark.realdata
@pytest.mark.system("M8")
@pytest.mark.parametrize(("name", "shape"), [("pingshan_events", "events"), ("boston_311_2015", "requests_311")])
def test_real_books_come_in_and_go_out(town: Town, tmp_path: Path, name: str, shape: str) -> None:
    """The first rows of two cities' ledgers through the shipped maps; every value comes back as it was."""
    file = DATA / f"{name}.csv.gz"
    if not file.exists():
        pytest.skip("no real data beside the checkout")
    with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as rows:
        some = [row for row, _n in zip(csv.reader(rows), range(801), strict=False)]
    path, mapping = put(tmp_path / "some.csv", some), history.read_map(MAPS / f"{shape}.toml")
    report = take(path, town, mapping=mapping)
    assert report.imported + len(report.rejected) == 800
    assert report.imported >= 795
    history.export_history(tmp_path / "out.csv", mapping, district=District.objects.get(pk=DISTRICT))
    wrong = {line for line, _reason in report.rejected}
    assert table(tmp_path / "out.csv") == [row for n, row in enumerate(some, 1) if n not in wrong]
    assert verify().ok
    assert stats.check(DISTRICT) == []


def test_what_linli_exports_comes_in_as_history(town: Town, tmp_path: Path, act_as: Callable[[str], Actor]) -> None:
    """``export matters`` and ``import matters``: one's own table, read into another district's books."""
    from linli.config.cli import main
    from tests.matters.test_ledger_verifying import opened as say

    made = say(town, act_as("resident")).matter
    file = tmp_path / "matters.csv"
    assert main(["export", "matters", str(file)]) == 0
    assert main(["import", "matters", str(file), "--dry-run"]) == 0
    assert Matter.objects.count() == 1
    assert main(["import", "matters", str(file)]) == 0
    copy = Origin.objects.get(external=made.number).matter
    assert (copy.kind, copy.place_id, copy.state, copy.imported) == (made.kind, made.place_id, "open", "open")
    assert copy.opened_at == made.opened_at.replace(microsecond=0)
    assert verify().ok
