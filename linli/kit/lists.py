"""Lists in the order of a unique key: a cursor is the key where the last page ended; and the same lists as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from linli.kit.paging import Page

Row = TypeVar("Row", bound=Model)
LIMIT = 50
_RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def param(request: HttpRequest, name: str, limit: int = 80) -> str:
    """One value of the query string, trimmed."""
    return str(request.GET.get(name, "")).replace("\0", "").strip()[:limit]


def keyed(rows: QuerySet[Row], request: HttpRequest, *, by: str, limit: int = LIMIT) -> Page[Row]:
    """One page in the order of ``by``, which no two rows of the list share."""
    after = param(request, "cursor", 120)
    if after:
        rows = rows.filter(**{f"{by}__gt": after})
    found = list(rows.order_by(by)[: limit + 1])
    shown = found[:limit]
    return Page(items=shown, next=str(getattr(shown[-1], by)) if len(found) > limit else None)


def tabs(pairs: Iterable[tuple[str, Any]], chosen: str) -> list[dict[str, Any]]:
    """Tabs of one list: the first is what stands without a word in the address."""
    return [{"label": name, "url": f"?tab={code}" if code else "?", "current": code == chosen} for code, name in pairs]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def as_csv(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A table as a file; the mark in front lets spreadsheets read it, and no cell is a formula."""
    response = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
    response["Content-Disposition"] = f'attachment; filename="linli-{name}-{stamp}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([str(cell) for cell in head])
    for row in rows:
        yield writer.writerow([_cell(cell) for cell in row])


def _cell(value: Any) -> str:
    said = value.isoformat() if isinstance(value, date) else ("" if value is None else str(value))
    return f"'{said}" if said.startswith(_RISKY) else said
