"""Judging how a matter is counted: exclusions and objections, against the entries that made and ended them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters import standing
from linli.core.matters.models import Exclusion, Objection

Row = dict[str, Any]
Told = tuple[str, int, str]  # reason, entry, sentence


def judge(
    receipt_hash: str, entries: Sequence[Row], excluded: Iterable[Exclusion], objected: Iterable[Objection]
) -> Iterator[Told]:
    """What does not hold of a matter whose chain does."""
    sentences = {
        "exclusion": _("剔除的登记和第 %d 条记下的不一样"),
        "objection": _("申诉的登记和第 %d 条记下的不一样"),
    }
    rows: dict[str, dict[str, Row]] = {
        "exclusion": {str(row.pk): _exclusion(row) | _answers(receipt_hash, row) for row in excluded},
        "objection": {str(row.pk): _objection(row) | _answers(receipt_hash, row) for row in objected},
    }
    told, where = _tell(entries)
    for kind, sentence in sentences.items():
        for key in sorted(rows[kind].keys() | told[kind].keys()):
            if rows[kind].get(key) != told[kind].get(key):
                seq = where.get(key, 0)
                yield kind, seq, sentence % seq


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _tell(entries: Sequence[Row]) -> tuple[dict[str, dict[str, Row]], dict[str, int]]:
    """What the entries make of both, and which entry spoke last of each."""
    told: dict[str, dict[str, Row]] = {"exclusion": {}, "objection": {}}
    where: dict[str, int] = {}
    for entry in entries:
        if entry["act"] not in _MADE:
            continue
        kind, data = _MADE[entry["act"]], entry["data"]
        row = told[kind].setdefault(data[kind], {})
        row.update(_EFFECTS[entry["act"]](entry, data))
        where[data[kind]] = entry["seq"]
    return told, where


_MADE = {"exclude": "exclusion", "include": "exclusion", "object": "objection", "answer": "objection"}
_EFFECTS: dict[str, Callable[[Row, Row], Row]] = {
    "exclude": lambda entry, data: {
        "figure": data["figure"], "ground": data["ground"], "basis": entry["text"], "by": data["post"],
        "at": entry["at"], "person": data["answerer"], "ended": None,
    },
    "include": lambda entry, data: {"ended": (entry["at"], data["post"], entry["text"])},
    "object": lambda entry, data: {
        "figure": data["figure"], "text": entry["text"], "post": data["post"], "against": data["exclusion"],
        "at": entry["at"], "person": data["answerer"], "answer": None,
    },
    "answer": lambda entry, data: {
        "answer": ("upheld" if data["upheld"] else "refused", entry["at"], data["post"], entry["text"])
    },
}  # fmt: skip


def _answers(receipt_hash: str, row: Exclusion | Objection) -> Row:
    return {"person": standing.answers(receipt_hash, row.pk, row.person)}


def _exclusion(row: Exclusion) -> Row:
    unended = row.ended_at is None and row.ended_by_id is None and not row.ended_why
    return {
        "figure": row.figure, "ground": row.ground, "basis": row.basis, "by": str(row.by_id), "at": row.at,
        "ended": None if unended else (row.ended_at, str(row.ended_by_id), row.ended_why),
    }  # fmt: skip


def _objection(row: Objection) -> Row:
    waits = row.state == Objection.State.OPEN and not row.answer and row.answered_at is None
    return {
        "figure": row.figure, "text": row.text, "post": str(row.post_id or ""), "against": str(row.exclusion_id or ""),
        "at": row.at, "answer": None if waits else (row.state, row.answered_at, str(row.answered_by_id), row.answer),
    }  # fmt: skip
