"""Calendar feeds, RFC 5545: one's own by a secret address, and everybody's by place.

The secret stands in the address, because calendar programs can send nothing else. So the address is taken out of the
request before anything else happens: whatever is logged about it later says that it was a feed, and not whose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.gatherings import actions, dates
from linli.core.gatherings.models import Gathering
from linli.core.people.actor import Actor, for_user
from linli.core.people.entering import signed_page
from linli.core.places.meant import district_asked
from linli.core.places.tree import tree
from linli.kit import shell
from linli.offices.gatherings.calendars import home_of, place_of

if TYPE_CHECKING:
    from icalendar import Component

BACK = timedelta(days=90)  # how far a feed reaches into the past
MASKED = "/calendar/feed/…"
SHAPE = "2"  # of what is written: a new one makes every program fetch again


@require_http_methods(["GET", "HEAD", "POST"])
@signed_page
def own(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Make the secret address, renew it, or end it. It is shown once, on the answer to the button."""
    url = ""
    if request.method == "POST" and request.POST.get("act") == "end":
        if actions.end_feed(actor=actor):
            shell.toast(request, _("订阅停了，旧地址从现在起打不开。"))
    elif request.method == "POST":
        url = request.build_absolute_uri(reverse("sittings:personal", args=[actions.feed_token(actor=actor)]))
    public = f"{reverse('sittings:ics')}?district={actor.district_id}&place={home_of(actor).code}"
    context = {"url": url, "since": dates.feed_since(actor), "home": home_of(actor),
               "public": request.build_absolute_uri(public)}  # fmt: skip
    return render(request, "sittings/feed.html", context)


@require_safe
def personal(request: HttpRequest, token: str) -> HttpResponseBase:
    """One's own calendar. An address that was ended, or never was, is not there."""
    request.path = request.path_info = MASKED
    user_id = dates.feed_user(token)
    if user_id is None:
        return _gone()
    actor = for_user(user_id)
    if actor.district_id is None:
        return _gone()
    rows = dates.fed(actor, timezone.now() - BACK, home=home_of(actor).path if actor.home_id else "")
    return _answer(request, rows, _("我的会议"), hidden=True)


def _gone() -> HttpResponse:
    response = HttpResponse(status=404)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def public(request: HttpRequest) -> HttpResponseBase:
    """What is open to everybody at a place, below it and above it."""
    district_id = district_asked(request)
    node = place_of(request, district_id)
    rows = dates.posted(district_id, node.path, timezone.now() - BACK)
    return _answer(request, rows, _("%s　开会的日子") % tree(district_id).full_name(node, below="street"), hidden=False)


def _answer(request: HttpRequest, rows: Sequence[Gathering], name: str, *, hidden: bool) -> HttpResponseBase:
    """304 where nothing changed since the program asked last; else the whole calendar."""
    told = hashlib.sha256(f"{SHAPE}\0{name}\0{request.get_host()}".encode())
    for row in rows:
        told.update(f"{row.pk}{row.revision}{row.state}{row.changed_at.isoformat()}".encode())
    etag = quote_etag(told.hexdigest()[:32])
    newest = max((row.changed_at for row in rows), default=None)
    stamp = int(newest.timestamp()) if newest else None
    found = get_conditional_response(request, etag=etag, last_modified=stamp)
    if found is None:
        body = written(rows, name, lambda number: _link(request, number))
        found = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        found["Content-Disposition"] = 'inline; filename="linli.ics"'
    found["ETag"] = etag
    if newest:
        found["Last-Modified"] = newest.strftime("%a, %d %b %Y %H:%M:%S GMT")
    found["Cache-Control"] = "private, no-cache" if hidden else "public, max-age=300"
    found["Referrer-Policy"] = "no-referrer"
    return found


def _link(request: HttpRequest, number: str) -> str:
    return request.build_absolute_uri(f"/gatherings/{number}/")


def written(rows: Sequence[Gathering], name: str, link: Callable[[str], str]) -> bytes:
    """The calendar as text. Nobody who is asked is named in it, and nothing that was said."""
    from icalendar import Calendar  # ten megabytes that only a feed needs

    book = Calendar()
    for key, value in (("prodid", "-//Linli//Gatherings//ZH"), ("version", "2.0"), ("method", "PUBLISH"),
                       ("x-wr-calname", name), ("x-wr-timezone", "Asia/Shanghai")):  # fmt: skip
        book.add(key, value)
    book.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    book.add_component(_zone())
    for row in rows:
        book.add_component(_event(row, link(row.number)))
    return bytes(book.to_ical())


def _zone() -> Component:
    """Asia/Shanghai since its last summer time ended, in September 1991."""
    from icalendar import Timezone, TimezoneStandard

    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "Asia/Shanghai")
    standard.add("dtstart", datetime(1991, 9, 15, 2))  # noqa: DTZ001  a wall clock is what the standard asks for
    standard.add("tzoffsetfrom", timedelta(hours=9))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _event(row: Gathering, url: str) -> Component:
    from icalendar import Event

    event = Event()
    off = row.state in ("cancelled", "lapsed")
    where = "，".join(part for part in (row.place.name, row.room.name if row.room else row.where) if part)
    event.add("uid", f"{row.pk}@linli")
    event.add("dtstamp", row.changed_at)
    event.add("last-modified", row.changed_at)
    event.add("sequence", row.revision)
    event.add("dtstart", timezone.localtime(row.starts_at))
    event.add("dtend", timezone.localtime(row.ends_at))
    event.add("summary", row.title)
    event.add("location", where)
    event.add("categories", [row.kind.name])
    event.add("description", f"{row.kind.name} {row.number}" + (f"\n{row.reason}" if row.reason else ""))
    event.add("url", url)
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    return event
