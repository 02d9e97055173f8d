"""How everything below a place follows it to its heirs, written in a handful of statements."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from linli.core.places.actions.drawing import begun, boundary_of, put_boundary
from linli.core.places.actions.fitting import current_shape, rounded
from linli.core.places.geo.check import DUST_M2
from linli.core.places.geo.geojson import Areal
from linli.core.places.geo.metric import area_m2
from linli.core.places.models import Boundary, Dwelling, FormerDoor, Place, Succession
from linli.core.places.tree import STEP, step
from linli.kit.fields import subtree
from linli.kit.ids import new_id
from linli.kit.later import later

if TYPE_CHECKING:
    import shapely
else:
    shapely = later("shapely")

BATCH = 500


class Following:
    """Collects what ends and what begins; ``save`` writes it in an order in which no two rows share code or door."""

    def __init__(self, district_id: int, day: date, kind: str) -> None:
        self.district_id, self.day, self.kind = district_id, day, kind
        self.ended: list[Place] = []
        self.made: list[Place] = []
        self.boundaries: list[Boundary] = []
        self.links: list[Succession] = []
        self.moved: dict[uuid.UUID, Place] = {}  # ended place → where its homes go

    def pass_on(self, old: Place, heirs: Sequence[Place], shapes: Mapping[uuid.UUID, Areal | None]) -> None:
        """``old`` ends; its heirs begin (once, also where several old ones share them), what lies below follows."""
        self.ended.append(old)
        for heir in heirs:
            if heir not in self.made:
                self.made.append(heir)
                shape = shapes.get(heir.pk)
                if shape is not None:
                    self.boundaries.append(boundary_of(heir, shape, self.day))
            self._link(old, heir, self.kind)
        if not heirs:
            return
        self.moved[old.pk] = heirs[0]
        low, high = subtree(old.path)
        below = Place.objects.filter(district_id=self.district_id, path__gt=low, path__lt=high, until=None)
        drawn = self._drawn(low, high)
        for child in below.order_by("path"):
            text = drawn.get(child.pk)
            where = _nearest(child, text, heirs, shapes) if child.parent_id == old.pk else None
            self._follow(child, where or self.moved[cast(uuid.UUID, child.parent_id)], text)

    def _drawn(self, low: str, high: str) -> dict[uuid.UUID, Boundary]:
        rows = Boundary.objects.filter(
            district_id=self.district_id, place__path__gt=low, place__path__lt=high, until=None
        )
        return {row.place_id: row for row in rows.iterator(chunk_size=BATCH)}

    def _follow(self, child: Place, parent: Place, drawn: Boundary | None) -> None:
        parent.born += 1
        made = Place(
            id=new_id(), district_id=self.district_id, parent=parent, level=child.level, code=child.code,
            name=child.name, path=parent.path + step(parent.born), lon=child.lon, lat=child.lat, door=child.door,
            generic=child.generic, attrs=child.attrs, since=self.day,
        )  # fmt: skip
        self.ended.append(child)
        self.made.append(made)
        self.moved[child.pk] = made
        self._link(child, made, "move")
        if drawn is not None:
            self.boundaries.append(
                Boundary(id=new_id(), district_id=self.district_id, place=made, geojson=drawn.geojson,
                         area_m2=drawn.area_m2, since=self.day)
            )  # fmt: skip

    def _link(self, old: Place, new: Place, kind: str) -> None:
        self.links.append(
            Succession(id=new_id(), district_id=self.district_id, old=old, new=new, on=self.day, kind=kind)
        )

    def save(self) -> None:
        gone = [place.pk for place in self.ended]
        for start in range(0, len(gone), BATCH):
            some: dict[str, Any] = {"pk__in": gone[start : start + BATCH]}
            Place.objects.filter(**some).update(until=self.day, door=None)
            Boundary.objects.filter(place_id__in=some["pk__in"], until=None).update(until=self.day)
        Place.objects.bulk_create(self.made, batch_size=BATCH)
        FormerDoor.objects.bulk_create(self._signs_left_behind(), batch_size=BATCH)
        Boundary.objects.bulk_create(self.boundaries, batch_size=BATCH)
        Succession.objects.bulk_create(self.links, batch_size=BATCH)
        self._rehome(gone)

    def _signs_left_behind(self) -> list[FormerDoor]:
        """Door codes that no heir took over: whoever scans the old sign is led on from the ended place."""
        taken = {place.door for place in self.made}
        return [
            FormerDoor(id=new_id(), district_id=self.district_id, code=old.door, place=old, on=self.day)
            for old in self.ended
            if old.door and old.door not in taken
        ]

    def _rehome(self, gone: Sequence[uuid.UUID]) -> None:
        """Homes have no dates of their own: they are where their door is."""
        for start in range(0, len(gone), BATCH):
            homes = list(Dwelling.objects.filter(place_id__in=gone[start : start + BATCH]))
            for home in homes:
                home.place = self.moved[home.place_id]
            Dwelling.objects.bulk_update(homes, ["place"], batch_size=BATCH)


def _nearest(
    child: Place, drawn: Boundary | None, heirs: Sequence[Place], shapes: Mapping[uuid.UUID, Areal | None]
) -> Place:
    """The heir in whose polygon a child lies; the first where that cannot be told."""
    if drawn is not None:
        point = shapely.from_geojson(drawn.geojson).representative_point()
    elif child.lon is not None and child.lat is not None:
        point = shapely.Point(child.lon, child.lat)
    else:
        return heirs[0]
    drawn_heirs = [(shape, heir) for heir in heirs if (shape := shapes.get(heir.pk)) is not None]
    return min(drawn_heirs, key=lambda pair: pair[0].distance(point), default=(None, heirs[0]))[1]


def redraw_above(old: Place, heir: Place, shape: Areal, day: date) -> None:
    """After a move: the places above the old one lose the polygon, those above the new one gain it.

    Only up to where both lie below the same place; what is above that does not change.
    """
    before = {old.path[:end] for end in range(STEP, len(old.path), STEP)}
    after = {heir.path[:end] for end in range(STEP, len(heir.path), STEP)}
    for path, gains in [*((p, False) for p in before - after), *((p, True) for p in after - before)]:
        place = Place.objects.filter(district_id=old.district_id, path=path, until=None).first()
        drawn = current_shape(place) if place else None
        if place is None or drawn is None:
            continue
        since = max(day, begun(place, below=False))  # one drawn later than the day of the move changes from then on
        rest = shapely.union(drawn, shape) if gains else shapely.difference(drawn, shape)
        solid = [part for part in shapely.get_parts(rest) if area_m2(part) > DUST_M2]
        if solid:
            put_boundary(place, rounded(shapely.union_all(solid)), since)
        else:
            Boundary.objects.filter(place_id=place.pk, until=None).update(until=since)
