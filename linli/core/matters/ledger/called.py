"""Judging whistles and looks at a contact: the rows that pages show of them, against the entries that made them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters.models import Call, Reveal, Whistle

Row = dict[str, Any]
Told = tuple[str, int, str]  # reason, entry, sentence

_ENDED = ("done", "refused")


def judge(
    entries: Sequence[Row], blown: Iterable[Whistle], called: Sequence[Call], looks: Iterable[Reveal]
) -> Iterator[Told]:
    """What does not hold of a matter whose chain does."""
    told = [(row["data"]["kind"], row["text"], row["actor"], row["at"]) for row in entries if row["act"] == "whistle"]
    if sorted(told) != sorted((row.kind, row.reason, row.actor, row.at) for row in blown):
        yield "whistle", _last(entries, "whistle"), _("吹哨的登记和记录说的不一样")
    elif _calls(entries, called) != sorted((_call(row) for row in called), key=_unit):
        yield "call", _last(entries, "whistle", "report", "miss", "appraise"), _("报到的登记和记录说的不一样")
    seen = sorted((row["at"], row["actor"], row["text"]) for row in entries if row["act"] == "reveal")
    if seen != sorted((row.at, row.reader, row.reason) for row in looks):
        yield "reveal", _last(entries, "reveal"), _("谁看过联系方式，登记的和记录说的不一样")


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _last(entries: Sequence[Row], *acts: str) -> int:
    return max((row["seq"] for row in entries if row["act"] in acts), default=0)


def _calls(entries: Iterable[Row], called: Sequence[Call]) -> list[Row]:
    """What the entries make of the calls, by unit. A unit is called again only once it has ended."""
    posts = {name: row.post_id for row in called for name in (row.post.code, str(row.post_id))}
    told: list[Row] = []
    for entry in entries:
        data = entry["data"]
        if entry["act"] == "whistle":
            told += [_opened(posts.get(unit, unit)) for unit in data["units"]]
        elif entry["act"] in _EFFECTS:
            unit = posts.get(data["unit"], data["unit"])
            last = next((row for row in reversed(told) if row["post"] == unit), None)
            if last is not None:
                _EFFECTS[entry["act"]](last, entry, data)
    return sorted(told, key=_unit)  # stable: the calls of one unit stay as they came


def _unit(call: Row) -> str:
    return str(call["post"])


def _opened(post: object) -> Row:
    return {
        "post": post, "state": "called", "late": False, "arrived_at": None, "ended_at": None, "text": "",
        "reason": "", "need": "", "need_text": "", "work": "", "work_text": "",
    }  # fmt: skip


def _report(call: Row, entry: Row, data: Row) -> None:
    if call["state"] == "called" and data["report"] != "refused":
        call["arrived_at"] = entry["at"]
    if data["report"] in _ENDED:
        call["ended_at"] = entry["at"]
    call["state"], call["late"] = data["report"], data["late"]
    call["text"], call["reason"] = entry["text"] or call["text"], data.get("reason") or call["reason"]


def _miss(call: Row, entry: Row, data: Row) -> None:
    call["late"] = True


def _appraise(call: Row, entry: Row, data: Row) -> None:
    call[data["side"]], call[f"{data['side']}_text"] = data["verdict"], entry["text"]


_EFFECTS = {"report": _report, "miss": _miss, "appraise": _appraise}


def _call(row: Call) -> Row:
    names = (
        "state", "late", "arrived_at", "ended_at", "text", "reason", "need", "need_text", "work", "work_text",
    )  # fmt: skip
    return {"post": row.post_id, **{name: getattr(row, name) for name in names}}
