"""Sealing: the chain heads that moved since the last seal become one root, and each root stands on the one before.

The tree of a seal::

    root = Merkle([leaf(when it is made, seq of the seal before, root of the seal before)]
                  + [leaf of each matter, by number])

A record (``linli.core.matters.records``) has a leaf as a matter has, under its book and the id of its row in the
number's place: ``minutes:0197…``. No matter has a moment (``2026-03-05T01:02:03.000004Z``) for its number, so the first
leaf is nobody's. The first seal of a district stands on a value made from the district's code. So a root on paper
holds every seal before it, every head in them, and when each was made.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from linli.core.matters import records
from linli.core.matters.models import Leaf, Matter, Record, Seal
from linli.kit import chain
from linli.kit.ids import new_id

# A first seal over a million matters is many seals of this size: bounded memory, and nobody waits long for a write.
LARGEST = 50_000
_TRIES = 5
_ROWS = 2_000
_SEALED = ("matter", "record")  # tables whose heads a seal takes in
_MARK = (
    "UPDATE matters_{one} AS m SET sealed_seq = l.seq FROM matters_leaf AS l WHERE m.district_id = %(district)s "
    "AND l.district_id = %(district)s AND l.seal_id = %(seal)s AND l.{one}_id = m.id"
)
_FREE = (
    " AND m.id IN (SELECT x.id FROM matters_{one} x JOIN matters_leaf y ON y.district_id = x.district_id "
    "AND y.{one}_id = x.id WHERE x.district_id = %(district)s AND y.seal_id = %(seal)s "
    "FOR NO KEY UPDATE OF x SKIP LOCKED)"
)


class Head(NamedTuple):
    """A chain as it stood when the seal looked: a matter's, or a record's."""

    matter_id: uuid.UUID | None
    number: str
    seq: int
    head: str
    record_id: uuid.UUID | None = None


def seal(district_id: int, now: datetime | None = None) -> Seal | None:
    """Take in every head that moved since it was last sealed; the last seal made, or None where nothing moved."""
    records.take_over(district_id)
    last: Seal | None = None
    after: uuid.UUID | None = None
    while True:
        made, after = _try(district_id, now or timezone.now(), after)
        last = made or last
        if made is None or made.count < LARGEST:
            return last


def first_leaf(at: datetime, seq: int, previous: str) -> bytes:
    """What stands in front of the matters in seal ``seq``: when it was made, and the root of the seal before."""
    return chain.leaf(chain.instant(at), seq - 1, previous)


def ground(district_id: int) -> str:
    """What the first seal of a district stands on."""
    return chain.genesis(district_id, "seal")


def day_root(district_id: int, day: date) -> Seal | None:
    """The last seal of a local day: its root is the day's."""
    return Seal.objects.filter(district_id=district_id, **on_day(day)).order_by("-seq").first()


def on_day(day: date, prefix: str = "") -> dict[str, datetime]:
    """The filter for seals (or, with a prefix, what hangs on them) of a local day."""
    start = timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min), timezone.get_default_timezone())
    return {f"{prefix}at__gte": start, f"{prefix}at__lt": end}


# ── Proof ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Path:
    """From one leaf up to the root of one seal; ``chain.check_proof`` takes it as it is. ``at`` is when it was made."""

    seal: int
    at: datetime
    position: int
    size: int
    path: list[str]
    root: str

    def holds(self, leaf: bytes) -> bool:
        return chain.check_proof(
            leaf, self.position, self.size, [bytes.fromhex(h) for h in self.path], bytes.fromhex(self.root)
        )


@dataclass(frozen=True)
class Proof:
    """That a matter stood so in its seal, and that the day's root, which is on paper, stands on that seal."""

    number: str
    seq: int
    head: str
    at: datetime
    own: Path
    onward: list[Path] = field(default_factory=list)

    @property
    def root(self) -> str:
        return self.onward[-1].root if self.onward else self.own.root

    def holds(self) -> bool:
        """Check it from the leaf up, as a stranger would."""
        leaf, path = chain.leaf(self.number, self.seq, self.head), self.own
        for following in [*self.onward, None]:
            if not path.holds(leaf):
                return False
            if following is not None:
                leaf, path = first_leaf(following.at, following.seal, path.root), following
        return True


def proof_for(matter: Matter) -> Proof | None:
    """The way from the matter's newest leaf to the root of that day; None before its first seal."""
    leaves = Leaf.objects.filter(district_id=matter.district_id, matter_id=matter.pk)
    newest = leaves.select_related("seal").order_by("-seal__seq").first()
    if newest is None:
        return None
    day = timezone.localtime(newest.seal.at, timezone.get_default_timezone()).date()
    later = Seal.objects.filter(district_id=matter.district_id, seq__gt=newest.seal.seq, **on_day(day)).order_by("seq")
    return Proof(
        newest.number, newest.seq, newest.head, newest.seal.at,
        _path(newest.seal, newest.position), [_path(following, 0) for following in later],
    )  # fmt: skip


