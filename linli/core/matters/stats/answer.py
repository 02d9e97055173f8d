"""The answer: groups in order, their medians, what they come to together, and the formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters.stats import grouping, leaving, medians, spread
from linli.core.matters.stats.asking import COLUMNS, Question, counted, resolve
from linli.core.matters.stats.cases import case_filter
from linli.core.matters.stats.formula import formula
from linli.core.matters.stats.leaving import Left, Share
from linli.core.matters.stats.period import Moment
from linli.core.matters.stats.rows import COUNTS

_RESOLVED = COUNTS.index("resolved")


@dataclass(frozen=True)
class Group:
    """One line of an answer; ``cases`` are the filters of the list that opens from it."""

    key: str
    name: str
    received: int
    answered_in_time: int
    acted_in_time: int
    resolved_in_time: int
    resolved: int
    satisfied: int
    rated: int
    median_seconds: int | None
    cases: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {name: value for name, value in vars(self).items() if name != "cases"}


@dataclass(frozen=True)
class Result:
    """What ``GET /stats/matters`` answers, and for the pages the whole as one line."""

    groups: list[Group]
    formula: dict[str, Any]
    _times: list[spread.Histogram] = field(repr=False)
    _cases: dict[str, str] = field(repr=False)
    _asked: Question = field(repr=False)

    @cached_property
    def total(self) -> Group:
        """All groups together, with the median of all; counted only where a page asks for it."""
        counts = {name: sum(getattr(group, name) for group in self.groups) for name in COUNTS}
        whole: spread.Histogram = reduce(spread.merge, self._times, {})
        median = medians.median(whole, exact=self.formula["median"]["exact"])
        return Group(key="", name=_("合计"), **counts, median_seconds=median, cases=self._cases)

    @cached_property
    def left(self) -> dict[str, Left]:
        """What each group leaves out of its rates, by the group's key; read only where somebody shows a rate."""
        found = leaving.left_out(self._asked)
        groups_of, held = _groups_of(self._asked, list(found)), dict[str, Left]()
        for key, left in found.items():
            held[groups_of[key]] = held.get(groups_of[key], Left()) + left
        return held

    @cached_property
    def imported(self) -> dict[str, int]:
        """How many of each group came from older books."""
        found = leaving.imported(self._asked)
        groups_of, held = _groups_of(self._asked, list(found)), dict[str, int]()
        for key, n in found.items():
            held[groups_of[key]] = held.get(groups_of[key], 0) + n
        return held

    def left_of(self, group: Group) -> Left:
        return leaving.whole(self.left.values()) if group.key == "" else self.left.get(group.key, Left())

    def imported_of(self, group: Group) -> int:
        return sum(self.imported.values()) if group.key == "" else self.imported.get(group.key, 0)

    def share(self, group: Group, figure: str) -> Share:
        """A rate of a group, less what is left out on both sides."""
        left = self.left_of(group)
        sample = group.rated if figure == "satisfied" else group.received
        sample -= self.imported_of(group) if figure in leaving.UNTOLD else 0
        excluded = left.sample.get(figure, 0)
        return Share(getattr(group, figure) - left.counted.get(figure, 0), sample - excluded, excluded)

    def as_json(self) -> dict[str, Any]:
        """Counts are whole; what the rates leave out stands beside them, by group."""
        left = {"matters": self.left_of(self.total).matters, "groups": {k: v.as_json() for k, v in self.left.items()}}
        return {"groups": [group.as_json() for group in self.groups], "formula": {**self.formula, "exclusions": left}}


def query(
    *,
    district_id: int,
    by: str,
    path: str | None = None,
    kind: str | None = None,
    since: Moment = None,
    until: Moment = None,
    level: str | None = None,
) -> Result:
    """The figures of a place (its path; the district where none is named), grouped ``by`` one thing.

    Raises Invalid for what cannot be asked and NotFound for a place that is not there.
    """
    asked = resolve(district_id=district_id, by=by, path=path, kind=kind, since=since, until=until, level=level)
    counts = counted(asked)
    lengths = medians.lengths(asked, sum(told[_RESOLVED] for told in counts.values()))
    groups_of = _groups_of(asked, [*counts, *lengths.by_key])
    sums: dict[str, list[int]] = {}
    times: dict[str, spread.Histogram] = {}
    for key, told in counts.items():
        held = sums.setdefault(groups_of[key], [0] * len(COLUMNS))
        held[:] = [a + b for a, b in zip(held, told, strict=True)]
    for key, histogram in lengths.by_key.items():
        times[groups_of[key]] = spread.merge(times.get(groups_of[key]), histogram)
    place = asked.scope.code if path else ""
    given: dict[str, Any] = {"since": since, "until": until, "place": place, "kind": asked.kind}
    groups = [
        _group(asked, key, name, sums.get(key), medians.median(times.get(key), exact=lengths.exact), given)
        for key, name in _names(asked, sums).items()
    ]
    whole = case_filter("all", "", **given)
    return Result(groups, formula(asked, exact=lengths.exact), list(times.values()), whole, asked)


def _groups_of(asked: Question, keys: list[Any]) -> dict[Any, str]:
    """The group's key, as it is shown, of every key that the database answered with."""
    if asked.places is not None:
        return asked.places.groups_of(keys)
    length = 7 if asked.monthly else 10  # 2026-03, or 2026-03-05
    return {key: key.isoformat()[:length] if asked.by == "day" else str(key) for key in keys}


def _names(asked: Question, held: Mapping[str, Any]) -> dict[str, str]:
    places = asked.places
    if places is None:
        found = grouping.names("month" if asked.monthly else asked.by, asked.tree, asked.period, held)
        return {asked.kind: found.get(asked.kind, asked.kind)} if asked.kind and asked.by == "kind" else found
    shown = [*places.named, *(node for node in places.others if node.code in held)]
    found = {node.code: node.name for node in sorted(shown, key=lambda node: node.code)}
    if asked.scope.code in held and asked.scope.code not in found:
        found[asked.scope.code] = _("%s（没有落到下一级的）") % asked.scope.name
    return found


def _group(
    asked: Question, key: str, name: str, told: list[int] | None, median: int | None, given: dict[str, Any]
) -> Group:
    counts = dict(zip(COUNTS, told or [0] * len(COUNTS), strict=True))
    cases = case_filter("month" if asked.monthly else asked.by, key, without=_without(asked, key), **given)
    return Group(key=key, name=name, **counts, median_seconds=median, cases=cases)


def _without(asked: Question, key: str) -> str:
    """The level that the matters of the group left over lie in no place of."""
    return asked.places.level if asked.places and key not in asked.places.codes else ""
