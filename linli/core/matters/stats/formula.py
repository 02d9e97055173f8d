"""The formula in words: what each figure counts, what is left out, and how the median was made."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import figures
from linli.core.matters.stats import spread, versions
from linli.core.matters.stats.asking import Question
from linli.core.matters.stats.medians import EXACT_UP_TO


def formula(asked: Question, *, exact: bool) -> dict[str, Any]:
    """What stands beside an answer, so that anybody can count it again."""
    version = versions.current(asked.tree.district.id)
    said = {
        "version": version.version,
        "in_force_since": version.since.isoformat() if version.since else None,
        "place": {"code": asked.scope.code, "name": asked.scope.name, "level": asked.scope.level},
        "since": _said(asked.period.since),
        "until": _said(asked.period.until),
        "definitions": definitions(),
        "excluded": _(
            "收到的一件不剔：并案的、不受理的、重办的都在它说出来的那一天算一件。"
            "比率里剔除的逐件公开，理由和依据都写着。"
        ),
        "minimum_sample": version.minimum_sample,
        "sample": _("不满 %d 件的，只列件数，不公布比率。") % version.minimum_sample,
        "median": {"exact": exact, "how": _how(exact=exact)},
    }
    if asked.places is not None:
        said["level"] = asked.places.level
        said["grouping"] = _("按这件事现在所在的地方归组；没有落到这一级的，另列一组。")
    return said


def definitions() -> dict[str, str]:
    """One sentence a figure."""
    return {
        "received": _("这段时间里收到的件数，按说出来的那一刻的本地日期算，从起始时刻（含）到截止时刻（不含）。"),
        "answered_in_time": _("第一次承诺的答复时限内答复了的件数。"),
        "acted_in_time": _("第一次承诺的行动时限内动手了的件数。"),
        "resolved_in_time": _("第一次承诺的结果时限内办好并核查通过的件数。"),
        "resolved": _("由第二个人核查通过过的件数，之后有异议或重办也不减；导入的历史按来源登记的办结算。"),
        "satisfied": _("居民打了 %d 分及以上的件数。") % figures.SATISFIED_FROM,
        "rated": _("居民打过分的件数。"),
        "median_seconds": _("办好的件从收到到第一次核查通过的秒数的中位数，双数件取中间两个的平均；一件没办好的没有。"),
    }


def _how(*, exact: bool) -> str:
    if exact:
        return _("逐件排序得出，没有误差。")
    return _("办好的超过 %(many)d 件，按每档宽 %(wide)d%% 的时长分档得出，误差不超过 %(off)d%%。") % {
        "many": EXACT_UP_TO, "wide": round((spread.RATIO - 1) * 100), "off": 1,
    }  # fmt: skip


def _said(at: Any) -> str | None:
    return None if at is None else timezone.localtime(at).isoformat()
