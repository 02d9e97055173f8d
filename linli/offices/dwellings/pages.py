"""``/desk/dwellings/``: progress by quarter and building, units without anybody, welcomes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters.askpage import Ask, PlainForm, day_field, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.models import Post
from linli.core.places.tree import Node, Tree, tree
from linli.kit import shell
from linli.kit.lists import as_csv, param
from linli.kit.pressed import ONE_NOUGHT, pressed
from linli.kit.refusal import Refused
from linli.offices.dwellings import actions, nav, queries

PAGE = 40
MOST = 100


@require_safe
@staff_page
def board(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Quarters in the order of the tree: how many dwellings are on file, how many were looked at, what is missing."""
    if not nav.looks(request):
        raise Http404
    known = tree(actor.district_id or 0)
    place, word, after = param(request, "place"), param(request, "q", 40), param(request, "cursor")
    root = known.by_code.get(place)
    chosen = [n for n in queries.quarters(actor) if (root is None or n.path.startswith(root.path))
              and word in known.full_name(n, below="street")]  # fmt: skip
    rest = [n for n in chosen if n.path > after] if after else chosen
    shown = rest[:PAGE]
    made = queries.covers(known, shown)
    rows = [{"node": n, "where": " ".join(x.name for x in known.chain(n)[1:-1]), "c": made.get(n.id) or queries.Cover()}
            for n in shown]  # fmt: skip
    context = {
        "rows": rows, "next": shown[-1].path if len(rest) > len(shown) else None, "q": word,
        "places": _places(actor, known),
        "plan": queries.plan(known), "narrowed": bool(place or word),
        "waiting": queries.welcomes(actor).filter(state="open").count(),
        "export": f"{reverse('dwellings:export')}?{request.GET.urlencode()}",
    }  # fmt: skip
    return render(request, "dwellings/board.html", context)


def _places(actor: Actor, known: Tree) -> list[tuple[str, str]]:
    above = {x.id: x for n in queries.quarters(actor) for x in known.chain(n) if x.level in ("street", "community")}
    inset = {"street": "", "community": "　"}
    rows = sorted(above.values(), key=lambda n: n.path)
    return [("", _("所有地方")), *((n.code, inset[n.level] + n.name) for n in rows)]


