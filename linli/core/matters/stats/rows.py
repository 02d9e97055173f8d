"""What counts, told in SQL straight from the matters' own rows: the same formula as ``figures.contribution``.

Parts of a day, places below a community and cuts by two things are read this way, and the cells are checked against it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Count,
    Expression,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, ExtractHour, Floor, Ln, Substr, TruncDate
from django.db.models.lookups import LessThan

from linli.core.matters.figures import SATISFIED_FROM
from linli.core.matters.models import Matter
from linli.core.matters.stats import spread
from linli.core.places.tree import Node, Tree
from linli.kit.fields import subtree

COUNTS = (
    "received", "answered_in_time", "acted_in_time", "resolved_in_time", "resolved", "satisfied", "rated",
)  # fmt: skip
TEXT = CharField(max_length=24)
RESOLVED = Q(verified_at__isnull=False) | Q(imported="closed")


class Met(Func):
    """Whether the first promise of a stage was met."""

    output_field = BooleanField()

    def __init__(self, stage: str) -> None:
        super().__init__(F("clocks"))
        self.stage = stage

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Told apart here and not by ``as_sqlite``: an aggregate's filter is compiled past the vendor's method."""
        sql, params = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            return f"{sql} @> %s::jsonb", [*params, f'[{{"stage": "{self.stage}", "round": 1, "state": "met"}}]']
        asked = " AND ".join(f"json_extract(value, '$.{name}') = %s" for name in ("stage", "round", "state"))
        # The parts put together are this module's own words.
        return f"EXISTS (SELECT 1 FROM json_each({sql}) WHERE {asked})", [*params, self.stage, 1, "met"]  # noqa: S608


class Seconds(Func):
    """From the opening to the verified result, whole seconds, never below nought."""

    output_field = BigIntegerField()

    def __init__(self) -> None:
        super().__init__(F("opened_at"), F("verified_at"))

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """On SQLite seconds apart from their fractions, which its own arithmetic would round."""
        opened, done = (compiler.compile(part)[0] for part in self.source_expressions)
        if connection.vendor == "postgresql":
            return f"GREATEST(0, FLOOR(EXTRACT(EPOCH FROM ({done} - {opened}))))::bigint", []
        whole = f"strftime('%%s', substr({done}, 1, 19)) - strftime('%%s', substr({opened}, 1, 19))"
        return f"MAX(0, {whole} - (substr({done}, 21) < substr({opened}, 21)))", []


def bucketed(seconds: Expression | F) -> Expression:
    """``spread.bucket`` in SQL. The logarithms may differ in the last bit: good for a median, not for a check."""
    ratio = Cast(seconds, FloatField()) / float(spread.EXACT)
    wide = Floor(Ln(ratio) / spread.LOG) + float(spread.EXACT)
    return Case(
        When(LessThan(seconds, spread.EXACT), then=Cast(seconds, IntegerField())), default=Cast(wide, IntegerField())
    )


def counts() -> dict[str, Any]:
    """The counts of a group of matters, as ``c0`` … in the order of ``COUNTS``."""
    told = (
        Count("id"), Count("id", filter=Met("reply")), Count("id", filter=Met("act")),
        Count("id", filter=Met("result")), Count("id", filter=RESOLVED),
        Count("id", filter=Q(score__gte=SATISFIED_FROM)), Count("score"),
    )  # fmt: skip
    return {f"c{i}": each for i, each in enumerate(told)}


def place_key(tree: Tree) -> Expression:
    """The place that a matter's figures belong to."""
    return Coalesce("community_id", "street_id", Value(tree.root.id), output_field=UUIDField())


def key_of(by: str, tree: Tree, path_length: int | None = None) -> Any:
    """What a matter is grouped by. ``path_length`` cuts places below a community by their path."""
    if by == "place":
        return Substr("scope_path", 1, path_length) if path_length else place_key(tree)
    if by == "day":
        return TruncDate("opened_at")
    if by == "hour":
        return Cast(ExtractHour("opened_at"), TEXT)
    return Value("", output_field=TEXT) if by == "all" else F(by)


def delta_key(by: str) -> Any:
    """The same of a delta."""
    if by == "all":
        return Value("", output_field=TEXT)
    if by == "hour":
        return Cast("hour", TEXT)
    return F({"place": "place_id"}.get(by, by))


def scoped(tree: Tree, scope: Node) -> QuerySet[Matter]:
    """The matters of a place and everything below it, by the index that fits."""
    rows = Matter.objects.filter(district_id=tree.district.id)
    if scope.id == tree.root.id:
        return rows
    if scope.level in ("street", "community"):
        return rows.filter(**{f"{scope.level}_id": scope.id})
    if scope.level == tree.district.cell_level:
        return rows.filter(cell_id=scope.id)
    low, high = subtree(scope.path)
    return rows.filter(scope_path__gte=low, scope_path__lt=high)


def opened(parts: list[tuple[datetime | None, datetime | None]]) -> Q:
    """Opened in any of these half-open spans."""
    asked = Q()
    for since, until in parts:
        one = Q()
        if since is not None:
            one &= Q(opened_at__gte=since)
        if until is not None:
            one &= Q(opened_at__lt=until)
        asked |= one
    return asked
