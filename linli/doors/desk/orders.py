"""督办 and 重点任务: who owes what by when, as a list; and giving an order of its own."""

from __future__ import annotations

import csv as table
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters.asking import Finder, Finding, One, text_field
from linli.core.matters.placing import PLACES, Ground
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.posts import PostRef, roster
from linli.core.places.tree import tree
from linli.doors.desk.admissions import date_field
from linli.doors.desk.export import Echo, safe
from linli.doors.desk.facets import Facet, menu
from linli.doors.desk.gate import district_of, param
from linli.kit import shell
from linli.kit.refusal import Refused
from linli.offices.supervision import actions, gathering
from linli.offices.supervision import orders as listing
from linli.offices.supervision.orders import Asked, Order

TABS = {
    "open": lazy("还要结果的"), "overdue": lazy("过了日子的"), "soon": lazy("三天内到的"), "tasks": lazy("重点任务"),
    "done": lazy("有结果的"),
}  # fmt: skip
STATES = {
    "open": lazy("在办"), "soon": lazy("快到日子"), "overdue": lazy("过了日子"), "done": lazy("按期完成"),
    "late": lazy("完成，晚了"), "ended": lazy("不再要"),
}  # fmt: skip
_EMPTY = {
    "open": (lazy("没有在督办的事"), lazy("上级督办的、您这里督办出去的、重点任务，都会在这里。")),
    "overdue": (lazy("没有过了日子的督办"), lazy("过了要结果的日子还没核查完的会在这里，最晚的在前。")),
    "soon": (lazy("三天内没有到日子的"), lazy("快到日子的会先提醒主责的人。")),
    "tasks": (lazy("没有在办的重点任务"), lazy("上面定下的重点工作，有主责、有期限、有核查。")),
    "done": (lazy("还没有督办出结果的"), lazy("核查过了，督办的钟就停，会在这里。")),
}


