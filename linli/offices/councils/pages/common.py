"""What the pages share: the sitting that somebody may run, and acts of one form each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import AgendaItem, Gathering
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit import paging
from linli.kit.lists import param
from linli.offices.councils.forms import Plain


def hosted(actor: Actor, number: str) -> Gathering:
    """A sitting that the actor may run; any other is not there."""
    found = sittings.convened(actor).filter(number=number.strip().upper()).first()
    if found is None:
        raise Http404
    return found


def must_host(actor: Actor) -> None:
    if not actor.paths(duties.CONVENE):
        raise Http404


def here(gathering: Gathering) -> str:
    """The host's page of a sitting: the room while people sit, else its file."""
    name = "councils:run" if gathering.state == "sitting" else "councils:one"
    return reverse(name, args=[gathering.number])


def page_of(request: HttpRequest, rows: QuerySet[Any], at: str, limit: int = 20) -> paging.Page[Any]:
    """One page; a cursor that nobody gave out begins anew."""
    try:
        return paging.page(rows, cursor=param(request, "cursor", 120) or None, limit=limit, at=at)
    except paging.BadCursorError:
        return paging.page(rows, limit=limit, at=at)


@dataclass(frozen=True)
class About:
    """What an act is about."""

    actor: Actor
    gathering: Gathering
    item: AgendaItem | None = None

    @property
    def ids(self) -> dict[str, Any]:
        """What every action on a gathering takes."""
        return {"actor": self.actor, "district_id": self.gathering.district_id, "gathering_id": self.gathering.pk}

    @property
    def point(self) -> AgendaItem:
        if self.item is None:
            raise Http404
        return self.item


@dataclass(frozen=True)
class Act:
    """One act: its question and verb, its form, and what it does. A refusal keeps what was typed."""

    title: Any
    verb: Any
    do: Callable[[About, Any], str]
    form: Callable[[About, Any], Plain]
    about: Any = ""
    grave: bool = False


def perform_act(
    request: HttpRequest, acts: Mapping[str, Act], name: str, about: About, back: Callable[[], str], base: str
) -> HttpResponseBase:
    """Ask, or do, by the act's own form; afterwards back to where the sitting stands then."""
    act = acts.get(name)
    if act is None:
        raise Http404
    form = act.form(about, posted(request))
    ask = Ask(str(act.title), str(act.verb), back(), str(act.about), grave=act.grave, base=base)

    def do(_data: dict[str, Any]) -> tuple[str, str]:
        words = act.do(about, form)
        about.gathering.refresh_from_db(fields=["state"])
        return back(), words

    return perform(request, ask, form, do)
