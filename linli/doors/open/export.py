"""The ledger as a table for a spreadsheet: the same masked rows as the page, nothing more."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.doors.open.asking import Asked
from linli.doors.open.queries import Ledger, Row
from linli.doors.open.story import verdict
from linli.kit.templatetags.linli import STATES

MOST = 5000
PER_MINUTE = 6


class _Echo:
    """What csv writes is handed straight on."""

    def write(self, text: str) -> str:
        return text


def answer(ledger: Ledger, asked: Asked) -> StreamingHttpResponse:
    """UTF-8 with a mark in front, because the spreadsheets in the offices guess otherwise."""
    response = StreamingHttpResponse(_lines(ledger, asked), content_type="text/csv; charset=utf-8")
    name = f"linli-open-{timezone.localdate():%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(ledger: Ledger, asked: Asked) -> Iterator[str]:
    writer = csv.writer(_Echo())
    head = [
        _("事号"), _("收到"), _("类别"), _("分类"), _("地点"), _("来源"), _("什么事（已遮）"), _("状态"),
        _("在谁手上"), _("时限"), _("评分"), _("有过异议"), _("户数"),
    ]  # fmt: skip
    yield "\ufeff" + writer.writerow(head)
    for row in ledger.every(asked, MOST):
        yield writer.writerow([safe(cell) for cell in _cells(row)])


def _cells(row: Row) -> list[str]:
    clock = ""
    if row.clock is not None:
        due = timezone.localtime(row.clock.due_at)
        clock = verdict(row.clock) or _("%(name)s，%(at)s前") % {"name": row.clock.name, "at": f"{due:%Y-%m-%d %H:%M}"}
    return [
        row.number, f"{timezone.localtime(row.opened_at):%Y-%m-%d %H:%M}", row.kind, row.category, row.place,
        row.channel, row.title, str(STATES.get(row.state, row.state)), row.holder.replace("\u3000", " "), clock,
        str(row.score or ""), _("有") if row.contested else "", str(row.households),
    ]  # fmt: skip


def safe(cell: str) -> str:
    """A cell that begins like a formula would be run by a spreadsheet; an apostrophe keeps it a text."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
