"""Kinds of gatherings, the ready rules of decisions, and rooms, as rows. Kinds and rules are only ever added to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from linli.config.loading.rows import Rows
from linli.core.decisions.models import RuleVersion
from linli.core.decisions.ready import READY
from linli.core.gatherings.models import GatheringKind, Room
from linli.kit.ids import new_id
from linli.profiles.plan import RoomPlan

Fields = dict[str, Any]


def wanted_sittings(rows: Rows) -> dict[str, Fields]:
    """Every kind of gathering by code, as the profile says it."""
    return {each.code: {"name": each.name, "about": each.about, "spec": each.spec} for each in rows.profile.sittings}


def wanted_votes() -> dict[str, Fields]:
    """The rules that every district starts with, by code."""
    return {rule["code"]: {field: rule[field] for field in ("name", "basis", "spec")} for rule in READY}


def have_sittings(district_id: int) -> dict[str, Fields]:
    return _newest(GatheringKind.objects.filter(district_id=district_id), ("name", "about", "spec"))


def have_votes(district_id: int) -> dict[str, Fields]:
    return _newest(RuleVersion.objects.filter(district_id=district_id), ("name", "basis", "spec"))


def _newest(versions: Any, fields: tuple[str, ...]) -> dict[str, Fields]:
    """What the newest version of each code says."""
    return {row["code"]: row for row in versions.order_by("code", "version").values("code", "version", *fields)}


def make_sitting(rows: Rows, code: str, fields: Fields, version: int = 1) -> GatheringKind:
    return GatheringKind(id=new_id(), district=rows.district, code=code, version=version, **fields)


def make_vote(rows: Rows, code: str, fields: Fields, version: int = 1) -> RuleVersion:
    return RuleVersion(id=new_id(), district=rows.district, code=code, version=version, **fields)


def make_rooms(rows: Rows, plans: Iterable[RoomPlan]) -> list[Room]:
    return [
        Room(
            id=new_id(), district=rows.district, place=rows.places[plan.place],
            scope_path=rows.places[plan.place].path, code=plan.code, name=plan.name, purpose=plan.purpose,
            seats=plan.seats, hours=plan.hours,
        )
        for plan in plans
    ]  # fmt: skip
