"""A matter's row told again from its timeline: what every column must be if the entries are true.

One small function an act, so that an act that learns to set something new says so here in one line; ``verify`` compares
the result with the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.actions.opening import title_of
from linli.core.matters.flow import CLOSED, CONTESTED, DECLINED
from linli.core.matters.models.matter import ERASED_TEXT, ERASED_TITLE

Row = Mapping[str, Any]
Told = dict[str, Any]

# Column as ``verify`` reads it → what people call it.
COLUMNS: Final = {
    "number": _("编号"), "kind": _("类别"), "channel": _("来源"), "anonymous": _("匿名"), "confidential": _("保密"),
    "place__code": _("地点"), "opened_at": _("收到时间"), "happened": _("发生时间"), "text": _("原话"),
    "title": _("标题"), "category": _("分类"), "urgency": _("急缓"), "state": _("状态"), "handler": _("经办"),
    "cause": _("原因"),
    "score": _("评分"), "rated_at": _("评价时间"), "replied_at": _("答复时间"), "acted_at": _("动手时间"),
    "resolved_at": _("办结时间"), "verified_at": _("核查时间"), "closed_at": _("销号时间"), "rounds": _("轮次"),
    "households": _("户数"), "job__number": _("并入"),
}  # fmt: skip


def tell(entries: Sequence[Row]) -> Told:
    """What the entries, oldest first, make of the matter."""
    told = _opening(entries[0])
    for row in entries:
        data = row["data"]
        if effect := _EFFECTS.get(row["act"]):
            effect(told, row, data)
        if not data.get("untimed"):
            _ended(told, data["state"], row["at"])
        told["state"] = data["state"]
        if "handler" in data:
            told["handler"] = data["handler"]
    return told


def differing(told: Told, row: Row, last: Row) -> list[str]:
    """Names of the columns that are not what the timeline tells; ``last`` is the newest entry."""
    row = {**row, "happened": _seconds(row["happened_at"]), "handler": row["handler__code"]}
    names = [name for name in COLUMNS if name != "handler" and row[name] != told[name]]
    if row["handler"] != told["handler"] and not _unnamed(row, last):
        names.append("handler")
    return names


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _opening(row: Row) -> Told:
    data, erased = row["data"], row["redacted_at"] is not None
    told = {name: data.get(name) for name in ("number", "kind", "channel", "anonymous", "confidential", "urgency")}
    return told | {
        "place__code": data.get("place"), "opened_at": row["at"], "happened": data.get("happened_at"),
        "text": ERASED_TEXT if erased else row["text"],
        "title": ERASED_TITLE if erased else title_of(row["text"]),
        "category": data.get("category", ""), "state": "", "handler": None, "cause": "", "score": None,
        "rated_at": None, "replied_at": None, "acted_at": None, "resolved_at": None, "verified_at": None,
        "closed_at": None, "rounds": 1, "households": 1, "job__number": None,
    }  # fmt: skip


def _ended(told: Told, state: str, at: datetime) -> None:
    """The end is when the matter came into a final state, and is taken back when it leaves it."""
    if state not in (CLOSED, DECLINED):
        told["closed_at"] = None
    elif state != told["state"]:
        told["closed_at"] = at


def _first(told: Told, name: str, at: datetime) -> None:
    if told[name] is None:
        told[name] = at


def _triage(told: Told, row: Row, data: Row) -> None:
    told["category"], told["urgency"] = data["category"], data["urgency"]


def _return(told: Told, row: Row, data: Row) -> None:
    told["handler"] = None


def _reply(told: Told, row: Row, data: Row) -> None:
    _first(told, "replied_at", row["at"])


def _progress(told: Told, row: Row, data: Row) -> None:
    _first(told, "acted_at", row["at"])
    _first(told, "replied_at", row["at"])


def _resolve(told: Told, row: Row, data: Row) -> None:
    _progress(told, row, data)
    told["resolved_at"], told["cause"] = row["at"], data["cause"]


def _verify(told: Told, row: Row, data: Row) -> None:
    if data["passed"]:
        _first(told, "verified_at", row["at"])


def _rate(told: Told, row: Row, data: Row) -> None:
    told["score"], told["rated_at"] = data["score"], row["at"]


def _contest(told: Told, row: Row, data: Row) -> None:
    if data["state"] == CONTESTED:  # a merged one contests its job and stays as it is
        told["rounds"] += 1


def _reopen(told: Told, row: Row, data: Row) -> None:
    told["rounds"] += 1


def _confirm(told: Told, row: Row, data: Row) -> None:
    if data["agreed"]:
        _first(told, "replied_at", row["at"])


def _merge(told: Told, row: Row, data: Row) -> None:
    told["job__number"] = data["into"]


def _unmerge(told: Told, row: Row, data: Row) -> None:
    told["job__number"] = None


def _member(told: Told, row: Row, data: Row) -> None:
    told["households"] = data["households"]


def _archive(told: Told, row: Row, data: Row) -> None:
    """Closed in the older system's books, at a time they tell or do not."""
    if not data.get("untimed"):
        told["resolved_at"] = told["verified_at"] = row["at"]


def _conclude(told: Told, row: Row, data: Row) -> None:
    """The residents' review that passed is the end of the work and its check."""
    _first(told, "resolved_at", row["at"])
    _first(told, "verified_at", row["at"])


_EFFECTS: Final[dict[str, Callable[[Told, Row, Row], None]]] = {
    "triage": _triage, "return": _return, "reply": _reply, "progress": _progress, "resolve": _resolve,
    "verify": _verify, "rate": _rate, "contest": _contest, "reopen": _reopen, "confirm": _confirm, "merge": _merge,
    "unmerge": _unmerge, "member": _member, "archive": _archive,
    "conclude": _conclude,
}  # fmt: skip


def _seconds(at: datetime | None) -> str | None:
    """As the opening spells a time."""
    return at.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds") if at else None


def _unnamed(row: Row, last: Row) -> bool:
    """An entry names only handlers that serve: a post that had ended by then is in the row and not in the entry."""
    ended = row["handler__until"]
    return "handler" not in last["data"] and ended is not None and ended <= timezone.localdate(last["at"])
