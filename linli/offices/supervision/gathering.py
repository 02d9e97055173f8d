"""What a bulletin says by itself: counted from the rows of a place and a period, each figure with the way to its cases.

Nothing here judges a person and nothing sorts places by how they do: places stand in the order of the tree.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from linli.core.matters import stats
from linli.core.matters.clocks import GOING
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Call, Matter
from linli.core.people.posts import roster
from linli.core.places.tree import Node, tree
from linli.kit.fields import subtree
from linli.offices.supervision import orders
from linli.offices.supervision.models import Issue

MOST_ORDERS, MOST_CALLS, MOST_GOOD = 200, 100, 3
_COUNTS: Final = ("received", "answered_in_time", "acted_in_time", "resolved_in_time", "resolved", "satisfied", "rated")
# Telephone and identity numbers that people write into what they say.
_DIGITS = re.compile(r"(?<!\d)(\d{3})\d{4,}(\d{2})(?!\d)")


def gather(district_id: int, node: Node, since: date, until: date, now: datetime | None = None) -> dict[str, Any]:
    """Everything that the machine drafts, as plain JSON that an issue freezes."""
    at = now or timezone.now()
    low, high = _start(since), _start(until + timedelta(days=1))
    found = _orders(district_id, node, low, high, at)
    return {
        "figures": _figures(district_id, node, since, until, at),
        "orders": found["orders"], "carried": found["carried"], "counts": found["counts"],
        "misses": _misses(district_id, node, low, high),
        "good": _good(district_id, node, low, high),
        "at": timezone.localtime(at).isoformat(timespec="minutes"),
    }  # fmt: skip


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def title_of(matter: Matter) -> str:
    """A matter's title for a paper that goes round: nothing of a confidential one, no number that leads to somebody."""
    return "（保密）" if matter.confidential else _DIGITS.sub(r"\1****\2", matter.title)


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _figures(district_id: int, node: Node, since: date, until: date, now: datetime) -> dict[str, Any]:
    known = tree(district_id)
    # The last day counts whole: the figures take a date as the whole of it.
    asked: dict[str, Any] = {"district_id": district_id, "path": node.path, "since": since, "until": until}
    kinds = stats.query(by="kind", **asked)
    own = [group for group in kinds.groups if group.key != orders.KEY_TASK]
    whole = {name: sum(getattr(group, name) for group in own) for name in _COUNTS}
    places = [
        {"name": group.name, "code": group.key, "cases": group.cases, **{n: getattr(group, n) for n in _COUNTS}}
        for group in stats.query(by="place", **asked).groups
        if group.received
    ]
    low, high = subtree(node.path)
    late = Matter.objects.filter(
        ~Q(state__in=ENDED), district_id=district_id, scope_path__gte=low, scope_path__lt=high, next_due__lt=now
    ).exclude(kind=orders.KEY_TASK)
    cases = stats.case_filter("all", "", since, until, "" if node.id == known.root.id else node.code)
    return {"whole": whole, "cases": cases, "places": places, "late_now": late.count(),
            "version": kinds.formula["version"]}  # fmt: skip


# ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _orders(district_id: int, node: Node, low: datetime, high: datetime, now: datetime) -> dict[str, Any]:
    """Given before the end of the period, and not answered before its beginning: what is still owed climbs in again."""
    rows = orders.of_place(district_id, node).filter(started_at__lt=high).exclude(state="cancelled")
    rows = rows.filter(Q(state__in=GOING) | Q(stopped_at__gte=low)).select_related("matter")
    before = _told_before(district_id, node)
    out: list[dict[str, Any]] = []
    counts = {"done": 0, "late": 0, "open": 0, "overdue": 0}
    for order in orders.told(district_id, rows.order_by("due_at", "pk")[:MOST_ORDERS]):
        state = order.state(now)
        state = "open" if state == "soon" else state
        counts[state] = counts.get(state, 0) + 1
        out.append({
            "number": order.matter.number, "title": title_of(order.matter), "text": order.text, "task": order.task,
            "who": order.who, "owner": order.owner.name if order.owner else "", "where": order.where,
            "unit": str(order.owner.id) if order.owner else "", "state": state,
            "given": _day(order.given), "due": _day(order.clock.due_at),
            "done": _day(order.clock.stopped_at) if order.clock.stopped_at else "",
            "times": before.get(order.matter.number, 0) + 1,
        })  # fmt: skip
    carried = sum(1 for one in out if one["times"] > 1 and one["state"] in ("open", "overdue"))
    return {"orders": out, "counts": counts, "carried": carried}


def _told_before(district_id: int, node: Node) -> dict[str, int]:
    """In how many earlier bulletins of this place each order stood unanswered; the last version of each counts."""
    rows = Issue.objects.filter(district_id=district_id, bulletin__place_id=node.id).order_by("bulletin_id", "version")
    last: dict[uuid.UUID, Mapping[str, Any]] = dict(rows.values_list("bulletin_id", "content"))
    out: dict[str, int] = {}
    for content in last.values():
        owed = {o["number"] for o in content["gathered"]["orders"] if o["state"] in ("open", "overdue")}
        for number in owed:
            out[number] = out.get(number, 0) + 1
    return out


def _day(at: datetime) -> str:
    return timezone.localtime(at).date().isoformat()


# ── whistles and good practice ──────────────────────────────────────────────────────────────────────────────────
def _misses(district_id: int, node: Node, low: datetime, high: datetime) -> list[dict[str, Any]]:
    """Units that were called and did not come in time, or said that they do not come."""
    first, end = subtree(node.path)
    rows = Call.objects.filter(
        Q(late=True) | Q(state="refused"), district_id=district_id, due_at__gte=low, due_at__lt=high,
        matter__scope_path__gte=first, matter__scope_path__lt=end,
    ).select_related("matter", "whistle")  # fmt: skip
    posts = roster(district_id)
    out = []
    for call in rows.order_by("due_at", "pk")[:MOST_CALLS]:
        unit = posts.by_id.get(call.post_id)
        out.append({
            "number": call.matter.number, "title": title_of(call.matter), "unit": unit.name if unit else "",
            "post": str(call.post_id), "due": timezone.localtime(call.due_at).isoformat(timespec="minutes"),
            "came": timezone.localtime(call.arrived_at).isoformat(timespec="minutes") if call.arrived_at else "",
            "refused": call.state == "refused", "reason": call.reason, "work": call.work, "need": call.need,
        })  # fmt: skip
    return out


def _good(district_id: int, node: Node, low: datetime, high: datetime) -> list[dict[str, Any]]:
    """What residents were glad of: five marks, every promise kept. A person chooses what of it is worth telling."""
    first, end = subtree(node.path)
    rows = Matter.objects.filter(
        district_id=district_id, scope_path__gte=first, scope_path__lt=end, score=5, closed_at__gte=low,
        closed_at__lt=high, confidential=False, rounds=1,
    ).order_by("-households", "closed_at")  # fmt: skip
    posts, out = roster(district_id), []
    for matter in rows[:60]:
        if any(clock["state"] == "missed" for clock in matter.clocks):
            continue
        who = posts.by_id.get(matter.resolver_id) if matter.resolver_id else None
        unit = who.title if who else ""  # by office: a bulletin ranks and praises no named person by itself
        out.append({"number": matter.number, "title": title_of(matter), "unit": unit, "households": matter.households})
        if len(out) == MOST_GOOD:
            break
    return out
