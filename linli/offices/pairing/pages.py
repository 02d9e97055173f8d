"""Pages of pairings: the board of quarters, one pairing, and the community's word on visits."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters import seeing
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import Node, tree
from linli.kit import paging, shell
from linli.kit.days import read_day
from linli.kit.lists import as_csv, param
from linli.kit.pressed import YES_NO, pressed
from linli.kit.refusal import NotFound, Refused
from linli.offices.pairing import actions, nav, queries
from linli.offices.pairing.forms import EndForm, HandForm, TakeForm, Vacancy
from linli.offices.pairing.models import Pairing
from linli.offices.pairing.scheme import Promise, Role, scheme

HERE = "pairing:board"


def _may_look(request: HttpRequest) -> None:
    if not nav.looks(request):
        raise Http404


def _asked(request: HttpRequest) -> queries.Asked:
    made = queries.Asked(**{name: param(request, name) for name in ("place", "role", "lack", "q", "cursor")})  # type: ignore[arg-type]
    try:
        return replace(made, day=read_day(param(request, "day")))
    except ValueError:
        return made


@require_safe
@staff_page
def board(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Every quarter with its people; what is missing first by a tab."""
    _may_look(request)
    asked = _asked(request)
    made = queries.board(actor, asked)
    rows = [{"row": row, "seats": [_offered(actor, seat) for seat in row.seats]} for row in made.rows]
    context = {
        "board": made, "rows": rows, "asked": asked, "tabs": _tabs(made, asked), "places": _places(actor),
        "roles": [("", _("所有岗位")), *((r.code, r.name) for r in made.scheme.roles)],
        "waiting": len(queries.waiting(actor)), "narrowed": any((asked.place, asked.role, asked.lack, asked.q)),
        "export": f"{reverse('pairing:export')}?{request.GET.urlencode()}",
    }  # fmt: skip
    return render(request, "pairing/board.html", context)


def _offered(actor: Actor, seat: queries.Seat) -> dict[str, Any]:
    """A seat with the way to fill it, for whoever may; and of those who hold it, whose page the visitor may open."""
    may = bool(seat.missing and seat.at and actions.may_assign(actor, seat.role, seat.at.path))
    url = reverse("pairing:new", args=[seat.role.code, seat.at.code]) if may and seat.at else ""
    held = [(p, kept, queries.may_open(actor, p)) for p, kept in seat.held]
    return {"seat": seat, "fill": url, "held": held}


def _tabs(made: queries.Board, asked: queries.Asked) -> list[dict[str, Any]]:
    words = [
        ("", _("全部"), made.total),
        ("any", _("有缺的"), made.total - made.whole),
        ("all", _("一个也没有"), made.bare),
    ]
    words += [(r.code, _("缺%s") % r.name, made.lacking[r.code]) for r in made.scheme.roles if made.lacking[r.code]]
    kept = {name: getattr(asked, name) for name in ("place", "role", "q") if getattr(asked, name)}
    return [{"label": name, "count": count, "current": code == asked.lack,
             "url": "?" + urlencode({**kept, "lack": code} if code else kept)}
            for code, name, count in words]  # fmt: skip


def _places(actor: Actor) -> list[tuple[str, str]]:
    """Streets and communities under the actor's posts."""
    known = tree(actor.district_id or 0)
    paths = tuple({p.path for p in actor.posts})
    found = [n for n in known.by_path.values() if n.level in ("street", "community") and not n.generic
             and n.path.startswith(paths)]  # fmt: skip
    inset = {"street": "", "community": "　"}
    return [("", _("所有地方")), *((n.code, inset[n.level] + n.name) for n in sorted(found, key=lambda n: n.path))]


