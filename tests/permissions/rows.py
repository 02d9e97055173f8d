"""What a line of the matrix is, and the verdicts and names that lines of several doors share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.permissions.pairing_scene import COMMUNITY, QUARTER, UNIT
from tests.permissions.scene import ANONYMOUS, OTHER, OWN
from tests.permissions.verdicts import COUNTS, OFFICES, SEES, Status, Verdict


@dataclass(frozen=True)
class Page:
    """One pattern of the resolver. ``args`` fills what no scope has; ``query`` may name ``{number}``."""

    route: str
    get: Verdict | None = None
    post: Verdict | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    any_method: bool = False  # a page that never asks by which method it was called
    few: bool = False  # a page that looks alike to so many that a handful of the cast speaks for all
    unguarded: bool = False  # a post without a token is taken: it changes nothing that matters


@dataclass(frozen=True)
class Operation:
    """One operation. ``body`` is what it takes; ``args`` fills what no scope has."""

    method: str
    path: str
    verdict: Verdict
    body: Mapping[str, object] | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    form: bool = False  # takes a file, not JSON


# ── names ──────────────────────────────────────────────────────────────────────────────────────────────────────
ACT = {"act": "return", "name": "return"}
HOUSE = {"door": "9900010101010101", "post": "T-building"}
NOBODYS = "0190a000-0000-7000-8000-000000000000"
SUPERVISES = OFFICES[OWN] | OFFICES[OTHER]
# The sitting of the first grid's worker in his own grid.
HOLDS_ROUND = frozenset({"grid"})
SEES_ROUND = SEES[OWN] - {"building"}
OVER_OWN = frozenset({"community", "community_b", "street", "district"})
KEEPERS = OVER_OWN | {"community2", "street2"}
RESPONSIBLE = OVER_OWN | {"auditor", "admin"}
REPORTS = KEEPERS | {"department", "power", "property"}
WALKS = OVER_OWN | {"grid", "steward", "building"}
WATCHES = COUNTS - {"admin"}
CHIEFS = frozenset({"district", "admin"})
NOBODY: frozenset[str] = frozenset()
IN_COMMUNITY, SEAT, DOOR = {"code": COMMUNITY}, {"role": "cadre", "code": QUARTER}, {"code": UNIT}
CONVENES = OFFICES[OWN] | OFFICES[OTHER]
HALL = {"code": "T-hall"}
NO_FEED = {"token": "x" * 43}
KNOCKS = {OWN: frozenset({"grid", "building"}), OTHER: frozenset({"grid2"})}  # whoever goes for the round


# ── verdicts ───────────────────────────────────────────────────────────────────────────────────────────────────
def keeps(who: str, whose: str) -> Status:
    """The station of the first community: its own offices; for everybody else the page is not there."""
    return 200 if who in OFFICES[OWN] else 404


def keeps_any(who: str, whose: str) -> Status:
    return 200 if who in OFFICES[OWN] | OFFICES[OTHER] else 404


def mine_alone(who: str, whose: str) -> Status:
    """Something of the resident's own: for everybody else it is not there."""
    return "login" if who == ANONYMOUS else 302 if who == "resident" else 404


def with_account(status: Status) -> Verdict:
    return lambda who, whose: "login" if who == ANONYMOUS else status


def runs(status: Status) -> Verdict:
    """Whoever may put questions to the people of that community; for everybody else it is not there."""
    return lambda who, whose: status if who in OFFICES[whose] else "login" if who == ANONYMOUS else 404
