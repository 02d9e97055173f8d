"""Why two matters look alike, in a few short words that people can check."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from linli.insight.duplicates.commonness import Weights
from linli.insight.duplicates.nearness import Near
from linli.insight.duplicates.words import plain

_LEVELS: Final = {
    "unit": gettext_lazy("同一个单元"), "building": gettext_lazy("同一栋楼"), "grid": gettext_lazy("同一个网格"),
    "quarter": gettext_lazy("同一个小区"), "community": gettext_lazy("同一个社区"),
}  # fmt: skip
_TOLD: Final = 3
_HAN: Final = "\u4e00"


def why(near: Near, apart: timedelta, shared: Collection[str], *, public: bool = False) -> tuple[str, ...]:
    """Place, time, and the words in common."""
    said = []
    level = "building" if public and near.level == "unit" else near.level
    if level:
        said.append(str(_LEVELS[level]))
    if near.metres is not None and near.metres <= 500 and not near.same_house:
        said.append(_("相距约 %d 米") % max(10, round(near.metres, -1)))
    said.append(_apart(apart))
    if shared:
        said.append(_("都说到“%s”") % "”“".join(shared))
    return tuple(said)


def _apart(apart: timedelta) -> str:
    hours = abs(apart.total_seconds()) / 3600
    if hours < 1:
        return _("前后不到一小时")
    if hours < 24:
        return ngettext("前后 %d 小时", "前后 %d 小时", round(hours)) % round(hours)
    days = round(hours / 24)
    return ngettext("前后 %d 天", "前后 %d 天", days) % days


def shared(text: str, common: Collection[str], weigh: Weights) -> list[str]:
    """The heaviest runs of the text whose pairs are all in common: 路灯不亮 out of 路灯, 灯不, 不亮."""
    runs: dict[str, float] = {}
    said, run = plain(text), ""
    for at in range(len(said)):
        pair = said[at : at + 2]
        if pair in common and pair[0] >= _HAN:
            run = run + pair[-1] if run else pair
        else:
            _keep(run, runs, weigh)
            run = ""
    _keep(run, runs, weigh)
    return sorted(runs, key=lambda one: (-runs[one], one))[:_TOLD]


def _keep(run: str, runs: dict[str, float], weigh: Weights) -> None:
    if 2 <= len(run) <= 12:
        runs[run] = sum(weigh(run[at : at + 2]) for at in range(len(run) - 1))
