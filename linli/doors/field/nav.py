"""Where the pocket notebook is entered: by whoever serves in a post."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linli.doors.field.gate import serves
from linli.kit.nav import NavEntry
from linli.kit.shell import register_nav


def register() -> None:
    """Called once, when the doors are ready."""
    register_nav(
        NavEntry(room="field", label=_("手上"), url="field:inbox", icon="clipboard-list", order=10, allowed=serves),
        NavEntry(room="field", label=_("记一件"), url="field:new", icon="plus", order=20, allowed=serves),
        NavEntry(room="field", label=_("我的片"), url="field:people", icon="building", order=30, allowed=serves),
        NavEntry(room="doors", label=_("走访"), url="field:inbox", icon="route", order=20, allowed=serves),
    )
