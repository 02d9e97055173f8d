"""What ``linli verify`` reads of opinion rounds: every voice, and the matter that must tell of its erasure."""

from __future__ import annotations

from collections.abc import Iterator

from linli.core.matters.said import Heard
from linli.offices.opinions.models import Opinion


def rows(district_id: int, number: str = "") -> Iterator[Heard]:
    found = Opinion.objects.filter(district_id=district_id).select_related("round").order_by("round_id", "pk")
    found = found.filter(round__code=number) if number else found
    for row in found.iterator(chunk_size=2000):
        yield Heard(row.round.code, row, frozenset(filter(None, (row.round.matter_id,))))
