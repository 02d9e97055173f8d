"""``/council/``: what is talked about where I live, my words and their way; ``/open/council/`` for everybody."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import Gathering
from linli.core.matters import masks
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people import duties
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.people.entering import signed_page
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit import paging, shell
from linli.kit.lists import param
from linli.kit.refusal import NotFound, Refused
from linli.offices.councils import actions, loop, queries
from linli.offices.councils.forms import WordsForm


@require_safe
@signed_page
def home(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What is talked about where I live, what I am asked to, and when people come together."""
    district_id = actor.district_id or 0
    place = actor.home_id or (actor.posts[0].place_id if actor.posts else tree(district_id).root.id)
    rows = queries.around(district_id, place).exclude(state__in=("closed", "declined")).order_by("-opened_at", "-id")
    page = _page(request, rows)
    counts = queries.supports(district_id, [m.pk for m in page.items])
    context = {
        "page": page, "topics": [(m, masks.excerpt(m.text), counts.get(m.pk, 0)) for m in page.items],
        "invited": sittings.invited(actor), "coming": sittings.around(district_id, place),
        "past": list(sittings.visible(actor, sittings.Filters(state="minuted"))[:5]),
    }  # fmt: skip
    return render(request, "councils/home.html", context)


def _page(request: HttpRequest, rows: Any, limit: int = 20) -> Any:
    try:
        return paging.page(rows, cursor=param(request, "cursor", 120) or None, limit=limit, at="opened_at")
    except paging.BadCursorError:
        return paging.page(rows, limit=limit, at="opened_at")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_page
