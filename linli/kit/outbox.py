"""The outbox: work that acts leave behind, done by the worker after their commit.

How a row is done, and why nothing is done twice or lost:

1. A handler that only writes to this database (the usual one) runs in one transaction with the mark ``done_at``: a
   process killed in between leaves neither, and the row comes again.
2. A handler that talks to the world outside (``outside=True``) must not hold a transaction while it waits for a
   gateway. Its row is leased first (``next_at`` a few minutes ahead), handled, then marked. Killed in between, it comes
   again when the lease ends, so such a handler passes the row's id on as its idempotency key, and gives up in 20 s.
3. Rows go in batches of one transaction, on SQLite as many as are done in a moment. Where one row of a batch fails, the
   batch is undone and each row is done in a transaction of its own, so that a bad row costs time but never holds up the
   others (also where the database complains only at the commit).
4. A topic that takes seconds (``slow=True``: a detector looks at a photo) goes one row at a time, after all that is
   quick: nobody waits for the code that signs them in behind forty photos.
5. A failed row waits 1, 2, 4 … minutes, six hours at the most. After 12 tries it is parked and shown to the operator
   (``backlog``, ``stuck``), who may send it again (``retry_parked``: ``linli outbox retry`` or the office's page).
"""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from linli.kit.ids import new_id
from linli.kit.models import Outbox

Handler = Callable[[Outbox, datetime], None]

BATCH = 50  # rows of one transaction
HOLD = 0.025  # seconds after which a transaction takes on no more rows, where it keeps all others from writing
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
MOST_TRIES = 12
LEASE, LEASED_AT_ONCE = timedelta(minutes=5), 10  # ten handlers that give up after 20 s are done before the lease ends
KEEP = timedelta(days=7)
# Parked rows leave the range that the index answers for, so however many there are they cost the worker nothing.
PARKED = datetime(9999, 1, 1, tzinfo=UTC)

log = structlog.get_logger(__name__)


class FailedError(Exception):
    """A handler's own words about a failure. Only these are kept; other exceptions may quote a phone or a code."""


class UnknownTopicError(Exception):
    """No handler of that name in this process: a newer program left it, or a room was not imported."""


@dataclass(frozen=True)
class _Entry:
    name: str | Promise
    handler: Handler
    outside: bool
    slow: bool
    before: Callable[[int], object] | None = None


_handlers: dict[str, _Entry] = {}


def handles(
    topic: str, name: str | Promise, *, outside: bool = False, slow: bool = False, replace: bool = False,
    before: Callable[[int], object] | None = None,
) -> Callable[[Handler], Handler]:  # fmt: skip
    """Register the function that does rows of ``topic``: it gets the row and the time it is done at.

    ``name`` is what the topic is to whoever looks after a district, who reads it where rows are stuck.
    ``before`` gets the district, outside any transaction: what takes long the first time (a model to load) is done
    there, as on SQLite nobody else writes while a handler works. A second handler of one topic is a mistake unless it
    says that it replaces the first.
    """

    def register(function: Handler) -> Handler:
        known = _handlers.get(topic)
        if known is not None and known.handler is not function and not replace:
            raise ValueError(f"topic {topic!r} has a handler already: {known.handler!r}")
        _handlers[topic] = _Entry(name, function, outside, slow, before)
        return function

    return register


def forget(topic: str) -> None:
    """Unregister a topic (tests that bring their own)."""
    _handlers.pop(topic, None)


def name_of(topic: str) -> str:
    """A topic in words; what no handler of this process knows is called as it stands in the row."""
    known = _handlers.get(topic)
    return str(known.name) if known is not None else topic


def topics() -> frozenset[str]:
    """What this process can do."""
    return frozenset(_handlers)


# ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────
def row(
    district_id: int, topic: str, payload: Mapping[str, Any], at: datetime, *, due: datetime | None = None
) -> Outbox:
    """Work for the worker, not written yet: for an act that writes all its rows in one statement."""
    return Outbox(id=new_id(), district_id=district_id, topic=topic, payload=dict(payload), at=at, next_at=due or at)


def leave(
    district_id: int, topic: str, payloads: Iterable[Mapping[str, Any]], at: datetime, *, due: datetime | None = None
) -> int:
    """A row for each payload, in the transaction of the act that leaves it (``at``); returns how many."""
    return len(Outbox.objects.bulk_create([row(district_id, topic, each, at, due=due) for each in payloads]))


