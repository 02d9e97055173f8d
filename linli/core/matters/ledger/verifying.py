"""``linli verify``: proves that nothing in the ledger was altered, cut off, or computed anew since it was sealed.

Works on a live system without holding anybody up: it reads in stretches and takes no lock. Where an act falls between
two reads a matter looks broken for a moment, so a broken one is looked at a second time, alone and locked, before
anybody hears of it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils.translation import gettext as _

from linli.core.matters import said, triggers
from linli.core.matters.ledger import numbered, reading, recorded, spread
from linli.core.matters.ledger.judging import Finding, Judgement, judge, lost
from linli.core.matters.ledger.numbered import Meant
from linli.core.matters.ledger.reading import Portion, Stretch
from linli.core.matters.ledger.sealing import first_leaf, ground
from linli.core.matters.ledger.spread import Spread
from linli.core.matters.models import Entry, Leaf, Matter, Record, Seal
from linli.core.places.models import District
from linli.kit import chain

Progress = Callable[[int], None]
_UNKNOWN = "unknown"
_COUNTED = ("matters", "entries", "leaves", "records", "seals")


@dataclass
class Report:
    """What ``verify`` found: every broken place, the matters with lawfully erased parts, and how much was read."""

    broken: list[Finding] = field(default_factory=list)
    redacted: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    seconds: float = 0.0
    judged: str = ""  # what a number was found to stand for

    @property
    def ok(self) -> bool:
        return not self.broken

    @property
    def nothing(self) -> bool:
        """The number stands for nothing, so nothing was judged, and nothing is wrong."""
        return [finding.reason for finding in self.broken] == [_UNKNOWN]

    def add(self, other: Report) -> None:
        """What was found and read of another part."""
        self.broken += other.broken
        self.redacted += other.redacted
        for what, many in other.counts.items():
            self.counts[what] += many


def verify(
    district_id: int | None = None, number: str | None = None, progress: Progress | None = None, processes: int = 1,
    *, files: bool = True,
) -> Report:  # fmt: skip
    """Check what goes under one number, one district or everything.

    ``progress`` hears after each portion how many matters are done. Over several ``processes`` it must not be called
    inside a transaction. Without ``files`` no picture is read.
    """
    started, report = time.monotonic(), Report()
    for name in triggers.missing():
        report.broken.append(Finding(_("数据库"), 0, "trigger", _("少了只添不改的触发器：%s") % name))
    if number is None:
        with spread.over(processes) as apart:
            for one in [district_id] if district_id is not None else _districts(report):
                _district(one, report, progress, apart, files)
    else:
        _numbered(district_id, number, report, files)
    report.seconds = time.monotonic() - started
    return report


def main(number: str | None, *, files: bool = True) -> int:
    """The command: a line for each broken place, then the sum. 0 if everything holds, 1 otherwise, and 1 too for a
    number that stands for nothing: whoever asked has not been told that it holds."""
    report = verify(number=number, progress=_shown, processes=_of_use() if number is None else 1, files=files)
    if report.nothing:
        finding = report.broken[0]
        sys.stdout.write(
            _("%(number)s %(why)s。什么也没有核对。") % {"number": finding.number, "why": finding.sentence}
        )
        sys.stdout.write("\n")
        return 1
    lines = [str(finding) for finding in report.broken]
    if report.judged:
        lines.append(_("核对的是 %s") % report.judged)
    if report.redacted:
        lines.append(_("依法抹去：%s") % "、".join(report.redacted))
    counted = _("%(matters)d 件事，%(entries)d 条记录，%(records)d 份存证，%(seals)d 个封印") % report.counts
    told = _("完好") if report.ok else _("有 %d 处对不上") % len(report.broken)
    lines.append(f"{told}：{counted}，" + _("用时 %.1f 秒") % report.seconds)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if report.ok else 1


def _shown(done: int) -> None:
    """Where somebody sits and waits: how far it is."""
    if sys.stderr.isatty():
        sys.stderr.write("\r" + _("核对过 %d 件事") % done + "\r")


def _of_use() -> int:
    """One process for a small ledger: starting others would take longer than reading it."""
    many = Matter.objects.order_by()[: 2 * reading.PORTION].count() == 2 * reading.PORTION
    return spread.cores() if many else 1


def _districts(report: Report) -> list[int]:
    """Every district; one that has a ledger here and is none any more was taken away by hand, and is told of."""
    known = list(District.objects.order_by("pk").values_list("pk", flat=True))
    stray: set[int] = set()
    for model in (Matter, Entry, Seal, Record):
        rows = model._base_manager.exclude(district_id__in=known)
        stray |= set(rows.values_list("district_id", flat=True).distinct())
    for code in sorted(stray):
        report.broken.append(Finding(str(code), 0, "district", _("这个区的登记没有了，它的账还在")))
    return known


# ── Matters ───────────────────────────────────────────────────────────────────────────────────────────────


def _district(district_id: int, report: Report, progress: Progress | None, apart: Spread, files: bool) -> None:
    for part in apart(_portion, list(reading.portions(district_id, files=files))):
        report.add(part)
        if progress is not None:
            progress(report.counts["matters"])
    _said(district_id, report)
    for told in recorded.judge(district_id, report.counts):
        report.broken.append(Finding(*told))
    _seal_row(district_id, Seal.objects.filter(district_id=district_id).order_by("seq"), report)
    _lost_seals(district_id, report)


def _portion(portion: Portion) -> Report:
    """Some thousand matters, by themselves."""
    report = Report()
    for stretch in reading.stretches(portion):
        for matter in stretch.matters:
            _take(report, matter, _judged(stretch, portion.district_id, matter))
        for key, finding in lost(stretch).items():
            # A matter opened between the reads has its entries here and its row not yet.
            if not Matter.objects.filter(district_id=portion.district_id, pk=key).exists():
                report.broken.append(finding)
        _count(report, stretch)
    return report


def _said(district_id: int, report: Report, number: str = "") -> None:
    """Words that stand beside the matters: each as it was said, or lawfully erased."""
    erased: dict[str, int] = {}
    for name, reason, sentence in said.every(district_id, number):
        if reason:
            report.broken.append(Finding(name, 0, reason, sentence))
        else:
            erased[name] = erased.get(name, 0) + 1
    report.redacted += [_("%(name)s（%(n)d 句）") % {"name": name, "n": n} for name, n in erased.items()]


def _numbered(district_id: int | None, number: str, report: Report, files: bool) -> None:
    """Whatever goes under a number, with the seals that took it in."""
    meant = numbered.meant(district_id, number)
    if not meant.known:
        report.broken.append(_unknown(number))
        return
    report.judged = meant.told()
    for home, key in meant.matters:
        stretch = reading.one(home, key, files=files)
        for matter in stretch.matters:
            _take(report, matter, _judged(stretch, home, matter))
        _count(report, stretch)
    for home in sorted({record.district_id for record in meant.records}):
        mine = [record for record in meant.records if record.district_id == home]
        report.broken += [Finding(*told) for told in recorded.judge_these(home, mine, report.counts)]
        _said(home, report, meant.number)
    report.broken += [Finding(*told) for told in meant.strays]
    _seals_of(meant, report)


def _unknown(number: str) -> Finding:
    """A number that stands for nothing, or for something that only the seals still know."""
    leaf = Leaf.objects.filter(number=number.strip().upper(), matter__isnull=False).order_by("-seq").first()
    if leaf is None:
        return Finding(number, 0, _UNKNOWN, _("没有这个编号，或者还是草稿"))
    return Finding(leaf.number, leaf.seq, "gone", _("这件事被整个删掉了，封印里还有"))


def _seals_of(meant: Meant, report: Report) -> None:
    held = Q(matter_id__in=[key for _home, key in meant.matters]) | Q(record_id__in=[row.pk for row in meant.records])
    homes = {home for home, _key in meant.matters} | {row.district_id for row in meant.records}
    for home in sorted(homes):
        leaves = Leaf.objects.filter(held, district_id=home).values("seal_id")
        for seal in Seal.objects.filter(district_id=home, pk__in=leaves).order_by("seq"):
            before = Seal.objects.filter(district_id=home, seq=seal.seq - 1).first()
            _seal(seal, before, report)


def _judged(stretch: Stretch, district_id: int, matter: dict[str, Any]) -> Judgement:
    first = judge(stretch, matter)
    if not first.broken:
        return first
    key = matter["id"]
    with transaction.atomic():
        list(Matter.objects.select_for_update().filter(district_id=district_id, pk=key).values_list("pk"))
        again = reading.one(district_id, key, files=stretch.files)
        return judge(again, again.matters[0]) if again.matters else first


def _take(report: Report, matter: dict[str, Any], judgement: Judgement) -> None:
    report.broken.extend(judgement.broken)
    if judgement.redacted:
        report.redacted.append(matter["number"])
    report.counts["matters"] += 1


def _count(report: Report, stretch: Stretch) -> None:
    report.counts["entries"] += sum(map(len, stretch.entries.values()))
    report.counts["leaves"] += sum(map(len, stretch.leaves.values()))


# ── Seals ─────────────────────────────────────────────────────────────────────────────────────────────────


def _seal_row(district_id: int, seals: Iterable[Seal], report: Report) -> None:
    before: Seal | None = None
    for seal in seals:
        _seal(seal, before, report)
        before = seal


def _lost_seals(district_id: int, report: Report) -> None:
    """Leaves whose seal is not there: a root taken out with foreign keys off, which leaves no gap where it was last."""
    there = Seal.objects.filter(pk=OuterRef("seal_id"))
    rows = Leaf.objects.filter(~Exists(there), district_id=district_id)
    for one in rows.values("seal_id").annotate(leaves=Count("pk"), first=Min("number")).order_by("first"):
        told = _("封印没有了，它的 %(n)d 片叶子还在（%(first)s 等）") % {"n": one["leaves"], "first": one["first"]}
        report.broken.append(Finding(_("封印 %s") % one["seal_id"], 0, "seal.gone", told))


def _seal(seal: Seal, before: Seal | None, report: Report) -> None:
    """One seal: in its place in the row of seals, and its root what its leaves make."""
    named = _("第 %d 号封印") % seal.seq
    report.counts["seals"] += 1
    for reason, told in [*_out_of_row(seal, before), *_wrong_root(seal)]:
        report.broken.append(Finding(named, seal.seq, f"seal.{reason}", told))


def _out_of_row(seal: Seal, before: Seal | None) -> list[tuple[str, str]]:
    seq, root = (before.seq, before.root) if before else (0, ground(seal.district_id))
    found = []
    if seal.seq != seq + 1:
        found.append(("missing", _("前面少了第 %d 号封印") % (seq + 1)))
    elif seal.previous != root:
        found.append(("previous", _("没有接着前一个封印的根")))
    if before and seal.at < before.at:
        found.append(("order", _("时间比前一个封印还早")))
    return found


def _wrong_root(seal: Seal) -> list[tuple[str, str]]:
    rows = Leaf.objects.filter(district_id=seal.district_id, seal_id=seal.pk).order_by("position")
    leaves = rows.values_list("position", "number", "seq", "head")
    count = 0

    def hashed() -> Iterable[bytes]:
        nonlocal count
        yield first_leaf(seal.at, seal.seq, seal.previous)
        for count, (position, number, seq, head) in enumerate(leaves.iterator(chunk_size=5_000), 1):
            if position != count:
                raise ValueError(position)
            yield chain.leaf(number, seq, head)

    try:
        root = chain.root(hashed()).hex()
    except (ValueError, OverflowError):
        return [("leaves", _("少了叶子，或者叶子被改过"))]
    if count != seal.count:
        return [("leaves", _("应有 %(all)d 片叶子，现有 %(now)d 片") % {"all": seal.count, "now": count})]
    return [] if root == seal.root else [("root", _("根和它的叶子对不上"))]
