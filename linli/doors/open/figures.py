"""Figures by community, kind, state, channel and day: each with its formula, its sample, and the way to its cases."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import stats
from linli.core.places.tree import Tree
from linli.doors.open.asking import MONTH
from linli.doors.open.clockwork import length
from linli.kit.days import read_day
from linli.kit.refusal import NotFound, Refused

BY = ("place", "kind", "state", "channel", "month", "day")
YEARS = 20  # how far back a period may begin; days in a row beyond a year are read by month


@dataclass(frozen=True)
class Rate:
    """A share in per cent; ``few`` where its sample is too small to publish: one case more would turn it over."""

    figure: str
    part: int
    sample: int
    excluded: int
    minimum: int
    left_url: str = ""  # the list of what was left out of it

    @property
    def decimals(self) -> int:
        return 2 if self.figure == "resolved" else 1

    @property
    def few(self) -> bool:
        return self.sample < self.minimum

    @property
    def text(self) -> str:
        return f"{100 * self.part / self.sample:.{self.decimals}f}" if self.sample else ""


@dataclass(frozen=True)
class Line:
    """One group: its figures and the list of its cases."""

    key: str
    name: str
    url: str
    received: int
    imported: int
    answered: Rate
    acted: Rate
    resolved: Rate
    done: Rate  # 办结率: of all that came in, whenever it was done
    satisfied: Rate
    median_seconds: int | None
    median: str
    median_few: bool
    few: bool  # too few cases for any rate
    bar: str  # how long its bar is, against the longest

    @property
    def rates(self) -> tuple[Rate, ...]:
        return self.answered, self.acted, self.resolved, self.done, self.satisfied


@dataclass(frozen=True)
class Sheet:
    """A page of figures."""

    by: str
    month: str
    since: date
    until: date
    lines: list[Line]
    total: Line
    formula: dict[str, Any]
    place: str
    imported: int  # matters of older books, which tell of no answer and no action: these two rates leave them out
    none: list[str]  # places that received nothing: said in one line, not in forty rows of noughts
    left: int  # matters left out of a rate one by one
    left_url: str
    minimum: int

    @property
    def told(self) -> str:
        """How its two days are written: both with their year where they lie in different ones."""
        return "" if self.since.year == self.until.year else "year"


def sheet(known: Tree, params: QueryDict) -> Sheet:
    """Count what was asked. BadRequest for what cannot be counted."""
    by, month, place = params.get("by", "place"), params.get("month", ""), params.get("place", "")
    node = known.by_code.get(place) if place else None
    if by not in BY or (month and not MONTH.fullmatch(month)) or (place and node is None):
        raise BadRequest
    since, until = span(params)
    try:
        answer = stats.query(
            district_id=known.district.id, by=by, path=node.path if node else None, since=since, until=until
        )
    except (NotFound, Refused) as refused:
        raise BadRequest from refused
    groups = [g for g in answer.groups if g.received]
    none = [g.name for g in answer.groups if not g.received] if by == "place" else []
    if by in ("day", "month"):
        groups = groups[::-1]
    longest = max((g.received for g in groups), default=0)
    lines = [_line(answer, g, longest) for g in groups]
    total = _line(answer, answer.total, longest)
    name = node.name if node else known.district.name
    left = answer.left_of(answer.total).matters
    left_url = f"{reverse('open:exclusions')}?{urlencode(_reach(answer.total.cases))}"
    return Sheet(by, month, since, until, lines, total, answer.formula, name, total.imported, none, left, left_url,
                 answer.formula["minimum_sample"])  # fmt: skip


def span(params: QueryDict) -> tuple[date, date]:
    """A month whole; two days typed; or the last thirty days (by month: twelve months), today included."""
    month, today = params.get("month", ""), timezone.localdate()
    if month:
        first = date(int(month[:4]), int(month[5:]), 1)
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    since, until = _typed(params.get("since", "")), _typed(params.get("until", ""))
    until = until or today
    if since is None:
        months = until.year * 12 + until.month - 12  # of the month eleven before, counted from the year nought
        year = params.get("by") == "month"
        since = date(months // 12, months % 12 + 1, 1) if year else date.fromordinal(until.toordinal() - 29)
    if since > until or since.year < today.year - YEARS or until.year > today.year + 1:
        raise BadRequest
    return since, until


def _typed(text: str) -> date | None:
    try:
        return read_day(text.strip()) if text.strip() else None
    except ValueError as error:
        raise BadRequest from error


def _reach(cases: dict[str, str], figure: str = "") -> dict[str, str]:
    """The list of exclusions that belongs to a group: the filters of its cases, and what is in force."""
    kept = {"matters" if name == "state" else name: value for name, value in cases.items()}
    return kept | ({"figure": figure} if figure else {}) | {"state": "force"}


def _line(answer: stats.Result, group: stats.Group, longest: int) -> Line:
    median, minimum = group.median_seconds, answer.formula["minimum_sample"]

    def rate(figure: str) -> Rate:
        share = answer.share(group, figure)
        url = f"{reverse('open:exclusions')}?{urlencode(_reach(group.cases, figure))}" if share.excluded else ""
        return Rate(figure, share.part, share.sample, share.excluded, minimum, url)

    return Line(
        key=group.key, name=group.name, url=f"{reverse('open:ledger')}?{urlencode(group.cases)}",
        received=group.received, imported=answer.imported_of(group), answered=rate("answered_in_time"),
        acted=rate("acted_in_time"), resolved=rate("resolved_in_time"), done=rate("resolved"),
        satisfied=rate("satisfied"), median_seconds=median,
        median=length(timedelta(seconds=median)) if median is not None else "", median_few=group.resolved < minimum,
        few=group.received < minimum, bar=f"{100 * group.received / longest:.1f}%" if longest else "0%",
    )  # fmt: skip


def tabs(chosen: str, params: QueryDict) -> list[dict[str, Any]]:
    """The ways to cut the figures."""
    names = {"place": _("按社区"), "kind": _("按类别"), "state": _("按状态"), "channel": _("按来源"),
             "month": _("按月"), "day": _("按日")}  # fmt: skip
    kept = {name: params[name] for name in ("month", "place", "since", "until") if params.get(name)}
    return [
        {"label": names[by], "url": f"?{urlencode({'by': by, **kept})}", "current": by == chosen, "count": None}
        for by in BY
    ]


def defined(made: Sheet) -> list[tuple[str, str]]:
    """The formula's own words for each figure, in the order of the table."""
    names = {
        "received": _("收到"), "answered_in_time": _("按时答复"), "acted_in_time": _("按时行动"),
        "resolved_in_time": _("按时办好"), "resolved": _("办结"), "satisfied": _("满意"), "rated": _("评价"),
        "median_seconds": _("用时中位"),
    }  # fmt: skip
    said = made.formula["definitions"]
    return [(names[name], said[name]) for name in names if name in said]
