"""Navigation: each room registers where it can be entered, the shell shows what the visitor may enter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from linli.kit import icons

ROOMS = ("resident", "field", "desk", "open", "command")
Text = str | Promise


def anyone(request: HttpRequest) -> bool:
    return True


def logged_in(request: HttpRequest) -> bool:
    return bool(request.user.is_authenticated)


@dataclass(frozen=True, kw_only=True)
class NavEntry:
    """One place to go to. ``url`` is a path (``/desk/``) or a URL name; ``count`` is the figure beside the word.

    ``room`` is one of ROOMS, or ``doors`` for the ways from one workspace to another.
    """

    room: str
    label: Text
    url: str
    icon: str
    order: int = 50
    allowed: Callable[[HttpRequest], bool] = anyone
    count: Callable[[HttpRequest], int | None] | None = None

    def path(self) -> str:
        return self.url if self.url.startswith("/") else reverse(self.url)


@dataclass(frozen=True)
class NavLink:
    """A NavEntry as one visitor sees it."""

    label: Text
    url: str
    icon: str
    current: bool
    count: int | None


_entries: dict[tuple[str, str], NavEntry] = {}


def register_nav(*entries: NavEntry) -> None:
    """Call from ``AppConfig.ready``. The same room and url again replaces the entry, so a reload does no harm."""
    for entry in entries:
        if entry.room not in (*ROOMS, "doors"):
            raise ImproperlyConfigured(f"nav entry {entry.url!r}: no workspace is called {entry.room!r}")
        if entry.icon not in icons.names():
            raise ImproperlyConfigured(f"nav entry {entry.url!r}: icon {entry.icon!r} is not in kit/icons.txt")
        _entries[(entry.room, entry.url)] = entry


def forget_nav(*entries: NavEntry) -> None:
    """Take entries out again (tests)."""
    for entry in entries:
        _entries.pop((entry.room, entry.url), None)


def room_of(request: HttpRequest) -> str:
    """The workspace a request lies in: what its view said (``request.room``), else the first part of its path."""
    said = getattr(request, "room", "")
    first = request.path.lstrip("/").partition("/")[0]
    return said or (first if first in ROOMS else "resident")


def links(request: HttpRequest, room: str) -> list[NavLink]:
    """What this visitor may enter in ``room``, in order. The longest entry above the current path is current."""
    shown = sorted((e for e in _entries.values() if e.room == room and e.allowed(request)), key=lambda e: e.order)
    paths = [entry.path() for entry in shown]
    here = max((p for p in paths if _covers(p, request.path)), key=len, default=None)
    return [
        NavLink(entry.label, path, entry.icon, path == here, entry.count(request) if entry.count else None)
        for entry, path in zip(shown, paths, strict=True)
    ]


def _covers(path: str, at: str) -> bool:
    """``/`` covers only itself, or everything would be the home page."""
    return at == path or (path != "/" and at.startswith(path.rstrip("/") + "/"))
