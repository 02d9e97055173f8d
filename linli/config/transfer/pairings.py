"""Pairings as rows: the role, the place, and the post or the unit that answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.config.transfer.cells import Cells
from linli.config.transfer.report import Importing
from linli.config.transfer.sheets import Column, Row
from linli.core.people.models import Organisation, Post
from linli.core.places.models import District, Place
from linli.core.places.tree import tree
from linli.kit.ids import new_id
from linli.offices.pairing.models import Pairing
from linli.offices.pairing.scheme import Role, scheme

COLUMNS: Final = (
    Column("role", gettext_lazy("包联岗位"), needed=True),
    Column("place", gettext_lazy("地点编码"), needed=True),
    Column("post", gettext_lazy("岗位编号")),
    Column("organisation", gettext_lazy("单位编码")),
    Column("since", gettext_lazy("起日")),
    Column("until", gettext_lazy("止日")),
)


def rows(district: District) -> Iterator[dict[str, Any]]:
    """All pairings at places of today, those that have ended included."""
    found = Pairing.objects.filter(district_id=district.pk, place__until=None).order_by(
        "scope_path", "role", "since", "id"
    )
    for row in found.select_related("place", "post", "organisation").iterator(chunk_size=500):
        yield {
            "role": row.role, "place": row.place.code, "post": row.post.code if row.post else "",
            "organisation": row.organisation.code if row.organisation else "", "since": row.since, "until": row.until,
        }  # fmt: skip


def take(importing: Importing, found: list[Row]) -> None:
    """Add what is new, end what the file ends; nobody's pairing ends because a file does not name it."""
    taking = _Taking(importing)
    for row in found:
        taking.settle(Cells(row, COLUMNS, importing.report))
    if importing.report.ok:
        Pairing.objects.bulk_create(taking.made, batch_size=500)
        Pairing.objects.bulk_update(taking.changed, ["until", "ended_by"], batch_size=500)


class _Taking:
    def __init__(self, importing: Importing) -> None:
        self.district, self.report, self.by = importing.district, importing.report, importing.by
        mine: dict[str, Any] = {"district_id": self.district.pk}
        self.roles = {role.code: role for role in scheme(tree(self.district.pk)).roles}
        self.places = {place.code: place for place in Place.objects.filter(**mine, until=None)}
        self.posts = {post.code: post for post in Post.objects.filter(**mine).exclude(person=None)}
        self.units = {unit.code: unit for unit in Organisation.objects.filter(**mine)}
        standing = Pairing.objects.filter(**mine, until=None)
        self.standing = {(p.role, p.place_id, p.post_id, p.organisation_id): p for p in standing}
        over = Pairing.objects.filter(**mine).exclude(until=None)
        self.ended = set(over.values_list("role", "place_id", "post_id", "organisation_id", "since", "until"))
        self.held: dict[tuple[str, Any], int] = {}
        for pairing in self.standing.values():
            self.held[pairing.role, pairing.place_id] = self.held.get((pairing.role, pairing.place_id), 0) + 1
        self.made: list[Pairing] = []
        self.changed: list[Pairing] = []

    def settle(self, cells: Cells) -> None:
        code = cells.choice("role", {role.code: role.name for role in self.roles.values()}, needed=True)
        since, until = cells.term()
        role, place = self.roles.get(code), self._known(cells, "place", self.places, needed=True)
        post, unit = self._known(cells, "post", self.posts), self._known(cells, "organisation", self.units)
        if role is None or place is None or not cells.ok:
            return
        self._check(cells, role, place, post, unit)
        if cells.ok:
            self._save(cells, role, place, post, unit, since or timezone.localdate(), until)

    def _known(self, cells: Cells, key: str, among: dict[str, Any], *, needed: bool = False) -> Any:
        word = cells.text(key, limit=40, needed=needed)
        if word and word not in among:
            cells.fault(key, _("没有找到：%s。") % word)
        return among.get(word)

    def _check(self, cells: Cells, role: Role, place: Place, post: Post | None, unit: Organisation | None) -> None:
        if place.level != role.level:
            cells.fault("place", _("%s不在这一级安排。") % role.name)
        if role.unit and (unit is None or post is not None):
            cells.fault("organisation", _("%s是单位：填单位编码，岗位编号空着。") % role.name)
        if not role.unit and (post is None or unit is not None):
            cells.fault("post", _("%s是人：填岗位编号，单位编码空着。") % role.name)
        if post is not None and post.role not in role.posts:
            cells.fault("post", _("这个岗位不能担任%s。") % role.name)

    def _save(
        self,
        cells: Cells,
        role: Role,
        place: Place,
        post: Post | None,
        unit: Organisation | None,
        since: Any,
        until: Any,
    ) -> None:
        key = (role.code, place.pk, post.pk if post else None, unit.pk if unit else None)
        known = self.standing.get(key)
        if known is not None:
            self._again(known, until)
            return
        seats = self.held.get(key[:2], 0)
        if until is None and seats >= role.most:
            cells.fault("role", _("%(place)s的%(role)s已经满了。") % {"place": place.name, "role": role.name})
            return
        made = Pairing(
            id=new_id(), district_id=self.district.pk, role=role.code, place=place, scope_path=place.path, post=post,
            organisation=unit, promise=role.promise.as_json(), since=since, until=until, made_by=self.by[:80],
        )  # fmt: skip
        if until is not None and self._told(made):
            self.report.count("unchanged")
            return
        if until is None:
            self.standing[key], self.held[key[:2]] = made, seats + 1
        self.made.append(made)
        self.report.count("added")

    def _told(self, made: Pairing) -> bool:
        """Whether one that has ended stands there already, from the same day to the same day."""
        return (made.role, made.place_id, made.post_id, made.organisation_id, made.since, made.until) in self.ended

    def _again(self, known: Pairing, until: Any) -> None:
        if until is None or known in self.made:
            self.report.count("unchanged")
            return
        known.until, known.ended_by = until, self.by[:80]
        self.changed.append(known)
        self.held[known.role, known.place_id] -= 1
        del self.standing[known.role, known.place_id, known.post_id, known.organisation_id]
        self.report.count("changed")
