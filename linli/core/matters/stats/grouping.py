"""What the groups of an answer are: which there must be, in which order, and what each is called in Chinese."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.models import Kind, State
from linli.core.matters.stats.period import Period
from linli.core.places.models import Place
from linli.core.places.tree import STEP, Node, Tree
from linli.kit import memory
from linli.kit.refusal import Invalid

BY = ("place", "kind", "state", "channel", "day", "month", "hour")
CELL_LEVELS = ("district", "street", "community")  # places that cells are kept for
LONGEST = 3660  # days in a row that are shown with noughts


@dataclass(frozen=True)
class Places:
    """The groups of a question by place.

    ``named`` must appear; ``others`` (a town without communities stands for itself) only where they count something;
    what lies in none of them is counted under ``scope`` itself.
    """

    tree: Tree
    scope: Node
    level: str
    named: tuple[Node, ...]
    others: tuple[Node, ...]
    by_path: dict[str, Node] = field(repr=False)

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(node.code for node in self.by_path.values())

    @property
    def path_length(self) -> int | None:
        """How much of a path tells the group, where the cells' own places are too coarse for it."""
        if self.level in CELL_LEVELS and self.scope.level in CELL_LEVELS:
            return None
        return max((len(path) for path in self.by_path), default=len(self.scope.path))

    def group_of(self, path: str) -> str:
        """The code of the group that a path lies in; the scope's own code where it lies in none."""
        for end in range(len(path), 0, -STEP):
            if (node := self.by_path.get(path[:end])) is not None:
                return node.code
        return self.scope.code

    def groups_of(self, keys: Iterable[Any]) -> dict[Any, str]:
        """The group of every key that the database answered with: a path, or a place's id."""
        paths: dict[Any, str] = {key: key for key in keys if isinstance(key, str)}
        ids = {key for key in keys if isinstance(key, uuid.UUID)}
        paths |= {key: self.tree.by_id[key].path for key in ids if key in self.tree.by_id}
        ended = ids - paths.keys()
        if ended:
            rows = Place.objects.filter(district_id=self.tree.district.id, id__in=ended)
            paths.update(rows.values_list("id", "path"))
        return {key: self.group_of(path) for key, path in paths.items()}


_kept: memory.PerDistrict[dict[tuple[uuid.UUID, str], Places]] = memory.PerDistrict(lambda _: {})


def places(tree: Tree, scope: Node, level: str | None) -> Places:
    """The places that a question by place is answered for. Raises Invalid for a level the district has not."""
    kept = _kept.get(tree.district.id)
    found = kept.get((scope.id, level or ""))
    if found is None or found.tree is not tree:
        found = kept[scope.id, level or ""] = _places(tree, scope, _level(tree, scope, level))
    return found


def _places(tree: Tree, scope: Node, level: str) -> Places:
    order = {name: i for i, name in enumerate(tree.district.levels)}
    below = [n for n in tree.by_id.values() if n.path.startswith(scope.path)]
    named = tuple(sorted((n for n in below if n.level == level), key=lambda n: n.code))
    holding = {n.path[:end] for n in named for end in range(STEP, len(n.path) + 1, STEP)}
    # Whole branches above the level that hold no place of it: the topmost of each.
    empty = [n for n in below if order[n.level] < order[level] and n.path not in holding and n.id != scope.id]
    tops = tuple(n for n in empty if n.path[:-STEP] in holding or n.path[:-STEP] == scope.path)
    return Places(tree, scope, level, named, tops, {n.path: n for n in (*named, *tops)})


def _level(tree: Tree, scope: Node, level: str | None) -> str:
    levels = tree.district.levels
    if level:
        if level not in levels or levels.index(level) < levels.index(scope.level):
            raise Invalid(_("没有这一级。"), fields={"level": _("可选：%s") % "、".join(levels)})
        return level
    if scope.level in CELL_LEVELS[:2] and any(
        n.level == "community" and n.path.startswith(scope.path) for n in tree.by_id.values()
    ):
        return "community"
    children = tree.children.get(scope.id)
    return children[0].level if children else scope.level


def names(by: str, tree: Tree, period: Period, held: Mapping[str, Any]) -> dict[str, str]:
    """Key → name of every group, in order; ``held`` are the keys that something was counted for."""
    if by == "day":
        return {day.isoformat(): day_name(day) for day in _days(period, sorted(date.fromisoformat(k) for k in held))}
    if by == "month":
        days = _days(period, sorted(date.fromisoformat(f"{key}-01") for key in held))
        months = sorted({f"{day:%Y-%m}" for day in days} | held.keys())
        return {month: month_name(date.fromisoformat(f"{month}-01")) for month in months}
    known = _known(by, tree, held)
    return known | {key: key for key in sorted(held) if key not in known}


def _known(by: str, tree: Tree, held: Mapping[str, Any]) -> dict[str, str]:
    if by == "hour":
        return {str(hour): _("%d 时") % hour for hour in range(24)}
    if by == "state":
        return {state.value: str(state.label) for state in State}
    if by == "channel":
        return dict(tree.district.settings.get("channels", {}))
    rows = Kind.objects.filter(district_id=tree.district.id)
    told = rows.values_list("code", "name", "active")
    return {code: name for code, name, active in told if active or code in held}


def day_name(day: date) -> str:
    parts = {"year": day.year, "month": day.month, "day": day.day}
    return _("%(year)d 年 %(month)d 月 %(day)d 日") % parts


def month_name(day: date) -> str:
    return _("%(year)d 年 %(month)d 月") % {"year": day.year, "month": day.month}


def _days(period: Period, held: list[date]) -> list[date]:
    """Every day from the first to the last, unless that would be more noughts than anybody reads."""
    first = _end(period, low=True) or (held[0] if held else None)
    last = _end(period, low=False) or (held[-1] if held else None)
    if first is None or last is None or (last - first).days >= LONGEST:
        return held
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _end(period: Period, *, low: bool) -> date | None:
    if low:
        return timezone.localtime(period.since).date() if period.since else None
    return timezone.localtime(period.until - timedelta(microseconds=1)).date() if period.until else None