@require_safe
@staff_page
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The board as a file: one line a pairing, one for each seat that nobody holds."""
    _may_look(request)
    head = [
        _("地点编码"),
        _("小区"),
        _("在哪里"),
        _("岗位"),
        _("谁"),
        _("职务"),
        _("起"),
        _("承诺"),
        _("本期已到"),
        _("缺"),
    ]
    return as_csv("pairings", head, _lines(actor, _asked(request)))


def _lines(actor: Actor, asked: queries.Asked) -> Iterator[list[Any]]:
    for row in queries.everything(actor, asked):
        for seat in row.seats:
            here = [row.node.code, row.node.name, row.where, seat.role.name]
            for pairing, kept in seat.held:
                promise = kept.promise.words() if kept else ""
                yield [*here, pairing.holder, pairing.title, pairing.since, promise, kept.logged if kept else "", ""]
            if seat.missing:
                yield [*here, "", "", "", "", "", seat.missing]


# ── assigning ───────────────────────────────────────────────────────────────────────────────────────────────────
def _seat(actor: Actor, role: str, code: str) -> tuple[Role, Node]:
    known = tree(actor.district_id or 0)
    wanted, node = scheme(known).role(role), known.by_code.get(code)
    if wanted is None or node is None or not actions.may_assign(actor, wanted, node.path):
        raise Http404
    return wanted, node


@require_http_methods(["GET", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor, role: str, code: str) -> HttpResponseBase:
    """Somebody takes a seat that is free."""
    wanted, node = _seat(actor, role, code)
    form = TakeForm(Vacancy(actor.district_id or 0, wanted, node), posted(request))
    title = _("%(place)s的%(role)s由谁来") % {"place": node.name, "role": wanted.name}
    about = _("承诺：%s。") % wanted.promise.words() if wanted.promise.count else ""

    def do(data: dict[str, Any]) -> tuple[str, str]:
        made = actions.assign(actor=actor, role=role, place_id=node.id, since=data["on"], **form.holder())
        return reverse(HERE), _("%(who)s包联%(place)s，安排好了。") % {"who": made.holder, "place": node.name}

    return perform(request, Ask(title, _("安排上"), reverse(HERE), about), form, do)


@require_safe
@staff_page
def one(request: HttpRequest, actor: Actor, pairing_id: uuid.UUID) -> HttpResponseBase:
    """One pairing: its promise, what was kept of it, its visits; shown to whoever answers for the place."""
    pairing = queries.one(actor, pairing_id)
    known = tree(pairing.district_id)
    role = scheme(known).role(pairing.role)
    node = known.by_id.get(pairing.place_id)
    rows = queries.visits(actor).filter(pairing=pairing)
    try:
        page = paging.page(rows, cursor=param(request, "cursor", 120) or None, limit=20, at="at")
    except paging.BadCursorError:
        page = paging.page(rows, limit=20, at="at")
    after = Pairing.objects.filter(before=pairing).select_related("post__person", "organisation").first()
    context = {
        "p": pairing, "role": role, "where": known.full_name(node, below="street") if node else pairing.place.name,
        "promise": Promise.read(pairing.promise).words(), "past": queries.past(pairing), "page": page,
        "mine": queries.is_holder(actor, pairing) and pairing.until is None, "live": pairing.until is None,
        "may": bool(role and actions.may_assign(actor, role, pairing.scope_path)),
        "after": after, "after_opens": queries.may_open(actor, after),
        "before_opens": bool(pairing.before_id) and queries.may_open(actor, pairing.before),
        "confirms": scheme(known).confirm, "opens": seeing.seen_among(actor, [v.matter_id for v in page.items]),
    }  # fmt: skip
    return render(request, "pairing/one.html", context)


def _changeable(actor: Actor, pairing_id: uuid.UUID) -> tuple[Pairing, Role, Node]:
    pairing = queries.one(actor, pairing_id)
    known = tree(pairing.district_id)
    role, node = scheme(known).role(pairing.role), known.by_id.get(pairing.place_id)
    if role is None or node is None or not actions.may_assign(actor, role, pairing.scope_path):
        raise NotFound("not theirs to change")
    return pairing, role, node


@require_http_methods(["GET", "POST"])
@staff_page
def end(request: HttpRequest, actor: Actor, pairing_id: uuid.UUID) -> HttpResponseBase:
    pairing, role, node = _changeable(actor, pairing_id)
    here = reverse("pairing:one", args=[pairing.pk])
    title = _("%(who)s不再包联%(place)s？") % {"who": pairing.holder, "place": node.name}
    about = _("去过的日子和发现的问题都还在。%s那天起要有人接。") % role.name

    def do(data: dict[str, Any]) -> tuple[str, str]:
        ended = actions.end(actor=actor, pairing_id=pairing.pk, on=data["on"], reason=data["reason"])
        return here, _("从 %s 起不再包联。") % ended.until

    return perform(request, Ask(title, _("结束"), here, about, grave=True), EndForm(posted(request)), do)


@require_http_methods(["GET", "POST"])
@staff_page
def hand_over(request: HttpRequest, actor: Actor, pairing_id: uuid.UUID) -> HttpResponseBase:
    pairing, role, node = _changeable(actor, pairing_id)
    here = reverse("pairing:one", args=[pairing.pk])
    form = HandForm(Vacancy(pairing.district_id, role, node), posted(request))
    title = _("%(place)s的%(role)s交给谁？") % {"place": node.name, "role": role.name}

    def do(data: dict[str, Any]) -> tuple[str, str]:
        made = actions.hand_over(
            actor=actor, pairing_id=pairing.pk, on=data["on"], reason=data["reason"], **form.holder()
        )
        return reverse("pairing:one", args=[made.pk]), _("交给%s了。") % made.holder

    return perform(request, Ask(title, _("交接"), here, _("原来的那一段留着，新的接着算。")), form, do)


# ── the community's word ────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@staff_page
def waiting(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Visits that were logged and wait for whoever was there to say so."""
    _may_look(request)
    known = tree(actor.district_id or 0)
    roles = {r.code: r.name for r in scheme(known).roles}
    rows: list[dict[str, Any]] = [{"v": v, "role": roles.get(v.pairing.role, "")} for v in queries.waiting(actor)]
    opens = seeing.seen_among(actor, [row["v"].matter_id for row in rows])
    return render(request, "pairing/waiting.html", {"rows": rows, "opens": opens})


@require_POST
@staff_page
def confirm(request: HttpRequest, actor: Actor, visit_id: uuid.UUID) -> HttpResponseBase:
    visit = queries.visit(actor, visit_id)
    seen = pressed(request, "seen", YES_NO)
    try:
        actions.confirm_visit(actor=actor, visit_id=visit.pk, seen=seen)
    except Refused as refused:
        shell.toast(request, refused.message)
    else:
        shell.toast(request, _("记下了：见到了。") if seen else _("记下了：没见到。"))
    return HttpResponseRedirect(reverse("pairing:waiting"))
