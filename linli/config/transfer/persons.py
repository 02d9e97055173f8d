"""Finding the person whom a row means, and sealing what it says of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.config.transfer.cells import Cells
from linli.config.transfer.sheets import Column
from linli.core.people.models import Person
from linli.core.places.models import District
from linli.kit import crypto
from linli.kit.ids import new_id

COLUMNS: Final = (
    Column("person", gettext_lazy("人员编号")),
    Column("name", gettext_lazy("姓名")),
    Column("shown", gettext_lazy("公开姓名")),
    Column("phone", gettext_lazy("电话")),
)


@dataclass(frozen=True)
class Told:
    """What a row says of a person; empty means: says nothing."""

    id: uuid.UUID | None
    name: str
    shown: str
    phone: str

    def __bool__(self) -> bool:
        return bool(self.id or self.name or self.shown or self.phone)


def read(cells: Cells) -> Told:
    """A person's columns; the telephone in one spelling."""
    phone = cells.text("phone", limit=40)
    if phone:
        try:
            phone = crypto.normal_phone(phone)
        except ValueError as error:
            cells.fault("phone", str(error))
    return Told(cells.id("person"), cells.text("name", limit=40), cells.text("shown", limit=40), phone)


def columns_of(person: Person | None) -> dict[str, Any]:
    """The same columns of a person on file, opened."""
    if person is None:
        return {}
    return {
        "person": str(person.pk), "name": name_of(person), "shown": person.shown,
        "phone": crypto.unseal(person.phone, context="person.phone") if person.phone else "",
    }  # fmt: skip


def name_of(person: Person) -> str:
    return crypto.unseal(person.name, context="person.name") if person.name else ""


class Persons:
    """The persons of one import: those on file, found by number or telephone, and those that it makes."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.by_id = {person.pk: person for person in Person.objects.filter(district_id=district.pk)}
        self.by_phone = {person.phone_index: person for person in self.by_id.values() if person.phone_index}
        self.made: list[Person] = []
        self.changed: dict[uuid.UUID, Person] = {}

    def find(self, told: Told, near: Iterable[Person | None] = ()) -> Person | None:
        """By number, then by telephone, then by name among those who stand there already."""
        if told.id is not None:
            return self.by_id.get(told.id)
        if told.phone and (known := self.by_phone.get(_index(told.phone))):
            return known
        word = told.name or told.shown
        return next((person for person in near if person and word in (person.shown, name_of(person))), None)

    def settle(self, cells: Cells, told: Told, person: Person | None, *, public: bool) -> tuple[Person, bool]:
        """Write what is told onto the person found, or make one; and whether anything changed.

        ``public``: who serves in a post is shown by name; a resident is shown masked.
        """
        if person is None:
            shown = told.shown or (told.name if public else crypto.mask_name(told.name))
            if not shown:
                cells.fault("name", _("要写姓名。"))
            person = Person(id=told.id or new_id(), district_id=self.district.pk, shown=shown)
            self.made.append(person)
            self.by_id[person.pk] = person
            self._put(person, told)
            return person, True
        if told.name and not self._is_called(person, told.name):
            words = _("登记的是另一个人（%s）。换了人：先给旧岗位填止日，再用新编号加一行。")
            cells.fault("name", words % person.shown)
            return person, False
        changed = self._put(person, told)
        if told.shown and told.shown != person.shown:
            person.shown, changed = told.shown, True
        if changed and person not in self.made:
            self.changed[person.pk] = person
        return person, changed

    def _is_called(self, person: Person, name: str) -> bool:
        known = name_of(person)
        return name == known if known else name == person.shown or crypto.mask_name(name) == person.shown

    def _put(self, person: Person, told: Told) -> bool:
        changed = False
        if told.name and told.name != name_of(person):
            person.name, changed = crypto.seal(told.name, context="person.name"), True
        index = _index(told.phone) if told.phone else None
        if index and index != person.phone_index:
            person.phone = crypto.seal(told.phone, context="person.phone")
            person.phone_index, changed = index, True
            self.by_phone[index] = person
        return changed

    def save(self) -> None:
        Person.objects.bulk_create(self.made, batch_size=500)
        fields = ["name", "shown", "phone", "phone_index"]
        Person.objects.bulk_update(list(self.changed.values()), fields, batch_size=500)


def _index(phone: str) -> str:
    return crypto.blind_index(phone, purpose="phone")
