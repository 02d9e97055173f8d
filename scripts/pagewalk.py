"""Every page that somebody comes to by following links, one example of each address of the resolver."""

from __future__ import annotations

import html
import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.browser import Visitor

HOMES = ("/", "/field/", "/desk/", "/admin/", "/open/", "/checkin/", "/stations/")
PUBLIC = ("/", "/open/", "/stations/")  # alike for everybody: once is enough
LINK = re.compile(r'<a\b[^>]*?href="([^"#]+)')
# Files, fragments that a page fetches for itself, and what only a form's post or a machine comes to.
NO_PAGES = re.compile(
    r"(\.(csv|json|geojson|pdf|zip|js|webmanifest|xlsx|ics)$)|^admin/nouns/|^api/|^(healthz|readyz|metrics|prefs/|logout/)"
    r"|/(switch|draw/check|rules/<uuid:rule_id>/move|stop|resume|withdraw|close|hint|read|forget|stations/<str:code>/end)/$"
    r"|^(checkin/(<uuid|items|services)|desk/(checkins/(units/<uuid|services)|dwellings/(units/.*/end|welcomes/<uuid)|pairings/visits/<uuid)|me/(leave|name)|[mt]/<str:\w+>/<slug:act>/$|kit/gallery|t/<str:receipt>/picture/|vote/<str:number>/taken/|field/rounds/<uuid:round_id>/end/)"
    r"|/(panel|find|places|live|progress|files/<int:serial>|next|export/<slug:form>|reveal|owners)/$"
    r"|^(attachments/|desk/bulk/|desk/new/slip/|opinions/said/correct/|desk/opinions/<str:code>/words/<uuid:opinion_id>/out/|say/help/|say/done/|demo/inbox/|field/spotted/|field/slip/|t/<str:receipt>$|d/<str:door>$)"
)
# Of these each value is a page of its own: the form of one act is not that of another.
TELLING = ("name", "act", "side", "kind", "role")


class Walk:
    """Which addresses were come to, whoever came."""

    def __init__(self, env: Mapping[str, str]) -> None:
        import django

        os.environ.update(env)
        django.setup()
        self.taken: set[str] = set()
        self.routes: set[str] = set()

    def take(self, path: str) -> None:
        if place := placed(path):
            self.taken.add(place[0])
            self.routes.add(place[1])

    def pages(self, who: str, visitor: Visitor) -> dict[str, str]:
        """Name → path of what this visitor's links lead to: first pages always, the rest where nobody was before."""
        found: dict[str, str] = {}
        seen: set[str] = set()
        public = who.startswith(("anybody", "resident"))
        queue = deque((path, public or path not in PUBLIC) for path in HOMES)
        while queue:
            path, near = queue.popleft()
            place = placed(path)
            if place is None or place[0] in seen:
                continue
            seen.add(place[0])
            text = _fetched(visitor, path)
            if not text:
                continue
            if near or place[0] not in self.taken:
                found[re.sub(r"[^\w]+", "-", place[0]).strip("-") or "start"] = path
                self.take(path)
            queue.extend((link, near and path in HOMES and link.startswith(path)) for link in _links(text))
        return found

    def forgotten(self) -> list[str]:
        """Addresses of the resolver that answer with a page and to which no link led."""
        return sorted(route for route in every_route() if route not in self.routes and not NO_PAGES.search(route))


def placed(path: str) -> tuple[str, str] | None:
    """The page an address names, and its route; None for what is no page."""
    from django.urls import Resolver404, resolve

    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return None
    if NO_PAGES.search(match.route):
        return None
    telling = "".join(f" {match.kwargs[name]}" for name in TELLING if name in match.kwargs)
    return re.sub(r"<\w+:(\w+)>", r"\1", match.route) + telling, match.route


def _fetched(visitor: Visitor, path: str) -> str:
    answer: Any = visitor.context.request.get(path, max_redirects=0)
    fine = answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html")
    return str(answer.text()) if fine else ""


def _links(text: str) -> Iterator[str]:
    for link in LINK.findall(text):
        path = html.unescape(link)
        if path.startswith("/") and not path.startswith("//"):
            yield path


def every_route() -> set[str]:
    """Routes of all views that take a GET."""
    from django.urls import URLPattern, get_resolver

    found: set[str] = set()

    def walk(patterns: Any, before: str) -> None:
        for one in patterns:
            here = before + str(one.pattern)
            if isinstance(one, URLPattern):
                found.add(here)
            else:
                walk(one.url_patterns, here)

    walk(get_resolver().url_patterns, "")
    return found
