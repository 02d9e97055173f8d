"""Saying what changed: from what to what, field by field, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from linli.core.places.actions import Changing
from linli.kit.finding import the_one
from linli.kit.refusal import Invalid

Row = TypeVar("Row", bound=models.Model)


def found(rows: models.QuerySet[Row], change: Changing, row_id: Any) -> Row:
    """A row of this district; another district's looks like none."""
    return the_one(rows.filter(district_id=change.district.pk, pk=row_id), _("没有找到。"))


Spoken = Mapping[str, Callable[[Any], str]]


def differences(
    row: models.Model, wanted: Mapping[str, Any], names: Mapping[str, Any], spoken: Spoken | None = None
) -> list[str]:
    """名称：诉求 → 心声, for each value that is another; sets it on the row. ``spoken`` turns codes into words."""
    told, spoken = [], spoken or {}
    for field, value in wanted.items():
        old = getattr(row, field)
        if old != value:
            told.append(f"{names[field]}：{shown(row, field, spoken)} → {_of(row, field, value, spoken)}")
    return told


def keep(change: Changing, row: models.Model, told: list[str], name: str, words: str, **data: Any) -> None:
    """Save what ``differences`` set and write it down in ``words`` of %(name)s and %(what)s; nothing where none is."""
    if told:
        row.save()
        change.tell(name, words % {"name": name, "what": "；".join(told)}, **data)


def _of(row: models.Model, field: str, value: Any, spoken: Spoken) -> str:
    setattr(row, field, value)
    return shown(row, field, spoken)


def shown(row: models.Model, field: str, spoken: Spoken) -> str:
    """A value in words: a choice by its name, a flag as yes or no, nothing as a dash."""
    value = getattr(row, field)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if value and field in spoken:
        return spoken[field](value)
    words = getattr(row, f"get_{field}_display", None)
    said = str(words() if words else value)
    return said or _("空")


def text(value: str, field: str, limit: int, *, needed: bool = True) -> str:
    """Trimmed text within its limit; Invalid otherwise."""
    cleaned = " ".join(value.split())
    if needed and not cleaned:
        raise Invalid(_("不能空着。"), fields={field: _("不能空着。")})
    if len(cleaned) > limit:
        message = _("最多 %(limit)d 个字，现在是 %(now)d 个。") % {"limit": limit, "now": len(cleaned)}
        raise Invalid(message, fields={field: message})
    return cleaned


def one_of(value: str, allowed: Any, field: str) -> str:
    """A code that is known, or none; Invalid for any other."""
    if value and value not in allowed:
        message = _("没有这一项：%s。") % value
        raise Invalid(message, fields={field: message})
    return value
