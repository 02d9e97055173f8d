"""The shell round every page: type size, theme, language, navigation, who is here; and the switches for them.

The switches are plain form posts that set a cookie, so they work without script; ``prefs.js`` only makes them
instant. An account may keep them too: whoever owns accounts hands in a way to write them (``keep_prefs_with``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from linli.kit import gallery, nav
from linli.kit.calendar.wording import Style
from linli.kit.nav import NavEntry, NavGroup, NavLink, register_nav

__all__ = ["Identity", "NavEntry", "Shell", "context", "prefs", "register_nav", "toast"]

YEAR = 60 * 60 * 24 * 365
COOKIES = {"type": "linli_type", "theme": "linli_theme", "language": settings.LANGUAGE_COOKIE_NAME}
CHOICES: Mapping[str, frozenset[str]] = {
    "type": frozenset({"normal", "large"}),
    "theme": frozenset({"light", "dark"}),
    "language": frozenset(dict(settings.LANGUAGES)),
}


@dataclass(frozen=True)
class Identity:
    """Who is here, as the page says it: a name, what they serve as, and where their own page is."""

    name: str
    title: str | Promise = ""
    url: str = ""


def _account(request: HttpRequest) -> Identity | None:
    return Identity(str(request.user)) if request.user.is_authenticated else None


def _nothing(request: HttpRequest, chosen: Mapping[str, str]) -> None:
    return None


_identity: Callable[[HttpRequest], Identity | None] = _account
_district: Callable[[HttpRequest], str] = lambda request: ""  # noqa: E731
_keep: Callable[[HttpRequest, Mapping[str, str]], None] = _nothing


def identify_with(find: Callable[[HttpRequest], Identity | None]) -> None:
    """Say how to name the visitor (the owner of posts knows titles, the kit does not)."""
    global _identity
    _identity = find


def name_district_with(find: Callable[[HttpRequest], str]) -> None:
    """Say how to name the district beside the mark."""
    global _district
    _district = find


def keep_prefs_with(keep: Callable[[HttpRequest, Mapping[str, str]], None]) -> None:
    """Say how to keep choices in a logged-in visitor's account: ``{"type": "large"}`` and the like."""
    global _keep
    _keep = keep


class Shell:
    """What ``base.html`` reads. Lazy, so that a fragment pays only for what it uses."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def room(self) -> str:
        return nav.room_of(self._request)

    @cached_property
    def type(self) -> str:
        """``large`` or ``normal``: the cookie, else the account."""
        chosen = self._cookie("type")
        if not chosen and self._user_says("large_type"):
            return "large"
        return chosen or "normal"

    @cached_property
    def theme(self) -> str:
        """The command centre is a night watch unless somebody chose otherwise."""
        return self._cookie("theme") or ("dark" if self.room == "command" else "light")

    @property
    def language(self) -> str:
        return translation.get_language() or settings.LANGUAGE_CODE

    @property
    def lang(self) -> str:
        """For ``<html lang>``: browsers pick Chinese glyphs by the script subtag."""
        return "zh-Hans" if self.language.startswith("zh") else self.language

    @property
    def other_language(self) -> tuple[str, str]:
        """The language the switch leads to, and its own name for itself."""
        return next((code, name) for code, name in settings.LANGUAGES if code != self.language)

    @cached_property
    def nav(self) -> list[NavLink]:
        return nav.links(self._request, self.room)

    @cached_property
    def nav_groups(self) -> list[NavGroup]:
        return nav.grouped(self._request, self.room)

    @cached_property
    def doors(self) -> list[NavLink]:
        return nav.links(self._request, "doors")

    @cached_property
    def me(self) -> Identity | None:
        return _identity(self._request) if hasattr(self._request, "user") else None

    @cached_property
    def brand(self) -> str:
        return str(getattr(settings, "LINLI_BRAND", "邻理"))

    @cached_property
    def district(self) -> str:
        return _district(self._request)

    @property
    def demo(self) -> bool:
        return bool(getattr(settings, "DEMO", False))

    @property
    def back(self) -> str:
        """Where a switch returns to: this page, or for the answer to a form the page the form stood on."""
        request = self._request
        if request.method in {"GET", "HEAD"}:
            return request.get_full_path()
        return _safe(request, request.headers.get("Referer", ""))

    @property
    def style(self) -> Style:
        """How clocks speak here: in whole words to residents, short to staff."""
        return "staff" if self.room in {"desk", "field", "command"} else "resident"

    def _cookie(self, name: str) -> str:
        value = self._request.COOKIES.get(COOKIES[name], "")
        return value if value in CHOICES[name] else ""

    def _user_says(self, name: str) -> bool:
        user = getattr(self._request, "user", None)
        return bool(user and user.is_authenticated and getattr(user, name, False))


def context(request: HttpRequest) -> dict[str, object]:
    """The context processor: one name, ``shell``."""
    return {"shell": Shell(request)}


def toast(request: HttpRequest, text: str, *, undo: str = "", draft: str = "") -> None:
    """Say in a toast what has just happened; ``undo`` is a path that takes it back when posted to.

    ``draft`` names the form whose draft in the browser is done with (``draft.js``).
    """
    tag = f"undo:{undo}" if undo else f"draft:{draft}" if draft else ""
    messages.success(request, text, extra_tags=tag)


# Exempt from the token, not from care: pages kept by the service worker and error pages have no fresh token, and the
# worst a forged post could do is change a type size. A post that says it comes from another site is refused.
@csrf_exempt
@require_POST
def prefs(request: HttpRequest) -> HttpResponse:
    """Switch type size, theme or language; go back to the page, or answer 204 to a script."""
    if not _same_site(request):
        return HttpResponseForbidden()
    chosen = {name: request.POST[name] for name in COOKIES if request.POST.get(name) in CHOICES[name]}
    script = request.headers.get("X-Requested-With") == "fetch"
    back = _safe(request, request.POST.get("next", ""))
    response = HttpResponse(status=204) if script else HttpResponseRedirect(back)
    for name, value in chosen.items():
        response.set_cookie(
            COOKIES[name],
            value,
            max_age=YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    if chosen and request.user.is_authenticated:
        _keep(request, chosen)
    return response


def gallery_page(request: HttpRequest) -> HttpResponse:
    """Every component with made-up data, in demo mode only: the page that visual tests look at.

    ``?in=desk`` shows another workspace; ``?shapes`` answers with the map's GeoJSON.
    """
    if not getattr(settings, "DEMO", False):
        raise Http404
    if "shapes" in request.GET:
        return JsonResponse(gallery.shapes())
    room = request.GET.get("in", "site")
    if room not in gallery.ROOMS:
        raise Http404
    request.room = room if room in nav.ROOMS else "resident"  # type: ignore[attr-defined]
    return render(request, f"kit/gallery_{room}.html" if room != "site" else "kit/gallery.html", gallery.sample())


def _same_site(request: HttpRequest) -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin", "")
    return origin in {"", "null"} or urlsplit(origin).netloc == request.get_host()


def _safe(request: HttpRequest, url: str) -> str:
    """``url`` if it leads to this very host, else the home page: a switch must never send anybody elsewhere."""
    fine = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if url and fine else "/"
