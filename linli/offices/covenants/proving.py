"""What ``linli verify`` reads of covenants: every comment, and the topic that must tell of its erasure."""

from __future__ import annotations

from collections.abc import Iterator

from linli.core.matters.said import Heard
from linli.offices.covenants.models import Comment


def rows(district_id: int, number: str = "") -> Iterator[Heard]:
    found = Comment.objects.filter(district_id=district_id).select_related("covenant").order_by("covenant_id", "pk")
    found = found.filter(covenant__number=number) if number else found
    for row in found.iterator(chunk_size=2000):
        yield Heard(row.covenant.number, row, frozenset((row.covenant.matter_id,)))
