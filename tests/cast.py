"""A small town with a small cast, made once a test: resident Li, grid worker Wang, secretary Zhao …

The town's numbers belong to no real district.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from linli.core.matters.models import Category, Cause, Kind, Policy, Rule
from linli.core.people.models import Organisation, Person, Post, User
from linli.core.places.models import Boundary, District, Place
from linli.core.places.tree import step
from linli.kit import codes
from tests import rows

DISTRICT = 990001
SINCE = date(2020, 1, 1)
LON, LAT = 114.88, 40.81
STAGES = {
    "accept": "30m", "reply": "1h", "act": "3h", "result": "6h", "rating": "7d", "contest": "3d", "arrive": "30m",
    "reopen": "30d", "pause": "5d",
}  # fmt: skip


_kept: tuple[bytes, list[tuple[str, Any]]] | None = None


@dataclass
class Town:
    """Everything the tests talk about, by short names."""

    district: District
    places: dict[str, Place] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)


def _place(town: Town, key: str, level: str, name: str, parent: str | None, **extra: Any) -> Place:
    above = town.places.get(parent) if parent else None
    if above is None:
        path, code = "0001", str(DISTRICT)
    else:
        above.born += 1
        above.save(update_fields=["born"])
        path, code = above.path + step(above.born), f"{above.code}{above.born:02d}"
    made = Place.objects.create(
        district=town.district, parent=above, level=level, code=code, name=name, path=path, since=SINCE, **extra
    )
    town.places[key] = made
    return made


def _box(town: Town, key: str, west: float, south: float, east: float, north: float) -> None:
    ring = [[LON + x / 100, LAT + y / 100] for x, y in
            ((west, south), (east, south), (east, north), (west, north), (west, south))]  # fmt: skip
    Boundary.objects.create(
        district=town.district, place=town.places[key], area_m2=1,
        geojson=json.dumps({"type": "Polygon", "coordinates": [ring]}), since=SINCE,
    )  # fmt: skip


def _post(town: Town, key: str, role: str, title: str, place: str, *, name: str = "", org: str = "") -> None:
    person = None
    if name:
        person = Person.objects.create(district=town.district, shown=name, fictional=True)
        user = User(username=key, district=town.district, person=person, demo=True)
        user.set_password("linli-demo")
        user.save()
        town.users[key] = user
    where = town.places[place]
    town.posts[key] = Post.objects.create(
        district=town.district, code=f"T-{key}", role=role, title=title, place=where, scope_path=where.path,
        person=person, organisation=town.organisations.get(org), since=SINCE,
    )  # fmt: skip


def _organisation(town: Town, key: str, name: str, kind: str, place: str, role: str) -> None:
    where = town.places[place]
    town.organisations[key] = Organisation.objects.create(
        district=town.district, code=f"O-{key}", name=name, kind=kind, place=where, scope_path=where.path, since=SINCE
    )
    _post(town, f"{key}_unit", role, name, place, org=key)


def put() -> Town:
    """The town as the first test of this process had it built: a hundred statements less for each that follows."""
    global _kept
    if _kept is None:
        town = build()
        _kept = pickle.dumps(town), [(table, rows.read(table, where)) for table, where in _tables()]
        return town
    town, tables = _kept
    for table, held in tables:
        rows.write(table, held)
    return cast(Town, pickle.loads(town))


def _tables() -> Iterator[tuple[str, str]]:
    yield District._meta.db_table, f"id = {DISTRICT}"
    for model in (Place, Boundary, Organisation, Person, User, Post, Kind, Category, Cause, Policy, Rule):
        yield model._meta.db_table, f"district_id = {DISTRICT}"


def build() -> Town:
    """The town: two streets, three communities, quarters, grids, one building with two units, and their people."""
    town = Town(
        District.objects.create(
            id=DISTRICT, name="示范区", letters="TS", profile="test",
            levels=["district", "street", "community", "quarter", "grid", "building", "unit"],
            settings={"channels": {"web": "网页", "desk": "柜台", "phone": "电话", "qr": "扫码", "patrol": "巡查",
                                   "box": "说事箱", "department": "部门任务"}},
        )
    )  # fmt: skip
    _places(town)
    _people(town)
    _catalogue(town)
    return town


def _places(town: Town) -> None:
    _place(town, "district", "district", "示范区", None)
    _place(town, "street", "street", "东桥街道", "district")
    _place(town, "street2", "street", "西桥街道", "district")
    _place(town, "community", "community", "柳荫社区", "street")
    _place(town, "community2", "community", "石榴社区", "street2")
    _place(town, "quarter", "quarter", "柳荫里", "community")
    _place(town, "quarter2", "quarter", "石榴园", "community2")
    _place(town, "grid", "grid", "柳荫里第一网格", "quarter")
    _place(town, "gridb", "grid", "柳荫里第二网格", "quarter")
    _place(town, "grid2", "grid", "石榴园第一网格", "quarter2")
    _place(town, "building", "building", "1 号楼", "grid", lon=LON + 0.005, lat=LAT + 0.005)
    _place(town, "unit", "unit", "1 单元", "building", door=codes.new_code(DISTRICT, "door"))
    _place(town, "unitb", "unit", "2 单元", "building", door=codes.new_code(DISTRICT, "door"))
    for key, box in {"grid": (0, 0, 1, 1), "gridb": (1, 0, 2, 1), "grid2": (0, 1, 2, 2)}.items():
        _box(town, key, *box)


def _people(town: Town) -> None:
    for key, name, kind, place, role in (
        ("committee_office", "柳荫社区居委会", "residents_committee", "community", "community_office"),
        ("committee_office2", "石榴社区居委会", "residents_committee", "community2", "community_office"),
        ("street_office", "东桥街道办事处", "street_office", "street", "street_office"),
        ("street_office2", "西桥街道办事处", "street_office", "street2", "street_office"),
        ("centre", "示范区指挥中心", "government", "district", "district_office"),
        ("chengguan", "示范区城管局", "department", "district", "department_unit"),
        ("power", "示范区供电所", "department", "district", "department_unit"),
        ("firm", "柳荫物业", "property", "quarter", "property_unit"),
    ):
        _organisation(town, key, name, kind, place, role)
    for key, role, title, place, name, org in (
        ("grid", "grid_worker", "网格员", "grid", "王禾苗", ""),
        ("gridb", "grid_worker", "网格员", "gridb", "于小满", ""),
        ("grid2", "grid_worker", "网格员", "grid2", "白露", ""),
        ("steward", "steward", "小区管家", "quarter", "方管家", ""),
        ("building", "building_head", "楼长", "building", "陆长亭", ""),
        ("community", "community_secretary", "社区书记", "community", "赵长亭", "committee_office"),
        ("community_b", "community_worker", "社区工作者", "community", "何田田", "committee_office"),
        ("community2", "community_secretary", "社区书记", "community2", "秋实", "committee_office2"),
        ("street", "street_cadre", "城建办干部", "street", "孙晴川", "street_office"),
        ("street2", "street_cadre", "城建办干部", "street2", "江晚", "street_office2"),
        ("district", "district_office", "值班长", "district", "杜若", "centre"),
        ("department", "department_officer", "科员", "district", "程管理", "chengguan"),
        ("power", "department_officer", "班长", "district", "殷电工", "power"),
        ("property", "property_manager", "物业经理", "quarter", "周师傅", "firm"),
        ("volunteer", "volunteer", "志愿者", "community", "苗青", ""),
        ("auditor", "auditor", "审计员", "district", "审慎行", ""),
        ("admin", "admin", "系统管理员", "district", "管机房", ""),
    ):
        _post(town, key, role, title, place, name=name, org=org)
    for key, home in (("resident", "unit"), ("resident2", "grid2")):
        user = User(username=key, district=town.district, home=town.places[home], demo=True)
        user.set_password("linli-demo")
        user.save()
        town.users[key] = user


def _catalogue(town: Town) -> None:
    district, root = town.district, town.places["district"]
    for order, (code, name, extra) in enumerate(
        (
            ("appeal", "诉求", {}),
            ("hazard", "隐患", {"evidence": True, "urgency": "urgent"}),
            ("dispute", "纠纷", {"confidential": True, "public": False}),
            ("task", "部门任务", {"admission": True, "residents": False}),
            ("order", "点单", {"units_call": True}),
        )
    ):
        Kind.objects.create(district=district, code=code, name=name, order=order, **extra)
    light = Category.objects.create(district=district, code="01", name="公共设施")
    Category.objects.create(district=district, code="0101", name="照明", parent=light, urgency="utility")
    Category.objects.create(district=district, code="02", name="市容环境")
    for code, name in (("aging", "设施老化"), ("misuse", "使用不当"), ("gap", "职责不清")):
        Cause.objects.create(district=district, code=code, name=name)
    Policy.objects.create(
        district=district, place=root, scope_path=root.path, name="136", calendar="natural", stages=STAGES,
        escalate_on=["result"],
    )  # fmt: skip
    Rule.objects.create(district=district, order=5, name="点单到物业", kind="order", to_role="property_unit")
    Rule.objects.create(district=district, order=10, name="诉求到网格员", kind="appeal", to_role="grid_worker")
    Rule.objects.create(district=district, order=20, name="隐患到网格员", kind="hazard", to_role="grid_worker")
