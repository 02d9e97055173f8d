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
ROOMY = 11  # up to here a list of places to go to is taken in at a glance, and needs no groups


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


@dataclass(frozen=True)
class NavGroup:
    """Entries under one word; without a word they stand by themselves. ``open``: one of them is where one is."""

    links: list[NavLink]
    label: Text = ""
    icon: str = ""

    @property
    def open(self) -> bool:
        return any(link.current for link in self.links)


_entries: dict[tuple[str, str], NavEntry] = {}
_groups: dict[str, tuple[tuple[int, Text, str], ...]] = {}


def register_nav(*entries: NavEntry) -> None:
    """Call from ``AppConfig.ready``. The same room and url again replaces the entry, so a reload does no harm."""
    for entry in entries:
        if entry.room not in (*ROOMS, "doors"):
            raise ImproperlyConfigured(f"nav entry {entry.url!r}: no workspace is called {entry.room!r}")
        if entry.icon not in icons.names():
            raise ImproperlyConfigured(f"nav entry {entry.url!r}: icon {entry.icon!r} is not in kit/icons.txt")
        _entries[(entry.room, entry.url)] = entry


def name_groups(room: str, *groups: tuple[int, Text, str]) -> None:
    """``(from this order on, word, icon)``, rising: how a room with many entries is folded. No word: not folded."""
    _groups[room] = groups


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


def grouped(request: HttpRequest, room: str) -> list[NavGroup]:
    """``links`` of a room, folded under the words of ``name_groups`` where they are many.

    One or two entries are no group: folding them away would save nothing and cost a press.
    """
    shown = links(request, room)
    if len(shown) <= ROOMY:
        return [NavGroup(shown)]
    order = {entry.path(): entry.order for entry in _entries.values() if entry.room == room}
    made: list[NavGroup] = []
    starts = ((-1, "", ""), *_groups.get(room, ()))
    for (start, label, icon), (end, _label, _icon) in zip(starts, (*starts[1:], (1000, "", "")), strict=True):
        held = [link for link in shown if start <= order[link.url] < end]
        made.append(NavGroup(held, label, icon) if len(held) > 2 else NavGroup(held))
    return [group for group in made if group.links]


def _covers(path: str, at: str) -> bool:
    """``/`` covers only itself, or everything would be the home page."""
    return at == path or (path != "/" and at.startswith(path.rstrip("/") + "/"))
