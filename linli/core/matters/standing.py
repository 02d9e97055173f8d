"""What of a matter's row no entry tells in words, and how the chain holds it all the same.

Who spoke up and who wrote it down, where on the map, under which promise, who resolved, checked and declined it: an
entry keeps a short digest of each that its act has set, so that ``verify`` finds what was changed by hand. The digests
are salted with the matter's receipt, which nobody can read: whoever sees a timeline learns nothing from them, and two
matters of one person are not alike.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import models

from linli.core.matters.models import Attachment, Involvement
from linli.kit import chain

KEY: Final = "stands"
DIGITS: Final = 32  # 128 bits: nobody finds another value for one of them
Facts = dict[str, Any]

# Part of a matter → the columns that make it up.
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "where": ("place_id", "opened_path", "lon", "lat"),
    "whom": ("opened_by_id", "recorded_by_id"),
    "policy": ("policy_id",),
    "first": ("first_id",),
    "resolver": ("resolver_id", "resolver_person"),
    "verifier": ("verifier_id", "verifier_person"),
    "decliner": ("decliner_person",),
    "back": ("before", "paused_until"),
    "rated_round": ("rated_round",),
}
COLUMNS: Final = tuple(dict.fromkeys(name for names in PARTS.values() for name in names))


def facts(row: Mapping[str, Any]) -> Facts:
    """The parts of a matter's row as they stand, each as the digest takes it."""
    return {part: [_plain(name, row[name]) for name in names] for part, names in PARTS.items()}


def digests(receipt_hash: str, parts: Facts) -> dict[str, str]:
    """What an entry holds of these parts."""
    return {part: chain.fingerprint([receipt_hash, part, *parts[part]])[:DIGITS] for part in parts}


def moved(before: Facts, now: Facts) -> Facts:
    """The parts that are not as they were."""
    return {part: told for part, told in now.items() if told != before[part]}


def told(entries: Iterable[Mapping[str, Any]]) -> dict[str, tuple[int, str]] | None:
    """Part → (entry, digest) as the entries tell; None for a matter from before entries told any of it.

    A part of which no entry tells stands as ``NOTHING`` has it.
    """
    found: dict[str, tuple[int, str]] = {}
    for row in entries:
        for part, digest in row["data"].get(KEY, {}).items():
            found[part] = row["seq"], digest
    return found if "where" in found else None


# ── what else an act writes beside its entry ─────────────────────────────────────────────────────────────────
def beside(added: Iterable[models.Model]) -> dict[int | None, Facts]:
    """Facts for the entries that brought these rows, by ``seq``; None stands for the act's last entry."""
    found: dict[int | None, Facts] = {}
    for row in added:
        if isinstance(row, Attachment):
            found.setdefault(row.seq, {}).setdefault("kept", {})[str(row.pk)] = picture(row)
        elif isinstance(row, Involvement):
            found.setdefault(None, {}).setdefault("involved", {})[str(row.post_id)] = row.how
    return found


def picture(row: Attachment) -> list[Any]:
    """What the entry that brought a picture holds of its file. The name says nothing of it, and stands here hashed."""
    return [named(row.path), row.mime, row.size, row.width, row.height]


def named(path: str) -> str:
    """A file's name as entries hold it."""
    return chain.fingerprint(path)[:DIGITS]


def answers(receipt_hash: str, row: uuid.UUID, person: uuid.UUID | None) -> str:
    """Who answers for an exclusion or an objection, as its entry holds it: by this nobody decides about himself."""
    return chain.fingerprint([receipt_hash, str(row), str(person or "")])[:DIGITS]


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return chain.instant(value)
    if name in ("lon", "lat"):  # a whole number of degrees is a fraction once it has been in the database
        return repr(float(value))
    return value if isinstance(value, int) else str(value)


_EMPTY: Final = {"opened_path": "", "before": "", "rated_round": 0}
NOTHING: Final = facts({name: _EMPTY.get(name) for name in COLUMNS})  # a matter of which nothing is known yet
