"""The small town with a scheme of pairing: a leader for two weekly days, a cadre of the street, a unit a quarter."""

from __future__ import annotations

from typing import Any

from linli.core.people.models import Organisation, Person, Post, User
from linli.core.places.models import District
from linli.kit import memory
from tests.cast import SINCE, Town

SCHEME: dict[str, Any] = {
    "name": "三包一", "confirm": True,
    "roles": [
        {"code": "leader", "name": "区级领导", "level": "community", "holder": "person", "posts": ["district_leader"],
         "least": 1, "most": 2, "promise": {"count": 2, "of": "days", "per": "week", "by": "holder"}},
        {"code": "cadre", "name": "街道干部", "level": "quarter", "holder": "person", "posts": ["street_cadre"],
         "least": 1, "most": 1, "promise": {"count": 3, "of": "visits", "per": "month", "by": "place"}},
        {"code": "unit", "name": "区直单位", "level": "quarter", "holder": "unit", "posts": [],
         "least": 1, "most": 1, "promise": {}},
    ],
}  # fmt: skip


def prepare(town: Town) -> None:
    """The scheme, the channel of leaders' visits, and a leader with a login."""
    row = District.objects.get(pk=town.district.pk)
    row.settings = {**row.settings, "pairing": SCHEME}
    row.settings["channels"] = {**row.settings["channels"], "leader": "领导走访"}
    row.version += 1
    row.save()
    where = town.places["district"]
    for key, name in (("leader", "高望山"), ("leader2", "程江月")):
        person = Person.objects.create(district=town.district, shown=name, fictional=True)
        user = User(username=key, district=town.district, person=person, demo=True)
        user.set_password("linli-demo")
        user.save()
        town.users[key] = user
        town.posts[key] = Post.objects.create(
            district=town.district, code=f"T-{key}", role="district_leader", title="区级领导", place=where,
            scope_path=where.path, person=person, since=SINCE,
        )  # fmt: skip
    town.organisations["library"] = Organisation.objects.create(
        district=town.district, code="O-library", name="示范区图书馆", kind="unit", place=where, scope_path=where.path,
        since=SINCE,
    )  # fmt: skip
    memory.forget()
