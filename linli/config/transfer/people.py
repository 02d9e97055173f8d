"""Persons with their posts as rows, known by the posts' codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.config.transfer import persons
from linli.config.transfer.cells import Cells, assign
from linli.config.transfer.report import Importing
from linli.config.transfer.sheets import Column, Row
from linli.core.people import duties
from linli.core.people.models import Organisation, Person, Post
from linli.core.places.models import District, Place
from linli.kit.ids import new_id

COLUMNS: Final = (
    Column("code", gettext_lazy("岗位编号"), needed=True),
    Column("role", gettext_lazy("角色"), needed=True),
    Column("title", gettext_lazy("职务"), needed=True),
    Column("place", gettext_lazy("地点编码"), needed=True),
    Column("organisation", gettext_lazy("单位编码")),
    *persons.COLUMNS,
    Column("party_member", gettext_lazy("党员")),
    Column("hours", gettext_lazy("时间")),
    Column("since", gettext_lazy("起日")),
    Column("until", gettext_lazy("止日")),
)
_ROLES: Final = {role.code: role.name for role in duties.ROLES.values() if role.code != "system"}


def rows(district: District) -> Iterator[dict[str, Any]]:
    """All posts at places of today, those that have ended included."""
    found = Post.objects.filter(district_id=district.pk, place__until=None).order_by("code")
    for post in found.select_related("place", "organisation", "person").iterator(chunk_size=500):
        yield {
            "code": post.code, "role": post.role, "title": post.title, "place": post.place.code,
            "organisation": post.organisation.code if post.organisation else "",
            **persons.columns_of(post.person), "party_member": post.party_member or None, "hours": post.hours,
            "since": post.since, "until": post.until,
        }  # fmt: skip


def take(importing: Importing, found: list[Row]) -> None:
    """Add what is new, change what differs; nobody's post ends because a file does not name it."""
    taking = _Taking(importing)
    for row in found:
        taking.settle(Cells(row, COLUMNS, importing.report))
    if importing.report.ok:
        taking.save()


class _Taking:
    def __init__(self, importing: Importing) -> None:
        self.district, self.report = importing.district, importing.report
        mine: dict[str, Any] = {"district_id": self.district.pk}
        self.places = {place.code: place for place in Place.objects.filter(**mine, until=None)}
        self.bodies = {body.code: body for body in Organisation.objects.filter(**mine)}
        self.persons = persons.Persons(self.district)
        self.posts = {
            post.code: post for post in Post.objects.filter(**mine).select_related("place", "organisation", "person")
        }
        self.lines: dict[str, int] = {}
        self.made: list[Post] = []
        self.changed: list[Post] = []

    def settle(self, cells: Cells) -> None:
        code = cells.text("code", limit=40, needed=True)
        if code in self.lines:
            cells.fault("code", _("和第 %d 行重复。") % self.lines[code])
        self.lines.setdefault(code, cells.line)
        values, told = self._values(cells), persons.read(cells)
        if not (told or values["organisation"]):
            cells.fault("name", _("岗位要有人，或者有单位。"))
        if cells.ok:
            self._post(cells, code, values, told)

    def _post(self, cells: Cells, code: str, values: dict[str, Any], told: persons.Told) -> None:
        post = self.posts.get(code)
        held, moved = self._person(cells, told, post)
        values["person"] = held
        if not cells.ok:
            return
        if post is None:
            values["since"] = values.get("since") or timezone.localdate()
            self.posts[code] = made = Post(id=new_id(), district_id=self.district.pk, code=code, **values)
            self.made.append(made)
            self.report.count("added")
            return
        changed = assign(post, values)
        if changed:
            self.changed.append(post)
        self.report.count("changed" if changed or moved else "unchanged")

    def _values(self, cells: Cells) -> dict[str, Any]:
        place = self._known(cells, "place", self.places, needed=True)
        since, until = cells.term()
        values = {
            "role": cells.choice("role", _ROLES, needed=True), "title": cells.text("title", limit=60, needed=True),
            "place": place, "scope_path": place.path if place else "",
            "organisation": self._known(cells, "organisation", self.bodies),
            "party_member": cells.flag("party_member"), "hours": cells.text("hours", limit=60), "until": until,
        }  # fmt: skip
        return values | ({"since": since} if since else {})

    def _known(self, cells: Cells, key: str, among: dict[str, Any], *, needed: bool = False) -> Any:
        word = cells.text(key, limit=32, needed=needed)
        if word and word not in among:
            cells.fault(key, _("没有找到：%s。") % word)
        return among.get(word)

    def _person(self, cells: Cells, told: persons.Told, post: Post | None) -> tuple[Person | None, bool]:
        """Who holds the post: an existing one keeps its person, because a new one is a new term."""
        held = self.persons.by_id.get(post.person_id) if post and post.person_id else None
        if not told:
            if held is not None:
                cells.fault("name", _("这个岗位现在是%s。要空出来：填止日。") % held.shown)
            return None, False
        found = self.persons.find(told)
        if held is not None and found is not None and found is not held:
            words = _("这个岗位现在是%s。换了人：先给旧岗位填止日，再用新编号加一行。")
            cells.fault("name", words % held.shown)
            return held, False
        return self.persons.settle(cells, told, held or found, public=True)

    def save(self) -> None:
        self.persons.save()
        Post.objects.bulk_create(self.made, batch_size=500)
        fields = ["role", "title", "place", "scope_path", "organisation", "person", "party_member", "hours", "since",
                  "until"]  # fmt: skip
        Post.objects.bulk_update(self.changed, fields, batch_size=500)
