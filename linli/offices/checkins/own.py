"""``/checkin/``: one's own reports and services. ``/open/checkins/``: figures for everybody, and checking a code."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import signed_page
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit import paging, shell
from linli.kit.lists import param
from linli.kit.refusal import NotFound, Refused
from linli.offices.checkins import actions, queries
from linli.offices.checkins.forms import ReportForm, SignForm
from linli.offices.checkins.models import ServiceState

HERE = "checkins:mine"
ACTIVE = (ServiceState.CHOSEN, ServiceState.STARTED)


@require_safe
@signed_page
def mine(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Where I reported, what I may take on there, what I am at, and my record; on to a code that was typed."""
    signs = SignForm(actor, request.GET if "code" in request.GET else None)
    if signs.is_bound and signs.is_valid():
        return HttpResponseRedirect(reverse("checkins:arrive", args=[signs.cleaned_data["code"]]))
    rows = queries.mine(actor)
    services = queries.my_services(actor)
    try:
        page = paging.page(
            services.exclude(state__in=ACTIVE), cursor=param(request, "cursor", 120) or None, limit=20, at="at"
        )
    except paging.BadCursorError:
        page = paging.page(services.exclude(state__in=ACTIVE), limit=20, at="at")
    active = list(services.filter(state__in=ACTIVE).order_by("id"))
    taken = {s.item_id for s in active}
    found = queries.items(actor.district_id or 0, [r.place_id for r in rows]) if rows else []
    context = {
        "rows": rows, "active": active, "offered": [o for o in found if o.left and o.item.pk not in taken],
        "page": page, "total": queries.total(services), "signs": signs,
        "record": [(s, queries.hours(s.minutes)) for s in page.items],
    }  # fmt: skip
    return render(request, "checkins/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_page
def arrive(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """Behind the community's printed code: how one reports, and one confirmation."""
    found = queries.sign_of(code)
    if found is None or found[0].district_id != actor.district_id:
        return render(request, "checkins/gone.html", status=404)
    _sign, node = found
    form = ReportForm(actor, posted(request))
    about = _("自愿来的，随时可以不来。只记您来报到，不记行踪。")
    ask = Ask(_("到%s报到") % node.name, _("报到"), reverse(HERE), about, base="checkins/page.html")

    def do(data: dict[str, Any]) -> tuple[str, str]:
        said = actions.Reporting(data["how"], data.get("name", ""), data["unit"], data["party_member"])
        actions.check_in(actor=actor, code=code, said=said)
        return reverse(HERE), _("报到了，欢迎您。下面的岗位都可以认领。")

    return perform(request, ask, form, do)


def _did(request: HttpRequest, words: str) -> HttpResponseBase:
    shell.toast(request, words)
    return HttpResponseRedirect(reverse(HERE))


@require_POST
@signed_page
def choose(request: HttpRequest, actor: Actor, item_id: uuid.UUID) -> HttpResponseBase:
    try:
        row = actions.choose(actor=actor, item_id=item_id)
    except NotFound:
        raise
    except Refused as refused:
        return _did(request, refused.message)
    return _did(request, _("“%s”归您了，做的时候点开始。") % row.what)


@require_POST
@signed_page
def act(request: HttpRequest, actor: Actor, service_id: uuid.UUID, name: str) -> HttpResponseBase:
    try:
        row = actions.act(actor=actor, service_id=service_id, name=name)
    except NotFound:
        raise
    except Refused as refused:
        return _did(request, refused.message)
    words = {"start": _("开始了。做完点做完了。"), "finish": _("辛苦了，%s。等社区认定。") % queries.hours(row.minutes),
             "withdraw": _("退了，别人可以认领。")}  # fmt: skip
    return _did(request, words[name])


@require_POST
@signed_page
def leave(request: HttpRequest, actor: Actor, checkin_id: uuid.UUID) -> HttpResponseBase:
    row = actions.leave(actor=actor, checkin_id=checkin_id)
    return _did(request, _("不再到%s报到了，做过的都还记着。") % row.place.name)


# ── for everybody ───────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """Figures of the communities, in the order of the tree."""
    own = getattr(request.user, "district_id", None)
    codes_of = list(District.objects.order_by("pk").values_list("pk", flat=True))
    asked = param(request, "district")
    wanted = [c for c in codes_of if str(c) == asked] if asked else ([own] if own in codes_of else codes_of)
    if not wanted or wanted[0] is None:
        raise Http404
    known = tree(wanted[0])
    nodes = sorted(
        (n for n in known.by_path.values() if n.level == "community" and not n.generic), key=lambda n: n.path
    )
    typed = param(request, "code", 40)
    if typed:
        return HttpResponseRedirect(reverse("checkins:verify", args=[typed.replace("/", "-")]))
    # Where nobody reported yet there is nothing to tell: how many those are stands in a sentence.
    lines = [x for x in queries.figures(known, nodes) if x.units or x.by_unit or x.by_home or x.services]
    after = param(request, "cursor")
    rest = [x for x in lines if x.node.path > after] if after else lines
    shown = rest[:60]
    context = {"lines": shown, "district": known.district.name, "quiet": len(nodes) - len(lines),
               "next": shown[-1].node.path if len(rest) > len(shown) else None}  # fmt: skip
    return render(request, "checkins/public.html", context)


@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a sheet with this code was given out, what it says, and whether the book still says so."""
    row = queries.summary_by_code(code)
    if row is None:
        return render(request, "checkins/verify.html", {"code": code[:40]}, status=404)
    now = queries.counted(row.district_id, row.organisation_id, row.place_id, row.since, row.until)
    context = {"s": row, "code": row.code, "hours": queries.hours(row.figures["minutes"]),
               "same": all(now[name] == row.figures[name] for name in ("services", "minutes")), "now": now,
               "district": tree(row.district_id).district.name}  # fmt: skip
    return render(request, "checkins/verify.html", context)
