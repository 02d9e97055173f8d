"""``/desk/councils/members/``: the committees of one's scope, their part-time members, their sittings."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.kit.lists import as_csv, param
from linli.offices.councils import committees
from linli.offices.councils.pages.common import must_host


@require_safe
@staff_page
def listing(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One line a committee."""
    must_host(actor)
    q = param(request, "q", 40)
    return render(request, "councils/committees.html", {"rows": committees.committees(actor, q), "q": q})


@require_safe
@staff_page
def listing_csv(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Every member as a file."""
    must_host(actor)
    head = [_("地方"), _("委员会"), _("姓名"), _("单位"), _("从"), _("到")]
    return as_csv("members", head, committees.lines(actor))


@require_safe
@staff_page
def one(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """One committee: who serves in it, when it met, what it settled."""
    node, posts = committees.of_place(actor, code)
    context = {
        "node": node, "name": committees.name_of(posts), "members": posts,
        "sat": committees.sat(node, actor.district_id or 0),
    }  # fmt: skip
    return render(request, "councils/committee.html", context)
