"""超时和快到点: what is late or soon, gathered by urgency, by who has it, or by where it lies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from linli.core.matters.models import Matter, Urgency
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import Tree, tree
from linli.doors.desk import queue, statements
from linli.doors.desk.gate import district_of, param
from linli.doors.desk.rows import Row, Rows

MOST = 300
AHEAD = {"0": timedelta(0), "4": timedelta(hours=4), "24": timedelta(hours=24), "72": timedelta(hours=72)}
BY: Final = {"urgency": lazy("按急缓"), "handler": lazy("按在谁手上"), "place": lazy("按地方")}
Key = tuple[Any, str]


@require_GET
@staff_page
def index(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Up to three hundred, the latest first inside each group; groups stand in a fixed order, nobody is ranked."""
    by = param(request, "by") if param(request, "by") in BY else "urgency"
    ahead = param(request, "ahead") if param(request, "ahead") in AHEAD else "24"
    now, known = timezone.now(), tree(district_of(actor))
    found = _found(actor, now + AHEAD[ahead])
    rows = Rows(actor, now).many(found)
    groups: dict[Key, list[tuple[Matter, Row]]] = {}
    for matter, row in zip(found, rows, strict=True):
        groups.setdefault(_KEYS[by](matter, row, known), []).append((matter, row))
    told = [_group(name, groups[(order, name)], now) for order, name in sorted(groups, key=lambda key: key[0])]
    context = {
        "groups": told, "by": by, "ahead": ahead, "full": len(found) == MOST, "late": sum(g["late"] for g in told),
        "soon": sum(len(g["rows"]) - g["late"] for g in told),
        "bys": [{"label": name, "url": f"?by={code}&ahead={ahead}", "current": code == by}
                for code, name in BY.items()],
        "spans": [{"label": name, "url": f"?by={by}&ahead={code}", "current": code == ahead}
                  for code, name in _spans().items()],
    }  # fmt: skip
    return render(request, "desk/pressing.html", context)


def _spans() -> dict[str, str]:
    return {"0": _("只看超时"), "4": _("4 小时内到"), "24": _("一天内到"), "72": _("三天内到")}


def _found(actor: Actor, until: datetime) -> list[Matter]:
    ranges = [rows.filter(next_due__lt=until).order_by("next_due", "pk")[:MOST] for rows in queue.live(actor)]
    ids = statements.keys(ranges)
    rows = Matter.objects.filter(district_id=district_of(actor), pk__in=ids).defer("text", "head", "suggestion")
    return list(rows.order_by("next_due", "pk")[:MOST])


def _urgency(matter: Matter, row: Row, known: Tree) -> Key:
    return Urgency.values.index(matter.urgency), str(matter.get_urgency_display())


def _handler(matter: Matter, row: Row, known: Tree) -> Key:
    return (not row.mine, row.holder), row.holder


def _place(matter: Matter, row: Row, known: Tree) -> Key:
    node = known.by_id.get(matter.place_id)
    under = (known.at_level(node, "community") or known.at_level(node, "street")) if node else None
    return (under.path if under else ""), (under.name if under else known.root.name)


_KEYS: dict[str, Callable[[Matter, Row, Tree], Key]] = {"urgency": _urgency, "handler": _handler, "place": _place}


def _group(name: str, found: list[tuple[Matter, Row]], now: datetime) -> dict[str, Any]:
    late = sum(1 for matter, _row in found if matter.next_due is not None and matter.next_due < now)
    return {"name": name, "rows": [row for _matter, row in found], "late": late, "soon": len(found) - late}