def _path(one: Seal, position: int) -> Path:
    rows = Leaf.objects.filter(district_id=one.district_id, seal_id=one.pk).order_by("position")
    leaves = [first_leaf(one.at, one.seq, one.previous)]
    leaves += [chain.leaf(*row) for row in rows.values_list("number", "seq", "head")]
    steps = [step.hex() for step in chain.proof(leaves, position)]
    return Path(one.seq, one.at, position, len(leaves), steps, one.root)


# ── Sealing, inside ───────────────────────────────────────────────────────────────────────────────────────


def _try(district_id: int, now: datetime, after: uuid.UUID | None) -> tuple[Seal | None, uuid.UUID | None]:
    """One seal. Two workers that make a district's first one at once meet the unique number: the later looks again."""
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                return _seal_once(district_id, now, after)
        except IntegrityError:
            if not tries_left:
                raise
    raise AssertionError("unreachable")


def _seal_once(district_id: int, now: datetime, after: uuid.UUID | None) -> tuple[Seal | None, uuid.UUID | None]:
    before = _last(district_id)
    heads = _moved(district_id, after)
    reached = heads[-1].matter_id if heads else after
    if after is None:
        heads += _recorded(district_id)
    if not heads:
        return None, after
    heads.sort(key=lambda h: h.number)
    made = _write(district_id, now, before, heads)
    _mark(made)
    return made, reached


def _last(district_id: int) -> Seal | None:
    """The newest seal, locked: workers queue up here, and who waited looks again at what has come meanwhile."""
    seals = Seal.objects.filter(district_id=district_id).order_by("-seq")
    while True:
        held = seals.select_for_update().first()
        if seals.values_list("seq", flat=True).first() == (held.seq if held else None):
            return held


def _moved(district_id: int, after: uuid.UUID | None) -> list[Head]:
    """Heads that no seal holds yet, in the order of the index ``matter_unsealed``."""
    # "Less than", as the index says: PostgreSQL takes "not equal" for nearly every row, and would walk them all.
    rows = Matter.objects.filter(district_id=district_id, sealed_seq__lt=F("seq"))
    if after is not None:
        rows = rows.filter(id__gt=after)
    found = rows.order_by("id").values_list("id", "number", "seq", "head")[:LARGEST]
    return [Head(*row) for row in found]


def _recorded(district_id: int) -> list[Head]:
    """Heads of records that no seal holds yet; more than fit wait for the next seal."""
    rows = Record.objects.filter(district_id=district_id, sealed_seq__lt=F("seq")).order_by("id")[:LARGEST]
    return [Head(None, leaf_name(row.book, row.subject), row.seq, row.head, row.pk) for row in rows]


def leaf_name(book: str, subject: uuid.UUID) -> str:
    """What stands in a record's leaf where a matter has its number."""
    return f"{book}:{subject.hex}"


def _write(district_id: int, now: datetime, before: Seal | None, heads: list[Head]) -> Seal:
    seq = before.seq + 1 if before else 1
    previous = before.root if before else ground(district_id)
    at = max(now, before.at) if before else now  # seals do not go back in time, even if a worker's clock does
    first = first_leaf(at, seq, previous)
    root = chain.root([first, *(chain.leaf(h.number, h.seq, h.head) for h in heads)])
    made = Seal.objects.create(
        id=new_id(), district_id=district_id, seq=seq, at=at, count=len(heads), previous=previous, root=root.hex()
    )
    for start in range(0, len(heads), _ROWS):
        Leaf.objects.bulk_create(
            [
                Leaf(id=new_id(), district_id=district_id, seal_id=made.pk, position=place, matter_id=h.matter_id,
                     record_id=h.record_id, number=h.number, seq=h.seq, head=h.head)
                for place, h in enumerate(heads[start : start + _ROWS], start + 1)
            ]
        )  # fmt: skip
    return made


def _mark(made: Seal) -> None:
    """Say on matters and records how far they are sealed: to the row that the leaf holds, so what came since is not.

    Last in the transaction, as it locks rows that acts want. A row that an act holds right now is left out: the act
    moves its head anyway, and whoever never waits for a lock cannot be part of a deadlock.
    """
    statement = _MARK + (_FREE if connection.vendor == "postgresql" else "")
    seal_id = made.pk.hex if connection.vendor == "sqlite" else made.pk
    with connection.cursor() as cursor:
        for one in _SEALED:
            cursor.execute(statement.format(one=one), {"district": made.district_id, "seal": seal_id})
