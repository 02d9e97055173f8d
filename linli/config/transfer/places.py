"""Places as rows: code, parent, level, name, a polygon or a point, since when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.config.transfer.cells import Cells, assign, dumped
from linli.config.transfer.report import Importing
from linli.config.transfer.sheets import Column, Row
from linli.core.places.actions.drawing import put_boundary
from linli.core.places.actions.fitting import label_of, misfits, read_polygon
from linli.core.places.geo.geojson import Areal
from linli.core.places.models import Boundary, District, Level, Place
from linli.core.places.tree import step
from linli.kit import codes
from linli.kit.ids import new_id
from linli.kit.refusal import Invalid

COLUMNS: Final = (
    Column("code", gettext_lazy("编码"), needed=True),
    Column("parent", gettext_lazy("上级编码"), needed=True),
    Column("level", gettext_lazy("层级"), needed=True),
    Column("name", gettext_lazy("名称"), needed=True),
    Column("lon", gettext_lazy("经度")),
    Column("lat", gettext_lazy("纬度")),
    Column("since", gettext_lazy("起日")),
    Column("door", gettext_lazy("门牌码")),
    Column("generic", gettext_lazy("不计数")),
    Column("attrs", gettext_lazy("其他")),
    Column("polygon", gettext_lazy("边界")),
)
BATCH: Final = 500


@dataclass
class _Asked:
    """One row that could be read."""

    line: int
    code: str
    parent: str
    level: str
    name: str
    values: dict[str, Any]
    since: date | None
    polygon: Areal | None


def rows(district: District) -> Iterator[dict[str, Any]]:
    """The current places, parents first, with the polygons that stand today."""
    current = Place.objects.filter(district_id=district.pk, until=None).order_by("path").select_related("parent")
    drawn = Boundary.objects.filter(district_id=district.pk, until=None).values_list("place_id", "geojson")
    polygons = dict(drawn)
    for place in current.iterator(chunk_size=BATCH):
        yield {
            "code": place.code, "parent": place.parent.code if place.parent else "", "level": place.level,
            "name": place.name, "lon": _exact(place.lon), "lat": _exact(place.lat), "since": place.since,
            "door": place.door, "generic": place.generic or None, "attrs": dumped(place.attrs),
            "polygon": polygons.get(place.pk, ""),
        }  # fmt: skip


def _exact(degrees: float | None) -> float | None:
    """A millimetre: what Excel keeps of a number too, so that a point comes back as it went out."""
    return None if degrees is None else round(degrees, 8)


def take(importing: Importing, found: list[Row]) -> None:
    """Add what is new, change what differs; nothing is moved or ended by an import."""
    taking = _Taking(importing)
    asked = [row for one in found if (row := taking.read(one)) is not None]
    levels = importing.district.levels
    for row in sorted(asked, key=lambda each: levels.index(each.level)):
        taking.settle(row)
    taking.save()
    if importing.report.ok:
        taking.check_polygons()


class _Taking:
    def __init__(self, importing: Importing) -> None:
        self.district, self.report, self.today = importing.district, importing.report, timezone.localdate()
        every = Place.objects.filter(district_id=self.district.pk)
        self.known = {place.code: place for place in every.filter(until=None)}
        self.ended = set(every.exclude(until=None).values_list("code", flat=True)) - set(self.known)
        self.doors = set(every.exclude(door=None).values_list("door", flat=True))
        drawn = Boundary.objects.filter(district_id=self.district.pk, until=None).values_list("place_id", "geojson")
        self.drawn = dict(drawn)
        self.lines: dict[str, int] = {}
        self.made: list[Place] = []
        self.changed: list[Place] = []
        self.parents: dict[str, Place] = {}
        self.polygons: list[tuple[_Asked, Place, date]] = []

    # ── one row ─────────────────────────────────────────────────────────────────────────────────────────────
    def read(self, row: Row) -> _Asked | None:
        cells = Cells(row, COLUMNS, self.report)
        levels = {level.value: level.label for level in Level if level.value in self.district.levels}
        code = cells.text("code", limit=32, needed=True)
        if code in self.lines:
            cells.fault("code", _("和第 %d 行重复。") % self.lines[code])
        self.lines.setdefault(code, row.line)
        values: dict[str, Any] = {}
        for key, most in (("lon", 180.0), ("lat", 90.0)):
            if cells.given(key):
                values[key] = cells.degrees(key, most)
        if cells.given("generic"):
            values["generic"] = cells.flag("generic")
        if cells.given("attrs"):
            values["attrs"] = cells.json("attrs")
        asked = _Asked(
            row.line, code, cells.text("parent", limit=32), cells.choice("level", levels, needed=True),
            cells.text("name", needed=True), values, cells.day("since"), self._polygon(cells),
        )  # fmt: skip
        self._door(cells, asked)
        return asked if cells.ok else None

    def _polygon(self, cells: Cells) -> Areal | None:
        value = cells.raw("polygon")
        if value in (None, ""):
            return None
        try:
            return read_polygon(value)
        except Invalid as error:
            cells.fault("polygon", error.fields["polygon"])
            return None

    def _door(self, cells: Cells, asked: _Asked) -> None:
        door = cells.text("door", limit=20)
        held = self.known.get(asked.code)
        if not door or (held is not None and held.door == door):
            return
        if door in self.doors:
            cells.fault("door", _("这个门牌码别处在用。"))
        self.doors.add(door)
        asked.values["door"] = door

    def settle(self, row: _Asked) -> None:
        """Add a place, or change the one that has this code."""
        place = self.known.get(row.code)
        if place is None:
            place = self._add(row)
            if place is None:
                return
        elif self._same_position(row, place):
            changed = bool(assign(place, {"name": row.name, **row.values}))
            if changed:
                self.changed.append(place)
            self.report.count("changed" if changed or self._draws(row, place) else "unchanged")
        else:
            return
        if self._draws(row, place):
            self.polygons.append((row, place, self.today if place.pk in self.drawn else place.since))

    def _draws(self, row: _Asked, place: Place) -> bool:
        if row.polygon is None:
            return False
        stands = self.drawn.get(place.pk)
        return stands is None or not read_polygon(stands).equals(row.polygon)

    def _same_position(self, row: _Asked, place: Place) -> bool:
        held = place.parent.code if place.parent else ""
        fault = ""
        if row.parent != held:
            fault = _("它现在的上级是 %s。移到别处是一件单独的事，不能靠导入。") % (held or _("无"))
        elif row.level != place.level:
            fault = _("它现在的层级是 %s，不能改。") % place.level
        elif row.since is not None and row.since != place.since:
            fault = _("它从 %s 起就有，不能改。") % place.since
        if fault:
            self.report.fault(row.line, row.code, fault)
        return not fault

    def _add(self, row: _Asked) -> Place | None:
        parent = self.known.get(row.parent)
        fault = self._why_not(row, parent)
        if fault or parent is None:
            self.report.fault(row.line, row.code, fault)
            return None
        parent.born += 1
        if parent not in self.made:
            self.parents[parent.code] = parent
        values = dict(row.values)
        if row.level == "unit":
            values.setdefault("door", codes.new_code(self.district.pk, "door"))
        place = Place(
            id=new_id(), district_id=self.district.pk, parent=parent, level=row.level, code=row.code, name=row.name,
            path=parent.path + step(parent.born), since=row.since or self.today, **values,
        )  # fmt: skip
        self.known[row.code] = place
        self.made.append(place)
        self.report.count("added")
        return place

    def _why_not(self, row: _Asked, parent: Place | None) -> str:
        levels = self.district.levels
        if not row.parent:
            return _("只有区本身没有上级。")
        if row.code in self.ended:
            return _("这个编码以前用过，不能再用。")
        if parent is None:
            return _("上级 %s 不在库里，也不在文件里（或那一行有错）。") % row.parent
        if levels.index(parent.level) >= levels.index(row.level):
            return _("层级要比上级低。")
        if row.since is not None and row.since > self.today:
            return _("起日不能在以后。")
        return ""

    # ── all of them ─────────────────────────────────────────────────────────────────────────────────────────
    def save(self) -> None:
        Place.objects.bulk_create(self.made, batch_size=BATCH)
        Place.objects.bulk_update(list(self.parents.values()), ["born"], batch_size=BATCH)
        fields = ["name", "lon", "lat", "generic", "attrs", "door"]
        Place.objects.bulk_update(self.changed, fields, batch_size=BATCH)
        for row, place, since in self.polygons:
            if row.polygon is not None:
                put_boundary(place, row.polygon, since)

    def check_polygons(self) -> None:
        """Each new polygon against its parent and its neighbours, those of the same file included."""
        groups: dict[tuple[str, str], list[tuple[_Asked, Place]]] = {}
        for row, place, _since in self.polygons:
            groups.setdefault((row.level, row.parent), []).append((row, place))
        for (level, parent), members in groups.items():
            if parent:
                self._check_group(level, self.known[parent], members)

    def _check_group(self, level: str, parent: Place, members: list[tuple[_Asked, Place]]) -> None:
        shapes = {label_of(place.code, place.name): row.polygon for row, place in members if row.polygon is not None}
        leaving = [place.pk for _row, place in members]
        problems = misfits(shapes, district_id=self.district.pk, level=level, parent=parent, leaving=leaving)
        for problem in problems:
            named = [row.line for row, place in members if label_of(place.code, place.name) in problem]
            self.report.fault(min(named, default=0), str(COLUMNS[-1].heading), problem)
