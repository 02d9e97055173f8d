"""A first migration that makes each table once, with its constraints and indexes.

Django's own writer adds them after the tables, one statement and one rebuilt picture of every model each: two hundred
of them made an empty database cost twenty seconds, in each process of the tests and at everybody's first start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import AddField
from django.db.migrations.operations.models import AddConstraint, AddIndex, CreateModel
from django.db.models import Field

FOLDABLE = (CreateModel, AddField, AddIndex, AddConstraint)


def folded(app: str, operations: Sequence[Operation]) -> list[Operation]:
    """The same tables in fewer steps. Whatever else stands among the operations ends the folding: it stays behind."""
    plain = next((n for n, one in enumerate(operations) if not isinstance(one, FOLDABLE)), len(operations))
    models = {one.name_lower: one for one in operations[:plain] if isinstance(one, CreateModel)}
    later = [one for one in operations[:plain] if not isinstance(one, CreateModel)]
    added: dict[str, list[AddField]] = {name: [] for name in models}
    for one in later:
        if isinstance(one, AddField) and one.model_name_lower in added:
            added[one.model_name_lower].append(one)
    order = _order(app, models, added)
    made: set[str] = set()
    first: list[Operation] = []
    for name in order:
        made.add(name)
        grown: Operation = models[name]
        left: list[Operation] = []
        for one in later:
            if getattr(one, "model_name_lower", "") != name:
                continue
            ready = not left and (not isinstance(one, AddField) or _needs(app, [one.field]) <= made)
            steps = grown.reduce(one, app) if ready else False
            if isinstance(steps, list) and len(steps) == 1:
                grown = steps[0]
            else:
                left.append(one)
        later = [one for one in later if getattr(one, "model_name_lower", "") != name or one in left]
        first.append(grown)
    return [*first, *later, *operations[plain:]]


def _order(app: str, models: dict[str, CreateModel], added: dict[str, list[AddField]]) -> list[str]:
    """Each model after those that it points to; as they stood where that is impossible."""
    graph = {
        name: sorted((_needs(app, [*(field for _n, field in one.fields), *(a.field for a in added[name])], one.bases)
                      & models.keys()) - {name}, key=list(models).index)
        for name, one in models.items()
    }  # fmt: skip
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return list(models)


def _needs(app: str, fields: Iterable[Field[Any, Any]], bases: Iterable[object] | None = None) -> set[str]:
    """The models of the same app that these fields (and bases) name."""
    named = [str(getattr(getattr(field, "remote_field", None), "model", "")) for field in fields]
    named += [base for base in bases or () if isinstance(base, str)]
    return {name.lower().removeprefix(f"{app}.") for name in named if name.lower().startswith(f"{app}.")}
