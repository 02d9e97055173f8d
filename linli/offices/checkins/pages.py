"""``/desk/checkins/``: figures of communities; one community's reports, offers and services; summaries to units."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.models import Organisation
from linli.core.places.tree import tree
from linli.kit import paging, shell
from linli.kit.lists import as_csv, param
from linli.kit.pressed import ONE_NOUGHT, pressed
from linli.kit.refusal import Refused
from linli.kit.templatetags.linli import qr_svg
from linli.offices.checkins import actions, nav, queries
from linli.offices.checkins.forms import ItemForm, RecordForm, SumForm, UnitForm, member_choices, unit_choices
from linli.offices.checkins.models import How, Sign

TABS = ("waiting", "members", "items", "units")


@require_safe
@staff_page
def board(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Communities in the order of the tree with what is counted there; a unit sees its own reports."""
    if not nav.looks(request):
        raise Http404
    known = tree(actor.district_id or 0)
    nodes = queries.communities(actor)
    after = param(request, "cursor")
    rest = [n for n in nodes if n.path > after] if after else nodes
    shown = rest[:50]
    lines = queries.figures(known, shown)
    context = {
        "lines": lines, "units": list(queries.units(actor)[:100]), "keeps": bool(nodes),
        "may_report": bool(actor.organisation_ids), "next": shown[-1].path if len(rest) > len(shown) else None,
        "summaries": list(queries.summaries(actor)[:20]),
    }  # fmt: skip
    return render(request, "checkins/board.html", context)


@require_safe
@staff_page
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The figures as a file: counts, never names."""
    if not nav.looks(request):
        raise Http404
    head = [
        _("社区编码"),
        _("社区"),
        _("结对单位"),
        _("单位包联报到"),
        _("居住地报到"),
        _("认定的服务"),
        _("分钟"),
        _("等认定"),
    ]
    lines = queries.figures(tree(actor.district_id or 0), queries.communities(actor))
    cells = ([x.node.code, x.node.name, x.units, x.by_unit, x.by_home, x.services, x.minutes, x.waiting] for x in lines)
    return as_csv("checkins", head, cells)


@require_safe
@staff_page
def one(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """One community: what waits, who reported, what is offered, which units."""
    node = queries.community(actor, code)
    district_id = actor.district_id or 0
    tab = param(request, "tab") if param(request, "tab") in TABS else "waiting"
    members = queries.members(district_id, node)
    page = None
    if tab == "members":
        word = param(request, "q", 40)
        found = members.filter(person__shown__icontains=word) if word else members
        how = param(request, "how")
        found = found.filter(how=how) if how in How.values else found
        try:
            page = paging.page(found, cursor=param(request, "cursor", 120) or None, at="at")
        except paging.BadCursorError:
            page = paging.page(found, at="at")
    line = queries.figures(tree(district_id), [node])[0]
    names = {"waiting": _("等认定"), "members": _("报到的人"), "items": _("岗位清单"), "units": _("单位")}
    counts = {"waiting": line.waiting, "members": line.by_unit + line.by_home}
    context = {
        "node": node, "tab": tab, "line": line, "page": page, "q": param(request, "q", 40),
        "tabs": [{"label": names[t], "url": f"?tab={t}", "current": t == tab, "count": counts.get(t)} for t in TABS],
        "waiting": list(queries.waiting(actor, node)[:100]) if tab == "waiting" else [],
        "items": queries.items(district_id, [node.id]) if tab == "items" else [],
        "units": list(queries.units(actor, node)) if tab == "units" else [],
        "hows": [("", _("都看")), *How.choices],
    }  # fmt: skip
    return render(request, "checkins/one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def sign(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """The code to print; a new one ends the old one."""
    node = queries.community(actor, code)
    if request.method == "POST":
        actions.renew_sign(actor=actor, place=node)
        shell.toast(request, _("换了一张新码，旧的那张扫不开了。"))
        return HttpResponseRedirect(reverse("checkins:sign", args=[code]))
    held = Sign.objects.filter(district_id=actor.district_id or 0, place_id=node.id, ended_at=None).first()
    url = request.build_absolute_uri(reverse("checkins:arrive", args=[held.code])) if held else ""
    context = {"node": node, "sign": held, "url": url, "qr": qr_svg(url) if held else ""}
    return render(request, "checkins/sign.html", context)


@require_http_methods(["GET", "POST"])
@staff_page
def item_new(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    node = queries.community(actor, code)
    back = reverse("checkins:one", args=[code]) + "?tab=items"

    def do(data: dict[str, Any]) -> tuple[str, str]:
        made = actions.offer(actor=actor, place=node, **data)
        return back, _("“%s”挂出去了，报到的人看得到。") % made.title

    return perform(request, Ask(_("挂一个岗位或服务"), _("挂出去"), back), ItemForm(posted(request)), do)


@require_POST
@staff_page
def item_close(request: HttpRequest, actor: Actor, item_id: uuid.UUID) -> HttpResponseBase:
    item = actions.close_item(actor=actor, item_id=item_id)
    shell.toast(request, _("“%s”收了，不再认领。") % item.title)
    node = tree(item.district_id).by_id[item.place_id]
    return HttpResponseRedirect(reverse("checkins:one", args=[node.code]) + "?tab=items")


@require_POST
@staff_page
def certify(request: HttpRequest, actor: Actor, service_id: uuid.UUID) -> HttpResponseBase:
    """Yes in one press; a no needs its reason."""
    found = queries.kept_service(actor, service_id)
    yes, reason = pressed(request, "yes", ONE_NOUGHT), request.POST.get("reason", "")
    try:
        row = actions.certify(actor=actor, service_id=found.pk, yes=yes, reason=reason)
    except Refused as refused:
        shell.toast(request, refused.message)
    else:
        shell.toast(request, _("认定了，记 %s。") % queries.hours(row.minutes) if yes else _("没认定，他看得到理由。"))
    return HttpResponseRedirect(_back(request))


def _back(request: HttpRequest) -> str:
    wish = request.POST.get("next", "")
    own = wish.startswith(("/desk/checkins/", "/field/checkins/")) and "\\" not in wish
    return wish if own else reverse("checkins:board")


@require_http_methods(["GET", "POST"])
@staff_page
def record(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    node = queries.community(actor, code)
    back = reverse("checkins:one", args=[code])
    form = RecordForm(posted(request))
    form.offer_choices("checkin", member_choices(queries.members(actor.district_id or 0, node)))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        made = actions.record(
            actor=actor, checkin_id=uuid.UUID(data["checkin"]), what=data["what"], on=data["on"],
            minutes=data["minutes"],
        )  # fmt: skip
        return back, _("记下了：%s。") % queries.hours(made.minutes)

    about = _("谁记谁认定，证明上写您的名字。自己的由别人来记。")
    return perform(request, Ask(_("补记一次服务"), _("记下并认定"), back, about), form, do)


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "POST"])
@staff_page
def unit_new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A unit's own people report it to a community; or the community writes down a unit that came."""
    if not nav.looks(request):
        raise Http404
    known = tree(actor.district_id or 0)
    mine = Organisation.objects.filter(district_id=actor.district_id or 0, pk__in=actor.organisation_ids)
    rows = mine if not queries.communities(actor) else Organisation.objects.filter(
        district_id=actor.district_id or 0, kind__in=("unit", "department")
    )  # fmt: skip
    places = queries.communities(actor) or sorted(
        (n for n in known.by_path.values() if n.level == "community" and not n.generic), key=lambda n: n.path
    )
    form = UnitForm(posted(request), initial={"place": param(request, "place")})
    form.offer_choices("organisation", unit_choices(list(rows.order_by("name")[:500])))
    form.offer_choices("place", [(n.code, n.name) for n in places])
    back = reverse("checkins:board")

    def do(data: dict[str, Any]) -> tuple[str, str]:
        made = actions.report_unit(
            actor=actor, place=known.by_code[data["place"]], brings=data["brings"],
            organisation_id=uuid.UUID(data["organisation"]),
        )  # fmt: skip
        return back, _("%s报到了，等社区答应。") % made.organisation.name

    return perform(request, Ask(_("单位报到"), _("报到"), back), form, do)


