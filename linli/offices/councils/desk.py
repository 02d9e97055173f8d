"""``/desk/councils/``: the host's desk: sittings and topics, preparing, calling, running, minutes, review."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.actions import Charge, Part, Planned
from linli.core.gatherings.models import Attendance, Gathering, Resolution
from linli.core.matters import seeing
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.posts import roster
from linli.core.places.tree import tree
from linli.kit import paging, shell
from linli.kit.ids import new_id
from linli.kit.lists import param
from linli.kit.refusal import NotFound, Refused
from linli.offices.councils import actions, loop, minuting, queries
from linli.offices.councils.forms import (
    DiscussForm,
    MinutesForm,
    PartForm,
    RaiseForm,
    ResolveForm,
    ReviewForm,
    SittingForm,
)

TABS = {"": "draft,called,sitting,ended", "past": "minuted,lapsed,cancelled"}


def _hosted(actor: Actor, number: str) -> Gathering:
    """A sitting that the actor may run; any other is not there."""
    found = sittings.convened(actor).filter(number=number.strip().upper()).first()
    if found is None:
        raise Http404
    return found


def _must_host(actor: Actor) -> None:
    if not actor.paths(duties.CONVENE):
        raise Http404


def _here(gathering: Gathering) -> str:
    return reverse("councils:one", args=[gathering.number])


def _page(request: HttpRequest, rows: Any, at: str) -> Any:
    try:
        return paging.page(rows, cursor=param(request, "cursor", 120) or None, limit=20, at=at)
    except paging.BadCursorError:
        return paging.page(rows, limit=20, at=at)


@require_safe
@staff_page
def board(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Sittings to come and past; what has to be reviewed."""
    _must_host(actor)
    tab = param(request, "tab")
    tab = tab if tab in TABS else ""
    filters = sittings.Filters(kind=param(request, "kind"), state=TABS[tab], q=param(request, "q"))
    page = _page(request, sittings.convened(actor, filters), "starts_at")
    context = {
        "page": page, "tab": tab, "q": filters.q, "due": list(sittings.unreviewed(actor)[:20]),
        "kinds": [(k.code, k.name) for k in sittings.kinds(actor.district_id or 0)], "kind": filters.kind,
    }  # fmt: skip
    return render(request, "councils/board.html", context)


