"""Where the public pages are entered."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linli.kit.nav import NavEntry
from linli.kit.shell import register_nav


def register() -> None:
    """Called once, when the doors are ready."""
    register_nav(
        NavEntry(room="open", label=_("办件公开"), url="open:ledger", icon="list", order=10),
        NavEntry(room="open", label=_("数字"), url="open:figures", icon="chart-bar", order=20),
        NavEntry(room="open", label=_("算法"), url="open:formula", icon="sum", order=22),
        NavEntry(room="open", label=_("谁管哪里"), url="open:roster", icon="users", order=30),
        NavEntry(room="open", label=_("督办通报"), url="open:bulletins", icon="clipboard-list", order=35),
        NavEntry(room="open", label=_("每日总码"), url="open:roots", icon="lock", order=40),
        NavEntry(room="open", label=_("怎么核对"), url="open:how", icon="help-circle", order=50),
        NavEntry(room="doors", label=_("公开"), url="open:ledger", icon="news", order=50),
    )
