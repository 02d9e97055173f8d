"""At the desk: rooms and what holds them, booking one for a gathering, and gatherings that come back."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.gatherings import actions, dates, queries
from linli.core.gatherings.models import Room
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.kit import lists
from linli.kit.days import read_day
from linli.kit.figures import daytime
from linli.kit.lists import param
from linli.offices.gatherings.forms import BookForm, Plain, RoomForm, SeriesForm

WEEK = 7


def _must_convene(actor: Actor) -> None:
    """Rooms and series are for whoever convenes somewhere; for everybody else they are not there."""
    if not actor.paths(duties.CONVENE):
        raise Http404


@require_safe
@staff_page
def rooms(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The rooms that one may book, with what holds each next."""
    _must_convene(actor)
    q = param(request, "q", 40)
    page = lists.keyed(dates.house(actor, q), request, by="code", limit=40)
    context = {"page": page, "q": q, "next": dates.next_bookings(page.items, timezone.now())}
    return render(request, "sittings/rooms.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    _must_convene(actor)
    form = RoomForm(actor, posted(request))
    ask = Ask(_("添一间屋子"), _("添上"), reverse("sittings:rooms"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        node = tree(actor.district_id or 0).by_code[data["place"]]
        made = actions.add_room(actor=actor, district_id=actor.district_id or 0, place=node, name=data["name"],
                                seats=data["seats"], hours=data["hours"])  # fmt: skip
        return reverse("sittings:room", args=[made.code]), _("添好了。")

    return perform(request, ask, form, do)


def _week(request: HttpRequest) -> datetime:
    """Midnight of the Monday of the week asked for, else of this one."""
    try:
        day = read_day(param(request, "week", 10))
    except ValueError:
        day = timezone.localdate()
    monday = day - timedelta(days=day.weekday())
    return timezone.make_aware(datetime.combine(monday, time.min))


@require_safe
@staff_page
def room(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """A room's week: every day, what holds it, and the way to book it."""
    found = dates.room(actor, code)
    begins = _week(request)
    taken = dates.bookings(found, begins, begins + timedelta(days=WEEK))
    days = [
        ((begins + timedelta(days=n)).date(),
         [g for g in taken if timezone.localtime(g.starts_at).date() == (begins + timedelta(days=n)).date()])
        for n in range(WEEK)
    ]  # fmt: skip
    context = {
        "room": found, "days": days, "keeps": _keeps(actor, found), "today": timezone.localdate(),
        "before": (begins - timedelta(days=WEEK)).date(), "after": (begins + timedelta(days=WEEK)).date(),
    }  # fmt: skip
    return render(request, "sittings/room.html", context)


def _keeps(actor: Actor, found: Room) -> bool:
    return actor.over(duties.CONVENE, found.scope_path) is not None


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def edit(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    found = dates.room(actor, code)
    if not _keeps(actor, found):
        raise Http404
    here = reverse("sittings:room", args=[found.code])
    ask = Ask(_("改这间屋子"), _("改好了"), here, _("已经订好的会不动。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        actions.change_room(actor=actor, district_id=found.district_id, code=found.code, name=data["name"],
                            seats=data["seats"], hours=data["hours"], active=data["active"])  # fmt: skip
        return here, _("改好了。")

    return perform(request, ask, RoomForm(actor, posted(request), found), do)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def book(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """Take the room for a gathering: a draft, which holds it. Who else wants the hour is told whose it is."""
    found = dates.room(actor, code)
    day = param(request, "day", 10)
    initial = {"starts_at": f"{day}T09:00", "ends_at": f"{day}T11:00"} if day else {}
    form = BookForm(actor, found, posted(request), initial)
    ask = Ask(_("订%(room)s") % {"room": found.name}, _("订下"), reverse("sittings:room", args=[found.code]),
              _("先备一次会，屋子给它留着。还不通知任何人，都能改。"))  # fmt: skip

    def do(data: dict[str, Any]) -> tuple[str, str]:
        planned = actions.Planned(
            data["title"], tree(found.district_id).by_code[data["place"]], data["starts_at"], data["ends_at"],
            found.pk, "", data["text"],
        )  # fmt: skip
        made = actions.draft(actor=actor, district_id=found.district_id, kind_id=form.kinds[data["kind"]].pk,
                             planned=planned)  # fmt: skip
        return f"/gatherings/{made.number}/", _("订下了。定议题，再发通知。")

    return perform(request, ask, form, do)


# ── what comes back ─────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@staff_page
def series(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What comes back by itself in one's scope, and when next."""
    _must_convene(actor)
    kinds = {kind.code: kind.name for kind in queries.kinds(actor.district_id or 0)}
    rows = [(row, kinds.get(row.kind_code, "")) for row in queries.series(actor)[:200]]
    return render(request, "sittings/series.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def start(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    _must_convene(actor)
    form = SeriesForm(actor, posted(request))
    back = reverse("sittings:series")
    ask = Ask(_("设一个例会"), _("设好"), back, _("到日子系统先备好草稿，带上这一段的数字。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        room_id = uuid.UUID(data["room"]) if data["room"] else None
        made = actions.start_series(
            actor=actor, district_id=actor.district_id or 0, kind_id=form.kinds[data["kind"]].pk,
            place=tree(actor.district_id or 0).by_code[data["place"]], title=data["title"], room_id=room_id,
            recurrence=form.recurrence(),
        )  # fmt: skip
        return back, _("设好了，下一次是%s。") % daytime(made.next_at)

    return perform(request, ask, form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def stop(request: HttpRequest, actor: Actor, series_id: uuid.UUID) -> HttpResponseBase:
    row = queries.series(actor).filter(pk=series_id).first()
    if row is None:
        raise Http404
    back = reverse("sittings:series")
    ask = Ask(
        _("这个例会以后不开了？"),
        _("停掉"),
        back,
        _("%s　已经备好的那几次还在，要停另外取消。") % row.title,
        grave=True,
    )

    def do(data: dict[str, Any]) -> tuple[str, str]:
        actions.stop_series(actor=actor, district_id=row.district_id, series_id=row.pk)
        return back, _("停了。")

    return perform(request, ask, Plain(posted(request)), do)
