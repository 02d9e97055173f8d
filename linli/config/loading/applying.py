"""Bringing a loaded district to what its profile says: changes and additions, never a removal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F
from django.utils import timezone

from linli.config.loading import assembling, catalogue
from linli.config.loading.differences import CHANGED, MISSING, Difference, district_fields, pairing_key
from linli.config.loading.rows import Rows
from linli.core.gatherings.models import Room
from linli.core.matters.models import Category, Cause, Formula, Kind, Policy, Rule
from linli.core.people.models import Organisation, Person, Post
from linli.core.places.models import Boundary, District, Place
from linli.insight.models import Note
from linli.offices.facilities.models import Facility
from linli.offices.pairing.models import Pairing
from linli.profiles.plan import Plan


class Applying:
    """One application of a profile's differences, inside the caller's transaction."""

    def __init__(self, rows: Rows, plan: Plan, differences: list[Difference]) -> None:
        self.rows, self.plan = rows, plan
        self.by_table: dict[str, dict[str, Difference]] = {}
        for difference in differences:
            self.by_table.setdefault(difference.table, {})[difference.key] = difference

    def run(self) -> None:
        steps: dict[str, Callable[[], None]] = {
            "place": self._places,
            "organisation": self._organisations,
            "post": self._posts,
            "pairing": self._pairings,
            "kind": self._kinds,
            "cause": self._causes,
            "category": self._categories,
            "policy": self._policies,
            "rule": self._rules,
            "facility": self._facilities,
            "note": self._notes,
            "room": self._rooms,
            "sitting": self._sittings,
            "vote": self._votes,
            "formula": self._formulas,
        }
        for table, apply in steps.items():
            if table in self.by_table:
                apply()
        self._district()

    def _keys(self, table: str, how: str) -> list[str]:
        return [key for key, difference in self.by_table.get(table, {}).items() if difference.how == how]

    def _new_values(self, table: str, key: str) -> dict[str, object]:
        return {field: new for field, (_old, new) in self.by_table[table][key].fields.items()}

    def _district(self) -> None:
        """The district's own row last: its version tells every process to read everything again."""
        district = self.rows.district
        District.objects.filter(pk=district.pk).update(
            **district_fields(self.rows.profile), loaded=self.rows.profile.digest, version=F("version") + 1
        )
        district.refresh_from_db()

    def _places(self) -> None:
        for key in self._keys("place", CHANGED):
            Place.objects.filter(pk=self.rows.places[key].pk).update(**self._new_values("place", key))
        missing = set(self._keys("place", MISSING))
        plans = [plan for plan in self.plan.places if plan.code in missing]
        Place.objects.bulk_create(self.rows.make_places(plans))
        Boundary.objects.bulk_create(self.rows.make_boundaries(plans))
        parents = [self.rows.places[plan.parent] for plan in plans if plan.parent and plan.parent not in missing]
        Place.objects.bulk_update(parents, ["born"])

    def _organisations(self) -> None:
        for key in self._keys("organisation", CHANGED):
            Organisation.objects.filter(pk=self.rows.organisations[key].pk).update(
                **self._new_values("organisation", key)
            )
        missing = set(self._keys("organisation", MISSING))
        plans = [plan for plan in self.plan.organisations if plan.code in missing]
        Organisation.objects.bulk_create(self.rows.make_organisations(plans))

    def _posts(self) -> None:
        for key in self._keys("post", CHANGED):
            posts = Post.objects.filter(district_id=self.rows.district.pk, code=key)
            posts.update(**self._new_values("post", key))
        missing = set(self._keys("post", MISSING))
        plans = [plan for plan in self.plan.posts if plan.code in missing]
        wanted = {plan.person for plan in plans if plan.person} - set(self.rows.persons)
        newcomers = [person for person in self.plan.persons if person.key in wanted]
        Person.objects.bulk_create(self.rows.make_persons(newcomers))
        Post.objects.bulk_create(self.rows.make_posts(plans))

    def _pairings(self) -> None:
        """Those that the profile names and that never were; after places, bodies and posts, which they name."""
        missing = set(self._keys("pairing", MISSING))
        plans = [plan for plan in self.plan.pairings if pairing_key(plan) in missing]
        codes = {plan.post for plan in plans if plan.post}
        here = Post.objects.filter(district_id=self.rows.district.pk, code__in=codes)
        self.rows.posts |= {post.code: post for post in here}
        Pairing.objects.bulk_create(self.rows.make_pairings(plans))

    def _facilities(self) -> None:
        missing = set(self._keys("facility", MISSING))
        plans = [plan for plan in self.plan.facilities if plan.code in missing]
        Facility.objects.bulk_create(self.rows.make_facilities(plans))

    def _rooms(self) -> None:
        for key in self._keys("room", CHANGED):
            mine = Room.objects.filter(district_id=self.rows.district.pk, code=key)
            mine.update(**self._new_values("room", key))
        missing = set(self._keys("room", MISSING))
        Room.objects.bulk_create(
            assembling.make_rooms(self.rows, [plan for plan in self.plan.rooms if plan.code in missing])
        )

    def _sittings(self) -> None:
        """A changed kind is its next version: what was planned under an older one keeps it."""
        self._versions("sitting", assembling.wanted_sittings(self.rows), assembling.have_sittings,
                       assembling.make_sitting)  # fmt: skip

    def _votes(self) -> None:
        """A changed rule is its next version: a question keeps the one it was put under."""
        self._versions("vote", assembling.wanted_votes(), assembling.have_votes, assembling.make_vote)

    def _versions(self, table: str, wanted: dict[str, Any], have: Callable[..., Any], make: Callable[..., Any]) -> None:
        known = have(self.rows.district.pk)
        for key in [*self._keys(table, CHANGED), *self._keys(table, MISSING)]:
            before = known[key]["version"] if key in known else 0
            make(self.rows, key, wanted[key], before + 1).save(force_insert=True)

    def _kinds(self) -> None:
        wanted = catalogue.wanted_kinds()
        for key in self._keys("kind", CHANGED):
            Kind.objects.filter(district_id=self.rows.district.pk, code=key).update(**self._new_values("kind", key))
        missing = self._keys("kind", MISSING)
        Kind.objects.bulk_create([catalogue.make_kind(self.rows, key, wanted[key]) for key in missing])

    def _causes(self) -> None:
        wanted = catalogue.wanted_causes()
        for key in self._keys("cause", CHANGED):
            Cause.objects.filter(district_id=self.rows.district.pk, code=key).update(**self._new_values("cause", key))
        missing = self._keys("cause", MISSING)
        Cause.objects.bulk_create([catalogue.make_cause(self.rows, key, wanted[key]) for key in missing])

    def _notes(self) -> None:
        wanted = catalogue.wanted_notes()
        for key in self._keys("note", CHANGED):
            Note.objects.filter(district_id=self.rows.district.pk, code=key).update(**self._new_values("note", key))
        missing = self._keys("note", MISSING)
        Note.objects.bulk_create([catalogue.make_note(self.rows, key, wanted[key]) for key in missing])

    def _formulas(self) -> None:
        """A version that was in force is history: only what is missing is added, never an old one rewritten."""
        wanted = catalogue.wanted_formulas()
        missing = self._keys("formula", MISSING)
        Formula.objects.bulk_create([catalogue.make_formula(self.rows, key, wanted[key]) for key in missing])

    def _categories(self) -> None:
        mine = Category.objects.filter(district_id=self.rows.district.pk)
        for key in self._keys("category", CHANGED):
            mine.filter(code=key).update(**self._new_values("category", key))
        have = {row.code: row for row in mine}
        Category.objects.bulk_create(catalogue.make_categories(self.rows, catalogue.wanted_categories(), have))

    def _policies(self) -> None:
        """A changed promise is a new version: matters keep the one they started with."""
        wanted, now = catalogue.wanted_policies(self.rows), timezone.now()
        for key in self._keys("policy", CHANGED):
            kind, _, urgency = key.partition("/")
            old = Policy.objects.get(
                district_id=self.rows.district.pk, place=self.rows.root, kind=kind, urgency=urgency, until=None
            )
            Policy.objects.filter(pk=old.pk).update(until=now)
            catalogue.make_policy(self.rows, key, wanted[key], old.version + 1).save(force_insert=True)
        for key in self._keys("policy", MISSING):
            catalogue.make_policy(self.rows, key, wanted[key]).save(force_insert=True)

    def _rules(self) -> None:
        wanted = catalogue.wanted_rules(self.rows)
        for key in self._keys("rule", CHANGED):
            rule = Rule.objects.filter(district_id=self.rows.district.pk, order=int(key))
            rule.update(**self._new_values("rule", key))
        missing = self._keys("rule", MISSING)
        Rule.objects.bulk_create([catalogue.make_rule(self.rows, key, wanted[key]) for key in missing])
