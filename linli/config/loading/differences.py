"""What a district's database and its profile say differently. Looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.config.loading import assembling, catalogue
from linli.config.loading.rows import Rows
from linli.core.gatherings.models import Room
from linli.core.matters.models import Category, Cause, Formula, Kind, Policy, Rule
from linli.core.people.models import Organisation, Post
from linli.core.places.models import District, Place
from linli.insight.models import Note
from linli.offices.facilities.models import Facility
from linli.offices.pairing.models import Pairing
from linli.profiles import Profile
from linli.profiles.plan import Plan
from linli.profiles.plan.model import PairingPlan

Fields = dict[str, Any]
Table = Mapping[str, Fields]
MISSING, CHANGED, EXTRA = "missing", "changed", "extra"
SHOWN = 60  # characters of a value in a sentence

NAMES = {
    "district": gettext_lazy("区设置"),
    "place": gettext_lazy("地点"),
    "organisation": gettext_lazy("组织"),
    "post": gettext_lazy("岗位"),
    "kind": gettext_lazy("事项种类"),
    "cause": gettext_lazy("原因"),
    "category": gettext_lazy("分类"),
    "policy": gettext_lazy("时限规定"),
    "rule": gettext_lazy("派单规则"),
    "facility": gettext_lazy("设施"),
    "note": gettext_lazy("办事指引"),
    "room": gettext_lazy("会议室"),
    "sitting": gettext_lazy("会议种类"),
    "vote": gettext_lazy("表决规则"),
    "pairing": gettext_lazy("包联"),
    "formula": gettext_lazy("算法版本"),
}


@dataclass(frozen=True)
class Difference:
    """One row that is missing, changed or extra; ``fields`` maps a field to what is there and what is wanted."""

    table: str
    key: str
    how: str
    fields: dict[str, tuple[Any, Any]]

    def __str__(self) -> str:
        name = NAMES[self.table]
        if self.how == MISSING:
            return _("%(table)s %(key)s：库里没有") % {"table": name, "key": self.key}
        if self.how == EXTRA:
            return _("%(table)s %(key)s：配置里没有，保留不动") % {"table": name, "key": self.key}
        told = (each for field, (old, new) in self.fields.items() for each in _apart(field, old, new))
        said = "；".join(f"{field} {_short(old)} → {_short(new)}" for field, old, new in told)
        return _("%(table)s %(key)s：%(said)s") % {"table": name, "key": self.key, "said": said}


def _apart(field: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Of a table only what differs in it: its beginning says nothing about that."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        yield field, old, new
        return
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield from _apart(f"{field}.{key}", old.get(key), new.get(key))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def compare(table: str, have: Table, wanted: Table) -> Iterator[Difference]:
    """Row by row, in the order of what is wanted, then what nobody asked for."""
    for key, fields in wanted.items():
        if key not in have:
            yield Difference(table, key, MISSING, {})
            continue
        other = {field: (have[key][field], value) for field, value in fields.items() if have[key][field] != value}
        if other:
            yield Difference(table, key, CHANGED, other)
    for key in have:
        if key not in wanted:
            yield Difference(table, key, EXTRA, {})


def district_fields(profile: Profile) -> Fields:
    """The district's own row as the profile wants it."""
    return {
        "name": profile.name,
        "city": profile.city,
        "letters": profile.letters,
        "levels": list(profile.level_codes),
        "titles": profile.titles,
        "settings": profile.settings_json(),
    }


def find_differences(district: District, rows: Rows, plan: Plan) -> list[Difference]:
    """Everything that the profile would have otherwise: configuration, places, organisations, posts."""
    found: list[Difference] = []
    for table, have, wanted in _tables(district, rows, plan):
        found += compare(table, have, wanted)
    return found


def _tables(district: District, rows: Rows, plan: Plan) -> Iterator[tuple[str, Table, Table]]:
    wanted = district_fields(rows.profile)
    key = str(district.pk)
    yield "district", {key: {field: getattr(district, field) for field in wanted}}, {key: wanted}
    mine = {"district_id": district.pk}
    # A place, body or post that ended was here and is not missing: the database knows better than the profile.
    yield (
        "place",
        _rows(Place.objects.filter(**mine), "code", ("name", "level", "generic")),
        {row.code: {"name": row.name, "level": row.level, "generic": row.generic} for row in plan.places},
    )
    yield (
        "organisation",
        _rows(Organisation.objects.filter(**mine), "code", ("name", "kind")),
        {row.code: {"name": row.name, "kind": row.kind} for row in plan.organisations},
    )
    yield (
        "post",
        _rows(Post.objects.filter(**mine), "code", ("role", "title")),
        {row.code: {"role": row.role, "title": row.title} for row in plan.posts},
    )
    yield (
        "facility",
        _rows(Facility.objects.filter(**mine), "code", ("kind",)),
        {row.code: {"kind": row.kind} for row in plan.facilities},
    )
    fields = ("name", "purpose")
    yield (
        "room",
        _rows(Room.objects.filter(**mine), "code", fields),
        {row.code: {"name": row.name, "purpose": row.purpose} for row in plan.rooms},
    )
    yield "sitting", assembling.have_sittings(district.pk), assembling.wanted_sittings(rows)
    yield "vote", assembling.have_votes(district.pk), assembling.wanted_votes()
    yield "pairing", *_pairings(mine, plan)
    yield from _catalogue_tables(mine, rows)


def pairing_key(plan: PairingPlan) -> str:
    """Who answers in which role for which place."""
    return f"{plan.role} {plan.place} {plan.post or plan.organisation}"


def _pairings(mine: dict[str, Any], plan: Plan) -> tuple[Table, Table]:
    """Of those that the profile names, which are or were there; what people arranged since is no difference."""
    wanted: dict[str, Fields] = {pairing_key(row): {} for row in plan.pairings}
    rows = Pairing.objects.filter(**mine).values_list("role", "place__code", "post__code", "organisation__code")
    there = {f"{role} {place} {post or body}" for role, place, post, body in rows.iterator(chunk_size=2000)}
    return {key: {} for key in wanted if key in there}, wanted


def _catalogue_tables(mine: dict[str, Any], rows: Rows) -> Iterator[tuple[str, Table, Table]]:
    for table, model, wanted in (
        ("kind", Kind, catalogue.wanted_kinds()),
        ("cause", Cause, catalogue.wanted_causes()),
        ("category", Category, catalogue.wanted_categories()),
        ("note", Note, catalogue.wanted_notes()),
    ):
        fields = tuple(next(iter(wanted.values())))
        yield table, _rows(model._default_manager.filter(**mine), "code", fields), wanted
    formulas = catalogue.wanted_formulas()
    fields = tuple(next(iter(formulas.values())))
    yield "formula", _rows(Formula.objects.filter(**mine), "version", fields), formulas
    policies = catalogue.wanted_policies(rows)
    fields = tuple(next(iter(policies.values())))
    current = Policy.objects.filter(**mine, place=rows.root, until=None)
    yield "policy", {f"{row.kind}/{row.urgency}": {f: getattr(row, f) for f in fields} for row in current}, policies
    rules = catalogue.wanted_rules(rows)
    fields = tuple(next(iter(rules.values()), {}))
    yield "rule", _rows(Rule.objects.filter(**mine), "order", fields), rules


def _rows(queryset: Any, key: str, fields: tuple[str, ...]) -> dict[str, Fields]:
    return {str(row[key]): row for row in queryset.order_by(key, "id").values(key, *fields)}
