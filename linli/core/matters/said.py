"""Words said outside a matter, committed to by a salted digest; a lawful erasure takes them and leaves the digest.

A voice in an opinion round, a comment on a covenant, an opinion on a topic: each row keeps ``digest`` for good.
Erased, its words and their salt are empty and the row says who erased them, when and on what ground; whatever matter it
belongs to says so in its ledger. ``linli verify`` tells an erased one (redacted) from one altered or emptied behind the
actions (broken).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from linli.core.matters.actions.noting import note
from linli.core.matters.models import Entry
from linli.core.matters.step import required
from linli.core.people import duties
from linli.core.people.actor import SYSTEM, Actor
from linli.kit import chain, codes
from linli.kit.refusal import Conflict, Forbidden

OWN = "一位居民"  # as the ledger stores whoever speaks for themselves
OWN_WHY = "本人要求"


class Said(models.Model):
    """What somebody said, word for word. Rows are made with ``committed``; no action changes the words."""

    text = models.CharField(max_length=1000, blank=True)
    salt = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=64)
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_by = models.CharField(max_length=80, blank=True, default="")
    erased_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        abstract = True

    @property
    def id_text(self) -> str:
        return str(self.pk)

    @property
    def words(self) -> str:
        """What a page shows in place of what is erased."""
        return self.text if self.erased_at is None else _("（原话已依法抹去）")


def committed(text: str) -> dict[str, str]:
    """The fields of a row that is to keep these words."""
    salt = chain.new_salt()
    return {"text": text, "salt": salt, "digest": chain.digest(salt, text)}


def whole(name: str) -> models.CheckConstraint:
    """Words and salt go together, and never without a name and a ground."""
    gone = models.Q(text="", salt="", erased_at__isnull=False) & ~models.Q(erased_by="") & ~models.Q(erased_why="")
    there = models.Q(erased_at=None, erased_by="", erased_why="") & ~models.Q(text="") & ~models.Q(salt="")
    return models.CheckConstraint(condition=gone | there, name=name)


def is_speakers(row: Any, actor: Actor, receipt: str, hashed: Callable[[str], str]) -> bool:
    """Whether these are the words of whoever asks: by the account that spoke, or by the receipt, as the room hashes it.

    ``row`` has ``author_id``, ``district_id`` and ``receipt_hash``.
    """
    if row.author_id is not None and row.author_id == actor.user_id:
        return True
    try:
        code, district_id = codes.read_receipt(receipt)
    except ValueError:
        return False
    return bool(district_id == row.district_id and hashed(code) == row.receipt_hash)


def forget(
    row: Said, *, actor: Actor, own: bool, path: str, reason: str, matters: Iterable[uuid.UUID], now: datetime
) -> None:  # fmt: skip
    """Erase the words of a row that the caller has locked: its speaker at any time, else the duty to configure."""
    held = actor.over(duties.CONFIGURE, path)
    if not own and held is None:
        raise Forbidden(_("抹去原话由说的人自己来，或者由系统管理员依法办理。"))
    if row.erased_at is not None:
        raise Conflict(_("这句话已经抹去了。"), code="nothing_to_erase")
    row.erased_why = OWN_WHY if own else required(reason, "reason", limit=500)
    row.erased_by, row.erased_at = OWN if own else actor.label(held)[:80], now
    row.text = row.salt = ""
    row.save(update_fields=["text", "salt", "erased_at", "erased_by", "erased_why"])
    district_id: int = row.district_id  # type: ignore[attr-defined]  # every table has one
    why = f"抹去一句意见。依据《个人信息保护法》第四十七条，原因：{row.erased_why}"
    who = SYSTEM if own else actor  # whoever speaks for themselves stands in no ledger, and may have no account
    for matter_id in sorted(set(matters)):
        note(actor=who, district_id=district_id, matter_id=matter_id, act="unsay", text=why, label=row.erased_by,
             now=now, digest=row.digest)  # fmt: skip


# ── for ``linli verify`` ────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Heard:
    """One row as ``verify`` judges it: under which name, and the matters that must tell of its erasure."""

    name: str
    row: Said
    matters: frozenset[uuid.UUID]
    named: bool = True  # whether names that were left beside the words stand as they were left, or went in their time


def judge(rows: Iterable[Heard], told: set[tuple[uuid.UUID, str]]) -> Iterator[tuple[str, str, str]]:
    """(name, reason, sentence) of each row that does not hold; an empty reason says: lawfully erased."""
    for heard in rows:
        row = heard.row
        if not heard.named:
            yield heard.name, "said.names", _("有一句原话旁边的姓名或代写人，和当初留的不一样")
        if row.erased_at is None:
            if not _holds(row):
                yield heard.name, "said", _("有一句原话不是当初说的")
        elif row.text or row.salt or not (row.erased_by and row.erased_why):
            yield heard.name, "said.erased", _("有一句原话没有抹干净，或者没写谁抹的")
        elif any((matter, row.digest) not in told for matter in heard.matters):
            yield heard.name, "said.unlawful", _("有一句原话没了，事的记录里却没有抹去的一条")
        else:
            yield heard.name, "", ""


def told_erased(district_id: int) -> set[tuple[uuid.UUID, str]]:
    """Which erasures the ledger tells of, as (matter, digest)."""
    rows = Entry.objects.filter(district_id=district_id, act="unsay").values_list("matter_id", "data")
    return {(matter, str(data.get("digest"))) for matter, data in rows.iterator(chunk_size=2000)}


def _holds(row: Said) -> bool:
    try:
        return bool(row.salt) and chain.digest(row.salt, row.text) == row.digest
    except ValueError:
        return False


Rows = Callable[[int, str], Iterator[Heard]]
SPOKEN: dict[str, Rows] = {}


def also(kind: str, rows: Rows) -> None:
    """Rooms above add theirs in ``AppConfig.ready``: every row of a district, in stretches; or those under a number."""
    SPOKEN[kind] = rows


def every(district_id: int, number: str = "") -> Iterator[Any]:
    told = told_erased(district_id) if SPOKEN else set()
    for rows in SPOKEN.values():
        yield from judge(rows(district_id, number), told)
