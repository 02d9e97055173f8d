"""Who may open the office: whoever configures the whole district. For everybody else it is not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from linli.core.people.actions import may_configure
from linli.core.people.actor import Actor
from linli.core.people.duties import role
from linli.core.people.entering import actor_of, to_login
from linli.core.places.models import Level
from linli.core.places.tree import Node, Tree, tree
from linli.kit.refusal import NotFound

P = ParamSpec("P")


@dataclass(frozen=True)
class Office:
    """Who is here, and the district that is configured. The tree is asked for once a request."""

    actor: Actor
    district_id: int

    @cached_property
    def known(self) -> Tree:
        return tree(self.district_id)

    @property
    def by(self) -> str:
        """How the history names who acted."""
        return self.actor.label(may_configure(self.actor))

    def level(self, code: str) -> str:
        """What this district calls a level."""
        return self.known.district.titles.get(code) or str(Level(code).label)

    def role(self, code: str) -> str:
        """What this district calls a role."""
        return str(self.known.district.settings.get("roles", {}).get(code) or role(code).name)

    def at(self, code: str) -> Node | None:
        """A current place by its code."""
        return self.known.by_code.get(code)

    def below(self, code: str) -> list[str]:
        """Levels under one, in the district's order."""
        levels = list(self.known.district.levels)
        return levels[levels.index(code) + 1 :] if code in levels else []


def configures(request: HttpRequest) -> bool:
    """For navigation."""
    return request.user.is_authenticated and may_configure(actor_of(request)) is not None


def office_page(
    page: Callable[Concatenate[HttpRequest, Office, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Hand the page its office. Nobody signed in goes to the login; others find nothing; a wrong id is no page."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        actor = actor_of(request)
        if not configures(request) or actor.district_id is None:
            raise Http404
        request.room = "desk"  # type: ignore[attr-defined]  # the counter's mood: clocks and words as staff read them
        try:
            return page(request, Office(actor, actor.district_id), *args, **kwargs)
        except NotFound as missing:
            raise Http404 from missing

    return guarded  # type: ignore[return-value]  # wraps() forgets that the request may come without its name


def show(
    request: HttpRequest, office: Office, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponseBase:
    """A page of the office with its navigation."""
    from linli.doors.office import nav  # the navigation asks this module who may enter

    return render(
        request, f"office/{template}.html", {"office": office, "rail": nav.links(request), **context}, status=status
    )
