"""What a number stands for: a matter, a vote that a matter's timeline proves, or records under that name.

A sitting brings its minutes and resolutions, a topic its opinions, a covenant its comments: whatever a record's name
begins with the number of. The index of records is by row, not by name, so a number is looked for by reading the names.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from linli.core.matters import records
from linli.core.matters.ledger import judging, reading, recorded
from linli.core.matters.ledger.recorded import Told
from linli.core.matters.models import Matter, Record
from linli.core.places.models import District
from linli.kit import codes

Key = tuple[int, uuid.UUID]  # a district and a row of it


@dataclass
class Meant:
    """Everything that goes under one number."""

    number: str
    matters: list[Key] = field(default_factory=list)
    votes: list[tuple[str, str]] = field(default_factory=list)  # what it is called, the matter that proves it
    records: list[Record] = field(default_factory=list)
    strays: list[Told] = field(default_factory=list)  # rows of that name that were never recorded

    @property
    def known(self) -> bool:
        """A number stands for itself: what only begins with it and a hyphen is another one's."""
        return bool(self.matters or self.strays or any(_is(row.name, self.number) for row in self.records))

    def told(self) -> str:
        """What is judged, in plain words."""
        parts = [] if self.votes or not self.matters else [_("一件事")]
        parts += [_("%(what)s，由 %(number)s 的经过证明") % {"what": what, "number": of} for what, of in self.votes]
        counts = Counter(row.book for row in self.records)
        parts += [
            _("%(what)s %(n)d 份") % {"what": book.title, "n": counts[code]}
            for code, book in records.BOOKS.items()
            if counts[code]
        ]
        return f"{self.number}：{'、'.join(parts)}"


def meant(district_id: int | None, typed: str) -> Meant:
    """By the number as it is printed; a code from a sheet also as people write it down."""
    found = _under(district_id, typed.strip().upper())
    if not found.known:
        with contextlib.suppress(ValueError):
            found = _under(district_id, codes.read_code(typed, "thing")[0])
    return found


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _under(district_id: int | None, number: str) -> Meant:
    here = {} if district_id is None else {"district_id": district_id}
    found = Meant(number, list(Matter.objects.filter(number=number, **here).values_list("district_id", "id")))
    for kind, what in judging.NUMBERED.items():
        for row in reading.BESIDE[kind]().filter(number=number, **here).select_related("matter"):
            found.matters.append((row.district_id, row.matter_id))
            found.votes.append((str(what), row.matter.number))
    if found.votes:
        return found
    under = Q(name__iexact=number) | Q(name__iendswith=f" {number}")
    for gap in (" ", "-"):
        under |= Q(name__istartswith=f"{number}{gap}")
    found.records = list(Record.objects.filter(under, **here).order_by("district_id", "id"))
    found.strays = list(_strays(district_id, number))
    return found


def _strays(district_id: int | None, number: str) -> Iterator[Told]:
    every = District.objects.values_list("pk", flat=True)
    for district in [district_id] if district_id is not None else list(every):
        yield from (told for name, told in recorded.unrecorded(district) if _is(name, number))


def _is(name: str, number: str) -> bool:
    name = name.upper()
    return name == number or name.startswith(f"{number} ") or name.endswith(f" {number}")
