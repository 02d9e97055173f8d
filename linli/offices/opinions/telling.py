"""Notices to those who said something: to their account, where they have one; whoever has none asks by receipt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from linli.core.people import notices
from linli.kit import outbox
from linli.kit.models import Outbox
from linli.offices.opinions.models import Opinion, Round

WORDS = "/opinions/#mine"
LIKE = "opinions"  # the outbox topic of what the machine is asked to compare


def tell(opinions: Iterable[Opinion], text: str, now: datetime) -> int:
    """One row a speaker with an account, in the transaction of the act; whoever said several things is told once."""
    there = {o.author_id: o.district_id for o in opinions if o.author_id is not None}
    if not there:
        return 0
    return notices.leave(next(iter(there.values())), text, now, users=there, url=WORDS)


def compare(row: Round, now: datetime) -> None:
    """Ask for a look at what is alike. One waiting request is enough, however many speak before it is done."""
    waiting = Outbox.objects.filter(
        district_id=row.district_id, topic=LIKE, done_at=None, payload__round=str(row.pk), tries=0
    )
    if not waiting.exists():
        outbox.leave(row.district_id, LIKE, [{"round": str(row.pk)}], now)
