"""What ``linli verify`` reads of topics: every opinion, and the topic that must tell of its erasure."""

from __future__ import annotations

from collections.abc import Iterator

from linli.core.matters.said import Heard
from linli.offices.councils.models import Opinion


def rows(district_id: int, number: str = "") -> Iterator[Heard]:
    found = Opinion.objects.filter(district_id=district_id).select_related("topic").order_by("topic_id", "pk")
    found = found.filter(topic__number=number) if number else found
    for row in found.iterator(chunk_size=2000):
        yield Heard(row.topic.number, row, frozenset((row.topic_id,)))
