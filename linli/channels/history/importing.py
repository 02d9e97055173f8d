"""Reading a book in, some hundred rows at a time, each batch whole or not at all.

1. A row is recognised by source and external id: a second import adds none, and one that was cut off goes on where it
   stopped.
2. A row that does not fit is named with line and reason, and kept in a file of rejects that can be put right and read
   in again. None is lost: read = imported + there already + rejected.
3. A dry run reads and judges every row and writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.channels.history.fitting import Fitter, UnfitError
from linli.channels.history.mapping import MapError, Mapping
from linli.channels.history.report import HistoryReport
from linli.channels.history.table import LINE, REASON, Line, Table, opened, written
from linli.core.matters import stats
from linli.core.matters.actions.history import Past, known_externals, make_known, record_history
from linli.core.matters.models import Book
from linli.core.places.models import District
from linli.kit import memory
from linli.kit.models import Change

BATCH: Final = 500
Say = Callable[[str], object]


def import_history(
    file: Path, mapping: Mapping, *, district: District, dry_run: bool = False, rejects: Path | None = None,
    say: Say = lambda line: None, now: datetime | None = None,
) -> HistoryReport:  # fmt: skip
    """Read a book in. Raises MapError where file and mapping do not go together; rows at fault are in the report."""
    started, report = time.monotonic(), HistoryReport(dry_run=dry_run)
    with opened(file, mapping) as table:
        book = _book(district, mapping, table.columns)
        at = now or timezone.now()
        fitter = Fitter(district.pk, mapping, table.columns, at)
        run = _Run(book, fitter, table, report, at, file.name)
        with ExitStack() as stack:
            run.go(lambda: _rejecting(stack, rejects, table.columns, mapping), say, started)
    report.unknown = fitter.unknown
    report.rejects = rejects if report.rejected and rejects is not None else None
    if not dry_run and (report.imported or report.already):
        _fold(district)
    if not dry_run and report.imported:
        _tell_done(district, file, mapping, report)
    report.seconds = time.monotonic() - started
    return report


def _book(district: District, mapping: Mapping, columns: list[str]) -> Book:
    """The book, not yet written where it is new. Raises MapError where its columns have changed."""
    found = Book.objects.filter(district=district, source=mapping.source).first()
    if found is None:
        return Book(district=district, source=mapping.source, name=mapping.name, columns=columns)
    if found.columns != columns:
        words = "、".join(sorted(set(found.columns) ^ set(columns))[:8]) or _("次序不同")
        raise MapError(_("“%(source)s”以前导入时的列和这个文件不一样（%(words)s）：换一个 source。") % {
            "source": mapping.source, "words": words,
        })  # fmt: skip
    return found


def _rejecting(stack: ExitStack, path: Path | None, columns: list[str], mapping: Mapping) -> Any:
    """The open file of rejects, made when the first one turns up."""
    if path is None:
        return None
    return stack.enter_context(written(path, [LINE, REASON, *columns], mapping.delimiter))


@dataclass
class _Run:
    """One import under way."""

    book: Book
    fitter: Fitter
    table: Table
    report: HistoryReport
    now: datetime
    file: str
    seen: dict[str, int] = field(default_factory=dict)
    batch: list[Past] = field(default_factory=list)

    def go(self, reject: Callable[[], Any], say: Say, started: float) -> None:
        writer: Any = None
        told = time.monotonic()
        for line in self.table.rows():
            self.report.read += 1
            reason = self._take(line)
            if reason:
                self.report.rejected.append((line.number, reason))
                writer = writer or reject()
                if writer is not None:
                    writer.writerow([line.number, reason, *line.cells])
            if len(self.batch) >= BATCH:
                self._write()
            if time.monotonic() - told >= 2:
                told = time.monotonic()
                self._tell(say, told - started)
            if self.report.failed:
                return
        self._write()

    def _tell(self, say: Say, seconds: float) -> None:
        told = {"read": self.report.read, "done": self.report.imported, "speed": self.report.read / seconds}
        say(_("已读 %(read)d 行，导入 %(done)d，每秒 %(speed).0f 行") % told)

    def _take(self, line: Line) -> str:
        """Into the batch, or the reason why not."""
        try:
            past = self.fitter.fit(line)
        except UnfitError as unfit:
            return str(unfit)
        before = self.seen.setdefault(past.external, line.number)
        if before != line.number:
            return _("编号 %(external)s 在第 %(line)d 行已经有了") % {"external": past.external, "line": before}
        self.batch.append(past)
        return ""

    def _write(self) -> None:
        """Write the batch less what is there already; where the database refuses it, nothing of it is in."""
        rows, self.batch = self.batch, []
        if not rows:
            return
        there = known_externals(self.book, [row.external for row in rows])
        fresh = [row for row in rows if row.external not in there]
        self.report.already += len(there)
        self.report.changed += sum(
            1 for row in rows if row.external in there and there[row.external][1] not in ([], row.cells)
        )
        if not self.report.dry_run and fresh:
            try:
                self._insert(fresh)
            except DatabaseError as error:
                first, last = rows[0].line, rows[-1].line
                words = {"first": first, "last": last, "why": str(error).splitlines()[0][:200]}
                told = _("第 %(first)d 到 %(last)d 行没写进去（%(why)s）；前面的都在，再运行一次会接着导。") % words
                self.report.failed = told
                return
        self._note_made()
        self.report.imported += len(fresh)
        self.report.closed += sum(1 for row in fresh if row.closed)

    def _insert(self, fresh: list[Past]) -> None:
        with transaction.atomic():
            if self.book._state.adding:
                self.book.save(force_insert=True)
            make_known(
                district_id=self.book.district_id, channels=self.fitter.new_channels,
                categories=self.fitter.new_categories,
            )  # fmt: skip
            if not self.report.imported:  # with the first rows, so that one cut off says too where they are from
                told = {"name": self.book.name, "file": self.file}
                _note(self.book.district_id, _("linli import 开始导入历史“%(name)s”（%(file)s）") % told)
            record_history(book=self.book, past=fresh, now=self.now)

    def _note_made(self) -> None:
        """What had to be made for the rows is there now: the next batch need not make it again."""
        self.report.made += self.fitter.new_channels.values()
        self.report.made += [name for name, _under in self.fitter.new_categories.values()]
        self.fitter.new_channels.clear()
        self.fitter.new_categories.clear()


def _fold(district: District) -> None:
    """So that the worker is not kept busy with the figures; also those that a run that was cut off has left."""
    memory.forget(district.pk)
    while stats.fold(20_000):
        pass


def _tell_done(district: District, file: Path, mapping: Mapping, report: HistoryReport) -> None:
    told = {"name": mapping.name, "file": file.name, "count": report.imported, "bad": len(report.rejected)}
    _note(district.pk, _("linli import 导入历史“%(name)s”（%(file)s）：%(count)d 件，%(bad)d 行不合格") % told)


def _note(district_id: int, sentence: str) -> None:
    """In the history of changes."""
    Change.objects.create(
        district_id=district_id, actor="linli import", subject="history", sentence=sentence[:500]
    )  # fmt: skip
