"""What a district decided, in memory: kinds, categories, causes, policies, rules, calendars, channels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from linli.core.matters.models import Category, Cause, Kind, Policy, Rule
from linli.core.places.tree import tree
from linli.kit import memory
from linli.kit.calendar import NATURAL, WorkCalendar, read_calendar


@dataclass
class Catalogue:
    """One district's catalogue."""

    district_id: int
    kinds: dict[str, Kind]
    categories: dict[str, Category]
    causes: dict[str, Cause]
    policies: dict[object, Policy]  # every version by id
    current: list[Policy]
    rules: list[Rule]
    channels: dict[str, str]
    calendars: dict[str, WorkCalendar]

    @cached_property
    def cause_words(self) -> dict[str, Cause]:
        """Causes by code and by Chinese name: either is accepted."""
        return {**{c.name: c for c in self.causes.values()}, **self.causes}

    def category_name(self, code: str) -> str:
        found = self.categories.get(code)
        return found.name if found else ""

    def channel_name(self, code: str) -> str:
        return self.channels.get(code, code)

    def policy_for(self, kind: str, urgency: str, path: str) -> Policy:
        """The nearest place wins, then a policy for the kind, then one for the urgency.

        Raises LookupError where the district has no policy at all: loading always makes one at the district.
        """
        fitting = [
            p
            for p in self.current
            if path.startswith(p.scope_path) and p.kind in ("", kind) and p.urgency in ("", urgency)
        ]
        if not fitting:
            raise LookupError(f"no clock policy for {kind}/{urgency} in district {self.district_id}")
        return max(fitting, key=lambda p: (len(p.scope_path), p.kind != "", p.urgency != ""))

    def calendar(self, name: str) -> WorkCalendar:
        return self.calendars.get(name, NATURAL)


def _read(district_id: int) -> Catalogue:
    settings = tree(district_id).district.settings
    policies = list(Policy.objects.filter(district_id=district_id))
    calendars = {"natural": NATURAL, "office": WorkCalendar("office")}
    calendars |= {name: read_calendar(name, table) for name, table in settings.get("calendars", {}).items()}
    return Catalogue(
        district_id=district_id,
        kinds={k.code: k for k in Kind.objects.filter(district_id=district_id, active=True)},
        categories={c.code: c for c in Category.objects.filter(district_id=district_id)},
        causes={c.code: c for c in Cause.objects.filter(district_id=district_id)},
        policies={p.pk: p for p in policies},
        current=[p for p in policies if p.until is None],
        rules=list(Rule.objects.filter(district_id=district_id, active=True).select_related("to_organisation")),
        channels=dict(settings.get("channels", {})),
        calendars=calendars,
    )


_catalogues: memory.PerDistrict[Catalogue] = memory.PerDistrict(_read)


def catalogue(district_id: int) -> Catalogue:
    """The district's catalogue."""
    return _catalogues.get(district_id)
