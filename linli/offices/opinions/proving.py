"""What ``linli verify`` reads of opinion rounds: every voice, and the matter that must tell of its erasure."""

from __future__ import annotations

from collections.abc import Iterator

from linli.core.matters.said import Heard
from linli.kit import chain
from linli.offices.opinions.models import Opinion


def rows(district_id: int, number: str = "") -> Iterator[Heard]:
    found = Opinion.objects.filter(district_id=district_id).select_related("round").order_by("round_id", "pk")
    found = found.filter(round__code=number) if number else found
    for row in found.iterator(chunk_size=2000):
        yield Heard(row.round.code, row, frozenset(filter(None, (row.round.matter_id,))), _named(row))


def _named(row: Opinion) -> bool:
    """Names as they were left; none where none was left, the words are erased or the round's names are gone."""
    if row.names_digest and row.names_salt:
        try:
            said = {"name": row.name, "helper": row.helper}
            return chain.digest(row.names_salt, "", said) == row.names_digest
        except ValueError:
            return False
    gone = row.erased_at is not None or (row.round.names_gone and row.round.ended_at is not None)
    return not (row.name or row.helper or row.names_salt) and (gone or not row.names_digest)