# ── doing ───────────────────────────────────────────────────────────────────────────────────────────────────
def drain(limit: int = 200, now: datetime | None = None) -> int:
    """Do up to ``limit`` due rows, oldest first, and one slow one; returns how many were taken on (done or failed).

    Several workers may drain at once: rows under another's lock are passed over. Nothing due costs one query.
    """
    at = now or timezone.now()
    if not _due(at).exists():
        return 0
    slow = [topic for topic, known in _handlers.items() if known.slow]
    taken = _walk(_due(at).exclude(topic__in=slow), limit, at)
    return taken + (_walk(_due(at).filter(topic__in=slow), 1, at) if slow else 0)


def _walk(due: QuerySet[Outbox], limit: int, at: datetime) -> int:
    taken = 0
    for district_id, topics_due in _waiting(due, limit).items():
        _prepare(district_id, topics_due)
        more = True
        while more and taken < limit:
            got, more = _batch(due, district_id, min(BATCH, limit - taken), at)
            taken += got
    return taken


def _due(now: datetime) -> QuerySet[Outbox]:
    return Outbox.objects.filter(done_at=None, next_at__lte=now).order_by("next_at", "id")


def _waiting(due: QuerySet[Outbox], limit: int) -> dict[int, set[str]]:
    """Districts of the oldest due rows, and the rows' topics. Locking goes district by district: on a distributed
    database one shard each."""
    found: dict[int, set[str]] = {}
    for district_id, topic in due.values_list("district_id", "topic")[:limit]:
        found.setdefault(district_id, set()).add(topic)
    return found


def _prepare(district_id: int, due: set[str]) -> None:
    for topic in sorted(due & _handlers.keys()):
        before = _handlers[topic].before
        if before is None:
            continue
        try:
            before(district_id)
        except Exception as error:  # the rows will say so themselves, one by one
            log.error("outbox.not_ready", topic=topic, error=told(error))


def _batch(due: QuerySet[Outbox], district_id: int, count: int, now: datetime) -> tuple[int, bool]:
    """Rows of one transaction: how many were taken on, and whether there may be more."""
    begun: list[Outbox] = []
    try:
        with transaction.atomic():
            until = _hold_until()
            rows = list(due.filter(district_id=district_id).select_for_update(skip_locked=True)[:count])
            inside = [row for row in rows if not _is_outside(row)]
            outside = [row for row in rows if _is_outside(row)][:LEASED_AT_ONCE]
            _lease(district_id, outside, now)
            for row in inside:
                begun.append(row)  # whatever breaks from here on, breaks because of one of these
                _handle(row, now)
                if time.monotonic() > until:
                    break
            _mark_done(district_id, begun, now)
    except Exception:
        if not begun:
            raise  # the database itself: the worker's loop waits and comes again
        for row in begun:
            _alone(row, now)
        return len(begun), True
    for row in outside:
        _send(row, now)
    return len(begun) + len(outside), len(rows) == count or len(begun) < len(inside)


def _hold_until() -> float:
    """Where rows are locked, others work on beside them; where the whole database is, nobody writes meanwhile."""
    return math.inf if connection.features.has_select_for_update else time.monotonic() + HOLD


def _is_outside(row: Outbox) -> bool:
    known = _handlers.get(row.topic)
    return known is not None and known.outside


def _handle(row: Outbox, now: datetime) -> None:
    known = _handlers.get(row.topic)
    if known is None:
        raise UnknownTopicError(row.topic)
    known.handler(row, now)


def _alone(row: Outbox, now: datetime) -> None:
    """One row in a transaction of its own, after its batch was undone."""
    try:
        with transaction.atomic():
            mine = _due(now).filter(district_id=row.district_id, pk=row.pk).select_for_update(skip_locked=True)
            if not mine.exists():
                return  # another worker took it when the batch let go
            _handle(row, now)
            _mark_done(row.district_id, [row], now)
    except Exception as error:
        _failed(row, now, error, tries=row.tries + 1)


def _lease(district_id: int, rows: list[Outbox], now: datetime) -> None:
    if rows:
        mine = Outbox.objects.filter(district_id=district_id, pk__in=[row.pk for row in rows])
        mine.update(next_at=now + LEASE, tries=F("tries") + 1)
        for row in rows:
            row.tries += 1


def _send(row: Outbox, now: datetime) -> None:
    try:
        _handle(row, now)
    except Exception as error:
        _failed(row, now, error, tries=row.tries)
    else:
        _mark_done(row.district_id, [row], now)


