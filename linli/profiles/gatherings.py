"""Reading what a profile says of gatherings 会: their kinds, the committees' part-time members, and the rooms."""

from __future__ import annotations

from contextlib import suppress

from django.utils.translation import override

from linli.core.gatherings.rules.hours import parse_hours
from linli.core.gatherings.rules.spec import complaints
from linli.profiles.assembly import Committee, RoomKind, Sitting
from linli.profiles.reading import Section
from linli.profiles.schema import ROLES, Level

PURPOSES = frozenset({"hall", "party", "mediation", "legal", "service", "meeting"})
_SITES = frozenset({"district", "street", "community", "quarter"})
_OWN = frozenset({"code", "name", "about"})


def read_sittings(top: Section, levels: tuple[Level, ...]) -> tuple[Sitting, ...]:
    """``[[gatherings]]``: each kind whole. What the room of gatherings itself would refuse is refused here, by line."""
    known = frozenset(level.code for level in levels)
    made: list[Sitting] = []
    for item in top.tables("gatherings", required=False):
        spec = {key: value for key, value in item.data.items() if key not in _OWN}
        sitting = Sitting(item.text("code", limit=24), item.text("name", limit=60), item.text("about", "", limit=200),
                          spec)  # fmt: skip
        _check_spec(item, spec, known)
        if sitting.code in {other.code for other in made}:
            item.complain("code", f"{sitting.code!r} stands twice")
        made.append(sitting)
    return tuple(made)


def _check_spec(item: Section, spec: dict[str, object], known: frozenset[str]) -> None:
    # Asked twice only where something is wrong: a profile is also read where no languages are set up, and every
    # complaint about a profile speaks one language.
    if complaints(spec):
        with override("en"):
            for key, text in complaints(spec):
                item.complain(key, text)
    for level in item.texts("levels"):
        if level not in known:
            item.complain("levels", f"{level!r} is no level of this district")
    roles = spec.get("roles")
    for role in roles if isinstance(roles, list) else ():
        code = role.get("role") if isinstance(role, dict) else None
        if isinstance(code, str) and code and code not in ROLES:
            item.complain("roles", f"the role {code!r} is not known")


def read_committees(top: Section) -> tuple[Committee, ...]:
    """``[[committees]]``: at which level they sit, and how many part-time members serve in all of them."""
    made: list[Committee] = []
    for item in top.tables("committees", required=False):
        name, level = item.text("name", limit=20), item.one_of("level", _SITES)
        if level in {committee.level for committee in made}:
            item.complain("level", f"{level} has two committees")
        made.append(Committee(name, level, item.integer("part_time", 0)))
        item.close()
    return tuple(made)


def read_rooms(top: Section) -> tuple[RoomKind, ...]:
    """``[[rooms]]``: a room at every place of a level."""
    made: list[RoomKind] = []
    for item in top.tables("rooms", required=False):
        room = RoomKind(
            item.text("name", limit=40), item.one_of("purpose", PURPOSES), item.one_of("level", _SITES),
            item.integer("seats", minimum=1), item.text("hours", "", limit=11),
        )  # fmt: skip
        _check_hours(item, room.hours)
        if (room.level, room.purpose) in {(other.level, other.purpose) for other in made}:
            item.complain("purpose", f"{room.level} has two rooms for {room.purpose}")
        item.close()
        made.append(room)
    return tuple(made)


def _check_hours(item: Section, hours: str) -> None:
    with suppress(ValueError):
        parse_hours(hours)
        return
    with override("en"):
        try:
            parse_hours(hours)
        except ValueError as wrong:
            item.complain("hours", str(wrong))
