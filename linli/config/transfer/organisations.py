"""Organisations as rows, known by their codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.config.transfer.cells import Cells, assign, dumped
from linli.config.transfer.report import Importing
from linli.config.transfer.sheets import Column, Row
from linli.core.people.models import Organisation, OrganisationKind
from linli.core.places.models import District, Place
from linli.kit.ids import new_id

COLUMNS: Final = (
    Column("code", gettext_lazy("编码"), needed=True),
    Column("name", gettext_lazy("名称"), needed=True),
    Column("kind", gettext_lazy("类型"), needed=True),
    Column("place", gettext_lazy("地点编码"), needed=True),
    Column("parent", gettext_lazy("上级编码")),
    Column("since", gettext_lazy("起日")),
    Column("until", gettext_lazy("止日")),
    Column("attrs", gettext_lazy("其他")),
)
_KINDS: Final = {kind.value: kind.label for kind in OrganisationKind}


def rows(district: District) -> Iterator[dict[str, Any]]:
    """All bodies at places of today, those whose term has ended included."""
    found = Organisation.objects.filter(district_id=district.pk, place__until=None).select_related("place", "parent")
    for body in found.order_by("code").iterator(chunk_size=500):
        yield {
            "code": body.code, "name": body.name, "kind": body.kind, "place": body.place.code,
            "parent": body.parent.code if body.parent else "", "since": body.since, "until": body.until,
            "attrs": dumped(body.attrs),
        }  # fmt: skip


def take(importing: Importing, found: list[Row]) -> None:
    """Add what is new, change what differs. Parents are joined last, so their order in the file does not matter."""
    district, report = importing.district, importing.report
    bodies = Organisation.objects.filter(district_id=district.pk).select_related("parent", "place")
    known = {body.code: body for body in bodies}
    places = {place.code: place for place in Place.objects.filter(district_id=district.pk, until=None)}
    before = {code: body.parent.code if body.parent else "" for code, body in known.items()}
    made: list[Organisation] = []
    changed: dict[str, Organisation] = {}
    parents: dict[str, tuple[Cells, str]] = {}
    for row in found:
        cells = Cells(row, COLUMNS, report)
        code, values = _values(cells, places)
        if code in parents:
            cells.fault("code", _("和第 %d 行重复。") % parents[code][0].line)
        parents.setdefault(code, (cells, cells.text("parent", limit=32)))
        if not cells.ok:
            continue
        body = known.get(code)
        if body is None:
            values["since"] = values.get("since") or timezone.localdate()
            body = known[code] = Organisation(id=new_id(), district_id=district.pk, code=code, **values)
            made.append(body)
            report.count("added")
        elif assign(body, values) or before[code] != parents[code][1]:
            changed[code] = body
            report.count("changed")
        else:
            report.count("unchanged")
    _join(known, parents)
    if report.ok:
        Organisation.objects.bulk_create(made, batch_size=500)
        fields = ["name", "kind", "place", "scope_path", "parent", "since", "until", "attrs"]
        Organisation.objects.bulk_update(list(changed.values()), fields, batch_size=500)


def _values(cells: Cells, places: dict[str, Place]) -> tuple[str, dict[str, Any]]:
    code = cells.text("code", limit=32, needed=True)
    word = cells.text("place", limit=32, needed=True)
    place = places.get(word)
    if word and place is None:
        cells.fault("place", _("没有这个地点：%s。") % word)
    since, until = cells.term()
    values: dict[str, Any] = {
        "name": cells.text("name", needed=True), "kind": cells.choice("kind", _KINDS, needed=True), "place": place,
        "scope_path": place.path if place else "", "until": until,
    }  # fmt: skip
    if since is not None:
        values["since"] = since
    if cells.given("attrs"):
        values["attrs"] = cells.json("attrs")
    return code, values


def _join(known: dict[str, Organisation], parents: dict[str, tuple[Cells, str]]) -> None:
    for code, (cells, word) in parents.items():
        body, parent = known.get(code), known.get(word)
        if word and parent is None:
            cells.fault("parent", _("没有这个组织：%s。") % word)
        if body is not None:
            body.parent = parent
    for code, (cells, _word) in parents.items():
        above, seen = known.get(code), set[str]()
        while above is not None and above.code not in seen:
            seen.add(above.code)
            above = above.parent
        if above is not None:
            cells.fault("parent", _("上级绕成了圈。"))
