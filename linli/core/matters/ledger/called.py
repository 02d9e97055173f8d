"""Judging whistles and looks at a contact: the rows that pages show of them, against the entries that made them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters.models import Call, Reveal, Whistle
from linli.kit import chain

Row = dict[str, Any]
Told = tuple[str, int, str]  # reason, entry, sentence

_ENDED = ("done", "refused")


def judge(
    matter: Row, entries: Sequence[Row], blown: Iterable[Whistle], called: Sequence[Call], looks: Iterable[Reveal]
) -> Iterator[Told]:
    """What does not hold of a matter whose chain does."""
    blown = list(blown)
    calls, order = _calls(entries, called), {row.pk: place for place, row in enumerate(blown)}
    if not _whistles_hold([row for row in entries if row["act"] == "whistle"], blown):
        yield "whistle", _last(entries, "whistle"), _("吹哨的登记和记录说的不一样")
    elif not _calls_hold(calls, sorted((_call(row, order) for row in called), key=_unit)):
        yield "call", _last(entries, "whistle", "report", "miss", "appraise"), _("报到的登记和记录说的不一样")
    if matter["calls_open"] != sum(call["state"] not in _ENDED for call in calls):
        yield "row.calls_open", _last(entries, "whistle", "report"), _("登记的还有几家没到，和记录说的不一样")
    seen = sorted((row["at"], row["actor"], row["text"]) for row in entries if row["act"] == "reveal")
    if seen != sorted((row.at, row.reader, row.reason) for row in looks):
        yield "reveal", _last(entries, "reveal"), _("谁看过联系方式，登记的和记录说的不一样")


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _whistles_hold(said: Sequence[Row], blown: Sequence[Whistle]) -> bool:
    """Entries from before did not say which post blew it."""
    told = [(row["data"]["kind"], row["text"], row["actor"], row["at"]) for row in said]
    if told != [(row.kind, row.reason, row.actor, row.at) for row in blown]:
        return False
    return all(row.by.code == entry["data"].get("by", row.by.code) for entry, row in zip(said, blown, strict=True))


def _last(entries: Sequence[Row], *acts: str) -> int:
    return max((row["seq"] for row in entries if row["act"] in acts), default=0)


def _calls(entries: Iterable[Row], called: Sequence[Call]) -> list[Row]:
    """What the entries make of the calls, by unit. A unit is called again only once it has ended."""
    posts = {name: row.post_id for row in called for name in (row.post.code, str(row.post_id))}
    told: list[Row] = []
    blown = -1
    for entry in entries:
        data = entry["data"]
        if entry["act"] == "whistle":
            blown += 1
            told += [_opened(blown, posts.get(unit, unit), data.get("due")) for unit in data["units"]]
        elif entry["act"] in _EFFECTS:
            unit = posts.get(data["unit"], data["unit"])
            last = next((row for row in reversed(told) if row["post"] == unit), None)
            if last is not None:
                _EFFECTS[entry["act"]](last, entry, data)
    return sorted(told, key=_unit)  # stable: the calls of one unit stay as they came


def _unit(call: Row) -> str:
    return str(call["post"])


def _calls_hold(told: Sequence[Row], there: Sequence[Row]) -> bool:
    """Entries from before did not say by when a unit had to come."""
    if len(told) != len(there):
        return False
    return all({**call, "due": call["due"] or row["due"]} == row for call, row in zip(told, there, strict=True))


def _opened(whistle: int, post: object, due: str | None) -> Row:
    return {
        "whistle": whistle, "post": post, "due": due, "state": "called", "late": False, "arrived_at": None,
        "ended_at": None, "text": "", "reason": "", "need": "", "need_text": "", "work": "", "work_text": "",
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


def _call(row: Call, order: dict[uuid.UUID, int]) -> Row:
    names = (
        "state", "late", "arrived_at", "ended_at", "text", "reason", "need", "need_text", "work", "work_text",
    )  # fmt: skip
    return {
        "whistle": order.get(row.whistle_id),
        "post": row.post_id,
        "due": chain.instant(row.due_at),
        **{name: getattr(row, name) for name in names},
    }
