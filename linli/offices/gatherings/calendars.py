"""The calendar three times: at the desk by scope, for a resident by quarter, for everybody by place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.core.gatherings import queries
from linli.core.gatherings.models import Gathering
from linli.core.people import duties
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.people.entering import signed_page, staff_page
from linli.core.places.meant import district_asked
from linli.core.places.tree import Node, tree
from linli.kit import lists
from linli.kit.lists import param
from linli.offices.gatherings.months import Month

LEVELS = ("street", "community")


def _drawn(request: HttpRequest, district_id: int, rows: list[Gathering], month: Month) -> dict[str, Any]:
    """What the month and the list are drawn from; the address keeps everything that was asked."""
    view = "month" if param(request, "view") == "month" else "list"
    chosen = param(request, "kind", 24)
    kinds = [(kind.code, kind.name) for kind in queries.kinds(district_id)]
    return {
        "month": month, "rows": rows, "weeks": month.weeks(rows) if view == "month" else [], "view": view,
        "kinds": kinds, "kind": chosen, "before": month.shifted(-1).code, "after": month.shifted(1).code,
        "q": param(request, "q", 40), "district_id": district_id, "narrowed": bool(chosen or param(request, "q", 40)),
        "weekdays": [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")],
    }  # fmt: skip


def _filters(request: HttpRequest, place: str = "") -> queries.Filters:
    return queries.Filters(kind=param(request, "kind", 24), place=place, q=param(request, "q", 40))


def _coming(month: Month, rows: list[Gathering], find: Callable[[], Gathering | None]) -> Gathering | None:
    """Where the present month holds nothing more: the next one, so that its last days do not look empty."""
    now = timezone.now()
    return find() if month == Month.read("") and not any(row.ends_at >= now for row in rows) else None


# ── at the desk ─────────────────────────────────────────────────────────────────────────────────────────────
def _scope(request: HttpRequest, actor: Actor) -> list[tuple[str, str]]:
    """Streets and communities that one may look at, for the filter; nobody's choice is longer than the district."""
    known = tree(actor.district_id or 0)
    own = [post.path for post in actor.posts]
    nodes = [n for n in known.by_path.values() if n.level in LEVELS and not n.generic]
    mine = [n for n in nodes if any(n.path.startswith(p) or p.startswith(n.path) for p in own)]
    return [(n.code, n.name) for n in sorted(mine, key=lambda n: n.path)[:120]]


@require_safe
@staff_page
def desk(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What one may see of the month: public ones, those one is asked to, and drafts where one convenes."""
    month, district_id = Month.read(param(request, "month", 7)), actor.district_id or 0
    filters = _filters(request, param(request, "place", 32))
    rows = queries.month(actor, month.year, month.number, filters)
    context = _drawn(request, district_id, rows, month) | {
        "places": _scope(request, actor),
        "invited": queries.invited(actor),
        "convenes": bool(actor.paths(duties.CONVENE)),
        "export": f"{reverse('sittings:export')}?{request.GET.urlencode()}",
        "coming": _coming(month, rows, lambda: queries.next_one(actor, filters)),
    }
    return render(request, "sittings/desk.html", context)


@require_safe
@staff_page
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The same month as a file."""
    month = Month.read(param(request, "month", 7))
    rows = queries.month(actor, month.year, month.number, _filters(request, param(request, "place", 32)))
    head = [_("编号"), _("题目"), _("种类"), _("地方"), _("开始"), _("结束"), _("在哪儿"), _("现在")]
    return lists.as_csv("calendar", head, (
        [g.number, g.title, g.kind.name, g.place.name, f"{timezone.localtime(g.starts_at):%Y-%m-%d %H:%M}",
         f"{timezone.localtime(g.ends_at):%Y-%m-%d %H:%M}", g.room.name if g.room else g.where, g.get_state_display()]
        for g in rows
    ))  # fmt: skip


# ── residents ───────────────────────────────────────────────────────────────────────────────────────────────
def home_of(actor: Actor) -> Node:
    """Where somebody lives, else serves: what is public there and above concerns them."""
    known = tree(actor.district_id or 0)
    low = known.by_id.get(actor.home_id) if actor.home_id else None
    if low is None and actor.posts:
        low = known.by_path.get(actor.posts[0].path)
    low = low or known.root
    return known.at_level(low, "quarter") or low


@require_safe
@signed_page
def mine(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What is open where I live, and what I am asked to."""
    month, district_id = Month.read(param(request, "month", 7)), actor.district_id or 0
    home = home_of(actor)
    rows = queries.month(actor, month.year, month.number, _filters(request), path=home.path)
    context = _drawn(request, district_id, rows, month) | {
        "home": home,
        "invited": queries.invited(actor),
        "coming": _coming(month, rows, lambda: queries.next_one(actor, _filters(request), path=home.path)),
    }
    return render(request, "sittings/mine.html", context)


# ── everybody ───────────────────────────────────────────────────────────────────────────────────────────────
def place_of(request: HttpRequest, district_id: int) -> Node:
    """The place asked for; the whole district where none is named. An unknown one is not there."""
    known, code = tree(district_id), param(request, "place", 32)
    node = known.by_code.get(code) if code else known.root
    if node is None:
        raise Http404
    return node


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """Every gathering that is open to read, by place and kind; prints as a list."""
    district_id = district_asked(request)
    node, month = place_of(request, district_id), Month.read(param(request, "month", 7))
    known = tree(district_id)
    filters = _filters(request, node.code)
    rows = queries.month(ANONYMOUS, month.year, month.number, filters, district_id=district_id)
    chain = [n for n in known.chain(node) if n.level != "unit"]
    below = [n for n in known.children.get(node.id, []) if n.level in (*LEVELS, "quarter") and not n.generic]
    context = _drawn(request, district_id, rows, month) | {
        "node": node,
        "chain": chain,
        "below": below,
        "district": known.district.name,
        "coming": _coming(month, rows, lambda: queries.next_one(ANONYMOUS, filters, district_id=district_id)),
    }
    return render(request, "sittings/public.html", context)
