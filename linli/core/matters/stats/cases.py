"""Every figure opens its cases: the filters of a list that shows exactly the matters that a group counted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.models import Matter
from linli.core.matters.stats import grouping, rows
from linli.core.matters.stats.grouping import BY
from linli.core.matters.stats.period import MONTH, Moment, Period, after, parse
from linli.core.places.tree import tree
from linli.kit.fields import subtree
from linli.kit.refusal import Invalid, NotFound


def case_filter(
    by: str, key: str, since: Moment = None, until: Moment = None, place: str = "", *, kind: str = "", without: str = ""
) -> dict[str, str]:
    """The query of ``GET /matters`` that lists what a group *received*; ``by`` = ``all`` is the whole answer.

    ``place`` is the code of the place that was asked about. Two filters stand in no list's own form: ``hour``, and
    ``without`` a level: in the place, but in none of the groups of that level.
    """
    if by not in (*BY, "all"):
        raise Invalid(_("不能这样分组。"), fields={"by": _("可选：%s") % "、".join(BY)})
    found = {"place": place, "kind": kind, **_ends(since, until)}
    if by == "day":
        found |= _day(date.fromisoformat(key), since, until)
    elif by == "month":
        found |= _month(date.fromisoformat(f"{key}-01"), since, until)
    elif without:
        found["without"] = without
    elif by != "all":
        found[by] = key
    return {name: value for name, value in found.items() if value}


def _ends(since: Moment, until: Moment) -> dict[str, str]:
    return {"since": _said(since), "until": _said(until)}


def _said(given: Moment) -> str:
    if isinstance(given, datetime):
        return (given if timezone.is_aware(given) else timezone.make_aware(given)).isoformat()
    return given.isoformat() if isinstance(given, date) else (given or "")


def _day(day: date, since: Moment, until: Moment) -> dict[str, str]:
    """One day as dates, or as instants where the period cuts it."""
    if since is None and until is None:
        return _ends(day, day)
    part = parse(since, until).within(day)
    if part == Period().within(day):
        return _ends(day, day)
    return _ends(part.since, part.until)


def _month(first: date, since: Moment, until: Moment) -> dict[str, str]:
    """One month as dates, or less of it where the period begins or ends within."""
    last = after(first, MONTH) - timedelta(days=1)
    period = parse(since, until)
    low, high = period.within(first), period.within(last)
    asked = _day(first, since, until) if low != Period().within(first) else _ends(first, first)
    ended = _day(last, since, until) if high != Period().within(last) else _ends(last, last)
    return {"since": asked["since"], "until": ended["until"]}


def cases(district_id: int, filters: dict[str, str]) -> QuerySet[Matter]:
    """The matters that such filters mean, unordered and not yet scoped by who looks. Unknown filters are refused."""
    known = tree(district_id)
    left = dict(filters)
    scope = known.by_code.get(left.pop("place")) if "place" in left else known.root
    if scope is None:
        raise NotFound(_("没有这个地方。"))
    period = parse(left.pop("since", None), left.pop("until", None))
    found = rows.scoped(known, scope).filter(rows.opened([(period.since, period.until)]))
    if level := left.pop("without", ""):
        found = found.exclude(_inside(grouping.places(known, scope, level)))
    if "hour" in left:
        found = found.filter(opened_at__hour=_hour(left.pop("hour")))
    strange = left.keys() - {"kind", "state", "channel"}
    if strange:
        raise Invalid(_("不能这样筛选。"), fields=dict.fromkeys(sorted(strange), _("不认识。")))
    return found.filter(**left)


def _inside(groups: grouping.Places) -> Q:
    found = Q(pk__in=[])
    for node in groups.by_path.values():
        low, high = subtree(node.path)
        found |= Q(scope_path__gte=low, scope_path__lt=high)
    return found


def _hour(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 24):
        raise Invalid(_("钟点是 0 到 23。"), fields={"hour": "0–23"})
    return int(text)