def propose(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Say in one's own words what should be talked about."""
    form = WordsForm(posted(request), label_suffix="")
    ask = Ask(_("提一个议题"), _("提出来"), reverse("councils:home"), _("够多人觉得该议，就排进下一次会。"),
              base="councils/page.html")  # fmt: skip

    def do(data: dict[str, Any]) -> tuple[str, str]:
        known = tree(actor.district_id or 0)
        low = known.by_id.get(actor.home_id) if actor.home_id else None
        path = low.path if low else (actor.posts[0].path if actor.posts else known.root.path)
        node = known.by_path[queries.quarter_of(actor.district_id or 0, path)]
        made = actions.propose(actor=actor, place=node, text=data["text"]).matter
        return reverse("councils:mine", args=[made.number]), _("提出来了，邻居看得到，可以附议。")

    return perform(request, ask, form, do)


@require_safe
@signed_page
def topic(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The five steps of a topic, and whether I find it worth a sitting."""
    found = queries.topic(actor.district_id or 0, number)
    context = {"loop": loop.of(found, public=True), "mine": queries.supported(actor, found)}
    return render(request, "councils/mine.html", context)


@require_POST
@signed_page
def support(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    found = queries.topic(actor.district_id or 0, number)
    try:
        actions.support(actor=actor, topic=found, on=request.POST.get("on") == "1")
    except NotFound:
        raise
    except Refused as refused:
        messages.error(request, refused.message)
    return HttpResponseRedirect(reverse("councils:mine", args=[found.number]))


@require_safe
@signed_page
def words(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Each thing I said, the topic it became, and how far that is."""
    pairs = queries.my_words(actor)
    loops = {t.pk: loop.of(t, public=True) for t in {t.pk: t for _m, t in pairs}.values()}
    return render(request, "councils/words.html", {"rows": [(m, t, loops[t.pk]) for m, t in pairs]})


@require_safe
@signed_page
def gathering(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """A sitting as somebody sees it who is asked to it, or may come."""
    g = sittings.get(actor, number)
    own = next((a for a in g.attendances.all() if a.user_id == actor.user_id or
                (a.person_id and a.person_id == actor.person_id)), None)  # fmt: skip
    waiting = [a for a in g.attendances.filter(state="waiting", evidence="code") if own and a.pk != own.pk]
    context = {
        **_told(g), "own": own, "waiting": waiting if own and own.state == "present" else [],
        "invitation": next((i for i in sittings.invited(actor) if i.gathering_id == g.pk), None),
        "correction": g.corrections.filter(state="open").first(),
    }  # fmt: skip
    return render(request, "councils/gathering.html", context)


def _told(g: Gathering) -> dict[str, Any]:
    """What anybody reads of a sitting: residents' words masked, those against without a name."""
    items = sittings.agenda(g)
    against = queries.dissents(g.district_id, [i.pk for i in items])
    newest = sittings.newest_minutes(g)
    return {
        "g": g, "minutes": newest, "text": masks.mask(newest.text) if newest else "",
        "items": [(i, masks.title(i.title, 80), masks.mask(i.text), [masks.mask(d.text) for d in against.get(i.pk, [])])
                  for i in items],
    }  # fmt: skip


@require_POST
@signed_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    """Answer, sign in, vouch, stay against it, correct the minutes."""
    g = sittings.get(actor, number)
    if name not in ("answer", "attend", "vouch", "dissent", "correct", "speak"):
        raise Http404
    try:
        shell.toast(request, _do(actor, g, name, request.POST))
    except (ValueError, KeyError):
        messages.error(request, _("这一页旧了，请再试一次。"))
    except Refused as refused:
        messages.error(request, refused.message)
    return HttpResponseRedirect(reverse("councils:gathering", args=[g.number]))


def _do(actor: Actor, g: Gathering, name: str, data: Any) -> str:
    ids: dict[str, Any] = {"actor": actor, "district_id": g.district_id, "gathering_id": g.pk}
    if name == "answer":
        core.answer(**ids, answer=data["answer"], substitute=data.get("substitute", ""))
        return _("回了。")
    if name == "attend":
        core.attend(**ids, code=data["code"])
        return _("签到了，等在场的一位替您作证。")
    if name == "vouch":
        core.vouch(**ids, attendance_id=uuid.UUID(data["who"]))
        return _("谢谢您作证。")
    if name == "dissent":
        actions.dissent(actor=actor, item=queries.item(g, uuid.UUID(data["item"])), text=data["text"])
        return _("记下了，和结果放在一起，评审的时候先问您。")
    if name == "correct":
        core.propose(**ids, text=data["text"], reason=data["reason"])
        return _("提出更正了，到会的过半数同意就改。")
    core.speak(**ids, correction_id=uuid.UUID(data["correction"]), agrees=data["agrees"] == "1")
    return _("记下了。")


@require_safe
@signed_page
def notice(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Where a notice leads: a host to the desk, everybody else to the sitting's own page."""
    g = sittings.get(actor, number)
    desk = actor.over(duties.CONVENE, g.scope_path) is not None
    return HttpResponseRedirect(reverse("councils:one" if desk else "councils:gathering", args=[g.number]))


# ── for everybody ───────────────────────────────────────────────────────────────────────────────────────────
def _district(request: HttpRequest) -> int:
    own = getattr(request.user, "district_id", None)
    known = list(District.objects.order_by("pk").values_list("pk", flat=True))
    asked = param(request, "district")
    wanted = [pk for pk in known if str(pk) == asked] or ([own] if own in known else known)
    if not wanted or wanted[0] is None:
        raise Http404
    return int(wanted[0])


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """When people come together and what came of it."""
    district_id = _district(request)
    known = tree(district_id)
    seen = sittings.visible(ANONYMOUS, sittings.Filters(state="called,sitting"), district_id=district_id)
    page = _page(request, queries.topics(district_id, q=param(request, "q")).order_by("-opened_at", "-id"))
    counts = queries.supports(district_id, [m.pk for m in page.items])
    context = {
        "district": known.district.name, "district_id": district_id, "coming": list(seen.order_by("starts_at")[:20]),
        "past": list(sittings.visible(ANONYMOUS, sittings.Filters(state="minuted"), district_id=district_id)[:20]),
        "page": page, "topics": [(m, masks.title(m.text), counts.get(m.pk, 0)) for m in page.items],
        "q": param(request, "q"), "standing": sittings.standing(district_id, known.root.path),
    }  # fmt: skip
    return render(request, "councils/public.html", context)


@require_safe
def public_topic(request: HttpRequest, number: str) -> HttpResponse:
    """The five steps of a topic, masked."""
    district_id = _district(request)
    try:
        found = queries.topic(district_id, number)
    except NotFound as missing:
        raise Http404 from missing
    context = {"loop": loop.of(found, public=True), "district": tree(district_id).district.name}
    return render(request, "councils/public_topic.html", context)


@require_safe
def public_gathering(request: HttpRequest, number: str) -> HttpResponse:
    """A sitting, its agenda and its minutes."""
    district_id = _district(request)
    try:
        g = sittings.get(ANONYMOUS, number, district_id=district_id)
    except NotFound as missing:
        raise Http404 from missing
    if not g.public:
        raise Http404
    return render(request, "councils/public_gathering.html", {**_told(g), "district": tree(district_id).district.name})
