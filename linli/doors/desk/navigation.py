"""The desk's own navigation, and the way to it from the other workspaces."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as lazy

from linli.core.people import duties
from linli.core.people.entering import actor_of, serves
from linli.doors.desk.badges import badge
from linli.kit.nav import NavEntry, name_groups, register_nav
from linli.offices.returns.queries import may_look


def _admits(request: HttpRequest) -> bool:
    """Whom a department's task concerns: who applies, who decides, and the communities it would reach."""
    concerned = (duties.APPLY, duties.ADMIT, duties.DISPATCH)
    return serves(request) and any(actor_of(request).has(duty) for duty in concerned)


def _coordinates(request: HttpRequest) -> bool:
    return serves(request) and may_look(actor_of(request))


def _counts(request: HttpRequest) -> bool:
    return serves(request) and actor_of(request).has(duties.STATS)


def _answers(request: HttpRequest) -> bool:
    return serves(request) and actor_of(request).has(duties.JUDGE)


def register() -> None:
    """Called when the desk's addresses are read; the same entry again replaces the first."""
    # The order says the group: matters up to 29, talking things over 30 to 49, houses and people 50 to 79, figures.
    name_groups(
        "desk", (30, lazy("议事和表决"), "messages"), (50, lazy("楼院和人"), "building-community"), (80, "", "")
    )
    register_nav(
        NavEntry(room="desk", label=lazy("收件台"), url="desk:queue", icon="list", order=10, count=badge("all")),
        NavEntry(room="desk", label=lazy("通知"), url="desk:inbox", icon="message", order=12, count=badge("notices")),
        NavEntry(room="desk", label=lazy("吹哨"), url="desk:calls", icon="whistle", order=20, count=badge("calls")),
        NavEntry(room="desk", label=lazy("督办"), url="desk:orders", icon="bell", order=22),
        NavEntry(
            room="desk", label=lazy("退单"), url="desk:returns", icon="arrow-back-up", order=24, allowed=_coordinates
        ),
        NavEntry(room="desk", label=lazy("准入"), url="desk:admissions", icon="certificate", order=26, allowed=_admits),
        NavEntry(room="desk", label=lazy("通报"), url="desk:bulletins", icon="clipboard-list", order=28),
        NavEntry(room="desk", label=lazy("统计"), url="desk:figures", icon="chart-bar", order=80, allowed=_counts),
        NavEntry(
            room="desk", label=lazy("剔除和申诉"), url="desk:objections", icon="scale", order=82, allowed=_answers
        ),
        NavEntry(room="doors", label=lazy("收件台"), url="desk:queue", icon="list", order=20, allowed=serves),
    )
