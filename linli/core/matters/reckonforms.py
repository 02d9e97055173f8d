"""Forms of leaving out, taking in again, objecting and answering; and what one matter counts for, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters import figures
from linli.core.matters.actions.reckoning import GROUNDS
from linli.core.matters.asking import radios, text_field, yes_no
from linli.core.matters.askpage import PlainForm
from linli.core.matters.models import Exclusion, Matter, Rated
from linli.core.places.tree import tree

_RATES = {code: name for code, name in Rated.choices if code != "all"}


class Plain(PlainForm):
    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, label_suffix="", **more)
        self.about = None


class ExcludeForm(Plain):
    figure = radios(lazy("从哪一项里剔除"), dict(Rated.choices), lazy("收到的件数照算，剔的只是比率。"))
    ground = radios(lazy("理由"), {ground.value: ground.label for ground in GROUNDS})
    basis = text_field(
        lazy("依据"), lazy("文件、公告、系统日志，写明名称和日期。谁都看得到，别写人名和电话。"), limit=500
    )


class LiftForm(Plain):
    why = text_field(lazy("为什么撤掉"), lazy("谁都看得到。"), limit=500)


class ObjectForm(Plain):
    """Against an exclusion in force nothing needs to be chosen: it is against that one."""

    figure = radios(lazy("哪一项算得不对"), _RATES)
    text = text_field(lazy("怎么不对"), lazy("提的和答的都公开，名字不登。电话、门牌由程序遮掉。"), limit=1000)

    def __init__(self, data: Any = None, *, excluded: Exclusion | None = None) -> None:
        super().__init__(data)
        if excluded is not None:
            del self.fields["figure"]
            self.fields["text"].label = _("为什么不该剔除")


class AnswerForm(Plain):
    upheld = yes_no(lazy("怎么定"), lazy("申诉成立"), lazy("维持不变"))
    words = text_field(lazy("理由"), lazy("谁都看得到，写明事实和依据。"), limit=1000)
    aliases = {"answer": "words"}


def counts_for(matter: Matter, excluded: Exclusion | None) -> list[dict[str, Any]]:
    """Each rate with whether the matter counts in it as kept, and whether it is left out of it."""
    part = figures.contribution(matter, tree(matter.district_id))
    told = []
    for figure, name in _RATES.items():
        left = excluded is not None and excluded.figure in (figure, Rated.ALL)
        told.append({"name": name, "word": _word(matter, figure, bool(getattr(part, figure))), "left": left})
    return told


def _word(matter: Matter, figure: str, kept: bool) -> str:
    if matter.imported and figure in ("answered_in_time", "acted_in_time"):
        return _("旧台账没有记，不算")
    if figure == "satisfied" and matter.score is None:
        return _("还没评，不算")
    if kept:
        return _("算做到的")
    return _("还没到时候，眼下没算做到") if _runs(matter, figure) else _("算没做到的")


def _runs(matter: Matter, figure: str) -> bool:
    """Whether the promise behind a rate can still be kept: nobody is told of a failure that has not happened."""
    stage = {"answered_in_time": "reply", "acted_in_time": "act"}.get(figure, "result")
    now = timezone.now()
    return any(
        clock["stage"] == stage
        and (clock["state"] == "paused" or (clock["state"] in ("running", "warned") and _due(clock) > now))
        for clock in matter.clocks
    )


def _due(clock: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(clock["due_at"])
