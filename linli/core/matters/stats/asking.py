"""``GET /stats/matters``: cells, what is not folded yet, and the broken days at both ends, in one statement.

One statement is one snapshot on both databases: however the worker folds meanwhile, every act is counted once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from linli.core.matters.models import Delta, Figure, Matter
from linli.core.matters.stats import grouping, rows
from linli.core.matters.stats.grouping import BY, CELL_LEVELS, Places
from linli.core.matters.stats.period import DAY, MONTH, YEAR, Moment, Period, Piece, parse
from linli.core.places.models import Place
from linli.core.places.tree import Node, Tree, tree
from linli.kit.fields import subtree
from linli.kit.refusal import Invalid, NotFound

COLUMNS = tuple(f"c{i}" for i in range(len(rows.COUNTS)))


@dataclass(frozen=True)
class Question:
    """What is asked, resolved: which place, which groups, which period, and what answers it."""

    tree: Tree
    scope: Node
    by: str
    kind: str
    period: Period
    places: Places | None
    monthly: bool = False  # days, put together by month at the end

    @property
    def from_cells(self) -> bool:
        """Whether cells can answer: they know communities and what lies above, and one cut at a time."""
        if self.scope.level not in CELL_LEVELS or (self.kind and self.by not in ("place", "day", "kind")):
            return False
        return self.places is None or self.places.path_length is None

    @property
    def dim(self) -> str:
        """The cut of the cells that answer."""
        if self.kind:
            return "kind"
        return "all" if self.by in ("place", "day") else self.by

    @property
    def grains(self) -> tuple[str, ...]:
        return (DAY,) if self.by == "day" else (YEAR, MONTH, DAY)

    def matters(self) -> QuerySet[Matter]:
        """The matters in the place (and of the kind), of all times."""
        found = rows.scoped(self.tree, self.scope)
        return found.filter(kind=self.kind) if self.kind else found

    def matter_key(self) -> Any:
        return rows.key_of(self.by, self.tree, self.places.path_length if self.places else None)

    def deltas(self, pieces: list[Piece]) -> QuerySet[Delta]:
        """What is not folded yet of these spans."""
        spans = Q()
        for piece in pieces:
            spans |= days(piece.low, piece.high)
        found = Delta.objects.filter(spans, **self._where())
        return found.filter(kind=self.kind) if self.kind else found

    def cells(self, model: type[Model], pieces: list[Piece]) -> QuerySet[Any]:
        """The cells of these spans."""
        spans = Q()
        for piece in pieces:
            spans |= Q(grain=piece.grain) & days(piece.low, piece.high)
        found = model._base_manager.filter(spans, dim=self.dim, **self._where())
        return found.filter(value=self.kind) if self.kind else found

    def cell_key(self) -> Any:
        return F({"place": "place_id", "day": "day"}.get(self.by, "value"))

    def _where(self) -> dict[str, Any]:
        district_id = self.tree.district.id
        if self.scope.id == self.tree.root.id:
            return {"district_id": district_id}
        low, high = subtree(self.scope.path)
        inside = Place.objects.filter(district_id=district_id, level__in=CELL_LEVELS, path__gte=low, path__lt=high)
        return {"district_id": district_id, "place_id__in": Subquery(inside.values("id"))}


def days(low: Any, high: Any) -> Q:
    """Days from ``low`` up to, not including, ``high``."""
    return (Q(day__gte=low) if low else Q()) & (Q(day__lt=high) if high else Q())


def resolve(
    *, district_id: int, by: str, path: str | None, kind: str | None, since: Moment, until: Moment, level: str | None
) -> Question:
    """The question behind the parameters. Raises Invalid for what cannot be asked, NotFound for no such place."""
    if by not in BY:
        raise Invalid(_("不能这样分组。"), fields={"by": _("可选：%s") % "、".join(BY)})
    known = tree(district_id)
    scope = known.by_path.get(path) if path else known.root
    if scope is None:
        raise NotFound(_("没有这个地方。"))
    found = grouping.places(known, scope, level) if by == "place" else None
    monthly = by == "month"
    return Question(known, scope, "day" if monthly else by, kind or "", parse(since, until), found, monthly)


def counted(asked: Question) -> dict[Any, list[int]]:
    """Key → counts, in one statement."""
    parts = _cell_parts(asked) if asked.from_cells else []
    spans: list[tuple[Any, Any]] = [*asked.period.edges]
    if not asked.from_cells:
        spans = [(asked.period.since, asked.period.until)]
    if spans:
        own = asked.matters().filter(rows.opened(spans))
        parts.append(own.values(key=asked.matter_key()).annotate(**rows.counts()))
    return _added(parts)


def _cell_parts(asked: Question) -> list[QuerySet[Any]]:
    pieces = asked.period.pieces(asked.grains)
    if not pieces:
        return []
    sums = {f"c{i}": Sum(name) for i, name in enumerate(rows.COUNTS)}
    return [
        asked.cells(Figure, pieces).values(key=asked.cell_key()).annotate(**sums),
        asked.deltas(pieces).values(key=rows.delta_key(asked.by)).annotate(**sums),
    ]


def _added(parts: list[QuerySet[Any]]) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = {}
    if not parts:
        return found
    for key, *told in parts[0].union(*parts[1:], all=True).values_list("key", *COLUMNS):
        held = found.setdefault(key, [0] * len(COLUMNS))
        for i, n in enumerate(told):
            held[i] += n
    return {key: told for key, told in found.items() if any(told)}
