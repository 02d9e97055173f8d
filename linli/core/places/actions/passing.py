"""Places that pass: split, moved, merged, ended. The row ends on a day, its heirs are new rows with new paths.

Everything below follows: descendants end with it and go on as new rows below the heir, with the same codes, the same
doors (the sign on the wall stays good) and the same homes. What hangs on places in other rooms (posts, rules, matters)
follows through the outbox: topic ``succession``.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from linli.core.places.actions.drawing import begun, point_in
from linli.core.places.actions.fitting import (
    current_shape,
    label_of,
    misfits,
    outline_of,
    read_polygon,
    refuse,
    rounded,
    told,
)
from linli.core.places.actions.following import Following, redraw_above
from linli.core.places.actions.ground import Changing, changing, name_of
from linli.core.places.geo.check import check
from linli.core.places.geo.geojson import Areal, Feature
from linli.core.places.models import Dwelling, Place
from linli.kit import codes
from linli.kit.ids import new_id
from linli.kit.later import later
from linli.kit.refusal import Conflict, Invalid

if TYPE_CHECKING:
    import shapely
    from shapely.geometry.base import BaseGeometry
else:
    shapely = later("shapely")


@dataclass(frozen=True)
class Part:
    """One heir of a split."""

    code: str
    name: str
    polygon: str | Mapping[str, Any] | BaseGeometry | None = None


def split_place(
    *, by: str, district_id: int, place_id: uuid.UUID, parts: Sequence[Part], on: date | None = None
) -> list[Place]:
    """Split a place into two or more. Their polygons must fill the old one exactly, without overlap."""
    with changing(district_id, by) as change:
        old = change.inner(place_id)
        day = change.day(on, begun(old))
        if len(parts) < 2 or len({part.code.strip() for part in parts}) < len(parts):
            raise Invalid(_("至少拆成两个，编码各不相同。"), fields={"parts": _("至少两个，编码各不相同。")})
        shapes = _shapes_of(change, old, parts)
        heirs = [
            _heir(
                change,
                old,
                code=change.free_code(part.code),
                name=name_of(part.name),
                day=day,
                shape=shape,
                door=_new_door(old),
            )
            for part, shape in zip(parts, shapes, strict=True)
        ]
        following = Following(old.district_id, day, "split")
        following.pass_on(old, heirs, dict(zip([heir.pk for heir in heirs], shapes, strict=True)))
        following.save()
        names = "、".join(heir.name for heir in heirs)
        words = _("把 %(old)s 拆成 %(new)s（%(day)s 起）") % {"old": old.name, "new": names, "day": day}
        change.tell(old.name, words, old=old.code, new=[heir.code for heir in heirs])
        change.leave(old, heirs, day, "split")
        return heirs


def _shapes_of(change: Changing, old: Place, parts: Sequence[Part]) -> list[Areal | None]:
    whole = current_shape(old)
    shapes = [read_polygon(part.polygon, part.name) if part.polygon is not None else None for part in parts]
    drawn = {part.name: shape for part, shape in zip(parts, shapes, strict=True) if shape is not None}
    if whole is not None:
        if any(shape is None for shape in shapes):
            raise Invalid(_("每一块都要画边界。"), fields={"polygon": _("每一块都要画边界。")})
        features = [Feature.of(part.name, shape) for part, shape in zip(parts, shapes, strict=True)]
        refuse(told(check(features, whole)))
    elif drawn:
        parent = _parent(old)
        refuse(misfits(drawn, district_id=old.district_id, level=old.level, parent=parent, leaving=[old.pk]))
    return shapes


def move_place(
    *,
    by: str,
    district_id: int,
    place_id: uuid.UUID,
    parent_id: uuid.UUID,
    on: date | None = None,
    code: str = "",
) -> Place:
    """Move a place below another parent. The polygons of what it leaves and of what it joins follow."""
    with changing(district_id, by) as change:
        old, parent = change.inner(place_id), change.place(parent_id, "parent")
        day = change.day(on, begun(old), parent.since)
        _may_lie_below(change, old, parent)
        shape = current_shape(old)
        heir = _heir(change, old, code=change.free_code(code) if code else old.code, name=old.name, day=day,
                     shape=shape, parent=parent, door=old.door)  # fmt: skip
        following = Following(old.district_id, day, "move")
        following.pass_on(old, [heir], {heir.pk: shape})
        following.save()
        if shape is not None:
            redraw_above(old, heir, shape, day)
            outline = outline_of(parent)
            if outline is not None:
                label = label_of(heir.code, heir.name)
                refuse(misfits({label: shape}, district_id=district_id, level=heir.level, parent=parent,
                               leaving=[heir.pk]), "parent")  # fmt: skip
        words = _("把 %(old)s 移到 %(parent)s（%(day)s 起）") % {"old": old.name, "parent": parent.name, "day": day}
        change.tell(old.name, words, code=heir.code, path=heir.path)
        change.leave(old, [heir], day, "move")
        return heir


def _may_lie_below(change: Changing, old: Place, parent: Place) -> None:
    levels = change.district.levels
    if parent.pk == old.parent_id:
        raise Conflict(_("“%(old)s”本来就在“%(parent)s”下面。") % {"old": old.name, "parent": parent.name}, code="same")
    if parent.path.startswith(old.path):
        raise Invalid(_("不能移到自己下面。"), fields={"parent": _("在自己下面。")})
    if parent.level not in levels or levels.index(parent.level) >= levels.index(old.level):
        message = _("上级的层级要比“%s”高。") % old.name
        raise Invalid(message, fields={"parent": message})


def merge_places(
    *,
    by: str,
    district_id: int,
    place_ids: Sequence[uuid.UUID],
    code: str,
    name: str,
    on: date | None = None,
) -> Place:
    """Make one of several places that lie below the same parent; its polygon is theirs together."""
    with changing(district_id, by) as change:
        olds = [change.inner(each) for each in dict.fromkeys(place_ids)]
        if len(olds) < 2 or len({(old.parent_id, old.level) for old in olds}) > 1:
            raise Invalid(
                _("要合并的至少两个，同级，在同一个上级下面。"), fields={"places": _("至少两个，同级同上级。")}
            )
        day = change.day(on, *(begun(old) for old in olds))
        drawn = [shape for old in olds if (shape := current_shape(old)) is not None]
        whole = rounded(shapely.union_all(drawn)) if len(drawn) == len(olds) else None
        heir = _heir(change, olds[0], code=change.free_code(code), name=name_of(name), day=day, shape=whole,
                     door=next((door for old in olds if (door := _new_door(old))), None))  # fmt: skip
        following = Following(district_id, day, "merge")
        for old in olds:
            following.pass_on(old, [heir], {heir.pk: whole})
        following.save()
        names = "、".join(old.name for old in olds)
        words = _("把 %(old)s 合并成 %(new)s（%(day)s 起）") % {"old": names, "new": heir.name, "day": day}
        change.tell(heir.name, words, old=[old.code for old in olds], new=heir.code)
        for old in olds:
            change.leave(old, [heir], day, "merge")
        return heir


def end_place(*, by: str, district_id: int, place_id: uuid.UUID, on: date | None = None) -> Place:
    """End a place that nothing lies in any more. What was open there goes to the place above."""
    with changing(district_id, by) as change:
        old = change.inner(place_id)
        day = change.day(on, begun(old))
        if Place.objects.filter(parent_id=old.pk, until=None).exists():
            raise Conflict(_("“%s”下面还有地方：先移走或撤掉它们。") % old.name, code="has_children")
        if Dwelling.objects.filter(place_id=old.pk).exists():
            raise Conflict(_("“%s”里还有登记的房屋，不能撤。") % old.name, code="has_dwellings")
        following = Following(district_id, day, "end")
        following.pass_on(old, [], {})
        following.save()
        change.tell(old.name, _("撤掉了 %(old)s（%(day)s 起）") % {"old": old.name, "day": day}, code=old.code)
        change.leave(old, [], day, "end")
        old.refresh_from_db()
        return old


def _new_door(old: Place) -> str | None:
    """A code for a new sign, where there was one: the old sign leads on to it."""
    return codes.new_code(old.district_id, "door") if old.door else None


def _heir(
    change: Changing, old: Place, *, code: str, name: str, day: date, shape: Areal | None,
    parent: Place | None = None, door: str | None = None,
) -> Place:  # fmt: skip
    """The row that goes on where ``old`` ends; written together with what follows it."""
    parent = parent or _parent(old)
    lon, lat = (old.lon, old.lat) if shape is None else point_in(shape)
    return Place(
        id=new_id(), district_id=old.district_id, parent=parent, level=old.level, code=code, name=name,
        path=change.next_path(parent), lon=lon, lat=lat, door=door, generic=old.generic, attrs=old.attrs, since=day,
    )  # fmt: skip


def _parent(place: Place) -> Place:
    if place.parent is None:
        raise ValueError("the district itself has no parent")
    return place.parent
