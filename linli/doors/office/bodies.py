"""Organisations: the list and its file, one with its posts, founded, renamed, closed."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters.actions.configuring import close_body
from linli.core.matters.askpage import line_field
from linli.core.people import actions
from linli.core.people.actions.serving import serving_on
from linli.core.people.models import Organisation, OrganisationKind, Post
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.forms import PLACE_FINDER, Asking, DayForm, choice_field, day_field, place_field
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import as_csv, keyed, param
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import NotFound

MOST_POSTS = 60
FOUNDED = [(kind, label) for kind, label in OrganisationKind.choices if kind != OrganisationKind.OWNERS_COMMITTEE]


def narrowed(request: HttpRequest, office: Office) -> QuerySet[Organisation]:
    """What the list and its file show: by kind, place, word; those that stand, or those that ended."""
    rows = Organisation.objects.filter(district_id=office.district_id)
    today, word = timezone.localdate(), param(request, "q")
    ended = param(request, "tab") == "ended"
    rows = rows.filter(until__lte=today) if ended else rows.filter(Q(until=None) | Q(until__gt=today))
    if kind := param(request, "kind"):
        rows = rows.filter(kind=kind)
    if node := office.at(param(request, "in")):
        low, high = subtree(node.path)
        rows = rows.filter(scope_path__gte=low, scope_path__lt=high)
    if word:
        rows = rows.filter(Q(name__icontains=word) | Q(code__istartswith=word))
    return rows.select_related("place")


@require_GET
@office_page
def listing(request: HttpRequest, office: Office) -> HttpResponseBase:
    page = keyed(narrowed(request, office), request, by="code")
    ended = param(request, "tab") == "ended"
    context = {
        "page": page, "rows": page.items, "kinds": OrganisationKind.choices, "word": param(request, "q"),
        "places": places_under(office, param(request, "in")), "ended": ended,
        "narrowed": any(param(request, name) for name in ("q", "kind", "in")),
        "tabs": [{"label": _("在册"), "url": "?", "current": not ended},
                 {"label": _("已撤"), "url": "?tab=ended", "current": ended}],
    }  # fmt: skip
    return show(request, office, "bodies", context)


def places_under(office: Office, chosen: str) -> list[tuple[str, str]]:
    """A menu of places: the streets, and below the one that is chosen its communities and what lies in them."""
    known = office.known
    top = [(node.code, node.name) for node in known.children.get(known.root.id, [])]
    node = known.by_code.get(chosen)
    if node is None or node.id == known.root.id:
        return top
    line = [(n.code, "　" * depth + n.name) for depth, n in enumerate(known.chain(node)[1:])]
    inside = [n for n in known.children.get(node.id, []) if n.level not in ("building", "unit")]
    used = {code for code, _name in line}
    return [
        *line, *((n.code, "　" * len(line) + n.name) for n in inside[:80]), *(row for row in top if row[0] not in used),
    ]  # fmt: skip


@require_GET
@office_page
def export(request: HttpRequest, office: Office) -> HttpResponseBase:
    """The same list as a file."""
    head = [_("编码"), _("名称"), _("类别"), _("地点"), _("起"), _("止")]
    rows = narrowed(request, office).order_by("code")
    cells = ([r.code, r.name, r.get_kind_display(), r.place.name, r.since, r.until] for r in rows.iterator(1000))
    return as_csv("organisations", head, cells)


def body_of(office: Office, body_id: uuid.UUID) -> Organisation:
    return the_one(
        Organisation.objects.select_related("place").filter(district_id=office.district_id, pk=body_id),
        _("没有这个单位。"),
    )


@require_GET
@office_page
def one(request: HttpRequest, office: Office, body_id: uuid.UUID) -> HttpResponseBase:
    """What it is, and who serves in its name."""
    body = body_of(office, body_id)
    posts = Post.objects.filter(district_id=office.district_id, organisation=body).select_related("person", "place")
    today = timezone.localdate()
    now = list(posts.filter(serving_on(today)).order_by("role", "code")[: MOST_POSTS + 1])
    context = {
        "body": body, "posts": now[:MOST_POSTS], "more": len(now) > MOST_POSTS, "most": MOST_POSTS,
        "stands": body.until is None or body.until > today, "today": today,
        "past": posts.filter(until__lte=today).order_by("-until")[:10],
    }  # fmt: skip
    return show(request, office, "body", context)


# ── acts ────────────────────────────────────────────────────────────────────────────────────────────────────────
class FoundForm(Asking):
    finders = PLACE_FINDER
    levels = ("district", "street", "community", "quarter", "grid")

    name = line_field(lazy("名称"))
    kind = choice_field(lazy("类别"), [("", lazy("请选一类")), *FOUNDED])
    place = place_field(lazy("在哪里"), lazy("它管到哪里：全区、一个街道、一个社区或一个小区。"))
    since = day_field(lazy("从哪天起"), today=True)


@require_http_methods(["GET", "POST"])
@office_page
def new(request: HttpRequest, office: Office) -> HttpResponseBase:
    about = _("能接单的单位会同时有一个单位岗，派给它的事落在这个岗上。业委会在“业委会”那一页备案。")
    act = Act(_("添一个组织"), _("添上"), reverse("office:bodies"), about)
    form = FoundForm(office, posted(request))

    def do(data: dict[str, Any]) -> Done:
        place = form.place_id()
        if place is None:
            raise NotFound(_("没有这个地方。"), fields={"place": _("没有找到这个地方。")})
        made = actions.found_body(
            actor=office.actor, name=data["name"], kind=data["kind"], place_id=place, since=data["since"]
        )
        return reverse("office:body", args=[made.pk]), _("添上了%s。") % made.name

    return perform(request, office, act, form, do)


class NameForm(Asking):
    name = line_field(lazy("新的名称"))


@require_http_methods(["GET", "POST"])
@office_page
def rename(request: HttpRequest, office: Office, body_id: uuid.UUID) -> HttpResponseBase:
    body = body_of(office, body_id)
    back = reverse("office:body", args=[body.pk])
    act = Act(_("给%s改名？") % body.name, _("改名"), back, _("岗位、手上的事和历史都不变。"))

    def do(data: dict[str, Any]) -> Done:
        made = actions.rename_body(actor=office.actor, organisation_id=body.pk, name=data["name"])
        return back, _("改成了%s。") % made.name

    return perform(request, office, act, NameForm(office, posted(request), initial={"name": body.name}), do)


@require_http_methods(["GET", "POST"])
@office_page
def end(request: HttpRequest, office: Office, body_id: uuid.UUID) -> HttpResponseBase:
    body = body_of(office, body_id)
    back = reverse("office:body", args=[body.pk])
    posts = Post.objects.filter(district_id=office.district_id, organisation=body, until=None).count()
    about = _("以它的名义设的 %d 个岗位一起结束。手上还有没办完的事，先派给别人。") % posts
    act = Act(_("撤掉%s？") % body.name, _("撤掉"), back, about, grave=True)

    def do(data: dict[str, Any]) -> Done:
        day: date = data["on"]
        close_body(actor=office.actor, organisation_id=body.pk, on=day)
        return back, _("%(name)s从 %(day)s 起撤掉。") % {"name": body.name, "day": day}

    return perform(request, office, act, DayForm(office, posted(request)), do)
