"""Reading what a profile says of pairing (包联), double check-in (双报到) and units with a cadre (分包单元)."""

from __future__ import annotations

from linli.profiles.reading import Section
from linli.profiles.schema import PERSON_ROLES, CheckInRoll, Dwellings, Pairing, PairingRole

_LEVELS = frozenset({"street", "community", "quarter"})
_HOLDERS = frozenset({"person", "unit"})
_OF, _PER, _BY = frozenset({"days", "visits"}), frozenset({"week", "month"}), frozenset({"holder", "place"})
MOST_UNITS = 90


def read_pairing(top: Section) -> Pairing:
    """``[pairing]``: the scheme's name, its roles with their promises, how many units take part."""
    if not top.has("pairing"):
        return Pairing("", True, 0, ())
    section = top.table("pairing")
    roles = tuple(_role(item) for item in section.tables("roles", required=False))
    units = section.integer("units", 0)
    if units > MOST_UNITS:
        section.complain("units", f"must be at most {MOST_UNITS}, not {units}")
    if len({role.code for role in roles}) != len(roles):
        section.complain("roles", "a role stands twice")
    made = Pairing(section.text("name", limit=40), section.flag("confirm", True), units, roles)
    section.close()
    return made


def _role(item: Section) -> PairingRole:
    made = PairingRole(
        code=item.text("code", limit=24),
        name=item.text("name", limit=40),
        level=item.one_of("level", _LEVELS),
        holder=item.one_of("holder", _HOLDERS, "person"),
        posts=item.texts("posts", PERSON_ROLES),
        least=item.integer("least", 1, minimum=1),
        most=item.integer("most", 1, minimum=1),
        promise_count=item.integer("promise_count", 0),
        promise_of=item.one_of("promise_of", _OF, "days"),
        promise_per=item.one_of("promise_per", _PER, "month"),
        promise_by=item.one_of("promise_by", _BY, "place"),
    )
    if made.most < made.least:
        item.complain("most", f"must not be less than least ({made.least})")
    if (made.holder == "person") != bool(made.posts):
        item.complain("posts", "a person's role names the posts that may take it, a unit's names none")
    if made.promise_of == "days" and made.promise_per == "week" and made.promise_count > 7:
        item.complain("promise_count", "a week has seven days")
    item.close()
    return made


def read_checkins(top: Section) -> CheckInRoll:
    """``[checkins]``: how many have reported already, as the district's own account counts them."""
    if not top.has("checkins"):
        return CheckInRoll(0, "", False)
    section = top.table("checkins")
    made = CheckInRoll(
        section.integer("roll", 0), section.text("duty", "", limit=16), section.flag("party_members", False)
    )
    if made.duty not in ("", "grid"):
        section.complain("duty", f"must be grid or nothing, not {made.duty!r}")
    section.close()
    return made


def read_dwellings(top: Section) -> Dwellings:
    """``[dwellings]``: who may answer for a unit, how long a look holds, within how many days one welcomes."""
    if not top.has("dwellings"):
        return Dwellings("", (), 12, 7)
    section = top.table("dwellings")
    made = Dwellings(
        section.text("title", "", limit=40), section.texts("roles", PERSON_ROLES),
        section.integer("valid_months", 12, minimum=1), section.integer("welcome_days", 7, minimum=1),
    )  # fmt: skip
    section.close()
    return made
