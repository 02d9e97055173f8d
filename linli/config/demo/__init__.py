"""The demo's month: some hundred and thirty invented matters, lived through act by act in the order of time.

Nothing is written past the actions: every state, clock, whistle and rating came about as it would for real, with the
sweep and the outbox doing their part in between. Only who, when and what was said stand in ``stories.toml`` and
``lives.py``. Ids and receipts differ from one filling to the next; everything else follows from the moment of it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from linli.config.demo import boards, councils, covenants, gatherings, opinions, pairing, reckoning, supervision, votes
from linli.config.demo.life import Month
from linli.config.demo.stories import read_stories
from linli.core.matters.models import Matter
from linli.insight import indexing
from linli.kit import memory


def is_empty(district_id: int) -> bool:
    return not Matter.objects.filter(district_id=district_id).exists()


def fill(district_id: int, now: datetime | None = None) -> int:
    """Live the month that ends ``now`` in a district that the demo loaded; how many matters it left.

    In one transaction: a filling that is cut off leaves an empty district, which the next start fills again.
    """
    at = now or timezone.now()
    memory.forget()
    with transaction.atomic():
        month = Month(district_id, at, read_stories())
        supervision.before(month.cast, month.known, at, min((p.at for p in month.planned), default=at))
        month.live()
        boards.put_up(month.cast)
        pairing.fill(district_id, at)
        votes.fill(district_id, at)
        councils.fill(district_id, at)
        covenants.fill(district_id, at)
        gatherings.fill(district_id, at)
        opinions.fill(district_id, at)
        supervision.after(month.cast, month.known, at)
        reckoning.fill(month.cast)
        indexing.index(district_id)  # all of the month is known now: what is common in it weighs little
    return month.opened
