"""The queue as a file: what the present filter shows, streamed, masked, without a contact."""

from __future__ import annotations

import csv as table
import re
from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.posts import roster
from linli.core.places.tree import tree
from linli.doors.desk import queue

MOST = 50_000
# Telephone and identity numbers that people write into what they say.
_DIGITS = re.compile(r"(?<!\d)(\d{3})\d{4,}(\d{2})(?!\d)")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


class Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


@require_GET
@staff_page
def csv(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One line a matter, in the order of the ranges it was found in; the mark in front lets spreadsheets read it."""
    known, offered = tree(actor.district_id or 0), catalogue(actor.district_id or 0)
    asked = queue.read(request, known, offered)
    response = StreamingHttpResponse(_lines(actor, asked), content_type="text/csv; charset=utf-8")
    name = f"linli-{asked.tab}-{timezone.localtime():%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(actor: Actor, asked: queue.Asked) -> Iterator[str]:
    writer = table.writer(Echo())
    yield "\ufeff" + writer.writerow(_head())
    known, posts = tree(actor.district_id or 0), roster(actor.district_id or 0)
    offered = catalogue(actor.district_id or 0)
    left = MOST
    for rows in queue.sources(actor, asked, known, timezone.now()):
        order = ("-pk",) if asked.order == "new" else ("next_due", "pk")
        for matter in rows.defer("text", "head", "suggestion").order_by(*order)[:left].iterator(chunk_size=500):
            left -= 1
            node = known.by_id.get(matter.place_id)
            handler = posts.by_id.get(matter.handler_id) if matter.handler_id else None
            kind = offered.kinds.get(matter.kind)
            yield writer.writerow([
                matter.number, said(matter), kind.name if kind else matter.kind,
                offered.category_name(matter.category), known.full_name(node) if node else "",
                offered.channel_name(matter.channel), matter.get_state_display(),
                safe(handler.name) if handler else "", _time(matter.opened_at), _time(matter.next_due),
                _time(matter.closed_at), matter.score or "", matter.households,
            ])  # fmt: skip


def _head() -> list[str]:
    return [
        _("事号"), _("什么事"), _("种类"), _("分类"), _("地点"), _("来源"), _("状态"), _("在谁手上"),
        _("什么时候说的"), _("最近的期限"), _("销号"), _("评分"), _("户数"),
    ]  # fmt: skip


def said(matter: Matter) -> str:
    """The title without numbers that lead to somebody; of a confidential matter none at all."""
    return _("（保密）") if matter.confidential else safe(_DIGITS.sub(r"\1****\2", matter.title))


def safe(text: str) -> str:
    """A spreadsheet must not take somebody's words for a formula."""
    return f"'{text}" if text.startswith(_RISKY) else text


def _time(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
