"""Judging what no column tells: receipt, scope and clocks, against what the entries committed to.

Matters opened before entries committed to these are judged by what their entries say anyway: the promises of the
opening, and the places that they were moved to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters import clocks
from linli.core.matters.models import Clock
from linli.core.places.tree import tree
from linli.kit import chain

Row = dict[str, Any]
Told = tuple[str, int, str]  # reason, entry, sentence


def judge(matter: Row, entries: Sequence[Row], rows: list[Clock]) -> Iterator[Told]:
    """What does not hold of a matter whose chain does."""
    yield from _receipt(matter, entries[0])
    yield from _scope(matter, entries)
    yield from _clocks(entries, rows)
    yield from _repeated(matter, entries[-1]["seq"], rows)


def _receipt(matter: Row, opening: Row) -> Iterator[Told]:
    said = opening["data"].get("receipt")
    if said is not None and said != chain.fingerprint(matter["receipt_hash"]):
        yield "row.receipt", opening["seq"], _("回执和收到时的不一样：有人换过")


def _scope(matter: Row, entries: Sequence[Row]) -> Iterator[Told]:
    seq, path = _last_scope(entries)
    if path is not None and path != matter["scope_path"]:
        yield "row.scope", seq, _("登记的归属地和记录说的不一样")
        return
    known = tree(matter["district_id"])
    node = known.by_path.get(matter["scope_path"])
    if node is None:
        return  # its place has passed; the worker moves it on
    levels = {n.level: n.id for n in known.chain(node)}
    wanted = (levels.get("street"), levels.get("community"), levels.get(known.district.cell_level))
    if wanted != (matter["street_id"], matter["community_id"], matter["cell_id"]):
        yield "row.scope", seq, _("登记的街道、社区或网格和归属地对不上")


def _last_scope(entries: Sequence[Row]) -> tuple[int, str | None]:
    for row in reversed(entries):
        data = row["data"]
        if "scope" in data:
            return row["seq"], data["scope"]
        if row["act"] == "move" and "path" in data:
            return row["seq"], data["path"]
    return entries[0]["seq"], None


def _clocks(entries: Sequence[Row], rows: list[Clock]) -> Iterator[Told]:
    """The newest commitment, else what was promised at the opening."""
    for row in reversed(entries):
        if "clocks" in row["data"]:
            if row["data"]["clocks"] not in (clocks.commitment(rows), clocks.commitment(rows, helpers=False)):
                yield "clocks", row["seq"], _("时限的起止或结论和第 %d 条记下的不一样") % row["seq"]
            return
    opening = entries[0]
    ends = {clock.stage: clock.due_at for clock in rows if clock.round == 1 and clock.stage in clocks.PROMISES}
    for stage, text in opening["data"].get("promised", {}).items():
        if not _same(ends.get(stage), text) and not _paused(entries):
            yield "clocks", opening["seq"], _("%s的时限和收到时说好的不一样") % clocks.STAGE_NAMES.get(stage, stage)


def _same(at: datetime | None, text: str) -> bool:
    return at is not None and at.replace(microsecond=0) == datetime.fromisoformat(text)


def _paused(entries: Iterable[Row]) -> bool:
    """A pause moves the end of a promise."""
    return any(row["act"] == "pause" for row in entries)


def _repeated(matter: Row, seq: int, rows: list[Clock]) -> Iterator[Told]:
    """What lists show of the clocks is only a copy of their rows."""
    if matter["clocks"] != clocks.brief(rows) or matter["next_due"] != clocks.next_due(rows):
        yield "row.clocks", seq, _("列表上的时限和时限登记的不一样")
