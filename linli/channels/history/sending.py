"""Giving a book back: the rows as they came, in the order in which they came.

Where Linli went on with a matter (it was closed, or taken up again), the columns of its state, its closing and its
verdict say so, in the words of the mapping; everything else is the row as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from linli.channels.history.mapping import BETWEEN, MapError, Mapping, Valued
from linli.channels.history.table import written
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Book, Matter, Origin
from linli.core.places.models import District


def export_history(file: Path, mapping: Mapping, *, district: District) -> int:
    """Write a book's rows; how many. Raises MapError where nothing was imported from it."""
    book = Book.objects.filter(district=district, source=mapping.source).first()
    if book is None:
        raise MapError(_("还没有从“%s”导入过。") % mapping.source)
    count = 0
    with written(file, book.columns, mapping.delimiter) as writer:
        for cells in rows(book, mapping):
            writer.writerow(cells)
            count += 1
    return count


def rows(book: Book, mapping: Mapping) -> Iterator[list[str]]:
    """The cells of every row, oldest import first."""
    found = Origin.objects.filter(district_id=book.district_id, book=book).order_by("at", "line")
    for origin in found.select_related("matter").iterator(chunk_size=1000):
        cells = dict(zip(book.columns, origin.cells or [""] * len(book.columns), strict=True))
        if not origin.cells:  # erased by law: what remains is that there was one
            cells[mapping.external] = origin.external
        if origin.matter.seq > origin.seq:
            _since(cells, origin.matter, mapping)
        yield [cells[name] for name in book.columns]


def _since(cells: dict[str, str], matter: Matter, mapping: Mapping) -> None:
    """What has become of it since, where it is not what the row says."""
    state = "closed" if matter.state in ENDED else "open"
    if state == matter.imported:
        return
    if "state" in mapping.valued:
        _put(cells, mapping.valued["state"], state)
    if "closed" in mapping.times:
        time = mapping.times["closed"]
        at = matter.closed_at
        cells[time.column] = at.astimezone(time.zone).strftime(time.format) if at else ""
    verdict = next((c["state"] for c in matter.clocks if c["stage"] == "result" and c["round"] == 1), "")
    if "on_time" in mapping.valued and verdict in ("met", "missed"):
        _put(cells, mapping.valued["on_time"], verdict == "met")


def _put(cells: dict[str, str], valued: Valued, wanted: object) -> None:
    key = next((key for key, value in valued.values.items() if value == wanted), None)
    if key is not None:
        cells.update(zip(valued.columns, key.split(BETWEEN), strict=False))
