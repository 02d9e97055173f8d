"""The office's own navigation, and the way to it from the other workspaces."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from linli.doors.office.gate import configures
from linli.kit.nav import NavEntry, NavLink, register_nav

# Label, URL name, icon, in order; a rule opens a group.
ENTRIES = (
    (lazy("总览"), "office:home", "home", False),
    (lazy("地点"), "office:places", "sitemap", True),
    (lazy("铺满检查"), "office:tiling", "layout-list", False),
    (lazy("导入导出"), "office:transfer", "file-spreadsheet", False),
    (lazy("组织"), "office:bodies", "building-community", True),
    (lazy("岗位"), "office:posts", "id-badge-2", False),
    (lazy("业委会"), "office:committees", "users", False),
    (lazy("账号"), "office:accounts", "key", False),
    (lazy("种类和分类"), "office:kinds", "list", True),
    (lazy("时限"), "office:policies", "clock-hour-4", False),
    (lazy("派单规则"), "office:rules", "route", False),
    (lazy("办事指引"), "office:guidance", "help-circle", False),
    (lazy("渠道和开关"), "office:switches", "settings", False),
    (lazy("改动记录"), "office:history", "history", True),
    (lazy("办不成的"), "office:stuck", "alert-triangle", False),
    (lazy("底账"), "/admin/nouns/", "database", False),
)


def links(request: HttpRequest) -> list[tuple[NavLink, bool]]:
    """Every entry; the longest one above the present address is where one is."""
    paths = [name if name.startswith("/") else reverse(name) for _label, name, _icon, _rule in ENTRIES]
    here = max((path for path in paths if _covers(path, request.path)), key=len, default="")
    return [
        (NavLink(label, path, icon, path == here, None), rule)
        for (label, _name, icon, rule), path in zip(ENTRIES, paths, strict=True)
    ]


def _covers(path: str, at: str) -> bool:
    """Home covers only itself, or everything would be home."""
    return at == path or (path != reverse("office:home") and at.startswith(path))


def register() -> None:
    """Called when the office's addresses are read; the same entry again replaces the first."""
    register_nav(
        NavEntry(room="doors", label=lazy("管理"), url="office:home", icon="settings", order=60, allowed=configures)
    )
