"""Dwellings of the demo's quarters: who owns them, in which shares, who rents, what the developer has not sold."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal

from linli.profiles.plan.model import DwellingPlan, HoldingPlan
from linli.profiles.plan.tree import Node
from linli.profiles.schema import Profile

HOMES_A_FLOOR = 2
_WHOLE = Decimal(1)
_SHARES = {
    1: (_WHOLE,),
    2: (Decimal("0.5"), Decimal("0.5")),
    3: (Decimal("0.333333"), Decimal("0.333333"), Decimal("0.333334")),
}


class Homes:
    """Fills the units of the demo's quarters with homes; other quarters are surveyed when somebody does it."""

    def __init__(self, profile: Profile, quarters: list[Node], new_person: Callable[[], str], developer: str) -> None:
        self.profile, self.quarters = profile, quarters
        self.new_person, self.developer = new_person, developer
        self.dwellings: list[DwellingPlan] = []
        self.holdings: list[HoldingPlan] = []
        self._rng = random.Random(f"{profile.adcode}:homes")
        self._second: list[str] = []  # owners who own another home nearby

    def make(self) -> None:
        for quarter in self.quarters:
            for unit in (node for node in quarter.walk() if node.level == "unit"):
                self._furnish(unit)

    def first_owner(self, unit: str) -> str:
        """The person who owns the unit's first home."""
        return next(row.person for row in self.holdings if row.place == unit and row.kind == "owner" and row.person)

    def _furnish(self, unit: Node) -> None:
        assert unit.parent is not None
        sizes = [Decimal(self._rng.randrange(5200, 12800)) / 100 for _ in range(HOMES_A_FLOOR)]
        for storey in range(1, unit.parent.attrs["storeys"] + 1):
            for door, area in enumerate(sizes, start=1):
                self._settle(unit, f"{storey}{door:02d}", area, first=storey == door == 1)

    def _settle(self, unit: Node, number: str, area: Decimal, *, first: bool) -> None:
        """One home: sold or not, lived in or not. The first of each unit is sold and lived in by its owners."""
        draw = 0.5 if first else self._rng.random()
        if draw < 0.03:
            self._dwelling(unit, number, area, "vacant")
            self._hold(unit, number, "owner", _WHOLE, organisation=self.developer, year=2012)
            return
        occupancy = "owner" if draw < 0.76 else "rented" if draw < 0.92 else "vacant"
        self._dwelling(unit, number, area, occupancy)
        owners = self._owners()
        for person, share in zip(owners, _SHARES[len(owners)], strict=True):
            self._hold(unit, number, "owner", share, person=person, year=2013 + self._rng.randrange(10))
        if occupancy == "rented":
            self._hold(unit, number, "tenant", _WHOLE, person=self.new_person(), year=2024)
        elif occupancy == "owner" and self._rng.random() < 0.18:
            self._hold(unit, number, "resident", _WHOLE, person=self.new_person(), year=2020)

    def _owners(self) -> list[str]:
        """One owner, a couple or three heirs; now and then somebody who owns a home here already."""
        if self._second and self._rng.random() < 0.04:
            return [self._second.pop()]
        count = self._rng.choices((1, 2, 3), (52, 44, 4))[0]
        owners = [self.new_person() for _ in range(count)]
        if count == 1 and self._rng.random() < 0.1:
            self._second.append(owners[0])
        return owners

    def _dwelling(self, unit: Node, number: str, area: Decimal, occupancy: str) -> None:
        self.dwellings.append(DwellingPlan(unit.code, number, area, "home", occupancy))

    def _hold(
        self, unit: Node, number: str, kind: str, share: Decimal, *, year: int,
        person: str | None = None, organisation: str | None = None,
    ) -> None:  # fmt: skip
        since = dt.date(year, self._rng.randrange(1, 13), self._rng.randrange(1, 29))
        self.holdings.append(HoldingPlan(unit.code, number, kind, share, person, organisation, since))
