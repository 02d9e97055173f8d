"""``/desk/opinions/``: rounds of one's places, a new one, one with its progress, the sheet for the doors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.kit import paging
from linli.kit.lists import as_csv, keyed, param, tabs
from linli.kit.templatetags.linli import qr_svg
from linli.offices.opinions import actions, nav, queries
from linli.offices.opinions.forms import RoundForm, first, titles
from linli.offices.opinions.models import Round, Stretch
from linli.offices.opinions.models.rounds import State

STATES = tuple(State.choices)


def must_own(request: HttpRequest) -> None:
    if not nav.owns(request):
        raise Http404


def page_of(request: HttpRequest, rows: Any, at: str, limit: int = 30) -> paging.Page[Any]:
    """One page; a cursor that nobody gave out begins anew."""
    try:
        return paging.page(rows, cursor=param(request, "cursor", 120) or None, limit=limit, at=at)
    except paging.BadCursorError:
        return paging.page(rows, limit=limit, at=at)


@require_safe
@staff_page
def board(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Rounds at places where I convene, the newest first."""
    must_own(request)
    state, q = param(request, "state"), param(request, "q")
    rows = queries.owned(actor, q=q, state=state).select_related("place")
    page = page_of(request, rows, "made_at")
    shown = [{**tab, "url": tab["url"].replace("tab=", "state=")} for tab in tabs([("", _("全部")), *STATES], state)]
    context = {"page": page, "q": q, "state": state, "tabs": shown}
    return render(request, "opinions/board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    must_own(request)
    today = timezone.localdate()
    form = RoundForm(actor, posted(request), {"starts_on": today, "ends_on": today + timedelta(days=14)})
    ask = Ask(_("备一次征求意见"), _("备好，先不开始"), reverse("opinions:board"),
              _("先把话写明白，定好谁去、到哪天。开始以后题目不再改。"), draft="opinion-round")  # fmt: skip

    def do(_data: dict[str, Any]) -> tuple[str, str]:
        made = actions.draft(actor=actor, plan=form.plan())
        return reverse("opinions:one", args=[made.code]), _("备好了，看一遍再开始。")

    return perform(request, ask, form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def edit(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    row = queries.own(actor, code)
    back = reverse("opinions:one", args=[row.code])
    form = RoundForm(actor, posted(request), first(row))
    ask = Ask(_("改一改"), _("改好了"), back, row.title, draft=f"opinion-round-{row.code}")

    def do(_data: dict[str, Any]) -> tuple[str, str]:
        actions.change(actor=actor, row=row, plan=form.plan())
        return back, _("改好了。")

    return perform(request, ask, form, do)


@require_safe
@staff_page
def one(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """One round: how far it is, what was said by group, what can be done next."""
    row = queries.own(actor, code)
    known = tree(row.district_id)
    made = queries.groups(row)
    total = queries.words(row).count()
    called = dict(titles(row.district_id))
    context = {
        "round": row, "where": known.full_name(known.by_id[row.place_id], below="street"),
        "whole": queries.whole(row), "groups": made, "total": total, "loose": total - sum(g.n for g in made),
        "alike": len(queries.clusters(row)) if row.state != State.DRAFT else 0, "houses": row.stretches.count(),
        "goers": [called.get(role) or duties.role(role).name for role in row.roles], "small": queries.SMALL,
        "over": queries.hosted(actor, [row.matter, *(g.matter for g in made)]),
    }  # fmt: skip
    return render(request, "opinions/one.html", context)


@require_safe
@staff_page
def progress(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """Building by building in the order of the tree; no names, no hours, no order of merit."""
    row = queries.own(actor, code)
    known, q = tree(row.district_id), param(request, "q", 40)
    rows = Stretch.objects.filter(district_id=row.district_id, round=row)
    if q:
        inside = [n.id for n in known.by_path.values() if n.path.startswith(row.scope_path) and n.level == "building"
                  and q.replace(" ", "") in known.full_name(n).replace(" ", "")]  # fmt: skip
        rows = rows.filter(building_id__in=inside)
    page = keyed(rows, request, by="path")
    made = queries.tallies(row, page.items)
    context = {
        "round": row, "page": page, "q": q, "whole": queries.whole(row),
        "rows": [(known.full_name(known.by_id[s.building_id]), made[s.building_id]) for s in page.items],
    }  # fmt: skip
    return render(request, "opinions/progress.html", context)


@require_safe
@staff_page
def progress_csv(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    row = queries.own(actor, code)
    head = [_("楼栋"), _("在册户数"), _("去过"), _("说了"), _("没什么要说"), _("没人在家"), _("不想说")]
    return as_csv(f"opinions-{row.code}-progress", head, _lines(row))


def _lines(row: Round) -> Iterator[list[Any]]:
    known = tree(row.district_id)
    rows = list(row.stretches.order_by("path"))
    made = queries.tallies(row, rows)
    for one in rows:
        t = made[one.building_id]
        yield [known.full_name(known.by_id[one.building_id]), t.doors, t.visited, t.spoke, t.nothing, t.nobody,
               t.declined]  # fmt: skip


@require_safe
@staff_page
def paper(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """The sheet for the door: what is asked, until when, and a code to answer by oneself. Prints on A4."""
    row = queries.own(actor, code)
    if row.state == State.DRAFT:
        raise Http404
    url = request.build_absolute_uri(reverse("opinions:say", args=[row.code]))
    context = {"round": row, "qr": qr_svg(url), "url": url, "district": tree(row.district_id).district.name}
    return render(request, "opinions/paper.html", context)