@require_GET
@staff_page
def index(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The list; ``by=owner`` shows who owes how many instead."""
    asked = _asked(request, actor)
    found = listing.listing(actor, asked)
    now = timezone.now()
    counts = listing.tally(actor, asked)
    owners = listing.owners(actor)
    title, text = _EMPTY[asked.tab]
    context: dict[str, Any] = {
        "rows": [_row(order, now) for order in found.orders], "page": found, "asked": asked,
        "tabs": _tabs(request, asked, counts), "empty": {"title": title, "text": text},
        "menus": [menu(request, facet) for facet in _menus(actor, owners) if len(facet.options) > 1],
        "may_give": actor.has(duties.SUPERVISE), "narrowed": bool(asked.owner or asked.place or asked.q),
    }  # fmt: skip
    return render(request, "desk/orders.html", context)


@require_GET
@staff_page
def owners(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """By owner: each with what is owed and how much of it late, in the order of names and not of numbers."""
    rows = listing.owners(actor)
    return render(request, "desk/order_owners.html", {"rows": rows, "may_give": actor.has(duties.SUPERVISE)})


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    tab, known = param(request, "tab"), tree(district_of(actor))
    place, owner = param(request, "place"), param(request, "owner")
    return Asked(
        tab if tab in TABS else "open", owner if roster(district_of(actor)).find(owner) else "",
        place if place in known.by_code else "", param(request, "q"), param(request, "cursor", 120),
    )  # fmt: skip


def _row(order: Order, now: Any) -> dict[str, Any]:
    clock = order.clock
    return {
        "o": order, "state": order.state(now), "word": STATES[order.state(now)],
        "clock": {"state": clock.state, "due_at": clock.due_at, "warn_at": clock.warn_at,
                  "stopped_at": clock.stopped_at},
    }  # fmt: skip


def _tabs(request: HttpRequest, asked: Asked, counts: dict[str, int]) -> list[dict[str, Any]]:
    kept = "".join(f"&{n}={v}" for n, v in (("owner", asked.owner), ("place", asked.place)) if v)
    return [
        {"label": name, "url": f"?tab={tab}{kept}", "current": tab == asked.tab, "count": counts[tab],
         "alert": tab == "overdue" and counts[tab] > 0}
        for tab, name in TABS.items()
    ]  # fmt: skip


def _menus(actor: Actor, owners: list[tuple[str, str, int, int]]) -> list[Facet]:
    known = tree(district_of(actor))
    roots = [known.by_path[p] for p in actor.paths(duties.SEE) if p in known.by_path]
    below = [n for root in roots for n in known.children.get(root.id, []) if n.level in ("street", "community")]
    everybody, everywhere = [("", _("全部"))], [("", _("全部"))]
    return [
        Facet("owner", _("谁主责"), [*everybody, *((code, name) for code, name, _n, _late in owners)], ""),
        Facet("place", _("哪里"), [*everywhere, *((n.code, n.name) for n in below)], ""),
    ]


@require_GET
@staff_page
def csv(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The list as a file: what the present filter shows."""
    asked = _asked(request, actor)
    response = StreamingHttpResponse(_lines(actor, asked), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="linli-orders-{timezone.localtime():%Y%m%d-%H%M}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(actor: Actor, asked: Asked) -> Iterator[str]:
    writer, now = table.writer(Echo()), timezone.now()
    head = [
        _("事号"),
        _("什么事"),
        _("要求"),
        _("谁督办"),
        _("主责"),
        _("地点"),
        _("交代"),
        _("期限"),
        _("完成"),
        _("状态"),
    ]
    yield "\ufeff" + writer.writerow(head)
    cursor: str | None = ""
    while cursor is not None:
        page = listing.listing(actor, Asked(asked.tab, asked.owner, asked.place, asked.q, cursor), limit=500)
        for order in page.orders:
            done = order.clock.stopped_at
            yield writer.writerow([
                order.matter.number, safe(gathering.title_of(order.matter)), safe(order.text), order.who,
                safe(order.owner.name) if order.owner else "", order.where,
                f"{timezone.localtime(order.given):%Y-%m-%d}",
                f"{timezone.localtime(order.clock.due_at):%Y-%m-%d %H:%M}",
                f"{timezone.localtime(done):%Y-%m-%d %H:%M}" if done else "", STATES[order.state(now)],
            ])  # fmt: skip
        cursor = page.next


# ── an order of its own ─────────────────────────────────────────────────────────────────────────────────────────


def _owners_of(ground: Ground) -> list[tuple[str, Any]]:
    """Offices and departments, those of the actor's own places first."""
    posts = [p for p in roster(ground.tree.district.id).by_id.values() if _owns(p)]
    near = [p for p in posts if any(p.path.startswith(path) for path in ground.paths)]
    return [(p.code, _label(ground, p)) for p in sorted(near, key=lambda p: (len(p.path), p.code))[:8]]


def _owns(post: PostRef) -> bool:
    return duties.role(post.role).handles and post.person_id is None


def _label(ground: Ground, post: PostRef) -> str:
    node = ground.tree.by_path.get(post.path)
    return f"{post.name}　{node.name}" if node and node.name not in post.name else post.name


def _find_owner(ground: Ground, word: str) -> list[tuple[str, Any]]:
    posts = roster(ground.tree.district.id).by_id.values()
    hits = [p for p in posts if duties.role(p.role).handles and (word in p.name or word == p.code)]
    return [(p.code, _label(ground, p)) for p in sorted(hits, key=lambda p: (len(p.path), p.code))[:12]]


def _keep_owner(ground: Ground, codes: list[str]) -> list[tuple[str, Any]]:
    known = roster(ground.tree.district.id)
    return [(p.code, _label(ground, p)) for code in codes if (p := known.find(code))]


OWNERS = Finder(_owners_of, _find_owner, _keep_owner, lazy("单位或姓名"))


class TaskForm(Finding):
    """What a key task says: what, where, who owns it, by when."""

    finders = {"to": OWNERS, "place": PLACES}

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    text = text_field(lazy("要办成什么"), lazy("第一句当标题。写清做什么、做到什么样、怎么核查。"))
    to = One(label=lazy("主责"), help_text=lazy("一家主责，配合的单位办的时候再吹哨。"))
    place = One(label=lazy("在哪里"), help_text=lazy("一个社区、一条街道，或全区。"))
    due = date_field(lazy("哪天要结果"), lazy("到那天 18:00。到之前提醒主责的，过了接着催，没办完的自己进下一期通报。"))

    def __init__(self, actor: Actor, data: Any = None) -> None:
        self.about = Ground(actor, duties.SUPERVISE, ("district", "street", "community", "quarter"))
        first = {"key": uuid4().hex, "due": timezone.localdate() + timedelta(days=14)}
        super().__init__(data, initial=first, label_suffix="")
        self.prepare()


@require_http_methods(["GET", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    if not actor.has(duties.SUPERVISE):
        raise Http404
    form = TaskForm(actor, request.POST if request.method == "POST" else None)
    if request.method == "POST" and "find" in request.POST:
        form.is_valid()
        form.errors.clear()
        return render(request, "desk/order_new.html", {"form": form})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.give_task(
                actor=actor, text=data["text"], place=data["place"], to=data["to"], due_at=actions.end_of(data["due"]),
                key=data["key"],
            )  # fmt: skip
        except Refused as refused:
            names = {"due_at": "due"}
            for name, words in (refused.fields or {"": refused.message}).items():
                own = names.get(name, name)
                form.add_error(own if own in form.fields else None, words)
        else:
            shell.toast(request, _("%s　交代下去了，主责的已经收到。") % made.number, draft="key-task")
            return HttpResponseRedirect(reverse("desk:matter", args=[made.number]))
    return render(request, "desk/order_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@staff_page
def find(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Choices for a typed word of the form."""
    field = param(request, "for")
    if not actor.has(duties.SUPERVISE) or field not in TaskForm.finders:
        raise Http404
    return render(request, "matters/found.html", {"bound": TaskForm(actor, request.GET).looked_up(field)})