def _mark_done(district_id: int, rows: Iterable[Outbox], now: datetime) -> None:
    keys = [row.pk for row in rows]
    if keys:
        Outbox.objects.filter(district_id=district_id, pk__in=keys).update(done_at=now, error="")


def _failed(row: Outbox, now: datetime, error: Exception, *, tries: int) -> None:
    parked = tries >= MOST_TRIES
    Outbox.objects.filter(district_id=row.district_id, pk=row.pk, done_at=None).update(
        tries=tries, error=told(error), next_at=PARKED if parked else now + wait_after(tries)
    )
    log.warning("outbox.parked" if parked else "outbox.failed", topic=row.topic, row=str(row.pk), tries=tries,
                error=told(error))  # fmt: skip


def wait_after(tries: int) -> timedelta:
    """How long a row rests after so many tries: 1 minute, doubled each time, six hours at the most."""
    return min(FIRST_WAIT * (1 << max(0, min(tries - 1, 16))), LONGEST_WAIT)


def told(error: Exception) -> str:
    """What may be kept of an exception: its kind and where it arose, and a handler's own words.

    A database's or a gateway's message may quote a phone number or a sign-in code, so no other message is kept.
    """
    words = f": {error}" if isinstance(error, (FailedError, UnknownTopicError)) else ""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{words}{where}"[:300]


# ── looking after ───────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Backlog:
    """What the health page and the metrics show of the outbox."""

    due: int
    failing: int
    parked: int
    oldest_seconds: float  # how long the oldest due row has waited; 0 where nothing is due


def backlog(now: datetime | None = None, most: int = 10_000) -> Backlog:
    """The state of the outbox; counts stop at ``most``, so that a page never waits for a long count."""
    at = now or timezone.now()
    waiting = Outbox.objects.filter(done_at=None)
    oldest = _due(at).aggregate(at=Min("next_at"))["at"]
    return Backlog(
        due=_due(at)[:most].count(),
        failing=waiting.filter(next_at__lt=PARKED, tries__gt=0)[:most].count(),
        parked=waiting.filter(next_at__gte=PARKED)[:most].count(),
        oldest_seconds=max(0.0, (at - oldest).total_seconds()) if oldest else 0.0,
    )


@dataclass(frozen=True)
class Stuck:
    """Rows of one topic that failed in one way, in one district."""

    district_id: int
    topic: str
    error: str
    failing: int  # these come again by themselves
    parked: int  # these wait for somebody
    since: datetime  # when the oldest was left


def stuck(district_id: int | None = None) -> list[Stuck]:
    """What failed and is not done yet, the parked first. Of everywhere, or of one district."""
    rows = Outbox.objects.filter(done_at=None, tries__gt=0)
    if district_id is not None:
        rows = rows.filter(district_id=district_id)
    parked = Count("pk", filter=Q(next_at__gte=PARKED))
    told_of = rows.values("district_id", "topic", "error").annotate(all=Count("pk"), parked=parked, since=Min("at"))
    found = [
        Stuck(row["district_id"], row["topic"], row["error"], row["all"] - row["parked"], row["parked"], row["since"])
        for row in told_of
    ]
    return sorted(found, key=lambda each: (-each.parked, each.since, each.topic, each.error))


def retry_parked(topic: str = "", now: datetime | None = None, *, district_id: int | None = None) -> int:
    """Send parked rows again (of one topic, or all) after their cause was mended; returns how many.

    Those that are tried still keep their own patience: hurrying them would only count their tries up.
    """
    which = Q(done_at=None, next_at__gte=PARKED) & (Q(topic=topic) if topic else Q())
    if district_id is not None:
        which &= Q(district_id=district_id)
    return Outbox.objects.filter(which).update(next_at=now or timezone.now(), tries=0, error="")


def purge(now: datetime | None = None, limit: int = 1000) -> int:
    """Delete up to ``limit`` rows that were done more than a week ago; returns how many, so a caller may go on."""
    before = (now or timezone.now()) - KEEP
    old = Outbox.objects.filter(done_at__lt=before).order_by("done_at")
    rows = list(old.values_list("district_id", "pk")[:limit])
    gone = 0
    for district_id in {district for district, _ in rows}:
        keys = [key for district, key in rows if district == district_id]
        gone += Outbox.objects.filter(district_id=district_id, pk__in=keys).delete()[0]
    return gone