@require_safe
@staff_page
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Every unit as a line: counts and who answers; no dwelling by its number, no household."""
    if not nav.looks(request):
        raise Http404
    head = [
        _("单元编码"),
        _("小区"),
        _("楼栋"),
        _("单元"),
        _("分包的人"),
        _("在册户数"),
        _("已摸清"),
        _("自住"),
        _("出租"),
        _("闲置"),
    ]
    return as_csv("dwellings", head, _lines(actor, param(request, "place")))


def _lines(actor: Actor, place: str) -> Iterator[list[Any]]:
    known = tree(actor.district_id or 0)
    root = known.by_code.get(place)
    wanted = [n for n in queries.quarters(actor) if root is None or n.path.startswith(root.path)]
    holders = {d.unit_id: d.post.person.shown for d in queries.standing(known.district.id) if d.post.person}
    for start in range(0, len(wanted), 100):
        made = queries.covers(known, wanted[start : start + 100])
        units = [known.by_id[key] for key in made if known.by_id[key].level == "unit"]
        for node in sorted(units, key=lambda n: n.path):
            c = made[node.id]
            house, quarter = known.at_level(node, "building"), known.at_level(node, "quarter")
            yield [node.code, quarter.name if quarter else "", house.name if house else "", node.name,
                   holders.get(node.id, ""), c.dwellings, c.surveyed, c.owner, c.rented, c.vacant]  # fmt: skip


@require_safe
@staff_page
def quarter(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """One quarter: its buildings, every unit with who answers for it, and the units without anybody."""
    node = queries.quarter(actor, code)
    known = tree(actor.district_id or 0)
    made = queries.covers(known, [node])
    held = {d.unit_id: d for d in queries.standing(known.district.id).filter(scope_path__startswith=node.path)}
    houses = sorted((known.by_id[key] for key in made if known.by_id[key].level == "building"), key=lambda n: n.path)
    buildings = [
        {"node": b, "c": made[b.id], "units": [
            {"node": u, "c": made[u.id], "duty": held.get(u.id)}
            for u in sorted(known.children.get(b.id, []), key=lambda n: n.path) if u.id in made]}
        for b in houses
    ]  # fmt: skip
    context = {
        "node": node, "c": made.get(node.id) or queries.Cover(), "buildings": buildings, "plan": queries.plan(known),
        "only": param(request, "only"), "gives": actor.over("verify", node.path) is not None,
        "walks": queries.surveys_over(actor, node.path),
    }  # fmt: skip
    return render(request, "dwellings/quarter.html", context)


# ── who answers for a unit ──────────────────────────────────────────────────────────────────────────────────────
class DutyForm(PlainForm):
    """Whoever may answer for a unit here: the community's and street's own first, anybody by name."""

    word = forms.CharField(label=lazy("找人"), required=False, max_length=40, help_text=lazy("写姓名里的字，按“找”。"))
    to = forms.ChoiceField(label=lazy("谁来分包"), widget=forms.RadioSelect)
    on = day_field(lazy("从哪天起"), initial=timezone.localdate)

    def __init__(self, known: Tree, node: Node, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(p.pk), _who(p)) for p in _posts(known, node, str(self.data.get("word", "")).strip()[:40])]


def _posts(known: Tree, node: Node, word: str) -> list[Post]:
    today = timezone.localdate()
    serving = Q(since__lte=today) & (Q(until=None) | Q(until__gt=today))
    rows = Post.objects.filter(serving, district_id=known.district.id, role__in=queries.plan(known).roles)
    rows = rows.exclude(person=None).select_related("person", "organisation", "place")
    if word:
        rows = rows.filter(Q(person__shown__icontains=word) | Q(organisation__name__icontains=word))
        return list(rows.order_by("-scope_path", "code")[:30])
    around = [n.path for n in known.chain(node) if n.level not in ("district", "street")]
    return list(rows.filter(scope_path__in=around).order_by("-scope_path", "code")[:20])


def _who(post: Post) -> str:
    unit = post.organisation.name if post.organisation else post.place.name
    return f"{post.person.shown if post.person else ''}　{post.title}　{unit}"


def _given(actor: Actor, code: str) -> tuple[Tree, Node]:
    known = tree(actor.district_id or 0)
    node = known.by_code.get(code)
    if node is None or node.level != "unit" or actor.over("verify", node.path) is None:
        raise Http404
    return known, node


@require_http_methods(["GET", "POST"])
@staff_page
def give(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    known, node = _given(actor, code)
    home = known.at_level(node, "quarter")
    back = reverse("dwellings:quarter", args=[home.code]) if home else reverse("dwellings:board")
    form = DutyForm(known, node, posted(request))
    ask = Ask(
        _("%s由谁分包？") % known.full_name(node, below="quarter"), _("安排上"), back, template="dwellings/give.html"
    )

    def do(data: dict[str, Any]) -> tuple[str, str]:
        made = actions.give_unit(actor=actor, unit=node, post_id=uuid.UUID(data["to"]), since=data["on"])
        who = made.post.person.shown if made.post.person else made.post.title
        return back, _("%(unit)s由%(who)s分包。") % {"unit": node.name, "who": who}

    return perform(request, ask, form, do)


@require_POST
@staff_page
def end(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    known, node = _given(actor, code)
    try:
        actions.end_unit(actor=actor, unit=node)
    except Refused as refused:
        shell.toast(request, refused.message)
    else:
        shell.toast(request, _("结束了，这个单元要另安排人。"))
    home = known.at_level(node, "quarter")
    return HttpResponseRedirect(reverse("dwellings:quarter", args=[home.code]) if home else reverse("dwellings:board"))


@require_safe
@staff_page
def welcomes(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Homes that are lived in again and wait for somebody to come by."""
    if not nav.looks(request):
        raise Http404
    known = tree(actor.district_id or 0)
    rows = [{"w": w, "where": _full(known, w.unit_id)} for w in queries.to_welcome(actor)]
    done = queries.welcomes(actor).exclude(state="open").order_by("-closed_at")[:20]
    closed = [{"w": w, "where": _full(known, w.unit_id)} for w in done]
    return render(request, "dwellings/welcomes.html", {"rows": rows, "closed": closed, "today": timezone.localdate()})


def _full(known: Tree, unit_id: uuid.UUID) -> str:
    node = known.by_id.get(unit_id)
    return known.full_name(node, below="quarter") if node else ""


@require_POST
@staff_page
def close(request: HttpRequest, actor: Actor, welcome_id: uuid.UUID) -> HttpResponseBase:
    welcome = queries.welcome(actor, welcome_id)
    done = pressed(request, "done", ONE_NOUGHT)
    try:
        actions.close_welcome(actor=actor, welcome_id=welcome.pk, done=done)
    except Refused as refused:
        shell.toast(request, refused.message)
    else:
        shell.toast(request, _("记下了，去过了。") if done else _("记下了，住户说不用。"))
    field = request.POST.get("from") == "field"
    return HttpResponseRedirect(reverse("dwellings:mine" if field else "dwellings:welcomes"))