@require_safe
@staff_page
def topics(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Topics of one's scope with their support."""
    _must_host(actor)
    state = param(request, "state") or "open"
    rows = queries.staff_topics(actor, q=param(request, "q"), state=state).order_by("-opened_at", "-id")
    page = _page(request, rows, "opened_at")
    found = queries.supports(actor.district_id or 0, [m.pk for m in page.items])
    context = {"page": page, "rows": [(m, found.get(m.pk, 0)) for m in page.items], "q": param(request, "q"),
               "state": state}  # fmt: skip
    return render(request, "councils/topics.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def topic_new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One topic of what several people said."""
    _must_host(actor)
    form = RaiseForm(posted(request), initial={"sources": param(request, "from", 400)}, label_suffix="")
    ask = Ask(_("立一个议题"), _("立议题"), reverse("councils:topics"), _("说过的话都连到议题上，原话不动。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        found = [seeing.get_matter(actor, n) for n in data["sources"].replace("、", " ").split()]
        held = next((p for m in found if (p := actor.over(duties.CONVENE, m.scope_path))), None)
        node = tree(actor.district_id or 0).by_path[
            queries.quarter_of(actor.district_id or 0, found[0].scope_path) if found and held else actor.posts[0].path
        ]
        made = actions.raise_topic(actor=actor, sources=found, place=node, text=data["text"])
        return reverse("councils:topic", args=[made.number]), _("议题立好了。")

    return perform(request, ask, form, do)


@require_safe
@staff_page
def topic(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The five steps of one topic, with the words and those who said them."""
    found = queries.staff_topics(actor).filter(number=number.strip().upper()).first()
    if found is None:
        raise Http404
    blocked = sittings.blocked(found.district_id, [found.pk]).get(found.pk, "")
    return render(request, "councils/topic.html", {"loop": loop.of(found, public=False), "blocked": blocked})


# ── preparing ───────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    _must_host(actor)
    form = SittingForm(actor, posted(request))
    ask = Ask(_("筹备一次会"), _("先备着"), reverse("councils:board"), _("还不通知任何人，都能改。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        made = core.draft(actor=actor, district_id=actor.district_id or 0, kind_id=form.kinds[data["kind"]].pk,
                          planned=_planned(actor, data))  # fmt: skip
        _carry(actor, made)
        return _here(made), _("备好了。定议题，再发通知。")

    return perform(request, ask, form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def edit(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    gathering = _hosted(actor, number)
    initial = {"kind": gathering.kind.code, "place": gathering.place.code, "title": gathering.title,
               "starts_at": gathering.starts_at, "ends_at": gathering.ends_at, "where": gathering.where,
               "room": str(gathering.room_id or ""), "text": gathering.text}  # fmt: skip
    form = SittingForm(actor, posted(request), initial)
    form.fields["kind"].disabled = True
    ask = Ask(_("改这次会"), _("改好了"), _here(gathering))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        core.edit(actor=actor, district_id=gathering.district_id, gathering_id=gathering.pk,
                  planned=_planned(actor, data))  # fmt: skip
        return _here(gathering), _("改好了。")

    return perform(request, ask, form, do)


def _planned(actor: Actor, data: dict[str, Any]) -> Planned:
    place = tree(actor.district_id or 0).by_code[data["place"]]
    room = uuid.UUID(data["room"]) if data["room"] else None
    return Planned(data["title"], place, data["starts_at"], data["ends_at"], room, data["where"], data["text"])


def _carry(actor: Actor, gathering: Gathering) -> None:
    """What was not reached last time comes first, and the period's figures lie in front of the sitting."""
    ids: dict[str, Any] = {"actor": actor, "district_id": gathering.district_id, "gathering_id": gathering.pk}
    classes = gathering.kind.says.procedures
    for item in sittings.carried_over(gathering.district_id, gathering.kind.code, gathering.place_id):
        core.add_item(**ids, matter_id=item.matter_id, procedure=item.procedure if classes else "")
    days = {"day": 1, "week": 7}.get(gathering.kind.says.recurrence.every, 30) if gathering.kind.says.recurrence else 30
    core.prefill(**ids, brief=queries.brief(gathering.district_id, gathering.scope_path, timezone.now(), days))


@require_safe
@staff_page
def one(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """One sitting: agenda, who comes, figures, what came of it, minutes."""
    gathering = _hosted(actor, number)
    items = sittings.agenda(gathering)
    on = {i.matter_id for i in items}
    ready = sittings.topics_to_table(actor, gathering.scope_path) if gathering.state in ("draft", "called") else []
    context = {
        "g": gathering, "items": items, "ready": [m for m in ready if m.pk not in on],
        "invitations": list(gathering.invitations.order_by("pk")), "meter": sittings.quorum(gathering),
        "resolutions": sittings.resolutions(gathering), "minutes": sittings.minutes(gathering),
        "supports": queries.supports(gathering.district_id, [m.pk for m in ready]),
    }  # fmt: skip
    return render(request, "councils/one.html", context)


# ── acts of one button ──────────────────────────────────────────────────────────────────────────────────────
def _add(actor: Actor, g: Gathering, data: Any) -> str:
    matter = queries.topic(g.district_id, data["topic"]) if data.get("topic") else None
    core.add_item(actor=actor, district_id=g.district_id, gathering_id=g.pk, matter_id=matter.pk if matter else None,
                  title=data.get("title", ""), procedure=data.get("procedure", ""))  # fmt: skip
    return _("排进议程了。")


def _call(actor: Actor, g: Gathering, data: Any) -> str:
    done = core.call(actor=actor, district_id=g.district_id, gathering_id=g.pk, waive=data.get("waive", ""))
    return _("通知了 %d 位。") % len(done.receipts)


def _simple(act: Callable[..., Any], words: str) -> Callable[[Actor, Gathering, Any], str]:
    def run(actor: Actor, g: Gathering, data: Any) -> str:
        act(actor=actor, district_id=g.district_id, gathering_id=g.pk)
        return words

    return run


def _cancel(actor: Actor, g: Gathering, data: Any) -> str:
    core.cancel(actor=actor, district_id=g.district_id, gathering_id=g.pk, reason=data.get("reason", ""))
    return _("不开了，请过的人都告诉了。")


def _end(actor: Actor, g: Gathering, data: Any) -> str:
    actions.end_sitting(actor=actor, sitting=g)
    return _("散会了。写好纪要就公布。")


def _sheet(actor: Actor, g: Gathering, data: Any) -> str:
    lines = [core.SheetLine(invitation_id=uuid.UUID(v)) for v in data.getlist("who")]
    lines += [core.SheetLine(label=name.strip()) for name in data.get("guests", "").split("、") if name.strip()]
    rows = core.enter_sheet(actor=actor, district_id=g.district_id, gathering_id=g.pk, lines=lines)
    return _("录了 %d 位，等另一个人核对。") % len(rows)


def _agree(actor: Actor, g: Gathering, data: Any) -> str:
    ids = [uuid.UUID(v) for v in data.getlist("who")]
    n = core.agree_sheet(actor=actor, district_id=g.district_id, gathering_id=g.pk, agreed=ids)
    return _("核对了 %d 位。") % n


def _vouch(actor: Actor, g: Gathering, data: Any) -> str:
    core.vouch(actor=actor, district_id=g.district_id, gathering_id=g.pk, attendance_id=uuid.UUID(data["who"]))
    return _("到会，记下了。")


def _prefill(actor: Actor, g: Gathering, data: Any) -> str:
    core.prefill(actor=actor, district_id=g.district_id, gathering_id=g.pk,
                 brief=queries.brief(g.district_id, g.scope_path, timezone.now(), 30))  # fmt: skip
    return _("数字按现在的重取了。")


ACTS: dict[str, Callable[[Actor, Gathering, Any], str]] = {
    "add": _add, "call": _call, "begin": _simple(core.begin, "开会了。"), "end": _end, "cancel": _cancel,
    "sheet": _sheet, "agree": _agree, "vouch": _vouch, "prefill": _prefill,
}  # fmt: skip


@require_POST
@staff_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    """One button. A refusal stands on the page one comes back to; what it was about is still there."""
    gathering = _hosted(actor, number)
    if name not in ACTS:
        raise Http404
    return _did(request, gathering, lambda: ACTS[name](actor, gathering, request.POST))


def _did(request: HttpRequest, gathering: Gathering, do: Callable[[], str]) -> HttpResponseBase:
    try:
        shell.toast(request, do())
    except (ValueError, KeyError):
        messages.error(request, _("这一页旧了，请再试一次。"))
    except Refused as refused:
        messages.error(request, refused.message)
    gathering.refresh_from_db(fields=["state"])
    name = "councils:run" if gathering.state == "sitting" else "councils:one"
    return HttpResponseRedirect(reverse(name, args=[gathering.number]))


@require_POST
@staff_page
def item_act(request: HttpRequest, actor: Actor, number: str, item_id: uuid.UUID, name: str) -> HttpResponseBase:
    """One button of one point."""
    g = _hosted(actor, number)
    item = queries.item(g, item_id)
    ids: dict[str, Any] = {"actor": actor, "district_id": g.district_id, "gathering_id": g.pk, "item_id": item.pk}
    data = request.POST

    def do() -> str:
        if name == "postpone":
            core.postpone(**ids, reason=data.get("reason") or "没议到")
        elif name == "withdraw":
            core.withdraw_item(**ids, reason=data.get("reason", ""))
        elif name == "turn":
            actions.queue(actor=actor, item=item, label=data.get("label", ""))
        elif name == "next":
            actions.next_speaker(actor=actor, item=item)
        else:
            actions.dissent(actor=actor, item=item, text=data.get("text", ""), label=data.get("label", ""))
        return _("记下了。")

    if name not in ("postpone", "withdraw", "turn", "next", "dissent"):
        raise Http404
    return _did(request, g, do)


# ── the sitting ─────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@staff_page
def run(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The sitting on one screen: who is there, the code, the point in hand, who speaks, what came of it."""
    gathering = _hosted(actor, number)
    return render(request, "councils/run.html", _live(actor, gathering))


@require_safe
@staff_page
def live(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The part of it that changes by itself."""
    return render(request, "councils/_live.html", _live(actor, _hosted(actor, number)))


def _live(actor: Actor, gathering: Gathering) -> dict[str, Any]:
    items, turns = sittings.agenda(gathering), queries.turns(gathering)
    rows = list(Attendance.objects.filter(
        district_id=gathering.district_id, gathering=gathering).order_by("at", "pk"))  # fmt: skip
    known = {r.invitation_id for r in rows}
    code = None
    if gathering.state in ("called", "sitting"):
        code = core.show_code(actor=actor, district_id=gathering.district_id, gathering_id=gathering.pk)
    against = queries.dissents(gathering.district_id, [i.pk for i in items])
    return {
        "g": gathering, "code": code, "meter": sittings.quorum(gathering),
        "present": [r for r in rows if r.state == "present"], "waiting": [r for r in rows if r.state == "waiting"],
        "absent": [i for i in gathering.invitations.order_by("pk") if i.pk not in known],
        "points": [(i, turns.get(i.pk, []), against.get(i.pk, [])) for i in items],
        "current": next((i.pk for i in items if i.state == "listed"), None),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def discuss(request: HttpRequest, actor: Actor, number: str, item_id: uuid.UUID) -> HttpResponseBase:
    """What came of a point."""
    gathering = _hosted(actor, number)
    item = queries.item(gathering, item_id)
    form = DiscussForm(gathering, posted(request), {"outcome": item.outcome, "text": item.text})
    back = reverse("councils:run", args=[gathering.number])
    ask = Ask(item.title, _("记下来"), back, _("定了、分流，都要到会的够数。不同意的话另记，不会被盖住。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        core.discuss(actor=actor, district_id=gathering.district_id, gathering_id=gathering.pk, item_id=item.pk,
                     outcome=data["outcome"], text=data["text"])  # fmt: skip
        return back, _("记下了。")

    return perform(request, ask, form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def resolve(request: HttpRequest, actor: Actor, number: str, item_id: uuid.UUID) -> HttpResponseBase:
    """A resolution, whole: who, by when, and when residents look."""
    gathering = _hosted(actor, number)
    item = queries.item(gathering, item_id)
    form = ResolveForm(gathering, posted(request), {"text": item.text[:1000]})
    ask = Ask(_("写决议"), _("写好了"), _here(gathering), item.title)

    def do(data: dict[str, Any]) -> tuple[str, str]:
        owner = roster(gathering.district_id).find(data["owner"])
        charge = Charge(owner.id if owner else None, data["due_on"], data["review_on"])
        made = core.resolve(actor=actor, district_id=gathering.district_id, gathering_id=gathering.pk,
                            item_id=item.pk, text=data["text"], charge=charge)  # fmt: skip
        return reverse("councils:resolution", args=[made.pk]), _("决议写好了，接着分到事上。")

    return perform(request, ask, form, do)


# ── resolutions ─────────────────────────────────────────────────────────────────────────────────────────────
def _resolution(actor: Actor, resolution_id: uuid.UUID) -> Resolution:
    found = sittings.resolution(actor, resolution_id)
    if actor.over(duties.CONVENE, found.scope_path) is None:
        raise NotFound(_("没有找到这条决议。"))
    return found


@require_safe
@staff_page
def resolution(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID) -> HttpResponseBase:
    """One resolution: its matters, those who were against it, and what residents found."""
    row = _resolution(actor, resolution_id)
    against = queries.dissents(row.district_id, [row.item_id]).get(row.item_id, [])
    return render(request, "councils/resolution.html", {"r": row, "against": against, "parts": row.matters.all()})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def split(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID) -> HttpResponseBase:
    """One more matter of a resolution, handed to who does it. The key in the form makes a repeat harmless."""
    row = _resolution(actor, resolution_id)
    here = reverse("councils:resolution", args=[row.pk])
    form = PartForm(row.gathering, posted(request))
    key = request.POST.get("retry", "")[:64] or new_id().hex
    ask = Ask(_("分成一件事"), _("分出去"), here, row.text)
    place = tree(row.district_id).by_id[row.item.matter.place_id if row.item.matter else row.gathering.place_id]

    def do(data: dict[str, Any]) -> tuple[str, str]:
        part = Part(retry=key, kind="appeal", text=data["text"], place=place, to=data["to"])
        made = core.split(actor=actor, district_id=row.district_id, resolution_id=row.pk, parts=[part])
        return here, _("分出去了：%s") % made[0].number

    return perform(request, ask, form, do, {"retry": key})


@require_POST
@staff_page
def objector(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID, dissent_id: uuid.UUID) -> HttpResponseBase:
    """Somebody who was against it has been asked."""
    row = _resolution(actor, resolution_id)
    if dissent_id not in [d.pk for d in queries.dissents(row.district_id, [row.item_id]).get(row.item_id, [])]:
        raise Http404
    actions.ask_objector(actor=actor, dissent_id=dissent_id, content=request.POST.get("content") == "1",
                         answer=request.POST.get("answer", ""))  # fmt: skip
    shell.toast(request, _("问过了，记下了。"))
    return HttpResponseRedirect(reverse("councils:resolution", args=[row.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def review(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID) -> HttpResponseBase:
    """The residents' review."""
    row = _resolution(actor, resolution_id)
    here = reverse("councils:resolution", args=[row.pk])
    form = ReviewForm(posted(request), label_suffix="")
    ask = Ask(_("记居民评审"), _("记下来"), here, row.text)

    def do(data: dict[str, Any]) -> tuple[str, str]:
        again = Charge(None, data["due_on"], data["review_on"])
        actions.review(actor=actor, resolution=row, upheld=data["upheld"], text=data["text"],
                       satisfied=data["satisfied"], dissatisfied=data["dissatisfied"], again=again)  # fmt: skip
        return here, _("评审记下了。")

    return perform(request, ask, form, do)


# ── minutes ─────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def minutes(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The minutes, drafted from the sitting's own notes, then published."""
    gathering = _hosted(actor, number)
    form = MinutesForm(posted(request), initial={"text": minuting.text(gathering)}, label_suffix="")
    ask = Ask(_("会议纪要"), _("公布"), _here(gathering), _("按会上记的起好了草稿。公布以后，只由到会的人更正。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        core.publish(actor=actor, district_id=gathering.district_id, gathering_id=gathering.pk, text=data["text"])
        return _here(gathering), _("纪要公布了。")

    return perform(request, ask, form, do)


@require_safe
@staff_page
def paper(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The minutes as a sheet to print, in the layout of an official paper."""
    gathering = _hosted(actor, number)
    newest = sittings.newest_minutes(gathering)
    context = {"g": gathering, "text": newest.text if newest else minuting.text(gathering), "minutes": newest,
               "office": gathering.host.title}  # fmt: skip
    return render(request, "councils/paper.html", context)