@require_POST
@staff_page
def unit_answer(request: HttpRequest, actor: Actor, report_id: uuid.UUID) -> HttpResponseBase:
    found = queries.unit_report(actor, report_id)
    agree = pressed(request, "agree", ONE_NOUGHT)
    try:
        row = actions.answer_unit(actor=actor, report_id=found.pk, agree=agree)
    except Refused as refused:
        shell.toast(request, refused.message)
        return HttpResponseRedirect(reverse("checkins:board"))
    shell.toast(
        request, _("和%s结对了。") % row.organisation.name if agree else _("和%s的结对结束了。") % row.organisation.name
    )
    node = tree(row.district_id).by_id[row.place_id]
    return HttpResponseRedirect(reverse("checkins:one", args=[node.code]) + "?tab=units")


@require_http_methods(["GET", "POST"])
@staff_page
def sum_up(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """A summary to a unit about a period."""
    node = queries.community(actor, code)
    back = reverse("checkins:one", args=[code]) + "?tab=units"
    there = Organisation.objects.filter(checkins__place_id=node.id, district_id=actor.district_id or 0).distinct()
    form = SumForm(posted(request))
    form.offer_choices("unit", unit_choices(list(there.order_by("name")[:500])))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        made = actions.sum_up(
            actor=actor, place=node, organisation_id=uuid.UUID(data["unit"]), since=data["since"], until=data["until"]
        )
        return reverse("checkins:summary", args=[made.pk]), _("开好了，可以打印。")

    about = _("只写几个人、几次、多少时间，不写姓名。上面的码谁都能核对。")
    return perform(request, Ask(_("给单位开一份服务情况"), _("开"), back, about), form, do)


@require_safe
@staff_page
def summary(request: HttpRequest, actor: Actor, summary_id: uuid.UUID) -> HttpResponseBase:
    """The sheet to print."""
    row = queries.summaries(actor).filter(pk=summary_id).first()
    if row is None:
        raise Http404
    url = request.build_absolute_uri(reverse("checkins:verify", args=[row.code]))
    context = {"s": row, "hours": queries.hours(row.figures["minutes"]), "url": url, "qr": qr_svg(url),
               "parts": [(p["what"], p["services"], queries.hours(p["minutes"])) for p in row.figures["parts"]],
               "district": tree(row.district_id).district.name}  # fmt: skip
    return render(request, "checkins/summary.html", context)


@require_safe
@staff_page
def field(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """On the phone: what waits to be certified in my communities."""
    if not nav.keeps(request):
        raise Http404
    return render(request, "checkins/field.html", {"waiting": list(queries.waiting(actor)[:50])})
