"""Homes and who owns or lives in them as rows: one row a holding, or one for a home that nobody is on file for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.config.transfer import persons
from linli.config.transfer.cells import Cells, assign
from linli.config.transfer.report import Importing
from linli.config.transfer.sheets import Column, Row
from linli.core.people.models import Holding, Organisation, Person
from linli.core.places.models import District, Dwelling, Place
from linli.kit.ids import new_id

COLUMNS: Final = (
    Column("place", gettext_lazy("单元编码"), needed=True),
    Column("number", gettext_lazy("房号"), needed=True),
    Column("area", gettext_lazy("面积")),
    Column("use", gettext_lazy("用途")),
    Column("occupancy", gettext_lazy("居住情况")),
    Column("kind", gettext_lazy("关系")),
    *persons.COLUMNS,
    Column("organisation", gettext_lazy("单位编码")),
    Column("share", gettext_lazy("份额")),
    Column("since", gettext_lazy("起日")),
    Column("until", gettext_lazy("止日")),
)
_WHOLE: Final = Decimal("1.00001")  # three thirds, rounded
_USES: Final = dict(Dwelling._meta.get_field("use").flatchoices)
_OCCUPANCY: Final = dict(Dwelling._meta.get_field("occupancy").flatchoices)
_KINDS: Final = dict(Holding._meta.get_field("kind").flatchoices)


def rows(district: District) -> Iterator[dict[str, Any]]:
    """Every home at a place of today, with a row for each holding."""
    homes = Dwelling.objects.filter(district_id=district.pk, place__until=None).order_by("place__path", "number", "pk")
    found = homes.select_related("place").prefetch_related("holdings__person", "holdings__organisation")
    for home in found.iterator(chunk_size=500):
        cells = {
            "place": home.place.code, "number": home.number, "area": home.area_m2, "use": home.use,
            "occupancy": home.occupancy,
        }  # fmt: skip
        holdings = sorted(home.holdings.all(), key=lambda each: each.pk)
        yield from ({**cells, **_holding(each)} for each in holdings)
        if not holdings:
            yield cells


def _holding(holding: Holding) -> dict[str, Any]:
    return {
        "kind": holding.kind, **persons.columns_of(holding.person),
        "organisation": holding.organisation.code if holding.organisation else "",
        "share": holding.share.normalize() if holding.share != 1 else "1", "since": holding.since,
        "until": holding.until,
    }  # fmt: skip


def take(importing: Importing, found: list[Row]) -> None:
    """Add what is new, change what differs; what a file does not name stays."""
    taking = _Taking(importing)
    for row in found:
        taking.settle(Cells(row, COLUMNS, importing.report))
    taking.check_shares()
    if importing.report.ok:
        taking.save()


class _Taking:
    def __init__(self, importing: Importing) -> None:
        self.district, self.report, self.today = importing.district, importing.report, timezone.localdate()
        mine: dict[str, Any] = {"district_id": self.district.pk}
        self.places = {place.code: place for place in Place.objects.filter(**mine, until=None, level="unit")}
        self.bodies = {body.code: body for body in Organisation.objects.filter(**mine)}
        self.persons = persons.Persons(self.district)
        homes = Dwelling.objects.filter(**mine, place__until=None)
        self.homes = {(home.place_id, home.number): home for home in homes}
        self.holdings: dict[uuid.UUID, list[Holding]] = {}
        for holding in Holding.objects.filter(**mine):
            self.holdings.setdefault(holding.dwelling_id, []).append(holding)
        self.told: dict[uuid.UUID, tuple[int, dict[str, Any]]] = {}  # what an earlier line said of the home
        self.made: dict[uuid.UUID, Dwelling | Holding] = {}
        self.changed: dict[uuid.UUID, Dwelling | Holding] = {}

    def settle(self, cells: Cells) -> None:
        values, told = self._home_values(cells), persons.read(cells)
        word = cells.text("place", limit=32, needed=True)
        number = cells.text("number", limit=20, needed=True)
        place = self.places.get(word)
        if word and place is None:
            cells.fault("place", _("没有这个单元：%s。") % word)
        if place is None or not cells.ok:
            return
        home, outcome = self._home(cells, place, number, values)
        if cells.given("kind") or told or cells.given("organisation"):
            outcome = max(outcome, self._hold(cells, home, told))
        if cells.ok:
            self.report.count(("unchanged", "changed", "added")[outcome])

    # ── the home ────────────────────────────────────────────────────────────────────────────────────────────
    def _home_values(self, cells: Cells) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if cells.given("area"):
            values["area_m2"] = cells.decimal("area", places=2, most=Decimal(1_000_000))
        if cells.given("use"):
            values["use"] = cells.choice("use", _USES)
        if cells.given("occupancy"):
            values["occupancy"] = cells.choice("occupancy", _OCCUPANCY)
        return values

    def _home(self, cells: Cells, place: Place, number: str, values: dict[str, Any]) -> tuple[Dwelling, int]:
        home = self.homes.get((place.pk, number))
        if home is None:
            home = Dwelling(id=new_id(), district_id=self.district.pk, place=place, number=number, **values)
            self.homes[place.pk, number] = home
            self.made[home.pk] = home
            self.told[home.pk] = cells.line, values
            return home, 2
        line, before = self.told.setdefault(home.pk, (cells.line, values))
        if any(values[key] != before[key] for key in values.keys() & before.keys()):
            cells.fault("number", _("同一套房，和第 %d 行说的面积、用途或居住情况不一样。") % line)
        changed = bool(assign(home, values))
        if changed and home.pk not in self.made:
            self.changed[home.pk] = home
        return home, int(changed)

    # ── who holds it ────────────────────────────────────────────────────────────────────────────────────────
    def _hold(self, cells: Cells, home: Dwelling, told: persons.Told) -> int:
        """0, 1 or 2: unchanged, changed, added. A holding is known by its home, kind, holder and first day."""
        kind = cells.choice("kind", _KINDS, needed=True)
        since, until = cells.term()
        share = cells.decimal("share", places=6, most=Decimal(1)) if cells.given("share") else Decimal(1)
        body = self.bodies.get(cells.text("organisation", limit=32))
        if cells.given("organisation") and body is None:
            cells.fault("organisation", _("没有这个组织。"))
        if not (told or body):
            cells.fault("name", _("要写是谁（姓名）或哪个单位。"))
        if not cells.ok or share is None:
            return 0
        known = self.holdings.setdefault(home.pk, [])
        person, moved = self._person(cells, told, known) if told else (None, False)
        found = self._same(known, kind, person, body, since)
        if found is None:
            found = Holding(
                id=new_id(), district_id=self.district.pk, dwelling=home, person=person, organisation=body, kind=kind,
                share=share, since=since or self.today, until=until,
            )  # fmt: skip
            known.append(found)
            self.made[found.pk] = found
            return 2
        changed = bool(assign(found, {"share": share, "until": until}))
        if changed and found.pk not in self.made:
            self.changed[found.pk] = found
        return int(changed or moved)

    def _person(self, cells: Cells, told: persons.Told, known: list[Holding]) -> tuple[Person, bool]:
        near = [self.persons.by_id.get(each.person_id) for each in known if each.person_id]
        return self.persons.settle(cells, told, self.persons.find(told, near), public=False)

    def _same(
        self, known: list[Holding], kind: str, person: Person | None, body: Organisation | None, since: date | None
    ) -> Holding | None:
        """Without a first day in the file, the one that runs today."""
        holder = person.pk if person else None, body.pk if body else None
        for each in known:
            same_term = each.since == since if since else each.until is None or each.until > self.today
            if each.kind == kind and (each.person_id, each.organisation_id) == holder and same_term:
                return each
        return None

    def check_shares(self) -> None:
        """Owners of today together hold no more than the whole."""
        numbers = {home.pk: number for (_place, number), home in self.homes.items()}
        for home_id, (line, _values) in self.told.items():
            current = [
                each
                for each in self.holdings.get(home_id, [])
                if each.kind == "owner" and each.since <= self.today and (each.until is None or each.until > self.today)
            ]
            if (total := sum((each.share for each in current), Decimal(0))) > _WHOLE:
                words = _("%(number)s 的业主份额加起来是 %(total)s，超过 1。")
                facts = {"number": numbers[home_id], "total": total.normalize()}
                self.report.fault(line, str(COLUMNS[-3].heading), words % facts)

    def save(self) -> None:
        self.persons.save()
        homes = [row for row in self.made.values() if isinstance(row, Dwelling)]
        Dwelling.objects.bulk_create(homes, batch_size=500)
        Holding.objects.bulk_create([row for row in self.made.values() if isinstance(row, Holding)], batch_size=500)
        changed = list(self.changed.values())
        fields = ["area_m2", "use", "occupancy"]
        Dwelling.objects.bulk_update([row for row in changed if isinstance(row, Dwelling)], fields, batch_size=500)
        Holding.objects.bulk_update([r for r in changed if isinstance(r, Holding)], ["share", "until"], batch_size=500)
