"""The district's own scheme of pairing (五包一, 街长/片长 …): its roles, and what each promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.core.places.tree import Node, Tree


@dataclass(frozen=True)
class Promise:
    """So many days, or visits, a week or a month: of each holder over all his places, or at each place."""

    count: int = 0
    of: str = "days"  # days, visits
    per: str = "month"  # week, month
    by: str = "place"  # holder, place

    @classmethod
    def read(cls, data: dict[str, Any]) -> Promise:
        return cls(**{name: data[name] for name in ("count", "of", "per", "by") if name in data})

    def as_json(self) -> dict[str, Any]:
        return {"count": self.count, "of": self.of, "per": self.per, "by": self.by} if self.count else {}

    def period(self, day: date) -> tuple[date, date]:
        """The week (from Monday) or the month that a day lies in: first day, and the first day after."""
        if self.per == "week":
            first = day - timedelta(days=day.weekday())
            return first, first + timedelta(days=7)
        first = day.replace(day=1)
        return first, (first + timedelta(days=32)).replace(day=1)

    def words(self) -> str:
        """每周 2 天."""
        if not self.count:
            return ""
        per = _("每周") if self.per == "week" else _("每月")
        return f"{per} {self.amount(self.count)}"

    def amount(self, number: int) -> str:
        if self.of == "days":
            return ngettext("%(n)d 天", "%(n)d 天", number) % {"n": number}
        return ngettext("%(n)d 次", "%(n)d 次", number) % {"n": number}


@dataclass(frozen=True)
class Role:
    """One role of the scheme: whom it takes, at which level, how many of them a place should have."""

    code: str
    name: str
    level: str
    unit: bool  # an organisation, not a person
    posts: tuple[str, ...]  # roles whose holders may take it
    least: int
    most: int
    promise: Promise


@dataclass(frozen=True)
class Scheme:
    """What the district calls it, its roles in order, and whether the community confirms a visit."""

    name: str
    roles: tuple[Role, ...]
    confirm: bool

    def role(self, code: str) -> Role | None:
        return next((role for role in self.roles if role.code == code), None)

    def seat(self, known: Tree, quarter: Node, role: Role) -> Node | None:
        """Where a role that answers for a quarter is assigned: the quarter itself, or its community or street."""
        return known.at_level(quarter, role.level)


def scheme(known: Tree) -> Scheme:
    """The scheme of a district; one without roles where it has none."""
    data: dict[str, Any] = known.district.settings.get("pairing") or {}
    roles = tuple(
        Role(
            r["code"], r["name"], r["level"], r["holder"] == "unit", tuple(r["posts"]), r["least"], r["most"],
            Promise.read(r.get("promise") or {}),
        )
        for r in data.get("roles", ())
    )  # fmt: skip
    return Scheme(data.get("name", ""), roles, bool(data.get("confirm", True)))
