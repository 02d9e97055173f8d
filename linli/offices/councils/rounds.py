"""What was asked from door to door about a topic, as its ledger tells: offices do not know one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters.models import Entry, Matter
from linli.kit.figures import comma

_FEW = 5  # so few are not counted where strangers read


@dataclass(frozen=True)
class Line:
    """One thing that happened in a step. ``kind`` and ``key`` lead to where it stands: a sitting, a vote, a matter."""

    text: str
    at: datetime | None = None
    who: str = ""
    kind: str = ""  # gathering, vote, matter, resolution; of a round: result, round, asking
    key: str = ""
    against: bool = False


def lines(topic: Matter, entries: Iterable[Entry], *, public: bool) -> list[Line]:
    """One line a round, in the order in which they began, with the figures that are known of it."""
    told: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.act == "canvass" and entry.data.get("round"):
            known = told.setdefault(str(entry.data["round"]), {"title": topic.title, "at": entry.at, "grouped": 0})
            known.update(entry.data)
            known["grouped"] += entry.data.get("opinions", 0) if entry.data.get("stage") == "grouped" else 0
    return [
        Line(str(data["title"]), data["at"], _who(data, public), _kind(data, public), code)
        for code, data in told.items()
    ]  # fmt: skip


def _kind(data: dict[str, Any], public: bool) -> str:
    published = bool(data.get("published"))
    if public:
        return "result" if published else "asking"
    return "round" if data.get("inside") else ("result" if published else "")


def _who(data: dict[str, Any], public: bool) -> str:
    parts = [_("逐户征求意见")]
    if data.get("published"):
        figures = {"v": comma(data.get("visited", 0)), "t": comma(data.get("total", 0))}
        parts.append(_("去过 %(v)s 户，收到 %(t)s 条意见") % figures)
    said = max(data.get("opinions", 0), data["grouped"])
    if 0 < said < _FEW and public:
        parts.append(_("其中不足 %d 条说的是这件事") % _FEW)
    elif said:
        parts.append(_("其中 %s 条说的是这件事") % comma(said))
    return "　".join(parts)
