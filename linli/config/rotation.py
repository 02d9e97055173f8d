"""``linli rotate-keys``: every sealed column again under the ring's first key, while people go on working.

Put a new key in front of ``LINLI_KEYS``, restart, run this, then drop the old key. It goes by small batches, each
committed by itself: cut off at any point it is simply run again, and what is done already is passed over.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _

from linli.config.backup.archive import Report
from linli.core.matters.models import Contact
from linli.core.people.models import Person
from linli.kit import crypto
from linli.kit.models import Answered

BATCH: Final = 500  # locked together for some tens of milliseconds


@dataclass(frozen=True)
class Sealed:
    """A table with sealed columns: the column and the context that its values are bound to."""

    model: type[models.Model]
    columns: tuple[tuple[str, str], ...]


SEALED: Final = (
    Sealed(Contact, (("name", "contact.name"), ("phone", "contact.phone"))),
    Sealed(Person, (("name", "person.name"), ("phone", "person.phone"))),
)


@dataclass
class Rotated:
    """What happened to one table's values."""

    seen: int = 0
    done: int = 0
    unreadable: int = 0


def rotate_keys(report: Report = print) -> int:
    """Seal everything under the first key. 0 if the old keys may go (but see what is told), 1 if not."""
    first = next(iter(settings.LINLI_KEYS))
    unreadable = 0
    for sealed in SEALED:
        found = _table(sealed)
        unreadable += found.unreadable
        words = _("%(table)s：%(seen)s 行，换了 %(done)s 处")
        report(words % {"table": sealed.model._meta.label, "seen": f"{found.seen:,}", "done": f"{found.done:,}"})
        if found.unreadable:
            report(_("  有 %d 处打不开：封它的密钥不在 LINLI_KEYS 里，或被改过。") % found.unreadable)
    waiting = _waiting_answers()
    if waiting:
        report(_("还有 %d 条幂等答复用旧密钥封着：不能换封，过期清掉之前请留着旧密钥。") % waiting)
    if len(settings.LINLI_KEYS) > 1 and not getattr(settings, "LINLI_INDEX_KEY", b""):
        kid = getattr(settings, "LINLI_INDEX_KID", "") or next(reversed(settings.LINLI_KEYS))
        if kid != first:
            report(_("按电话查人的索引还取自密钥 %s：去掉它之前，先把索引根存进 LINLI_INDEX_KEY。") % kid)
    return 1 if unreadable else 0


def _table(sealed: Sealed) -> Rotated:
    found, after = Rotated(), None
    while True:
        with transaction.atomic():
            last = _batch(sealed, after, found)
        if last is None:
            return found
        after = last


def _batch(sealed: Sealed, after: uuid.UUID | None, found: Rotated) -> uuid.UUID | None:
    """The next rows in the order of their ids, locked so that an erasure cannot be undone by an older value."""
    names = [name for name, _context in sealed.columns]
    rows = sealed.model._base_manager.exclude(**dict.fromkeys(names)).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    held: list[Any] = list(rows.select_for_update(no_key=True).only("pk", *names)[:BATCH])
    changed = [row for row in held if _reseal(sealed, row, found)]
    if changed:
        sealed.model._base_manager.bulk_update(changed, names)
    found.seen += len(held)
    return held[-1].pk if held else None


def _reseal(sealed: Sealed, row: Any, found: Rotated) -> bool:
    moved = False
    for name, context in sealed.columns:
        blob = getattr(row, name)
        if blob is None:
            continue
        try:
            if crypto.needs_rotation(blob):
                setattr(row, name, crypto.rotate(blob, context))
                found.done, moved = found.done + 1, True
        except crypto.UnsealError:
            found.unreadable += 1
    return moved


def _waiting_answers() -> int:
    """Stored replies open only with their sender's own secret, so nobody can seal them again; they expire."""
    rows = Answered.objects.values_list("reply", flat=True)
    return sum(crypto.needs_rotation(reply) for reply in rows.iterator(chunk_size=2000))
