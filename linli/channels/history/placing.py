"""Where a row of the older books happened, in today's tree of places."""

from __future__ import annotations

from django.utils.translation import gettext as _

from linli.channels.history.mapping import MapError, Where
from linli.core.places.geo.gcj import gcj02_to_wgs84
from linli.core.places.locating import locate
from linli.core.places.tree import Node, tree
from linli.kit.fields import subtree


class Finder:
    """Finds places for one mapping; what was asked once is remembered."""

    def __init__(self, district_id: int, where: Where, empty: frozenset[str]) -> None:
        self.tree = tree(district_id)
        self.where, self.empty = where, empty
        found = self.tree.by_code.get(where.fallback) if where.fallback else self.tree.root
        if found is None:
            raise MapError(_("place.fallback：没有这个地方：%s。") % where.fallback)
        self.fallback: Node = found
        strange = [code for code in where.values.values() if code not in self.tree.by_code]
        if strange:
            raise MapError(_("place.values：没有这个地方：%s。") % strange[0])
        self._named: dict[tuple[str, ...], Node | None] = {}
        self._at: dict[tuple[float, float], Node | None] = {}

    def point(self, cells: dict[str, str]) -> tuple[float | None, float | None]:
        """WGS 84 longitude and latitude, or neither."""
        if not self.where.lon:
            return None, None
        try:
            lon, lat = float(cells[self.where.lon]), float(cells[self.where.lat])
        except ValueError:
            return None, None
        if not (-180 <= lon <= 180 and -90 <= lat <= 90) or (lon, lat) == (0.0, 0.0):
            return None, None
        return gcj02_to_wgs84(lon, lat) if self.where.crs == "gcj02" else (lon, lat)

    def find(self, cells: dict[str, str]) -> tuple[Node | None, str]:
        """The place, and what was asked for (to name it where there is none). Code, then names, then coordinates."""
        where = self.where
        code = cells[where.code].strip() if where.code else ""
        names = tuple(cells[name].strip() for name in where.names)
        asked = code or " ".join(filter(None, names))
        found = self.tree.by_code.get(where.values.get(code, code)) if code else None
        if found is None and any(names):
            found = self._by_names(names)
        lon, lat = self.point(cells)
        if found is None and lon is not None and lat is not None:
            asked = asked or f"{lon:.4f},{lat:.4f}"
            found = self._by_point(lon, lat)
        return found, asked

    def _by_names(self, names: tuple[str, ...]) -> Node | None:
        """Each name inside the one before, the deepest that is there; a name of the value table goes first."""
        if names not in self._named:
            whole = " ".join(filter(None, names))
            mapped = self.where.values.get(whole)
            self._named[names] = self.tree.by_code.get(mapped) if mapped else self._path(names)
        return self._named[names]

    def _path(self, names: tuple[str, ...]) -> Node | None:
        found: Node | None = None
        for name in filter(None, names):
            low, high = subtree(found.path if found else self.tree.root.path)
            inside = [n for n in self.tree.by_id.values() if n.name == name and low <= n.path < high and n != found]
            shortest = min((len(n.path) for n in inside), default=0)
            nearest = [n for n in inside if len(n.path) == shortest]
            if len(nearest) != 1:  # none, or two of that name: what is certain so far is the place
                return found
            found = nearest[0]
        return found

    def _by_point(self, lon: float, lat: float) -> Node | None:
        key = (lon, lat)
        if key not in self._at:
            hit = locate(lon, lat, self.tree.district.id)
            self._at[key] = hit[1] if hit else None
        return self._at[key]
