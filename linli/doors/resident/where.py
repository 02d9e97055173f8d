"""The part of a form that says where: a known place, where one stands, selects step by step, or a point on the map.

Every way is a plain form post; htmx only swaps this part instead of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.core.places import locating
from linli.core.places.tree import tree
from linli.doors.resident import placing
from linli.doors.resident.placing import Spot, Steps
from linli.kit.refusal import Invalid

WAYS = ("known", "here", "steps", "map")


@dataclass(frozen=True)
class Where:
    """What the form shows, and what can be read off it."""

    district_id: int
    way: str
    known: Spot | None
    steps: Steps
    lon: float | None = None
    lat: float | None = None
    error: str = ""

    @property
    def found(self) -> Spot | None:
        """What lies around the position that the phone told, once and for this one matter."""
        if self.way != "here" or self.lon is None or self.lat is None:
            return None
        found = locating.locate(self.lon, self.lat)
        return Spot(*found) if found else None

    @property
    def map_url(self) -> str:
        """A few polygons with names: the cells of the community at hand, else its street's parts, else the streets.

        A point is settled by the cells whatever is drawn; four hundred names on a phone would help nobody.
        """
        own = tree(self.district_id)
        spot = self.steps.spot or self.known
        node = spot.node if spot and spot.district_id == self.district_id else own.root
        for around, level in (("community", own.district.cell_level), ("street", "community")):
            if (near := own.at_level(node, around)) is not None:
                return _geojson(level, near.code)
        return _geojson("street", own.root.code)

    def settle(self) -> tuple[Spot, float | None, float | None]:
        """The place that was meant. Raises Invalid about ``place`` where it is missing, too wide or outside."""
        if self.way in ("map", "here"):
            return self._settle_on_map()
        if self.way == "known" and self.known is not None:
            return self.known, None, None
        if self.steps.spot is None or self.steps.wide:
            deeper = _("再往下选一级，选到社区就行，更细更好。")
            raise _wrong(deeper if self.steps.spot else _("选一处，或者在地图上点一下。"))
        return self.steps.spot, None, None

    def _settle_on_map(self) -> tuple[Spot, float | None, float | None]:
        if self.lon is None or self.lat is None:
            raise _wrong(_("在地图上点一下，或者换成一级一级选。"))
        found = locating.locate(self.lon, self.lat)
        if found is None and self.way == "here":
            raise _wrong(_("您现在不在本区，换一种办法选地方。"))
        if found is None:
            raise _wrong(_("点的地方不在本区，再点一次。"))
        return Spot(*found), self.lon, self.lat


def _geojson(level: str, place: str) -> str:
    return f"{reverse('api-v1:geojson')}?{urlencode({'level': level, 'place': place})}"


def _wrong(message: str) -> Invalid:
    return Invalid(message, fields={"place": message})


def first(district_id: int, known: Spot | None, error: str = "") -> Where:
    """How the form begins: with the place that is known, else with the first select."""
    district = known.district_id if known else district_id
    return Where(district, "known" if known else "steps", known, placing.steps(district, []), error=error)


def read(data: QueryDict, district_id: int, known: Spot | None) -> Where:
    """What a post says. ``go`` is the way that was just asked for, ``way`` the one that stood there."""
    known = placing.by_code(data.get("place", "")[:32]) or known
    way = data.get("go", "") or data.get("way", "")
    way = way if way in WAYS else ("known" if known else "steps")
    if way == "known" and known is None:
        way = "steps"
    district = known.district_id if known else district_id
    picked = data.getlist("at")[:8]
    if way == "steps" and not any(picked) and known is not None and data.get("way") == "known":
        # "Somewhere else" mostly means the next stairs: begin at the known place's own quarter.
        picked = placing.trail_to(known)[:-1]
    return Where(
        district, way, known, placing.steps(district, picked), _degree(data.get("lon")), _degree(data.get("lat"))
    )


def _degree(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if -180 <= value <= 180 else None
