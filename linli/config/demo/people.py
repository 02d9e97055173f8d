"""Who acts in the demo: the holder of the post that has the matter, and the offices above it."""

from __future__ import annotations

import uuid

from linli.config.acting import actor_of
from linli.core.matters.models import Matter
from linli.core.people.actor import ANONYMOUS, Actor, for_user
from linli.core.people.models import Post, User
from linli.core.people.posts import PostRef, roster
from linli.core.places.tree import Node, tree

# Inside an organisation: who works first, who leads after.
_WORKS = ("community_worker", "street_cadre", "property_worker", "department_officer", "committee_member")
_LEADS = ("community_secretary", "street_leader", "property_manager", "committee_chair", "district_office")


class Cast:
    """The people of one district, found once each."""

    def __init__(self, district_id: int) -> None:
        self.district_id = district_id
        self.tree, self.roster = tree(district_id), roster(district_id)
        self._posts: dict[uuid.UUID, Actor] = {}
        self._logins: dict[str, Actor] = {}

    # ── places ──────────────────────────────────────────────────────────────────────────────────────────────
    def login(self, username: str) -> Actor:
        """The actor behind a demo login."""
        if username not in self._logins:
            key = User.objects.filter(district_id=self.district_id, username=username).values_list("pk", flat=True)
            self._logins[username] = for_user(key.get())
        return self._logins[username]

    def resident(self, username: str) -> Actor:
        """A resident's login; nobody, where another district in the same database took the name first."""
        there = User.objects.filter(district_id=self.district_id, username=username).exists()
        return self.login(username) if there else ANONYMOUS

    def own_cell(self) -> Node:
        """The grid of the demo's grid worker."""
        held = self.login("grid").posts[0]
        return self.tree.by_id[held.place_id]

    def doors(self, low: Node) -> list[Node]:
        """Everything below a place that somebody may live behind."""
        return [
            n for n in self.tree.by_path.values() if n.path.startswith(low.path) and n.level in ("building", "unit")
        ]

    # ── posts ───────────────────────────────────────────────────────────────────────────────────────────────
    def handler(self, matter: Matter) -> Actor:
        """Whoever works for the post that has the matter."""
        return self.of(self.roster.by_id[matter.handler_id]) if matter.handler_id else self.first(matter)

    def first(self, matter: Matter) -> Actor:
        """Whoever leads the office with the first duty."""
        held = self.roster.by_id.get(matter.first_id) if matter.first_id else None
        return self.of(held, leads=True) if held else self.street(matter)

    def community(self, matter: Matter) -> Actor:
        office = self.roster.office("community", matter.scope_path)
        return self.of(office, leads=True) if office else self.street(matter)

    def street(self, matter: Matter) -> Actor:
        office = self.roster.office("street", matter.scope_path)
        return self.of(office, leads=True) if office else self.district(matter)

    def district(self, matter: Matter) -> Actor:
        office = self.roster.office("district", matter.scope_path)
        if office is None:
            raise LookupError(f"district {self.district_id} has no office of its own")
        return self.of(office, leads=True)

    def judge(self, matter: Matter) -> Actor:
        """The street, where it has had no hand in it; else the district."""
        involved = {self.roster.by_id[i].unit for i in (matter.resolver_id, matter.verifier_id) if i}
        office = self.roster.office("street", matter.scope_path)
        return self.street(matter) if office and office.unit not in involved else self.district(matter)

    def verifier(self, matter: Matter) -> Actor:
        """The community; the street, where the community's own leader resolved it."""
        found = self.community(matter)
        return self.street(matter) if found.person_id == matter.resolver_person else found

    def of(self, ref: PostRef, *, leads: bool = False) -> Actor:
        """The post's own holder; for an organisation's post somebody of that organisation."""
        post_id = ref.id if ref.person_id else self._member(ref, leads=leads)
        if post_id not in self._posts:
            post = Post.objects.select_related("person", "organisation").get(district_id=self.district_id, pk=post_id)
            self._posts[post_id] = actor_of(post)
        return self._posts[post_id]

    def _member(self, ref: PostRef, *, leads: bool) -> uuid.UUID:
        order = (*_LEADS, *_WORKS) if leads else (*_WORKS, *_LEADS)
        members = [p for p in self.roster.by_id.values() if p.organisation_id == ref.organisation_id and p.person_id]
        ranked = sorted(
            members, key=lambda p: (order.index(p.role) if p.role in order else 99, p.path != ref.path, p.code)
        )
        if not ranked:
            raise LookupError(f"nobody serves in {ref.code}")
        return ranked[0].id

    def units(self, matter: Matter, count: int = 2) -> list[PostRef]:
        """Units that may be whistled for: departments of the district, the property firm of the place."""
        team = self.tree.district.settings.get("callable_roles")
        departments = [p for p in self.roster.by_id.values() if p.role == "department_unit" and len(p.path) == 4]
        firm = self.roster.nearest("property_unit", matter.scope_path)
        # The login's own department last of the two, so that whoever looks by that login finds a whistle.
        mine = self._own_units("department")
        chosen = sorted(departments, key=lambda p: (p.id not in mine, p.code))[1::-1]
        wanted = [*chosen, *([firm] if firm else [])]
        called = [p for p in wanted if p.id != matter.handler_id and (not team or p.role in team)][-count:]
        return called[::-1] if int(matter.number[-1]) % 2 else called  # the first of them is the first to come

    def _own_units(self, username: str) -> frozenset[uuid.UUID]:
        """Posts that a demo login speaks for; none where another district in the same database took the name first."""
        there = User.objects.filter(district_id=self.district_id, username=username).exists()
        return self.login(username).post_ids if there else frozenset()
