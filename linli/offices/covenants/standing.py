"""Where a covenant stands, in one line for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from linli.kit.figures import on
from linli.offices.covenants.models import Covenant, Passage


@dataclass(frozen=True)
class Standing:
    """``holds``: what is in force, if anything is; ``now``: what goes on with the newest text."""

    holds: str
    now: str
    tone: str  # ok, soon, closed or nothing: beside the words, never instead of them

    @property
    def words(self) -> str:
        return "；".join(part for part in (self.holds, self.now) if part)


def of(covenant: Covenant, passage: Passage | None, today: date) -> Standing:
    """The line that stands under a title."""
    holds = ""
    if passage is not None:
        holds = _("施行中，第 %(n)d 稿，%(day)s 起") % {"n": passage.number, "day": on(passage.since)}
    now = _now(covenant, today)
    tone = "soon" if covenant.takes_words(today) or covenant.state == "voting" else "ok" if holds else "closed"
    return Standing(holds, now, tone)


def _now(covenant: Covenant, today: date) -> str:
    told = {"n": covenant.newest, "day": on(covenant.closes_on)}
    if covenant.state == "comment":
        if covenant.takes_words(today):
            return _("第 %(n)d 稿征求意见，到 %(day)s") % told
        return _("征求意见到 %(day)s 截止，正在整理") % told
    if covenant.state == "voting":
        return _("第 %(n)d 稿正在表决") % told
    if covenant.state == "ended":
        return _("%s 起废止") % on(covenant.ended_on) if covenant.ended_on else _("已废止")
    return _("正在起草下一稿") if covenant.state == "draft" else ""
